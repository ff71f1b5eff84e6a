"""Which leads a number is said of: right behind it, before it since the last number, with its neighbour in a list, carried from the number before."""

from __future__ import annotations

from dataclasses import dataclass

from engine.claims.language.leads import between
from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.language.superlatives import SUPERLATIVES
from engine.claims.numbers.runs import Run
from ingest.frame import CHEST

Leads = tuple[tuple[str, ...], bool]
"""Leads, and whether they are a group, of which two suffice."""
_NONE: Leads = ((), False)
_AT = frozenset({"in", "for", "at", "across", "over", "from", "throughout", "of", "on", "("})
_MORE = frozenset({"lead", "leads", "the", "both", "each", "only", "all", "of", "either"})
_BE = frozenset({"is", "are", "was", "were", "being", "be", "been"})
_SIZED = frozenset({
    "deep", "tall", "high", "wide", "low", "long", "large", "in", "depth", "height", "size", "width", "amplitude", "below", "above", "under", "from",
    "baseline", "the", "of", "or", "more", "less", "maximum", "at", "its", "deepest", "tallest", "a", "an", "least", "j", "point", "most", "all",
})  # fmt: skip
"""Words that go with a number and may stand between it and its leads."""
_JOINS = frozenset({"and", "against", "versus", "vs", ".", ",", "/", "compared", "with", "to", "a", "an", "the", "of", "is", "by", "measuring", "lasting", "=", ":", "+", "plus", "about", "roughly", "nearly", "only", "just"})  # fmt: skip
_REACH = 9
"""Tokens behind a number in which a lead is looked for."""


@dataclass(slots=True)
class _Bound:
    """What was bound so far."""

    taken: set[int]
    """Tokens of leads that stand behind their number."""
    last: Leads = _NONE


def leads_of_numbers(s: Sentence, runs: list[Run], own: dict[int, tuple[str, ...]]) -> dict[int, Leads]:
    """By its first token the leads of each number, and whether they are a group; own: those that a list deals out."""
    found: dict[int, Leads] = {}
    bound = _Bound(set())
    own = own | {first: leads for first, leads in _postfixed(s, runs).items() if first not in own}
    for k, run in enumerate(runs):
        if run.first not in own:
            own = own | _again(s, runs, k, [leads for leads, _ in found.values()])
        leads = (own[run.first], False) if run.first in own else _leads(s, runs, k, bound)
        if leads[1] and (most := _of_most(s, runs, k)):
            leads = (most, False)
        found[run.first] = leads
        if leads[0]:
            bound.last = leads
    return found


_MOST = SUPERLATIVES | {"most"}


def _of_most(s: Sentence, runs: list[Run], k: int) -> tuple[str, ...]:
    """The one lead that a superlative gives a number of a group to: `lead II has the tallest P wave of all leads at 0.2 mV`, `the tallest R in the chest leads, 1.6 mV, is found in V4`."""
    since = runs[k - 1].last + 1 if k else 0
    if not any(t.what in _MOST for t in s.tokens[since : runs[k].first]):
        return ()
    ends = runs[k + 1].first if k + 1 < len(runs) else len(s.tokens)
    ahead = [t.leads for t in s.tokens[runs[k].last + 1 : ends] if t.kind == "lead"]
    before = [t.leads for t in s.tokens[since : runs[k].first] if t.kind == "lead"]
    named = before[-1:] or ahead[:1]
    return named[0] if named and len(named[0]) == 1 else ()


def is_of_each(s: Sentence, run: Run, what: str, leads: tuple[str, ...]) -> bool:
    """Whether the one value of a clause is told of each of the leads that are named behind it: `T is 0.3 mV in V5, V6 and V1`."""
    at = right_behind(s, run) if what in ("R", "S", "T") and len(leads) > 1 and run.low == run.high else None
    if at is None or s.tokens[at].leads != leads:
        return False
    first, last = s.clause(run.first)
    return sum(t.kind == "number" for t in s.tokens[max(0, first - 3) : last]) == 1


def _postfixed(s: Sentence, runs: list[Run]) -> dict[int, tuple[str, ...]]:
    """The lead right behind each number of a list that has one behind each: `0.15 mV II, 0.11 mV III, 0.17 mV aVF`."""
    found: dict[int, tuple[str, ...]] = {}
    chain: list[Run] = []
    for k, run in enumerate(runs):
        ahead = s.tokens[run.last + 1 : run.last + 3]
        if [t.kind for t in ahead[:1]] != ["lead"] or (len(ahead) > 1 and ahead[1].kind == "number"):
            chain = []
            continue
        inner = s.tokens[runs[k - 1].last + 2 : run.first] if k else []
        chain = [*chain, run] if chain and all(t.what in (",", "and", ";", "/") for t in inner) else [run]
        since = next(
            (
                j
                for j in range(chain[0].first - 1, -1, -1)
                if s.tokens[j].kind in ("measure", "finding", "break", "number")
            ),
            -1,
        )
        begins = chain[0].first
        apart = begins > 0 and s.tokens[begins - 1].what == "("  # `upright in V2-V6 (0.59 mV V2, 0.37 mV V6)`
        if len(chain) > 1 and (apart or not any(t.kind == "lead" for t in s.tokens[since + 1 : begins])):
            found |= {one.first: s.tokens[one.last + 1].leads for one in chain}
    return found


def _again(s: Sentence, runs: list[Run], k: int, told: list[tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    """The leads of the numbers before, in their order, for a list that names none: `R is 1.4 mV in V4 and 1.3 mV in V5, S 0.4 and 0.2 mV`."""
    last = k
    while last + 1 < len(runs) and {t.what for t in s.tokens[runs[last].last + 1 : runs[last + 1].first]} <= {
        ",",
        "and",
    }:
        last += 1
    group, since = runs[k : last + 1], runs[k - 1].last if k else -1
    before = told[-len(group) :]
    if (
        len(group) < 2
        or len(before) < len(group)
        or len(set(before)) < len(group)
        or any(len(one) != 1 for one in before)
    ):
        return {}
    if right_behind(s, group[-1]) is not None or any(
        _is_lead(s, j) for j in range(_first_free(s, since), group[0].first)
    ):
        return {}
    return {run.first: leads for run, leads in zip(group, before, strict=True)}


def _first_free(s: Sentence, since: int) -> int:
    """First token behind the lead that stands right behind the number that ends at token `since`."""
    return next(
        (
            j
            for j in range(since + 1, min(since + 6, len(s.tokens)))
            if s.tokens[j].kind == "break" or s.tokens[j].what == ","
        ),
        since + 1,
    )


def _leads(s: Sentence, runs: list[Run], k: int, bound: _Bound) -> Leads:
    run, since = runs[k], runs[k - 1].last if k else -1
    at = right_behind(s, run)
    if at is not None:
        bound.taken.add(at)
        return _up_to(s, at, since)
    before = [
        j
        for j in range(since + 1, run.first)
        if _is_lead(s, j) and j not in bound.taken and not _compared(s, j, run.first)
    ]
    if before:
        return _of(s.tokens[before[-1]])
    at = _of_chain(s, runs, k)
    if at is None:
        at = _behind(s, runs, k)
    if at is not None:
        return _of(s.tokens[at])
    if bound.last[0]:
        return bound.last
    earlier = [j for j in range(run.first) if _is_lead(s, j)]
    return _of(s.tokens[earlier[-1]]) if earlier else _ahead(s, run)


def _is_lead(s: Sentence, k: int) -> bool:
    """Whether a token names leads, not the group among which one is singled out."""
    among = any(t.what in ("among", "amongst") for t in s.tokens[max(0, k - 2) : k])
    if k and s.said(s.tokens[k - 1 - (s.tokens[k - 1].what == "in" and k > 1)]) in ("not", "but not"):
        return False  # `III and aVF, not II, have`
    return s.tokens[k].kind == "lead" or (s.tokens[k].kind == "group" and not among)


def _of(token: Token) -> Leads:
    return token.leads, token.kind == "group"


def _compared(s: Sentence, k: int, first: int) -> bool:
    """Whether a lead is only what another is compared with: `taller than in V3`, but not `than in V3 (0.8 mV)`."""
    return first - k > 2 and any(t.what == "than" or t.what.endswith(" than") for t in s.tokens[max(0, k - 2) : k])


def is_every(s: Sentence, at: int | None) -> bool:
    """Whether a bound is set for each wave of its leads: `every R wave there exceeds 1 mV`."""
    return at is not None and at > 0 and s.tokens[at - 1].what in ("every", "each", "all")


def right_behind(s: Sentence, run: Run) -> int | None:
    """The lead that a number is said to be in right behind it: `1.2 mV deep in V2`, `1.2 mV R wave in V5`, `1.2 mV is recorded in V5`, `1.2 mV up to V3`."""
    k = run.last + 1
    if (own := in_bracket(s, run)) is not None:
        return own[1]
    for j in range(k, min(k + 8, len(s.tokens))):
        token = s.tokens[j]
        if _is_lead(s, j):
            words = [t.what for t in s.tokens[k:j]]
            while words and words[-1] in _MORE - {"of"}:
                words.pop()
            fits = bool(words) and (words[-1] in _AT or words[-2:] == ["up", "to"] or words[-1] in ("through", "until"))
            return j if fits else None
        stated = j > k and s.tokens[j - 1].what in _BE
        fits = token.what in _SIZED | _AT | _MORE | _BE | {"up", "to", "through", "until"} or stated
        if not fits and token.kind not in ("quality", "measure", "finding"):
            return None
        if token.kind == "measure" and any(t.what in _BE | _AT for t in s.tokens[k:j] if t.what not in ("of", "for")):
            return None
    return None


def in_bracket(s: Sentence, run: Run) -> tuple[int, int] | None:
    """The tokens of the wave and of the lead that alone stand in brackets right behind a number: `2.9 mV (R in V5)`."""
    k = run.last + 1
    inside = next((j for j in range(k + 1, min(k + 7, len(s.tokens))) if s.tokens[j].what == ")"), None)
    if inside is None or s.tokens[k].what != "(" or s.tokens[k + 1].kind != "measure":
        return None
    rest = [j for j in range(k + 2, inside) if s.tokens[j].what not in ("in", "of", "wave", "lead")]
    return (k + 1, rest[0]) if len(rest) == 1 and s.tokens[rest[0]].kind == "lead" else None


def _up_to(s: Sentence, at: int, since: int) -> Leads:
    """The leads at a token; all from the one before where they are named as the end of a stretch: `up to V3`."""
    leads, group = _of(s.tokens[at])
    if s.tokens[at - 1].what not in ("to", "through", "until") or leads[0] not in CHEST:
        return leads, group
    before = [t.leads[0] for t in s.tokens[since + 1 : at] if t.kind == "lead" and t.leads[0] in CHEST]
    return between(before[-1] if before else CHEST[0], leads[0]), group


def joined(s: Sentence, a: Run, b: Run) -> bool:
    """Whether two numbers stand together: in a list, a comparison, or as two values of one wave (`0.2 mV and 18 ms`)."""
    inner = s.tokens[a.last + 1 : b.first]
    return len(inner) <= 6 and all(
        t.what in _JOINS or t.what in _SIZED or t.kind in ("quality", "measure") for t in inner
    )


def _of_chain(s: Sentence, runs: list[Run], k: int) -> int | None:
    """The lead right behind the last of the numbers that this one stands together with: `R 0.4 mV against S 1.1 mV in V2`."""
    for j in range(k + 1, len(runs)):
        if not joined(s, runs[j - 1], runs[j]):
            return None
        if (at := right_behind(s, runs[j])) is not None:
            return at
    return None


def _behind(s: Sentence, runs: list[Run], k: int) -> int | None:
    """A lead close behind a number in its clause that is not the next number's: `an S of 1.2 mV stands out in V2`."""
    run, waves = runs[k], 0
    for j in range(run.last + 1, min(run.last + _REACH + 1, len(s.tokens))):
        token = s.tokens[j]
        if s.aside[j] and not s.aside[run.first]:
            continue
        if s.bracketed[j] < s.bracketed[run.first]:
            return None
        apart = (
            token.what == ","
            and j + 2 < len(s.tokens)
            and s.tokens[j + 1].what == "in"
            and _is_lead(s, j + 2)
            and not _has_own(s, j + 2)
        )
        if token.kind in ("number", "break") or (token.what in (",", ";") and not apart):
            return None
        if _is_lead(s, j):
            ends = (
                any(t.kind == "break" or t.what in (",", ";") for t in s.tokens[j : runs[k + 1].first])
                if k + 1 < len(runs)
                else True
            )
            return j if ends or not any(t.what == "and" for t in s.tokens[run.last + 1 : j]) else None
        waves += token.kind == "measure"
        if waves > 1:
            return None
    return None


def _has_own(s: Sentence, at: int) -> bool:
    """Whether a number stands right behind leads, as theirs: `, in aVF 0.12 mV`."""
    ahead = next((t for t in s.tokens[at + 1 : at + 4] if t.what not in ("it", "is", "(", ":", "only", "about")), None)
    return ahead is not None and ahead.kind == "number"


def _ahead(s: Sentence, run: Run) -> Leads:
    """Where nothing is named before: the first lead behind, up to the next part of the sentence; else those of the sentence before."""
    far = (
        t for j, t in enumerate(s.tokens) if j > run.last and not (s.aside[run.first] and (s.aside[j] or t.what == ","))
    )
    stops = (t for t in far if t.kind in ("lead", "break") or t.what in (",", ";"))
    first = next(stops, None)
    at = None if first is None or first.what != "," else s.tokens.index(first) + 1
    if at is not None and at < len(s.tokens) and s.tokens[at].kind == "lead":
        first = s.tokens[at]  # `with R 0.2 mV and S 1.1 mV, V1 is`
    if first is not None and first.kind == "lead":
        return first.leads, False
    only = [t for t in s.tokens[run.last + 1 :] if t.kind == "lead"]
    if not s.leads and len(only) == 1:
        return only[0].leads, False  # `Q waves of 0.2 mV, 20 ms long, open the QRS in V5`
    return s.leads, len(s.leads) > 1


def own_lead(s: Sentence, at: int | None) -> tuple[str, ...]:
    """The lead right behind a measure of a list: `S in V1 plus R in V5`."""
    ahead = [] if at is None else s.tokens[at + 1 : at + 3]
    return next((t.leads for t in ahead if t.kind == "lead"), ())
