"""Many patterns tried at one place of a text: only those that can begin with the characters that stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

DEPTH = 2
"""Characters by which patterns are told apart before any is tried."""
_MANY = 12
"""A class of more characters than this counts as any."""
_CHARS = frozenset(chr(c) for c in range(32, 127)) | frozenset("°µμ±≤≥º“”")
_CLASSES = {
    "CATEGORY_DIGIT": frozenset("0123456789"),
    "CATEGORY_SPACE": frozenset(" \t\n"),
}

Begin = tuple[str, bool]
"""Small letters with which a match can begin, and whether anything may follow them."""
_ANYTHING: frozenset[Begin] = frozenset({("", True)})


def alternatives(pattern: str) -> list[str]:
    """The parts of a pattern between its outermost bars; one that is wholly within `(?i:` keeps that around each."""
    around = pattern.startswith("(?i:") and _closes(pattern, 4) == len(pattern) - 1
    body = pattern[4:-1] if around else pattern
    parts, depth, start, k = [], 0, 0, 0
    while k < len(body):
        char = body[k]
        if char == "\\":
            k += 1
        elif char == "[":
            k = body.index("]", k + 2)
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            parts.append(body[start:k])
            start = k + 1
        k += 1
    parts.append(body[start:])
    return [f"(?i:{part})" if around else part for part in parts if part]


def _closes(pattern: str, at: int) -> int:
    """Where the bracket that is open at this place closes."""
    depth, k = 1, at
    while k < len(pattern):
        char = pattern[k]
        if char == "\\":
            k += 1
        elif char == "[":
            k = pattern.index("]", k + 2)
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0:
                return k
        k += 1
    return -1


def beginnings(pattern: str) -> frozenset[str]:
    """Small letters, at most `DEPTH`, of which one begins every match; an empty one where that cannot be told."""
    try:
        from re import _parser  # type: ignore[attr-defined]

        found = _row(list(_parser.parse(pattern)))
    except (ImportError, AttributeError, KeyError, TypeError, ValueError):
        return frozenset({""})
    return frozenset(begin for begin, _ in found)


def _row(nodes: list[Any]) -> frozenset[Begin]:
    """How a sequence of parsed nodes can begin."""
    found = frozenset({("", False)})
    for op, value in nodes:
        if str(op) in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        longer = frozenset(one for begin in found for one in _behind(begin, str(op), value))
        if len(longer) > 256:
            return frozenset((begin, True) for begin, _ in found)
        found = longer
        if all(ends or len(begin) == DEPTH for begin, ends in found):
            break
    return found


def _behind(begin: Begin, name: str, value: Any) -> frozenset[Begin]:
    """One beginning with what a node puts behind it."""
    said, ends = begin
    if ends or len(said) == DEPTH:
        return frozenset({begin})
    return frozenset(((said + more)[:DEPTH], open_ended) for more, open_ended in _node(name, value))


def _node(name: str, value: Any) -> frozenset[Begin]:
    if name == "LITERAL":
        return frozenset({(chr(value).lower(), False)})
    if name == "IN":
        return _set(value)
    if name == "SUBPATTERN":
        return _row(list(value[-1]))
    if name == "BRANCH":
        return frozenset(one for branch in value[1] for one in _row(list(branch)))
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = value
        once = _row(list(inner))
        again = once if most == 1 else frozenset((said, True) for said, _ in once)
        return again | {("", False)} if least == 0 else again
    return _ANYTHING


def _set(items: Any) -> frozenset[Begin]:
    found: set[str] = set()
    for op, value in items:
        name = str(op)
        if name == "LITERAL":
            found.add(chr(value).lower())
        elif name == "RANGE" and value[1] - value[0] < 2 * _MANY:
            found |= {chr(c).lower() for c in range(value[0], value[1] + 1)}
        elif name == "CATEGORY" and str(value) in _CLASSES:
            found |= _CLASSES[str(value)]
        else:
            return _ANYTHING
    return frozenset((char, False) for char in found) if len(found) <= _MANY else _ANYTHING


def _is_other_case(char: str) -> bool:
    """Whether a character outside the usual ones is one of them in another case, as the Kelvin sign is a k."""
    return char not in _CHARS and not _CHARS.isdisjoint({char.lower(), char.upper(), char.casefold()})


class Dispatch:
    """One compiled alternation for each beginning of a text; the order of the patterns is kept."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """patterns: tried in this order at each place."""
        self._patterns = patterns
        self._begin = [beginnings(p) for p in patterns]
        self._made: dict[str, re.Pattern[str]] = {}
        self._compiled: dict[tuple[int, ...], re.Pattern[str]] = {}

    def match(self, text: str, at: int, end: int) -> tuple[int, re.Match[str]] | None:
        """Number of the first pattern that matches at this place, and its match; None where none does."""
        begin = text[at : min(at + DEPTH, end)]
        pattern = self._made.get(begin)
        if pattern is None:
            pattern = self._made[begin] = self._fitting(begin)
        match = pattern.match(text, at, end)
        return None if match is None else (int(str(match.lastgroup)[1:]), match)

    def _fitting(self, begin: str) -> re.Pattern[str]:
        """The patterns that may match a text of this beginning; what a rare letter may be in the other case is not looked at."""
        known = next((begin[:k] for k, char in enumerate(begin) if _is_other_case(char)), begin).lower()
        fits = tuple(
            k
            for k, begins in enumerate(self._begin)
            if any(known.startswith(one) or one.startswith(known) for one in begins)
        )
        if fits not in self._compiled:
            self._compiled[fits] = re.compile("|".join(f"(?P<g{k}>{self._patterns[k]})" for k in fits) or r"(?!)")
        return self._compiled[fits]
