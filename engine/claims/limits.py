"""Limits that a sentence holds a value against: the bound that they make, and the finding that they are named for."""

from __future__ import annotations

from engine.claims.runs import Run
from engine.claims.scope import Sentence
from engine.claims.statement import Relation

_LIMIT_WORDS = frozenset({"limit", "threshold", "cutoff", "cut-off", "value", "mark", "upper", "lower", "usual", "normal", "the", "of", "a", "an", "accepted", "criterion", "bound", "ceiling", "maximum", "minimum"})  # fmt: skip


def beyond_limit(s: Sentence, run: Run) -> Relation | None:
    """`Below the limit of 450 ms`, `above the upper limit of 100`: the limit bounds what was measured."""
    limited = False
    for token in reversed(s.tokens[max(0, run.first - 7) : run.first]):
        if token.kind in ("below", "above"):
            below = (token.kind == "below") != s.negated[run.first - 1]
            return (Relation.BELOW if below else Relation.ABOVE) if limited else None
        words = s.said(token).split()
        limited = limited or any(
            w.rstrip("s") in ("limit", "threshold", "cutoff", "cut-off", "criterion", "bound", "ceiling") for w in words
        )
        if not set(words) <= _LIMIT_WORDS and token.kind not in ("quality", "reference"):
            return None
    return None


_LIMIT_OF = frozenset({"threshold", "thresholds", "limit", "limits", "cutoff", "cut-off", "criterion", "criteria", "definition", "mark"})  # fmt: skip
_BY_LOW = frozenset({"bradycardia", "sinus bradycardia", "short PR interval", "short QT", "low voltage"})
"""Findings that lie below their limit."""


def by_limit(s: Sentence, k: int) -> bool | None:
    """What a limit that is named for the finding at token k says of it: `exceeds the 120 ms threshold for bundle branch block`.

    True where the value lies on its side, False on the other, None where no value is held against its limit.
    """
    first = next((j for j in range(k - 1, max(-1, k - 6), -1) if s.tokens[j].what in ("for", "of", "defining")), None)
    if first is None or any(t.kind not in ("word", "quality") for t in s.tokens[first:k]):
        return None
    named = next(
        (j for j in range(first - 1, max(-1, first - 5), -1) if set(s.said(s.tokens[j]).split()) & _LIMIT_OF), None
    )
    if named is None:
        return None
    for j in range(named, max(-1, named - 8), -1):
        token = s.tokens[j]
        if token.kind in ("above", "below"):
            above = (token.kind == "above") != s.negated[j]
            return above != (s.tokens[k].what in _BY_LOW)
        if token.kind == "break" or (token.kind in ("measure", "finding") and j != named):
            return None
    return None
