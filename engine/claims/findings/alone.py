"""Qualities of no measure that is named beside them: by the unit of a number, by a lead, by the question before."""

from __future__ import annotations

from engine.claims.findings.borders import own_unit
from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.lex import Token
from engine.claims.language.lexicon import BE
from engine.claims.language.places import made
from engine.claims.language.scope import Sentence
from engine.claims.statement import Statement

_UNIT_OF = {"/min": "rate", "deg": "axis"}
_BEATS = frozenset({"ventricles", "heart", "beats", "pulse"})
"""What beats, and so has a rhythm."""
_LEVELS = {"elevated": "ST elevation", "depressed": "ST depression"}


def of_unit(s: Sentence, k: int) -> str:
    """What the quality at token k makes of a number that alone says of what it is: `53 beats per minute, which is slow`."""
    if s.tokens[k].what in _LEVELS and _is_level(s, k):
        return _LEVELS[s.tokens[k].what]
    first, _ = s.clause(k)
    if any(t.what in _BEATS for t in s.tokens[first:k]) and not any(t.kind == "measure" for t in s.tokens[first:k]):
        return ACCEPTS["rhythm"].get(s.tokens[k].what, "")
    if own := own_unit(s, k):
        return ACCEPTS.get(_UNIT_OF[own], {}).get(s.tokens[k].what, "")
    ends = s.tokens[k].what in ("low end", "high end")
    if any(t.kind in ("measure", "finding") for t in s.tokens[:k]) and not ends:
        return ""
    unit = next((t.what for t in reversed(s.tokens[: max(first, k)]) if t.kind == "unit"), "")
    return ACCEPTS.get(_UNIT_OF.get(unit, ""), {}).get(s.tokens[k].what, "")


def _is_level(s: Sentence, k: int) -> bool:
    """Whether a deviation stands before its level, which is that of an ST segment: `depression of 0.16 mV`."""
    ahead = s.tokens[k + 1 : k + 4]
    return (
        [t.kind for t in ahead[1:]] == ["number", "unit"]
        and ahead[0].what in ("of", "by")
        and ahead[2].what in ("mV", "mm")
    )


def of_question(s: Sentence, k: int) -> list[Statement]:
    """The answer `Upright.` to a question on the T wave."""
    pronoun = any(t.what in ("they", "it", "these", "this", "both") for t in s.tokens[: min(k, 3)])
    name = ACCEPTS.get(s.subject, {}).get(s.tokens[k].what, "") if s.answers or pronoun else ""
    return [made(s, name, k, k)] if name else []


_REACH = 5
"""Words between a lead and what is said of it: `V1 is almost entirely negative`."""


_RHYTHMS = frozenset({"sinus rhythm", "normal sinus rhythm", "sinus bradycardia", "sinus tachycardia", "sinus arrhythmia", "atrial fibrillation", "bradycardia", "tachycardia", "regular rhythm"})  # fmt: skip


_CONTRASTS = frozenset({"though", "although", "but", "yet", "however"})


def of_rhythm(s: Sentence, k: int) -> str:
    """What a quality says of the rhythm that its clause names before it: `sinus rhythm of 72/min, mildly irregular`."""
    if s.tokens[k].what not in ("regular", "irregular"):
        return ""
    first = max((j for j in range(k) if s.tokens[j].kind == "break"), default=-1)
    alone = not any(t.kind in ("finding", "measure", "quality") for t in s.tokens[first + 1 : k])
    if first >= 0 and alone and s.tokens[first].what.strip(", ") in _CONTRASTS:  # `sinus rhythm, though not regular`
        first = max((j for j in range(first) if s.tokens[j].kind == "break"), default=-1)
    before = [t for t in s.tokens[first + 1 : k] if t.kind in ("finding", "measure")]
    return ACCEPTS["rhythm"][s.tokens[k].what] if before and before[-1].what in _RHYTHMS else ""


def polarity(s: Sentence, k: int) -> list[Statement]:
    """`Lead I is positive`: the QRS of that lead."""
    near = s.tokens[max(0, k - _REACH) : k]
    before = [t for t in near if t.kind == "lead"]
    behind = near[near.index(before[-1]) :] if before else []
    if not before or any(t.kind in ("measure", "break", "quality", "finding") or t.what == "," for t in behind):
        return []
    if _is_of_wave(s, before[-1]):
        return []
    name = "positive QRS" if s.tokens[k].what == "upright" else "negative QRS"
    return [Statement("finding", before[-1].start, s.tokens[k].end, name, before[-1].leads, negated=s.negated[k])]


def _is_of_wave(s: Sentence, lead: Token) -> bool:
    """Whether a lead only says where a wave of the QRS is that something is said of: `the S wave in lead V3 dips`."""
    at = s.tokens.index(lead)
    back = [t.what for t in s.tokens[max(0, at - 2) : at]]
    return len(back) == 2 and back[0] in ("R", "S", "Q") and back[1] in ("in", "of", "for", "at", "across")


def beside_wave(s: Sentence, k: int) -> list[Statement]:
    """`I and aVL are positive with T waves of -0.2 mV`: leads whose T wave is told behind are so by their QRS."""
    behind = [t for t in s.tokens[k + 1 : k + 6] if t.what not in ("a", "an", "the", "their", "its")]
    near = s.tokens[max(0, k - _REACH) : k]
    lead = next((t for t in reversed(near) if t.kind == "lead"), None)
    if lead is None or [t.what for t in behind[:2]] != ["with", "T"] or not any(t.kind == "number" for t in behind):
        return []
    of = s.tokens[s.tokens.index(lead) - 1].what if s.tokens.index(lead) else ""
    if of in ("in", "of", "for") or not any(t.what in BE for t in near[near.index(lead) :]):
        return []
    name = "positive QRS" if s.tokens[k].what == "upright" else "negative QRS"
    return [Statement("finding", lead.start, s.tokens[k].end, name, lead.leads, negated=s.negated[k])]
