"""Whether what was found as a beat is a step: an electrode moved, and the level of the leads is another one from there on.

A QRS comes back to where it began, within its own length or with the T wave; a step does not, or only as slowly as a
monitor's filter lets it. Read from the samples as they came, before any filter of the stream.
"""

from __future__ import annotations

from numba import njit

from stream.state import HUM_RING

NEAR_S = 0.08
"""Either way of R, where the steepest place is looked for."""
RISE_S = 0.004
"""Either way of that place: a jump is over within so short a time, an R wave is not."""
BEFORE_S, REST_S = 0.06, 0.012
"""What lies so long to so little before it is the level from which the step rises."""
BEHIND_S, STOP_S = 0.1, 0.18
"""And behind it the level that stays: ST segment and T wave of a beat."""
STAYS, ABRUPT = 0.7, 0.7
"""Of the height from lowest to highest, leads added: what stays, and what comes in the jump alone. Of the 18 500 beats
of MIT-BIH that were looked at (16 records of DS1, the four paced ones and 200) none reaches both; steps of the simulator
reach 0.8 of each."""


@njit(cache=True)
def _raw(s, at, lead):
    return float(s.hum_ring[at % HUM_RING, lead])


@njit(cache=True)
def _steepest(s, at, near, rise):
    """Feature sample near `at` where the leads together change most."""
    best, place = -1.0, at
    for k in range(at - near, at + near + 1):
        change = 0.0
        for lead in range(s.leads):
            if s.weight[lead] > 0.0:
                change += abs(_raw(s, k + rise, lead) - _raw(s, k - rise, lead))
        if change > best:
            best, place = change, k
    return place


@njit(cache=True)
def _level(s, first, stop, lead):
    total = 0.0
    for k in range(first, stop):
        total += _raw(s, k, lead)
    return total / (stop - first)


@njit(cache=True)
def is_step(s, at, newest, feature_hz):
    """Whether the peak at feature sample `at` is a step of the leads that take part; newest: the newest feature sample.

    False where the samples around it are not held any more.
    """
    near, rise = int(NEAR_S * feature_hz + 0.5), max(1, int(RISE_S * feature_hz + 0.5))
    before, rest = int(BEFORE_S * feature_hz + 0.5), max(rise + 1, int(REST_S * feature_hz + 0.5))
    behind, stop = int(BEHIND_S * feature_hz + 0.5), int(STOP_S * feature_hz + 0.5)
    if at - near - before <= newest - HUM_RING or at - near - before < 0 or before <= rest:
        return False
    place = _steepest(s, at, min(near, newest - rise - at), rise)
    stop = min(stop, newest + 1 - place)
    if stop <= behind:
        return False
    stays, jump, height = 0.0, 0.0, 1e-9
    for lead in range(s.leads):
        if s.weight[lead] <= 0.0:
            continue
        low = high = _raw(s, place, lead)
        for k in range(place - before, place + stop):
            low, high = min(low, _raw(s, k, lead)), max(high, _raw(s, k, lead))
        height += high - low
        stays += abs(_level(s, place + behind, place + stop, lead) - _level(s, place - before, place - rest, lead))
        jump += abs(_raw(s, place + rise, lead) - _raw(s, place - rise, lead))
    return stays >= STAYS * height and jump >= ABRUPT * height
