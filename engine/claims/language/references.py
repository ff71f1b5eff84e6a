"""Which tokens of a sentence tell a limit or a range of normal, and no value: `(normal 120 to 200 ms)`, `60 to 100 bpm is considered normal`."""

from __future__ import annotations

from engine.claims.language.lex import Token

_SEXES = {"women", "men", "females", "males", "woman", "man"}
_ENDS_LIMIT = ("with", "at", "by", "but")
"""Behind these words no limit of normal is awaited any more."""


def references(tokens: list[Token]) -> list[bool]:
    """Limits of normal: from the word that says so to the first number or range behind it, in the same clause or bracket."""
    held, depth, since, taken = _called_normal(tokens), 0, -1, -1
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
        held[k] = held[k] or since >= 0
        if since >= 0 and token.kind == "number" and not _range_goes_on(tokens, k):
            since, taken = -1, k
        if taken >= 0 and k == taken + 1 and token.kind == "unit":
            held[k] = True
        if (
            token.kind == "quality"
            and token.what in ("increased", "reduced", "normal", "abnormal", "left", "right")
            and token.end - token.start > 12
            and not _value_in_range(tokens, k)
            and (
                [t.what for t in tokens[k + 1 : k + 2]] == ["of"]
                or [t.kind for t in tokens[k + 1 : k + 2]] == ["number"]
            )
        ):
            since = depth
    return held


_CALLED = frozenset({"considered", "regarded", "taken", "called", "deemed", "held", "accepted", "counted", "seen", "viewed", "usually", "generally", "normally", "conventionally", "as", "to", "be"})  # fmt: skip


def _called_normal(tokens: list[Token]) -> list[bool]:
    """Ranges that are called normal behind them, with the word that says so: `60 to 100 beats per minute is considered normal`."""
    held = [False] * len(tokens)
    for k, token in enumerate(tokens):
        if token.kind != "number" or not _range_goes_on(tokens, k):
            continue
        last = next(j for j in range(k + 1, len(tokens)) if tokens[j].kind == "number")
        verb = last + 1 + any(t.kind == "unit" for t in tokens[last + 1 : last + 2])
        end = verb + 1
        while end < len(tokens) and tokens[end].what in _CALLED:
            end += 1
        told = end > verb + 1 and [t.what for t in tokens[verb : verb + 1]] in (["is"], ["are"], ["being"])
        if told and [t.what for t in tokens[end : end + 1]] == ["normal"]:
            held[k : end + 1] = [True] * (end + 1 - k)
    return held


def _value_in_range(tokens: list[Token], k: int) -> bool:
    """Whether one value stands behind a range of normal: `a rate in the normal range of 66 bpm`."""
    ahead = tokens[k + 1 : k + 4]
    single = [t.kind for t in ahead] == ["word", "number", "unit"] and not _range_goes_on(tokens, k + 2)
    return tokens[k].what == "normal" and single and ahead[0].what in ("of", "at")


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
