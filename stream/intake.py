"""A block of samples of one bed through all that comes before the detector: stage after stage, the leads side by side.

Whatever changes how samples are read or filtered changes at a tick, or where a lead begins or ceases to be flawed: a block
ends there, so that every stage runs through it at once and each number is reckoned as if samples came one by one. The loops
over leads read one array at fixed distances and no zero is divided by, so that the processor takes several leads at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stream.decay import PACE_S
from stream.sight import jumped
from stream.state import MAX_LEADS, NEVER, PACES, SHAPE_LEADS

BLOCK = 64
"""Samples of a block at most: what one stage writes is still in the processor's nearest cache when the next one reads it."""
SETTLE_S = 0.5
"""A lead that was off does not take part until its filters have settled."""
SLOPE_RING = 4
LANES = 16
"""Numbers from one part of a filter's state to the next."""


class Block(NamedTuple):
    """Room for what the stages hand on; used again by every block."""

    band: NDArray[np.float64]
    """(BLOCK, MAX_LEADS) mV as read, then what beats are found in."""
    monitor: NDArray[np.float64]
    """(BLOCK, SHAPE_LEADS) mV, what waves are seen in."""
    raw: NDArray[np.float32]
    """(BLOCK, MAX_LEADS) mV as read, of each feature sample."""
    newest: NDArray[np.float64]
    """(MAX_LEADS,) mV as read, of the last sample."""
    features: NDArray[np.float64]
    """(SLOPE_RING + BLOCK, MAX_LEADS) the band of the feature samples, behind those before this block."""
    slopes: NDArray[np.float64]
    """(BLOCK, MAX_LEADS) absolute slope of each feature sample, mV."""
    means: NDArray[np.float64]
    """(BLOCK, MAX_LEADS) moving mean of the slopes, mV."""
    z: NDArray[np.float64]
    """(4 * LANES,) state of two sections while they run."""


@njit(cache=True)
def new_block():
    """Room for one block."""
    return Block(
        np.zeros((BLOCK, MAX_LEADS)),
        np.zeros((BLOCK, SHAPE_LEADS)),
        np.zeros((BLOCK, MAX_LEADS), np.float32),
        np.zeros(MAX_LEADS),
        np.zeros((SLOPE_RING + BLOCK, MAX_LEADS)),
        np.zeros((BLOCK, MAX_LEADS)),
        np.zeros((BLOCK, MAX_LEADS)),
        np.zeros(4 * LANES),
    )


@njit(cache=True)
def _pulsed(s, n, rate_hz):
    """Whether sample n lies in a pacing pulse."""
    return s.paces > 0 and n - s.pace_at[(s.paces - 1) % PACES] < PACE_S * rate_hz


@njit(cache=True)
def take(s, n, t, samples, flaws, scale, raw, rate_hz):
    """Read one sample of every lead into `raw` (mV); a flawed one, and a pacing pulse, hold the last value. Whether any lead is seen."""
    seen = False
    flawed, moved = flaws.shape[1] > 0, jumped(s, n, rate_hz)
    pulsed = _pulsed(s, n, rate_hz)
    for lead in range(s.leads):
        value = samples[lead, t] * scale[lead, 0]
        flaw = flaws[lead, t] if flawed else 0
        if flaw:
            value = s.held[lead]
            if s.bad_until[lead] <= n:
                s.flaw_from[lead] = n
            s.bad_until[lead] = n + int(SETTLE_S * rate_hz)
            s.weight[lead] = 0.0
            if flaw == 2 and s.off_since[lead] == NEVER:
                s.off_since[lead] = n
        elif s.railed[lead] and value == s.held[lead]:
            s.bad_until[lead] = n + int(SETTLE_S * rate_hz)
            s.weight[lead] = 0.0
            s.off_since[lead] = NEVER
            s.counted[lead] += 1
        elif pulsed:
            seen = True
            value = s.held[lead]
        else:
            seen = True
            if s.fresh:
                s.origin[lead] = value
            elif s.bad_until[lead] > n and (s.off_since[lead] != NEVER or s.railed[lead] or moved):
                s.origin[lead] += value - s.held[lead]
            s.off_since[lead] = NEVER
            s.railed[lead] = 0
            s.held[lead] = value
            s.low[lead] = value if s.counted[lead] == 0 else min(s.low[lead], value)
            s.high[lead] = value if s.counted[lead] == 0 else max(s.high[lead], value)
            s.counted[lead] += 1
        raw[lead] = value - s.origin[lead]
    return seen


@njit(cache=True)
def steady(s, n, t, most, samples, flaws, pulse, rate_hz):
    """For how many samples from n on, `most` at least 1, every lead is read as at n, which was taken; pulse: sample of the next pacing pulse.

    A lead that stands at its limit is read so for as long as it stands.
    """
    if _pulsed(s, n, rate_hz):
        return 1
    count = min(most, pulse - n)
    if s.settled_at > n:
        count = min(count, s.settled_at - n)
    flawed = flaws.shape[1] > 0
    for lead in range(s.leads):
        flaw = flaws[lead, t] if flawed else 0
        for k in range(1, count if flawed else 0):
            if flaws[lead, t + k] != flaw:
                count = k
                break
        if s.railed[lead] and not flaw:
            for k in range(1, count):
                if samples[lead, t + k] != samples[lead, t]:
                    count = k
                    break
    return count


@njit(cache=True)
def take_rest(s, n, t, count, samples, flaws, scale, band, rate_hz):
    """Read the samples of a steady stretch of `count` behind the first, which was taken, into band (count, leads), mV."""
    for lead in range(s.leads):
        flaw = flaws[lead, t] if flaws.shape[1] > 0 else 0
        if flaw or s.railed[lead]:
            s.bad_until[lead] = n + count - 1 + int(SETTLE_S * rate_hz)
            s.counted[lead] += 0 if flaw else count - 1
            for k in range(1, count):
                band[k, lead] = band[0, lead]
            continue
        row, size, origin = samples[lead, t : t + count], scale[lead, 0], s.origin[lead]
        least, most = row[0], row[0]
        for k in range(1, count):
            least, most = min(least, row[k]), max(most, row[k])
        for k in range(1, count):
            band[k, lead] = row[k] * size - origin
        s.held[lead] = row[count - 1] * size
        s.low[lead] = min(s.low[lead], least * size, most * size)
        s.high[lead] = max(s.high[lead], least * size, most * size)
        s.counted[lead] += count - 1


@njit(cache=True, error_model="numpy")
def _section(sos, state, z, x, count, leads):
    """One second-order section over x (count, leads) in place, transposed direct form II; state (2, leads)."""
    b0, b1, b2, a1, a2 = sos[0], sos[1], sos[2], sos[4], sos[5]
    for lead in range(leads):
        z[lead], z[LANES + lead] = state[0, lead], state[1, lead]
    for t in range(count):
        for lead in range(leads):
            value = x[t, lead]
            y = b0 * value + z[lead]
            z[lead] = b1 * value - a1 * y + z[LANES + lead]
            z[LANES + lead] = b2 * value - a2 * y
            x[t, lead] = y
    for lead in range(leads):
        state[0, lead], state[1, lead] = z[lead], z[LANES + lead]


@njit(cache=True, error_model="numpy")
def _two_sections(sos, state, z, x, count, leads):
    """Two sections, one behind the other: each waits for its own last output, and the other fills that time; state (2, 2, leads)."""
    b0, b1, b2, a1, a2 = sos[0, 0], sos[0, 1], sos[0, 2], sos[0, 4], sos[0, 5]
    d0, d1, d2, c1, c2 = sos[1, 0], sos[1, 1], sos[1, 2], sos[1, 4], sos[1, 5]
    for lead in range(leads):
        z[lead], z[LANES + lead] = state[0, 0, lead], state[0, 1, lead]
        z[2 * LANES + lead], z[3 * LANES + lead] = state[1, 0, lead], state[1, 1, lead]
    for t in range(count):
        for lead in range(leads):
            value = x[t, lead]
            between = b0 * value + z[lead]
            z[lead] = b1 * value - a1 * between + z[LANES + lead]
            z[LANES + lead] = b2 * value - a2 * between
            y = d0 * between + z[2 * LANES + lead]
            z[2 * LANES + lead] = d1 * between - c1 * y + z[3 * LANES + lead]
            z[3 * LANES + lead] = d2 * between - c2 * y
            x[t, lead] = y
    for lead in range(leads):
        state[0, 0, lead], state[0, 1, lead] = z[lead], z[LANES + lead]
        state[1, 0, lead], state[1, 1, lead] = z[2 * LANES + lead], z[3 * LANES + lead]


@njit(cache=True)
def _roughen(s, first, count, step, band):
    """Add up the second differences of the feature samples of every lead, without hum that is taken out: what muscle noise is
    told by."""
    for t in range(first, count, step):
        for lead in range(s.leads):
            value = band[t, lead]
            s.rough[lead] += abs(value - 2.0 * s.past[lead] + s.past_2[lead])
            s.past_2[lead], s.past[lead] = s.past[lead], value


@njit(cache=True)
def clean(s, first, count, step, block, qrs_sos, monitor_sos):
    """Turn what was read into what beats are found in, and what waves are seen in, hum taken off both.

    first: the first feature sample of the block, every `step`-th behind it is one.
    """
    band, monitor = block.band, block.monitor
    for k, t in enumerate(range(first, count, step)):
        for lead in range(s.leads):
            block.raw[k, lead] = band[t, lead]
    block.newest[:] = band[count - 1]
    if s.mains_hz > 0:
        _section(monitor_sos[3 if s.mains_hz == 60 else 2], s.notch_z, block.z, band, count, s.leads)
    _roughen(s, first, count, step, band)
    for k in range(SHAPE_LEADS):
        seat = s.seats[k]
        for t in range(count):
            monitor[t, k] = band[t, seat] if seat >= 0 else 0.0
    _two_sections(qrs_sos, s.qrs_z, block.z, band, count, s.leads)
    _two_sections(monitor_sos, s.monitor_z, block.z, monitor, count, SHAPE_LEADS)


@njit(cache=True, error_model="numpy")
def fold(s, m, first, count, step, block, lag, width, feature_hz):
    """Absolute slopes, and their moving means, of the feature samples from m on; gives how many there are."""
    band, held, slopes, means = block.band, block.features, block.slopes, block.means
    fade, whole, number = 1.0 - 2.0 / feature_hz, np.float64(width), 0
    for k in range(lag):
        for lead in range(s.leads):
            held[k, lead] = s.slope_ring[(m - lag + k) % SLOPE_RING, lead]
    for t in range(first, count, step):
        row = (m + number) % width
        for lead in range(s.leads):
            held[lag + number, lead] = band[t, lead]
            slope = abs(band[t, lead] - held[number, lead])
            s.mean_sum[lead] += slope - s.mean_ring[row, lead]
            s.mean_ring[row, lead] = slope
            slopes[number, lead] = slope
            mean = (s.mean_sum[lead] if s.mean_sum[lead] > 0.0 else 0.0) / whole
            means[number, lead] = mean
            recent = s.recent[lead] * fade
            s.recent[lead] = mean if mean > recent else recent
        number += 1
    for k in range(max(0, number - SLOPE_RING), number):
        for lead in range(s.leads):
            s.slope_ring[(m + k) % SLOPE_RING, lead] = held[lag + k, lead]
    return number
