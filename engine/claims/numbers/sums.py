"""Sums of two waves and the indices of hypertrophy, and the waves that are parts of them."""

from __future__ import annotations

import re

from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.numbers.amplitude import Amplitude, Term, named
from engine.claims.numbers.number_leads import right_behind
from engine.claims.numbers.runs import Run

PLUS = frozenset({"+", "plus"})
_SUMS = frozenset({"sum", "sums", "summed", "total", "totals", "totalling", "totaling", "totalled", "add", "adds", "adding", "added", "together", "combined", "altogether", "summing", "summation", "combine", "combines", "combining", "combination"})  # fmt: skip
_GIVES = frozenset({"gives", "giving", "yields", "yielding", "makes", "making", "equals", "comes", "amounts"})
_SUM_WAVES = frozenset({"R", "S", "Q"})


def sum_told(s: Sentence, runs: list[Run], k: int) -> Amplitude | None:
    """The sum that a number is told as: `SV1 + RV5 is 2.4 mV`, `S in V1 and R in V6 add up to 1.9 mV`, `2.4 mV for SV1 + RV5`."""
    run, since = runs[k], runs[k - 1].last if k else -1
    terms = _terms(s, 0, run.first)
    if len(terms) > 1 and (_is_told(s, runs, k, terms) or _has_sign(s, runs, k, terms)):
        return Amplitude("sum", None, terms=tuple(term for _, term in terms[-2:]))
    apart = _terms_apart(s, run.first)
    if len(terms) < 2 == len(apart) and _is_told(s, runs, k, apart):
        return Amplitude("sum", None, terms=tuple(term for _, term in apart))
    if (index := _INDEX_IS.search(s.text, s.start, s.tokens[run.first].start)) is not None:
        return Amplitude("sum", None, terms=_CORNELL) if index[1].lower() == "cornell" else Amplitude("sokolow", None)
    if any(t.what.startswith("cornell") for t in s.tokens[since + 1 : run.first]) and not named(
        s, since + 1, run.first
    ):
        return Amplitude("sum", None, terms=_CORNELL)
    nearest = next(
        (t for t in reversed(s.tokens[since + 1 : run.first]) if t.kind in ("measure", "finding") and t.what != "ECG"),
        None,
    )
    if nearest is not None and (nearest.what in ("sokolow", "LVH criterion") or "sokolow" in s.said(nearest)):
        return Amplitude("sokolow", None)
    if _adds_up(s, runs, k):
        return Amplitude("sokolow", None)
    ends = runs[k + 1].first if k + 1 < len(runs) else len(s.tokens)
    ahead = _terms(s, run.last + 1, ends)
    own = any(t.kind == "break" or t.what == "and" for t in s.tokens[run.last + 1 : ahead[0][0]]) if ahead else True
    if len(ahead) > 1 and not own and ahead[0][0] <= run.last + 5 and _plus(s, ahead[0][0], ahead[1][0]):
        return Amplitude("sum", None, terms=tuple(term for _, term in ahead[:2]))
    return None


def _adds_up(s: Sentence, runs: list[Run], k: int) -> bool:
    """Whether the two numbers before are added up to this one where voltages are spoken of: `Sokolow-Lyon: 1.2 + 2.9 = 4.1 mV`, `no LVH: 1.2 + 1.9 = 3.1 mV`."""
    if k < 2 or not _speaks_of_index(s):
        return False
    inner = [{t.what for t in s.tokens[runs[j].last + 1 : runs[j + 1].first]} for j in (k - 2, k - 1)]
    return bool(inner[0] & PLUS) and bool(inner[1] & ({"="} | _GIVES))


_INDEX_IS = re.compile(r"\b(cornell|sokolow)(?:[- ]lyon)? (?:sum|voltage|index|value)\b[^.;:()]*\([^()]*\) (?:is|are|=|gives|reaches|comes to|amounts to|makes) (?:only |just |about )?$", re.IGNORECASE)  # fmt: skip
"""An index whose parts were told in brackets, before its value: `the Cornell sum with S in V3 (0.92 mV) is`."""
_INDEX_MV, _INDEX_MM = 3.5, 35.0
_INDEX_OF = frozenset(
    {"left ventricular hypertrophy", "ventricular hypertrophy", "voltage", "LV voltage", "LVH criterion", "sokolow"}
)


def _speaks_of_index(s: Sentence) -> bool:
    return any(t.what in _INDEX_OF or (t.kind == "word" and t.what in ("sum", "sokolow")) for t in s.tokens)


def summands(s: Sentence, group: list[Run]) -> tuple[Amplitude, Amplitude] | None:
    """The waves of two bare numbers that are added up, or stand behind the name of the index, where voltages are spoken of: S in V1, then R in V5 or V6; of Cornell R in aVL, then S in V3."""
    added = any(t.what in PLUS for t in s.tokens[group[0].last + 1 : group[1].first])
    behind = any(t.what == "sokolow" for t in s.tokens[: group[0].first])
    if not behind and not (added and _speaks_of_index(s)):
        return None
    if any(t.what.startswith("cornell") for t in s.tokens) and not any(t.what == "sokolow" for t in s.tokens):
        return Amplitude("R", None, ("aVL",)), Amplitude("S", None, ("V3",))
    return Amplitude("S", None, ("V1",)), Amplitude("R", None, ("V5", "V6"))


def of_index(s: Sentence, run: Run) -> Amplitude | None:
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


_PARTS: dict[str, str] = {"V1": "S", "V2": "S", "V5": "R", "V6": "R"}
"""By lead its wave in the index of Sokolow and Lyon."""


def part(s: Sentence, run: Run, since: int, whole: Amplitude) -> Amplitude | None:
    """The wave that a number with a lead of its own is where an index or a sum was spoken of: `the Sokolow sum of 1.0 mV in V1 and 1.3 mV in V6`."""
    if whole.what not in ("sum", "sokolow") or not (lead := own_lead_of(s, run, since)):
        return None
    waves = {name: wave for wave, leads in whole.terms for name in leads} if whole.terms else _PARTS
    tall = any(t.what.startswith("tall") for t in s.tokens[since + 1 : run.last + 3])
    return Amplitude(waves.get(lead, "R" if tall else "QRS"), None, (lead,))


def own_lead_of(s: Sentence, run: Run, since: int) -> str:
    """The only lead that is named for a number, right behind it or since the number before; empty where its wave is named too, or several are."""
    at = right_behind(s, run)
    between = s.tokens[since + 1 : run.first]
    if at is None and any(t.kind == "measure" and t.what in _SUM_WAVES for t in between):
        return ""
    named_leads = [s.tokens[at]] if at is not None else [t for t in between if t.kind == "lead"]
    if at is None and since >= 0 and right_behind_of_last(s, since) is not None:
        named_leads = [t for t in named_leads if t is not right_behind_of_last(s, since)]
    return named_leads[0].leads[0] if len(named_leads) == 1 and len(named_leads[0].leads) == 1 else ""


def right_behind_of_last(s: Sentence, last: int) -> Token | None:
    """The lead that belongs to the number that ends at token `last`: `1.0 mV in V1 and`."""
    ahead = s.tokens[last + 1 : last + 4]
    if not ahead or ahead[0].what not in ("in", "for", "at", "of"):
        return None
    return next((t for t in ahead[1:] if t.kind == "lead"), None)


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
    return any(t.what in PLUS for t in s.tokens[a + 1 : b]) or any(t.what in _SUMS for t in s.tokens[max(0, a - 6) : a])


def _has_sign(s: Sentence, runs: list[Run], k: int, terms: list[tuple[int, Term]]) -> bool:
    """Whether a plus joins the last two waves, and the number is no value of the last alone."""
    (a, _), (b, _) = terms[-2:]
    if is_bounded(s, runs[k]) and any(a < one.first < b for one in runs[:k]) and any(b < one.first for one in runs[:k]):
        return _plus(s, a, b) or of_index(s, runs[k]) is not None
    near = {t.what for t in s.tokens[runs[k - 1].last + 1 if k else 0 : runs[k].first]}
    if _plus(s, a, b) and near & _GIVES and any(a < one.first for one in runs[:k]):
        return True
    if not _plus(s, a, b) or (
        any(b < one.first < runs[k].first for one in runs[:k])
        and "=" not in [t.what for t in s.tokens[runs[k - 1].last : runs[k].first]]
    ):
        return False
    own = any(a < one.first < b for one in runs[:k])
    return not own or s.tokens[runs[k].first - 1].what == "="


def is_bounded(s: Sentence, run: Run) -> bool:
    """Whether a number behind two waves with their own values bounds something: `S in V1 1.9 mV plus R in V5 3.0 mV exceeds 3.5 mV`."""
    return any(t.kind in ("above", "below") for t in s.tokens[max(0, run.first - 3) : run.first])


_ALL_BUT = frozenset({"to", "just", "only", "about", "barely", "merely", "a", "mere", "no", "more", "than", "up", "roughly", "around", "some", "total", "of"})  # fmt: skip
_COME = frozenset({"amount", "come", "make", "give", "yield", "reach", "equal", "sum"})


def _comes_to(s: Sentence, run: Run) -> bool:
    """Whether a verb of several makes a number what they are together: `0.9 mV and 1.5 mV amount to just 2.4 mV`."""
    k = run.first - 1
    while k > 0 and (s.tokens[k].what in _ALL_BUT or s.tokens[k].kind in ("above", "below")):
        k -= 1
    return s.tokens[k].what in _COME


def _is_told(s: Sentence, runs: list[Run], k: int, terms: list[tuple[int, Term]]) -> bool:
    """Whether words say that a number is a sum: `add up to`, `the total is`, `in all`."""
    run = runs[k]
    if sum(terms[-2][0] < one.first < run.first for one in runs) > 1 and _comes_to(s, run):
        return True
    begins = max(runs[k - 1].last if k else -1, terms[-1][0])
    near = [t.what for t in s.tokens[begins + 1 : run.first]]
    joined_with = {
        j
        for j, w in enumerate(near)
        if w in ("together", "combined", "added") and near[j + 1 : j + 2] in (["with"], ["to"])
    }
    if any(w in _SUMS for j, w in enumerate(near) if j not in joined_with):
        return True
    with_ = terms[-1][0] > 0 and s.tokens[terms[-1][0] - 1].what in ("with", "and", "plus")
    told = [
        t.what for t in s.tokens[begins + 1 : run.first] if t.kind != "lead" and t.what not in ("wave", "lead", ",")
    ]
    if (
        with_
        and told[1:2]
        and told[0] in ("that", "this", "it", "which")
        and told[1] in _GIVES | {"is", "=", "reaches"}
    ):
        return True
    behind = [t.what for t in s.tokens[run.last + 1 : run.last + 3]]
    return behind[:1] in (["together"], ["altogether"], ["combined"]) or behind in (
        ["in", "all"],
        ["in", "total"],
        ["in", "sum"],
    )
