"""Numbers of a sentence with their units: single ones, ranges, and lists that share a unit."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence


@dataclass(frozen=True, slots=True)
class Run:
    """A number, or two that are a range: tokens first..last."""

    first: int
    last: int
    low: float
    high: float
    unit: Token | None


def runs_of(tokens: list[Token]) -> list[Run]:
    """Every number, with what makes it a range."""
    found, k = [], 0
    while k < len(tokens):
        if tokens[k].kind != "number":
            k += 1
            continue
        run = _run(tokens, k)
        found.append(run)
        k = run.last + 1
    return found


def _run(tokens: list[Token], k: int) -> Run:
    unit, last = _unit_at(tokens, k)
    value = tokens[k].number
    joins = last + 1
    between = (k > 0 and tokens[k - 1].what == "between") or (k > 1 and tokens[k - 2].what == "between")
    if joins + 1 < len(tokens) and tokens[joins + 1].kind == "number":
        ahead = tokens[joins + 1]
        word = tokens[joins].what
        if word == "to" and k > 0 and tokens[k - 1].what == "from":
            return Run(k, last, value, value, unit)
        if word in ("-", "to") or (word == "and" and between):
            second, end = _unit_at(tokens, joins + 1)
            return Run(k, end, *_ordered(value, ahead.number), second or unit)
    if (
        joins < len(tokens)
        and tokens[joins].kind == "number"
        and tokens[joins].number < 0 <= value
        and tokens[joins].what.startswith("-")
    ):
        second, end = _unit_at(tokens, joins)
        return Run(k, end, *_ordered(value, -tokens[joins].number), second or unit)
    return Run(k, last, value, value, unit)


def _ordered(a: float, b: float) -> tuple[float, float]:
    return min(a, b), max(a, b)


def _unit_at(tokens: list[Token], k: int) -> tuple[Token | None, int]:
    if k + 1 < len(tokens) and tokens[k + 1].kind == "unit":
        return tokens[k + 1], k + 1
    return None, k


_PER = re.compile(r"\b(?:per|a|an|each|every|one) (minute|min|second|sec|hour|day)\b", re.IGNORECASE)
_COUNTED = {"minute": "/min", "min": "/min", "second": "/s", "sec": "/s", "hour": "/h", "day": "/d"}
"""UCUM of what is counted in a time."""


def timed(s: Sentence, runs: list[Run]) -> list[Run]:
    """Bare numbers with the time that they are counted in, where it stands apart: `72 complexes are seen each minute`."""
    out = list(runs)
    for k, run in enumerate(runs):
        begins = s.tokens[runs[k - 1].last].end if k else s.start
        ends = s.tokens[runs[k + 1].first].start if k + 1 < len(runs) else s.end
        first, last = s.clause(run.first)
        span = max(begins, s.tokens[first].start), min(ends, s.tokens[last - 1].end)
        found = _PER.search(s.text, *span) if run.unit is None else None
        if found is not None:
            at = s.tokens[run.last].end
            out[k] = replace(run, unit=Token("unit", at, at, _COUNTED[found[1].lower()], 1.0))
    return out


HEADED = {"second": 1000.0, "s": 1000.0, "minute": 60000.0, "millisecond": 1.0, "ms": 1.0}
"""Milliseconds of the units that a heading gives for the times behind it."""
_HEADED = re.compile(
    r"\b(?:intervals?|times?|durations?|values?|figures?|numbers?) (?:\w+ ){0,2}in (?P<unit>milliseconds?|ms|seconds?|s|minutes?)\b",
    re.IGNORECASE,
)
_NEAR = 300
"""Characters that a heading reaches."""


def headed_unit(s: Sentence, run: Run) -> str:
    """The unit that a heading gives for a bare time: `intervals in seconds: PR 0.16, QRS 0.09`; empty where none does."""
    at = s.tokens[run.first].start
    found = [match["unit"].lower() for match in _HEADED.finditer(s.text, max(0, at - _NEAR), at)]
    return "" if not found else found[-1] if found[-1] in HEADED else found[-1].removesuffix("s")


def shared(s: Sentence, runs: list[Run]) -> list[Run]:
    """In `160, 92 and 400 ms`, in `400/430 ms` and in `R 0.26 against S 0.48 mV` the unit is that of all."""
    out = list(runs)
    for k in range(len(out) - 2, -1, -1):
        here, ahead = out[k], out[k + 1]
        inner = [t.what for t in s.tokens[here.last + 1 : ahead.first] if t.kind not in ("below", "above")]
        joined = set(inner) - _ROUGH <= _JOINS and bool(set(inner) - _ROUGH)
        if (
            here.unit is None
            and ahead.unit is not None
            and ((joined and len(set(inner) - _ROUGH) <= 2 and ahead.first - here.last <= 5) or _sizes(s, here, ahead))
        ):
            out[k] = replace(here, unit=ahead.unit)
    for k in range(1, len(out)):
        if out[k].unit is None and _goes_on(s, out[k - 1], out[k]):
            out[k] = replace(out[k], unit=out[k - 1].unit)
    return out


def _goes_on(s: Sentence, back: Run, here: Run) -> bool:
    """Whether a bare number is an amplitude as the one before it is: `1.1 mV in II, 0.9 in III`."""
    inner, ahead = s.tokens[back.last + 1 : here.first], s.tokens[here.last + 1 : here.last + 3]
    joined = bool(inner) and all(
        t.kind == "lead" or t.what in ("in", "for", "at", ",", "and", ";", "(", ")") for t in inner
    )
    before = s.tokens[max(0, here.first - 2) : here.first]
    if [t.kind for t in before[:1]] == ["lead"] and before[-1].what == "(" and ahead and ahead[0].what == ")":
        return back.unit is not None and back.unit.what in _VOLTAGES and joined  # `above 1 mV in V3 (1.09)`
    of_lead = len(ahead) == 2 and ahead[0].what in ("in", "for", "at") and ahead[1].kind == "lead"
    return back.unit is not None and back.unit.what in _VOLTAGES and joined and of_lead


_JOINS = frozenset({",", "and", "/", "or", "to", "+", "plus", "=", "makes", "gives", "equals", "yields", "totals"})
_ROUGH = frozenset({"about", "around", "roughly", "approximately", "nearly", "almost", "just", "some", "only", "a", "good"})  # fmt: skip
"""Words before a number that do not part it from the one before it."""
_VOLTAGES = frozenset({"mV", "mm"})
_WAVES = frozenset({"P", "Q", "R", "S", "T"})
_AGAINST = frozenset({"against", "versus", "vs", "compared", "with", "to", "a", "an", "the", ".", "only"})


def _sizes(s: Sentence, here: Run, ahead: Run) -> bool:
    """Whether a bare number is an amplitude as the next one is: only waves and leads stand between them, and no other measure before it."""
    inner = s.tokens[here.last + 1 : ahead.first]
    if ahead.unit is None or ahead.unit.what not in _VOLTAGES or not 0 < len(inner) <= 5:
        return False
    if not all(
        t.kind == "lead"
        or (t.kind == "measure" and t.what in _WAVES)
        or t.what in _AGAINST | {",", "and", "/", "(", ")", "in", ";"}
        for t in inner
    ):
        return False
    before = next((t for t in reversed(s.tokens[: here.first]) if t.kind in ("measure", "number")), None)
    return before is None or before.kind == "number" or before.what in _WAVES | {"QRS", "voltage", "RWP"}


_OUTDOES = frozenset({"exceeds", "exceed", "exceeding", "outgrows", "overtakes", "outweighs", "dominates", "larger", "taller", "greater", "higher", "bigger", "surpasses", "passes", "prevails"})  # fmt: skip


def parted(s: Sentence, runs: list[Run]) -> list[Run]:
    """The numbers; of two waves that are compared those that `to` joins are no range: `R exceeds S from V3 on, 1.25 mV to 1.01 mV`."""
    out: list[Run] = []
    for run in runs:
        units = [k for k in range(run.first, run.last + 1) if s.tokens[k].kind == "unit"]
        ends = [k for k in range(run.first, run.last + 1) if s.tokens[k].kind == "number"]
        if (
            len(ends) == 2
            and run.unit is not None
            and run.unit.what in _VOLTAGES
            and s.tokens[ends[1] - 1].what == "to"
        ):
            begins = max((k for k in range(run.first) if s.tokens[k].kind == "number"), default=-1)
            near = s.tokens[begins + 1 : run.first]
            falls = s.tokens[ends[0]].number > s.tokens[ends[1]].number or len(units) == 2
            if (
                falls
                and {"R", "S"} <= {w for t in near for w in _waves_in(t)}
                and any(_is_outdoing(s, t) for t in near)
            ):
                a, b = (s.tokens[k].number for k in ends)
                out += [Run(run.first, ends[1] - 2, a, a, run.unit), Run(ends[1], run.last, b, b, run.unit)]
                continue
        out.append(run)
    return out


def _is_outdoing(s: Sentence, token: Token) -> bool:
    return token.kind in ("above", "below") or bool(_OUTDOES & set(s.said(token).split()))


_BOTH = frozenset({"dominant R", "dominant S", "equal R and S", "normal R wave progression"})


def _waves_in(token: Token) -> tuple[str, ...]:
    """The waves that a token names."""
    if token.kind == "finding" and token.what in _BOTH:
        return "R", "S"
    return (token.what,) if token.kind == "measure" else ()
