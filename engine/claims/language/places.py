"""Which leads a finding is said of: its own wall, those named around it, those of the sentence before."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.claims.language import leads as names
from engine.claims.language import lexicon as words
from engine.claims.language.extents import is_end_of_range
from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.statement import MOST, ONLY, Statement
from ingest.frame import CHEST, LEADS

LOCAL = {
    "ST elevation", "ST depression", "isoelectric ST", "ST deviation", "normal ST-T", "ST-T changes", "T wave inversion", "upright T waves", "flat T waves",
    "normal T waves", "peaked T waves", "shape of T waves", "T wave changes", "pathological Q waves", "Q waves", "normal Q waves", "inverted P waves", "upright P waves",
    "infarct", "acute infarct", "ischaemia", "acute ischaemia", "ST elevation infarct", "positive QRS", "negative QRS", "rS complex", "QS complexes", "ST elevation at J", "ST depression at J", "ST deviation at J", "isoelectric ST at J", "isoelectric ST later", "raised ST later", "equal R and S", "S waves", "dominant R", "dominant S", "terminal R", "terminal S", "notched R",
}  # fmt: skip
"""Findings that are said of leads."""
_HERE = re.compile(
    r"\b(?:its|here|th(?:is|ese|at|ose) (?:leads?|territory|region|area|wall)|same lead|there)\b", re.IGNORECASE
)


@lru_cache(maxsize=1)
def _group_pattern() -> re.Pattern[str]:
    return re.compile(words.GROUP, re.IGNORECASE)


def leads_of(s: Sentence, first: int, last: int) -> tuple[tuple[str, ...], bool]:
    """Leads of a finding: its own wall, those behind it in its clause, else the last ones before it."""
    onward = last + 1 + any(t.what in ("only", "also", "just", "solely") for t in s.tokens[last + 1 : last + 2])
    near = s.tokens[onward : onward + 2]
    apart = any(t.kind == "break" or t.what == "," for t in s.tokens[first:last])
    if apart and len(near) == 2 and near[0].what in ("in", "for", "at", "across") and near[1].kind == "lead":
        return near[1].leads, False
    if s.tokens[last].kind == "quality" and any(t.what in _REST for t in s.tokens[max(0, last - 2) : last + 3]):
        named = {lead for t in s.tokens if t.kind in ("lead", "group") for lead in t.leads}
        before = [lead for t in s.tokens[:last] if t.kind == "lead" for lead in t.leads if lead in CHEST][-1:]
        if before and not {"otherwise", "elsewhere"} & {t.what for t in s.tokens[max(0, last - 2) : last + 3]}:
            return tuple(CHEST[CHEST.index(before[0]) + 1 :]), False
        return tuple(lead for lead in LEADS if lead not in named | {"aVR"}), True
    begins, _ = s.clause(last)
    if any(t.what in ("else", "elsewhere") for t in s.tokens[begins:last]) and not _within_clause(s, begins, last):
        named = {lead for t in s.tokens[:begins] if t.kind in ("lead", "group") for lead in t.leads}
        among = next((t.leads for t in s.tokens[begins:last] if t.kind == "group"), LEADS)
        return tuple(lead for lead in among if lead not in named | {"aVR"}), s.tokens[last].what not in _CHANGES
    rest = next((t for t in s.tokens[last + 1 : last + 4] if t.kind == "group"), None)
    if (
        rest is not None
        and rest.what == "all"
        and re.match(r"(?:all |every |the |each )*(?:remaining|other)", s.said(rest))
    ):
        named = {lead for t in s.tokens[:last] if t.kind == "lead" for lead in t.leads}
        return tuple(lead for lead in LEADS if lead not in named | {"aVR"}), True
    if (
        apart
        and (own_clause := [t for t in s.tokens[max(begins, first) : last] if t.kind == "lead"])
        and begins > first
    ):
        return own_clause[-1].leads, False
    own = _group_pattern().search(s.text, s.tokens[first].start, s.tokens[last].end)
    if (
        own is not None
        and not _is_of_other(s, first, last, own.start())
        and (leads := names.GROUPS.get(names.group(own.group().split()[0])))
    ):
        return leads, True
    if first and s.tokens[first - 1].kind == "group":
        return s.tokens[first - 1].leads, True
    if s.tokens[first].what in _OF_ONE and (bearer := _bearer(s, first)) is not None:
        return bearer.leads, False
    if first < last and len(near) == 2 and near[0].what in ("in", "for", "at", "across") and near[1].kind == "lead":
        return _all_of_list(s, near[1]), False
    within = [t for t in s.tokens[first:last] if t.kind in ("lead", "group")]
    if within and apart and within[-1] is not s.tokens[last - 1] and (own_lead := _own_leads(s, last)) is not None:
        return own_lead.leads, own_lead.kind == "group"
    if within:
        return within[-1].leads, within[-1].kind == "group"
    earlier = [t for k, t in enumerate(s.tokens[:first]) if _may_be_of(s, k, first)]
    behind = _leads_behind(s, last, bool(earlier))
    token = behind or (earlier[-1] if earlier else None)
    if token is not None:
        if token.kind == "group" and (beside := _beside(s, token)) is not None:
            return beside.leads, False
        return _all_of_list(s, token) if token is behind else token.leads, token.kind == "group"
    if s.leads and (s.answers or s.turned or _HERE.search(s.text, s.start, s.end)):
        return s.leads, len(s.leads) > 1
    return (), True


def _is_of_other(s: Sentence, first: int, last: int, at: int) -> bool:
    """Whether the group at a place is that of a quality before it, and the last one has leads of its own: `flat in all limb leads and inverted in V4`."""
    near = s.tokens[last + 1 : last + 3]
    own = len(near) == 2 and near[0].what in ("in", "for", "at", "across") and near[1].kind == "lead"
    return own and any(t.kind == "quality" and t.start < at for t in s.tokens[first + 1 : last])


_CHANGES = frozenset({"inverted", "depressed", "elevated", "under", "above"})
"""Said of everywhere else they are said of each lead."""


def _within_clause(s: Sentence, begins: int, last: int) -> bool:
    """Whether a clause names leads of its own up to two tokens behind its finding."""
    return any(t.kind == "lead" for t in s.tokens[begins : last + 3])


_TO_LEADS = frozenset(
    {
        "in",
        "at",
        "for",
        "across",
        "over",
        "by",
        "of",
        "all",
        "the",
        "both",
        "most",
        "every",
        "-",
        "and",
        "lead",
        "leads",
        "only",
        "also",
        "just",
    }
)


def _own_leads(s: Sentence, last: int) -> Token | None:
    """The leads right behind a quality at token `last` that other leads of its wave stand before: `upright in V2 to V6, near-flat negative in III`."""
    for j in range(last + 1, len(s.tokens)):
        token = s.tokens[j]
        if token.kind in ("lead", "group"):
            return token if j > last + 1 else None
        if token.kind not in ("quality", "number", "unit") and token.what not in _TO_LEADS:
            return None
    return None


_ONWARD = frozenset({"and", ",", "in", "also", "as", "well", "less", "more", "lead", "leads", "too"})


def _all_of_list(s: Sentence, token: Token) -> tuple[str, ...]:
    """The leads at a token, with the one that their list goes on to."""
    return tuple(dict.fromkeys((*token.leads, *(_going_on(s, token) if token.kind == "lead" else ()))))


def _going_on(s: Sentence, token: Token) -> tuple[str, ...]:
    """The lead that a list goes on to behind words of its own: `inverted in V1 to V3 and, slightly, also in aVF`; nothing where something else is said of it."""
    k = first = _behind_bracket(s, s.tokens.index(token) + 1)
    while k < len(s.tokens) and (s.tokens[k].what in _ONWARD or s.tokens[k].what.endswith("ly")):
        k += 1
    words = [t.what for t in s.tokens[first:k]]
    if (
        k >= len(s.tokens)
        or s.tokens[k].kind != "lead"
        or words[:1] not in (["and"], [","], ["as"])
        or words[-1:] != ["in"]
        or not {"and", "well"} & set(words)
    ):
        return ()
    behind = s.tokens[k + 1 : k + 2]
    ends = not behind or behind[0].kind == "break" or behind[0].what in (".", ",", ";")
    return s.tokens[k].leads if ends else ()


def _behind_bracket(s: Sentence, k: int) -> int:
    """The token behind the bracket that opens at token k; k where none does."""
    if [t.what for t in s.tokens[k : k + 1]] != ["("]:
        return k
    return next((j + 1 for j in range(k, len(s.tokens)) if s.tokens[j].what == ")"), k)


_REST = frozenset({"otherwise", "elsewhere", "then", "thereafter"})
_EXCEPT = ("apart from", "except", "other than", "aside from", "save for", "with the exception of")


def _is_excepted(s: Sentence, k: int) -> bool:
    """Whether leads are those that something is not said of: `apart from aVR`, or those among which one is the only one."""
    before = s.tokens[max(0, k - 2) : k]
    if before and before[-1].kind == "not" and s.said(before[-1]) == "not":
        return True  # `III and aVF, not II, have`
    if before and before[-1].what in ("but", "save") and s.tokens[k - 2].kind == "group":
        return True  # `all chest leads but V4`
    return any(t.what.startswith(_EXCEPT) for t in before) or (
        s.tokens[k].kind == "group" and bool({"only", "among", "amongst"} & {t.what for t in before})
    )


def _may_be_of(s: Sentence, k: int, first: int) -> bool:
    """Whether token k names leads that a finding behind them may be said of."""
    return s.tokens[k].kind in ("lead", "group") and not (_is_excepted(s, k) or _is_adjective(s, k, first))


def _is_adjective(s: Sentence, k: int, first: int) -> bool:
    """Whether the group at token k describes another wave, of a clause before: `the precordial T waves are upright, so the ST depression is`."""
    ahead = s.tokens[k + 1 : k + 2]
    return (
        s.tokens[k].kind == "group"
        and [t.kind for t in ahead] == ["measure"]
        and s.tokens[first].kind in ("measure", "finding")
        and s.tokens[first].what != ahead[0].what
        and any(t.kind == "break" for t in s.tokens[k:first])
    )


_OF_ONE = frozenset({"positive QRS", "negative QRS", "rS complex", "QS complexes"})
_BEARS = frozenset({"a", "an", "the", "has", "have", "having", "shows", "show", "showing", "displays", "display", "with", "carries", "carry", "bears", "bear", "exhibits", "exhibit", "small", "similar"})  # fmt: skip


def _bearer(s: Sentence, first: int) -> Token | None:
    """The lead that a form of the QRS at token `first` is said of before it: `III has an rS complex and aVL a qR complex`."""
    k = first - 1
    while k >= 0 and s.tokens[k].what in _BEARS:
        k -= 1
    return s.tokens[k] if 0 <= k < first - 1 and s.tokens[k].kind == "lead" else None


def _leads_behind(s: Sentence, last: int, known: bool) -> Token | None:
    """Leads behind token `last` in the same clause; past `and` and `or` those of the next finding count too."""
    for j in range(last + 1, min(last + 16 + sum(s.aside[last:]), len(s.tokens))):
        if s.aside[j] and not s.aside[last]:
            continue
        token, back = s.tokens[j], s.tokens[j - 1]
        if token.kind in ("lead", "group"):
            return None if known and _is_excepted(s, j) else token
        if token.what == ":" and j == last + 1:
            continue
        if token.kind in ("number", "unit"):
            continue
        if token.kind == "break":
            return None
        if token.what in ("present", "absent") or token.kind == "after":
            continue
        joined = back.what in ("or", "and", "nor", "/", "of", "significant") or back.kind in (
            "not",
            "measure",
            "quality",
        )
        if is_end_of_range(s, j):
            continue
        if token.kind in ("measure", "finding", "quality") and not joined:
            return None
        if token.what == "," and known:
            return None
    return None


def _beside(s: Sentence, token: Token) -> Token | None:
    """Leads named in brackets or right behind the name of a wall."""
    k = s.tokens.index(token)
    for ahead in s.tokens[k + 1 : k + 4]:
        if ahead.kind == "lead":
            return ahead
        if ahead.what not in ("(", ",", "leads", "lead", ":", "particularly", "namely", "including"):
            return None
    return None


def wrong_walls(s: Sentence) -> list[Statement]:
    """Leads that stand beside the name of a wall which they do not look at: `inferior leads (V2-V4)`."""
    found = _not_of_chest(s)
    for token in s.tokens:
        if token.kind != "group" or token.what == "all":
            continue
        beside = _beside(s, token)
        allowed = names.WIDER.get(token.what, names.GROUPS.get(token.what, ()))
        if beside is not None and not set(beside.leads) <= set(allowed):
            found.append(Statement("lead", token.start, beside.end, f"{token.what} leads", beside.leads))
    return found


_TO = re.compile(r" (?:to|through|until) |-")


def _not_of_chest(s: Sentence) -> list[Statement]:
    """A progression of the R wave from a chest lead to a limb lead."""
    if not any(t.what in ("normal R wave progression", "RWP") for t in s.tokens):
        return []
    leads = (t for t in s.tokens if t.kind == "lead" and len(t.leads) > 1 and _TO.search(s.said(t)))
    mixed = (t for t in leads if {t.leads[0][0] == "V", t.leads[-1][0] == "V"} == {True, False})
    return [Statement("lead", t.start, t.end, "precordial leads", t.leads) for t in mixed]


def made(s: Sentence, name: str, at: int, k: int) -> Statement:
    """A finding whose words are the tokens at and k."""
    first, last = min(at, k), max(at, k)
    start, end = s.tokens[first].start, s.tokens[last].end
    ends = s.tokens[k + 1 : k + 3]
    apart = bool(ends) and ends[0].what == "neither" and all(t.kind in ("break", "mark") for t in ends[1:])
    apart = apart or (len(ends) == 2 and ends[0].what in ("in", "of", "for", "at") and ends[1].what == "neither")
    negated = apart or s.negated[k] or (s.negated[at] and abs(k - at) <= 3)
    leads, loose = ((), True) if name not in LOCAL else leads_of(s, first, last)
    if name in LOCAL and not leads and first and s.said(s.tokens[first - 1]) in _EVERY:
        leads = LEADS
    every = loose and bool(leads) and _is_of_every(s, first, leads)
    detail = "" if negated or not leads else _how_many(s, first, last, leads)
    return Statement("finding", start, end, name, leads, loose, negated=negated, every=every, detail=detail)


_ALONE = re.compile(
    r"\b(?:only|solely|exclusively|alone|confined to|limited to|restricted to|isolated to|nowhere else|no other lead)\b",
    re.IGNORECASE,
)
_LITTLE = re.compile(
    r"\bonly (?=(?:\w+ly |a |an |just |some |very |mild|faint|weak|small|tiny|low|short|about|[-+\d.]|barely|minim|marginal|borderline))",
    re.IGNORECASE,
)
"""Where `only` makes less of what follows and does not leave out other leads."""


def _how_many(s: Sentence, first: int, last: int, leads: tuple[str, ...]) -> str:
    """Whether a clause says that its finding is there in no other leads (`only in V3`, `confined to V3`), or in most of them."""
    begins, ends = s.clause(last)
    begins = min(begins, s.clause(first)[0])
    said = s.text[s.tokens[begins].start : s.tokens[ends - 1].end]
    if any(t.kind == "group" and t.leads == leads and s.said(t).startswith("most") for t in s.tokens):
        return MOST
    if any(t.kind == "finding" or (t.kind == "number") for t in s.tokens[begins:ends] if t is not s.tokens[first]):
        return ""
    if any(t.kind == "group" and t.leads != LEADS for t in s.tokens[begins:ends]):
        return ""  # `aVR is the only limb lead with`
    named = any(t.kind == "lead" and t.leads == leads for t in s.tokens[begins:ends])
    return ONLY if named and _ALONE.search(_LITTLE.sub("", said)) else ""


_EVERY = frozenset({"all", "every", "each", "throughout"})
_WITHIN = frozenset({"of", "the", "twelve", "12", "six"})


def _is_of_every(s: Sentence, first: int, leads: tuple[str, ...]) -> bool:
    """Whether a finding is said of every lead of a group: `in all leads`, `in each of the chest leads`, `all T waves`."""
    if leads == LEADS and first and s.said(s.tokens[first - 1]) in _EVERY:
        return True
    for k, token in enumerate(s.tokens):
        if token.kind != "group" or token.leads != leads:
            continue
        j = k - 1
        while j >= 0 and s.said(s.tokens[j]) in _WITHIN:
            j -= 1
        own = re.split(r"\W", s.said(token))[0]
        if own in _EVERY | {"everywhere"} or (j >= 0 and s.said(s.tokens[j]) in _EVERY):
            return True
    return False
