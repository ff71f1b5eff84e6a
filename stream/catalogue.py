"""Every alarm that the signal decides, one row a code: priority, tone, chain, text, and what keeps it back.

Definitions, limits and ranges: docs/alarms.md. What depends on the wall clock is a notice and not in this table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

import numpy as np


class Code(StrEnum):
    """What can be announced of a bed, from its signal and its settings alone."""

    ASYSTOLE = "ASYSTOLE"
    VFIB = "VFIB"
    VTACH = "VTACH"
    EXTREME_TACHY = "EXTREME_TACHY"
    EXTREME_BRADY = "EXTREME_BRADY"
    HR_HIGH = "HR_HIGH"
    HR_LOW = "HR_LOW"
    PAUSE = "PAUSE"
    RUN_PVC = "RUN_PVC"
    AFIB_ONSET = "AFIB_ONSET"
    AFIB_END = "AFIB_END"
    LEADS_OFF = "LEADS_OFF"
    CANNOT_ANALYZE_ECG = "CANNOT_ANALYZE_ECG"
    ECG_PULSE_DISAGREE = "ECG_PULSE_DISAGREE"
    VTACH_SUSTAINED = "VTACH_SUSTAINED"
    RAPID_VT = "RAPID_VT"
    TORSADES_POLYMORPHIC = "TORSADES_POLYMORPHIC"
    VENT_BRADY = "VENT_BRADY"
    NONSUST_VT = "NONSUST_VT"
    VENT_RHYTHM = "VENT_RHYTHM"
    PAIR_PVC = "PAIR_PVC"
    R_ON_T = "R_ON_T"
    BIGEMINY = "BIGEMINY"
    TRIGEMINY = "TRIGEMINY"
    MULTIFORM_PVC = "MULTIFORM_PVC"
    PVC_PER_MIN = "PVC_PER_MIN"
    SINGLE_PVC = "SINGLE_PVC"
    SVT = "SVT"
    IRREGULAR_HR = "IRREGULAR_HR"
    IRREGULAR_HR_END = "IRREGULAR_HR_END"
    PAUSES_PER_MIN = "PAUSES_PER_MIN"
    MISSED_BEAT = "MISSED_BEAT"
    PACER_NOT_CAPTURE = "PACER_NOT_CAPTURE"
    PACER_NOT_PACING = "PACER_NOT_PACING"
    ST_HIGH = "ST_HIGH"
    ST_LOW = "ST_LOW"
    STE = "STE"
    ST_MULTI = "ST_MULTI"
    QTC_HIGH = "QTC_HIGH"
    DQTC_HIGH = "DQTC_HIGH"
    QRS_WIDENING = "QRS_WIDENING"
    AV_BLOCK_2 = "AV_BLOCK_2"
    AV_BLOCK_3 = "AV_BLOCK_3"
    NEW_BBB = "NEW_BBB"
    RHYTHM_CHANGE = "RHYTHM_CHANGE"
    LEAD_FALLBACK = "LEAD_FALLBACK"
    NOISY_ECG = "NOISY_ECG"
    LOW_QRS_AMPLITUDE = "LOW_QRS_AMPLITUDE"
    CANNOT_ANALYZE_ST = "CANNOT_ANALYZE_ST"
    CANNOT_ANALYZE_QT = "CANNOT_ANALYZE_QT"
    LEARNING = "LEARNING"
    PACED_STATUS_UNKNOWN = "PACED_STATUS_UNKNOWN"
    ARRHYTHMIA_OFF = "ARRHYTHMIA_OFF"
    SOME_ALARMS_OFF = "SOME_ALARMS_OFF"
    REPLACE_LEAD = "REPLACE_LEAD"
    ECG_ALARMS_OFF = "ECG_ALARMS_OFF"
    REQUESTED = "REQUESTED"
    """No alarm: a person or the schedule asked for ten seconds."""


class Priority(StrEnum):
    """As BICEPS AlertConditionPriority; red, yellow and cyan are presentation."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATION = "information"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Priority).index(self)


class Kind(StrEnum):
    """As BICEPS AlertConditionKind."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class Tone(StrEnum):
    """What is heard: a yellow alarm is long or short."""

    LONG = "long"
    SHORT = "short"
    NONE = "none"


class Chain(StrEnum):
    """Alarms of which only the highest announces."""

    VENTRICULAR = "V"
    BEATS = "B"
    RATE = "R"
    ATRIAL = "A"
    PACER = "P"
    ST = "ST"
    QT = "QT"
    TECHNICAL = "T"


@dataclass(frozen=True, slots=True)
class Alarm:
    """All that is fixed of one code."""

    code: Code
    label: str
    """For lists and headings."""
    priority: Priority
    tone: Tone
    chain: Chain
    rank: int
    """Place in the chain, 1 the highest; 0: takes no part in precedence."""
    unit: str
    """Of value and limit."""
    text: str
    """One line for a person, with {value}, {limit} and {detail}."""
    kind: Kind = Kind.PHYSIOLOGICAL
    latching: bool = False
    on: bool = True
    """Whether a policy that says nothing of it has it on."""
    shadow: bool = False
    """Where it is off: judged all the same and kept, without being announced, until a policy switches it on or off."""
    always: bool = False
    """Can neither be switched off nor silenced."""
    moment: bool = False
    """Something that happened and is shown for a while, not a condition that lasts; it is never announced afterwards."""
    refractory_s: float = 0.0
    """Once announced, not announced again for this long."""
    timeout: int = 0
    """Level (1, 2) of the time for which, once announced, it and what is lower in the chain are muted; 0: none."""
    inhibited_by: tuple[Code, ...] = ()
    """Open alarms that keep it from being announced, besides those above it in the chain."""

    @property
    def arrhythmia(self) -> bool:
        """Whether it falls silent with the analysis of arrhythmia: no red one, no limit of the rate, no ST or QT."""
        chains = (Chain.VENTRICULAR, Chain.BEATS, Chain.ATRIAL, Chain.PACER)
        return self.kind is Kind.PHYSIOLOGICAL and self.priority is not Priority.HIGH and self.chain in chains


V, B, R, A, P = Chain.VENTRICULAR, Chain.BEATS, Chain.RATE, Chain.ATRIAL, Chain.PACER
REFRACTORY_S = 30.0
"""After Mindray (ePM manual): pairs, R on T, PVC/min, multiform, single PVC, missed beat, pacer."""
_ARREST = (Code.VFIB, Code.ASYSTOLE)
_VT_VF = (Code.VFIB, Code.VTACH, Code.VTACH_SUSTAINED, Code.RAPID_VT, Code.TORSADES_POLYMORPHIC)
_NO_QRS = (*_VT_VF, Code.ASYSTOLE)
_DENIED = (Code.ECG_PULSE_DISAGREE,)


def _red(code: Code, label: str, chain: Chain, rank: int, unit: str, text: str, **more: object) -> Alarm:
    return Alarm(code, label, Priority.HIGH, Tone.LONG, chain, rank, unit, text, latching=True, **more)  # type: ignore[arg-type]


def _yellow(code: Code, label: str, chain: Chain, rank: int, unit: str, text: str, **more: object) -> Alarm:
    return Alarm(code, label, Priority.MEDIUM, Tone.LONG, chain, rank, unit, text, **more)  # type: ignore[arg-type]


def _short(code: Code, label: str, chain: Chain, rank: int, unit: str, text: str, **more: object) -> Alarm:
    return Alarm(code, label, Priority.MEDIUM, Tone.SHORT, chain, rank, unit, text, **more)  # type: ignore[arg-type]


def _told(code: Code, label: str, chain: Chain, rank: int, unit: str, text: str, **more: object) -> Alarm:
    return Alarm(code, label, Priority.INFORMATION, Tone.NONE, chain, rank, unit, text, **more)  # type: ignore[arg-type]


def _technical(
    code: Code, label: str, priority: Priority, tone: Tone, unit: str, text: str, above: tuple[Code, ...] = ()
) -> Alarm:
    return Alarm(code, label, priority, tone, Chain.TECHNICAL, 0, unit, text, kind=Kind.TECHNICAL, inhibited_by=above)


_VENTRICULAR = (
    _red(Code.VFIB, "Ventricular fibrillation", V, 1, "s",
         "Ventricular fibrillation for {value:.1f} s (limit {limit:.1f} s)", always=True),
    _red(Code.VTACH_SUSTAINED, "Sustained ventricular tachycardia", V, 2, "s",
         "Ventricular tachycardia for {value:.0f} s (limit {limit:.0f} s)", inhibited_by=_DENIED),
    _red(Code.RAPID_VT, "Rapid ventricular tachycardia", V, 2, "/min",
         "Rapid ventricular tachycardia {value:.0f}/min (limit {limit:.0f}/min)", inhibited_by=_DENIED),
    _red(Code.TORSADES_POLYMORPHIC, "Polymorphic ventricular tachycardia", V, 2, "shapes",
         "Polymorphic ventricular tachycardia: {value:.0f} shapes in a run (limit {limit:.0f})", on=False, shadow=True,
         inhibited_by=_DENIED),
    _red(Code.VTACH, "Ventricular tachycardia", V, 3, "/min",
         "Ventricular tachycardia {value:.0f}/min (limit {limit:.0f}/min)", inhibited_by=_DENIED),
    _red(Code.VENT_BRADY, "Ventricular bradycardia", V, 4, "/min",
         "Ventricular bradycardia {value:.0f}/min (limit {limit:.0f}/min)"),
    _yellow(Code.NONSUST_VT, "Non-sustained ventricular tachycardia", V, 5, "/min",
            "Non-sustained ventricular tachycardia {value:.0f}/min (limit {limit:.0f}/min)", moment=True),
    _yellow(Code.VENT_RHYTHM, "Ventricular rhythm", V, 6, "beats",
            "Ventricular rhythm of {value:.0f} beats (limit {limit:.0f})"),
    _yellow(Code.RUN_PVC, "Run of PVCs", V, 7, "beats", "Run of {value:.0f} ventricular beats (limit {limit:.0f})",
            moment=True),
    _short(Code.PAIR_PVC, "Pair of PVCs", V, 8, "beats", "Pair of PVCs", moment=True, refractory_s=REFRACTORY_S,
           timeout=1),
    _short(Code.R_ON_T, "R on T", V, 9, "ms", "PVC on the T wave: {value:.0f} ms after the beat before", moment=True,
           refractory_s=REFRACTORY_S, timeout=1),
    _short(Code.BIGEMINY, "Ventricular bigeminy", V, 10, "cycles", "Ventricular bigeminy, {value:.0f} cycles",
           timeout=2),
    _short(Code.TRIGEMINY, "Ventricular trigeminy", V, 11, "cycles", "Ventricular trigeminy, {value:.0f} cycles",
           timeout=2),
    _short(Code.MULTIFORM_PVC, "Multiform PVCs", V, 12, "shapes",
           "PVCs of {value:.0f} shapes within {limit:.0f} beats", refractory_s=REFRACTORY_S, timeout=2),
    _short(Code.PVC_PER_MIN, "PVCs per minute", V, 13, "/min", "PVCs {value:.0f}/min (limit {limit:.0f}/min)",
           refractory_s=REFRACTORY_S, timeout=2, inhibited_by=(Code.ASYSTOLE,)),
    _told(Code.SINGLE_PVC, "Single PVC", V, 14, "beats", "Single PVC", moment=True, on=False,
          refractory_s=REFRACTORY_S),
)  # fmt: skip
_BEATS = (
    _red(Code.ASYSTOLE, "Asystole", B, 1, "s", "Asystole: no QRS for {value:.1f} s (limit {limit:.1f} s)",
         always=True, inhibited_by=_DENIED),
    _yellow(Code.PAUSES_PER_MIN, "Pauses per minute", B, 2, "/min",
            "Pauses {value:.0f}/min (limit {limit:.0f}/min)", inhibited_by=(Code.VFIB,)),
    _yellow(Code.PAUSE, "Pause", B, 3, "s", "Pause: no QRS for {value:.1f} s (limit {limit:.1f} s)",
            inhibited_by=(Code.VFIB,)),
    _short(Code.MISSED_BEAT, "Missed beat", B, 4, "s", "Missed beat: no QRS for {value:.2f} s (limit {limit:.2f} s)",
           moment=True, refractory_s=REFRACTORY_S, timeout=1, inhibited_by=(Code.VFIB, Code.AFIB_ONSET)),
)  # fmt: skip
_RATE = (
    _red(Code.EXTREME_TACHY, "Extreme tachycardia", R, 1, "/min",
         "Extreme tachycardia {value:.0f}/min (limit {limit:.0f}/min)",
         inhibited_by=(*_VT_VF, *_DENIED)),
    _red(Code.EXTREME_BRADY, "Extreme bradycardia", R, 1, "/min",
         "Extreme bradycardia {value:.0f}/min (limit {limit:.0f}/min)", inhibited_by=(*_ARREST, *_DENIED)),
    _yellow(Code.HR_HIGH, "Heart rate high", R, 2, "/min", "Heart rate high {value:.0f}/min (limit {limit:.0f}/min)",
            inhibited_by=_VT_VF),
    _yellow(Code.HR_LOW, "Heart rate low", R, 2, "/min", "Heart rate low {value:.0f}/min (limit {limit:.0f}/min)",
            inhibited_by=_ARREST),
)  # fmt: skip
_ATRIAL = (
    _yellow(Code.AFIB_ONSET, "Atrial fibrillation", A, 1, "s",
            "Atrial fibrillation for {value:.0f} s (limit {limit:.0f} s)", inhibited_by=_VT_VF),
    _told(Code.AFIB_END, "Atrial fibrillation ended", A, 1, "s",
          "Atrial fibrillation ended {value:.0f} s ago (limit {limit:.0f} s)", moment=True),
    _yellow(Code.SVT, "Supraventricular tachycardia", A, 2, "/min",
            "Supraventricular tachycardia {value:.0f}/min (limit {limit:.0f}/min)",
            inhibited_by=_VT_VF),
    _told(Code.AV_BLOCK_3, "Third degree AV block", A, 3, "/min",
          "Third degree AV block likely: atria {limit:.0f}/min, ventricles {value:.0f}/min", on=False,
          inhibited_by=_NO_QRS),
    _told(Code.AV_BLOCK_2, "Second degree AV block", A, 4, "beats",
          "Second degree AV block likely: {value:.0f} dropped beats (limit {limit:.0f})", on=False,
          inhibited_by=_NO_QRS),
    _short(Code.IRREGULAR_HR, "Irregular heart rate", A, 5, "s",
           "Irregular heart rate for {value:.0f} s (limit {limit:.0f} s)", timeout=2, inhibited_by=_NO_QRS),
    _told(Code.IRREGULAR_HR_END, "Irregular heart rate ended", A, 5, "s",
          "Irregular heart rate ended {value:.0f} s ago (limit {limit:.0f} s)", moment=True, inhibited_by=_NO_QRS),
    _told(Code.RHYTHM_CHANGE, "Rhythm differs from baseline", A, 6, "s",
          "Rhythm differs from the baseline for {value:.0f} s: {detail}", inhibited_by=_NO_QRS),
)  # fmt: skip
_PACER = (
    _yellow(Code.PACER_NOT_CAPTURE, "Pacer does not capture", P, 1, "ms",
            "Pacer does not capture: no QRS within {limit:.0f} ms of a pulse", moment=True,
            refractory_s=REFRACTORY_S, inhibited_by=(Code.VFIB,)),
    _yellow(Code.PACER_NOT_PACING, "Pacer does not pace", P, 2, "s",
            "Pacer does not pace: neither pulse nor QRS for {value:.1f} s (limit {limit:.1f} s)",
            refractory_s=REFRACTORY_S, inhibited_by=_ARREST),
)  # fmt: skip
_ST = (
    _yellow(Code.STE, "ST elevation", Chain.ST, 1, "mm",
            "ST elevation {value:.1f} mm (limit {limit:.1f} mm) in {detail}", inhibited_by=_NO_QRS),
    _yellow(Code.ST_MULTI, "ST in several leads", Chain.ST, 2, "leads",
            "ST beyond its limits in {value:.0f} leads: {detail}", inhibited_by=_NO_QRS),
    _yellow(Code.ST_HIGH, "ST high", Chain.ST, 3, "mm", "ST {value:+.1f} mm in {detail} (limit {limit:+.1f} mm)",
            inhibited_by=(*_NO_QRS, Code.NEW_BBB)),
    _yellow(Code.ST_LOW, "ST low", Chain.ST, 3, "mm", "ST {value:+.1f} mm in {detail} (limit {limit:+.1f} mm)",
            inhibited_by=(*_NO_QRS, Code.NEW_BBB)),
)  # fmt: skip
_QT = (
    _yellow(Code.QTC_HIGH, "QTc high", Chain.QT, 1, "ms", "QTc {value:.0f} ms (limit {limit:.0f} ms){detail}",
            inhibited_by=(*_NO_QRS, Code.NEW_BBB)),
    _yellow(Code.DQTC_HIGH, "QTc longer than baseline", Chain.QT, 2, "ms",
            "QTc {value:.0f} ms longer than the baseline (limit {limit:.0f} ms)",
            inhibited_by=(*_NO_QRS, Code.NEW_BBB)),
    _told(Code.QRS_WIDENING, "QRS widening", Chain.QT, 0, "ms", "QRS {value:.0f} ms (limit {limit:.0f} ms)", on=False,
          shadow=True, inhibited_by=_NO_QRS),
    _told(Code.NEW_BBB, "New bundle branch block", Chain.QT, 0, "ms",
          "Bundle branch block against the baseline: QRS {value:.0f} ms, {detail}", on=False, shadow=True,
          inhibited_by=_NO_QRS),
)  # fmt: skip
_BLIND = Code.CANNOT_ANALYZE_ECG
_LOW, _NOTE = Priority.LOW, Priority.INFORMATION
_SIGNAL = (
    _technical(Code.LEADS_OFF, "Leads off", _LOW, Tone.SHORT, "leads", "{value:.0f} of {limit:.0f} leads off: {detail}"),
    _technical(Code.REPLACE_LEAD, "Replace a lead", _LOW, Tone.NONE, "s",
               "Flat or at its limit for {value:.0f} s while other leads show beats: {detail}", (_BLIND,)),
    _technical(_BLIND, "ECG cannot be analysed", _LOW, Tone.SHORT, "s",
               "ECG cannot be analysed for {value:.0f} s (limit {limit:.0f} s)"),
    _technical(Code.ECG_PULSE_DISAGREE, "ECG and pulse disagree", Priority.MEDIUM, Tone.LONG, "/min",
               "ECG and pulse disagree: pulse {value:.0f}/min, ECG {limit:.0f}/min"),
    _technical(Code.LEAD_FALLBACK, "Another lead is used", _LOW, Tone.NONE, "s",
               "The main lead is lost for {value:.0f} s, another is used (limit {limit:.0f} s)", (_BLIND,)),
    _technical(Code.NOISY_ECG, "Noisy ECG", _LOW, Tone.NONE, "s",
               "Noise on every lead for {value:.0f} s (limit {limit:.0f} s)", (_BLIND,)),
    _technical(Code.LOW_QRS_AMPLITUDE, "Low QRS amplitude", _LOW, Tone.NONE, "mV",
               "QRS of {value:.2f} mV on every lead (limit {limit:.2f} mV)", (_BLIND,)),
    _technical(Code.CANNOT_ANALYZE_ST, "ST cannot be analysed", _LOW, Tone.NONE, "s",
               "ST cannot be analysed for {value:.0f} s: {detail}", (_BLIND,)),
    _technical(Code.CANNOT_ANALYZE_QT, "QT cannot be analysed", _LOW, Tone.NONE, "s",
               "QT cannot be analysed for {value:.0f} s: {detail}", (_BLIND,)),
    _technical(Code.LEARNING, "Learning", _NOTE, Tone.NONE, "s",
               "Learning the beats for {value:.0f} s: alarms may be unavailable"),
    _technical(Code.PACED_STATUS_UNKNOWN, "Paced status unknown", _NOTE, Tone.NONE, "",
               "It is not set whether the patient is paced"),
    _technical(Code.ARRHYTHMIA_OFF, "Arrhythmia analysis off", _LOW, Tone.NONE, "",
               "Arrhythmia analysis is off: the red alarms and the limits of the rate remain"),
    _technical(Code.SOME_ALARMS_OFF, "Some alarms off", _LOW, Tone.NONE, "alarms",
               "{value:.0f} alarm(s) switched off by the policy"),
    _technical(Code.ECG_ALARMS_OFF, "ECG alarms off", _LOW, Tone.NONE, "alarms",
               "Every alarm that may be off is off ({value:.0f}): asystole and ventricular fibrillation remain"),
)  # fmt: skip

ALARMS = (*_VENTRICULAR, *_BEATS, *_RATE, *_ATRIAL, *_PACER, *_ST, *_QT, *_SIGNAL)
"""Every alarm, chain by chain, the highest of each first."""
CATALOGUE: dict[Code, Alarm] = {alarm.code: alarm for alarm in ALARMS}
CODES: tuple[Code, ...] = tuple(CATALOGUE)
"""The order in which a bed's state and the compiled rules number the codes."""


def number(code: Code) -> np.int64:
    """The number of a code in the compiled rules: numpy's, for numba compiles a function anew for each integer of Python."""
    return np.int64(CODES.index(code))


@dataclass(frozen=True, slots=True)
class Choices:
    """What a unit may choose of single alarms; by default they are as the rows above say."""

    ste: Priority = Priority.MEDIUM
    """Of ST elevation: medium or high."""
    leads_off: Priority = Priority.LOW
    """Of LEADS_OFF when no lead is left that was valid: low, medium or high."""
    hr_tone: Tone = Tone.LONG
    """Of HR_HIGH and HR_LOW: long or short."""
    hr_in_chain: bool = True
    """Whether HR_HIGH and HR_LOW give way to an extreme rate and fall into timeouts."""


PLAIN = Choices()


@cache
def rows(choices: Choices) -> dict[Code, Alarm]:
    """The catalogue as a unit has chosen it, in the same order."""
    return {row.code: _chosen(row, choices) for row in ALARMS}


def _chosen(row: Alarm, choices: Choices) -> Alarm:
    if row.code is Code.STE and choices.ste is Priority.HIGH:
        return replace(row, priority=Priority.HIGH, latching=True)
    if row.code is Code.LEADS_OFF and choices.leads_off is not row.priority:
        return replace(row, priority=choices.leads_off, tone=Tone.LONG)
    if row.code in (Code.HR_HIGH, Code.HR_LOW):
        timeout = 1 if choices.hr_in_chain and choices.hr_tone is Tone.SHORT else 0
        return replace(row, tone=choices.hr_tone, rank=row.rank if choices.hr_in_chain else 0, timeout=timeout)
    return row


@cache
def above(code: Code, choices: Choices = PLAIN) -> tuple[Code, ...]:
    """Codes that keep this one from being announced while they are open, the highest of its chain first.

    A red alarm gives way to red ones only, and to a pulse that contradicts it; whatever is physiological and not red
    gives way to an ECG that cannot be analysed.
    """
    every = rows(choices)
    own = every[code]
    chain = (a.code for a in every.values() if a.chain is own.chain and 0 < a.rank < own.rank and _weighs(a, own))
    blind = (_BLIND,) if own.kind is Kind.PHYSIOLOGICAL and own.priority is not Priority.HIGH else ()
    return tuple(dict.fromkeys((*chain, *own.inhibited_by, *blind)))


def _weighs(other: Alarm, own: Alarm) -> bool:
    order = list(Priority)
    return order.index(other.priority) <= order.index(own.priority)
