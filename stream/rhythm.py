"""Ventricular fibrillation by its oscillation."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.report import (
    DECIDED_S,
    RECOVER_S,
    VFIB,
    begin,
    end_fibrillation,
    held,
    waves_end,
)
from stream.sight import unseen
from stream.state import BEATS, BLINKS, NEVER, SHAPE_LEADS, SHAPE_RING

OSCILLATION_S = 3.0
LEVEL_S = 0.5
"""The mean over so long follows a baseline and no wave: of what is slower than 0.5 Hz it leaves a tenth, of 2 Hz and more
all (the high-pass at 1 Hz that goes before the criteria of fibrillation)."""
DRIFT = 0.2
"""Of the height of a lead: a baseline that swings farther is taken off."""
ORGANISED_S = 2.0
SLOW_S, SLOW_RR_S = 4.0, 0.4
"""Beats slower than those of flutter (150/min) that come this long evenly are no fibrillation, however wide they are."""
FORM_BEATS = 24
"""Beats of the leading form from which on it is that of the bed, and not that of waves which began a few seconds ago."""
LEAST_LIKE, MOST_LIKE, FASTEST_HZ, SILENT_S = 4, 2.0 / 3.0, 3.0, 1.5
"""So many beats, this share of them of the leading form, not as fast as flutter, and the newest not long ago."""
ALIKE, SOME_ALIKE = 0.95, 0.5
"""Or so many of them, this share, of exactly that form, whatever else is taken for beats between them."""
YOUNG_HZ, YOUNG_RR_S, YOUNG_LIKE = 2.5, 0.28, 0.7
"""Where the form is younger: no faster than this, no beat as near to the one before as waves are, and every one like it."""
WAX_OFF, SINE_LEAK = 0.5, 0.25
"""Where waves wax and wane, so that the smaller ones count as baseline by the largest: share of samples off the baseline (else `limits.wave_off`), and the leakage up
to which they are a sine all the same (simulated: fibrillation has 0.1 to 0.25, tachycardia 0.3 and more)."""
CLEAR_OFF, CLEAR_LEAK, CLEAR_MV = 0.4, 0.7, 0.3
"""A lead of this height that mostly rests on its baseline shows beats, not waves."""


@njit(cache=True)
def _organised(s, n, dark, rate_hz):
    """Whether the beats of the last two seconds come as regularly as those of a tachycardia; dark: samples of them that
    were not seen."""
    count, total, least, most = 0, 0.0, 1e18, 0.0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] == 0.0 or n - s.beat_at[k] > (ORGANISED_S + DECIDED_S) * rate_hz + dark:
            break
        if s.beat_rr[k] < 0.0:
            continue
        total += s.beat_rr[k]
        least, most = min(least, s.beat_rr[k]), max(most, s.beat_rr[k])
        count += 1
    return count >= 4 and most < 1.2 * least and total > 0.6 * ORGANISED_S * rate_hz


@njit(cache=True)
def _evenly(s, n, dark, rate_hz, most_ratio):
    """Whether at least four beats of the last seconds come evenly, slower than flutter."""
    count, total, least, most = 0, 0.0, 1e18, 0.0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] == 0.0 or n - s.beat_at[k] + s.beat_rr[k] > (SLOW_S + DECIDED_S) * rate_hz + dark:
            break
        if s.beat_rr[k] < 0.0:
            continue
        total += s.beat_rr[k]
        least, most = min(least, s.beat_rr[k]), max(most, s.beat_rr[k])
        count += 1
    if count < 3 or n - s.last_beat > (DECIDED_S + 1.2) * rate_hz + most + dark:
        return False
    return most < most_ratio * least and total / count > SLOW_RR_S * rate_hz


@njit(cache=True)
def _repeats(s, n, dark, rate_hz):
    """Whether most QRS of the last seconds have the form that the bed showed before: fibrillation has none, however wide
    and uneven the beats of a bundle branch block in atrial fibrillation are. Once VF has begun no beat is compared."""
    count, like, alike, least_like, nearest = 0, 0, 0, 1.0, 1e18
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if n - s.beat_at[k] > (OSCILLATION_S + DECIDED_S) * rate_hz + dark:
            break
        count += 1
        like += s.beat_like[k] >= shape.SAME_FORM
        alike += s.beat_like[k] >= ALIKE
        least_like = min(least_like, s.beat_like[k])
        nearest = min(nearest, s.beat_rr[k]) if s.beat_rr[k] > 0.0 else nearest
    known = s.form_beats[s.form_lead]
    if s.active[VFIB] or min(count, known) < LEAST_LIKE or n - s.last_beat > SILENT_S * rate_hz + dark:
        return False
    hz = count / (OSCILLATION_S + DECIDED_S)
    if known >= FORM_BEATS:
        return (hz < FASTEST_HZ and like >= MOST_LIKE * count) or alike >= max(LEAST_LIKE, SOME_ALIKE * count)
    return hz < YOUNG_HZ and nearest > YOUNG_RR_S * rate_hz and least_like > YOUNG_LIKE


@njit(cache=True)
def _seen(s, count, least, rate_hz, shape_hz, x):
    """Fill x (SHAPE_LEADS, count) with the last shape samples that were seen, newest first, uV; gives over how many they reach, or 0
    where fewer than `least` are held."""
    per, at, blink = rate_hz / shape_hz, s.shapes, 0
    for k in range(count):
        while blink < min(s.blinks, BLINKS):
            j = (s.blinks - 1 - blink) % BLINKS
            if at * per >= s.blink_to[j]:
                break
            if at * per >= s.blink_from[j]:
                at = int(s.blink_from[j] / per) - 1
            blink += 1
        if s.shapes - at >= SHAPE_RING:
            return 0 if k < least else s.shapes - at
        place = at % SHAPE_RING
        for lead in range(SHAPE_LEADS):
            x[lead, k] = s.shape_ring[place, lead]
        if k < least:
            reach = s.shapes - at + 1
        at -= 1
    return reach


@njit(cache=True)
def _level(x, count, half, y):
    """Fill y (count,) with the first of x less their mean over `half` samples on either side; gives how far the mean swings."""
    total, behind, ahead = 0.0, 0, 0
    low, high = 1e18, -1e18
    for k in range(count):
        while ahead < min(len(x), k + half + 1):
            total += x[ahead]
            ahead += 1
        while behind < k - half:
            total -= x[behind]
            behind += 1
        mean = total / (ahead - behind)
        low, high = min(low, mean), max(high, mean)
        y[k] = x[k] - mean
    return (high - low) * 1e-3


@njit(cache=True)
def _is_wave(height, hz, leak, off, limits):
    waxes = off > WAX_OFF and leak < SINE_LEAK
    return height > 0.2 and 1.8 < hz < 10.0 and leak < limits.wave_leak and (off > limits.wave_off or waxes)


@njit(cache=True)
def _drifts(x, count, height, shape_hz, y, limits):
    """Whether the baseline drifts, and what is left of a lead without its drift is a wave; height: of the lead, mV."""
    if _level(x, count, int(0.5 * LEVEL_S * shape_hz), y) < DRIFT * height:
        return False
    height, hz, leak, off = shape.waves(y, count, shape_hz)
    return _is_wave(height, hz, leak, off, limits)


@njit(cache=True)
def _votes(s, free, rate_hz, shape_hz, limits):
    """Describe the waves of the last seconds that were seen: leads that oscillate, those of them that do like a sine, leads that are high enough, whether one
    rests on its baseline, and over how many shape samples these seconds reach: 0 where too little was seen.

    free: whether no beats speak against fibrillation, so that waves may be looked for behind the drift of a baseline.
    """
    count, longer = int(OSCILLATION_S * shape_hz), int((OSCILLATION_S + 0.5 * LEVEL_S) * shape_hz)
    x, y = np.zeros((SHAPE_LEADS, longer)), np.zeros(count)
    votes, sines, leads, clear, reach = 0, 0, 0, False, _seen(s, longer, count, rate_hz, shape_hz, x)
    for k in range(min(SHAPE_LEADS, s.leads) if reach > 0 else 0):
        height, hz, leak, off = shape.waves(x[k], count, shape_hz)
        s.wave_height[k], s.wave_hz[k], s.wave_leak[k], s.wave_off[k] = height, hz, leak, off
        if height < 0.05:
            continue
        leads += 1
        clear = clear or (height > CLEAR_MV and off < CLEAR_OFF and leak > CLEAR_LEAK)
        wave = _is_wave(height, hz, leak, off, limits)
        votes += wave or (free and _drifts(x[k], count, height, shape_hz, y, limits))
        sines += wave and leak < SINE_LEAK
    return votes, sines, leads, clear, reach


@njit(cache=True)
def _fibrillates(s, sines, leads, shape_hz):
    """Whether waves follow one another as soon as those of fibrillation, or rise and fall evenly on most leads, and are no tachycardia.

    The beats of a ventricular rhythm or a bundle branch block may leave no baseline either, but come later than waves; the waves of a tachycardia come
    as soon, but one is like the next and the one after it.
    """
    count = int(OSCILLATION_S * shape_hz)
    soon = shape.comes_again(s, s.shapes, count, shape_hz) or 2 * sines > leads
    return soon and not shape.recurs(s, s.shapes, count, shape_hz)


@njit(cache=True)
def fibrillation(s, n, rate_hz, shape_hz, limits, out):
    """Oscillation without beats and without baseline on most of the good leads, for as long as the limit says.

    What is not seen for a moment is left out: the seconds that are looked at, and those that are counted, are seen ones.
    """
    dark = unseen(s, n - int((OSCILLATION_S + DECIDED_S) * rate_hz), n)
    free = not _organised(s, n, dark, rate_hz) and not _repeats(s, n, dark, rate_hz)
    drifting = free and not _evenly(s, n, dark, rate_hz, 1.15)
    votes, sines, leads, clear, reach = _votes(s, drifting, rate_hz, shape_hz, limits)
    if reach == 0:
        return
    span = int(reach * rate_hz / shape_hz)
    true = free and n - s.seen_since >= span and votes > 0 and 2 * votes >= leads
    true = true and not _evenly(s, n, dark, rate_hz, 1.35 if clear else 1.15)
    true = true and (s.active[VFIB] == 1 or _fibrillates(s, sines, leads, shape_hz))
    if true:
        if not s.oscillating:
            s.oscillating_since = n - span
        s.oscillating, s.holds_since[VFIB] = 1, NEVER
        length = n - s.oscillating_since - unseen(s, s.oscillating_since, n)
        if length >= limits.vfib_s * rate_hz:
            begin(s, VFIB, n, s.oscillating_since, length / rate_hz, limits.vfib_s, out)
        return
    if s.oscillating:
        s.seen_since = max(s.seen_since, n - int(rate_hz))
        if s.active[VFIB]:
            waves_end(s, n)
    s.oscillating = 0
    if held(s, VFIB, s.active[VFIB] == 1, n) >= RECOVER_S * rate_hz:
        s.holds_since[VFIB] = NEVER
        end_fibrillation(s, n, out)
