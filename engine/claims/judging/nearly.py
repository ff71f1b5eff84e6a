"""Whether a finding that its words call slight, or deny to be marked, lies near enough to its limit to be neither shown nor contradicted.

A word of degree moves a limit and does not say how far: a PR interval of 190 ms may be called slightly long, and one of 210 ms not markedly so.
"""

from __future__ import annotations

import re

from engine.claims.judging.opinion import Opinion
from engine.claims.statement import Statement

_NEAR = 28
"""Characters around the words of a finding in which a word tells its degree."""
_LITTLE = re.compile(
    r"\b(?:slight(?:ly)?|mild(?:ly)?|somewhat|a little|a bit|minimal(?:ly)?|marginal(?:ly)?|faint(?:ly)?|minor|modest(?:ly)?|subtl[ey]|borderline|tends?|tendency|relative(?:ly)?|rather|fairly|moderate(?:ly)?|almost|nearly|incipient|discrete(?:ly)?|brisk(?:ly)?|lively|leisurely|unhurried|sedate|(?:long|short|broad|wide|slow|fast|flat|low|high|quick)ish)\b",
    re.IGNORECASE,
)
_TURNS = re.compile(r"\b(?:towards?|leans?|leaning|trend|tilt\w*)\b", re.IGNORECASE)
"""Of an axis they tell a direction and no deviation."""
_MUCH = re.compile(
    r"\b(?:significant(?:ly)?|marked(?:ly)?|major|relevant|substantial(?:ly)?|gross(?:ly)?|overt(?:ly)?|frank(?:ly)?|definite(?:ly)?|clear(?:ly)?|notabl[ey]|considerabl[ey]|pronounced|real|true|obvious(?:ly)?|important|meaningful|appreciabl[ey]|worth)\b",
    re.IGNORECASE,
)
_BANDS = {"/min": 10.0, "ms": 20.0, "deg": 15.0, "mV": 0.1, "": 0.04}
"""By unit how far from its limit a value may lie to be called so by some (our own)."""

_VARIATION = "RR variation"
_OF_VARIATION = frozenset({"regular rhythm", "irregular rhythm", "sinus arrhythmia"})


def nearly(text: str, statement: Statement, told: Opinion) -> bool:
    """Whether a finding is contradicted by a value beside its limit only, and its words give it a degree that reaches so far."""
    if told.value is None or told.limit is None or told.unit not in _BANDS:
        return False
    if told.measure == _VARIATION and statement.what not in _OF_VARIATION:
        return False  # fibrillation is more than a rhythm that varies
    around = text[max(0, statement.start - _NEAR) : statement.end + _NEAR]
    if abs(told.value - told.limit) > _BANDS[told.unit]:
        return False
    if told.unit == "deg" and _TURNS.search(around) is not None:
        return True
    return (_MUCH if statement.negated else _LITTLE).search(around) is not None
