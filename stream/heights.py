"""How high QRS are in each lead, and what follows from it: the weights of leads, the threshold, and what is too low to be one."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.fusion import MOST
from stream.state import MAX_LEADS
from stream.trains import median8

LEARNING_S = 3
THRESHOLD = 0.4
"""Of the way from the noise to the QRS median; chosen on MIT-BIH DS1."""
FIRST_RR_S = 1.4
"""Supposed until distances are known: a slow rhythm must not make a P wave of its first pause a missed beat."""
FLOOR_MV = 0.004
"""Mean slope height of a lead below which it takes no part."""
LEAST_QRS_MV = 0.0145
"""Mean slope height below which nothing is a QRS: a complex of 0.15 mV and 100 ms has 0.014 (no response, IEC
60601-2-27), one of 0.5 mV and 120 ms 0.038 (response)."""
CLEAREST = 4
"""One in so many leads must show a complex as high as that, where most show less: a monitor is tried with one lead."""
CLEAR = 0.45
"""Of the height of small QRS that are plainly there: what is lower is none."""
GROWN = 1.5
"""So much higher than what was too small to be a QRS, a lead shows something else."""
SILENT = 0.25
"""Of the usual maximum of a second: below it, the second held no QRS."""


@njit(cache=True)
def set_threshold(s):
    """Between the noise and the QRS median of the last eight peaks."""
    noise = median8(s.noise_peaks)
    s.threshold = noise + THRESHOLD * (median8(s.qrs_peaks) - noise)


@njit(cache=True)
def set_weights(s):
    """Share of each lead in the fused feature: its QRS to noise ratio, none where the lead is bad or asleep."""
    total = 0.0
    for lead in range(s.leads):
        ratio = s.level[lead] / (s.noise[lead] + 0.1 * FLOOR_MV)
        good = s.bad_until[lead] <= s.next and s.level[lead] > FLOOR_MV and not s.asleep[lead]
        s.weight[lead] = ratio if good else 0.0
        total += s.weight[lead]
    if total > 0.0:
        for lead in range(s.leads):
            s.weight[lead] /= total


@njit(cache=True)
def _clearest(s):
    """Height (mV) of a QRS in the fourth of the leads that shows it best: of the first so many the lowest."""
    best, read = np.zeros(MAX_LEADS // CLEAREST + 1), 0
    for lead in range(s.leads):
        if s.weight[lead] > 0.0:
            read += 1
            value = s.level[lead]
            for k in range(best.shape[0]):
                if value > best[k]:
                    best[k], value = value, best[k]
    return best[read // CLEAREST]


@njit(cache=True)
def least_height(s):
    """The fused height of a complex of LEAST_QRS_MV in every lead."""
    total = 0.0
    for lead in range(s.leads):
        if s.weight[lead] > 0.0:
            total += s.weight[lead] * math.log(min(MOST, LEAST_QRS_MV / s.level[lead]))
    return math.exp(total)


@njit(cache=True)
def floor_height(s):
    """The fused height of a complex too small to be a QRS.

    Leads that show little of small QRS do not hide those that are large enough in others. From 1 on nothing is found.
    """
    floor = least_height(s)
    return CLEAR if floor > CLEAR and _clearest(s) >= LEAST_QRS_MV else floor


@njit(cache=True)
def _usual_height(a, b, c):
    """Height of a QRS out of the maxima of three seconds: the smallest of those that held one.

    The smallest, since an artefact lifts a maximum; but where beats are slow, one second or two hold none.
    """
    usual = max(min(a, b), min(max(a, b), c))
    if usual < FLOOR_MV:
        usual = max(a, b, c)
    height = max(a, b, c)
    for value in (a, b, c):
        if SILENT * usual <= value < height:
            height = value
    return height


@njit(cache=True)
def wake(s):
    """Let a lead that was too flat to be learnt, or all where nothing is a QRS, take their height from what they show since; once
    a second. Not one that is off or settles: what it shows is the pull at its electrode."""
    for lead in range(s.leads):
        if s.bad_until[lead] > s.next:
            continue
        grown = s.floor >= 1.0 and s.recent[lead] > GROWN * s.level[lead]
        if (s.level[lead] <= FLOOR_MV and s.recent[lead] > FLOOR_MV) or grown:
            s.level[lead] = s.recent[lead]
            s.noise[lead] = 0.3 * s.level[lead]


@njit(cache=True)
def learn(s, z, m, feature_hz):
    """Take the height of a QRS in each lead from the maxima of the first three seconds; True while that lasts."""
    second = int(feature_hz)
    for lead in range(s.leads):
        s.learn_max[lead] = max(s.learn_max[lead], z[lead])
    s.learning += 1
    if s.learning % second == 0:
        # the first two maxima wait where levels will stand
        for lead in range(s.leads):
            if s.learning == second:
                s.level[lead], s.learn_max[lead] = s.learn_max[lead], 0.0
            elif s.learning == 2 * second:
                s.noise[lead], s.learn_max[lead] = s.learn_max[lead], 0.0
    if s.learning < LEARNING_S * second:
        return True
    for lead in range(s.leads):
        s.level[lead] = _usual_height(s.level[lead], s.noise[lead], s.learn_max[lead])
        s.learn_max[lead] = 0.0
        s.noise[lead] = 0.3 * s.level[lead]
    s.qrs_peaks[:] = 1.0
    s.noise_peaks[:] = 0.0
    s.rr_ring[:] = FIRST_RR_S * feature_hz
    s.learned_at = m
    s.last_at = m
    s.last_slope = 0.0
    s.qrs_count = 0
    s.t_waves = 0
    s.t_height = 0.0
    s.learned = 1
    set_weights(s)
    set_threshold(s)
    return False
