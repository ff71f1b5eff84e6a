"""Questions and their answers: what a `yes` or a `no` affirms, and what a question takes for granted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.statement import Relation, Statement

_LABEL = r"\s*(?:(?:q|question)(?: ?\d+)?[:.)]\s*)?"
_POLAR = r"(?:and |so |but )?(?:is|are|does|do|did|can|could|has|have|was|were|should|would|will)\b"
_SAYS = (
    r"\W*(?:(?:a|answer|ans|reply)(?: ?\d+)?[:.)]\s*)?(?:\([a-e]\)\s*)?"
    r"(?:(?:at|with|given|from) [^,;:?]{1,40}, )?(?:(?P<yes>yes|(?:the |this )?(?:\w+ ){1,2}(?:contains|shows|has|displays|reveals) (?:some|several|many|them|it|one)(?= ?[.,;]|$)|by all means|(?:i|we) (?:would )?(?:think|believe|say) so|absolutely|definitely|affirmative|exactly|(?:i|we|you|one|he|she|it|they|there|this|that) (?:would|do|does|did|can|could|should|will|is|are|was|were|has|have)(?= ?[.,;]|$)|it is(?! not)|they are(?! not)|it does(?! not)|they do(?! not)|indeed|correct|certainly|of course|there (?:is|are)(?= ?[.,;]|$)|present|seen)|(?P<no>no(?= ?[.,;:]|$)|not here|(?:the |this )?(?:\w+ ){1,2}(?:contains|shows|has|displays|reveals) none(?= ?[.,;]|$)|by no means|(?:i|we) (?:do not|don't|would not|wouldn't) (?:think|believe|say) so|(?:i|we) (?:think|believe) not|not really|nope|(?:i|we|you|one|he|she|it|they|there|this|that) (?:would|do|does|did|can|could|should|will|is|are|was|were|has|have)(?: not|n't)(?= ?[.,;]|$)|it is not|they are not|it does not|they do not|not at all|absent|missing|none(?= ?[.,;:-]|$)|none(?: of (?:ventricular|atrial|supraventricular|any|either) (?:origin|kind|sort|type))? (?:is|are|was|were|has been|have been|can be|could be) (?:\w+ly )?(?:seen|found|captured|recorded|present|noted|observed|detected|visible|identified|evident|caught|registered)|lacking|not (?:seen|present|identified|visible)|there is not|there are not|there is none|there are none|there isn't|there aren't|it isn't|it doesn't))"
    r"(?= ?[.,;:-]|$| because| since| as | on | in | during | within | throughout )"
)


_WH = re.compile(r"\b(?:which|what|how|why|where|who|when)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """What a question asks: findings that a `yes` affirms, and whether it asks for what is absent."""

    statements: tuple[Statement, ...]
    polar: bool
    """To be answered by yes or no."""
    absent: bool


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return (
        re.compile(_LABEL + _POLAR, re.IGNORECASE),
        re.compile(_SAYS, re.IGNORECASE),
        re.compile(r"\b(?:absent|missing|lacking|not (?:seen|present))\b", re.IGNORECASE),
    )


def asked(
    s: Sentence,
    read: Callable[[Sentence], list[Statement]],
    unread: Callable[[Sentence, list[Statement]], list[Statement]],
) -> Question:
    """The question that a sentence asks; what cannot be read in it is asked as well."""
    polar, _, absent = _patterns()
    said = s.text[s.start : s.end]
    found = read(s)
    statements = (*found, *unread(s, found))
    if not any(one.kind == "finding" for one in statements) and any(t.what == "P" for t in s.tokens):
        statements = (*statements, Statement("finding", s.start, s.end, "P waves"))
    yes_or_no = polar.match(said) is not None or _WH.search(said) is None
    return Question(statements, yes_or_no, absent.search(said) is not None)


def granted(question: Question) -> list[Statement]:
    """What a question takes for granted: the values that it names, but no bounds, and every lead."""
    return [
        one
        for one in question.statements
        if one.kind == "lead" or (one.kind == "number" and one.what != "" and one.relation is Relation.IS)
    ]


def answered(s: Sentence, question: Question) -> list[Statement]:
    """What the sentence behind a question affirms or denies by a `yes` or a `no`; nothing where it begins with neither."""
    if not question.polar:
        return []
    match = _patterns()[1].match(s.text, s.start, s.end)
    if match is None:
        return []
    no = match.group("no") is not None
    place = match.span("no" if no else "yes")
    found = [
        replace(one, start=place[0], end=place[1], negated=one.negated != no)
        for one in question.statements
        if one.kind == "finding"
    ]
    named = [t for t in s.tokens if t.kind in ("lead", "group") and t.leads]
    if named:
        found = [replace(one, leads=named[-1].leads, loose=named[-1].kind == "group") for one in found]
    turned = {Relation.ABOVE: Relation.BELOW, Relation.BELOW: Relation.ABOVE}
    return found + [
        replace(one, start=place[0], end=place[1], relation=turned[one.relation] if no else one.relation, negated=False)
        for one in question.statements
        if one.kind == "number" and one.relation in turned
    ]


def denied_first(s: Sentence) -> None:
    """Mark what an answer names first as denied: `Which wave is absent? The Q wave.`"""
    for k, token in enumerate(s.tokens):
        if (token.kind == "break" and token.what != ":") or token.what.startswith(","):
            return
        s.negated[k] = not s.negated[k]


def without_label(tokens: list[Token], question: bool) -> list[Token]:
    """Tokens behind the `Q:` of a question and the `A:` of an answer, where `Q` is no wave."""
    if (
        len(tokens) > 2
        and tokens[1].what in (":", ".", ")")
        and tokens[0].what.lower() in (("q", "a") if question else ("a",))
    ):
        return tokens[2:]
    return tokens
