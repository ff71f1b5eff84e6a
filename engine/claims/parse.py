"""Free prose to statements: every number, lead and finding, with what it is said of. Never raises on any text."""

from __future__ import annotations

from dataclasses import dataclass

from engine.claims import lex, predicate
from engine.claims.quantity import quantities
from engine.claims.scope import Sentence
from engine.claims.statement import Statement
from engine.claims.unread import unread

LONGEST = 2000
"""Characters of a sentence; what goes past it is read as a sentence of its own, so that the time stays in proportion."""


@dataclass(frozen=True, slots=True)
class Read:
    """One sentence and its statements, in the order of the text."""

    start: int
    end: int
    statements: tuple[Statement, ...]


def parse(text: str) -> tuple[Read, ...]:
    """Sentences of a text with what they state; places are characters of the text."""
    flat = lex.plain(text)
    found: list[Read] = []
    subject = ""
    leads: tuple[str, ...] = ()
    for start, end in _pieces(flat):
        s = Sentence(flat, start, end, lex.tokens(flat, start, end), subject, leads)
        asks = flat[end - 1] == "?"
        statements = [] if asks else [*quantities(s), *predicate.findings(s), *_leads(s)]
        statements += [] if asks else [*_not_understood(s, statements), *unread(s)]
        found.append(Read(start, end, tuple(sorted(statements, key=lambda one: (one.start, one.end)))))
        subject = next((t.what for t in reversed(s.tokens) if t.kind == "measure" and t.what != "ECG"), subject)
        leads = next((t.leads for t in reversed(s.tokens) if t.kind in ("lead", "group")), leads)
    return tuple(found)


def _pieces(text: str) -> list[tuple[int, int]]:
    return [
        (at, min(at + LONGEST, end))
        for start, end in lex.sentences(text)
        for at in range(start, end, LONGEST)
        if at < end
    ]


_TOPICS = frozenset(
    [
        "atrial",
        "ventricular",
        "beat",
        "beats",
        "wave",
        "waves",
        "interval",
        "intervals",
        "segment",
        "segments",
        "bundle",
        "axis",
        "complexes",
        "conduction",
        "node",
        "pause",
        "pauses",
    ]
)


def _not_understood(s: Sentence, statements: list[Statement]) -> list[Statement]:
    """A sentence that speaks of the ECG, and of which nothing was read, cannot be held against anything."""
    if any(one.kind != "lead" for one in statements) or any(s.knowledge) or any(s.reference):
        return []
    topic = any((t.kind == "measure" and t.what != "ECG") or t.what in _TOPICS for t in s.tokens)
    return [Statement("finding", s.start, s.end, "not understood")] if topic else []


def _leads(s: Sentence) -> list[Statement]:
    """Each lead that is named, once, and walls that do not fit the leads beside them."""
    found: dict[str, Statement] = {}
    for token in s.tokens:
        if token.kind == "lead":
            for name in token.leads:
                found.setdefault(name, Statement("lead", token.start, token.end, name, (name,)))
    return [*found.values(), *predicate.wrong_walls(s)]
