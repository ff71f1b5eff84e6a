"""A tachycardia with which a session begins: nothing was seen before it that its beats could be told from.

Even, wide beats without a P wave that are all that the bed has shown are held for ventricular until shown otherwise: until a P
wave appears before them, or other beats come. So is a row of them on a bed of one lead, where their shape says less.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.classify import NORMAL, PACED, SUPRAVENTRICULAR, VENTRICULAR
from stream.conducted import AS_LEADING, JUDGED, LEADS, judging, p_seen
from stream.report import VFIB
from stream.state import BEATS

OPENING_BEATS = 8
"""Beats that it takes."""
BEGIN_BEATS = 100
"""A session begins with its first so many beats."""
APART_BPM = 110.0
"""At this rate and below P waves are told for sure: between T wave and QRS of a block there are 100 ms (QT by Bazett)."""
SHARE = 0.8
"""Of the beats so far that have the one form."""
FAST_BPM = 150.0
"""Below it a steady block is likelier whose P waves lie within the T waves: from APART_BPM on the beats must be wider than one, and
more leads must have shown none. HR_HIGH and, from 140/min on by default, the extreme rate are told meanwhile."""
P_LEADS, WIDER_MS = 3, 170.0
"""So many leads must move, and so wide the beats must be: wider than 160 ms those of a tachycardia are in either form of block, those of
a block seldom (Wellens 1978, Am J Med 64, 27-33); left block of 155 ms is measured here as up to 169 ms (simulated)."""
WIDE_MS = 120.0
EVEN = 0.12
"""Of the mean: largest difference between the intervals. Atrial fibrillation with a block is not even."""
UNEVEN_BEATS = 4
"""So many of the last OPENING_BEATS intervals further from their median than EVEN: one missed or early beat is not uneven."""
STRANGE, ROW_WIDE, ROW_SAME = 0.7, 1.5, 0.9
"""On one lead a row is strange whose beats correlate less with the leading form, are so many times as wide, and are alike."""
HELD, ROW, DENIED = 1, 2, -1
"""The session's first form, or that of a row, is held for ventricular; the first one is held for it no more."""


@njit(cache=True)
def opening(s, n, rate_hz, shape_hz, limits):
    """Whether beats are a tachycardia by form and rate alone: the first of a session, or a row on one lead.

    That is denied as soon as a P wave is seen before them, or they come unevenly.
    """
    if s.opening > 0:
        if p_seen(s, JUDGED, True, shape_hz) or _uneven(s):
            _deny(s)
        return s.opening > 0
    if s.active[VFIB] or limits.paced == 1 or s.beats < OPENING_BEATS:
        return False
    count = OPENING_BEATS if _first_form(s) else JUDGED if judging(s) == 1 and _strange_row(s) else 0
    if count == OPENING_BEATS and _conducts(s, rate_hz, shape_hz):
        s.opening = DENIED
        return False
    bpm = _even(s, count, rate_hz) if count > 0 else 0.0
    if bpm < limits.vtach_bpm or (count == OPENING_BEATS and not _no_block(s, bpm)):
        return False
    return not p_seen(s, JUDGED, True, shape_hz)


@njit(cache=True)
def _no_block(s, bpm):
    """Whether a block at this rate would show its P waves, or would be less wide, or is not the likelier for being so fast."""
    if bpm >= FAST_BPM:
        return True
    if bpm <= APART_BPM:
        return judging(s) >= LEADS
    return judging(s) >= P_LEADS and s.form_width[s.form_lead] >= WIDER_MS


@njit(cache=True)
def _conducts(s, rate_hz, shape_hz):
    """Whether the form is seen behind P waves at a rate at which they stand apart from the T wave before: a block, however fast it becomes."""
    for back in range(JUDGED):
        if not s.beat_rr[(s.beats - 1 - back) % BEATS] >= 60.0 * rate_hz / APART_BPM:
            return False
    return p_seen(s, JUDGED, True, shape_hz)


@njit(cache=True)
def _first_form(s):
    """Whether one wide form is all that the bed has shown."""
    lead = s.form_lead
    if s.opening == DENIED or not OPENING_BEATS < s.shaped <= BEGIN_BEATS:
        return False
    if s.form_width[lead] < WIDE_MS or s.form_beats[lead] < SHARE * s.shaped:
        return False
    like = 0
    for back in range(OPENING_BEATS):
        like += s.beat_like[(s.beats - 1 - back) % BEATS] >= AS_LEADING
    return like == OPENING_BEATS


@njit(cache=True)
def _strange_row(s):
    """Whether the last beats are alike, unlike the leading form, and much wider."""
    least = max(WIDE_MS, ROW_WIDE * s.form_width[s.form_lead])
    for back in range(JUDGED):
        k = (s.beats - 1 - back) % BEATS
        if (
            s.beat_like[k] >= STRANGE
            or not s.beat_width[k] >= least
            or (back < JUDGED - 1 and s.beat_same[k] < ROW_SAME)
        ):
            return False
    return s.form_last != s.form_lead


@njit(cache=True)
def _even(s, count, rate_hz):
    """Rate (/min) of so many last beats that come evenly; 0 where they do not, or one is paced or hidden."""
    total, least, most = 0.0, 1e18, 0.0
    for back in range(count):
        k = (s.beats - 1 - back) % BEATS
        rr = s.beat_rr[k]
        if rr <= 0.0 or s.beat_kind[k] == PACED or s.beat_hidden[k]:
            return 0.0
        if back < count - 1:
            total, least, most = total + rr, min(least, rr), max(most, rr)
    mean = total / (count - 1)
    return 60.0 * rate_hz / mean if most - least <= EVEN * mean else 0.0


@njit(cache=True)
def _uneven(s):
    """Whether the intervals scatter about their median as those of atrial fibrillation do."""
    rr = np.empty(OPENING_BEATS)
    for back in range(OPENING_BEATS):
        rr[back] = s.beat_rr[(s.beats - 1 - back) % BEATS]
    middle, far = np.median(rr), 0
    for back in range(OPENING_BEATS):
        far += abs(rr[back] - middle) > EVEN * middle
    return far >= UNEVEN_BEATS


@njit(cache=True)
def hold_ventricular(s):
    """From now on the form of the newest beat is a ventricular one, and the last beats are a run."""
    s.opening = HELD if s.features[0] >= AS_LEADING else ROW
    s.opening_form = s.form_last
    s.form_ventricular[s.form_last] = 1.0
    s.form_early[s.form_last] = 1.0
    count = JUDGED
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
