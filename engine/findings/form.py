"""The form of ten seconds: the median beat, what is left of the signal without it, and what lies above 150 Hz.

All of it on a copy of the segment below 40 Hz, so that muscle noise does not tell one recorder from another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from stream.measurement import BeatKind, Measurements
from stream.trigger import MODEL_HZ, Segment

BEFORE, BEHIND = 150, 250
"""Samples of a beat before and behind its R peak: 300 and 500 ms."""
SMOOTH_HZ = 40.0
SPIKE_HZ = 150.0
"""Above it stand the pulses of a pacemaker, and little else."""
FIBRILLATION_HZ = (3.5, 10.0)
"""Of atrial waves: 210 to 600 /min."""
WHOLE_HZ = (1.0, 30.0)
USUAL_QRS_MS = 90.0
P_FROM, P_TO = 110, 10
"""Samples before the QRS between which a P wave is looked for: 220 to 20 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """What the ten seconds look like; arrays in mV at 500 Hz, rows as in the segment."""

    beat: NDArray[np.float64]
    """(12, 400): median over the beats that are not ventricular, against the level before the QRS."""
    onset: int
    """Column at which its QRS begins."""
    offset: int
    """Column at which it ends."""
    p: NDArray[np.float64]
    """(12, 100): from 220 to 20 ms before the QRS, the line between both ends taken out."""
    alike: NDArray[np.float64]
    """(beats,) correlation of each QRS with that of the median beat, ventricular ones too."""
    p_alike: NDArray[np.float64]
    """(beats,) correlation of what precedes each QRS with what precedes the median one."""
    rest: NDArray[np.float64]
    """(12, 5000): the signal without its beats, so that atrial waves are left."""
    spikes: NDArray[np.float64]
    """(5000,): the largest amount of any lead above 150 Hz."""
    at: tuple[int, ...]
    """Samples of the R peaks that the median was taken over."""


@lru_cache(maxsize=1)
def _filters() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy import signal

    low = signal.butter(3, SMOOTH_HZ, "lowpass", fs=MODEL_HZ, output="sos")
    return low, signal.butter(2, SPIKE_HZ, "highpass", fs=MODEL_HZ, output="sos")


def form(segment: Segment) -> Form | None:
    """The form of a segment; None where it has no beat that lies wholly inside."""
    from scipy import signal

    numbers = segment.measurements
    if numbers is None:
        return None
    low, high = _filters()
    smooth = signal.sosfiltfilt(low, segment.signal_mv.astype(np.float64), axis=1)
    at = tuple(b.sample for b in numbers.beats if b.kind is not BeatKind.VENTRICULAR)
    cut = [smooth[:, k - BEFORE : k + BEHIND] for k in at if _whole(k, smooth)]
    if not cut:
        return None
    median = np.median(cut, axis=0)
    onset, offset = _bounds(numbers)
    level = median[:, max(0, onset - 10) : max(1, onset - 2)].mean(axis=1, keepdims=True)
    alike, p_alike = _alike(smooth, median, onset, numbers)
    spikes = np.abs(signal.sosfiltfilt(high, segment.signal_mv.astype(np.float64), axis=1)).max(axis=0)
    return Form(median - level, onset, offset, _p(median, onset), alike, p_alike, _rest(smooth, median, at), spikes, at)


def _whole(k: int, signal: NDArray[np.float64]) -> bool:
    return k >= BEFORE and k + BEHIND <= signal.shape[1]


def _bounds(numbers: Measurements) -> tuple[int, int]:
    """Columns of the median beat at which its QRS begins and ends."""
    known = [b.qrs_on - b.sample for b in numbers.by_beat if b.qrs_on is not None]
    onset = BEFORE + (int(np.median(known)) if known else -25)
    width_ms = numbers.qrs_ms.value if numbers.qrs_ms is not None else USUAL_QRS_MS
    return max(onset, P_FROM), min(onset + int(width_ms * MODEL_HZ / 1000.0), BEFORE + BEHIND - 2)


def _p(beat: NDArray[np.float64], onset: int) -> NDArray[np.float64]:
    part = beat[:, onset - P_FROM : onset - P_TO]
    ramp = np.linspace(0.0, 1.0, part.shape[1])
    return np.asarray(part - part[:, :1] - ramp * (part[:, -1:] - part[:, :1]))


def _alike(
    smooth: NDArray[np.float64], median: NDArray[np.float64], onset: int, numbers: Measurements
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    qrs = slice(BEFORE - 40, BEFORE + 60)
    p = _p(median, onset)
    found = [
        (
            _correlation(beat[:, qrs], median[:, qrs]),
            _correlation(_p(beat, onset), p),
        )
        for beat in (
            smooth[:, b.sample - BEFORE : b.sample + BEHIND] for b in numbers.beats if _whole(b.sample, smooth)
        )
    ]
    table = np.array(found) if found else np.ones((1, 2))
    return table[:, 0], table[:, 1]


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Of all leads together, about zero."""
    return float((one * other).sum() / np.sqrt((one * one).sum() * (other * other).sum() + 1e-9))


def _rest(smooth: NDArray[np.float64], median: NDArray[np.float64], at: tuple[int, ...]) -> NDArray[np.float64]:
    rest = smooth.copy()
    for k in at:
        first, last = max(0, k - BEFORE), min(rest.shape[1], k + BEHIND)
        rest[:, first:last] -= median[:, BEFORE - (k - first) : BEFORE + (last - k)]
    return rest


def atrial_power(rest: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Of one lead without its beats, (5000,) mV: share of the power from 1 to 30 Hz that lies from 3.5 to 10 Hz, how much of
    that stands in one line, its logarithm, and the frequency of that line in Hz."""
    power = np.abs(np.fft.rfft(rest * np.hanning(len(rest)))) ** 2
    hz = np.fft.rfftfreq(len(rest), 1.0 / MODEL_HZ)
    inside = (hz > FIBRILLATION_HZ[0]) & (hz < FIBRILLATION_HZ[1])
    band, whole = power[inside], power[(hz > WHOLE_HZ[0]) & (hz < WHOLE_HZ[1])].sum() + 1e-9
    line = band.max() / (band.sum() + 1e-9)
    return (
        float(band.sum() / whole),
        float(line),
        float(np.log10(band.sum() / len(rest) ** 2 + 1e-9)),
        float(hz[inside][band.argmax()]),
    )
