"""How far a quality reaches: not past a clause that names another subject, not past its own noun, and not to a measure that its own number cannot be of."""

from __future__ import annotations

from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.lex import Token
from engine.claims.language.lexicon import BE
from engine.claims.language.scope import Sentence

_BEGIN = frozenset({"if", "when", "as", "since", "unless", "because"})
"""Words that begin a clause and end no denial."""
_POINTS = frozenset({"it", "they", "this", "these", "that", "those", "which", "there", "both", "all", "each", "neither", "either", "one", "here", "and", "or", "wave", "waves", "interval", "intervals", "segment", "segments", "deflection", "value", "duration", "time", "width", "length", "former", "latter"})  # fmt: skip
_BE = BE | {"remains", "remain"}
_NAMES = frozenset({"measure", "finding"})
_OF_UNIT = {"/min": frozenset({"rate", "rhythm", "RR"}), "deg": frozenset({"axis", "other axis"})}
"""Units of which one measure alone has values."""


def reach(s: Sentence, k: int) -> int:
    """The token in front of the clause that a quality at token k reaches back to at most: the nearest one that names a measure, a finding or another subject."""
    named = False
    for j in range(k - 1, -1, -1):
        token = s.tokens[j]
        if s.bracketed[j] > s.bracketed[k] or (s.aside[j] and not s.aside[k]):
            continue
        if named and _is_border(token):
            return j
        named = named or token.kind in _NAMES or _is_noun_of_clause(s, j)
    return -1


def _is_border(token: Token) -> bool:
    return (token.kind == "break" and token.what != ":") or token.what in _BEGIN


def _is_noun_of_clause(s: Sentence, j: int) -> bool:
    """Whether a plain noun stands before a verb of being, as its subject: `although the amplitudes are low`."""
    token, ahead = s.tokens[j], s.tokens[j + 1 : j + 2]
    if token.kind != "word" or token.what in _POINTS or not ahead or ahead[0].what not in _BE:
        return False
    return j == 0 or (s.tokens[j - 1].kind not in ("measure", "finding", "quality", "lead") and token.what not in _BE)


_NO_NOUN = frozenset({"is", "was", "as", "this", "thus", "always", "across", "has", "does", "its", "besides", "perhaps", "versus", "plus", "minus", "unless", "less", "towards", "suggests", "indicates", "intervals", "complexes", "beats", "gaps", "distances"})  # fmt: skip
_JOINS = frozenset({"and", "or", "but", ",", "then"})


def is_of_noun(s: Sentence, k: int) -> bool:
    """Whether a quality stands before a plural noun of its own that is no measure: `short cycles alternating with long ones`."""
    back = s.tokens[k - 1] if k else None
    if back is not None and (back.kind in ("measure", "not") or back.what in _BE):
        return False
    j = k + 1
    while j + 1 < len(s.tokens) and s.tokens[j].what in _JOINS and s.tokens[j + 1].kind == "quality":
        j += 2
    token = s.tokens[j] if j < len(s.tokens) else None
    return (
        token is not None
        and token.kind == "word"
        and len(token.what) > 3
        and token.what.endswith("s")
        and not token.what.endswith("ss")
        and token.what not in _NO_NOUN
    )


_JUDGED = ("acceptable", "appropriate", "adequate", "as expected", "satisfactor", "concordant", "reassuring")
_VIEW = frozenset({"given", "considering", "view", "presence", "context", "setting", "light", "for", "to", "because", "with"})  # fmt: skip
_DISTURBS = frozenset({"wide", "long", "pathological", "abnormal", "inverted", "changed", "fast", "slow"})


def is_relative(s: Sentence, k: int) -> bool:
    """Whether a quality calls normal only what goes with something abnormal: `acceptable given the wide QRS`, `appropriate for the block`."""
    if s.tokens[k].what != "normal" or not s.said(s.tokens[k]).startswith(_JUDGED):
        return False
    _, last = s.clause(k)
    view = next((j for j in range(k + 1, min(k + 4, last)) if s.tokens[j].what in _VIEW), None)
    if view is None:
        return False
    return any(
        (t.kind == "finding" and not t.what.startswith(("normal", "no ", "narrow", "regular")))
        or t.what in _DISTURBS
        or (t.what == "QRS" and any(x.kind == "number" and x.number >= 120 for x in s.tokens[j : j + 4]))
        for j, t in enumerate(s.tokens[view:last], view)
    )


_OF_NUMBER = frozenset({"at", "of", "near", "about", "around", "with", "only", "just", "a", "some", "nearly", "almost", "roughly", "close", "to"})  # fmt: skip


def own_unit(s: Sentence, k: int) -> str:
    """The unit of the number right behind a quality, where one measure alone has it: `slow at 55 beats a minute`."""
    j = k + 1
    while j < len(s.tokens) and s.tokens[j].what in _OF_NUMBER:
        j += 1
    ahead = s.tokens[j : j + 2]
    unit = ahead[1].what if [t.kind for t in ahead] == ["number", "unit"] and j > k + 1 else ""
    takes = any(s.tokens[k].what in ACCEPTS.get(one, {}) for one in _OF_UNIT.get(unit, ()))
    return unit if takes else ""


_EXCEPT = ("apart from", "aside from", "other than", "except", "besides", "save for", "with the exception of")


def is_excepted(s: Sentence, j: int) -> bool:
    """Whether the measure at token j is what something is not said of: `apart from the fast rate there is nothing abnormal`."""
    for k in range(j - 1, max(-1, j - 5), -1):
        if s.tokens[k].what.startswith(_EXCEPT):
            return True
        if s.tokens[k].kind not in ("word", "quality"):
            return False
    return False


def takes_unit(measure: str, unit: str) -> bool:
    """Whether a measure may have a value in that unit; any where no unit is told."""
    return not unit or measure in _OF_UNIT[unit]
