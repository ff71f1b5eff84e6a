"""Tall T waves: the rate is right and no red alarm comes, whatever their form, and the beats that resemble them stay beats."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.frame import Signal
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bed import Findings
from stream.catalogue import Code
from stream.measurement import BeatKind
from stream.offline import analyse

HZ = 500.0
GAIN = 1000.0
SECONDS = 40.0
LIMB = {"I": 0.7, "II": 1.0, "V5": 0.5}
RED = {Code.VTACH, Code.VTACH_SUSTAINED, Code.RAPID_VT, Code.VFIB, Code.EXTREME_TACHY, Code.ASYSTOLE}


def hump(t: np.ndarray, middle: float, half_s: float, form: str) -> np.ndarray:
    """A T wave of height 1: half a sine wave, a squared cosine, or one that rises for 60 % of its time."""
    phase = (t - middle) / half_s
    inside = np.abs(phase) < 1.0
    if form == "half sine":
        return np.where(inside, np.cos(0.5 * np.pi * phase), 0.0)
    top = 0.2 if form == "asymmetric" else 0.0
    side = np.where(phase < top, (phase - top) / (1.0 + top), (phase - top) / (1.0 - top))
    return np.where(inside, np.cos(0.5 * np.pi * side) ** 2, 0.0)


def tall(
    bpm: float,
    t_mv: float = 1.2,
    form: str = "squared cosine",
    leads: tuple[str, ...] = ("II",),
    p_mv: float = 0.15,
    small_s: float = 0.0,
    grows_s: float = 0.0,
    qt_s: float = 0.35,
) -> Recording:
    """QRS of 1 mV and 100 ms with T waves of 180 ms (IEC 60601-2-27) that are of 0.3 mV for so long, and grow for so long behind that."""
    n = int(SECONDS * HZ)
    t, mv = np.arange(n) / HZ, np.zeros(int(SECONDS * HZ))
    for at in np.arange(0.5, SECONDS - 1.0, 60.0 / bpm):
        grown = min(1.0, max(0.0, at - small_s) / grows_s) if grows_s > 0.0 else float(at >= small_s)
        mv += np.maximum(0.0, 1.0 - np.abs(t - at) / 0.05)
        mv += (0.3 + grown * (t_mv - 0.3)) * hump(t, at - 0.05 + qt_s - 0.09, 0.09, form)
        mv += p_mv * np.exp(-0.5 * ((t - at + 0.16) / 0.022) ** 2)
    noise = [np.random.default_rng(k).normal(0.0, 0.005, n) for k in range(len(leads))]
    samples = np.stack([mv * LIMB.get(name, 0.8) + noise[k] for k, name in enumerate(leads)])
    signals = tuple(Signal(name, "mV", GAIN, 0.0) for name in leads)
    return Recording("tall", HZ, signals, np.round(samples * GAIN).astype(np.int16))


def wrong(found: Findings, bpm: float, from_s: float = 8.0) -> list[float | None]:
    """Rates that are not known or further off than a monitor's may be."""
    rates = [t.rate_bpm for t in found.trends if t.first >= from_s * HZ]
    return [r for r in rates if r is None or abs(r - bpm) > max(5.0, 0.1 * bpm)]


def red(found: Findings) -> set[Code]:
    return {t.code for t in found.triggers} & RED


@pytest.mark.parametrize("bpm", [60.0, 80.0, 100.0, 120.0])
@pytest.mark.parametrize("form", ["half sine", "squared cosine", "asymmetric"])
@pytest.mark.parametrize(("leads", "p_mv"), [(("II",), 0.15), (("II", "V5"), 0.0), (("I", "II", "V5"), 0.15)])
def test_tall_t_waves_from_the_begin(bpm: float, form: str, leads: tuple[str, ...], p_mv: float) -> None:
    found = analyse(tall(bpm, 1.4, form, leads, p_mv))
    assert not wrong(found, bpm)
    assert not red(found)


@pytest.mark.parametrize("bpm", [60.0, 80.0, 100.0])
@pytest.mark.parametrize("leads", [("II",), ("I", "II", "V5")])
def test_t_waves_that_become_tall_at_once(bpm: float, leads: tuple[str, ...]) -> None:
    found = analyse(tall(bpm, leads=leads, small_s=15.0))
    assert not wrong(found, bpm)
    assert not red(found)


@pytest.mark.parametrize("form", ["squared cosine", "asymmetric"])
@pytest.mark.parametrize(("bpm", "qt_s"), [(45.0, 0.45), (75.0, 0.35), (110.0, 0.29)])
def test_t_waves_that_grow_at_any_qt_interval(form: str, bpm: float, qt_s: float) -> None:
    found = analyse(tall(bpm, 1.4, form, ("I", "II", "V5"), small_s=8.0, grows_s=20.0, qt_s=qt_s))
    assert not wrong(found, bpm)
    assert not red(found)


def test_tall_t_waves_on_twelve_leads() -> None:
    names = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    found = analyse(tall(80.0, 1.4, leads=names))
    assert not wrong(found, 80.0)
    assert not red(found)


@pytest.mark.parametrize("leads", [("II",), ("I", "II", "V5")])
def test_where_t_waves_are_tall_and_no_p_wave_is_seen_a_narrow_qrs_is_no_tachycardia(leads: tuple[str, ...]) -> None:
    found = analyse(tall(100.0, 1.2, "half sine", leads, p_mv=0.0, qt_s=0.31))
    assert not wrong(found, 100.0)
    assert not red(found)


@pytest.mark.parametrize(("coupling_s", "wide_s"), [(0.42, 0.16), (0.5, 0.14)])
def test_a_bigeminy_stays_one(coupling_s: float, wide_s: float) -> None:
    times, found = bigeminy(tall(40.0, 0.3, leads=("I", "II", "V5")), coupling_s, wide_s, 0.5)
    assert not lost(times[4:], found)


@pytest.mark.parametrize("coupling_s", [0.32, 0.38])
@pytest.mark.parametrize("wide_s", [0.16, 0.2])
def test_a_bigeminy_of_a_short_coupling_that_begins_stays_one(coupling_s: float, wide_s: float) -> None:
    """The ventricular beats fall where T waves peak, are as round as they, and have hardly a T wave of their own."""
    fast, slow = (tall(bpm, 0.3, leads=("I", "II", "V5")) for bpm in (80.0, 40.0))
    joined = replace(slow, samples=np.concatenate([fast.samples[:, :7750], slow.samples[:, 7750:]], axis=1))
    times, found = bigeminy(joined, coupling_s, wide_s, 15.5, 0.2, smooth=True)
    assert not lost(times, found)


def lost(times: list[float], found: Findings) -> list[float]:
    """Of beats those that were not found."""
    told = [b.sample / HZ for trend in found.trends for b in trend.beats]
    return [at for at in times if not any(abs(at - b) < 0.08 for b in told)]


def bigeminy(
    plain: Recording, coupling_s: float, wide_s: float, from_s: float, t_mv: float = 0.6, smooth: bool = False
) -> tuple[list[float], Findings]:
    """Ventricular beats behind each beat from then on: when they come, and what was found."""
    t, mv = np.arange(plain.samples.shape[1]) / HZ, np.zeros(plain.samples.shape[1])
    times = [float(at + coupling_s) for at in np.arange(0.5, SECONDS - 2.0, 1.5) if at >= from_s]
    for at in times:
        mv += 1.5 * (
            hump(t, at, 0.5 * wide_s, "squared cosine")
            if smooth
            else np.maximum(0.0, 1.0 - np.abs(t - at) / (0.5 * wide_s))
        )
        mv -= t_mv * hump(t, at + 0.3, 0.12, "squared cosine")
    shares = np.array([[0.6], [1.0], [-0.7]])
    return times, analyse(replace(plain, samples=plain.samples + np.round(shares * mv * GAIN).astype(np.int16)))


def test_ventricular_beats_on_tall_t_waves_stay_beats() -> None:
    recording = simulate(SCENARIOS["ront"], 70.0, seed=4, name="ront")
    assert recording.truth is not None
    early = [s for s, kind in recording.truth.beats if kind == "V"]
    told = [b.sample for trend in analyse(recording).trends for b in trend.beats if b.kind is BeatKind.VENTRICULAR]
    assert early
    assert sum(any(abs(s - b) < 0.15 * HZ for b in told) for s in early) >= 0.8 * len(early)
