"""Which leads carry shapes and fibrillation: others take the seats of those that are lost."""

from __future__ import annotations

from numba import njit

from stream import shape
from stream.state import NEVER, SHAPE_LEADS

UNSET = -2
"""No lead has been chosen yet; -1 is a seat for which there is none."""
FEW, FEW_S = 2, 10
"""With fewer of the seats readable than this for so many seconds, as the main lead is given up for another (Philips)."""
NONE_S = 2
"""And with none, as soon as leads off are told: neither fibrillation nor tachycardia could be."""
FLAT = 3
"""Lead quality from which on nothing can be read, with `stream.signalpath`."""


@njit(cache=True)
def seat(s, order):
    """Choose the leads at the start: the first of `order` (MAX_LEADS,), rows in the order of what they tell, -1 behind."""
    for k in range(SHAPE_LEADS):
        s.seats[k] = order[k]


@njit(cache=True)
def _readable(s, lead):
    return lead >= 0 and s.off_since[lead] == NEVER and 0 < s.quality[lead] < FLAT


@njit(cache=True)
def _spare(s, order):
    """The first lead in `order` that can be read and has no seat; -1 where there is none."""
    for k in range(len(order)):
        taken = False
        for j in range(SHAPE_LEADS):
            taken = taken or s.seats[j] == order[k]
        if not taken and _readable(s, order[k]) and s.lost_s[order[k]] == 0:
            return order[k]
    return -1


@njit(cache=True)
def reseat(s, order, raw, monitor_sos):
    """Once a second: give the seats of lost leads to others where too few are left; shapes are then learnt anew.

    raw (leads,): the newest sample, mV, with which the filters of a seat begin as if it had stood there for ever.
    """
    left = 0
    for k in range(SHAPE_LEADS):
        left += _readable(s, s.seats[k])
    s.few_s = s.few_s + 1 if left < FEW else 0
    if s.few_s < (FEW_S if left > 0 else NONE_S):
        return
    changed = False
    for k in range(SHAPE_LEADS):
        if _readable(s, s.seats[k]):
            continue
        other = _spare(s, order)
        if other < 0:
            break
        s.seats[k], changed = other, True
        s.monitor_z[:, :, k] = 0.0
        s.monitor_z[0, 1, k] = monitor_sos[0, 2] * raw[other]
        s.monitor_z[0, 0, k] = monitor_sos[0, 1] * raw[other] + s.monitor_z[0, 1, k]
    if changed:
        s.few_s = 0
        shape.forget(s)
        s.flutter_s = 0
