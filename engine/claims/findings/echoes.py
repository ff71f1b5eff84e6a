"""Findings that a sentence claims by what was said before: `72 bpm qualifies`, `as it does here`, `leads V4 to V6 have none`."""

from __future__ import annotations

import re

from engine.claims.findings.topics import definition
from engine.claims.language.places import made
from engine.claims.language.scope import Sentence
from engine.claims.language.unread import UNREAD
from engine.claims.statement import Statement

MEETS = frozenset({"qualifies", "qualify", "qualified", "applies", "apply", "applied", "fits", "fit", "meets", "meet", "satisfies", "satisfy", "fulfils", "fulfills", "fulfil", "fulfill"})  # fmt: skip


_DESCRIBED = frozenset({"description", "definition", "criterion", "criteria", "pattern", "picture", "requirement", "requirements", "bill"})  # fmt: skip


def met(s: Sentence, k: int) -> list[Statement]:
    """`Sinus tachycardia is a sinus rhythm above 100 bpm; 120 bpm qualifies`: what was defined before is claimed, or denied."""
    last = next((j for j in range(k - 1, -1, -1) if s.knowledge[j]), None)
    if last is None and s.defined and any(t.what in _DESCRIBED for t in s.tokens[k + 1 : k + 4]):
        return [made(s, s.defined, k, k)]
    if last is None or any(t.kind == "finding" for t in s.tokens[last + 1 :]):
        return []
    name = next((t.what for j, t in enumerate(s.tokens[:last]) if s.knowledge[j] and t.kind == "finding"), "")
    return (
        [Statement("finding", s.tokens[k].start, s.tokens[k].end, name, (), True, negated=s.negated[k])] if name else []
    )


_ECHO = re.compile(
    r"\b(?:(?:as|which|here|and) it (?:does|is)|it (?:does|is)(?= ?(?:not)? ?[.,;]| ?$)|as is the case|as (?:here|in this (?:case|tracing|ecg|example)))\b(?P<no> not)?"
    r"|\bit (?:does|is) not\b(?= ?[.,;]| ?$)",
    re.IGNORECASE,
)


_VALUE = re.compile(r"\b(?:here|and|which) it is (?:(?:about|only|just|around) )?[-\d]", re.IGNORECASE)


def echoed(s: Sentence) -> list[Statement]:
    """`The QRS is called wide when it lasts 120 ms, as it does here`: what was defined before is claimed, or denied."""
    if _VALUE.search(s.text, s.start, s.end):
        return []  # `here it is 160 ms` gives a value
    last = max((j for j in range(len(s.tokens)) if s.knowledge[j]), default=-1)
    first = next((j for j in range(len(s.tokens)) if s.knowledge[j]), -1)
    if last < 0 or (match := _ECHO.search(s.text, s.tokens[first].start, s.end)) is None:
        return []
    name = definition(s)
    negated = " not" in match.group()
    return [
        Statement(
            "finding", match.start(), match.end(), name or f"{UNREAD}{match.group().lower()}", (), True, negated=negated
        )
    ]


_NONE = {"Q": "pathological Q waves", "P": "P waves", "ventricular ectopy": "ventricular ectopy"}


def none_of(s: Sentence, k: int) -> list[Statement]:
    """`Leads V4 to V6 have none`: of the wave that was spoken of before."""
    first, last = s.clause(k)
    if any(t.kind in ("finding", "measure", "quality") for t in s.tokens[first:last]):
        return []
    before = next((t.what for t in reversed(s.tokens[:first]) if t.kind == "measure"), s.subject)
    leads = [t for t in s.tokens[first:last] if t.kind in ("lead", "group")]
    if before not in _NONE or not leads:
        return []
    token = s.tokens[k]
    return [
        Statement(
            "finding", token.start, token.end, _NONE[before], leads[-1].leads, leads[-1].kind == "group", negated=True
        )
    ]
