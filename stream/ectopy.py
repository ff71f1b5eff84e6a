"""Ventricular beats: single, paired, in runs, in patterns, of several shapes, and too many of them; kinds of VT.

Evaluated at each beat, behind the rules that decide ventricular tachycardia. A run that may still become a red alarm is
called when it is over, or when it goes on without having become one. Definitions: docs/alarms.md, chain V.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.block import goes_on
from stream.classify import VENTRICULAR
from stream.leaning import leans
from stream.rate import begin_sure, unsure
from stream.report import (
    BIGEMINY,
    MULTIFORM_PVC,
    NONSUST_VT,
    PAIR_PVC,
    PVC_PER_MIN,
    R_ON_T,
    RAPID_VT,
    RUN_PVC,
    SINGLE_PVC,
    TORSADES,
    TRIGEMINY,
    VENT_BRADY,
    VENT_RHYTHM,
    VFIB,
    VTACH,
    VTACH_SUSTAINED,
    begin,
    end,
    happen,
    is_told,
)
from stream.state import BEATS, NEVER, PVCS

CYCLES = 3
"""Of bigeminy and trigeminy (Mindray)."""
OTHER_FORM = 0.7
"""Two shapes that correlate less are different forms; beats of one focus correlate by 0.85 and more."""
SEEN = 2
"""Beats of a form before it counts as one: an artefact does not come back."""
ON_T = 1.0 / 3.0
"""Of the usual RR: a ventricular beat this near falls on the T wave."""
COMPENSATED = 1.25
"""Of the usual RR: the pause behind it."""
TORSADES_BEATS = 8
MINUTE_S = 60.0
PASSED_OVER = 3
"""Beats of a fast run beyond those of VT from which on it is called at once: it was judged to be none."""
SILENT_S = 5.0
"""Without a beat for so long no rhythm of beats goes on."""


@njit(cache=True)
def rate_over(s, last, beats, rate_hz):
    """Rate (/min) over `beats` beats of which the newest is the `last`-th before the newest; 0 where it is unknown."""
    if beats < 2 or last + beats > min(s.beats, BEATS):
        return 0.0
    total = 0.0
    for back in range(last, last + beats - 1):
        rr = s.beat_rr[(s.beats - 1 - back) % BEATS]
        if rr <= 0.0:
            return 0.0
        total += rr
    return 60.0 * rate_hz * (beats - 1) / total


@njit(cache=True)
def ectopy(s, at, rate_hz, shape_hz, limits, out):
    """Judge the beat that was added last, at sample `at`; `s.run` is the length of the run that it ends or belongs to."""
    newest = (s.beats - 1) % BEATS
    s.beat_form[newest] = s.form_last
    ventricular = s.beat_kind[newest] == VENTRICULAR
    drowned = ventricular and leans(s, shape_hz)
    s.run_leans = s.run > 0 and (s.run_leans or drowned)
    calm = not (s.active[VFIB] or s.oscillating or s.run_leans or unsure(s, s.next, rate_hz))
    s.run_red = s.run_red or s.active[VTACH] or s.active[VFIB] or drowned
    if is_told(s, VTACH):
        _kinds(s, at, rate_hz, limits, out)
    elif s.run > 0 and not s.active[VTACH]:
        _running(s, at, calm, rate_hz, shape_hz, limits, out)
    if s.run == 0 or s.active[VTACH]:
        _quiet_runs(s, at, out)
    if s.run == 0:
        if s.run_last > 0 and calm and not s.run_red:
            _ended(s, at, s.run_last, rate_hz, limits, out)
        s.run_red = 0
    s.run_last = s.run
    s.usual_last = s.usual_rr
    _count(s, ventricular and not drowned)
    _patterns(s, at, ventricular and not drowned, rate_hz, out)
    if ventricular and not s.active[VTACH] and calm:
        s.pvc_at[s.pvcs % PVCS] = at
        s.pvcs += 1
    _forms(s, at, ventricular and calm, shape_hz, limits, out)
    _per_minute(s, at, rate_hz, limits, out)


@njit(cache=True)
def _running(s, at, calm, rate_hz, shape_hz, limits, out):
    """Within a run that is no tachycardia: slow runs, and rhythms of the ventricles."""
    length = min(s.run, BEATS)
    first = s.beat_at[(s.beats - length) % BEATS]
    need = int(limits.vent_brady_beats)
    brady = rate_over(s, 0, min(need, length), rate_hz) if s.run >= need else 0.0
    if 0.0 < brady < limits.vent_brady_bpm:
        begin(s, VENT_BRADY, at, first, brady, limits.vent_brady_bpm, out)
    else:
        end(s, VENT_BRADY, at, out)
    bpm = rate_over(s, 0, length, rate_hz)
    slow = 0.0 < bpm < limits.vtach_bpm
    if s.run > limits.vent_rhythm_beats and slow and calm and bpm >= limits.vent_brady_bpm:
        begin(s, VENT_RHYTHM, at, first, s.run, limits.vent_rhythm_beats, out)
    elif not slow:
        end(s, VENT_RHYTHM, at, out)
    passed_over = bpm >= limits.vtach_bpm and s.run >= limits.vtach_beats + PASSED_OVER
    if s.run >= limits.run_beats and (slow or passed_over) and calm and not goes_on(s, rate_hz, shape_hz, limits):
        happen(s, RUN_PVC, at, first, s.run, limits.run_beats, out)


@njit(cache=True)
def _kinds(s, at, rate_hz, limits, out):
    """A tachycardia that is fast, and one of many shapes."""
    need = int(limits.rapid_vt_beats)
    bpm = rate_over(s, 0, need, rate_hz)
    if bpm > limits.rapid_vt_bpm:
        begin(s, RAPID_VT, at, s.beat_at[(s.beats - need) % BEATS], bpm, limits.rapid_vt_bpm, out)
    first = s.beat_at[(s.beats - TORSADES_BEATS) % BEATS]
    if s.vt_since == NEVER or first < s.vt_since or rate_over(s, 0, TORSADES_BEATS, rate_hz) < limits.vtach_bpm:
        return
    seen = np.zeros(shape.FORMS, np.int64)
    for back in range(TORSADES_BEATS):
        seen[s.beat_form[(s.beats - 1 - back) % BEATS]] = 1
    if seen.sum() >= limits.torsades_shapes:
        begin(s, TORSADES, at, first, seen.sum(), limits.torsades_shapes, out)


@njit(cache=True)
def _quiet_runs(s, at, out):
    """The conditions that end with a run."""
    end(s, VENT_BRADY, at, out)
    end(s, VENT_RHYTHM, at, out)


@njit(cache=True)
def _ended(s, at, length, rate_hz, limits, out):
    """Call what the run of `length` beats was that ended before the newest beat."""
    first = s.beat_at[(s.beats - 1 - min(length, BEATS - 1)) % BEATS]
    if length == 1:
        happen(s, SINGLE_PVC, at, first, 1.0, 1.0, out)
        _on_t(s, at, rate_hz, limits, out)
    elif length == 2:
        happen(s, PAIR_PVC, at, first, 2.0, 2.0, out)
    else:
        bpm = rate_over(s, 1, min(length, BEATS - 1), rate_hz)
        if bpm >= limits.vtach_bpm and length < limits.vtach_beats:
            happen(s, NONSUST_VT, at, first, bpm, limits.vtach_bpm, out)
        if length >= limits.run_beats:
            happen(s, RUN_PVC, at, first, length, limits.run_beats, out)


@njit(cache=True)
def _on_t(s, at, rate_hz, limits, out):
    """A single beat on the T wave of the one before, with the pause that it makes (Edan, Elite V6)."""
    usual = s.usual_last
    if usual <= 0.0 or 60.0 * rate_hz / usual >= limits.r_on_t_bpm:
        return
    j = (s.beats - 2) % BEATS
    coupling, behind = s.beat_rr[j], s.beat_rr[(s.beats - 1) % BEATS]
    if 0.0 < coupling < ON_T * usual and behind >= COMPENSATED * usual:
        ms = 1000.0 / rate_hz
        happen(s, R_ON_T, at, s.beat_at[j], coupling * ms, ON_T * usual * ms, out)


@njit(cache=True)
def _count(s, ventricular):
    """Count the beats since the last ventricular one, and the cycles of bigeminy (0) and trigeminy (1)."""
    s.v_gap += 1
    if not ventricular:
        return
    for k in range(2):
        period = k + 2
        if s.v_gap == period:
            s.cycles[k] += 1
        else:
            s.cycles[k] = 1 if s.v_gap > period else 0
    s.v_gap = 0


@njit(cache=True)
def _patterns(s, at, ventricular, rate_hz, out):
    """Bigeminy and trigeminy, kept back where the beats cannot be vouched for."""
    for k in range(2):
        code, period = (BIGEMINY, 2) if k == 0 else (TRIGEMINY, 3)
        if ventricular and s.cycles[k] >= CYCLES:
            back = min(s.cycles[k] * period, BEATS, s.beats)
            begin_sure(s, code, at, s.beat_at[(s.beats - back) % BEATS], s.cycles[k], CYCLES, rate_hz, out)
        elif (ventricular and s.cycles[k] < 2) or s.v_gap > period:
            end(s, code, at, out)


@njit(cache=True)
def _forms(s, at, judge, shape_hz, limits, out):
    """Two shapes of ventricular beats among the last beats."""
    if not (judge or s.active[MULTIFORM_PVC]):
        return
    count = int((shape.BEFORE_S + shape.AFTER_S) * shape_hz)
    one, oldest = -1, at
    for back in range(min(s.beats, BEATS, int(limits.multiform_beats))):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_kind[k] != VENTRICULAR or s.beat_hidden[k]:
            continue
        form, oldest = s.beat_form[k], s.beat_at[k]
        if s.form_beats[form] < SEEN:
            continue
        if one < 0:
            one = form
        elif form != one and shape.correlate(s.forms[one], s.forms[form], count) < OTHER_FORM:
            begin(s, MULTIFORM_PVC, at, oldest, 2.0, limits.multiform_beats, out)
            return
    end(s, MULTIFORM_PVC, at, out)


@njit(cache=True)
def _per_minute(s, at, rate_hz, limits, out):
    count, oldest = 0, at
    for back in range(min(s.pvcs, PVCS)):
        then = s.pvc_at[(s.pvcs - 1 - back) % PVCS]
        if at - then >= MINUTE_S * rate_hz or then < s.seen_since:
            break
        count, oldest = count + 1, then
    if count > limits.pvc_per_min:
        begin(s, PVC_PER_MIN, at, oldest, count, limits.pvc_per_min, out)
    else:
        end(s, PVC_PER_MIN, at, out)


@njit(cache=True)
def watch_runs(s, n, rate_hz, limits, out):
    """At sample n: a tachycardia that lasts, and what ends with it or with the beats."""
    if s.active[PVC_PER_MIN]:
        _per_minute(s, n, rate_hz, limits, out)
    if n - s.last_beat > SILENT_S * rate_hz:
        for code in (VENT_BRADY, VENT_RHYTHM, BIGEMINY, TRIGEMINY):
            end(s, code, n, out)
    if not s.active[VTACH]:
        s.vt_since = NEVER
        end(s, VTACH_SUSTAINED, n, out)
        end(s, RAPID_VT, n, out)
        end(s, TORSADES, n, out)
        return
    if s.vt_since == NEVER:
        # where waves alone tell it, the newest beat may lie before a time that nobody has seen
        s.vt_since = max(s.seen_since, s.beat_at[(s.beats - max(1, min(s.run, BEATS))) % BEATS])
    length = (n - s.vt_since) / rate_hz
    if length >= limits.vtach_sustained_s and is_told(s, VTACH):
        begin(s, VTACH_SUSTAINED, n, s.vt_since, length, limits.vtach_sustained_s, out)
