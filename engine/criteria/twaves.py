"""T waves that point down in two neighbouring leads in which those of healthy adults point up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.criteria.case import Case, listed, show
from engine.criteria.conduction import AHA_IV
from engine.criteria.lead_set import untold_width
from engine.criteria.myocardium import not_narrow
from engine.criteria.q_waves import UDMI
from ingest.frame import LEADS
from stream.certainty import edges_hidden
from stream.measurement import LeadMeasurements

T_MV, T_BEATS = -0.1, 3
"""Inverted from this amplitude on, in so many beats (Fourth universal definition; AHA/ACCF/HRS Recommendations Part IV)."""
INVERTED = "59931005"
"""SNOMED CT concept of an inverted T wave."""
T_WAVES = "T waves"
"""What is withheld of them."""
_NEIGHBOURS = (("I", "aVL"), ("II", "aVF"), ("V2", "V3"), ("V3", "V4"), ("V4", "V5"), ("V5", "V6"))
_ADULT = frozenset({"V3", "V4", "V5", "V6"})
ADULT_YEARS = 20.0
"""From this age on T points up in V3 to V6, whatever the QRS is there (AHA/ACCF/HRS Recommendations Part IV); elsewhere where R is the largest wave."""
_LIMB = frozenset({"I", "aVL", "II", "III", "aVF"})
_UPRIGHT_LIMB = frozenset({"I", "II"})
"""Of the limb leads those in which T of adults points up; in III, aVL and aVF it may point down (AHA/ACCF/HRS Recommendations Part IV)."""
_EITHER = ("III", "aVF")
_BESIDE = {"III": frozenset({"II", "aVF"}), "aVL": frozenset({"I"}), "V2": frozenset({"V3"})}
"""Leads in which T may point down in healthy adults, and those beside which it is named with them."""
_ALONE = ("I", "II", "V4", "V5", "V6")
"""Leads of which an inverted T is told as withheld where no neighbour has one."""


def t_waves(case: Case) -> None:
    """Inverted T waves; withheld where R is not the largest wave, as in the young and in a right bundle branch block, where III and aVF have them, or one lead alone."""
    m = case.measurements
    if case.not_conducted or case.gain or not_narrow(case) or untold_width(case):
        return  # the ST segment is withheld there with its reason, and T with it
    down = {
        lead.lead: lead
        for lead in m.leads
        if lead.t_mv is not None and lead.t_mv.value <= T_MV and lead.t_mv.beats >= T_BEATS
    }
    if case.turned:
        down = {name: lead for name, lead in down.items() if name not in _LIMB}
    pairs = [p for p in _NEIGHBOURS if down.keys() >= set(p)]
    borne = _leads_of(p for p in pairs if _is_borne(case, [down[n] for n in p]))
    alone = [n for n in _ALONE if n in down and (_upright(down[n]) or n not in _UPRIGHT_LIMB)]
    if hidden := edges_hidden(m):
        if named := _leads_of([*pairs, *((n, n) for n in alone)]):
            case.withhold(T_WAVES, f"they look inverted in {_numbers(down, named)}, and {hidden}")
    elif borne:
        _say(case, [down[n] for n in _with_neighbours(borne, down)])
    elif pairs:
        why = f"they are inverted in {_numbers(down, _leads_of(pairs))}, where R is not the largest wave"
        case.withhold(T_WAVES, why)
    elif down.keys() >= set(_EITHER):
        why = f"they are inverted in {_numbers(down, _EITHER)} and not in II: they may be so in healthy adults too"
        case.withhold(T_WAVES, why)
    elif alone:
        case.withhold(
            T_WAVES, f"they are inverted in {_numbers(down, alone)}, and two neighbouring leads are asked for"
        )


def _with_neighbours(borne: Sequence[str], down: Mapping[str, LeadMeasurements]) -> list[str]:
    """These leads with the neighbours that are inverted too, which by themselves would tell nothing."""
    beside = [n for n, others in _BESIDE.items() if n in down and others <= set(borne)]
    return [n for n in LEADS if n in borne or n in beside]


def _numbers(down: Mapping[str, LeadMeasurements], leads: Sequence[str]) -> str:
    return listed([f"{n} ({show(t.value)} mV)" for n in leads if (t := down[n].t_mv) is not None])


def _say(case: Case, leads: list[LeadMeasurements]) -> None:
    rule = f"T <= {T_MV} mV in two neighbouring leads of V3 to V6, or where R is the largest wave, of limb leads in I or II"
    found = [
        case.evidence("T wave", lead.t_mv, "mV", lead=lead.lead, limit=T_MV, criterion=rule, source=f"{UDMI}; {AHA_IV}")
        for lead in leads
        if lead.t_mv is not None
    ]
    deepest = min(found, key=lambda e: e.value)
    names = listed([e.lead for e in found])
    text = f"T wave inversion in {names}, {show(deepest.value)} mV in {deepest.lead}."
    case.say(INVERTED, "T wave inversion", text, 0.6, *found)


def _is_borne(case: Case, pair: list[LeadMeasurements]) -> bool:
    """Whether T of two neighbouring leads should point up."""
    adult = case.age_years is None or case.age_years >= ADULT_YEARS
    if limb := [m for m in pair if m.lead in _UPRIGHT_LIMB]:
        return all(_upright(m) for m in limb)
    return (adult and {m.lead for m in pair} <= _ADULT) or all(_upright(m) for m in pair)


def _upright(lead: LeadMeasurements) -> bool:
    """Whether R is the largest wave of the QRS."""
    down = max((abs(e.value) for e in (lead.q_mv, lead.s_mv) if e is not None), default=0.0)
    return lead.r_mv is not None and lead.r_mv.value > down


def _leads_of(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The leads of these pairs, each once, in the order of the twelve."""
    named = {n for p in pairs for n in p}
    return [n for n in LEADS if n in named]
