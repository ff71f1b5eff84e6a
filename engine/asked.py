"""A person's question answered by what was measured: for models that were taught no questions, and where none is at hand.

The question is read as any text is (`engine.claims`). Of a finding that it names the measurements say yes or no and why, of a measure its
value; what they do not bear is said to be unknown. Nothing is told that the claim checker would not let stand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.asked_numbers import OF_LEADS, Answer, judged, tell_bound, tell_measure, tell_own
from engine.asked_of import (
    IN_WORDS,
    formula,
    goes_on,
    in_other_words,
    moments,
    of_connection,
    of_places,
    stood_still,
    taken_up,
)
from engine.asked_values import asks_where, bounds, by_formula, heights, of_the_past, own_values
from engine.claims.basis import RED_RHYTHMS, Basis
from engine.claims.claim import Verdict
from engine.claims.judging import finding
from engine.claims.judging.opinion import Opinion
from engine.claims.judging.wording import EXCLUDES_NONE
from engine.claims.language import markup
from engine.claims.parse import Topic, is_named, topics
from engine.claims.statement import Statement
from engine.interpretation import Interpretation, State, Withheld
from engine.interpreter import opening
from ingest.bed import BedContext
from ingest.frame import LEADS
from stream.catalogue import Code
from stream.trigger import Segment

BY_MEASUREMENT = Withheld("an answer in other words", "no model was taught questions: this is what was measured")
NOT_RELATED = "[What is asked is not among what is measured here: it is neither affirmed nor denied. What was found in these ten seconds follows.]"
OTHER_TIMES = "[Of other times nothing is measured here: what follows is that of these ten seconds.]"
NORMAL_ECG = "164854000"
"""Finding that is no answer to a question that was not understood, and would be read as one."""
RHYTHMS = (
    "asystole", "ventricular fibrillation", "ventricular tachycardia", "paced rhythm", "atrial fibrillation", "atrial flutter",
    "supraventricular tachycardia", "sinus tachycardia", "sinus bradycardia", "sinus rhythm",
)  # fmt: skip
"""Asked of a rhythm, the first one that is borne out is told."""
PLACES = ("anteroseptal", "anterolateral", "anterior", "inferior", "lateral", "septal", "chest", "limb", "precordial")
"""Words that name a group of leads."""
AS_NAMED = {"bigeminy": "bigeminy, trigeminy or couplets"}
"""Findings that stand for more than their names say."""
WHOLE = frozenset({"ECG"})
ALONE = {
    "regular": "rhythm",
    "irregular": "rhythm",
    "fast": "rate",
    "slow": "rate",
    "wide": "QRS",
    "narrow": "QRS",
    "normal": "normal ECG",
    "abnormal": "normal ECG",
}
"""What a quality of nothing is asked of: `Is it wide?`"""
AS_FINDING = {"RWP": "normal R wave progression"}
"""Measures that have no value and are told as a finding."""
TRANSITION = "usual transition"
INTERVALS = ("PR", "QRS", "QT", "QTc")
NO_ISCHAEMIA = "no ST deviation and no T inversion in two leads of a wall, which excludes no ischaemia"
NOT_EXCLUDED = {
    "infarct": EXCLUDES_NONE, "heart attack": EXCLUDES_NONE, "acute infarct": EXCLUDES_NONE,
    "ischaemia": NO_ISCHAEMIA, "acute ischaemia": NO_ISCHAEMIA,
}  # fmt: skip
"""Findings that an ECG may show and never excludes, with why (Fourth universal definition)."""
OF_PEOPLE = frozenset({"he", "she", "him", "her", "his", "they", "you", "we", "i", "me", "us"})
OF_RATE = frozenset({"fast rate", "slow rate", "normal rate", "tachycardia", "bradycardia"})
OF_SILENCE = frozenset({Code.ASYSTOLE, Code.PAUSE, Code.VFIB, Code.LEADS_OFF, Code.CANNOT_ANALYZE_ECG})
"""Alarms that a line without any signal raises as well."""
OF_ALARM = frozenset({"alarm", "alarms", "alert", "alerts"})
BLOCKS = frozenset({"59118001", "164909002"})
"""Bundle branch blocks as the criteria find them."""


def answered(
    segment: Segment, context: BedContext | None, question: str, base: Interpretation, before: str = ""
) -> Interpretation:
    """The answer to a question about one segment.

    base: what the criteria say of it; before: the question before, whose subject one that names leads alone takes up (`and in V2?`).
    """
    noted = replace(base, question=question, advisories=(), withheld=(*base.withheld, BY_MEASUREMENT))
    if segment.measurements is None:
        return replace(base, question=question, advisories=())
    told = Answer(Basis.of(segment, context))
    _tell_first(told, segment, base)
    first = len(told.sentences)
    for placed in (of_places(question, base), of_connection(question, segment)):
        if placed:
            told.say(placed)
    for sentence in _sentences(question):
        told.question = in_other_words(sentence)
        _tell_sentence(told, before, base)
        before = sentence
    told.question = question
    for name in INTERVALS if "intervals" in told.words else ():
        tell_measure(told, name, ())
    if OF_ALARM & told.words:
        told.say(opening(segment))
    if len(told.sentences) == first:
        told.say(NOT_RELATED)
        _tell_found(told, base)
    text = " ".join(one.text for one in told.sentences)
    claims, sentences = tuple(told.claims), tuple(told.sentences)
    return replace(noted, state=State.DONE, reason="", report=text, claims=claims, sentences=sentences)


def _sentences(question: str) -> list[str]:
    """The sentences of a question, each with the mark that ends it."""
    flat = markup.plain(question)
    return [flat[start:end] for start, end in markup.sentences(flat)]


def _tell_first(told: Answer, segment: Segment, base: Interpretation) -> None:
    """What no answer may leave out: a red alarm that is open, and a pause."""
    if told.basis.code in RED_RHYTHMS:
        told.say(opening(segment))
    for one in base.findings:
        if one.name == "Pause":
            told.say(one.text)
    silent = told.basis.code in OF_SILENCE or any(one.name == "Pause" for one in base.findings)
    if silent and (still := stood_still(segment)):
        told.say(still)


def _tell_sentence(told: Answer, before: str, base: Interpretation) -> None:
    """Answer one sentence of a question: of a bound on which side the value lies, else what its topics name."""
    before = in_other_words(before)
    asked = topics(told.question)
    if not any(one.measures or any(map(is_named, one.findings)) for one in asked) and any(
        one.qualities for one in asked
    ):
        earlier = [name for one in topics(before) for name in (*one.measures, *_measures_of(one)) if name in IN_WORDS]
        if len(dict.fromkeys(earlier)) == 1:
            told.question = taken_up(told.question, earlier[0])
            asked = topics(told.question)
    limits = bounds(told.question)
    if limits and sum(tell_bound(told, one) for one in limits) == len(limits):
        asked = _beside(asked, [one.what for one in limits])
    named = any(one.measures or any(map(is_named, one.findings)) for one in asked)
    if named and of_the_past(told.question):
        told.say(OTHER_TIMES)
    for topic in _followed(told.question, asked, before):
        _tell(told, topic, base)


def _beside(asked: tuple[Topic, ...], what: Collection[str]) -> tuple[Topic, ...]:
    """What is asked beside these measures, which were answered."""

    def other(name: str) -> bool:
        return not any(word in what for word in name.split()) and not ("rate" in what and name in OF_RATE)

    left = (
        replace(
            one,
            findings=tuple(f for f in one.findings if is_named(f) and other(f.what)),
            measures=tuple(m for m in one.measures if m not in what),
            qualities=(),
        )
        for one in asked
    )
    return tuple(one for one in left if one.findings or one.measures)


def _measures_of(topic: Topic) -> tuple[str, ...]:
    """The measures that its findings are about, by the first word of their names that is one: `PR` of `long PR interval`."""
    words = [word for one in topic.findings if is_named(one) for word in one.what.split()]
    return tuple(dict.fromkeys(word for word in words if word in IN_WORDS))


def _followed(question: str, asked: tuple[Topic, ...], before: str) -> tuple[Topic, ...]:
    """The topics of a question; those of the one before, of its leads, where it names nothing but leads; of its leads, where it names nothing but waves.

    A question that asks something of its own is about its own leads, or all: `What is the deepest T wave?`
    """
    names = [t.what for one in asked for t in one.findings if is_named(t)] + [*OF_LEADS, *LEADS, *PLACES]
    if not before or not goes_on(question, names):
        return asked
    earlier = topics(before)
    if not any(one.leads for one in asked) and all(set(one.measures) <= set(OF_LEADS) for one in asked):
        own = tuple(dict.fromkeys(name for one in earlier for name in one.leads))
        bare = [one for one in asked if one.measures and not one.findings]
        return tuple(replace(one, leads=own) if one in bare else one for one in asked)
    if any(_named(one) for one in asked) or not any(one.leads for one in asked) or not any(map(_named, earlier)):
        return asked
    leads = tuple(dict.fromkeys(name for one in asked for name in one.leads))
    return tuple(
        replace(one, findings=tuple(replace(f, leads=leads, loose=False) for f in one.findings), leads=leads)
        for one in earlier
    )


def _named(topic: Topic) -> bool:
    return bool(topic.measures or topic.qualities) or any(is_named(one) for one in topic.findings)


def _tell(told: Answer, topic: Topic, base: Interpretation) -> None:
    """Answer one sentence of a question."""
    known, said = [one for one in topic.findings if is_named(one)], len(told.sentences)
    if at := moments(told.question, [one.what for one in known], told.basis):
        told.say(at)
    if own := own_values(told.question, topic):
        for value in own:
            tell_own(told, value)
        return
    if high := heights(told.question, topic):
        for name in high:
            tell_measure(told, name, topic.leads)
        return
    for one in known:
        _tell_finding(told, one)
    alone = dict.fromkeys(ALONE[name] for name in topic.qualities if name in ALONE)
    for name in (*topic.measures, *alone):
        if name in WHOLE:
            if not topic.findings:
                _tell_all(told, base)
        elif name == "rhythm":
            _tell_rhythm(told, base)
        elif name == "normal ECG":
            _tell_finding(told, Statement("finding", 0, 0, name))
        elif name in AS_FINDING:
            transition = "transition" in told.question.lower()
            _tell_finding(told, Statement("finding", 0, 0, TRANSITION if transition else AS_FINDING[name]))
        else:
            tell_measure(told, name, topic.leads)
    for name in OF_LEADS if topic.leads and not (_named(topic) or topic.findings) else ():
        tell_measure(told, name, topic.leads)
    left = [
        words
        for one in topic.findings
        if one not in known and (words := one.what.partition(": ")[2]) not in OF_ALARM | OF_PEOPLE
        if not words.startswith("in doubt")
    ]
    if len(told.sentences) > said and left:
        told.say(f"[Not among what is measured here: {', '.join(filter(None, left))}.]")


def _tell_all(told: Answer, base: Interpretation) -> None:
    """What the criteria say of the whole segment."""
    told.say(base.report or f"[{base.reason}.]")


def _tell_found(told: Answer, base: Interpretation) -> None:
    """The same beside a question that was not understood, to which `within normal limits` is no answer."""
    normal = next((one.text for one in base.findings if one.code == NORMAL_ECG), "")
    text = " ".join(base.report.replace(normal, "").split()) if normal else base.report
    told.say(text or f"[{base.reason}.]")


def _tell_rhythm(told: Answer, base: Interpretation) -> None:
    views = ((name, finding.opinion(Statement("finding", 0, 0, name), told.basis)) for name in RHYTHMS)
    why = next((one.reason for one in base.withheld if one.name == "rhythm"), "")
    borne = [name for name, view in views if view.yes and not view.no][:1]
    for name in borne or ([] if why else ["sinus rhythm"]):
        _tell_finding(told, Statement("finding", 0, 0, name))
    _tell_finding(told, Statement("finding", 0, 0, "regular rhythm"))
    if why:
        told.say(f"[Rhythm: withheld: {why}.]")


def _tell_finding(told: Answer, asked: Statement) -> None:
    """A finding with yes or no, and why; of leads also those that show it."""
    named = by_formula(asked, told.words, told.basis)
    view = named or finding.opinion(asked, told.basis)
    single = asks_where(told.question) and (asked.loose or not asked.leads)
    shown = _showing(told.basis, asked) if single or not asked.leads else ()
    if single and shown and not asked.leads and not view.yes and named is None:
        asked = replace(asked, leads=shown, loose=False)
        view, shown = finding.opinion(asked, told.basis), ()
    where = f" in {', '.join(asked.leads)}" if asked.leads else ""
    what = AS_NAMED.get(asked.what, asked.what)
    name = f"{what[0].upper()}{what[1:]}{where}"
    why = f" ({'; '.join(dict.fromkeys(view.why.rstrip('.').split('; ')))})" if view.why else ""
    if not view.known:
        told.say(f"[{name}: cannot be told{why}.{_block_found(told.basis, asked)}]")
        return
    if named is not None:
        claim = judged(told.basis, Statement("number", 0, 0, "QTc", detail=formula(told.words)), view.value or 0.0)
        told.say(f"{name}: {_reply(view, shown)}{why}.", [claim] if claim is not None else [])
        return
    if view.no and not view.yes and len(asked.leads) > 1:
        why = _against(told.basis, asked) or why
    if view.no and not view.yes and asked.what in NOT_EXCLUDED:
        told.say(f"[{name}: not shown by what was measured, {NOT_EXCLUDED[asked.what]}.]")
        return
    reply = "near its limit, so that it is neither told nor denied" if view.yes and view.no else _reply(view, shown)
    if asked.what in finding.OF_WALLS and view.yes and not view.no:
        reply = f"suggested by what was measured{', in ' + ', '.join(shown) if shown else ''}, which an ECG alone does not settle"
    if asked.what == "normal ECG" and view.yes and not view.no:
        reply = "yes, by every criterion that was applied"
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


def _against(basis: Basis, asked: Statement) -> str:
    """Why a finding of several leads is denied: the leads that do not show it; in which alone it is seen, where it is."""
    if not finding.is_of_leads(asked.what):
        return ""
    views = [(lead, finding.opinion(replace(asked, leads=(lead,), loose=False), basis)) for lead in asked.leads]
    sure = [lead for lead, view in views if view.yes and not view.no]
    firm = [f"{lead}: {view.why.removeprefix(f'{lead}: ')}" for lead, view in views if view.no and not view.yes]
    alone = f", but in {', '.join(sure)} alone" if sure else ""
    return f"{alone} ({'; '.join(firm)})" if firm else alone


def _block_found(basis: Basis, asked: Statement) -> str:
    """What the criteria find of a bundle branch block where it is not told whether it is the one that is asked for."""
    if "bundle branch block" not in asked.what and "fascicular block" not in asked.what:
        return ""
    found = next((one.text for one in basis.criteria[0] if one.code in BLOCKS), "")
    return f" Found: {found}" if found else ""


def _showing(basis: Basis, asked: Statement) -> tuple[str, ...]:
    """Leads that show a finding each, where it is one of single leads."""
    if not finding.is_of_leads(asked.what):
        return ()
    leads = asked.leads or basis.measured
    views = ((lead, finding.opinion(replace(asked, leads=(lead,), loose=False), basis)) for lead in leads)
    return tuple(lead for lead, view in views if view.yes and not view.no)
