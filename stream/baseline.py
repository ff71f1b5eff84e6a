"""What the baseline does between beats, told from what each beat repeats, and taken out of the ten seconds that are measured.

A wave that comes with every beat is the heart's; what moves slowly and not with the beats is the electrode's. Both are fitted at once by least squares (the mean beat by
its phase, the baseline as a cubic spline), so that ST and T, which a high-pass of 0.5 Hz bends, stay as they are, and no phase is turned: what the recommendations ask of
a filter above 0.05 Hz (Kligfield 2007, J Am Coll Cardiol 49, 1109-1127) without one. Splines through the PR segments alone (Meyer and Keiser 1977, Comput Biomed Res 10,
459-470) see each beat once, which is too seldom for wander of 0.5 Hz under 60 beats a minute. Wander that keeps step with the beats is not seen.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

STEP = 5
"""Samples (500 Hz) of which the mean is one cell of the fit: 10 ms."""
KNOTS = 250
"""Samples between the knots of the spline: half a second, so that it follows up to some 0.8 Hz."""
BEFORE, BEFORE_SHARE = 160, 0.4
"""A beat begins so many samples before its R, at most this share of RR: before its P wave, behind the T wave of the beat before."""
LONGEST = 1000
"""Samples behind its R that a beat lasts at most."""
QRS_CELLS = 8
"""Cells to each side of R that do not count: breathing changes the height of a QRS as it does the baseline."""
STIFF, RIDGE = 0.02, 1e-6
"""Weights of the second differences of the spline's coefficients and of the coefficients against the cells: they decide where no cell tells."""
LEAST_BEATS = 3
"""With fewer beats what repeats cannot be told from what moves."""
LEAST_MV = 0.1
"""Span of the baseline of a lead below which it is left as it is: a millimetre of the paper."""
MOST_MV = 2.0
"""Span above which a lead is left as it is too: an electrode moves, and what is faster than the spline would stay in a line that looks steady."""


def levelled(signal_mv: NDArray[np.float64], peaks: NDArray[np.int64], apart: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The same signal (leads, n) mV at 500 Hz, without the baseline of those leads in which it moves by LEAST_MV to MOST_MV.

    peaks: (beats,) R samples, ascending; apart: (beats,) which of them have another shape (ventricular ones) and tell nothing.
    """
    if (~apart).sum() < LEAST_BEATS or signal_mv.shape[0] == 0:
        return signal_mv
    curves, cells, rough = _spline(signal_mv.shape[1])
    weights = _weights(signal_mv, peaks, apart, cells, rough)
    span = np.ptp(_times(weights, cells), axis=1)
    moves = np.flatnonzero((span >= LEAST_MV) & (span <= MOST_MV))
    if not moves.size:
        return signal_mv
    out = signal_mv.copy()
    out[moves] -= _times(weights[moves], curves)
    return out


def baseline(signal_mv: NDArray[np.float64], peaks: NDArray[np.int64], apart: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What moves without the beats, (leads, n) mV, up to a constant."""
    curves, cells, rough = _spline(signal_mv.shape[1])
    return np.asarray(_times(_weights(signal_mv, peaks, apart, cells, rough), curves), np.float64)


def _weights(
    signal_mv: NDArray[np.float64],
    peaks: NDArray[np.int64],
    apart: NDArray[np.bool_],
    cells: NDArray[np.float64],
    rough: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Coefficients of the spline of each lead: (leads, coefficients)."""
    bins = _bins(peaks, apart, cells.shape[1])
    x, y = _without_mean_beat(cells, bins), _without_mean_beat(_means(signal_mv), bins)
    return np.ascontiguousarray(np.linalg.solve(_times(x, x.T.copy()) + rough, _times(x, y.T.copy())).T)


@lru_cache(maxsize=8)
def _spline(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Cubic B-splines over n samples (coefficients, n) and over its cells, and what their roughness costs (coefficients, coefficients)."""
    count = -(-n // KNOTS) + 3
    size = np.abs(np.arange(n) / KNOTS - (np.arange(count)[:, None] - 1.0))
    near, far = 2.0 / 3.0 - size**2 + size**3 / 2.0, (2.0 - size) ** 3 / 6.0
    curves = np.where(size < 1.0, near, np.where(size < 2.0, far, 0.0))
    bends = np.diff(np.eye(count), 2, axis=0)
    return curves, _means(curves), STIFF * bends.T @ bends + RIDGE * np.eye(count)


@njit(cache=True)
def _times(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix product (n, m) of (n, k) and (k, m), on one thread: BLAS wakes others for it, which on a full machine takes ten times as long."""
    out = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        row = out[i]
        for k in range(a.shape[1]):
            share, other = a[i, k], b[k]
            for j in range(row.shape[0]):
                row[j] += share * other[j]
    return out


@njit(cache=True)
def _means(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cells (rows, n // STEP) of a table (rows, n)."""
    rows, count = table.shape[0], table.shape[1] // STEP
    out = np.empty((rows, count))
    for row in range(rows):
        for cell in range(count):
            total = 0.0
            for i in range(cell * STEP, (cell + 1) * STEP):
                total += table[row, i]
            out[row, cell] = total / STEP
    return out


@njit(cache=True)
def _bins(peaks: NDArray[np.int64], apart: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """Of each cell (count,) its place in the beat, in cells from where a beat begins at the earliest; -1 where it tells nothing."""
    bins = np.full(count, -1, np.int64)
    for k in range(peaks.shape[0]):
        if apart[k]:
            continue
        first, last = peaks[k] - BEFORE, peaks[k] + LONGEST
        if k > 0:
            first = max(first, peaks[k] - int(BEFORE_SHARE * (peaks[k] - peaks[k - 1])))
        if k < peaks.shape[0] - 1:
            last = min(last, peaks[k + 1] - min(BEFORE, int(BEFORE_SHARE * (peaks[k + 1] - peaks[k]))))
        for cell in range(max(0, first // STEP), min(count, last // STEP)):
            at = (cell * STEP + STEP // 2 - peaks[k]) // STEP
            if abs(at) > QRS_CELLS:
                bins[cell] = at + BEFORE // STEP + 1
    return bins


@njit(cache=True)
def _without_mean_beat(table: NDArray[np.float64], bins: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each row (rows, cells) less the mean of the cells of the same place in the beat; 0 where a cell tells nothing."""
    rows, cells = table.shape
    places = bins.max() + 1
    out = np.zeros((rows, cells))
    for row in range(rows):
        total, seen = np.zeros(places), np.zeros(places)
        for cell in range(cells):
            if bins[cell] >= 0:
                total[bins[cell]] += table[row, cell]
                seen[bins[cell]] += 1.0
        for cell in range(cells):
            if bins[cell] >= 0:
                out[row, cell] = table[row, cell] - total[bins[cell]] / seen[bins[cell]]
    return out
