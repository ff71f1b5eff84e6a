"""How surely a denial denies a finding: one that has found its object may reach no further, and what stands behind it may well be there."""

from __future__ import annotations

from engine.claims.judging.by_value import sentence_of
from engine.claims.language import lex, markup
from engine.claims.language.lex import Token
from engine.claims.statement import Statement

_NAMING = frozenset({"measure", "finding", "quality"})
_LISTS = frozenset({",", "or", "nor", "and", "and/or", "/", "any", "of", "a", "an", "the", "neither", "either", "no", "not", "significant", "evidence", "sign", "signs"})  # fmt: skip
"""Between items of a list that is denied as a whole."""


def may_stand(text: str, statement: Statement) -> bool:
    """Whether the denial of a finding is that of another one, with more than a list between the two: `not quite even within a sinus rhythm`."""
    if not statement.negated or statement.kind != "finding":
        return False
    begin, end = sentence_of(text, statement)
    tokens = lex.tokens(markup.plain(text), begin, end)
    own = [k for k, t in enumerate(tokens) if statement.start <= t.start < statement.end]
    if not own or any(tokens[k].kind in ("not", "after") for k in own):
        return False
    before = next((k for k in range(own[0] - 1, -1, -1) if tokens[k].kind in ("not", "after")), None)
    if before is not None:
        return _is_taken(tokens[before + 1 : own[0]])
    behind = next((k for k in range(own[-1] + 1, len(tokens)) if tokens[k].kind in ("not", "after")), None)
    return behind is not None and _is_taken(tokens[own[-1] + 1 : behind])


def _is_taken(between: list[Token]) -> bool:
    """Whether something is named between a denial and a finding, and joined to it by more than a list is."""
    named = [k for k, t in enumerate(between) if t.kind in _NAMING]
    if not named:
        return False
    return any(t.kind in ("word", "break") and t.what not in _LISTS for t in between[named[0] + 1 :])
