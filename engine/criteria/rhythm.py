"""Rate and rhythm."""

from __future__ import annotations

import statistics

from engine.criteria.beats import T_NEAR, is_patterned
from engine.criteria.case import STEADY_MS, WIDEST_MS, Case, show
from engine.criteria.doubt import FAST, WIDE_MS, p_down, p_in_few
from engine.criteria.lead_set import NOT_TOLD, few_leads
from engine.interpretation import Evidence
from stream.atria import AvBlock
from stream.catalogue import Code
from stream.certainty import edges_hidden
from stream.episodes import IN_WAVES
from stream.likeness import LEAST
from stream.measurement import BeatKind, Quality

_AHA = "Surawicz B et al., AHA/ACCF/HRS Recommendations Part III, J Am Coll Cardiol 2009;53:976-981"
SVT = "Page RL et al., ACC/AHA/HRS Guideline, Circulation 2016;133:e506-e574"
_AF = "Hindricks G et al., ESC Guidelines on atrial fibrillation, Eur Heart J 2021;42:373-498"
VA = "Al-Khatib SM et al., AHA/ACC/HRS Guideline, Circulation 2018;138:e272-e391"

SINUS = ("426783006", "426177001", "427084000")
"""Sinus rhythm, bradycardia and tachycardia, as they are found."""
SINUS_ARRHYTHMIA = "427393009"
_PULSES = "a pacing pulse stands before the QRS"

IRREGULAR = 0.1
"""Standard deviation of RR over its median above which a rhythm is called irregular."""
ALIKE = 0.04
STEADY_PR_MS = 20.0
ONE_WAVE, NO_WAVE = 0.6, 0.4
"""Coherence of what lies before the beats (`beats`) from which on it is a P wave, and below which atrial fibrillation is told.

Over the irregular records of PTB-XL, CinC 2021 and LUDB: -0.07 to 0.34 in fibrillation, 0.40 and 0.54 in flutter, 0.59 and more in sinus
rhythm whose P waves do not lie on T waves.
"""
SOME_WAVE = 0.2
"""Coherence from which on early beats in a rhythm that is regular beneath them are none of fibrillation; below it fibrillation may look regular by chance."""
FASTEST_IRREGULAR = 120.0
"""Rate above which P waves are not told from T waves while RR intervals differ."""
_TWO_LENGTHS = (
    "the RR intervals are of two lengths (dropped or coupled beats, or a change of rate); P waves in pauses are not measured, "
    "so AV block of second degree is not told from other causes"
)
P_IRREGULAR = (
    "P waves precede irregular beats: early beats, sinus arrhythmia and other rhythms of the atria are not told apart"
)
_BETWEEN = "a deflection between two beats that are one interval apart was counted, which may be noise or a T wave"
_PATTERN = "the RR intervals repeat themselves: dropped, coupled or early beats in another rhythm, no fibrillation"
P_LIKE = (
    "a wave of one shape precedes the beats, as in sinus rhythm with early beats, and no PR interval can be measured"
)
_FAST_IRREGULAR = "irregular beats at a rate at which P and T waves are not told apart"
_NOT_REGULAR = "no P wave is seen apart from the T waves, and the beats are neither regular nor plainly irregular"
ASYSTOLE = "asystole"
"""What is withheld of an alarm of it where most leads carry no signal."""
_LOOKS_SO = "a signal that is lost looks like asystole, which a look at the patient tells"
REGULAR = 0.05
"""Of the median RR: what RR intervals of a regular tachycardia differ by at most (standard deviation; our own limit)."""
_TACHYCARDIA = "no P wave is seen apart from the T waves of a regular tachycardia: of the sinus, of re-entry, of flutter and of the ventricles are not told apart"
_WIDE_TACHYCARDIA = "no P wave is seen apart from the T waves of a regular tachycardia with a wide QRS, which counts as one of the ventricles until another origin is shown"
"""As the guideline on ventricular arrhythmias has it (Al-Khatib 2018)."""
EARLY_ALONE = "early beats alone make the RR intervals irregular, and what precedes the beats is partly alike: no fibrillation, and the rhythm beneath is not told further"
HALF_LIKE = "irregular beats, and what precedes them is partly alike: fibrillation, flutter and early atrial beats are not told apart"
_ATRIAL = (P_LIKE, EARLY_ALONE, HALF_LIKE)
"""Reasons for which something of the atria precedes the beats."""
VT_POSSIBLE = "ventricular tachycardia is possible"
"""How a reason begins why the origin of a fast rhythm is not told, whose beats may be those of the ventricles."""
FAST_WITH_BEATS = 150.0
"""Rate from which on beats that are taken for ventricular ones make it so, where the QRS is not wide (our own limit)."""
PACING = "pacing"
"""What is withheld of a paced patient of whom no pulse was seen."""
_NO_PULSE = "the patient is said to be paced, and no pacing pulse was measured: which beats are paced is not told"

LETHAL = {
    Code.ASYSTOLE: ("397829000", "Asystole", "time without a QRS complex"),
    Code.VFIB: ("71908006", "Ventricular fibrillation", "time of fibrillation"),
    Code.VTACH: ("25569003", "Ventricular tachycardia", "rate of the run"),
    Code.RAPID_VT: ("25569003", "Ventricular tachycardia", "rate of the run"),
    Code.VTACH_SUSTAINED: ("25569003", "Ventricular tachycardia", "time of tachycardia"),
}


SINUS_SPAN = 1.6
"""Longest over shortest RR above which an arrhythmia is not told as one of the sinus node (our own limit)."""


def rhythm(case: Case) -> None:
    """Lethal rhythms as the trigger measured them, else atrial fibrillation, sinus rhythm by P waves, or what is unknown."""
    trigger = case.segment.trigger
    lethal = LETHAL.get(case.code)
    if lethal is not None and trigger.value is not None:
        if case.code is Code.ASYSTOLE and case.silent_end:
            for name in (ASYSTOLE, "rate and rhythm"):
                case.withhold(name, f"{case.silent_end}: {_LOOKS_SO}")
            return
        code, name, measure = lethal
        if IN_WAVES in trigger.text:
            measure = "rate of the waves"
        found = case.evidence(
            measure, trigger.value, trigger.unit, limit=trigger.limit, criterion=trigger.text, source=VA
        )
        case.say(code, name, f"{name}: {measure} {show(trigger.value)} {trigger.unit}.", 0.9, found)
        return
    m = case.measurements
    if case.context is not None and case.context.paced and not any(b.kind is BeatKind.PACED for b in m.beats):
        case.withhold(PACING, _NO_PULSE)
    if m.rate_bpm is None or len(m.beats) < 4:
        case.withhold("rate and rhythm", "fewer than four beats can be seen")
    elif any(one.nearest <= T_NEAR for one in case.beats.between):
        for name in ("heart rate", "rhythm", "ventricular beats"):
            case.withhold(name, _BETWEEN)
        return
    elif why := _passed_over(case):
        for name in ("heart rate", "rhythm", "ventricular beats"):
            case.withhold(name, why)
        return
    elif few_leads(case) and case.beats.between:
        for name in ("heart rate", "rhythm"):
            case.withhold(name, f"{NOT_TOLD} {few_leads(case)}: {_BETWEEN}")
    elif case.paced:
        _pacing(case)
    else:
        _supraventricular(case)


def _passed_over(case: Case) -> str:
    """Why the rate is not known: between two beats one may have been passed over."""
    at = [b.sample for b in case.measurements.beats]
    return case.passed_over(at[0], at[-1])


def _pacing(case: Case) -> None:
    """Paced beats, by the pulses that the monitor marked."""
    m = case.measurements
    assert m.rate_bpm is not None
    count = case.evidence(
        "paced beats", float(len(case.paced)), "beats", beat=case.paced[-1].sample, criterion=_PULSES, source=_AHA
    )
    text = (
        f"Paced rhythm, {show(m.rate_bpm.value)} /min: {len(case.paced)} of {len(m.beats)} beats follow a pacing pulse."
    )
    total = case.evidence("beats", float(len(m.beats)), "beats", source=_AHA)
    case.say("10370003", "Rhythm from artificial pacing", text, 0.8, _rate(case), count, total)


def _supraventricular(case: Case) -> None:
    m = case.measurements
    assert m.rate_bpm is not None
    irregular = (m.rr_sd_ms or 0.0) > IRREGULAR * (m.rr_ms.value if m.rr_ms else 1e9)
    if case.own_unknown:
        _rate_alone(case, case.own_unknown)
        return
    if _is_blocked(case):
        _rate_alone(
            case, "not every P wave is followed by a QRS" if m.p_wave_present else _why_unknown(case, irregular)
        )
        return
    normal = sum(b.kind is not BeatKind.VENTRICULAR for b in m.beats) >= 0.8 * len(m.beats)
    looks_so = irregular and m.p_wave_present is False and normal and len(m.beats) >= 8
    if case.code is Code.AFIB_ONSET or looks_so:
        against = _against_fibrillation(case)
        if not against:
            _fibrillation(case)
            return
        if against != HALF_LIKE:
            case.withhold("atrial fibrillation", against)
        _rate_alone(case, against)
    elif m.p_wave_present and (not irregular or _is_sinus_all_the_same(case)):
        if why := p_down(m):
            _rate_alone(case, why)
            return
        _sinus(case)
        if irregular:
            _sinus_arrhythmia(case)
    else:
        _rate_alone(case, _why_unknown(case, irregular))


def _is_blocked(case: Case) -> bool:
    """Whether P waves go without QRS, so that the atria have another rate than the ventricles (`conduction` tells which block it is)."""
    return case.atria is not None and case.atria.block is not AvBlock.NONE


def _is_sinus_all_the_same(case: Case) -> bool:
    """Whether one wave precedes irregular beats at one distance: sinus arrhythmia, or early beats in sinus rhythm.

    Where early beats alone make them irregular less of a wave is asked for: theirs lies on a T wave.
    """
    m = case.measurements
    if edges_hidden(m) or m.rate_bpm is None or m.rate_bpm.value > FASTEST_IRREGULAR:
        return False
    steady = m.pr_ms is not None and m.pr_ms.spread <= STEADY_PR_MS
    least = SOME_WAVE if case.beats.regular_beneath else ONE_WAVE
    return steady and case.beats.coherence is not None and case.beats.coherence >= least


def _why_unknown(case: Case, irregular: bool) -> str:
    m = case.measurements
    assert m.rate_bpm is not None
    if irregular and _repeats(case):
        return _TWO_LENGTHS
    if irregular and m.p_wave_present:
        return P_IRREGULAR if m.rate_bpm.value <= FASTEST_IRREGULAR else _FAST_IRREGULAR
    if irregular:
        return "the beats are irregular and not plainly fibrillating"
    if m.p_wave_present is None:
        return "P waves cannot be judged"
    if few := p_in_few(m):
        return few
    if m.rate_bpm.value < 50:
        return "no P wave is tied to the beats: an escape rhythm, with or without complete AV block, cannot be told further"
    if m.rate_bpm.value < FAST:
        return "no P wave is seen"
    if m.rr_ms is None or (m.rr_sd_ms or 0.0) > REGULAR * m.rr_ms.value:
        return _NOT_REGULAR
    wide = m.qrs_ms is not None and m.qrs_ms.value >= WIDE_MS and m.qrs_ms.spread <= STEADY_MS
    return _WIDE_TACHYCARDIA if wide and not edges_hidden(m) else _TACHYCARDIA


def _against_fibrillation(case: Case) -> str:
    """What speaks against calling an irregular rhythm atrial fibrillation; empty where nothing does."""
    m = case.measurements
    if case.context is not None and case.context.paced:
        return "the patient is paced: P waves and RR intervals do not tell"
    if m.p_wave_present and m.pr_ms is not None and m.pr_ms.spread <= STEADY_PR_MS:
        return f"a P wave precedes the beats by a constant {show(m.pr_ms.value)} ms"
    bad = [lead for lead in m.leads if lead.quality is not Quality.GOOD]
    if 2 * len(bad) > len(m.leads):
        return f"{len(bad)} of {len(m.leads)} leads are disturbed"
    if m.qrs_ms is not None and (m.qrs_ms.value > WIDEST_MS or m.qrs_ms.spread > STEADY_MS):
        return "the QRS is of no one width or wider than a conducted beat's: noise or beats of the ventricles may stand among the beats"
    coherence = case.beats.coherence
    if coherence is not None and coherence >= ONE_WAVE:
        return P_LIKE
    if _repeats(case):
        return _TWO_LENGTHS
    if is_patterned([b.rr_ms for b in m.beats]):
        return _PATTERN
    if coherence is not None and coherence >= NO_WAVE:
        return HALF_LIKE
    return EARLY_ALONE if coherence is not None and coherence >= SOME_WAVE and case.beats.regular_beneath else ""


def _repeats(case: Case) -> bool:
    """Whether nine of ten RR intervals are, within 4 %, one of two lengths: dropped or coupled beats, no fibrillation."""
    rr = [b.rr_ms for b in case.measurements.beats if b.rr_ms is not None]
    if len(rr) < 6:
        return False
    near = [{k for k, other in enumerate(rr) if abs(other - one) <= ALIKE * one} for one in rr]
    return max(len(a | b) for a in near for b in near) >= 0.9 * len(rr)


def _fibrillation(case: Case) -> None:
    m = case.measurements
    assert m.rate_bpm is not None
    spread = case.evidence(
        "RR standard deviation", m.rr_sd_ms or 0.0, "ms", criterion="irregular RR without P waves", source=_AF
    )
    text = f"Atrial fibrillation, {show(m.rate_bpm.value)} /min."
    case.say("164889003", "Atrial fibrillation", text, 0.8, _rate(case), spread)


def _rate(case: Case) -> Evidence:
    m = case.measurements
    assert m.rate_bpm is not None
    criterion = f"60 000 ms / mean of {m.rate_bpm.beats} RR intervals"
    return case.evidence("heart rate", m.rate_bpm, "/min", criterion=criterion, source=_AHA, beat=case.clear_beat())


def _rate_alone(case: Case, why: str) -> None:
    """The rate, and why the rhythm is not told."""
    case.withhold("rhythm", f"{VT_POSSIBLE}: {why}" if why not in _ATRIAL and _may_be_ventricular(case) else why)
    found = _rate(case)
    bpm = round(found.value)
    word = ": bradycardia" if bpm < 60 else ": tachycardia" if bpm > 100 else ""
    case.say("364075005", "Heart rate", f"Heart rate {show(found.value)} /min{word}.", 0.9, found)


def _may_be_ventricular(case: Case) -> bool:
    """Whether a fast rhythm of which the origin is not told has wide beats, or, much faster, some that are taken for ventricular ones."""
    m = case.measurements
    if m.rate_bpm is None or m.rate_bpm.value < FAST:
        return False
    wide = m.qrs_ms is not None and m.qrs_ms.value >= WIDE_MS and not edges_hidden(m)
    return wide or (m.rate_bpm.value >= FAST_WITH_BEATS and any(b.kind is BeatKind.VENTRICULAR for b in m.beats))


def _sinus(case: Case) -> None:
    m = case.measurements
    assert m.rate_bpm is not None
    bpm = m.rate_bpm.value
    # by the number as it is shown: no `bradycardia, 60 /min` is told of 59.6
    if round(bpm) > 100:
        code, name, criterion, limit = "427084000", "Sinus tachycardia", "sinus rhythm above 100 /min", 100.0
    elif round(bpm) < 60:
        code, name, criterion, limit = "426177001", "Sinus bradycardia", "sinus rhythm below 60 /min", 60.0
    else:
        code, name, criterion, limit = "426783006", "Sinus rhythm", "P before each QRS, 60 to 100 /min", None
    found = case.evidence("heart rate", m.rate_bpm, "/min", limit=limit, criterion=criterion, source=SVT)
    case.say(code, name, f"{name}, {show(bpm)} /min.", 0.8, found)


def _sinus_arrhythmia(case: Case) -> None:
    """How far the RR intervals differ, where more than early beats make them irregular."""
    usual, calm = case.beats.usual_ms, case.beats.calm_rr
    if usual is None or len(calm) < LEAST or statistics.pstdev(calm) <= IRREGULAR * statistics.median(calm):
        return
    if max(calm) > SINUS_SPAN * min(calm):
        return  # a beat that comes so early is none of the sinus node's, of whatever shape it looks
    rule = f"RR standard deviation > {100 * IRREGULAR:.0f} % of the median, P before each QRS"
    least, most = (
        case.evidence("RR interval", round(part * usual), "ms", criterion=rule, source=SVT)
        for part in (min(calm), max(calm))
    )
    text = f"Sinus arrhythmia: RR intervals of {show(least.value)} to {show(most.value)} ms."
    case.say(SINUS_ARRHYTHMIA, "Sinus arrhythmia", text, 0.6, least, most)
