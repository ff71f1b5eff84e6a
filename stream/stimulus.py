"""Pulses of a pacemaker that nobody flags, where the signal still shows them: over within a sample or two, shortly before each R.

They tell a paced rhythm from a tachycardia of the ventricles as wide, and nothing else: no beat is told as paced by them.
"""

from __future__ import annotations

from numba import njit

from stream.state import HUM_RING

FROM_S, TO_S = 0.2, 0.03
"""Stretch before R in which a pulse lies (`stream.pacer.PACED_S`); nearer to R its own slopes may be as short."""
AFTER_S = 0.08
"""What is looked at reaches so far behind R: no wave of the beat may be nearly as sharp."""
PULSE_MV, SHARPER, BESIDE = 0.15, 4.0, 3
"""By so much a pulse stands out of both samples two before and two behind it, and so many times as far as whatever is more than so many samples away (250 a
second: an R wave of 1 mV with 26 ms at half its height stands out by 0.23 mV, a paced QRS by less than 0.1 mV)."""


@njit(cache=True)
def _stands_out(s, at, lead):
    """By how much (mV) the sample at feature sample `at` lies above, or below, both of those two away; 0 where it lies between."""
    value = s.hum_ring[at % HUM_RING, lead]
    up, down = value - s.hum_ring[(at - 2) % HUM_RING, lead], value - s.hum_ring[(at + 2) % HUM_RING, lead]
    return min(abs(up), abs(down)) if up * down > 0.0 else 0.0


@njit(cache=True)
def shows_pulse(s, at, newest, feature_hz):
    """Whether any lead that takes part shows a pulse ahead of R at feature sample `at`; newest: the newest feature sample. False where the
    samples are not held any more."""
    first, stop = at - int(FROM_S * feature_hz), min(at + int(AFTER_S * feature_hz), newest - 1)
    if first - 2 <= newest - HUM_RING or first < 2:
        return False
    last = at - int(TO_S * feature_hz)
    for lead in range(s.leads):
        if s.weight[lead] <= 0.0:
            continue
        highest, place, other = 0.0, first, 0.0
        for k in range(first, last):
            if _stands_out(s, k, lead) > highest:
                highest, place = _stands_out(s, k, lead), k
        for k in range(first, stop):
            if abs(k - place) > BESIDE:
                other = max(other, _stands_out(s, k, lead))
        if highest >= PULSE_MV and highest >= SHARPER * other:
            return True
    return False


@njit(cache=True)
def count_pulses(s, at, newest, feature_hz):
    """Count the beats in a row that come behind a pulse, with the one at feature sample `at`."""
    s.pulsed = s.pulsed + 1 if shows_pulse(s, at, newest, feature_hz) else 0
