"""Samples of one bed through filters, QRS detector and quality, block by block; the state is carried in a record.

Every operation runs in the order of the samples, and decisions fall on fixed places of the session's sample count, so
that the result depends neither on how samples were cut into frames nor on other beds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import heights, qrs, shape
from stream.fusion import fuse, share
from stream.intake import BLOCK, SETTLE_S, clean, fold, new_block, steady, take, take_rest
from stream.mains import NOISY_MV, listen
from stream.pacer import take_paces
from stream.pulse import lose_pulse, smoothing, take_pulses
from stream.rate import rates, unsure
from stream.report import tell_second
from stream.rules import behind_beat, lose_rhythm, on_beat, on_silence, on_tick, regain
from stream.seats import UNSET, reseat, seat
from stream.sight import look
from stream.standstill import standstill
from stream.state import HUM_RING, MAX_LEADS, MEAN_RING, NEVER, R_RING, SHAPE_LEADS, SHAPE_RING
from stream.tachycardia import tachycardia

GOOD, NOISY, FLAT, RAILED, OFF = 1, 2, 3, 4, 5
"""Lead quality as kept in the state; 0 is not known yet."""
SOUND, ROUGH, WANDER, UNCHANGED, AT_LIMIT, LEAD_OFF, INVALID, DOUBT = range(8)
"""Reasons in the order of `stream.measurement.Reason`."""
TICKS_PER_S = 4
RAIL_MV = 9.0
RANGE_MV = 4.9
"""A monitor shows 5 mV either way (IEC 60601-2-27): what stands still nearer to 0 is no amplifier at its limit."""
RAILED_S = 0.2
FLAT_MV = 0.006
ROUGH_MV = 0.12
"""Mean absolute second difference at 250 samples a second above which a lead is noisy."""
WANDER_MV = 4.0
R_LIKE = 0.85
"""Of the largest deflection of a complex: as good an R peak."""


@njit(cache=True)
def restart(s, first, relearn):
    """Begin anew at sample `first`, behind a gap that is not bridged or at the start: filters settle, timers start,
    heights stay known."""
    s.next = first
    s.seen_since = first
    s.fresh = 1
    s.notch_z[:] = 0.0
    s.hum_ring[:] = 0.0
    s.blinks = 0
    s.settled_at = NEVER
    s.last_beat = NEVER
    s.stirred_at = NEVER
    s.qrs_count = 0
    s.candidate = 0.0
    s.missed = 0.0
    s.run = 0
    lose_rhythm(s)
    s.rate = np.nan
    s.shown_rate = np.nan
    s.oscillating = 0
    s.oscillating_since = NEVER
    s.holds_since[:] = NEVER
    s.irregular_since = NEVER
    s.regular_since = NEVER
    s.afib_shown = 0
    s.irregular = 0
    s.atrial_at = NEVER
    s.atrial_odds = 0.0
    s.flutter_s = 0
    s.qrs_z[:] = 0.0
    s.monitor_z[:] = 0.0
    s.slope_ring[:] = 0.0
    s.mean_ring[:] = 0.0
    s.mean_sum[:] = 0.0
    s.peak_1 = 0.0
    s.peak_2 = 0.0
    s.bad_until[:] = NEVER
    s.counted[:] = 0
    s.railed[:] = 0
    s.disagreed = NEVER
    for k in range(s.pulses):
        lose_pulse(s, k, first)
    if relearn:
        s.begun = first
        s.bad_since = NEVER
        s.judged_at = NEVER
        s.main_lead = 0
        s.lost_s[:] = 0
        s.learning = 0
        s.learned = 0
        s.learn_max[:] = 0.0
        s.afib = 0
        shape.forget(s)


@njit(cache=True)
def _at_limit(steps, mv_per_step, zero):
    """Whether a value in steps is an end of what a converter of any number of bits can send.

    Two's complement ends at -2^k and 2^k - 1, 2^k where a sender clips evenly, all of it from 0 or about `zero`. Only
    the ends of int16 count within RANGE_MV.
    """
    if steps >= 32767 or steps <= -32768:
        return True
    if abs(steps - zero) * mv_per_step < RANGE_MV:
        return False
    size, about_zero = abs(steps), abs(steps - zero)
    end = size & (size - 1) == 0 or size & (size + 1) == 0
    return end or about_zero & (about_zero - 1) == 0 or about_zero & (about_zero + 1) == 0


@njit(cache=True)
def _find_limits(s, scale, rate_hz):
    """Note the leads that stood still at the limit of their amplifier from the begin of this second on; four times a second."""
    for lead in range(s.leads):
        still = s.counted[lead] >= RAILED_S * rate_hz and s.high[lead] == s.low[lead]
        steps, zero = np.int64(np.rint(s.held[lead] / scale[lead, 0])), np.int64(scale[lead, 1])
        s.railed[lead] = still and _at_limit(steps, scale[lead, 0], zero)


@njit(cache=True)
def _r_peak(s, m, width, delay, feature_hz):
    """Feature sample of the R peak: the largest band amplitude near the middle of the moving mean, of like ones the first."""
    middle = s.last_at - width // 2
    reach = int(0.09 * feature_hz)
    first, last = max(middle - reach, m - R_RING + 1), min(middle + reach, m)
    best, at = -1.0, middle
    for k in range(first, last + 1):
        if s.r_ring[k % R_RING] > best:
            best, at = s.r_ring[k % R_RING], k
    for k in range(first + 1, at):
        # the peaks of a notched complex take turns at being the largest
        value = s.r_ring[k % R_RING]
        if value > R_LIKE * best and value >= s.r_ring[(k - 1) % R_RING] and value > s.r_ring[(k + 1) % R_RING]:
            return k - delay
    return at - delay


@njit(cache=True)
def _store_shape(s, index, monitor):
    for lead in range(SHAPE_LEADS):
        value = monitor[lead] * 1e3
        s.shape_ring[index % SHAPE_RING, lead] = np.int16(max(-32000.0, min(32000.0, value)))
    s.shapes = index


@njit(cache=True)
def _feature(s, m, band, z, slopes, shares, turn, feature_hz, shape_hz):
    """One feature sample to the detector; True where a beat was found. The fused band is kept, from which the place of an R peak
    is read."""
    s.r_ring[m % R_RING], fused, slope = fuse(s, band, z, slopes, shares)
    if s.learned:
        return qrs.decide(s, m, fused, slope, z, s.floor, turn, feature_hz, shape_hz)
    if not heights.learn(s, z, m, feature_hz):
        s.seen_since = s.judged_at = s.next
        s.floor = heights.floor_height(s)
        share(s, shares)
    return False


@njit(cache=True)
def grade(s, rate_hz):
    """Quality of each lead over the second that ends here. Motion of an electrode that looks like beats is told by the beats
    of all leads together: none is good while they cannot be vouched for."""
    awake, doubtful = False, s.learned == 1 and unsure(s, s.next, rate_hz)
    for lead in range(s.leads):
        takes_part = s.level[lead] > heights.FLOOR_MV and s.bad_until[lead] <= s.next
        awake = awake or (takes_part and s.recent[lead] > 0.5 * s.level[lead])
    for lead in range(s.leads):
        span = s.high[lead] - s.low[lead]
        if s.off_since[lead] != NEVER:
            s.quality[lead], s.reason[lead] = OFF, LEAD_OFF
        elif s.counted[lead] == 0:
            s.quality[lead], s.reason[lead] = OFF, INVALID
        elif span < FLAT_MV:
            railed = s.railed[lead] or abs(s.held[lead]) > RAIL_MV
            s.quality[lead], s.reason[lead] = (RAILED, AT_LIMIT) if railed else (FLAT, UNCHANGED)
        elif s.rough[lead] / max(1, s.counted[lead]) > ROUGH_MV or s.hum[lead] > NOISY_MV:
            s.quality[lead], s.reason[lead] = NOISY, ROUGH
        elif span > WANDER_MV + 20.0 * s.level[lead]:
            s.quality[lead], s.reason[lead] = NOISY, WANDER
        else:
            s.quality[lead], s.reason[lead] = (NOISY, DOUBT) if doubtful else (GOOD, SOUND)
            s.was_valid[lead] = 1
        s.asleep[lead] = awake and s.recent[lead] < 0.1 * s.level[lead]
        s.rough_past[lead] = s.rough[lead] / max(1, s.counted[lead])
        s.counted[lead] = 0
        s.rough[lead] = 0.0
    if s.learned:
        heights.wake(s)


@njit(cache=True)
def _tick(s, n, m, scale, limits, plan, monitor_sos, order, raw, hum, models, out):
    """What is evaluated four times a second, and once, at the samples that end a block."""
    rate_hz, step, feature_hz, shape_hz = plan[0], int(plan[1]), plan[2], plan[2] / int(plan[3])
    tick = int(feature_hz / TICKS_PER_S)
    _find_limits(s, scale, rate_hz)
    listen(s, m, feature_hz, monitor_sos[2:], hum)
    if (m + 1) % (TICKS_PER_S * tick) == 0:
        grade(s, rate_hz)
        if s.learned:
            reseat(s, order, raw, monitor_sos)
    heights.set_weights(s)
    s.floor = heights.floor_height(s)
    on_tick(s, n, (m + 1) * step, tick * step * TICKS_PER_S, rate_hz, feature_hz, shape_hz, limits, models, out)


@njit(cache=True)
def _read(s, t, most, samples, flaws, scale, pulse, block, rate_hz):
    """Read the samples from t on, `most` at most, until a lead is read otherwise than before; how many, and whether any lead is seen."""
    n, settle = s.next, int(SETTLE_S * rate_hz)
    seen = take(s, n, t, samples, flaws, scale, block.band[0], rate_hz)
    if look(s, n, seen, settle, rate_hz):
        regain(s)
    if n == s.settled_at and s.learned:
        heights.set_weights(s)
        s.floor = heights.floor_height(s)
    count = steady(s, n, t, most, samples, flaws, pulse, rate_hz)
    if count > 1:
        take_rest(s, n, t, count, samples, flaws, scale, block.band, rate_hz)
    return count, seen


@njit(cache=True)
def advance(s, samples, flaws, scale, limits, plan, qrs_sos, monitor_sos, order, pulses, paces, models, out):
    """Take consecutive samples of one bed from `s.next` on; beats, ticks and changes go to `out`.

    samples (leads, n) int16; flaws (leads, n) uint8 or (leads, 0) where none; scale (leads, 2) mV a step and the step of 0; pulses
    (channels, n) float32 in any unit, NaN where not readable; paces (k,) int64 samples of pacing pulses in order, padded behind; plan: `early.numbers`; order: (MAX_LEADS,) `seats.seat`.
    """
    rate_hz, step, feature_hz, shape_step = plan[0], int(plan[1]), plan[2], int(plan[3])
    shape_hz = feature_hz / shape_step
    lag = max(1, min(3, int(qrs.SLOPE_S * feature_hz + 0.5)))
    width = min(MEAN_RING, int(qrs.MEAN_S * feature_hz + 0.5))
    delay, shape_delay = int(plan[4] * feature_hz + 0.5), plan[5] * shape_hz
    turn = (1.0 / shape_step, shape_delay + 0.5 - (width // 2 + delay) / shape_step)
    tick, newest = int(feature_hz / TICKS_PER_S), smoothing(feature_hz)
    block, hum, shares = new_block(), np.zeros(2), np.zeros((3, MAX_LEADS))
    if s.seats[0] == UNSET:
        seat(s, order)
    pace, settle, t = 0, int(SETTLE_S * rate_hz), 0
    while t < samples.shape[1]:
        begin = s.next
        pace = take_paces(s, begin, paces, pace)
        pulse = paces[pace] if pace < paces.shape[0] else begin + samples.shape[1]
        m = -(-begin // step)
        first, until_tick = m * step - begin, (m + tick - 1 - m % tick) * step + 1 - begin
        most = min(BLOCK, samples.shape[1] - t, until_tick)
        count, seen = _read(s, t, most, samples, flaws, scale, pulse, block, rate_hz)
        clean(s, first, count, step, block, qrs_sos, monitor_sos)
        number = fold(s, m, first, count, step, block, lag, width, feature_hz)
        share(s, shares)
        for k in range(number):
            at = first + k * step
            n = begin + at
            s.next = n + 1
            if not seen:
                look(s, n, False, settle, rate_hz)
            for lead in range(s.leads):
                s.hum_ring[(m + k) % HUM_RING, lead] = block.raw[k, lead]
            take_pulses(s, pulses, t + at, m + k, newest, feature_hz)
            if (m + k) % shape_step == 0:
                _store_shape(s, (m + k) // shape_step, block.monitor[at])
            if _feature(
                s, m + k, block.features[lag + k], block.means[k], block.slopes[k], shares, turn, feature_hz, shape_hz
            ):
                r = _r_peak(s, m + k, width, delay, feature_hz)
                shape_at = int(r / shape_step + shape_delay + 0.5)
                on_beat(s, r * step, shape_at, rate_hz, feature_hz, shape_hz, limits, models, out)
                behind_beat(s, n, rate_hz, feature_hz, shape_hz, limits, models, out)
                s.floor = heights.floor_height(s)
                share(s, shares)
            if n >= s.due:
                on_silence(s, n, rate_hz, feature_hz, limits, out)
        s.next = begin + count
        if not seen:
            look(s, s.next - 1, False, settle, rate_hz)
        if count == until_tick:
            _tick(
                s, s.next - 1, m + number - 1, scale, limits, plan, monitor_sos, order, block.newest, hum, models, out
            )
        t += count


@njit(cache=True)
def advance_all(
    states, rows, samples, flaws, scales, limits, plan, qrs_sos, monitor_sos, orders, pulses, paces, models, out
):
    """`advance` for many beds of one rate: rows (beds,) of states and limits; samples (beds, leads, n); out names the k-th."""
    for k in range(rows.shape[0]):
        out.counts[3] = k
        advance(
            states[rows[k]],
            samples[k],
            flaws[k],
            scales[k],
            limits[rows[k]],
            plan,
            qrs_sos,
            monitor_sos,
            orders[k],
            pulses[k],
            paces[k],
            models,
            out,
        )


@njit(cache=True)
def tell_rest(s, rate_hz, feature_hz, shape_hz, limits, models, out):
    """At the end of a session: what the rules say up to its last sample, and the beats that no second told."""
    n = s.next - 1
    if s.learned and s.seen_since <= n:
        tachycardia(s, n, False, rate_hz, feature_hz, shape_hz, limits, models.run, out)
        rates(s, n, rate_hz, feature_hz, limits, out)
        standstill(s, n, 0.0, rate_hz, feature_hz, limits, out)
    if s.told < s.beats:
        tell_second(s, n, n, rate_hz, out)
