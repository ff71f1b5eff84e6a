"""Beats of made signals through the worker's own path: what IEC 60601-2-27 asks of a monitor, classes and quality."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.frame import Flaw, Signal, Span
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.measurement import BeatKind, Quality, Reason, Trend
from stream.offline import analyse

HZ = 500.0
GAIN = 1000.0


def triangle(n: int, at: float, width_s: float, mv: float) -> np.ndarray:
    """A triangle of a width and a height around a time (s)."""
    return mv * np.maximum(0.0, 1.0 - np.abs(np.arange(n) / HZ - at) / (width_s / 2))


def hump(n: int, at: float, width_s: float, mv: float) -> np.ndarray:
    """Half a sine wave around a time (s)."""
    phase = (np.arange(n) / HZ - at) / width_s
    return np.where(np.abs(phase) < 0.5, mv * np.cos(np.pi * np.clip(phase, -0.5, 0.5)), 0.0)


def at_rate(bpm: float, seconds: float) -> list[float]:
    return list(np.arange(0.5, seconds, 60.0 / bpm))


def train(
    times: list[float],
    seconds: float,
    qrs_mv: float = 1.0,
    qrs_s: float = 0.1,
    t_mv: float = 0.0,
    extra: np.ndarray | float = 0.0,
    leads: int = 1,
) -> Recording:
    """QRS triangles at times (s), T waves of 180 ms that end 350 ms behind the QRS onset, and something added."""
    n = int(seconds * HZ)
    mv = np.zeros(n) + extra
    for at in times:
        mv += triangle(n, at, qrs_s, qrs_mv)
        mv += hump(n, at - qrs_s / 2 + 0.35 - 0.09, 0.18, t_mv)
    noise = np.random.default_rng(1).normal(0.0, 0.004, (leads, n))
    samples = np.round((mv + noise) * GAIN).astype(np.int16)
    names = ("II", "V1", "V5")[:leads]
    return Recording("made", HZ, tuple(Signal(name, "mV", GAIN, 0.0) for name in names), samples)


def beats_after(recording: Recording, from_s: float = 5.0) -> list[float]:
    return [b.sample / HZ for t in analyse(recording).trends for b in t.beats if b.sample >= from_s * HZ]


def rates(trends: list[Trend], from_s: float) -> list[float | None]:
    return [t.rate_bpm for t in trends if t.first >= from_s * HZ]


@pytest.mark.parametrize("bpm", [60.0, 80.0, 120.0])
def test_tall_t_waves_are_not_counted(bpm: float) -> None:
    found = analyse(train(at_rate(bpm, 40.0), 40.0, t_mv=1.2))
    assert rates(found.trends, 15.0)
    assert all(r is not None and abs(r - bpm) < 2.0 for r in rates(found.trends, 15.0))


@pytest.mark.parametrize("mv", [0.5, 1.0, 5.0])
@pytest.mark.parametrize("width_s", [0.07, 0.12])
@pytest.mark.parametrize("bpm", [30.0, 100.0, 200.0])
def test_complexes_of_the_standard_are_found(mv: float, width_s: float, bpm: float) -> None:
    times = at_rate(bpm, 30.0)
    found = beats_after(train(times, 30.0, mv, width_s))
    expected = [t for t in times if 5.0 <= t < 28.5]
    assert [t for t in found if t < 28.5] == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("mv", [0.05, 0.10, 0.15])
def test_what_is_too_small_is_no_beat(mv: float) -> None:
    assert beats_after(train(at_rate(80.0, 30.0), 30.0, mv), 0.0) == []


@pytest.mark.parametrize("mv", [0.2, 0.3])
def test_small_complexes_are_found_beside_leads_that_show_less(mv: float) -> None:
    times = at_rate(80.0, 30.0)
    one = train(times, 30.0, mv, leads=3)
    samples = one.samples.copy()
    samples[1:] = train(times, 30.0, 0.35 * mv, leads=3).samples[1:]
    found = analyse(replace(one, samples=samples))
    told = [b.sample / HZ for t in found.trends for b in t.beats if 5.0 * HZ <= b.sample < 28.5 * HZ]
    assert told == pytest.approx([t for t in times if 5.0 <= t < 28.5], abs=0.06)
    assert {t.code for t in found.triggers} == {Code.LOW_QRS_AMPLITUDE}


def test_where_everything_is_too_small_both_the_standstill_and_the_small_height_are_told() -> None:
    found = analyse(train(at_rate(80.0, 30.0), 30.0, 0.14))
    assert {t.code for t in found.triggers} == {Code.ASYSTOLE, Code.LOW_QRS_AMPLITUDE}
    assert set(rates(found.trends, 5.0)) == {None}
    flat = analyse(train([], 30.0))
    assert {t.code for t in flat.triggers} == {Code.ASYSTOLE}


@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_mains_of_a_tenth_of_a_millivolt_changes_nothing(hz: float) -> None:
    mains = 0.05 * np.sin(2 * np.pi * hz * np.arange(int(30 * HZ)) / HZ)
    times = at_rate(80.0, 30.0)
    found = beats_after(train(times, 30.0, 0.5, extra=mains))
    assert len(found) == pytest.approx(len([t for t in times if t >= 5.0]), abs=1)


def test_mains_alone_is_no_beat() -> None:
    mains = 0.05 * np.sin(2 * np.pi * 50.0 * np.arange(int(20 * HZ)) / HZ)
    assert beats_after(train([], 20.0, extra=mains), 0.0) == []


@pytest.mark.parametrize(("short_s", "long_s", "bpm"), [(0.6, 0.9, 80.0), (0.8, 1.2, 60.0), (0.4, 0.6, 120.0)])
def test_alternating_intervals_have_the_mean_rate(short_s: float, long_s: float, bpm: float) -> None:
    times = list(np.cumsum([short_s, long_s] * 40))
    found = analyse(train([t for t in times if t < 40.0], 40.0))
    assert all(r is not None and abs(r - bpm) <= 0.1 * bpm for r in rates(found.trends, 20.0))


def test_the_first_rate_is_shown_soon_after_the_start() -> None:
    found = analyse(train(at_rate(80.0, 20.0), 20.0))
    assert next(t.first for t in found.trends if t.rate_bpm is not None) <= 6.0 * HZ


def test_a_lead_without_complexes_does_not_hide_those_of_the_other() -> None:
    times = at_rate(70.0, 30.0)
    one = train(times, 30.0, leads=2)
    samples = one.samples.copy()
    samples[0] = np.random.default_rng(3).normal(0.0, 10.0, samples.shape[1]).astype(np.int16)
    found = beats_after(replace(one, samples=samples))
    assert len(found) == pytest.approx(len([t for t in times if t >= 5.0]), abs=1)


def test_a_gap_in_the_beats_leaves_the_rate_unknown_before_it_is_zero() -> None:
    found = analyse(train([t for t in at_rate(80.0, 45.0) if t < 20.0], 45.0))
    shown = {int(t.first / HZ): t.rate_bpm for t in found.trends}
    assert shown[18] == pytest.approx(80.0, abs=2.0)
    assert shown[26] is None
    assert shown[35] == 0.0


def kinds(recording: Recording, from_s: float = 20.0) -> list[tuple[int, BeatKind]]:
    return [(b.sample, b.kind) for t in analyse(recording).trends for b in t.beats if b.sample >= from_s * HZ]


@pytest.mark.parametrize("name", ["vt", "mixed"])
def test_ventricular_beats_of_a_script_are_told(name: str) -> None:
    recording = simulate(SCENARIOS[name], 120.0, seed=4, name=name)
    truth = recording.truth
    assert truth is not None
    found = kinds(recording)
    expected = [s for s, kind in truth.beats if kind == "V" and 20.0 * HZ <= s < 118.0 * HZ]
    told = [s for s, kind in found if kind is BeatKind.VENTRICULAR]
    hit = sum(any(abs(s - t) < 0.15 * HZ for t in told) for s in expected)
    assert expected
    assert hit >= 0.9 * len(expected)
    assert sum(all(abs(s - t) >= 0.15 * HZ for s in expected) for t in told if t < 118.0 * HZ) <= 0.1 * len(told)


def test_a_premature_beat_like_the_others_is_supraventricular() -> None:
    times = at_rate(70.0, 60.0)
    for k in range(30, len(times), 10):
        times[k] -= 0.25 * 60.0 / 70.0
    found = kinds(train(times, 60.0, leads=2))
    early = [times[k] for k in range(30, len(times), 10) if times[k] < 58.0]
    told = [s / HZ for s, kind in found if kind is BeatKind.SUPRAVENTRICULAR]
    assert told == pytest.approx(early, abs=0.06)
    assert all(kind is not BeatKind.VENTRICULAR for _, kind in found)


def test_a_mixture_of_the_normal_and_the_ventricular_form_is_a_fusion_beat() -> None:
    n = int(120 * HZ)
    mv = np.zeros((2, n))
    times = at_rate(70.0, 119.0)
    made = ["V" if k % 6 == 3 else "N" for k in range(len(times))]
    for k in (81, 93, 105):
        made[k] = "F"
    for at, kind in zip(times, made, strict=True):
        share = {"N": 0.0, "V": 1.0, "F": 0.5}[kind]
        at -= {"N": 0.0, "V": 0.25, "F": 0.03}[kind]
        for lead, sign in ((0, 1.0), (1, -0.6)):
            mv[lead] += (1 - share) * triangle(n, at, 0.08, sign * 1.0)
            mv[lead] += share * triangle(n, at, 0.2, (-1.6, 1.2)[lead])
    plain = train(times, 120.0, 0.0, leads=2)
    samples = plain.samples + np.round(mv * GAIN).astype(np.int16)
    found = kinds(replace(plain, samples=samples))
    fused = [times[k] for k in (81, 93, 105)]
    told = [s / HZ for s, kind in found if kind is BeatKind.FUSION]
    assert sum(any(abs(t - s) < 0.15 for s in told) for t in fused) >= 2
    assert len(told) <= 4


def qualities(recording: Recording, second: int) -> list[tuple[Quality, Reason]]:
    trend = next(t for t in analyse(recording).trends if t.first >= second * HZ)
    return list(zip(trend.quality, trend.reasons, strict=True))


def test_each_lead_has_a_quality_with_its_reason() -> None:
    n = int(20 * HZ)
    one = train(at_rate(70.0, 20.0), 20.0, leads=3)
    samples = one.samples.copy()
    samples[1, 8 * 500 :] = 0
    samples[2] += np.random.default_rng(2).normal(0.0, 300.0, n).astype(np.int16)
    found = qualities(replace(one, samples=samples), 12)
    assert found == [(Quality.GOOD, Reason.NONE), (Quality.FLAT, Reason.FLAT), (Quality.NOISY, Reason.ROUGH)]


def test_a_railed_a_wandering_and_an_open_lead_say_why() -> None:
    one = train(at_rate(70.0, 20.0), 20.0, leads=3)
    samples = one.samples.copy()
    samples[0, 8 * 500 :] = 12000
    wander = 8000 * np.sin(2 * np.pi * 0.4 * np.arange(samples.shape[1]) / HZ)
    samples[1] = np.clip(samples[1] + wander, -32000, 32000).astype(np.int16)
    spans = (Span(2, 4000, 9000, Flaw.LEAD_OFF),)
    found = qualities(replace(one, samples=samples, spans=spans), 12)
    assert found == [(Quality.RAILED, Reason.RAILED), (Quality.NOISY, Reason.WANDER), (Quality.OFF, Reason.LEAD_OFF)]


def test_samples_that_are_invalid_say_so() -> None:
    one = train(at_rate(70.0, 20.0), 20.0, leads=2)
    spans = (Span(1, 4000, 9000, Flaw.INVALID),)
    assert qualities(replace(one, spans=spans), 12)[1] == (Quality.OFF, Reason.INVALID)


def test_beats_of_a_burst_of_motion_are_hidden_or_the_rate_is_unknown() -> None:
    recording = simulate(SCENARIOS["sinus"], 90.0, seed=7, name="moved")
    samples = recording.samples.astype(np.float64)
    rng = np.random.default_rng(5)
    a, b = 40 * 500, 60 * 500
    for row in range(samples.shape[0]):
        steps = np.cumsum(rng.normal(0.0, 60.0, b - a))
        samples[row, a:b] += steps - np.convolve(steps, np.ones(250) / 250, "same")
    moved = replace(recording, samples=np.clip(samples, -32000, 32000).astype(np.int16))
    truth = recording.truth
    assert truth is not None
    for trend in analyse(moved).trends:
        stop = trend.first + HZ
        recent = [s for s, _ in truth.beats if stop - 10 * HZ < s <= stop]
        if stop < 12 * HZ or trend.rate_bpm is None:
            continue
        real = 60.0 * HZ * (len(recent) - 1) / (recent[-1] - recent[0])
        assert abs(trend.rate_bpm - real) <= max(5.0, 0.2 * real)
