"""Pulses of a pressure or pleth channel, and whether they plainly contradict what the ECG says.

The slope sum of Zong, Heldt, Moody and Mark (2003, Comput Cardiol 30, 259-262): the rise of the smoothed signal over the
last 130 ms stands out at the begin of each pulse; an adaptive threshold takes its peaks.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.state import PULSES, SLOPE_SUM

SUM_S = 0.13
SMOOTH_HZ = 8.0
APART_S = 0.27
THRESHOLD = 0.4
"""Of the median height of the last pulses."""
FADE_S = 3.0
GOOD_LEAST, GOOD_MOST = 0.45, 2.2
"""Heights of good pulses, in medians of the last eight."""
STEADY = 0.2
"""Largest relative deviation of pulse intervals from their mean that is called steady."""
WINDOW_S = 6.0
LATE_S = 0.9
"""A pulse reaches the finger, and is decided, within this time of its beat."""
TRUSTED, TRUST_MOST = 5.0, 30.0
"""Seconds in which a channel showed the rate of the ECG, before it may contradict it; and how far it can save them up."""
OFF, ASYSTOLE_ONLY, ALL = 0, 1, 2
BEATING_S, SINCE_S = 3.0, 1.6
"""Pulses of this long tell a beating heart, the newest of them no older than that besides its delay."""
UNCHANGED_LEAST, UNCHANGED_MOST, UNCHANGED_RR = 0.7, 1.5, 0.15
"""Heights, in usual ones, and relative deviation of intervals of a pulse that an arrhythmia has not touched."""
ARRIVES_S = 0.5
"""What reaches the finger sooner than this behind the first beat of an arrhythmia belongs to beats before it."""


@njit(cache=True)
def smoothing(feature_hz):
    """Share of the newest sample in each of the two averages that smooth a pulse."""
    return 1.0 - math.exp(-2.0 * math.pi * SMOOTH_HZ / feature_hz)


@njit(cache=True)
def take_pulses(s, pulses, t, m, share, feature_hz):
    """Sample t of every pulse channel (channels, n) at feature sample m; NaN is one that cannot be read; share: `smoothing`."""
    for k in range(pulses.shape[0]):
        if np.isnan(pulses[k, t]):
            lose_pulse(s, k, m)
        else:
            _take(s, k, m, pulses[k, t], share, feature_hz)


@njit(cache=True)
def _take(s, k, m, value, share, feature_hz):
    """One sample of pulse channel k (any unit) at feature sample m; pulses go to the channel's ring."""
    if not s.pulse_seen[k]:
        s.pulse_smooth[k, 0], s.pulse_smooth[k, 1] = value, value
        s.pulse_seen[k] = 1
        s.pulse_from[k] = m
    last = s.pulse_smooth[k, 1]
    s.pulse_smooth[k, 0] += share * (value - s.pulse_smooth[k, 0])
    s.pulse_smooth[k, 1] += share * (s.pulse_smooth[k, 0] - s.pulse_smooth[k, 1])
    width = min(SLOPE_SUM, int(SUM_S * feature_hz))
    rise = max(0.0, s.pulse_smooth[k, 1] - last)
    s.pulse_sum[k] += rise - s.pulse_rise[k, m % width]
    s.pulse_rise[k, m % width] = rise
    total = max(0.0, s.pulse_sum[k])
    if total > s.pulse_peak[k]:
        s.pulse_peak[k], s.pulse_peak_at[k] = total, m
    elif s.pulse_peak[k] > 0.0 and m - s.pulse_peak_at[k] >= APART_S * feature_hz:
        _judge(s, k, feature_hz)
        s.pulse_peak[k] = 0.0
    if m - max(s.pulse_last[k], s.pulse_from[k]) > FADE_S * feature_hz and m % int(feature_hz) == 0:
        s.pulse_usual[k] *= 0.7


@njit(cache=True)
def _judge(s, k, feature_hz):
    """Take the peak of the slope sum as a pulse where it is high enough; the usual height follows slowly."""
    height, at = s.pulse_peak[k], s.pulse_peak_at[k]
    if at - s.pulse_from[k] < feature_hz or height <= 1e-9 or height < THRESHOLD * s.pulse_usual[k]:
        return
    if s.pulse_count[k] == 0 or s.pulse_usual[k] <= 0.0:
        s.pulse_usual[k] = height
    s.pulse_usual[k] += (min(height, 2.0 * s.pulse_usual[k]) - s.pulse_usual[k]) / 8.0
    slot = s.pulse_count[k] % PULSES
    s.pulse_at[k, slot], s.pulse_height[k, slot] = at, height / s.pulse_usual[k]
    s.pulse_count[k] += 1
    s.pulse_last[k] = at


@njit(cache=True)
def lose_pulse(s, k, m):
    """The channel cannot be read at feature sample m: what it told before does not hold."""
    s.pulse_seen[k] = 0
    s.pulse_from[k] = m
    s.pulse_peak[k] = 0.0
    s.pulse_count[k] = 0
    s.pulse_trust[k] = 0.0
    s.pulse_usual[k] = 0.0
    s.pulse_sum[k] = 0.0
    s.pulse_rise[k, :] = 0.0


@njit(cache=True)
def steady_rate(s, k, m, window_s, feature_hz):
    """Pulse rate (/min) of channel k over the last seconds where its pulses are good and steady; 0 where they are not."""
    count, total, first, last = 0, 0.0, 0, 0
    least, most = 1e18, 0.0
    for back in range(min(s.pulse_count[k], PULSES)):
        j = (s.pulse_count[k] - 1 - back) % PULSES
        at = s.pulse_at[k, j]
        if m - at > (window_s + LATE_S) * feature_hz:
            break
        if not GOOD_LEAST < s.pulse_height[k, j] < GOOD_MOST:
            return 0.0
        if count == 0:
            last = at
        else:
            gap = 1.0 * (first - at)
            least, most, total = min(least, gap), max(most, gap), total + gap
        first = at
        count += 1
    if count < 4 or m - last > LATE_S * feature_hz + total / (count - 1):
        return 0.0
    mean = total / (count - 1)
    if total < 0.6 * window_s * feature_hz or least < (1.0 - STEADY) * mean or most > (1.0 + STEADY) * mean:
        return 0.0
    return 60.0 * feature_hz / mean


@njit(cache=True)
def weigh(s, m, ecg_bpm, feature_hz):
    """Once a second: trust a channel more while it shows the rate of the ECG, less while it shows another."""
    for k in range(s.pulses):
        bpm = steady_rate(s, k, m, WINDOW_S, feature_hz)
        if bpm > 0.0 and ecg_bpm > 0.0:
            step = 1.0 if abs(bpm - ecg_bpm) < 0.08 * ecg_bpm else -0.5
            s.pulse_trust[k] = max(0.0, min(TRUST_MOST, s.pulse_trust[k] + step))


@njit(cache=True)
def pulse_rate(s, m, window_s, feature_hz):
    """The steady pulse rate that the trusted channels show, /min; 0 where none shows one, or where two disagree."""
    found = 0.0
    for k in range(s.pulses):
        rate = steady_rate(s, k, m, window_s, feature_hz) if s.pulse_trust[k] >= TRUSTED else 0.0
        if rate > 0.0:
            if found > 0.0 and abs(rate - found) > 0.1 * found:
                return 0.0
            found = rate
    return found


@njit(cache=True)
def beating(s, m, feature_hz):
    """Rate (/min) of the good pulses of the last three seconds on a trusted channel, steady or not; 0 where there are none."""
    for k in range(s.pulses):
        if s.pulse_trust[k] < TRUSTED or s.pulse_count[k] == 0 or m - s.pulse_last[k] > (SINCE_S + LATE_S) * feature_hz:
            continue
        count, first, good = 0, m, True
        for back in range(min(s.pulse_count[k], PULSES)):
            j = (s.pulse_count[k] - 1 - back) % PULSES
            if m - s.pulse_at[k, j] > (BEATING_S + LATE_S) * feature_hz:
                break
            good = good and GOOD_LEAST < s.pulse_height[k, j] < GOOD_MOST
            first = s.pulse_at[k, j]
            count += 1
        if good and count >= 3:
            return 60.0 * feature_hz * (count - 1) / (s.pulse_last[k] - first)
    return 0.0


@njit(cache=True)
def _unchanged(s, k, since, m, feature_hz):
    """Rate (/min) of channel k since feature sample `since`, where its pulses come as high and as evenly as before; else 0."""
    begin = since + int(ARRIVES_S * feature_hz)
    usual, before, during, count = 0.0, 0, 0.0, 0
    for back in range(min(s.pulse_count[k], PULSES) - 1):
        j, i = (s.pulse_count[k] - 1 - back) % PULSES, (s.pulse_count[k] - 2 - back) % PULSES
        gap = 1.0 * (s.pulse_at[k, j] - s.pulse_at[k, i])
        if s.pulse_at[k, j] >= begin:
            if not UNCHANGED_LEAST < s.pulse_height[k, j] < UNCHANGED_MOST:
                return 0.0
            during, count = during + gap, count + 1
        elif before < 5:
            usual, before = usual + gap, before + 1
    if before < 4 or count < 2:
        return 0.0
    usual /= before
    if m - s.pulse_last[k] > LATE_S * feature_hz + usual:
        return 0.0
    for back in range(count):
        j, i = (s.pulse_count[k] - 1 - back) % PULSES, (s.pulse_count[k] - 2 - back) % PULSES
        gap = s.pulse_at[k, j] - s.pulse_at[k, i]
        if abs(gap - usual) > UNCHANGED_RR * usual:
            return 0.0
    return 60.0 * feature_hz * count / during


@njit(cache=True)
def pulse_goes_on(s, since, m, feature_hz):
    """The pulse rate (/min) that a trusted channel shows unchanged since feature sample `since`; 0 where none does."""
    for k in range(s.pulses):
        if s.pulse_trust[k] >= TRUSTED:
            bpm = _unchanged(s, k, since, m, feature_hz)
            if bpm > 0.0:
                return bpm
    return 0.0
