"""What the model's fused findings grade and its text did not tell: a sentence of its own behind the text, marked as the model's.

A decoder of this size leaves out much of what its tower and the measured features show. So each finding with a tier that no sentence tells is told beside
the text, under these rules: all twelve leads were measured, for the tiers were judged on no fewer; no red alarm asked; the criteria find no other rhythm or
width that denies it, and the claim checker bears it out, or knows of nothing that was measured against it. What neither shows nor denies it is said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.answerer import Job
from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.facts import asserted, implied, name_of
from engine.findings.fusion import Tier
from engine.findings.held import Held
from engine.interpretation import TWELVE, Interpretation
from engine.tiers import LIKELY, POSSIBLE, Tiers
from stream.catalogue import Priority

ATRIAL = frozenset({"AF_OR_AFLT", "AF"})
"""What is told of a paced patient too, whose beats have another shape whatever the heart has."""
BEGIN = "Graded by the model beside its text: "
UNDECIDED = "; the measurements neither show nor deny it"


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the fused findings in words."""

    words: str
    claim: str
    """The sentence that the checker judges."""
    told_by: frozenset[str]
    """Findings, any of which tells it already."""
    covers: frozenset[str] = frozenset()
    """Labels that are not told beside it."""
    unless: frozenset[str] = frozenset()
    """Findings of the criteria beside which it is not told."""


_SINUS = frozenset({"sinus rhythm", "P waves", "paced rhythm", "ventricular tachycardia", "AV block of second degree"})
_ATRIAL = frozenset({"atrial fibrillation", "atrial flutter"})
LABELS: Mapping[str, Label] = {
    "AF_OR_AFLT": Label("atrial fibrillation or flutter", "There is atrial fibrillation.", _ATRIAL, frozenset({"AF"}), _SINUS),
    "AF": Label("atrial fibrillation", "There is atrial fibrillation.", _ATRIAL, unless=_SINUS),
    "PVC": Label("ventricular premature beats", "There are ventricular premature beats.", frozenset({"ventricular ectopy", "ventricular tachycardia"})),
    "RBBB": Label(
        "right bundle branch block", "There is a right bundle branch block.", frozenset({"right bundle branch block"}),
        frozenset({"CD"}), frozenset({"left bundle branch block", "paced rhythm"}),
    ),
    "CD": Label("conduction disturbance", "There is a conduction disturbance.", frozenset({"conduction disturbance", "paced rhythm"})),
    "MI": Label("a pattern of myocardial infarction", "There is a myocardial infarction.", frozenset({"infarct"})),
    "STTC": Label(
        "ST-T changes", "There are ST-T changes.",
        frozenset({"ST-T changes", "T wave changes", "ischaemia", "ST depression", "ST elevation", "T wave inversion"}),
    ),
}  # fmt: skip
"""In the order in which they are told. NORM, HYP and flutter alone have no threshold, and are not told."""
_NO_SHAPE = "RR variation"
"""Why the checker denies fibrillation where the beats are regular; flutter is not denied by it."""


def beside(job: Job, told: Interpretation, tiers: Tiers | None, held: Held) -> Interpretation:
    """The same and what the model grades beside its text, a sentence a finding with how often it was right; any other answer as it is."""
    m = job.segment.measurements
    if (
        not tiers
        or job.question
        or m is None
        or not told.sentences
        or job.segment.trigger.priority is Priority.HIGH
        or len(job.segment.measured) < TWELVE
    ):
        return told
    for sentence, claims in _sentences(job, told, tiers, held):
        first = len(told.claims)
        behind = max((c.end for c in told.claims), default=0) + 1
        moved = tuple(replace(c, start=c.start + behind, end=c.end + behind) for c in claims)
        borne = replace(sentence, first=first, last=first + len(moved) - 1) if moved else sentence
        told = replace(told, claims=(*told.claims, *moved), sentences=(*told.sentences, borne))
    return told


def _sentences(
    job: Job, told: Interpretation, tiers: Tiers, held: Held
) -> Iterator[tuple[Sentence, tuple[Claim, ...]]]:
    """Each with the claims that bear it, none of what the measurements leave open."""
    basis = Basis.of(job.segment, job.context)
    paced = job.context is not None and job.context.paced
    said = asserted(told.sentences, told.claims, told.findings)
    found = implied(name_of(one) for one in told.findings)
    gone: set[str] = set()
    for name, label in LABELS.items():
        tier = tiers.get(name, Tier.HIDDEN)
        if tier is Tier.HIDDEN or name in gone or said & label.told_by:
            gone |= label.covers if said & label.told_by else set()
            continue
        if found & label.unless or (paced and name not in ATRIAL):
            continue
        own = tuple(c for c in check(label.claim, basis) if c.kind is ClaimKind.FINDING)
        if not own or any(_denied(c, name, basis) for c in own):
            continue
        gone |= label.covers
        borne = all(c.verdict is Verdict.AGREE and c.samples is not None for c in own)
        grade = LIKELY.lower() if tier is Tier.LIKELY else POSSIBLE.lower()
        right = f" ({held[name, tier]})" if (name, tier) in held else ""
        text = f"{BEGIN}{label.words} {grade}{right}{'' if borne else UNDECIDED}."
        yield Sentence(text, Verdict.AGREE if borne else None, graded=True), own if borne else ()


def _denied(claim: Claim, name: str, basis: Basis) -> bool:
    """Whether something that was measured speaks against a finding; of fibrillation or flutter regular beats without P waves do not."""
    if claim.verdict is Verdict.AGREE:
        return False
    if name == "AF_OR_AFLT":
        return basis.m.p_wave_present is True or (
            claim.verdict is Verdict.DISAGREE and not claim.why.startswith(_NO_SHAPE)
        )
    return claim.verdict is Verdict.DISAGREE or not claim.uncontradicted
