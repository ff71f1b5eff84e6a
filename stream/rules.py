"""Alarm rules: pure functions of one bed's state and the sample count, evaluated at beats and four times a second.

They say when a condition begins and ends; names, texts, chains and inhibition are `stream.episodes`. Definitions and
defaults: docs/alarms.md.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream import shape
from stream.pulse import ALL, OFF, pulse_rate, weigh
from stream.report import (
    ASYSTOLE,
    CANNOT_ANALYZE,
    DECIDED_S,
    DISAGREE,
    EXTREME_BRADY,
    EXTREME_TACHY,
    HR_HIGH,
    HR_LOW,
    LEADS_OFF,
    PAUSE,
    RECOVER_S,
    RUN_PVC,
    VFIB,
    VTACH,
    begin,
    end,
    end_tachycardia,
    held,
    tell_second,
)
from stream.rhythm import atrial, fibrillation
from stream.shape import NORMAL, UNKNOWN, VENTRICULAR
from stream.state import BEATS, NEVER

RATE_S = 3.0
SHOWN_S = 10.0
STRANGE_LEAST, STRANGE_SHARE = 2, 0.15
"""So many beats of ten seconds, and this share of them, with a form never seen before: noise is being counted."""
RUN_RR, RUN_LIKE = 1.1, 0.7
UNLIKE = 0.3
EXTREME_HOLD_S = 2.0
EXTREME_BEATS = 4
"""Intervals that an extreme bradycardia rests on: five beats (PhysioNet/CinC Challenge 2015), so no single pause is one."""


PULSE_HOLD_S = 5.0
"""A pulse alone holds asystole for at most this long (setting `pulse`)."""
PULSE_S = 5.0
PULSE_S_ASYSTOLE = 3.0
AGREE_S = 10.0
FAR = 0.8
"""A pulse rate below this share of the ECG's, or above its inverse, plainly contradicts it."""


@njit(cache=True)
def _contradiction(s, code, ecg_bpm, limits, feature_m, feature_hz):
    """The good and steady pulse rate that plainly contradicts a red alarm at this ECG rate; 0 where none does."""
    bpm = pulse_rate(s, feature_m, PULSE_S_ASYSTOLE if code == ASYSTOLE else PULSE_S, feature_hz)
    if bpm <= 0.0 or code == ASYSTOLE:
        return bpm
    if code == EXTREME_BRADY:
        return bpm if bpm > limits.extreme_low_bpm / FAR and bpm > ecg_bpm / FAR else 0.0
    if code == EXTREME_TACHY:
        return bpm if bpm < FAR * ecg_bpm and bpm < limits.extreme_high_bpm else 0.0
    return bpm if bpm < FAR * ecg_bpm else 0.0


@njit(cache=True)
def begin_red(s, code, sample, first, value, limit, ecg_bpm, n, rate_hz, feature_hz, limits, out):
    """Begin a red alarm; under `pulse` = all a pulse that contradicts it begins ECG_PULSE_DISAGREE before it."""
    if s.active[code]:
        return
    if limits.pulse == ALL and s.pulses > 0:
        bpm = _contradiction(s, code, ecg_bpm, limits, int(n * feature_hz / rate_hz), feature_hz)
        if bpm > 0.0:
            begin(s, DISAGREE, n, first, bpm, ecg_bpm, out)
            s.disagreed = n
        else:
            end(s, DISAGREE, n, out)
    begin(s, code, sample, first, value, limit, out)


@njit(cache=True)
def _watch_pulse(s, n, rate_hz, feature_hz, limits, out):
    """End ECG_PULSE_DISAGREE as soon as a red alarm is open that the pulse no longer contradicts, or after agreement."""
    if not s.active[DISAGREE]:
        return
    m = int(n * feature_hz / rate_hz)
    for code in (ASYSTOLE, VTACH, EXTREME_TACHY, EXTREME_BRADY):
        if s.active[code]:
            s.disagreed = n
            bpm = s.red_bpm if code == VTACH or np.isnan(s.rate) else s.rate
            if _contradiction(s, code, bpm, limits, m, feature_hz) <= 0.0:
                end(s, DISAGREE, n, out)
                return
    if n - s.disagreed >= AGREE_S * rate_hz:
        end(s, DISAGREE, n, out)


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
def on_beat(s, at, shape_at, rate_hz, feature_hz, shape_hz, limits, model, out):
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
    if not s.active[VFIB]:
        ratio = rr / usual if known and usual > 0.0 else 0.0
        kind, width = shape.classify(s, shape_at, ratio, after_v, last_ratio, model, shape_hz)
    if kind == NORMAL and not early:
        shape.learn_p(s, shape_at, shape_hz)
    slot = s.beats % BEATS
    s.beat_at[slot], s.beat_rr[slot], s.beat_kind[slot], s.beat_width[slot] = at, rr, kind, width
    s.beat_new[slot] = s.newly
    s.beats += 1
    s.last_beat = at
    # of a noisy stretch, what is unlike every form that was seen before is not told
    s.beat_hidden[slot] = s.newly and s.likeness < UNLIKE and unsure(s, s.next, rate_hz)
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
def standstill(s, n, decided_s, rate_hz, feature_hz, limits, out):
    """Asystole and pause: time since the last beat, or since the signal can be seen, without counting what is unseen.

    decided_s: how far behind sample n every beat has been decided.
    """
    if s.oscillating or s.blind_since != NEVER:
        return
    last = max(s.last_beat, s.seen_since)
    silence = n - int(decided_s * rate_hz) - last
    if silence >= limits.asystole_s * rate_hz:
        sample = last + int(np.ceil(limits.asystole_s * rate_hz))
        held_s = (n - sample) / rate_hz
        holds = limits.pulse != OFF and s.pulses > 0 and held_s < PULSE_HOLD_S
        if holds and _contradiction(s, ASYSTOLE, 0.0, limits, int(n * feature_hz / rate_hz), feature_hz) > 0.0:
            return
        if held_s > 1.0 and not s.active[ASYSTOLE]:
            sample = n
        end(s, PAUSE, sample, out)
        length = (sample - last) / rate_hz
        begin_red(s, ASYSTOLE, sample, last, length, limits.asystole_s, 0.0, n, rate_hz, feature_hz, limits, out)
    elif silence >= limits.pause_s * rate_hz and s.last_beat >= s.seen_since and s.last_beat != NEVER:
        sample = last + int(np.ceil(limits.pause_s * rate_hz))
        begin(s, PAUSE, sample, last, limits.pause_s, limits.pause_s, out)


@njit(cache=True)
def _mean_rate(s, n, rate_hz, over_s, least):
    """Mean rate (/min) over the beats of the last `over_s` seconds, at least `least` intervals; NaN where unknown."""
    total, count = 0.0, 0
    now = n - int(DECIDED_S * rate_hz)
    if s.last_beat < s.seen_since:
        return np.nan
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] <= 0.0:
            break
        if count >= least and now - s.beat_at[k] > over_s * rate_hz:
            break
        total += s.beat_rr[k]
        count += 1
    if count < least:
        return np.nan
    silence = now - s.last_beat
    if silence > total / count:
        total, count = total + silence, count + 1
    return 60.0 * rate_hz * count / total


@njit(cache=True)
def _shown_rate(s, n, rate_hz):
    """Mean rate (/min) between the first and the last beat of the last ten seconds, at least two intervals; else NaN."""
    if s.last_beat < s.seen_since:
        return np.nan
    total, count = 0.0, 0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] <= 0.0:
            break
        if count >= 2 and n - s.beat_at[k] + s.beat_rr[k] > SHOWN_S * rate_hz:
            break
        total += s.beat_rr[k]
        count += 1
    return 60.0 * rate_hz * count / total if count >= 2 else np.nan


@njit(cache=True)
def unsure(s, n, rate_hz):
    """Whether the beats of the last ten seconds cannot be vouched for."""
    new, count = 0, 0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if n - s.beat_at[k] > SHOWN_S * rate_hz:
            break
        new += s.beat_new[k]
        count += 1
    return new >= STRANGE_LEAST and new > STRANGE_SHARE * count


@njit(cache=True)
def _rates(s, n, rate_hz, feature_hz, limits, out):
    """Heart rate against its limits, validated over time."""
    lost = s.oscillating or s.blind_since != NEVER or s.active[ASYSTOLE]
    s.rate = np.nan if lost else _mean_rate(s, n, rate_hz, RATE_S, 3)
    slow = np.nan if lost else _mean_rate(s, n, rate_hz, RATE_S, EXTREME_BEATS)
    s.shown_rate = np.nan if lost or unsure(s, n, rate_hz) else _shown_rate(s, n, rate_hz)
    fast = s.rate >= limits.extreme_high_bpm
    _rate(s, EXTREME_TACHY, fast, limits.extreme_high_bpm, EXTREME_HOLD_S, n, rate_hz, feature_hz, limits, out)
    low = slow <= limits.extreme_low_bpm
    _rate(s, EXTREME_BRADY, low, limits.extreme_low_bpm, 0.0, n, rate_hz, feature_hz, limits, out)
    _rate(
        s,
        HR_HIGH,
        s.rate > limits.hr_high_bpm,
        limits.hr_high_bpm,
        limits.hr_delay_s,
        n,
        rate_hz,
        feature_hz,
        limits,
        out,
    )
    _rate(
        s, HR_LOW, s.rate < limits.hr_low_bpm, limits.hr_low_bpm, limits.hr_delay_s, n, rate_hz, feature_hz, limits, out
    )


@njit(cache=True)
def _rate(s, code, beyond, limit, hold_s, n, rate_hz, feature_hz, limits, out):
    """Begin after `hold_s` beyond the limit, end after RECOVER_S inside it; an unknown rate ends nothing at once."""
    if s.active[code]:
        if held(s, code, not beyond, n) >= RECOVER_S * rate_hz:
            s.holds_since[code] = NEVER
            end(s, code, n, out)
        return
    if held(s, code, beyond, n) >= hold_s * rate_hz:
        first = s.holds_since[code]
        s.holds_since[code] = NEVER
        if code in (EXTREME_TACHY, EXTREME_BRADY):
            begin_red(s, code, n, first, s.rate, limit, s.rate, n, rate_hz, feature_hz, limits, out)
        else:
            begin(s, code, n, first, s.rate, limit, out)


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
            _rates(s, n, rate_hz, feature_hz, limits, out)
        if s.last_beat != NEVER and n - s.last_beat > RATE_S * rate_hz:
            end_tachycardia(s, VTACH, n, out)
            end(s, RUN_PVC, n, out)
    _watch_pulse(s, n, rate_hz, feature_hz, limits, out)
    _technical(s, n, rate_hz, limits, out)
    if stop % second == 0:
        weigh(s, int(n * feature_hz / rate_hz), s.rate, feature_hz)
        atrial(s, n, rate_hz, shape_hz, limits, out)
        tell_second(s, stop - second, n, rate_hz, out)
