"""The decay that a pacing pulse leaves on the electrodes, told from the QRS that may lie on it.

The polarisation of an electrode fades by one time constant from the pulse on, the same in every lead: a monitor is tried with 4
to 100 ms and up to 2 mV (IEC 60601-2-27). What is higher than about 0.2 mV looks like a beat to the detector. Here the best such
decay, as the monitor path shows it, is taken out of the recent signal around a beat behind a pulse; what is left stands out
where it is as high as usual on this bed. A standstill is timed by the beats that stand out (`stream.standstill`), nothing else.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream.between import LOW, is_read, learn_wave
from stream.filters import MONITOR_BAND_HZ
from stream.report import DECIDED_S
from stream.state import BEATS, NEVER, PACES, SHAPE_LEADS, SHAPE_RING, TEMPLATE, TOGETHER

PACE_S = 0.006
"""A flagged pacing pulse is taken out of the signal for so long: pulses last up to 2 ms, their tails a little more."""
REACH_S, AHEAD_S = 0.3, 0.04
"""So long behind a pulse, or little ahead of it, a beat may lie that is its decay; pulses within REACH_S of one another belong
together."""
BEFORE_S, WINDOW_S, LEAST = 0.25, 0.45, 8
"""Looked at ahead of the first pulse, where a beat of its own may lie that the detector joins to the decay (`qrs.HOLD_S`), and
behind the last; the fewest shape samples."""
FASTEST_S, TURNS = 0.003, ((1.8, 0, 8), (1.2, 2, 5), (1.07, 1, 3))
"""Time constants that are tried: 3 to 184 ms, and ever closer to the best: factor, how many below it, how many."""
HALF_S, MEAN_S = 0.04, 0.12
"""A QRS is measured by the mean slope over MEAN_S of how far each sample stands out of those HALF_S before and behind it."""
SHARE = 0.4
"""Of what is usually left around captured beats of a bed."""
LEAST_MV = 0.011
"""Less than a complex of 0.15 mV and 100 ms has, which is no QRS (IEC 60601-2-27), is left of decays of two time constants."""
SURE_MV, UNEXPLAINED = 0.03, 0.5
"""What is higher than a P wave of 0.3 mV, and is no decay for at least this share, is a QRS of whatever form."""
ALIKE, ALIKE_S = 0.8, 0.35
"""Correlation with what the pulse before left within so long, from which on muscle answers in another form than usual."""
EARLIER_S = 0.08
"""But not where it comes so much earlier."""
SLOW = 0.125
"""Of each captured beat, in what is usual."""
AHEAD_OF_PULSE_S = 0.3
"""A P wave stands at most so long ahead of the pulse that the ventricles are paced by behind it: AV delays are set to 300 ms at most, as a rule."""
AV_S, P_S = 0.1, 0.03
"""Pulses farther apart are of atrium and ventricle, and the P wave rises so long behind the first: those of two ventricles lie within
80 ms."""


@njit(cache=True)
def pulses_of(s, at, rate_hz, found):
    """Write the pulses (samples, in order) that belong to the beat at sample `at` into found (TOGETHER,); gives how many."""
    count, last = 0, 0
    for back in range(min(s.paces, PACES)):
        pace = s.pace_at[(s.paces - 1 - back) % PACES]
        if pace > at + AHEAD_S * rate_hz:
            continue
        if count == 0:
            if at - pace > REACH_S * rate_hz:
                return 0
        elif last - pace > REACH_S * rate_hz or count == TOGETHER:
            break
        found[count], last = pace, pace
        count += 1
    for k in range(count // 2):
        found[k], found[count - 1 - k] = found[count - 1 - k], found[k]
    for k in range(min(s.paces, PACES)):
        pace = s.pace_at[(max(0, s.paces - PACES) + k) % PACES]
        if 0 < count < TOGETHER and found[count - 1] < pace <= found[count - 1] + REACH_S * rate_hz:
            found[count] = pace
            count += 1
    return count


@njit(cache=True)
def _next_pulse(s, after, none):
    """The first pulse behind sample `after`; `none` where there is none."""
    first = none
    for back in range(min(s.paces, PACES)):
        pace = s.pace_at[(s.paces - 1 - back) % PACES]
        if pace <= after:
            break
        first = pace
    return first


@njit(cache=True)
def _last_pulse(s, ahead):
    """The last pulse ahead of sample `ahead`; long before it where there is none."""
    for back in range(min(s.paces, PACES)):
        pace = s.pace_at[(s.paces - 1 - back) % PACES]
        if pace < ahead:
            return pace
    return NEVER


@njit(cache=True)
def decay(tau_s, since_s, step_s, low_hz, high_hz, e):
    """Write into e (count,) what the monitor path makes of a decay of size 1 and time constant `tau_s`, samples `step_s` apart.

    The first sample lies `since_s` (s) behind the begin of the decay, which is 0 ahead of it. Partial fractions over the poles of
    the analogue prototypes of `stream.filters`: Butterworth high pass and low pass of second order.
    """
    alpha, a, b = 1.0 / tau_s, 2.0 * math.pi * low_hz, 2.0 * math.pi * high_hz
    root = math.sqrt(0.5)
    p, q = complex(-root * a, root * a), complex(-root * b, root * b)
    over_p = p * p * b * b / ((p - p.conjugate()) * (p * p + 2.0 * root * b * p + b * b) * (p + alpha))
    over_q = q * q * b * b / ((q - q.conjugate()) * (q * q + 2.0 * root * a * q + a * a) * (q + alpha))
    below, above = alpha * alpha - 2.0 * root * a * alpha + a * a, alpha * alpha - 2.0 * root * b * alpha + b * b
    over = alpha * alpha * b * b / (below * above)
    ahead = max(0, math.ceil(-since_s / step_s))
    first = since_s + ahead * step_s
    x, y, z = over_p * np.exp(p * first), over_q * np.exp(q * first), over * math.exp(-alpha * first)
    turn_x, turn_y, fade = np.exp(p * step_s), np.exp(q * step_s), math.exp(-alpha * step_s)
    for k in range(e.shape[0]):
        if k < ahead:
            e[k] = 0.0
            continue
        e[k] = 2.0 * (x.real + y.real) + z
        x, y, z = x * turn_x, y * turn_y, z * fade


@njit(cache=True)
def _solve(a, b, x, count):
    """Solve the first `count` of the normal equations a x = b (TOGETHER, leads) by elimination; a and b are overwritten. An
    unknown that the others leave nothing of is 0."""
    for k in range(count):
        for j in range(k + 1, count):
            f = a[j, k] / a[k, k] if a[k, k] > 1e-9 else 0.0
            for i in range(k, count):
                a[j, i] -= f * a[k, i]
            for lead in range(b.shape[1]):
                b[j, lead] -= f * b[k, lead]
    for k in range(count - 1, -1, -1):
        for lead in range(b.shape[1]):
            total = b[k, lead]
            for i in range(k + 1, count):
                total -= a[k, i] * x[i, lead]
            x[k, lead] = total / a[k, k] if a[k, k] > 1e-9 else 0.0


@njit(cache=True)
def _fit(d, e, count, weights, x):
    """Sizes x (TOGETHER, leads) of the decays e that leave the least of the steps of d (n, leads); gives what they explain."""
    a, b, kept = np.zeros((TOGETHER, TOGETHER)), np.zeros((TOGETHER, d.shape[1])), np.zeros((TOGETHER, d.shape[1]))
    for k in range(1, d.shape[0]):
        for j in range(count):
            step = e[j, k] - e[j, k - 1]
            if step == 0.0:
                continue
            for i in range(j + 1):
                a[j, i] += step * (e[i, k] - e[i, k - 1])
            for lead in range(d.shape[1]):
                b[j, lead] += step * (d[k, lead] - d[k - 1, lead])
    for j in range(count):
        for i in range(j):
            a[i, j] = a[j, i]
    kept[:] = b
    _solve(a, b, x, count)
    explained = 0.0
    for j in range(count):
        for lead in range(d.shape[1]):
            explained += weights[lead] * x[j, lead] * kept[j, lead]
    return explained


@njit(cache=True)
def _decays(tau_s, begins_s, count, step_s, high_hz, e):
    for j in range(count):
        decay(tau_s, begins_s[j], step_s, MONITOR_BAND_HZ[0], high_hz, e[j])


@njit(cache=True)
def take_out(d, begins_s, count, step_s, high_hz, weights):
    """Take the decays of `count` pulses, whose begins lie `begins_s` before the first sample, out of d (n, leads); the time constant."""
    e, x = np.zeros((TOGETHER, d.shape[0])), np.zeros((TOGETHER, d.shape[1]))
    best, tau_s = -1.0, FASTEST_S
    for factor, below, tries in TURNS:
        middle = tau_s
        for k in range(tries):
            one = middle * factor ** (k - below)
            _decays(one, begins_s, count, step_s, high_hz, e)
            explained = _fit(d, e, count, weights, x)
            if explained > best:
                best, tau_s = explained, one
    _decays(tau_s, begins_s, count, step_s, high_hz, e)
    _fit(d, e, count, weights, x)
    for k in range(d.shape[0]):
        for lead in range(d.shape[1]):
            for j in range(count):
                d[k, lead] -= x[j, lead] * e[j, k]
    return tau_s


@njit(cache=True)
def heights(d, first, shape_hz, most):
    """Write the highest mean slope (mV) in the QRS band of d (n, leads) from its sample `first` on into most (leads,); gives the
    sample around which the highest of them lies."""
    n, half, width = d.shape[0], max(1, int(HALF_S * shape_hz + 0.5)), max(1, int(MEAN_S * shape_hz + 0.5))
    slope, highest, at = np.zeros(n), 0.0, first
    for lead in range(d.shape[1]):
        most[lead], before, total = 0.0, 0.0, 0.0
        for k in range(n):
            slope[k] = 0.0
        for k in range(max(first, 0) + half + 1, n - half - 1):
            smooth = 0.0
            for j in range(-1, 2):
                smooth += (2.0 * d[k + j, lead] - d[k + j - half, lead] - d[k + j + half, lead]) / 12.0
            if k > max(first, 0) + half + 1:
                slope[k] = abs(smooth - before)
            before = smooth
            total += slope[k] - (slope[k - width] if k >= width else 0.0)
            most[lead] = max(most[lead], total / width)
            if total > highest:
                highest, at = total, k - width // 2
    return at


@njit(cache=True)
def _stretch(s, pulses, count, rate_hz, shape_hz):
    """First shape sample and the one behind the last of what is looked at around pulses; both 0 where it is no longer known."""
    per, last = rate_hz / shape_hz, pulses[count - 1]
    end = min(last + WINDOW_S * rate_hz, 1.0 * _next_pulse(s, last, s.next))
    begin = max(pulses[0] - BEFORE_S * rate_hz, _last_pulse(s, pulses[0]) + REACH_S * rate_hz)
    first, stop = int(begin / per), min(s.shapes, int(end / per) - 1) + 1
    return (first, stop) if first > s.shapes - SHAPE_RING + 1 and stop - first >= LEAST else (0, 0)


@njit(cache=True)
def _without(s, d, first, pulses, count, rate_hz, shape_hz):
    """Fill d (n, SHAPE_LEADS) with the signal from shape sample `first` on, less the decay of pulses; gives the heights (mV) with it."""
    per, whole = rate_hz / shape_hz, np.zeros(SHAPE_LEADS)
    weights, begins_s = np.zeros(SHAPE_LEADS), np.zeros(TOGETHER)
    for k in range(SHAPE_LEADS):
        # a lead counts by how high its QRS is, so that none is taken for the decay of a larger one
        weights[k] = 1.0 / s.level[s.seats[k]] ** 2 if is_read(s, k) else 0.0
        for i in range(d.shape[0]):
            d[i, k] = s.shape_ring[(first + i) % SHAPE_RING, k] * 1e-3
    for j in range(count):
        begins_s[j] = (first * per - pulses[j] - math.ceil(PACE_S * rate_hz) + 0.5) / rate_hz
    heights(d, 0, shape_hz, whole)
    take_out(d, begins_s, count, 1.0 / shape_hz, min(MONITOR_BAND_HZ[1], 0.45 * rate_hz), weights)
    return whole


@njit(cache=True)
def _answers_alike(s, d, behind, shape_hz):
    """Whether what is left from sample `behind` of d on is like that of the beat before; it is kept for the next."""
    count = min(TEMPLATE, int(ALIKE_S * shape_hz), d.shape[0] - behind)
    xx, xy, yy = 0.0, 0.0, 0.0
    for k in range(SHAPE_LEADS):
        if not is_read(s, k):
            continue
        mean_x, mean_y = 0.0, 0.0
        for i in range(count):
            mean_x += d[behind + i, k] / count
            mean_y += s.rest[i, k] / count
        for i in range(count):
            x, y = d[behind + i, k] - mean_x, s.rest[i, k] - mean_y
            xx, xy, yy = xx + x * x, xy + x * y, yy + y * y
    for k in range(SHAPE_LEADS):
        for i in range(TEMPLATE):
            s.rest[i, k] = d[behind + i, k] if i < count else 0.0
    return xy > ALIKE * math.sqrt(xx * yy)


@njit(cache=True)
def _is_qrs(s, whole, rest, behind, count, alike):
    """Whether what is left around pulses is a QRS, by what is usual of this bed; where nothing is known of it, by its height.

    whole, rest (SHAPE_LEADS,): heights with and without the decay, mV; behind: of what is left behind the first pulse.
    """
    total, usual, highest, sure = 0.0, 0.0, 0.0, False
    for k in range(SHAPE_LEADS):
        if not is_read(s, k):
            continue
        if s.usual_rest[count - 1, k] > 0.0:
            total, usual = total + rest[k], usual + s.usual_rest[count - 1, k]
        highest = max(highest, behind[k])
        sure = sure or (rest[k] >= SURE_MV and rest[k] >= UNEXPLAINED * whole[k])
    if sure or (usual > 0.0 and total >= SHARE * usual):
        return True
    # P waves that an atrium is paced to have come alike, too
    return highest >= LEAST_MV and (usual == 0.0 or (alike and count == 1))


@njit(cache=True)
def _is_p_of_pulse(s, at, rate_hz, shape_hz):
    """Whether what was taken for a beat at sample `at`, with no pulse shortly before it, is the P wave of the pulse that follows: much lower than what
    pulses bring on this bed, where that is known."""
    none = s.next + int(AHEAD_OF_PULSE_S * rate_hz) + 1
    pulse, rest = _next_pulse(s, at + int(AHEAD_S * rate_hz), none), np.zeros(SHAPE_LEADS)
    if pulse - at > AHEAD_OF_PULSE_S * rate_hz or pulse >= s.next:
        return False
    per = rate_hz / shape_hz
    first, stop = int((at - BEFORE_S * rate_hz) / per), min(s.shapes, int(pulse / per))
    if first <= s.shapes - SHAPE_RING + 1:
        return False
    d = np.zeros((stop - first, SHAPE_LEADS))
    for i in range(d.shape[0]):
        for k in range(SHAPE_LEADS):
            d[i, k] = s.shape_ring[(first + i) % SHAPE_RING, k] * 1e-3
    heights(d, 0, shape_hz, rest)
    for count in range(TOGETHER):
        total, usual = 0.0, 0.0
        for k in range(SHAPE_LEADS):
            if is_read(s, k) and rest[k] >= SURE_MV:
                return False
            if is_read(s, k) and s.usual_rest[count, k] > 0.0:
                total, usual = total + rest[k], usual + s.usual_rest[count, k]
        if usual > 0.0:
            return total < LOW * usual
    return False


@njit(cache=True)
def stands_out(s, at, rate_hz, shape_hz):
    """Whether the beat at sample `at` is more than the decay of pulses: without a pulse shortly before it, it is, but for the P wave of one behind."""
    pulses, rest, behind = np.zeros(TOGETHER, np.int64), np.zeros(SHAPE_LEADS), np.zeros(SHAPE_LEADS)
    late, count = np.zeros(SHAPE_LEADS), pulses_of(s, at, rate_hz, pulses)
    if count == 0:
        return not _is_p_of_pulse(s, at, rate_hz, shape_hz)
    first, stop = _stretch(s, pulses, count, rate_hz, shape_hz)
    if stop == 0:
        return True
    d = np.zeros((stop - first, SHAPE_LEADS))
    whole = _without(s, d, first, pulses, count, rate_hz, shape_hz)
    begin = max(0, int(pulses[0] * shape_hz / rate_hz) - first)
    heights(d, 0, shape_hz, rest)
    peak = heights(d, begin, shape_hz, behind)
    after_s = (peak - begin) / shape_hz
    heights(d, max(0, int(pulses[count - 1] * shape_hz / rate_hz) - first), shape_hz, late)
    for k in range(SHAPE_LEADS):
        # as low as a P wave ahead of the last pulse: it is one
        if rest[k] < min(LOW * s.usual_rest[count - 1, k], SURE_MV):
            rest[k] = late[k]
    # the P wave of an atrium that is paced comes earlier than the beat that it no longer conducts to
    alike = _answers_alike(s, d, begin, shape_hz) and after_s >= s.usual_after_s - EARLIER_S
    if not _is_qrs(s, whole, rest, behind, count, alike):
        return False
    if count == 1:
        s.usual_after_s += (after_s - s.usual_after_s) * (SLOW if s.usual_rest[0].max() > 0.0 else 1.0)
    for k in range(SHAPE_LEADS):
        if is_read(s, k):
            usual = s.usual_rest[count - 1, k]
            s.usual_rest[count - 1, k] += (rest[k] - usual) * (SLOW if usual > 0.0 else 1.0)
    return True


@njit(cache=True)
def learn_paced_wave(s, at, rate_hz, shape_hz):
    """Remember the P wave between the pulses of atrium and ventricle that belong to the beat at sample `at` (`between`)."""
    pulses = np.zeros(TOGETHER, np.int64)
    if pulses_of(s, at, rate_hz, pulses) < 2 or pulses[1] - pulses[0] < AV_S * rate_hz:
        return
    per = rate_hz / shape_hz
    first, stop = int((pulses[0] + P_S * rate_hz) / per), int(pulses[1] / per)
    highest, peak = 0.0, first
    for i in range(first + 1, stop - 1):
        square = 0.0
        for k in range(SHAPE_LEADS):
            begin, end = s.shape_ring[first % SHAPE_RING, k] * 1e-3, s.shape_ring[(stop - 1) % SHAPE_RING, k] * 1e-3
            square += (
                s.shape_ring[i % SHAPE_RING, k] * 1e-3 - begin - (end - begin) * (i - first) / (stop - 1 - first)
            ) ** 2
        if square > highest:
            highest, peak = square, i
    learn_wave(s, peak, shape_hz)


@njit(cache=True)
def weigh_beats(s, n, rate_hz, shape_hz):
    """At sample n: weigh the beats whose time to be decided is over, and note the last that stands out."""
    decided = n - int(DECIDED_S * rate_hz)
    s.beats_weighed = max(s.beats_weighed, s.beats - BEATS)
    while s.beats_weighed < s.beats and s.beat_at[s.beats_weighed % BEATS] <= decided:
        at = s.beat_at[s.beats_weighed % BEATS]
        s.beats_weighed += 1
        if stands_out(s, at, rate_hz, shape_hz):
            s.stood_at = max(s.stood_at, at)


@njit(cache=True)
def last_qrs(s, limits):
    """Sample of the last beat that counts against a standstill: where pulses are flagged, one that stands out.

    Not of a bed that is said not to be paced.
    """
    if limits.may_be_paced != 1 or s.paces == 0 or s.beats_weighed < s.beats:
        return s.last_beat
    return min(s.last_beat, s.stood_at)
