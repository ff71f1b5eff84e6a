"""What the rules write: rows of beats, of changes of conditions and of numerics; names of codes and rhythms."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ingest.bed import BedContext, BedState
from stream.catalogue import ALARMS, CODES, Code, number
from stream.classify import UNKNOWN, VENTRICULAR
from stream.limits import DECISIONS, Decisions, Limits
from stream.policy import Policy, Pulse
from stream.state import BEATS, MAX_LEADS, NEVER

ASYSTOLE = number(Code.ASYSTOLE)
VFIB = number(Code.VFIB)
VTACH = number(Code.VTACH)
EXTREME_TACHY = number(Code.EXTREME_TACHY)
EXTREME_BRADY = number(Code.EXTREME_BRADY)
HR_HIGH = number(Code.HR_HIGH)
HR_LOW = number(Code.HR_LOW)
PAUSE = number(Code.PAUSE)
RUN_PVC = number(Code.RUN_PVC)
AFIB_ONSET = number(Code.AFIB_ONSET)
AFIB_END = number(Code.AFIB_END)
LEADS_OFF = number(Code.LEADS_OFF)
CANNOT_ANALYZE = number(Code.CANNOT_ANALYZE_ECG)
DISAGREE = number(Code.ECG_PULSE_DISAGREE)
VTACH_SUSTAINED = number(Code.VTACH_SUSTAINED)
RAPID_VT = number(Code.RAPID_VT)
TORSADES = number(Code.TORSADES_POLYMORPHIC)
VENT_BRADY = number(Code.VENT_BRADY)
NONSUST_VT = number(Code.NONSUST_VT)
VENT_RHYTHM = number(Code.VENT_RHYTHM)
PAIR_PVC = number(Code.PAIR_PVC)
R_ON_T = number(Code.R_ON_T)
BIGEMINY = number(Code.BIGEMINY)
TRIGEMINY = number(Code.TRIGEMINY)
MULTIFORM_PVC = number(Code.MULTIFORM_PVC)
PVC_PER_MIN = number(Code.PVC_PER_MIN)
SINGLE_PVC = number(Code.SINGLE_PVC)
SVT = number(Code.SVT)
IRREGULAR_HR = number(Code.IRREGULAR_HR)
IRREGULAR_HR_END = number(Code.IRREGULAR_HR_END)
PAUSES_PER_MIN = number(Code.PAUSES_PER_MIN)
MISSED_BEAT = number(Code.MISSED_BEAT)
PACER_NOT_CAPTURE = number(Code.PACER_NOT_CAPTURE)
PACER_NOT_PACING = number(Code.PACER_NOT_PACING)
LEAD_FALLBACK = number(Code.LEAD_FALLBACK)
NOISY_ECG = number(Code.NOISY_ECG)
LOW_QRS_AMPLITUDE = number(Code.LOW_QRS_AMPLITUDE)
STILL_LEARNING = number(Code.LEARNING)
PACED_STATUS_UNKNOWN = number(Code.PACED_STATUS_UNKNOWN)
ARRHYTHMIA_OFF = number(Code.ARRHYTHMIA_OFF)
SOME_ALARMS_OFF = number(Code.SOME_ALARMS_OFF)
ECG_ALARMS_OFF = number(Code.ECG_ALARMS_OFF)
REPLACE_LEAD = number(Code.REPLACE_LEAD)
MOMENTS = tuple(number(alarm.code) for alarm in ALARMS if alarm.moment and alarm.code is not Code.AFIB_END)
"""What happened and is shown for a while; the end of an atrial fibrillation closes its own."""
ONSET, OFFSET, RELEASE = np.int64(0), np.int64(1), np.int64(2)
BY_PULSE, BY_DOUBT, CONDUCTED = np.int64(1), np.int64(2), np.int64(3)
"""Why a rule keeps back what it has found to be true; their texts are `stream.episodes.KEPT`."""
LEARNING, REGULAR, IRREGULAR, AFIB, VT, VF, STANDSTILL, UNSURE = range(8)
RHYTHMS = ("learning", "regular", "irregular", "afib", "vtach", "vfib", "asystole", "unknown")

LOST, NEVER_VALID = 1, 2
"""How a lead that is off is told by: it was valid before, or never was."""
EVIDENCE_BEATS = 8
DECIDED_S = 0.45
"""Behind the newest sample by this much, every beat has been decided."""
HELD_S = 30.0
"""A rhythm of the atria that cannot be judged, for runs of ectopic beats say, is held for this long: the time that a
fibrillation must last to be told."""
SHOWN_S = 10.0
"""How long something that happened is shown."""
RECOVER_S = 2.0
"""A rate must be back inside its limit for this long before the alarm ends."""

LIMITS = np.dtype(
    [(name, "f8") for name in (*Limits.__dataclass_fields__, *Decisions.__dataclass_fields__)]
    + [("extreme_high_bpm", "f8"), ("extreme_low_bpm", "f8"), ("pulse", "i8")]
    + [(name, "i8") for name in ("paced", "paced_unknown", "may_be_paced", "arrhythmia_off", "some_off", "all_off")]
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
        ("off", "i1", (MAX_LEADS,)),
        ("value", "f8"),
        ("limit", "f8"),
        ("waves", "i1"),
        ("unplaced", "i1"),
        ("kept", "i1"),
        ("seen", "f8"),
        ("count", "i1"),
        ("beats", "i8", (EVIDENCE_BEATS,)),
    ]
)
SECOND_OUT = np.dtype(
    [
        ("bed", "i8"),
        ("first", "i8"),
        ("stop", "i8"),
        ("rate_bpm", "f8"),
        ("pvc_per_min", "f8"),
        ("af_burden", "f8"),
        ("rhythm", "i1"),
        ("since", "i8"),
        ("quality", "i1", (MAX_LEADS,)),
        ("reason", "i1", (MAX_LEADS,)),
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
    """Room for so many rows; what finds no room is counted and not written: `whole` tells."""
    return Out(
        np.zeros(beats, BEAT_OUT),
        np.zeros(changes, CHANGE_OUT),
        np.zeros(seconds, SECOND_OUT),
        np.zeros(4, np.int64),
    )


def whole(out: Out) -> Out:
    """The same rows where all that was reported found room; raises RuntimeError, for no alarm is lost in silence.

    A second that ends in the first sample of a pass brings all of its beats, and every condition may turn at once.
    """
    for name, count in zip(("beats", "changes", "seconds"), out.counts.tolist(), strict=False):
        room = len(getattr(out, name))
        if count > room:
            raise RuntimeError(f"{count} {name} were reported in one pass and there is room for {room}")
    return out


def clear(state: Any) -> frozenset[Code]:
    """Forget what is active, at a gap; gives what goes on.

    An atrial fibrillation that is still held to last does: it is told at its onset and at its end, never between. So does
    what says that gaps let nothing be analysed.
    """
    lasting = [AFIB_ONSET] if state["afib"] else []
    lasting += [CANNOT_ANALYZE] if state["bad_since"] != NEVER else []
    lasting = [code for code in lasting if state["active"][code]]
    state["active"][:], state["kept"][:] = 0, 0
    state["active"][lasting] = 1
    return frozenset(CODES[code] for code in lasting)


def limits_record(limits: Limits, decisions: Decisions = DECISIONS) -> NDArray[np.void]:
    """The limits and what tells that they are met, as the rules read them: one record of LIMITS, without settings of a bed."""
    row: NDArray[Any] = np.zeros(1, LIMITS)
    for name in (*Limits.__dataclass_fields__, "extreme_high_bpm", "extreme_low_bpm"):
        row[name] = getattr(limits, name)
    for name in Decisions.__dataclass_fields__:
        row[name] = getattr(decisions, name)
    row["pulse"] = list(Pulse).index(Pulse.ASYSTOLE)
    return row


def limits_of(policy: Policy, context: BedContext, decisions: Decisions = DECISIONS) -> NDArray[np.void]:
    """The limits of a bed under a policy, with what both leave out: one record of LIMITS."""
    row = limits_record(policy.limits(context.patient_class), decisions)
    row["pulse"] = list(Pulse).index(policy.pulse)
    row["paced"], row["may_be_paced"] = context.paced is True, context.paced is not False
    admitted = context.unit != "" and context.state is not BedState.DISCHARGED
    row["paced_unknown"] = admitted and context.paced is None
    row["arrhythmia_off"] = not policy.arrhythmia
    row["all_off"] = len(policy.off) if policy.all_off else 0
    row["some_off"] = 0 if policy.all_off else len(policy.off)
    return row


@njit(cache=True)
def lost_since(s, lead):
    """Sample since which a lead is flagged off or, where none can be seen, at the limit of its amplifier; NEVER where neither."""
    return s.blind_since if s.railed[lead] and s.off_since[lead] == NEVER else s.off_since[lead]


@njit(cache=True)
def _report(s, code, phase, sample, first, value, limit, seen, out):
    k = out.counts[1]
    out.counts[1] += 1
    if k >= out.changes.shape[0]:
        return
    row = out.changes[k]
    row.bed, row.code, row.phase, row.sample, row.first = out.counts[3], code, phase, sample, first
    row.value, row.limit, row.decided = value, limit, s.next - 1
    row.waves = code == VTACH and s.red_waves == 1
    row.unplaced = code in (EXTREME_TACHY, HR_HIGH) and s.unplaced == 1
    row.kept, row.seen = s.kept[code], seen
    row.quality[:] = s.quality
    for lead in range(s.leads):
        row.off[lead] = (lost_since(s, lead) != NEVER) * (LOST if s.was_valid[lead] else NEVER_VALID)
    row.known = s.beats
    count = 0
    for back in range(min(s.beats, EVIDENCE_BEATS)):
        at = s.beat_at[(s.beats - 1 - back) % BEATS]
        if at <= sample:
            row.beats[count] = at
            count += 1
    row.count = count


@njit(cache=True)
def begin(s, code, sample, first, value, limit, out):
    if not s.active[code]:
        s.active[code], s.kept[code] = 1, 0
        _report(s, code, ONSET, sample, first, float(value), float(limit), 0.0, out)


@njit(cache=True)
def keep(s, code, why, seen, sample, first, value, limit, out):
    """Begin what is true but not to be announced yet, for the reason `why`; seen: the number that the reason names."""
    if not s.active[code]:
        s.active[code], s.kept[code] = 1, why
        _report(s, code, ONSET, sample, first, float(value), float(limit), float(seen), out)


@njit(cache=True)
def let_go(s, code, sample, first, value, limit, out):
    """What was kept back is to be announced."""
    if s.active[code] and s.kept[code]:
        s.kept[code] = 0
        _report(s, code, RELEASE, sample, first, float(value), float(limit), 0.0, out)


@njit(cache=True)
def is_told(s, code):
    """Whether a condition is open that no rule keeps back."""
    return s.active[code] == 1 and s.kept[code] == 0


@njit(cache=True)
def end(s, code, sample, out):
    if s.active[code]:
        s.active[code], s.kept[code] = 0, 0
        _report(s, code, OFFSET, sample, sample, np.nan, np.nan, 0.0, out)


@njit(cache=True)
def happen(s, code, sample, first, value, limit, out):
    """Tell what happened; happening again while it is shown prolongs that."""
    s.holds_since[code] = sample
    begin(s, code, sample, first, value, limit, out)


@njit(cache=True)
def end_moments(s, n, rate_hz, out):
    """End what has been shown long enough."""
    for code in MOMENTS:
        if s.active[code] and n - s.holds_since[code] >= SHOWN_S * rate_hz:
            end(s, code, n, out)


@njit(cache=True)
def end_tachycardia(s, code, sample, out):
    """End VT; a rate that was beyond its limit by it must prove itself anew, by beats that come after it."""
    if s.active[code]:
        s.rate_since = sample
        for rate in (HR_HIGH, EXTREME_TACHY):
            s.holds_since[rate] = NEVER
            end(s, rate, sample, out)
        end(s, code, sample, out)


@njit(cache=True)
def waves_end(s, sample):
    """At sample `sample` the waves of VF are gone: what was taken for beats in them is no rate, high, low or shown."""
    s.rate_since = sample
    s.vf_until = sample


@njit(cache=True)
def end_fibrillation(s, sample, out):
    """End VF; a rate beyond a limit must prove itself anew, by beats that come after its waves (`waves_end`)."""
    if s.active[VFIB]:
        for rate in (HR_HIGH, HR_LOW, EXTREME_TACHY, EXTREME_BRADY):
            s.holds_since[rate] = NEVER
            end(s, rate, sample, out)
        end(s, VFIB, sample, out)


@njit(cache=True)
def held(s, code, true, n):
    """Samples for which a condition has been true without a break; -1 where it is not."""
    if not true:
        s.holds_since[code] = NEVER
        return -1
    if s.holds_since[code] == NEVER:
        s.holds_since[code] = n
    return n - s.holds_since[code]


@njit(cache=True)
def _rhythm(s, n, rate_hz):
    """The rhythm that is shown, worst first; what is not known is said to be unknown."""
    if not s.learned or (s.last_beat == NEVER and not s.active[ASYSTOLE] and not s.active[VFIB]):
        return LEARNING
    if s.active[VFIB]:
        return VF
    if is_told(s, ASYSTOLE):
        return STANDSTILL
    if is_told(s, VTACH):
        return VT
    doubtful = s.active[ASYSTOLE] or (s.active[VTACH] and s.kept[VTACH] == BY_DOUBT)
    if doubtful or s.active[CANNOT_ANALYZE] or s.blind_since != NEVER or s.oscillating:
        return UNSURE
    if n - s.atrial_at > HELD_S * rate_hz:
        return UNSURE
    if s.afib_shown:
        return AFIB
    return IRREGULAR if s.irregular else REGULAR


@njit(cache=True)
def _since(s, rhythm):
    """Sample since which the rhythm shown is held to have lasted: AF, and what came behind it; NEVER where not known."""
    if rhythm == AFIB:
        return s.irregular_since
    return s.regular_since if rhythm in (IRREGULAR, REGULAR) else NEVER


@njit(cache=True)
def tell_beats(s, rate_hz, out):
    """Write the beats that were not told yet; gives how many."""
    told = 0
    for index in range(max(s.told, s.beats - BEATS), s.beats):
        j = index % BEATS
        if s.beat_hidden[j]:
            continue
        k = out.counts[0]
        out.counts[0] += 1
        if k >= out.beats.shape[0]:
            continue
        row = out.beats[k]
        kind = UNKNOWN if s.beat_vague[j] else s.beat_kind[j]
        row.bed, row.sample, row.kind, row.width_ms = out.counts[3], s.beat_at[j], kind, s.beat_width[j]
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
    rhythm = _rhythm(s, n, rate_hz)
    row.bed, row.first, row.stop, row.rhythm, row.since = out.counts[3], first, n + 1, rhythm, _since(s, rhythm)
    # a standstill younger than the ten seconds of the rate leaves it unknown: what was before it is not how it is; so does one
    # of a bed that has shown nothing as high as a QRS
    silent = is_told(s, ASYSTOLE) and n - s.last_beat >= 10.0 * rate_hz and s.floor < 1.0
    row.rate_bpm = 0.0 if silent else s.shown_rate
    ventricular, span = 0, 60.0 * rate_hz
    for back in range(min(s.beats, BEATS)):
        j = (s.beats - 1 - back) % BEATS
        told = s.beat_kind[j] == VENTRICULAR and not s.beat_vague[j] and not s.beat_hidden[j]
        ventricular += told and n - s.beat_at[j] < 60.0 * rate_hz
    if s.beats > BEATS:
        span = min(span, max(1.0, np.float64(n - s.beat_at[s.beats % BEATS])))
    # beats that give no rate to be vouched for give no number of some of them either
    row.pvc_per_min = np.nan if np.isnan(s.shown_rate) else ventricular * 60.0 * rate_hz / span
    row.af_burden = s.burden
    row.quality[:] = s.quality
    row.reason[:] = s.reason
    row.known = s.beats
    row.beats = tell_beats(s, rate_hz, out)
