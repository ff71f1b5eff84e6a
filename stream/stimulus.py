"""Pulses of a pacemaker that nobody flags, where the signal still shows them: over within a sample or two, shortly before each R.

They tell a paced rhythm from a tachycardia of the ventricles as wide, and nothing else: no beat is told as paced by them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.state import HUM_RING, MAX_LEADS

FROM_S, TO_S = 0.2, 0.06
"""So long before R, to so little behind it, a pulse lies (`stream.pacer.PACED_S`): the detector may take the pulse itself for R."""
AFTER_S = 0.1
"""What is looked at reaches so far behind R: no wave of the beat may be nearly as sharp."""
PULSE_MV, BRIEF, SHARPER = 0.15, 0.7, 4.0
"""By so much a pulse stands out of both samples NEAR before and behind it, by this share of what it does of those FAR away, and so many times as far
as whatever else does (an R wave of 26 ms at half its height by a quarter: at 250 samples a second; simulated)."""
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
def shows_pulse(s, at, newest, feature_hz):
    """Whether any lead that takes part shows a pulse around R at feature sample `at`; newest: the newest feature sample. False where the
    samples are not held any more."""
    first, stop = at - int(FROM_S * feature_hz), min(at + int(AFTER_S * feature_hz), newest - FAR)
    if first - FAR <= newest - HUM_RING or first < FAR:
        return False
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
            return True
    return False


@njit(cache=True)
def count_pulses(s, at, newest, feature_hz):
    """Count the beats in a row that come behind a pulse, with the one at feature sample `at`."""
    s.pulsed = s.pulsed + 1 if shows_pulse(s, at, newest, feature_hz) else 0
