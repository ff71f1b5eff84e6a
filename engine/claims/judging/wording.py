"""What the words around a finding say beyond its name, which has to be borne too: how many early beats, how constant RR intervals, that an infarct is excluded.

An early beat that is called the only one is one of a count; intervals that are called constant are more than regular; and that there is no
infarct no ECG says, only that it shows no sign of one.
"""

from __future__ import annotations

import re

from engine.claims.basis import Basis
from engine.claims.claim import Verdict
from engine.claims.judging.not_shown import SLOPE, slightly_down
from engine.claims.statement import Statement
from engine.criteria.rhythm import REGULAR
from stream.measurement import BeatKind

EXCLUDES_NONE = "no Q waves and no ST elevation in two leads of a wall, which excludes no infarct"
"""An infarct without ST elevation, or of a small region, shows neither (Fourth universal definition)."""
CONSTANT = "RR intervals differ by more than those that are constant"
_INFARCT = frozenset({"infarct", "heart attack", "acute infarct"})
_SIGN = re.compile(r"\b(?:signs?|evidence|indicat\w*|suggest\w*|suspic\w*|criteri\w*|features?|changes?|patterns?|findings?|marks?|show\w*|seen|visible|apparent|ecg|ekg|electrocardiogra\w*|tracing|by (?:q|st)|detect\w*|identif\w*|recogni\w*|pointing|points?|stigmata|pictures?|look\w*|visib\w*)\b", re.IGNORECASE)  # fmt: skip
_STEADY = re.compile(r"\b(?:constant|identical|clockwork|metronom\w*|(?:perfectly|exactly|absolutely) (?:even|equal|regular|steady))\b", re.IGNORECASE)  # fmt: skip
_BEFORE = re.compile(r"\b(?:(?P<single>a single|only one|just one|one(?: single)?|1|single|an? (?:isolated|solitary|lone|sole)|the only)|(?P<two>two|2)|(?P<three>three|3)|(?P<four>four|4)|(?P<five>five|5))(?: (?:isolated|single|early|unifocal|monomorphic|premature|ectopic|further|additional))*\s*$", re.IGNORECASE)  # fmt: skip
_MANY = re.compile(r"\b(?:several|multiple|many|numerous|repeated|a (?:few|couple of|number of|handful of)|more than one)(?: (?:isolated|early|unifocal|monomorphic|premature|ectopic|further|additional))*\s*$", re.IGNORECASE)  # fmt: skip
_COUNTS = {"single": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def beyond(text: str, statement: Statement, basis: Basis) -> tuple[Verdict, str] | None:
    """The verdict on a finding that is borne by its name and not by the words around it, with why; None where they say no more."""
    if statement.negated and statement.what == "ST depression" and slightly_down(basis, statement.leads):
        return Verdict.UNSUPPORTED, SLOPE
    if statement.negated:
        own = statement.what in _INFARCT and _SIGN.search(_sentence(text, statement)) is None
        return (Verdict.UNSUPPORTED, EXCLUDES_NONE) if own else None
    if statement.what == "regular rhythm":
        steady = _STEADY.search(text, statement.start, statement.end) is None
        unlike = basis.irregularity
        return None if steady or unlike is None or unlike <= REGULAR else (Verdict.UNSUPPORTED, CONSTANT)
    return _of_count(text, statement, basis)


def _sentence(text: str, statement: Statement) -> str:
    return text[: statement.start].rsplit(". ", 1)[-1] + text[statement.start :].split(". ", 1)[0]


def _of_count(text: str, statement: Statement, basis: Basis) -> tuple[Verdict, str] | None:
    """Of early beats whose number stands before their name: another by one is withheld, by more contradicted."""
    atrial = max(basis.count(BeatKind.SUPRAVENTRICULAR), basis.supraventricular_beats)
    counts = {
        "ventricular ectopy": basis.ventricular_beats,
        "supraventricular ectopy": atrial,
        "ectopy": basis.ventricular_beats + atrial,
    }
    if counts.get(statement.what) == 1 and _MANY.search(text[: statement.start]) is not None:
        return Verdict.UNSUPPORTED, "measured: 1 early beat in ten seconds"
    if statement.what not in counts or (found := _BEFORE.search(text[: statement.start])) is None:
        return None
    said, count = _COUNTS[found.lastgroup or "single"], counts[statement.what]
    if said == count:
        return None
    verdict = Verdict.UNSUPPORTED if abs(said - count) < 2 else Verdict.DISAGREE
    return verdict, f"measured: {count} early beats in ten seconds"
