"""Numbers that are the limit of a measure which they were not read of: what a text holds a value against is no value."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.claim import Claim, Verdict
from engine.claims.judging import number
from engine.claims.numbers.no_value import NORMAL_RANGES
from engine.claims.numbers.reading import said
from engine.claims.statement import Relation, Statement

_UNITS = {"rate": "/min", "PR": "ms", "QRS": "ms", "QTc": "ms", "axis": "deg", "sokolow": "mV", "P": "mV"}
_ABOVE: dict[str, frozenset[float]] = {
    "rate": frozenset({100.0}), "PR": frozenset({200.0}), "QRS": frozenset({100.0, 110.0, 120.0}), "QTc": frozenset({440.0, 450.0, 460.0, 470.0, 480.0, 500.0}),
    "axis": frozenset({90.0}), "sokolow": frozenset({3.5}), "P": frozenset({0.25}),
}  # fmt: skip
"""By measure the upper limits of normal (AHA/ACCF/HRS 2009), in the unit of the measure."""
_BELOW: dict[str, frozenset[float]] = {
    "rate": frozenset({60.0, 50.0}),
    "PR": frozenset({120.0}),
    "axis": frozenset({-30.0}),
}
"""By measure the lower ones."""
_ST_MV = frozenset({0.05, 0.1, 0.15, 0.2, 0.25})
"""Limits of an ST deviation (Fourth Universal Definition of Myocardial Infarction, 2018); of no lead in particular they bound nothing."""
_SQUARES_MM = 10.0
"""Millimetres of paper a millivolt."""


def is_of_another(text: str, statement: Statement, claim: Claim, basis: Basis) -> bool:
    """Whether a number is no value: a limit that is bound to no measure, or one on whose side another measure lies as it is said.

    `Convention sets the border at -30`; `because this exceeds the upper bound of 200 ms` behind a PR interval of 210 ms.
    """
    if statement.low is None or statement.high is None:
        return False
    if not statement.what and _is_low_voltage(statement):
        return True
    if not statement.what and statement.relation is not Relation.IS and _SHIFTED.search(text, 0, statement.start):
        ends = said(statement, "mV") if statement.unit in ("mV", "mm") else None
        return ends is not None and abs(ends[0]) in _ST_MV
    if not statement.what and any((statement.low, statement.high) in ranges for ranges in NORMAL_RANGES.values()):
        return True
    if statement.low != statement.high:
        return False
    if not statement.leads and is_bound_of_st(statement):
        return is_of_st(statement)
    if statement.negated:
        return False
    if statement.limit and claim.unit == "mV" and claim.value not in number.CRITERIA.get(claim.measure, ()):
        return claim.value in _VOLTAGES
    found = [what for what in _UNITS if _is_limit(statement, what)]
    if statement.relation is Relation.IS:
        return not statement.what and bool(found)
    own = claim.value in number.CRITERIA.get(claim.measure, ())
    if claim.measured is not None and (own or not statement.maybe or statement.what in found):
        return False  # what it was read of is held against its own limit
    judged = (number.judge(text, replace(statement, what=what, leads=(), maybe=(), detail=""), basis) for what in found)
    return any(one is not None and one.verdict is Verdict.AGREE for one in judged)


_VOLTAGES = frozenset({value for name, limits in number.CRITERIA.items() if name.endswith("voltage") for value in limits})  # fmt: skip
"""Limits of the voltage criteria: one that is named as a limit and is none of its own measure is that of another criterion."""
_LOW_MV = frozenset({0.5, 1.0})
"""Limits of low voltage in limb and chest leads (AHA/ACCF/HRS 2009)."""


def _is_low_voltage(statement: Statement) -> bool:
    """Whether a bound that is said of nothing is a limit of low voltage: `low voltage (less than 1.0 mV)`."""
    ends = said(statement, "mV") if statement.unit in ("mV", "mm") else None
    return statement.relation is not Relation.IS and ends is not None and ends[0] == ends[1] and ends[0] in _LOW_MV


_SHIFTED = re.compile(r"\b(?:elevated|depressed|raised|lowered|lifted|shifted|displaced)\b[^.;:]{0,40}$", re.IGNORECASE)
"""Leads that are said to be moved by less than a limit: `no limb lead is depressed by more than 0.1 mV`."""


def is_bound_of_st(statement: Statement) -> bool:
    """Whether a number bounds an ST level, or is denied."""
    return statement.what in ("ST", "ST at J") and (statement.negated or statement.relation is not Relation.IS)


def is_of_st(statement: Statement) -> bool:
    """Whether a number bounds an ST level by a limit that is in use: then it is no mistaken value, however far the level lies from it."""
    ends = said(statement, "mV")
    return is_bound_of_st(statement) and ends is not None and abs(ends[0]) in _ST_MV


def _is_limit(statement: Statement, what: str) -> bool:
    """Whether a number is a limit of this measure: behind `above` an upper one, behind `below` either."""
    own = _ABOVE.get(what, frozenset())
    if statement.relation is not Relation.ABOVE or what == "axis":
        own = own | _BELOW.get(what, frozenset())
    if not statement.unit and what == "sokolow" and statement.low is not None:
        return statement.low in own or statement.low / _SQUARES_MM in own
    ends = said(statement, _UNITS[what])
    return ends is not None and ends[0] in own
