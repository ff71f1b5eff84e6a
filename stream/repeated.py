"""Beats that repeat themselves: a row of them is a rhythm, however much they look like the noise that the trees have learnt.

What moves electrodes does not come back in the same form at the same distance. The trees that doubt a beat know normal rhythms in motion;
a tachycardia of wide beats looks to them as little like these as noise does.
"""

from __future__ import annotations

from numba import njit

from stream.state import BEATS

ROW = 8
"""Beats of a row. Of beats that were invented in noise not even so many in a row are like one another (chosen on MIT-BIH DS1 and NSTDB)."""
ALIKE, EVEN = 0.95, 0.1
"""Correlation of each with the one before, and the largest difference of an interval from the newest one, as a share of it."""


@njit(cache=True)
def repeats(s):
    """Whether the newest beats, ROW of them, are alike and come evenly."""
    if s.beats < ROW:
        return False
    newest = s.beat_rr[(s.beats - 1) % BEATS]
    for back in range(ROW - 1):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] <= 0.0 or abs(s.beat_rr[k] - newest) > EVEN * newest or s.beat_same[k] < ALIKE:
            return False
    return True


@njit(cache=True)
def vouch(s):
    """Take back the doubt of a row that repeats itself: none of its beats is an artefact, and none is hidden."""
    for back in range(ROW):
        k = (s.beats - 1 - back) % BEATS
        s.beat_doubt[k], s.beat_hidden[k] = 0.0, 0
