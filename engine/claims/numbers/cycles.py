"""Times that are told of single beats: when a beat comes, the longest and shortest interval between two, and how far the intervals spread.

The beats are measured one by one, so that such a time is held against the beats of the kind that is named and not against the mean RR interval.
"""

from __future__ import annotations

import re
from itertools import pairwise

from engine.claims.basis import Basis
from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.numbers.runs import Run
from engine.criteria.beats import PAUSED, SUDDEN
from stream.measurement import BeatKind

KINDS = {"ventricular": "a ventricular beat", "supraventricular": "a supraventricular beat", "early": "an early beat", "pause": "a pause"}  # fmt: skip
"""By detail of a moment the name of its measure."""
WHICH = frozenset({"longest", "shortest", "long", "short", "each", "range"})
"""Details of an RR interval that is not the mean one."""
LAST_MS = 10_000.0
"""End of the stretch that was measured."""
SAMPLE_MS = 2.0
"""Of the segment, at 500 Hz."""
_WIDE = 1.1
"""How many times its lower end the upper end of a range is that tells the shortest and longest interval, not the mean one roughly."""

_CHAMBER = re.compile(r"(?P<S>supra-?ventric\w*|atrial|junctional|nodal|pacs?\b|sves?\b|apcs?\b|apbs?\b)|(?P<V>ventric\w*|pvcs?\b|vpbs?\b|vpcs?\b|ves\b|vebs?\b)", re.IGNORECASE)  # fmt: skip
_EARLY = re.compile(r"\b(?:premature|early|ectop\w*|extra-?systol\w*|extra[- ]beats?|pacs?|pvcs?|sves?|ves|vpbs?|vpcs?|vebs?|apcs?|apbs?)\b", re.IGNORECASE)  # fmt: skip
_BEAT = re.compile(r"\b(?:(?:beat|complex|contraction|depolari[sz]ation)(?:s|es)?|ones?|ectop\w*|extra-?systol\w*|pacs?|pvcs?|sves?|ves|vpbs?|vpcs?|vebs?|apcs?|apbs?)\b", re.IGNORECASE)  # fmt: skip
_PAUSE = re.compile(r"\b(?:pauses?|gaps?)\b", re.IGNORECASE)
_CYCLE = re.compile(r"\b(?:r-?r|cycles?|cycle lengths?|beat-to-beat|coupling)\b|(?<!-)\bintervals?\b", re.IGNORECASE)
_RHYTHM = re.compile(r"\b(?:rhythm|regular\w*|beats?|rate|steady|constant|clockwork|metronom\w+)\b", re.IGNORECASE)
_SPREAD = re.compile(r"\b(?:differ|var|fluctuat|deviat|spread|scatter|stray|wander|jitter|drift)\w* [^,;]{0,30}$|(?:\bwithin|\bgive or take|\bplus or minus|±|\+/-)(?: (?:about|only|just|barely|some|a))* ?$", re.IGNORECASE)  # fmt: skip
_AROUND = re.compile(
    r"\b(?:around|(?:around|about|near|at) (?:a|an|the|its|their) (?:\w+ ){0,2}?\w+(?: of)?) *$", re.IGNORECASE
)
_AT = re.compile(r"(?:\b(?:at|near|around|about|after|and|by|close to|in the (?:region|vicinity|neighbou?rhood) of|with the first|with the second)|[(,@])(?: (?:about|approximately|around|roughly|some|close to|just|nearly|almost|shortly|before|after|t ?=|second))*\s*[~=]?$", re.IGNORECASE)  # fmt: skip
_LATE_S = 2.5
"""Seconds from which on a time beside a beat is when it comes, whatever stands before it: no interval of a beat is so long (our own limit)."""
_LONG = re.compile(r"\b(?:long|longer|late|delayed)\b", re.IGNORECASE)
_SHORT = re.compile(r"\b(?:short|shorter|early|coupling)\b", re.IGNORECASE)
_LONGEST = re.compile(
    r"\b(?:up to|longest|max|maxim\w+|as long as|(?:lengthen|prolong|ris|increas|stretch)\w* to)\b", re.IGNORECASE
)
_SHORTEST = re.compile(
    r"\b(?:down to|shortest|min|minim\w+|as short as|(?:shorten|fall|drop|decreas)\w* to)\b", re.IGNORECASE
)
_WHICH_ONES = re.compile(r"(?:(?:(?:as )?(?:long|short)(?:er|est)?|pauses?)\W+(?:(?:some|and|or|as|long|short|ones?|cycles?|intervals?|lengths?|r-?r|is|are|of|about|around|near|lasts?|just|only|above|below|over|under|up to|down to)\W+)*)$", re.IGNORECASE)  # fmt: skip
_BEHIND_BEAT = re.compile(r"\W*(?:after|behind|following) (?:its|the|their) (?:predecessor|previous|preceding|last|sinus|beat before|one before)", re.IGNORECASE)  # fmt: skip
_BETWEEN = re.compile(r"\W*(?:\w+ ){0,3}?between (?:two|the|any two|a pair of) (?:\w+ )?(?:beats|complexes|qrs|r[- ]waves|r-?r)", re.IGNORECASE)  # fmt: skip
"""Behind a time: it is one of those between two beats."""
_PER_CYCLE = re.compile(r"\W*(?:per|a|each|every) (?:cycle|beat)\b|\W*from (?:one )?beat to (?:the )?(?:next|beat)\b", re.IGNORECASE)  # fmt: skip
_OWN_PAUSE = re.compile(r"[\s-]*(?:long |compensatory )?(?:pause|gap)\b", re.IGNORECASE)
_OTHERS = frozenset({"PR", "QRS", "QT", "QTc", "P", "Q", "R", "S", "T", "ST", "ST at J", "RR SD", "axis"})
"""Measures behind which a time is theirs."""

Bound = tuple[str, str]
"""`moment`, `RR` or `RR SD`, and which of the beats are meant."""


def of_beats(s: Sentence, runs: list[Run], k: int) -> Bound | None:
    """What a time is said of that belongs to single beats; None of any other number."""
    run = runs[k]
    if run.unit is None or run.unit.what != "ms" or s.reference[run.first]:
        return None
    since = runs[k - 1].last + 1 if k else 0
    far = _own(s, run)
    near = s.text[max(far, s.tokens[since].start) : s.tokens[run.first].start]
    words = s.text[far : s.tokens[run.first].start]
    return _moment(s, runs, k, near, words) or _interval(s, runs, k, near, words) or _spread(s, run, near, words)


def begins(s: Sentence, run: Run) -> int:
    """Where the words begin that say which interval a number is: `short` in `as short as 0.35 s`."""
    at = s.tokens[run.first].start
    which = _WHICH_ONES.search(s.text, max(s.start, at - 60), at)
    return at if which is None else which.start()


def _own(s: Sentence, run: Run) -> int:
    """Where the words begin that no other measure before a number claims."""
    ends = [t.end for t in s.tokens[: run.first] if t.kind == "measure" and t.what in _OTHERS and not _is_beat(s, t)]
    return ends[-1] if ends else s.start


def _is_beat(s: Sentence, token: Token) -> bool:
    """Whether a token that names the QRS means a beat: `two premature narrow complexes`."""
    return token.what == "QRS" and "complex" in s.said(token) and "qrs" not in s.said(token)


def _behind(s: Sentence, runs: list[Run], k: int) -> str:
    """The words behind a number, up to the next one or the next part of the sentence."""
    stop = next(
        (t.start for t in s.tokens[runs[k].last + 1 :] if t.kind in ("number", "break") or t.what in (",", ";", ".")),
        s.end,
    )
    return s.text[s.tokens[runs[k].last].end : stop]


# when a beat comes ------------------------------------------------------------------------------------------------


def _moment(s: Sentence, runs: list[Run], k: int, near: str, words: str) -> Bound | None:
    run = runs[k]
    if run.unit is None or not s.said(run.unit).lstrip("- ").startswith("s") or not 0 <= run.low <= LAST_MS / 1000.0:
        return None
    behind = _behind(s, runs, k)
    placed = _AT.search(near) is not None or behind.startswith((" into", " after the start"))
    late = run.low > _LATE_S and not _PAUSE.search(near)
    if _BEHIND_BEAT.match(behind) or not (placed or late) or _BETWEEN.match(behind):
        return None
    if _CYCLE.search(near) and _kind(near) is None:
        words = behind = ""  # `a PAC at 7.7 s; otherwise the cycles hover around 1.1 s`
    elif late:
        words = s.text[s.start : s.tokens[run.first].start]
    for said in (near, words, behind):
        if (kind := _kind(said)) is not None:
            return None if kind == "pause" and not placed else ("moment", kind)
    return None


def _listed(near: str) -> bool:
    """Whether only a comma or `and` stand between two moments: `PVCs at 2.1, 4.5 and 8.0 s`."""
    return re.fullmatch(r"[\s,s]*(?:and|at|also|again|[\s,])*", near) is not None


def _kind(said: str) -> str | None:
    """Of which beats words speak last; None where they speak of none."""
    beats = [m.end() for m in _BEAT.finditer(said)]
    pauses = [m.end() for m in _PAUSE.finditer(said)]
    if pauses and pauses[-1] > max(beats, default=-1):
        return "pause"
    chambers = list(_CHAMBER.finditer(said))
    if not beats or not (chambers or _EARLY.search(said)):
        return None
    if not chambers:
        return "early"
    return "supraventricular" if chambers[-1]["S"] else "ventricular"


# between two beats ------------------------------------------------------------------------------------------------


def _interval(s: Sentence, runs: list[Run], k: int, near: str, words: str) -> Bound | None:
    run = runs[k]
    cycles, pauses = list(_CYCLE.finditer(words)), list(_PAUSE.finditer(words))
    if _BEHIND_BEAT.match(_behind(s, runs, k)):
        return "RR", "short"
    if _OWN_PAUSE.match(_behind(s, runs, k)):
        return "RR", "long"
    if _PER_CYCLE.match(_behind(s, runs, k)) and run.low == run.high:
        return "RR", ""
    if _BETWEEN.match(_behind(s, runs, k)) and run.low == run.high:
        return "RR", "each"
    if pauses and not (cycles and cycles[-1].start() > pauses[-1].start()):
        return "RR", "longest" if s.negated[run.first - 1] else "long"
    if not cycles or (near.strip() == "" and run.first):
        return None
    if run.low != run.high:
        return "RR", "range" if run.high > _WIDE * run.low else ""
    if (end := _end_of_range(s, runs, k)) is not None:
        return "RR", end
    if _SPREAD.search(near) or re.search(r"\b(?:mean|average|median|usual)\b", near, re.IGNORECASE):
        return None
    longest, shortest = _LONGEST.search(near), _SHORTEST.search(near)
    if longest or shortest:
        return "RR", "longest" if longest else "shortest"
    pair = near if not _listed(near) else words
    long, short = _LONG.search(pair), _SHORT.search(pair)
    if long and short:
        return "RR", "each"
    return ("RR", "long" if long else "short") if long or short else _plain(s, run, words)


def _plain(s: Sentence, run: Run, words: str) -> Bound | None:
    """A cycle of which nothing more is said is the mean one; nothing is taken from another reading that has a measure of its own."""
    last = list(_CYCLE.finditer(words))[-1]
    linking = re.fullmatch(
        r"\W*(?:(?:of|at|is|are|about|around|constant|a|length|lengths|near)\W+)*", words[last.end() :]
    )
    return ("RR", "") if linking and last.group().lower().startswith("cycle") else None


def _end_of_range(s: Sentence, runs: list[Run], k: int) -> str | None:
    """Which end of `from 0.74 to 1.03 s` or of `extremes of 0.74 and 1.03 s` a number is; None of no such range."""
    for a, b in ((k, k + 1), (k - 1, k)):
        if a < 0 or b >= len(runs):
            continue
        inner = [t.what for t in s.tokens[runs[a].last + 1 : runs[b].first] if not _is_rough(t)]
        begins = {t.what for t in s.tokens[max(0, runs[a].first - 2) : runs[a].first]}
        begins |= {t.what for t in [t for t in s.tokens[: runs[a].first] if not _is_rough(t)][-1:]}
        if (_leads_to(inner) and "from" in begins) or (inner in (["to"], ["and"]) and begins & _EXTREMES):
            return "shortest" if runs[k].low < runs[b if k == a else a].low else "longest"
    return None


_ROUGH = frozenset({"about", "around", "roughly", "approximately", "nearly", "almost", "just", "some", "only", "well", "slightly", "barely", "a", "little", "good", "as", "much", "short", "long", "up", "down"})  # fmt: skip
_WHEN = frozenset({"at", "in", "near", "the", "beginning", "start", "begin", "outset", "first", "early", "on", "onset", "initially", "end", "close", "of", "strip", "tracing", "recording", "record", "trace"})  # fmt: skip
"""Words that tell in which part of the recording one end of a range lies."""


def _is_rough(token: Token) -> bool:
    return token.kind in ("below", "above") or token.what in _ROUGH


def _leads_to(inner: list[str]) -> bool:
    """Whether the words between two numbers make them the ends of a range: `from 0.70 s at the beginning to 0.9 s`."""
    return inner[-1:] == ["to"] and set(inner[:-1]) <= _WHEN


_EXTREMES = frozenset({"extremes", "limits", "bounds"})


def _spread(s: Sentence, run: Run, near: str, words: str) -> Bound | None:
    """`Regular to within 4 ms`, `intervals that differ by 11 ms`."""
    if (
        not _SPREAD.search(near)
        or _AROUND.search(near)
        or not (_CYCLE.search(words) or _RHYTHM.search(words))
        or run.high > 999
    ):
        return None
    behind = [t.what for t in s.tokens[run.last + 1 : run.last + 4]]
    return "RR SD", "" if "RR SD" in behind or any(t.what == "RR SD" for t in s.tokens[: run.first]) else "spread"


# what was measured --------------------------------------------------------------------------------------------------


def intervals(basis: Basis) -> tuple[float, ...]:
    """Each time between two beats, ms."""
    return tuple((b - a) * SAMPLE_MS for a, b in pairwise(basis.beats()))


def rr_values(basis: Basis, which: str) -> tuple[float, ...]:
    """The RR intervals that words mean: the longest, the shortest, long or short ones, each; of a range the ends, of all and of those that no early beat changes."""
    every = intervals(basis)
    if basis.m.rr_ms is None or not (every or which == "each"):
        return ()
    usual = basis.m.rr_ms.value
    if which == "longest":
        return (max(every),)
    if which == "shortest":
        return (min(every),)
    if which == "long":
        return tuple(v for v in every if v >= PAUSED * usual) or (max(every),)
    if which == "short":
        return tuple(v for v in every if v * PAUSED <= usual) or (min(every),)
    if which == "range":
        calm = [v for v in every if SUDDEN * usual < v < usual / SUDDEN] or every
        return min(every), max(every), min(calm), max(calm)
    return (*every, usual) if which == "each" else every


def spreads(basis: Basis) -> tuple[float, ...]:
    """How far RR intervals lie apart: their standard deviation, the largest difference, and its half around their middle."""
    every = intervals(basis)
    if basis.m.rr_sd_ms is None or not every:
        return ()
    most = max(every) - min(every)
    return basis.m.rr_sd_ms, most, most / 2.0


_CODES = {"ventricular": "17338001", "supraventricular": "63593006"}
_TAKEN_FOR = {"ventricular": BeatKind.VENTRICULAR, "supraventricular": BeatKind.SUPRAVENTRICULAR}


def beats_of(basis: Basis, kind: str) -> tuple[int, ...]:
    """R peaks of the beats of a kind, as the monitor path or the criteria take them; of a pause the two beats that it lies between."""
    every = basis.beats()
    if kind == "pause":
        longest = rr_values(basis, "long")
        return tuple(x for a, b in pairwise(every) if (b - a) * SAMPLE_MS in longest for x in (a, (a + b) // 2, b))
    if kind == "early":
        usual = basis.m.rr_ms.value if basis.m.rr_ms is not None else 0.0
        soon = {b for a, b in pairwise(every) if (b - a) * SAMPLE_MS <= SUDDEN * usual}
        return tuple(sorted(soon.union(*(beats_of(basis, one) for one in _CODES))))
    taken = {beat.sample for beat in basis.m.beats if beat.kind is _TAKEN_FOR[kind]}
    found = (e.beat for f in basis.criteria[0] if f.code == _CODES[kind] for e in f.evidence)
    return tuple(sorted(taken.union(beat for beat in found if beat is not None)))
