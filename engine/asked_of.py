"""Questions that name no finding and no measure: what their words ask for all the same.

Single intervals (`the longest RR`), when a beat comes, whether the electrodes are in place, and names of beats that nobody claims in a report.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np

from engine.claims.basis import Basis
from engine.claims.judging import finding
from engine.claims.numbers.cycles import SAMPLE_MS, beats_of
from engine.claims.statement import Statement
from engine.criteria.recording import CHEST_LEADS, LIMB_LEADS
from engine.interpretation import Interpretation
from ingest.frame import LEADS
from stream.around import spans
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

_BEATS = re.compile(r"(?<!premature )(?<!ectopic )(?<!supra)\b(?P<chamber>ventricular|supraventricular|atrial) (?P<beats>beats?|complex(?:es)?)\b", re.IGNORECASE)  # fmt: skip
_EARLY = re.compile(r"\b(?:early|extra) (?P<beats>beats?|complex(?:es)?)\b", re.IGNORECASE)
_BEATS_ARE = re.compile(
    r"\bbeats? (?:is|are|was|were) (?P<chamber>ventricular|supraventricular|atrial)\b", re.IGNORECASE
)
_CHEST_OF_BODY = re.compile(r"\bchest (?=pains?|discomfort|tightness|pressure|complaints?|symptoms?|x-?rays?|films?|tubes?|compressions?|drains?|infections?|trauma|injur)", re.IGNORECASE)  # fmt: skip
_VARIABILITY = re.compile(r"\bhrv\b|\b(?:heart[- ]?rate|beat[- ]to[- ]beat) (?:variability|variation)|\b(?:variability|variation) (?:of|in) (?:the |its |his |her )?(?:heart[- ]?rate|r-?r|beats?)(?: intervals?)?", re.IGNORECASE)  # fmt: skip
_RATE_UNIT = re.compile(r"\b(?P<number>\d+) (?:beats per minute|beats a minute|beats/min)\b", re.IGNORECASE)
_RATE = re.compile(r"(?<!heart )(?<!heart-)(?<!ventricular )\brate\b", re.IGNORECASE)
_RATE_OF_OTHERS = re.compile(r"\b(?P<whose>respiratory|respiration|breathing|atrial|flutter|p[- ]waves?|pacing|infusion|flow|metabolic) rate\b", re.IGNORECASE)  # fmt: skip
_CYCLE = re.compile(r"\b(?P<which>longest|shortest|maximum|minimum|maximal|minimal|mean|average) cycles?(?: lengths?)?\b", re.IGNORECASE)  # fmt: skip
_GOES_ON = re.compile(r"(?:\W|\b(?:and|also|or|but|then|so|what|how|about|in|of|for|at|the|a|an|is|it|that|this|same|too|as|well|now|leads?|wall|walls|wave|waves|segment|complex|does|do|show|shows|there)\b)*", re.IGNORECASE)  # fmt: skip
"""What a question is made of, beside the leads and waves that it names, that goes on with the one before."""
_THERE = re.compile(r"(?<!is )(?<!are )(?<!was )(?<!were )\bthere\b|\b(?:these|those|the same) leads\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:it|that|this)\b", re.IGNORECASE)
_ON = re.compile(r"\b(?:leads?|electrodes?|cables?|patches)\b.*\b(?:on|off|loose|disconnected)\b|\b(?:loose|disconnected|missing) (?:leads?|electrodes?|cables?)\b", re.IGNORECASE)  # fmt: skip
IN_WORDS = {"rate": "heart rate", "PR": "PR interval", "QT": "QT interval", "QTc": "QTc", "QRS": "QRS duration", "axis": "axis", "rhythm": "rhythm"}  # fmt: skip
"""Measures that `it` may stand for in the next question."""
STILL_MV, STILL_S = 2e-5, 1.0
"""Second difference of a lead that holds no signal (white noise of 1 uV has a hundred times as much), and from which length on such a stretch is told (our own limits)."""
_PLACED = re.compile(r"\b(?:leads?|electrodes?|cables?)\b.*\b(?:plac\w*|position\w*|swap\w*|switch\w*|revers\w*|exchang\w*|interchang\w*|mix\w*|misplac\w*|attach\w*|connect\w*)\b|\b(?:misplac\w*|revers\w*|swap\w*|exchang\w*|plac\w*|position\w*) (?:of )?(?:the )?(?:\w+ )?(?:leads?|electrodes?)\b", re.IGNORECASE)  # fmt: skip
_WHEN = re.compile(r"\b(?:when|at (?:what|which) (?:time|second|moment)|where) (?:\w+ ){0,5}", re.IGNORECASE)
_EXCHANGED = "the criteria recognise no exchanged leads, which excludes none: wrong places on the chest and some exchanges leave no sign"
LONGEST, SHORTEST = frozenset({"longest", "maximum", "maximal", "max"}), frozenset({"shortest", "minimum", "minimal", "min"})  # fmt: skip
FORMULAE = ("bazett", "framingham", "hodges", "fridericia")


def in_other_words(question: str) -> str:
    """The question with beats, cycles and their variability named as reports name them, and without a chest that has no leads and rates that are not the heart's.

    `Ventricular beats` are premature ones, for only those are told apart.
    """
    question = _RATE_OF_OTHERS.sub(r"\g<whose> speed", question)
    question = _RATE.sub("heart rate", _RATE_UNIT.sub(r"\g<number> bpm", question))
    question = _CHEST_OF_BODY.sub("", _BEATS_ARE.sub(r"\g<chamber> beats are there", question))
    question = _CYCLE.sub(r"\g<which> RR interval", _VARIABILITY.sub("RR variability", question))
    return _EARLY.sub(r"premature \g<beats>", _BEATS.sub(r"premature \g<chamber> \g<beats>", question))


def goes_on(question: str, names: Collection[str]) -> bool:
    """Whether a question is about the leads, or the waves, of the one before: it names leads or waves and asks nothing of its own, or says `there`."""
    rest = question
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, " ")
    return _GOES_ON.fullmatch(rest) is not None or _THERE.search(question) is not None


def taken_up(question: str, measure: str) -> str:
    """A question with the measure of the one before in the place of `it`: `Is it normal?`, asked of the PR interval."""
    return _PRONOUN.sub(f"the {IN_WORDS[measure]}", question, count=1) if measure in IN_WORDS else question


def stood_still(segment: Segment) -> str:
    """That all leads hold nothing for a second and more, not even noise, as where no signal arrives; empty where they do not, or that was left out."""
    rows = [LEADS.index(name) for name in segment.measured]
    if not rows or segment.signal_mv.shape[1] != MODEL_SAMPLES or (segment.measurements and segment.measurements.lost):
        return ""
    bends = np.abs(np.diff(segment.signal_mv[rows].astype(np.float64), 2, axis=1)).max(axis=0)
    longest = max((b - a for a, b in spans(bends < STILL_MV)), default=0) / MODEL_HZ
    if longest < STILL_S:
        return ""
    return f"[The line stood still in every lead for {longest:.1f} of the ten seconds, without even noise, as it does where no signal arrives.]"


def of_connection(question: str, segment: Segment) -> str:
    """Which leads were read, where a question asks whether they are on; empty where it does not."""
    if _ON.search(question) is None:
        return ""
    gone = [name for name in LEADS if name not in segment.measured]
    left = f"; not read: {', '.join(gone)}" if gone else ""
    return f"[Leads with a signal that was read: {', '.join(segment.measured) or 'none'}{left}.]"


def which_rr(words: Collection[str]) -> str:
    """Which of the RR intervals is asked for, as a detail of its statement; empty of the mean."""
    return "longest" if LONGEST & set(words) else "shortest" if SHORTEST & set(words) else ""


def formula_named(words: Collection[str]) -> str:
    """The formula of the QTc that is asked for; empty where none is."""
    return next((name for name in FORMULAE if any(word.startswith(name) for word in words)), "")


def formula(words: Collection[str]) -> str:
    """The formula of the QTc that is asked for, else that of the reports."""
    return formula_named(words) or FORMULAE[-1]


def moments(question: str, names: Collection[str], basis: Basis) -> str:
    """When the beats come that a question of time names by a finding; empty where it asks for none, or nothing of them may be told."""
    name = next((name for name in names if name in _KINDS), "")
    if not name or _WHEN.search(question) is None or not finding.opinion(Statement("finding", 0, 0, name), basis).yes:
        return ""
    found = beats_of(basis, _KINDS[name])
    if not found:
        return "[When they come is not known.]"
    at = ", ".join(f"{sample * SAMPLE_MS / 1000.0:.1f} s" for sample in found)
    return (
        f"{name[0].upper()}{name[1:]}: at {at} from the begin of these ten seconds, as far as single beats are known."
    )


_KINDS = {"ventricular ectopy": "ventricular", "supraventricular ectopy": "supraventricular", "ectopy": "early", "pause": "pause"}  # fmt: skip


def of_places(question: str, base: Interpretation) -> str:
    """What is known of the places of the electrodes, where a question asks for it; empty where it does not."""
    if _PLACED.search(question) is None:
        return ""
    doubts = [f"{one.name}: {one.reason}" for one in base.withheld if one.name in (LIMB_LEADS, CHEST_LEADS)]
    return f"[Places of the electrodes: {'; '.join(doubts) or _EXCHANGED}.]"
