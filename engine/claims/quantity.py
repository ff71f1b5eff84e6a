"""Numbers of a sentence: which measure, which leads, which unit, and whether a value, a bound or a limit of normal is meant."""

from __future__ import annotations

from engine.claims.lex import Token
from engine.claims.runs import Run, runs_of, shared
from engine.claims.scope import Sentence
from engine.claims.statement import Relation, Statement

_OF_FINDING = {
    "first degree AV block": "PR", "AV block": "PR", "right bundle branch block": "QRS", "left bundle branch block": "QRS",
    "bundle branch block": "QRS", "intraventricular conduction delay": "QRS", "incomplete right bundle branch block": "QRS",
    "incomplete left bundle branch block": "QRS", "long QT": "QTc", "left axis deviation": "axis", "right axis deviation": "axis",
    "extreme axis deviation": "axis", "axis deviation": "axis", "ST elevation": "ST", "ST depression": "ST", "T wave inversion": "T",
    "sinus rhythm": "rate", "normal sinus rhythm": "rate", "sinus tachycardia": "rate", "sinus bradycardia": "rate",
    "atrial fibrillation": "rate", "atrial flutter": "rate", "tachycardia": "rate", "bradycardia": "rate",
    "supraventricular tachycardia": "rate", "ventricular tachycardia": "rate", "paced rhythm": "rate", "junctional rhythm": "rate",
}  # fmt: skip
"""What a number behind a finding is said of."""
_LINK = {
    "is", "was", "of", "at", "about", "approximately", "around", "roughly", "nearly", "~", "=", ":", "(", "a", "an", "the", "measures", "measuring",
    "measured", "has", "have", "comes", "to", "out", "interval", "duration", "amplitude", "value", "values", "by", "in", "with", "reaches", "-",
    "lasts", "lasting", "shows", "stands", "lies", "and", "are", "average", "averages", "mean", "takes", "approx", ".", "@", "plus", "minus",
    "frid", "bazett", "fridericia", "bazett's", "fridericia's", "formula", ")", "depth", "only", "remains", "stays", "equals",
}  # fmt: skip
_BY_UNIT = {"/min": "rate", "deg": "axis"}
_TIME = ("duration", "dur", "width", "wide", "lasts", "lasting", "interval", "long")
_SIZE = ("amplitude", "voltage", "tall", "deep", "depth", "peak", "peaks", "peaking", "height", "high")
_PER_LEAD = {"P", "T", "Q", "R", "S", "ST", "ST at J", "QRS"}


def quantities(s: Sentence) -> list[Statement]:
    """Every number of the sentence that is said of something, or has a unit."""
    runs = shared(s, runs_of(s.tokens))
    paired = _paired(s, runs)
    found = []
    for run in runs:
        statement = _statement(s, run, paired.get(run.first, ""), runs)
        if statement is not None:
            found.append(statement)
    return found


def subject_of(s: Sentence) -> Statement | None:
    """What a number at the end of the sentence would be said of; None where nothing named awaits one."""
    at = _before(s, len(s.tokens))
    if at is None or any(t.kind == "number" for t in s.tokens[at:]) or any(s.reference[at:]):
        return None
    what = _named(s.tokens[at])
    run = Run(len(s.tokens), len(s.tokens), 0.0, 0.0, None)
    last = max((k for k, t in enumerate(s.tokens) if t.kind == "number"), default=-1)
    since = [t for t in s.tokens[last + 1 :] if t.kind == "lead"] or [t for t in s.tokens if t.kind == "lead"]
    leads = since[-1].leads if since and what in _PER_LEAD | {"PR", "QT", "QTc"} else ()
    if what == "rhythm":
        what = "rate"
    return Statement("number", s.start, s.end, what, leads, detail=_detail(s, at, run, what, last) if s.tokens else "")


# lists -------------------------------------------------------------------------------------------------------------


def _paired(s: Sentence, runs: list[Run]) -> dict[int, str]:
    """`PR, QRS and QT are 160, 92 and 400 ms`: the subject of each number by its place in the list."""
    found: dict[int, str] = {}
    k = 0
    while k < len(runs):
        group = [runs[k]]
        while k + len(group) < len(runs) and _adjacent(s, group[-1], runs[k + len(group)]):
            group.append(runs[k + len(group)])
        if len(group) > 1:
            subjects = _subject_list(s, group[0].first)
            if len(subjects) == len(group):
                found |= {run.first: what for run, what in zip(group, subjects, strict=True)}
        k += len(group)
    return found


def _adjacent(s: Sentence, a: Run, b: Run) -> bool:
    inner = [t.what for t in s.tokens[a.last + 1 : b.first]]
    return bool(inner) and len(inner) <= 2 and set(inner) <= {",", "and", "/", "plus", "+"}


def _subject_list(s: Sentence, before: int) -> list[str]:
    """Measures that stand in one list before token `before`."""
    found: list[str] = []
    k = before - 1
    while k >= 0 and s.tokens[k].kind != "measure":
        if s.tokens[k].kind in ("number", "break") and s.tokens[k].what != ":":
            return []
        k -= 1
    while k >= 0 and (
        s.tokens[k].kind in ("measure", "lead")
        or s.tokens[k].what in (",", "and", "/", "the", "interval", "duration", "plus", "+", "in")
    ):
        if s.tokens[k].kind == "measure":
            found.insert(0, s.tokens[k].what)
        k -= 1
    return found


# what a number is said of ---------------------------------------------------------------------------------------


def _statement(s: Sentence, run: Run, paired: str, runs: list[Run]) -> Statement | None:
    unit = run.unit.what if run.unit else ""
    if run.first + 1 < len(s.tokens) and s.tokens[run.last + 1 : run.last + 2] and not unit:
        ahead = s.tokens[run.last + 1]
        if ahead.what == "ventricular ectopy":
            return Statement(
                "number",
                s.tokens[run.first].start,
                ahead.end,
                "ventricular beats",
                low=run.low,
                high=run.high,
                unit="beats",
            )
    what, at = (paired, _last_of(s, paired, run.first)) if paired else _subject(s, run, unit, runs)
    reference = s.reference[run.first] and not _told(s, run)
    if not unit and (not what or (at is not None and not _linked(s, at, run.first) and not paired and not reference)):
        return None
    relation = _relation(s, run, reference)
    if relation in (Relation.BELOW, Relation.ABOVE) and unit in ("mV", "mm") and _sum(s):
        what = "sokolow"
    times = run.unit.number if run.unit else 1.0
    detail = _detail(s, at, run, what, max((r.last for r in runs if r.last < run.first), default=-1))
    leads, loose = (
        _leads(s, run, at, runs, _own_lead(s, at) if paired else ())
        if what in _PER_LEAD | {"PR", "QT", "QTc"}
        else ((), False)
    )
    end = run.unit.end if run.unit and run.unit.start >= s.tokens[run.first].start else s.tokens[run.last].end
    if run.unit and run.unit.end > s.tokens[run.last].end:
        end = s.tokens[run.last].end
    return Statement(
        "number", s.tokens[run.first].start, end, what, leads, loose, run.low * times, run.high * times, unit, relation,
        s.negated[run.first] if relation is not Relation.IS else _denied(s, run.first), detail,
    )  # fmt: skip


def _told(s: Sentence, run: Run) -> bool:
    """Whether a number of general words is a value all the same: `a QTc of 500 ms is a common finding`."""
    before = s.tokens[max(0, run.first - 3) : run.first]
    bound = any(t.kind in ("below", "above", "knowledge", "reference") or t.what in ("from", "up") for t in before)
    limit = any(t.kind == "reference" for t in s.tokens[: run.first])
    return s.knowledge[run.first] and not limit and not bound and run.low == run.high


def _denied(s: Sentence, first: int) -> bool:
    """Whether the number itself is denied: `the rate is not 72 bpm`, `no PR interval of 160 ms`."""
    for k in range(first - 1, -1, -1):
        token = s.tokens[k]
        if token.kind == "not":
            return True
        if token.kind not in ("word", "measure", "lead", "group") or token.what in ("and", "or", "with", "at", ","):
            return False
    return False


def _last_of(s: Sentence, what: str, before: int) -> int | None:
    return next(
        (k for k in range(before - 1, -1, -1) if s.tokens[k].kind == "measure" and s.tokens[k].what == what), None
    )


def _subject(s: Sentence, run: Run, unit: str, runs: list[Run]) -> tuple[str, int | None]:
    """The measure that a number is said of, and its token; empty where there is none."""
    back = _before(s, run.first)
    direct = back is not None and _linked(s, back, run.first)
    ahead = _behind(s, run.last)
    if [t.what for t in s.tokens[run.last + 1 : run.last + 2]] == ["apart"]:
        return "RR", None
    if not direct and ahead is not None:
        return s.tokens[ahead].what, ahead
    implied = _BY_UNIT.get(unit, "")
    if back is None and not implied and unit and (later := _later(s, run.last)) is not None:
        return s.tokens[later].what, later
    if back is None:
        return (implied or (s.subject if unit and not _names_anything(s) else "")), None
    what = _named(s.tokens[back])
    if what == "rhythm" or (what == "RR" and unit == "/min" and not direct):
        return "rate", back
    if what == "other axis":
        return what, back
    if implied and what != implied and not direct and _apart(s, run.first):
        return implied, None
    return what, back


_APART = {"at", "@", ",", "with", "(", ";", ":", "and", "-", "/", "=", ".", "around", "from", "between", "is", "of"}
_ABOUT = {"about", "approximately", "around", "a", "an", "the", "roughly", "~", "approx"}


def _apart(s: Sentence, first: int) -> bool:
    """Whether a number stands for itself: `P waves before each QRS, 72 bpm`, but not `the QRS lasts 72 bpm`."""
    k = first - 1
    while k >= 0 and s.tokens[k].what in _ABOUT:
        k -= 1
    if (
        any(w in _TIME + _SIZE for t in s.tokens[max(0, first - 4) : first] for w in t.what.split())
        and s.tokens[k].what == "of"
    ):
        return False
    return (
        k < 0
        or s.tokens[k].what in _APART
        or s.tokens[k].kind in ("break", "finding", "number", "unit", "above", "below")
    )


def _later(s: Sentence, last: int) -> int | None:
    """`At 92 ms, the QRS is narrow`: the measure that follows a comma."""
    if not any(t.what.startswith(",") for t in s.tokens[last + 1 : last + 2]):
        return None
    return next((k for k in range(last + 2, min(last + 6, len(s.tokens))) if s.tokens[k].kind == "measure"), None)


def _names_anything(s: Sentence) -> bool:
    return any(t.kind in ("measure", "finding", "unmeasurable") for t in s.tokens)


def _named(token: Token) -> str:
    return _OF_FINDING.get(token.what, "") if token.kind == "finding" else token.what


def _before(s: Sentence, first: int) -> int | None:
    for k in range(first - 1, -1, -1):
        token = s.tokens[k]
        if token.kind == "measure" and token.what not in (
            "ECG",
            "conduction",
            "voltage",
            "IV conduction",
            "AV conduction",
            "repolarisation",
            "RWP",
            "ST-T",
            "U",
        ):
            return k
        if token.kind == "finding" and token.what in _OF_FINDING:
            return k
    return None


def _behind(s: Sentence, last: int) -> int | None:
    """A measure right behind a number: `2 mm of ST depression`, `a 92 ms QRS`."""
    for k in range(last + 1, min(last + 5, len(s.tokens))):
        token = s.tokens[k]
        if token.kind == "measure":
            return k
        if token.kind not in ("quality",) and token.what not in (
            "of",
            "the",
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


def _linked(s: Sentence, at: int, first: int) -> bool:
    """Whether only words like `is about` stand between a measure and a number behind it."""
    if at > first:
        return True
    return all(
        t.what in _LINK or t.kind in ("lead", "quality", "group", "below", "above", "finding")
        for t in s.tokens[at + 1 : first]
    )


def _relation(s: Sentence, run: Run, reference: bool) -> Relation:
    if reference:
        return Relation.REFERENCE
    for token in reversed(s.tokens[max(0, run.first - 3) : run.first]):
        if token.kind in ("below", "above"):
            below = token.kind == "below"
            return Relation.BELOW if below != s.negated[run.first - 1] else Relation.ABOVE
        if token.kind in ("number", "measure", "break") or token.what == ",":
            break
    return Relation.IS


def _sum(s: Sentence) -> bool:
    """Whether the sentence adds S and R up."""
    waves = {t.what for t in s.tokens if t.kind == "measure"}
    return "sokolow" in waves or (
        {"R", "S"} <= waves and any(t.what in ("plus", "sum", "+", "add", "together") for t in s.tokens)
    )


def _detail(s: Sentence, at: int | None, run: Run, what: str, since: int) -> str:
    """Words between subject and number that decide which reading is meant, joined by spaces."""
    said = s.text[s.start : s.end].lower()
    if what == "QTc":
        name = s.said(s.tokens[at]) if at is not None else ""
        for mark, formula in (("b", "bazett"), ("f", "fridericia")):
            if name.replace("-", "").replace(" ", "").endswith(f"qtc{mark}"):
                return formula
        names = [f for f in ("bazett", "fridericia", "framingham", "hodges") if f in said]
        return names[0] if len(names) == 1 else "fridericia" if "frid." in said else ""
    low, high = min(at if at is not None else run.first, run.first), max(at if at is not None else run.last, run.last)
    if since >= 0:
        since = max((k for k in range(since, run.first) if s.tokens[k].what.startswith(",")), default=since)
    near = [t for t in s.tokens[max(0, low - 1) : high + 3] if t.start > (s.tokens[since].start if since >= 0 else -1)]
    if at is not None and since < 0:
        near.append(s.tokens[at])
    inner = [w for t in near for w in s.said(t).split()]
    kinds = ["duration"] if any(w in _TIME for w in inner) else []
    kinds += ["amplitude"] if any(w in _SIZE for w in inner) else []
    first, last = s.clause(run.first)
    around = {t.what for t in s.tokens[first : max(last, high + 3)] if t.kind in ("quality", "finding")}
    if at is not None and at < first:
        around |= {t.what for t in s.tokens[at:first] if t.kind == "quality"}
    kinds += [
        d
        for d in ("depressed", "elevated", "inverted")
        if d in around
        or {"depressed": "ST depression", "elevated": "ST elevation", "inverted": "T wave inversion"}[d] in around
    ]
    if "jpoint" in said.replace("-", "").replace(" ", ""):
        kinds.append("j")
    return " ".join(kinds)


# which leads ------------------------------------------------------------------------------------------------------


def _leads(
    s: Sentence, run: Run, at: int | None, runs: list[Run], own: tuple[str, ...]
) -> tuple[tuple[str, ...], bool]:
    """Leads of a number: those since the last number, else those right behind it, else the last ones named before."""
    last = max((r.last for r in runs if r.last < run.first), default=-1)
    since = [k for k in range(last + 1, run.first) if s.tokens[k].kind in ("lead", "group")]
    stop = next(
        (
            k
            for k in range(run.last + 1, len(s.tokens))
            if s.tokens[k].kind in ("number", "break") or s.tokens[k].what in (",", ";")
        ),
        len(s.tokens),
    )
    ahead = [k for k in range(run.last + 1, stop) if s.tokens[k].kind in ("lead", "group")]
    behind = ahead[0] if ahead and _near(s, run.last, ahead[0]) else None
    if behind is not None and s.tokens[behind].kind == "lead" and (not since or s.tokens[since[-1]].kind == "group"):
        return s.tokens[behind].leads, False
    if (
        behind is not None
        and at is not None
        and since
        and since[-1] < at
        and s.tokens[run.last + 1].what in ("in", "for", "of")
        and behind == run.last + 2
    ):
        return s.tokens[behind].leads, s.tokens[behind].kind == "group"
    if own:
        return own, False
    if at is not None and at > run.last:
        beyond = [k for k in range(at + 1, min(at + 5, len(s.tokens))) if s.tokens[k].kind in ("lead", "group")]
        if beyond and not since:
            return s.tokens[beyond[0]].leads, s.tokens[beyond[0]].kind == "group"
    earlier = since or [k for k in range(run.first) if s.tokens[k].kind in ("lead", "group")]
    if earlier:
        token = s.tokens[earlier[-1]]
        return token.leads, token.kind == "group"
    if behind is not None:
        return s.tokens[behind].leads, s.tokens[behind].kind == "group"
    return s.leads, len(s.leads) > 1


def _own_lead(s: Sentence, at: int | None) -> tuple[str, ...]:
    """The lead right behind a measure of a list: `S in V1 plus R in V5`."""
    ahead = [] if at is None else s.tokens[at + 1 : at + 3]
    return next((t.leads for t in ahead if t.kind == "lead"), ())


def _near(s: Sentence, last: int, lead: int) -> bool:
    """Whether a lead stands close behind a number, with no new subject but its own between."""
    waves = [t for t in s.tokens[last + 1 : lead] if t.kind == "measure"]
    return lead - last <= 9 and len(waves) <= 1
