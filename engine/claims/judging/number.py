"""The verdict on one number: the measured value within the tolerance, another one, or nothing to hold it against."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.basis import RED_RHYTHMS, Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.judging.tolerance import EDGE, TOLERANCES, is_far, says_nothing
from engine.claims.judging.withheld import RATES, UNCONDUCTED_NUMBERS, without_number
from engine.claims.numbers.reading import Reading, dimension, reading, said
from engine.claims.statement import Relation, Statement

LIMITS: dict[str, frozenset[float]] = {
    "/min": frozenset({40, 50, 60, 90, 100, 120, 150}),
    "ms": frozenset({30, 40, 60, 70, 80, 90, 100, 110, 120, 130, 140, 160, 180, 200, 210, 220, 300, 320, 330, 340, 350, 360, 370, 380, 390, 400, 410, 420, 430, 440, 450, 460, 470, 480, 500, 600, 1000}),
    "deg": frozenset({-90, -45, -30, -15, 0, 90, 100, 105, 110, 120, 180}),
    "mV": frozenset({0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 0.7, 1.0, 1.1, 1.5, 2.0, 2.5, 2.8, 3.5}),
    "beats": frozenset(), "1": frozenset({1.0}),
}  # fmt: skip
"""Limits of normal that textbooks and guidelines print (AHA/ACCF/HRS Recommendations, J Am Coll Cardiol 2009;53:976-1011)."""
CRITERIA: dict[str, frozenset[float]] = {
    "Sokolow-Lyon voltage": frozenset({3.5}), "Cornell voltage": frozenset({2.0, 2.8}), "R I + S III voltage": frozenset({2.5}), "R/S ratio": frozenset({1.0}), "RR interval": frozenset({2000.0, 3000.0}), "QRS duration": frozenset({100.0, 110.0, 120.0}), "P amplitude": frozenset({0.25}), "R amplitude": frozenset({1.1}), "Q duration": frozenset({30.0, 40.0}), "Q amplitude": frozenset({0.1}), "ST level": frozenset({0.1}), "P duration": frozenset({110.0, 120.0}),
    "heart rate": frozenset({60.0, 100.0}), "PR interval": frozenset({120.0, 200.0}), "QTc": frozenset({440.0, 450.0, 460.0, 470.0, 480.0, 500.0}), "QRS axis": frozenset({-30.0, 90.0}),
}  # fmt: skip
"""Limits of hypertrophy, of bundle branch block and of the normal, mV, ms, /min and degrees: a bound by one of them says on which side the measured value lies."""
Sizes = tuple[tuple[float, float], ...]
_ABSOLUTE = ("S", "Q", "QS")
FAR = "the limits are so wide that they say nothing of what was measured"
"""Why a bound that holds is not told."""
DENIED = "a value that is denied says nothing of the one that was measured"
NO_LEAD = "no lead is named"
"""Why an amplitude cannot be held against anything."""
_THOUSANDS = (1000.0, 0.001)
_SCALES = (*_THOUSANDS, 10.0, 0.1)
"""Times which a value in a wrong unit is off: a millimetre is a tenth of a millivolt."""


def judge(text: str, statement: Statement, basis: Basis, telling: bool = True) -> Claim | None:
    """The claim that a number makes; None of a limit of normal as it is printed everywhere.

    telling: whether it is to be told, so that what the criteria withhold agrees with nothing.
    """
    unit = dimension(statement)
    found = reading(statement, basis if telling or statement.what != "Q" else basis.untold)
    ends = said(statement, unit)
    if statement.relation is Relation.REFERENCE:
        return _reference(text, statement, found, ends)
    if not statement.what:
        return _claim(
            text, statement, found, ClaimKind.NUMBER, Verdict.UNSUPPORTED, "it is not said of anything that is measured"
        )
    if statement.negated and statement.relation is Relation.IS:
        return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.UNSUPPORTED, DENIED)
    unjudged = found.measure not in RATES if basis.code in RED_RHYTHMS else found.measure in UNCONDUCTED_NUMBERS
    if basis.unconducted and unjudged and (telling or basis.code in RED_RHYTHMS):
        return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.UNSUPPORTED, basis.unconducted)
    if ends is None:
        why = f"{found.measure} is measured in {unit}, not in {statement.unit}"
        return _claim(text, statement, found, ClaimKind.UNIT, Verdict.DISAGREE, why)
    missing = [lead for lead in statement.leads if basis.lead(lead) is None]
    if missing and not statement.loose:
        why = f"{', '.join(missing)} was not measured"
        return _claim(text, statement, found, ClaimKind.LEAD, Verdict.UNSUPPORTED, why)
    if not found.values:
        return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.UNSUPPORTED, found.why_not)
    if telling and (withheld := without_number(found.measure, basis)):
        return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.UNSUPPORTED, withheld)
    return _against(text, statement, found, *_sizes(statement, ends, found))


_IS_FAR = re.compile(r"\bfar\b", re.IGNORECASE)


def _reference(text: str, statement: Statement, found: Reading, ends: tuple[float, float] | None) -> Claim | None:
    if (
        statement.negated
        and ends is not None
        and _IS_FAR.search(text, max(0, statement.start - 24), statement.start) is not None
        and any(_off(v, ends) <= TOLERANCES[found.measure].of(v) for v in found.values)
    ):
        return _claim(
            text, statement, found, ClaimKind.NUMBER, Verdict.DISAGREE, "the measured value is not far from it"
        )
    known = LIMITS.get(found.unit, frozenset())
    if ends is not None and all(abs(end) in known or end in known or round(end, 2) in known for end in ends):
        return None
    if ends is not None and ends[0] == ends[1] and found.values:
        size, sizes = _sizes(statement, ends, found)
        if any(_off(v, size) <= TOLERANCES[found.measure].of(v) for v, _ in sizes):
            return _against(text, replace(statement, relation=Relation.IS), found, size, sizes)
    why = "it is no limit of normal that is in use"
    return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.UNSUPPORTED, why)


def _sizes(statement: Statement, ends: tuple[float, float], found: Reading) -> tuple[tuple[float, float], Sizes]:
    """What is said and what was measured as sizes, where the words give the sign: a depression of 1 mm, an S or inverted T wave of 0.2 mV.

    Each measured value stands behind its size, as it is shown.
    """
    words, values = statement.detail.split(), found.values
    size = min(abs(ends[0]), abs(ends[1])), max(abs(ends[0]), abs(ends[1]))
    if statement.what in _ABSOLUTE:
        return size, tuple((abs(v), abs(v)) for v in values)
    bound = statement.relation in (Relation.BELOW, Relation.ABOVE)
    if statement.what in ("ST", "ST at J"):
        ways = {"depressed", "elevated"} & set(words)
        if ends[0] >= 0 and (("unsigned" in words and max(values) < 0) or (bound and len(ways) != 1)):
            return size, tuple((abs(v), v) for v in values)
        down = ways == {"depressed"}
    else:
        down = statement.what in ("P", "T") and "inverted" in words and max(values) < 0 and not (bound and ends[0] < 0)
    return (size, tuple((-v, v) for v in values)) if down else (ends, tuple((v, v) for v in values))


def _against(text: str, statement: Statement, found: Reading, ends: tuple[float, float], sizes: Sizes) -> Claim:
    values = tuple(size for size, _ in sizes)
    best, shown = min(sizes, key=lambda one: _off(one[0], ends))
    if statement.relation is Relation.IS:
        allowed = TOLERANCES[found.measure].of(best)
        if statement.what == "RR" and statement.detail == "range":
            return _ends(text, statement, found, ends)
        if ends[1] - ends[0] > 2.0 * allowed and not _spans(statement, found, ends, values):
            return _within(text, statement, found, ends, values)
        near = [_off(v, ends) <= TOLERANCES[found.measure].of(v) + 1e-9 for v in values]
        several = ends[0] < ends[1] and len(statement.leads) > 1 and not statement.loose
        fits = all(near) if several else any(near)
        if fits and _is_of_others(statement, values, ends):
            fits = False
        elif not fits and len(statement.leads) > 1:
            fits = min(values) - allowed <= ends[0] and ends[1] <= max(values) + allowed
    else:
        allowed = EDGE[found.unit]
        below = statement.relation is Relation.BELOW
        if statement.every:
            best, shown = (max if below else min)(sizes)
        holds = [v < ends[1] + allowed if below else v > ends[0] - allowed for v in values]
        fits = all(holds) if statement.every else any(holds)
    criterion = statement.limit or (ends[0] == ends[1] and ends[0] in CRITERIA.get(found.measure, ()))
    if fits and statement.relation is not Relation.IS and not criterion and says_nothing(best, ends, found.unit):
        return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.UNSUPPORTED, FAR)
    if fits and statement.unit == "mm" and _HUNDREDTHS.search(text, statement.start, statement.end):
        fits = not any(_off(v, (statement.low or 0.0, statement.high or 0.0)) <= allowed for v in values)
    if fits and statement.near and is_far(best, ends, found.unit):
        why = f"measured: {shown:g} {found.unit}, which is not close to it"
        return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.DISAGREE, why, shown, allowed)
    if fits:
        why = f"measured: {shown:g} {found.unit}"
        return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.AGREE, why, shown, allowed)
    scales = _SCALES if found.unit == "mV" else _THOUSANDS
    scaled = statement.unit != "" and any(_off(best, (ends[0] * k, ends[1] * k)) <= allowed for k in scales)
    kind = ClaimKind.UNIT if scaled and statement.relation is Relation.IS else ClaimKind.NUMBER
    why = f"measured: {shown:g} {found.unit}, which is more than {allowed:g} {found.unit} away"
    if statement.relation is not Relation.IS:
        why = f"measured: {shown:g} {found.unit}"
    return _claim(text, statement, found, kind, Verdict.DISAGREE, why, shown, allowed)


_HUNDREDTHS = re.compile(r"\d\.\d\d")
"""Of millimetres nobody reads them: a number that has them and is as many millivolts is in the wrong unit."""
_UNLIKE, _UNLIKE_MV = 0.5, 0.15
"""How far a lead may lie from the one value that is told of several: half of that, or 0.15 mV (our own, for `about 1 mV in V4 to V6`)."""


def _is_of_others(statement: Statement, values: tuple[float, ...], ends: tuple[float, float]) -> bool:
    """Whether one value is told of several leads by name of which one is plainly otherwise: `0.3 mV in V5, V6 and V1`."""
    if not statement.every or ends[0] != ends[1] or statement.what not in ("R", "S", "T"):
        return False
    return any(abs(v - ends[0]) > max(_UNLIKE * abs(ends[0]), _UNLIKE_MV) for v in values)


def _within(
    text: str, statement: Statement, found: Reading, ends: tuple[float, float], values: tuple[float, ...]
) -> Claim:
    """A range so wide that it needs no tolerance: `between 60 and 100 bpm`."""
    best, edge = min(values, key=lambda v: _off(v, ends)), EDGE[found.unit]
    verdict = Verdict.AGREE if _off(best, ends) <= edge else Verdict.DISAGREE
    if verdict is Verdict.AGREE and says_nothing(best, ends, found.unit):
        return _claim(text, statement, found, ClaimKind.NUMBER, Verdict.UNSUPPORTED, FAR)
    why = f"measured: {best:g} {found.unit}"
    return _claim(text, statement, found, ClaimKind.NUMBER, verdict, why, best, edge)


def _ends(text: str, statement: Statement, found: Reading, ends: tuple[float, float]) -> Claim:
    """A range that tells the shortest and the longest of what was measured: `RR from 0.74 to 1.03 s`."""
    pairs, of = list(zip(found.values[::2], found.values[1::2], strict=True)), TOLERANCES[found.measure].of
    fits = any(all(abs(end - v) <= of(v) for end, v in zip(ends, pair, strict=True)) for pair in pairs)
    low, high = pairs[0]
    why = f"measured: {low:g} to {high:g} {found.unit}"
    verdict = Verdict.AGREE if fits else Verdict.DISAGREE
    return _claim(text, statement, found, ClaimKind.NUMBER, verdict, why, low, of(low))


def _spans(statement: Statement, found: Reading, ends: tuple[float, float], values: tuple[float, ...]) -> bool:
    """Whether a range of several leads runs from the smallest to the largest of their values: `0.2 to 1.4 mV in V1-V4`."""
    if len(statement.leads) < 2 or len(values) < 2:
        return False
    measured, allowed = (min(values), max(values)), TOLERANCES[found.measure]
    return all(abs(end - value) <= allowed.of(value) for end, value in zip(ends, measured, strict=True))


def _off(value: float, ends: tuple[float, float]) -> float:
    """How far a value lies outside a range."""
    return max(ends[0] - value, value - ends[1], 0.0)


def _claim(
    text: str,
    statement: Statement,
    found: Reading,
    kind: ClaimKind,
    verdict: Verdict,
    why: str,
    measured: float | None = None,
    allowed: float | None = None,
) -> Claim:
    ends = said(statement, found.unit)
    beats = found.beats if measured is not None else ()
    samples = None
    if beats:
        middle = min(beats, key=lambda sample: abs(sample - 2500))
        samples = (
            (0, 4999)
            if found.measure in ("heart rate", "RR interval", "ventricular beats")
            else (max(0, middle - 150), min(4999, middle + 250))
        )
    return Claim(
        kind, text[statement.start : statement.end], statement.start, statement.end, found.measure, statement.leads,
        ends[0] if ends is not None else statement.low, found.unit if ends is not None else statement.unit,
        verdict, measured, beats, samples, allowed, why,
    )  # fmt: skip
