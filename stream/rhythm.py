"""Ventricular fibrillation by its oscillation."""

from __future__ import annotations

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
from stream.state import BEATS, NEVER, SHAPE_LEADS

OSCILLATION_S = 3.0
ORGANISED_S = 2.0
SLOW_S, SLOW_RR_S = 4.0, 0.4
"""Beats slower than those of flutter (150/min) that come this long evenly are no fibrillation, however wide they are."""
FORM_BEATS = 24
"""Beats of the leading form from which on it is that of the bed, and not that of waves which began a few seconds ago."""
LEAST_LIKE, MOST_LIKE, FASTEST_HZ, SILENT_S = 4, 2.0 / 3.0, 3.0, 1.5
"""So many beats, this share of them of the leading form, not as fast as flutter, and the newest not long ago."""
YOUNG_HZ, YOUNG_RR_S, YOUNG_LIKE = 2.5, 0.28, 0.7
"""Where the form is younger: no faster than this, no beat as near to the one before as waves are, and every one like it."""
CLEAR_OFF, CLEAR_LEAK, CLEAR_MV = 0.4, 0.7, 0.3
"""A lead of this height that mostly rests on its baseline shows beats, not waves."""


@njit(cache=True)
def _organised(s, n, rate_hz):
    """Whether the beats of the last two seconds come as regularly as those of a tachycardia."""
    count, total, least, most = 0, 0.0, 1e18, 0.0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] <= 0.0 or n - s.beat_at[k] > (ORGANISED_S + DECIDED_S) * rate_hz:
            break
        total += s.beat_rr[k]
        least, most = min(least, s.beat_rr[k]), max(most, s.beat_rr[k])
        count += 1
    return count >= 4 and most < 1.2 * least and total > 0.6 * ORGANISED_S * rate_hz


@njit(cache=True)
def _evenly(s, n, rate_hz, most_ratio):
    """Whether at least four beats of the last seconds come evenly, slower than flutter."""
    count, total, least, most = 0, 0.0, 1e18, 0.0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] <= 0.0 or n - s.beat_at[k] + s.beat_rr[k] > (SLOW_S + DECIDED_S) * rate_hz:
            break
        total += s.beat_rr[k]
        least, most = min(least, s.beat_rr[k]), max(most, s.beat_rr[k])
        count += 1
    if count < 3 or n - s.last_beat > (DECIDED_S + 1.2) * rate_hz + most:
        return False
    return most < most_ratio * least and total / count > SLOW_RR_S * rate_hz


@njit(cache=True)
def _repeats(s, n, rate_hz):
    """Whether most QRS of the last seconds have the form that the bed showed before: fibrillation has none, however wide
    and uneven the beats of a bundle branch block in atrial fibrillation are. Once VF has begun no beat is compared."""
    count, like, least_like, nearest = 0, 0, 1.0, 1e18
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if n - s.beat_at[k] > (OSCILLATION_S + DECIDED_S) * rate_hz:
            break
        count += 1
        like += s.beat_like[k] >= shape.SAME_FORM
        least_like = min(least_like, s.beat_like[k])
        nearest = min(nearest, s.beat_rr[k]) if s.beat_rr[k] > 0.0 else nearest
    known = s.form_beats[s.form_lead]
    if s.active[VFIB] or min(count, known) < LEAST_LIKE or n - s.last_beat > SILENT_S * rate_hz:
        return False
    hz = count / (OSCILLATION_S + DECIDED_S)
    if known >= FORM_BEATS:
        return hz < FASTEST_HZ and like >= MOST_LIKE * count
    return hz < YOUNG_HZ and nearest > YOUNG_RR_S * rate_hz and least_like > YOUNG_LIKE


@njit(cache=True)
def fibrillation(s, n, rate_hz, shape_hz, limits, out):
    """Oscillation without beats and without baseline on most of the good leads, for as long as the limit says."""
    count = int(OSCILLATION_S * shape_hz)
    votes, leads, clear = 0, 0, False
    for k in range(min(SHAPE_LEADS, s.leads)):
        height, hz, leak, off = shape.oscillation(s, s.shapes, k, count, shape_hz)
        s.wave_height[k], s.wave_hz[k], s.wave_leak[k], s.wave_off[k] = height, hz, leak, off
        if height < 0.05:
            continue
        leads += 1
        clear = clear or (height > CLEAR_MV and off < CLEAR_OFF and leak > CLEAR_LEAK)
        if height > 0.2 and 1.8 < hz < 10.0 and leak < 0.62 and off > 0.62:
            votes += 1
    seen = n - s.seen_since >= OSCILLATION_S * rate_hz
    true = seen and votes > 0 and 2 * votes >= leads and not _organised(s, n, rate_hz)
    true = true and not _repeats(s, n, rate_hz)
    true = true and not _evenly(s, n, rate_hz, 1.35 if clear else 1.15)
    if true:
        if not s.oscillating:
            s.oscillating_since = n - int(OSCILLATION_S * rate_hz)
        s.oscillating = 1
        if n - s.oscillating_since >= limits.vfib_s * rate_hz:
            begin(s, VFIB, n, s.oscillating_since, (n - s.oscillating_since) / rate_hz, limits.vfib_s, out)
        return
    if s.oscillating:
        s.seen_since = max(s.seen_since, n - int(rate_hz))
        if s.active[VFIB]:
            waves_end(s, n)
    s.oscillating = 0
    if held(s, VFIB, s.active[VFIB] == 1, n) >= RECOVER_S * rate_hz:
        s.holds_since[VFIB] = NEVER
        end_fibrillation(s, n, out)
