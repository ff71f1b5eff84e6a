"""Numbers that are no values: moments, points at which something is told, and what is reckoned from other numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from engine.claims.basis import Basis
from engine.claims.judging.by_value import ABOUT_ST, LEAD, sentence_of
from engine.claims.statement import Relation, Statement

_MOMENT = re.compile(r"(?:\b(?:at|after|near|around|about|until|from|before|within|and|beyond|past)|[,(@~])(?: (?:about|roughly|approximately|some|second|t ?=))* ?$", re.IGNORECASE)  # fmt: skip
_LATE_MS, _LAST_MS = 2500.0, 10_000.0
"""From the first on a time is no interval of a beat, and to the second it may be a moment of the ten seconds."""


def not_a_value(text: str, statement: Statement, basis: Basis) -> str:
    """What a number is that tells no measured value; empty where it may be one."""
    if is_point(text, statement):
        return "it is the point at which a level is told"
    if is_reckoned(text, statement, basis):
        return "it is reckoned from two others"
    return "it is a moment of which nothing was measured" if is_moment(text, statement) else ""


def is_moment(text: str, statement: Statement) -> bool:
    """Whether a number is a moment of the ten seconds that nothing is measured of: `the rhythm slows after about 5 s`."""
    if statement.unit != "ms" or statement.low is None or statement.what == "moment":
        return False
    said = text[statement.start : statement.end].rstrip(". ")
    late = _LATE_MS < statement.low <= _LAST_MS and not said.endswith("ms")
    return late and _MOMENT.search(text, max(0, statement.start - 30), statement.start) is not None


def is_point(text: str, statement: Statement) -> bool:
    """Whether a time is the point behind J at which a level is told: `depressed by 0.1 mV in aVL at 60 ms`."""
    if statement.unit != "ms" or statement.low not in _POINTS_MS or statement.relation is not Relation.IS:
        return False
    begin, end = sentence_of(text, statement)
    at = _AT.search(text, begin, statement.start) is not None
    return at and ABOUT_ST.search(text, begin, end) is not None and LEAD.search(text, begin, end) is not None


_POINTS_MS = frozenset({40.0, 60.0, 80.0})
_AT = re.compile(
    r"\b(?:at|after|by|within)(?: (?:the|about|another|a further|some|roughly|approximately))? $", re.IGNORECASE
)


def is_reckoned(text: str, statement: Statement, basis: Basis) -> bool:
    """Whether a number is the sum or the difference of two others of its sentence, which are judged by themselves, or of measures that it names.

    `SV1 (1.66 mV) and RV5 (1.96 mV) make 3.62 mV`, `446 and 411 ms, 35 ms apart`, `the JT interval, QT minus QRS, is 290 ms`, `60,000 / 812`.
    """
    begin, end = sentence_of(text, statement)
    if statement.low is None or statement.relation is not Relation.IS:
        return False
    if not _NAMED_UNIT.search(text[statement.start : statement.end]) and _MINUTE.search(text, begin, end) is not None:
        return _is_of_minute(text, statement, basis)
    if statement.unit not in _ALLOWED:
        return False
    own, allowed = abs(statement.low), _ALLOWED[statement.unit]
    pattern = _WHOLE if statement.unit == "ms" else _SIZE
    others = [*pattern.finditer(text, begin, statement.start), *pattern.finditer(text, statement.end, end)]
    sizes = [abs(float(m[0])) for m in others]
    if statement.unit == "ms":
        sizes += [v for v in _named(text[begin:end], basis) if all(abs(v - told) > allowed for told in sizes)]
    since = max((m.end() for m in others if m.end() <= statement.start), default=begin)
    less = _LESS_BEFORE.search(text, since, statement.start) or _LESS_BEHIND.match(text[statement.end : end])
    if less and any(abs(abs(a - b) - own) <= allowed for a, b in combinations(sizes, 2)):
        return True
    if _ADDED.search(text, begin, end) is None:
        return False
    before = sizes if statement.unit == "ms" else sizes[: sum(m.end() <= statement.start for m in others)]
    times = 0.1 if statement.unit == "mm" else 1.0
    room = allowed if statement.unit == "ms" else _SUM_MV / times
    return any(abs(a + b - own) <= room for a, b in combinations(before, 2))


def _named(said: str, basis: Basis) -> Iterator[float]:
    """The measured times that a sentence names, ms."""
    m = basis.m
    for name, value in (("P", m.p_ms), ("PR", m.pr_ms), ("QRS", m.qrs_ms), ("QT", m.qt_ms), ("RR", m.rr_ms)):
        if value is not None and re.search(rf"\b{name}\b", said):
            yield value.value


_MINUTE = re.compile(r"\b60[, ]?000\b|\b(?:60|300|1500) ?(?:/(?! ?m)|÷|divided)")
_NAMED_UNIT = re.compile(r"[A-Za-z]")
_OF_MINUTE = frozenset({60000.0, 60.0, 300.0, 1500.0, 0.0})


def _is_of_minute(text: str, statement: Statement, basis: Basis) -> bool:
    """Whether a number is the length of a minute, or the cycle that it is divided by."""
    if statement.low in _OF_MINUTE or re.search(r"60[, ]?$", text[: statement.start]):
        return True
    rate, divided = basis.rate, _DIVIDED.search(text, 0, statement.start) is not None
    return divided and rate is not None and abs((statement.low or 0.0) - 60000.0 / rate) <= _CYCLE_MS


_DIVIDED = re.compile(r"(?:/|÷|divided by) ?$")
_CYCLE_MS = 10.0


_ADDED = re.compile(
    r"\b(?:sums?|add\w*|plus|total\w*|together|make|makes|pass|passes|altogether|whole)\b|\+(?= ?[A-Za-z])",
    re.IGNORECASE,
)
_LESS_BEFORE = re.compile(r"\b(?:minus|less|leav\w+|remain\w*|subtract\w*|rest|gap|margin|differ\w*|spread|discrepan\w*|pr segment)\b", re.IGNORECASE)  # fmt: skip
_LESS_BEHIND = re.compile(
    r"^\W{0,2}(?:\w+ ){0,2}(?:apart|short of|below|under|beyond|above|over|differen\w+|margin|room|reserve|to spare|to (?:the |its )?(?:\w+ )?limit)\b",
    re.IGNORECASE,
)
_SIZE = re.compile(r"(?<![\w.])-?\d+\.\d+(?![\w.])(?! ?(?:ms|s|bpm|/min))")
_WHOLE = re.compile(r"(?<![\w.])\d{2,4}(?![\w.])(?! ?(?:mV|mm|bpm|/min|°|deg))")
_SUM_MV = 0.06
"""How far a sum may be rounded, mV."""
_ALLOWED = {"mV": 0.011, "mm": 0.11, "ms": 1.5}
"""By unit how far a difference may be rounded."""
