"""Alarm rules: pure functions of one bed's state and the sample count, evaluated at beats and four times a second.

They say when a condition begins and ends; names, texts, chains and inhibition are `stream.episodes`. Definitions and
defaults: docs/alarms.md.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.classify import NORMAL, UNKNOWN, VENTRICULAR, classify
from stream.contradiction import begin_red, watch_pulse
from stream.pulse import weigh
from stream.rate import RATE_S, rates
from stream.report import (
    ASYSTOLE,
    CANNOT_ANALYZE,
    DECIDED_S,
    LEADS_OFF,
    PAUSE,
    RUN_PVC,
    VFIB,
    VTACH,
    begin,
    end,
    end_tachycardia,
    tell_second,
)
from stream.rhythm import atrial, fibrillation
from stream.standstill import standstill
from stream.state import BEATS, NEVER

RUN_RR, RUN_LIKE = 1.1, 0.7


@njit(cache=True)
def _usual_rr(s):
    """Mean RR (samples) of the last eight that end in a normal beat; 0 where there is none."""
    total, count = 0.0, 0
    for back in range(min(s.beats, 16)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_kind[k] != VENTRICULAR and s.beat_rr[k] > 0.0 and count < 8:
            total += s.beat_rr[k]
            count += 1
    return total / count if count else 0.0


@njit(cache=True)
def on_beat(s, at, shape_at, rate_hz, feature_hz, shape_hz, limits, models, out):
    """Take in the beat whose R lies at sample `at`: its kind, and the rules that beats decide."""
    if s.last_beat != NEVER and at <= s.last_beat:
        return
    known = s.last_beat != NEVER and s.last_beat >= s.seen_since and not s.active[ASYSTOLE]
    rr = np.float64(at - s.last_beat) if known else 0.0
    usual = s.usual_rr
    early = known and usual > 0.0 and rr < shape.EARLY * usual
    after_v = s.beats > 0 and s.beat_kind[(s.beats - 1) % BEATS] == VENTRICULAR
    last_ratio = s.beat_rr[(s.beats - 1) % BEATS] / usual if s.beats > 0 and usual > 0.0 else 0.0
    kind, width = UNKNOWN, np.nan
    s.suspicion, s.hide = 0.0, False
    if not s.active[VFIB]:
        ratio = rr / usual if known and usual > 0.0 else 0.0
        kind, width = classify(s, shape_at, at, ratio, after_v, last_ratio, False, models, rate_hz, shape_hz)
    if kind == NORMAL and not early:
        shape.learn_p(s, shape_at, shape_hz)
    slot = s.beats % BEATS
    s.beat_at[slot], s.beat_rr[slot], s.beat_kind[slot], s.beat_width[slot] = at, rr, kind, width
    s.beat_new[slot], s.beat_doubt[slot], s.beat_hidden[slot] = s.newly, s.suspicion, s.hide
    s.beats += 1
    s.last_beat = at
    if kind != VENTRICULAR:
        s.usual_rr = _usual_rr(s)
    # within a fast run, what is unlike the normal beats belongs to it, whatever its own class
    close = s.run > 0 and 0.0 < rr < RUN_RR * 60.0 * rate_hz / limits.vtach_bpm and s.features[0] < RUN_LIKE
    s.run = s.run + 1 if kind == VENTRICULAR or close else 0
    end(s, ASYSTOLE, at, out)
    end(s, PAUSE, at, out)
    _runs(s, at, rate_hz, feature_hz, limits, out)


@njit(cache=True)
def _runs(s, at, rate_hz, feature_hz, limits, out):
    """Runs of ventricular beats, judged at each beat."""
    if s.run == 0:
        end(s, RUN_PVC, at, out)
        if s.beats >= 2 and s.beat_kind[(s.beats - 2) % BEATS] != VENTRICULAR:
            end_tachycardia(s, VTACH, at, out)
        return
    first = s.beat_at[(s.beats - min(s.run, BEATS)) % BEATS]
    need = int(limits.vtach_beats)
    if s.run >= need and need <= BEATS:
        start = s.beat_at[(s.beats - need) % BEATS]
        bpm = 60.0 * rate_hz * (need - 1) / max(1, at - start)
        if bpm >= limits.vtach_bpm:
            end(s, RUN_PVC, at, out)
            s.red_bpm = bpm
            begin_red(s, VTACH, at, first, bpm, limits.vtach_bpm, bpm, s.next, rate_hz, feature_hz, limits, out)
    if s.run >= limits.run_beats and not s.active[VTACH]:
        begin(s, RUN_PVC, at, first, s.run, limits.run_beats, out)


@njit(cache=True)
def _technical(s, n, rate_hz, limits, out):
    """Leads off, and no lead that can be analysed."""
    off, first = 0, n
    for lead in range(s.leads):
        if s.was_valid[lead] and s.off_since[lead] != NEVER and n - s.off_since[lead] >= limits.leads_off_s * rate_hz:
            off += 1
            first = min(first, s.off_since[lead])
    if off:
        begin(s, LEADS_OFF, first + int(np.ceil(limits.leads_off_s * rate_hz)), first, off, 0.0, out)
    else:
        end(s, LEADS_OFF, n, out)
    good = False
    for lead in range(s.leads):
        good = good or s.quality[lead] <= 1
    if good:
        s.bad_since = NEVER
        end(s, CANNOT_ANALYZE, n, out)
    elif s.bad_since == NEVER:
        s.bad_since = n - int(rate_hz)
    elif n - s.bad_since >= limits.cannot_analyze_s * rate_hz:
        length = (n - s.bad_since) / rate_hz
        begin(s, CANNOT_ANALYZE, n, s.bad_since, length, limits.cannot_analyze_s, out)


@njit(cache=True)
def on_tick(s, n, stop, second, rate_hz, feature_hz, shape_hz, limits, out):
    """Evaluate what time decides, at sample n; a row of numerics where `second` samples end before sample `stop`."""
    if s.seen_since <= n:
        if s.learned:
            fibrillation(s, n, rate_hz, shape_hz, limits, out)
            standstill(s, n, DECIDED_S, rate_hz, feature_hz, limits, out)
            rates(s, n, rate_hz, feature_hz, limits, out)
        if s.last_beat != NEVER and n - s.last_beat > RATE_S * rate_hz:
            end_tachycardia(s, VTACH, n, out)
            end(s, RUN_PVC, n, out)
    watch_pulse(s, n, rate_hz, feature_hz, limits, out)
    _technical(s, n, rate_hz, limits, out)
    if stop % second == 0:
        weigh(s, int(n * feature_hz / rate_hz), s.rate, feature_hz)
        atrial(s, n, rate_hz, shape_hz, limits, out)
        tell_second(s, stop - second, n, rate_hz, out)
