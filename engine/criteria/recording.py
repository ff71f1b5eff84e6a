"""How ten seconds were recorded, as far as the measurements doubt it: the gain, and the arm leads."""

from __future__ import annotations

from engine.criteria.case import NOT_CONDUCTED, Case, listed, show
from engine.criteria.cut_off import cut_off
from engine.criteria.doubt import TURNED_MVMS, TURNED_P_MV, TURNED_T_MV, Turned
from engine.interpretation import Evidence
from stream.measurement import Estimate, LeadMeasurements
from stream.trigger import Segment

_AHA_I = "Kligfield P et al., AHA/ACC/HRS Recommendations Part I, J Am Coll Cardiol 2007;49:1109-1127"
AMPLITUDES, LIMB_LEADS, CHEST_LEADS = "amplitudes", "limb leads", "chest leads"
"""What is withheld of a recording whose gain, arm leads or chest leads are in doubt."""
LEAD_OF, LEADS_OF = "lead", "leads"
"""How the name of what is withheld begins where nothing is measured in a lead, or in several."""
REVERSED = "251139008"
"""Arm leads that may be exchanged, as SNOMED CT has it."""
_RULE = "P and QRS point down in I, with T, or QRS up in aVR; or QRS down in I and up in V6, with T, or QRS up in aVR, and P of I not up"
_LEAST = {"QRS net area": TURNED_MVMS, "P amplitude": TURNED_P_MV, "T amplitude": TURNED_T_MV}


def recording(case: Case) -> None:
    """Doubts about the recording, told before anything that rests on it."""
    blank = unmeasured(case.segment)
    if blank and len(blank) < len(case.segment.measured) and case.code not in NOT_CONDUCTED:
        name = f"{LEADS_OF} {listed(blank)}" if len(blank) > 1 else f"{LEAD_OF} {blank[0]}"
        case.withhold(name, f"no QRS can be measured there, so nothing is said of {'them' if len(blank) > 1 else 'it'}")
    if doubt := case.gain or cut_off(case.segment, case.measurements):
        case.withhold(AMPLITUDES, doubt)
    if case.turned:
        case.withhold(LIMB_LEADS, case.turned.value)
        _told(case)
    if case.exchanged is not None:
        case.withhold(CHEST_LEADS, exchange(case))


def unmeasured(segment: Segment) -> tuple[str, ...]:
    """Leads of a measured segment that came and show no QRS: flat or disturbed ones."""
    if segment.measurements is None:
        return ()
    told = {
        m.lead for m in segment.measurements.leads if m.r_mv is not None or m.s_mv is not None or m.q_mv is not None
    }
    return tuple(lead for lead in segment.measured if lead not in told)


def exchange(case: Case) -> str:
    """Why nothing rests on two chest leads in their places; empty where they are not in doubt."""
    if case.exchanged is None:
        return ""
    first, second = case.exchanged
    return f"{first} and {second} may be exchanged, for in each other's place they would be more like their neighbours"


def _told(case: Case) -> None:
    """The finding, with every number that bears it, and those of the chest leads that tell why."""
    one, right = case.lead("I"), case.lead("aVR")
    assert one is not None
    assert right is not None
    own = _numbers(case, "I", one)
    other = _numbers(case, "aVR", right)
    chest = [
        case.evidence("R amplitude", m.r_mv, "mV", lead=name, criterion="R from V1 to V6", source=_AHA_I)
        for name in ("V1", "V5", "V6")
        if (m := case.lead(name)) is not None and m.r_mv is not None
    ]
    why = {
        Turned.ARMS: "the chest leads are as usual",
        Turned.HEART: "R does not grow from V1 to V6, so that dextrocardia is to be thought of",
    }.get(case.turned, "no chest leads tell it from dextrocardia")
    text = f"Possible limb lead reversal, for the arms: {_listed('I', own)}; {_listed('aVR', other)}; {why}."
    case.say(REVERSED, "Possible limb lead reversal", text, 0.6, *own, *other, *chest)


def _numbers(case: Case, lead: str, m: LeadMeasurements) -> list[Evidence]:
    known = (("P amplitude", m.p_mv), ("QRS net area", m.qrs_area_mvms), ("T amplitude", m.t_mv))
    sign = 1.0 if lead == "aVR" else -1.0
    return [
        case.evidence(
            name, value, value.unit, lead=lead, limit=_limit(name, value, sign), criterion=_RULE, source=_AHA_I
        )
        for name, value in known
        if value is not None
    ]


def _limit(name: str, value: Estimate, sign: float) -> float | None:
    """That a number reaches, None of one that does not."""
    return sign * _LEAST[name] if sign * value.value >= _LEAST[name] else None


def _listed(lead: str, told: list[Evidence]) -> str:
    words = ", ".join(f"{e.measure.removesuffix(' amplitude')} {show(e.value)} {e.unit}" for e in told)
    return f"in {lead} {words}"
