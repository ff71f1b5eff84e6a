"""Numbers that words bind to one measure whatever their unit and what stands between: what a measure lasts, and what a formula gives."""

from __future__ import annotations

import re

from engine.claims.language.scope import Sentence
from engine.claims.numbers.runs import Run

_LEADS_TO_SIZE = frozenset({"last", "lasts", "lasted", "lasting", "amounts", "amount", "occupies", "occupy", "measure", "measures", "measuring", "completed", "duration", "width", "points", "pointing", "directed"})  # fmt: skip
_DIRECTED = frozenset({"points", "pointing", "directed"})
_NEAR = 5
"""Tokens before a number in which they stand."""
_WIDE = frozenset({"wide", "long"})
_GIVEN = re.compile(
    r"\b(?:bazett|fridericia|framingham|hodges)(?:'s)?(?: (?:formula|method|correction|value|figure))?"
    r" (?:gives|gave|yields|makes|returns|reads|comes to|amounts to|puts it at|would give)(?: (?:about|only|just|a|an|some|approximately|roughly))? $",
    re.IGNORECASE,
)


def is_its_size(s: Sentence, back: int, run: Run) -> bool:
    """Whether words say that a number is how large the measure at token `back` is: `the QRS complexes last 83 bpm`, `Q wave in III, 99 bpm wide`."""
    near = s.tokens[max(back + 1, run.first - _NEAR) : run.first]
    verb = next((k for k in range(len(near) - 1, -1, -1) if _LEADS_TO_SIZE & set(near[k].what.split())), None)
    if verb is not None:
        behind = near[verb + 1 :]
        return not any(t.kind in ("finding", "number", "break") for t in behind) and (
            near[verb].what in _DIRECTED or not any(t.what == "at" for t in behind)
        )
    between = s.tokens[back + 1 : run.first]
    apart = any(t.kind in ("finding", "number") or t.what in (";", "at") for t in between)
    return not apart and any(t.what in _WIDE for t in s.tokens[run.last + 1 : run.last + 2])


def is_given_by_formula(s: Sentence, run: Run) -> bool:
    """Whether a formula gives a number, which is a QTc then: `Fridericia gives 440 ms`."""
    return _GIVEN.search(s.text, s.start, s.tokens[run.first].start) is not None
