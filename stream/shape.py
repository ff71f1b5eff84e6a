"""Beat shapes and fibrillation on the monitor path, of one bed whose state is carried in a record."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.state import SHAPE_LEADS, SHAPE_RING

NORMAL, VENTRICULAR, UNKNOWN = 1, 2, 3
"""Beat kinds as kept in the state."""

BEFORE_S, AFTER_S = 0.10, 0.18
"""Stretch around R that makes the shape of a beat."""
WIDE_MS = 110.0
WIDER = 1.25
ALIKE, UNLIKE, STRANGE = 0.85, 0.65, 0.3
"""Correlation with the template: the same shape, another shape, another shape whatever its timing."""
EARLY = 0.87
"""Of the mean RR of the last normal beats: premature."""
RELEARN_BEATS = 60
ON_TIME_BEATS = 6
P_FROM_S, P_TO_S = 0.26, 0.08
"""Stretch before R that holds the P wave."""


@njit(cache=True)
def cut(s, at, before, count, out):
    """Copy shape samples [at - before, at - before + count) into out (count, SHAPE_LEADS) in mV, each lead around 0."""
    for lead in range(SHAPE_LEADS):
        mean = 0.0
        for k in range(count):
            value = s.shape_ring[(at - before + k) % SHAPE_RING, lead] * 1e-3
            out[k, lead] = value
            mean += value
        mean /= count
        for k in range(count):
            out[k, lead] -= mean


@njit(cache=True)
def correlate(a, b, count):
    """Correlation of two shapes over all leads, -1..1; a lead counts by its energy."""
    ab, aa, bb = 0.0, 1e-9, 1e-9
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            x, y = np.float64(a[k, lead]), np.float64(b[k, lead])
            ab += x * y
            aa += x * x
            bb += y * y
    return ab / math.sqrt(aa * bb)


@njit(cache=True)
def best_match(s, at, template, before, count, out):
    """Highest correlation over shifts of up to two samples; `out` holds the shape at that shift."""
    best, shift = -2.0, 0
    for k in range(-2, 3):
        cut(s, at + k, before, count, out)
        r = correlate(out, template, count)
        if r > best:
            best, shift = r, k
    cut(s, at + shift, before, count, out)
    return best


@njit(cache=True)
def width_ms(shape, count, shape_hz):
    """From the first to the last slope above a fifth of the steepest, all leads added, in ms."""
    steepest = 0.0
    slopes = np.zeros(count)
    for k in range(count - 1):
        for lead in range(SHAPE_LEADS):
            slopes[k] += abs(shape[k + 1, lead] - shape[k, lead])
        steepest = max(steepest, slopes[k])
    first, last = -1, -1
    for k in range(count - 1):
        if slopes[k] > 0.2 * steepest:
            last = k
            if first < 0:
                first = k
    return (last - first + 1) * 1000.0 / shape_hz


@njit(cache=True)
def classify(s, at, early, after_v, shape_hz):
    """Kind, width (ms) of the beat whose R lies at shape sample `at`; the templates learn from it.

    early: premature against the last normal beats; after_v: the beat before was ventricular.
    """
    before, count = int(BEFORE_S * shape_hz), int((BEFORE_S + AFTER_S) * shape_hz)
    shape = np.zeros((count, SHAPE_LEADS), np.float32)
    if s.template_beats == 0:
        cut(s, at, before, count, shape)
        s.template[:count] = shape
        s.template_beats, s.template_width = 1, width_ms(shape, count, shape_hz)
        return UNKNOWN, s.template_width
    r = best_match(s, at, s.template, before, count, shape)
    width = width_ms(shape, count, shape_hz)
    wide = width > WIDE_MS and width > WIDER * s.template_width
    ventricular = (r < UNLIKE and (early or after_v or wide)) or r < STRANGE or (wide and early and r < ALIKE)
    if ventricular:
        alike = _learn_other(s, at, before, count, width, early)
        # a second shape that keeps coming on time is another conduction, not an extrasystole
        ventricular = not (alike and not early and s.other_on_time >= ON_TIME_BEATS)
    else:
        _learn_template(s, shape, count, width, r)
    if s.template_beats < 4:
        return UNKNOWN, width
    return (VENTRICULAR if ventricular else NORMAL), width


@njit(cache=True)
def _learn_template(s, shape, count, width, r):
    if r < UNLIKE:
        return
    share = 1.0 / min(s.template_beats + 1.0, 16.0)
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            s.template[k, lead] += np.float32(share * (shape[k, lead] - s.template[k, lead]))
    s.template_width += share * (width - s.template_width)
    s.template_beats += 1
    s.other_beats = max(0, s.other_beats - 1)


@njit(cache=True)
def _learn_other(s, at, before, count, width, early):
    """Count beats of another shape; where they come to prevail at a rate below 100, they are the normal ones.

    True where this beat has that other shape.
    """
    shape = np.zeros((count, SHAPE_LEADS), np.float32)
    if s.other_beats == 0 or best_match(s, at, s.other, before, count, shape) < UNLIKE:
        cut(s, at, before, count, shape)
        s.other[:count] = shape
        s.other_beats, s.other_on_time = 1, 0 if early else 1
        return False
    s.other_beats += 1
    s.other_on_time = max(0, s.other_on_time - 2) if early else s.other_on_time + 1
    many = s.other_beats > s.template_beats if s.template_beats < 8 else s.other_beats >= RELEARN_BEATS
    if many and not s.rate > 100.0:
        s.template[:count] = shape
        s.template_beats, s.template_width, s.other_beats = s.other_beats, width, 0
    return True


@njit(cache=True)
def learn_p(s, at, shape_hz):
    """Average what lies before R: a P wave stays, fibrillation waves average out."""
    before = int(P_FROM_S * shape_hz)
    count = int((P_FROM_S - P_TO_S) * shape_hz)
    stretch = np.zeros((count, SHAPE_LEADS), np.float32)
    cut(s, at, before, count, stretch)
    share = 1.0 / min(s.p_beats + 1.0, 12.0)
    height = 0.0
    for lead in range(SHAPE_LEADS):
        low, high = 0.0, 0.0
        for k in range(count):
            low, high = min(low, stretch[k, lead]), max(high, stretch[k, lead])
            s.p_wave[k, lead] += np.float32(share * (stretch[k, lead] - s.p_wave[k, lead]))
        height = max(height, high - low)
    s.p_height += share * (height - s.p_height)
    s.p_beats += 1


@njit(cache=True)
def p_present(s, shape_hz):
    """Whether the averaged stretch before R still holds a wave: above 0.05 mV and half of what single beats hold."""
    count = int((P_FROM_S - P_TO_S) * shape_hz)
    best = 0.0
    for lead in range(SHAPE_LEADS):
        low, high = 0.0, 0.0
        for k in range(count):
            low, high = min(low, s.p_wave[k, lead]), max(high, s.p_wave[k, lead])
        best = max(best, high - low)
    return s.p_beats >= 8 and best > 0.05 and best > 0.5 * s.p_height


@njit(cache=True)
def oscillation(s, newest, lead, count, shape_hz):
    """Describe the last `count` shape samples of one lead: height (mV), frequency (Hz), leakage, share off baseline.

    Leakage and frequency: the filter of Kuo and Dillman (1978, Comput Cardiol, 347-349), 0 for a sine. The share of
    samples beyond a fifth of the largest: threshold crossing sample count (Arafat 2011, Signal Image Video Process 5).
    """
    mean = 0.0
    for k in range(count):
        mean += s.shape_ring[(newest - k) % SHAPE_RING, lead]
    mean /= count
    size, slope, top = 0.0, 1e-9, 0.0
    last = s.shape_ring[newest % SHAPE_RING, lead] - mean
    for k in range(count):
        value = s.shape_ring[(newest - k) % SHAPE_RING, lead] - mean
        size += abs(value)
        slope += abs(value - last)
        top = max(top, abs(value))
        last = value
    half = int(math.pi * size / slope + 0.5)
    if half < 1 or half > count // 4 or size <= 0.0:
        return top * 2e-3, 0.0, 1.0, 0.0
    rest, whole, off = 0.0, 1e-9, 0
    for k in range(count - half):
        a = s.shape_ring[(newest - k) % SHAPE_RING, lead] - mean
        b = s.shape_ring[(newest - k - half) % SHAPE_RING, lead] - mean
        rest += abs(a + b)
        whole += abs(a) + abs(b)
        if abs(a) > 0.2 * top:
            off += 1
    return top * 2e-3, shape_hz / (2.0 * half), rest / whole, off / (count - half)
