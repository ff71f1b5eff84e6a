"""Runs of ventricular beats that can be counted: number and rate decide, on beds of two leads and of twelve."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.limits import Limits
from stream.offline import analyse
from stream.policy import Policy, problems
from stream.trigger import Phase

RATE_HZ = 250.0
TWO = ("II", "V1")
SEEDS = (1, 2, 3)


def patient(
    *steps: Step, seed: int, leads: tuple[str, ...] = (), height: float = 1.0, noise_mv: float = 0.0
) -> Recording:
    """A scripted patient whose every wave is so many times as high, with white noise (SD, mV); of all leads where none is named."""
    script = Scenario("patient", steps)
    recording = simulate(script, script.seconds, seed=seed, rate_hz=RATE_HZ, name="patient")
    rows = [k for k, s in enumerate(recording.signals) if not leads or s.name in leads]
    signals = tuple(recording.signals[k] for k in rows)
    noise = np.random.default_rng(seed).normal(0.0, noise_mv * signals[0].gain, (len(rows), recording.samples.shape[1]))
    samples = np.round(recording.samples[rows] * height + noise).astype(np.int16)
    return replace(recording, samples=samples, signals=signals, spans=())


def tachycardias(recording: Recording, limits: Limits = Limits()) -> list[float]:
    """When (s) VTACH was announced."""
    policy = Policy(adult=limits)
    assert problems(policy) == []
    found = analyse(recording, policy=policy).triggers
    return [
        t.sample / RATE_HZ
        for t in found
        if t.code is Code.VTACH and t.phase is not Phase.OFFSET and not t.suppressed_by
    ]


def with_run(beats: int, bpm: float, seed: int, **how: object) -> Recording:
    """A run of so many ventricular beats within a sinus rhythm of 72/min."""
    return patient(Step("sinus", 16.0), Step("run", 3.0, bpm, length=beats), Step("sinus", 6.0), seed=seed, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("bpm", [120.0, 150.0, 180.0])
@pytest.mark.parametrize(("height", "noise_mv"), [(1.0, 0.0), (0.5, 0.0), (1.0, 0.05)])
@pytest.mark.parametrize("leads", [TWO, ()])
def test_as_many_beats_as_are_asked_for_are_a_tachycardia(
    leads: tuple[str, ...], height: float, noise_mv: float, bpm: float, seed: int
) -> None:
    three, four, five = (with_run(n, bpm, seed, leads=leads, height=height, noise_mv=noise_mv) for n in (3, 4, 5))
    assert tachycardias(four) == []
    assert len(tachycardias(five)) == 1
    assert len(tachycardias(three, Limits(vtach_beats=3))) == 1
    assert tachycardias(three, Limits(vtach_beats=4)) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("leads", [TWO, ()])
@pytest.mark.parametrize(
    ("bpm", "true"), [(120.0, False), (135.0, False), (145.0, False), (155.0, True), (180.0, True)]
)
def test_a_tachycardia_below_a_raised_limit_is_none_when_it_ends_either(
    leads: tuple[str, ...], bpm: float, true: bool, seed: int
) -> None:
    recording = patient(Step("sinus", 16.0), Step("vt", 8.0, bpm), Step("sinus", 8.0), seed=seed, leads=leads)
    found = tachycardias(recording, Limits(vtach_bpm=150.0))
    assert len(found) == true
    # from the fifth beat on, whose decision takes no second
    assert not found or 17.0 < found[0] < 18.5


def test_one_lead_alone_cannot_vouch_for_what_lies_beside_a_short_run() -> None:
    # the likelihood decides there, so that no tachycardia is lost whose first beats this lead shows like normal ones
    assert len(tachycardias(with_run(4, 150.0, 1, leads=("II",)))) == 1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("low", [0.5, 0.4, 0.3])
def test_beats_that_alternate_in_height_are_counted_all_or_not_at_all(low: float, seed: int) -> None:
    script = Scenario("patient", (Step("sinus", 16.0), Step("vt", 12.0, 180.0), Step("sinus", 6.0)))
    recording = simulate(script, script.seconds, seed=seed, rate_hz=500.0, name="patient")
    samples, half = recording.samples.astype(np.float64), round(0.5 * 60.0 / 180.0 * 500.0)
    beats = [at for at, letter in recording.truth.beats if letter == "V"]
    for at in beats[1::2]:
        reach = slice(at - half, at + half)
        level = np.median(samples[:, reach], axis=1, keepdims=True)
        samples[:, reach] = level + (samples[:, reach] - level) * (1.0 - (1.0 - low) * np.hanning(2 * half) ** 0.25)
    found = [
        t.sample / 500.0
        for t in analyse(replace(recording, samples=np.round(samples).astype(np.int16))).triggers
        if t.code is Code.VTACH and t.phase is Phase.ONSET
    ]
    assert found
    assert found[0] < beats[4] / 500.0 + 1.6
