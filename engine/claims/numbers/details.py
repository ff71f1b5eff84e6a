"""Words around a number that decide which reading is meant: duration or amplitude, direction, the point of an ST level, the formula of a QTc."""

from __future__ import annotations

import re

from engine.claims.language.scope import Sentence
from engine.claims.numbers.runs import Run
from engine.claims.numbers.subjects import FORMULAE, SIZE, TIME


def detail_of(s: Sentence, at: int | None, run: Run, what: str, since: int) -> str:
    """Words between subject and number that decide which reading is meant, joined by spaces."""
    said = s.text[s.start : s.end].lower()
    if what == "QTc":
        name = s.said(s.tokens[at]) if at is not None else ""
        for mark, formula in (("b", "bazett"), ("f", "fridericia")):
            if name.replace("-", "").replace(" ", "").endswith(f"qtc{mark}"):
                return formula
        return _formula(s, run, said)
    low, high = min(at if at is not None else run.first, run.first), max(at if at is not None else run.last, run.last)
    if since >= 0:
        since = max((k for k in range(since, run.first) if s.tokens[k].what.startswith(",")), default=since)
    near = [
        t
        for t in s.tokens[max(0, low - 1) : _window_end(s, high)]
        if t.start > (s.tokens[since].start if since >= 0 else -1)
    ]
    if at is not None and since < 0:
        near.append(s.tokens[at])
    inner = [w for t in near for w in s.said(t).split()]
    kinds = ["duration"] if any(w in TIME for w in inner) else []
    kinds += ["amplitude"] if any(w in SIZE for w in inner) else []
    first, last = s.clause(run.first)
    around = {t.what for t in s.tokens[first : max(last, high + 3)] if t.kind in ("quality", "finding")}
    if at is not None and at < first:
        around |= {t.what for t in s.tokens[at:first] if t.kind == "quality"}
    kinds += [
        d
        for d in ("depressed", "elevated", "inverted")
        if d in around
        or {"depressed": "ST depression", "elevated": "ST elevation", "inverted": "T wave inversion"}[d] in around
    ]
    if what in ("ST", "ST at J"):
        kinds = [kind for kind in kinds if kind not in _WAYS] + _way(s, run, since, around | set(kinds))
    if what in ("P", "T") and "inverted" not in kinds and _is_depth(s, run):
        kinds.append("inverted")
    return " ".join(_of_level(s, run, at, since, said, kinds) if what in ("ST", "ST at J") else kinds)


def _of_level(s: Sentence, run: Run, at: int | None, since: int, said: str, kinds: list[str]) -> list[str]:
    """The words of an ST level with the point at which it is told; one that the segment comes back to has the direction that it is given there, or any."""
    part = _part(s, run, at, said)
    kinds = kinds + _of_st(s, part, kinds)
    back = _BACK.search(s.text, s.start, s.tokens[run.first].start) is not None
    if back:
        kinds = [*(kind for kind in kinds if kind not in ("j", "later")), "later"]
    if back or (part != said and "later" in kinds and _is_plainly_later(s, run, part)):
        own = _has_way(s, run, since)
        kinds = [
            *(kind for kind in kinds if own or kind not in ("depressed", "elevated")),
            "only",
            *([] if own else ["unsigned"]),
        ]
    return kinds


def _has_way(s: Sentence, run: Run, since: int) -> bool:
    """Whether a level that is told behind that of J has a direction of its own: `resolves to 0.04 mV` has none."""
    if s.text[s.tokens[run.first].start] in "+-":
        return True
    return any(max(since, 0) < k < run.first or run.last < k < run.last + 4 for k, _ in _ways(s))


_WAYS = {"depressed": "depressed", "ST depression": "depressed", "under": "depressed", "elevated": "elevated", "ST elevation": "elevated", "above": "elevated"}  # fmt: skip
"""By word of a direction the one that it gives an ST level."""


_DOWN = frozenset({"down", "low", "lower", "lowered", "drops", "dropped", "falls", "dips", "sags", "sinks", "downward", "downwards", "depressed", "deep"})  # fmt: skip
_UP = frozenset({"up", "high", "higher", "lifted", "rises", "raised", "upward", "upwards", "elevated", "climbs"})

_SIZED = frozenset({"deep", "low", "lower", "high", "higher"})
"""Of these words those that describe a wave as well."""


def _way(s: Sentence, run: Run, since: int, around: set[str]) -> list[str]:
    """The direction of an ST level: the word beside its number, the one of its clause, else the nearest where the sentence names both."""
    if s.text[s.tokens[run.first].start] == "+":
        return ["signed"]
    before = s.tokens[max(since + 1, run.first - 3) : run.first][::-1]
    stop = next((k for k, t in enumerate(before) if t.kind == "break" or t.what in (",", "to")), len(before))
    for token in (*s.tokens[run.last + 1 : run.last + 2], *before[:stop]):
        word = s.said(token).split(maxsplit=1)[:1]
        if word and word[0] in _DOWN | _UP:
            return ["depressed" if word[0] in _DOWN else "elevated"]
    ways = {_WAYS[what] for what in around if what in _WAYS and what != "above"}
    if len(ways) == 1:
        return list(ways)
    nearest = _nearest_way(s, run, since)
    return [nearest] if nearest and (ways or _names_both(s)) else []


def _names_both(s: Sentence) -> bool:
    return len({way for _, way in _ways(s)}) > 1


def _ways(s: Sentence) -> list[tuple[int, str]]:
    """Each token that gives an ST level a direction, with it."""
    named = ((k, t.what, "" if t.what in _WAYS else s.said(t)) for k, t in enumerate(s.tokens) if t.kind != "above")
    return [
        (k, _WAYS.get(what) or ("depressed" if word in _DOWN else "elevated"))
        for k, what, word in named
        if what in _WAYS
        or (word in _DOWN | _UP and word not in _SIZED and [t.what for t in s.tokens[k + 1 : k + 2]] != ["to"])
    ]


def _nearest_way(s: Sentence, run: Run, since: int) -> str:
    """The direction that is named last before a number since the one before it, else right behind it, else last in the sentence before, else first behind."""
    ways = _ways(s)
    near = [way for k, way in ways if since < k < run.first]
    behind = [way for k, way in ways if k > run.last]
    stop = next(
        (
            k
            for k in range(run.last + 1, len(s.tokens))
            if s.tokens[k].kind == "break" or s.bracketed[k] < s.bracketed[run.first]
        ),
        run.last + 4,
    )
    right_behind = [way for k, way in ways if run.last < k < min(stop, run.last + 4)]
    before = [way for k, way in ways if k < run.first]
    return (near[-1:] or right_behind[:1] or before[-1:] or behind[:1] or [""])[0]


def _is_depth(s: Sentence, run: Run) -> bool:
    """Whether a number is said to be a depth: `none deeper than 0.1 mV`, `0.2 mV deep`."""
    near = [*s.tokens[max(0, run.first - 3) : run.first], *s.tokens[run.last + 1 : run.last + 3]]
    return any(t.what.split()[0] in ("deep", "deeper", "deepest", "depth", "shallower") for t in near if t.what)


_BACK = re.compile(r"\b(?:settl|return|recover|fall|fad|subsid|normali[sz]|regress|declin|resolv|diminish|shrink|weaken|lessen|decreas|abat|eas|climb|ris|wan|dwindl|improv|reduc)(?:e|es|ed|ing|s|en|l|ling)? (?:back |up |down |again |quickly |rapidly )*(?:to|at|below|under) (?:about |only |just |around |a mere |barely |some )*-?$|\bback (?:to|at) $", re.IGNORECASE)  # fmt: skip
"""A level that the ST segment comes back to is the one behind J."""
_LATER = re.compile(r"j ?\+|\b(?:40|60|sixty|80) ?(?:ms|milli)")


_RIGHT_BEHIND = re.compile(r"\W*(?:(?:in|for|of) (?:leads? )?\w+ )?(?:(?:still|only|just|low|high|up|down|below|above|remains?|remaining|left) )*(?:j ?\+|(?:at|by|within|after)? ?(?:only )?(?:40|60|sixty|80) ?(?:ms|milli))", re.IGNORECASE)  # fmt: skip


def _is_plainly_later(s: Sentence, run: Run, part: str) -> bool:
    """Whether the point behind J stands right behind the number or before it, and no verb between: `0.13 mV in V5 has recovered at 60 ms` tells the level at J."""
    behind = s.text[s.tokens[run.last].end : s.end].lower()
    return _RIGHT_BEHIND.match(behind) is not None or not behind.startswith(part)


_J = re.compile(
    r"(?:\bj\b|\bstarts?\b|\bbegins?\b)(?:[- ]+(?!and\b|but\b|yet\b|then\b|which\b|with\b|that\b)[^\W\d]\w*){0,6}[ (-]*$",
    re.IGNORECASE,
)
"""A number right behind it is the level at J: `J-point depression of`, `the J point in V4 drops to`."""


def _part(s: Sentence, run: Run, at: int | None, said: str) -> str:
    """The words that say at which point an ST level is told; where a sentence names J and a later one those behind the number, else before it, up to the next number."""
    if _LATER.search(said) is None or not any(t.what == "ST at J" for t in s.tokens):
        return said
    ends = next((t.start for t in s.tokens[run.last + 1 :] if t.kind == "break" or _is_level(s, t.end)), s.end)
    begins = next((t.end for t in reversed(s.tokens[: run.first]) if t.kind == "break" or _is_level(s, t.end)), s.start)
    whole = (s.text[s.tokens[run.last].end : ends], s.text[begins : s.tokens[run.first].start])
    at_j = _J.search(whole[1])
    if at_j is not None and _LATER.search(at_j.group()) is None:
        return "j-point"
    for part in (words.lower() for words in whole):
        if _LATER.search(part) is not None or "jpoint" in part.replace("-", "").replace(" ", ""):
            return part
    return said


def _is_level(s: Sentence, end: int) -> bool:
    """Whether a token that ends here is the unit of an amplitude."""
    return s.text[:end].endswith(("mV", "mm"))


def _of_st(s: Sentence, said: str, kinds: list[str]) -> list[str]:
    """Of an ST level its direction, where the sentence gives only one, and that it is the one at J where no later one is spoken of."""
    ways = {t.what for t in s.tokens if t.kind in ("quality", "finding")}
    down = bool(ways & {"depressed", "under", "ST depression"}) and not ways & {"elevated", "above", "ST elevation"}
    found = ["depressed"] if down and not {"depressed", "elevated", "signed"} & set(kinds) else []
    later = _LATER.search(said) is not None
    at_j = "jpoint" in said.replace("-", "").replace(" ", "")
    either = (
        not ways & {"depressed", "under", "ST depression", "elevated", "above", "ST elevation"} and "deviat" in said
    )
    return [*found, *(["unsigned"] if either else []), *(["later"] if later else ["j"] if at_j else [])]


def _window_end(s: Sentence, high: int) -> int:
    """First token behind the words that go with a number or measure at token `high`: at most two, and none behind a full stop or comma."""
    stops = (
        k
        for k in range(high + 1, min(high + 3, len(s.tokens)))
        if s.tokens[k].kind == "break" or s.tokens[k].what in (".", "and", ",")
    )
    return next(stops, high + 3)


def _formula(s: Sentence, run: Run, said: str) -> str:
    """The formula of a QTc: the only one that is named, else the one right behind the number, else the last before it."""
    said = said.replace("frid.", "fridericia")
    names = [f for f in FORMULAE if f in said]
    if len(names) < 2:
        return names[0] if names else ""
    if run.last + 1 >= len(s.tokens):
        behind = ""
    else:
        behind = s.text[s.tokens[run.last].end : s.tokens[min(run.last + 5, len(s.tokens) - 1)].end].lower()
    if (own_behind := _BY.match(behind)) is not None:
        return next(f for f in FORMULAE if f.startswith(own_behind["name"][:4]))
    near = [f for f in FORMULAE if 0 <= behind.split(";")[0].find(f[:4]) < 16]
    before = s.text[s.start : s.tokens[run.first].start].lower()
    own = [f for f in FORMULAE if f[:4] in re.split(r"[,;(]|\band\b|\d", before)[-1]]
    ahead = [f for f in FORMULAE if f[:4] in before and _awaits(before, before.rfind(f[:4]))]
    if len(own) == 1 or (not own and len(ahead) == 1):
        return (own or ahead)[0]
    earlier = sorted((f for f in FORMULAE if f[:4] in before), key=lambda f: before.rfind(f[:4]))
    return near[0] if near else earlier[-1] if earlier else ""


_BY = re.compile(
    r" ?(?:ms)? ?(?:\(|(?:if |when )?(?:by|with|using|according to|after|following|per|in|under|corrected by) )(?:the )?(?:method of )?(?P<name>baze|frid|fram|hodg)\w*(?:'s)?(?: ?\)|(?! ?(?::|=|is\b|gives\b|\d)))"
)
"""The formula that a number is told to be corrected by, right behind it: `429 ms by Fridericia`, `429 ms (Fridericia)`."""


def _awaits(before: str, name: int) -> bool:
    """Whether the formula named at this place awaits its number: `with Bazett's formula the QTc comes out at`."""
    own = re.split(r"[,;]|\band\b", before[:name])[-1]
    return not re.search(r"\d", own) and not re.search(r"\d", before[name:])
