"""Cables that were changed: from one beat to the next every lead is upside down, and the heart is as it was.

A ventricular beat has a form of its own, and no P wave before it. Where the QRS of all leads, and what lies before it, are at once what they were with the
other sign, and in time, the leads have been turned over: what was learnt of them is turned over with them, so that no beat is strange.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.state import SHAPE_LEADS

KNOWN, P_KNOWN = 24, 8
"""Beats of the leading form, and stretches before normal beats, from which on they are those of the bed."""
TURNED, P_TURNED = -0.9, -0.6
"""Correlation of each lead of the QRS with the leading form, and of what lies before it with what usually does, or less (our own limits, the second as `conducted.LIKE_P`)."""
IN_TIME = 0.85, 1.18
"""Of the usual RR: the rate is as before."""
SHOWS_MV = 0.03
"""RMS of a lead in the leading form from which on it is compared."""
LEADS = 2
"""One lead alone is too little: a ventricular beat may look so in it."""
NEAR = 2
"""Shape samples by which R may be found sooner or later."""


@njit(cache=True)
def _lead_like(a, b, count, lead):
    """Correlation of one lead of two shapes, -1..1, and the RMS (mV) of the second."""
    ab, aa, bb = 0.0, 1e-9, 1e-9
    for k in range(count):
        x, y = np.float64(a[k, lead]), np.float64(b[k, lead])
        ab, aa, bb = ab + x * y, aa + x * x, bb + y * y
    return ab / np.sqrt(aa * bb), np.sqrt(bb / count)


@njit(cache=True)
def _is_turned(s, at, shape_hz):
    """Whether the beat whose R lies at shape sample `at` is the leading one upside down, in every lead that shows it, with what lies before it."""
    before, count = int(shape.BEFORE_S * shape_hz), int((shape.BEFORE_S + shape.AFTER_S) * shape_hz)
    one, form, shown = np.zeros((count, SHAPE_LEADS), np.float32), s.forms[s.form_lead], 0
    place, least = at, 1.0
    for near in range(at - NEAR, at + NEAR + 1):
        shape.cut(s, near, before, count, one)
        like = shape.correlate(one, form, count)
        if like < least:
            place, least = near, like
    if least > TURNED:
        return False
    shape.cut(s, place, before, count, one)
    for lead in range(SHAPE_LEADS):
        like, size = _lead_like(one, form, count, lead)
        if size >= SHOWS_MV:
            if like > TURNED:
                return False
            shown += 1
    ahead, length = int(shape.P_FROM_S * shape_hz), int((shape.P_FROM_S - shape.P_TO_S) * shape_hz)
    stretch = np.zeros((length, SHAPE_LEADS), np.float32)
    shape.cut(s, place, ahead, length, stretch)
    return shown >= LEADS and shape.correlate(stretch, s.p_wave, length) <= P_TURNED


@njit(cache=True)
def turn_over(s, at, ratio, shape_hz):
    """Turn over what was learnt of the leads where the beat at shape sample `at` is the leading one upside down; ratio: its RR in the usual one."""
    known = s.shaped > 0 and s.form_beats[s.form_lead] >= KNOWN and s.p_beats >= P_KNOWN
    if not known or not IN_TIME[0] <= ratio <= IN_TIME[1] or not _is_turned(s, at, shape_hz):
        return
    for wave in (s.p_wave, s.p_early, s.wave, s.calm_wave, s.last_shape, s.rest):
        wave[:] = -wave
    s.forms[:] = -s.forms
    s.atrial_wave[:] = -s.atrial_wave
    s.cycle[:] = -s.cycle
