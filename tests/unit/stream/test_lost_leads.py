"""Leads that are lost while a tachycardia runs: what is told behind it, and where it still runs when they come back."""

from dataclasses import replace

import pytest

from ingest.frame import Flaw, Span
from ingest.recording import Recording
from ingest.scenario import Step
from stream.bed import Findings
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase
from tests.unit.stream.scripted import patient

RATE = 250
SEEDS = (1, 2, 3)


def off(recording: Recording, first_s: float, stop_s: float, *rows: int) -> Recording:
    """These leads, or all where none is named, are off."""
    return replace(
        recording,
        spans=tuple(
            Span(k, round(first_s * RATE), round(stop_s * RATE), Flaw.LEAD_OFF)
            for k in rows or range(len(recording.signals))
        ),
    )


def told(found: Findings, code: Code) -> list[float]:
    return [
        t.sample / RATE
        for t in found.triggers
        if t.code is code and t.phase is not Phase.OFFSET and not t.suppressed_by
    ]


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("seed", SEEDS)
def test_sinus_rhythm_behind_a_tachycardia_is_known_again_by_the_lead_that_is_left(row: int, seed: int) -> None:
    steps = Step("sinus", 25.0, 75.0), Step("vt", 20.0, 150.0), Step("asystole", 1.0), Step("sinus", 60.0, 75.0)
    found = analyse(off(patient(*steps, seed=seed, seen=("II", "V1")), 26.0, 106.0, row))
    assert told(found, Code.VTACH)[0] < 30.0
    for code in (Code.VENT_RHYTHM, Code.RUN_PVC, Code.PVC_PER_MIN):
        assert [at for at in told(found, code) if at > 48.0] == []
    kinds = [beat.kind.value for t in found.trends if t.first > 52 * RATE for beat in t.beats]
    assert len(kinds) > 50
    assert set(kinds) <= {"N", "S"}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lead_that_comes_back_makes_no_beat_strange(seed: int) -> None:
    recording = patient(Step("sinus", 80.0, 75.0), seed=seed, seen=("II", "V1"))
    found = analyse(off(recording, 25.0, 50.0, 0))
    assert {beat.kind.value for t in found.trends if t.first > 5 * RATE for beat in t.beats} <= {"N", "S"}


@pytest.mark.parametrize("bpm", [115.0, 145.0, 180.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_tachycardia_that_runs_when_all_leads_come_back_is_told_as_one(bpm: float, seed: int) -> None:
    steps = Step("sinus", 60.0, 75.0), Step("vt", 100.0, bpm)
    found = analyse(off(patient(*steps, seed=seed), 58.0, 130.0))
    assert told(found, Code.VFIB) == []
    assert told(found, Code.VTACH)[0] < 140.0


@pytest.mark.parametrize("seed", SEEDS)
def test_fibrillation_that_runs_when_all_leads_come_back_is_told_in_time(seed: int) -> None:
    steps = Step("sinus", 60.0, 75.0), Step("vf", 100.0)
    found = analyse(off(patient(*steps, seed=seed), 58.0, 130.0))
    assert told(found, Code.VFIB)[0] < 140.0
