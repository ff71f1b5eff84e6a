"""Pulses of a pacemaker that nobody flags, where the signal still shows them: over within a sample or two, shortly before each R.

They tell a paced rhythm from a tachycardia of the ventricles as wide, and a pulse that nothing answers from a beat; no beat is told as paced by them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.state import HUM_RING, MAX_LEADS, NEVER, SHAPE_LEADS

FROM_S, TO_S = 0.2, 0.06
"""So long before R, to so little behind it, a pulse lies (`stream.pacer.PACED_S`): the detector may take the pulse itself for R."""
AFTER_S = 0.1
"""What is looked at reaches so far behind R: no wave of the beat may be nearly as sharp."""
PULSE_MV, BRIEF, SHARPER = 0.15, 0.7, 4.0
"""By so much a pulse stands out of both samples NEAR before and behind it, by this share of what it does of those FAR away, and so many times as far
as whatever else does (an R wave of 26 ms at half its height by a quarter: at 250 samples a second; simulated)."""
REST_S, JOINED_S, ANSWERED, BARE = 0.25, 0.2, 8, 0.4
"""A QRS that answers a pulse lies within so long behind it, and one of the heart's own that is joined to it so long before (`qrs.HOLD_S`); pulses of a bed from which on it is known what they bring, and the share of that below which
one has brought nothing: its decay alone is left (our own limits, as `decay.SHARE`)."""
SAME, HALF, STRAY = 0.93, 0.4, 3
"""Correlation and energy by which a beat is like a pulse that nothing answered, and shape samples by which its R may differ."""
NEAR, FAR, BESIDE = 2, 5, 3
"""Feature samples; what lies within BESIDE of a pulse is its own."""


@njit(cache=True)
def _raw(s, at, lead):
    return np.float64(s.hum_ring[at % HUM_RING, lead])


@njit(cache=True)
def _stand_out(s, first, count):
    """By how much (mV) each of the feature samples from `first` on lies above, or below, both of those NEAR; 0 where it lies between: (count, MAX_LEADS)."""
    rows, out = np.empty((count + 2 * NEAR, MAX_LEADS)), np.zeros((count, MAX_LEADS))
    for k in range(count + 2 * NEAR):
        row = (first - NEAR + k) % HUM_RING
        for lead in range(s.leads):
            rows[k, lead] = s.hum_ring[row, lead]
    for k in range(count):
        for lead in range(s.leads):
            up, down = rows[k + NEAR, lead] - rows[k, lead], rows[k + NEAR, lead] - rows[k + 2 * NEAR, lead]
            out[k, lead] = min(abs(up), abs(down)) if up * down > 0.0 else 0.0
    return out


@njit(cache=True)
def _is_brief(s, at, lead, stands_out):
    """Whether the sample at feature sample `at` falls off within NEAR for most of what it stands out of the line between those FAR away."""
    height = abs(_raw(s, at, lead) - 0.5 * (_raw(s, at - FAR, lead) + _raw(s, at + FAR, lead)))
    return stands_out >= BRIEF * height


@njit(cache=True)
def pulse_at(s, at, newest, feature_hz):
    """Feature sample of a pulse around R at feature sample `at` in any lead that takes part; newest: the newest feature sample. NEVER where there is none, or
    the samples are not held any more."""
    first, stop = at - int(FROM_S * feature_hz), min(at + int(AFTER_S * feature_hz), newest - FAR)
    if first - FAR <= newest - HUM_RING or first < FAR:
        return NEVER
    heights = _stand_out(s, first, stop - first)
    within = max(0, min(stop, at + int(TO_S * feature_hz)) - first)
    for lead in range(s.leads):
        if s.weight[lead] <= 0.0:
            continue
        highest, place, other = 0.0, 0, 0.0
        for k in range(within):
            if heights[k, lead] > highest:
                highest, place = heights[k, lead], k
        if highest < PULSE_MV:
            continue
        for k in range(stop - first):
            if abs(k - place) > BESIDE:
                other = max(other, heights[k, lead])
        if highest >= SHARPER * other and _is_brief(s, first + place, lead, highest):
            return first + place
    return NEVER


@njit(cache=True)
def _rest(s, pulse, newest, feature_hz):
    """What the leads move (mV, added) around the pulse at feature sample `pulse`, without it: a beat that lies shortly before it the detector joins to it."""
    total, first = 0.0, max(pulse - int(JOINED_S * feature_hz), newest - HUM_RING + 1)
    for lead in range(s.leads):
        if s.weight[lead] > 0.0:
            low, high = 1e18, -1e18
            for k in range(first, min(newest, pulse + int(REST_S * feature_hz)) + 1):
                if abs(k - pulse) > BESIDE:
                    low, high = min(low, _raw(s, k, lead)), max(high, _raw(s, k, lead))
            total += max(0.0, high - low)
    return total


@njit(cache=True)
def _is_like_bare(s, shape_at, shape_hz):
    """Whether what lies around shape sample `shape_at` is what a pulse that nothing answered left: the pulse itself may fall between two of the samples
    that are held."""
    before, count = int(shape.BEFORE_S * shape_hz), int((shape.BEFORE_S + shape.AFTER_S) * shape_hz)
    one, own = np.zeros((count, SHAPE_LEADS), np.float32), shape.energy(s.bare_form, count)
    for place in range(shape_at - STRAY, shape_at + STRAY + 1):
        shape.cut(s, place, before, count, one)
        size = shape.energy(one, count)
        if HALF * own <= size <= own / HALF and shape.correlate(one, s.bare_form, count) >= SAME:
            return True
    return False


@njit(cache=True)
def is_bare(s, at, newest, shape_at, feature_hz, shape_hz):
    """Whether the beat at feature sample `at`, shape sample `shape_at`, is nothing but a pulse; counts those behind pulses."""
    if count_pulses(s, at, newest, feature_hz):
        before, count = int(shape.BEFORE_S * shape_hz), int((shape.BEFORE_S + shape.AFTER_S) * shape_hz)
        shape.cut(s, shape_at, before, count, s.bare_form)
        s.bare = 1
        return True
    return s.bare == 1 and s.pulsed == 0 and _is_like_bare(s, shape_at, shape_hz)


@njit(cache=True)
def count_pulses(s, at, newest, feature_hz):
    """Count the beats in a row that come behind a pulse, with the one at feature sample `at`; True where that is nothing but its pulse, by
    what others of the bed brought."""
    pulse = pulse_at(s, at, newest, feature_hz)
    if pulse == NEVER:
        s.pulsed = 0
        return False
    s.pulsed += 1
    rest = _rest(s, pulse, newest, feature_hz)
    if s.stimulus_beats >= ANSWERED and rest < BARE * s.stimulus_rest:
        return True
    s.stimulus_beats += 1
    s.stimulus_rest += (rest - s.stimulus_rest) / min(ANSWERED, s.stimulus_beats)
    return False
