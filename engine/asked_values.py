"""Values that a question asks for by other words than the name of a measure: single waves, sums of two, the largest of a row, and on which side of a bound a value lies."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.asked_of import formula_named
from engine.claims.basis import Basis
from engine.claims.judging.opinion import Opinion, unknown
from engine.claims.numbers.reading import dimension, reading, said
from engine.claims.parse import Topic, parse
from engine.claims.statement import Relation, Statement
from engine.criteria.conduction import LONG_MS, SHORT_MS

JUMP_MV = 0.2
"""By which the level at J differs from that 60 ms later where J is set within the QRS or at its edge: no ST segment moves by two millimetres of paper in that time (our own
limit)."""
_DIFFERENCE = re.compile(r"\b(?:difference|differ|spread|range|vary)\b", re.IGNORECASE)
_CORNELL, _LEWIS = re.compile(r"\bcornell\b", re.IGNORECASE), re.compile(r"\bgubner\b", re.IGNORECASE)
_LONG = re.compile(r"\bhow (?:wide|broad|long)\b|\b(?:width|duration|length) of\b", re.IGNORECASE)
_DEEP = re.compile(r"\b(?:deep\w*|depress\w*|invert\w*|negative)\b", re.IGNORECASE)
_HIGH_HOW = re.compile(
    r"\bhow (?:tall|high|deep|large|big)\b|\b(?:amplitude|voltage|height|depth|size) of\b", re.IGNORECASE
)
_EXISTS = re.compile(
    r"\b(?:any|some|which|what|one) (?:\w+ )?leads?\b|\banywhere\b|\bsomewhere\b|\bwhere\b", re.IGNORECASE
)
_PAST = re.compile(r"\b(?:ago|yesterday|earlier|previous\w*|formerly|last (?:night|week|month|hour|time|ecg)|before (?:that|this|now)|since (?:yesterday|the)|changed|compared)\b", re.IGNORECASE)  # fmt: skip
_QT = {"long QT": (False, True), "normal QT": (True, False), "abnormal QT": (False, True), "short QT": (False, False)}
_LOW = frozenset({"deepest", "lowest"})
_HIGH = frozenset({"tallest", "highest"})
_LARGE = frozenset({"largest", "biggest", "greatest", "maximal", "maximum"})
_DOWN = ("Q", "S")
_WAVES = ("P", "Q", "R", "S", "T", "ST")


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is asked for, and how it is named."""

    name: str
    asked: Statement
    which: int = 0
    """Of the values that its reading gives."""


def own_values(sentence: str, topic: Topic) -> tuple[Value, ...]:
    """What a sentence asks for that no measure or finding of its topic tells; nothing where those do."""
    if _CORNELL.search(sentence) and "voltage" in topic.measures:
        terms = (("R", ("aVL",)), ("S", ("V3",)))
        return (
            Value("Cornell voltage, R in aVL and S in V3", Statement("number", 0, 0, "sum", unit="mV", terms=terms)),
        )
    if _LEWIS.search(sentence):
        terms = (("R", ("I",)), ("S", ("III",)))
        return (Value("R in I and S in III", Statement("number", 0, 0, "sum", unit="mV", terms=terms)),)
    if "RR SD" in topic.measures:
        return (Value("Standard deviation of the RR intervals", Statement("number", 0, 0, "RR SD")),)
    if "RR" in topic.measures and _DIFFERENCE.search(sentence):
        spread = Statement("number", 0, 0, "RR SD", detail="spread")
        return (Value("Longest less shortest RR interval", spread, 1),)
    return _durations(topic) if _LONG.search(sentence) else ()


def _durations(topic: Topic) -> tuple[Value, ...]:
    """How long waves last: Q of each lead, P of all; of others it is not measured."""
    words = (*topic.measures, *(one.what.split()[0] for one in topic.findings if one.what.endswith(" waves")))
    if any(name not in _WAVES for name in topic.measures):
        return ()
    found = []
    for wave in dict.fromkeys(word for word in words if word in _WAVES):
        for leads in [(lead,) for lead in topic.leads] if wave != "P" and topic.leads else [()]:
            asked = Statement("number", 0, 0, wave, leads, unit="ms", detail="duration")
            found.append(Value(f"{wave} duration{' in ' + leads[0] if leads else ''}", asked))
    return tuple(found)


def asks_where(sentence: str) -> bool:
    """Whether a question asks of single leads whether, or in which, a finding is: `in any lead`, `which leads`."""
    return _EXISTS.search(sentence) is not None


def of_the_past(sentence: str) -> bool:
    """Whether a question is about another time than these ten seconds."""
    return _PAST.search(sentence) is not None


def extreme(words: Collection[str], wave: str) -> str:
    """Whether the lowest or the highest of a row of leads is asked for; empty where neither is."""
    said_of = set(words)
    if said_of & _LOW or (wave in _DOWN and said_of & _LARGE):
        return "lowest"
    return "highest" if said_of & (_HIGH | _LARGE) else ""


def bounds(sentence: str) -> tuple[Statement, ...]:
    """Bounds that a question asks whether one measure lies beyond, or between: `Is PR longer than 200 ms?`"""
    if not sentence.rstrip().endswith("?"):
        return ()
    found = (one for read in parse(sentence.replace("?", ".")) for one in read.statements)
    return tuple(one for one in found if one.kind == "number" and one.what and len(one.leads) < 2 and _is_bound(one))


def _is_bound(one: Statement) -> bool:
    between = one.relation is Relation.IS and one.low is not None and one.high is not None and one.low < one.high
    return one.relation in (Relation.ABOVE, Relation.BELOW) or between


def beyond(asked: Statement, values: Sequence[float], sentence: str) -> tuple[str, bool] | None:
    """In words the bound, and whether values as they are shown lie beyond it; None where the bound has another unit, or they lie on both sides of it.

    Waves that point down are told by their size: `deeper than 1 mV`.
    """
    unit = dimension(asked)
    ends = said(asked, unit)
    if ends is None or not values:
        return None
    down = unit == "mV" and (asked.what in _DOWN or _DEEP.search(sentence) is not None)
    low, high = (abs(end) for end in ends) if down else ends
    shown = [round(-v if down else v, 2) if unit in ("mV", "1") else round(v) for v in values]
    words = "degrees" if unit == "deg" else unit
    more, less = ("deeper than", "less deep than") if down else ("above", "below")
    if asked.relation is Relation.ABOVE:
        how, sides = f"{more} {low:g} {words}", {one > low for one in shown}
    elif asked.relation is Relation.BELOW:
        how, sides = f"{less} {high:g} {words}", {one < high for one in shown}
    else:
        how, sides = f"between {low:g} and {high:g} {words}", {low <= one <= high for one in shown}
    return (how, sides.pop()) if len(sides) == 1 else None


def heights(sentence: str, topic: Topic) -> tuple[str, ...]:
    """Waves of which the height is asked for, where they were read as a finding: `the amplitude of the P wave`."""
    if _HIGH_HOW.search(sentence) is None or topic.measures:
        return ()
    waves = (one.what.split()[0] for one in topic.findings if one.what.endswith(" waves"))
    return tuple(dict.fromkeys(wave for wave in waves if wave in _WAVES))


def by_formula(asked: Statement, words: Collection[str], basis: Basis) -> Opinion | None:
    """The opinion on a QTc by the formula that is named, beside that of the reports; None of another finding, or where none or that of the reports is named."""
    name = formula_named(words)
    if asked.what not in _QT or name in ("", "fridericia"):
        return None
    found = reading(Statement("number", 0, 0, "QTc", detail=name), basis)
    least, most = LONG_MS[basis.sex]
    usual = basis.m.qtc_fridericia_ms
    of_sex = usual is not None and least < round(usual) <= most
    if held := basis.withholds("QT interval") or ("" if of_sex else basis.withholds("QTc")):
        return unknown(held)
    if not found.values:
        return unknown(found.why_not)
    ms = found.values[0]
    own = f"QTc {ms:.0f} ms by {name.capitalize()}"
    if asked.what == "short QT":
        return Opinion(ms < SHORT_MS, ms >= SHORT_MS, f"{own}, limit {SHORT_MS:.0f} ms", "QTc", ms, "ms")
    if least < round(ms) <= most:
        return unknown(
            f"{own} is long in men (above {least:.0f} ms) and not in women ({most:.0f} ms), and the sex is not known"
        )
    normal, long = _QT[asked.what]
    beyond_it, short = round(ms) > most, round(ms) < SHORT_MS
    yes = (
        (not beyond_it and not short)
        if normal
        else (beyond_it or (short and asked.what == "abnormal QT"))
        if long
        else short
    )
    return Opinion(yes, not yes, f"{own}, limit {most:.0f} ms", "QTc", ms, "ms")
