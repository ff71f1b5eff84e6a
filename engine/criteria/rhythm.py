"""Rate and rhythm."""

from __future__ import annotations

from engine.criteria.case import STEADY_MS, WIDEST_MS, Case, show
from engine.criteria.lead_set import untold_beats
from engine.interpretation import Evidence
from stream.catalogue import Code
from stream.episodes import IN_WAVES
from stream.measurement import BeatKind, Quality

_AHA = "Surawicz B et al., AHA/ACCF/HRS Recommendations Part III, J Am Coll Cardiol 2009;53:976-981"
_SVT = "Page RL et al., ACC/AHA/HRS Guideline, Circulation 2016;133:e506-e574"
_AF = "Hindricks G et al., ESC Guidelines on atrial fibrillation, Eur Heart J 2021;42:373-498"
_VA = "Al-Khatib SM et al., AHA/ACC/HRS Guideline, Circulation 2018;138:e272-e391"

_PULSES = "a pacing pulse stands before the QRS"

IRREGULAR = 0.1
"""Standard deviation of RR over its median above which a rhythm is called irregular."""
ALIKE = 0.04
STEADY_PR_MS = 20.0
_TWO_LENGTHS = (
    "the RR intervals are of two lengths (dropped or coupled beats, or a change of rate); P waves in pauses are not measured, "
    "so AV block of second degree is not told from other causes"
)

_LETHAL = {
    Code.ASYSTOLE: ("397829000", "Asystole", "time without a QRS complex"),
    Code.VFIB: ("71908006", "Ventricular fibrillation", "time of fibrillation"),
    Code.VTACH: ("25569003", "Ventricular tachycardia", "rate of the run"),
    Code.RAPID_VT: ("25569003", "Ventricular tachycardia", "rate of the run"),
    Code.VTACH_SUSTAINED: ("25569003", "Ventricular tachycardia", "time of tachycardia"),
}


def rhythm(case: Case) -> None:
    """Lethal rhythms as the trigger measured them, else atrial fibrillation, sinus rhythm by P waves, or what is unknown."""
    trigger = case.segment.trigger
    lethal = _LETHAL.get(case.code)
    if lethal is not None and trigger.value is not None:
        code, name, measure = lethal
        if IN_WAVES in trigger.text:
            measure = "rate of the waves"
        found = case.evidence(
            measure, trigger.value, trigger.unit, limit=trigger.limit, criterion=trigger.text, source=_VA
        )
        case.say(code, name, f"{name}: {measure} {show(trigger.value)} {trigger.unit}.", 0.9, found)
        return
    m = case.measurements
    if m.rate_bpm is None or len(m.beats) < 4:
        case.withhold("rate and rhythm", "fewer than four beats can be seen")
    elif case.paced:
        _pacing(case)
    else:
        _supraventricular(case)
    _ectopy(case)


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
    normal = sum(b.kind is not BeatKind.VENTRICULAR for b in m.beats) >= 0.8 * len(m.beats)
    looks_so = irregular and m.p_wave_present is False and normal and len(m.beats) >= 8
    if case.code is Code.AFIB_ONSET or looks_so:
        against = _against_fibrillation(case)
        if not against:
            _fibrillation(case)
            return
        case.withhold("atrial fibrillation", against)
        _rate_alone(case)
    elif m.p_wave_present and not irregular:
        _sinus(case)
    else:
        case.withhold("rhythm", _why_unknown(case, irregular))
        _rate_alone(case)


def _why_unknown(case: Case, irregular: bool) -> str:
    m = case.measurements
    assert m.rate_bpm is not None
    if irregular and _repeats(case):
        return _TWO_LENGTHS
    if irregular:
        return "the beats are irregular and not plainly fibrillating"
    if m.p_wave_present is None:
        return "P waves cannot be judged"
    if m.rate_bpm.value < 50:
        return "no P wave is tied to the beats: an escape rhythm, with or without complete AV block, cannot be told further"
    return "no P wave is seen"


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
        return "the QRS cannot be delineated: noise may stand for beats"
    if _repeats(case):
        return _TWO_LENGTHS
    return ""


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


def _rate_alone(case: Case) -> None:
    found = _rate(case)
    case.say("364075005", "Heart rate", f"Heart rate {show(found.value)} /min.", 0.9, found)


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
    found = case.evidence("heart rate", m.rate_bpm, "/min", limit=limit, criterion=criterion, source=_SVT)
    case.say(code, name, f"{name}, {show(bpm)} /min.", 0.8, found)


def _ectopy(case: Case) -> None:
    """Ventricular beats, counted; from few leads only under an alarm of them."""
    ventricular = [b for b in case.measurements.beats if b.kind is BeatKind.VENTRICULAR]
    if untold := untold_beats(case):
        case.withhold("ventricular beats", untold)
    elif ventricular:
        count = float(len(ventricular))
        found = case.evidence(
            "ventricular beats",
            count,
            "beats",
            beat=ventricular[-1].sample,
            criterion="wide, early, other shape",
            source=_VA,
        )
        case.say(
            "17338001", "Ventricular premature beats", f"Ventricular beats: {count:.0f} in ten seconds.", 0.7, found
        )
