"""Wander of the baseline is taken out before anything is measured, and what the beats repeat is left as it is."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.interpreter import interpret
from ingest.frame import Nanoseconds
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.baseline import levelled
from stream.measurement import Measurements
from stream.offline import segment_at

N = 5000
PEAKS = np.arange(300, N, 430)
ALIKE = np.zeros(len(PEAKS), bool)


@cache
def clean() -> Recording:
    return simulate(SCENARIOS["sinus"], 20.0, seed=5)


def swaying(mv: float, hz: float) -> Recording:
    """Sinus rhythm with a sine of its own phase in every lead."""
    recording = clean()
    t = np.arange(recording.samples.shape[1]) / recording.rate_hz
    steps = np.array([[1.0 / s.mv_per_step] for s in recording.signals])
    phases = np.random.default_rng(2).uniform(0.0, 2.0 * np.pi, (len(steps), 1))
    sway = mv * np.sin(2.0 * np.pi * hz * t + phases)
    return replace(recording, samples=np.round(recording.samples + sway * steps).astype(np.int16))


def measurements(recording: Recording) -> tuple[Measurements, set[str]]:
    segment = segment_at(recording, None)
    assert segment.measurements is not None
    return segment.measurements, {f.name for f in interpret(segment, None, Nanoseconds(0)).findings}


@pytest.mark.parametrize(("mv", "hz"), [(0.5, 0.5), (0.5, 0.35), (0.8, 0.2), (1.2, 0.35), (2.0, 0.2)])
def test_intervals_st_and_findings_are_those_without_the_wander(mv: float, hz: float) -> None:
    (still, found), (swayed, told) = measurements(clean()), measurements(swaying(mv, hz))
    for name, within_ms in (("pr_ms", 8.0), ("qrs_ms", 6.0), ("qt_ms", 12.0)):
        assert getattr(swayed, name).value == pytest.approx(getattr(still, name).value, abs=within_ms)
    for one, other in zip(still.leads, swayed.leads, strict=True):
        assert one.st_j60_mv is not None
        assert other.st_j60_mv is not None
        assert other.st_j60_mv.value == pytest.approx(one.st_j60_mv.value, abs=0.03)
    assert told == found


def repeated() -> NDArray[np.float64]:
    """(2, n) mV: beats with an elevated ST and a T wave, as alike as they can be."""
    y = np.zeros(N)
    t = np.arange(N)
    for r in PEAKS:
        y += np.exp(-(((t - r) / 6.0) ** 2)) + 0.1 * (np.tanh((t - r - 20) / 6.0) - np.tanh((t - r - 100) / 16.0))
        y += 0.4 * np.exp(-(((t - r - 140) / 25.0) ** 2))
    return np.vstack([y, -0.5 * y])


def test_what_every_beat_repeats_is_no_wander() -> None:
    for times in (1.0, 10.0):
        assert np.array_equal(levelled(times * repeated(), PEAKS, ALIKE), times * repeated())


def test_what_moves_without_the_beats_is_taken_out_of_the_lead_in_which_it_moves() -> None:
    t = np.arange(N) / 500.0
    sway = 0.4 * np.sin(2.0 * np.pi * 0.5 * t + 1.0) + 0.05 * t
    found = levelled(repeated() + np.vstack([sway, 0.0 * t]), PEAKS, ALIKE)
    rest = (found - repeated())[:, 150:-150]
    assert np.ptp(rest[0]) < 0.05
    assert np.ptp(rest[1]) == 0.0


def test_a_beat_of_another_shape_is_no_wander() -> None:
    apart = ALIKE.copy()
    apart[4] = True
    odd = repeated()
    odd[0] += 1.5 * np.exp(-(((np.arange(N) - PEAKS[4] - 30) / 40.0) ** 2))
    assert np.array_equal(levelled(odd, PEAKS, apart), odd)
    assert np.ptp(odd[0] - levelled(odd, PEAKS, ALIKE)[0]) > 0.2


def test_too_few_beats_tell_no_wander() -> None:
    t = np.arange(N) / 500.0
    signal = repeated() + np.sin(2.0 * np.pi * 0.3 * t)
    assert np.array_equal(levelled(signal, PEAKS[:2], ALIKE[:2]), signal)


def test_a_lead_whose_electrode_moves_is_left_as_it_is() -> None:
    t = np.arange(N) / 500.0
    signal = repeated() + 3.0 * np.sin(2.0 * np.pi * 0.3 * t)
    assert np.array_equal(levelled(signal, PEAKS, ALIKE), signal)


def test_a_slow_wander_of_millivolts_is_taken_out_and_a_fast_one_is_left() -> None:
    t = np.arange(N) / 500.0
    sway = 1.5 * np.sin(2.0 * np.pi * 0.3 * t)
    shaking = sway + 0.3 * np.sin(2.0 * np.pi * 2.3 * t + 0.5)
    found = levelled(repeated() + np.vstack([sway, shaking]), PEAKS, ALIKE)
    assert np.ptp((found - repeated())[0, 150:-150]) < 0.1
    assert np.array_equal(found[1], repeated()[1] + shaking)
