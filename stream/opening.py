"""A tachycardia with which a session begins: nothing was seen before it that its beats could be told from.

Even, wide beats without a P wave that are all that the bed has shown are held for ventricular until shown otherwise: until a P
wave appears before them, or other beats come. So is a row of them on a bed of one lead, where their shape says less.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.classify import NORMAL, PACED, SUPRAVENTRICULAR, VENTRICULAR
from stream.conducted import APART_BPM, AS_LEADING, JUDGED, LEADS, at_rest, judging, p_seen
from stream.recurring import ALIKE, WIDE_MS, is_strange
from stream.report import VFIB
from stream.shape import AFTER_S, BEFORE_S, EARLY
from stream.state import BEATS, SHAPE_LEADS

OPENING_BEATS = 8
"""Beats that it takes."""
BEGIN_BEATS = 100
"""A session begins with its first so many beats."""
SHARE = 0.8
"""Of the beats so far that have the one form."""
FAST_BPM = 170.0
"""Below it, the highest rate of the sinus node at 50 years (220 less the age: Fox 1971, Ann Clin Res 3, 404-432), a steady block is likelier whose P waves lie
within the T waves: from APART_BPM on the beats must be wider than one. HR_HIGH and, from 140/min on by default, the extreme rate are told meanwhile."""
SINUS_BPM = 150.0
"""Up to here three leads show too little of the waves next to a QRS to make it wider."""
P_LEADS, WIDER_MS, FEW_MS, WIDEST_MS = 3, 170.0, 175.0, 215.0
"""Where so many leads move, so wide the beats must be; with fewer, so much; and the widest that may be taken for a QRS alone. Wider than 160 ms those of a
tachycardia are in either form of block, those of a block seldom (Wellens 1978, Am J Med 64, 27-33); left block of 155 ms is measured here
as up to 169 ms, on one lead or two as 176 ms, and with T or P wave beside it as 220 ms and more, tachycardia as 178 to 209 ms (simulated)."""
STILL, STILL_S = 0.2, 0.04
"""A QRS ends where the form stays below so much of its steepest slope for so long; beyond lie the waves next to it."""
R_S = 0.06
"""The QRS is steepest this near to R; farther on a tall T wave may be steeper, and beside a QRS of 100 ms it makes the form seem wide."""
TALL_T = 0.4
"""Height of T waves, in that of the QRS in the band of the detector, from which on they are tall: as high as what is found as a beat (our own limit)."""
EVEN = 0.12
"""Of the mean: largest difference between the intervals. Atrial fibrillation with a block is not even."""
TURN, TURNS = 0.06, 1.4
"""Of the mean: largest difference between the intervals of either side where they take turns, short and long, as those of a ventricular tachycardia may; and the ratio
of the two sides, of which two and three cycles of flutter have 1.5. Intervals of atrial fibrillation do so by chance a fifth as often as they are even, or less."""
UNEVEN_BEATS = 4
"""So many of the last OPENING_BEATS intervals further from their median than EVEN: one missed or early beat is not uneven."""
HELD, ROW, DENIED = 1, 2, -1
"""The session's first form, or that of a row, is held for ventricular; the first one is held for it no more."""


@njit(cache=True)
def opening(s, row_bpm, row, rate_hz, shape_hz, limits):
    """Whether beats are a tachycardia by form and rate alone: the first of a session, or a row on one lead.

    row_bpm, row: rate (/min) of a row of waves on one lead and beats found in it, 0 where there is none (`wave_row`). It is denied as soon
    as a P wave is seen before the beats, but for a row that began with a jump of the rate, or they come unevenly, but where the waves of
    a row do not, for then some of them were passed over.
    """
    leaps = row > 0 and 60.0 * rate_hz / row_bpm < EARLY * s.usual_rr
    if s.opening > 0:
        held = min(JUDGED, s.run) if s.run > 0 else JUDGED
        if s.pulsed >= JUDGED or (not leaps and p_seen(s, held, True, shape_hz)) or (row == 0 and _uneven(s)):
            _deny(s)
        return s.opening > 0
    if s.active[VFIB] or limits.paced == 1 or s.pulsed >= JUDGED:
        return False
    if leaps:
        return True
    if s.beats < OPENING_BEATS:
        return False
    count = OPENING_BEATS if _first_form(s, shape_hz) else JUDGED if judging(s) == 1 and _strange_row(s) else 0
    if count == OPENING_BEATS and _conducts(s, rate_hz, shape_hz):
        s.opening = DENIED
        return False
    bpm = _even(s, count, rate_hz) if count > 0 else 0.0
    if bpm < limits.vtach_bpm or (count == OPENING_BEATS and not _no_block(s, bpm, shape_hz)):
        return False
    # what is seen before most of eight beats is no less a P wave where five show none
    return not p_seen(s, JUDGED, True, shape_hz) and not (count > JUDGED and p_seen(s, count, True, shape_hz))


@njit(cache=True)
def _no_block(s, bpm, shape_hz):
    """Whether a block at this rate would show its P waves, or would be less wide, or is not the likelier for being so fast."""
    leads = judging(s)
    if bpm >= FAST_BPM or (bpm <= APART_BPM and leads >= LEADS):
        return True
    least = WIDER_MS if leads >= P_LEADS else FEW_MS
    if leads >= P_LEADS and bpm < SINUS_BPM:
        return s.form_width[s.form_lead] >= least
    return least <= s.form_width[s.form_lead] <= WIDEST_MS and _alone_ms(s, s.form_lead, AFTER_S, shape_hz) >= least


@njit(cache=True)
def _alone_ms(s, number, beside_s, shape_hz):
    """Width (ms) of the QRS of a form by itself: around its steepest slope within so long of R, as far as its slopes are not still for STILL_S."""
    form, count, r = s.forms[number], int((BEFORE_S + AFTER_S) * shape_hz), int(BEFORE_S * shape_hz)
    slopes, steepest, still = np.zeros(count), 0, int(STILL_S * shape_hz + 0.5)
    for k in range(count - 1):
        for lead in range(SHAPE_LEADS):
            slopes[k] += abs(np.float64(form[k + 1, lead]) - np.float64(form[k, lead]))
        if slopes[k] > slopes[steepest] and abs(k - r) <= beside_s * shape_hz:
            steepest = k
    ends = np.zeros(2, np.int64)
    for side in range(2):
        last = k = steepest
        while 0 <= k < count and abs(k - last) <= still:
            if slopes[k] > STILL * slopes[steepest]:
                last = k
            k += 2 * side - 1
        ends[side] = last
    return (ends[1] - ends[0] + 1) * 1000.0 / shape_hz


@njit(cache=True)
def _has_tall_t(s):
    """Whether the T waves of this bed are so high that they make its QRS seem wide where they begin at its end."""
    return s.t_waves >= JUDGED and s.t_height > TALL_T


@njit(cache=True)
def _half_ms(s, number, shape_hz):
    """Width (ms) at half its height of the deflection at R of a form, in the lead where it is largest: half of that of a triangle."""
    form, count, r = s.forms[number], int((BEFORE_S + AFTER_S) * shape_hz), int(BEFORE_S * shape_hz)
    best, seat, top = 0.0, 0, r
    for lead in range(SHAPE_LEADS):
        for k in range(r - int(R_S * shape_hz), r + int(R_S * shape_hz) + 1):
            if abs(form[k, lead] - form[0, lead]) > best:
                best, seat, top = abs(form[k, lead] - form[0, lead]), lead, k
    first = last = top
    while first > 0 and abs(form[first, seat] - form[0, seat]) > 0.5 * best:
        first -= 1
    while last < count - 1 and abs(form[last, seat] - form[0, seat]) > 0.5 * best:
        last += 1
    return (last - first - 1) * 1000.0 / shape_hz


@njit(cache=True)
def is_unplaced(s, rate_hz, shape_hz):
    """Whether four of the last five beats are wide and faster than at rest, and no P wave is seen before them: nobody can see where they come from."""
    if s.beats < JUDGED or at_rest(s, rate_hz):
        return False
    wide = 0
    for back in range(JUDGED):
        k = (s.beats - 1 - back) % BEATS
        wide += s.beat_width[k] >= WIDE_MS and s.beat_kind[k] != PACED
    if wide < JUDGED - 1 or s.pulsed >= JUDGED or _alone_ms(s, s.form_last, AFTER_S, shape_hz) < WIDE_MS:
        return False
    return not p_seen(s, JUDGED, True, shape_hz)


@njit(cache=True)
def _conducts(s, rate_hz, shape_hz):
    """Whether the form is seen behind P waves at a rate at which they stand apart from the T wave before: a block, however fast it becomes."""
    return at_rest(s, rate_hz) and p_seen(s, JUDGED, True, shape_hz)


@njit(cache=True)
def _first_form(s, shape_hz):
    """Whether one wide form is all that the bed has shown."""
    lead = s.form_lead
    if s.opening == DENIED or not OPENING_BEATS < s.shaped <= BEGIN_BEATS:
        return False
    if s.form_width[lead] < WIDE_MS or s.form_beats[lead] < SHARE * s.shaped:
        return False
    if _alone_ms(s, lead, R_S, shape_hz) < WIDE_MS or (_has_tall_t(s) and _half_ms(s, lead, shape_hz) < 0.5 * WIDE_MS):
        return False
    like = 0
    for back in range(OPENING_BEATS):
        like += s.beat_like[(s.beats - 1 - back) % BEATS] >= AS_LEADING
    return like == OPENING_BEATS


@njit(cache=True)
def _strange_row(s):
    """Whether the last beats are alike, unlike the leading form, and much wider."""
    for back in range(JUDGED):
        k = (s.beats - 1 - back) % BEATS
        if not is_strange(s, k) or (back < JUDGED - 1 and s.beat_same[k] < ALIKE):
            return False
    return s.form_last != s.form_lead


@njit(cache=True)
def _even(s, count, rate_hz):
    """Rate (/min) of so many last beats that come evenly; 0 where they do not, or one is paced or hidden."""
    rr = np.empty(count)
    for back in range(count):
        k = (s.beats - 1 - back) % BEATS
        rr[back] = s.beat_rr[k]
        if rr[back] <= 0.0 or s.beat_kind[k] == PACED or s.beat_hidden[k]:
            return 0.0
    between = rr[: count - 1]
    mean = between.mean()
    even = between.max() - between.min() <= EVEN * mean or (count > JUDGED and _takes_turns(between))
    return 60.0 * rate_hz / mean if even else 0.0


@njit(cache=True)
def _takes_turns(rr):
    """Whether intervals (n,) are short and long by turns."""
    one, other, most = rr[::2], rr[1::2], TURN * rr.mean()
    if one.max() - one.min() > most or other.max() - other.min() > most:
        return False
    return max(one.mean(), other.mean()) <= TURNS * min(one.mean(), other.mean())


@njit(cache=True)
def _uneven(s):
    """Whether the intervals scatter about their median as those of atrial fibrillation do."""
    rr = np.empty(OPENING_BEATS)
    for back in range(OPENING_BEATS):
        rr[back] = s.beat_rr[(s.beats - 1 - back) % BEATS]
    middle, far = np.median(rr), 0
    for back in range(OPENING_BEATS):
        far += abs(rr[back] - middle) > EVEN * middle
    return far >= UNEVEN_BEATS and not _takes_turns(rr)


@njit(cache=True)
def hold_ventricular(s, row):
    """From now on the form of the newest beat is a ventricular one, and the last beats are a run; row: those found in a row of waves, or 0."""
    s.opening = HELD if s.features[0] >= AS_LEADING else ROW
    s.opening_form = s.form_last
    s.form_ventricular[s.form_last] = 1.0
    s.form_early[s.form_last] = 1.0
    count = min(JUDGED, row) if row > 0 else JUDGED
    if s.opening == HELD:
        count, s.p_beats = OPENING_BEATS, 0
    for back in range(count):
        s.beat_kind[(s.beats - 1 - back) % BEATS] = VENTRICULAR
    s.run = max(s.run, count)


@njit(cache=True)
def _deny(s):
    """The beats that were held for ventricular are conducted."""
    s.opening = DENIED if s.opening == HELD else 0
    s.form_ventricular[s.opening_form] = 0.0
    s.form_early[s.opening_form] = 0.0
    s.run = 0


@njit(cache=True)
def go_on_opening(s, kind):
    """The kind of a beat: what has a form that is held for ventricular is so, and two others in a row end that."""
    if s.opening <= 0:
        return np.int64(kind)
    if s.form_last != s.opening_form:
        if s.run == 0:
            s.opening = DENIED if s.opening == HELD else 0
        return np.int64(kind)
    s.form_early[s.form_last] = 1.0
    return np.int64(VENTRICULAR if kind in (NORMAL, SUPRAVENTRICULAR) else kind)
