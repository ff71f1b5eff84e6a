"""Numbers that words bind to one measure whatever their unit and what stands between: what a measure lasts, and what a formula gives."""

from __future__ import annotations

import re

from engine.claims.language.scope import Sentence
from engine.claims.numbers.runs import Run

_LEADS_TO_SIZE = frozenset({"last", "lasts", "lasted", "lasting", "amounts", "amount", "occupies", "occupy", "measure", "measures", "measuring", "completed", "duration", "width", "points", "pointing", "directed"})  # fmt: skip
_WIDE = frozenset({"wide", "long"})
_GIVEN = re.compile(
    r"\b(?:bazett|fridericia|framingham|hodges)(?:'s)?(?: (?:formula|method|correction|value|figure))?"
    r" (?:gives|gave|yields|makes|returns|reads|comes to|amounts to|puts it at|would give)(?: (?:about|only|just|a|an|some|approximately|roughly))? $",
    re.IGNORECASE,
)


def is_its_size(s: Sentence, back: int, run: Run) -> bool:
    """Whether words say that a number is how large the measure at token `back` is: `the QRS complexes last 83 bpm`, `Q wave in III, 99 bpm wide`."""
    between = s.tokens[back + 1 : run.first]
    if any(t.kind in ("finding", "number") or t.what in (";", "at") for t in between):
        return False
    told = any(_LEADS_TO_SIZE & set(t.what.split()) for t in between)
    return told or any(t.what in _WIDE for t in s.tokens[run.last + 1 : run.last + 2])


def is_given_by_formula(s: Sentence, run: Run) -> bool:
    """Whether a formula gives a number, which is a QTc then: `Fridericia gives 440 ms`."""
    return _GIVEN.search(s.text, s.start, s.tokens[run.first].start) is not None
