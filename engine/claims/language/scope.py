"""One sentence with what holds at each of its tokens: negation, general knowledge, ranges of normal."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.claims.language.lex import Token
from engine.claims.language.lexicon import DEFINES, EVIDENCE
from engine.claims.language.references import references

_STRONG = (";", ":", "but", "however", "while", "whereas", "although")
_REASONS = (", since", "because", ", for")
"""Behind these a general sentence may begin that gives the reason of what was said before."""
_REASON = frozenset({"as", "since", "when", "if", "because"})
"""Words behind which no denial holds any more: `is not present as P stays below`."""
_RELATES = _REASON | {"whose", "where"}
"""Behind these a denial denies nothing that stands before: `a fast rhythm whose P waves are lacking`."""
_CONTINUES = ("or", "nor", "and/or")
_FINITE = frozenset({"is", "are", "was", "were", "has", "have", "had", "does", "do", "did", "can", "cannot", "could", "may", "comes", "come", "amounts", "averages", "lasts", "last", "measures", "remains", "stays", "appears", "looks", "shows", "reaches", "equals", "runs", "falls", "lies", "sits", "stands", "exceeds", "exceed", "speaks", "argues", "suggests", "indicates", "makes", "works", "spans", "occupies", "takes", "carries", "points", "qualifies", "favors", "favours", "supports", "meets", "gives", "begins", "starts", "dips", "rises"})  # fmt: skip
"""Verbs that go on with a clause behind what was put in between commas."""
_AGREES = ("keeping", "consistent", "compatible", "typical", "characteristic", "diagnostic", "suggestive", "indicative")


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
    aside: list[bool] = field(default_factory=list)
    """Whether a token was put in between two commas, behind which the clause goes on."""
    turned: bool = False
    """Whether the sentence before named its leads and said nothing of them: `Look at V1.`"""
    defined: str = ""
    """The finding that the sentence before defined."""
    answers: bool = False
    """Whether the sentence before was a question."""
    earlier: list[Token] = field(default_factory=list)
    """Tokens of the sentence before."""

    def __post_init__(self) -> None:
        self.aside = _asides(self.text, self.tokens)
        self.negated = _negated(self.text, self.tokens, self.aside)
        self.knowledge = _knowledge(self.tokens, self.aside)
        self.reference = [a or b for a, b in zip(references(self.tokens), self.knowledge, strict=True)]
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


def _asides(text: str, tokens: list[Token]) -> list[bool]:
    """Tokens between two commas of which the second has a verb behind it: `the QT, which varies with rate, comes to`."""
    held = [False] * len(tokens)
    opened = -1
    for k, token in enumerate(tokens):
        if token.kind == "break" and not token.what.startswith(","):
            opened = -1
        elif token.what.startswith(","):
            if (
                0 < opened < k - 1
                and k - opened < 24
                and (_goes_on_with_verb(text, tokens, k) or _is_where(tokens, opened, k))
            ):
                held[opened : k + 1] = [True] * (k + 1 - opened)
            opened = k
    return held


def _is_where(tokens: list[Token], opened: int, comma: int) -> bool:
    """Whether two commas hold a clause on the leads before them: `inverted in I, where the QRS is positive, and upright in V2`."""
    behind = tokens[comma + 1 : comma + 3]
    return (
        tokens[opened + 1].what == "where"
        and [t.what for t in behind[:1]] == ["and"]
        and [t.kind for t in behind[1:]] == ["quality"]
    )


def _goes_on_with_verb(text: str, tokens: list[Token], comma: int) -> bool:
    ahead = tokens[comma + 1] if comma + 1 < len(tokens) else None
    return (
        ahead is not None
        and tokens[comma].what == ","
        and text[ahead.start : ahead.end].lower().split(maxsplit=1)[0] in _FINITE
    )


def _negated(text: str, tokens: list[Token], aside: list[bool]) -> list[bool]:
    """Whether each token stands under a negation, before or behind it."""
    held, under, found, opened = [False] * len(tokens), False, False, ""
    for k, token in enumerate(tokens):
        if _denies_on(tokens, k) or _too(text, tokens, k):
            under, found, opened = True, False, token.what
        elif (
            (token.kind == "break" and not (token.what.startswith("as well as") and opened.startswith(_BY_VERB)))
            or (found and token.what == "=")
            or (token.what == "," and not _goes_on(tokens, k))
            or (token.what in _REASON and (found or tokens[k - 1].kind == "after") and not _adds(tokens, k))
            or (found and token.what in _CONCEDES)
            or (under and token.what in _PRESUPPOSES and "by" not in [t.what for t in tokens[k + 1 : k + 2]])
            or (
                found
                and under
                and token.what in _ARTICLES
                and k > 1
                and tokens[k - 1].kind in ("measure", "finding", "quality")
            )
            or (token.what in ("since", "because") and k > 0 and tokens[k - 1].kind == "word")
            or (under and found and (_goes_past(tokens, k) or _points_at_beats(tokens, k)))
            or (found and opened.startswith(_LACKS) and token.what in _SUPPORT and tokens[k - 1].what not in _LED)
        ):
            under = False
        found = found or token.kind in ("finding", "measure", "quality")
        held[k] = under
    for k, token in enumerate(tokens):
        if _in_front(tokens, k):
            held[k + 1] = True
        elif token.kind == "after" and (not k or tokens[k - 1].what not in CONTRAST):
            first = _start_of_denied(tokens, aside, k)
            held[first:k] = [True] * (k - first)
    return held


_PRESUPPOSES = frozenset({"explain", "explains", "account", "accounts", "blamed", "responsible"})
"""What these lead to is there though the cause is denied: `fibrillation does not account for the uneven RR intervals`."""
_BY_VERB = ("exclud", "rul", "argu", "speak", "refut")
"""How a denial by a verb begins, whose objects go on behind `as well as`: `excludes a bundle branch block as well as an AV block`."""
_CONCEDES = frozenset({"despite", "spite", "notwithstanding", "regardless", "given", "considering"})
"""Behind these stands what is there although something else is not: `no block despite the deviated axis`."""


def _adds(tokens: list[Token], k: int) -> bool:
    """Whether `as` belongs to `as well as` or `as much as`, which go on with a list: `excludes a block as well as a delay`."""
    around = [t.what for t in tokens[max(0, k - 2) : k + 3]]
    return any(around[i : i + 3] in (["as", "well", "as"], ["as", "much", "as"]) for i in range(len(around) - 2))


_SUPPORT = frozenset({"support", "suggest", "favor", "favour", "indicate", "confirm", "establish", "argue", "make", "render", "mean", "imply", "point", "speak", "identify", "fit", "define", "characterise", "characterize", "allow", "leave", "complete"})  # fmt: skip
"""Behind what is lacking they go on with a clause: `ST segments without deviation support`, `the absence of ST changes and the rhythm make`."""
_LACKS = ("without", "absence", "lack", "missing", "want")
_LED = frozenset({"to", "that", "which", "would", "not", "may", "might", "could", "can"})


def _denies_on(tokens: list[Token], k: int) -> bool:
    """Whether what stands behind token k is denied: not behind a denial of what stands before it, and `and`: `P waves are not recognisable and the irregular RR intervals`."""
    if tokens[k].kind == "after" and " not " in tokens[k].what:
        named = any(t.kind in ("measure", "finding") for t in tokens[max(0, k - 2) : k])
        return not (named and [t.what for t in tokens[k + 1 : k + 2]] == ["and"])
    return tokens[k].kind == "not"


def _too(text: str, tokens: list[Token], k: int) -> bool:
    """Whether at `to` something begins that a quality is too large or small for, which denies it: `too slow to be called normal`, `too much for a regular rhythm`."""
    ahead = tokens[k + 1] if k + 1 < len(tokens) else None
    if ahead is None or tokens[k].what not in ("to", "for") or not k:
        return False
    own = text[tokens[k - 1].start : tokens[k - 1].end].lower()
    too = own.startswith("too ") or (k > 1 and tokens[k - 2].what == "too")
    if tokens[k].what == "to" and tokens[k - 1].kind == "quality" and too:
        return True
    denied = ahead.what in ("a", "an", "any") or ahead.kind in ("finding", "quality")
    if not (denied if tokens[k].what == "for" else ahead.what in _COUNTED_AS):
        return False
    for j in range(k - 1, max(-1, k - 8), -1):
        if tokens[j].kind == "break" or tokens[j].what == ",":
            return False
        if tokens[j].what == "too" or text[tokens[j].start : tokens[j].end].lower().startswith("too "):
            return True
    return False


_COUNTED_AS = frozenset({"be", "count", "pass", "qualify", "represent", "meet", "call", "regard", "consider", "fit"})


CONTRAST = frozenset({"rather than", "instead of"})
"""Behind these what is lacking is not so: `delayed rather than absent`."""


def _in_front(tokens: list[Token], k: int) -> bool:
    """Whether a denial stands before what it denies, at the begin of a clause: `two findings: absent P waves`."""
    if tokens[k].what not in ("absent", "missing", "lacking") or k + 1 >= len(tokens) or not k:
        return False
    before = tokens[k - 1]
    return tokens[k + 1].kind in ("measure", "finding") and (
        before.kind == "break" or before.what in (",", "and", "the", "(", "by", "with", "of", "given", "from")
    )


def _evidence(tokens: list[Token], k: int) -> bool:
    """Whether a denial has found its object and the verb at token k says what that means: `a lack of P waves suggests`."""
    before = [t.what for t in tokens[max(0, k - 4) : k]]
    if tokens[k].what in ("is", "are", "was") and [t.what for t in tokens[k + 1 : k + 2]] == ["what"]:
        return True
    if tokens[k].what in EVIDENCE:
        return not before or before[-1] not in ("to", "that", "which", "would", "not", "may", "could")
    return tokens[k].what in _AGREES and bool({"is", "are", "was", "remains", "appears"} & set(before))


def _new_clause(tokens: list[Token], k: int) -> bool:
    """Whether `and` begins a clause of its own: a subject with an article, and a verb before the next comma."""
    if tokens[k].what != "and" or k + 2 >= len(tokens) or tokens[k + 1].what not in _ARTICLES:
        return False
    subject = False
    for token in tokens[k + 1 : k + 12]:
        if token.kind == "break" or token.what == ",":
            return False
        if subject and (token.what in _FINITE or token.kind == "after"):
            return True
        subject = subject or token.kind in ("measure", "finding", "word")
    return False


def _goes_past(tokens: list[Token], k: int) -> bool:
    """Whether a denial that has found its object ends at token k."""
    return _evidence(tokens, k) or _new_clause(tokens, k) or _seen_and(tokens, k) or _irregular_and(tokens, k)


_BEATS = frozenset({"RR", "rhythm", "rate"})


def _irregular_and(tokens: list[Token], k: int) -> bool:
    """Whether `and` leads from a wave that is denied to beats that are called irregular, which are the other half of one finding: `no P waves and irregular RR intervals`."""
    if tokens[k].what != "and" or tokens[k - 1].kind == "quality":
        return False
    ahead = [t for t in tokens[k + 1 : k + 5] if t.what not in _ARTICLES and not t.what.endswith("ly")][:2]
    return [t.what for t in ahead[:1]] == ["irregular"] and any(t.what in _BEATS for t in ahead[1:])


def _seen_and(tokens: list[Token], k: int) -> bool:
    """Whether what is denied was said to be so before `and`: `no P waves visible and irregular RR intervals`."""
    return tokens[k].what == "and" and k > 0 and tokens[k - 1].kind == "quality" and tokens[k - 1].what == "present"


_HERE = frozenset({"these", "this", "such"})


def _points_at_beats(tokens: list[Token], k: int) -> bool:
    """Whether a denial that has found its object ends where its place is described: `no block can be seen in these slender complexes`."""
    return tokens[k].what in ("in", "within", "by", "from") and [t.what in _HERE for t in tokens[k + 1 : k + 2]] == [
        True
    ]


_MAKES = frozenset({"make", "makes", "making", "made", "render", "renders", "rendering"})
"""What makes something unlikely is not denied itself: `a normal PR interval makes a block unlikely`."""
_ARTICLES = frozenset(
    {"the", "its", "this", "that", "these", "their", "there", "it", "they", "a", "an", "both", "each", "every"}
)


def _start_of_denied(tokens: list[Token], aside: list[bool], k: int) -> int:
    """First token of what a denial behind it denies; what was put in between commas is passed over."""
    first, named = k, False
    while first:
        back = tokens[first - 1]
        if aside[first - 1]:
            first -= 1
            continue
        if (back.kind == "break" and (back.what != ":" or named)) or (
            back.what == "," and not _is_listed(tokens, first - 1, k)
        ):
            break
        if (
            back.what in _MAKES
            or (named and back.what in _RELATES)
            or (named and back.what == "and" and " both " not in tokens[k].what and _says_much(tokens, first - 1))
        ):
            break
        named = named or back.kind in ("measure", "finding")
        first -= 1
    return first


def _is_listed(tokens: list[Token], comma: int, k: int) -> bool:
    """Whether a comma parts the items of a list of findings that is denied behind it: `pauses, extrasystoles and fusion beats are absent`."""
    ahead = tokens[comma + 1 : k]
    joined = any(t.what in ("and", "or") for t in ahead) and all(
        t.kind in ("finding", "unmeasurable", "word") or t.what in ("and", "or", ",") for t in ahead
    )
    item = comma - 1 if comma > 1 and tokens[comma - 1].kind == "word" else comma
    return (
        comma > 0
        and tokens[item - 1].kind in ("finding", "unmeasurable")
        and joined
        and sum(t.kind == "word" for t in ahead) <= 3
    )


def _says_much(tokens: list[Token], k: int) -> bool:
    """Whether a whole clause stands before `and` at token k: `the RR intervals vary and P waves are lacking`."""
    for token in reversed(tokens[:k]):
        if token.kind == "break" or token.what == ",":
            return False
        if token.kind == "quality" or token.what in _FINITE:
            return True
    return False


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


def _knowledge(tokens: list[Token], aside: list[bool]) -> list[bool]:
    """Clauses that speak of ECGs in general."""
    held = [False] * len(tokens)
    for k, token in enumerate(tokens):
        if token.kind != "knowledge":
            continue
        first = k
        relative = aside[k] or (k > 0 and tokens[k - 1].what.endswith("which"))
        if token.what.startswith(DEFINES) and not relative:
            while first and not (tokens[first - 1].kind == "break" and tokens[first - 1].what in (*_STRONG, *_REASONS)):
                first -= 1
        elif (
            token.what
            not in ("which means", "history of", "that define", "that defines", "risk of", "risk for", "meaning that")
            and not relative
        ):
            while first and tokens[first - 1].kind != "break" and not _apposed(tokens, first):
                first -= 1
        last = k
        while (
            last < len(tokens)
            and aside[last] == aside[k]
            and tokens[last].what not in (";", ".", ":")
            and not (last > k and tokens[last].what.startswith((", so", ", which")))
        ):
            last += 1
        held[first:last] = [True] * (last - first)
    return held


_KINDS = frozenset({"finding", "variant", "phenomenon", "feature", "observation", "sign", "pattern"})


def _apposed(tokens: list[Token], k: int) -> bool:
    """Whether general words begin at token k as what is put beside a clause: `III has a negative T wave, a frequent finding in healthy people`."""
    return (
        tokens[k - 1].what == "," and tokens[k].what in ("a", "an") and any(t.what in _KINDS for t in tokens[k : k + 4])
    )


def _bracketed(tokens: list[Token]) -> list[int]:
    held, depth = [], 0
    for token in tokens:
        depth = max(0, depth + (token.what == "(") - (token.what == ")"))
        held.append(depth)
    return held
