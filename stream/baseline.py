"""What the baseline does between beats, told from what each beat repeats, and taken out of the ten seconds that are measured.

A wave that comes with every beat is the heart's; what moves slowly and not with the beats is the electrode's. Both are fitted at once by least squares (the mean beat by
its phase, the baseline as a cubic spline), so that ST and T, which a high-pass of 0.5 Hz bends, stay as they are, and no phase is turned: what the recommendations ask of
a filter above 0.05 Hz (Kligfield 2007, J Am Coll Cardiol 49, 1109-1127) without one. Splines through the PR segments alone (Meyer and Keiser 1977, Comput Biomed Res 10,
459-470) see each beat once, which is too seldom for wander of 0.5 Hz under 60 beats a minute. Wander that keeps step with the beats is not seen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

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
MOST_MV, FARTHEST_MV = 2.0, 5.0
"""Span above which it is taken out only where nothing faster is left behind, and above which a lead is left as it is too: an electrode moves, and what is faster than the
spline would stay in a line that looks steady."""
REST_MV = 0.06
"""What neither repeats nor is in the spline, as a root of mean squares: of sines of 0.35 Hz that span more than 2 mV, put on records of PTB-XL, CinC 2021 and LUDB, 19 in 20
leads have less; of the electrode motion of NSTDB that spans so much one in 20 (chosen between them)."""


class _Spline(NamedTuple):
    """Cubic B-splines over the samples of a stretch."""

    curves: NDArray[np.float64]
    """(coefficients, n)."""
    cells: NDArray[np.float64]
    """Their means over the cells: (cells, coefficients)."""
    rough: NDArray[np.float64]
    """What their roughness costs: (coefficients, coefficients)."""


def levelled(signal_mv: NDArray[np.float64], peaks: NDArray[np.int64], apart: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The same signal (leads, n) mV at 500 Hz, without the baseline of those leads in which it moves by LEAST_MV to MOST_MV, or by up to FARTHEST_MV and slowly.

    peaks: (beats,) R samples, ascending; apart: (beats,) which of them have another shape (ventricular ones) and tell nothing.
    """
    if (~apart).sum() < LEAST_BEATS or signal_mv.shape[0] == 0:
        return signal_mv
    spline = _spline(signal_mv.shape[1])
    bins = _bins(peaks, apart, spline.cells.shape[0])
    normal, right, table = _normal(spline.cells, signal_mv, bins)
    weights = np.ascontiguousarray(np.linalg.solve(normal + spline.rough, right).T)
    rests = _rests(table, weights, bins)
    return np.asarray(_without(signal_mv, weights, rests, spline.curves, spline.cells), np.float64)


@lru_cache(maxsize=8)
def _spline(n: int) -> _Spline:
    count = -(-n // KNOTS) + 3
    size = np.abs(np.arange(n) / KNOTS - (np.arange(count)[:, None] - 1.0))
    near, far = 2.0 / 3.0 - size**2 + size**3 / 2.0, (2.0 - size) ** 3 / 6.0
    curves = np.where(size < 1.0, near, np.where(size < 2.0, far, 0.0))
    bends = np.diff(np.eye(count), 2, axis=0)
    cells = np.zeros((n // STEP, count))
    _put_means(curves, cells, 0)
    return _Spline(curves, cells, STIFF * bends.T @ bends + RIDGE * np.eye(count))


@njit(cache=True)
def _put_means(table: NDArray[np.float64], cells: NDArray[np.float64], at: int) -> None:
    """The means of STEP samples of a table (rows, n) into the columns of cells (n // STEP, .) from `at` on."""
    for row in range(table.shape[0]):
        for cell in range(cells.shape[0]):
            total = 0.0
            for i in range(cell * STEP, (cell + 1) * STEP):
                total += table[row, i]
            cells[cell, at + row] = total / STEP


@njit(cache=True)
def _normal(
    cells: NDArray[np.float64], signal_mv: NDArray[np.float64], bins: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The normal equations of the fit, what repeats taken out of both sides: (coefficients, coefficients) and (coefficients, leads); and the cells of both (cells, .).

    cells: (cells, coefficients); signal_mv: (leads, n); bins: (cells,) of `_bins`. In the order of the cells, on one thread: BLAS wakes others for
    it, which on a full machine takes ten times as long.
    """
    count, wide = cells.shape[1], cells.shape[1] + signal_mv.shape[0]
    table = np.empty((cells.shape[0], wide))
    table[:, :count] = cells
    _put_means(signal_mv, table, count)
    _take_out_mean_beat(table, bins)
    found = np.zeros((count, wide))
    for cell in range(table.shape[0]):
        if bins[cell] < 0:
            continue
        row = table[cell]
        for i in range(count):
            share, sums, others = row[i], found[i, i:], row[i:]
            for j in range(sums.shape[0]):
                sums[j] += share * others[j]
    for i in range(count):
        for j in range(i):
            found[i, j] = found[j, i]
    return found[:, :count].copy(), found[:, count:].copy(), table


@njit(cache=True)
def _rests(table: NDArray[np.float64], weights: NDArray[np.float64], bins: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is left of each lead (leads,), root of mean squares in mV, behind what repeats and the spline of its weights (leads, coefficients)."""
    leads, count = weights.shape
    squares, seen = np.zeros(leads), 0
    for cell in range(table.shape[0]):
        if bins[cell] < 0:
            continue
        seen += 1
        for lead in range(leads):
            rest = table[cell, count + lead]
            for k in range(count):
                rest -= weights[lead, k] * table[cell, k]
            squares[lead] += rest * rest
    return np.sqrt(squares / max(1, seen))


@njit(cache=True)
def _without(
    signal_mv: NDArray[np.float64],
    weights: NDArray[np.float64],
    rests: NDArray[np.float64],
    curves: NDArray[np.float64],
    cells: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The signal (leads, n) less the spline of its weights (leads, coefficients), where that moves as it may."""
    out, line, n = signal_mv.copy(), np.empty(signal_mv.shape[1]), signal_mv.shape[1]
    for lead in range(signal_mv.shape[0]):
        low, high = np.inf, -np.inf
        for cell in range(cells.shape[0]):
            value, middle = 0.0, (cell * STEP) // KNOTS
            for k in range(middle, min(middle + 4, curves.shape[0])):
                value += weights[lead, k] * cells[cell, k]
            low, high = min(low, value), max(high, value)
        if not LEAST_MV <= high - low <= (MOST_MV if rests[lead] > REST_MV else FARTHEST_MV):
            continue
        line[:] = 0.0
        for k in range(curves.shape[0]):
            first, stop = max(0, (k - 3) * KNOTS), min(n, (k + 1) * KNOTS + 1)
            share, part, curve = weights[lead, k], line[first:stop], curves[k, first:stop]
            for i in range(part.shape[0]):
                part[i] += share * curve[i]
        row = out[lead]
        for i in range(n):
            row[i] -= line[i]
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
def _take_out_mean_beat(table: NDArray[np.float64], bins: NDArray[np.int64]) -> None:
    """Each column of a table (cells, columns) less the mean of the cells of the same place in the beat; a cell that tells nothing is left."""
    means = np.zeros((bins.max() + 1, table.shape[1]))
    seen = np.zeros(means.shape[0])
    for cell in range(table.shape[0]):
        if bins[cell] >= 0:
            row, total = table[cell], means[bins[cell]]
            for k in range(row.shape[0]):
                total[k] += row[k]
            seen[bins[cell]] += 1.0
    for place in range(means.shape[0]):
        if seen[place] > 0.0:
            means[place] /= seen[place]
    for cell in range(table.shape[0]):
        if bins[cell] >= 0:
            row, mean = table[cell], means[bins[cell]]
            for k in range(row.shape[0]):
                row[k] -= mean[k]
