"""Numbers of a sentence: which measure, which leads, which unit, and whether a value, a bound or a limit of normal is meant."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.again import said_again
from engine.claims.evoked import is_count, may_be_of
from engine.claims.lex import Token
from engine.claims.limits import beyond_limit
from engine.claims.number_leads import leads_of_number, own_lead
from engine.claims.runs import HEADED, Run, headed_unit, runs_of, shared, timed
from engine.claims.scope import Sentence
from engine.claims.statement import Relation, Statement
from engine.claims.subjects import FORMULAE, SIZE, TIME, before, linked, named, subject
from engine.claims.unread import UNREAD

_TIMED = {"PR", "QRS", "QT", "QTc", "RR", "P"}
_PER_LEAD = {"P", "T", "Q", "R", "S", "ST", "ST at J", "QRS"}


def quantities(s: Sentence) -> list[Statement]:
    """Every number of the sentence that is said of something, or has a unit."""
    runs = timed(s, shared(s, runs_of(s.tokens)))
    paired, own = _paired(s, runs), _own_leads(s, runs)
    read = [(run, _statement(s, run, paired.get(run.first, ""), runs, own.get(run.first, ()))) for run in runs]
    told: list[tuple[Run, Statement]] = []
    for run, one in read:
        if _is_difference(s, run):
            told.append((run, Statement("finding", s.tokens[run.first].start, s.tokens[run.last].end, f"{UNREAD}{s.tokens[run.first].what}")))
        elif one is not None:
            told.append((run, one))
        elif not (is_clock(s, run) or _divided(s, run) or s.reference[run.first]):
            told.append((run, _bound_of(s, run, told[-1][1]) if told else of_nothing(s, run)))
    return said_again(s, _apart(_ranged(s, [one for _, one in told])))


_NORMAL_RANGES: dict[str, frozenset[tuple[float, float]]] = {
    "rate": frozenset({(60.0, 100.0), (50.0, 100.0), (50.0, 90.0)}), "PR": frozenset({(120.0, 200.0), (110.0, 200.0), (120.0, 210.0)}),
    "QRS": frozenset({(60.0, 100.0), (70.0, 100.0), (80.0, 100.0), (60.0, 110.0), (70.0, 110.0), (80.0, 110.0), (60.0, 120.0), (70.0, 120.0), (80.0, 120.0)}),
    "QTc": frozenset((low, high) for low in (340.0, 350.0, 360.0) for high in (430.0, 440.0, 450.0, 460.0, 470.0)),
    "axis": frozenset({(-30.0, 90.0), (0.0, 90.0), (-30.0, 100.0), (-30.0, 105.0), (-30.0, 110.0)}),
}  # fmt: skip
"""Ranges of normal as they are printed (AHA/ACCF/HRS 2009), in the unit of the measure."""


def _ranged(s: Sentence, told: list[Statement]) -> list[Statement]:
    """The numbers, those that are the ends of a range of normal as such: `the normal sector from -30 to +90 degrees`."""
    out = list(told)
    for k in range(len(told) - 1):
        a, b = told[k], told[k + 1]
        between = s.text[a.end : b.start].lower().strip(" °")
        if a.low is None or b.low is None or a.what != b.what or between not in ("to", "and", "-", "through", "up to"):
            continue
        times = 1000.0 if not a.unit and not b.unit and abs(b.low) < 3.0 else 1.0
        if (a.low * times, b.low * times) in _NORMAL_RANGES.get(a.what, ()):
            out[k], out[k + 1] = (replace(one, relation=Relation.REFERENCE, negated=False) for one in (a, b))
    return out


def _apart(told: list[Statement]) -> list[Statement]:
    """The numbers, each without the measures that another one is plainly said of: those have their value."""
    bound = {one.what: one for one in told if one.what and not one.maybe and one.relation is Relation.IS}
    return [
        replace(one, maybe=tuple(m for m in one.maybe if m[1] or bound.get(m[0], one) is one)) if one.maybe else one
        for one in told
    ]


_CLOCK = re.compile(r"[01]\d[0-5]\d|2[0-3][0-5]\d")


def is_clock(s: Sentence, run: Run) -> bool:
    """Whether a number that is said of nothing may be a time of day: `1200 strip`, `0830 entry`."""
    return run.unit is None and _CLOCK.fullmatch(s.tokens[run.first].what) is not None


def of_nothing(s: Sentence, run: Run) -> Statement:
    """A number that nothing was found for: it can be held against what its sentence speaks of, and is not shown."""
    if is_count(s, run):
        return Statement(
            "finding", s.tokens[run.first].start, s.tokens[run.last].end, f"{UNREAD}{s.tokens[run.first].what}"
        )
    maybe = may_be_of(s, run)
    return Statement(
        "number", s.tokens[run.first].start, s.tokens[run.last].end, "", low=run.low, high=run.high,
        unit=run.unit.what if run.unit else "", maybe=maybe,
    )  # fmt: skip


_CONSTANTS = frozenset({60.0, 300.0, 1500.0, 60000.0})
"""What an RR interval is divided into to give a rate: seconds, large squares, small squares and milliseconds of a minute."""


def _is_difference(s: Sentence, run: Run) -> bool:
    """Whether a number says by how much a value is beyond a limit: `exceeds the upper limit by more than 10 ms`, `10 ms above the limit`."""
    first, last = s.clause(run.first)
    behind = s.tokens[run.last + 1 : min(last, run.last + 8)]
    at = next((k for k, t in enumerate(behind[:4]) if t.kind in ("above", "below")), None)
    if at is not None and run.unit is not None and any(t.kind == "reference" or t.what in _LIMIT for t in behind[at:]):
        return True
    near = [t.what for t in s.tokens[max(first, run.first - 4) : run.first]]
    if "by" not in near or any(t.kind == "number" for t in s.tokens[max(first, run.first - 4) : run.first]):
        return False
    before = s.tokens[first : run.first]
    by = max(k for k, t in enumerate(before) if t.what == "by")
    return any(t.kind in ("above", "below") for t in before[:by]) and any(t.kind == "reference" or t.what in _LIMIT for t in before[:by])


def _divided(s: Sentence, run: Run) -> bool:
    """Whether a bare number is the constant of a division: `dividing 60,000 by the mean RR interval`."""
    return run.low in _CONSTANTS and "divid" in s.text[s.start : s.end].lower()


_LIMIT = frozenset(
    {"usual", "normal", "range", "limit", "ceiling", "bound", "threshold", "cutoff", "cut-off", "maximum", "minimum"}
)


def _bound_of(s: Sentence, run: Run, before: Statement) -> Statement:
    """A bare number behind a value: the limit that the value is held against (`167 ms, well beyond 120`), else one of nothing."""
    relation = _relation(s, run, False)
    around = {t.what for t in s.tokens[max(0, run.first - 4) : run.last + 6]}
    around |= set(s.text[before.end : s.tokens[run.first].start].lower().split())
    if before.what and relation is Relation.IS and around & _LIMIT:
        relation = Relation.REFERENCE
    if not before.what or relation is Relation.IS:
        return of_nothing(s, run)
    start, end = s.tokens[run.first].start, s.tokens[run.last].end
    return replace(before, start=start, end=end, low=run.low, high=run.high, unit="", relation=relation)


def subject_of(s: Sentence) -> Statement | None:
    """What a number at the end of the sentence would be said of; None where nothing named awaits one."""
    at = before(s, len(s.tokens))
    if at is None or any(t.kind == "number" for t in s.tokens[at:]) or any(s.reference[at:]):
        return None
    what = named(s.tokens[at])
    run = Run(len(s.tokens), len(s.tokens), 0.0, 0.0, None)
    last = max((k for k, t in enumerate(s.tokens) if t.kind == "number"), default=-1)
    since = [t for t in s.tokens[last + 1 :] if t.kind == "lead"] or [t for t in s.tokens if t.kind == "lead"]
    leads = since[-1].leads if since and what in _PER_LEAD | {"PR", "QT", "QTc"} else ()
    if what == "rhythm":
        what = "rate"
    return Statement("number", s.start, s.end, what, leads, detail=_detail(s, at, run, what, last) if s.tokens else "")


# lists -------------------------------------------------------------------------------------------------------------


def _lists(s: Sentence, runs: list[Run]) -> list[list[Run]]:
    """Numbers that stand in a list together, two and more."""
    found: list[list[Run]] = []
    for run in runs:
        if found and _adjacent(s, found[-1][-1], run):
            found[-1].append(run)
        else:
            found.append([run])
    return [group for group in found if len(group) > 1]


def _paired(s: Sentence, runs: list[Run]) -> dict[int, str]:
    """`PR, QRS and QT are 160, 92 and 400 ms`: the subject of each number by its place in the list."""
    found: dict[int, str] = {}
    for group in _lists(s, runs):
        subjects = _subject_list(s, group[0].first) or _as_before(s, group)
        if len(subjects) == len(group) and len(_dealt(s, group)) != len(group):
            found |= {run.first: what for run, what in zip(group, subjects, strict=True)}
    return found


def _as_before(s: Sentence, group: list[Run]) -> list[str]:
    """`R is 0.2 mV and S 1.1 mV in V1; in V5 the corresponding values are 1.3 and 0.2 mV`: the measures named before, in their order."""
    if not any(
        t.what in ("corresponding", "respective", "they", "these")
        for t in s.tokens[max(0, group[0].first - 5) : group[0].first]
    ):
        return []
    named = [t.what for t in s.tokens[: group[0].first] if t.kind == "measure" and t.what != "ECG"]
    return list(dict.fromkeys(named))[-len(group) :]


def _dealt(s: Sentence, group: list[Run]) -> tuple[str, ...]:
    """Leads beside a list of numbers, one for each: `0.2, 0.5 and 0.8 mV in V1, V2 and V3`, or named in front of it."""
    behind = group[-1].last + 1
    words = [t.what for t in s.tokens[behind : behind + 2]]
    if words and words[0] in ("in", "for", "(", "across", "over", "are", "is", "were"):
        token = next((t for t in s.tokens[behind : behind + 4] if t.kind == "lead"), None)
        if token is not None and len(token.leads) == len(group):
            return token.leads
    before = [k for k in range(group[0].first) if s.tokens[k].kind in ("lead", "number", "break")]
    if before and s.tokens[before[-1]].kind == "lead" and len(s.tokens[before[-1]].leads) == len(group):
        return s.tokens[before[-1]].leads if len(_subject_list(s, group[0].first)) == 1 else ()
    return ()


def _own_leads(s: Sentence, runs: list[Run]) -> dict[int, tuple[str, ...]]:
    """By its first token the lead of each number of a list that has one lead for each."""
    found: dict[int, tuple[str, ...]] = {}
    for group in _lists(s, runs):
        found |= {run.first: (lead,) for run, lead in zip(group, _dealt(s, group), strict=False)}
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


def _statement(s: Sentence, run: Run, paired: str, runs: list[Run], own: tuple[str, ...]) -> Statement | None:
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
    if not unit and _counts(s, run):
        return None
    what, at = (paired, _last_of(s, paired, run.first)) if paired else subject(s, run, unit, runs)
    reference = s.reference[run.first] and not _told(s, run)
    if not unit and (not what or (at is not None and not linked(s, at, run.first) and not paired and not reference)):
        return None
    headed = "" if unit or what not in _TIMED else headed_unit(s, run)
    relation = _relation(s, run, reference)
    if unit in ("mV", "mm") and _sum(s) and (relation in (Relation.BELOW, Relation.ABOVE) or _summed(s, run.first) or _is_sum(runs, run)):
        what = "sokolow"
    times = run.unit.number if run.unit else HEADED[headed] if headed else 1.0
    unit = "ms" if headed else unit
    detail = _detail(s, at, run, what, max((r.last for r in runs if r.last < run.first), default=-1))
    leads, loose = (
        leads_of_number(s, run, at, runs, own_lead(s, at) if paired else ())
        if not own
        else (own, False)
        if what in _PER_LEAD | {"PR", "QT", "QTc"}
        else ((), False)
    )
    end = run.unit.end if run.unit and run.unit.start >= s.tokens[run.first].start else s.tokens[run.last].end
    if run.unit and run.unit.end > s.tokens[run.last].end:
        end = s.tokens[run.last].end
    one = Statement(
        "number", s.tokens[run.first].start, end, what, leads, loose, run.low * times, run.high * times, unit, relation,
        s.negated[run.first] if relation is not Relation.IS else _denied(s, run.first), detail,
    )  # fmt: skip
    return one if one.negated else replace(one, maybe=may_be_of(s, run, what, at, paired != ""))


def _counts(s: Sentence, run: Run) -> bool:
    """Whether a bare number counts what stands right behind it: `9 complexes`, `10 P waves`."""
    return any(
        t.kind == "measure" and s.said(t).endswith("s") and s.said(t) != "qrs"
        for t in s.tokens[run.last + 1 : run.last + 2]
    )


def _told(s: Sentence, run: Run) -> bool:
    """Whether a number of general words is a value all the same: `a QTc of 500 ms is a common finding`."""
    before = s.tokens[max(0, run.first - 3) : run.first]
    bound = any(t.kind in ("below", "above", "knowledge", "reference") or t.what in ("from", "up") for t in before)
    limit = any(t.kind == "reference" for t in s.tokens[: run.first])
    return s.knowledge[run.first] and not limit and not bound and run.low == run.high


_CALLS = frozenset(
    {"call", "regard", "consider", "describe", "deem", "judge", "label", "term", "think", "find", "name"}
)


def _denied(s: Sentence, first: int) -> bool:
    """Whether the number itself is denied: `the rate is not 72 bpm`, `no PR interval of 160 ms`."""
    for k in range(first - 1, -1, -1):
        token = s.tokens[k]
        if token.kind == "not":
            called = any(t.what in _CALLS for t in s.tokens[k:first]) and s.tokens[first - 1].what == "of"
            return token.what != "nothing" and not called
        if token.kind not in ("word", "measure", "lead", "group") or token.what in ("and", "or", "with", "at", ","):
            return False
    return False


def _last_of(s: Sentence, what: str, before: int) -> int | None:
    return next(
        (k for k in range(before - 1, -1, -1) if s.tokens[k].kind == "measure" and s.tokens[k].what == what), None
    )


def _relation(s: Sentence, run: Run, reference: bool) -> Relation:
    if (bound := beyond_limit(s, run)) is not None:
        return bound
    if reference:
        return Relation.REFERENCE
    for token in reversed(s.tokens[max(0, run.first - 3) : run.first]):
        if token.kind in ("below", "above"):
            below = token.kind == "below" or (token.what == "beyond" and run.high < 0)
            return Relation.BELOW if below != s.negated[run.first - 1] else Relation.ABOVE
        if token.kind in ("number", "measure", "break") or token.what == ",":
            break
    reach = {t.what for t in s.tokens[max(0, run.first - 4) : run.first]} & {
        "reach",
        "attain",
        "touch",
        "approach",
        "make",
    }
    return Relation.BELOW if reach and run.first and s.negated[run.first - 1] else Relation.IS


def _sum(s: Sentence) -> bool:
    """Whether the sentence adds S and R up."""
    waves = {t.what for t in s.tokens if t.kind == "measure"}
    named = any(t.kind == "finding" and "sokolow" in s.said(t) for t in s.tokens)
    return (
        named
        or bool({"sokolow", "LVH criterion"} & waves)
        or (
            {"R", "S"} <= waves
            and any(t.what in ("plus", "sum", "+", "add", "adds", "adding", "together", "total", "combined") for t in s.tokens)
        )
    )


def _summed(s: Sentence, first: int) -> bool:
    """Whether a number is told as a sum: `SV1 + RV5 = 2.4 mV`, `together they amount to 2.4 mV`."""
    near = [t.what for t in s.tokens[max(0, first - 5) : first]]
    waves = [t.what for t in s.tokens[:first] if t.kind == "measure"]
    told = "=" in near[-1:] or any(w in ("sum", "total", "yields", "yield", "totals") for w in near)
    if any(not set(t.leads) <= _SUMMED.get(wave, set()) for wave, t in _waves_with_leads(s, first)):
        return False
    joined = {t.what for t in s.tokens[:first]} & {"+", "plus"} or "sum" in near
    return (told or "comes" in near or "amounts" in near) and len({"R", "S"} & set(waves)) == 2 and bool(joined)


def _is_sum(runs: list[Run], run: Run) -> bool:
    """Whether a number of a sentence that adds up is the sum of the two before it: `S of 0.6 mV and R of 1.5 mV, 2.1 mV in all`."""
    before = [one.low for one in runs if one.last < run.first and one.unit and run.unit and one.unit.what == run.unit.what][-2:]
    return len(before) == 2 and abs(abs(before[0]) + abs(before[1]) - abs(run.low)) <= 0.011 * max(1.0, abs(run.low))


_SUMMED = {"S": {"V1", "V2"}, "R": {"V5", "V6"}}
"""Leads whose waves Sokolow and Lyon add up."""


def _waves_with_leads(s: Sentence, first: int) -> list[tuple[str, Token]]:
    """The R and S waves before token `first` that have leads right behind them."""
    found = []
    for k, token in enumerate(s.tokens[:first]):
        if token.kind == "measure" and token.what in _SUMMED:
            lead = next((t for t in s.tokens[k + 1 : k + 3] if t.kind == "lead"), None)
            found += [(token.what, lead)] if lead is not None else []
    return found


def _detail(s: Sentence, at: int | None, run: Run, what: str, since: int) -> str:
    """Words between subject and number that decide which reading is meant, joined by spaces."""
    said = s.text[s.start : s.end].lower()
    if what == "QTc":
        name = s.said(s.tokens[at]) if at is not None else ""
        for mark, formula in (("b", "bazett"), ("f", "fridericia")):
            if name.replace("-", "").replace(" ", "").endswith(f"qtc{mark}"):
                return formula
        return _formula(s, run, said)
    low, high = min(at if at is not None else run.first, run.first), max(at if at is not None else run.last, run.last)
    if since >= 0:
        since = max((k for k in range(since, run.first) if s.tokens[k].what.startswith(",")), default=since)
    near = [
        t
        for t in s.tokens[max(0, low - 1) : _window_end(s, high)]
        if t.start > (s.tokens[since].start if since >= 0 else -1)
    ]
    if at is not None and since < 0:
        near.append(s.tokens[at])
    inner = [w for t in near for w in s.said(t).split()]
    kinds = ["duration"] if any(w in TIME for w in inner) else []
    kinds += ["amplitude"] if any(w in SIZE for w in inner) else []
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
    if what in ("ST", "ST at J") and "under" in around and "depressed" not in kinds:
        kinds.append("depressed")
    kinds += _of_st(s, said, kinds) if what in ("ST", "ST at J") else []
    return " ".join(kinds)


def _of_st(s: Sentence, said: str, kinds: list[str]) -> list[str]:
    """Of an ST level its direction, where the sentence gives only one, and that it is the one at J where no later one is spoken of."""
    ways = {t.what for t in s.tokens if t.kind in ("quality", "finding")}
    down = bool(ways & {"depressed", "under", "ST depression"}) and not ways & {"elevated", "above", "ST elevation"}
    found = ["depressed"] if down and not {"depressed", "elevated"} & set(kinds) else []
    later = re.search(r"j ?\+|\b(?:60|sixty|80) ?(?:ms|milli)", said) is not None
    at_j = "jpoint" in said.replace("-", "").replace(" ", "")
    either = not ways & {"depressed", "under", "ST depression", "elevated", "above", "ST elevation"} and "deviat" in said
    return [*found, *(["unsigned"] if either else []), *(["later"] if later else ["j"] if at_j else [])]


def _window_end(s: Sentence, high: int) -> int:
    """First token behind the words that go with a number or measure at token `high`: at most two, and none behind a full stop."""
    stops = (k for k in range(high + 1, min(high + 3, len(s.tokens))) if s.tokens[k].what == ".")
    return next(stops, high + 3)


def _formula(s: Sentence, run: Run, said: str) -> str:
    """The formula of a QTc: the only one that is named, else the one right behind the number, else the last before it."""
    said = said.replace("frid.", "fridericia")
    names = [f for f in FORMULAE if f in said]
    if len(names) < 2:
        return names[0] if names else ""
    if run.last + 1 >= len(s.tokens):
        behind = ""
    else:
        behind = s.text[s.tokens[run.last].end : s.tokens[min(run.last + 5, len(s.tokens) - 1)].end].lower()
    near = [f for f in FORMULAE if 0 <= behind.split(";")[0].find(f[:4]) < 16]
    before = s.text[s.start : s.tokens[run.first].start].lower()
    own = [f for f in FORMULAE if f[:4] in re.split(r"[,;(]|\band\b|\d", before)[-1]]
    ahead = [f for f in FORMULAE if f[:4] in before and _awaits(before, before.rfind(f[:4]))]
    if len(own) == 1 or (not own and len(ahead) == 1):
        return (own or ahead)[0]
    earlier = sorted((f for f in FORMULAE if f[:4] in before), key=lambda f: before.rfind(f[:4]))
    return near[0] if near else earlier[-1] if earlier else ""


def _awaits(before: str, name: int) -> bool:
    """Whether the formula named at this place awaits its number: `with Bazett's formula the QTc comes out at`."""
    own = re.split(r"[,;]|\band\b", before[:name])[-1]
    return not re.search(r"\d", own) and not re.search(r"\d", before[name:])
