"""The plain tasks: questions on features, rhythm and morphology, short reports, yes or no, choice, and what is not there.

Kinds as in ECGInstruct (Liu et al., arXiv 2410.19008); the words are our own. Answers obey the same checker as grounded reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.claims.basis import Basis
from engine.criteria.case import listed
from engine.instruct import phrases
from engine.instruct.grammar import Case, argued, conclusion, intervals, missing, report, rhythm
from engine.instruct.guider import NOT_AVR, RULES, Argument, Stand, argue, fact, firmly
from engine.instruct.labels import LABELS
from engine.instruct.sets import covers
from engine.instruct.verify import How, Said
from ingest.frame import LEADS


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the sentences that answer it."""

    task: str
    question: str
    answer: tuple[Said, ...]
    about: tuple[str, ...] = ()
    """Codes of the findings that it is about."""
    least: int = 1
    """Sentences below which it is not worth writing."""


REPORT_LEAST = 5
_OF_WHOLE = {
    "HR": ("What is the heart rate?", "How fast does the heart beat?", "Give the ventricular rate."),
    "RR": ("What is the mean RR interval?", "How long is the mean RR interval?"),
    "PR": ("What is the PR interval?", "How long is the PR interval?", "Measure the PR interval."),
    "QRS": ("What is the QRS duration?", "How wide is the QRS complex?", "Measure the QRS duration."),
    "QT": ("What is the QT interval?", "How long is the QT interval?"),
    "QTCB": ("What is the QTc by Bazett?", "Correct the QT interval for the rate by Bazett's formula."),
    "QTCF": ("What is the QTc by Fridericia?",),
    "AXIS": ("What is the frontal QRS axis?", "Where does the electrical axis lie?"),
    "P": ("How long is the P wave?", "What is the P duration?"),
}
_OF_LEAD = {
    "RAMP": ("What is the amplitude of the R wave in lead {a}?", "How tall is the R wave in lead {a}?"),
    "SAMP": ("What is the amplitude of the S wave in lead {a}?", "How deep is the S wave in lead {a}?"),
    "TAMP": ("What is the amplitude of the T wave in lead {a}?", "How large is the T wave in lead {a}?"),
    "ST": ("What is the ST level in lead {a}?", "Where does the ST segment of lead {a} lie?"),
    "QDUR": ("How long is the Q wave in lead {a}?",),
    "PAMP": ("What is the amplitude of the P wave in lead {a}?",),
}
_UNKNOWN = {
    "PR": "There is no PR interval, as P waves are absent.",
    "P": "There is no P duration, as P waves are absent.",
}
_REPORTS = (
    "Write a report of this ECG.", "Generate a short report from this ECG.", "Please interpret this ECG and report your findings.", "Summarise this electrocardiogram.",
)  # fmt: skip
_RHYTHMS = ("What is the rhythm of this ECG?", "Name the rhythm.", "Which rhythm does this recording show?")
_NORMAL = ("Is this ECG normal?", "Is this a normal ECG?", "Would you call this ECG normal?")
_SHOWS = ("Does this ECG show {name}?", "Is there {name} in this ECG?", "Can you see {name} here?")
_PRESUMED = {
    "STE": ("Which leads show the ST elevation?", "ST elevation", ("There is no ST elevation in leads {leads}.", "No ST elevation is present in leads {leads}.")),
    "STD": ("Which leads show the ST depression?", "ST depression", ("There is no ST depression in leads {leads}.", "No ST depression is present in leads {leads}.")),
    "TINV": ("Where are the T waves inverted?", "T wave inversion", ("There is no T wave inversion in leads {leads}.", "The T waves are not inverted in leads {leads}.")),
    "QWAVE": ("How wide are the pathological Q waves?", "pathological Q waves", ("There are no pathological Q waves in leads {leads}.", "Pathological Q waves are absent in leads {leads}.")),
}  # fmt: skip
_PRESUMED_WHOLE = {
    "1AVB": (
        "Explain the first degree AV block of this ECG.",
        "There is no first degree AV block, as the PR interval is <PR>.",
    ),
    "LBBB": (
        "Describe the left bundle branch block.",
        "There is no left bundle branch block, as the QRS duration is <QRS>.",
    ),
    "RBBB": (
        "Describe the right bundle branch block.",
        "There is no right bundle branch block, as the QRS duration is <QRS>.",
    ),
    "AF": (
        "How irregular is the atrial fibrillation?",
        "There is no atrial fibrillation, and P waves precede each QRS complex.",
    ),
    "STACH": ("Why is the sinus tachycardia so fast?", "There is no tachycardia, as the heart rate is <HR>."),
    "SBRAD": ("How slow is the bradycardia?", "There is no bradycardia, as the heart rate is <HR>."),
    "PVC": ("What do the ventricular premature beats look like?", "There are no ventricular premature beats."),
    "LQT": (
        "How severe is the QT prolongation?",
        "The QT interval is not prolonged, with a QTc (Fridericia) of <QTCF>.",
    ),
    "LAD": ("How far is the axis deviated to the left?", "There is no left axis deviation, as the axis is <AXIS>."),
}
_FAMILIES = (
    ("SR", "STACH", "SBRAD", "SARRH", "NORM", "WAP"), ("AF", "AFLT", "ATACH", "SVTAC", "JUNC"), ("1AVB", "2AVB", "3AVB", "AVB", "LPR"),
    ("LBBB", "ILBBB", "BBB", "IVCD"), ("RBBB", "IRBBB", "BBB", "IVCD"), ("PVC", "BIGU", "TRIGU", "VT"), ("LVH", "VLVH", "VH", "SEHYP"), ("RVH", "VH"),
    tuple(code for code, label in LABELS.items() if label.kind == "infarct") + ("QWAVE",),
    tuple(code for code, label in LABELS.items() if label.kind == "repolarisation") + ("EREPOL", "INJ"),
    ("LAE", "RAE"), ("LAFB", "LAD"), ("LPFB", "RAD"), ("PACE", "LBBB", "IVCD"),
)  # fmt: skip
"""Findings that are called by each other's names: where one is labelled, another of its family is not taken for absent."""


def tasks(case: Case, wanted: Sequence[str], longest: int) -> Iterator[Asked]:
    """Every question that is asked of a case, of the wanted kinds, in a fixed order."""
    for name in wanted:
        if name != "grounded" or known(case):
            yield from TASKS[name](case, longest)


def known(case: Case) -> bool:
    """Whether the record carries a finding of our table."""
    return bool(case.arguments)


def _named(case: Case) -> tuple[str, ...]:
    return tuple(one.code for one in case.arguments)


@lru_cache(maxsize=4096)
def _related(code: str) -> frozenset[str]:
    return frozenset(other for family in _FAMILIES if code in family for other in family)


def absent(case: Case, code: str) -> bool:
    """Whether a finding is not there: by the measurements, or by a set that would have named it."""
    entry, rule = case.labelled.entry, RULES.get(code)
    if code in entry.codes or rule is None:
        return False
    if code == "NORM":
        return bool(entry.classes) and "NORM" not in entry.classes
    measured = firmly(case.basis, rule.finding) if rule.finding else None
    if measured is not None:
        return not measured and not (
            _related(code) & set(entry.codes) and LABELS[code].kind in ("infarct", "repolarisation")
        )
    return covers(entry, code) and "OTHER" not in entry.codes and not _related(code) & set(entry.codes)


# kinds ------------------------------------------------------------------------------------------------------------


def _grounded(case: Case, longest: int) -> Iterator[Asked]:
    yield Asked("grounded", "", tuple(report(case, longest)), _named(case), REPORT_LEAST)


def _features(case: Case, _: int) -> Iterator[Asked]:
    slot = case.rng.choice(sorted(_OF_WHOLE))
    question = case.rng.choice(_OF_WHOLE[slot])
    if case.has(slot):
        yield Asked("features", question, (Said(phrases.FACT[slot], needed=True),))
    elif slot in _UNKNOWN and firmly(case.basis, "P waves") is False:
        yield Asked("features", question, (Said(_UNKNOWN[slot], needed=True),))
    lead, slot = case.rng.choice(LEADS), case.rng.choice(sorted(_OF_LEAD))
    question = case.rng.choice(_OF_LEAD[slot]).format(a=lead)
    if case.has(slot, lead):
        yield Asked("features", question, (Said(phrases.FACT[slot].format(a=lead), needed=True),))
    elif lead in case.missing:
        yield Asked("features", question, (Said(f"Lead {lead} was not recorded.", How.MISSING, True),))


def _rhythm(case: Case, _: int) -> Iterator[Asked]:
    named = [one for one in case.arguments if LABELS[one.code].kind == "rhythm"]
    if named:
        names = listed([one.name for one in named])
        answer = [*rhythm(case)[:2], *argued(case, named[0]), Said(f"The rhythm is {names}.", How.LABEL, True)]
        yield Asked("rhythm", case.rng.choice(_RHYTHMS), tuple(answer), tuple(one.code for one in named), 2)


def _morphology(case: Case, _: int) -> Iterator[Asked]:
    good = [lead for lead in case.good if lead in NOT_AVR]
    if not good:
        return
    lead = case.rng.choice(good)
    said = [phrases.FACT[slot].format(a=lead) for slot in ("RAMP", "SAMP", "TAMP", "ST") if case.has(slot, lead)]
    kind = next((words for name, words in phrases.T_KIND.items() if case.is_(name, lead)), "")
    said += [f"Lead {lead} shows {kind} T wave."] if kind else []
    question = case.rng.choice(("Describe the waves of lead {a}.", "What does lead {a} show?")).format(a=lead)
    yield Asked("morphology", question, tuple(Said(text) for text in said), (), 2)
    lead = case.rng.choice(good)
    up = firmly(case.basis, "ST elevation", (lead,))
    if up is not None:
        words = f"The ST segment is {'' if up else 'not '}elevated in lead {lead}."
        answer = (
            Said("Yes." if up else "No.", How.PLAIN),
            Said(words, needed=True),
            Said(phrases.FACT["ST"].format(a=lead)),
        )
        yield Asked("morphology", f"Is the ST segment elevated in lead {lead}?", answer, ("STE",) if up else ())


def _report(case: Case, _: int) -> Iterator[Asked]:
    if known(case):
        answer = [*rhythm(case)[:2], *intervals(case), *missing(case), conclusion(case)]
        yield Asked("report", case.rng.choice(_REPORTS), tuple(answer), _named(case), 3)


def _reason(case: Case, argument: Argument) -> list[Said]:
    """The reasoning of a labelled diagnosis, or its name where it has none."""
    return argued(case, argument) if argument.stand is Stand.FOR else []


def _yes_no(case: Case, _: int) -> Iterator[Asked]:
    named = [one for one in case.arguments if one.code in RULES]
    if named:
        one = _rare(case, named)
        question, yes, _no = _asked_for(case, one.code)
        answer = (Said("Yes.", How.PLAIN), *_reason(case, one), Said(yes, How.LABEL, True))
        yield Asked("yesno", question, answer, (one.code,))
    others = [code for code in RULES if absent(case, code)]
    if others:
        code = _likely(case, others, 1)[0]
        question, _yes, no = _asked_for(case, code)
        why = _abnormal(case) if code == "NORM" else _denial(case.basis, code)
        yield Asked("yesno", question, (Said("No.", How.PLAIN), Said(no, How.LABEL, True), *why))


def _asked_for(case: Case, code: str) -> tuple[str, str, str]:
    """A question for a finding, and what says yes and no to it."""
    if code == "NORM":
        return case.rng.choice(_NORMAL), "This is a normal ECG.", "This is not a normal ECG."
    name = LABELS[code].name
    return case.rng.choice(_SHOWS).format(name=name), f"This ECG shows {name}.", f"This ECG does not show {name}."


def _abnormal(case: Case) -> list[Said]:
    """The reason of the first diagnosis that makes an ECG abnormal and that the measurements bear."""
    found = next((one for one in case.arguments if LABELS[one.code].superclass not in ("", "NORM")), None)
    return _reason(case, found) if found is not None else []


def _denial(basis: Basis, code: str) -> list[Said]:
    """The first number that bears on a finding that is not there."""
    rule = RULES[code]
    found = next((one for slot, lead in rule.slots if (one := fact(basis, slot, lead)) is not None), None)
    return [Said(phrases.FACT[found.slot].format(a=found.lead))] if found is not None else []


def _rare(case: Case, named: Sequence[Argument]) -> Argument:
    """One of the labelled diagnoses, rare ones more often."""
    return case.rng.choices(named, [1.0 / (1.0 + case.often.get(one.code, 0.0)) for one in named])[0]


def _likely(case: Case, codes: Sequence[str], count: int) -> list[str]:
    """So many of these, as often as they are asked about where they are there, so that the question tells nothing."""
    rest, found = list(codes), list[str]()
    while rest and len(found) < count:
        found.append(case.rng.choices(rest, [0.2 + case.often.get(code, 0.0) for code in rest])[0])
        rest.remove(found[-1])
    return found


def often(records: Sequence[Sequence[str]]) -> dict[str, float]:
    """By code how often it will be asked about where it is there: records are the codes of each."""
    counts = Counter(code for codes in records for code in codes)
    found: dict[str, float] = {}
    for codes in records:
        weights = {code: 1.0 / (1.0 + counts[code]) for code in codes if code in RULES}
        for code, weight in weights.items():
            found[code] = found.get(code, 0.0) + weight / sum(weights.values())
    return {code: round(value, 2) for code, value in sorted(found.items())}


def _choice(case: Case, _: int) -> Iterator[Asked]:
    named = [one for one in case.arguments if one.code in RULES and one.code != "NORM"]
    others = [code for code in RULES if code != "NORM" and absent(case, code)]
    if not named or len(others) < 3:
        return
    one = _rare(case, named)
    options = [one.name, *(LABELS[code].name for code in _likely(case, others, 3))]
    if len(set(options)) < 4:
        return
    case.rng.shuffle(options)
    letter = "ABCD"[options.index(one.name)]
    listing = " ".join(f"{mark}. {name}." for mark, name in zip("ABCD", options, strict=True))
    answer = (Said(f"Answer: {letter}. {one.name}.", How.LABEL, True), *_reason(case, one))
    yield Asked(
        "choice", f"Which of these does the ECG show? {listing} Answer with one letter first.", answer, (one.code,)
    )


def _counter(case: Case, _: int) -> Iterator[Asked]:
    """A question that takes for granted what is not there."""
    lead_codes = [code for code in _PRESUMED if not _related(code) & set(case.labelled.entry.codes)]
    whole = [code for code in _PRESUMED_WHOLE if absent(case, code)]
    if not lead_codes and not whole:
        return
    code = case.rng.choice([*lead_codes, *whole])
    if code in _PRESUMED_WHOLE:
        question, told = _PRESUMED_WHOLE[code]
        text = case.pick((told,))
    else:
        question, finding, options = _PRESUMED[code]
        leads = [lead for lead in case.good if lead in NOT_AVR and firmly(case.basis, finding, (lead,)) is False]
        if len(leads) < 6:
            return
        text = case.rng.choice(options).format(leads=listed(sorted(case.rng.sample(leads, 4), key=LEADS.index)))
    if text and argue(case.basis, code).stand is not Stand.FOR:
        yield Asked("counter", question, (Said(text, needed=True),))


TASKS: dict[str, Callable[[Case, int], Iterator[Asked]]] = {
    "grounded": _grounded,
    "features": _features,
    "rhythm": _rhythm,
    "morphology": _morphology,
    "report": _report,
    "yesno": _yes_no,
    "choice": _choice,
    "counter": _counter,
}
"""By the name that `--tasks` takes."""
