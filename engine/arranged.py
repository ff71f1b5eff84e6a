"""In which order the sentences of a graded model and of the criteria are told: as a report is read.

Rate and rhythm first, then intervals and conduction, the axis, what else was measured and is abnormal, single measured values, and what is likely or possible as
its impression; what is contradicted or withheld last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.evaluate.mentioned import CODES
from engine.facts import asserted, claims_of, names, numbers
from engine.instruct.labels import LABELS
from engine.interpretation import Finding
from engine.tiers import GRADED, LIKELY, NORMAL_NAMES, POSSIBLE, findings_of

RATE = "364075005"
_OWN = {
    "left bundle branch block": "164909002",
    "right bundle branch block": "59118001",
    "ventricular ectopy": "17338001",
    "supraventricular ectopy": "63593006",
}
"""Codes by which the criteria find what the labels of recordings have another one for."""
WALLS = frozenset({"ST elevation", "ST depression", "pathological Q waves", "T wave inversion"})
"""Findings of which the criteria tell walls and values, so that theirs is told where a text names them too."""
_RHYTHMS = frozenset(
    {
        RATE,
        "426783006",
        "427084000",
        "426177001",
        "427393009",
        "164889003",
        "10370003",
        "397829000",
        "71908006",
        "25569003",
    }
)
BEATS = frozenset({"17338001", "75532003", "63593006", "102594003"})
_CONDUCTION = ("270492004", "49578007", "195042002", "27885002", "164909002", "59118001", "698252002")
_QT = frozenset({"111975006", "77867006"})
_AXES = frozenset({"39732003", "47665007", "251200008"})
_RHYTHM_NAMES = frozenset(
    {
        "sinus arrhythmia", "atrial flutter", "supraventricular tachycardia", "junctional rhythm", "wandering pacemaker",
        "regular rhythm", "irregular rhythm", "tachycardia", "bradycardia", "normal rate", "P waves", "no P waves",
    }
)  # fmt: skip
_BEAT_NAMES = frozenset({"supraventricular ectopy", "ectopy", "no ventricular ectopy", "no ectopy"})
_ABNORMAL = frozenset(
    {
        "atrial fibrillation", "atrial flutter", "sinus tachycardia", "sinus bradycardia", "sinus arrhythmia", "paced rhythm", "ventricular ectopy",
        "supraventricular ectopy", "pause", "AV block of second degree", "AV block of third degree", "ventricular tachycardia", "irregular rhythm",
    }
)  # fmt: skip
"""Rhythms and beats that say what `rhythm disturbance` means."""
_AND = "; "
"""Between all reasons that there are of a finding that no one of them plainly bears."""
NOTHING, NOTHING_ELSE = "No abnormality was measured", "No other abnormality was measured"
"""How a sentence begins that sums up what was looked for and not found."""
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
            kept[same[0]] = replace(kept[same[0]], text=_both(kept[same[0]], one), finding=k)
        else:
            added.append(Sentence(f"Measured: {one.text}", Verdict.AGREE, finding=k))
    return tuple(kept), tuple(added)


def _both(tiered: Sentence, found: Finding) -> str:
    """What the criteria find, with that the model calls it likely or possible; beats are counted, and nobody's opinion is needed."""
    if found.code in BEATS:
        return f"Measured: {found.text}"
    word = "likely" if tiered.text.startswith(LIKELY) else "possible"
    return f"Measured: {found.text.removesuffix('.')}; the model calls it {word} too."


def in_order(
    told: Sequence[Sentence], claims: tuple[Claim, ...], findings: Sequence[Finding], urgent: bool
) -> tuple[Sentence, ...]:
    """Sentences of a graded model and of the criteria as a report is read, an unspecific disturbance of the rhythm only where nothing says which.

    urgent: a red alarm asked, so that what was measured comes first.
    """
    said = asserted(told, claims, findings)
    once = [_with_reason(one, claims) for one in told if not (said & _ABNORMAL and _is_vague(one, claims))]
    return tuple(sorted(once, key=lambda one: (-1, 0) if urgent and one.finding >= 0 else _rank(one, claims, findings)))


def _is_vague(one: Sentence, claims: tuple[Claim, ...]) -> bool:
    own = [c.measure for c in findings_of(one, claims)]
    return one.verdict is Verdict.AGREE and bool(own) and set(own) == {"arrhythmia"}


def _with_reason(one: Sentence, claims: tuple[Claim, ...]) -> Sentence:
    """An unspecific disturbance of the rhythm with what bears it out; withheld where nothing does so plainly."""
    why = next((c.why for c in findings_of(one, claims) if c.why), "")
    if not _is_vague(one, claims) or not why or one.text.endswith(f"({why})."):
        return one
    if _AND in why:
        return Sentence(
            f"[Withheld: rhythm disturbance: nothing that was measured plainly shows one ({why}).]", Verdict.UNSUPPORTED
        )
    return replace(one, text=f"{one.text.removesuffix('.')} ({why}).")


def _rank(one: Sentence, claims: tuple[Claim, ...], findings: Sequence[Finding]) -> tuple[int, int]:
    """Section of the report, and place in it."""
    if one.verdict is not Verdict.AGREE:
        return (9 if one.verdict is Verdict.UNSUPPORTED else 7 if one.verdict is Verdict.DISAGREE else 8), 0
    own = claims_of(one, claims)
    if own and all(c.kind is ClaimKind.LEAD for c in own):
        return 6, 2  # which leads are missing
    if one.text.startswith((NOTHING, NOTHING_ELSE)):
        return 5, 1
    told = names(one, claims, findings)
    codes = {findings[one.finding].code} if one.finding >= 0 else {code_of(name) for name in told - NORMAL_NAMES}
    if _is_tiered(one) and told & {"atrial fibrillation", "atrial flutter"}:
        return 0, 1
    if _is_tiered(one) or told & NORMAL_NAMES or _is_vague(one, claims):
        return 6, int(bool(told & NORMAL_NAMES))
    if (at := _in_rhythm(one, told, codes, claims)) is not None:
        return 0, at
    measures = {measure for measure, lead in numbers(one, claims, findings) if not lead}
    if (at := _in_intervals(told, codes, measures)) is not None:
        return 1, at
    if codes & _AXES or measures == {"QRS axis"}:
        return 2, 0
    if one.finding >= 0 or codes - {""}:
        return 3, 0
    return (4 if claims_of(one, claims) else 5), 0


def _in_rhythm(one: Sentence, told: frozenset[str], codes: set[str], claims: tuple[Claim, ...]) -> int | None:
    """Place among rate and rhythm, and single beats behind them; None of what is none of them."""
    if codes & BEATS or told & _BEAT_NAMES or "284470004" in codes:
        return 2
    own = claims_of(one, claims)
    if codes & _RHYTHMS or told & _RHYTHM_NAMES or any(_is_rate(c) for c in own):
        return 0
    return None


def _in_intervals(told: frozenset[str], codes: set[str], measures: set[str]) -> int | None:
    """Place among intervals and conduction: PR, QRS, what is left of the intervals, QT, corrected QT, and what is denied."""
    found = [k for k, code in enumerate(_CONDUCTION) if code in codes]
    if found:
        return 0 if found[0] < 4 else 1
    if codes & _QT:
        return 4
    if measures & {"PR interval", "QRS duration", "QT interval"}:
        return 2
    if measures == {"QTc"}:
        return 5
    return (
        6 if told & {"no bundle branch block", "no left bundle branch block", "no right bundle branch block"} else None
    )


def tells_rate(told: Sequence[Sentence], claims: tuple[Claim, ...]) -> bool:
    """Whether a sentence that stands tells the measured heart rate."""
    whole = [one for one in told if one.verdict is Verdict.AGREE and one.first >= 0]
    return any(_is_rate(c) for one in whole for c in claims[one.first : one.last + 1])


def _is_rate(claim: Claim) -> bool:
    return claim.kind is ClaimKind.NUMBER and claim.measure == "heart rate" and claim.verdict is Verdict.AGREE


def _is_tiered(one: Sentence) -> bool:
    return one.verdict is Verdict.AGREE and one.text.startswith((LIKELY, POSSIBLE.partition(",")[0]))
