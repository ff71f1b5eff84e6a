"""Beat shapes and fibrillation on the monitor path, of one bed whose state is carried in a record."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.state import FORMS, NEVER, SHAPE_LEADS, SHAPE_RING

BEFORE_S, AFTER_S = 0.10, 0.18
"""Stretch around R that makes the shape of a beat."""
SAME_FORM = 0.85
"""Correlation from which on a beat has a form that is remembered."""
FORGET = 0.996
"""A form counts by its beats of the last few minutes."""
EARLY = 0.87
"""Of the mean RR of the last normal beats: premature."""
LATE = 1.1
"""Of the same: a pause."""
P_FROM_S, P_TO_S = 0.26, 0.08
"""Stretch before R that holds the P wave."""
EARLY_P = (0.38, 0.14)
"""And the one that holds it where conduction takes long."""
SOONEST_S, LATEST_S = 0.17, 1.5
"""Waves repeat within these times: those of flutter do 350 times a minute; half of three seconds is seen twice."""
REPEATS = 0.9
"""Of the best likeness of a stretch to its own past: the first one that reaches it is the period, what comes later are
multiples of it (McLeod and Wyvill 2005, Proc Int Comput Music Conf, 138-141: a share of 0.8 to 1)."""
LOST_S = 2
"""A lead that is not flagged as off is lost when it has shown nothing for so many seconds (`stream.technical`)."""
WAVE_MV = 0.05
"""What is lower is no wave."""
RECURS_S, RECURS = (0.27, 0.75), (0.95, 0.9)
"""Beats of a tachycardia come within these times (80 to 220/min), and are so like one another: the next, and the one after it (simulated
tachycardia has 0.99 in both, fibrillation 0.93 and 0.82 at most)."""

WAVE_S, WAVE_LIKE, WAVE_RISE = (0.08, 0.37), 0.1, 0.15
"""The waves of fibrillation follow one another within these times (160/min and more, as flutter), so that they are more like themselves a wave later, by so much at
least, than between: simulated fibrillation by 0.46 and more. Beats of a slower rhythm are so only a cycle later."""


@njit(cache=True)
def forget(s):
    """Learn anew what beats have taught of their leads: forms, P waves, and the waves of the atria and of cycles."""
    s.form_count[:] = 0.0
    s.form_beats[:] = 0
    s.shaped = 0
    s.p_beats = 0
    s.calm_beats = 0
    s.calm_early = 0
    s.calm_waves = 0
    s.waves = 0
    s.low_train = 0
    s.opening = 0
    s.resting = 0
    s.block = 0
    s.atrial_beats = 0
    s.cycle_beats = 0
    s.usual_rest[:] = 0.0
    s.rest[:] = 0.0
    s.stimulus_beats = 0
    s.bare = 0


@njit(cache=True)
def _is_dark(s, lead):
    return s.off_since[lead] != NEVER or s.lost_s[lead] >= LOST_S or s.lost_s[lead] < 0


@njit(cache=True)
def is_gone(s, seat):
    """Whether the lead of a seat is off, shows nothing, or is learnt anew behind that, while one of another seat is read."""
    if s.seats[seat] < 0 or not _is_dark(s, s.seats[seat]):
        return False
    read = 0
    for other in range(SHAPE_LEADS):
        read += s.seats[other] >= 0 and not _is_dark(s, s.seats[other])
    return read > 0


@njit(cache=True)
def cut(s, at, before, count, out):
    """Copy shape samples [at - before, at - before + count) into out (count, SHAPE_LEADS) in mV, each lead around 0, and 0 where it is gone."""
    totals, place = np.zeros(SHAPE_LEADS), (at - before) % SHAPE_RING
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            value = s.shape_ring[place, lead] * 1e-3
            out[k, lead] = value
            totals[lead] += value
        place = place + 1 if place + 1 < SHAPE_RING else 0
    for lead in range(SHAPE_LEADS):
        if is_gone(s, lead):
            out[:count, lead] = 0.0
            continue
        mean = totals[lead] / count
        for k in range(count):
            out[k, lead] -= mean


@njit(cache=True)
def _shows(a, count, lead):
    """Whether a lead of a shape is there: one that is gone is 0 throughout."""
    k = 0
    while k < count and a[k, lead] == 0.0:
        k += 1
    return k < count


@njit(cache=True)
def in_sight(form, shape, count):
    """The first `count` of form (n, SHAPE_LEADS) in the leads that a shape shows, and the share of its energy that lies in them."""
    out = form.copy()
    for lead in range(SHAPE_LEADS):
        if not _shows(shape, count, lead):
            out[:, lead] = 0.0
    return out, energy(out, count) / energy(form, count)


@njit(cache=True)
def learn(wave, shape, count, share):
    """Let a share of the first `count` of shape (n, SHAPE_LEADS) into wave, in the leads that it shows; a lead that is new there is taken as it is."""
    for lead in range(SHAPE_LEADS):
        if not _shows(shape, count, lead):
            continue
        part = share if _shows(wave, count, lead) else 1.0
        for k in range(count):
            wave[k, lead] += np.float32(part * (shape[k, lead] - wave[k, lead]))


@njit(cache=True)
def correlate(a, b, count):
    """Correlation of two shapes over the leads that both show, -1..1; a lead counts by its energy."""
    ab, aa, bb = 0.0, 1e-9, 1e-9
    both = np.zeros(SHAPE_LEADS, np.bool_)
    for lead in range(SHAPE_LEADS):
        both[lead] = _shows(a, count, lead) and _shows(b, count, lead)
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            if not both[lead]:
                continue
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
def energy(shape, count):
    """Sum of squares of a shape over all leads."""
    total = 1e-9
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            total += np.float64(shape[k, lead]) ** 2
    return total


@njit(cache=True)
def form_of(s, at, before, count, shape):
    """The remembered form that is nearest to the beat over shifts of up to two samples, and the correlation; `shape` holds the beat, aligned to it."""
    likes, shifts = np.full(FORMS, -2.0), np.zeros(FORMS, np.int64)
    for shift in range(-2, 3):
        cut(s, at + shift, before, count, shape)
        for k in range(FORMS):
            r = correlate(shape, s.forms[k], count) if s.form_count[k] > 0.0 else -2.0
            if r > likes[k]:
                likes[k], shifts[k] = r, shift
    form = int(np.argmax(likes))
    cut(s, at + shifts[form], before, count, shape)
    return (form, likes[form]) if likes[form] > -2.0 else (-1, -2.0)


@njit(cache=True)
def remember(s, form, r, shape, count, width, size, early):
    """Let the nearest form learn from a beat, or begin a new one in place of the rarest; gives the form's number."""
    for k in range(FORMS):
        s.form_count[k] *= FORGET
    s.newly, s.likeness = form < 0 or r < SAME_FORM, r
    if s.newly:
        form = 0
        for k in range(FORMS):
            if s.form_count[k] < s.form_count[form]:
                form = k
        s.resting = 0 if s.resting == form + 1 else s.resting
        s.block = 0 if s.block == form + 1 else s.block
        s.forms[form, :count] = shape
        s.form_count[form], s.form_beats[form] = 0.0, 0
        s.form_width[form], s.form_energy[form] = width, size
        s.form_early[form], s.form_pause[form] = 0.5, 0.5
        s.form_ventricular[form] = 0.0
    share = max(1.0 / (s.form_beats[form] + 1.0), 1.0 / 16.0)
    size /= in_sight(s.forms[form], shape, count)[1]
    learn(s.forms[form], shape, count, share)
    s.form_width[form] += share * (width - s.form_width[form])
    s.form_energy[form] += share * (size - s.form_energy[form])
    s.form_early[form] += max(1.0 / (s.form_beats[form] + 2.0), 1.0 / 16.0) * (early - s.form_early[form])
    s.form_count[form] += 1.0
    s.form_beats[form] += 1
    return form


@njit(cache=True)
def learn_pause(s, ratio):
    """Let the form of the beat before learn whether a pause follows its beats; ratio: the interval in usual RR."""
    last = s.form_last
    late = 1.0 if ratio > LATE else 0.0
    s.form_pause[last] += max(1.0 / (s.form_beats[last] + 1.0), 1.0 / 16.0) * (late - s.form_pause[last])


@njit(cache=True)
def leading(s):
    """The form of the normal beats: the most frequent, beats that come early counting less; it changes reluctantly."""
    best, form = -1.0, s.form_lead
    for k in range(FORMS):
        weight = s.form_count[k] * (1.0 - 0.9 * s.form_early[k]) * min(1.0, 100.0 / max(40.0, s.form_width[k]))
        if k == s.form_lead:
            weight *= 1.3
        if weight > best:
            best, form = weight, k
    return form


@njit(cache=True)
def _average(s, at, begin_s, end_s, shape_hz, wave):
    """Let wave (n, SHAPE_LEADS) learn from what lies from `begin_s` to `end_s` before shape sample `at`."""
    count = int((begin_s - end_s) * shape_hz)
    stretch = np.zeros((count, SHAPE_LEADS), np.float32)
    cut(s, at, int(begin_s * shape_hz), count, stretch)
    learn(wave, stretch, count, 1.0 / min(s.p_beats + 1.0, 12.0))


@njit(cache=True)
def learn_p(s, at, shape_hz):
    """Average what lies before R: a P wave stays, fibrillation waves average out."""
    _average(s, at, P_FROM_S, P_TO_S, shape_hz, s.p_wave)
    _average(s, at, EARLY_P[0], EARLY_P[1], shape_hz, s.p_early)
    s.p_beats += 1


@njit(cache=True)
def oscillation(s, newest, lead, count, shape_hz):
    """Describe the last `count` shape samples of one lead: see `waves`."""
    x = np.zeros(count)
    for k in range(count):
        x[k] = s.shape_ring[(newest - k) % SHAPE_RING, lead]
    return waves(x, count, shape_hz)


@njit(cache=True)
def waves(x, count, shape_hz):
    """Describe the first `count` of x, uV, newest first: height (mV), frequency (Hz), leakage, share off baseline.

    Leakage and frequency: the filter of Kuo and Dillman (1978, Comput Cardiol, 347-349), 0 for a sine. The share of
    samples beyond a fifth of the largest: threshold crossing sample count (Arafat 2011, Signal Image Video Process 5).
    """
    mean = 0.0
    for k in range(count):
        mean += x[k]
    mean /= count
    size, slope, top = 0.0, 1e-9, 0.0
    last = x[0] - mean
    for k in range(count):
        value = x[k] - mean
        size += abs(value)
        slope += abs(value - last)
        top = max(top, abs(value))
        last = value
    half = int(math.pi * size / slope + 0.5)
    if half < 1 or half > count // 4 or size <= 0.0:
        return top * 2e-3, 0.0, 1.0, 0.0
    rest, whole, off = 0.0, 1e-9, 0
    for k in range(count - half):
        a, b = x[k] - mean, x[k + half] - mean
        rest += abs(a + b)
        whole += abs(a) + abs(b)
        if abs(a) > 0.2 * top:
            off += 1
    return top * 2e-3, shape_hz / (2.0 * half), rest / whole, off / (count - half)


@njit(cache=True)
def _likeness(s, newest, lead, count, lag, mean):
    """Likeness of the last `count` samples of one lead to those `lag` before, -1..1 (McLeod and Wyvill 2005)."""
    ab, both = 0.0, 1e-9
    for k in range(count - lag):
        a = s.shape_ring[(newest - k) % SHAPE_RING, lead] - mean
        b = s.shape_ring[(newest - k - lag) % SHAPE_RING, lead] - mean
        ab += a * b
        both += a * a + b * b
    return 2.0 * ab / both


@njit(cache=True)
def repetition(s, newest, lead, count, shape_hz):
    """How often (Hz) the last `count` shape samples of one lead repeat themselves; 0 where they do not.

    A cycle of several waves (QRS and T) counts once: the frequency of `oscillation` is that of a sine as steep, which
    lies above it.
    """
    mean = 0.0
    for k in range(count):
        mean += s.shape_ring[(newest - k) % SHAPE_RING, lead]
    mean /= count
    first, last = int(SOONEST_S * shape_hz), min(count // 2, int(LATEST_S * shape_hz))
    like = np.zeros(last + 2)
    best = 0.0
    for lag in range(first - 1, last + 2):
        like[lag] = _likeness(s, newest, lead, count, lag, mean)
        if first < lag <= last + 1 and like[lag - 1] >= like[lag] and like[lag - 1] > like[lag - 2]:
            best = max(best, like[lag - 1])
    for lag in range(first, last + 1):
        if like[lag] >= like[lag + 1] and like[lag] > like[lag - 1] and like[lag] >= REPEATS * best > 0.0:
            return shape_hz / lag
    return 0.0


@njit(cache=True)
def _joint(s, newest, count, lag):
    """Mean likeness of the last `count` samples to those `lag` before, -1..1, over the leads whose waves are known; 0 where none are."""
    total, leads = 0.0, 0
    for lead in range(min(SHAPE_LEADS, s.leads)):
        if s.wave_height[lead] < WAVE_MV:
            continue
        mean = 0.0
        for k in range(count):
            mean += s.shape_ring[(newest - k) % SHAPE_RING, lead]
        total += _likeness(s, newest, lead, count, lag, mean / count)
        leads += 1
    return total / max(1, leads)


@njit(cache=True)
def recurs(s, newest, count, shape_hz):
    """Whether the last `count` shape samples are one wave again and again at the rate of a tachycardia, as fibrillation never is."""
    best, period = 0.0, 0
    for lag in range(int(RECURS_S[0] * shape_hz), int(RECURS_S[1] * shape_hz) + 1):
        like = _joint(s, newest, count, lag)
        if like > best:
            best, period = like, lag
    return best >= RECURS[0] and _joint(s, newest, count, 2 * period) >= RECURS[1]


@njit(cache=True)
def comes_again(s, newest, count, shape_hz):
    """Whether the last `count` shape samples are like themselves a wave later, if one wave follows the other as soon as in fibrillation."""
    like, before, lowest = _joint(s, newest, count, int(WAVE_S[0] * shape_hz)), 1.0, 1.0
    for lag in range(int(WAVE_S[0] * shape_hz) + 1, int(WAVE_S[1] * shape_hz + 0.5) + 2):
        beyond = _joint(s, newest, count, lag)
        if before <= like >= beyond and like >= max(WAVE_LIKE, lowest + WAVE_RISE):
            return True
        lowest = min(lowest, like)
        before, like = like, beyond
    return False
