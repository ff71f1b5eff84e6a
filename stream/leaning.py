"""Beats whose form is drowned by the wander of a baseline, as fast breathing and a loose electrode make it: their class tells nothing.

A wander of 0.6 Hz and 5 mV rises by 5 mV within the stretch that makes the form of a beat. What is read of it then is the slope of the baseline.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.state import BEATS, SHAPE_LEADS

LEANS, RISE_MV = 0.7, 1.0
"""Share of the energy of a form that a straight line explains, and how far (mV) that line rises over it in one lead at least, from which on it is a baseline
(our own limits)."""


@njit(cache=True)
def leans(s, shape_hz):
    """Whether the newest beat is mostly the slope of its baseline."""
    before, count = int(shape.BEFORE_S * shape_hz), int((shape.BEFORE_S + shape.AFTER_S) * shape_hz)
    one = np.zeros((count, SHAPE_LEADS), np.float32)
    shape.cut(s, s.beat_shape[(s.beats - 1) % BEATS], before, count, one)
    middle, norm = 0.5 * (count - 1), count * (count * count - 1.0) / 12.0
    line, whole, rise = 0.0, 1e-9, 0.0
    for lead in range(SHAPE_LEADS):
        slope = 0.0
        for k in range(count):
            slope += (k - middle) * one[k, lead] / norm
            whole += np.float64(one[k, lead]) ** 2
        line += slope * slope * norm
        rise = max(rise, abs(slope) * count)
    return line > LEANS * whole and rise > RISE_MV
