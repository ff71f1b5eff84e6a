"""Sentences and sequences against the measurements before they are written: what does not pass is left out, and counted with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.parse import parse
from engine.claims.slots import render
from engine.instruct.sequences import Sequence_
from stream.measurement import BeatIntervals, Measurements

_LEAD = r"\b(?:III|II|aV[RLF]|V[1-6])\b|\b[Ll]eads?\b"
ROUNDS = 4
"""A sentence may lean on the one before it: what is left is checked again, so often at most."""


OF_BEAT = {
    "PR Interval (ms)": ("pr_ms", 20.0),
    "QRS Duration (ms)": ("qrs_ms", 20.0),
    "QT Interval (ms)": ("qt_ms", 40.0),
}
"""Sequence, the interval of the beat over all leads that it must agree with, and within how many ms."""
WITH = {"QT Interval (ms)": "QTc Interval (ms)"}
"""What falls with a value."""


def measured(
    told: Mapping[str, Mapping[str, Sequence_]], m: Measurements | None
) -> tuple[dict[str, dict[str, Sequence_]], int]:
    """The sequences of each lead without values that do not agree with the beat as the report measures it, and how many those are.

    Where the number of beats is another one nothing of a lead can be held against anything, and nothing is written.
    """
    kept: dict[str, dict[str, Sequence_]] = {}
    wrong = 0
    for lead, rows in told.items():
        kept[lead] = {name: list(row) for name, row in rows.items()}
        for name, (interval, within_ms) in OF_BEAT.items():
            row = kept[lead].get(name, [])
            beats = m.by_beat if m is not None and len(m.by_beat) == len(row) else (None,) * len(row)
            for k, beat in enumerate(beats):
                if row[k] is not None and not _agrees(row[k], beat, interval, within_ms):
                    wrong += 1
                    row[k] = None
                    if name in WITH:
                        kept[lead][WITH[name]][k] = None
    return kept, wrong


def _agrees(value: float | str | None, beat: BeatIntervals | None, interval: str, within_ms: float) -> bool:
    known = getattr(beat, interval, None)
    return known is not None and isinstance(value, (int, float)) and abs(value - known) <= within_ms


class How(StrEnum):
    """What a sentence may rest on."""

    MEASURED = "measured"
    """Every claim in it agrees with the measurements, and there is one at least."""
    LABEL = "label"
    """It names labelled diagnoses and nothing that is measured: no number, no lead."""
    MISSING = "missing"
    """It says of leads that they were not recorded, and they were not."""
    PLAIN = "plain"
    """It claims nothing: `Yes.`"""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence with slots in place of numbers."""

    text: str
    how: How = How.MEASURED
    needed: bool = False
    """Without it the whole answer is worth nothing."""
    rank: int = 1
    """What ranks higher is left out first where a text is too long."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer as it may be written."""

    slotted: str
    """With slots."""
    text: str
    """With measured values in their place."""
    sentences: int
    numbers: int
    """Claims of a number that agree."""
    left_out: tuple[str, ...]
    """Of each sentence that did not pass, why."""
    failed: str = ""
    """Why the whole may not be written; empty where it may."""


def checked(said: Sequence[Said], basis: Basis | None, least: int = 1) -> Checked:
    """The sentences that pass, at least `least` of them; basis is None of a segment that cannot be read."""
    kept: list[tuple[Said, str]] = []
    left: list[str] = []
    for one in said:
        filled = render(one.text, basis) if basis is not None else None
        if filled is not None and filled.withheld:
            left.append("a value is not known")
            if one.needed:
                return Checked("", "", 0, 0, tuple(left), left[-1])
            continue
        kept.append((one, filled.text if filled is not None else one.text))
    claims: tuple[Claim, ...] = ()
    for _ in range(ROUNDS):
        text = " ".join(words for _, words in kept)
        claims = check(text, basis) if basis is not None else ()
        wrong = _wrong(kept, claims, basis)
        for k, why in wrong.items():
            left.append(why)
            if kept[k][0].needed:
                return Checked("", "", 0, 0, tuple(left), why)
        if not wrong:
            break
        kept = [pair for k, pair in enumerate(kept) if k not in wrong]
    else:
        return Checked("", "", 0, 0, tuple(left), "its sentences do not hold together")
    numbers = sum(c.kind is ClaimKind.NUMBER for c in claims)
    failed = "" if len(kept) >= least else "too little of it is left"
    slotted = " ".join(one.text for one, _ in kept)
    return Checked(slotted, " ".join(words for _, words in kept), len(kept), numbers, tuple(left), failed)


def leads_in(text: str) -> list[str]:
    """Leads that a text of the grammar names, in its order."""
    return re.findall(r"\b(?:III|II|I|aV[RLF]|V[1-6])\b", text)


def prose(text: str, basis: Basis, names: frozenset[str], least: int) -> Checked:
    """A text that somebody else wrote: its sentences that pass, each labelled diagnosis allowed under the checker's `names`.

    More than a third of the sentences may not be left out, and none may speak of a report that was given.
    """
    said = [text[read.start : read.end].strip() for read in parse(text)]
    kept, left = said, list[str]()
    for _ in range(ROUNDS):
        claims = check(" ".join(kept), basis)
        wrong, at = {}, 0
        for k, words in enumerate(kept):
            own = [c for c in claims if at <= c.start < at + len(words)]
            if (why := _strange(words, own, names)) != "":
                wrong[k] = why
            at += len(words) + 1
        left += wrong.values()
        if not wrong:
            break
        kept = [words for k, words in enumerate(kept) if k not in wrong]
    numbers = sum(c.kind is ClaimKind.NUMBER for c in claims)
    failed = "more than a third of its sentences do not pass" if 3 * len(left) > len(said) else ""
    failed = failed or ("too little of it is left" if len(kept) < least else "")
    joined = " ".join(kept)
    return Checked(joined, joined, len(kept), numbers, tuple(left), failed)


def _strange(words: str, claims: Sequence[Claim], names: frozenset[str]) -> str:
    if "report" in words.lower():
        return "it speaks of a report"
    bad = [
        c for c in claims if c.verdict is not Verdict.AGREE and not (c.kind is ClaimKind.FINDING and c.measure in names)
    ]
    return f"{bad[0].kind} {bad[0].verdict}: {_topic(bad[0])}" if bad else ""


def _wrong(kept: Sequence[tuple[Said, str]], claims: Sequence[Claim], basis: Basis | None) -> dict[int, str]:
    """Places of the sentences that may not stand, each with why."""
    found, at = {}, 0
    for k, (one, words) in enumerate(kept):
        own = [c for c in claims if at <= c.start < at + len(words)]
        if (why := _against(one, words, own, basis)) != "":
            found[k] = why
        at += len(words) + 1
    return found


def _against(one: Said, words: str, claims: Sequence[Claim], basis: Basis | None) -> str:
    """Why a sentence may not stand, empty where it may."""
    if one.how is How.PLAIN or basis is None:
        return "it claims what it should not" if claims or any(c.isdigit() for c in words) else ""
    if one.how is How.LABEL:
        strange = [c for c in claims if c.kind is not ClaimKind.FINDING]
        named = "a label with a lead" if re.search(_LEAD, words) else ""
        return f"a label with a {strange[0].kind}" if strange else named
    if one.how is How.MISSING:
        present = [lead for lead in leads_in(words) if basis.lead(lead) is not None]
        return f"lead {present[0]} was recorded" if present else ""
    bad = [c for c in claims if c.verdict is not Verdict.AGREE]
    if bad:
        return f"{bad[0].kind} {bad[0].verdict}: {_topic(bad[0])}"
    return "" if claims else "it states nothing that is measured"


def _topic(claim: Claim) -> str:
    """What is wrong, short enough to be counted."""
    return claim.measure.removeprefix("no ") if not claim.measure.startswith("unread") else "a word is not understood"
