"""A sentence that is contradicted, read once more clause by clause: a contradiction that hangs on words across its clauses is not certain.

What is said in one clause may have been bound to another. Where a sentence is cut between its clauses, nothing in it is contradicted any more and the
words that were agree by themselves, the measurements bear one of its readings: it is withheld and stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.judging.second_value import DIGIT, is_to_the_digit
from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence

OTHER_CLAUSE = "it may be said of another clause"
"""Why what was contradicted stops nothing."""
_STRONG = frozenset({";", ":", "while", "whereas", "but", "though", "although", "however", "yet", "so", "rather than"})
_WEAK = frozenset({",", "and", "with", "as", "at", "then"})
"""Between items of a list they begin no clause."""
_JOINING = frozenset({"and", "with", "but", "while", "whereas", "the", "a", "an", "also", "then", "so", "as", "yet", "though", "although", "only", "just"})  # fmt: skip
_POINTING = frozenset({"it", "its", "they", "their", "this", "these", "that", "those", "both", "which", "whose", "who", "former", "latter", "same", "corresponding", "respective", "respectively", "ensuing", "following", "them"})  # fmt: skip
"""What a clause that begins so speaks of stands in the one before it."""
_TELLING = frozenset({"quality", "finding", "number"})
_NAMING = frozenset({"measure", "finding"})
_MOST = 8
"""Places of one sentence at which it may be cut: it is cut at each, at each two and at all of them."""


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    """First and behind-last character in the text."""
    end: int
    at: int
    """Where it begins in the text that was cut."""
    leads: frozenset[str]
    """That it names."""
    names: bool
    """Whether it names a measure or a finding."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence of which clauses are sentences of their own, behind the sentence before it."""

    text: str
    start: int
    """Where it begins, behind the sentence before."""
    pieces: tuple[_Piece, ...]
    strong: bool
    """Whether it was cut at no comma and at no `and`."""

    def place(self, at: int) -> tuple[int, _Piece] | None:
        """Where a character of the cut text stands in the text, and its piece; None of what was put in."""
        held = (p for p in self.pieces if p.at <= at <= p.at + p.end - p.start)
        return next(((p.start + at - p.at, p) for p in held), None)


def cuts(s: Sentence, before: str) -> Iterator[Cut]:
    """A sentence cut between its clauses in each way that is tried; before: the sentence before it."""
    marks = [k for k in range(1, len(s.tokens) - 1) if _is_cut(s, k)][:_MOST]
    ways = [(k,) for k in marks] + list(combinations(marks, 2)) + ([tuple(marks)] if len(marks) > 2 else [])
    return (cut for way in ways if (cut := _cut(s, before, way)) is not None)


def _is_cut(s: Sentence, k: int) -> bool:
    """Whether a clause that says something by itself may begin at token k or behind it."""
    token = s.tokens[k]
    if s.bracketed[k] or token.what not in _STRONG | _WEAK:
        return False
    behind = next((t for t in s.tokens[k + 1 :] if t.what not in _JOINING), None)
    if behind is None or (token.what not in _STRONG and behind.kind in ("lead", "group", "number", "unit")):
        return False
    return not any(t.what in _POINTING for t in s.tokens[k + 1 : k + 5])


def _cut(s: Sentence, before: str, marks: tuple[int, ...]) -> Cut | None:
    bounds = [0, *marks, len(s.tokens)]
    text, subject, pieces = before, "", []
    for first, last in pairwise(bounds):
        tokens = s.tokens[first + (first > 0 and s.tokens[first].what in (",", ";", ":")) : last]
        if not any(t.kind in _TELLING for t in tokens):
            return None
        start, end = tokens[0].start, tokens[-1].end
        text += f"{subject} " if subject and _lacks_subject(tokens) else ""
        leads = frozenset(name for t in tokens if t.kind in ("lead", "group") for name in t.leads)
        pieces.append(_Piece(start, end, len(text), leads, any(t.kind in _NAMING for t in tokens)))
        text += s.text[start:end] + (". " if last < len(s.tokens) else "")
        subject = next((s.text[t.start : t.end] for t in reversed(tokens) if t.kind == "measure"), subject)
    return Cut(text, len(before), tuple(pieces), all(s.tokens[k].what in _STRONG for k in marks))


def _lacks_subject(tokens: Sequence[Token]) -> bool:
    """Whether a clause names what it speaks of behind its first quality, or not at all."""
    first = next((t for t in tokens if t.kind in _NAMING or t.kind == "quality"), None)
    return first is None or first.kind == "quality"


def bears(stopping: Sequence[Claim], claims: Sequence[Claim], cut: Cut) -> bool:
    """Whether each claim that stops a sentence agrees where the sentence is cut; claims: those of the cut text."""
    return all(any(agrees(one, other, cut) for other in claims) for one in stopping)


def agrees(one: Claim, other: Claim, cut: Cut) -> bool:
    """Whether a claim of the cut text says in the same words what one of the text says, of leads of its own clause, and agrees."""
    first, last = cut.place(other.start), cut.place(other.end)
    if other.verdict is not Verdict.AGREE or first is None or last is None:
        return False
    overlaps = first[0] < one.end and last[0] > one.start
    if not overlaps or (one.kind is ClaimKind.FINDING) is not (other.kind is ClaimKind.FINDING):
        return False
    if one.leads and not (other.leads and set(other.leads) <= last[1].leads) and not _is_lent(one, last[1], cut):
        return False
    if one.kind is ClaimKind.FINDING:
        return cut.strong or (f"no {one.measure}" != other.measure and one.measure != f"no {other.measure}")
    if one.kind is ClaimKind.UNIT and (one.unit not in DIGIT or one.measured is not None):
        return False
    if len(other.leads) > max(len(one.leads), 1):
        return False  # of many leads one has its value
    return (last[1].names or bool(last[1].leads)) and is_to_the_digit(other)


def _is_lent(one: Claim, piece: _Piece, cut: Cut) -> bool:
    """Whether the leads of a claim are those of a later clause alone."""
    later = (p for p in cut.pieces if p.at > piece.at)
    return not piece.leads and any(set(one.leads) <= p.leads for p in later)
