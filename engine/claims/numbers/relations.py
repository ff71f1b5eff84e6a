"""How a number is meant: as a value, as a bound from below or above, or as a limit of normal."""

from __future__ import annotations

import re

from engine.claims.language.scope import Sentence
from engine.claims.numbers.runs import Run
from engine.claims.statement import Relation

_LIMIT = re.compile(
    r"\b(?:(?P<low>below|under|beneath|short of|less than)|above|over|beyond|exceed\w*|more than|surpass\w*)\b.*\b(?:limit|threshold|cut-?off|criterion|mark)$"
)
"""A finding that is named by its limit, which the number behind it is: `above the Sokolow-Lyon limit of 3.5 mV`."""


def relation_of(s: Sentence, run: Run, reference: bool) -> Relation:
    """Whether a number is a value, a bound or a limit that something is held against."""
    if reference:
        return Relation.REFERENCE
    for token in reversed(s.tokens[max(0, run.first - 3) : run.first]):
        if token.kind in ("below", "above"):
            short = token.what in _SHORT_OF and run.high < 0
            below = (token.kind == "below" and not short) or (token.what == "beyond" and run.high < 0)
            return Relation.BELOW if below != s.negated[run.first - 1] else Relation.ABOVE
        if token.kind == "finding" and (side := _LIMIT.search(s.said(token))) is not None:
            return Relation.BELOW if (side["low"] is not None) != s.negated[run.first - 1] else Relation.ABOVE
        if token.kind in ("number", "measure", "break") or token.what == ",":
            break
    denied = bool(run.first) and s.negated[run.first - 1]
    if denied and {t.what for t in s.tokens[max(0, run.first - 5) : run.first]} & _REACH:
        return Relation.ABOVE if run.high < 0 else Relation.BELOW
    if denied and run.unit is not None and run.unit.what in ("mV", "mm") and _is_shift(s, run):
        return Relation.BELOW
    behind = [t.what for t in s.tokens[run.last + 1 : run.last + 3]]
    if behind[:1] in (["at most"], ["at least"]):
        return Relation.BELOW if behind[0] == "at most" else Relation.ABOVE
    if len(behind) == 2 and behind[0] in ("or", "and") and behind[1] in _OR_MORE | _OR_LESS:
        return Relation.BELOW if (behind[1] in _OR_LESS) != s.negated[run.first] else Relation.ABOVE
    return Relation.IS


_HARDLY = frozenset({"just", "slightly", "barely", "marginally", "narrowly", "fractionally", "little", "shade", "hair", "touch"})  # fmt: skip


def is_near(s: Sentence, run: Run) -> bool:
    """Whether the words before a bound say that the value lies close to it: `just under 100`, `marginally above the limit of 200 ms`."""
    for k in range(run.first - 1, max(-1, run.first - 7), -1):
        token = s.tokens[k]
        if token.kind in ("below", "above") or token.what in ("over", "under"):
            return any(t.what in _HARDLY for t in s.tokens[max(0, k - 1) : k])
        if token.kind in ("number", "break") or token.what == ",":
            return False
    return False


def _is_shift(s: Sentence, run: Run) -> bool:
    """Whether the number is that of an ST deviation which is denied: `no ST deviation of 1 mm`."""
    words = s.tokens[max(0, run.first - 3) : run.first]
    return any(t.what in ("deviated", "elevated", "depressed", "ST elevation", "ST depression") for t in words) and any(
        t.what in ("of", "by") for t in words
    )


_SHORT_OF = frozenset({"short of", "shy of", "not quite", "within"})
"""On the side of nothing of a limit, which is above it where that is negative."""
_REACH = frozenset({"reach", "reaches", "reaching", "reached", "attain", "attains", "touch", "touches", "approach", "make", "much", "cross", "crosses", "crossing", "crossed", "pass", "passes", "passing", "passed", "hit", "hits", "meet", "meets", "meeting"})  # fmt: skip
"""Words behind which a number that is denied is not reached: `does not reach 40 ms`, `no shift of as much as 0.1 mV`."""
_OR_MORE = frozenset({"more", "above", "greater", "higher", "beyond", "over", "longer"})
_OR_LESS = frozenset({"less", "below", "lower", "under", "smaller", "shorter"})
