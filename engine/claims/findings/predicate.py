"""Findings of a sentence: those with a name of their own, and what is said of a measure (`the PR interval is prolonged`)."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.findings.bare import bare
from engine.claims.findings.contrasts import contrasted
from engine.claims.findings.degrees import graded
from engine.claims.findings.directions import is_of_depth, is_of_part
from engine.claims.findings.echoes import MEETS, echoed, met, none_of
from engine.claims.findings.hedges import hedged, qualities_of
from engine.claims.findings.qualified import qualified
from engine.claims.findings.rule import claimed, not_read
from engine.claims.language.extents import (
    as_to,
    is_bounded,
    is_end_of_range,
    shades_next,
)
from engine.claims.language.general import applies, defines, explains, glosses, is_limit_of
from engine.claims.language.larger import compared
from engine.claims.language.places import made
from engine.claims.language.scope import Sentence
from engine.claims.language.superlatives import SUPERLATIVES, largest, turning_point
from engine.claims.language.unread import GENERAL, IN_DOUBT, UNREAD
from engine.claims.language.words import section
from engine.claims.numbers.limits import by_limit, would_be
from engine.claims.statement import OF_NOTHING, OPEN, Statement

_SAYS_MUCH = frozenset({"low end", "high end", "fast", "slow", "irregular", "peaked", "biphasic", "elevated", "depressed", "inverted", "poor", "extreme", "wide", "flat", "reduced", "short", "abnormal", "under", "above"})  # fmt: skip


def findings(s: Sentence) -> list[Statement]:
    """Every finding that the sentence claims or denies, those of general knowledge and of the past among them."""
    found: list[Statement] = []
    for k, token in enumerate(s.tokens):
        if s.knowledge[k] or s.reference[k]:
            found += _general(s, k)
        elif token.kind == "finding" and (beyond := by_limit(s, k)) is not None:
            found.append(replace(made(s, token.what, k, k), negated=not beyond))
        elif token.what == "normal ECG" and (parts := as_to(s, k)):
            found += [replace(made(s, name, at, k), start=token.start) for at, name in parts]
        elif token.kind == "finding" and not _is_heading(s, k) and not is_bounded(s, k):
            found += claimed(s, token.what, k, k)
        elif token.kind == "unmeasurable":
            found.append(
                Statement("finding", token.start, token.end, f"unmeasurable: {s.said(token)}", negated=s.negated[k])
            )
        elif token.kind == "after" or token.what == "present":
            found += _defined(s, k) or _unmet(s, k) or (qualified(s, k) if token.kind == "quality" else [])
        elif token.kind == "quality":
            found += [] if shades_next(s, k) or is_bounded(s, k) else qualified(s, k) or _loose(s, k)
        elif token.kind == "measure":
            found += turning_point(s, k) or compared(s, k) or bare(s, k)
        elif token.what == "none" or (token.what == "one" and s.negated[k]):
            found += none_of(s, k)
        elif token.kind == "word" and token.what in MEETS:
            found += met(s, k)
        elif token.kind == "word" and token.what in SUPERLATIVES:
            found += largest(s, k)
    found = [
        replace(one, what=f"{UNREAD}{s.text[one.start : one.end].lower()}", negated=False)
        if _is_of_early(s, one)
        else one
        for one in contrasted(s, found)
    ]
    return graded(s, hedged(s, _open(s, _once(would_be(s, found) + echoed(s)))))


_EARLY = re.compile(
    r"\b(?:premature|early|ectop\w+|extra-?systol\w*|extra beats?|pvcs?|pacs?|ves|sves)\b", re.IGNORECASE
)
_BEFORE_THEM = re.compile(r"\b(?:before|preced\w+|in front of|ahead of|leading|leads) (?:them|it|these|those|either|both|this (?:beat|complex|one)|the (?:early|premature|ectopic|extra|wide)\b)", re.IGNORECASE)  # fmt: skip


def _is_of_early(s: Sentence, one: Statement) -> bool:
    """Whether P waves are told or denied of early beats that were named, not of all: `two premature complexes; no P wave is found before them`."""
    if not one.what.startswith("P waves") or _EARLY.search(s.text, s.start, s.end) is None:
        return False
    ends = next((t.start for t in s.tokens if t.start >= one.end and t.kind == "break"), s.end)
    return _BEFORE_THEM.search(s.text, one.start, ends) is not None


def _loose(s: Sentence, k: int) -> list[Statement]:
    """A quality that says much and is said of nothing that takes it."""
    token = s.tokens[k]
    ahead = s.tokens[k + 1 : k + 3]
    if is_end_of_range(s, k):
        return []
    if token.what == "inverted" and [t.kind for t in ahead[:2]] == ["number", "unit"] and is_of_depth(s, k):
        return []
    if any(t.kind == "finding" and by_limit(s, j) is not None for j, t in enumerate(s.tokens[k + 1 : k + 5], k + 1)):
        return []
    joined = len(ahead) == 2 and ahead[0].what in ("or", "and", "nor", "/") and ahead[1].kind == "quality"
    named = token.what in ("abnormal", "extreme") and [t.kind for t in ahead[:1]] == ["finding"]
    of_speech = any(s.said(t) in section("speech") for t in s.tokens[k + 1 : k + 3])
    if is_of_part(s, k) or (
        s.said(token).endswith("ly") and s.tokens[k + 1 : k + 2] and s.tokens[k + 1].kind == "word"
    ):
        return [not_read(s, token)]
    if token.what in ("low end", "high end"):
        return [not_read(s, token)]
    if token.what not in _SAYS_MUCH or joined or named or of_speech or (k and s.tokens[k - 1].kind == "unit"):
        return []
    return [
        Statement(
            "finding",
            token.start,
            token.end,
            f"{IN_DOUBT}{s.said(token)}",
            negated=s.negated[k],
            detail=OF_NOTHING,
            maybe=qualities_of(s, token.what),
        )
    ]


def _open(s: Sentence, found: list[Statement]) -> list[Statement]:
    """The findings, those marked that their clause calls open: `ischaemia cannot be excluded`."""
    clauses = [s.clause(k) for k, token in enumerate(s.tokens) if token.kind == "doubt"]
    spans = [(s.tokens[first].start, s.tokens[last - 1].end) for first, last in clauses]
    return [replace(one, detail=OPEN) if any(a <= one.start < b for a, b in spans) else one for one in found]


def _general(s: Sentence, k: int) -> list[Statement]:
    """A finding in a clause that speaks of ECGs in general, of the past or of a limit: withheld, unless a limit defines it."""
    token = s.tokens[k]
    if token.kind not in ("finding", "unmeasurable") or defines(s, k):
        return []
    if token.kind == "finding" and (beyond := by_limit(s, k)) is not None:
        return [replace(made(s, token.what, k, k), negated=not beyond)]
    if token.kind == "finding" and applies(s, k):
        one, behind = made(s, token.what, k, k), s.tokens[k + 1 :]
        return [replace(one, negated=one.negated or any(t.kind == "after" for t in behind))]
    if token.kind == "finding" and glosses(s, k):
        return []
    if token.kind == "finding" and explains(s, k):
        return [made(s, token.what, k, k)]
    maybe = ((token.what, ()),) if token.kind == "finding" else ()
    name = f"{GENERAL}{s.said(token)}"
    risk = any(t.what in ("risk of", "risk for") for t in s.tokens[max(0, k - 3) : k])
    return [
        Statement(
            "finding", token.start, token.end, name, maybe=maybe, hedged=risk or s.negated[k] or is_limit_of(s, k)
        )
    ]


def _defined(s: Sentence, k: int) -> list[Statement]:
    """`AV block is diagnosed when PR exceeds 200 ms; at 150 ms it is not present`: the finding that was defined before."""
    last = next((j for j in range(k - 1, -1, -1) if s.knowledge[j]), None)
    if last is None or any(t.kind in ("finding", "measure") for t in s.tokens[last + 1 : k]):
        return []
    name = next((t.what for j, t in enumerate(s.tokens[:k]) if s.knowledge[j] and t.kind == "finding"), "")
    token = s.tokens[k]
    return [Statement("finding", token.start, token.end, name, (), True, negated=token.kind == "after")] if name else []


def _unmet(s: Sentence, k: int) -> list[Statement]:
    """`Sokolow-Lyon: not fulfilled`: a criterion that is denied."""
    before = next((t for t in reversed(s.tokens[:k]) if t.kind in ("measure", "finding", "number")), None)
    if before is None or before.what not in ("sokolow", "LVH criterion") or s.tokens[k].kind != "after":
        return []
    if not any(word in s.said(s.tokens[k]) for word in ("met", "fulfil", "satisf", "reach", "attain", "exceed")):
        return []
    return [Statement("finding", before.start, s.tokens[k].end, "no left ventricular hypertrophy")]


_HEADINGS = {
    "ventricular hypertrophy", "ectopy", "arrhythmia", "ischaemia", "infarct", "bundle branch block", "axis deviation", "AV block",
    "chamber enlargement", "atrial enlargement",
}  # fmt: skip


def _is_heading(s: Sentence, k: int) -> bool:
    """`Hypertrophy: no LVH`: a general name in front of a colon, behind which a finding is said or denied; `from rS to Rs` names forms only."""
    if (
        s.tokens[k].what in ("rS complex", "negative QRS", "positive QRS")
        and k
        and s.tokens[k - 1].what in ("from", "to", "into")
    ):
        return True
    if s.tokens[k].what not in _HEADINGS or [t.what for t in s.tokens[k + 1 : k + 2]] != [":"]:
        return False
    return any(t.kind in ("finding", "not") or t.what in ("LVH criterion", "sokolow") for t in s.tokens[k + 2 : k + 6])


def _once(found: list[Statement]) -> list[Statement]:
    seen: dict[tuple[str, tuple[str, ...], bool], Statement] = {}
    for one in found:
        seen.setdefault((one.what, one.leads, one.negated), one)
    return list(seen.values())
