"""T waves that point down in two neighbouring leads in which those of healthy adults point up."""

from __future__ import annotations

from engine.criteria.case import Case, show
from engine.criteria.doubt import leads_disagree
from engine.criteria.lead_set import untold_width
from stream.certainty import edges_hidden
from stream.measurement import LeadMeasurements

T_MV, T_BEATS = -0.1, 3
"""Inverted from this amplitude on, in so many beats (Fourth universal definition; AHA/ACCF/HRS Recommendations Part IV)."""
INVERTED = "59931005"
"""SNOMED CT concept of an inverted T wave."""
WIDE_MS = 120.0
_NEIGHBOURS = (("I", "aVL"), ("II", "aVF"), ("V2", "V3"), ("V3", "V4"), ("V4", "V5"), ("V5", "V6"))
_ADULT = frozenset({"V3", "V4", "V5", "V6"})
ADULT_YEARS = 20.0
"""From this age on T points up in V3 to V6, whatever the QRS is there (AHA/ACCF/HRS Recommendations Part IV); elsewhere where R is the largest wave."""
_LIMB = frozenset({"I", "aVL", "II", "aVF"})
_AHA_IV = "Rautaharju PM et al., AHA/ACCF/HRS Recommendations Part IV, J Am Coll Cardiol 2009;53:982-991"
_UDMI = "Thygesen K et al., Fourth universal definition of myocardial infarction, Circulation 2018;138:e618-e651"


def t_waves(case: Case) -> None:
    """Inverted T waves; withheld where two neighbouring leads have them and R is not the largest wave of both, as in the young and in a right bundle branch block."""
    m = case.measurements
    qrs = m.qrs_ms
    wide = qrs is not None and (qrs.value >= WIDE_MS or leads_disagree(m))
    if case.not_conducted or case.gain or wide or untold_width(case) or edges_hidden(m):
        return  # the ST segment is withheld there with its reason, and T with it
    down = {
        lead.lead: lead
        for lead in m.leads
        if lead.t_mv is not None and lead.t_mv.value <= T_MV and lead.t_mv.beats >= T_BEATS
    }
    pairs = [p for p in _NEIGHBOURS if down.keys() >= set(p) and not (case.turned and _LIMB & set(p))]
    borne = sorted({n for p in pairs if _is_borne(case, [down[n] for n in p]) for n in p}, key=_order)
    if borne:
        _say(case, [down[n] for n in borne])
    elif pairs:
        leads = _listed(sorted({n for p in pairs for n in p}, key=_order))
        case.withhold("T waves", f"they are inverted in {leads}, where R is not the largest wave")


def _say(case: Case, leads: list[LeadMeasurements]) -> None:
    rule = f"T <= {T_MV} mV in two neighbouring leads of V3 to V6, or whose largest wave is R"
    found = [
        case.evidence(
            "T wave", lead.t_mv, "mV", lead=lead.lead, limit=T_MV, criterion=rule, source=f"{_UDMI}; {_AHA_IV}"
        )
        for lead in leads
        if lead.t_mv is not None
    ]
    deepest = min(found, key=lambda e: e.value)
    names = _listed([e.lead for e in found])
    text = f"T wave inversion in {names}, {show(deepest.value)} mV in {deepest.lead}."
    case.say(INVERTED, "T wave inversion", text, 0.6, *found)


def _is_borne(case: Case, pair: list[LeadMeasurements]) -> bool:
    """Whether T of two neighbouring leads should point up."""
    adult = case.age_years is None or case.age_years >= ADULT_YEARS
    return (adult and {m.lead for m in pair} <= _ADULT) or all(_upright(m) for m in pair)


def _upright(lead: LeadMeasurements) -> bool:
    """Whether R is the largest wave of the QRS."""
    down = max((abs(e.value) for e in (lead.q_mv, lead.s_mv) if e is not None), default=0.0)
    return lead.r_mv is not None and lead.r_mv.value > down


def _listed(leads: list[str]) -> str:
    """`V3, V4 and V5`; of at least two."""
    return f"{', '.join(leads[:-1])} and {leads[-1]}"


def _order(lead: str) -> int:
    return ("I", "aVL", "II", "aVF", "V2", "V3", "V4", "V5", "V6").index(lead)
