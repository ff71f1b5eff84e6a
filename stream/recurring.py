"""A row of waves like the newest beat: on one lead a tachycardia whose beats are low and flat is there before each of them is found.

What is wide is flat, and in a lead along which it does not run low too: every second beat of it may be passed over as a T wave or as noise
until the detector has learnt its height, which takes seconds. Its form tells it sooner: it comes again and again, evenly, with none of
the beats that the bed showed before in between.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.classify import PACED
from stream.state import BEATS, SHAPE_LEADS, SHAPE_RING

WAVES = 5
"""Waves that are a row: as many as the beats that a tachycardia is judged by."""
STRANGE, WIDE_MS, ROW_WIDE, ALIKE, FIRST = 0.7, 120.0, 1.5, 0.9, 0.8
"""Beats of a row correlate less than this with the leading form, last at least so long and so many times as long as it, and are so alike: the
first one less, for it lies on the T wave of the beat before."""
EVEN = 0.12
"""Of the newest interval: what others of the row may differ by."""
LEAST, MOST = 0.5, 2.0
"""Energy of a wave in that of the newest beat: its height may be a third more or less."""
SOONEST_S = 0.2
"""Ventricular muscle cannot fire twice within this time (Pan and Tompkins 1985, IEEE Trans Biomed Eng 32, 230-236)."""
LATER = 1.4
"""Intervals behind the newest wave within which the next one must show."""


@njit(cache=True)
def is_strange(s, k):
    """Whether the beat in slot k is unlike the leading form, and much wider."""
    least = max(WIDE_MS, ROW_WIDE * s.form_width[s.form_lead])
    told = s.beat_kind[k] != PACED and s.beat_hidden[k] == 0
    return told and s.beat_like[k] < STRANGE and s.beat_width[k] >= least


@njit(cache=True)
def _likenesses(s, own, first, last, before, count, like):
    """Fill like (last - first + 1,) with the correlation of what lies around each shape sample with own (count, SHAPE_LEADS); -1 where it is much
    larger or smaller."""
    other, size = np.zeros((count, SHAPE_LEADS), np.float32), shape.energy(own, count)
    for place in range(first, last + 1):
        shape.cut(s, place, before, count, other)
        ratio = shape.energy(other, count) / size
        like[place - first] = shape.correlate(own, other, count) if LEAST <= ratio <= MOST else -1.0


@njit(cache=True)
def _previous(like, behind, least, hold):
    """Index of the newest place ahead of `behind` where a wave lies, `least` alike: the likest within `hold` either way; -1 where there is none."""
    for k in range(behind - 1, -1, -1):
        if like[k] < least:
            continue
        highest = True
        for j in range(max(0, k - hold), min(len(like), k + hold + 1)):
            highest = highest and (like[j] < like[k] or (like[j] == like[k] and j >= k))
        if highest:
            return k
    return -1


@njit(cache=True)
def _beats_since(s, first):
    """Beats from shape sample `first` on; 0 where one of them is not strange."""
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_shape[k] < first:
            return back
        if not is_strange(s, k):
            return 0
    return min(s.beats, BEATS)


@njit(cache=True)
def wave_row(s, least_bpm, shape_hz):
    """Rate (/min) of the row that goes on, at `least_bpm` or faster, and how many beats were found in it; both 0 where there is none."""
    newest = (s.beats - 1) % BEATS
    if s.beats < 1 or not is_strange(s, newest):
        return 0.0, 0
    before, count = int(shape.BEFORE_S * shape_hz), int((shape.BEFORE_S + shape.AFTER_S) * shape_hz)
    hold, slowest = int(0.5 * SOONEST_S * shape_hz), 60.0 * shape_hz / least_bpm
    last = s.shapes - count + before
    first = last - int((WAVES + LATER) * slowest) - hold
    at = s.beat_shape[newest]
    if first - before <= s.shapes - SHAPE_RING or not first <= at <= last:
        return 0.0, 0
    own, like = np.zeros((count, SHAPE_LEADS), np.float32), np.zeros(last - first + 1)
    shape.cut(s, at, before, count, own)
    _likenesses(s, own, first, last, before, count, like)
    place = _previous(like, len(like), ALIKE, hold)
    end, gap, waves = place, 0, 1
    while place > 0 and waves < WAVES:
        ahead = _previous(like, place, FIRST if waves == WAVES - 1 else ALIKE, hold)
        rr = place - ahead
        if ahead < 0 or not SOONEST_S * shape_hz <= rr <= slowest * (1.0 + EVEN):
            return 0.0, 0
        gap = rr if waves == 1 else gap
        if abs(rr - gap) > max(EVEN * gap, 2.0):
            return 0.0, 0
        place, waves = ahead, waves + 1
    if waves < WAVES or len(like) - end > LATER * gap:
        return 0.0, 0
    bpm = 60.0 * shape_hz * (WAVES - 1) / (end - place)
    beats = _beats_since(s, first + place - hold)
    return (bpm, beats) if bpm >= least_bpm and beats > 0 else (0.0, 0)
