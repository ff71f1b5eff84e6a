"""Sums of waves: each a Gaussian in time along a direction in space, steeper on one side where it is asymmetric.

After McSharry 2003 (IEEE Trans Biomed Eng 50, 289-294), in three dimensions. The waves of `ingest.waveform` are fixed shapes
around R, for scripts whose alarms are known; here they are drawn around the onset of the QRS, so that the intervals that are
taught hold by construction. One cannot serve as the other without losing that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Waves = NDArray[np.float64]
"""(k, 6): centre in seconds, width (standard deviation) before it and behind it in seconds, and the dipole x, y, z in mV."""

REACH = 4.0
"""Widths after which a wave is over: 0.03 % of its height."""
NARROWEST_S = 0.003
_FINE_HZ = 1000.0


def wave(centre_s: float, before_s: float, behind_s: float, vector: NDArray[np.float64]) -> list[float]:
    """One row of Waves; no width below NARROWEST_S, which 150 Hz could not carry."""
    return [centre_s, max(before_s, NARROWEST_S), max(behind_s, NARROWEST_S), *vector.tolist()]


def table(rows: list[list[float]]) -> Waves:
    """Rows as Waves, also where there are none."""
    return np.array(rows, np.float64).reshape(-1, 6)


def at(waves: Waves, seconds: float, size: float = 1.0) -> Waves:
    """The waves moved in time and scaled."""
    moved = waves.copy()
    moved[:, 0] += seconds
    moved[:, 3:] *= size
    return moved


def summed(waves: Waves, n: int, rate_hz: float) -> NDArray[np.float64]:
    """The dipole (3, n) at rate_hz of all the waves together, from time 0."""
    centre, before, behind = waves[:, 0], waves[:, 1], waves[:, 2]
    first = np.clip(np.ceil((centre - REACH * before) * rate_hz), 0, n).astype(np.int64)
    stop = np.clip(np.floor((centre + REACH * behind) * rate_hz) + 1, 0, n).astype(np.int64)
    length = np.maximum(stop - first, 0)
    owner = np.repeat(np.arange(len(waves)), length)
    sample = np.arange(owner.size) + np.repeat(first - np.cumsum(length) + length, length)
    off = sample / rate_hz - centre[owner]
    height = np.exp(-0.5 * (off / np.where(off < 0.0, before[owner], behind[owner])) ** 2)
    return np.stack([np.bincount(sample, height * waves[owner, axis], minlength=n) for axis in (3, 4, 5)])


def extent_s(waves: Waves, share: float) -> tuple[float, float]:
    """From when to when, in seconds, the dipole of these waves together is longer than this share of its longest."""
    lead_in = float((REACH * waves[:, 1] - waves[:, 0]).max())
    length = lead_in + float((waves[:, 0] + REACH * waves[:, 2]).max())
    dipole = summed(at(waves, lead_in), round(length * _FINE_HZ) + 1, _FINE_HZ)
    size = np.sqrt((dipole**2).sum(axis=0))
    there = np.flatnonzero(size >= share * size.max())
    return float(there[0]) / _FINE_HZ - lead_in, float(there[-1]) / _FINE_HZ - lead_in
