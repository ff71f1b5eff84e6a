"""P, QRS and T of one beat in one lead: where they begin, peak and end. 500 samples a second; pure arithmetic.

QRS ends where the slope stays low; T and P are the largest deviation in their window, and end by the trapezium-area
rule of Zhang, Manriquez, Medigue, Papelier and Sorine (2006, Comput Cardiol 33, 305-308).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

HZ = 500
P_ON, P_PEAK, P_OFF, QRS_ON, R, QRS_OFF, T_ON, T_PEAK, T_OFF = range(9)
ABSENT = -1
FARTHEST = (50, 60)
"""Samples before and behind R within which a QRS begins and ends steeply."""
BESIDE = (6, 6)
"""Samples by which the QRS of one lead may reach beyond that of all together."""
PR_FROM, PR_TO = 20, 8
"""Samples before QRS onset between which the PR level is taken."""
J60_SAMPLES, J80_SAMPLES = 30, 40


class Limits(NamedTuple):
    """What decides where a wave begins and ends and whether it is there; chosen on LUDB (`vigil learn delineation`)."""

    on_share: float = 0.08
    off_share: float = 0.06
    """Of the steepest slope of the beat: below it for 8 ms, the QRS has not begun or is over."""
    p_least_mv: float = 0.025
    p_near: float = 12.0
    """Leads agree on a P wave when their peaks lie within this many samples of the median."""
    p_leads: float = 0.4
    p_steady_ms: float = 36.0
    """A beat has a P wave when this share of the leads agrees on one, no farther than this from the usual distance to the QRS."""
    p_share: float = 0.65
    """There are P waves when this share of the beats has one."""
    t_least_mv: float = 0.02
    t_tail: float = 0.7
    """The line from which a T wave is measured: this share of it the level behind the wave, the rest that before the QRS."""
    t_reach: float = 50.0
    """Samples behind its steepest descent within which a T wave ends."""
    p_bias_ms: float = 25.5
    pr_bias_ms: float = 14.7
    qrs_bias_ms: float = -9.0
    qt_bias_ms: float = -3.0
    """Constant parts of the error of the medians over leads, against the reference marks."""


CHOSEN = Limits()
"""By these Vigil measures."""


@njit(cache=True)
def slopes(y):
    """Smoothed slope of a signal (n,), mV a sample times five."""
    d = np.zeros(y.shape[0])
    for i in range(3, y.shape[0] - 3):
        d[i] = (y[i + 2] - y[i - 2]) + 0.5 * (y[i + 3] - y[i - 3])
    return d


@njit(cache=True)
def smooth(y):
    """Mean over 30 ms around each sample."""
    out = y.copy()
    for i in range(7, y.shape[0] - 7):
        total = 0.0
        for k in range(-7, 8):
            total += y[i + k]
        out[i] = total / 15.0
    return out


@njit(cache=True)
def _area_end(y, steep, reach, sign):
    """The sample from `steep` towards `reach` with the largest trapezium: the end of a wave."""
    best, at = -1.0, steep
    length = abs(reach - steep)
    down = y[steep] >= y[reach]
    for k in range(length + 1):
        i = steep + sign * k
        height = y[steep] - y[i]
        area = 0.5 * abs(height) * (2 * length - k) if (height >= 0) == down else 0.0
        if area > best:
            best, at = area, i
    return at


@njit(cache=True)
def _steepest(y, start, stop, step):
    best, at = 0.0, start
    i = start
    while (i < stop) if step > 0 else (i > stop):
        if 2 <= i < y.shape[0] - 2:
            value = abs(y[i + 2] - y[i - 2])
            if value > best:
                best, at = value, i
        i += step
    return at


@njit(cache=True)
def _qrs_edge(d, r, sign, share, top, reach):
    """Walk out from the outermost steep place within `reach` of R until the slope stays below `share` for four samples."""
    n = d.shape[0]
    i = max(1, min(n - 2, r + sign * reach))
    while i != r and abs(d[i]) < share * 2.2 * top:
        i -= sign
    calm, edge = 0, i
    for k in range(90):
        j = i + sign * k
        if j <= 0 or j >= n - 1:
            break
        if abs(d[j]) < share * top:
            calm += 1
            if calm >= 4:
                return j - sign * 3
        else:
            calm = 0
            edge = j
    return edge


@njit(cache=True)
def _t_wave(ys, r, on, off, rr_next, limits, out):
    n = ys.shape[0]
    start = off + 30
    stop = min(r + int(min(0.65 * rr_next, 270.0)), n - 3)
    if stop - start < 40:
        return
    level, tail = ys[max(0, on - 6)], ys[stop]
    base = (1.0 - limits.t_tail) * level + limits.t_tail * tail
    best, peak = 0.0, ABSENT
    for i in range(start + 5, stop - 10):
        value = abs(ys[i] - base)
        if value > best:
            best, peak = value, i
    if peak < 0 or best < limits.t_least_mv:
        return
    out[T_PEAK] = peak
    steep = _steepest(ys, peak, min(stop, peak + 90), 1)
    reach = min(n - 1, steep + int(limits.t_reach), r + int(0.8 * rr_next))
    if reach > steep + 8:
        out[T_OFF] = _area_end(ys, steep, reach, 1)
    steep = _steepest(ys, peak, max(start - 10, peak - 90), -1)
    reach = max(off, steep - 60)
    if steep - reach > 8:
        out[T_ON] = _area_end(ys, steep, reach, -1)


@njit(cache=True)
def _p_wave(ys, r, on, rr_before, t_end_before, least_mv, out):
    start = max(on - 120, 1, t_end_before + 8)
    if rr_before < 350:
        start = max(start, r - int(0.45 * rr_before))
    stop = on - 8
    if stop - start <= 25:
        return
    left = (ys[start] + ys[start + 1] + ys[start + 2] + ys[start + 3]) / 4.0
    right = (ys[stop] + ys[stop - 1] + ys[stop - 2] + ys[stop - 3]) / 4.0
    best, peak = 0.0, ABSENT
    for i in range(start + 5, stop - 4):
        value = abs(ys[i] - (left + (right - left) * (i - start) / (stop - start)))
        if value > best:
            best, peak = value, i
    if peak < 0 or best < least_mv:
        return
    out[P_PEAK] = peak
    steep = _steepest(ys, peak, min(stop, peak + 35), 1)
    reach = min(on - 2, steep + 35)
    out[P_OFF] = _area_end(ys, steep, reach, 1) if reach > steep + 4 else min(peak + 20, on - 4)
    steep = _steepest(ys, peak, max(start, peak - 40), -1)
    reach = max(start - 10, steep - 35, 2)
    out[P_ON] = _area_end(ys, steep, reach, -1) if steep - reach > 4 else peak - 25


@njit(cache=True)
def extents(signal, peaks, limits):
    """How far before and behind each R the QRS reaches in all leads together: (beats, 2) samples.

    signal: (leads, n) float64 mV at 500 Hz. By the length of the slope over the leads, in which those with a large QRS
    count most, so that a P wave beside a small QRS of one lead is not taken for its beginning.
    """
    total = np.zeros(signal.shape[1])
    for lead in range(signal.shape[0]):
        total += slopes(signal[lead]) ** 2
    total = np.sqrt(total)
    found = np.empty((peaks.shape[0], 2), np.int64)
    for k in range(peaks.shape[0]):
        r = peaks[k]
        found[k, 0], found[k, 1] = FARTHEST
        if FARTHEST[1] <= r < signal.shape[1] - FARTHEST[1]:
            top = total[r - FARTHEST[1] : r + FARTHEST[1]].max()
            found[k, 0] = r - _qrs_edge(total, r, -1, limits.on_share, top, FARTHEST[0]) + BESIDE[0]
            found[k, 1] = _qrs_edge(total, r, 1, limits.off_share, top, FARTHEST[1]) - r + BESIDE[1]
    return found


@njit(cache=True)
def delineate(y, peaks, reach, limits):
    """Fiducial points of every beat of one lead.

    y: (n,) float64 mV at 500 Hz; peaks: (beats,) R samples; reach: `extents` of the beats. Gives (beats, 9) int64 in the order of the constants,
    ABSENT where a wave is not there. Bounded: at most some 600 steps a beat.
    """
    n, count = y.shape[0], peaks.shape[0]
    d, ys = slopes(y), smooth(y)
    found = np.full((count, 9), ABSENT, np.int64)
    t_end = -1000
    for k in range(count):
        r = peaks[k]
        before = r - peaks[k - 1] if k > 0 else (peaks[1] - peaks[0] if count > 1 else 400)
        after = peaks[k + 1] - r if k < count - 1 else before
        if r < 70 or r > n - 70:
            t_end = -1000
            continue
        top = 0.0
        for i in range(r - 60, r + 60):
            top = max(top, abs(d[i]))
        if top <= 0.0:
            continue
        out = found[k]
        out[QRS_ON] = _qrs_edge(d, r, -1, limits.on_share, top, min(FARTHEST[0], reach[k, 0]))
        out[R] = r
        out[QRS_OFF] = _qrs_edge(d, r, 1, limits.off_share, top, min(FARTHEST[1], reach[k, 1]))
        _t_wave(ys, r, out[QRS_ON], out[QRS_OFF], after, limits, out)
        _p_wave(ys, r, out[QRS_ON], before, t_end, limits.p_least_mv, out)
        t_end = out[T_OFF] if out[T_OFF] > 0 else -1000
    return found


@njit(cache=True)
def delineate_all(signal, peaks, limits):
    """`delineate` of every lead of a signal (leads, n) mV, with the extents of all together: (leads, beats, 9)."""
    found, reach = np.empty((signal.shape[0], peaks.shape[0], 9), np.int64), extents(signal, peaks, limits)
    for lead in range(signal.shape[0]):
        found[lead] = delineate(signal[lead], peaks, reach, limits)
    return found


@njit(cache=True)
def quartiles(values):
    """(25 %, 50 %, 75 %, count) of what is not NaN in values (n,), interpolated linearly; count 0 where all is."""
    known = np.sort(values[~np.isnan(values)])
    n = known.shape[0]
    found = np.full(4, np.nan)
    found[3] = n
    if n == 0:
        return found
    for k in range(3):
        place = 0.25 * (k + 1) * (n - 1)
        low = int(place)
        high = min(low + 1, n - 1)
        found[k] = known[low] + (known[high] - known[low]) * (place - low)
    return found


@njit(cache=True)
def _middle(column, least):
    """Median of the marks that are there, ABSENT (as float) where fewer than `least` are."""
    found = np.sort(column[column >= 0])
    n = found.shape[0]
    if n < least or n == 0:
        return np.float64(ABSENT)
    return 0.5 * (found[(n - 1) // 2] + found[n // 2])


@njit(cache=True)
def over_leads(marks, least, near_by):
    """Fiducial points of each beat as the median over leads, and the share of leads that agree on its P wave.

    marks (leads, beats, 9). Gives (beats, 10) float64, ABSENT where fewer than `least` leads know a point. P onset and
    end are those of the leads whose P peak lies within `near_by` samples of the median.
    """
    leads, beats = marks.shape[0], marks.shape[1]
    out = np.full((beats, 10), np.float64(ABSENT))
    near = np.zeros(leads, np.bool_)
    for k in range(beats):
        for i in range(9):
            out[k, i] = _middle(marks[:, k, i], least)
        for lead in range(leads):
            peak = marks[lead, k, P_PEAK]
            near[lead] = peak >= 0 and abs(peak - out[k, P_PEAK]) <= near_by
        out[k, 9] = near.sum() / leads
        for i in (P_ON, P_PEAK, P_OFF):
            out[k, i] = _middle(marks[:, k, i][near], least)
    return out


@njit(cache=True)
def amplitudes(y, marks):
    """P, Q (mV, ms), R, S, T, ST at J and J+60 (mV), QRS area (mV ms), ST at J+80 (mV) of each beat, against its PR level.

    y (n,) mV of one lead at 500 Hz; marks (beats, 9). Gives (beats, 10); NaN where a wave is not there.
    """
    found = np.full((marks.shape[0], 10), np.nan)
    n = y.shape[0]
    for k in range(marks.shape[0]):
        on, off = marks[k, QRS_ON], marks[k, QRS_OFF]
        if on < 20 or off <= on:
            continue
        level = 0.0
        for i in range(on - PR_FROM, on - PR_TO):
            level += y[i]
        level /= PR_FROM - PR_TO
        r, area = on, 0.0
        for i in range(on, off + 1):
            area += y[i] - level
            if y[i] > y[r]:
                r = i
        tall = y[r] - level >= 0.05
        _q_and_s(y, on, off, r, tall, level, found[k])
        if marks[k, P_PEAK] >= 0:
            found[k, 0] = y[marks[k, P_PEAK]] - level
        if tall:
            found[k, 3] = y[r] - level
        if marks[k, T_PEAK] >= 0:
            found[k, 5] = y[marks[k, T_PEAK]] - level
        found[k, 6] = y[off] - level
        if off + J60_SAMPLES < n:
            found[k, 7] = y[off + J60_SAMPLES] - level
        found[k, 8] = area * 1000.0 / HZ
        if off + J80_SAMPLES < n:
            found[k, 9] = y[off + J80_SAMPLES] - level
    return found


@njit(cache=True)
def _q_and_s(y, on, off, r, tall, level, out):
    """The deepest points before and behind R, where they are deeper than 0.02 mV; a complex without R has no Q."""
    deepest, width = 0.0, 0
    for i in range(on, (r if tall else off) + 1):
        deepest = min(deepest, y[i] - level)
        width += y[i] - level < -0.02
    if tall and deepest < -0.02:
        out[1], out[2] = deepest, width * 1000.0 / HZ
    after = 0.0
    for i in range(r if tall else on, off + 1):
        after = min(after, y[i] - level)
    if after < -0.02:
        out[4] = after


@njit(cache=True)
def over_beats(signal, marks, spans):
    """`quartiles` of the `amplitudes` of each lead, then of spans (leads, beats, 3): (leads, 13, 4). marks: (leads, beats, 9)."""
    found = np.empty((signal.shape[0], 13, 4))
    for lead in range(signal.shape[0]):
        values = amplitudes(signal[lead], marks[lead])
        for k in range(10):
            found[lead, k] = quartiles(values[:, k].copy())
        for k in range(3):
            found[lead, 10 + k] = quartiles(spans[lead, :, k].copy())
    return found
