"""Which leads a number is said of: those since the last number, right behind it, or named before."""

from __future__ import annotations

from engine.claims.runs import Run
from engine.claims.scope import Sentence
from engine.claims.subjects import SIZE, TIME

_AT = ("in", "for", "of", "at")


def leads_of_number(
    s: Sentence, run: Run, at: int | None, runs: list[Run], own: tuple[str, ...]
) -> tuple[tuple[str, ...], bool]:
    """Leads of a number, and whether they are a group: those since the last number, else those right behind it, else the last ones named before."""
    last = max((r.last for r in runs if r.last < run.first), default=-1)
    since = [k for k in range(last + 1, run.first) if s.tokens[k].kind in ("lead", "group")]
    stop = next(
        (
            k
            for k in range(run.last + 1, len(s.tokens))
            if (s.tokens[k].kind in ("number", "break") or s.tokens[k].what in (",", ";"))
            and (s.aside[run.first] or not s.aside[k])
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
        and (since[-1] < at or _is_one_of(s, since[-1], behind))
        and _leads_on(s, run.last, behind)
    ):
        return s.tokens[behind].leads, s.tokens[behind].kind == "group"
    if behind is not None and len(since) == 1 and _in_turn(s, run.last, behind) and _in_turn(s, last, since[0]):
        return s.tokens[behind].leads, s.tokens[behind].kind == "group"
    if own:
        return own, False
    if at is not None and at > run.last:
        beyond = [k for k in range(at + 1, min(at + 5, len(s.tokens))) if s.tokens[k].kind in ("lead", "group")]
        if beyond:
            return s.tokens[beyond[0]].leads, s.tokens[beyond[0]].kind == "group"
    earlier = since or [k for k in range(run.first) if s.tokens[k].kind in ("lead", "group")]
    if earlier:
        token = s.tokens[earlier[-1]]
        return token.leads, token.kind == "group"
    if behind is not None:
        return s.tokens[behind].leads, s.tokens[behind].kind == "group"
    far = [
        t for k, t in enumerate(s.tokens) if k > run.last and not (s.aside[run.first] and (s.aside[k] or t.what == ","))
    ]
    shared = next((t for t in far if t.kind == "lead" or t.what in (",", ";") or t.kind == "break"), None)
    if shared is not None and shared.kind == "lead":
        return shared.leads, False
    return s.leads, len(s.leads) > 1


def _is_one_of(s: Sentence, group: int, lead: int) -> bool:
    """Whether one of several leads that were named is named again behind a number: `inverted in II, III and aVF, 0.14 mV deep in II`."""
    several, one = s.tokens[group].leads, s.tokens[lead].leads
    return len(several) > 1 and len(one) == 1 and one[0] in several


def _leads_on(s: Sentence, last: int, lead: int) -> bool:
    """Whether a number is said to be in a lead behind it: `1.2 mV in V5`, `1.2 mV is recorded in V5`."""
    inner = [t.what for t in s.tokens[last + 1 : lead]]
    if inner in (["in"], ["for"], ["of"]) or (len(inner) == 2 and inner[0] in SIZE and inner[1] == "in"):
        return True
    return len(inner) == 3 and inner[0] in ("is", "are", "was", "were") and inner[-1] in ("in", "for", "from")


def _in_turn(s: Sentence, last: int, lead: int) -> bool:
    """Whether a lead goes with the number that ends at token `last`: `1.2 mV deep in V2`."""
    inner = [t.what for t in s.tokens[last + 1 : lead]]
    return (
        last >= 0
        and bool(inner)
        and inner[-1] in (*_AT, "(")
        and len(inner) <= 2
        and set(inner[:-1]) <= {*SIZE, *TIME, "low"}
    )


def own_lead(s: Sentence, at: int | None) -> tuple[str, ...]:
    """The lead right behind a measure of a list: `S in V1 plus R in V5`."""
    ahead = [] if at is None else s.tokens[at + 1 : at + 3]
    return next((t.leads for t in ahead if t.kind == "lead"), ())


def _near(s: Sentence, last: int, lead: int) -> bool:
    """Whether a lead stands close behind a number, with no new subject but its own between."""
    waves = [t for k, t in enumerate(s.tokens[last + 1 : lead], last + 1) if t.kind == "measure" and not s.aside[k]]
    return lead - last <= 9 + sum(s.aside[last + 1 : lead]) and len(waves) <= 1
