"""Leads of which a sentence says the opposite of what it says of others: `upright in V5 but not in V6`, `isoelectric except in V2`, `whereas V5 is not`."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.language.lex import Token
from engine.claims.language.places import LOCAL
from engine.claims.language.scope import Sentence
from engine.claims.statement import ONLY, Statement
from ingest.frame import LEADS

_TO = r"(?: (?:in|for|at|of|that of|those of|the|lead|leads))*"
_BEFORE = re.compile(
    rf"(?:\b(?:but|and|though|yet),? not|, not|\bnot so|\bunlike|\bin contrast (?:to|with)|\bas opposed to|\bexcept(?:ing|ed)?(?: for)?|\bsave(?: for)?|\bapart from|\bother than|\baside from"
    rf"|\bwith the (?:sole |single |only )?exceptions? of|\bexcluding|\bthe (?:opposite|reverse)(?: is (?:true|seen|so))?|\b(?:all|every|each|none|no)\b[^.;:,]{{0,24}}\bbut){_TO} $",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"^,? ?(?:it |they |this |that )?(?:(?:is|are|does|do|has|have|was|were) not|(?:is|are) the (?:opposite|reverse|exception)s?)(?= ?[.,;)]|$)",
    re.IGNORECASE,
)
_EVERYWHERE = tuple(lead for lead in LEADS if lead != "aVR")
_NO_LEAD_BUT = re.compile(r"\b(?:no|none|neither)\b[^.;:,]{0,30}\b(?:other than|except|but|save|apart from)\b[^.;:,]{0,12}$", re.IGNORECASE)  # fmt: skip
"""In front of a lead: what follows is denied of all others, `no lead other than aVR shows`."""
_ALONE = re.compile(r"\b(?:only|solely|alone|confined|limited|restricted|sole)\b", re.IGNORECASE)
_OPPOSITE = {"isoelectric ST": "ST deviation"}
"""Findings that one of another name denies: one that lies below its limit is an exception too."""
_SLIGHT = {"ST deviation": "slight ST deviation", "ST elevation": "slight ST elevation", "ST depression": "slight ST depression"}  # fmt: skip
_DENIED = {"Q waves": "pathological Q waves"}
"""What is denied where a wave of that name is."""


def contrasted(s: Sentence, found: list[Statement]) -> list[Statement]:
    """The findings, with what a sentence says of the leads that it sets apart from others: the opposite of its nearest finding of leads, which is not said of them."""
    if not any(one.what in LOCAL for one in found):
        return found
    told, added = list(found), []
    for token in s.tokens:
        if token.kind not in ("lead", "group") or not token.leads or not _is_apart(s, token):
            continue
        one = _nearest(s, [one for one in told if one.what in LOCAL], token)
        if one is None:
            continue
        if one.detail == ONLY or _ALONE.search(s.text, s.start, s.end) is not None:
            also = (*one.leads, *token.leads) if one.detail == ONLY else one.leads
            told[told.index(one)] = replace(one, leads=tuple(dict.fromkeys(also)))
            continue  # `apart from aVR, T is inverted in V1 alone` says nothing else of aVR
        if one.start > token.start and _NO_LEAD_BUT.search(s.text[s.start : token.start]) is not None:
            told[told.index(one)] = one = replace(one, negated=True)
        rest = tuple(lead for lead in one.leads or _EVERYWHERE if lead not in token.leads)
        told[told.index(one)] = replace(one, leads=rest, loose=one.loose or not one.leads) if rest else one
        added.append(_opposite(token, one))
    return told + added


def _is_apart(s: Sentence, token: Token) -> bool:
    if _BEFORE.search(s.text[s.start : token.start]) is not None:
        return True
    return _BEHIND.match(s.text[token.end : s.end]) is not None


def _nearest(s: Sentence, ones: list[Statement], token: Token) -> Statement | None:
    """The last finding before leads that are not its own, else the first behind them, which comes first in a clause of its own: `inverted in aVL, all leads save aVR having upright T waves`."""
    before = [one for one in ones if one.end <= token.start]
    behind = [one for one in ones if one.start >= token.end]
    apart = bool(before and behind) and "," in s.text[before[-1].end : token.start]
    own = apart and "," not in s.text[token.end : behind[0].start]
    one = before[-1] if before and not own else behind[0] if behind else None
    return None if one is None or (one.leads == token.leads and not one.loose) else one


def _opposite(token: Token, one: Statement) -> Statement:
    name = _OPPOSITE.get(one.what, one.what)
    negated = one.negated if name != one.what else not one.negated
    name = _DENIED.get(name, name) if negated else name
    maybe = ((_SLIGHT[name], token.leads),) if name in _SLIGHT and not negated else ()
    return replace(
        one, what=name, start=token.start, end=token.end, leads=token.leads, loose=token.kind == "group", negated=negated,
        maybe=maybe, detail="", every=False,
    )  # fmt: skip
