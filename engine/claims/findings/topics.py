"""Findings that are named as a topic only, and definitions that a later sentence says are met.

`As to premature beats, the tracing shows none`, `I looked for a Q wave in aVL and found none`: what is said of the topic
is said by a word that stands for it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from engine.claims.findings.bearers import subjects
from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.scope import Sentence

_FRONTED = (
    r"(?:(?:to|on) (?:the|your) question (?:of )?(?:whether|if)|as (?:for|to|regards|concerns|far as)|regarding|concerning|with (?:regard|respect|reference) to|in respect of|in terms of"
    r"|on the (?:question|matter|subject|issue|topic) of|when it comes to|speaking of|coming to|turning to)\b"
)
_SOUGHT = (
    r"(?:(?:i|we|one|you|the reader) )?(?:have |has |had |did )?(?:also |then |next |now |further )?"
    r"(?:look|search|hunt|check|scan|watch)(?:ed|ing|es|s)? (?:(?:carefully|specifically|hard|again|in vain|closely) )?for\b"
)
_STANDS = frozenset({"none", "nothing", "any", "it", "they", "them", "one", "some", "such", "these", "this", "that", "either", "neither", "those"})  # fmt: skip
_DENIES = frozenset({"none", "nothing", "neither"})


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    opener = re.compile(rf"(?:^|[;:,.] |\band )\W*(?P<fronted>{_FRONTED})|(?:^|[;:,.] |\band |\b)(?P<sought>{_SOUGHT})", re.IGNORECASE)  # fmt: skip
    return opener, re.compile(r"\b(?:in vain|without success|to no avail|unsuccessfully)\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def _aim() -> re.Pattern[str]:
    """`For left ventricular hypertrophy, I add the S wave`: what a reader measures for."""
    return re.compile(
        r"\W*for (?:the |a |any )?[^.;,]{3,60}, (?:i|we|one) (?:add|sum|look|take|check|use|need|measure|apply|combine)",
        re.IGNORECASE,
    )


class Topic(StrEnum):
    """What is said of a finding that is named as a topic."""

    NONE = "none"
    """It is no topic, or nothing is said of it: it is claimed as it stands."""
    HEADING = "heading"
    """Another finding is claimed behind it, and it is not."""
    AFFIRMED = "affirmed"
    DENIED = "denied"


def topic_of(s: Sentence, k: int) -> Topic:
    """What the words behind a topic at token k say of it."""
    aim = _aim().match(s.text, s.start, s.end)
    if aim is not None and s.tokens[k].end <= aim.end():
        return Topic.HEADING
    end = _end_of_topic(s, k)
    if end < 0:
        return Topic.NONE
    _, vain = _patterns()
    if vain.search(s.text, s.tokens[k].start, s.end):
        return Topic.DENIED
    for j in range(end, len(s.tokens)):
        token = s.tokens[j]
        if token.kind == "finding" or (token.kind == "quality" and any(at >= end for at in subjects(s, j))):
            return Topic.HEADING
        if token.kind == "break" and j > end:
            return Topic.NONE
        if token.what.rstrip(":") in ("yes", "no"):
            return Topic.AFFIRMED if token.what.startswith("yes") else Topic.DENIED
        if token.what in _STANDS or s.said(token) in _STANDS:
            denied = s.negated[j] or token.what in _DENIES or _is_neither(s, j)
            return Topic.DENIED if denied else Topic.AFFIRMED
    return Topic.NONE


def _is_neither(s: Sentence, j: int) -> bool:
    """Whether what stands for a topic at token j is said to be none of it: `it is neither`."""
    ahead = [t.what for t in s.tokens[j + 1 : j + 3]]
    return ahead[:1] in (["is"], ["are"], ["was"], ["were"]) and ahead[1:] in (["neither"], ["none"])


def _end_of_topic(s: Sentence, k: int) -> int:
    """First token behind the topic that token k stands in; -1 where it is none."""
    opener, _ = _patterns()
    found = None
    said = s.text[s.start : s.tokens[k].start]
    for match in opener.finditer(said):
        found = match
    if found is None:
        return _end_of_looked_at(s, k)
    first = next((j for j, t in enumerate(s.tokens) if t.start >= s.start + found.end()), k)
    ends = ("and", "but") if found.group("sought") else ()
    for j in range(first, len(s.tokens)):
        token = s.tokens[j]
        if token.kind == "break" or token.what.startswith(",") or token.what in ends:
            return j if j > k else -1
    return -1


_LOOKED_AT = re.compile(
    r"\b(?:was|were|is|are|has been|have been) (?:(?:then|also|next|carefully|specifically|further) )*"
    r"(?:assessed|examined|sought|looked for|searched for|checked(?: for)?|considered|evaluated|reviewed|inspected)\W*(?=[:;,.]| and\b)",
    re.IGNORECASE,
)


def _end_of_looked_at(s: Sentence, k: int) -> int:
    """First token behind the words that a finding at token k was only looked for: `a leftward axis was assessed: it is neither`; -1 where it was not."""
    _, last = s.clause(k)
    stop = s.tokens[last].end if last < len(s.tokens) else s.end
    match = _LOOKED_AT.search(s.text, s.tokens[k].end, stop)
    if match is None or any(t.kind in ("number", "unit", "after") for t in s.tokens[k + 1 : last]):
        return -1
    return next((j for j, t in enumerate(s.tokens) if t.start >= match.end()), -1)


def definition(s: Sentence) -> str:
    """The finding that a clause of general knowledge defines: by its name, or by a quality of a measure; empty where none is."""
    held = [k for k, known in enumerate(s.knowledge) if known]
    name = next((s.tokens[k].what for k in held if s.tokens[k].kind == "finding"), "")
    made = (
        ACCEPTS[s.tokens[at].what][s.tokens[k].what]
        for k in held
        if s.tokens[k].kind == "quality"
        for at in subjects(s, k)
    )
    return name or next(made, "")


_MEASURED = {
    "rate": "rate", "rhythm": "rate", "RR": "rate", "PR": "PR", "AV conduction": "PR", "QRS": "QRS", "IV conduction": "QRS", "conduction": "QRS", "QT": "QT", "QTc": "QTc", "axis": "axis",
    "P": "P", "Q": "Q", "R": "R", "S": "S", "T": "T", "RWP": "R",
    "bundle": "QRS", "beat": "rate", "beats": "rate", "node": "PR", "pause": "rate", "pauses": "rate",
}  # fmt: skip
"""By what a sentence speaks of the measure that tells most of it; of ST deviations, which may be an emergency, nothing is told in place of a sentence."""
_OF_LEADS = frozenset({"Q", "R", "S", "T"})
_MOST = 6
"""Leads of which a measure is told at most."""


def spoken_topics(s: Sentence) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The measures that a sentence speaks of, those of waves with the leads that it names."""
    leads = tuple(dict.fromkeys(lead for t in s.tokens if t.kind in ("lead", "group") for lead in t.leads))
    named = dict.fromkeys(_MEASURED[t.what] for t in s.tokens if t.kind in ("measure", "word") and t.what in _MEASURED)
    return tuple((what, leads[:_MOST] if what in _OF_LEADS else ()) for what in named)
