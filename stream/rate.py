"""Heart rate: what is shown, whether it can be vouched for, and the alarms on its limits."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.contradiction import begin_red
from stream.report import (
    ASYSTOLE,
    BY_DOUBT,
    DECIDED_S,
    EXTREME_BRADY,
    EXTREME_TACHY,
    HR_HIGH,
    HR_LOW,
    RECOVER_S,
    begin,
    end,
    held,
    is_told,
    keep,
    let_go,
)
from stream.sight import undecided_s, unseen
from stream.state import BEATS, NEVER

RATE_S = 3.0
SHOWN_S = 10.0
FAST_BEATS = 8
"""Intervals that an extreme tachycardia rests on."""
BACK = 0.95
"""An extreme rate is over when it is this share of its limit, or its inverse, away: irregular beats do not make it flap."""
WHOLE = 0.5
"""Limits are compared with rates in whole beats a minute, as they are shown."""
SURE_BPM, SURE_SHARE = 5.0, 0.1
"""What a rate may be off by (IEC 60601-2-27)."""
DOUBTFUL = 0.5
"""Expected number of artefacts among the beats of ten seconds from which on their rate is not vouched for (chosen on
MIT-BIH DS1 with and without added noise)."""
ALIKE = 0.6
"""Mean correlation of successive shapes: of a tachycardia of 195/min in white noise of 0.3 mV 0.75 and more, of noise of 0.4
to 0.8 mV that is counted 0.05 to 0.45 (simulated)."""
GOOD, NOISY, DOUBT = 1, 2, 7
"""Quality and reason as `stream.signalpath` keeps them."""
EXTREME_BEATS = 4
"""Intervals that an extreme bradycardia rests on: five beats (PhysioNet/CinC Challenge 2015)."""
HIDDEN_BEAT = 2.6
"""Mean intervals that a silence with one hidden beat lasts at most (twice `sight.SAME_RR`)."""
HALF_S, EVEN_BEATS, EVEN = 0.5 * SHOWN_S, 3, 1.15
"""Half of what is shown; so many intervals whose longest is no more than so many of the shortest tell the rate sooner."""
UNKNOWN_INTERVALS = 4
"""So many intervals that may hold a hidden beat are passed over on the way to known ones."""
SLOW_BEATS = 2
"""Of them so many must be slower than the limit themselves, so that no single pause is one."""


@njit(cache=True)
def _lately(s, n, decided_s, rate_hz, over_s, least, long):
    """Sum (samples) and number of the intervals of the last `over_s` seconds, at least `least`, and how many exceed `long`.

    A silence that is longer than their mean is one of them, where nothing can hide in it; where a beat can, the rate is
    unknown when it lasts longer than one that is hidden makes it. All are 0 where the rate is unknown.
    """
    total, count, slow, unknown = 0.0, 0, 0, 0
    now = n - int(decided_s * rate_hz)
    if s.last_beat < s.seen_since:
        return 0.0, 0, 0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] < 0.0 and unknown < UNKNOWN_INTERVALS:
            unknown += 1
            continue
        if s.beat_rr[k] <= 0.0 or s.beat_at[k] - s.beat_rr[k] < s.rate_since:
            break
        if count >= least and now - s.beat_at[k] > over_s * rate_hz:
            break
        total += s.beat_rr[k]
        slow += s.beat_rr[k] > long
        count += 1
    if count < least:
        return 0.0, 0, 0
    silence = now - s.last_beat
    if silence <= total / count:
        return total, count, slow
    if unseen(s, s.last_beat, now) == 0:
        total, count, slow = total + silence, count + 1, slow + (silence > long)
    elif silence > HIDDEN_BEAT * total / count:
        return 0.0, 0, 0
    return total, count, slow


@njit(cache=True)
def _mean_rate(s, n, decided_s, rate_hz, over_s, least):
    """Mean rate (/min) over the beats of the last `over_s` seconds, at least `least` intervals; NaN where unknown."""
    total, count, _ = _lately(s, n, decided_s, rate_hz, over_s, least, np.inf)
    return 60.0 * rate_hz * count / total if count else np.nan


@njit(cache=True)
def _shown_rate(s, n, rate_hz):
    """Mean rate (/min) between the first and the last beat told of the last ten seconds, at least two intervals; else NaN.

    Where an asystole or an interruption cuts them off, they reach back over half of it at least, or behind an interruption are
    even: a few uneven ones tell no mean. Before the first beat of all nothing was.
    """
    if s.last_beat < s.seen_since:
        return np.nan
    first, last, count, cut = 0, NEVER, 0, False
    least, most = np.inf, 0.0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_at[k] < s.vf_until or (count >= 2 and n - s.beat_at[k] > SHOWN_S * rate_hz):
            break
        if not s.beat_hidden[k]:
            count += last != NEVER
            last = max(last, s.beat_at[k])
            first = s.beat_at[k]
        rr = s.beat_rr[k]
        if rr <= 0.0:
            cut = back < s.beats - 1 and (rr == 0.0 or count < EVEN_BEATS or most > EVEN * least)
            break
        least, most = min(least, rr), max(most, rr)
    if count < 2 or (cut and n - first < HALF_S * rate_hz):
        return np.nan
    rate = 60.0 * rate_hz * count / (last - first)
    # a beat of this moment is not decided yet: where it would change the rate, neither figure is sure
    slower = 60.0 * rate_hz * (count + 1) / (n - first)
    return np.nan if rate - slower > max(SURE_BPM, SURE_SHARE * rate) else rate


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
def begin_sure(s, code, at, first, value, limit, rate_hz, out):
    """Begin what the beats show at sample `at`, kept back until they can be vouched for."""
    if unsure(s, s.next, rate_hz):
        keep(s, code, BY_DOUBT, 0.0, at, first, value, limit, out)
        return
    let_go(s, code, at, first, value, limit, out)
    begin(s, code, at, first, value, limit, out)


@njit(cache=True)
def _is_noise(s, intervals):
    """Whether no lead is good by its own noise, and so many newest beats are not like one another either: what is counted is
    noise and no heart."""
    for lead in range(s.leads):
        if s.quality[lead] == GOOD or (s.quality[lead] == NOISY and s.reason[lead] == DOUBT):
            return False
    total, count = 0.0, min(s.beats, intervals, BEATS)
    for back in range(count):
        total += s.beat_same[(s.beats - 1 - back) % BEATS]
    return total < ALIKE * count


@njit(cache=True)
def _artefacts(s, intervals):
    """Expected share of artefacts among so many newest beats, 0..1."""
    total, count = 0.0, min(s.beats, intervals, BEATS)
    for back in range(count):
        total += s.beat_doubt[(s.beats - 1 - back) % BEATS]
    return total / max(1, count)


@njit(cache=True)
def rates(s, n, rate_hz, feature_hz, limits, out):
    """Heart rate against its limits, validated over time."""
    lost = s.oscillating or s.blind_since != NEVER or s.active[ASYSTOLE] or s.towering_since != NEVER
    wait_s = undecided_s(s, feature_hz)
    s.rate = np.nan if lost else _mean_rate(s, n, wait_s, rate_hz, RATE_S, 3)
    slow = np.nan if lost else _mean_rate(s, n, wait_s, rate_hz, RATE_S, EXTREME_BEATS)
    fast = np.nan if lost else _mean_rate(s, n, wait_s, rate_hz, RATE_S, FAST_BEATS)
    sure = not unsure(s, n, rate_hz)
    s.shown_rate = _shown_rate(s, n, rate_hz) if sure and not lost else np.nan
    high, low = limits.extreme_high_bpm, limits.extreme_low_bpm
    beyond = fast >= high - WHOLE
    fast_enough = beyond or (s.active[EXTREME_TACHY] and fast >= BACK * high)
    slow_enough = slow < (low / BACK if s.active[EXTREME_BRADY] else low + WHOLE)
    if slow_enough and not s.active[EXTREME_BRADY]:
        slow_enough = (
            _lately(s, n, wait_s, rate_hz, RATE_S, EXTREME_BEATS, 60.0 * rate_hz / (low + WHOLE))[2] >= SLOW_BEATS
        )
    # in doubt a heart is fast that is so without its artefacts, which cannot make it look slow
    fast_at_least = fast * (1.0 - _artefacts(s, FAST_BEATS))
    sure_fast = beyond and (sure or (fast_at_least >= high - WHOLE and not _is_noise(s, FAST_BEATS)))
    was_fast, was_slow = s.active[EXTREME_TACHY] == 1, s.active[EXTREME_BRADY] == 1
    _extreme(s, EXTREME_TACHY, fast_enough, sure_fast, fast, high, n, rate_hz, feature_hz, limits, out)
    _extreme(s, EXTREME_BRADY, slow_enough, True, slow, low, n, rate_hz, feature_hz, limits, out)
    _limit(s, HR_HIGH, s.rate > limits.hr_high_bpm, sure, limits.hr_high_bpm, n, wait_s, rate_hz, limits, out)
    _limit(s, HR_LOW, s.rate < limits.hr_low_bpm, sure, limits.hr_low_bpm, n, wait_s, rate_hz, limits, out)
    if was_fast and not s.active[EXTREME_TACHY]:
        _end_with_extreme(s, HR_HIGH, s.rate > limits.hr_high_bpm, n, out)
    if was_slow and not s.active[EXTREME_BRADY]:
        _end_with_extreme(s, HR_LOW, s.rate < limits.hr_low_bpm, n, out)


@njit(cache=True)
def _end_with_extreme(s, code, beyond, n, out):
    """At the end of an extreme rate: the alarm on the limit that stood below it is not left over where the rate is back inside."""
    if not beyond:
        s.holds_since[code] = NEVER
        end(s, code, n, out)


@njit(cache=True)
def _recovered(s, code, beyond, n, rate_hz, out):
    """End an alarm after RECOVER_S inside its limit; an unknown rate ends nothing at once. Whether it was open."""
    if not s.active[code]:
        return False
    if held(s, code, not beyond, n) >= RECOVER_S * rate_hz:
        s.holds_since[code] = NEVER
        end(s, code, n, out)
    return True


@njit(cache=True)
def _limit(s, code, beyond, sure, limit, n, wait_s, rate_hz, limits, out):
    """Begin after the validation delay beyond the limit, kept back until it is sure. wait_s: within it beats may be undecided."""
    if _recovered(s, code, beyond, n, rate_hz, out):
        if beyond and sure:
            let_go(s, code, n, n, s.rate, limit, out)
        return
    if beyond and s.holds_since[code] == NEVER:
        # a beat just decided brought it, or the silence that is known by now
        fresh = n - s.last_beat < DECIDED_S * rate_hz
        s.holds_since[code] = s.last_beat if fresh else n - int(wait_s * rate_hz)
    if held(s, code, beyond, n) >= limits.hr_delay_s * rate_hz:
        first = s.holds_since[code]
        s.holds_since[code] = NEVER
        if sure:
            begin(s, code, n, first, s.rate, limit, out)
        else:
            keep(s, code, BY_DOUBT, 0.0, n, first, s.rate, limit, out)


@njit(cache=True)
def _extreme(s, code, beyond, sure, bpm, limit, n, rate_hz, feature_hz, limits, out):
    """Begin as soon as the mean over enough beats is beyond the limit, kept back until it is sure."""
    _recovered(s, code, beyond, n, rate_hz, out)
    if not beyond or is_told(s, code):
        return
    first = max(s.seen_since, n - int(60.0 * FAST_BEATS * rate_hz / max(1.0, bpm)))
    if not sure:
        keep(s, code, BY_DOUBT, 0.0, n, first, bpm, limit, out)
        return
    begin_red(s, code, n, first, bpm, limit, bpm, n, rate_hz, feature_hz, limits, out)
