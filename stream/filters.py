"""Filter coefficients of one sampling rate; pure functions of the rate, computed once a session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

QRS_BAND_HZ = (6.0, 16.0)
"""Where a QRS complex stands out of P, T and muscle noise; chosen on MIT-BIH DS1 (docs/benchmarks.md)."""
NOTCH_HZ = 4.0
"""Width of the notch against mains hum: it follows a mains frequency that is off by some tenths, and rests after 0.1 s."""
MONITOR_BAND_HZ = (0.5, 35.0)
"""Rhythm path: shapes for beat classes and fibrillation."""


SHAPE_MOST_HZ = 228.0
"""A beat (`shape.BEFORE_S` and `AFTER_S`) is 64 samples at this rate, as many as its template has."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything of the fast path that depends on the rate alone.

    qrs_sos (2, 6), monitor_sos (4, 6): second-order sections at `rate_hz`; behind the two of the monitor path stand the
    notches at 50 and 60 Hz, through which what is read passes before both while there is hum (`stream.mains`).
    """

    rate_hz: float
    step: int
    """The feature runs on every `step`-th sample: 180 to 375 Hz."""
    feature_hz: float
    shape_step: int
    """The shape ring holds every `shape_step`-th feature sample: 114 to 228 Hz, fewer where the rate itself is lower."""
    qrs_sos: NDArray[np.float64]
    monitor_sos: NDArray[np.float64]
    qrs_delay_s: float
    """Group delay of the QRS band at its centre."""
    monitor_delay_s: float
    """Group delay of the monitor path at 12 Hz."""


@lru_cache(maxsize=256)
def plan(rate_hz: float) -> Plan:
    """The plan for a rate of 25 to 4000 Hz; bands are held below 0.45 of the rate."""
    from scipy import signal

    step = max(1, round(rate_hz / 250.0))
    feature_hz = rate_hz / step
    top = 0.45 * rate_hz
    low, high = QRS_BAND_HZ
    qrs = signal.butter(2, [low, min(high, top)], "bandpass", fs=rate_hz, output="sos")
    highpass = signal.butter(2, MONITOR_BAND_HZ[0], "highpass", fs=rate_hz, output="sos")
    lowpass = signal.butter(2, min(MONITOR_BAND_HZ[1], top), "lowpass", fs=rate_hz, output="sos")
    monitor = np.vstack([highpass, lowpass])
    notches = [_notch(hz, rate_hz) for hz in (50.0, 60.0)]
    return Plan(
        rate_hz,
        step,
        feature_hz,
        _shape_step(feature_hz),
        np.ascontiguousarray(qrs),
        np.ascontiguousarray(np.vstack([monitor, *notches])),
        _group_delay_s(qrs, 10.0, rate_hz),
        _group_delay_s(monitor, min(12.0, top / 2), rate_hz),
    )


def _shape_step(feature_hz: float) -> int:
    """So many feature samples between two of the shape ring, of which a beat fills `state.TEMPLATE` at most."""
    if feature_hz > SHAPE_MOST_HZ:
        return max(2, int(feature_hz // 125))
    return 1


def _notch(hz: float, rate_hz: float) -> NDArray[np.float64]:
    """One section that takes out `hz`; none where the rate does not reach so far."""
    from scipy import signal

    if hz > 0.475 * rate_hz:
        return np.array([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]])
    b, a = signal.iirnotch(hz, hz / NOTCH_HZ, fs=rate_hz)
    return np.concatenate([b, a])[None]


def _group_delay_s(sos: NDArray[np.float64], at_hz: float, rate_hz: float) -> float:
    from scipy import signal

    width = 0.5
    _, h = signal.sosfreqz(sos, [at_hz - width, at_hz + width], fs=rate_hz)
    phase = np.unwrap(np.angle(h))
    return float(-(phase[1] - phase[0]) / (2 * np.pi * 2 * width))
