"""What an amplitude can be said of: a wave with its leads, or the waves that a sum adds up."""

from __future__ import annotations

from dataclasses import dataclass

from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence

Term = tuple[str, tuple[str, ...]]
"""A wave, and the leads of which each may be meant."""
WAVES = frozenset({"P", "Q", "R", "S", "T", "ST", "ST at J", "QRS", "QS"})
_OF_FINDING = {
    "ST elevation": "ST", "ST depression": "ST", "ST deviation": "ST", "T wave inversion": "T", "upright T waves": "T", "flat T waves": "T", "peaked T waves": "T",
    "S waves": "S", "terminal R": "R", "terminal S": "S", "dominant R": "R", "dominant S": "S", "normal R wave progression": "R", "poor R wave progression": "R", "Q waves": "Q", "pathological Q waves": "Q", "RWP": "R", "QS complexes": "QS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amplitude:
    """What an amplitude is said of."""

    what: str
    """The wave, or `sum`; `sokolow` of an index that names no leads."""
    at: int | None
    """Token of the wave; None where it was named before."""
    leads: tuple[str, ...] = ()
    """Where each wave of a list has its own."""
    terms: tuple[Term, ...] = ()
    """Of a sum the waves that it adds up."""
    dealt: bool = False
    """Whether two waves are compared, and this is the one of the two that the place of the number tells."""


def wave_of(token: Token) -> str:
    """The wave that a token names, or the one that a finding is told by; empty of others."""
    if token.kind == "measure" and token.what in WAVES:
        return token.what
    if token.kind == "word" and token.what == "qs":
        return "QS"
    return _OF_FINDING.get(token.what, "") if token.kind in ("measure", "finding") else ""


def named(s: Sentence, first: int, last: int) -> list[int]:
    """The tokens of the waves that are named between two tokens, each where it stands last."""
    return sorted({wave: k for k in range(first, last) if (wave := wave_of(s.tokens[k]))}.values())
