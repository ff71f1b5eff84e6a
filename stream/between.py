"""Small waves between beats, P waves above all: what stands before a QRS is remembered, so that alone it is no missed beat.

Atria go on where the ventricles stand still. What is looked for as a missed beat then finds their waves, and each that was
counted would lower what the next one is measured by. A low wave that has the form and the size of what stands before the beats of
this bed, and has nothing of it before itself, is none: by the averages of what lies before R (`shape.learn_p`) and, for P waves
that lie anywhere, of the flat waves between sure QRS, each around its own peak. Noise averages out in all of them.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.shape import EARLY_P, P_FROM_S, P_TO_S
from stream.state import SHAPE_LEADS, SHAPE_RING

LOW = 0.6
"""Of the height of a QRS: what is higher is none of these waves."""
PR_S = 0.26, 0.14
"""A P wave may stand so long before what it is the P wave of, give or take."""
HALF_S, REACH_S = 0.07, 0.05
"""A wave of its own is kept for so long on both sides of its peak; waves are compared at the best of all places within REACH_S."""
WIDE_S = 0.12
"""A wide QRS may begin so long before R: what lies nearer to it may be its own."""
EDGE_S, HUMP = 0.03, 0.5
"""What is higher so near to an end is no wave but the begin of a QRS or the end of a T wave: this share of the highest square must lie between."""
KNOWN, SLOW = 8, 0.125
"""Waves from which on they are known; share of each further one in their average."""
ALIKE, SMALLEST, LARGEST = 0.85, 0.4, 1.5
"""Correlation with the average, and size in its measure. P waves alone have 0.95 to 1 and 0.9 to 1.4 (LUDB, lead II)."""
TOWERS = 2.0
"""What spans so many times as much as the averages do is none of these waves, with room for the noise on it: more than LARGEST."""
LEAST_P = 0.25
"""Size from which on a P wave stands before a QRS that has become small, it too may be smaller."""
DRAWN_OUT = 2.0
"""What is more like a wave drawn out to so many times its length than like the wave is wider than it: by 1.4 times, the root of this,
and more. P waves keep their width when they go on alone; a ventricular complex lasts 120 ms and more, a P wave about 100 ms."""
OTHER, ALIKE_WAVE, WIDER = 0, 1, 2
"""What `is_wave` tells: none of the waves, one of them, or one that is like them but for its width."""


@njit(cache=True)
def is_read(s, seat):
    """Whether a seat has a lead that takes part in finding beats."""
    return s.seats[seat] >= 0 and s.weight[s.seats[seat]] > 0.0


@njit(cache=True)
def _level_off(wave, count):
    """Take mean and slope of the first `count` samples off each lead of wave (n, SHAPE_LEADS)."""
    middle = 0.5 * (count - 1)
    norm = count * (count * count - 1.0) / 12.0
    for lead in range(SHAPE_LEADS):
        mean, slope = 0.0, 0.0
        for k in range(count):
            mean += wave[k, lead] / count
            slope += (k - middle) * wave[k, lead] / norm
        for k in range(count):
            wave[k, lead] -= mean + (k - middle) * slope


@njit(cache=True)
def _cut(s, first, count, out):
    """Copy `count` shape samples from `first` on into out (n, SHAPE_LEADS) in mV, each lead without its mean and slope."""
    for lead in range(SHAPE_LEADS):
        for k in range(count):
            out[k, lead] = s.shape_ring[(first + k) % SHAPE_RING, lead] * 1e-3
    _level_off(out, count)


@njit(cache=True)
def learn_wave(s, at, shape_hz):
    """Average the wave whose peak lies at shape sample `at`."""
    half, count = int(HALF_S * shape_hz), int(2.0 * HALF_S * shape_hz)
    if at - half + count > s.shapes or at - half <= s.shapes - SHAPE_RING:
        return
    wave = np.zeros((count, SHAPE_LEADS))
    _cut(s, at - half, count, wave)
    share = max(SLOW, 1.0 / (s.waves + 1.0))
    for lead in range(SHAPE_LEADS):
        for k in range(count):
            s.wave[k, lead] += np.float32(share * (wave[k, lead] - s.wave[k, lead]))
    s.waves += 1


@njit(cache=True)
def _like(s, begin, reach, wave, count):
    """Highest correlation of the shape samples from `begin` on with the first `count` of wave (n, SHAPE_LEADS) in the leads that
    are read, over shifts of up to `reach`, and their size in its measure; 0 where they are no longer known."""
    other, best, size, yy = np.zeros((count, SHAPE_LEADS)), 0.0, 0.0, 1e-9
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            yy += wave[k, lead] ** 2
    if begin - reach <= s.shapes - SHAPE_RING:
        return 0.0, 0.0
    for first in range(begin - reach, min(begin + reach, s.shapes - count) + 1):
        _cut(s, first, count, other)
        xy, xx = 0.0, 1e-9
        for lead in range(SHAPE_LEADS):
            for k in range(count if is_read(s, lead) else 0):
                xy += other[k, lead] * wave[k, lead]
                xx += other[k, lead] ** 2
        like = xy / math.sqrt(xx * yy)
        if like > best:
            best, size = like, xy / yy
    return best, size


@njit(cache=True)
def _drawn_out(wave, count, peak):
    """The first `count` of wave (n, SHAPE_LEADS), DRAWN_OUT times as long around sample `peak`."""
    longer = np.zeros_like(wave)
    for k in range(count):
        place = peak + (k - peak) / DRAWN_OUT
        first = int(place)
        part, second = place - first, min(first + 1, count - 1)
        for lead in range(SHAPE_LEADS):
            longer[k, lead] = (1.0 - part) * wave[first, lead] + part * wave[second, lead]
    _level_off(longer, count)
    return longer


@njit(cache=True)
def _is_like(s, at, known, begin_s, end_s, shape_hz):
    """Whether what lies around shape sample `at` has form and size of known (n, SHAPE_LEADS), what stands from `begin_s` to
    `end_s` before R, and has none of it there before itself; without a place before R (end 0), none where P waves may stand."""
    count, edge = int((begin_s - end_s) * shape_hz), int(EDGE_S * shape_hz)
    wave, peak, inner, highest = np.zeros((count, SHAPE_LEADS)), 0, 0.0, 0.0
    for lead in range(SHAPE_LEADS):
        for k in range(count if is_read(s, lead) else 0):
            wave[k, lead] = known[k, lead]
    _level_off(wave, count)
    for k in range(count):
        square = 0.0
        for lead in range(SHAPE_LEADS):
            square += wave[k, lead] ** 2
        if edge <= k < count - edge and square > inner:
            peak, inner = k, square
        highest = max(highest, square)
    if inner < HUMP * highest or peak in (edge, count - edge - 1):
        return OTHER
    reach = int(REACH_S * shape_hz)
    own, size = _like(s, at - peak, reach, wave, count)
    if own < ALIKE or not SMALLEST <= size <= LARGEST:
        return OTHER
    before, around = (begin_s, reach) if end_s > 0.0 else (PR_S[0], int(PR_S[1] * shape_hz))
    like, size = _like(s, at - (0 if end_s > 0.0 else peak) - int(before * shape_hz), around, wave, count)
    if like >= ALIKE and size >= LEAST_P:
        return OTHER
    like, size = _like(s, at - peak, reach, _drawn_out(wave, count, peak), count)
    return WIDER if like > own else ALIKE_WAVE


@njit(cache=True)
def _span(s, wave, count):
    """Largest difference (mV) within the first `count` of wave (n, SHAPE_LEADS) in the leads that are read, added up."""
    total = 0.0
    for lead in range(SHAPE_LEADS):
        if is_read(s, lead):
            low, high = wave[0, lead], wave[0, lead]
            for k in range(1, count):
                low, high = min(low, wave[k, lead]), max(high, wave[k, lead])
            total += high - low
    return total


@njit(cache=True)
def _towers(s, at, shape_hz):
    """Whether what lies within REACH_S of shape sample `at` is plainly larger than whatever stands before beats: soon told."""
    reach = int(REACH_S * shape_hz)
    around = np.zeros((2 * reach, SHAPE_LEADS))
    for lead in range(SHAPE_LEADS):
        for k in range(2 * reach):
            around[k, lead] = s.shape_ring[(min(at - reach + k, s.shapes)) % SHAPE_RING, lead] * 1e-3
    usual = 0.0
    if s.p_beats >= KNOWN:
        usual = max(
            _span(s, s.p_wave, int((P_FROM_S - P_TO_S) * shape_hz)),
            _span(s, s.p_early, int((EARLY_P[0] - EARLY_P[1]) * shape_hz)),
        )
    if s.waves >= KNOWN:
        usual = max(usual, _span(s, s.wave, int(2.0 * HALF_S * shape_hz)))
    return _span(s, around, 2 * reach) > TOWERS * usual


@njit(cache=True)
def is_wave(s, at, shape_hz):
    """Whether what lies around shape sample `at` is one of the waves that stand before beats, by the first of the averages that it
    is like: OTHER, ALIKE_WAVE or WIDER; OTHER where none are known."""
    kind = OTHER
    if _towers(s, at, shape_hz):
        return kind
    if s.p_beats >= KNOWN:
        kind = _is_like(s, at, s.p_wave, P_FROM_S, P_TO_S, shape_hz)
        if kind == OTHER:
            kind = _is_like(s, at, s.p_wave, P_FROM_S, WIDE_S, shape_hz)
        if kind == OTHER:
            kind = _is_like(s, at, s.p_early, EARLY_P[0], EARLY_P[1], shape_hz)
    if kind == OTHER and s.waves >= KNOWN:
        kind = _is_like(s, at, s.wave, 2.0 * HALF_S, 0.0, shape_hz)
    return kind
