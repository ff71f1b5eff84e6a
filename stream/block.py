"""A bundle branch block that comes at an unchanged, slow rate: its beats are conducted, however wide they are.

The trees that tell ventricular beats know their shape best. Where a row of wide beats goes on at the rate of the beats before, each behind
a P wave as those were, its form is that of a block from then on, as long as its beats come in time. What is as fast as a ventricular
tachycardia stays ventricular here: of that `stream.tachycardia` judges.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.classify import NORMAL, VENTRICULAR
from stream.conducted import JUDGED, at_rest, follow_p, is_conducted, p_seen
from stream.shape import EARLY
from stream.state import BEATS

LONG = 8
"""Beats of a row from which on they are conducted behind plain P waves whatever the rate did when it began: that of a sinus node may change with the block."""


@njit(cache=True)
def goes_on(s, rate_hz, shape_hz, limits):
    """Whether the run of ventricular beats that is going on is slower than a tachycardia (`vtach_bpm`, /min) and conducted.

    rate_hz: samples a second of the session; shape_hz: of the shape ring.
    """
    newest = s.beat_rr[(s.beats - 1) % BEATS]
    if s.run < 2 or newest <= 60.0 * rate_hz / limits.vtach_bpm:
        return False
    if s.run >= LONG:
        return at_rest(s, rate_hz) and follow_p(s, LONG, shape_hz) and p_seen(s, LONG, True, shape_hz)
    beats = min(s.run, JUDGED)
    return is_conducted(s, beats, shape_hz) and p_seen(s, beats, True, shape_hz)


@njit(cache=True)
def take_up(s, rate_hz, shape_hz, limits):
    """Hold the form of a run for that of a block once JUDGED of its beats are conducted, and its beats for normal ones."""
    if s.run < JUDGED or not goes_on(s, rate_hz, shape_hz, limits):
        return
    for back in range(min(s.run, BEATS)):
        s.beat_kind[(s.beats - 1 - back) % BEATS] = NORMAL
    s.pvcs = max(0, s.pvcs - s.run + 1)
    s.form_ventricular[s.form_last] = 0.0
    s.block, s.run, s.run_last, s.v_gap = s.form_last + 1, 0, 0, 0
    s.cycles[:] = 0


@njit(cache=True)
def kind_in_block(s, kind, rr, rate_hz, limits):
    """The kind of a beat: one of the form of a block is normal where it comes in time and more slowly than a tachycardia; rr: samples, 0 unknown."""
    slow = rr > max(60.0 * rate_hz / limits.vtach_bpm, EARLY * s.usual_rr)
    if kind != VENTRICULAR or s.block != s.form_last + 1 or not slow:
        return np.int64(kind)
    s.form_ventricular[s.form_last] = 0.0
    return np.int64(NORMAL)
