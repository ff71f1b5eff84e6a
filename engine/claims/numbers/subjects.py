"""What a number is said of: the measure that is linked to it, that takes its unit, or that the sentence before spoke of."""

from __future__ import annotations

import re

from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.numbers.own_value import is_given_by_formula, is_its_size
from engine.claims.numbers.runs import Run
from engine.claims.numbers.waves_apart import between_waves, parted

_OF_FINDING = {
    "dominant R": "R", "dominant S": "S", "first degree AV block": "PR", "AV block": "PR", "right bundle branch block": "QRS", "left bundle branch block": "QRS",
    "bundle branch block": "QRS", "intraventricular conduction delay": "QRS", "incomplete right bundle branch block": "QRS",
    "incomplete left bundle branch block": "QRS", "long QT": "QTc", "left axis deviation": "axis", "right axis deviation": "axis",
    "extreme axis deviation": "axis", "axis deviation": "axis", "ST elevation": "ST", "ST depression": "ST", "T wave inversion": "T",
    "sinus rhythm": "rate", "normal sinus rhythm": "rate", "sinus tachycardia": "rate", "sinus bradycardia": "rate",
    "atrial fibrillation": "rate", "atrial flutter": "rate", "tachycardia": "rate", "bradycardia": "rate",
    "normal R wave progression": "R", "poor R wave progression": "R",
    "supraventricular tachycardia": "rate", "ventricular tachycardia": "rate", "paced rhythm": "rate", "junctional rhythm": "rate",
}  # fmt: skip
"""What a number behind a finding is said of."""
LINK = {
    "is", "was", "of", "at", "about", "approximately", "around", "roughly", "nearly", "~", "=", ":", "(", "a", "an", "the", "measures", "measuring",
    "measured", "has", "have", "comes", "to", "up", "out", "interval", "duration", "amplitude", "value", "values", "by", "in", "with", "reaches", "-",
    "lasts", "lasting", "shows", "region", "neighbourhood", "neighborhood", "order", "vicinity", "somewhere", "near", "close", "just", "some", "put", "given", "as", "being", "calculated", "estimated", "recorded", "counted", "read", "reads", "reading", "computed", "sits", "runs", "running", "here", "be", "been", "becomes", "become", "reaching", "reach", "attains", "attaining", "stands", "lies", "and", "are", "average", "averages", "mean", "takes", "approx", ".", "@", "plus", "minus",
    "frid", "bazett", "fridericia", "bazett's", "fridericia's", "formula", ")", "depth", "only", "remains", "stays", "equals",
}  # fmt: skip
_BY_UNIT = {"/min": "rate", "deg": "axis"}
TIME = ("duration", "dur", "width", "wide", "lasts", "lasting", "interval", "long")
SIZE = ("amplitude", "voltage", "tall", "deep", "depth", "peak", "peaks", "peaking", "height", "high")


def subject(s: Sentence, run: Run, unit: str, runs: list[Run]) -> tuple[str, int | None]:
    """The measure that a number is said of, and its token; empty where there is none. Beside the rhythm a rate is that of the heart, a time its cycle."""
    what, at = _subject(s, run, unit, runs)
    return ("RR" if unit == "ms" else "rate", at) if what == "rhythm" and unit in ("/min", "ms", "") else (what, at)


def _subject(s: Sentence, run: Run, unit: str, runs: list[Run]) -> tuple[str, int | None]:
    if unit == "ms" and (apart := parted(s, run)):
        return apart, None
    if unit == "ms" and is_given_by_formula(s, run):
        return "QTc", None
    back = before(s, run.first)
    direct = back is not None and linked(s, back, run.first)
    ahead = _behind(s, run.last)
    if direct and ahead == run.last + 1 and back is not None:
        direct = not any(
            t.what in ("and", ",") for t in s.tokens[back + 1 : run.first]
        )  # `a 160 ms PR and a 92 ms QRS`
    if [t.what for t in s.tokens[run.last + 1 : run.last + 2]] == ["apart"]:
        return "RR", None
    given = [t.what for t in s.tokens[run.last + 1 : run.last + 2]] == ["for"]
    if ahead is not None and unit in _BY_UNIT and not given and _is_occasion(s, run, s.tokens[ahead].what, unit):
        return _BY_UNIT[unit], None
    if ahead is not None and unit == "/min" and s.tokens[ahead].what in ("QRS", "R", "RR"):
        return "rate", None
    if ahead is not None and (given or not direct):
        return s.tokens[ahead].what, ahead
    implied = _BY_UNIT.get(unit, "")
    if back is None and unit and _of_pronoun(s, run.first, unit):
        return _earlier(s), None
    if (
        back is None
        and not implied
        and unit
        and (later := _later(s, run.last)) is not None
        and takes(s.tokens[later].what, unit)
    ):
        return named(s.tokens[later]), later
    if back is None and not implied and unit == "ms" and any(f in s.text[s.start : s.end].lower() for f in FORMULAE):
        return "QTc", None
    if (
        back is None
        and unit
        and (ahead := _first_ahead(s, run.last, unit)) is not None
        and implied in ("", named(s.tokens[ahead]))
    ):
        return s.tokens[ahead].what, ahead
    if back is None:
        return (implied or (_earlier(s) if unit and not _names_anything(s, run.first) else "")), None
    return _from_before(s, run, unit, back, direct, implied)


def _from_before(s: Sentence, run: Run, unit: str, back: int, direct: bool, implied: str) -> tuple[str, int | None]:
    """The measure that a number is said of where one stands before it, at token `back`; direct: whether only linking words are between."""
    what = named(s.tokens[back])
    if unit == "ms" and what in ("P", "QRS", "R") and between_waves(s, run):
        return "PR", None
    if (topic := _pronoun(s, back, run.first, unit)) is not None:
        back, what = topic, named(s.tokens[topic])
    if not direct and not takes(what, unit) and (other := _other(s, back, unit)) is not None:
        back, what = other, named(s.tokens[other])
    if not direct and what in ("rate", "rhythm") and unit == "ms":
        return "RR", back
    if what == "RR" and _is_spread(s, run):
        return "RR SD", back
    if what == "QT" and _corrected(s, back, run):
        return "QTc", back
    if what == "rhythm" or (what == "RR" and unit == "/min" and not direct):
        return "rate", back
    if what == "other axis":
        return what, back
    if implied and not takes(what, unit) and _is_at(s, run, back):
        return implied, None
    if (
        implied
        and what != implied
        and not direct
        and not takes(what, unit)
        and not _beside(s, back, run.first, implied)
        and not is_its_size(s, back, run)
    ):
        return implied, None
    if implied and what != implied and not direct and _apart(s, run.first):
        return (what, back) if _beside(s, back, run.first, implied) else (implied, None)
    return what, back


def _is_at(s: Sentence, run: Run, back: int) -> bool:
    """Whether a rate or an angle stands beside a wave or a finding that has none of its own: `P waves at 104/min`, `LBBB, 75/min`."""
    if s.tokens[back].kind == "finding":
        return all(t.what in ("at", ",", "(", "with") or t.what in _ABOUT for t in s.tokens[back + 1 : run.first])
    near = [t.what for t in s.tokens[max(back + 1, run.first - 2) : run.first] if t.what not in _ABOUT]
    return named(s.tokens[back]) in ("P", "QRS") and near[-1:] == ["at"]


def _is_spread(s: Sentence, run: Run) -> bool:
    """Whether a number behind `RR` is its standard deviation, and not the interval beside one that has its own number."""
    at = next((k for k in range(run.last + 1, min(run.last + 6, len(s.tokens))) if s.tokens[k].what == "RR SD"), None)
    if at is None:
        return False
    own = next((k for k in range(at + 1, len(s.tokens)) if s.tokens[k].kind == "number"), None)
    return own is None or not linked(s, at, own)


def _is_occasion(s: Sentence, run: Run, what: str, unit: str) -> bool:
    """Whether a number only says when a measure had its value: `at 67 beats a minute the QT of 411 ms`."""
    return not takes(what, unit) and run.first > 0 and s.tokens[run.first - 1].what in ("at", "with")


_OF_MEASURE = {"RWP": "R", "AV conduction": "PR", "IV conduction": "QRS"}
_TAKES = {
    "QRS": ("ms", "mV", "mm"), "P": ("ms", "mV", "mm"), "rate": ("/min",), "rhythm": ("/min",), "axis": ("deg",), "RR": ("ms", "/min"), "RR SD": ("ms",), "PR": ("ms",), "QT": ("ms",), "QTc": ("ms",), "ST": ("mV", "mm"),
    "ST at J": ("mV", "mm"), "R": ("mV", "mm"), "S": ("mV", "mm"), "Q": ("ms", "mV", "mm"), "T": ("mV", "mm"), "sokolow": ("mV", "mm"),
}  # fmt: skip
"""Units of a measure; one that is not listed takes any."""


def takes(what: str, unit: str) -> bool:
    """Whether a measure may have a number of this unit; without a unit any may."""
    return not unit or what not in _TAKES or unit in (*_TAKES[what], "small squares")


def _pronoun(s: Sentence, back: int, first: int, unit: str) -> int | None:
    """The first measure of the clause before, where `it` stands for it: `the PR runs from the P wave to the QRS; it is 160 ms`."""
    ends = [k for k in range(back + 1, first) if s.tokens[k].kind == "break" and s.tokens[k].what in (";", ":")]
    if not ends or not any(t.what in ("it", "its") for t in s.tokens[ends[-1] : first]):
        return None
    begins = max((k for k in range(back) if s.tokens[k].what in (";", ":")), default=-1)
    return next(
        (
            k
            for k in range(begins + 1, back + 1)
            if s.tokens[k].kind == "measure" and s.tokens[k].what in _TAKES and takes(s.tokens[k].what, unit)
        ),
        None,
    )


def _other(s: Sentence, back: int, unit: str) -> int | None:
    """The last measure before token `back` that takes this unit: `the RR interval, read between R waves of 1 mV, averages 0.8 s`."""
    for k in range(back - 1, -1, -1):
        token = s.tokens[k]
        if (
            token.kind in ("measure", "finding")
            and (what := named(token)) in _TAKES
            and what != "rhythm"
            and takes(what, unit)
        ):
            return k
    return None


def _corrected(s: Sentence, back: int, run: Run) -> bool:
    """Whether this number is a QT that was corrected: `turns 400 ms into 430 ms`, `the QT, corrected by Bazett, is 430 ms`."""
    if not any(name in s.text[s.start : s.end].lower() for name in FORMULAE):
        return False
    ahead = s.text[s.tokens[run.last].end : s.tokens[run.last].end + 50].lower()
    behind = re.split(r"[);,]|\band\b|\d", ahead.lstrip(" (,"))[0]
    if re.match(r" ?, ?[^);,\d]*\d", ahead):
        behind = ""  # `QT 390 ms, Bazett-corrected 427 ms`: the formula is that of the next number
    if _OWN_NUMBER.match(ahead):
        behind = ""  # `QT 345 ms (Fridericia 400 ms)`
    plain = re.sub(r"^(?:by|after|with|using|according to|following) ", "", behind)
    apart = s.text[s.tokens[run.last].end :].lstrip().startswith(",")
    named = plain.startswith(tuple(name[:4] for name in FORMULAE)) or (
        not apart and "correct" in behind and any(name[:4] in behind for name in FORMULAE)
    )
    between = s.text[s.tokens[back].end : s.tokens[run.first].start].lower().split()
    first = max((t.end for t in s.tokens[:back] if t.kind in ("number", "break")), default=s.start)
    if _WHEN_CORRECTED.match(s.text, first, s.tokens[back].start):
        return True
    last = max((k for k in range(back, run.first) if s.tokens[k].kind == "number"), default=-1)
    since = s.text[s.tokens[last].end : s.tokens[run.first].start].lower()
    if last >= 0 and any(name in since for name in FORMULAE):
        return True
    return named or "corrected" in between or any(t.what == "into" for t in s.tokens[max(0, run.first - 4) : run.first])


_OWN_NUMBER = re.compile(
    r"[\s(,;]*(?:qtc? ?)?(?:corrected )?(?:by |with )?(?:bazett|frid|fram|hodg)\w*(?:'s)?(?: correction| formula)?[\s:=]*(?:of |is |gives )?\d"
)
_WHEN_CORRECTED = re.compile(
    r"\W*(?:(?:if|when|once|after|with|on|upon|following) (?:the )?)?correct(?:ed|ing|ion) [^.;\d]{1,30}$",
    re.IGNORECASE,
)
FORMULAE = ("bazett", "fridericia", "framingham", "hodges")


def _beside(s: Sentence, back: int, first: int, implied: str) -> bool:
    """Whether a number stands beside a measure of time alone in its sentence: `QRS narrow, 70 bpm` says nothing of a rate."""
    if named(s.tokens[back]) not in ("QRS", "PR", "QT", "QTc") or any(
        t.what not in (",", "(") and t.kind != "quality" for t in s.tokens[back + 1 : first]
    ):
        return False
    return all(named(t) not in (implied, "rhythm") for t in s.tokens if t.kind in ("measure", "finding"))


_APART = frozenset({"at", "@", ",", "with", "(", ";", ":", "and", "-", "/", "=", ".", "around", "from", "between", "is", "of", "gives", "giving", "yields", "yielding", "makes", "making"})  # fmt: skip
_ABOUT = {"about", "approximately", "around", "a", "an", "the", "roughly", "~", "approx"}


def _apart(s: Sentence, first: int) -> bool:
    """Whether a number stands for itself: `P waves before each QRS, 72 bpm`, but not `the QRS lasts 72 bpm`."""
    if any(s.said(t) in TIME + SIZE for t in s.tokens[first + 2 : first + 3]):
        return False
    k = first - 1
    while k >= 0 and s.tokens[k].what in _ABOUT:
        k -= 1
    if (
        any(w in TIME + SIZE for t in s.tokens[max(0, first - 4) : first] for w in t.what.split())
        and s.tokens[k].what == "of"
    ):
        return False
    return (
        k < 0
        or s.tokens[k].what in _APART
        or s.tokens[k].kind in ("break", "finding", "number", "unit", "above", "below")
    )


def _first_ahead(s: Sentence, last: int, unit: str) -> int | None:
    """The first measure behind a number that none stands before, where it takes the unit: `from V1 (0.2 mV) the R wave grows`."""
    found = next((k for k in range(last + 1, len(s.tokens)) if s.tokens[k].kind in ("measure", "finding")), None)
    if found is None or any(t.kind == "break" and not t.what.startswith(",") for t in s.tokens[last + 1 : found]):
        return None
    what = named(s.tokens[found])
    return found if s.tokens[found].kind == "measure" and what in _TAKES and unit in _TAKES[what] else None


def _later(s: Sentence, last: int) -> int | None:
    """`At 92 ms, the QRS is narrow`: the measure that follows a comma."""
    if not any(t.what.startswith(",") for t in s.tokens[last + 1 : last + 2]):
        return None
    return next(
        (
            k
            for k in range(last + 2, min(last + 6, len(s.tokens)))
            if s.tokens[k].kind == "measure" and s.tokens[k].what != "ECG"
        ),
        None,
    )


def _earlier(s: Sentence) -> str:
    """What a number may be said of whose measure the sentence before named."""
    return _OF_MEASURE.get(s.subject, s.subject)


def _of_pronoun(s: Sentence, first: int, unit: str) -> bool:
    """Whether a sentence begins with `it` and its number: `It measures 160 ms, so that conduction is normal`."""
    begins = [t.what for t in s.tokens[:first]]
    return 0 < first < 5 and begins[0] in ("it", "this") and _earlier(s) in _TAKES and unit in _TAKES[_earlier(s)]


def _names_anything(s: Sentence, first: int) -> bool:
    """Whether the sentence names something of its own, before the number unless it begins with a pronoun."""
    pronoun = any(t.what in ("it", "this", "they", "these", "which") for t in s.tokens[: min(first, 3)]) or any(
        t.what in ("wave", "deflection") and s.tokens[k].what == "the" for k, t in enumerate(s.tokens[1:first])
    )
    return any(
        t.kind in ("measure", "finding", "unmeasurable") and t.what != "ECG"
        for t in (s.tokens[:first] if pronoun else s.tokens)
    )


def named(token: Token) -> str:
    """What a number behind a token is said of; the R wave behind its progression."""
    if token.what in _OF_MEASURE:
        return _OF_MEASURE[token.what]
    return _OF_FINDING.get(token.what, "") if token.kind == "finding" else token.what


_LACKS = frozenset({"lacks", "lacking", "without", "lack"})


_OPENS = frozenset(
    {"open", "opens", "opening", "begin", "begins", "start", "starts", "initiate", "initiates", "introduce"}
)


def _has_number_in_bracket(s: Sentence, k: int, first: int) -> bool:
    """Whether a token stands in a bracket that ends before token `first` and holds a number of its own: `constant (SD 8 ms) at 520 ms`."""
    depth = s.bracketed[first] if first < len(s.tokens) else 0
    if s.bracketed[k] <= depth:
        return False
    shut = next((j for j in range(k, first) if s.bracketed[j] <= depth), first)
    return any(t.kind == "number" for t in s.tokens[k + 1 : shut])


def before(s: Sentence, first: int) -> int | None:
    """The measure, or the finding with one, before a number; what was put in between commas comes last."""
    inside = first < len(s.tokens) and s.aside[first]
    order = range(first - 1, -1, -1)
    outer = [k for k in order if not _has_number_in_bracket(s, k, first)]
    apart = [k for k in outer if s.aside[k] and not inside]
    for k in [k for k in outer if k not in apart] + apart:
        token = s.tokens[k]
        if (
            token.what in ("P", "Q")
            and k
            and s.said(s.tokens[k - 1 - (s.tokens[k - 1].what in ("a", "any") and k > 1)]) in _LACKS
        ):
            continue  # `it lacks a P wave and is wider (108 ms)`
        if token.what == "QRS" and {t.what for t in s.tokens[max(0, k - 2) : k]} & _OPENS:
            continue  # `Q waves open the QRS, 20 ms wide`
        if token.kind == "measure" and token.what not in (
            "ECG",
            "conduction",
            "voltage",
            "LV voltage",
            "LVH criterion",
            "atrial conduction",
            "repolarisation",
            "ST-T",
            "U",
        ):
            return k
        if token.kind == "finding" and token.what in _OF_FINDING:
            return k
    return None


def _behind(s: Sentence, last: int) -> int | None:
    """A measure right behind a number: `2 mm of ST depression`, `a 92 ms QRS`."""
    for k in range(last + 1, min(last + 7, len(s.tokens))):
        token = s.tokens[k]
        if token.kind == "measure":
            return k if token.what != "ECG" else None
        if token.kind not in ("quality",) and token.what not in (
            "of",
            "for",
            "the",
            "is",
            "her",
            "his",
            "its",
            "duration",
            "width",
            "length",
            "height",
            "size",
            "deep",
            "tall",
            "horizontal",
            "downsloping",
            "upsloping",
            "high",
            "in",
        ):
            return None
    return None


def linked(s: Sentence, at: int, first: int) -> bool:
    """Whether only words like `is about` stand between a measure and a number behind it."""
    if at > first:
        return True
    return all(
        t.what in LINK or t.kind in ("lead", "quality", "group", "below", "above", "finding")
        for t in s.tokens[at + 1 : first]
    )
