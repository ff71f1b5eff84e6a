"""Numbers that are no value of a measure: a time of day, the constant of a division, a range of normal, how far a value lies beyond a limit."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.language.scope import Sentence
from engine.claims.numbers.runs import Run
from engine.claims.statement import Relation, Statement

NORMAL_RANGES: dict[str, frozenset[tuple[float, float]]] = {
    "rate": frozenset({(60.0, 100.0), (50.0, 100.0), (50.0, 90.0)}), "PR": frozenset({(120.0, 200.0), (110.0, 200.0), (120.0, 210.0)}),
    "QRS": frozenset({(60.0, 100.0), (70.0, 100.0), (80.0, 100.0), (60.0, 110.0), (70.0, 110.0), (80.0, 110.0), (60.0, 120.0), (70.0, 120.0), (80.0, 120.0)}),
    "QTc": frozenset((low, high) for low in (340.0, 350.0, 360.0) for high in (430.0, 440.0, 450.0, 460.0, 470.0)),
    "axis": frozenset({(-30.0, 90.0), (0.0, 90.0), (-30.0, 100.0), (-30.0, 105.0), (-30.0, 110.0)}),
}  # fmt: skip
"""Ranges of normal as they are printed (AHA/ACCF/HRS 2009), in the unit of the measure."""


def ranged(s: Sentence, told: list[Statement]) -> list[Statement]:
    """The numbers, those that are the ends of a range of normal as such: `the normal sector from -30 to +90 degrees`."""
    out = list(told)
    for k in range(len(told) - 1):
        a, b = told[k], told[k + 1]
        between = s.text[a.end : b.start].lower().strip(" °")
        if a.low is None or b.low is None or a.what != b.what or between not in ("to", "and", "-", "through", "up to"):
            continue
        times = 1000.0 if not a.unit and not b.unit and abs(b.low) < 3.0 else 1.0
        if (a.low * times, b.low * times) in NORMAL_RANGES.get(a.what, ()):
            out[k], out[k + 1] = (replace(one, relation=Relation.REFERENCE, negated=False) for one in (a, b))
    return out


_CLOCK = re.compile(r"[01]\d[0-5]\d|2[0-3][0-5]\d")


def is_clock(s: Sentence, run: Run) -> bool:
    """Whether a number that is said of nothing may be a time of day: `1200 strip`, `0830 entry`."""
    return run.unit is None and _CLOCK.fullmatch(s.tokens[run.first].what) is not None


_CONSTANTS = frozenset({60.0, 300.0, 1500.0, 60000.0})
"""What an RR interval is divided into to give a rate: seconds, large squares, small squares and milliseconds of a minute."""


_SIDES = ("below ", "above ", "under ", "over ", "beyond ", "short of ", "past ")


_NOUNS = frozenset(
    {"limit", "limits", "threshold", "cutoff", "cut-off", "criterion", "normal", "range", "mark", "bound"}
)


def _is_beside_limit(s: Sentence, run: Run) -> bool:
    """Whether a number says how far a value lies from a limit behind it: `40 ms below the limit`, `28 ms under 120`, not `0.1 mV below the baseline`."""
    ahead = s.tokens[run.last + 1 : run.last + 6]
    if not ahead:
        return False
    if ahead[0].kind == "quality":
        return s.said(ahead[0]).startswith(_SIDES) and bool(_NOUNS & set(s.said(ahead[0]).split()))
    if [t.what for t in ahead[1:2]] in (["R"], ["S"]):
        return False  # `R 1.25 mV over S 1.01 mV`
    return f"{ahead[0].what} ".startswith(_SIDES) and any(
        t.kind in ("number", "finding") or _NOUNS & set(s.said(t).split()) for t in ahead[1:]
    )


def _is_by(s: Sentence, run: Run) -> bool:
    """Whether a number is by how much a limit before it is passed: `exceeds 120 ms by 36 ms`."""
    k = run.first - 1
    while k > 0 and s.tokens[k].what in ("about", "only", "just", "some", "roughly"):
        k -= 1
    if k < 2 or s.tokens[k].what != "by":
        return False
    limit = k - 1 - (s.tokens[k - 1].kind == "unit")
    return s.tokens[limit].kind == "number" and s.tokens[limit - 1].kind in ("above", "below")


_WAYS = frozenset({"elevated", "depressed", "deviated", "inverted", "upright", "isoelectric"})


def is_difference(s: Sentence, run: Run) -> bool:
    """Whether a number says by how much a value is beyond a limit: `exceeds the upper limit by more than 10 ms`."""
    if run.unit is not None and _is_beside_limit(s, run):
        return True
    if any(t.what in ("margin", "reserve", "gap") for t in s.tokens[max(0, run.first - 3) : run.first]):
        return True
    first, _ = s.clause(run.first)
    if _is_by(s, run):
        return True
    near = [t.what for t in s.tokens[max(first, run.first - 4) : run.first]]
    if "by" not in near or any(t.kind == "number" for t in s.tokens[max(first, run.first - 4) : run.first]):
        return False
    before = s.tokens[first : run.first]
    by = max(k for k, t in enumerate(before) if t.what == "by")
    return any(
        t.kind in ("above", "below") or (t.kind == "quality" and t.what in ("increased", "reduced"))
        for t in before[:by]
    ) and any(
        t.kind == "reference" or (t.kind == "quality" and t.what not in _WAYS) or t.what in LIMIT_WORDS
        for t in before[:by]
    )


_POINTS_MS = frozenset({40.0, 60.0, 80.0})
_ST = frozenset({"ST", "ST at J", "ST elevation", "ST depression", "ST deviation", "isoelectric ST"})


def is_point_of_st(s: Sentence, run: Run) -> bool:
    """Whether a time names the point behind J at which an ST level is told: `the ST segment is still raised at 60 ms`."""
    if run.unit is None or run.unit.what != "ms" or run.low != run.high or run.low not in _POINTS_MS or not run.first:
        return False
    if s.tokens[run.first - 1].what not in ("at", "by", "after", "until", "("):
        return False
    before = [t.what for t in s.tokens[: run.first] if t.kind in ("measure", "finding")]
    at_j = re.search(r"\bat (?:the )?j\b", s.text[s.start : s.tokens[run.first].start], re.IGNORECASE) is not None
    return at_j or (before[-1] if before else s.subject) in _ST


def is_divided(s: Sentence, run: Run) -> bool:
    """Whether a bare number is the constant of a division: `dividing 60,000 by the mean RR interval`."""
    return run.low in _CONSTANTS and "divid" in s.text[s.start : s.end].lower()


LIMIT_WORDS = frozenset(
    {"usual", "normal", "range", "limit", "ceiling", "bound", "threshold", "cutoff", "cut-off", "maximum", "minimum"}
)
