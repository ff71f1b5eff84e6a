"""One sentence with what holds at each of its tokens: negation, general knowledge, ranges of normal."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.claims.lex import Token
from engine.claims.lexicon import DEFINES

_STRONG = (";", ":", "but", "however", "while", "whereas", "although")
_CONTINUES = ("or", "nor", "and/or")
_SEXES = {"women", "men", "females", "males", "woman", "man"}
_ENDS_LIMIT = ("with", "at", "by", "but")
"""Behind these words no limit of normal is awaited any more."""


@dataclass(slots=True)
class Sentence:
    """Tokens of one sentence, and what was read before it."""

    text: str
    """The whole text, in plain characters."""
    start: int
    end: int
    tokens: list[Token]
    subject: str = ""
    """Last measure of the sentence before."""
    leads: tuple[str, ...] = ()
    """Leads of the sentence before."""
    negated: list[bool] = field(default_factory=list)
    knowledge: list[bool] = field(default_factory=list)
    reference: list[bool] = field(default_factory=list)
    bracketed: list[int] = field(default_factory=list)
    """How many brackets are open at each token."""

    def __post_init__(self) -> None:
        self.negated = _negated(self.tokens)
        self.knowledge = _knowledge(self.tokens)
        self.reference = [a or b for a, b in zip(_reference(self.tokens), self.knowledge, strict=True)]
        self.bracketed = _bracketed(self.tokens)

    def said(self, token: Token) -> str:
        """The words of a token in small letters."""
        return self.text[token.start : token.end].lower()

    def clause(self, k: int) -> tuple[int, int]:
        """First and behind-last token of the clause around token k; commas and breaks bound it."""
        first = k
        while first and not _ends_clause(self.tokens[first - 1]):
            first -= 1
        last = k
        while last < len(self.tokens) and not _ends_clause(self.tokens[last]):
            last += 1
        return first, last


def _ends_clause(token: Token) -> bool:
    return token.kind == "break" or token.what in (",", ".")


def _negated(tokens: list[Token]) -> list[bool]:
    """Whether each token stands under a negation, before or behind it."""
    held, under = [False] * len(tokens), False
    for k, token in enumerate(tokens):
        if token.kind == "not" or (token.kind == "after" and " not " in token.what):
            under = True
        elif token.kind == "break" or (token.what == "," and not _goes_on(tokens, k)):
            under = False
        held[k] = under
    for k, token in enumerate(tokens):
        if token.kind == "after":
            first = k
            while (
                first
                and not (tokens[first - 1].kind == "break" and tokens[first - 1].what != ":")
                and tokens[first - 1].what != ","
            ):
                first -= 1
            held[first:k] = [True] * (k - first)
    return held


def _goes_on(tokens: list[Token], comma: int) -> bool:
    """Whether a list under `no` goes on behind a comma: an `or` follows before the clause ends, and no verb."""
    for token in tokens[comma + 1 : comma + 12]:
        if token.what in _CONTINUES:
            return True
        if token.kind in ("break", "number", "not", "lead") or token.what in (
            "is",
            "are",
            "shows",
            "show",
            "making",
            "suggesting",
            "indicating",
        ):
            return False
    return False


def _knowledge(tokens: list[Token]) -> list[bool]:
    """Clauses that speak of ECGs in general."""
    held = [False] * len(tokens)
    for k, token in enumerate(tokens):
        if token.kind != "knowledge":
            continue
        first = k
        relative = k > 0 and tokens[k - 1].what.endswith("which")
        if token.what.startswith(DEFINES) and not relative:
            while first and not (tokens[first - 1].kind == "break" and tokens[first - 1].what in _STRONG):
                first -= 1
        elif (
            token.what not in ("which means", "history of", "that define", "that defines", "risk of", "risk for")
            and not relative
        ):
            while first and tokens[first - 1].kind != "break":
                first -= 1
        last = k
        while (
            last < len(tokens)
            and tokens[last].what not in (";", ".", ":")
            and not (last > k and tokens[last].what.startswith((", so", ", which")))
        ):
            last += 1
        held[first:last] = [True] * (last - first)
    return held


def _reference(tokens: list[Token]) -> list[bool]:
    """Limits of normal: from the word that says so to the first number or range behind it, in the same clause or bracket."""
    held, depth, since, taken = [False] * len(tokens), 0, -1, -1
    for k, token in enumerate(tokens):
        if token.what == "(":
            depth += 1
        elif token.what == ")":
            depth = max(0, depth - 1)
            since = -1
        if token.kind == "reference":
            since = depth
        elif since >= 0 and _ends_limit(tokens, k, since):
            since = -1
        held[k] = since >= 0
        if since >= 0 and token.kind == "number" and not _range_goes_on(tokens, k):
            since, taken = -1, k
        if taken >= 0 and k == taken + 1 and token.kind == "unit":
            held[k] = True
        if (
            token.kind == "quality"
            and token.what in ("increased", "reduced", "normal")
            and token.end - token.start > 12
            and [t.what for t in tokens[k + 1 : k + 2]] == ["of"]
        ):
            since = depth
    return held


def _ends_limit(tokens: list[Token], k: int, depth: int) -> bool:
    """Whether no limit of normal is awaited any more at token k."""
    what = tokens[k].what
    if what in (",", ";"):
        return depth == 0 and not any(t.kind == "number" for t in tokens[k + 1 : k + 2])
    return what in _ENDS_LIMIT or what.startswith("exceed")


def _range_goes_on(tokens: list[Token], k: int) -> bool:
    """Whether the number at token k is the lower end of a range, or the limit of one sex with that of the other behind it."""
    ahead = k + 2 if [t.kind for t in tokens[k + 1 : k + 2]] == ["unit"] else k + 1
    then = next((j for j in range(ahead, min(ahead + 5, len(tokens))) if tokens[j].kind == "number"), ahead)
    between = {t.what for t in tokens[ahead:then]}
    if between & _SEXES and between <= _SEXES | {"in", "for", "and", "or", ",", "/", ";"}:
        return True
    inner = tokens[ahead : ahead + 2]
    if inner and inner[0].kind == "number":
        return inner[0].what.startswith("-")
    return len(inner) == 2 and inner[0].what in ("-", "to", "and", "through") and inner[1].kind == "number"


def _bracketed(tokens: list[Token]) -> list[int]:
    held, depth = [], 0
    for token in tokens:
        depth = max(0, depth + (token.what == "(") - (token.what == ")"))
        held.append(depth)
    return held
