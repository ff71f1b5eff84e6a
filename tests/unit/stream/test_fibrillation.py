"""Fibrillation told from ventricular rhythms that leave no baseline: by how soon one wave follows the other, and whether it is the same one."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from ingest.frame import Signal
from ingest.recording import Recording
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase

HZ, GAIN = 250.0, 1000.0
SINUS_S, SECONDS = 20.0, 45.0
AXES = {
    "I": (1.0, 0.0, 0.0),
    "II": (0.5, 0.87, 0.0),
    "aVF": (0.0, 1.0, 0.0),
    "V1": (0.1, 0.0, -0.9),
    "V5": (1.1, 0.2, 0.0),
}
Wave = tuple[float, float, tuple[float, float, float]]
NARROW: list[Wave] = [
    (-0.16, 0.022, (0.08, 0.12, 0.02)),
    (0.0, 0.011, (0.8, 0.7, -0.3)),
    (0.027, 0.011, (-0.15, -0.2, 0.5)),
    (0.27, 0.045, (0.25, 0.2, -0.12)),
]


def ventricular(seed: int) -> list[Wave]:
    """A QRS of 120 to 180 ms with its T wave, in a direction of its own."""
    rng = np.random.default_rng(seed)
    main, turn = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
    size, wide = rng.uniform(0.8, 1.6), rng.uniform(0.018, 0.03)
    parts = [
        (-0.03, wide, 0.6 * main),
        (0.03, 1.1 * wide, 0.7 * main + 0.5 * turn),
        (0.08, 0.02, -0.3 * turn),
        (0.3, 0.06, -0.45 * (main + 0.3 * turn)),
    ]
    return [(at, width, tuple(size * vector)) for at, width, vector in parts]


def drawn(beats: list[tuple[float, list[Wave]]], leads: tuple[str, ...]) -> NDArray[np.float64]:
    """Beats (s, waves) as mV on leads (leads, samples); a T wave follows sooner where the next beat does."""
    t = np.arange(int(SECONDS * HZ)) / HZ
    vector = np.zeros((3, len(t)))
    for (at, waves), (following, _) in pairwise([*beats, (SECONDS + 1.0, NARROW)]):
        early = min(1.0, ((following - at) / 0.75) ** 0.5)
        for middle, width, size in waves:
            scale = early if middle > 0.15 else 1.0
            vector += np.outer(size, np.exp(-0.5 * ((t - at - scale * middle) / (scale * width)) ** 2))
    return np.stack([np.array(AXES[name]) @ vector for name in leads])


def recorded(mv: NDArray[np.float64], leads: tuple[str, ...]) -> Recording:
    noisy = mv + np.random.default_rng(0).normal(0.0, 0.008, mv.shape)
    return Recording(
        "bed", HZ, tuple(Signal(name, "mV", GAIN, 0.0) for name in leads), np.round(noisy * GAIN).astype(np.int16)
    )


def onsets(recording: Recording) -> dict[Code, float]:
    """When each alarm began first (s), behind the sinus rhythm."""
    found = analyse(recording, 0.25)
    begun = [t for t in reversed(found.triggers) if t.phase is Phase.ONSET and not t.suppressed_by]
    return {t.code: t.sample / HZ - SINUS_S for t in begun if t.sample > SINUS_S * HZ}


def sinus() -> list[tuple[float, list[Wave]]]:
    return [(float(at), NARROW) for at in np.arange(1.0, SINUS_S, 0.75)]


@pytest.mark.parametrize("bpm", [120.0, 150.0, 170.0, 190.0, 220.0])
@pytest.mark.parametrize("leads", [("I", "II", "aVF", "V1", "V5"), ("II", "V1")])
def test_a_regular_tachycardia_is_no_fibrillation(bpm: float, leads: tuple[str, ...]) -> None:
    for seed in (1, 5, 12):
        form, rng = ventricular(seed), np.random.default_rng(seed)
        count = int((SECONDS - SINUS_S - 1.0) * bpm / 60.0)
        times = SINUS_S + 0.4 + np.cumsum(60.0 / bpm * (1.0 + rng.normal(0.0, 0.006, count)))
        told = onsets(recorded(drawn(sinus() + [(float(at), form) for at in times], leads), leads))
        assert Code.VFIB not in told
        assert Code.VTACH in told


@pytest.mark.parametrize(("hz", "wide_hz"), [(2.4, 0.8), (2.8, 1.0), (4.0, 1.5), (5.5, 2.0)])
@pytest.mark.parametrize("leads", [("I", "II", "aVF", "V1", "V5"), ("II",)])
def test_waves_of_any_usual_rate_are_fibrillation(hz: float, wide_hz: float, leads: tuple[str, ...]) -> None:
    band = butter(2, [hz - 0.5 * wide_hz, hz + 0.5 * wide_hz], "band", fs=HZ, output="sos")
    for seed in (1, 2):
        vector = sosfiltfilt(band, np.random.default_rng(seed).normal(size=(3, int(SECONDS * HZ))), axis=1)
        mv = drawn(sinus(), leads)
        waves = np.stack([np.array(AXES[name]) @ vector for name in leads])
        begin = int(SINUS_S * HZ)
        mv[:, begin:] = 0.3 * waves[:, begin:] / vector.std()
        assert onsets(recorded(mv, leads))[Code.VFIB] < 9.0
