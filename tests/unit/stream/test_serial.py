"""Measurements on schedule, from frames to alarms: when they are told, what keeps them back, and restarts."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ingest.bed import BedContext
from ingest.frame import BedId, Frame
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Choices, Code, Priority
from stream.checkpoint import decode_checkpoint
from stream.history import NEW_BLOCK
from stream.limits import Limits
from stream.offline import frames
from stream.policy import Policy
from stream.serial import due
from stream.trigger import Phase, Trigger

ONSET_S = 40.0
ST = {Code.ST_HIGH, Code.ST_LOW, Code.ST_MULTI, Code.STE}


@cache
def _played(seconds: float, infarct: str, conduction: str) -> Recording:
    script = Scenario("x", (Step("sinus", seconds, 72.0),), conduction, infarct)
    return simulate(script, seconds, seed=1, name="x")


def changed(share: float, until_s: float, seconds: float = 150.0, infarct: str = "inferior", block: str = "N"):
    """A patient whose ST, or conduction, changes at ONSET_S by a share of the simulator's, and changes back."""
    before, after = _played(seconds, "", "N"), _played(seconds, infarct, block)
    samples = before.samples.astype(np.float64)
    there = slice(round(ONSET_S * 500), round(until_s * 500))
    samples[:, there] += share * (after.samples[:, there] - samples[:, there])
    return replace(before, samples=np.round(samples).astype(np.int16))


def take(bank: Bank, played: list[Frame]) -> list[Trigger]:
    return [t for frame in played for t in bank.take([frame]).triggers]


def onsets(found: list[Trigger]) -> dict[Code, Trigger]:
    return {t.code: t for t in found if t.phase is Phase.ONSET}


@pytest.mark.parametrize("every_s", [15.0, 20.0])
def test_new_st_elevation_is_told_within_its_minute_and_the_measurement_that_follows(every_s: float) -> None:
    found = onsets(take(Bank(every_s), list(frames(changed(1.0, 150.0)))))
    assert found.keys() >= {Code.STE, Code.ST_MULTI, Code.ST_HIGH}
    assert found.keys() <= ST
    ste = found[Code.STE]
    assert 60.0 <= ste.sample / 500.0 - ONSET_S <= 65.0 + every_s
    assert "II, III, aVF" in ste.text
    assert found[Code.ST_MULTI].suppressed_by == "inhibited by STE"
    assert ste.beats
    assert all(ste.sample - 10 * 500 <= at <= ste.sample for at in ste.beats)


@pytest.mark.parametrize(("share", "codes"), [(0.20, set()), (0.45, {Code.STE}), (0.75, {Code.STE, Code.ST_HIGH})])
def test_what_is_told_follows_the_size_of_the_change(share: float, codes: set[Code]) -> None:
    assert onsets(take(Bank(20.0), list(frames(changed(share, 150.0))))).keys() & {Code.STE, Code.ST_HIGH} == codes


def test_st_elevation_is_red_and_latches_where_the_unit_chose_so() -> None:
    bank = Bank(20.0)
    bank.set_policy(Policy(choices=Choices(ste=Priority.HIGH)))
    found = onsets(take(bank, list(frames(changed(1.0, 150.0)))))
    assert (found[Code.STE].priority, found[Code.STE].latching) == (Priority.HIGH, True)
    assert found[Code.ST_MULTI].suppressed_by == "inhibited by STE"


def test_elevation_that_passes_is_not_told() -> None:
    assert onsets(take(Bank(20.0), list(frames(changed(1.0, ONSET_S + 50.0))))).keys() & ST == set()


def test_a_paced_patient_has_no_st_alarm_and_the_suppression_is_kept() -> None:
    bank = Bank(20.0)
    bank.set_context(BedContext(BedId("x"), paced=True))
    found = onsets(take(bank, list(frames(changed(1.0, 150.0)))))
    assert {found[code].suppressed_by for code in (Code.STE, Code.ST_HIGH)} == {"the patient is paced"}


def test_a_new_block_keeps_st_back_and_says_so() -> None:
    bank = Bank(20.0)
    bank.set_policy(Policy(adult=Limits(st_high_mm=1.0, st_delay_s=15.0)))
    played = list(frames(changed(1.0, 560.0, 560.0, "inferior", "L")))
    # the baseline is taken first: the change begins behind its five minutes
    plain = list(frames(_played(560.0, "", "N")))
    found = onsets(take(bank, plain[:340] + played[340:-1]))
    assert bank.beds[BedId("x")].serial.conduction.new_block
    kept = {code: t.suppressed_by for code, t in found.items() if code in ST}
    assert kept
    assert set(kept.values()) == {NEW_BLOCK}


def test_a_gap_ends_what_was_told_and_begins_the_minute_anew() -> None:
    bank = Bank(20.0)
    played = [f for f in frames(changed(1.0, 150.0)) if not 85.0 <= f.first / 500.0 < 87.0]
    found = take(bank, played)
    assert onsets(found).keys() & ST == set()


def test_a_relearn_forgets_the_baselines_and_a_gap_does_not() -> None:
    bank = Bank(20.0)
    played = list(frames(_played(560.0, "", "N")))
    take(bank, [*played[:400], *played[405:420]])
    bed = bank.beds[BedId("x")]
    assert bed.serial.repolarisation.qtc.baseline is not None
    bank.set_context(BedContext(BedId("x"), relearn=1))
    assert bed.serial.repolarisation.qtc.baseline is None


@pytest.mark.parametrize("every_s", [15.0, 20.0])
@pytest.mark.parametrize("at_s", [63.0, 97.0, 121.0])
def test_a_restart_goes_on_bit_for_bit(every_s: float, at_s: float) -> None:
    bed = changed(1.0, 122.0)
    played = list(frames(bed, 0.5))
    whole = Bank(every_s)
    expected = take(whole, played)
    cut = next(k for k, f in enumerate(played) if f.first >= at_s * 500)
    first = Bank(every_s)
    found = take(first, played[:cut])
    _, payload = first.checkpoint(BedId("x"))
    second = Bank(every_s)
    assert second.resume(*decode_checkpoint(payload)) is None
    assert take(second, played[max(0, cut - 60) : cut]) == []
    found += take(second, played[cut:])
    assert {t.code for t in found} >= {Code.STE, Code.ST_HIGH}
    assert found == expected
    assert second.checkpoint(BedId("x"))[1] == whole.checkpoint(BedId("x"))[1]


def test_frames_and_neighbours_change_nothing() -> None:
    bed = changed(1.0, 122.0)
    alone = take(Bank(20.0), list(frames(bed, 1.0)))
    bank, found = Bank(20.0), Findings()
    other = replace(_played(150.0, "anterior", "N"), name="y")
    for pair in zip(frames(bed, 0.25), frames(other, 0.25), strict=True):
        found.triggers += bank.take(pair).triggers
    assert [t for t in found.triggers if t.bed == "x"] == alone


def test_each_bed_is_measured_at_a_second_of_its_own() -> None:
    bank = Bank(20.0)
    plain = _played(150.0, "", "N")
    for name in ("x", "y", "z"):
        bank.take([next(frames(replace(plain, name=name)))])
    seconds = {name: [s for s in range(60) if due(bed, s * 500, 20.0)] for name, bed in bank.beds.items()}
    assert all(np.diff(some).tolist() == [20] * (len(some) - 1) for some in seconds.values())
    assert len({some[0] for some in seconds.values()}) > 1
