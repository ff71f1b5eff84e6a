"""What a number is by its value, where the words around it were bound to another measure: the value is looked for among the few that they can mean.

A list of wordings for what binds a number never ends, but what a sentence is about is told by few words: a formula, single cycles, ST or J, a ratio.
A number that is one of these to its last digit is no mistaken value of what it was read of; it is told as what it is, and its sentence is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.judging import number
from engine.claims.language import leads as names
from engine.claims.language import markup
from engine.claims.numbers.subjects import FORMULAE
from engine.claims.statement import Relation, Statement

_FORMULAE = {name[:4]: name for name in FORMULAE}
_FORMULA = re.compile(rf"\b({'|'.join(_FORMULAE)})", re.IGNORECASE)
_QTC_MS = (250.0, 700.0)
"""Between these a number beside the name of a formula may be a QTc."""
_CYCLES = re.compile(r"\b(?:r-?r|cycles?|intervals?|beats?|spacing|distances?|from one r)\b", re.IGNORECASE)
_SINGLE = re.compile(
    r"\b(?:swing|wander|rang(?:e[sd]?\b|ing)|vary|varies|varying|fluctuat|drift|oscillat|shorten|lengthen|stretch|goes|going|extreme|exception)\w*\b[^.;]{0,60}$"
    r"|\b(?:one|two|three|a|an|single|some) (?:short\w* |long\w* |single )?cycles? (?:of|at|lasting) [^.;,]{0,20}$"
    r"|\b(?:up|down) to(?: (?:about|roughly|some|nearly))? $",
    re.IGNORECASE,
)
"""Before a time they tell that it is one of several cycles."""
_AT_MOST = re.compile(r"\W*at (?:the |its )?(?:least|most|shortest|longest)\b", re.IGNORECASE)
_MEAN = re.compile(r"\b(?:mean|averag\w*|median|usual|typical\w*)\W+(?:\w+\W+){0,3}$", re.IGNORECASE)
ABOUT_ST = re.compile(r"\bst\b|\bst-|\bj\b|\bj-?points?\b|\bj ?\+|\b(?:de|up)?press\w+\b|\belevat\w+", re.IGNORECASE)
_DOWN = re.compile(r"\b(?:down|low\w*|depress\w*|drop\w*|sink\w*|sank|sag\w*|dip\w*|below|beneath|under|fall\w*|negativ\w*|deficit)\b", re.IGNORECASE)  # fmt: skip
_UP = re.compile(r"\b(?:up|high\w*|elevat\w*|rais\w*|rise\w*|rising|lift\w*|above|climb\w*|positiv\w*|upward\w*)\b", re.IGNORECASE)  # fmt: skip
_RATIO = re.compile(r"\br ?(?:/|:|-?to-?) ?s\b|\bratio\b", re.IGNORECASE)
_WAVE = re.compile(r"\b([PQRST])(?:[- ]waves?)?\b(?!\+|-point)")
_OF_QRS = re.compile(r"\bqrs\b|\bcomplex\w*|\bvoltages?\b|\bsum\b|sokolow|cornell", re.IGNORECASE)
LEAD = re.compile(r"\b(?:aV[RLF]|V[1-6]|III|II|I)\b")
_DIGIT = {"ms": 1.5, "mV": 0.011, "1": 0.06}
"""By unit how far a number that was rounded lies from what was measured, at most."""
_CYCLE_MS = 10.0
"""The same of a single RR interval, which is told in hundredths of a second."""
_OF_HEART = {"ms": ("RR", "PR", "QRS", "QT", "P"), "/min": ("rate",), "deg": ("axis",)}
"""By unit what a number may be that is bound to nothing."""
_MAY_BE_ST = frozenset({"", "QRS", "axis", "ST", "ST at J"})
"""What an ST level may have been read of: no wave that stands for itself."""
_WAVES = frozenset({"P", "Q", "R", "S", "T"})
_UNNAMED = frozenset({"", "RR", "RR SD", "rate", "QRS", "QT", "QTc", "PR"})
"""What a single cycle may have been read of."""


def by_value(text: str, statement: Statement, claim: Claim, basis: Basis) -> list[Claim]:
    """The claims that agree of what a number may be by its value, claim: what it was read as; empty where it is none of it."""
    if statement.relation is Relation.REFERENCE or statement.negated or statement.low is None:
        return []
    if claim.kind is ClaimKind.UNIT and statement.what in _WAVES:
        return []
    found = (
        one
        for other in _candidates(text, statement)
        if (one := number.judge(text, other, basis)) is not None and one.verdict is Verdict.AGREE
    )
    return [one for one in found if _is_to_the_digit(one)]


def held_by_value(text: str, statement: Statement, claim: Claim, basis: Basis) -> list[Claim]:
    """The claims of what a number may be by its value that the criteria withhold though it was measured so: they are told with their doubt."""
    if statement.relation is not Relation.IS or statement.negated or statement.low is None:
        return []
    if claim.kind is ClaimKind.UNIT and statement.what in _WAVES:
        return []
    found = []
    for other in _candidates(text, statement):
        told, bare = number.judge(text, other, basis), number.judge(text, other, basis, telling=False)
        if told is None or bare is None or told.verdict is not Verdict.UNSUPPORTED or bare.verdict is not Verdict.AGREE:
            continue
        if _is_to_the_digit(bare):
            found.append(replace(told, measured=bare.measured, uncontradicted=True))
    return found


def _is_to_the_digit(claim: Claim) -> bool:
    allowed = _CYCLE_MS if claim.measure == "RR interval" else _DIGIT.get(claim.unit, 0.0)
    return abs(abs(claim.value or 0.0) - abs(claim.measured or 0.0)) <= allowed


def _candidates(text: str, one: Statement) -> Iterator[Statement]:
    """What a number may be of, by what its sentence is about."""
    begin, end = sentence_of(text, one)
    said = text[begin:end]
    plain = replace(one, relation=Relation.IS, loose=False, maybe=(), others=(), every=False)
    if one.unit in ("ms", "") and one.low is not None and _QTC_MS[0] <= one.low <= _QTC_MS[1]:
        for name in dict.fromkeys(_FORMULAE[m[1].lower()] for m in _FORMULA.finditer(said)):
            yield replace(plain, what="QTc", leads=(), detail=name, unit="ms")
    if one.unit in ("ms", "") and one.what in _UNNAMED and _CYCLES.search(said) and _is_single(text, one, begin):
        yield replace(plain, what="RR", leads=(), detail="each", unit="ms")
    if one.unit == "" and _RATIO.search(said):
        for lead in _near(text, one, begin, end):
            yield replace(plain, what="R/S", leads=(lead,), detail="")
    if not one.what and one.unit in _OF_HEART:
        for what in _OF_HEART[one.unit]:
            yield replace(plain, what=what, leads=(), detail="")
    if one.unit in ("mV", "mm"):
        yield from _amplitudes(text, plain, begin, end)


def _is_single(text: str, one: Statement, begin: int) -> bool:
    """Whether a time is that of one of several cycles and not their mean."""
    before = text[max(begin, one.start - 90) : one.start]
    single = _SINGLE.search(before) or _AT_MOST.match(text, one.end)
    return single is not None and _MEAN.search(before) is None


def _amplitudes(text: str, one: Statement, begin: int, end: int) -> Iterator[Statement]:
    """ST levels, the same wave of another lead, and the waves that a number may be of which was bound to none."""
    near = _near(text, one, begin, end)
    leads = one.leads if len(one.leads) == 1 else tuple(near[:1])
    if one.what in _MAY_BE_ST and ABOUT_ST.search(text, _begin_before(text, begin), end):
        yield from _levels(text[begin:end], one, leads)
    if one.what in _WAVES and not _is_beside(text, one) and not _LISTED.search(text, begin, one.start):
        yield from (replace(one, leads=(lead,)) for lead in dict.fromkeys(near))
    way = "inverted" if one.low is not None and one.low < 0.0 else ""
    for what in _named(text, one, begin, end):
        for lead in leads:
            yield replace(one, what=what, leads=(lead,), detail=way if what in ("P", "T") else "")


def _levels(said: str, one: Statement, leads: tuple[str, ...]) -> Iterator[Statement]:
    """ST levels in the direction that their sentence gives them; a value that it gives twice is what it was read as."""
    if one.low is not None and said.count(f"{abs(one.low):.2f}") > 1:
        return
    ways = [way for way, pattern in (("depressed", _DOWN), ("elevated", _UP)) if pattern.search(said)]
    for lead in leads:
        for what in ("ST", "ST at J"):
            yield from (replace(one, what=what, leads=(lead,), detail=way) for way in ways or [""])


def _named(text: str, one: Statement, begin: int, end: int) -> tuple[str, ...]:
    """The waves that an amplitude may be of: any where it was bound to nothing, those of the QRS where it was read as an axis, and those that its sentence names."""
    if not one.what:
        return "R", "S", "T", "P", "Q", "ST"
    if one.what not in ("QRS", "axis"):
        return ()
    found = ["R", "S", "Q"] if one.what == "axis" else []
    if not _OF_QRS.search(text, begin, end):
        found += [m[1].upper() for m in _WAVE.finditer(text, begin, end)]
    return tuple(dict.fromkeys(found))


def _near(text: str, one: Statement, begin: int, end: int) -> list[str]:
    """The leads of a sentence, from the nearest to a number on: one right behind it (`0.67 in V2`) is nearer than one before."""
    found = [(m.start() - one.end if m.start() >= one.end else one.start - m.end() + 8, m[0]) for m in LEAD.finditer(text, begin, end)]  # fmt: skip
    return [names.named(lead) for _, lead in sorted(found)]


_LISTED = re.compile(r"\d(?: ?m[Vm])?(?:,| and|, and|/) ?$")
"""Before a number of a list, which has the place of its own."""
_BESIDE = re.compile(
    r"\b(?P<lead>aV[RLF]|V[1-6]|III|II|I)\b(?: ?[(:=]| (?:is|at|of|by|reaches|measures|about|shows|has)){0,2} ?$"
)
_BEHIND = re.compile(r" ?(?:in|at|for|\() ?(?:lead )?(?P<lead>aV[RLF]|V[1-6]|III|II|I)\b")


def _is_beside(text: str, one: Statement) -> bool:
    """Whether a lead stands right beside a number, as its own: `V3 (0.32 mV)`, `0.32 mV in V3`."""
    return (
        _BEHIND.match(text, one.end) is not None or _BESIDE.search(text, max(0, one.start - 30), one.start) is not None
    )


@lru_cache(maxsize=8)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where the sentences of a text begin and end, as they are read everywhere else."""
    return tuple(markup.sentences(markup.plain(text)))


def sentence_of(text: str, one: Statement) -> tuple[int, int]:
    """Where the sentence of a statement begins and ends."""
    return next((span for span in _spans(text) if span[0] <= one.start < span[1]), (0, len(text)))


def _begin_before(text: str, begin: int) -> int:
    """Where the sentence before the one that begins there begins; the same where it is the first."""
    return max((start for start, _ in _spans(text) if start < begin), default=begin)
