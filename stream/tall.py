"""Tall T waves: what follows each QRS again and again, at one distance, rounder than it, is the T wave of it, however high.

In the band in which beats are found a pointed T wave is as high and as steep as a QRS (a half sine or squared cosine of 180 ms and 1.2 mV beside a
QRS of 1 mV and 100 ms, IEC 60601-2-27): no height or slope tells them apart. Three things do. It bends less sharply. It comes within the reach of a
T wave, and at the distance at which the same form lay behind the beats before, small or large. And it comes behind every one of them. A ventricular
beat that is as near has the wrong form or was not there before. The first ones of a bigeminy are beats, for none like them stood behind the beats before;
and what was a beat behind most of these is one again.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.between import is_read
from stream.shape import correlate, cut, energy
from stream.state import SHAPE_LEADS, SHAPE_RING

ROUND, BLUNT = 0.6, 0.9
"""Sharpest bend of the slope in that of the QRS, below which a wave is a T wave: beside a QRS of 1 mV and 100 ms, as blunt as a narrow one becomes, made
T waves of 1.4 mV have 0.1 (half sine), 0.2 (squared cosine) and 0.5 (one that falls in less than half the time in which it rises). It need only be no
sharper where it comes sooner than a beat does and is as large as those before."""
NEAR_SHARE, NEAR_S = 0.3, 0.28
"""So many square roots of the RR (s) behind R, and not later than so many seconds, no ventricular beat of one form comes behind every
beat (our own limits: no beat of the 48 records of MIT-BIH, nor of NSTDB, is taken for a T wave by them)."""
T_FROM_S, T_TO_S, T_OF_V = 0.18, 0.4, 0.3
"""A ventricular beat has a T wave of its own between these times behind it, of this share of its height or more: what is later than NEAR_S must have none."""
GROWN = 4.0
"""Energy in that of the waves before, from which on a wave is larger than they."""
NO_T, TALL, GREW = 0, 1, 2
"""What a wave may be: none of the T waves, one as large as those before, or one that is larger than most of them."""
SHARP = 0.6
"""And from which on a wave may be another QRS like it."""
BEND_S = 0.06
"""Bends are looked for so far from the peak of a wave."""
PEAK_SHARE, LATEST_S = 0.34, 0.42
"""A T wave peaks so many square roots of the RR (s) behind R, and not later: the QT interval of 0.46 s at 60/min, the upper limit of normal (Bazett 1920,
Heart 7, 353-370; AHA 2009, Circulation 119, e241-e250), less 0.05 s before R and 0.07 s behind the peak; 0.42 s at slow rates."""
R_S = 0.07
"""R lies this near to where the feature has its peak, which is flat where a QRS is larger than those before."""
HUMP_S, AHEAD_S, BEHIND_S = 0.08, 0.09, 0.05
"""Half the width of a hump, and how far ahead of the peak in the feature and behind it its middle is looked for."""
SOONEST_S = 0.1
"""Nearer to R than this a QRS ends."""
QRS_S, WAVE_S = (0.06, 0.06), (0.07, 0.11)
"""Before and behind their peaks: what is compared of a QRS and of a T wave."""
SAME_QRS, SAME_WAVE = 0.9, 0.9
"""Correlations from which on they are alike."""
HALF, TWICE = 0.4, 2.5
"""Energy of a QRS in that of the newest: its height may be a third less or a half more."""
LEAST, SHARE = 2, 0.75
"""So many QRS before the newest are looked at, at least, and this share of them has the wave behind it."""
STRAY = 2
"""Shape samples by which the distance of a wave from its QRS may differ."""
LEARNT_S = 3.0
"""So long the heights of a bed are learnt (`heights.LEARNING_S`): before that nothing was seen."""
APART_S = 0.28
"""Two QRS of a bed with tall T waves lie so far apart: at 200/min no T wave is told from the next QRS."""


@njit(cache=True)
def _sharpness(s, at, reach, shape_hz):
    """The sharpest bend of the slope (third difference, mV) within `reach` of shape sample `at`, leads added."""
    most = 1e-9
    for k in range(at - reach, min(at + reach, s.shapes - 3) + 1):
        total = 0.0
        for lead in range(SHAPE_LEADS):
            if is_read(s, lead):
                a, b = s.shape_ring[k % SHAPE_RING, lead], s.shape_ring[(k + 1) % SHAPE_RING, lead]
                c, d = s.shape_ring[(k + 2) % SHAPE_RING, lead], s.shape_ring[(k - 1) % SHAPE_RING, lead]
                total += abs((np.float64(c) - np.float64(d)) - 3.0 * (np.float64(b) - np.float64(a)))
        most = max(most, total)
    return most


@njit(cache=True)
def _alike(s, at, known, before, count, stray):
    """Highest correlation of known (n, SHAPE_LEADS) with what lies within `stray` samples of shape sample `at`, the energy there in its own, and where."""
    other, best, size, found = np.zeros((count, SHAPE_LEADS), np.float32), -1.0, 0.0, at
    for place in range(at - stray, at + stray + 1):
        cut(s, place, before, count, other)
        like = correlate(other, known, count)
        if like > best:
            best, size, found = like, energy(other, count) / energy(known, count), place
    return best, size, found


@njit(cache=True)
def _find_qrs(s, r, oldest, turn, shape_hz, places):
    """Fill places with the shape samples of QRS like the one at `r`, newest first, back to `oldest`: those that were found, and before them, where the
    heights were still being learnt, those that look like it. Gives how many."""
    before, count = int(QRS_S[0] * shape_hz), int((QRS_S[0] + QRS_S[1]) * shape_hz)
    known, apart, found = np.zeros((count, SHAPE_LEADS), np.float32), int(APART_S * shape_hz), 0
    bend, around = int(BEND_S * shape_hz), int(R_S * shape_hz)
    least = SHARP * _sharpness(s, r, bend, shape_hz)
    cut(s, r, before, count, known)
    behind = r
    for back in range(1, min(s.qrs_count, 8)):
        at = int(s.peak_at[(s.qrs_count - 1 - back) % 8] * turn[0] + turn[1])
        if at - around < oldest or found == places.shape[0]:
            return found
        like, size, at = _alike(s, at, known, before, count, around)
        if like >= SAME_QRS and HALF <= size <= TWICE and _sharpness(s, at, bend, shape_hz) >= least:
            places[found], behind, found = at, at, found + 1
    learned_at = int(s.learned_at * turn[0] + turn[1])
    at, best, like_at = min(behind - apart, learned_at), -1.0, 0
    while at >= max(oldest, learned_at - LEARNT_S * shape_hz) and found < places.shape[0]:
        like, size, _ = _alike(s, at, known, before, count, 0)
        if like >= SAME_QRS and HALF <= size <= TWICE and like > best and _sharpness(s, at, bend, shape_hz) >= least:
            best, like_at = like, at
        if best > 0.0 and at <= like_at - before:
            places[found], found = like_at, found + 1
            at, best = like_at - apart + 1, -1.0
        at -= 1
    return found


@njit(cache=True)
def _highest(s, first, last, shape_hz):
    """Where, of shape samples first to last, a hump as wide as a T wave is highest, and how high (uV, leads added, twice)."""
    wide, best, place = int(HUMP_S * shape_hz), 0.0, first
    for k in range(first, min(last, s.shapes - wide) + 1):
        height = 0.0
        for lead in range(SHAPE_LEADS):
            if is_read(s, lead):
                sides = (
                    np.float64(s.shape_ring[(k - wide) % SHAPE_RING, lead])
                    + s.shape_ring[(k + wide) % SHAPE_RING, lead]
                )
                height += abs(2.0 * np.float64(s.shape_ring[k % SHAPE_RING, lead]) - sides)
        if height > best:
            best, place = height, k
    return place, best


@njit(cache=True)
def rests(s, t, end, shape_hz):
    """Whether nothing like a T wave follows the wave at shape sample `t` until the next QRS at `end`, as one follows a ventricular beat."""
    _, own = _highest(s, t - STRAY, t + STRAY, shape_hz)
    _, next_one = _highest(
        s, t + int(T_FROM_S * shape_hz), min(t + int(T_TO_S * shape_hz), end - int(2.0 * HUMP_S * shape_hz)), shape_hz
    )
    return next_one < T_OF_V * own


@njit(cache=True)
def _sharpest(s, first, last, shape_hz):
    """Which of shape samples first to last bends the most sharply."""
    sharpest, place = -1.0, first
    for k in range(first, last + 1):
        sharp = _sharpness(s, k, 0, shape_hz)
        if sharp > sharpest:
            sharpest, place = sharp, k
    return place


@njit(cache=True)
def _reach(rr, share, most_s, shape_hz):
    """Shape samples behind R within which a wave lies at an interval of `rr` samples."""
    return min(share * math.sqrt(rr / shape_hz), most_s) * shape_hz


@njit(cache=True)
def _was_beat(s, at, turn, around):
    """Whether one of the last QRS that were found lies within `around` of shape sample `at`."""
    for back in range(min(s.qrs_count, 8)):
        if abs(int(s.peak_at[(s.qrs_count - 1 - back) % 8] * turn[0] + turn[1]) - at) <= around:
            return True
    return False


@njit(cache=True)
def is_tall_t(s, at, turn, shape_hz):
    """Whether the peak at feature sample `at` is the T wave of the last QRS (TALL, or GREW where it is larger than most before): round, in its time, and
    where the beats before had one of that form."""
    t, bend = int(at * turn[0] + turn[1]), int(BEND_S * shape_hz)
    t, _ = _highest(s, t - int(AHEAD_S * shape_hz), t + int(BEHIND_S * shape_hz), shape_hz)
    first, last = t - int(LATEST_S * shape_hz), t - int(SOONEST_S * shape_hz)
    if s.qrs_count > 0:
        r, around = int(s.last_at * turn[0] + turn[1]), int(R_S * shape_hz)
        first, last = r - around, min(last, r + around)
    r = _sharpest(s, first, last, shape_hz)
    if not SOONEST_S * shape_hz <= t - r <= LATEST_S * shape_hz:
        return NO_T
    sharp = _sharpness(s, t, bend, shape_hz) / _sharpness(s, r, bend, shape_hz)
    before, count = int(WAVE_S[0] * shape_hz), int((WAVE_S[0] + WAVE_S[1]) * shape_hz)
    oldest = s.shapes - SHAPE_RING + before + STRAY + 1
    if sharp > BLUNT or t - before + count > s.shapes:
        return NO_T
    places, wave = np.zeros(5, np.int64), np.zeros((count, SHAPE_LEADS), np.float32)
    found, same = _find_qrs(s, r, oldest, turn, shape_hz, places), 0
    if found < LEAST:
        return NO_T
    reach, near = (
        _reach(r - places[0], PEAK_SHARE, LATEST_S, shape_hz),
        _reach(r - places[0], NEAR_SHARE, NEAR_S, shape_hz),
    )
    cut(s, t, before, count, wave)
    beats, grew, around = 0, 0, int(AHEAD_S * shape_hz) + STRAY
    for k in range(found):
        like, size, _ = _alike(s, places[k] + t - r, wave, before, count, STRAY)
        grew += size * GROWN < 1.0
        same += like >= SAME_WAVE
        beats += like >= SAME_WAVE and _was_beat(s, places[k] + t - r, turn, around)
    in_time = (grew == 0 and t - r <= near) or (sharp <= ROUND and t - r <= reach)
    if in_time and t - r > NEAR_S * shape_hz:
        in_time = rests(s, places[0] + t - r, r, shape_hz)
    if not in_time or same < LEAST or same < SHARE * found or 2 * beats >= same:
        return NO_T
    return GREW if 2 * grew > found else TALL
