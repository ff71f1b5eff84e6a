"""What was measured and a short text leaves out, one subject a sentence, until a record has five sentences and four numbers.

Each sentence passes the checker like those of the model (`docs/claims.md`): its numbers are filled in from the measurements, a denial stands only where they bear it,
and what the criteria withhold is not told. Nothing is told twice, and nothing is denied that the text calls likely or possible. Where fewer things were measured there are fewer sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.answerer import Job
from engine.arranged import in_order
from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.claims.slots import render
from engine.grounded import in_a_line
from engine.interpretation import Interpretation, State
from engine.tiers import Tiers
from stream.catalogue import Priority
from stream.certainty import edges_hidden

SENTENCES, NUMBERS = 5, 4
"""That a record has at least, where so many things were measured (the floor of `vigil score texts`)."""
MARK = "Measured: "
_SINUS = frozenset({"sinus rhythm", "normal sinus rhythm", "sinus tachycardia", "sinus bradycardia", "sinus arrhythmia", "normal P waves"})  # fmt: skip
_BLOCKS = frozenset(
    {
        "right bundle branch block", "left bundle branch block", "bifascicular block", "incomplete right bundle branch block",
        "incomplete left bundle branch block", "intraventricular conduction delay", "conduction disturbance", "normal conduction", "no block",
    }
)  # fmt: skip
_LARGE = frozenset(
    {"ventricular hypertrophy", "right ventricular hypertrophy", "ventricular strain", "chamber enlargement"}
)


@dataclass(frozen=True, slots=True)
class _Subject:
    """One thing that may be told."""

    wordings: tuple[str, ...]
    """With slots; the first that is borne out and repeats nothing is told."""
    near: frozenset[str] = frozenset()
    """Findings that say the same or the contrary of what a wording finds or denies."""
    unless: tuple[str, ...] = ()
    """Ends of the names of what the criteria withhold in whose case it is not told."""


_SUBJECTS = (
    _Subject(("The heart rate is <HR>.",)),
    _Subject(
        ("P waves are present, with a PR interval of <PR>.", "The PR interval is <PR>.", "P waves are present."),
        _SINUS | {"atrial fibrillation", "atrial flutter"},
        ("rhythm",),
    ),
    _Subject(
        ("The QRS duration is <QRS>, without bundle branch block.", "The QRS duration is <QRS>.", "There is no bundle branch block."),
        _BLOCKS,
    ),
    _Subject(("The QT interval is <QT>.",)),
    _Subject(("The corrected QT interval is <QTCF> (Fridericia).",), unless=("QTc",)),
    _Subject(("The QRS axis is <AXIS>.",)),
    _Subject(
        (
            "The ST level at J is <STJ:II> in II, <STJ:V2> in V2 and <STJ:V5> in V5.",
            "The ST level at J is <STJ:II> in II and <STJ:aVF> in aVF.",
        ),
        unless=("ST segment",),
    ),
    _Subject(
        (
            "The T wave amplitude is <TAMP:II> in II, <TAMP:V2> in V2 and <TAMP:V5> in V5.",
            "The T wave amplitude is <TAMP:II> in II and <TAMP:V5> in V5.",
            "The T wave amplitude is <TAMP:II> in II and <TAMP:aVF> in aVF.",
        ),
        unless=("QT interval",),
    ),
    _Subject(
        (
            "The R amplitude in V5 is <RAMP:V5> and the S amplitude in V1 is <SAMP:V1>, without left ventricular hypertrophy by voltage.",
            "The R wave amplitude is <RAMP:V5> in V5 and the S wave amplitude is <SAMP:V1> in V1.",
            "The R wave amplitude is <RAMP:II> in II.",
        ),
        _LARGE,
    ),
    _Subject(("There are no ventricular premature beats.",), frozenset({"ectopy", "supraventricular ectopy"})),
)  # fmt: skip
"""In the order in which an ECG is reported."""
_OF_EDGES = ("<STJ:",)
"""What of them rests on where the QRS ends, beside what the criteria withhold themselves."""


def completed(job: Job, told: Interpretation, tiers: Tiers | None) -> Interpretation:
    """A graded model's interpretation with what was measured beside it, where it is short; any other as it is."""
    if tiers is None or job.question or told.state is not State.DONE or not told.sentences:
        return told
    basis = Basis.of(job.segment, job.context)
    for subject in _SUBJECTS:
        stated = [one for one in told.sentences if one.verdict is Verdict.AGREE]
        if len(stated) >= SENTENCES and sum(numbers_of(told, one) for one in stated) >= NUMBERS:
            break
        told = _with(told, subject, basis, stated)
    urgent = job.segment.trigger.priority is Priority.HIGH
    ordered = replace(told, sentences=in_order(told.sentences, told.claims, told.findings, urgent))
    return in_a_line(job, ordered, tiers)


def numbers_of(answer: Interpretation, sentence: Sentence) -> int:
    """Measured values that a sentence tells: claims of the text, evidence of the criteria."""
    if sentence.finding >= 0:
        return len(answer.findings[sentence.finding].evidence)
    return sum(c.kind is ClaimKind.NUMBER and c.verdict is Verdict.AGREE for c in _claims(answer, sentence))


def _claims(answer: Interpretation, sentence: Sentence) -> tuple[Claim, ...]:
    return answer.claims[sentence.first : sentence.last + 1] if sentence.first >= 0 else ()


def _with(told: Interpretation, subject: _Subject, basis: Basis, stated: Sequence[Sentence]) -> Interpretation:
    """The same and a sentence about a subject, where one can be told that repeats nothing."""
    if any(one.name.endswith(subject.unless) for one in basis.criteria[1] if subject.unless):
        return told
    numbers, findings = _said(told, stated)
    # what a sentence said that does not stand is undecided: the contrary is not told beside it
    findings |= {c.measure.removeprefix("no ") for c in told.claims if c.kind is ClaimKind.FINDING}
    for wording in subject.wordings:
        if any(slot in wording for slot in _OF_EDGES) and edges_hidden(basis.m):
            continue
        filled = render(wording, basis)
        claims = check(filled.text, basis) if filled.text and not filled.withheld else ()
        if not claims or any(c.verdict is not Verdict.AGREE or c.samples is None for c in claims):
            continue
        named = {c.measure.removeprefix("no ") for c in claims if c.kind is ClaimKind.FINDING}
        if any(_number(c) in numbers for c in claims) or (named and (named | subject.near) & findings):
            continue
        return _added(told, f"{MARK}{filled.text}", claims)
    return told


def _said(told: Interpretation, stated: Sequence[Sentence]) -> tuple[set[tuple[str, str]], set[str]]:
    """Numbers, by measure and lead, and findings, affirmed or denied, of the sentences that stand."""
    numbers: set[tuple[str, str]] = set()
    findings: set[str] = set()
    for one in stated:
        own = _claims(told, one)
        numbers |= {place for c in own if (place := _number(c)) is not None}
        findings |= {c.measure.removeprefix("no ") for c in own if c.kind is ClaimKind.FINDING}
        for e in told.findings[one.finding].evidence if one.finding >= 0 else ():
            numbers.add((e.measure.partition(" (")[0], "" if e.lead == "global" else e.lead))
    return numbers, findings


def _number(claim: Claim) -> tuple[str, str] | None:
    """Measure and lead of a number; None of any other claim."""
    return (claim.measure, ",".join(claim.leads)) if claim.kind is ClaimKind.NUMBER else None


def _added(told: Interpretation, text: str, claims: tuple[Claim, ...]) -> Interpretation:
    """The same with one more sentence; places of its claims count on from those of the text."""
    first, behind = len(told.claims), max((c.end for c in told.claims), default=0) + 1
    moved = tuple(replace(c, start=c.start + behind, end=c.end + behind) for c in claims)
    sentence = Sentence(text, Verdict.AGREE, first, first + len(moved) - 1)
    return replace(told, claims=(*told.claims, *moved), sentences=(*told.sentences, sentence))
