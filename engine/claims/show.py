"""What of a text may be displayed: agreed sentences as they stand, contradicted ones marked, of withheld ones only what and why.

Of a sentence of which not every word was understood, what was measured is told in words of our own (`part.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from engine.claims.claim import Claim, Sentence, Verdict
from engine.claims.parse import parse
from engine.claims.part import in_part, left_over
from engine.claims.statement import Statement

_HARMLESS = (
    r"(?:the |this )?(?:12-lead )?(?:ecg|ekg|electrocardiogram)(?: (?:was|is) (?:recorded|analy[sz]ed|reviewed))?"
    r"|(?:clinical )?correlation (?:with (?:the )?(?:clinical (?:findings|picture|context)|symptoms|history) )?is (?:advised|recommended|suggested)"
    r"|(?:please )?correlate clinically|(?:the )?(?:findings|interpretation|impression|conclusion|summary|answer|report|rhythm|measurements)(?: are as follows)?"
)


class Outcome(StrEnum):
    """What becomes of a text."""

    WHOLE = "whole"
    """Every claim agrees: it is shown as it stands."""
    PART = "part"
    """Every number, unit, lead and finding that was read agrees and something of it is told, but not every word was understood."""
    STOPPED = "stopped"
    """A number, unit, lead or finding does not agree, or nothing of it can be told."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One sentence as it may be displayed."""

    text: str
    verdict: Verdict | None
    """Agree: as it stands; disagree: greyed, with both values; unsupported: withheld; None: it claims nothing."""
    claims: tuple[Claim, ...]
    displayed: bool = True
    """False of a sentence that claims nothing and is none of the few harmless ones."""
    partly: bool = False
    """Whether only what was measured of it is told, in other words than its own."""


@lru_cache(maxsize=1)
def _harmless() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{_HARMLESS})\W*", re.IGNORECASE)


def sentences(text: str, claims: tuple[Claim, ...]) -> tuple[Shown, ...]:
    """Each sentence of a text with its claims and the worst of their verdicts."""
    found = []
    for read in parse(text):
        own = tuple(c for c in claims if read.start <= c.start < read.end)
        found.append(_shown(text[read.start : read.end], own, read.statements))
    return tuple(found)


def outcome(text: str, claims: tuple[Claim, ...]) -> Outcome:
    """What becomes of a text with these claims."""
    against = [c for c in claims if c.verdict is not Verdict.AGREE]
    if not against:
        return Outcome.WHOLE
    told = any(one.verdict is Verdict.AGREE for one in sentences(text, claims))
    return Outcome.PART if told and all(left_over(c) for c in against) else Outcome.STOPPED


def displayed(text: str, claims: tuple[Claim, ...]) -> tuple[Sentence, ...]:
    """The sentences that may be displayed where there is no grey, each with its claims; the last tells what was left out."""
    every = sentences(text, claims)
    found, at = [], 0
    for one in every:
        behind = at + len(one.claims)
        if one.displayed:
            places = (at, behind - 1) if one.claims else (-1, -1)
            found.append(Sentence(one.text, one.verdict, *places, partly=one.partly))
        at = behind
    left = sum(not one.displayed for one in every)
    return (*found, Sentence(_left_out(left), None)) if left else tuple(found)


def shown(text: str, claims: tuple[Claim, ...]) -> str:
    """The text that may be displayed: of withheld sentences only the reason, and how many claim nothing."""
    return " ".join(one.text for one in displayed(text, claims))


def _left_out(count: int) -> str:
    if count == 1:
        return "[One sentence was left out because it states nothing that was measured.]"
    return f"[{count} sentences were left out because they state nothing that was measured.]"


def _shown(sentence: str, claims: tuple[Claim, ...], statements: tuple[Statement, ...]) -> Shown:
    if told := in_part(statements, claims):
        said = f"[Of one sentence not every word was understood; measured: {told}.]"
        return Shown(said, Verdict.AGREE, claims, partly=True)
    unsupported = [c for c in claims if c.verdict is Verdict.UNSUPPORTED]
    if unsupported:
        reasons = "; ".join(dict.fromkeys(f"a {c.kind}: {c.why}" for c in unsupported))
        return Shown(f"[Withheld: {reasons}.]", Verdict.UNSUPPORTED, claims)
    wrong = [c for c in claims if c.verdict is Verdict.DISAGREE]
    if wrong:
        reasons = "; ".join(dict.fromkeys(f"“{c.text}”: {c.why}" for c in wrong))
        return Shown(f"[Contradicted: {sentence} But {reasons}.]", Verdict.DISAGREE, claims)
    if claims:
        return Shown(sentence, Verdict.AGREE, claims)
    return Shown(sentence, None, claims, _harmless().fullmatch(sentence) is not None)
