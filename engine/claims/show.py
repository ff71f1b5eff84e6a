"""What of a text may be displayed: agreed sentences as they stand, others marked, withheld ones replaced by what and why."""

from __future__ import annotations

from dataclasses import dataclass

from engine.claims.claim import Claim, Verdict
from engine.claims.parse import parse


@dataclass(frozen=True, slots=True)
class Shown:
    """One sentence as it may be displayed."""

    text: str
    verdict: Verdict | None
    """Agree: as it stands; disagree: greyed, with both values; unsupported: withheld; None: it claims nothing."""
    claims: tuple[Claim, ...]


def sentences(text: str, claims: tuple[Claim, ...]) -> tuple[Shown, ...]:
    """Each sentence of a text with its claims and the worst of their verdicts."""
    found = []
    for read in parse(text):
        own = tuple(c for c in claims if read.start <= c.start < read.end)
        found.append(_shown(text[read.start : read.end], own))
    return tuple(found)


def shown(text: str, claims: tuple[Claim, ...]) -> str:
    """The text that may be displayed where there is no grey: withheld and contradicted sentences say so in brackets."""
    return " ".join(one.text for one in sentences(text, claims))


def _shown(sentence: str, claims: tuple[Claim, ...]) -> Shown:
    unsupported = [c for c in claims if c.verdict is Verdict.UNSUPPORTED]
    if unsupported:
        reasons = "; ".join(dict.fromkeys(f"“{c.text}”: {c.why}" for c in unsupported))
        return Shown(f"[Withheld. {reasons}.]", Verdict.UNSUPPORTED, claims)
    wrong = [c for c in claims if c.verdict is Verdict.DISAGREE]
    if wrong:
        reasons = "; ".join(dict.fromkeys(f"“{c.text}”: {c.why}" for c in wrong))
        return Shown(f"[Contradicted: {sentence} But {reasons}.]", Verdict.DISAGREE, claims)
    return Shown(sentence, Verdict.AGREE if claims else None, claims)
