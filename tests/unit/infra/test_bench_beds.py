"""What `vigil bench beds` holds against the scripts of its beds."""

from collections import Counter
from dataclasses import replace

import pytest

from infra.bench.truth import announced, differing, is_quiet
from ingest.frame import BedId
from ingest.recording import Recording
from ingest.simulator import bench_recordings
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase, Trigger


class Sent:
    """Frames of which every sample was sent at second 1."""

    def sent_ns(self, sample: int) -> int:
        return 10**9


@pytest.fixture(scope="module")
def played() -> tuple[list[Recording], list[Trigger]]:
    recordings = bench_recordings(12, 30.0, seed=60)
    return recordings, [t for r in recordings for t in analyse(r).triggers]


def test_a_run_as_in_the_scripts_differs_in_nothing(played: tuple[list[Recording], list[Trigger]]) -> None:
    recordings, triggers = played
    assert differing(recordings, triggers) == Counter()
    assert sum(is_quiet(r) for r in recordings) == 10


@pytest.mark.parametrize("code", [Code.ASYSTOLE, Code.PAUSE, Code.VTACH, Code.RAPID_VT])
def test_an_alarm_that_did_not_come_differs(played: tuple[list[Recording], list[Trigger]], code: Code) -> None:
    recordings, triggers = played
    assert differing(recordings, [t for t in triggers if t.code is not code]) == Counter({code.value: 1})


def test_an_alarm_of_any_code_on_a_quiet_bed_differs(played: tuple[list[Recording], list[Trigger]]) -> None:
    recordings, triggers = played
    false = replace(triggers[0], bed=BedId(recordings[5].name), code=Code.HR_HIGH, phase=Phase.ONSET)
    assert differing(recordings, [*triggers, false]) == Counter({"HR_HIGH": 1})


def test_a_lethal_alarm_that_was_raised_and_never_announced_is_missed(
    played: tuple[list[Recording], list[Trigger]],
) -> None:
    recordings, triggers = played
    sent = {(r.name, int(triggers[0].session)): Sent() for r in recordings}
    heard = {t.id: 10**9 + 200_000_000 for t in triggers}
    assert announced(recordings, triggers, sent, heard).missed == 0
    asystole = next(t for t in triggers if t.code is Code.ASYSTOLE)
    del heard[asystole.id]
    found = announced(recordings, triggers, sent, heard)
    assert (found.alarms, found.missed, found.p99_ms) == (2, 1, 200.0)
    assert announced(recordings, triggers, sent, {}).p99_ms is None
