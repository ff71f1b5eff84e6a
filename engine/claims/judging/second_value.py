"""A number of a measure that another number of its sentence is, or of nothing: it is looked for by its value among all that its unit and leads allow.

A measure is told once. Where one number is the value of a measure, another one that was read of it is most likely said of something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.judging import number
from engine.claims.judging.by_value import sentence_of
from engine.claims.numbers.cycles import intervals
from engine.claims.statement import Relation, Statement

DIGIT = {"ms": 1.5, "mV": 0.011, "deg": 1.0, "/min": 0.6, "1": 0.06, "beats": 0.0}
"""By unit how far a number that was rounded lies from what was measured, at most."""
_CYCLE_MS = 10.0
"""The same of a single RR interval, which is told in hundredths of a second."""
_OF_HEART = {"ms": ("RR", "PR", "QRS", "QT", "P", "RR SD"), "/min": ("rate",), "deg": ("axis",)}
_FORMULAE = ("bazett", "fridericia", "framingham", "hodges")
_WAVES = ("R", "S", "T", "Q", "P", "ST", "ST at J", "QRS")
_CYCLES = re.compile(r"\b(?:r-?r|cycles?|intervals?|beats?|spac\w+|distances?|rhythm|pauses?)\b", re.IGNORECASE)
_MEAN = re.compile(r"\b(?:mean|averag\w*|median|usual|typical\w*)\W+(?:\w+\W+){0,3}$", re.IGNORECASE)


def second_value(text: str, one: Statement, claim: Claim, others: Sequence[Claim], basis: Basis) -> Claim | None:
    """The claim of what a number is that stops its sentence; None where it is plainly bound or is nothing that was measured.

    claim: what it was read as; others: the other claims of its sentence.
    """
    if one.kind != "number" or one.negated or one.low is None or one.high is None:
        return None
    beside = [o for o in others if o.kind is not ClaimKind.FINDING and o.start != claim.start]
    told = [o for o in beside if o.verdict is Verdict.AGREE]
    if one.what == "RR" and one.detail not in ("", "each", "range"):
        return None  # the longest or the shortest
    if one.what == "RR" and any(o.measure == claim.measure for o in beside):
        return _cycles(text, one, basis)
    twice = any(o.measure == claim.measure and (o.leads == claim.leads or not o.leads) for o in told)
    if one.what and not twice:
        return None
    taken = {(o.measure, o.leads) for o in told}
    fits = (
        found
        for other in _candidates(text, one, basis)
        if (found := number.judge(text, other, basis)) is not None
        and found.verdict is Verdict.AGREE
        and (found.measure, found.leads) not in taken
        and is_to_the_digit(found)
    )
    return next(fits, None) or _cycles(text, one, basis)


def is_limit(one: Statement) -> bool:
    """Whether a number is no value: a reference, or a bound that textbooks print."""
    if one.relation is Relation.IS:
        return False
    printed = number.LIMITS.get(one.unit, frozenset())
    return one.relation is Relation.REFERENCE or one.limit or one.low is None or abs(one.low) in printed


def _candidates(text: str, one: Statement, basis: Basis) -> Iterator[Statement]:
    if one.relation is not Relation.IS or one.low != one.high:
        return
    plain = replace(one, loose=False, maybe=(), others=(), every=False, terms=(), detail="")
    for what in _OF_HEART.get(one.unit, ()):
        yield replace(plain, what=what, leads=())
    if one.unit == "ms":
        yield from (replace(plain, what="QTc", leads=(), detail=name) for name in _FORMULAE)
    if one.unit == "mV" and len(one.leads) == 1:
        way = "inverted" if (one.low or 0.0) < 0.0 else ""
        yield from (replace(plain, what=what, detail=way if what in ("P", "T") else "") for what in _WAVES)


def is_to_the_digit(claim: Claim) -> bool:
    """Whether a number is what was measured, but for its rounding; its sign is not looked at."""
    return claim.measured is not None and abs(abs(claim.value or 0.0) - abs(claim.measured)) <= DIGIT.get(
        claim.unit, 0.0
    )


def _cycles(text: str, one: Statement, basis: Basis) -> Claim | None:
    """A time that is one of the single cycles, or a range from one of them to another."""
    begin, end = sentence_of(text, one)
    if one.unit != "ms" or not _CYCLES.search(text, begin, end) or _MEAN.search(text, begin, one.start):
        return None
    every = intervals(basis)
    allowed = max(_CYCLE_MS, _rounded_ms(text[one.start : one.end]))
    if not all(any(abs(v - edge) <= allowed for v in every) for edge in (one.low or 0.0, one.high or 0.0)):
        return None
    each = replace(one, what="RR", leads=(), detail="each", relation=Relation.IS, loose=False, maybe=(), others=())
    return number.judge(text, replace(each, high=each.low), basis)


_SECONDS = re.compile(r"\d\.(\d+) ?s")


def _rounded_ms(said: str) -> float:
    """How far a time in seconds was rounded at most."""
    found = _SECONDS.search(said)
    return 0.0 if found is None else 500.0 * 10.0 ** -len(found[1])
