"""What can be relied on of what was measured: noise against the slope at which a QRS ends, and how sure its axis is.

A QRS begins and ends where its slope stays below a small share of its steepest one (`delineate`). Where noise alone has such a slope the edge is wherever
the noise happens to be calm, in all leads alike, so that they agree on what is wrong; PR, QRS, QT and the axis rest on it.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stream.around import Spans
from stream.delineate import quartiles, slopes
from stream.measurement import Estimate, Measurements

SHARE = 0.05
"""Of the steepest slope of a beat: what noise of the slope is told in; the limits below were chosen with it."""
STEP = 4
"""Samples between those that noise is told from."""
BESIDE, AROUND = 60, 7
"""Samples beside R that hold a QRS; samples to either side whose mean slope is that of the waves."""
STILL_MV, STILL = 2e-4, 25
"""A slope that differs so little from those around it is that of a line without any noise (a white one of 1 uV has eight times as much), and so many of them in a row, 0.2 s,
are a line that was held or filled in: what comes out of such a stretch tells nothing of the noise beside it."""
LEAST = 100
"""Samples outside of QRS complexes that tell a noise."""
TO_SD = 1.4826
"""From the median of absolute values, and from half the interquartile range, to the standard deviation of a normal distribution."""
EDGE_NEAR, EDGE_MOST = 0.5, 0.9
"""`edge_noise` of the quietest quarter of the leads from which on an edge of the QRS is relied on only where the width is the same from beat to beat, and not
at all (chosen on odd-numbered records of LUDB, PTB-XL and CinC 2021 under white noise of 10 to 50 uV and muscle noise of 30 uV)."""
WIDTH_STEADY_MS = 6.0
"""Half the spread of the width between the quartiles of the beats below which it counts as the same (chosen likewise)."""
AXIS_MOST_DEG = 25.0
"""Standard error of the axis above which it is not told (chosen likewise)."""
AXIS_APART_DEG = 30.0
"""Half the spread of the axis between the quartiles of the beats from which on it is not told either, however many they are: the step between neighbouring limb leads. What moves
the baseline moves beats that follow each other alike, so that their number makes the error no smaller."""
WIDENS_MS = 20.0
"""By which noise of the slope as large as that at which a QRS begins (`edge_noise` 1) makes a QRS seem wider at most: so much of it as there is noise (19 in 20
even-numbered records of LUDB and PTB-XL under white noise of 10 to 30 uV)."""
WIDENED_MS = 10.0
"""From which on that is told beside the width: the mean error that IEC 60601-2-51 allows for a QRS duration."""
ST_MV, ST_ERRORS = 0.06, 2.0
"""By which such noise moves an ST level, for it moves the J point (chosen likewise, 9 in 10 leads), and standard errors over the beats beside it."""
AVF = 2.0 / math.sqrt(3.0)
"""By which the axis of the augmented aVF is longer than that of I (Goldberger 1942, Am Heart J 23, 483-492)."""


def quietest(signal_mv: NDArray[np.float64], peaks: NDArray[np.int64], lost: Spans = ()) -> float | None:
    """`edge_noise` of the quietest quarter of the leads (leads, n) outside of what was lost; None where no lead tells it."""
    away, reach = np.zeros(signal_mv.shape[1], np.bool_), AROUND + 3
    for first, stop in lost:
        away[max(0, first - reach) : stop + reach] = True
    low, _, _, known = quartiles(_edge_noises(signal_mv, peaks, away)).tolist()
    return round(low, 3) if known else None


def edges_hidden(m: Measurements) -> str:
    """Why begin and end of the QRS are hidden, on which PR, QRS, QT and axis rest; empty where they are not, or nobody measured the noise."""
    if m.edge_noise is None or m.edge_noise < EDGE_NEAR:
        return ""
    steady = m.qrs_ms is not None and m.qrs_ms.spread < WIDTH_STEADY_MS
    if steady and m.edge_noise < EDGE_MOST:
        return ""
    return "noise hides where the QRS begins and ends"


def widened_ms(m: Measurements) -> float:
    """By how much noise may have widened the QRS; 0 where nobody measured the noise. It makes none narrower."""
    return WIDENS_MS * (m.edge_noise or 0.0)


def widened(m: Measurements) -> str:
    """What is told beside the width of a QRS that noise may have widened; empty where that is less than a width may be wrong anyway."""
    by_ms = widened_ms(m)
    return f"noise may have widened it by up to {by_ms:.0f} ms" if by_ms >= WIDENED_MS else ""


def st_error_mv(level: Estimate, m: Measurements) -> float:
    """By how much an ST level (mV) may be wrong: its spread over the beats, and the noise that moves the J point."""
    return ST_ERRORS * _standard_error(level) + ST_MV * (m.edge_noise or 0.0)


def axis_unsure(m: Measurements) -> str:
    """Why the axis is not told though it was measured; empty where it may be."""
    if hidden := edges_hidden(m):
        return hidden
    error, spread = axis_error_deg(m) or 0.0, m.axis_spread_deg or 0.0
    if error >= AXIS_MOST_DEG:
        return f"the net areas in I and aVF are too small for their spread over the beats (standard error {error:.0f} degrees)"
    if spread < AXIS_APART_DEG:
        return ""
    return f"it differs from beat to beat (spread {spread:.0f} degrees), as where the baseline moves"


def axis_error_deg(m: Measurements) -> float | None:
    """Standard error of the axis by the spread of the net areas in I and aVF over the beats; None where either is not known."""
    area = {lead.lead: lead.qrs_area_mvms for lead in m.leads if lead.lead in ("I", "aVF")}
    one, foot = area.get("I"), area.get("aVF")
    if one is None or foot is None:
        return None
    return turned(one, foot, _standard_error(one), _standard_error(foot))


def turned(one: Estimate, foot: Estimate, by: float, foot_by: float) -> float | None:
    """By how much the axis turns, in degrees, as the net areas in I and aVF change by so much (first order); None without areas."""
    x, y = one.value, AVF * foot.value
    if x == 0.0 and y == 0.0:
        return None
    return math.degrees(math.hypot(x * AVF * foot_by, y * by) / (x * x + y * y))


def _standard_error(one: Estimate) -> float:
    return TO_SD * one.spread / math.sqrt(max(1, one.beats))


@njit(cache=True)
def edge_noise(y: NDArray[np.float64], peaks: NDArray[np.int64], away: NDArray[np.bool_]) -> float:
    """Noise of the slope between the QRS complexes of one lead over the slope at which its QRS begins; NaN where it cannot be told.

    y: (n,) mV at 500 Hz; peaks: (beats,) R samples, ascending; away: (n,) what is left out, as is a stretch without any noise. From about 1 on noise by itself keeps the edge
    from being found.
    """
    d, n = slopes(y), y.shape[0]
    found, count, still, k = np.empty(n // STEP + 1), 0, 0, 0
    for i in range(AROUND + 3, n - AROUND - 3, STEP):
        while k < peaks.shape[0] and peaks[k] + BESIDE < i:
            k += 1
        if away[i] or (k < peaks.shape[0] and peaks[k] - BESIDE <= i):
            still = 0
            continue
        total = 0.0
        for m in range(i - AROUND, i + AROUND + 1):
            total += d[m]
        found[count] = abs(d[i] - total / (2 * AROUND + 1))
        still = still + 1 if found[count] < STILL_MV else 0
        count += 1
        if still >= STILL:
            count -= still if still == STILL else 1
    tops, known = np.empty(peaks.shape[0]), 0
    for r in peaks:
        if BESIDE <= r < n - BESIDE:
            tops[known] = np.abs(d[r - BESIDE : r + BESIDE]).max()
            known += 1
    if count < LEAST or known == 0:
        return np.nan
    top = np.median(tops[:known])
    return TO_SD * np.median(found[:count]) / (SHARE * top) if top > 0.0 else np.nan


@njit(cache=True)
def _edge_noises(
    signal_mv: NDArray[np.float64], peaks: NDArray[np.int64], away: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """`edge_noise` of each lead (leads, n)."""
    found = np.empty(signal_mv.shape[0])
    for lead in range(signal_mv.shape[0]):
        found[lead] = edge_noise(signal_mv[lead], peaks, away)
    return found
