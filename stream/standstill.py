"""Asystole and pause: time without a QRS, without counting what is unseen."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.contradiction import begin_red, pulse_holds
from stream.report import ASYSTOLE, BY_PULSE, PAUSE, begin, end, is_told, keep
from stream.state import NEVER


@njit(cache=True)
def standstill(s, n, decided_s, rate_hz, feature_hz, limits, out):
    """Asystole and pause: time since the last beat, or since the signal can be seen, without counting what is unseen.

    While leads are learnt anew and no other is read, what moves in them like a QRS counts as a beat that may be one. decided_s: how far behind sample n every beat has been decided.
    """
    if s.oscillating or s.blind_since != NEVER:
        return
    last = max(s.last_beat, s.seen_since, s.stirred_at)
    silence = n - int(decided_s * rate_hz) - last
    if silence >= limits.asystole_s * rate_hz:
        sample = last + int(np.ceil(limits.asystole_s * rate_hz))
        held_s = (n - sample) / rate_hz
        if is_told(s, ASYSTOLE):
            return
        bpm = pulse_holds(s, held_s, n, rate_hz, feature_hz, limits)
        if bpm > 0.0:
            length = limits.asystole_s
            keep(s, ASYSTOLE, BY_PULSE, bpm, sample, last, length, length, out)
            return
        if held_s > 1.0:
            sample = n
        end(s, PAUSE, sample, out)
        length = (sample - last) / rate_hz
        begin_red(s, ASYSTOLE, sample, last, length, limits.asystole_s, 0.0, n, rate_hz, feature_hz, limits, out)
    elif silence >= limits.pause_s * rate_hz and s.last_beat >= s.seen_since and s.last_beat != NEVER and not s.quivers:
        sample = last + int(np.ceil(limits.pause_s * rate_hz))
        begin(s, PAUSE, sample, last, limits.pause_s, limits.pause_s, out)
