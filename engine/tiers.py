"""How what a model has learnt, and nothing measures to the end, may be told: likely, possible, or not at all; never as a percentage.

The measurements must bear such a finding first (`engine/claims`); its tier is that of the model's fused findings (`engine/findings/fused.py`),
whose thresholds were fitted to records that it never saw. What has a tier and is not in the text is told beside it (`engine/graded.py`). Which findings are graded, and which are never told of a model taught by
so few records, follows a study of 494 of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.findings.fusion import Tier
from engine.itemised import without_begin

Tiers = Mapping[str, Tier]
"""By label of the fused findings; a label that is not there is not shown."""
NORMAL_NAMES = frozenset({"normal ECG", "otherwise normal ECG"})
GRADED: dict[str, str] = {
    "infarct": "MI", "ischaemia": "STTC", "ST-T changes": "STTC", "T wave changes": "STTC",
    "left ventricular hypertrophy": "HYP", "ventricular hypertrophy": "HYP", "left atrial enlargement": "HYP",
    "right atrial enlargement": "HYP", "atrial enlargement": "HYP", "chamber enlargement": "HYP",
    "conduction disturbance": "CD", "intraventricular conduction delay": "CD", "left anterior fascicular block": "CD",
    "incomplete right bundle branch block": "CD", "incomplete left bundle branch block": "CD", "right bundle branch block": "RBBB",
    "atrial fibrillation": "AF_OR_AFLT", "atrial flutter": "AF_OR_AFLT", "ventricular ectopy": "PVC", "paced rhythm": "PACE",
}  # fmt: skip
"""Findings of the checker by the label whose tier holds for them."""
GROUPS = frozenset({"MI", "STTC", "CD", "HYP"})
"""While one of these may be shown at all, nothing is called normal."""
NEVER = frozenset(
    {
        "acute infarct", "ST elevation infarct", "heart attack", "acute ischaemia", "right ventricular hypertrophy",
        "left posterior fascicular block", "bifascicular block", "long QT", "pre-excitation", "supraventricular tachycardia",
    }
)  # fmt: skip
"""What a model says of these is not told; what the criteria measure of them is."""
EARLY = frozenset({"supraventricular ectopy"})
"""Told as possible, whatever the model learnt: a beat that is early with the usual shape is no more than that (as the criteria have it)."""
_AS = {
    "infarct": "a pattern of myocardial infarction", "atrial fibrillation": "atrial fibrillation or flutter",
    "atrial flutter": "atrial fibrillation or flutter",
}  # fmt: skip
"""Told as the group: neither the wall nor which of the two can be told apart."""
LIKELY, POSSIBLE = "Likely", "Possible, to be confirmed"


def graded(told: tuple[Sentence, ...], claims: tuple[Claim, ...], tiers: Tiers | None) -> tuple[Sentence, ...]:
    """Sentences as the checker displays them, with what is learnt under its tier. tiers: None of a model that tells none."""
    return tuple(_graded(one, findings_of(one, claims), tiers) for one in told)


def findings_of(sentence: Sentence, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The findings that a sentence affirms; none of one that claims nothing."""
    if sentence.first < 0:
        return ()
    own = claims[sentence.first : sentence.last + 1]
    return tuple(c for c in own if c.kind is ClaimKind.FINDING and not c.measure.startswith("no "))


def _graded(sentence: Sentence, own: tuple[Claim, ...], tiers: Tiers | None) -> Sentence:
    named = {c.measure for c in own}
    if named & NORMAL_NAMES:
        return _normal(sentence, own, tiers)
    if tiers is None or sentence.verdict is Verdict.UNSUPPORTED:
        return sentence
    never = sorted(named & NEVER)
    if never:
        why = f"{never[0]}: too rare in what the model learnt from"
        return replace(sentence, text=f"[Withheld: {why}.]", verdict=Verdict.UNSUPPORTED)
    if named and named <= EARLY and sentence.verdict is Verdict.AGREE and not sentence.partly:
        return replace(sentence, text=f"{POSSIBLE}: {without_begin(sentence.text)}")
    learnt = sorted(name for name in named if name in GRADED)
    if not learnt or sentence.verdict is not Verdict.AGREE:
        return sentence
    hidden = [name for name in learnt if tiers.get(GRADED[name]) not in (Tier.LIKELY, Tier.POSSIBLE)]
    if hidden or sentence.partly:
        why = f"{(hidden or learnt)[0]}: the model is not sure enough of it"
        return replace(sentence, text=f"[Withheld: {why}.]", verdict=Verdict.UNSUPPORTED)
    likely = all(tiers.get(GRADED[name]) is Tier.LIKELY for name in learnt)
    words = f"{_AS[learnt[0]]}." if learnt[0] in _AS else without_begin(sentence.text)
    return replace(sentence, text=f"{LIKELY if likely else POSSIBLE}: {words}")


def _normal(sentence: Sentence, own: tuple[Claim, ...], tiers: Tiers | None) -> Sentence:
    """A normal ECG: said where the measurements bear it and the model is sure enough, else not at all, not even greyed."""
    wrong = next((c for c in own if c.measure in NORMAL_NAMES and c.verdict is not Verdict.AGREE), None)
    why = "" if wrong is None else wrong.why
    if not why and sentence.verdict is not Verdict.AGREE:
        why = "the sentence is not borne out"
    if not why and tiers is not None and (tiers.get("NORM") is not Tier.LIKELY or tiers.keys() & GROUPS):
        why = "the model is not sure enough of it"
    if why:
        return replace(sentence, text=f"[Withheld: normal ECG: {why}.]", verdict=Verdict.UNSUPPORTED)
    return sentence if tiers is None else replace(sentence, text=f"{LIKELY}: normal ECG.")
