"""Alarm rules: pure functions of one bed's state and the sample count, evaluated at beats and four times a second.

They say when a condition begins and ends; names, texts, chains and inhibition are `stream.episodes`. Definitions and
defaults: docs/alarms.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stream import shape
from stream.policy import Code, Limits
from stream.shape import NORMAL, UNKNOWN, VENTRICULAR
from stream.state import BEATS, MAX_LEADS, NEVER, SHAPE_LEADS

CODES = tuple(code for code in Code if code is not Code.REQUESTED)
(
    ASYSTOLE,
    VFIB,
    VTACH,
    EXTREME_TACHY,
    EXTREME_BRADY,
    HR_HIGH,
    HR_LOW,
    PAUSE,
    RUN_PVC,
    AFIB_ONSET,
    AFIB_END,
    LEADS_OFF,
    CANNOT_ANALYZE,
) = range(len(CODES))
ONSET, OFFSET = 0, 1
LEARNING, REGULAR, IRREGULAR, AFIB, VT, VF, STANDSTILL, UNSURE = range(8)
RHYTHMS = ("learning", "regular", "irregular", "afib", "vtach", "vfib", "asystole", "unknown")

DECIDED_S = 0.45
"""Behind the newest sample by this much, every beat has been decided."""
RATE_S = 3.0
SHOWN_S = 10.0
EXTREME_HOLD_S = 2.0
EXTREME_BEATS = 4
"""Intervals that an extreme bradycardia rests on: five beats (PhysioNet/CinC Challenge 2015), so no single pause is one."""
RECOVER_S = 2.0
"""A rate must be back inside its limit for this long before the alarm ends."""
OSCILLATION_S = 3.0
ORGANISED_S = 2.0
EVIDENCE_BEATS = 8

LIMITS = np.dtype(
    [(name, "f8") for name in Limits.__dataclass_fields__] + [("extreme_high_bpm", "f8"), ("extreme_low_bpm", "f8")]
)
BEAT_OUT = np.dtype([("bed", "i8"), ("sample", "i8"), ("kind", "i1"), ("rr_ms", "f8"), ("width_ms", "f8")])
CHANGE_OUT = np.dtype(
    [
        ("bed", "i8"),
        ("code", "i1"),
        ("phase", "i1"),
        ("sample", "i8"),
        ("first", "i8"),
        ("decided", "i8"),
        ("known", "i8"),
        ("quality", "i1", (MAX_LEADS,)),
        ("value", "f8"),
        ("limit", "f8"),
        ("count", "i1"),
        ("beats", "i8", (EVIDENCE_BEATS,)),
    ]
)
SECOND_OUT = np.dtype(
    [
        ("bed", "i8"),
        ("first", "i8"),
        ("rate_bpm", "f8"),
        ("pvc_per_min", "f8"),
        ("rhythm", "i1"),
        ("quality", "i1", (MAX_LEADS,)),
        ("known", "i8"),
        ("beats", "i8"),
    ]
)


class Out(NamedTuple):
    """What a pass over samples found: rows of the three types, how many of each, and the bed being worked on."""

    beats: NDArray[np.void]
    changes: NDArray[np.void]
    seconds: NDArray[np.void]
    counts: NDArray[np.int64]
    """beats, changes, seconds, bed."""


def new_out(beats: int, changes: int, seconds: int) -> Out:
    """Room for so many rows; what finds no room is counted and not written, so give enough."""
    return Out(
        np.zeros(beats, BEAT_OUT),
        np.zeros(changes, CHANGE_OUT),
        np.zeros(seconds, SECOND_OUT),
        np.zeros(4, np.int64),
    )


def limits_record(limits: Limits) -> NDArray[np.void]:
    """The limits as the rules read them: one record of LIMITS."""
    row: NDArray[Any] = np.zeros(1, LIMITS)
    for name in LIMITS.names or ():
        row[name] = getattr(limits, name)
    return row


@njit(cache=True)
def _report(s, code, phase, sample, first, value, limit, out):
    k = out.counts[1]
    out.counts[1] += 1
    if k >= out.changes.shape[0]:
        return
    row = out.changes[k]
    row.bed, row.code, row.phase, row.sample, row.first = out.counts[3], code, phase, sample, first
    row.value, row.limit, row.decided = value, limit, s.next - 1
    row.quality[:] = s.quality
    row.known = s.beats
    count = 0
    for back in range(min(s.beats, EVIDENCE_BEATS)):
        at = s.beat_at[(s.beats - 1 - back) % BEATS]
        if at <= sample:
            row.beats[count] = at
            count += 1
    row.count = count


@njit(cache=True)
def _begin(s, code, sample, first, value, limit, out):
    if not s.active[code]:
        s.active[code] = 1
        _report(s, code, ONSET, sample, first, value, limit, out)


@njit(cache=True)
def _end(s, code, sample, out):
    if s.active[code]:
        s.active[code] = 0
        _report(s, code, OFFSET, sample, sample, np.nan, np.nan, out)


@njit(cache=True)
def _end_tachycardia(s, code, sample, out):
    """End VT or VF; a rate that was beyond its limit by it must prove itself anew."""
    if s.active[code]:
        for rate in (HR_HIGH, EXTREME_TACHY):
            s.holds_since[rate] = NEVER
            _end(s, rate, sample, out)
        _end(s, code, sample, out)


@njit(cache=True)
def _held(s, code, true, n):
    """Samples for which a condition has been true without a break; -1 where it is not."""
    if not true:
        s.holds_since[code] = NEVER
        return -1
    if s.holds_since[code] == NEVER:
        s.holds_since[code] = n
    return n - s.holds_since[code]


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
def on_beat(s, at, shape_at, rate_hz, shape_hz, limits, out):
    """Take in the beat whose R lies at sample `at`: its kind, and the rules that beats decide."""
    if s.last_beat != NEVER and at <= s.last_beat:
        return
    known = s.last_beat != NEVER and s.last_beat >= s.seen_since and not s.active[ASYSTOLE]
    rr = np.float64(at - s.last_beat) if known else 0.0
    usual = s.usual_rr
    early = known and usual > 0.0 and rr < shape.EARLY * usual
    after_v = s.beats > 0 and s.beat_kind[(s.beats - 1) % BEATS] == VENTRICULAR
    kind, width = UNKNOWN, np.nan
    if not s.active[VFIB]:
        kind, width = shape.classify(s, shape_at, early, after_v, shape_hz)
    if kind == NORMAL and not early:
        shape.learn_p(s, shape_at, shape_hz)
    slot = s.beats % BEATS
    s.beat_at[slot], s.beat_rr[slot], s.beat_kind[slot], s.beat_width[slot] = at, rr, kind, width
    s.beats += 1
    s.last_beat = at
    if kind != VENTRICULAR:
        s.usual_rr = _usual_rr(s)
    s.run = s.run + 1 if kind == VENTRICULAR else 0
    _end(s, ASYSTOLE, at, out)
    _end(s, PAUSE, at, out)
    _runs(s, at, rate_hz, limits, out)


@njit(cache=True)
def _runs(s, at, rate_hz, limits, out):
    """Runs of ventricular beats, judged at each beat."""
    if s.run == 0:
        _end(s, RUN_PVC, at, out)
        if s.beats >= 2 and s.beat_kind[(s.beats - 2) % BEATS] != VENTRICULAR:
            _end_tachycardia(s, VTACH, at, out)
        return
    first = s.beat_at[(s.beats - min(s.run, BEATS)) % BEATS]
    need = int(limits.vtach_beats)
    if s.run >= need and need <= BEATS:
        begin = s.beat_at[(s.beats - need) % BEATS]
        bpm = 60.0 * rate_hz * (need - 1) / max(1, at - begin)
        if bpm >= limits.vtach_bpm:
            _end(s, RUN_PVC, at, out)
            _begin(s, VTACH, at, first, bpm, limits.vtach_bpm, out)
    if s.run >= limits.run_beats and not s.active[VTACH]:
        _begin(s, RUN_PVC, at, first, s.run, limits.run_beats, out)


@njit(cache=True)
def _standstill(s, n, rate_hz, limits, out):
    """Asystole and pause: time since the last beat, or since the signal can be seen, without counting what is unseen."""
    if s.oscillating or s.blind_since != NEVER:
        return
    last = max(s.last_beat, s.seen_since)
    silence = n - int(DECIDED_S * rate_hz) - last
    if silence >= limits.asystole_s * rate_hz:
        sample = last + int(np.ceil(limits.asystole_s * rate_hz))
        _end(s, PAUSE, sample, out)
        _begin(s, ASYSTOLE, sample, last, limits.asystole_s, limits.asystole_s, out)
    elif silence >= limits.pause_s * rate_hz and s.last_beat >= s.seen_since and s.last_beat != NEVER:
        sample = last + int(np.ceil(limits.pause_s * rate_hz))
        _begin(s, PAUSE, sample, last, limits.pause_s, limits.pause_s, out)


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
def _rates(s, n, rate_hz, limits, out):
    """Heart rate against its limits, validated over time."""
    lost = s.oscillating or s.blind_since != NEVER or s.active[ASYSTOLE]
    s.rate = np.nan if lost else _mean_rate(s, n, rate_hz, RATE_S, 3)
    slow = np.nan if lost else _mean_rate(s, n, rate_hz, RATE_S, EXTREME_BEATS)
    s.shown_rate = np.nan if lost else _mean_rate(s, n, rate_hz, SHOWN_S, 2)
    _rate(s, EXTREME_TACHY, s.rate >= limits.extreme_high_bpm, limits.extreme_high_bpm, EXTREME_HOLD_S, n, rate_hz, out)
    _rate(s, EXTREME_BRADY, slow <= limits.extreme_low_bpm, limits.extreme_low_bpm, 0.0, n, rate_hz, out)
    _rate(s, HR_HIGH, s.rate > limits.hr_high_bpm, limits.hr_high_bpm, limits.hr_delay_s, n, rate_hz, out)
    _rate(s, HR_LOW, s.rate < limits.hr_low_bpm, limits.hr_low_bpm, limits.hr_delay_s, n, rate_hz, out)


@njit(cache=True)
def _rate(s, code, beyond, limit, hold_s, n, rate_hz, out):
    """Begin after `hold_s` beyond the limit, end after RECOVER_S inside it; an unknown rate ends nothing at once."""
    if s.active[code]:
        if _held(s, code, not beyond, n) >= RECOVER_S * rate_hz:
            s.holds_since[code] = NEVER
            _end(s, code, n, out)
        return
    if _held(s, code, beyond, n) >= hold_s * rate_hz:
        first = s.holds_since[code]
        s.holds_since[code] = NEVER
        _begin(s, code, n, first, s.rate, limit, out)


@njit(cache=True)
def _organised(s, n, rate_hz):
    """Whether the beats of the last two seconds come as regularly as those of a tachycardia."""
    count, total, least, most = 0, 0.0, 1e18, 0.0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] <= 0.0 or n - s.beat_at[k] > (ORGANISED_S + DECIDED_S) * rate_hz:
            break
        total += s.beat_rr[k]
        least, most = min(least, s.beat_rr[k]), max(most, s.beat_rr[k])
        count += 1
    return count >= 4 and most < 1.2 * least and total > 0.6 * ORGANISED_S * rate_hz


@njit(cache=True)
def _fibrillation(s, n, rate_hz, shape_hz, limits, out):
    """Oscillation without beats and without baseline on most of the good leads, for as long as the limit says."""
    count = int(OSCILLATION_S * shape_hz)
    votes, leads = 0, 0
    for k in range(min(SHAPE_LEADS, s.leads)):
        height, hz, leak, off = shape.oscillation(s, s.shapes, k, count, shape_hz)
        if height < 0.05:
            continue
        leads += 1
        if height > 0.2 and 1.8 < hz < 10.0 and leak < 0.62 and off > 0.62:
            votes += 1
    seen = n - s.seen_since >= OSCILLATION_S * rate_hz
    true = seen and votes > 0 and 2 * votes >= leads and not _organised(s, n, rate_hz)
    if true:
        if not s.oscillating:
            s.oscillating_since = n - int(OSCILLATION_S * rate_hz)
        s.oscillating = 1
        if n - s.oscillating_since >= limits.vfib_s * rate_hz:
            _begin(s, VFIB, n, s.oscillating_since, (n - s.oscillating_since) / rate_hz, limits.vfib_s, out)
        return
    if s.oscillating:
        s.seen_since = max(s.seen_since, n - int(rate_hz))
    s.oscillating = 0
    if _held(s, VFIB, s.active[VFIB] == 1, n) >= RECOVER_S * rate_hz:
        s.holds_since[VFIB] = NEVER
        _end_tachycardia(s, VFIB, n, out)


@njit(cache=True)
def _irregular(s, n, rate_hz):
    """Whether the last beats follow each other irregularly: 1 yes, 0 no, -1 too few to say.

    Root mean square of successive differences above a tenth of the mean RR, and most differences not small (Dash 2009,
    Ann Biomed Eng 37, 1701-1709). Intervals next to a ventricular beat do not count.
    """
    squares, total, count, large = 0.0, 0.0, 0, 0
    for back in range(min(s.beats, BEATS) - 2):
        k, j = (s.beats - 1 - back) % BEATS, (s.beats - 2 - back) % BEATS
        i = (s.beats - 3 - back) % BEATS
        if s.beat_rr[k] <= 0.0 or s.beat_rr[j] <= 0.0 or n - s.beat_at[k] > 30.0 * rate_hz:
            break
        if s.beat_kind[k] == VENTRICULAR or s.beat_kind[j] == VENTRICULAR or s.beat_kind[i] == VENTRICULAR:
            continue
        difference = s.beat_rr[k] - s.beat_rr[j]
        squares += difference * difference
        total += s.beat_rr[k]
        large += abs(difference) > 0.04 * s.beat_rr[k]
        count += 1
    if count < 12:
        return -1
    mean = total / count
    return 1 if np.sqrt(squares / count) > 0.1 * mean and large > 0.6 * count else 0


@njit(cache=True)
def _atrial(s, n, rate_hz, shape_hz, limits, out):
    """Atrial fibrillation: irregular beats without a P wave; onset and end are told, nothing between."""
    irregular = _irregular(s, n, rate_hz)
    if irregular < 0:
        return
    fibrillating = irregular == 1 and not shape.p_present(s, shape_hz)
    if fibrillating:
        s.regular_since = NEVER
        if s.irregular_since == NEVER:
            s.irregular_since = max(s.seen_since, n - int(10.0 * rate_hz))
        if not s.afib and n - s.irregular_since >= limits.afib_s * rate_hz:
            s.afib = 1
            length = (n - s.irregular_since) / rate_hz
            _begin(s, AFIB_ONSET, n, s.irregular_since, length, limits.afib_s, out)
        return
    s.irregular_since = NEVER
    if s.afib:
        if s.regular_since == NEVER:
            s.regular_since = n
        if n - s.regular_since >= limits.afib_end_s * rate_hz:
            s.afib = 0
            _end(s, AFIB_ONSET, n, out)
            length = (n - s.regular_since) / rate_hz
            _begin(s, AFIB_END, n, s.regular_since, length, limits.afib_end_s, out)
            _end(s, AFIB_END, n, out)


@njit(cache=True)
def _technical(s, n, rate_hz, limits, out):
    """Leads off, and no lead that can be analysed."""
    off, first = 0, n
    for lead in range(s.leads):
        if s.was_valid[lead] and s.off_since[lead] != NEVER and n - s.off_since[lead] >= limits.leads_off_s * rate_hz:
            off += 1
            first = min(first, s.off_since[lead])
    if off:
        _begin(s, LEADS_OFF, first + int(np.ceil(limits.leads_off_s * rate_hz)), first, off, 0.0, out)
    else:
        _end(s, LEADS_OFF, n, out)
    good = False
    for lead in range(s.leads):
        good = good or s.quality[lead] <= 1
    if good:
        s.bad_since = NEVER
        _end(s, CANNOT_ANALYZE, n, out)
    elif s.bad_since == NEVER:
        s.bad_since = n - int(rate_hz)
    elif n - s.bad_since >= limits.cannot_analyze_s * rate_hz:
        length = (n - s.bad_since) / rate_hz
        _begin(s, CANNOT_ANALYZE, n, s.bad_since, length, limits.cannot_analyze_s, out)


@njit(cache=True)
def _rhythm(s):
    """The rhythm that is shown, worst first; what is not known is said to be unknown."""
    if not s.learned or (s.last_beat == NEVER and not s.active[ASYSTOLE] and not s.active[VFIB]):
        return LEARNING
    if s.active[VFIB]:
        return VF
    if s.active[ASYSTOLE]:
        return STANDSTILL
    if s.active[VTACH]:
        return VT
    if s.active[CANNOT_ANALYZE] or s.blind_since != NEVER or s.oscillating:
        return UNSURE
    if s.afib:
        return AFIB
    return IRREGULAR if s.irregular_since != NEVER else REGULAR


@njit(cache=True)
def tell_beats(s, rate_hz, out):
    """Write the beats that were not told yet; gives how many."""
    told = 0
    for index in range(max(s.told, s.beats - BEATS), s.beats):
        k = out.counts[0]
        out.counts[0] += 1
        if k >= out.beats.shape[0]:
            continue
        row, j = out.beats[k], index % BEATS
        row.bed, row.sample, row.kind, row.width_ms = out.counts[3], s.beat_at[j], s.beat_kind[j], s.beat_width[j]
        row.rr_ms = s.beat_rr[j] * 1000.0 / rate_hz if s.beat_rr[j] > 0.0 else np.nan
        told += 1
    s.told = s.beats
    return told


@njit(cache=True)
def tell_second(s, first, n, rate_hz, out):
    """One row of numerics for the second that began at sample `first`, and the beats decided in it."""
    k = out.counts[2]
    out.counts[2] += 1
    if k >= out.seconds.shape[0]:
        return
    row = out.seconds[k]
    row.bed, row.first, row.rhythm = out.counts[3], first, _rhythm(s)
    row.rate_bpm = 0.0 if s.active[ASYSTOLE] else s.shown_rate
    ventricular, span = 0, 60.0 * rate_hz
    for back in range(min(s.beats, BEATS)):
        j = (s.beats - 1 - back) % BEATS
        ventricular += s.beat_kind[j] == VENTRICULAR and n - s.beat_at[j] < 60.0 * rate_hz
    if s.beats > BEATS:
        span = min(span, max(1.0, np.float64(n - s.beat_at[s.beats % BEATS])))
    row.pvc_per_min = ventricular * 60.0 * rate_hz / span if s.beats > 0 else np.nan
    row.quality[:] = s.quality
    row.known = s.beats
    row.beats = tell_beats(s, rate_hz, out)


@njit(cache=True)
def on_tick(s, n, end, second, rate_hz, shape_hz, limits, out):
    """Evaluate what time decides, at sample n; a row of numerics where `second` samples end before sample `end`."""
    if s.seen_since <= n:
        if s.learned:
            _fibrillation(s, n, rate_hz, shape_hz, limits, out)
            _standstill(s, n, rate_hz, limits, out)
            _rates(s, n, rate_hz, limits, out)
        if s.last_beat != NEVER and n - s.last_beat > RATE_S * rate_hz:
            _end_tachycardia(s, VTACH, n, out)
            _end(s, RUN_PVC, n, out)
    _technical(s, n, rate_hz, limits, out)
    if end % second == 0:
        _atrial(s, n, rate_hz, shape_hz, limits, out)
        tell_second(s, end - second, n, rate_hz, out)
