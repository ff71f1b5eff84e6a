"""Questions that name no finding and no measure: what their words ask for all the same.

Single intervals (`the longest RR`), when a beat comes, whether the electrodes are in place, and names of beats that nobody claims in a report.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from engine.claims.basis import Basis
from engine.claims.judging import finding
from engine.claims.numbers.cycles import SAMPLE_MS, beats_of
from engine.claims.statement import Statement
from engine.criteria.recording import CHEST_LEADS, LIMB_LEADS
from engine.interpretation import Interpretation

_BEATS = re.compile(r"(?<!premature )(?<!ectopic )(?<!supra)\b(?P<chamber>ventricular|supraventricular|atrial) (?P<beats>beats?|complex(?:es)?)\b", re.IGNORECASE)  # fmt: skip
_EARLY = re.compile(r"\b(?:early|extra) (?P<beats>beats?|complex(?:es)?)\b", re.IGNORECASE)
_PLACED = re.compile(r"\b(?:leads?|electrodes?|cables?)\b.*\b(?:plac\w*|position\w*|swap\w*|switch\w*|revers\w*|exchang\w*|interchang\w*|mix\w*|misplac\w*|attach\w*|connect\w*)\b|\b(?:misplac\w*|revers\w*|swap\w*|exchang\w*|plac\w*|position\w*) (?:of )?(?:the )?(?:\w+ )?(?:leads?|electrodes?)\b", re.IGNORECASE)  # fmt: skip
_WHEN = re.compile(r"\b(?:when|at (?:what|which) (?:time|second|moment)|where) (?:\w+ ){0,5}", re.IGNORECASE)
_EXCHANGED = "the criteria recognise no exchanged leads, which excludes none: wrong places on the chest and some exchanges leave no sign"
LONGEST, SHORTEST = frozenset({"longest", "maximum", "maximal", "max"}), frozenset({"shortest", "minimum", "minimal", "min"})  # fmt: skip
FORMULAE = ("bazett", "fridericia")


def in_other_words(question: str) -> str:
    """The question with beats named as reports name them: `ventricular beats` are premature ones, for only those are told apart."""
    return _EARLY.sub(r"premature \g<beats>", _BEATS.sub(r"premature \g<chamber> \g<beats>", question))


def which_rr(words: Collection[str]) -> str:
    """Which of the RR intervals is asked for, as a detail of its statement; empty of the mean."""
    return "longest" if LONGEST & set(words) else "shortest" if SHORTEST & set(words) else ""


def formula(words: Collection[str]) -> str:
    """The formula of the QTc that is asked for, else that of the reports."""
    return next((name for name in FORMULAE if any(word.startswith(name) for word in words)), FORMULAE[-1])


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
