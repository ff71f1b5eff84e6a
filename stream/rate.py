"""Heart rate: what is shown, whether it can be vouched for, and the alarms on its limits."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.contradiction import begin_red
from stream.report import (
    ASYSTOLE,
    DECIDED_S,
    EXTREME_BRADY,
    EXTREME_TACHY,
    HR_HIGH,
    HR_LOW,
    RECOVER_S,
    begin,
    end,
    held,
)
from stream.state import BEATS, NEVER

RATE_S = 3.0
SHOWN_S = 10.0
DOUBTFUL = 0.6
"""Expected number of artefacts among the beats of ten seconds from which on their rate is not vouched for (chosen on
MIT-BIH DS1 with and without added noise)."""
EXTREME_HOLD_S = 2.0
EXTREME_BEATS = 4
"""Intervals that an extreme bradycardia rests on: five beats (PhysioNet/CinC Challenge 2015), so no single pause is one."""


@njit(cache=True)
def _mean_rate(s, n, rate_hz, over_s, least):
    """Mean rate (/min) over the beats of the last `over_s` seconds, at least `least` intervals; NaN where unknown."""
    total, count = 0.0, 0
    now = n - int(DECIDED_S * rate_hz)
    if s.last_beat < s.seen_since:
        return np.nan
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] <= 0.0:
            break
        if count >= least and now - s.beat_at[k] > over_s * rate_hz:
            break
        total += s.beat_rr[k]
        count += 1
    if count < least:
        return np.nan
    silence = now - s.last_beat
    if silence > total / count:
        total, count = total + silence, count + 1
    return 60.0 * rate_hz * count / total


@njit(cache=True)
def _shown_rate(s, n, rate_hz):
    """Mean rate (/min) between the first and the last beat told of the last ten seconds, at least two intervals; else NaN."""
    if s.last_beat < s.seen_since:
        return np.nan
    first, last, count = 0, NEVER, 0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if count >= 2 and n - s.beat_at[k] > SHOWN_S * rate_hz:
            break
        if not s.beat_hidden[k]:
            count += last != NEVER
            last = max(last, s.beat_at[k])
            first = s.beat_at[k]
        if s.beat_rr[k] <= 0.0:
            break
    return 60.0 * rate_hz * count / (last - first) if count >= 2 else np.nan


@njit(cache=True)
def unsure(s, n, rate_hz):
    """Whether the beats of the last ten seconds cannot be vouched for."""
    artefacts = 0.0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if n - s.beat_at[k] > SHOWN_S * rate_hz:
            break
        artefacts += s.beat_doubt[k]
    return artefacts > DOUBTFUL


@njit(cache=True)
def rates(s, n, rate_hz, feature_hz, limits, out):
    """Heart rate against its limits, validated over time."""
    lost = s.oscillating or s.blind_since != NEVER or s.active[ASYSTOLE]
    s.rate = np.nan if lost else _mean_rate(s, n, rate_hz, RATE_S, 3)
    slow = np.nan if lost else _mean_rate(s, n, rate_hz, RATE_S, EXTREME_BEATS)
    s.shown_rate = np.nan if lost or unsure(s, n, rate_hz) else _shown_rate(s, n, rate_hz)
    fast = s.rate >= limits.extreme_high_bpm
    _rate(s, EXTREME_TACHY, fast, limits.extreme_high_bpm, EXTREME_HOLD_S, n, rate_hz, feature_hz, limits, out)
    low = slow <= limits.extreme_low_bpm
    _rate(s, EXTREME_BRADY, low, limits.extreme_low_bpm, 0.0, n, rate_hz, feature_hz, limits, out)
    _rate(
        s,
        HR_HIGH,
        s.rate > limits.hr_high_bpm,
        limits.hr_high_bpm,
        limits.hr_delay_s,
        n,
        rate_hz,
        feature_hz,
        limits,
        out,
    )
    _rate(
        s, HR_LOW, s.rate < limits.hr_low_bpm, limits.hr_low_bpm, limits.hr_delay_s, n, rate_hz, feature_hz, limits, out
    )


@njit(cache=True)
def _rate(s, code, beyond, limit, hold_s, n, rate_hz, feature_hz, limits, out):
    """Begin after `hold_s` beyond the limit, end after RECOVER_S inside it; an unknown rate ends nothing at once."""
    if s.active[code]:
        if held(s, code, not beyond, n) >= RECOVER_S * rate_hz:
            s.holds_since[code] = NEVER
            end(s, code, n, out)
        return
    if held(s, code, beyond, n) >= hold_s * rate_hz:
        first = s.holds_since[code]
        s.holds_since[code] = NEVER
        if code in (EXTREME_TACHY, EXTREME_BRADY):
            begin_red(s, code, n, first, s.rate, limit, s.rate, n, rate_hz, feature_hz, limits, out)
        else:
            begin(s, code, n, first, s.rate, limit, out)
