"""Numbers of a sentence: which measure, which leads, which unit, and whether a value, a bound or a limit of normal is meant."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.language.larger import onward
from engine.claims.language.scope import Sentence
from engine.claims.language.unread import UNREAD
from engine.claims.numbers.again import said_again
from engine.claims.numbers.amplitude import Amplitude
from engine.claims.numbers.amplitudes import amplitudes
from engine.claims.numbers.cycles import begins, of_beats
from engine.claims.numbers.details import detail_of
from engine.claims.numbers.evoked import is_count, may_be_of, spoken_beside
from engine.claims.numbers.limits import is_named_limit, side_of_limit
from engine.claims.numbers.no_value import LIMIT_WORDS, is_clock, is_difference, is_divided, is_point_of_st, ranged
from engine.claims.numbers.number_leads import Leads, is_every, is_of_each, leads_of_numbers, own_lead, right_behind
from engine.claims.numbers.own_value import is_its_size
from engine.claims.numbers.relations import is_near, relation_of
from engine.claims.numbers.runs import HEADED, Run, headed_unit, parted, runs_of, shared, timed
from engine.claims.numbers.subjects import before, linked, named, subject
from engine.claims.statement import Relation, Statement
from ingest.frame import LEADS

_TIMED = {"PR", "QRS", "QT", "QTc", "RR", "P"}
_EVERYWHERE = {"Q", "R", "S", "T", "ST", "ST at J"}
"""Waves of which a bound without leads holds for all that were measured."""
_PER_LEAD = {"P", "T", "Q", "R", "S", "ST", "ST at J", "QRS"}


def quantities(s: Sentence) -> list[Statement]:
    """Every number of the sentence that is said of something, or has a unit."""
    runs = [run for run in timed(s, shared(s, parted(s, runs_of(s.tokens)))) if not is_point_of_st(s, run)]
    paired, own = _paired(s, runs), _own_leads(s, runs)
    sizes = amplitudes(s, runs, own)
    own |= _paired_leads(s, runs, paired) | {first: one.leads for first, one in sizes.items() if one.leads}
    leads = leads_of_numbers(s, runs, own)
    read = [
        (
            run,
            _of_single_beats(s, runs, k)
            or _of_ratio(s, run, leads[run.first])
            or _statement(
                s, run, paired.get(run.first, ""), runs, leads[run.first], sizes.get(run.first), run.first in own
            ),
        )
        for k, run in enumerate(runs)
    ]
    told: list[tuple[Run, Statement]] = []
    for run, one in read:
        if is_difference(s, run):
            told.append(
                (
                    run,
                    Statement(
                        "finding",
                        s.tokens[run.first].start,
                        s.tokens[run.last].end,
                        f"{UNREAD}{s.tokens[run.first].what}",
                    ),
                )
            )
        elif one is not None:
            told.append((run, one))
        elif not (is_clock(s, run) or is_divided(s, run) or s.reference[run.first]):
            told.append((run, _bound_of(s, run, told[-1][1]) if told else of_nothing(s, run)))
    read_as = said_again(s, _apart(ranged(s, [one for _, one in told])))
    return (
        spoken_beside(s, list(zip((run for run, _ in told), read_as, strict=True)))
        if len(told) == len(read_as)
        else read_as
    )


def _of_single_beats(s: Sentence, runs: list[Run], k: int) -> Statement | None:
    """A time that is told of single beats (`cycles.py`)."""
    run = runs[k]
    bound = of_beats(s, runs, k)
    if bound is None or run.unit is None:
        return None
    what, detail = bound
    times, end = run.unit.number, s.tokens[run.last].end
    start = begins(s, run) if what == "RR" and detail else s.tokens[run.first].start
    relation = relation_of(s, run, False) if what in ("RR", "RR SD") else Relation.IS
    return Statement(
        "number", start, end, what, low=run.low * times, high=run.high * times, unit="ms", relation=relation, detail=detail,
    )  # fmt: skip


_ANYWHERE = re.compile(r"[^.,;\d]{0,24}?\b(?:in any (?:of the )?leads?|anywhere)\b", re.IGNORECASE)
_RATIO = re.compile(r"\br ?(?:/|:|-?to-?) ?s\b(?:[- ]ratio)?", re.IGNORECASE)
_HIGHEST_RATIO = 30.0


def _of_ratio(s: Sentence, run: Run, place: Leads) -> Statement | None:
    """A bare number behind `R/S`: how many times R is as high as S is deep."""
    begins = max(
        (t.end for t in s.tokens[: run.first] if t.kind in ("number", "break") and t.what != ":"), default=s.start
    )
    start, end = s.tokens[run.first].start, s.tokens[run.last].end
    said = _RATIO.search(s.text, begins, start)
    own = run.unit is not None and run.unit.start <= end + 2
    halves = s.tokens[run.last + 1 : run.last + 3]
    if len(halves) == 2 and halves[0].what in ("/", "against", "versus", "vs") and halves[1].kind == "number":
        return None  # `R/S is close to one (0.28/0.25 mV)`
    if said is None or own or not 0 <= run.low <= run.high <= _HIGHEST_RATIO:
        return None
    named = [t.what for t in s.tokens[: run.first] if t.start >= said.end() and t.kind in ("measure", "finding")]
    leads = place[0] or tuple(next((t.leads for t in s.tokens if t.kind == "lead"), ()))
    if named:
        return None
    passes = run.first and s.tokens[run.first - 1].what in ("passes", "crosses", "reaches")
    relation = Relation.ABOVE if passes else relation_of(s, run, False)
    return Statement("number", start, end, "R/S", leads, place[1], run.low, run.high, relation=relation)


def _apart(told: list[Statement]) -> list[Statement]:
    """The numbers, each without the measures that another one is plainly said of: those have their value."""
    bound = {one.what: one for one in told if one.what and not one.maybe and one.relation is Relation.IS}
    return [
        replace(one, maybe=tuple(m for m in one.maybe if m[1] or bound.get(m[0], one) is one)) if one.maybe else one
        for one in told
    ]


def of_nothing(s: Sentence, run: Run) -> Statement:
    """A number that nothing was found for: it can be held against what its sentence speaks of, and is not shown."""
    if is_count(s, run) or _counts(s, run):
        return Statement(
            "finding", s.tokens[run.first].start, s.tokens[run.last].end, f"{UNREAD}{s.tokens[run.first].what}"
        )
    maybe = may_be_of(s, run)
    return Statement(
        "number", s.tokens[run.first].start, s.tokens[run.last].end, "", low=run.low, high=run.high,
        unit=run.unit.what if run.unit else "", maybe=maybe,
    )  # fmt: skip


def _bound_of(s: Sentence, run: Run, before: Statement) -> Statement:
    """A bare number behind a value: the limit that the value is held against (`167 ms, well beyond 120`), else one of nothing."""
    relation = relation_of(s, run, False)
    around = {t.what for t in s.tokens[max(0, run.first - 4) : run.last + 6]}
    around |= set(s.text[before.end : s.tokens[run.first].start].lower().split())
    if before.what and relation is Relation.IS and around & (LIMIT_WORDS - {"maximum", "minimum"}):
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
    return Statement(
        "number", s.start, s.end, what, leads, detail=detail_of(s, at, run, what, last) if s.tokens else ""
    )


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
        subjects = _subject_list(s, group[0].first)
        if len(subjects) == len(group) and len(_dealt(s, group)) != len(group):
            found |= {run.first: what for run, what in zip(group, subjects, strict=True)}
    return found


def _dealt(s: Sentence, group: list[Run]) -> tuple[str, ...]:
    """Leads beside a list of numbers, one for each: `0.2, 0.5 and 0.8 mV in V1, V2 and V3`, or named in front of it."""
    ends = _stretch(s, group) or _compared(s, group)
    if ends is not None:
        return ends
    behind = group[-1].last + 1
    words = [t.what for t in s.tokens[behind : behind + 2]]
    if words and words[0] in ("in", "for", "(", "across", "over", "are", "is", "were"):
        token = next((t for t in s.tokens[behind : behind + 4] if t.kind == "lead"), None)
        if token is not None and len(token.leads) == len(group):
            return token.leads
    before = [k for k in range(group[0].first) if s.tokens[k].kind in ("lead", "number", "break")]
    named = next((k for k in reversed(before) if s.tokens[k].kind == "lead"), None)
    if (
        named is not None
        and not _is_against(s, group)
        and len(leads := onward(s, named)) == len(group) != len(s.tokens[named].leads)
    ):
        return leads
    if right_behind(s, group[-1]) is not None:
        return ()
    last = named if s.bracketed[group[0].first] or not before else before[-1]
    if last is not None and s.tokens[last].kind == "lead" and len(s.tokens[last].leads) == len(group):
        return s.tokens[last].leads if len(_subject_list(s, group[0].first)) <= 1 else ()
    return ()


def _stretch(s: Sentence, group: list[Run]) -> tuple[str, ...] | None:
    """The ends of a stretch of leads that two numbers are the ends of: `from V1 to V4 the R wave grows from 0.2 to 1.4 mV`."""
    if len(group) != 2 or [t.what for t in s.tokens[group[0].last + 1 : group[1].first]] != ["to"]:
        return None
    if not group[0].first or s.tokens[group[0].first - 1].what != "from":
        return None
    named = [t for t in s.tokens if t.kind == "lead" and len(t.leads) > 1 and not {",", "/"} & set(s.said(t))]
    return (named[0].leads[0], named[0].leads[-1]) if len(named) == 1 else None


_AGAINST = frozenset({"against", "versus", "vs", "compared"})


def _is_against(s: Sentence, group: list[Run]) -> bool:
    """Whether two numbers are held against each other: `from V5 (0.41 against 0.36 mV)`."""
    return len(group) == 2 and any(t.what in _AGAINST for t in s.tokens[group[0].last + 1 : group[1].first])


def _compared(s: Sentence, group: list[Run]) -> tuple[str, ...] | None:
    """The two leads of one wave that two numbers are compared in: `T is higher in V4 than in V6, 0.4 against 0.25 mV`."""
    if not _is_against(s, group):
        return None
    begins = max((k + 1 for k in range(group[0].first) if s.tokens[k].kind in ("number", "unit")), default=0)
    since = s.tokens[begins : group[0].first]
    if not any(t.what == "than" or t.what in _AGAINST for t in since):
        return None
    leads = [t.leads for t in since if t.kind == "lead"]
    waves = {t.what for t in since if t.kind == "measure"}
    return (leads[0][0], leads[1][0]) if len(waves) == 1 and [len(one) for one in leads] == [1, 1] else None


def _own_leads(s: Sentence, runs: list[Run]) -> dict[int, tuple[str, ...]]:
    """By its first token the lead of each number of a list that has one lead for each."""
    found: dict[int, tuple[str, ...]] = {}
    for group in _lists(s, runs):
        found |= {run.first: (lead,) for run, lead in zip(group, _dealt(s, group), strict=False)}
    return found


def _is_any(s: Sentence, at: int | None, run: Run) -> bool:
    """Whether a bound is set for a wave of no lead in particular: `no Q wave is wider than 30 ms`."""
    if at is None or not 0 < at < run.first or s.tokens[at - 1].kind != "not":
        return False
    if any(t.kind in ("lead", "group") for t in s.tokens[at : run.last + 4]):
        return False
    named = next((k for k in range(at - 1, -1, -1) if s.tokens[k].kind in ("lead", "group")), None)
    return named is None or any(t.kind in ("measure", "finding") for t in s.tokens[:named])


def _paired_leads(s: Sentence, runs: list[Run], paired: dict[int, str]) -> dict[int, tuple[str, ...]]:
    """The lead right behind the measure of each number of a list: `S in V1 and R in V5 are 1.1 and 1.3 mV`."""
    named = {run.first: own_lead(s, _last_of(s, paired[run.first], run.first)) for run in runs if run.first in paired}
    return {first: leads for first, leads in named.items() if leads}


def _adjacent(s: Sentence, a: Run, b: Run) -> bool:
    inner = [t.what for t in s.tokens[a.last + 1 : b.first]]
    stretch = inner == ["to"] and a.first > 0 and s.tokens[a.first - 1].what == "from"
    return stretch or (
        bool(inner) and len(inner) <= 2 and set(inner) <= {",", "and", "/", "plus", "+", ".", "with", *_AGAINST}
    )


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


def _statement(
    s: Sentence, run: Run, paired: str, runs: list[Run], place: Leads, size: Amplitude | None, placed: bool
) -> Statement | None:
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
    if size is not None:
        what, at = size.what, size.at if size.at is not None or not paired else _last_of(s, paired, run.first)
    else:
        what, at = (paired, _last_of(s, paired, run.first)) if paired else subject(s, run, unit, runs)
    far = "far from" in [t.what for t in s.tokens[max(0, run.first - 2) : run.first]]
    reference = (s.reference[run.first] and not _told(s, run)) or far
    if not unit and (not what or (at is not None and not linked(s, at, run.first) and not paired and not reference)):
        return None
    headed = "" if unit or what not in _TIMED else headed_unit(s, run)
    limit = is_named_limit(s, run)
    relation = side_of_limit(s, run) if limit else relation_of(s, run, reference)
    times = run.unit.number if run.unit else HEADED[headed] if headed else 1.0
    unit = "ms" if headed else unit
    detail = detail_of(s, at, run, what, max((r.last for r in runs if r.last < run.first), default=-1))
    leads, loose = place
    if what in ("sum", "sokolow"):
        leads, loose = (), False
    bound = relation is Relation.BELOW or (relation is Relation.ABOVE and (not loose or is_every(s, at)))
    every = (bound and len(leads) > 1) or (relation is Relation.IS and not loose and is_of_each(s, run, what, leads))
    if (
        relation is not Relation.IS
        and what in _EVERYWHERE
        and (not leads or _is_any(s, at, run) or _ANYWHERE.match(s.text, s.tokens[run.last].end))
    ):
        leads, loose, every = LEADS, True, True
    end = run.unit.end if run.unit and run.unit.start >= s.tokens[run.first].start else s.tokens[run.last].end
    if run.unit and run.unit.end > s.tokens[run.last].end:
        end = s.tokens[run.last].end
    level = at is not None and what == "ST" and s.tokens[at].kind in ("quality", "word")
    one = Statement(
        "number", s.tokens[at if level and at is not None else run.first].start, end, what, leads, loose, run.low * times, run.high * times, unit, relation,
        s.negated[run.first] if relation is not Relation.IS else _denied(s, run.first), detail, terms=() if size is None else size.terms,
        every=every, limit=limit, near=relation in (Relation.BELOW, Relation.ABOVE) and is_near(s, run),
    )  # fmt: skip
    if one.negated or (at is not None and unit in ("/min", "deg") and is_its_size(s, at, run)):
        return one
    tight = paired != "" or placed or (size is not None and size.dealt)
    return replace(one, maybe=may_be_of(s, run, what, at, tight))


def _counts(s: Sentence, run: Run) -> bool:
    """Whether a bare number counts what stands right behind it: `9 complexes`, `10 P waves`."""
    return run.unit is None and any(
        t.kind == "measure" and s.said(t).endswith("s") and s.said(t) != "qrs" for t in s.tokens[run.last + 1 :][:1]
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
