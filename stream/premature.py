"""Supraventricular beats, told from normal ones by what normal beats of this bed are like: their RR and what lies before R.

Beats that are told as normal, paced or fused teach that, so that a run of atrial tachycardia stays measured by the rhythm
before it; a supraventricular beat teaches it a little, so that what is usual is found again after a lasting change. A run of
even beats behind the wave that normal beats have is the sinus node at a new rate: an ectopic focus has a P wave of its own. While
atrial fibrillation is the likelier rhythm no beat is premature. No alarm, rate or rhythm rests on this: for all rules a
supraventricular beat is as a normal one. Heart rate variability leaves it out, and the claim checker reads it.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream import shape as sh
from stream.models import log_odds
from stream.state import BEATS, NEVER, SHAPE_LEADS

LEARN_RR, LEARN_WAVE, LEAK = 1.0 / 8.0, 1.0 / 16.0, 1.0 / 64.0
"""Share of a normal beat in the usual RR and in the usual wave before R, and that of a supraventricular beat in both."""
LONGEST = 1.5
"""Of the usual RR: a pause teaches no more than this."""
FIRST_SPREAD, LEAST_SPREAD = 0.05, 0.02
"""Mean deviation from the usual RR, as a share of it, that is taken before one is known, and that counts at least."""
WAVES_KNOWN = 4
FIBRILLATES, STEADY = 0.0, 0.12
"""Log-odds of atrial fibrillation from which on no beat is told as supraventricular; before the rhythm is known, the mean
change between successive intervals, in usual RR, from which on none is."""
LATE = 1.1
"""Of the usual RR: a beat that comes later is none that came early."""

NEW_RATE, EVEN_RR, SAME_WAVE = 8, 0.1, 0.9
"""So many early beats in a row (as many as LEARN_RR weighs), each so near to the interval before it, as a share of that, and behind
a stretch that correlates so well with that before normal beats, are a new rate of the sinus node."""


@njit(cache=True)
def _times(s, f, rr):
    """What the intervals say: this one and the two before against the usual RR, its spread, and the one before."""
    last, second = s.beat_rr[(s.beats - 1) % BEATS], s.beat_rr[(s.beats - 2) % BEATS]
    usual = s.calm_rr if s.calm_beats > 0 else 0.0
    f[8] = min(2.0, rr / usual) if usual > 0.0 and rr > 0.0 else 1.0
    f[9] = s.calm_spread if usual > 0.0 else FIRST_SPREAD
    f[10] = min(20.0, max(-5.0, (1.0 - f[8]) / (f[9] + LEAST_SPREAD)))
    f[11] = min(2.0, last / usual) if usual > 0.0 and s.beats > 0 and last > 0.0 else 1.0
    f[12] = min(2.0, second / usual) if usual > 0.0 and s.beats > 1 and second > 0.0 else 1.0
    f[13] = min(2.0, max(0.3, rr / last)) if s.beats > 0 and rr > 0.0 and last > 0.0 else 1.0


@njit(cache=True)
def _wave(s, f, stretch, count):
    """How like the stretch before R is to that before normal beats, and what it differs by, against QRS and wave."""
    f[14], f[15], f[16], f[17] = 0.0, -5.0, 0.0, -5.0
    if s.calm_waves < WAVES_KNOWN:
        return
    rest = 1e-9
    usual, _ = sh.in_sight(s.calm_wave, stretch, count)
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            rest += (np.float64(stretch[k, lead]) - np.float64(usual[k, lead])) ** 2
    own, qrs = sh.energy(usual, count), max(1e-6, s.form_energy[s.form_lead])
    f[14] = sh.correlate(stretch, s.calm_wave, count)
    f[15], f[16], f[17] = math.log(rest / qrs), math.log(rest / own), math.log(own / qrs)


@njit(cache=True)
def _learn_rr(s, rr, share):
    """Let an interval (samples) into the usual RR and its spread; share 0: that of a normal beat."""
    if s.calm_beats > 0:
        rr = min(rr, LONGEST * s.calm_rr)
    if share == 0.0:
        s.calm_beats += 1
        share = max(LEARN_RR, 1.0 / s.calm_beats)
        if s.calm_beats == 1:
            s.calm_rr, s.calm_spread = rr, FIRST_SPREAD
        else:
            s.calm_spread += share * (min(0.5, abs(rr - s.calm_rr) / s.calm_rr) - s.calm_spread)
    s.calm_rr += share * (rr - s.calm_rr)


@njit(cache=True)
def _learn_wave(s, stretch, count, share):
    """Let a stretch (count, SHAPE_LEADS) into the usual wave before R; share 0: that of a normal beat."""
    if share == 0.0:
        s.calm_waves += 1
        share = max(LEARN_WAVE, 1.0 / s.calm_waves)
    sh.learn(s.calm_wave, stretch, count, share)


@njit(cache=True)
def _may_be(s, f):
    """Whether its interval and the rhythm let a beat be premature."""
    steady = s.features[20] < STEADY if s.atrial_at == NEVER else s.atrial_odds < FIBRILLATES
    return steady and f[8] < LATE


@njit(cache=True)
def _is_new_rate(s, f, rr):
    """Whether the early beat is one of a row that the sinus node gives at a new rate, which is then the usual one."""
    even = abs(f[13] - 1.0) < EVEN_RR and f[14] >= SAME_WAVE
    s.calm_early = s.calm_early + 1 if even else 0
    if s.calm_early < NEW_RATE:
        return False
    s.calm_rr, s.calm_early = rr, 0
    return True


@njit(cache=True)
def is_premature(s, at, ratio, after_v, after_s, open_, models, shape_hz):
    """Whether the conducted beat whose R lies at shape sample `at` is supraventricular; the bed learns from it.

    ratio: RR to the beat before in units of `usual_rr`, 0 where unknown; after_v, after_s: that beat was ventricular,
    supraventricular; open_: whether the beat may be told so: it was taken for a normal one.
    """
    before, count = int(sh.P_FROM_S * shape_hz), int((sh.P_FROM_S - sh.P_TO_S) * shape_hz)
    stretch, f, rr = np.zeros((count, SHAPE_LEADS), np.float32), s.premature_features, ratio * s.usual_rr
    sh.cut(s, at, before, count, stretch)
    f[0], f[1], f[2], f[3] = s.features[0], s.features[22], s.features[4], s.features[20]
    f[4], f[5], f[6], f[7] = s.same, s.odds, s.suspicion, 1.0 if after_v else 0.0
    _times(s, f, rr)
    _wave(s, f, stretch, count)
    f[18] = 1.0 if after_s else 0.0
    found = open_ and _may_be(s, f) and log_odds(f, models.premature) > 0.0
    if not found:
        s.calm_early = 0
    elif _is_new_rate(s, f, rr):
        found = False
    if not s.hide and not after_v:
        share = LEAK if found else 0.0
        if rr > 0.0 and (s.calm_beats > 0 or not found):
            _learn_rr(s, rr, share)
        if not 0.0 < ratio < sh.EARLY and (s.calm_waves > 0 or not found):
            _learn_wave(s, stretch, count, share)
    return found
