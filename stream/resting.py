"""The conducted QRS that a bed has shown at rest: in a fast rhythm what has its core is conducted too.

There the waves next to a QRS change its shape, and R of a wide one is found at another of its peaks, so that the form as a whole is none of
those before; its core is the same. A tachycardia whose core is that of the beats at rest (bundle branch reentry, seldom) is not told by
this: the extreme rate is.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream import shape
from stream.conducted import AS_LEADING, JUDGED, LEADS, P_KNOWN, at_rest, has_hump, judging, p_seen
from stream.state import BEATS, SHAPE_LEADS

TEMPLATE_P_MV = 0.04
"""Height of a P wave in the mean of what lies before the normal beats: noise of 30 uV and the waves of an idioventricular rhythm stay below 0.031 mV, P waves of
a block have 0.05 to 0.19 mV in two leads or more (simulated)."""
MOSTLY = 0.5
"""Share of the beats of a form from which on it is ventricular, or comes early."""
CORE_S = 0.06, 0.08
"""Core of a QRS, before and behind R, without the waves next to it."""
TURNS_S = 0.09
"""R may be found so much sooner or later: the first and the last peak of a left block lie 80 ms apart (simulated)."""
CORE_LIKE, LEAST, MOST = 0.95, 0.75, 1.33
"""Correlation and height of its core against that at rest (simulated in two leads or more: block 0.96 to 1 in 239 of 240 patients, tachycardia 0.69 at most)."""


@njit(cache=True)
def _has_template_p(s, shape_hz):
    """Whether the mean of what lies before the normal beats has a P wave."""
    count = int((shape.P_FROM_S - shape.P_TO_S) * shape_hz)
    for lead in range(SHAPE_LEADS):
        for sign in (1.0, -1.0):
            wave = np.zeros(count)
            for k in range(count):
                wave[k] = sign * s.p_wave[k, lead]
            if has_hump(wave, 1, count - 2, TEMPLATE_P_MV, shape_hz):
                return True
    return False


@njit(cache=True)
def know_resting(s, rate_hz, shape_hz):
    """Note that the leading form is conducted, once it is seen behind P waves at a rate at which they stand apart."""
    lead = s.form_lead
    if s.resting == lead + 1 or s.opening > 0 or s.p_beats < P_KNOWN or s.form_beats[lead] < P_KNOWN:
        return
    if s.form_ventricular[lead] >= MOSTLY or s.form_early[lead] >= MOSTLY or not at_rest(s, rate_hz):
        return
    for back in range(JUDGED):
        if s.beat_like[(s.beats - 1 - back) % BEATS] < AS_LEADING:
            return
    if _has_template_p(s, shape_hz) or p_seen(s, JUDGED, True, shape_hz):
        s.resting = lead + 1


@njit(cache=True)
def _is_alike(s, at, form, size, before, count, shape_hz):
    """Whether the core (count, SHAPE_LEADS) about shape sample `at`, at the best of its places, is that of a form of this energy."""
    core, best, energy = np.zeros((count, SHAPE_LEADS), np.float32), -2.0, 0.0
    reach = int(TURNS_S * shape_hz)
    for place in range(at - reach, at + reach + 1):
        shape.cut(s, place, before, count, core)
        like = shape.correlate(core, form, count)
        if like > best:
            best, energy = like, shape.energy(core, count)
    return best >= CORE_LIKE and LEAST <= math.sqrt(energy / size) <= MOST


@njit(cache=True)
def is_resting(s, shape_hz):
    """Whether four of the last five QRS have the core of the leading form as it was at rest; one lead alone cannot tell."""
    lead = s.form_lead
    known = s.resting == lead + 1 and s.form_ventricular[lead] < MOSTLY
    if not known or s.beats < JUDGED or judging(s) < LEADS:
        return False
    before, count = int(CORE_S[0] * shape_hz), int(CORE_S[0] * shape_hz) + int(CORE_S[1] * shape_hz) + 1
    begin, same = int(shape.BEFORE_S * shape_hz) - before, 0
    form = s.forms[lead, begin : begin + count].copy()
    for k in range(SHAPE_LEADS):
        form[:, k] -= form[:, k].mean()
    size = shape.energy(form, count)
    for back in range(JUDGED):
        at = s.beat_shape[(s.beats - 1 - back) % BEATS]
        same += _is_alike(s, at, form, size, before, count, shape_hz)
        if same < back:
            return False
    return True
