"""Which measures a quality is said of: the one right behind it, else the nearest before that takes it, with those listed along."""

from __future__ import annotations

from engine.claims.findings.borders import is_excepted, own_unit, reach, takes_unit
from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.scope import Sentence

_VERBS = {
    "is", "are", "was", "were", "be", "appears", "appear", "remains", "remain", "being", "looks", "seems", "stays", "show", "shows",
    "at", "as", "considered", "neither", "nor", "not", "come", "are all", "which", "also", "slightly", "markedly", "notably", "clearly", "mildly",
}  # fmt: skip


def subjects(s: Sentence, k: int) -> list[int]:
    """Tokens of the measures that a quality is said of: the one right behind, else the nearest list before."""
    quality = s.tokens[k]
    before = k and (
        s.tokens[k - 1].what in _VERBS or (s.tokens[k - 1].kind == "not" and k > 1 and s.tokens[k - 2].what in _VERBS)
    )
    ahead = None if before and s.tokens[k - 1].what not in ("show", "shows") else _ahead(s, k)
    if ahead is not None:
        return [ahead, *_joined_ahead(s, ahead, quality.what)]
    return _behind(s, k) or ([late] if before and (late := _ahead(s, k)) is not None else [])


def is_size(s: Sentence, at: int, quality: str) -> bool:
    """`High QRS amplitude` speaks of no width."""
    ahead = s.tokens[at + 1].what if at + 1 < len(s.tokens) else ""
    return (
        s.tokens[at].what == "QRS"
        and quality in ("increased", "reduced", "low")
        and ahead in ("amplitude", "amplitudes", "voltage", "voltages")
    )


_JOINS = ("but", "and", "yet", ",", "though")
_SIZES = ("deep", "tall", "large", "small")
_OF = ("in", "about", "with", "for", "at", "on")


def _ahead(s: Sentence, k: int) -> int | None:
    noun = s.said(s.tokens[k]).startswith(("nothing ", "no "))  # `nothing abnormal in the ST segment`
    for j in range(k + 1, min(k + 6, len(s.tokens))):
        token = s.tokens[j]
        if token.kind == "measure":
            if (
                token.what == "QRS"
                and s.tokens[k].what == "normal"
                and [t.what for t in s.tokens[j + 1 : j + 2]] == ["voltage"]
            ):
                return j + 1
            return j if s.tokens[k].what in ACCEPTS.get(token.what, {}) else None
        if noun and token.what in _OF:
            continue
        if token.what in _APART or (token.what == "with" and s.tokens[k].what in ("upright", "inverted")):
            return None
        after = [t for t in s.tokens[j + 1 : j + 3] if not t.what.endswith("ly")]
        if token.what in _JOINS and after and (after[0].kind == "quality" or after[0].what in _SIZES):
            continue  # `a slow but regular rhythm`
        if token.kind in ("break", "number", "lead", "knowledge", "above", "below") or token.what in (
            ",",
            ".",
            "(",
            ")",
            "is",
            "are",
            "in",
            "and",
            "or",
            "at",
            "for",
        ):
            return None
    return None


_APART = frozenset({"given", "considering", "despite", "since", "because", "due", "than", "when", "if"})
"""Behind these begins what a quality is judged by, and not what it is said of: `acceptable given the wide QRS`."""


def _joined_ahead(s: Sentence, at: int, quality: str) -> list[int]:
    """`Normal PR interval and QRS duration`: the second subject too, where it has no quality of its own."""
    found, j = [], at + 1
    while j + 1 < len(s.tokens) and s.tokens[j].what in ("and", ",", "/", "&") and s.tokens[j + 1].kind == "measure":
        if quality not in ACCEPTS.get(s.tokens[j + 1].what, {}) or any(
            t.kind in ("quality", "number") for t in s.tokens[j + 2 : j + 4]
        ):
            break
        found.append(j + 1)
        j += 2
    return found


def _behind(s: Sentence, k: int) -> list[int]:
    """The nearest measure before that takes this quality, with those listed along."""
    quality = s.tokens[k].what
    unit = own_unit(s, k)
    for j in range(k - 1, reach(s, k), -1):
        token = s.tokens[j]
        if s.bracketed[j] > s.bracketed[k] and _aside(s, j):
            continue
        if token.kind == "break" and s.tokens[k - 1].what == "the" and s.said(s.tokens[k]) == "delay":
            return []  # `the QRS is narrow, so the delay lies in the node`
        if token.kind != "measure" or (token.what == "ECG" and k - j > (9 if _judges(s, j, k) else 4)):
            continue
        if quality == "present" and any(
            (t.kind == "break" and t.what != ":") or t.what == ","
            for i, t in enumerate(s.tokens[j:k], j)
            if not s.aside[i]
        ):
            return []
        if s.aside[j] and not s.aside[k]:
            continue
        if not takes_unit(token.what, unit) or (quality == "normal" and is_excepted(s, j)):
            continue
        if quality not in ACCEPTS.get(token.what, {}):
            if quality in ("above", "under") and token.what in ("R", "S", "Q", "QRS"):
                return []
            if token.what in ("repolarisation", "RR", "R", "S", "voltage", "conduction", "QRS") or k - j > 4:
                continue
            return []
        found, i = [j], j - 1
        if (
            j > 1
            and s.tokens[j - 1].what == ","
            and s.tokens[0].what in ("because", "since", "given", "with", "due", "despite")
        ):
            return found  # `because of the abnormal depolarisation, T waves are inverted`
        while (i > 0 and s.tokens[i].what in ("and", ",", "/", "&", "the", "both")) or (
            i > 0 and s.tokens[i].kind == "measure"
        ):
            if s.tokens[i].what == "ECG":
                break  # `on this recording the PR is normal`
            if s.tokens[i].kind == "measure" and quality in ACCEPTS.get(s.tokens[i].what, {}):
                found.append(i)
            i -= 1
        if i == 0 and s.tokens[0].kind == "measure" and j > 0 and quality in ACCEPTS.get(s.tokens[0].what, {}):
            found.append(0)
        return found
    return []


def _judges(s: Sentence, j: int, k: int) -> bool:
    """Whether the ECG at token j is called so at token k: `the tracing is best classified as normal`."""
    return any(t.what in _CALLED for t in s.tokens[j:k]) and not any(
        t.kind in ("measure", "finding", "break") for t in s.tokens[j + 1 : k]
    )


_CALLED = frozenset(
    [
        "classified",
        "classed",
        "regarded",
        "judged",
        "considered",
        "read",
        "passed",
        "called",
        "labelled",
        "labeled",
        "reported",
        "described",
        "taken",
        "put",
        "down",
        "interpreted",
        "rated",
        "deemed",
    ]
)


def _aside(s: Sentence, j: int) -> bool:
    """Whether the bracket around token j holds a number or a limit: then what follows is not said of it."""
    last = next((i for i in range(j, len(s.tokens)) if s.tokens[i].what == ")"), len(s.tokens))
    first = next((i for i in range(j, -1, -1) if s.tokens[i].what == "("), 0)
    return any(t.kind in ("number", "reference") for t in s.tokens[first:last])
