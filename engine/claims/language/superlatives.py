"""Which lead a wave is largest in: `V4 carries the tallest R wave`, `the S wave is deepest in V2`."""

from __future__ import annotations

from engine.claims.language.leads import between
from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.statement import Statement

SUPERLATIVES = frozenset({"tallest", "largest", "highest", "biggest", "greatest", "deepest"})
_BE = frozenset({"is", "are", "was", "be", "being"})
_WAVES = ("R", "S", "T", "Q", "P")


def largest(s: Sentence, k: int) -> list[Statement]:
    """The finding that the superlative at token k makes of a wave and the only lead beside it; none where either is not named."""
    first, last = s.clause(k)
    near = range(first, last)
    wave = min(
        (j for j in near if s.tokens[j].what in _WAVES or s.tokens[j].what == "T wave inversion"),
        key=lambda j: abs(j - k),
        default=None,
    )
    leads = [t for t in s.tokens[first:last] if t.kind == "lead"] or [t for t in s.tokens if t.kind == "lead"]
    if (
        wave is None
        and [t.what in ("in", "at") for t in s.tokens[k + 1 : k + 2]] == [True]
        and [t.kind for t in s.tokens[k + 2 : k + 3]] == ["lead"]
    ):
        wave = next((j for j in range(k - 1, -1, -1) if s.tokens[j].kind in ("measure", "finding")), None)
        leads = [s.tokens[k + 2]]
        named = wave is not None and (s.tokens[wave].what in _WAVES or s.tokens[wave].what == "T wave inversion")
        return _made(s, k, wave, leads[0]) if wave is not None and named and len(leads[0].leads) == 1 else []
    if wave is None or not _of_wave(s, k, wave) or len(leads) != 1 or len(leads[0].leads) != 1:
        return []
    return _made(s, k, wave, leads[0])


def _made(s: Sentence, k: int, wave: int, lead: Token) -> list[Statement]:
    """The finding of the superlative at token k, of this wave and lead."""
    negated = s.negated[k] and any(t.kind == "not" for t in s.tokens[max(0, k - 4) : k])
    row = any((t.kind == "group" and t.what in ("precordial", "limb")) or t.what == "axis" for t in s.tokens)
    token = s.tokens[k]
    if s.tokens[wave].what.startswith("T") and token.what == "deepest":
        return [Statement("finding", token.start, token.end, "deepest T", lead.leads, negated=negated)]
    name = f"largest {s.tokens[wave].what}{' of its row' if row else ''}"
    return [Statement("finding", token.start, token.end, name, lead.leads, negated=negated)]


def _of_wave(s: Sentence, k: int, wave: int) -> bool:
    """Whether a superlative is said of the wave itself: not `the tallest deflection of lead III is an R wave`."""
    return wave == k + 1 or (
        wave < k
        and all(t.kind == "word" for t in s.tokens[k + 1 : k + 2] if t.kind != "mark")
        and s.tokens[k - 1].what in _BE
    )


def turning_point(s: Sentence, k: int) -> list[Statement]:
    """Where the R wave overtakes the S wave: `the transition lies between V3 and V4`; nothing where token k names no transition or no lead is beside it."""
    token = s.tokens[k]
    if token.what != "RWP" or "transition" not in s.said(token):
        return []
    ends = (j for j in range(k + 1, len(s.tokens)) if s.tokens[j].kind in ("break", "measure", "quality", "finding") and s.tokens[j].what not in ("present", "deviated", "long") and not s.aside[j])  # fmt: skip
    last = next(ends, len(s.tokens))
    at = next((j for j in range(k + 1, last) if s.tokens[j].kind == "lead" and not s.aside[j]), None)
    if at is None:
        return []
    leads = s.tokens[at].leads
    if len(leads) == 2 and s.tokens[at - 1].what == "between":
        leads = tuple(between(*leads))
    return [
        Statement("finding", token.start, token.end, "transition zone", leads, len(leads) > 1, negated=s.negated[k])
    ]
