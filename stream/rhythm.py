"""Rules over stretches of rhythm: ventricular fibrillation by its oscillation, atrial fibrillation by irregular beats."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.classify import VENTRICULAR
from stream.report import (
    AFIB_END,
    AFIB_ONSET,
    DECIDED_S,
    RECOVER_S,
    VFIB,
    begin,
    end,
    end_tachycardia,
    held,
)
from stream.state import BEATS, NEVER, SHAPE_LEADS

OSCILLATION_S = 3.0
ORGANISED_S = 2.0


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
def fibrillation(s, n, rate_hz, shape_hz, limits, out):
    """Oscillation without beats and without baseline on most of the good leads, for as long as the limit says."""
    count = int(OSCILLATION_S * shape_hz)
    votes, leads = 0, 0
    for k in range(min(SHAPE_LEADS, s.leads)):
        height, hz, leak, off = shape.oscillation(s, s.shapes, k, count, shape_hz)
        if height < 0.05:
            continue
        leads += 1
        if height > 0.2 and 1.8 < hz < 10.0 and leak < 0.62 and off > 0.62:
            votes += 1
    seen = n - s.seen_since >= OSCILLATION_S * rate_hz
    true = seen and votes > 0 and 2 * votes >= leads and not _organised(s, n, rate_hz)
    if true:
        if not s.oscillating:
            s.oscillating_since = n - int(OSCILLATION_S * rate_hz)
        s.oscillating = 1
        if n - s.oscillating_since >= limits.vfib_s * rate_hz:
            begin(s, VFIB, n, s.oscillating_since, (n - s.oscillating_since) / rate_hz, limits.vfib_s, out)
        return
    if s.oscillating:
        s.seen_since = max(s.seen_since, n - int(rate_hz))
    s.oscillating = 0
    if held(s, VFIB, s.active[VFIB] == 1, n) >= RECOVER_S * rate_hz:
        s.holds_since[VFIB] = NEVER
        end_tachycardia(s, VFIB, n, out)


@njit(cache=True)
def _irregular(s, n, rate_hz):
    """Whether the last beats follow each other irregularly: 1 yes, 0 no, -1 too few to say.

    Root mean square of successive differences above a tenth of the mean RR, and most differences not small (Dash 2009,
    Ann Biomed Eng 37, 1701-1709). Intervals next to a ventricular beat do not count.
    """
    squares, total, count, large = 0.0, 0.0, 0, 0
    for back in range(min(s.beats, BEATS) - 2):
        k, j = (s.beats - 1 - back) % BEATS, (s.beats - 2 - back) % BEATS
        i = (s.beats - 3 - back) % BEATS
        if s.beat_rr[k] <= 0.0 or s.beat_rr[j] <= 0.0 or n - s.beat_at[k] > 30.0 * rate_hz:
            break
        if s.beat_kind[k] == VENTRICULAR or s.beat_kind[j] == VENTRICULAR or s.beat_kind[i] == VENTRICULAR:
            continue
        difference = s.beat_rr[k] - s.beat_rr[j]
        squares += difference * difference
        total += s.beat_rr[k]
        large += abs(difference) > 0.04 * s.beat_rr[k]
        count += 1
    if count < 12:
        return -1
    mean = total / count
    return 1 if np.sqrt(squares / count) > 0.1 * mean and large > 0.6 * count else 0


@njit(cache=True)
def atrial(s, n, rate_hz, shape_hz, limits, out):
    """Atrial fibrillation: irregular beats without a P wave; onset and end are told, nothing between."""
    irregular = _irregular(s, n, rate_hz)
    if irregular < 0:
        return
    fibrillating = irregular == 1 and not shape.p_present(s, shape_hz)
    if fibrillating:
        s.regular_since = NEVER
        if s.irregular_since == NEVER:
            s.irregular_since = max(s.seen_since, n - int(10.0 * rate_hz))
        if not s.afib and n - s.irregular_since >= limits.afib_s * rate_hz:
            s.afib = 1
            length = (n - s.irregular_since) / rate_hz
            begin(s, AFIB_ONSET, n, s.irregular_since, length, limits.afib_s, out)
        return
    s.irregular_since = NEVER
    if s.afib:
        if s.regular_since == NEVER:
            s.regular_since = n
        if n - s.regular_since >= limits.afib_end_s * rate_hz:
            s.afib = 0
            end(s, AFIB_ONSET, n, out)
            length = (n - s.regular_since) / rate_hz
            begin(s, AFIB_END, n, s.regular_since, length, limits.afib_end_s, out)
            end(s, AFIB_END, n, out)
