"""How near two QRS may be: what a peak that may be one waits for, and the least distance of two."""

from __future__ import annotations

import math

from numba import njit

HOLD_S = 0.2
"""Ventricular muscle cannot fire twice within this time (Pan and Tompkins 1985, IEEE Trans Biomed Eng 32, 230-236)."""
FAST_S, FAST_BEATS, FAST_HOLD_S = 0.27, 3, 0.15
"""But that of a small child or under a tachycardia can: a monitor is to show up to 300/min, an interval of 0.2 s. Where so many of
the last eight are shorter than FAST_S (220/min), a peak is settled before the next one is due, come it a quarter early."""


@njit(cache=True)
def hold(s, feature_hz):
    """How long (feature samples) a peak waits for a higher one, and how far two QRS are apart at least."""
    fast = 0
    for rr in s.rr_ring:
        fast += rr < FAST_S * feature_hz
    return math.ceil((FAST_HOLD_S if fast >= FAST_BEATS else HOLD_S) * feature_hz)
