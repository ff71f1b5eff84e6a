"""What a text finds and the measurements do not show, though they do not speak against it: its other marks are not measured.

It is withheld with this reason, and not contradicted. What is named of its marks is: Q waves, an acute infarct, ST depression in a lead, voltages.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.claims.basis import Basis
from engine.claims.statement import Statement
from engine.criteria.case import TERRITORIES
from stream.measurement import BeatKind

INFARCT = "not shown by what was measured: no Q waves and no ST elevation in two leads of a wall"
"""An infarct of another stage or size has neither."""
TAKEN_FOR = "the monitor path took a beat for ventricular that the criteria do not"
"""By its shape alone neither is sure (`engine/criteria/beats.py`)."""
HYPERTROPHY = "not shown by the voltages, by which a hypertrophy is seen only sometimes"
"""The voltage criteria see a fifth to a half of the hypertrophied hearts (Hancock 2009, J Am Coll Cardiol 53, 992-1002)."""
SLOPE = "two leads of a wall are depressed by 0.05 mV and more, where the slope decides whether it is one"
SLIGHT_MV = -0.05
"""Depression from which on it may be one by its slope (Fourth universal definition)."""
_HYPERTROPHY = frozenset({"left ventricular hypertrophy", "ventricular hypertrophy"})
_BESIDE = 60
"""Characters around a finding, within its sentence, in which the word voltage makes it one of the voltages."""


def not_shown(text: str, statement: Statement, basis: Basis) -> str:
    """Why a finding that is affirmed, and not borne, is not contradicted; empty where it is."""
    if statement.what == "infarct":
        return INFARCT
    if statement.what == "ventricular ectopy" and basis.count(BeatKind.VENTRICULAR):
        return TAKEN_FOR
    if statement.what in _HYPERTROPHY:
        before, behind = text[: statement.start].rsplit(". ", 1)[-1], text[statement.end :].split(". ", 1)[0]
        return "" if "voltage" in f"{before[-_BESIDE:]} {behind[:_BESIDE]}".lower() else HYPERTROPHY
    return SLOPE if statement.what == "ST depression" and not statement.leads and slightly_down(basis) else ""


def slightly_down(basis: Basis, leads: Sequence[str] = ()) -> bool:
    """Whether two leads of a wall have an ST level of the limit of the Fourth universal definition, which asks for a slope too; one of them among these leads, where any are named."""
    levels = {one.lead: one.st_j60_mv.value for one in basis.m.leads if one.st_j60_mv is not None}
    walls = [[lead for lead in wall if levels.get(lead, 0.0) <= SLIGHT_MV] for wall in TERRITORIES.values()]
    return any(len(low) >= 2 and (not leads or bool(set(low) & set(leads))) for low in walls)
