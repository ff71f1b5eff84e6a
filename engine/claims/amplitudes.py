"""Of which wave, or of which sum of waves, each amplitude of a sentence is said.

The tightest binding wins: a wave right behind the number (`1.2 mV R wave`), the nearest before it since the last number, the wave of its place in a
list or comparison (`S exceeds R, 0.98 against 0.76 mV`), and what the number before was said of. What is bound here is bound to no other measure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.claims.lex import Token
from engine.claims.number_leads import own_lead, right_behind
from engine.claims.runs import Run
from engine.claims.scope import Sentence
from engine.claims.subjects import linked

Term = tuple[str, tuple[str, ...]]
"""A wave, and the leads of which each may be meant."""
WAVES = frozenset({"P", "Q", "R", "S", "T", "ST", "ST at J", "QRS"})
UNITS = frozenset({"mV", "mm"})
_OF_FINDING = {
    "ST elevation": "ST", "ST depression": "ST", "ST deviation": "ST", "T wave inversion": "T", "upright T waves": "T", "flat T waves": "T", "peaked T waves": "T",
    "S waves": "S", "dominant R": "R", "dominant S": "S", "normal R wave progression": "R", "poor R wave progression": "R", "Q waves": "Q", "pathological Q waves": "Q", "RWP": "R",
}  # fmt: skip
_DEFLECTIONS = frozenset({"deflection", "deflections"})
_UP, _DOWN = frozenset({"tall", "high"}), frozenset({"deep"})
_BEFORE_WAVE = frozenset({"of", "the", "a", "an", "tall", "deep", "high", "large", "small", "positive", "negative", "initial", "terminal", "horizontal", "downsloping", "upsloping", "for", "is"})  # fmt: skip
_OUTDOES = frozenset(
    {
        "outgrows",
        "overtakes",
        "outweighs",
        "dominates",
        "dwarfs",
        "outgrow",
        "overtake",
        "outweigh",
        "dominate",
        "dwarf",
        "exceeds",
    }
)
_AGAINST = frozenset({"against", "versus", "vs", "than", "compared", "relative"})
_PLUS = frozenset({"+", "plus"})
_SUMS = frozenset({"sum", "sums", "summed", "total", "totals", "totalling", "totaling", "totalled", "add", "adds", "adding", "added", "together", "combined", "altogether"})  # fmt: skip
_GIVES = frozenset({"gives", "giving", "yields", "yielding", "makes", "making", "equals", "comes", "amounts"})
_SUM_WAVES = frozenset({"R", "S", "Q"})


@dataclass(frozen=True, slots=True)
class Amplitude:
    """What an amplitude is said of."""

    what: str
    """The wave, or `sum`; `sokolow` of an index that names no leads."""
    at: int | None
    """Token of the wave; None where it was named before."""
    leads: tuple[str, ...] = ()
    """Where each wave of a list has its own."""
    terms: tuple[Term, ...] = ()
    """Of a sum the waves that it adds up."""


def amplitudes(s: Sentence, runs: list[Run], placed: Collection[int]) -> dict[int, Amplitude]:
    """By its first token what each number in mV or mm is said of; those that no wave was found for are left out.

    placed: first tokens of the numbers of a list that has one lead for each.
    """
    found: dict[int, Amplitude] = {}
    dealt = _dealt(s, runs, placed)
    topic: Amplitude | None = None
    for k, run in enumerate(runs):
        if run.unit is None or run.unit.what not in UNITS:
            continue
        since = runs[k - 1].last if k else -1
        one = dealt.get(run.first) or _sum(s, runs, k) or _wave(s, run, since, topic) or _of_index(s, run)
        if one is None:
            continue
        found[run.first] = one
        if not (topic and one.what != "sum" and _is_against(s, run, since)):
            topic = one
    return found


def wave_of(token: Token) -> str:
    """The wave that a token names, or the one that a finding is told by; empty of others."""
    if token.kind == "measure" and token.what in WAVES:
        return token.what
    return _OF_FINDING.get(token.what, "") if token.kind in ("measure", "finding") else ""


def _wave(s: Sentence, run: Run, since: int, topic: Amplitude | None) -> Amplitude | None:
    before = [
        k
        for k in range(since + 1, run.first)
        if s.tokens[k].kind in ("measure", "finding") and s.tokens[k].what != "ECG"
    ]
    waves = [k for k in before if wave_of(s.tokens[k])]
    behind = _right_behind(s, run)
    tight = bool(before) and _tight(s, before[-1], run.first)
    if behind is not None and not tight:
        return Amplitude(wave_of(s.tokens[behind]), behind)
    voltage = next((k for k in range(run.first - 1, since, -1) if s.tokens[k].what == "voltage"), None)
    if voltage is not None and _is_bounded(s, run) and _tight(s, voltage, run.first):
        return Amplitude("QRS", voltage)
    if tight and not wave_of(s.tokens[before[-1]]):
        return None  # another measure has this number, in whatever unit
    if waves:
        at = _sized(s, run, _subject(s, run, waves))
        return Amplitude(wave_of(s.tokens[at]), at)
    deflection = next((j for j in range(run.first - 1, since, -1) if s.tokens[j].what in _DEFLECTIONS), None)
    if deflection is not None:
        return Amplitude("QRS", deflection)
    if topic is not None:
        return Amplitude(topic.what, None, terms=topic.terms)
    beside = any(t.kind == "lead" for t in s.tokens[max(since + 1, run.first - 4) : run.first])
    return Amplitude(s.subject, None) if beside and s.subject in WAVES - {"QRS"} else None


def _right_behind(s: Sentence, run: Run) -> int | None:
    """The wave right behind a number: `1.2 mV R wave`, `2 mm of ST depression`."""
    for k in range(run.last + 1, min(run.last + 6, len(s.tokens))):
        token = s.tokens[k]
        if wave_of(token):
            return k
        if token.kind != "quality" and token.what not in _BEFORE_WAVE:
            return None
    return None


def _tight(s: Sentence, at: int, first: int) -> bool:
    """Whether only linking words stand between a measure and a number: `an R of`, `R in V5 is`, not `R and`."""
    return linked(s, at, first) and not any(t.what in ("and", "plus", ",", "-", ".") for t in s.tokens[at + 1 : first])


def _subject(s: Sentence, run: Run, waves: list[int]) -> list[int]:
    """The waves before a number, from the likeliest on: the nearest, unless it is only what another is compared with, or the whole QRS."""
    last = waves[-1]
    if wave_of(s.tokens[last]) == "QRS" and not _tight(s, last, run.first):
        waves = [last, *waves[:-1]]
        last = waves[-1]
    if len(waves) > 1 and not _tight(s, last, run.first):
        inner = s.tokens[waves[-2] + 1 : last]
        if any(t.kind in ("above", "below") or t.what in _AGAINST | _OUTDOES for t in inner):
            return [waves[-2], last]
    return waves[::-1]


def _sized(s: Sentence, run: Run, waves: list[int]) -> int:
    """The first of these waves that can be as tall or deep as is said right behind the number."""
    word = next((t.what for t in s.tokens[run.last + 1 : run.last + 2]), "")
    barred = {"Q", "S"} if word in _UP else {"R"} if word in _DOWN else set()
    return next((k for k in waves if wave_of(s.tokens[k]) not in barred), waves[0])


def _is_against(s: Sentence, run: Run, since: int) -> bool:
    return any(t.what in _AGAINST for t in s.tokens[since + 1 : run.first])


# lists and comparisons ---------------------------------------------------------------------------------------------


def _dealt(s: Sentence, runs: list[Run], placed: Collection[int]) -> dict[int, Amplitude]:
    """`R exceeds S in V3, 1.05 versus 0.78 mV`: numbers that stand together without a wave between, one for each of the waves named before.

    Where none is named since the last number they are the waves of the numbers before: `and 0.59 versus 0.24 mV in V4`.
    """
    found: dict[int, Amplitude] = {}
    k = 0
    while k < len(runs):
        last = k
        while last + 1 < len(runs) and _listed(s, runs[last], runs[last + 1]):
            last += 1
        group = runs[k : last + 1]
        if last > k and group[0].first not in placed:
            begins = runs[k - 1].last + 1 if k else 0
            waves = _named(s, begins, group[0].first) or _named(s, 0, group[0].first)
            waves = waves[-len(group) :] if _compared(s, group) or not waves or waves[0] < begins else waves
            both = _both(s, begins, group[0].first)
            if both in _OTHER and not _named(s, begins, group[0].first):
                found |= {group[0].first: Amplitude(both, None), group[1].first: Amplitude(_OTHER[both], None)}
            elif not waves and _compared(s, group) and any(t.what == "sokolow" for t in s.tokens[: group[0].first]):
                found |= {
                    group[0].first: Amplitude("S", None, ("V1",)),
                    group[1].first: Amplitude("R", None, ("V5", "V6")),
                }
            elif len(waves) == 1 and _compared(s, group) and right_behind(s, group[1]) is None:
                wave = wave_of(s.tokens[waves[0]])
                found[group[0].first] = Amplitude(wave, waves[0])
                found[group[1].first] = Amplitude(_OTHER.get(wave, wave), None)
            elif len(waves) == len(group):
                leads = [own_lead(s, at) for at in waves]
                found |= {
                    run.first: Amplitude(wave_of(s.tokens[at]), at, lead if all(leads) and at >= begins else ())
                    for run, at, lead in zip(group, waves, leads, strict=True)
                }
        k = last + 1
    return found


_OTHER = {"R": "S", "S": "R"}
"""What a wave of the QRS is compared with where nothing is named."""


def _named(s: Sentence, first: int, last: int) -> list[int]:
    """The tokens of the waves that are named between two tokens, each where it stands last."""
    return sorted({wave: k for k in range(first, last) if (wave := wave_of(s.tokens[k]))}.values())


def _both(s: Sentence, first: int, last: int) -> str:
    """The first of the two waves that are called equal, or make the form of a QRS (`rS`), last between two tokens; empty where none are."""
    said = [s.text[t.start : t.end] for t in s.tokens[first:last] if t.what in _TWO][-1:]
    return next((one[0].upper() for one in said if one.lower().startswith(("r and", "s and", "rs"))), "")


_TWO = frozenset({"equal R and S", "negative QRS", "positive QRS"})


def _listed(s: Sentence, a: Run, b: Run) -> bool:
    inner = [t.what for t in s.tokens[a.last + 1 : b.first]]
    return bool(inner) and len(inner) <= 3 and set(inner) <= {",", "and", "/", ".", "with", "to", *_AGAINST, *_PLUS}


def _compared(s: Sentence, group: list[Run]) -> bool:
    return len(group) == 2 and any(t.what in _AGAINST | _PLUS for t in s.tokens[group[0].last + 1 : group[1].first])


# sums --------------------------------------------------------------------------------------------------------------


def _sum(s: Sentence, runs: list[Run], k: int) -> Amplitude | None:
    """The sum that a number is told as: `SV1 + RV5 is 2.4 mV`, `S in V1 and R in V6 add up to 1.9 mV`, `2.4 mV for SV1 + RV5`."""
    run, since = runs[k], runs[k - 1].last if k else -1
    terms = _terms(s, 0, run.first)
    if len(terms) > 1 and (_is_told(s, runs, k, terms) or _has_sign(s, runs, k, terms)):
        return Amplitude("sum", None, terms=tuple(term for _, term in terms[-2:]))
    apart = _terms_apart(s, run.first)
    if len(terms) < 2 == len(apart) and _is_told(s, runs, k, apart):
        return Amplitude("sum", None, terms=tuple(term for _, term in apart))
    if any(t.what.startswith("cornell") for t in s.tokens[since + 1 : run.first]) and not _named(
        s, since + 1, run.first
    ):
        return Amplitude("sum", None, terms=_CORNELL)
    nearest = next(
        (t for t in reversed(s.tokens[since + 1 : run.first]) if t.kind in ("measure", "finding") and t.what != "ECG"),
        None,
    )
    if nearest is not None and (nearest.what in ("sokolow", "LVH criterion") or "sokolow" in s.said(nearest)):
        return Amplitude("sokolow", None)
    ends = runs[k + 1].first if k + 1 < len(runs) else len(s.tokens)
    ahead = _terms(s, run.last + 1, ends)
    own = any(t.kind == "break" or t.what == "and" for t in s.tokens[run.last + 1 : ahead[0][0]]) if ahead else True
    if len(ahead) > 1 and not own and ahead[0][0] <= run.last + 5 and _plus(s, ahead[0][0], ahead[1][0]):
        return Amplitude("sum", None, terms=tuple(term for _, term in ahead[:2]))
    return None


_INDEX_MV, _INDEX_MM = 3.5, 35.0
_INDEX_OF = frozenset(
    {"left ventricular hypertrophy", "ventricular hypertrophy", "voltage", "LV voltage", "LVH criterion", "sokolow"}
)


def _of_index(s: Sentence, run: Run) -> Amplitude | None:
    """The index of Sokolow and Lyon, where its limit is given beside a word of voltage or hypertrophy and no wave is named."""
    limit = run.unit is not None and run.low == (_INDEX_MV if run.unit.what == "mV" else _INDEX_MM)
    return Amplitude("sokolow", None) if limit and any(t.what in _INDEX_OF for t in s.tokens) else None


def _terms(s: Sentence, first: int, last: int) -> list[tuple[int, Term]]:
    """The waves between two tokens that have their own leads right behind them, with their tokens."""
    found = []
    for k in range(first, last):
        token = s.tokens[k]
        if token.kind != "measure" or token.what not in _SUM_WAVES:
            continue
        lead = next(
            (
                t
                for t in s.tokens[k + 1 : min(k + 4, last)]
                if t.kind not in ("word", "mark") or t.what in ("+", ",", "(", "and")
            ),
            None,
        )
        if lead is not None and lead.kind == "lead":
            found.append((k, (token.what, lead.leads)))
    return found


_CORNELL: tuple[Term, ...] = (("R", ("aVL",)), ("S", ("V3",)))


def _terms_apart(s: Sentence, last: int) -> list[tuple[int, Term]]:
    """The two waves before a token that have one lead each, be it behind their number (`an S of 0.6 mV in V1`) or before them (`lead I has an R wave`)."""
    waves = [k for k in range(last) if s.tokens[k].kind == "measure" and s.tokens[k].what in _SUM_WAVES]
    leads = [k for k in range(last) if s.tokens[k].kind == "lead" and len(s.tokens[k].leads) == 1]
    if len(waves) != 2 or len(leads) != 2:
        return []
    (a, b), (x, y) = waves, leads
    if not (a < x < b < y or x < a < y < b):
        return []
    return [(a, (s.tokens[a].what, s.tokens[x].leads)), (b, (s.tokens[b].what, s.tokens[y].leads))]


def _plus(s: Sentence, a: int, b: int) -> bool:
    return any(t.what in _PLUS for t in s.tokens[a + 1 : b]) or any(
        t.what in _SUMS for t in s.tokens[max(0, a - 6) : a]
    )


def _has_sign(s: Sentence, runs: list[Run], k: int, terms: list[tuple[int, Term]]) -> bool:
    """Whether a plus joins the last two waves, and the number is no value of the last alone."""
    (a, _), (b, _) = terms[-2:]
    if (
        _is_bounded(s, runs[k])
        and any(a < one.first < b for one in runs[:k])
        and any(b < one.first for one in runs[:k])
    ):
        return _plus(s, a, b) or _of_index(s, runs[k]) is not None
    near = {t.what for t in s.tokens[runs[k - 1].last + 1 if k else 0 : runs[k].first]}
    if _plus(s, a, b) and near & _GIVES and any(b < one.first for one in runs[:k]):
        return True
    if not _plus(s, a, b) or (
        any(b < one.first < runs[k].first for one in runs[:k])
        and "=" not in [t.what for t in s.tokens[runs[k - 1].last : runs[k].first]]
    ):
        return False
    own = any(a < one.first < b for one in runs[:k])
    return not own or s.tokens[runs[k].first - 1].what == "="


def _is_bounded(s: Sentence, run: Run) -> bool:
    """Whether a number behind two waves with their own values bounds something: `S in V1 1.9 mV plus R in V5 3.0 mV exceeds 3.5 mV`."""
    return any(t.kind in ("above", "below") for t in s.tokens[max(0, run.first - 3) : run.first])


def _is_told(s: Sentence, runs: list[Run], k: int, terms: list[tuple[int, Term]]) -> bool:
    """Whether words say that a number is a sum: `add up to`, `the total is`, `in all`."""
    run = runs[k]
    begins = max(runs[k - 1].last if k else -1, terms[-1][0])
    near = [t.what for t in s.tokens[begins + 1 : run.first]]
    joined_with = {
        j
        for j, w in enumerate(near)
        if w in ("together", "combined", "added") and near[j + 1 : j + 2] in (["with"], ["to"])
    }
    if any(w in _SUMS for j, w in enumerate(near) if j not in joined_with):
        return True
    behind = [t.what for t in s.tokens[run.last + 1 : run.last + 3]]
    return behind[:1] in (["together"], ["altogether"], ["combined"]) or behind in (
        ["in", "all"],
        ["in", "total"],
        ["in", "sum"],
    )
