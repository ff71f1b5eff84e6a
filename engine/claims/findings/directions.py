"""Directions that are said of no wave by themselves: of a part of it, or as the depth of one that points down anyway."""

from __future__ import annotations

from engine.claims.language.scope import Sentence

_PARTS = frozenset(
    {
        "part",
        "parts",
        "component",
        "components",
        "portion",
        "portions",
        "half",
        "phase",
        "side",
        "peak",
        "deflection",
        "deflections",
        "area",
    }
)


def is_of_part(s: Sentence, k: int) -> bool:
    """Whether a direction goes with a part of a wave and not with the wave: `the negative part outweighs the positive`."""
    ahead = s.tokens[k + 1].what if k + 1 < len(s.tokens) else ""
    if s.tokens[k].what not in ("inverted", "upright"):
        return False
    return ahead in _PARTS or (k > 0 and s.tokens[k - 1].what == "the" and ahead in ("", ".", ",", "one"))


def is_of_depth(s: Sentence, k: int) -> bool:
    """`The S wave dips 0.5 mV`: the verb goes with the amplitude of a wave that points down anyway."""
    return next((t.what for t in reversed(s.tokens[:k]) if t.kind == "measure"), "") in ("S", "Q")
