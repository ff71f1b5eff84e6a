"""What was measured and a short text leaves out, one subject a sentence, until a record has five sentences and four numbers.

Each sentence passes the checker like those of the model (`docs/claims.md`): its numbers are filled in from the measurements, a denial stands only where they bear it,
and what the criteria withhold is not told. Nothing is told twice, and nothing is denied that the text calls likely or possible. Where fewer things were measured there are fewer sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from engine.answerer import Job
from engine.arranged import NOTHING, NOTHING_ELSE, in_order
from engine.claims.basis import Basis
from engine.claims.check import MISSING
from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.claims.judging.not_shown import slightly_down
from engine.criteria.case import listed
from engine.criteria.rhythm import SINUS
from engine.facts import Number, implied, names, number_of, numbers
from engine.findings.held import Held
from engine.graded import beside
from engine.grounded import NOT_NORMAL, in_a_line
from engine.interpretation import TWELVE, Interpretation, State
from engine.interpreter import NORMAL, PLAIN, missing, unrecorded
from engine.once import stated
from engine.tiers import Tiers
from stream.catalogue import Priority
from stream.certainty import edges_hidden
from stream.trigger import Segment

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
    _Subject(("The QRS duration is <QRS>, without bundle branch block.", "The QRS duration is <QRS>."), _BLOCKS),
    _Subject(("The QT interval is <QT>.",)),
    _Subject(("The corrected QT interval is <QTCF> (Fridericia).",), unless=("QTc",)),
    _Subject(("The QRS axis is <AXIS>.",)),
    _Subject(
        (
            "The ST level is <ST:II> in II, <ST:V2> in V2 and <ST:V5> in V5.",
            "The ST level is <ST:II> in II and <ST:aVF> in aVF.",
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
    _Subject(("The R wave amplitude is <RAMP:I> in I, <RAMP:II> in II and <RAMP:aVF> in aVF.",)),
    _Subject(("There is no bundle branch block.",), _BLOCKS),
    _Subject(("The P wave amplitude is <PAMP:II> in II.",), _SINUS, ("rhythm",)),
    _Subject(("The S wave amplitude is <SAMP:V2> in V2 and the R wave amplitude is <RAMP:V6> in V6.",)),
    _Subject(
        ("There are no ventricular premature beats.",),
        frozenset({"ectopy", "supraventricular ectopy", "ventricular tachycardia"}),
        ("QRS duration",),
    ),
)  # fmt: skip
"""In the order in which an ECG is reported."""
_NOT_THERE = {
    "axis deviation": "no axis deviation", "bundle branch block": "no bundle branch block",
    "left ventricular hypertrophy": "no left ventricular hypertrophy by voltage", "pathological Q waves": "no pathological Q waves",
    "ST elevation": "no ST elevation", "ST depression": "no ST depression",
}  # fmt: skip
"""What is looked for, by its name in the checker."""
_USUAL = frozenset(
    {
        "sinus rhythm", "sinus bradycardia", "sinus tachycardia", "sinus arrhythmia", "bradycardia", "tachycardia", "P waves", "regular rhythm",
        "irregular rhythm", "narrow QRS", "isoelectric ST", "upright T waves", "otherwise normal ECG",
    }
)  # fmt: skip
_PER_MIN = ("bpm", "/min")
_OF_EDGES = ("<ST:",)
"""What of them rests on where the QRS ends, beside what the criteria withhold themselves."""


def completed(job: Job, told: Interpretation, tiers: Tiers | None, held: Held = MappingProxyType({})) -> Interpretation:
    """A graded model's interpretation with what was measured beside it, where it is short; any other as it is.

    held: how often each grade was right where it was judged, in words.
    """
    if tiers is None or job.question or told.state is not State.DONE or not told.sentences:
        return told
    basis = Basis.of(job.segment, job.context)
    told = _with_missing(told, job.segment, basis)
    for subject in _SUBJECTS:
        stands = [one for one in told.sentences if one.verdict is Verdict.AGREE]
        if len(stands) >= SENTENCES and sum(numbers_of(told, one) for one in stands) >= NUMBERS:
            break
        told = _with(told, subject, basis, stands)
    told = _with_rate_word(_unremarkable(job, told, basis), basis)
    urgent = job.segment.trigger.priority is Priority.HIGH
    ordered = replace(told, sentences=in_order(told.sentences, told.claims, told.findings, urgent))
    return in_a_line(job, beside(job, ordered, tiers, held), tiers)


def _unremarkable(job: Job, told: Interpretation, basis: Basis) -> Interpretation:
    """The same and what was looked for and not found, where the criteria find nothing but a rhythm of the sinus, withhold nothing, and no sentence says more.

    It is no normal ECG: only what is named in it was looked at.
    """
    codes = {one.code for one in told.findings} - {NORMAL}
    held = {one.name for one in told.withheld if one != NOT_NORMAL}
    stands = [one for one in told.sentences if one.verdict is Verdict.AGREE]
    named = set().union(*(names(one, told.claims, told.findings) for one in stands))
    if (
        held
        or not codes
        or any(one.verdict is Verdict.DISAGREE for one in told.sentences)
        or any(c.verdict is Verdict.UNSUPPORTED and c.measure in _BLOCKS for c in told.claims)
        or codes - PLAIN
        or len(job.segment.measured) < TWELVE
        or not all(_is_plain(n) for n in named)
    ):
        return told
    near = {"ST depression"} if slightly_down(basis) else set()
    left = listed([words for name, words in _NOT_THERE.items() if f"no {name}" not in named and name not in near])
    made = stated(f"There is {left}.", basis, told.claims) if left else None
    if made is None:
        return told
    begin = NOTHING if codes == {SINUS[0]} else NOTHING_ELSE
    sentence = replace(made[0], text=f"{begin}: {made[0].text.removeprefix('There is ')}")
    return replace(told, claims=made[1], sentences=(*told.sentences, sentence))


def _is_plain(name: str) -> bool:
    """Whether what a sentence states is no abnormality beside the rate and rhythm that the criteria find."""
    return name.startswith(("no ", "normal ")) or name in _USUAL


def _with_missing(told: Interpretation, segment: Segment, basis: Basis) -> Interpretation:
    """The same with one sentence about the leads that are missing, of which it names all and no other: the text's own where it does, else the measured list."""
    gone, kept, said = set(unrecorded(segment)), list[Sentence](), False
    for one in told.sentences:
        own = _claims(told, one)
        if not own or any(c.kind is not ClaimKind.LEAD or c.measure != MISSING for c in own):
            kept.append(one)
        elif not said and one.verdict is Verdict.AGREE and {lead for c in own for lead in c.leads} == gone:
            said = True
            kept.append(one)
    told = replace(told, sentences=tuple(kept))
    text = missing(segment)
    made = None if said or not text else stated(text, basis, told.claims)
    return told if made is None else replace(told, claims=made[1], sentences=(*told.sentences, made[0]))


def _with_rate_word(told: Interpretation, basis: Basis) -> Interpretation:
    """The same and that the rate is a bradycardia or a tachycardia, where it is told and no sentence has the word."""
    stands = [one for one in told.sentences if one.verdict is Verdict.AGREE]
    rate = None if basis.rate is None else round(basis.rate)
    if (
        rate is None
        or 60 <= rate <= 100
        or not any(f"{rate} {unit}" in one.text for one in stands for unit in _PER_MIN)
    ):
        return told
    word = "bradycardia" if rate < 60 else "tachycardia"
    made = None if any(word in one.text.lower() for one in stands) else stated(f"There is {word}.", basis, told.claims)
    if made is None:
        return told
    return replace(told, claims=made[1], sentences=(*told.sentences, replace(made[0], text=f"{MARK}There is {word}.")))


def numbers_of(answer: Interpretation, sentence: Sentence) -> int:
    """Measured values that a sentence tells: claims of the text, evidence of the criteria."""
    if sentence.finding >= 0:
        return len(answer.findings[sentence.finding].evidence)
    return sum(c.kind is ClaimKind.NUMBER and c.verdict is Verdict.AGREE for c in _claims(answer, sentence))


def _claims(answer: Interpretation, sentence: Sentence) -> tuple[Claim, ...]:
    return answer.claims[sentence.first : sentence.last + 1] if sentence.first >= 0 else ()


def _with(told: Interpretation, subject: _Subject, basis: Basis, stands: Sequence[Sentence]) -> Interpretation:
    """The same and a sentence about a subject, where one can be told that repeats nothing."""
    if any(one.name.endswith(subject.unless) for one in basis.criteria[1] if subject.unless):
        return told
    told_numbers, findings = _said(told, stands)
    # what a sentence said that does not stand is undecided: the contrary is not told beside it
    findings |= {c.measure.removeprefix("no ") for c in told.claims if c.kind is ClaimKind.FINDING}
    untold = any(one.name == "QRS duration" for one in basis.criteria[1])
    for wording in subject.wordings:
        if any(slot in wording for slot in _OF_EDGES) and (edges_hidden(basis.m) or untold):
            continue
        made = stated(wording, basis, told.claims)
        if made is None:
            continue
        sentence, every = made
        own = every[sentence.first :]
        named = {c.measure.removeprefix("no ") for c in own if c.kind is ClaimKind.FINDING}
        if any(number_of(c) in told_numbers for c in own) or (named and (named | subject.near) & findings):
            continue
        marked = replace(sentence, text=f"{MARK}{sentence.text}")
        return replace(told, claims=every, sentences=(*told.sentences, marked))
    return told


def _said(told: Interpretation, stands: Sequence[Sentence]) -> tuple[set[Number], set[str]]:
    """Numbers, by measure and lead, and findings, affirmed or denied, of the sentences that stand."""
    every = [numbers(one, told.claims, told.findings) for one in stands]
    own = implied(name for one in stands for name in names(one, told.claims, told.findings))
    return set().union(*every), {name.removeprefix("no ") for name in own}
