"""A signal that was learnt from is known again at another gain or rate, turned over, cut shorter or without lead II; another signal is not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

from engine.findings import prints
from engine.findings.trained_on import digest, trained_on
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate

RHYTHMS = ("sinus", "af", "irregular", "pvc", "bigeminy", "svt")


def recordings(first_seed: int, rate: float = 72.0) -> list[Recording]:
    """Ten seconds of each rhythm from its first beat on; the simulator's patients are alike but for rate, rhythm and noise."""
    scripts = [Scenario("print", (Step(rhythm, 60.0, rate),)) for rhythm in RHYTHMS]
    return [simulate(script, 10.0, seed=first_seed + k) for k, script in enumerate(scripts)]


def again(one: Recording, rate_hz: int, gain: float, cut: int) -> Recording:
    """The same signal by another recorder, without its first samples."""
    common = np.gcd(rate_hz, round(one.rate_hz))
    y = resample_poly(one.samples.astype(np.float64), rate_hz // common, round(one.rate_hz) // common, axis=1) * gain
    steps = np.clip(np.rint(y[:, cut:]), -32768, 32767).astype(np.int16)
    return replace(one, rate_hz=float(rate_hz), samples=steps)


@pytest.mark.parametrize("rate_hz", [250, 360, 500])
@pytest.mark.parametrize(("gain", "cut"), [(0.5, 0), (2.0, 7), (1.0, 20)])
def test_a_signal_is_known_again_at_another_gain_and_rate_and_cut_by_some_samples(
    tmp_path: Path, rate_hz: int, gain: float, cut: int
) -> None:
    learnt = recordings(1)
    prints.write(tmp_path, [prints.fingerprint(one) for one in learnt])
    kept = prints.read(tmp_path)
    for one in learnt:
        other = again(one, rate_hz, gain, cut)
        assert digest(other) != digest(one)
        assert prints.known(other, kept)


def without_ii(one: Recording) -> Recording:
    kept = [k for k, signal in enumerate(one.signals) if signal.name != "II"]
    return replace(one, signals=tuple(one.signals[k] for k in kept), samples=one.samples[kept])


def flat_ii(one: Recording) -> Recording:
    samples = one.samples.copy()
    samples[[signal.name for signal in one.signals].index("II")] = 0
    return replace(one, samples=samples)


def turned_over(one: Recording) -> Recording:
    return replace(one, samples=-one.samples)


def half_a_second_later(one: Recording) -> Recording:
    return again(one, 250, 1.0, 125)


@pytest.mark.parametrize("copied", [without_ii, flat_ii, turned_over, half_a_second_later])
def test_a_signal_is_known_again_turned_over_begun_later_or_without_lead_ii(
    tmp_path: Path, copied: Callable[[Recording], Recording]
) -> None:
    learnt = recordings(1)
    prints.write(tmp_path, [prints.fingerprint(one) for one in learnt])
    assert all(prints.known(copied(one), prints.read(tmp_path)) for one in learnt)


def test_other_signals_are_not_known(tmp_path: Path) -> None:
    prints.write(tmp_path, [prints.fingerprint(one) for one in recordings(1)])
    kept = prints.read(tmp_path)
    for rate in (58.0, 81.0, 104.0):
        others = recordings(50, rate)
        assert [k for k, one in enumerate(others) if prints.known(one, kept)] == []
        assert [k for k, one in enumerate(others) if prints.known(one, prints.shipped())] == []


def test_what_is_kept_of_a_signal_is_64_small_numbers(tmp_path: Path) -> None:
    one = recordings(1)[0]
    assert (prints.fingerprint(one).shape, prints.fingerprint(one).dtype) == ((64,), np.int8)
    flat = replace(one, samples=np.zeros_like(one.samples))
    prints.write(tmp_path, [prints.fingerprint(one), prints.fingerprint(one), prints.fingerprint(flat)])
    assert prints.read(tmp_path).shape == (1, 64)
    assert not prints.known(flat, prints.read(tmp_path))
    assert not prints.known(one, prints.read(tmp_path / "nowhere"))


def test_what_ships_has_a_fingerprint_of_every_signal_that_it_learnt_from() -> None:
    from engine.tiny_model import folder

    assert len(prints.shipped()) == len(trained_on())
    assert np.array_equal(prints.read(folder()), prints.shipped())
