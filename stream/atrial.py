"""Atrial fibrillation: beats that follow no pattern, without a P wave before them and without flutter waves.

Three numbers are weighed once a second (`_features`); their log odds are smoothed, and what is shown changes with
hysteresis. Ventricular beats and the intervals next to them count for nothing.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream import shape
from stream.classify import VENTRICULAR
from stream.flutter import fluttering, learn_cycle, take_off
from stream.report import AFIB_END, AFIB_ONSET, begin, end
from stream.state import BEATS, HOURS, NEVER, SHAPE_LEADS

WINDOW_BEATS, WINDOW_S, LEAST_BEATS = 20, 60.0, 8
LAGS = 4
"""Patterns of up to this many beats (bigeminy to quadrigeminy) are no irregularity."""
BEFORE_S, UNTIL_S = 0.30, 0.06
"""Stretch before R that holds the P wave."""
P_BEATS = 8.0
"""Beats over which what lies before R is averaged."""
P_RR_S = 0.55
"""After a shorter RR the stretch before R lies on a T wave."""
UNSEEN = np.float32(1.0 - 1.0 / 48.0)
"""What is known of the P wave fades by so much with each beat that hides it."""
WEIGHTS = (3.13, -5.557, -1.359)
BIAS = 1.976
"""Logistic regression over the seconds of MIT-BIH, checked out of fold by patient (`vigil learn rhythm`)."""
LEAN = 0.6
"""Log odds given on top: AF that is missed costs more than AF that is shown for a moment too long."""
SMOOTH, MOST_ODDS = 0.3, 3.0
"""Share of a second's log odds in the smoothed ones, and the most that one second may say either way."""
START_ODDS, STOP_ODDS, LASTING_ODDS, LASTING_S = 0.6, 0.0, -2.8, 90.0
"""AF is shown from START on; it ends below a bound that falls from STOP to LASTING over LASTING_S.
Chosen on the out-of-fold log odds of MIT-BIH, where neighbouring values give the same figures within a percent."""
EVIDENCE_S = 8.0
"""By this much AF began before it is shown."""
IRREGULAR = 0.06
"""Of the mean RR: smallest median difference between beats that is called irregular."""


@njit(cache=True)
def _after_normal(s, k):
    """Whether the RR that ends in slot k lies between two beats that are not ventricular."""
    return s.beat_rr[k] > 0.0 and s.beat_kind[k] != VENTRICULAR and s.beat_kind[(k - 1) % BEATS] != VENTRICULAR


@njit(cache=True)
def irregularity(s, n, rate_hz):
    """Median difference of RR intervals in units of their mean, of the lag at which it is smallest; -1 where too few.

    Sinus rhythm differs little at lag 1, a premature beat now and then moves no median, bigeminy repeats at lag 2,
    trigeminy and a 3:2 block at lag 3; fibrillation differs at every lag (Tateno and Glass 2001, Med Biol Eng Comput
    39, 664-671, tell it by the same differences).
    """
    rr, linked = np.zeros(WINDOW_BEATS), np.zeros(WINDOW_BEATS, np.bool_)
    oldest, count = max(s.seen_since, n - int(WINDOW_S * rate_hz)), 0
    was = -1
    for back in range(min(s.beats, BEATS) - 1):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_at[k] < oldest or count == WINDOW_BEATS:
            break
        if _after_normal(s, k):
            rr[count] = s.beat_rr[k]
            if count > 0:
                linked[count - 1] = was == back - 1
            was = back
            count += 1
    if count < LEAST_BEATS:
        return -1.0
    least = 1e18
    for lag in range(1, LAGS + 1):
        differences = np.abs(rr[: count - lag] - rr[lag:count])
        if lag == 1:
            differences = differences[linked[: count - 1]]
        if len(differences) >= 4:
            least = min(least, np.median(differences))
    return least / rr[:count].mean()


@njit(cache=True)
def learn_p(s, at, last, shape_hz):
    """Average what lies before R without the T wave of the beat at `last`: a P wave stays, fibrillation waves do not."""
    before, count = int(BEFORE_S * shape_hz), int((BEFORE_S - UNTIL_S) * shape_hz)
    stretch = np.zeros((count, SHAPE_LEADS), np.float32)
    shape.cut(s, at, before, count, stretch)
    take_off(s, last, at - before, count, shape_hz, stretch)
    s.atrial_beats += 1
    share = max(1.0 / P_BEATS, 1.0 / s.atrial_beats)
    middle = 0.5 * (count - 1)
    for lead in range(SHAPE_LEADS):
        slope, mean, size = 0.0, 0.0, 0.0
        for k in range(count):
            slope += (k - middle) * stretch[k, lead]
            mean += stretch[k, lead] / count
        slope /= count * (count * count - 1.0) / 12.0
        for k in range(count):
            value = stretch[k, lead] - mean - slope * (k - middle)
            size += value * value
            s.atrial_wave[k, lead] += np.float32(share * (value - s.atrial_wave[k, lead]))
        s.atrial_energy[lead] += share * (size / count - s.atrial_energy[lead])


@njit(cache=True)
def p_wave(s, shape_hz):
    """Coherence (-0.1..1) and height (mV, rms) of what beats have in common before R.

    Of one or two leads the best, of more the second best, for among many one is coherent by chance. Coherence: mean
    normalised product of two different beats, 0 where they share nothing; the average over N beats holds a share of 1/N
    of the energy by chance, which is taken off.
    """
    if s.atrial_beats < 2:
        return 0.0, 0.0
    count = int((BEFORE_S - UNTIL_S) * shape_hz)
    effective = np.float64(s.atrial_beats) if s.atrial_beats < P_BEATS else 2.0 * P_BEATS - 1.0
    best, height = np.full(2, -0.1), np.zeros(2)
    for lead in range(SHAPE_LEADS):
        common = 0.0
        for k in range(count):
            common += np.float64(s.atrial_wave[k, lead]) ** 2
        energy = s.atrial_energy[lead] + 1e-9
        shared = (common / count - energy / effective) / (1.0 - 1.0 / effective)
        _rank(best, shared / energy)
        _rank(height, math.sqrt(max(0.0, shared)))
    place = 0 if s.leads <= 2 else 1
    return best[place], height[place]


@njit(cache=True)
def _rank(two, value):
    """Let a value in among the two largest, which stand in falling order."""
    if value > two[0]:
        two[0], two[1] = value, two[0]
    elif value > two[1]:
        two[1] = value


@njit(cache=True)
def on_atrial_beat(s, slot, shape_at, rate_hz, shape_hz):
    """Learn from the beat in `slot`, whose R lies at shape sample `shape_at`."""
    s.beat_shape[slot] = shape_at
    learn_cycle(s, slot, rate_hz, shape_hz)
    if s.beats > 0 and _after_normal(s, slot):
        if s.beat_rr[slot] > P_RR_S * rate_hz:
            learn_p(s, shape_at, s.beat_shape[(slot - 1) % BEATS], shape_hz)
        else:
            s.atrial_wave *= UNSEEN


@njit(cache=True)
def _features(s, irregular, shape_hz):
    """What AF is told by: log of the irregularity, coherence before R, log of the height that is common there."""
    coherence, height = p_wave(s, shape_hz)
    f = s.atrial_features
    f[0] = math.log(min(0.12, max(0.02, irregular)))
    f[1] = min(0.4, max(-0.05, coherence))
    f[2] = math.log(min(0.05, max(0.004, height)))


@njit(cache=True)
def show(s, odds, flutter, n, rate_hz):
    """Smooth the log odds of one second, and decide whether AF is shown."""
    s.atrial_odds += SMOOTH * (min(MOST_ODDS, max(-MOST_ODDS, odds)) - s.atrial_odds)
    if not s.afib_shown:
        if s.atrial_odds > START_ODDS and not flutter:
            s.afib_shown = 1
            s.irregular_since = max(s.seen_since, n - int(EVIDENCE_S * rate_hz))
        return
    lasting = min(1.0, (n - s.irregular_since) / (LASTING_S * rate_hz))
    if flutter or s.atrial_odds <= STOP_ODDS + lasting * (LASTING_ODDS - STOP_ODDS):
        s.afib_shown = 0
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
def atrial(s, n, rate_hz, shape_hz, limits, out):
    """Once a second: whether AF is shown; its onset and its end are told after their limits, nothing between."""
    irregular = irregularity(s, n, rate_hz)
    s.atrial_known = irregular >= 0.0
    if not s.atrial_known:
        return
    s.irregular = irregular > IRREGULAR
    _features(s, irregular, shape_hz)
    odds = BIAS + LEAN
    for k in range(len(WEIGHTS)):
        odds += WEIGHTS[k] * s.atrial_features[k]
    s.fluttering = fluttering(s, s.irregular == 1 or s.afib_shown == 1, shape_hz)
    show(s, odds, s.fluttering == 1, n, rate_hz)
    count_burden(s, n, rate_hz)
    _tell(s, n, rate_hz, limits, out)


@njit(cache=True)
def _tell(s, n, rate_hz, limits, out):
    """AFIB_ONSET once AF has lasted, AFIB_END once it has been away for as long as the limits say."""
    if s.afib_shown:
        s.regular_since = NEVER
        length = (n - s.irregular_since) / rate_hz
        if not s.afib and length >= limits.afib_s:
            s.afib = 1
            begin(s, AFIB_ONSET, n, s.irregular_since, length, limits.afib_s, out)
        return
    if s.afib:
        if s.regular_since == NEVER:
            s.regular_since = n
        length = (n - s.regular_since) / rate_hz
        if length >= limits.afib_end_s:
            s.afib = 0
            end(s, AFIB_ONSET, n, out)
            begin(s, AFIB_END, n, s.regular_since, length, limits.afib_end_s, out)
            end(s, AFIB_END, n, out)
