"""How a model's text and the measured criteria stand together: one interpretation of one segment.

1. The model's text comes first, sentence by sentence, each held against the measurements (`docs/claims.md`): agreed ones as they stand, contradicted
   ones greyed with both values, of unsupported ones only the reason. What is learnt and not measured is graded (`engine/tiers.py`).
   Of a model that is graded rhythm and rate come first, then intervals, axis, findings, and what is likely or possible as its impression; what is not borne comes last
   (`engine/arranged.py`). Each thing is told once (`engine/once.py`), and what is withheld has one line for each reason (`engine/notes.py`).
2. What the criteria find and the text does not say follows as sentences of its own, marked as measured; under a red alarm it stands first.
   No finding of the criteria is lost, but one:
3. `Normal ECG` is told only where the text says it, the criteria find it too, and nothing contradicts: twelve leads, the whole band, no alarm.
4. A text of which nothing is supported gives way to the criteria.
"""

from __future__ import annotations

from dataclasses import replace

from engine.advisory import by_model
from engine.answerer import Job
from engine.arranged import BEATS, RATE, WALLS, beside_each_other, code_of, in_order, tells_rate, without_groups
from engine.asked import answered
from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Claim, Sentence, Verdict
from engine.claims.judging.whole import incomplete_open
from engine.claims.show import displayed
from engine.claims.slots import render
from engine.criteria.case import Case
from engine.interpretation import Advisory, Finding, Interpretation, State, Withheld
from engine.interpreter import NORMAL, opening, report
from engine.itemised import GROUP, complete_alone, itemised, items_in, leads_once
from engine.notes import contradicted, merged
from engine.once import Told, once
from engine.tiers import GRADED, NORMAL_NAMES, Tiers, findings_of, graded
from stream.catalogue import Priority

NOT_NORMAL = Withheld(
    "normal ECG", "the criteria find nothing, and the model does not call it normal, or is not sure of it"
)


def grounded(job: Job, base: Interpretation, text: str, cut: str, tiers: Tiers | None = None) -> Interpretation:
    """A model's text with its verdicts, beside the findings of the criteria; theirs alone where nothing of it holds.

    base: what the criteria say; cut: why the text ends before its end, or empty; tiers: how sure the model's own findings are, where it tells.
    """
    basis = Basis.of(job.segment, job.context)
    filled = render(itemised(text if tiers is None else _worded(text, basis)), basis)
    claims = check(filled.text, basis)
    told = _once(graded(displayed(filled.text, claims), claims, tiers), claims, filled.text)
    if tiers is not None:
        groups = [a for a, _ in items_in(filled.text) if filled.text.startswith(GROUP, a)]
        told = without_groups(told, claims, lambda one: _begins(one, claims, filled.text) in groups)
    advised = advised_by(job, base, filled.text)
    if not any(one.verdict is Verdict.AGREE for one in told):
        texts = {one.text for one in advised}
        both = replace(base, advisories=(*advised, *(one for one in base.advisories if one.text not in texts)))
        return instead(job, _without_normal(job, both), "nothing in its text is supported by the measurements")
    told += tuple(Sentence(f"[Withheld: {why}.]", Verdict.UNSUPPORTED) for why in filled.withheld)
    told += (Sentence(f"[{cut}.]", None),) if cut else ()
    if not job.question:
        base = base if _says_normal(told, claims) else _without_normal(job, base)
        told = _with_criteria(job, told, claims, base.findings, _said(told, claims, tiers))
    if tiers is not None:
        # sentences of our own models stand for themselves, in whatever order
        if not job.question:
            single = once(Told(told, claims, base.findings), basis)
            claims = single.claims
            told = merged(single.sentences, claims, base.findings, basis)
        told = in_order(told, claims, base.findings, _is_urgent(job))
    also: tuple[Advisory, ...] = ()
    if tiers is not None and not job.question:
        # a model of ours was not taught to name these patterns: the criteria state them beside it
        also = tuple(one for one in base.advisories if one.text not in {other.text for other in advised})
    found = replace(base, state=State.DONE, reason="", claims=claims, sentences=told, advisories=advised + also)
    return in_a_line(job, found, tiers)


def _worded(text: str, basis: Basis) -> str:
    """A text of our own models with each lead once in a list, and no denial of an incomplete bundle branch block that may be there."""
    text = leads_once(text)
    return complete_alone(text) if incomplete_open(basis) else text


def advised_by(job: Job, base: Interpretation, text: str) -> tuple[Advisory, ...]:
    """What a model's text advises of; nothing in answer to a question, which may have named what it is asked about."""
    if job.question or job.segment.measurements is None:
        return ()
    case = Case(job.segment, job.segment.measurements, job.context, list(base.findings))
    return by_model(case, text)


def beside(base: Interpretation, why: str) -> Interpretation:
    """What the criteria say, with why the model does not."""
    return replace(base, withheld=(*base.withheld, Withheld("text of the model", why)))


def instead(job: Job, base: Interpretation, why: str) -> Interpretation:
    """What is told where the model is not: the criteria, or to a question of a person what was measured; with why the model is not.

    Of ten seconds on which nothing was measured the reason is that of the answer itself, and no one of the model.
    """
    if job.segment.unreadable:
        return replace(base, question=job.question)
    return beside(answered(job.segment, job.context, job.question, base) if job.question else base, why)


def _once(told: tuple[Sentence, ...], claims: tuple[Claim, ...], text: str) -> tuple[Sentence, ...]:
    """Without those items of lists whose finding an item before told, as a group and then as a diagnosis; a normal ECG once."""
    items, seen, found = items_in(text), set[tuple[str, tuple[str, ...]]](), list[Sentence]()
    for one in told:
        named = {(c.measure, c.leads) for c in findings_of(one, claims)}
        listed = one.first >= 0 and any(a <= claims[one.first].start < b for a, b in items)
        same = one.text in [other.text for other in found] and (listed or {name for name, _ in named} <= NORMAL_NAMES)
        if not (named and (same or (listed and named <= seen))):
            found.append(one)
        seen |= named if listed else set()
    return tuple(found)


def in_a_line(job: Job, found: Interpretation, tiers: Tiers | None) -> Interpretation:
    """The same with its sentences as report; of a graded model what the measurements contradict is only named: the card shows it greyed, with both values."""
    said = " ".join(one.text for one in found.sentences) if tiers is None else _said_in_a_line(found)
    return replace(found, report=said if job.question else f"{opening(job.segment)} {said}")


def _said_in_a_line(found: Interpretation) -> str:
    told = found.sentences
    names = contradicted(told, found.claims, found.findings, [one.name for one in found.withheld])
    left = [f"[Left out, for the measurements contradict it: {', '.join(names)}.]"] if names else []
    return " ".join([*(one.text for one in told if one.verdict is not Verdict.DISAGREE), *left])


def _begins(one: Sentence, claims: tuple[Claim, ...], text: str) -> int:
    """Where in a text the item of a list begins that a sentence tells; -1 of any other sentence."""
    at = claims[one.first].start if one.first >= 0 else -1
    return next((a for a, b in items_in(text) if a <= at < b), -1)


def _is_urgent(job: Job) -> bool:
    return job.segment.trigger.priority is Priority.HIGH


def _says_normal(told: tuple[Sentence, ...], claims: tuple[Claim, ...]) -> bool:
    return any(
        one.verdict is Verdict.AGREE and any(c.measure in NORMAL_NAMES for c in findings_of(one, claims))
        for one in told
    )


def _without_normal(job: Job, base: Interpretation) -> Interpretation:
    """The same without the criteria's `Normal ECG`, and that it is not told."""
    kept = tuple(one for one in base.findings if one.code != NORMAL)
    if len(kept) == len(base.findings):
        return base
    return replace(
        base, findings=kept, withheld=(*base.withheld, NOT_NORMAL), report=report(job.segment, kept, base.withheld)
    )


def _with_criteria(
    job: Job, told: tuple[Sentence, ...], claims: tuple[Claim, ...], findings: tuple[Finding, ...], said: frozenset[str]
) -> tuple[Sentence, ...]:
    """The text and what the criteria find beside it; before it where a red alarm asked. said: codes that the text told."""
    kept, added = beside_each_other(told, claims, findings, said)
    return (*added, *kept) if _is_urgent(job) else (*kept, *added)


def _said(told: tuple[Sentence, ...], claims: tuple[Claim, ...], tiers: Tiers | None) -> frozenset[str]:
    """SNOMED codes of what the text tells as measured, the rate among them; what it tells in a tier is joined to what was measured of it, and beats are counted as they were measured."""
    whole = [one for one in told if one.verdict is Verdict.AGREE and not one.partly]
    shown = [c for one in whole for c in findings_of(one, claims)]
    names = {c.measure for c in shown if c.verdict is Verdict.AGREE}
    plain = names if tiers is None else names - GRADED.keys() - WALLS - {n for n in names if code_of(n) in BEATS}
    rate = {RATE} if tells_rate(whole, claims) else set()
    return frozenset({code for name in plain if (code := code_of(name))} | rate)
