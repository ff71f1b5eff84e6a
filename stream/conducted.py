"""Beats that are conducted although they look ventricular: behind P waves at a rate that does not jump, or as narrow as before."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.classify import VENTRICULAR
from stream.state import BEATS, SHAPE_LEADS

JUDGED = 5
"""Beats that the judgement of a tachycardia rests on; a longer definition must be true for longer."""
SAME_RATE, LIKE_P, R_LATER_S = 0.08, 0.6, 0.08
"""From beat to beat a conducted rhythm changes its rate by less than this share, and what lies before its beats is as it was
before normal ones (R may come so much later in a wide QRS). Chosen on simulated block."""
OWN_BEATS, OWN_EARLY, OWN_RATE = 30, 0.3, 0.15
"""A wide form of which a bed has shown so many beats, fewer than this share of them early, is its own: a block that comes and
goes, and its rate may change by this much where it comes (seen in MIT-BIH 212)."""
P_KNOWN = 8
"""Normal beats from which on it is known what lies before them."""
WAVE_MV = 0.05
"""A lead that moves less judges nothing."""
LEADS = 2
"""One lead alone cannot tell a P wave from the end of a T wave."""
AS_LEADING = 0.85
"""Correlation with the leading form from which on a beat is one of its own."""
P_MV, P_LEAST_S, P_MOST_S = 0.02, 0.025, 0.11
"""A P wave is a hump of this height and, at half of it, of this width in the mean beat (simulated tachycardia stays below
0.006 mV, simulated block above 0.15 mV where the P wave is free of the T wave)."""
LOOK_S, LOOK_TO_S, SOONEST_S, LATEST_S = 0.36, 0.06, 0.24, 0.09
"""Stretch before R in which it is looked for, and where its peak may lie."""
OWN_P = 0.5
"""A beat has a P wave of its own where it rises by this share of what the mean beat does."""
TALLEST_P_MV, BESIDE_S = 0.4, 0.025
"""A hump so high, in any lead this near to where another has its own, is a T wave in all of them (a P wave above 0.25 mV is pathological)."""
APART_BPM = 110.0
"""At this rate and below P waves are told for sure: between T wave and QRS of a block there are 100 ms (QT by Bazett)."""
NARROW_MS, CORE_S, CORE_LIKE = 100.0, 0.05, 0.95
"""A QRS so narrow whose core, this long either way of R, correlates so well with that of the leading form is conducted as
before: in a fast rhythm the waves next to it change its shape. Simulated tachycardia stays below 0.9, fast sinus above 0.95."""


@njit(cache=True)
def _is_own(s):
    """Whether the form of the newest beat is one that the bed has shown long before, and in time."""
    return s.form_beats[s.form_last] >= OWN_BEATS and s.form_early[s.form_last] < OWN_EARLY


@njit(cache=True)
def follow_rate(s, kind, rr, rate_hz):
    """Take the interval (samples, 0 unknown) of a beat of this kind: `leapt` says that strange beats began with a jump of the rate."""
    strange = kind == VENTRICULAR or s.features[0] < AS_LEADING
    if not strange:
        s.leapt = 0
        if rr > 0.0:
            s.even_rr = rr if s.even_rr <= 0.0 else 0.5 * (s.even_rr + rr)
        return
    k = (s.beats - 1) % BEATS
    first = s.beats == 0 or (s.beat_kind[k] != VENTRICULAR and s.beat_like[k] >= AS_LEADING)
    later, share = R_LATER_S * rate_hz if first else 0.0, OWN_RATE if _is_own(s) else SAME_RATE
    least, most = (1.0 - share) * s.even_rr, (1.0 + share) * s.even_rr + later
    if not (first or least <= rr <= most) and s.beat_rr[k] > 0.0 and abs(rr - s.beat_rr[k]) <= R_LATER_S * rate_hz:
        rr = 0.5 * (rr + s.beat_rr[k])  # R of a wide QRS may be found at another of its peaks
    if rr <= 0.0 or not least <= rr <= most:
        s.leapt = 1
    elif not first:
        s.even_rr = 0.5 * (s.even_rr + rr)


@njit(cache=True)
def judging(s):
    """How many of the leads that carry shapes move."""
    count = 0
    for k in range(min(SHAPE_LEADS, s.leads)):
        count += s.wave_height[k] >= WAVE_MV
    return count


@njit(cache=True)
def _like_before(s, at, shape_hz):
    """Highest correlation, -1..1, of what lies before the QRS at shape sample `at` with what lies before normal beats."""
    before, count = int(shape.P_FROM_S * shape_hz), int((shape.P_FROM_S - shape.P_TO_S) * shape_hz)
    stretch, best = np.zeros((count, SHAPE_LEADS), np.float32), -1.0
    for later in range(int(R_LATER_S * shape_hz) + 1):
        shape.cut(s, at - later, before, count, stretch)
        best = max(best, shape.correlate(stretch, s.p_wave, count))
    return best


@njit(cache=True)
def _hump(wave, at, count):
    """Height of the hump whose peak is sample `at` of wave (count,) above the higher of its two feet, and its width at half of it."""
    top = wave[at]
    foot_1, k = top, at
    while k > 0 and wave[k - 1] <= top:
        k -= 1
        foot_1 = min(foot_1, wave[k])
    foot_2, k = top, at
    while k < count - 1 and wave[k + 1] <= top:
        k += 1
        foot_2 = min(foot_2, wave[k])
    height = top - max(foot_1, foot_2)
    first, last = at, at
    while first > 0 and wave[first] > top - 0.5 * height:
        first -= 1
    while last < count - 1 and wave[last] > top - 0.5 * height:
        last += 1
    return height, last - first


@njit(cache=True)
def has_hump(wave, first, last, least_mv, shape_hz):
    """Whether wave (n,) has a hump as wide as a P wave, of this height (mV) or more, whose peak lies at sample first to last."""
    for k in range(first, last + 1):
        if wave[k] >= wave[k - 1] and wave[k] > wave[k + 1]:
            height, width = _hump(wave, k, wave.shape[0])
            if height >= least_mv and P_LEAST_S <= width / shape_hz <= P_MOST_S:
                return True
    return False


@njit(cache=True)
def at_rest(s, rate_hz):
    """Whether the last beats come at a rate at which P waves stand apart from the T wave before."""
    shortest = 1e18
    for back in range(JUDGED):
        shortest = min(shortest, s.beat_rr[(s.beats - 1 - back) % BEATS])
    return s.beats >= JUDGED and shortest >= 60.0 * rate_hz / APART_BPM


@njit(cache=True)
def _rises(wave, at, reach):
    """By how much wave (n,) stands at sample `at` above its mean so many samples to either side."""
    return wave[at] - 0.5 * (wave[max(0, at - reach)] + wave[min(len(wave) - 1, at + reach)])


@njit(cache=True)
def _most_have(stretches, wave, at, lead, sign, reach):
    """Whether most beats (beats, n, SHAPE_LEADS) have, up or down by `sign`, the wave of one lead whose mean (n,) peaks at sample `at`."""
    found, least = 0, OWN_P * _rises(wave, at, reach)
    for k in range(stretches.shape[0]):
        found += sign * _rises(stretches[k, :, lead], at, reach) >= least
    return 2 * found > stretches.shape[0]


@njit(cache=True)
def _is_t(mean, at, reach):
    """Whether the mean beat (n, SHAPE_LEADS) peaks within so many samples of sample `at` higher than a P wave does, in any lead."""
    highest, count = 0.0, mean.shape[0]
    for lead in range(SHAPE_LEADS):
        for sign in (1.0, -1.0):
            wave = sign * mean[:, lead]
            for k in range(max(1, at - reach), min(count - 1, at + reach + 1)):
                if wave[k] >= wave[k - 1] and wave[k] > wave[k + 1]:
                    highest = max(highest, _hump(wave, k, count)[0])
    return highest > TALLEST_P_MV


@njit(cache=True)
def p_seen(s, beats, strict, shape_hz):
    """Whether the mean of the last beats has a P wave before R in any lead, up or down; needs no template.

    strict: most of the beats must have it themselves, so that a P wave of atria that go on by themselves is none, and it must be no
    T wave of the beat before.
    """
    before, count = int(LOOK_S * shape_hz), int((LOOK_S - LOOK_TO_S) * shape_hz)
    held, reach, beside = min(beats, s.beats, BEATS), int(0.5 * P_MOST_S * shape_hz), int(BESIDE_S * shape_hz)
    stretches, mean = np.zeros((held, count, SHAPE_LEADS), np.float32), np.zeros((count, SHAPE_LEADS))
    for back in range(held):
        shape.cut(s, s.beat_shape[(s.beats - 1 - back) % BEATS], before, count, stretches[back])
        mean += stretches[back] / beats
    for lead in range(SHAPE_LEADS):
        for sign in (1.0, -1.0):
            wave = sign * mean[:, lead]
            for k in range(before - int(SOONEST_S * shape_hz), before - int(LATEST_S * shape_hz) + 1):
                if wave[k] >= wave[k - 1] and wave[k] > wave[k + 1]:
                    height, width = _hump(wave, k, count)
                    wave_like = height >= P_MV and P_LEAST_S <= width / shape_hz <= P_MOST_S
                    if wave_like and not strict:
                        return True
                    if wave_like and not _is_t(mean, k, beside) and _most_have(stretches, wave, k, lead, sign, reach):
                        return True
    return False


@njit(cache=True)
def is_conducted(s, beats, shape_hz):
    """Whether the last beats go on without a jump of the rate, each (of five, one may not) behind a P wave: a bundle branch block, no tachycardia."""
    return not s.leapt and follow_p(s, beats, shape_hz)


@njit(cache=True)
def follow_p(s, beats, shape_hz):
    """Whether what lies before the last beats is what lies before normal ones (of five, one may differ), with a P wave in it."""
    if s.p_beats < P_KNOWN or s.beats < beats or judging(s) < LEADS:
        return False
    behind = 0
    for back in range(beats):
        behind += _like_before(s, s.beat_shape[(s.beats - 1 - back) % BEATS], shape_hz) > LIKE_P
    return behind >= beats - (beats >= JUDGED) and p_seen(s, beats, False, shape_hz)


@njit(cache=True)
def as_before(s, shape_hz):
    """Whether four of the last five QRS are narrow, and their cores those of the leading form."""
    before, count = int(CORE_S * shape_hz), 2 * int(CORE_S * shape_hz) + 1
    begin = int(shape.BEFORE_S * shape_hz) - before
    form = s.forms[s.form_lead, begin : begin + count].copy()
    for lead in range(SHAPE_LEADS):
        form[:, lead] -= form[:, lead].mean()
    core, same = np.zeros((count, SHAPE_LEADS), np.float32), 0
    if s.beats < JUDGED or s.form_count[s.form_lead] <= 0.0:
        return False
    for back in range(JUDGED):
        k = (s.beats - 1 - back) % BEATS
        # the width of a beat that was not shaped is not a number
        if s.beat_width[k] <= NARROW_MS:
            same += shape.best_match(s, s.beat_shape[k], form, before, count, core) > CORE_LIKE
    return same >= JUDGED - 1
