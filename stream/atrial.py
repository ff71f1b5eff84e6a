"""Atrial fibrillation: beats that follow no pattern, without a P wave before them and without flutter waves.

Three numbers are weighed once a second (`_features`): how irregular many beats are and few, and how much they have in common
where a P wave lies. Their log odds are smoothed, and what is shown changes with hysteresis. Ventricular, unknown and hidden
beats and the intervals next to them count for nothing; the P wave behind a ventricular beat is looked at once its T wave is over.

AF is known only some time after it began, and so is its end: what is shown says since when it is held to have lasted.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream import shape
from stream.classify import VENTRICULAR
from stream.flutter import fluttering, learn_cycle, take_off
from stream.irregularity import (
    FEW_BEATS,
    LEAST_BEATS,
    MANY_BEATS,
    SOME_BEATS,
    after_normal,
    after_ventricular,
    half_back,
    intervals,
    irregularity,
)
from stream.report import AFIB_END, AFIB_ONSET, begin, end
from stream.state import BEATS, HOURS, NEVER, SHAPE_LEADS

BEFORE_S, UNTIL_S = 0.30, 0.06
"""Stretch before R that holds the P wave."""
WIDE_MS, EARLIER_S = 140.0, 0.04
"""A QRS of this effective width or more, as in a left bundle branch block, begins so much earlier before R: the stretch lies earlier then."""
ALL_WIDE = 4
"""Beats that are not ventricular, of which each is so wide: a ventricular beat that was taken for another moves nothing."""
P_BEATS = (8.0, 32.0)
"""Beats over which what lies before R is averaged: soon, and in noise."""
P_RR_S, P_PAUSE_S = 0.55, 0.75
"""After a shorter RR the stretch before R lies on a T wave; behind a ventricular beat, whose T wave is not known and long."""
TAPER = 0.2
"""Share of the stretch at each end that fades, so that neither the end of T nor the begin of QRS is what beats have in common."""
LEAST_MV = 0.01
"""A stretch of a lead that is lower than this (rms) is not made as high as the others."""
CHANCE = 0.15
"""As much as eight beats have in common before R by chance, in units of what there is."""
UNSEEN = np.float32(1.0 - 1.0 / 48.0)
"""What is known of the P wave fades by so much with each beat that hides it."""
WEIGHTS = (2.34, 0.54, -3.8)
BIAS = 1.74
"""Logistic regression over the seconds of MIT-BIH and, one moment a patient, the ten-second records of PTB-XL, CinC 2021 and
LUDB (`vigil learn rhythm`)."""
SETTING = (0.6, -2.0)
"""Log odds given on top, so that AF is shown from where it is likelier than not, and the log odds at which AF that has lasted
ends, one of those that `vigil learn rhythm` weighs."""
SMOOTH, MOST_ODDS = 0.3, 3.0
"""Share of a second's log odds in the smoothed ones, and the most that one second may say either way."""
START_ODDS, STOP_ODDS, LASTING_S = 0.6, 0.0, 90.0
"""AF is shown from START on; it ends below a bound that falls from STOP to that of the setting over LASTING_S."""
SMOOTH_S = (1.0 - SMOOTH) / SMOOTH
"""Seconds by which the smoothed log odds trail: the mean age of what an exponential average of that share holds."""
IRREGULAR = 0.06
"""Of the mean RR: smallest median difference between beats that is called irregular."""


@njit(cache=True)
def _fade(k, count):
    """Weight of sample k of the stretch before R."""
    ends = int(TAPER * count)
    near = min(k, count - 1 - k)
    return 0.5 - 0.5 * math.cos(math.pi * (near + 0.5) / ends) if near < ends else 1.0


@njit(cache=True)
def _level(stretch):
    """Take mean and slope off each lead of a stretch (count, SHAPE_LEADS), mV, fade its ends, and bring it to the size that all have."""
    count = stretch.shape[0]
    middle = 0.5 * (count - 1)
    for lead in range(SHAPE_LEADS):
        slope, mean, total = 0.0, 0.0, 0.0
        for k in range(count):
            slope += (k - middle) * stretch[k, lead]
            mean += stretch[k, lead] / count
        slope /= count * (count * count - 1.0) / 12.0
        for k in range(count):
            value = _fade(k, count) * (stretch[k, lead] - mean - slope * (k - middle))
            stretch[k, lead] = value
            total += value * value
        size = max(LEAST_MV, math.sqrt(total / count))
        for k in range(count):
            stretch[k, lead] /= size


@njit(cache=True)
def _earlier(s, shape_hz):
    """Shape samples by which the QRS of a bed begins earlier before R than a narrow one: those of the last beats that are not ventricular are all wide."""
    seen = 0
    for back in range(min(s.beats, BEATS - 1) + 1):
        slot = (s.beats - back) % BEATS
        if s.beat_kind[slot] != VENTRICULAR:
            if s.beat_width[slot] < WIDE_MS:
                return 0
            seen += 1
            if seen == ALL_WIDE:
                return int(EARLIER_S * shape_hz)
    return 0


@njit(cache=True)
def learn_p(s, at, last, shape_hz):
    """Average what lies before R, without the T wave of the beat at `last`, -1 where that is over: a P wave stays,
    fibrillation waves do not.

    All beats weigh the same: a noisy one says no more than any other.
    """
    before, count = int(BEFORE_S * shape_hz), int((BEFORE_S - UNTIL_S) * shape_hz)
    at -= _earlier(s, shape_hz)
    stretch = np.zeros((count, SHAPE_LEADS), np.float32)
    shape.cut(s, at, before, count, stretch)
    if last >= 0:
        take_off(s, last, at - before, count, shape_hz, stretch)
    _level(stretch)
    s.atrial_beats += 1
    for lead in range(SHAPE_LEADS):
        size = 0.0
        for k in range(count):
            size += np.float64(stretch[k, lead]) ** 2
        for which in range(2):
            share = max(1.0 / P_BEATS[which], 1.0 / s.atrial_beats)
            s.atrial_energy[which, lead] += share * (size / count - s.atrial_energy[which, lead])
            for k in range(count):
                s.atrial_wave[which, k, lead] += np.float32(share * (stretch[k, lead] - s.atrial_wave[which, k, lead]))


@njit(cache=True)
def p_wave(s, which, shape_hz):
    """How much beats have in common before R, by one of the two averages: rms in units of what there is, 0..1.

    Of one or two leads the best, of more the second best, for among many one is coherent by chance. The average over N beats
    holds a share of 1/N of the energy by chance, which is taken off.
    """
    if s.atrial_beats < 2:
        return 0.0
    count = int((BEFORE_S - UNTIL_S) * shape_hz)
    beats = P_BEATS[which]
    effective = np.float64(s.atrial_beats) if s.atrial_beats < beats else 2.0 * beats - 1.0
    best, second = 0.0, 0.0
    for lead in range(SHAPE_LEADS):
        common = 0.0
        for k in range(count):
            common += np.float64(s.atrial_wave[which, k, lead]) ** 2
        shared = (common / count - s.atrial_energy[which, lead] / effective) / (1.0 - 1.0 / effective)
        second = max(second, min(best, shared))
        best = max(best, shared)
    return math.sqrt(best if s.leads <= 2 else second)


@njit(cache=True)
def on_atrial_beat(s, slot, shape_at, rate_hz, shape_hz):
    """Learn from the beat in `slot`, whose R lies at shape sample `shape_at`."""
    s.beat_shape[slot] = shape_at
    learn_cycle(s, slot, rate_hz, shape_hz)
    if s.beats == 0:
        return
    if after_normal(s, slot):
        if s.beat_rr[slot] > P_RR_S * rate_hz:
            learn_p(s, shape_at, s.beat_shape[(slot - 1) % BEATS], shape_hz)
        else:
            s.atrial_wave *= UNSEEN
    elif after_ventricular(s, slot) and s.beat_rr[slot] > P_PAUSE_S * rate_hz:
        learn_p(s, shape_at, -1, shape_hz)


@njit(cache=True)
def _log(value, low, high):
    return math.log(min(high, max(low, value)))


@njit(cache=True)
def _features(s, rr, linked, count, shape_hz):
    """What AF is told by: irregularity of many beats and of the newest few, and what beats have in common before R.

    In common: the smaller one of the newest and of many beats: the average of many holds the P waves of before for half a
    minute after they have gone.
    """
    f = s.atrial_features
    f[0] = _log(irregularity(rr, linked, min(count, MANY_BEATS)), 0.02, 0.2)
    f[1] = _log(irregularity(rr, linked, min(count, FEW_BEATS)), 0.02, 0.2)
    f[2] = _log(min(p_wave(s, 0, shape_hz), p_wave(s, 1, shape_hz)), CHANCE, 1.0)


@njit(cache=True)
def show(s, odds, flutter, n, rate_hz, setting):
    """Smooth the log odds of one second, and decide whether AF is shown; where it begins or ends, since which sample."""
    lean, lasting_odds = setting
    s.atrial_odds += SMOOTH * (min(MOST_ODDS, max(-MOST_ODDS, odds + lean)) - s.atrial_odds)
    if not s.afib_shown:
        if s.atrial_odds > START_ODDS and not flutter:
            s.afib_shown = 1
            s.irregular_since = max(s.atrial_turn, s.regular_since)
            s.regular_since = NEVER
        return
    lasting = min(1.0, (n - s.irregular_since) / (LASTING_S * rate_hz))
    if flutter or s.atrial_odds <= STOP_ODDS + lasting * (lasting_odds - STOP_ODDS):
        s.afib_shown = 0
        s.regular_since = max(s.atrial_turn, s.irregular_since)
        s.irregular_since = NEVER


@njit(cache=True)
def count_burden(s, n, rate_hz):
    """Count this second; the burden is the share of AF in the seconds that were analysed, of this hour and the 23 before."""
    hour = int(n / (3600.0 * rate_hz))
    for skipped in range(max(s.burden_hour + 1, hour - HOURS + 1), hour + 1):
        s.burden_hours[:, skipped % HOURS] = 0
    s.burden_hour = hour
    s.burden_hours[0, hour % HOURS] += s.afib_shown
    s.burden_hours[1, hour % HOURS] += 1
    s.burden = s.burden_hours[0].sum() / s.burden_hours[1].sum()


@njit(cache=True)
def recount_burden(s, n, rate_hz):
    """Where AF has just begun or ended, count the seconds before this one as what they are now held to be."""
    since = s.irregular_since if s.afib_shown else s.regular_since
    step = 1 if s.afib_shown else -1
    middle = n - 1.5 * rate_hz
    while middle >= max(since, 0):
        hour = int(middle / (3600.0 * rate_hz)) % HOURS
        s.burden_hours[0, hour] = min(s.burden_hours[1, hour], max(0, s.burden_hours[0, hour] + step))
        middle -= rate_hz
    s.burden = s.burden_hours[0].sum() / s.burden_hours[1].sum()


@njit(cache=True)
def atrial(s, n, rate_hz, shape_hz, limits, out):
    """Once a second: whether AF is shown; its onset and its end are told after their limits, nothing between."""
    rr, linked = np.zeros(BEATS), np.zeros(BEATS, np.bool_)
    count = intervals(s, n, rate_hz, rr, linked)
    s.atrial_known = count >= LEAST_BEATS
    if not s.atrial_known:
        return
    s.atrial_at = s.last_beat
    s.irregular = irregularity(rr, linked, min(count, SOME_BEATS)) > IRREGULAR
    _features(s, rr, linked, count, shape_hz)
    odds = BIAS
    for k in range(len(WEIGHTS)):
        odds += WEIGHTS[k] * s.atrial_features[k]
    s.fluttering = fluttering(s, s.irregular == 1 or s.afib_shown == 1, shape_hz)
    s.atrial_turn = max(s.seen_since, half_back(s, count) - int(SMOOTH_S * rate_hz))
    was_shown = s.afib_shown
    show(s, odds, s.fluttering == 1, n, rate_hz, SETTING)
    count_burden(s, n, rate_hz)
    if s.afib_shown != was_shown:
        recount_burden(s, n, rate_hz)
    _tell(s, n, rate_hz, limits, out)


@njit(cache=True)
def _tell(s, n, rate_hz, limits, out):
    """AFIB_ONSET once AF has lasted, AFIB_END once it has been away for as long as the limits say."""
    if s.afib_shown:
        length = (n - s.irregular_since) / rate_hz
        if not s.afib and length >= limits.afib_s:
            s.afib = 1
            begin(s, AFIB_ONSET, n, s.irregular_since, length, limits.afib_s, out)
        return
    if s.afib:
        if s.regular_since == NEVER:  # a gap lies between
            s.regular_since = n
        length = (n - s.regular_since) / rate_hz
        if length >= limits.afib_end_s:
            s.afib = 0
            end(s, AFIB_ONSET, n, out)
            begin(s, AFIB_END, n, s.regular_since, length, limits.afib_end_s, out)
            end(s, AFIB_END, n, out)
