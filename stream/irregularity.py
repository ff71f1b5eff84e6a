"""How irregular the beats are that the atria lead: what is left when ventricular, unknown and hidden beats are taken out."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.classify import UNKNOWN, VENTRICULAR
from stream.state import BEATS

WINDOW_S, LEAST_BEATS = 60.0, 8
FEW_BEATS, SOME_BEATS, MANY_BEATS = 10, 20, 30
"""Beats over which the irregularity is taken."""
LAGS = 4
"""Patterns of up to this many beats (bigeminy to quadrigeminy) are no irregularity."""


@njit(cache=True)
def _certain(s, k):
    """Whether the atria or a pacer may have led the beat in slot k: it is not ventricular, unknown or hidden."""
    return s.beat_kind[k] != VENTRICULAR and s.beat_kind[k] != UNKNOWN and not s.beat_hidden[k]


@njit(cache=True)
def after_normal(s, k):
    """Whether the RR that ends in slot k lies between two such beats."""
    return s.beat_rr[k] > 0.0 and _certain(s, k) and _certain(s, (k - 1) % BEATS)


@njit(cache=True)
def after_ventricular(s, k):
    """Whether the RR that ends in slot k lies between a ventricular beat that was seen and such a beat."""
    last = (k - 1) % BEATS
    return s.beat_rr[k] > 0.0 and _certain(s, k) and s.beat_kind[last] == VENTRICULAR and not s.beat_hidden[last]


@njit(cache=True)
def intervals(s, n, rate_hz, rr, linked):
    """Fill rr (BEATS,), samples, with these RR of the last minute, newest first; gives how many.

    linked (BEATS,): whether the RR before in time is the one that follows in the array.
    """
    oldest, count, was = max(s.seen_since, n - int(WINDOW_S * rate_hz)), 0, -1
    for back in range(min(s.beats, BEATS) - 1):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_at[k] < oldest:
            break
        if after_normal(s, k):
            rr[count] = s.beat_rr[k]
            if count > 0:
                linked[count - 1] = was == back - 1
            was = back
            count += 1
    return count


@njit(cache=True)
def half_back(s, count):
    """R sample at which the newest half of the short window begins, of `count` intervals that `intervals` found.

    The median differences of SOME_BEATS intervals change when half of them have: what the median has just come to show
    is held to have begun there.
    """
    left, at = min(count, SOME_BEATS) // 2 + 1, s.last_beat
    for back in range(min(s.beats, BEATS) - 1):
        k = (s.beats - 1 - back) % BEATS
        if after_normal(s, k):
            at, left = s.beat_at[k] - int(s.beat_rr[k]), left - 1
            if left == 0:
                break
    return at


@njit(cache=True)
def irregularity(rr, linked, count):
    """Median difference of RR intervals in units of their mean, of the lag at which it is smallest.

    Sinus rhythm differs little at lag 1, a premature beat now and then moves no median, bigeminy repeats at lag 2,
    trigeminy and a 3:2 block at lag 3; fibrillation differs at every lag (Tateno and Glass 2001, Med Biol Eng Comput
    39, 664-671, tell it by the same differences).
    """
    least = 1e18
    for lag in range(1, LAGS + 1):
        differences = np.abs(rr[: count - lag] - rr[lag:count])
        if lag == 1:
            differences = differences[linked[: count - 1]]
        if len(differences) >= 4:
            least = min(least, np.median(differences))
    return least / rr[:count].mean()
