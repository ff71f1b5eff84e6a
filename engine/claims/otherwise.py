"""Other readings of a number whose measure or lead is only the nearest one, and not the one that its words name.

`The start of the QRS and the end of the T wave are 360 ms apart`: nothing says outright of what the time is. A measure or lead of the same
sentence that takes the unit, and that no other number is plainly said of, may be meant instead. Which of them is meant the measurements
decide: a number that fits none of them stays with its first reading, and disagrees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from engine.claims.runs import Run
from engine.claims.scope import Sentence
from engine.claims.statement import Relation, Statement
from engine.claims.subjects import FORMULAE, named, takes_unit

_OF_LEAD = frozenset({"P", "Q", "R", "S", "T", "ST", "ST at J"})
_PAIRS = (
    ("P", "QRS", "PR"),
    ("QRS", "P", "PR"),
    ("P", "R", "PR"),
    ("QRS", "T", "QT"),
    ("S", "R", "sokolow"),
    ("R", "S", "sokolow"),
)
"""Two waves and what is measured from the one to the other, or of both together."""
_TIGHT = frozenset(
    {
        "is", "was", "are", "were", "of", "at", "=", ":", "(", "about", "approximately", "around", "roughly", "~", "a", "an", "the", "measures", "measuring", "measured",
        "lasts", "lasting", "interval", "duration", "amplitude", "width", "value", "reads", "equals", "averages", "has", "have", "being", "-", "only", "just", "nearly",
        "reaches", "reaching", "attains", "stands", "takes", "spans", "occupies", "amounts", "comes", "out", "to", "wave", "peak", "height", "depth", "@", "in", "lead", "approx", ")",
    }
)  # fmt: skip
"""Words between a measure and its number that leave no doubt of it."""
_TIGHT_KINDS = frozenset({"lead", "group", "quality", "below", "above"})
_PARTS = frozenset({",", ".", "and", "but", "that", "which", "it", "they", "whose", "who"})
"""Words that begin something new between a measure and a number."""
_DISTANCE = frozenset(
    {
        "apart", "from", "between", "separate", "separates", "separated", "distance", "gap", "far", "after", "later", "until", "till", "ahead", "earlier", "behind",
        "plus", "+", "sum", "add", "adds", "adding", "total", "together",
    }
)  # fmt: skip
"""Words of what lies between two waves, or of both of them together."""
_PRONOUNS = frozenset({"it", "its", "this", "they", "their", "these", "which", "that"})
_MOST = 8
"""Other readings of one number: more would fit by chance."""


def with_others(s: Sentence, rows: Sequence[tuple[Run, Statement]]) -> list[Statement]:
    """The numbers of a sentence, those that are weakly bound with their other readings."""
    bound = [_plainly(s, run, one) for run, one in rows]
    taken = {at for at in bound if at is not None}
    leads_taken = {(one.what, one.leads) for run, one in rows if one.leads and lead_named(s, run)}
    return [
        _opened(s, run, one, at is not None, taken, leads_taken) for (run, one), at in zip(rows, bound, strict=True)
    ]


def _plainly(s: Sentence, run: Run, one: Statement) -> int | None:
    """The token of the measure that a number is plainly said of: no comma, no other subject and no distance stands between them."""
    if one.what == "QTc" and _corrected_here(s, run):
        return -1
    tight = True
    for k in range(run.first - 1, -1, -1):
        token = s.tokens[k]
        if token.kind in ("measure", "finding"):
            if named(token) != one.what:
                break
            return k if tight or not _apart(s, k, run) else None
        tight = tight and (token.what in _TIGHT or token.kind in _TIGHT_KINDS)
        if not tight and (token.kind in ("number", "break") or token.what in _PARTS):
            break
    for k in range(run.last + 1, min(run.last + 5, len(s.tokens))):
        token = s.tokens[k]
        if token.kind == "measure":
            return k if token.what == one.what else None
        if token.what not in _TIGHT and token.kind not in _TIGHT_KINDS:
            return None
    return None


def _apart(s: Sentence, at: int, run: Run) -> bool:
    """Whether the words around a measure and its number tell of a distance, which lies between two waves."""
    first, _ = s.clause(at)
    return any(t.what in _DISTANCE for t in s.tokens[first : run.last + 3])


def _corrected_here(s: Sentence, run: Run) -> bool:
    """Whether a formula or a correction is named between the number before and this one."""
    last = max((t.end for t in s.tokens[: run.first] if t.kind == "number"), default=s.start)
    since = s.text[last : s.tokens[run.first].start].lower()
    return re.search(r"(?<!un)(?<!not )correct", since) is not None or any(name in since for name in FORMULAE)


def lead_named(s: Sentence, run: Run) -> bool:
    """Whether a lead stands right beside a number: `0.9 mV in V5`, `V5: 0.9 mV`."""
    behind = [t.kind for t in s.tokens[run.last + 1 : run.last + 4]]
    words = [t.what for t in s.tokens[run.last + 1 : run.last + 4]]
    if words[:1] in (["in"], ["("], ["at"], ["for"]) and "lead" in behind[1:3]:
        return True
    for token in reversed(s.tokens[: run.first]):
        if token.kind == "lead":
            return True
        if (token.kind in ("number", "break") and token.what != ":") or token.what in (",", "and"):
            return False
    return False


def _opened(
    s: Sentence, run: Run, one: Statement, plain: bool, taken: set[int], leads_taken: set[tuple[str, tuple[str, ...]]]
) -> Statement:
    if not one.unit or one.relation is Relation.REFERENCE:
        return one
    measures = [one.what] if plain else _measures(s, run, one, taken)
    found: list[Statement] = []
    for what in measures:
        lone = what == one.what and (plain or what not in _OF_LEAD or lead_named(s, run))
        places = _places(s, run, what, one, leads_taken)
        if lone and lead_named(s, run):
            continue
        found += [_read_as(s, one, what, leads) for leads in places]
    others = [o for o in found if (o.what, o.leads) != (one.what, one.leads)]
    return replace(one, others=tuple(dict.fromkeys(others))[:_MOST])


def _measures(s: Sentence, run: Run, one: Statement, taken: set[int]) -> list[str]:
    """Measures of the sentence that take the unit of a number and that no other number is plainly said of, the nearest first."""
    free = [
        k for k, t in enumerate(s.tokens) if k not in taken and t.kind in ("measure", "finding") and not s.knowledge[k]
    ]
    names = ["rate" if (w := named(s.tokens[k])) == "rhythm" else w for k in free]
    if not any(names) and not _stands_for(s, run):
        names += list(s.earlier)
    all_names = [named(t) for t in s.tokens if t.kind == "measure"]
    all_names += list(reversed(s.earlier)) if not set(all_names) - {"ECG"} and not _stands_for(s, run) else []
    pairs = [made for a, b, made in _PAIRS if a in all_names and b in all_names[all_names.index(a) :]]
    if "QTc" not in names and any(f in s.text[s.start : s.end].lower() for f in FORMULAE):
        pairs.append("QTc")
    near = sorted(zip([abs(s.tokens[k].start - one.start) for k in free], names, strict=False))
    ordered = [name for _, name in near] + names[len(free) :] + pairs
    return [name for name in dict.fromkeys(ordered) if name and takes_unit(name, one.unit)]


def _stands_for(s: Sentence, run: Run) -> bool:
    """Whether a pronoun in front of a number says that it is of what was named last: `It has a width of 92 ms`."""
    return any(t.what in _PRONOUNS for t in s.tokens[: run.first])


def _places(
    s: Sentence, run: Run, what: str, one: Statement, leads_taken: set[tuple[str, tuple[str, ...]]]
) -> list[tuple[str, ...]]:
    """Leads that a number of this measure may be said of: none of what is measured of the whole, else those of the sentence."""
    if what not in _OF_LEAD or one.unit == "ms":
        return [()]
    if what == one.what and lead_named(s, run):
        return [one.leads]
    here = [t.leads for t in s.tokens if t.kind == "lead"] or [s.leads]
    return [leads for leads in dict.fromkeys(here) if len(leads) == 1 and (what, leads) not in leads_taken]


def _read_as(s: Sentence, one: Statement, what: str, leads: tuple[str, ...]) -> Statement:
    detail = "duration" if one.unit == "ms" else "amplitude"
    if what == "QTc":
        said = s.text[s.start : s.end].lower()
        formulae = [f for f in FORMULAE if f in said]
        detail = formulae[0] if len(formulae) == 1 else ""
    elif what in ("ST", "ST at J"):
        detail = one.detail
    return replace(one, what=what, leads=leads, loose=False, detail=detail, others=())
