"""Rate and rhythm."""

from __future__ import annotations

from engine.criteria.case import Case, show
from stream.catalogue import Code
from stream.measurement import BeatKind

_AHA = "Surawicz B et al., AHA/ACCF/HRS Recommendations Part III, J Am Coll Cardiol 2009;53:976-981"
_SVT = "Page RL et al., ACC/AHA/HRS Guideline, Circulation 2016;133:e506-e574"
_AF = "Hindricks G et al., ESC Guidelines on atrial fibrillation, Eur Heart J 2021;42:373-498"
_VA = "Al-Khatib SM et al., AHA/ACC/HRS Guideline, Circulation 2018;138:e272-e391"

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
        found = case.evidence(
            measure, trigger.value, trigger.unit, limit=trigger.limit, criterion=trigger.text, source=_VA
        )
        case.say(code, name, f"{name}: {measure} {show(trigger.value)} {trigger.unit}.", 0.9, found)
        return
    _ectopy(case)
    m = case.measurements
    if m.rate_bpm is None or len(m.beats) < 4:
        case.withhold("rate and rhythm", "fewer than four beats can be seen")
        return
    _supraventricular(case)


def _supraventricular(case: Case) -> None:
    m = case.measurements
    assert m.rate_bpm is not None
    rate = case.evidence("heart rate", m.rate_bpm, "/min", source=_AHA)
    irregular = (m.rr_sd_ms or 0.0) > 0.1 * (m.rr_ms.value if m.rr_ms else 1e9)
    normal = sum(b.kind is not BeatKind.VENTRICULAR for b in m.beats) >= 0.8 * len(m.beats)
    if case.code is Code.AFIB_ONSET or (irregular and m.p_wave_present is False and normal and len(m.beats) >= 8):
        spread = case.evidence(
            "RR standard deviation", m.rr_sd_ms or 0.0, "ms", criterion="irregular RR without P waves", source=_AF
        )
        case.say(
            "164889003",
            "Atrial fibrillation",
            f"Atrial fibrillation, {show(m.rate_bpm.value)} /min.",
            0.8,
            rate,
            spread,
        )
    elif m.p_wave_present and not irregular:
        _sinus(case)
    elif m.p_wave_present is None:
        case.withhold("rhythm", "P waves cannot be judged")
    else:
        reason = "the beats are irregular and not plainly fibrillating" if irregular else "no P wave is seen"
        case.withhold("rhythm", reason)
        case.say("364075005", "Heart rate", f"Heart rate {show(m.rate_bpm.value)} /min.", 0.9, rate)


def _sinus(case: Case) -> None:
    m = case.measurements
    assert m.rate_bpm is not None
    bpm = m.rate_bpm.value
    if bpm > 100:
        code, name, criterion, limit = "427084000", "Sinus tachycardia", "sinus rhythm above 100 /min", 100.0
    elif bpm < 60:
        code, name, criterion, limit = "426177001", "Sinus bradycardia", "sinus rhythm below 60 /min", 60.0
    else:
        code, name, criterion, limit = "426783006", "Sinus rhythm", "P before each QRS, 60 to 100 /min", None
    found = case.evidence("heart rate", m.rate_bpm, "/min", limit=limit, criterion=criterion, source=_SVT)
    case.say(code, name, f"{name}, {show(bpm)} /min.", 0.8, found)


def _ectopy(case: Case) -> None:
    """Ventricular beats, counted."""
    ventricular = [b for b in case.measurements.beats if b.kind is BeatKind.VENTRICULAR]
    if ventricular:
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
