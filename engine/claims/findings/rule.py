"""What a token makes, by an ordered table of small rules: each reads one way of saying, and the first that answers wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.claims.findings.topics import Topic, topic_of
from engine.claims.language.lex import Token
from engine.claims.language.places import made
from engine.claims.language.scope import Sentence
from engine.claims.language.unread import UNREAD
from engine.claims.statement import Statement

Bearers = Sequence[int]
"""Tokens of the measures that a quality is said of; a rule of measures is given its own token alone."""
Rule = Callable[[Sentence, int, Bearers], list[Statement] | None]
"""What the token at a place makes of its bearers; None where the rule does not speak of it, and the next one is asked."""


def first_answer(rules: Sequence[Rule], s: Sentence, k: int, bearers: Bearers) -> list[Statement]:
    """What the first rule that answers makes of the token at k; nothing where none does."""
    answers = (rule(s, k, bearers) for rule in rules)
    return next((answer for answer in answers if answer is not None), [])


def claimed(s: Sentence, name: str, at: int, k: int) -> list[Statement]:
    """A finding of the tokens at and k, denied by what stands for it where it is a topic."""
    one, topic = made(s, name, at, k), topic_of(s, at)
    if topic is Topic.HEADING:
        return []
    return [one if topic is Topic.NONE else replace(one, negated=topic is Topic.DENIED)]


def not_read(s: Sentence, token: Token) -> Statement:
    """A quality whose subject is not known."""
    return Statement("finding", token.start, token.end, f"{UNREAD}{s.said(token)}")
