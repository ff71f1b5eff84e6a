"""Clauses that define, explain or point back, told apart from those that claim something of the segment."""

from __future__ import annotations

from engine.claims.language.scope import Sentence

DEFINED = {
    "left ventricular hypertrophy", "left bundle branch block", "right bundle branch block", "left axis deviation", "right axis deviation", "bundle branch block", "first degree AV block", "sinus tachycardia", "sinus bradycardia",
    "tachycardia", "bradycardia", "sinus rhythm", "long QT", "conduction disturbance",
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
    "that would define",
    "that would make",
    "that would lead",
    "by definition",
    "is a rate",
    "is a heart rate",
    "require",
    "would require",
    "must",
    "to diagnose",
    "to make",
    "if the",
    "had the",
    "is considered",
    "is called",
    "is termed",
    "is deemed",
    "is regarded",
    "need",
)


def defines(s: Sentence, k: int) -> bool:
    """Whether a limit in the same clause defines the finding at token k, and no other finding is named with it."""
    clause = [t for j, t in enumerate(s.tokens) if s.knowledge[j] or s.reference[j]]
    first = next((j for j, t in enumerate(s.tokens) if t.kind == "knowledge"), 0)
    limited = any(t.kind == "number" for t in (*clause, *s.tokens[max(0, first - 3) : first]))
    named = {t.what for t in clause if t.kind in ("finding", "unmeasurable")} - {"sinus rhythm"}
    defining = any(t.kind == "knowledge" and t.what.startswith(_DEFINING) for t in clause)
    return defining and not _applied(s) and limited and s.tokens[k].what in DEFINED and len(named) == 1


_BOUNDS = frozenset({"above", "below", "over", "under", "than", "beyond", "requires", "require"})
_LIMITED = ("values", "intervals", "durations", "rates", "only", "an ", "a ")


def is_limit_of(s: Sentence, k: int) -> bool:
    """Whether the clause around token k says from which limit on its finding is called so, which claims nothing: `only values above 200 ms are called a block`."""
    first = last = k
    while first and s.knowledge[first - 1]:
        first -= 1
    while last < len(s.tokens) and s.knowledge[last]:
        last += 1
    clause = s.tokens[first:last]
    said = any(t.kind == "knowledge" for t in clause)
    bound = any(
        t.kind in ("above", "below") or t.what.startswith(_LIMITED) or _BOUNDS & set(t.what.split()) for t in clause
    )
    return said and bound and any(t.kind == "number" for t in clause) and not _applied(s)


def applies(s: Sentence, k: int) -> bool:
    """Whether a definition of the finding at token k is said to be met, which claims the finding."""
    defining = any(t.kind == "knowledge" and t.what.startswith(_DEFINING) for t in s.tokens)
    return defining and s.tokens[k].what in DEFINED and _applied(s)


def _applied(s: Sentence) -> bool:
    """Whether the words behind the limit say that it is met here: `is a sinus rhythm above 100 bpm, which applies here`."""
    last = max((j for j, t in enumerate(s.tokens) if s.knowledge[j] and t.kind in ("number", "unit")), default=-1)
    return any(s.knowledge[j] and t.what in _HERE for j, t in enumerate(s.tokens) if j > last >= 0)


_HERE = frozenset({"here", "this", "these", "present", "seen", "found", "met", "fulfilled", "reached", "given", "so", "case", "patient", "applies", "apply", "applied", "holds", "true", "one", "such", "noted", "shown", "observed"})  # fmt: skip


def explains(s: Sentence, k: int) -> bool:
    """Whether the finding explains what was said before it: `normal sinus rhythm, which means a regular rhythm`."""
    return any(
        t.what == "which means" or (t.what.startswith("means") and j > 0 and s.tokens[j - 1].what.endswith("which"))
        for j, t in enumerate(s.tokens[:k])
    )


def points_back(s: Sentence) -> bool:
    """Whether a sentence speaks of the measure before it: `It is normal`, but not `All normal`."""
    return any(t.what in ("it", "this", "that", "which", "value") or t.kind == "number" for t in s.tokens)


_NORMAL = {
    "normal R wave progression",
    "regular rhythm",
    "P waves",
    "normal sinus rhythm",
    "sinus rhythm",
    "upright T waves",
}
_USUAL = ("in the textbook", "in a textbook", "in a normal", "in the normal", "in normal", "in a healthy", "in healthy")
_BOOKS = ("textbook", "book", "author", "many", "some", "manual", "known")


_GROWS = frozenset({"rises", "increases", "grows", "climbs"})


def glosses(s: Sentence, k: int) -> bool:
    """Whether a finding only says what is normal in general, or what a wave that is spoken of is commonly called.

    `In the textbook sequence the R wave grows`; `Q waves, which textbooks describe as the footprint of an infarct`.
    """
    said = [t.what for j, t in enumerate(s.tokens) if t.kind == "knowledge" and j < k]
    if any(one.startswith(_USUAL) for one in said):
        return s.tokens[k].what in _NORMAL
    named = {t.what for t in s.tokens[:k] if t.kind == "measure"}
    if any(one.startswith("risk") for one in said):
        bound = any(t.kind in ("above", "below") for t in s.tokens[:k]) and not any(
            t.kind == "not" for t in s.tokens[:k]
        )
        return bound and any(t.what in _GROWS for t in s.tokens[k + 1 : k + 3])
    return s.tokens[k].what == "infarct" and "Q" in named and any(one.startswith(_BOOKS) for one in said)
