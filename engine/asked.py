"""A person's question answered by what was measured: for models that were taught no questions, and where none is at hand.

The question is read as any text is (`engine.claims`). Of a finding that it names the measurements say yes or no and why, of a measure its
value; what they do not bear is said to be unknown. Nothing is told that the claim checker would not let stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from engine.asked_of import formula, in_other_words, moments, of_places, which_rr
from engine.claims.basis import RED_RHYTHMS, Basis
from engine.claims.claim import Claim, Sentence, Verdict
from engine.claims.judging import finding, number
from engine.claims.judging.opinion import Opinion
from engine.claims.judging.wording import EXCLUDES_NONE
from engine.claims.numbers.reading import dimension, reading
from engine.claims.parse import Topic, is_named, topics
from engine.claims.statement import Statement
from engine.interpretation import Interpretation, State, Withheld
from engine.interpreter import opening
from ingest.bed import BedContext
from ingest.frame import LEADS
from stream.trigger import Segment

BY_MEASUREMENT = Withheld("an answer in other words", "no model was taught questions: this is what was measured")
NOT_RELATED = "[What is asked is not among what is measured here. What was found in these ten seconds follows.]"
RHYTHMS = (
    "asystole", "ventricular fibrillation", "ventricular tachycardia", "paced rhythm", "atrial fibrillation", "atrial flutter",
    "supraventricular tachycardia", "sinus tachycardia", "sinus bradycardia", "sinus rhythm",
)  # fmt: skip
"""Asked of a rhythm, the first one that is borne out is told."""
OF_LEADS = ("P", "Q", "R", "S", "T", "ST")
WHOLE = frozenset({"ECG"})
ALONE = {"regular": "rhythm", "irregular": "rhythm", "fast": "rate", "slow": "rate", "wide": "QRS", "narrow": "QRS"}
"""What a quality of nothing is asked of: `Is it wide?`"""
AS_FINDING = {"RWP": "normal R wave progression"}
"""Measures that have no value and are told as a finding."""
INTERVALS = ("PR", "QRS", "QT", "QTc")
NO_ISCHAEMIA = "no ST deviation and no T inversion in two leads of a wall, which excludes no ischaemia"
NOT_EXCLUDED = {
    "infarct": EXCLUDES_NONE, "heart attack": EXCLUDES_NONE, "acute infarct": EXCLUDES_NONE,
    "ischaemia": NO_ISCHAEMIA, "acute ischaemia": NO_ISCHAEMIA,
}  # fmt: skip
"""Findings that an ECG may show and never excludes, with why (Fourth universal definition)."""
OF_ALARM = frozenset({"alarm", "alarms", "alert", "alerts"})
ASKING = frozenset({"why", "how", "what", "which", "where", "when", "who"})


@dataclass
class _Answer:
    """Sentences so far with the claims that they rest on."""

    basis: Basis
    question: str = ""
    sentences: list[Sentence] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def words(self) -> set[str]:
        """Of the question."""
        return set(self.question.lower().replace("?", " ").split())

    def say(self, text: str, claims: Iterable[Claim] = ()) -> None:
        """Take in a sentence, once."""
        if any(one.text == text for one in self.sentences):
            return
        first = len(self.claims)
        self.claims += claims
        held = len(self.claims) > first
        verdict = Verdict.AGREE if held else None
        self.sentences.append(Sentence(text, verdict, *((first, len(self.claims) - 1) if held else ())))


def answered(
    segment: Segment, context: BedContext | None, question: str, base: Interpretation, before: str = ""
) -> Interpretation:
    """The answer to a question about one segment.

    base: what the criteria say of it; before: the question before, whose subject one that names leads alone takes up (`and in V2?`).
    """
    noted = replace(base, question=question, advisories=(), withheld=(*base.withheld, BY_MEASUREMENT))
    if segment.measurements is None:
        return replace(base, question=question, advisories=())
    told = _Answer(Basis.of(segment, context))
    _tell_first(told, segment, base)
    first = len(told.sentences)
    told.question = in_other_words(question)
    words = told.words
    if placed := of_places(question, base):
        told.say(placed)
    for topic in _followed(topics(told.question), before):
        _tell(told, topic, base)
    for name in INTERVALS if "intervals" in words else ():
        _tell_measure(told, name, ())
    if OF_ALARM & words:
        told.say(opening(segment))
    if len(told.sentences) == first:
        told.say(NOT_RELATED)
        _tell_all(told, base)
    text = " ".join(one.text for one in told.sentences)
    claims, sentences = tuple(told.claims), tuple(told.sentences)
    return replace(noted, state=State.DONE, reason="", report=text, claims=claims, sentences=sentences)


def _tell_first(told: _Answer, segment: Segment, base: Interpretation) -> None:
    """What no answer may leave out: a red alarm that is open, and a pause."""
    if told.basis.code in RED_RHYTHMS:
        told.say(opening(segment))
    for one in base.findings:
        if one.name == "Pause":
            told.say(one.text)


def _followed(asked: tuple[Topic, ...], before: str) -> tuple[Topic, ...]:
    """The topics of a question; those of the one before, of its leads, where it names nothing but leads; of its leads, where it names nothing but waves."""
    if before and not any(one.leads for one in asked) and all(set(one.measures) <= set(OF_LEADS) for one in asked):
        own = tuple(dict.fromkeys(name for one in topics(before) for name in one.leads))
        bare = [one for one in asked if one.measures and not one.findings]
        return tuple(replace(one, leads=own) if one in bare else one for one in asked)
    if not before or any(_named(one) for one in asked) or not any(one.leads for one in asked):
        return asked
    leads = tuple(dict.fromkeys(name for one in asked for name in one.leads))
    return tuple(
        replace(one, findings=tuple(replace(f, leads=leads, loose=False) for f in one.findings), leads=leads)
        for one in topics(before)
    )


def _named(topic: Topic) -> bool:
    return bool(topic.measures or topic.qualities) or any(is_named(one) for one in topic.findings)


def _tell(told: _Answer, topic: Topic, base: Interpretation) -> None:
    """Answer one sentence of a question."""
    known, said = [one for one in topic.findings if is_named(one)], len(told.sentences)
    if at := moments(told.question, [one.what for one in known], told.basis):
        told.say(at)
    for one in known:
        _tell_finding(told, one)
    alone = dict.fromkeys(ALONE[name] for name in topic.qualities if name in ALONE)
    for name in (*topic.measures, *alone):
        if name in WHOLE:
            if not topic.findings:
                _tell_all(told, base)
        elif name == "rhythm":
            _tell_rhythm(told, base)
        elif name in AS_FINDING:
            _tell_finding(told, Statement("finding", 0, 0, AS_FINDING[name]))
        else:
            _tell_measure(told, name, topic.leads)
    for name in OF_LEADS if topic.leads and not (_named(topic) or topic.findings) else ():
        _tell_measure(told, name, topic.leads)
    left = [
        words for one in topic.findings if one not in known if (words := one.what.partition(": ")[2]) not in OF_ALARM
    ]
    if len(told.sentences) > said and left:
        told.say(f"[Not among what is measured here: {', '.join(filter(None, left))}.]")


def _tell_all(told: _Answer, base: Interpretation) -> None:
    """What the criteria say of the whole segment."""
    told.say(base.report or f"[{base.reason}.]")


def _tell_rhythm(told: _Answer, base: Interpretation) -> None:
    views = ((name, finding.opinion(Statement("finding", 0, 0, name), told.basis)) for name in RHYTHMS)
    why = next((one.reason for one in base.withheld if one.name == "rhythm"), "")
    borne = [name for name, view in views if view.yes and not view.no][:1]
    for name in borne or ([] if why else ["sinus rhythm"]):
        _tell_finding(told, Statement("finding", 0, 0, name))
    _tell_finding(told, Statement("finding", 0, 0, "regular rhythm"))
    if why:
        told.say(f"[Rhythm: withheld: {why}.]")


def _tell_finding(told: _Answer, asked: Statement) -> None:
    """A finding with yes or no, and why; of leads also those that show it."""
    view = finding.opinion(asked, told.basis)
    shown = _showing(told.basis, asked) if not asked.leads else ()
    where = f" in {', '.join(asked.leads)}" if asked.leads else ""
    name = f"{asked.what[0].upper()}{asked.what[1:]}{where}"
    why = f" ({'; '.join(dict.fromkeys(view.why.rstrip('.').split('; ')))})" if view.why else ""
    if not view.known:
        told.say(f"[{name}: cannot be told{why}.]")
        return
    if view.no and not view.yes and asked.what in NOT_EXCLUDED:
        told.say(f"[{name}: not shown by what was measured, {NOT_EXCLUDED[asked.what]}.]")
        return
    reply = "near its limit, so that it is neither told nor denied" if view.yes and view.no else _reply(view, shown)
    if asked.what in finding.OF_WALLS and view.yes and not view.no:
        reply = f"suggested by what was measured{', in ' + ', '.join(shown) if shown else ''}, which an ECG alone does not settle"
    if asked.what == "supraventricular ectopy" and view.yes:
        reply = "possible, by the usual shape of the beats"
    text = f"{name}: {reply}{why}."
    stands = replace(asked, start=0, end=len(name), negated=view.no and not view.yes)
    claim = finding.judge(text, stands, told.basis)
    if claim.verdict is Verdict.AGREE or (view.yes and view.no):
        told.say(text, [claim])
    else:
        told.say(f"[{name}: cannot be told ({claim.why}).]")


def _reply(view: Opinion, shown: Sequence[str]) -> str:
    return f"yes{', in ' + ', '.join(shown) if shown else ''}" if view.yes else "no"


def _showing(basis: Basis, asked: Statement) -> tuple[str, ...]:
    """Leads that show a finding each, where it is one of single leads."""
    if not finding.is_of_leads(asked.what):
        return ()
    views = ((lead, finding.opinion(replace(asked, leads=(lead,), loose=False), basis)) for lead in basis.measured)
    return tuple(lead for lead, view in views if view.yes and not view.no)


def _tell_measure(told: _Answer, name: str, leads: tuple[str, ...]) -> None:
    """The value of a measure; of a wave that in each of the leads."""
    if name not in OF_LEADS:
        detail = {"QTc": formula(told.words), "RR": which_rr(told.words)}.get(name, "")
        _tell_value(told, Statement("number", 0, 0, name, detail=detail))
        return
    each = [
        Statement("number", 0, 0, name, (lead,), unit="mV") for lead in LEADS if lead in (leads or told.basis.measured)
    ]
    parts, claims, subject = [], [], f"{name} amplitude"
    for one in each:
        found = reading(one, told.basis)
        subject = found.measure
        values = " and ".join(f"{value:.2f}" for value in found.values)
        if found.values and (claim := _judged(told.basis, one, found.values[0])) is not None:
            parts.append(f"{one.leads[0]} {values}")
            claims.append(claim)
    how = " at J and 60 ms later" if name == "ST" else ""
    if parts:
        told.say(f"{subject[0].upper()}{subject[1:]}{how}: {', '.join(parts)} mV.", claims)
    else:
        told.say(f"[{subject[0].upper()}{subject[1:]}: not measured in {', '.join(leads or told.basis.measured)}.]")


def _tell_value(told: _Answer, asked: Statement) -> None:
    found, unit = reading(asked, told.basis), dimension(asked)
    name = f"{found.measure[0].upper()}{found.measure[1:]}"
    if asked.what == "QTc":
        name = f"QTc ({asked.detail.capitalize()})"
    elif asked.what == "RR" and asked.detail:
        name = f"{asked.detail.capitalize()} RR interval"
    if not found.values:
        told.say(f"[{name}: cannot be told: {found.why_not}.]")
        return
    claim = _judged(told.basis, replace(asked, unit=unit), found.values[0])
    if claim is None:
        held = number.judge("", replace(asked, low=found.values[0], high=found.values[0], unit=unit), told.basis)
        told.say(f"[{name}: withheld: {held.why if held is not None else 'it is not measured'}.]")
        return
    told.say(f"{name}: {_rounded(found.values[0], unit)} {'degrees' if unit == 'deg' else unit}.", [claim])
    if asked.what == "QTc" and (open_ := told.basis.withholds("QTc")):
        told.say(f"[Whether it is long or short: withheld: {open_}.]")


def _judged(basis: Basis, asked: Statement, value: float) -> Claim | None:
    """The claim that a measured value makes; None where the criteria withhold it."""
    claim = number.judge("", replace(asked, low=value, high=value), basis)
    return claim if claim is not None and claim.verdict is Verdict.AGREE else None


def _rounded(value: float, unit: str) -> str:
    return f"{value:.2f}" if unit in ("mV", "1") else f"{value:.0f}"
