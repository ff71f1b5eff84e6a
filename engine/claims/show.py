"""What of a text may be displayed: agreed sentences as they stand, contradicted ones marked, of withheld ones only what and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.claims.claim import Claim, Sentence, Verdict
from engine.claims.parse import parse

_HARMLESS = (
    r"(?:the |this )?(?:12-lead )?(?:ecg|ekg|electrocardiogram)(?: (?:was|is) (?:recorded|analy[sz]ed|reviewed))?"
    r"|(?:clinical )?correlation (?:with (?:the )?(?:clinical (?:findings|picture|context)|symptoms|history) )?is (?:advised|recommended|suggested)"
    r"|(?:please )?correlate clinically|(?:the )?(?:findings|interpretation|impression|conclusion|summary|answer|report|rhythm|measurements)(?: are as follows)?"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One sentence as it may be displayed."""

    text: str
    verdict: Verdict | None
    """Agree: as it stands; disagree: greyed, with both values; unsupported: withheld; None: it claims nothing."""
    claims: tuple[Claim, ...]
    displayed: bool = True
    """False of a sentence that claims nothing and is none of the few harmless ones."""


@lru_cache(maxsize=1)
def _harmless() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{_HARMLESS})\W*", re.IGNORECASE)


def sentences(text: str, claims: tuple[Claim, ...]) -> tuple[Shown, ...]:
    """Each sentence of a text with its claims and the worst of their verdicts."""
    found = []
    for read in parse(text):
        own = tuple(c for c in claims if read.start <= c.start < read.end)
        found.append(_shown(text[read.start : read.end], own))
    return tuple(found)


def displayed(text: str, claims: tuple[Claim, ...]) -> tuple[Sentence, ...]:
    """The sentences that may be displayed where there is no grey, each with its claims; the last tells what was left out."""
    every = sentences(text, claims)
    found, at = [], 0
    for one in every:
        behind = at + len(one.claims)
        if one.displayed:
            places = (at, behind - 1) if one.claims else (-1, -1)
            found.append(Sentence(one.text, one.verdict, *places))
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


def _shown(sentence: str, claims: tuple[Claim, ...]) -> Shown:
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
