"""Asystole and pause: time without a QRS, without counting what is unseen."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.contradiction import begin_red, pulse_holds
from stream.decay import last_qrs
from stream.mains import vouched
from stream.report import ASYSTOLE, BY_PULSE, DECIDED_S, PAUSE, begin, end, is_told, keep
from stream.sight import hidden, remembered, undecided_s, unseen
from stream.state import NEVER

CERTAIN = 2.0
"""Silence that was seen for so many times its limit is asystole whatever interruptions may hide: a heart would have to
beat in every one of them and never between."""


@njit(cache=True)
def _may_hide(s, last, silence, n, rate_hz, limits):
    """Whether beats that interruptions since sample `last` may have hidden make up a rate that is none of a red bradycardia."""
    count = hidden(s, last, rate_hz)
    longest = 60.0 * rate_hz / limits.extreme_low_bpm
    return silence < CERTAIN * limits.asystole_s * rate_hz and n - last < (count + 1) * longest


@njit(cache=True)
def wait_s(s, feature_hz, limits):
    """How far behind the newest sample every beat has been decided, s; where pulses are flagged, weighed too."""
    return DECIDED_S if limits.may_be_paced == 1 and s.paces > 0 else undecided_s(s, feature_hz)


@njit(cache=True)
def standstill(s, n, decided_s, rate_hz, feature_hz, limits, out):
    """Asystole and pause: time since the last beat, or since the signal can be seen, without counting what is unseen.

    An interruption may have hidden a beat: see `_may_hide`; no pause reaches over one.

    While leads are learnt anew and no other is read, what moves in them like a QRS counts as a beat that may be one. decided_s: how far behind sample n every beat has been decided; at
    a beat, before it is counted, 0: a silence that is over by the time it is decided is told from the interval of two beats.
    """
    if s.oscillating or s.blind_since != NEVER or not vouched(s, rate_hz):
        return
    last = max(last_qrs(s, limits), s.seen_since, s.stirred_at, remembered(s))
    decided = n - int(decided_s * rate_hz)
    dark = unseen(s, last, decided)
    silence = decided - last - dark
    if dark > 0 and _may_hide(s, last, silence, decided, rate_hz, limits):
        return
    if silence >= limits.asystole_s * rate_hz:
        sample = last + int(np.ceil(limits.asystole_s * rate_hz))
        held_s = (n - dark - sample) / rate_hz
        if is_told(s, ASYSTOLE):
            return
        bpm = pulse_holds(s, held_s, n, rate_hz, feature_hz, limits)
        if bpm > 0.0:
            length, sample = limits.asystole_s, n if dark > 0 else sample
            keep(s, ASYSTOLE, BY_PULSE, bpm, sample, last, length, length, out)
            return
        if held_s > 1.0 or dark > 0:
            sample = n
        end(s, PAUSE, sample, out)
        length = (sample - last) / rate_hz
        begin_red(s, ASYSTOLE, sample, last, length, limits.asystole_s, 0.0, n, rate_hz, feature_hz, limits, out)
        return
    last = max(s.last_beat, s.seen_since, s.stirred_at, remembered(s))
    if (
        unseen(s, last, decided) == 0
        and decided - last >= limits.pause_s * rate_hz
        and s.last_beat >= s.seen_since
        and s.last_beat != NEVER
        and not s.quivers
    ):
        sample = last + int(np.ceil(limits.pause_s * rate_hz))
        begin(s, PAUSE, sample, last, limits.pause_s, limits.pause_s, out)
