"""Clauses that define, explain or point back, told apart from those that claim something of the segment."""

from __future__ import annotations

from engine.claims.scope import Sentence

DEFINED = {
    "left axis deviation", "right axis deviation", "bundle branch block", "first degree AV block", "sinus tachycardia", "sinus bradycardia",
    "tachycardia", "bradycardia", "sinus rhythm", "long QT",
}  # fmt: skip
"""Findings that a sentence may define by a limit without claiming them."""
_DEFINING = (
    "is diagnosed",
    "means a",
    "that define",
    "is defined",
    "are defined",
    "defined as",
    "is a sinus rhythm",
    "is a rhythm",
)


def defines(s: Sentence, k: int) -> bool:
    """Whether a limit in the same clause defines the finding at token k, and no other finding is named with it."""
    clause = [t for j, t in enumerate(s.tokens) if s.knowledge[j] or s.reference[j]]
    first = next((j for j, t in enumerate(s.tokens) if t.kind == "knowledge"), 0)
    limited = any(t.kind == "number" for t in (*clause, *s.tokens[max(0, first - 3) : first]))
    named = {t.what for t in clause if t.kind in ("finding", "unmeasurable")} - {"sinus rhythm"}
    defining = any(t.kind == "knowledge" and t.what.startswith(_DEFINING) for t in clause)
    return defining and limited and s.tokens[k].what in DEFINED and len(named) == 1


def explains(s: Sentence, k: int) -> bool:
    """Whether the finding explains what was said before it: `normal sinus rhythm, which means a regular rhythm`."""
    return any(
        t.what == "which means" or (t.what.startswith("means") and j > 0 and s.tokens[j - 1].what.endswith("which"))
        for j, t in enumerate(s.tokens[:k])
    )


def points_back(s: Sentence) -> bool:
    """Whether a sentence speaks of the measure before it: `It is normal`, but not `All normal`."""
    return any(t.what in ("it", "this", "that", "which", "value") or t.kind == "number" for t in s.tokens)
