"""Noise and moved electrodes on simulated patients: what they look like is recorded, and not announced as a rhythm."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bed import Findings
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase

RATE = 500
STEPS_PER_MV = 200.0
DOUBT = "the beats cannot be vouched for"
RHYTHMS = {Code.EXTREME_TACHY, Code.HR_HIGH, Code.SVT, Code.BIGEMINY, Code.TRIGEMINY, Code.IRREGULAR_HR}


def patient(*steps: Step, seed: int = 4) -> Recording:
    script = Scenario("patient", steps)
    return simulate(script, script.seconds, seed=seed, name="patient")


def with_noise(quiet: Recording, mv: float, first_s: int, stop_s: int, seed: int, muscle: bool = False) -> Recording:
    """White noise of this standard deviation in every lead, or of the band of muscles (20 to 150 Hz)."""
    noise = np.random.default_rng(seed).standard_normal((len(quiet.signals), (stop_s - first_s) * RATE))
    if muscle:
        noise = sosfilt(butter(4, (20.0, 150.0), "bandpass", fs=RATE, output="sos"), noise)
        noise /= noise.std()
    samples = quiet.samples.astype(float)
    samples[:, first_s * RATE : stop_s * RATE] += STEPS_PER_MV * mv * noise
    return replace(quiet, samples=np.round(samples).astype(np.int16))


def announced(found: Findings) -> set[Code]:
    return {t.code for t in found.triggers if t.phase is not Phase.OFFSET and not t.suppressed_by}


@pytest.mark.parametrize(("mv", "muscle"), [(0.4, False), (0.6, False), (0.8, True)])
@pytest.mark.parametrize("seed", [0, 2])
def test_noise_on_a_calm_heart_announces_no_rhythm_and_is_recorded(mv: float, muscle: bool, seed: int) -> None:
    found = analyse(with_noise(patient(Step("sinus", 50.0)), mv, 15, 45, seed, muscle), 0.5)
    assert announced(found) & RHYTHMS == set()
    assert Code.NOISY_ECG in announced(found)
    assert DOUBT in {t.suppressed_by for t in found.triggers if t.code in RHYTHMS}


@pytest.mark.parametrize("seed", [0, 1])
def test_noise_without_a_heart_announces_no_rhythm(seed: int) -> None:
    none = patient(Step("sinus", 45.0))
    samples = none.samples.copy()
    samples[:, 15 * RATE : 40 * RATE] = 0
    found = analyse(with_noise(replace(none, samples=samples), 0.4, 15, 40, seed), 0.5)
    assert announced(found) & RHYTHMS == set()


@pytest.mark.parametrize("mv", [0.2, 0.3])
@pytest.mark.parametrize("bpm", [150.0, 195.0])
def test_a_fast_heart_in_moderate_noise_is_announced(mv: float, bpm: float) -> None:
    fast = patient(Step("sinus", 12.0), Step("svt", 26.0, bpm))
    found = analyse(with_noise(fast, mv, 10, 38, 1), 0.5)
    told = next(t for t in found.triggers if t.code is Code.EXTREME_TACHY and not t.suppressed_by)
    assert 12 * RATE < told.sample < 20 * RATE


def test_bigeminy_in_moderate_noise_is_announced() -> None:
    assert Code.BIGEMINY in announced(
        analyse(with_noise(patient(Step("sinus", 15.0), Step("bigeminy", 20.0)), 0.05, 10, 35, 1), 0.5)
    )


def with_step(quiet: Recording, at_s: float, back_s: float, seed: int) -> Recording:
    """The level of every lead jumps by about 1.5 mV and comes back with this time constant."""
    heights = np.random.default_rng(seed).normal(0.0, 1.5, len(quiet.signals))
    at = round(at_s * RATE)
    samples = quiet.samples.astype(float)
    fall = np.exp(-np.arange(samples.shape[1] - at) / (back_s * RATE))
    samples[:, at:] += STEPS_PER_MV * heights[:, None] * fall
    return replace(quiet, samples=np.round(samples).astype(np.int16))


@pytest.mark.parametrize("back_s", [0.5, 3.0, 1000.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_step_of_all_leads_is_no_beat(back_s: float, seed: int) -> None:
    quiet = patient(Step("sinus", 40.0), seed=seed)
    before, after = [at for at, _ in quiet.truth.beats if at >= 25 * RATE][:2]
    found = analyse(with_step(quiet, (0.4 * before + 0.6 * after) / RATE, back_s, seed), 0.5)
    beats = [b for t in found.trends for b in t.beats if before - 100 < b.sample < after + 100]
    assert len(beats) == 2
    assert announced(found) & {Code.PAIR_PVC, Code.RUN_PVC, Code.BIGEMINY, Code.NONSUST_VT} == set()


@pytest.mark.parametrize("seed", [21, 22, 24, 41, 44])
def test_motion_that_begins_with_a_step_is_no_couplet(seed: int) -> None:
    moved = patient(Step("sinus", 25.0), Step("sinus", 20.0, flaw="artefact"), Step("sinus", 10.0), seed=seed)
    assert announced(analyse(moved, 0.5)) & {Code.PAIR_PVC, Code.RUN_PVC, Code.NONSUST_VT} == set()
