"""Small waves between beats, P waves above all: what stands before a QRS is remembered, so that alone it is no missed beat.

Atria go on where the ventricles stand still. What is looked for as a missed beat then finds their waves, and each that was
counted would lower what the next one is measured by. A low wave that has the form and the size of what stands before the beats of
this bed is none: by the average of what lies before R (`shape.learn_p`), and where P waves lie farther ahead, or anywhere, by
one of the waves that came shortly before a sure QRS, each around its own peak. Noise averages out in both.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.shape import P_FROM_S, P_TO_S
from stream.state import SHAPE_LEADS, SHAPE_RING

AHEAD_S, SOONEST_S = 0.35, 0.08
"""A P wave stands so long before R at most, and at least."""
LOW = 0.6
"""Of the height of a QRS: what is higher is none of these waves."""
HALF_S, REACH_S = 0.07, 0.05
"""A wave of its own is kept for so long on both sides of its peak; waves are compared at the best of all places within REACH_S."""
WIDE_S = 0.12
"""A wide QRS may begin so long before R: what lies nearer to it may be its own."""
EDGE_S = 0.03
"""What is highest so near to an end is no wave but the begin of a QRS or the end of a T wave."""
KNOWN, SLOW = 8, 0.125
"""Waves from which on they are known; share of each further one in their average."""
ALIKE, SMALLEST, LARGEST = 0.85, 0.4, 1.8
"""Correlation with the average, and size in its measure. P waves alone have 0.95 to 1 and 0.9 to 1.4 (LUDB, lead II)."""


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
    half = int(HALF_S * shape_hz)
    if at + half > s.shapes or at - half <= s.shapes - SHAPE_RING:
        return
    wave = np.zeros((2 * half + 1, SHAPE_LEADS))
    _cut(s, at - half, 2 * half + 1, wave)
    share = max(SLOW, 1.0 / (s.waves + 1.0))
    for lead in range(SHAPE_LEADS):
        for k in range(2 * half + 1):
            s.wave[k, lead] += np.float32(share * (wave[k, lead] - s.wave[k, lead]))
    s.waves += 1


@njit(cache=True)
def _is_like(s, at, known, count, shape_hz):
    """Whether what lies around shape sample `at` has form and size of the first `count` samples of known (n, SHAPE_LEADS)."""
    wave, other = np.zeros((count, SHAPE_LEADS)), np.zeros((count, SHAPE_LEADS))
    peak, highest, yy = 0, 0.0, 1e-9
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            wave[k, lead] = known[k, lead]
    _level_off(wave, count)
    for k in range(count):
        square = 0.0
        for lead in range(SHAPE_LEADS):
            square += wave[k, lead] ** 2
        yy += square
        if square > highest:
            peak, highest = k, square
    reach, edge, best, size = int(REACH_S * shape_hz), int(EDGE_S * shape_hz), 0.0, 0.0
    if not edge <= peak < count - edge or at - peak - reach <= s.shapes - SHAPE_RING:
        return False
    for first in range(at - peak - reach, min(at - peak + reach, s.shapes - count) + 1):
        _cut(s, first, count, other)
        xy, xx = 0.0, 1e-9
        for k in range(count):
            for lead in range(SHAPE_LEADS):
                xy += other[k, lead] * wave[k, lead]
                xx += other[k, lead] ** 2
        like = xy / math.sqrt(xx * yy)
        if like > best:
            best, size = like, xy / yy
    return best >= ALIKE and SMALLEST <= size <= LARGEST


@njit(cache=True)
def is_wave(s, at, shape_hz):
    """Whether what lies around shape sample `at` is one of the waves that stand before beats; False where none are known."""
    if s.p_beats >= KNOWN:
        for end_s in (P_TO_S, WIDE_S):
            if _is_like(s, at, s.p_wave, int((P_FROM_S - end_s) * shape_hz), shape_hz):
                return True
    return s.waves >= KNOWN and _is_like(s, at, s.wave, 2 * int(HALF_S * shape_hz) + 1, shape_hz)
