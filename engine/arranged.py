"""In which order the sentences of a graded model and of the criteria are told, and each thing once.

Rhythm and rate first, then what was measured and is abnormal, then what is likely or possible, then the rest; what is contradicted or withheld last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.evaluate.mentioned import CODES
from engine.instruct.labels import LABELS
from engine.interpretation import Finding
from engine.tiers import GRADED, LIKELY, NORMAL_NAMES, POSSIBLE, findings_of

RATE = "364075005"
_OWN = {
    "left bundle branch block": "164909002",
    "right bundle branch block": "59118001",
    "ventricular ectopy": "17338001",
}
"""Codes by which the criteria find what the labels of recordings have another one for."""
_RHYTHMS = frozenset(
    {RATE, "426783006", "427084000", "426177001", "164889003", "10370003", "397829000", "71908006", "25569003"}
)
_RHYTHM_NAMES = frozenset(
    {
        "sinus arrhythmia", "atrial flutter", "supraventricular tachycardia", "junctional rhythm", "wandering pacemaker", "arrhythmia",
        "regular rhythm", "irregular rhythm", "tachycardia", "bradycardia", "normal rate",
    }
)  # fmt: skip
_WITHIN: dict[str, frozenset[str]] = {"CD": frozenset({"CD", "RBBB"})}
"""Labels whose diagnoses say what a group says; of the others the label itself."""


def code_of(name: str) -> str:
    """SNOMED code by which the criteria find a finding of the checker; empty of one that they do not look for."""
    return _OWN.get(name) or (LABELS[CODES[name]].snomed if name in CODES else "")


def without_groups(
    told: Sequence[Sentence], claims: tuple[Claim, ...], is_group: Callable[[Sentence], bool]
) -> tuple[Sentence, ...]:
    """Without a group of findings that is told in a tier where a diagnosis of it is: `repolarisation changes` before `T wave changes`."""
    told_as = [
        {GRADED[c.measure] for c in findings_of(one, claims) if c.measure in GRADED} if _is_tiered(one) else set()
        for one in told
    ]
    singles = set().union(*(labels for one, labels in zip(told, told_as, strict=True) if not is_group(one)))
    return tuple(
        one
        for one, labels in zip(told, told_as, strict=True)
        if not (is_group(one) and labels and all(_WITHIN.get(name, {name}) & singles for name in labels))
    )


def beside_each_other(
    told: tuple[Sentence, ...], claims: tuple[Claim, ...], findings: Sequence[Finding], said: frozenset[str]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """The text and what the criteria add to it. What a text tells in a tier and the criteria find is one sentence, with the numbers.

    said: codes that the text tells as measured.
    """
    kept, added = list(told), []
    for k, one in enumerate(findings):
        if one.code in said:
            continue
        same = [
            i
            for i, other in enumerate(kept)
            if other.finding < 0
            and _is_tiered(other)
            and one.code in {code_of(c.measure) for c in findings_of(other, claims)}
        ]
        if same:
            word = LIKELY if kept[same[0]].text.startswith(LIKELY) else POSSIBLE.partition(",")[0]
            kept[same[0]] = replace(kept[same[0]], text=f"{word}, and measured: {one.text}", finding=k)
        else:
            added.append(Sentence(f"Measured: {one.text}", Verdict.AGREE, finding=k))
    return tuple(kept), tuple(added)


def in_order(
    told: Sequence[Sentence], claims: tuple[Claim, ...], findings: Sequence[Finding], urgent: bool
) -> tuple[Sentence, ...]:
    """Sentences of a graded model and of the criteria, the same reason once. urgent: a red alarm asked, so that what was measured comes first."""
    once = [
        one
        for k, one in enumerate(told)
        if one.verdict is not Verdict.UNSUPPORTED or one.text not in [other.text for other in told[:k]]
    ]
    return tuple(sorted(once, key=lambda one: -1 if urgent and one.finding >= 0 else _rank(one, claims, findings)))


def _rank(one: Sentence, claims: tuple[Claim, ...], findings: Sequence[Finding]) -> int:
    if one.verdict in (Verdict.UNSUPPORTED, Verdict.DISAGREE):
        return 6 if one.verdict is Verdict.UNSUPPORTED else 5
    names = {c.measure for c in findings_of(one, claims)} - NORMAL_NAMES
    codes = {findings[one.finding].code} if one.finding >= 0 else {code_of(name) for name in names}
    own = claims[one.first : one.last + 1] if one.first >= 0 else ()
    if codes & _RHYTHMS or names & _RHYTHM_NAMES or any(_is_rate(c) for c in own):
        return 0
    if one.finding >= 0 or (codes - {""} and not _is_tiered(one)):
        return 1
    return 2 if _is_tiered(one) else 3 if one.verdict is Verdict.AGREE else 4


def tells_rate(told: Sequence[Sentence], claims: tuple[Claim, ...]) -> bool:
    """Whether a sentence that stands tells the measured heart rate."""
    whole = [one for one in told if one.verdict is Verdict.AGREE and one.first >= 0]
    return any(_is_rate(c) for one in whole for c in claims[one.first : one.last + 1])


def _is_rate(claim: Claim) -> bool:
    return claim.kind is ClaimKind.NUMBER and claim.measure == "heart rate" and claim.verdict is Verdict.AGREE


def _is_tiered(one: Sentence) -> bool:
    return one.verdict is Verdict.AGREE and one.text.startswith((LIKELY, POSSIBLE.partition(",")[0]))
