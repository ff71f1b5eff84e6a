"""What a recording adds to the heart: muscle, movement, breathing, mains, electrodes that fail, and the converter's steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from ingest.frame import LEADS
from ingest.waveform import twelve
from stream.trigger import MODEL_HZ

Rng = np.random.Generator
EIGHT = 8
"""Channels that a cart digitises: I, II and V1 to V6; the other limb leads are computed from I and II."""

RMS_MV = (0.0025, 0.035)
"""Of muscle noise in 0 to 125 Hz, drawn evenly by its logarithm."""
_CHANNEL_LOG_SD = 0.4
_WANDER_MV, _WANDER_HZ = (0.005, 0.12), (0.05, 0.55)
_MAINS_MV, _MAINS_HZ = (0.002, 0.02), (50.0, 60.0)
_GAIN_LOG_SD = 0.03
STEPS_PER_MV = (1000.0, 1000.0, 400.0, 205.0)
"""Of the converter: 1, 2.5 and 4.9 uV a step, as the public sets have them."""

FEWER_LEADS: tuple[tuple[str, ...], ...] = (
    LEADS[:6], ("II",), ("I", "II", "III", "aVR", "aVL", "aVF", "V1"), ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V5"), ("II", "V5"),
    LEADS[6:], ("I",), ("V1",),
)  # fmt: skip
"""Sets of leads as monitors and patches have them, limb leads with those that follow from two."""
FEWER, LOST = 0.08, 0.05
"""Share of records with such a set, and share in which one to three leads are lost."""


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """A recording as it lies in a file."""

    steps: NDArray[np.int16]
    """(12, 5000) at 500 Hz in the order of LEADS."""
    steps_per_mv: float
    mask: NDArray[np.bool_]
    """(12,) which leads are there."""


def record(leads_mv: NDArray[np.float64], rng: Rng) -> Recorded:
    """(12, n) mV without noise -> the recording of a cart or monitor."""
    eight = np.concatenate([leads_mv[:2], leads_mv[6:]])
    eight = eight * np.exp(rng.normal(0.0, _GAIN_LOG_SD, (EIGHT, 1))) + disturbance(eight.shape[1], rng)
    return digitised(twelve(eight), float(rng.choice(STEPS_PER_MV)), draw_mask(rng))


def digitised(
    leads_mv: NDArray[np.float64], steps_per_mv: float = 1000.0, mask: NDArray[np.bool_] | None = None
) -> Recorded:
    """(12, n) mV in whole steps; what the converter cannot show is cut."""
    steps = np.clip(np.rint(leads_mv * steps_per_mv), -32767, 32767).astype(np.int16)
    return Recorded(steps, steps_per_mv, np.ones(len(LEADS), bool) if mask is None else mask)


def draw_mask(rng: Rng) -> NDArray[np.bool_]:
    """(12,) which leads are there: mostly all."""
    chance = rng.random()
    if chance < FEWER:
        kept = FEWER_LEADS[rng.integers(len(FEWER_LEADS))]
        return np.array([lead in kept for lead in LEADS])
    mask = np.ones(len(LEADS), bool)
    if chance < FEWER + LOST:
        mask[rng.choice(len(LEADS), size=int(rng.integers(1, 4)), replace=False)] = False
    return mask


def disturbance(n: int, rng: Rng) -> NDArray[np.float64]:
    """Noise, wander and mains on the eight channels: (8, n) mV at 500 Hz."""
    t = np.arange(n) / MODEL_HZ
    return _muscle(n, rng) + _wander(t, rng) + _mains(t, rng)


def _muscle(n: int, rng: Rng) -> NDArray[np.float64]:
    """White, or stronger at low frequencies; in 15 % of the records there is a burst of 1.6 s."""
    rms = float(np.exp(rng.uniform(*np.log(RMS_MV))))
    noise = rng.standard_normal((EIGHT, n), dtype=np.float32).astype(np.float64)
    if rng.random() < 0.5:
        noise *= np.sqrt(2.0)  # as strong in the band of 125 Hz as the number says
    else:
        walk = np.cumsum(noise, axis=1) * 0.18
        noise = walk - uniform_filter1d(walk, round(0.24 * MODEL_HZ), axis=1, mode="nearest")
    noise *= rms * np.exp(rng.normal(0.0, _CHANNEL_LOG_SD, (EIGHT, 1)))
    if rng.random() < 0.15:
        burst = round(1.6 * MODEL_HZ)
        first = int(rng.integers(max(1, n - burst)))
        noise[:, first : first + burst] *= rng.uniform(2.0, 4.0)
    return noise


def _wander(t: NDArray[np.float64], rng: Rng) -> NDArray[np.float64]:
    """Three slow oscillations, in each channel of its own size and phase."""
    found = np.zeros((EIGHT, t.size))
    for _ in range(3):
        size = float(np.exp(rng.uniform(*np.log(_WANDER_MV)))) * rng.normal(0.0, 1.0, (EIGHT, 1))
        phase = 2 * np.pi * rng.random((EIGHT, 1))
        angle = 2 * np.pi * rng.uniform(*_WANDER_HZ) * t
        found += size * (np.cos(phase) * np.sin(angle) + np.sin(phase) * np.cos(angle))
    return found


def _mains(t: NDArray[np.float64], rng: Rng) -> NDArray[np.float64]:
    """In a quarter of the records, in phase in all channels."""
    if rng.random() >= 0.25:
        return np.zeros((EIGHT, t.size))
    hz = _MAINS_HZ[rng.integers(len(_MAINS_HZ))]
    size = rng.uniform(*_MAINS_MV) * rng.normal(0.0, 1.0, (EIGHT, 1))
    return np.asarray(size * np.sin(2 * np.pi * (hz * t + rng.random())))
