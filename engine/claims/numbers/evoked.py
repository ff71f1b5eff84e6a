"""What a number may be said of where the words around it do not bind it to a measure: what its sentence or the one before speaks of, by its unit.

A list of wordings for what binds a number never ends. What a sentence speaks of can be told by its nouns alone: waves that are named together
make the time between them, a formula makes a QTc. Whether the number is one of these measures is then asked of the measurements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.numbers.amplitude import WAVES, wave_of
from engine.claims.numbers.number_leads import right_behind
from engine.claims.numbers.runs import Run
from engine.claims.numbers.subjects import LINK, linked, named, takes
from engine.claims.statement import Relation, Statement

Candidates = tuple[tuple[str, tuple[str, ...]], ...]
"""Measures, each with its leads."""

_TIMES = ("rate", "RR", "RR SD", "P", "PR", "QRS", "QT", "QTc")
_WAVES = ("P", "Q", "R", "S", "T", "ST", "QRS")
_BY_UNIT: dict[str, tuple[str, ...]] = {
    "/min": ("rate",), "deg": ("axis",), "ms": (*_TIMES[1:], "Q"), "mV": (*_WAVES, "sokolow"), "mm": (*_WAVES, "sokolow"),
    "small squares": (*_TIMES[1:], *_WAVES, "sokolow"), "": (*_TIMES, "axis"),
}  # fmt: skip
"""By unit the measures that a number may be of; without one those of the whole heart."""
_NOUNS: tuple[tuple[str, str], ...] = (
    ("rate", r"rates?|beats?|bpm|puls\w+|rhythms?|frequency|(?:brady|tachy)card\w+"),
    ("RR SD", r"standard deviation|sdnn|variabilit\w+|spread|scatter"),
    ("RR", r"beats?|cycles?|rhythms?|rates?|complexes|r-?r|successive|consecutive|adjacent"),
    ("PR", r"p-?[rq]|atrioventricular|a-?v|nod(?:e|al)|delay|conduct\w+|block"),
    ("QRS", r"qrs\w*|complex(?:es)?|depolari[sz]\w+|ventric\w+|bundle|conduct\w+|activat\w+"),
    ("QT", r"q-?t|repolari[sz]\w+"),
    ("QTc", r"q-?tc\w*|correct\w*|bazett\w*|fridericia\w*|framingham|hodges|rate-adjusted|adjust\w*"),
    ("P", r"p-?waves?|atri(?:a|al|um)"),
    ("axis", r"ax[ie]s|vector|plane|frontal"),
    ("sokolow", r"sokolow\w*|lyon|sums?|total\w*|add\w*|together|voltages?|hypertroph\w*|lvh|combined"),
    ("ST", r"st|j-?point|segments?"),
)  # fmt: skip
"""By measure the nouns that speak of it, of any wording around them."""
_PAIRS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("PR", frozenset({"P"}), frozenset({"QRS", "R", "Q"})),
    ("QT", frozenset({"QRS", "Q"}), frozenset({"T"})),
)
"""The measure that two waves make together."""


@lru_cache(maxsize=1)
def _nouns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((what, re.compile(rf"\b(?:{said})\b", re.IGNORECASE)) for what, said in _NOUNS)


def spoken_of(tokens: list[Token], text: str) -> frozenset[str]:
    """The measures that words speak of, whatever they say of them."""
    found = {named(t) for t in tokens if t.kind in ("measure", "finding")}
    found |= {what for what, pattern in _nouns() if pattern.search(text)}
    found |= {what for what, ones, others in _PAIRS if found & ones and found & others}
    return frozenset(found)


def may_be_of(s: Sentence, run: Run, what: str = "", at: int | None = None, paired: bool = False) -> Candidates:
    """What a number may be said of besides; nothing where plain words bind it to its measure."""
    unit = run.unit.what if run.unit else ""
    if paired or (at is not None and what != "" and (at > run.last or _plainly(s, at, run, what, unit))):
        return ()
    asked = _BY_UNIT.get(unit, ())
    found = ([one for one in asked if one in heard] for heard in _scopes(s, run))
    measures = next(filter(None, found), [])
    if right_behind(s, run) is not None:
        measures = [one for one in measures if one != "sokolow"]
    if unit in _OF_HEART and not (at is not None and what and _beside(s, at, run) and not _is_gap(s, at, run)):
        measures += [one for one in asked if one not in (*measures, *_WIDE)]
    return tuple(
        (one, each) for one in measures for each in (_leads_of(s, run) if one in _WAVES and unit != "ms" else ((),))
    )


def spoken_beside(s: Sentence, told: list[tuple[Run, Statement]]) -> list[Statement]:
    """The numbers of a sentence, each with the measures that the sentence speaks of and that no other number is said of.

    Whatever the words between them say: a number that is one of these to its last digit is no mistaken value of what it was read of. What stands
    right beside a number is its own, though: `a PR interval of 92 ms` is asked of nothing else.
    """
    values = [one for _, one in told if one.kind == "number" and one.relation is Relation.IS]
    heard = spoken_of(s.tokens, s.text[s.start : s.end])
    return [
        replace(one, others=_free(s, run, one, values, heard)) if one in values and not one.negated else one
        for run, one in told
    ]


def _free(s: Sentence, run: Run, one: Statement, values: list[Statement], heard: frozenset[str]) -> Candidates:
    """What a number may be of that its sentence speaks of: no measure of another number, and no other than what stands right beside it."""
    beside, own_leads = _beside_it(s, run)
    if (beside and beside == one.what and one.unit != "mV") or (own_leads and one.what and one.unit == "mV"):
        return ()
    if (
        run.first > 1
        and s.tokens[run.first - 1].what in ("plus", "+", "and", "/")
        and s.tokens[run.first - 2].kind in ("unit", "number")
    ):
        return ()  # one of a list has the place of its own
    taken = {(other.what, lead) for other in values if other is not one for lead in (other.leads or ("",))}
    asked = [
        (what, "") for what in _BY_UNIT.get(one.unit, ()) if what in heard and (one.unit != "mV" or what == "sokolow")
    ]
    waves = {wave for t in s.tokens if (wave := wave_of(t)) in WAVES} or ({s.subject} & WAVES)
    leads = (
        list(one.leads)
        if own_leads
        else [lead for t in s.tokens if t.kind == "lead" for lead in t.leads] or list(s.leads)
    )
    asked += [
        (wave, lead)
        for wave in sorted(waves)
        for lead in dict.fromkeys(leads)
        if one.unit == "mV" or (one.unit == "ms" and wave == "Q")
    ]
    return tuple(
        (what, (lead,) if lead else ())
        for what, lead in asked
        if beside in ("", what) and (what, lead) not in taken and (what, "") not in taken
    )


_GAPS = frozenset({"after", "by", "following", "before"})
"""Before a number they tell a time between two waves: `followed by the QRS after 160 ms`."""


def _beside_it(s: Sentence, run: Run) -> tuple[str, bool]:
    """The measure that stands right beside a number, empty where none does, and whether a lead does."""
    k = run.first - 1
    leads = right_behind(s, run) is not None
    words = [
        j for j in range(max(0, k - 1), k + 1) if s.tokens[j].kind == "word" and s.tokens[j].what not in ("and", "or")
    ]
    k = min(words) - 1 if words and words[-1] == k else k  # `the S wave in V2 extends to 1.0 mV`
    while k >= 0 and (
        (s.tokens[k].what in LINK and s.tokens[k].what not in ("and", ".")) or s.tokens[k].kind == "lead"
    ):
        leads = leads or s.tokens[k].kind == "lead"
        k -= 1
    if k < 0 or s.tokens[k].kind != "measure" or s.tokens[run.first - 1].what in _GAPS:
        return "", leads
    stop = next((j for j in range(k - 1, -1, -1) if s.tokens[j].kind in ("break", "number", "measure")), -1)
    return named(s.tokens[k]), leads or any(t.kind == "lead" for t in s.tokens[stop + 1 : k])


_OF_HEART = frozenset({"/min", "deg", "ms"})
"""Units of measures of the whole heart: few enough that a number is asked of all of them, whatever its sentence speaks of."""
_UNTIMED = frozenset({"T", "R", "S", "ST", "ST at J"})
"""Of these no time is measured: one that is said of them is another's, as `from the QRS to the end of the T wave`."""
_WIDE = ("RR SD", "Q")
"""Measures that many a number fits: asked only where they are spoken of."""


def _is_gap(s: Sentence, at: int, run: Run) -> bool:
    """Whether a number says how far a wave is from another: `leads each QRS complex by 160 ms`."""
    return any(t.what == "by" for t in s.tokens[at + 1 : run.first])


def _beside(s: Sentence, at: int, run: Run) -> bool:
    """Whether a number stands beside the measure at token `at` as its value: `the QRS is narrow, 92 ms`, `the QRS, at 92 ms,`."""
    return all(
        t.what in (",", "at", "with") or t.kind == "quality" or linked(s, k, k + 2)
        for k, t in enumerate(s.tokens[at + 1 : run.first], at)
    )


def _plainly(s: Sentence, at: int, run: Run, what: str, unit: str) -> bool:
    """Whether words bind a number to the measure before it: not `and` where the unit is another's (`70 /min is the rate and 92 ms`)."""
    if unit == "ms" and (what in _UNTIMED or (what in ("P", "QRS") and _is_gap(s, at, run))):
        return False
    joined = any(t.what in (",", "and", ".") for t in s.tokens[at + 1 : run.first])
    return linked(s, at, run.first) and (takes(what, unit) or not joined)


def _scopes(s: Sentence, run: Run) -> Iterator[frozenset[str]]:
    """What is spoken of around a number, from near to far: in its clause, since the last number and up to the next part of the sentence, in it, before it."""
    first, last = _near(s, run)
    begins, ends = s.clause(run.first)
    for a, b in ((max(first, begins), min(last, ends)), (first, last)):
        yield spoken_of(s.tokens[a:b], s.text[s.tokens[a].start : s.tokens[b - 1].end])
    yield spoken_of(s.tokens, s.text[s.start : s.end])
    if s.earlier:
        yield spoken_of(s.earlier, s.text[s.earlier[0].start : s.start])


def _near(s: Sentence, run: Run) -> tuple[int, int]:
    """First and behind-last token of the stretch around a number that holds no other and ends behind it with its part of the sentence."""
    first = max((k + 1 for k in range(run.first) if s.tokens[k].kind in ("number", "unit")), default=0)
    stops = (k for k in range(run.last + 1, len(s.tokens)) if s.tokens[k].kind in ("number", "break") or s.tokens[k].what in (",", ";", "("))  # fmt: skip
    return first, next(stops, len(s.tokens))


def _leads_of(s: Sentence, run: Run) -> tuple[tuple[str, ...], ...]:
    """The leads of a number, one by one: those right behind it, else the last before it in its stretch, else the first behind, else the last of the sentence or of the one before."""
    if (at := right_behind(s, run)) is not None:
        return tuple((lead,) for lead in s.tokens[at].leads)
    first, last = _near(s, run)
    back = [k for k in range(first, run.first) if s.tokens[k].kind == "lead"][-1:]
    ahead = [k for k in range(run.last + 1, last) if s.tokens[k].kind == "lead"][:1]
    far = [k for k in range(first) if s.tokens[k].kind == "lead"][-1:]
    leads = [lead for k in back or ahead or far for lead in s.tokens[k].leads] or list(s.leads)
    return tuple((lead,) for lead in dict.fromkeys(leads)) or ((),)


_COUNTED = 12
"""Leads of an ECG: a whole number up to it may count something."""


_PLACES = frozenset({"lead", "leads", "chest", "precordial", "limb", "electrode", "electrodes", "position", "v", "c", "to", "-", "through", "and"})  # fmt: skip
"""Words behind which a small number may name a lead."""


def is_count(s: Sentence, run: Run) -> bool:
    """Whether a bare number may count beats, leads or seconds: no measure of the whole heart is so small."""
    if run.first and s.tokens[run.first - 1].what in _PLACES:
        return False
    return run.unit is None and run.low == run.high and run.low.is_integer() and 0 <= run.low <= _COUNTED
