"""Many patterns tried at one place of a text: only those that can begin with the character that stands there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_ANY = None
_CHARS = frozenset(chr(c) for c in range(32, 127)) | frozenset("°µμ±≤≥º“”")
_CLASSES = {
    "CATEGORY_DIGIT": frozenset("0123456789"),
    "CATEGORY_WORD": frozenset(c for c in _CHARS if c.isalnum() or c == "_"),
    "CATEGORY_SPACE": frozenset(" \t\n"),
}


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


def first_chars(pattern: str) -> frozenset[str] | None:
    """Characters, in both cases, with which a match can begin; None where that cannot be told."""
    try:
        from re import _parser  # type: ignore[attr-defined]

        found = _first(list(_parser.parse(pattern)))
    except (ImportError, AttributeError, KeyError, TypeError, ValueError):
        return _ANY
    return None if found is None else frozenset(c for one in found for c in (one.lower(), one.upper()))


def _first(nodes: list[Any]) -> frozenset[str] | None:
    """First characters of a sequence of parsed nodes; None where it may be empty or begin with anything."""
    found: frozenset[str] = frozenset()
    for op, value in nodes:
        name = str(op)
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        chars, may_be_empty = _node(name, value)
        if chars is None:
            return None
        found |= chars
        if not may_be_empty:
            return found
    return None


def _node(name: str, value: Any) -> tuple[frozenset[str] | None, bool]:
    if name == "LITERAL":
        return frozenset(chr(value)), False
    if name == "IN":
        return _set(value), False
    if name == "SUBPATTERN":
        return _first(list(value[-1])), False
    if name == "BRANCH":
        parts = [_first(list(branch)) for branch in value[1]]
        known = [p for p in parts if p is not None]
        return (frozenset().union(*known), False) if len(known) == len(parts) else (None, False)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, _, inner = value
        return _first(list(inner)), least == 0
    return None, False


def _set(items: Any) -> frozenset[str] | None:
    found: set[str] = set()
    for op, value in items:
        name = str(op)
        if name == "LITERAL":
            found.add(chr(value))
        elif name == "RANGE":
            found |= {chr(c) for c in range(value[0], value[1] + 1)}
        elif name == "CATEGORY" and str(value) in _CLASSES:
            found |= _CLASSES[str(value)]
        else:
            return None
    return frozenset(found)


class Dispatch:
    """One compiled alternation for each first character; the order of the patterns is kept."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """patterns: tried in this order at each place."""
        self._patterns = patterns
        self._begin = [first_chars(p) for p in patterns]
        self._made: dict[str, re.Pattern[str]] = {}

    def match(self, text: str, at: int, end: int) -> tuple[int, re.Match[str]] | None:
        """Number of the first pattern that matches at this place, and its match; None where none does."""
        char = text[at]
        pattern = self._made.get(char)
        if pattern is None:
            fits = [k for k, begin in enumerate(self._begin) if begin is None or char in begin or char not in _CHARS]
            pattern = self._made.setdefault(char, re.compile("|".join(f"(?P<g{k}>{self._patterns[k]})" for k in fits)))
        match = pattern.match(text, at, end)
        return None if match is None else (int(str(match.lastgroup)[1:]), match)
