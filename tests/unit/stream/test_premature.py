"""Supraventricular beats: which are told so, and that nothing but their letter rests on it."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.recording import Recording
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream.bed import Findings
from stream.measurement import BeatKind, Trend
from stream.models import Models, models
from stream.offline import analyse

RATE = 250.0
TOLD = BeatKind.SUPRAVENTRICULAR


def saying(odds: float) -> Models:
    """Trees for supraventricular beats with these log odds whatever they see."""
    return models()._replace(premature=np.array([[-1.0, 0.0, 0.0, 0.0, odds, 1.0]]))


def patient(*steps: Step) -> Recording:
    script = Scenario("patient", steps)
    return simulate(script, script.seconds, seed=5, rate_hz=RATE, name="patient")


def letters(found: Findings, from_s: float, to_s: float) -> list[BeatKind]:
    """Kinds of the beats of these seconds."""
    return [b.kind for t in found.trends for b in t.beats if from_s * RATE <= b.sample < to_s * RATE]


def without_letters(trend: Trend) -> Trend:
    """The trend with its supraventricular beats as normal ones."""
    beats = tuple(replace(b, kind=BeatKind.NORMAL) if b.kind is TOLD else b for b in trend.beats)
    return replace(trend, beats=beats)


@pytest.mark.parametrize("name", ["mixed", "svt"])
def test_no_alarm_rate_rhythm_or_ventricular_beat_rests_on_it(name: str) -> None:
    recording = simulate(SCENARIOS[name], 90.0, seed=4, rate_hz=RATE, name=name)
    never, always = (analyse(recording, learnt=saying(odds)) for odds in (-9.0, 9.0))
    assert any(b.kind is TOLD for t in always.trends for b in t.beats)
    assert not any(b.kind is TOLD for t in never.trends for b in t.beats)
    assert never.triggers == always.triggers
    assert never.trends == [without_letters(t) for t in always.trends]


def test_premature_atrial_beats_are_told() -> None:
    recording = patient(Step("sinus", 40.0, 75.0), Step("pac", 60.0, 75.0, length=6))
    truth = recording.truth
    assert truth is not None
    at = np.array([s for s, _ in truth.beats])
    rr = np.diff(at)
    early = [s for s, gap in zip(at[1:], rr, strict=True) if s > 40.0 * RATE and gap < 0.85 * np.median(rr)]
    told = [b.sample for t in analyse(recording).trends for b in t.beats if b.kind is TOLD]
    assert len(early) >= 5
    assert sum(any(abs(s - k) < 0.15 * RATE for k in told) for s in early) >= 0.8 * len(early)
    assert sum(all(abs(s - k) >= 0.15 * RATE for k in early) for s in told) <= 1


def test_a_supraventricular_tachycardia_is_told_to_its_end() -> None:
    found = analyse(patient(Step("sinus", 30.0), Step("svt", 12.0, 205.0), Step("sinus", 20.0)))
    run = letters(found, 31.0, 41.0)
    assert run.count(TOLD) >= 0.8 * len(run)
    assert letters(found, 45.0, 62.0).count(TOLD) <= 1


def test_no_beat_of_atrial_fibrillation_and_of_a_faster_sinus_rhythm_is_told() -> None:
    found = analyse(patient(Step("sinus", 30.0), Step("af", 60.0, 92.0)))
    assert TOLD not in letters(found, 60.0, 90.0)
    ramp = [Step("sinus", 8.0, 70.0 + 6.0 * k) for k in range(8)]
    found = analyse(patient(Step("sinus", 30.0), *ramp))
    assert letters(found, 10.0, 94.0).count(TOLD) <= 1


@pytest.mark.parametrize(("slow", "fast"), [(60.0, 90.0), (75.0, 100.0)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_step_of_the_sinus_rate_is_no_row_of_premature_beats(slow: float, fast: float, seed: int) -> None:
    steps = (Step("sinus", 60.0, slow), Step("sinus", 60.0, fast), Step("sinus", 60.0, slow))
    found = analyse(simulate(Scenario("patient", steps), 180.0, seed=seed, rate_hz=RATE, name="patient"))
    assert letters(found, 72.0, 180.0).count(TOLD) == 0
