"""Limits that a sentence holds a value against: the bound that they make, and the finding that they are named for."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.numbers.runs import Run
from engine.claims.statement import Relation, Statement

_LIMIT_OF = frozenset({"threshold", "thresholds", "limit", "limits", "cutoff", "cut-off", "criterion", "criteria", "definition", "mark"})  # fmt: skip
_ASKED = frozenset({"needed", "required", "necessary", "demanded", "asked", "expected", "diagnostic", "typical"})
"""Said of a number they make it a limit: `the 120 ms needed for bundle branch block`."""
_BY_LOW = frozenset({"bradycardia", "sinus bradycardia", "short PR interval", "short QT", "low voltage"})
"""Findings that lie below their limit."""


def by_limit(s: Sentence, k: int) -> bool | None:
    """What a limit that is named for the finding at token k says of it: `exceeds the 120 ms threshold for bundle branch block`.

    True where the value lies on its side, False on the other, None where no value is held against its limit.
    """
    first = next((j for j in range(k - 1, max(-1, k - 6), -1) if _is_for(s, j)), None)
    if first is None or any(t.kind not in ("word", "quality") for t in s.tokens[first + 1 : k]):
        return None
    named = next(
        (j for j in range(first, max(-1, first - 5), -1) if set(s.said(s.tokens[j]).split()) & (_LIMIT_OF | _ASKED)),
        None,
    )
    if named is None:
        return None
    for j in range(named, max(-1, named - 8), -1):
        token = s.tokens[j]
        side = s.said(token).split()[0] if token.kind == "quality" else token.kind
        if token.what in ("inside", "within"):
            return s.negated[j]
        if side == "short":
            side = "below" if s.said(token).startswith("short of") else ""
        if side in ("above", "below", "under", "over", "beyond"):
            above = (side in ("above", "over", "beyond")) != s.negated[j]
            return above != (s.tokens[k].what in _BY_LOW)
        if token.kind == "break" or (token.kind in ("measure", "finding") and j != named):
            return None
    return None


def _is_for(s: Sentence, j: int) -> bool:
    """Whether a token leads from a limit to what it is named for: `for`, `needed for`."""
    said = s.said(s.tokens[j]).split()
    return s.tokens[j].what in ("for", "of", "defining") or (said[-1:] in (["for"], ["of"]) and said[0] in _ASKED)


_NOUNS = frozenset({"limit", "limits", "threshold", "thresholds", "cutoff", "cut-off", "criterion", "criteria", "mark", "border", "boundary", "bound", "ceiling"})  # fmt: skip
_REACHED = re.compile(
    r"(?P<not>\b(?:not|never|nor)\b|n't\b)?(?: (?:yet|quite|been|be|being|\w+ly))* ?\b(?:reached|exceeded|met|fulfilled|attained|passed|surpassed|crossed|satisfied)\b",
    re.IGNORECASE,
)
_REACHING = frozenset({"reach", "reaches", "reaching", "attain", "attains", "attaining", "meet", "meets", "meeting", "fulfil", "fulfils", "fulfilling", "satisfies", "satisfying", "touches", "touch", "passes", "passing", "pass"})  # fmt: skip


_LESS = frozenset({"shorter", "less", "lower", "smaller", "narrower", "briefer", "slower"})
_PAST = frozenset({"over", "past", "beyond"})
_INSIDE = frozenset({"under", "beneath", "within", "inside"})
"""Before a limit they place a value though no number stands right behind them: `over the upper limit of 200 ms`."""


def is_named_limit(s: Sentence, run: Run) -> bool:
    """Whether a number is called a limit: `the 1.1 mV voltage criterion`, `a threshold of 200 ms`."""
    behind = s.tokens[run.last + 1 : run.last + 5]
    noun = next((k for k, t in enumerate(behind) if _is_noun(s, t)), None)
    back = s.tokens[run.first - 1] if run.first else None
    if noun is not None and back is not None and (back.what in _DETERMINERS or back.kind in ("above", "below")):
        return all(t.kind in ("word", "measure", "reference") or t.what == "-" for t in behind[: noun + 1])
    if noun is not None and behind[0].what in ("its", "being", "as") and noun < 4:
        return all(t.kind in ("word", "reference") for t in behind[: noun + 1])
    if back is not None and back.what == "(" and run.low in _PRINTED and run.first > 1:
        return _is_noun(s, s.tokens[run.first - 2])
    k = run.first - 1
    if k > 0 and s.tokens[k].what == "at" and run.low >= 10.0 and (run.low % 5.0 or s.tokens[k - 1].what == "normal"):
        return False  # `just over the limit at 101/min`, `within normal limits at 160 ms` tell the value
    while k >= 0 and s.tokens[k].what in _OF:
        k -= 1
    return 0 <= k < run.first - 1 and _is_noun(s, s.tokens[k])


_PRINTED = frozenset({3.5, 35.0, 1.1, 11.0, 2.8, 28.0})
"""Limits of voltage (Sokolow and Lyon 1949, Cornell 1985), mV and mm."""
_DETERMINERS = frozenset(
    {"the", "a", "an", "this", "that", "its", "usual", "common", "accepted", "customary", "conventional", "to"}
)
_OF = frozenset({"of", "at", "is", ":", "the", "about"})


def _is_noun(s: Sentence, token: Token) -> bool:
    if token.kind == "word" and token.what in ("maximum", "minimum", "max", "min"):
        k = s.tokens.index(token)
        return k > 0 and bool(set(s.said(s.tokens[k - 1]).split()) & _USUAL)
    return token.kind in ("word", "reference", "measure", "quality") and bool(set(s.said(token).split()) & _NOUNS)


_USUAL = frozenset({"normal", "usual", "accepted", "permitted", "allowed", "physiological", "upper", "lower", "adult"})
"""Before a maximum they make it a limit of normal, not the largest value that was measured."""


def side_of_limit(s: Sentence, run: Run) -> Relation:
    """On which side of a named limit the text places its measure; a mere reference where it does not say."""
    for k in range(run.first - 1, max(-1, run.first - 9), -1):
        token = s.tokens[k]
        if token.what == "beyond" and run.high < 0 and not s.negated[k]:
            return Relation.BELOW
        than = s.said(token).split()[0] if token.kind == "quality" and " than " in s.said(token) else ""
        if token.kind in ("above", "below") or token.what in _REACHING or token.what in _PAST | _INSIDE or than:
            short = token.kind == "below" or token.what in _INSIDE or than in _LESS
            return Relation.BELOW if short != s.negated[k] else Relation.ABOVE
        if token.kind in ("number", "break") or token.what == ",":
            break
    _, last = s.clause(run.last)
    told = _REACHED.search(s.text, s.tokens[run.last].end, s.tokens[last - 1].end)
    if told is None:
        return Relation.REFERENCE
    return Relation.BELOW if told["not"] else Relation.ABOVE


_WOULD = re.compile(
    r"\b(?:(?P<low>below|under|short of|shy of|(?:less|shorter|lower|smaller|narrower) than)|above|over|beyond|past|exceed\w*|(?:more|longer|greater|higher|wider) than)"
    r" (?:(?:the |a |an )?[-\d.]+ ?\S{0,12} (?:that|which) would\b|the [-\d.]+ ?\S{0,12} (?:of|for|seen in|typical of|(?:required|needed|demanded|expected|used) (?:for|by|of|in)|(?:that|which) (?:marks?|defines?|indicates?|suggests?)) )",
    re.IGNORECASE,
)


_PARTS = re.compile(r"\b(?:that|which) (?:separates?|distinguish(?:es)?|divides?|delimits?)\b[^.;,]*", re.IGNORECASE)
"""What a limit lies between is claimed by neither of its sides: `the 60 bpm that separate bradycardia from a normal rate`."""


def would_be(s: Sentence, found: list[Statement]) -> list[Statement]:
    """The findings; what a value beyond a limit would be is claimed of one beyond it and denied of one short of it: `below the 30 ms that would make it pathological`."""
    if (parts := _PARTS.search(s.text, s.start, s.end)) is not None:
        found = [one for one in found if not parts.start() <= one.start < parts.end()]
    match = _WOULD.search(s.text, s.start, s.end)
    if match is None:
        return found
    denied = match["low"] is not None
    ends = next((t.start for t in s.tokens if t.start >= match.end() and (t.kind == "break" or t.what == ",")), s.end)
    return [replace(one, negated=denied) if match.end() < one.end <= ends else one for one in found]
