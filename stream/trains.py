"""Low waves in a row: P waves that go on alone, low beats that take over, and QRS of which every second one is small.

A single low wave is judged by its form (`stream.between`); in a row its time tells more: atria keep their time or quicken
over many beats, and what is wider than the P waves of this bed, again and again, is none of them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.between import KNOWN, LOW, OTHER, REACH_S, WIDER, is_wave, learn_wave
from stream.classify import DOUBT
from stream.shape import AFTER_S, BEFORE_S, correlate, cut
from stream.state import FORMS, SHAPE_LEADS, SHAPE_RING

FLAT = 0.28
"""Slope, in that of the QRS, below which a low wave is a P or T wave (slopes of P waves are 0.12 to 0.2, of beats beside larger
ventricular ones 0.33 and more on MIT-BIH DS1)."""
SLOWER, EVEN, TRAIN = 1.35, 0.15, 3
"""Low waves that come so many usual RR apart, in so even distances, so many times, are beats: atria keep their time or quicken."""
FASTER, FASTEST_P_S = 0.75, 0.43
"""So are those that come as evenly so many usual RR apart and at 140/min or faster: a sinus node quickens over more beats than
one, and told as beats they are red (`EXTREME_TACHY`) all the same."""
BEHIND_P_S, LONGER = 0.4, 1.3
"""What follows a low wave within this, while the distance before was so much longer, is the QRS of that P wave."""
HALF_WAY, SAME = 0.1, 0.95
"""A small QRS between two large ones lies half way, give or take this share of their distance, and correlates so with the larger
(electrical alternans): a large P wave of a complete block may by 0.85."""

AS_BEFORE, MOSTLY, MISFIT = 4, 0.5, 0.12
"""Beats from which on a form is known, the share of them above which it is that of ventricular beats, and the share of its energy by which what has
its form and size may differ (MIT-BIH DS1)."""


@njit(cache=True)
def median8(a):
    """Median of eight numbers."""
    b = a.copy()
    b.sort()
    return 0.5 * (b[3] + b[4])


@njit(cache=True)
def _kind(s, at, value, turn, feature_hz, shape_hz):
    """What `between.is_wave` tells of the peak at feature sample `at`, which is low; or as high as the beats, where these have become
    as small as their P waves: the last such wave had a beat behind it, or none has come since."""
    in_pairs = s.low_at > s.last_at or s.low_at < s.last_at < s.low_at + BEHIND_P_S * feature_hz
    return is_wave(s, int(at * turn[0] + turn[1]), shape_hz) if value < LOW or in_pairs else OTHER


@njit(cache=True)
def stands_before(s, at, value, turn, feature_hz, shape_hz):
    """Whether the peak at feature sample `at`, behind which a lower one has come soon, is the P wave of that."""
    if s.low_train >= TRAIN or _kind(s, at, value, turn, feature_hz, shape_hz) == OTHER:
        return False
    if at > s.low_at:
        s.low_at, s.low_gap = at, at - s.low_at
    return True


@njit(cache=True)
def goes_on_alone(s, at, value, turn, feature_hz, shape_hz):
    """Whether the peak at feature sample `at` is one of the waves that stand before beats, in their time: what follows one as a
    QRS does, and a train that is wider than they, or even and slower or much faster than the beats were, is none."""
    kind = _kind(s, at, value, turn, feature_hz, shape_hz)
    if kind == OTHER:
        return False
    gap, last = at - s.low_at, s.low_gap
    if gap <= 0:
        return True
    s.low_at, s.low_gap = at, gap
    usual, even = median8(s.rr_ring), abs(gap - last) < EVEN * gap
    untimely = gap > SLOWER * usual or gap < min(FASTER * usual, FASTEST_P_S * feature_hz)
    beats = kind == WIDER or (even and (s.low_train >= TRAIN or untimely))
    s.low_train = s.low_train + 1 if beats else 0
    follows = gap < BEHIND_P_S * feature_hz and last > LONGER * gap
    return not follows and s.low_train < TRAIN


@njit(cache=True)
def _is_like(s, at, shape, least, shape_hz):
    """Whether what lies within REACH_S of shape sample `at` correlates by `least` with shape (n, SHAPE_LEADS), whatever its size."""
    before, count, reach = int(BEFORE_S * shape_hz), int((BEFORE_S + AFTER_S) * shape_hz), int(REACH_S * shape_hz)
    other = np.zeros((count, SHAPE_LEADS), np.float32)
    for first in range(at - reach, min(at + reach, s.shapes + before - count) + 1):
        cut(s, first, before, count, other)
        if correlate(other, shape, count) >= least:
            return True
    return False


@njit(cache=True)
def are_alike(s, at, other, turn, shape_hz):
    """Whether the peaks at two feature samples have one form, whatever their sizes; False where they are no longer known."""
    before, count = int(BEFORE_S * shape_hz), int((BEFORE_S + AFTER_S) * shape_hz)
    first, second = int(at * turn[0] + turn[1]), int(other * turn[0] + turn[1])
    if second - before - int(REACH_S * shape_hz) <= s.shapes - SHAPE_RING:
        return False
    shape = np.zeros((count, SHAPE_LEADS), np.float32)
    cut(s, min(first, s.shapes + before - count), before, count, shape)
    return _is_like(s, second, shape, SAME, shape_hz)


@njit(cache=True)
def has_form(s, at, least, shape_hz):
    """Whether what lies around shape sample `at` correlates by `least` with the leading form of this bed, whatever its size; True
    where none is known."""
    if s.shaped < KNOWN or at - int((BEFORE_S + REACH_S) * shape_hz) - 1 <= s.shapes - SHAPE_RING:
        return True
    return _is_like(s, at, s.forms[s.form_lead], least, shape_hz)


@njit(cache=True)
def _misfit(shape, form, count):
    """Energy of the difference of two shapes in that of the form."""
    rest, whole = 0.0, 1e-9
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            value = np.float64(form[k, lead])
            rest += (shape[k, lead] - value) ** 2
            whole += value * value
    return rest / whole


@njit(cache=True)
def is_known(s, at, beats, turn, shape_hz):
    """Whether what lies around feature sample `at` has form and size of `beats` ventricular beats that this bed has had: a wide beat gives the
    detector little, and less with many leads, in which it differs from the narrow ones. Not those of other beats: P waves that a bed
    begins with may have been taken for them; and not in noise, which bends what is none of them into their form."""
    before, count, reach = int(BEFORE_S * shape_hz), int((BEFORE_S + AFTER_S) * shape_hz), int(REACH_S * shape_hz)
    middle = int(at * turn[0] + turn[1])
    if s.doubt > DOUBT or middle - before - reach <= s.shapes - SHAPE_RING:
        return False
    shape = np.zeros((count, SHAPE_LEADS), np.float32)
    for first in range(middle - reach, min(middle + reach, s.shapes + before - count) + 1):
        cut(s, first, before, count, shape)
        for k in range(FORMS):
            known = s.form_beats[k] >= beats and s.form_count[k] > 0.0 and s.form_ventricular[k] > MOSTLY
            if known and _misfit(shape, s.forms[k], count) < MISFIT:
                return True
    return False


@njit(cache=True)
def learn_missed(s, at, value, slope, turn, shape_hz):
    """Judge the highest wave between the last QRS and a sure one at feature sample `at`: one that is flat and low is remembered.
    Gives in how many cycles they lie apart: two where a small QRS lies half way between them."""
    if s.missed <= 0.0:
        return 1
    rr, wave_at = at - s.last_at, int(s.missed_at * turn[0] + turn[1])
    half_way = abs(s.missed_at - s.last_at - 0.5 * rr) < HALF_WAY * rr
    if half_way and are_alike(s, at, s.missed_at, turn, shape_hz):
        return 2
    if s.missed < LOW * value and s.missed_slope < FLAT * slope:
        learn_wave(s, wave_at, shape_hz)
    return 1
