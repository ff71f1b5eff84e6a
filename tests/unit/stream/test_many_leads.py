"""Wide beats on many leads: found though they are low, no artefacts where they come back, and conducted where a block makes them wide."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.recording import Recording
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.offline import analyse
from stream.policy import Policy
from stream.trigger import Phase

RATE_HZ = 500.0
AT_ONCE = Policy(timeout_1_min=0.0, timeout_2_min=0.0)
TAUGHT = (Step("sinus", 14.0), Step("bigeminy", 20.0), Step("sinus", 10.0))
"""Behind bigeminy the leads weigh otherwise."""
CHEST = ("I", "II", "III", "aVR", "aVL", "aVF", "V1")


def patient(script: Scenario, seed: int, leads: tuple[str, ...] = ()) -> Recording:
    whole = simulate(script, script.seconds, seed=seed, rate_hz=RATE_HZ, name="patient")
    rows = [k for k, s in enumerate(whole.signals) if not leads or s.name in leads]
    return replace(
        whole,
        samples=np.ascontiguousarray(whole.samples[rows]),
        signals=tuple(whole.signals[k] for k in rows),
        spans=(),
    )


def told(recording: Recording) -> tuple[set[str], list[tuple[int, str]]]:
    """Codes that were announced, and the beats that were told."""
    found = analyse(recording, policy=AT_ONCE)
    codes = {str(t.code) for t in found.triggers if t.phase is not Phase.OFFSET and not t.suppressed_by}
    return codes, [(b.sample, b.kind.value) for t in found.trends for b in t.beats]


@pytest.mark.parametrize("leads", [(), CHEST])
@pytest.mark.parametrize("seed", [200, 201])
def test_each_beat_of_a_couplet_is_found_on_many_leads(seed: int, leads: tuple[str, ...]) -> None:
    recording = patient(Scenario("couplets", (*TAUGHT, Step("couplet", 25.0), Step("sinus", 5.0))), seed, leads)
    assert recording.truth is not None
    codes, beats = told(recording)
    at = np.array([sample for sample, _ in beats])
    wanted = [s for s, kind in recording.truth.beats if kind == "V" and 44.0 * RATE_HZ < s < 70.0 * RATE_HZ]
    assert len(wanted) > 8
    assert all(np.abs(at - sample).min() < 0.15 * RATE_HZ for sample in wanted)
    assert Code.PAIR_PVC in codes
    assert Code.PAUSE not in codes


@pytest.mark.parametrize("seed", [201, 202])
def test_a_tachycardia_of_low_beats_is_no_fibrillation(seed: int) -> None:
    codes, _ = told(patient(Scenario("vt", (*TAUGHT, Step("vt", 9.0, 150.0), Step("sinus", 10.0))), seed))
    assert Code.VTACH in codes
    assert Code.VFIB not in codes


@pytest.mark.parametrize("seed", [100, 106])
def test_early_beats_on_the_t_wave_are_no_artefacts(seed: int) -> None:
    codes, _ = told(patient(SCENARIOS["ront"], seed))
    assert Code.R_ON_T in codes
    assert not codes & {Code.CANNOT_ANALYZE_ECG, Code.NOISY_ECG}


def with_block(bpm: float, seed: int) -> Recording:
    """Sinus rhythm whose left bundle fails at 60 s, at the same rate."""
    one, other = (patient(Scenario("block", (Step("sinus", 60.0, bpm),), conduction), seed) for conduction in "NL")
    return replace(one, samples=np.hstack([one.samples, other.samples]), truth=None)


@pytest.mark.parametrize("bpm", [72.0, 90.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_block_that_comes_at_the_same_rate_is_no_rhythm_of_the_ventricles(bpm: float, seed: int) -> None:
    codes, beats = told(with_block(bpm, seed))
    assert not codes & {Code.VENT_RHYTHM, Code.PVC_PER_MIN, Code.VTACH, Code.CANNOT_ANALYZE_ECG}
    late = [kind for sample, kind in beats if sample > 75.0 * RATE_HZ]
    assert late.count("V") == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_slow_rhythm_of_the_ventricles_is_no_block(seed: int) -> None:
    codes, beats = told(patient(Scenario("slow", (Step("sinus", 40.0), Step("vt", 30.0, 90.0))), seed))
    assert Code.VENT_RHYTHM in codes
    late = [kind for sample, kind in beats if 45.0 * RATE_HZ < sample < 68.0 * RATE_HZ]
    assert late.count("V") > 0.9 * len(late)
