"""One value that a sentence says twice: `five small squares (0.20 s)`, `5.4 small squares, that is 216 ms`."""

from __future__ import annotations

from dataclasses import replace

from engine.claims.language.scope import Sentence
from engine.claims.numbers.reading import MM_MV, SQUARE_MS
from engine.claims.statement import Statement

_AGAIN = frozenset({"(", "that", "is", "i.e", "i.e.", "ie", "=", ",", "or", "which", "equals", "equal", "to", "corresponds", "corresponding", "about", "."})  # fmt: skip
_ALLOWED = 0.04
"""Of a value that is rounded in one of its two units."""


def said_again(s: Sentence, found: list[Statement]) -> list[Statement]:
    """The numbers of a sentence; one that says a neighbour's value in another unit is said of what the neighbour is said of."""
    out = list(found)
    for k in range(len(out) - 1):
        here, ahead = out[k], out[k + 1]
        if here.unit == ahead.unit or not _same(here, ahead) or not _apposed(s, here, ahead):
            continue
        if here.what:
            out[k + 1] = _like(ahead, here)
        elif ahead.what:
            out[k] = _like(here, ahead)
    return out


def _like(one: Statement, other: Statement) -> Statement:
    return replace(one, what=other.what, leads=other.leads, loose=other.loose, relation=other.relation, detail=other.detail, negated=other.negated)  # fmt: skip


def _apposed(s: Sentence, here: Statement, ahead: Statement) -> bool:
    between = [t.what for t in s.tokens if here.end <= t.start < ahead.start]
    return bool(between) and set(between) <= _AGAIN and not (set(between) <= {",", "or", "to"})


def _same(here: Statement, ahead: Statement) -> bool:
    a, b = _values(here), _values(ahead)
    return any(x > 0 and abs(x - y) <= _ALLOWED * x for unit, x in a.items() for other, y in b.items() if unit == other)


def _values(one: Statement) -> dict[str, float]:
    """A number as a time and as a voltage, as far as its unit can be either."""
    value = abs(one.high or 0.0)
    if one.unit == "ms":
        return {"ms": value}
    if one.unit == "mV":
        return {"mV": value}
    if one.unit in ("mm", "small squares"):
        return {"ms": value * SQUARE_MS, "mV": value * MM_MV}
    return {}
