"""Beats too low for the heights that the beats before have taught: a ventricular rhythm in leads along which it hardly runs.

The heights follow large beats downwards only as fast as beats are found, so that low ones hide themselves. Where a beat is late, waves are
therefore looked for by their own height, in mV. A single one tells nothing. Two of one form, far enough apart, are beats where they are not the P
waves of this bed and a T wave lies behind the first: atria that go on alone have none. From then on each further wave of that form is a beat,
until the heights have followed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.between import ALIKE_WAVE, REACH_S, is_wave
from stream.classify import TRAIL
from stream.shape import AFTER_S, BEFORE_S, correlate, cut, energy
from stream.state import FAINT, MAX_LEADS, NEVER, SHAPE_LEADS, SHAPE_RING
from stream.tall import T_FROM_S, rests

HOLD_S = 0.2
"""A wave is judged when no higher one has come for so long."""
SAME = 0.95
"""Correlation from which on two waves are of one form."""
HALF, TWICE = 0.4, 2.5
"""Energy of a wave in that of the other."""
APART_S = 0.36
"""Beats of a row lie so far apart (165/min): what comes sooner may be a T wave, or a wave of flutter."""
FROM_RR, LATE_RR = 0.8, 1.3
"""Of the usual RR behind the last beat: from the first on waves are looked for, from the second on one may be a beat."""
EVEN = 0.2
"""What two distances may differ by on one lead."""
T_WAVE_MOST_S = 0.48
"""The T wave of a low beat has its steepest slopes until so long behind those of its QRS."""


@njit(cache=True)
def _height(s, z, share):
    """Height (mV) of this sample in the lead that is the best but for one in `share` of those that are read: of z (leads,)."""
    best, read = np.zeros(MAX_LEADS // share + 1), 0
    for lead in range(s.leads):
        if s.weight[lead] > 0.0:
            read += 1
            value = z[lead]
            for k in range(best.shape[0]):
                if value > best[k]:
                    best[k], value = value, best[k]
    return best[read // share]


@njit(cache=True)
def _alike(s, at, other, shape_hz):
    """Whether what lies around two shape samples is of one form and size."""
    before, count, reach = int(BEFORE_S * shape_hz), int((BEFORE_S + AFTER_S) * shape_hz), int(REACH_S * shape_hz)
    if other - before - reach <= s.shapes - SHAPE_RING:
        return False
    known, wave = np.zeros((count, SHAPE_LEADS), np.float32), np.zeros((count, SHAPE_LEADS), np.float32)
    cut(s, min(at, s.shapes + before - count), before, count, known)
    own = energy(known, count)
    for first in range(other - reach, min(other + reach, s.shapes + before - count) + 1):
        cut(s, first, before, count, wave)
        if HALF * own <= energy(wave, count) <= TWICE * own and correlate(wave, known, count) >= SAME:
            return True
    return False


@njit(cache=True)
def goes_on(s, at, turn, shape_hz):
    """Whether the wave at feature sample `at` has the form of the last beat, and that was one of a row of low ones."""
    here, last = int(at * turn[0] + turn[1]), int(s.last_at * turn[0] + turn[1])
    return s.faint_row == s.last_at and s.qrs_count > 0 and _alike(s, here, last, shape_hz)


@njit(cache=True)
def _is_quiet(s, begin, end, turn, feature_hz, shape_hz):
    """Whether nothing as high lies between two waves but the T wave of the first and P waves of this bed: in motion something always does."""
    for back in range(min(s.faints, FAINT)):
        at = s.faint_at[(s.faints - 1 - back) % FAINT]
        if at <= begin:
            break
        is_t = T_FROM_S * feature_hz <= at - begin <= T_WAVE_MOST_S * feature_hz
        if at < end and not is_t and is_wave(s, int(at * turn[0] + turn[1]), shape_hz) != ALIKE_WAVE:
            return False
    return True


@njit(cache=True)
def _before(s, at, end, apart, turn, shape_hz):
    """The newest wave of this silence at least `apart` before feature sample `end`, or the last beat, that has the form of the wave at `at`; else NEVER."""
    here = int(at * turn[0] + turn[1])
    for back in range(min(s.faints, FAINT) + 1):
        other = s.faint_at[(s.faints - 1 - back) % FAINT] if back < min(s.faints, FAINT) else s.last_at
        other = s.last_at if other - s.last_at < apart else other
        if end - other >= apart and _alike(s, here, int(other * turn[0] + turn[1]), shape_hz):
            return other
        if other == s.last_at:
            break
    return NEVER


@njit(cache=True)
def _begins(s, at, apart, turn, feature_hz, shape_hz):
    """Whether the wave at feature sample `at` has the form of one before it in this silence, or of the last beat, and both are beats."""
    other, read = _before(s, at, at, apart, turn, shape_hz), 0
    if other == NEVER:
        return False
    for lead in range(s.leads):
        read += s.weight[lead] > 0.0
    if read == 1:
        # in one lead noise is alike by chance: not three times at even distances
        first = _before(s, at, other, apart, turn, shape_hz)
        if first == NEVER or abs((at - other) - (other - first)) > EVEN * (at - other):
            return False
    here = int(at * turn[0] + turn[1])
    beats = not rests(s, int(other * turn[0] + turn[1]), here, shape_hz) and is_wave(s, here, shape_hz) != ALIKE_WAVE
    return beats and _is_quiet(s, other, at, turn, feature_hz, shape_hz)


@njit(cache=True)
def _is_beat(s, at, turn, feature_hz, shape_hz):
    """Whether the wave at feature sample `at` is a beat of a row of low ones; it is remembered."""
    apart = APART_S * feature_hz
    if at - s.last_at < apart:
        return False
    late = at - s.last_at > (s.faint_from - s.last_at) * LATE_RR / FROM_RR
    found = goes_on(s, at, turn, shape_hz) or (late and _begins(s, at, apart, turn, feature_hz, shape_hz))
    s.faint_at[s.faints % FAINT] = at
    s.faints += 1
    return found


@njit(cache=True)
def vouch_faint(s):
    """Take back the doubt of the newest beat where it is one of a row of low ones: what moves electrodes has no such form again and again."""
    if s.faint_row == s.last_at:
        s.doubt -= TRAIL * s.suspicion
        s.suspicion, s.hide = 0.0, False


@njit(cache=True)
def find_faint(s, m, value, slope, z, least, share, turn, feature_hz, shape_hz):
    """Look at feature sample m of a silence, or of a row of low beats; True where one is found, at `faint_high_at`.

    value, slope: of the fused feature; z (leads,): mean slopes, mV; least: height (mV) of the least QRS, in one in `share` leads.
    """
    height = _height(s, z, share)
    if height > s.faint_high and height >= least:
        s.faint_high, s.faint_high_at, s.faint_value, s.faint_slope = height, m, value, slope
        s.faint_z[:] = z
        return False
    if s.faint_high == 0.0 or m - s.faint_high_at < HOLD_S * feature_hz:
        return False
    s.faint_high = 0.0
    return _is_beat(s, s.faint_high_at, turn, feature_hz, shape_hz)
