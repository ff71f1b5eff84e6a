"""A run of ventricular beats that can be counted: each beat of it, and those around it, are told for sure, and none is hidden.

Where a run can be counted, its number and rate are what the definition of a tachycardia asks for. Where anything of it is in
doubt it cannot, and how likely it is a tachycardia decides, so that none is lost to a beat that was taken for another.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.classify import DOUBT, NORMAL, SUPRAVENTRICULAR, SUSPECT, VENTRICULAR
from stream.conducted import AS_LEADING, JUDGED, LEADS, judging
from stream.qrs import HOLD_S, SEARCH_BACK_RR
from stream.report import DECIDED_S
from stream.sight import unseen
from stream.state import BEATS, SHAPE_LEADS, SHAPE_RING

LEAST_RUN = 3
"""Ventricular beats that are a run (Al-Khatib 2018, Circulation 138, e272-e391: three or more in a row)."""
SURE = 1.0
"""Log odds by which each beat must be ventricular, or must not."""
PARTED = 8
"""Last beats that sure normal ones part into single ventricular beats and pairs: no run is among them, however fast they are (MIT-BIH 208 has hundreds of pairs)."""
BEFORE = 2
"""Sure normal beats before a short run: with fewer it may go on behind a beat that was taken for another."""
SAME = 0.8
"""Correlation of each beat of the run with the one before."""
LIKE, SMALLEST = 0.7, 0.4
"""A wave hides a beat that correlates so well with those of the run and is as large, in their height."""
SOONER = 0.7
"""Of the shortest interval of the run: a beat of it does not come sooner."""
BETWEEN, LOW = 0.3, 0.2
"""Of an interval: between two beats of the run one is looked for so far from both, and down to so low, for heights may alternate. (All of these were
set by what must not be counted wrong, on the VT alarms of CinC 2015, MIT-BIH and simulated beds in sight: they only decide where the likelihood does not.)"""


@njit(cache=True)
def _slot(s, back):
    return (s.beats - 1 - back) % BEATS


@njit(cache=True)
def _is_vouched(s, k):
    return not s.beat_hidden[k] and not s.beat_vague[k] and s.beat_doubt[k] < SUSPECT and s.beat_rr[k] > 0.0


@njit(cache=True)
def _is_normal(s, back):
    k = _slot(s, back)
    normal = s.beat_kind[k] == NORMAL or s.beat_kind[k] == SUPRAVENTRICULAR
    return normal and s.beat_odds[k] <= -SURE and s.beat_like[k] >= AS_LEADING and _is_vouched(s, k)


@njit(cache=True)
def _is_ventricular(s, back):
    k = _slot(s, back)
    return s.beat_kind[k] == VENTRICULAR and s.beat_odds[k] >= SURE and _is_vouched(s, k)


@njit(cache=True)
def are_parted(s):
    """Whether sure normal beats part the last ones into stretches too short for a run; one lead alone cannot vouch for them."""
    if s.beats < PARTED or judging(s) < LEADS:
        return False
    stretch = 0
    for back in range(PARTED):
        stretch = 0 if _is_normal(s, back) else stretch + 1
        if stretch >= LEAST_RUN:
            return False
    return True


@njit(cache=True)
def _hides(s, last, first_at, end_at, smallest, rate_hz, shape_hz):
    """Whether a wave like the beat `last` beats before the newest, `smallest` of its height or more, lies between samples first_at and end_at.

    True too where the ring no longer holds them.
    """
    before, count = int(shape.BEFORE_S * shape_hz), int((shape.BEFORE_S + shape.AFTER_S) * shape_hz)
    own, other = np.zeros((count, SHAPE_LEADS), np.float32), np.zeros((count, SHAPE_LEADS), np.float32)
    k = _slot(s, last)
    at, turn = s.beat_shape[k], shape_hz / rate_hz
    shape.cut(s, at, before, count, own)
    least = smallest * smallest * shape.energy(own, count)
    first, end = at + int((first_at - s.beat_at[k]) * turn), at + int((end_at - s.beat_at[k]) * turn)
    if min(first, at) - before <= s.shapes - SHAPE_RING:
        return True
    for place in range(first, min(end, s.shapes - count + before) + 1):
        shape.cut(s, place, before, count, other)
        if shape.energy(other, count) >= least and shape.correlate(own, other, count) >= LIKE:
            return True
    return False


@njit(cache=True)
def _passes_over(s, behind, beats, rate_hz, shape_hz):
    """Whether a wave like theirs lies between two of the so many newest beats of the run."""
    for back in range(behind, behind + beats - 1):
        later, rr = _slot(s, back), s.beat_rr[_slot(s, back)]
        first, end = s.beat_at[later] - (1.0 - BETWEEN) * rr, s.beat_at[later] - BETWEEN * rr
        if _hides(s, back + 1, first, end, LOW, rate_hz, shape_hz):
            return True
    return False


@njit(cache=True)
def counted(s, n, need, rate_hz, shape_hz):
    """Beats of the newest run, rate (/min) of its last `need`, and normal beats behind it, up to five; 0 beats where it cannot be counted."""
    held = min(s.beats, BEATS)
    behind = 0
    while behind < min(JUDGED, held) and _is_normal(s, behind):
        behind += 1
    length, total, joined, least, most = 0, 0.0, 0, 1e18, 0.0
    while behind + length < held and _is_ventricular(s, behind + length):
        k = _slot(s, behind + length)
        length += 1
        rr = s.beat_rr[k]
        if behind + length < held and s.beat_kind[_slot(s, behind + length)] == VENTRICULAR:
            if s.beat_same[k] < SAME:
                return 0, 0.0, 0
            least, most = min(least, rr), max(most, rr)
            if joined < need - 1:
                total, joined = total + rr, joined + 1
    if length < LEAST_RUN or most >= SEARCH_BACK_RR * least:
        return 0, 0.0, 0
    # one lead alone cannot vouch for the beats on either side of a short run
    if length < need and judging(s) < LEADS:
        return 0, 0.0, 0
    # of a run that is long enough no beat is missing at its begin
    for back in range(BEFORE if length < max(need, JUDGED) else 0):
        if behind + length + back >= held or not _is_normal(s, behind + length + back):
            return 0, 0.0, 0
    oldest, newest = _slot(s, behind + length - 1), _slot(s, behind)
    end = n if behind == 0 else s.beat_at[_slot(s, behind - 1)]
    if s.doubt > DOUBT or unseen(s, s.beat_at[oldest] - s.beat_rr[oldest], end) > 0:
        return 0, 0.0, 0
    if _passes_over(s, behind, min(length, need), rate_hz, shape_hz):
        return 0, 0.0, 0
    if end - s.beat_at[newest] >= SEARCH_BACK_RR * least + (DECIDED_S * rate_hz if behind == 0 else 0.0):
        late = end if behind == 0 else end - HOLD_S * rate_hz
        if _hides(s, behind, s.beat_at[newest] + SOONER * least, late, SMALLEST, rate_hz, shape_hz):
            return 0, 0.0, 0
    if length < max(need, JUDGED) and s.beat_rr[oldest] >= SEARCH_BACK_RR * least:
        first = s.beat_at[oldest] - s.beat_rr[oldest] + HOLD_S * rate_hz
        if _hides(s, behind, first, s.beat_at[oldest] - SOONER * least, SMALLEST, rate_hz, shape_hz):
            return 0, 0.0, 0
    return length, 60.0 * rate_hz * joined / total, behind
