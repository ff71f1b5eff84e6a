"""Alarm rules: pure functions of one bed's state and the sample count, evaluated at beats, four times a second, and in silence sixteen times.

They say when a condition begins and ends; names, texts, chains and inhibition are `stream.episodes`. Definitions and
defaults: docs/alarms.md.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.atrial import atrial, on_atrial_beat
from stream.block import kind_in_block, take_up
from stream.classify import NORMAL, PACED, SUPRAVENTRICULAR, TRAIL, UNKNOWN, VENTRICULAR, classify
from stream.conducted import follow_rate
from stream.contradiction import watch_pulse
from stream.decay import learn_paced_wave, stands_out, weigh_beats
from stream.ectopy import ectopy, watch_runs
from stream.faint import vouch_faint
from stream.mirror import turn_over
from stream.opening import go_on_opening
from stream.pacer import is_paced, watch_pacer
from stream.pulse import weigh
from stream.qrs import T_WAVE_MOST_S
from stream.rate import rates, unsure
from stream.repeated import repeats, vouch
from stream.report import (
    ASYSTOLE,
    DECIDED_S,
    PAUSE,
    RECOVER_S,
    VFIB,
    VTACH,
    end,
    end_moments,
    tell_second,
)
from stream.rhythm import fibrillation
from stream.sight import CUT_S, interval, is_lost, note
from stream.standstill import standstill, wait_s
from stream.state import BEATS, NEVER
from stream.step import is_step
from stream.stimulus import count_pulses, is_bare
from stream.tachycardia import end_vt, tachycardia
from stream.technical import leads, technical
from stream.timing import quivers, timing, watch_evenness

LATE_RR, LOOK_S, FAR = 1.3, 1.0 / 16.0, 1 << 62
"""From this share of the usual RR on a beat is late, and silence is looked at every LOOK_S seconds (our own limits: a sixteenth of a second is a quarter of a frame); FAR: not before the next tick."""


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
def lose_rhythm(s):
    """Forget the patterns of beats, at a gap or at the start."""
    s.run_last = 0
    s.run_red = 0
    s.vt_since = NEVER
    s.v_gap = 0
    s.cycles[:] = 0
    s.svt_run = 0
    s.uneven_since = NEVER
    s.even_since = NEVER


@njit(cache=True)
def regain(s):
    """Join no beats across what was not seen; a tachycardia that a short loss did not end keeps its begin."""
    since = s.vt_since
    lose_rhythm(s)
    s.vt_since = since
    s.run = 0


@njit(cache=True)
def _is_none(s, at, shape_at, rate_hz, feature_hz, shape_hz, limits):
    """Whether what was found at sample `at` is no beat: a step of the leads, which is noted, or a pulse that nothing answers."""
    per_sample = feature_hz / rate_hz
    here, newest = int(at * per_sample + 0.5), int((s.next - 1) * per_sample)
    if is_step(s, here, newest, feature_hz):
        # what follows it as soon as a T wave follows a QRS may have been passed over
        note(s, at - int(CUT_S * rate_hz), at + int(T_WAVE_MOST_S * rate_hz))
        return True
    if limits.may_be_paced == 1 and s.paces == 0:
        return is_bare(s, here, newest, shape_at, feature_hz, shape_hz)
    count_pulses(s, here, newest, feature_hz)
    return False


@njit(cache=True)
def on_beat(s, at, shape_at, rate_hz, feature_hz, shape_hz, limits, models, out):
    """Take in the beat whose R lies at sample `at`: its kind, and the rules that beats decide."""
    if s.last_beat != NEVER and at <= s.last_beat:
        return
    if _is_none(s, at, shape_at, rate_hz, feature_hz, shape_hz, limits):
        return
    # one that was over before a tick found it is an interval like others
    stood = s.active[ASYSTOLE] and s.ticked_at - s.last_beat >= (limits.asystole_s + DECIDED_S) * rate_hz
    known = s.last_beat != NEVER and s.last_beat >= s.seen_since and not stood
    if not unsure(s, at, rate_hz):
        # what is over by now is told behind this beat, and its length is an interval like others
        standstill(s, at, 0.0, rate_hz, feature_hz, limits, out)
    if s.active[ASYSTOLE] and limits.may_be_paced == 1 and not stands_out(s, at, rate_hz, shape_hz):
        return
    rr = interval(s, at) if known else 0.0
    if rr < 0.0:
        known = False
        regain(s)
    usual = s.usual_rr
    early = known and usual > 0.0 and rr < shape.EARLY * usual
    after_v = s.beats > 0 and s.beat_kind[(s.beats - 1) % BEATS] == VENTRICULAR
    last_ratio = max(0.0, s.beat_rr[(s.beats - 1) % BEATS]) / usual if s.beats > 0 and usual > 0.0 else 0.0
    kind, width = UNKNOWN, np.nan
    s.suspicion, s.hide, s.vague = 0.0, False, False
    if not s.active[VFIB]:
        ratio = rr / usual if known and usual > 0.0 else 0.0
        paced = is_paced(s, at, rate_hz)
        turn_over(s, shape_at, ratio, shape_hz)
        kind, width = classify(s, shape_at, at, ratio, after_v, last_ratio, paced, models, rate_hz, shape_hz)
        vouch_faint(s)
    kind = kind_in_block(s, go_on_opening(s, kind), rr, rate_hz, limits)
    follow_rate(s, kind, rr, rate_hz)
    if kind in (NORMAL, SUPRAVENTRICULAR) and not early:
        shape.learn_p(s, shape_at, shape_hz)
    elif kind == PACED:
        learn_paced_wave(s, at, rate_hz, shape_hz)
    slot = s.beats % BEATS
    s.beat_at[slot], s.beat_rr[slot], s.beat_kind[slot], s.beat_width[slot] = at, rr, kind, width
    s.beat_new[slot], s.beat_doubt[slot] = s.newly, s.suspicion
    s.beat_hidden[slot], s.beat_vague[slot] = s.hide, s.vague
    s.beat_odds[slot], s.beat_same[slot] = s.odds, s.same
    s.beat_like[slot], s.beat_size[slot] = s.features[0], s.features[7]
    on_atrial_beat(s, slot, shape_at, rate_hz, shape_hz)
    s.beats += 1
    s.last_beat = at
    if repeats(s):
        vouch(s)
        s.doubt -= TRAIL * s.suspicion
    if kind != VENTRICULAR:
        s.usual_rr = _usual_rr(s)
    s.run = s.run + 1 if kind == VENTRICULAR else 0
    take_up(s, rate_hz, shape_hz, limits)
    timing(s, at, usual, limits.paced == 1, rate_hz, limits, out)
    end(s, ASYSTOLE, at, out)
    end(s, PAUSE, at, out)
    ectopy(s, at, rate_hz, shape_hz, limits, out)


@njit(cache=True)
def _unseen(s, n, rate_hz, feature_hz, limits, out):
    """While no lead can be seen no rate is known, and what needs one or beats to go on ends after RECOVER_S."""
    if n - s.blind_since >= RECOVER_S * rate_hz:
        end_vt(s, n, out)
    if not s.active[VTACH]:
        watch_runs(s, n, rate_hz, limits, out)
    rates(s, n, rate_hz, feature_hz, limits, out)


@njit(cache=True)
def _next_look(s, n, rate_hz):
    """Sample from which on the rules that silence decides are looked at again before the next tick: soon where a beat is late."""
    late = s.usual_rr > 0.0 and s.last_beat != NEVER and n - s.last_beat > LATE_RR * s.usual_rr
    return n + int(LOOK_S * rate_hz) if late else FAR


@njit(cache=True)
def on_silence(s, n, rate_hz, feature_hz, limits, out):
    """Between two ticks, at sample n of a silence: standstill, and rates that it slows."""
    if s.seen_since <= n and s.blind_since == NEVER and s.learned:
        standstill(s, n, wait_s(s, feature_hz, limits), rate_hz, feature_hz, limits, out)
        rates(s, n, rate_hz, feature_hz, limits, out)
    s.due = _next_look(s, n, rate_hz)


@njit(cache=True)
def behind_beat(s, n, rate_hz, feature_hz, shape_hz, limits, models, out):
    """At sample n, where a beat was decided: the rates that it changes, and a tachycardia whose definition it fulfils."""
    if s.seen_since > n or s.blind_since != NEVER or not s.learned:
        return
    if s.run >= limits.vtach_beats and not s.active[VTACH]:
        tachycardia(s, n, True, rate_hz, feature_hz, shape_hz, limits, models.run, out)
    rates(s, n, rate_hz, feature_hz, limits, out)


@njit(cache=True)
def on_tick(s, n, stop, second, rate_hz, feature_hz, shape_hz, limits, models, out):
    """Evaluate what time decides, at sample n; a row of numerics where `second` samples end before sample `stop`."""
    if s.seen_since <= n and s.blind_since == NEVER:
        if s.learned:
            fibrillation(s, n, rate_hz, shape_hz, limits, out)
            tachycardia(s, n, False, rate_hz, feature_hz, shape_hz, limits, models.run, out)
            s.quivers = quivers(s, n, rate_hz, shape_hz)
            if limits.may_be_paced == 1 and s.paces > 0:
                weigh_beats(s, n, rate_hz, shape_hz)
            standstill(s, n, wait_s(s, feature_hz, limits), rate_hz, feature_hz, limits, out)
            rates(s, n, rate_hz, feature_hz, limits, out)
            watch_pacer(s, n, rate_hz, limits, out)
        watch_runs(s, n, rate_hz, limits, out)
    elif is_lost(s, n, rate_hz):
        _unseen(s, n, rate_hz, feature_hz, limits, out)
    s.ticked_at, s.due = n, _next_look(s, n, rate_hz)
    watch_pulse(s, n, rate_hz, feature_hz, limits, out)
    end_moments(s, n, rate_hz, out)
    leads(s, n, rate_hz, limits, out)
    if stop % second == 0:
        weigh(s, int(n * feature_hz / rate_hz), s.rate, feature_hz)
        atrial(s, n, rate_hz, shape_hz, limits, out)
        watch_evenness(s, n, rate_hz, limits, out)
        technical(s, n, rate_hz, limits, out)
        tell_second(s, stop - second, n, rate_hz, out)
