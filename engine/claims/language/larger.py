"""Which wave of the QRS a sentence calls the larger: `R already exceeds S in V2`, `S is deeper than R is tall in V1`."""

from __future__ import annotations

from engine.claims.language.leads import between
from engine.claims.language.places import leads_of
from engine.claims.language.scope import Sentence
from engine.claims.statement import Statement
from ingest.frame import CHEST

_WAVES = frozenset({"R", "S", "Q"})
_MORE = frozenset({"dominates", "dominate", "dominating", "outweighs", "outweigh", "outgrows", "outgrow", "overtakes", "overtake", "overtaking", "dwarfs", "ahead", "larger", "taller", "bigger", "deeper", "higher", "surpasses", "surpass", "beats", "passes", "exceeds", "exceed"})  # fmt: skip
_LESS = frozenset({"smaller", "shorter", "lower", "shallower"})
_TURNS = ("becom", "overtak", "outgrow", "first", "only", "until", "not", "between", "surpass", "grows")
"""Words of the place where R overtakes S."""
_REACH = 8
"""Tokens between the two waves."""
_ON = frozenset({"on", "onward", "onwards"})


def compared(s: Sentence, k: int) -> list[Statement]:
    """The finding that a comparison of the wave at token k with the next one makes; nothing where it compares none."""
    if s.tokens[k].what not in _WAVES:
        return []
    j = next((j for j in range(k + 1, min(k + _REACH, len(s.tokens))) if s.tokens[j].kind == "measure"), None)
    if j is None or s.tokens[j].what not in _WAVES or s.tokens[j].what == s.tokens[k].what:
        return []
    inner = s.tokens[k + 1 : j]
    if any(t.kind in ("break", "number", "lead") or t.what == "," for t in inner):
        return []
    more = any(t.kind == "above" or t.what in _MORE for t in inner)
    if not more and not any(t.kind == "below" or t.what in _LESS for t in inner):
        return []
    first, second = s.tokens[k].what, s.tokens[j].what
    if "R" not in (first, second):
        return []
    at = next((i for i in range(j + 1, len(s.tokens)) if s.tokens[i].kind == "lead"), None)
    named = next((i for i in range(k - 1, max(-1, k - 5), -1) if s.tokens[i].kind == "lead"), None)
    if at is None and named is not None and any(t.what == "only" for t in s.tokens[max(0, named - 3) : named]):
        found = s.tokens[named].leads
        return [Statement("finding", s.tokens[named].start, s.tokens[j].end, "transition zone", found, len(found) > 1)]
    if (
        (first == "R") == more
        and named is not None
        and s.tokens[named - 1].what == "between"
        and len(s.tokens[named].leads) == 2
    ):
        found = tuple(between(*s.tokens[named].leads))
        return [Statement("finding", s.tokens[named].start, s.tokens[j].end, "transition zone", found, True)]
    if (first == "R") == more and at is not None and any(t.what.startswith(_TURNS) for t in s.tokens[k + 1 : at]):
        found = s.tokens[at].leads
        return [Statement("finding", s.tokens[k].start, s.tokens[at].end, "transition zone", found, len(found) > 1)]
    name = "dominant R" if (first == "R") == more else "dominant S"
    leads, loose = leads_of(s, k, j)
    if at is not None and s.tokens[at].leads == leads:
        leads = onward(s, at)
    return [Statement("finding", s.tokens[k].start, s.tokens[j].end, name, leads, loose, negated=any(s.negated[k:j]))]


def onward(s: Sentence, at: int) -> tuple[str, ...]:
    """The leads at a token; all from there on where they are named so: `from V4 onward`, `from V3`."""
    leads = s.tokens[at].leads
    ahead = s.tokens[at + 1].what if at + 1 < len(s.tokens) else ""
    from_here = at > 0 and s.tokens[at - 1].what == "from" and ahead not in ("to", "through", "until")
    if len(leads) == 1 and leads[0] in CHEST and (ahead in _ON or from_here):
        return between(leads[0], CHEST[-1])
    return leads
