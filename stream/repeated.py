"""Ventricular beats that repeat themselves: a row of them is a rhythm, however much they look like noise to the trees.

What moves electrodes does not come back in the same form at the same distance. The trees that doubt a beat know normal rhythms in motion;
a tachycardia of wide beats looks to them as little like these as noise does.
"""

from __future__ import annotations

from numba import njit

from stream.classify import VENTRICULAR
from stream.state import BEATS

ROW = 8
"""Beats of a row."""
ALIKE, EVEN = 0.95, 0.1
"""Correlation of each with the one before, and the largest difference of an interval from the newest one, as a share of it."""
PLAINLY = 0.45
"""A beat with this probability of an artefact or more is not vouched for by others, nor are they by it. (Simulated tachycardia of 200/min
has up to 0.31 without any noise.)"""


@njit(cache=True)
def repeats(s):
    """Whether the newest beats, ROW of them, are ventricular, alike and even, and none of them is plainly an artefact."""
    if s.beats < ROW:
        return False
    newest, row = s.beat_rr[(s.beats - 1) % BEATS], 0
    for back in range(ROW):
        k = (s.beats - 1 - back) % BEATS
        joined = back == ROW - 1 or (
            s.beat_same[k] >= ALIKE and s.beat_rr[k] > 0.0 and abs(s.beat_rr[k] - newest) <= EVEN * newest
        )
        row += joined and s.beat_kind[k] == VENTRICULAR and s.beat_doubt[k] < PLAINLY
    return row == ROW


@njit(cache=True)
def vouch(s):
    """Take back the doubt of a row that repeats itself: none of its beats is an artefact, and none is hidden."""
    for back in range(ROW):
        k = (s.beats - 1 - back) % BEATS
        s.beat_doubt[k], s.beat_hidden[k] = 0.0, 0
