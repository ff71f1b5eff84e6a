"""Mains hum: how high it stands in each lead, of which frequency it is, and when it is filtered out.

A notch costs time and rounds off a QRS a little, so that it runs only while there is hum to take away. Where hum towers
over everything in every lead, these are not on the patient, or nearly so: what is left tells no rate, and no silence.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.state import HUM_RING, NEVER

HUM_S = 0.2
"""Looked at four times a second: whole cycles of 50 and of 60 Hz, so that neither is taken for the other."""
SHARE = 0.5
"""Of the power of second differences: hum is what most of them are made of. Noise of muscles has a twelfth of it here."""
ON_MV, OFF_MV = 0.05, 0.02
"""Amplitudes: a monitor must bear 0.1 mV from peak to peak (IEC 60601-2-27); what is higher is filtered out."""
TICKS_ON, TICKS_OFF = 2, 40
LEAST_TURN = -1.97
"""What is as near to half the rate as this is not told from it."""
NOISY_MV = 0.15
"""Amplitude from which on a lead is noisy: 0.3 mV from peak to peak, what ROUGH_MV is for muscle noise."""
TOWERING_MV = 0.5
"""Amplitude, ten times what must be borne, that hum has in open leads and not on a patient."""
VOUCHED_S = 3.0
"""Beats that are found for so long in towering hum show that the leads see the heart."""


@njit(cache=True)
def _amplitudes(s, lead, first, count, turns, found):
    """Amplitude (mV) of 50 and of 60 Hz in the second differences of `count` samples of one lead; 0 where it is no hum.

    By the recursion of Goertzel (1958, Am Math Mon 65, 34-35); turns: twice the cosine of the angle of each per sample.
    """
    a, b = np.float64(s.hum_ring[(first - 2) % HUM_RING, lead]), np.float64(s.hum_ring[(first - 1) % HUM_RING, lead])
    x, x_1, y, y_1, squares = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(count):
        c = np.float64(s.hum_ring[(first + k) % HUM_RING, lead])
        value = c - 2.0 * b + a
        a, b = b, c
        squares += value * value
        x, x_1 = value + turns[0] * x - x_1, x
        y, y_1 = value + turns[1] * y - y_1, y
    power_50, power_60 = x * x + x_1 * x_1 - turns[0] * x * x_1, y * y + y_1 * y_1 - turns[1] * y * y_1
    found[0] = _amplitude(power_50, squares, count, turns[0])
    found[1] = _amplitude(power_60, squares, count, turns[1])


@njit(cache=True)
def _amplitude(power, squares, count, turn):
    """Of a sine (mV) with this power in second differences; 0 where most of their `squares` are something else."""
    if turn < LEAST_TURN or 2.0 * power < SHARE * squares * count:
        return 0.0
    return 2.0 / count * math.sqrt(max(0.0, power)) / (2.0 - turn)


@njit(cache=True)
def listen(s, m, feature_hz, notches, found):
    """Four times a second, at feature sample m: measure the hum, and filter it out or no longer. found: room for two."""
    count = min(HUM_RING - 2, int(HUM_S * feature_hz + 0.5))
    sums_50, sums_60, highest, towers, read = 0.0, 0.0, 0.0, True, 0
    turns = 2.0 * math.cos(2.0 * math.pi * 50.0 / feature_hz), 2.0 * math.cos(2.0 * math.pi * 60.0 / feature_hz)
    for lead in range(s.leads):
        _amplitudes(s, lead, m - count + 1, count, turns, found)
        sums_50, sums_60 = sums_50 + found[0], sums_60 + found[1]
        s.hum[lead] += 0.5 * (max(found[0], found[1]) - s.hum[lead])
        highest = max(highest, s.hum[lead])
        if s.off_since[lead] == NEVER and s.bad_until[lead] <= s.next and not s.railed[lead]:
            read += 1
            towers = towers and s.hum[lead] >= TOWERING_MV
    if read > 0 and not towers:
        s.towering_since = NEVER
    elif read > 0 and s.towering_since == NEVER:
        s.towering_since = s.next
    hertz = 0 if highest < ON_MV else 50 if sums_50 >= sums_60 else 60
    if s.mains_hz == 0 or (hertz > 0 and hertz != s.mains_hz):
        s.hum_ticks = s.hum_ticks + 1 if hertz > 0 else 0
        if s.hum_ticks >= TICKS_ON:
            _begin(s, hertz, m, count, notches)
    else:
        s.hum_ticks = s.hum_ticks - 1 if highest < OFF_MV else 0
        if s.hum_ticks <= -TICKS_OFF:
            s.mains_hz, s.hum_ticks = 0, 0


@njit(cache=True)
def _begin(s, hertz, m, count, notches):
    """Filter from here on, as if what stood there before had stood there for ever; what hum has taught is forgotten."""
    s.mains_hz, s.hum_ticks = hertz, 0
    sos = notches[1 if hertz == 60 else 0]
    for lead in range(s.leads):
        mean = 0.0
        for k in range(count):
            mean += s.hum_ring[(m - k) % HUM_RING, lead] / count
        s.notch_z[1, lead] = (sos[2] - sos[5]) * mean
        s.notch_z[0, lead] = (sos[1] - sos[4]) * mean + s.notch_z[1, lead]
    if not s.learned:
        s.learning = 0
        s.learn_max[:] = 0.0


@njit(cache=True)
def vouched(s, rate_hz):
    """Whether silence tells anything: hum does not tower over every lead, or beats were found while it did."""
    since = s.towering_since
    return since == NEVER or (s.last_beat != NEVER and s.last_beat - since >= VOUCHED_S * rate_hz)
