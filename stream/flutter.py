"""Atrial flutter: one frequency in what is left of the signal when the average beat has been taken off."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.classify import VENTRICULAR
from stream.state import BEATS, CYCLE, FLUTTER_BINS, SHAPE_LEADS, SHAPE_RING

BEFORE_S, AFTER_S = 0.08, 0.40
"""Stretch around R that makes QRS and T of the average beat."""
LEARN = 1.0 / 16.0
CYCLE_RR_S = 0.55
"""Before a shorter RR ends, the P wave of the next beat may lie within the stretch."""
CYCLES_KNOWN = 6
LENGTH_S = 4.0
COARSE_HZ = 40.0
"""Rate at which the rest is looked at."""
LOWEST_HZ, STEP_HZ = 3.5, 0.25
"""The spectrum reaches to 10 Hz: flutter runs at 240 to 350 waves a minute, fibrillation waves wander over 4 to 9 Hz."""
HIGHEST_HZ = 6.0
"""Faster waves, and be they of one frequency, are those of fibrillation."""
NEAR_BINS = 2
SPECTRUM_S = 10.0
"""Seconds over which the spectrum is averaged."""
SETTLED_S = 8
CONCENTRATED = 0.7
"""Share of the spectrum within 0.5 Hz of its peak from which on the atria flutter: MIT-BIH fibrillation stays below 0.65
in 95 of 100 seconds, the flutter of its record with plain flutter waves holds about 0.8."""


@njit(cache=True)
def learn_cycle(s, slot, rate_hz, shape_hz):
    """Average QRS and T of the beat before the one in `slot`."""
    last = (slot - 1) % BEATS
    if s.beats == 0 or s.beat_kind[last] == VENTRICULAR or s.beat_rr[slot] < CYCLE_RR_S * rate_hz:
        return
    before = int(BEFORE_S * shape_hz)
    first = s.beat_shape[last] - before
    stop = first + min(CYCLE, int((BEFORE_S + AFTER_S) * shape_hz))
    if s.shapes - first >= SHAPE_RING or stop > s.shapes:
        return
    s.cycle_beats += 1
    share = max(LEARN, 1.0 / s.cycle_beats)
    for k in range(stop - first):
        for lead in range(SHAPE_LEADS):
            value = s.shape_ring[(first + k) % SHAPE_RING, lead] * 1e-3
            s.cycle[k, lead] += np.float32(share * (value - s.cycle[k, lead]))


@njit(cache=True)
def take_off(s, at, first, count, shape_hz, out):
    """Subtract the average beat, its R at shape sample `at`, from out (count, SHAPE_LEADS), which begins at `first`."""
    begin = at - int(BEFORE_S * shape_hz)
    length = min(CYCLE, int((BEFORE_S + AFTER_S) * shape_hz))
    if s.cycle_beats < CYCLES_KNOWN:
        return
    for k in range(max(begin, first), min(begin + length, first + count)):
        for lead in range(SHAPE_LEADS):
            out[k - first, lead] -= s.cycle[k - begin, lead]


@njit(cache=True)
def _rest(s, first, count, shape_hz, rest):
    """Fill rest (count, SHAPE_LEADS), mV, with the signal from shape sample `first` on, less the average beat at each beat."""
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            rest[k, lead] = s.shape_ring[(first + k) % SHAPE_RING, lead] * 1e-3
    upper = count
    for back in range(min(s.beats, BEATS)):
        at = s.beat_shape[(s.beats - 1 - back) % BEATS]
        if at + int(AFTER_S * shape_hz) < first:
            break
        take_off(s, at, first, upper, shape_hz, rest)
        upper = min(upper, max(0, at - int(BEFORE_S * shape_hz) - first))


@njit(cache=True)
def _power(x, rate_hz):
    """(FLUTTER_BINS,) power at each frequency (Goertzel 1958, Am Math Mon 65, 34-35), all side by side."""
    w = np.zeros(FLUTTER_BINS)
    for j in range(FLUTTER_BINS):
        w[j] = 2.0 * math.cos(2.0 * math.pi * (LOWEST_HZ + STEP_HZ * j) / rate_hz)
    a, b, power = np.zeros(FLUTTER_BINS), np.zeros(FLUTTER_BINS), np.zeros(FLUTTER_BINS)
    for k in range(len(x)):
        for j in range(FLUTTER_BINS):
            a[j], b[j] = x[k] + w[j] * a[j] - b[j], a[j]
    for j in range(FLUTTER_BINS):
        power[j] = a[j] * a[j] + b[j] * b[j] - w[j] * a[j] * b[j]
    return power


@njit(cache=True)
def _add_spectrum(s, rest, lead, step, rate_hz):
    """Let the newest seconds of one lead into its averaged spectrum, each second with the same weight."""
    count = rest.shape[0] // step
    x = np.zeros(count)
    for k in range(count):
        for j in range(step):
            x[k] += rest[k * step + j, lead] / step
    x -= x.mean()
    for k in range(count):
        x[k] *= 0.5 - 0.5 * math.cos(2.0 * math.pi * (k + 0.5) / count)
    power = _power(x, rate_hz)
    total = power.sum() + 1e-12
    share = max(1.0 / SPECTRUM_S, 1.0 / s.flutter_s)
    for k in range(FLUTTER_BINS):
        s.flutter[k, lead] += share * (power[k] / total - s.flutter[k, lead])


@njit(cache=True)
def _concentration(s, lead):
    """Share of the averaged spectrum of one lead around its peak; 0 where the peak is too fast for flutter."""
    peak = 0
    for k in range(FLUTTER_BINS):
        if s.flutter[k, lead] > s.flutter[peak, lead]:
            peak = k
    if LOWEST_HZ + STEP_HZ * peak > HIGHEST_HZ:
        return 0.0
    near = 0.0
    for k in range(max(0, peak - NEAR_BINS), min(FLUTTER_BINS, peak + NEAR_BINS + 1)):
        near += s.flutter[k, lead]
    return near


@njit(cache=True)
def fluttering(s, wanted, shape_hz):
    """Whether the atria flutter; the spectrum is taken only while that is `wanted`, and begins anew after a break."""
    count = int(LENGTH_S * shape_hz)
    if not wanted or s.cycle_beats < CYCLES_KNOWN or s.shapes < count:
        s.flutter_s = 0
        return False
    s.flutter_s += 1
    step = max(1, int(shape_hz / COARSE_HZ))
    rest = np.zeros((count, SHAPE_LEADS))
    _rest(s, s.shapes - count + 1, count, shape_hz, rest)
    found = False
    for lead in range(min(SHAPE_LEADS, s.leads)):
        _add_spectrum(s, rest, lead, step, shape_hz / step)
        found = found or (s.flutter_s >= SETTLED_S and _concentration(s, lead) > CONCENTRATED)
    return found
