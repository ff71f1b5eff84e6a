"""How far a finding is said to go: `deeply negative`, `markedly prolonged`, `only slightly inverted`, `a large Q wave of 0.3 mV`."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.language.scope import Sentence
from engine.claims.statement import Statement

_MUCH = (
    r"(?:(?:deep|marked|severe|profound|gross|massive|strong|striking|extreme|considerabl|substantial|excessive|dramatic|strik\w+|huge)(?:ly|y)?"
    r"|considerable|pronounced|giant|large|prominent|very|grossly)"
)
_LITTLE = r"(?:slight(?:ly)?|mild(?:ly)?|minimal(?:ly)?|barely|shallow(?:ly)?|faint(?:ly)?|marginal(?:ly)?)"
_BEFORE = re.compile(
    rf"(?<!not )(?<!less )(?<!no )(?<!without )\b{_MUCH}(?: \w+ly)?(?:,| and)? ?(?:inverted |negative |symmetrical(?:ly)? |sinus )?$",
    re.IGNORECASE,
)
_WITHIN = re.compile(rf"(?<!not )(?<!less )\b{_MUCH} (?!{_LITTLE}\b)", re.IGNORECASE)
_BEHIND = re.compile(rf"^ (?:is|are|was|were)(?: \w+ly)? {_MUCH}\b(?! ?{_LITTLE})", re.IGNORECASE)
_SLIGHT_BEFORE = re.compile(rf"(?<!not )\b{_LITTLE} $", re.IGNORECASE)
_SLIGHT_WITHIN = re.compile(rf"(?<!not )\b{_LITTLE} ", re.IGNORECASE)
MARKED = {
    "T wave inversion": "deep T wave inversion", "ST elevation": "marked ST elevation", "ST depression": "marked ST depression", "ST deviation": "marked ST deviation",
    "bradycardia": "marked bradycardia", "sinus bradycardia": "marked sinus bradycardia", "tachycardia": "marked tachycardia", "sinus tachycardia": "marked sinus tachycardia",
    "wide QRS": "very wide QRS", "long PR interval": "very long PR interval", "first degree AV block": "very long PR interval", "long QT": "very long QT",
    "left axis deviation": "marked left axis deviation", "right axis deviation": "marked right axis deviation", "pathological Q waves": "large Q", "Q waves": "large Q",
}  # fmt: skip
"""By finding what it is called where it is said to be large."""
_SHALLOW = {"T wave inversion": "shallow T wave inversion"}
_NORMAL = re.compile(r"\b(?:normal(?:ly)?|unremarkable|ordinary|inconspicuous|usual)\b", re.IGNORECASE)
_SHAPE = re.compile(
    r"\b(?:(?P<size>amplitudes?|voltages?)|complex(?:es)?(?! (?:width|duration))|morpholog\w+|shapes?|shaped|configuration|form|contour)\b(?! of normal (?:width|duration))",
    re.IGNORECASE,
)
_COMPLEX = re.compile(r"complex(?:es)?", re.IGNORECASE)
_LENGTH = re.compile(r"\b(?:width|duration|length)\b", re.IGNORECASE)


def _is_of_length(said: str, shape: re.Match[str]) -> bool:
    """Whether a complex is called normal in its length alone: `the QRS complex has a normal duration`."""
    return _COMPLEX.fullmatch(shape.group()) is not None and _LENGTH.search(said) is not None


_EVERY = re.compile(r"\b(?:every|each|all)(?: of)?(?: the)? (?:single )?(?:beats?|qrs\b|complex)", re.IGNORECASE)
_EVERY_COMPLEX = re.compile(
    r"\b(?:all|every|each)(?: of)?(?: the)?(?: single)? (?:qrs |ventricular )?(?:complex(?:es)?|beats?)\b|\b(?:every|each) qrs\b",
    re.IGNORECASE,
)
_EVERY_BEAT = re.compile(r"^(?:all|each|every)\b.*\bbeats?\b(?! to)", re.IGNORECASE)
_NEAR = 20
"""Characters behind a finding in which its noun may stand: `of normal shape`."""
_BIG = r"(?:large|big|tall|deep|high|huge|giant|prominent|massive|marked|pronounced|severe|profound|considerable|broad)"
_SMALL = r"(?:small|tiny|little|low|shallow|minute|slight|diminutive|short|minimal)"
_WAVES = {"P": "P", "Q": "Q", "R": "R", "S": "S", "T": "T", "ST": "ST", "ST at J": "ST"}


def graded(s: Sentence, found: list[Statement]) -> list[Statement]:
    """The findings, those that are said to be large or slight under the name of what they are called then."""
    return [replace(one, what=_graded(s, one)) for one in found]


def _graded(s: Sentence, one: Statement) -> str:
    before, words, behind = s.text[s.start : one.start], s.text[one.start : one.end], s.text[one.end : s.end]
    if one.negated:
        return one.what
    said = words + behind[:_NEAR]
    if one.what == "narrow QRS" and _NORMAL.search(words) and (shape := _SHAPE.search(said)):
        return "normal voltage" if shape["size"] else one.what if _is_of_length(said, shape) else "normal QRS"
    if one.what == "narrow QRS" and _EVERY_COMPLEX.search(before[-_NEAR:] + words) is not None:
        return "every QRS narrow"
    if one.what == "conducted beats" and _EVERY_BEAT.search(words) is not None:
        return "every beat conducted"
    if one.what == "P waves" and _EVERY.search(s.text, s.start, s.end):
        return "P waves before every beat"
    if one.what in MARKED and (_BEFORE.search(before) or _WITHIN.search(words) or _BEHIND.match(behind)):
        return MARKED[one.what]
    if one.what in _SHALLOW and (_SLIGHT_BEFORE.search(before) or _SLIGHT_WITHIN.search(words)):
        return _SHALLOW[one.what]
    return one.what


def sized(s: Sentence, numbers: list[Statement]) -> list[Statement]:
    """What a word of size says of a wave that a number is told of: `a large Q wave of 0.3 mV`, `R is small at 1.4 mV`."""
    return [told for one in numbers if one.what in _WAVES and one.unit in ("mV", "mm") and (told := _sized(s, one))]


def _sized(s: Sentence, one: Statement) -> Statement | None:
    before = s.text[s.start : one.start]
    name = rf"(?:{one.what[0]}{'T' if one.what.startswith('ST') else ''})(?:[- ]?(?:waves?|segments?))?"
    level = r"(?: (?:elevations?|depressions?|deviations?|inversions?))?"
    lead = r"(?: (?:in|of) (?:lead )?[aVRLFI1-6]+)?"
    found = re.search(
        rf"\b(?P<word>{_BIG}|{_SMALL}) {name}{level}{lead}(?: (?:of|measuring|with|at)(?: only| about)?|[ (,]*) ?$"
        rf"|\b{name}{level}{lead} (?:is|are|was|looks) (?:\w+ly )?(?P<late>{_BIG}|{_SMALL})(?: at| with|,| \()? ?$",
        before,
        re.IGNORECASE,
    )
    if found is None or re.search(r"\b(?:no|not|without|less|than)\b[^,;.]*$", before[: found.start() + 1]):
        return None
    word = found["word"] or found["late"]
    size = "large" if re.fullmatch(_BIG, word, re.IGNORECASE) else "small"
    place = s.start + found.start("word" if found["word"] else "late")
    return Statement("finding", place, place + len(word), f"{size} {_WAVES[one.what]}", one.leads, one.loose)
