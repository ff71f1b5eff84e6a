"""How far a finding is said: the slight end of a range, a wave like another one, an ECG that is normal in what is named."""

from __future__ import annotations

from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.scope import Sentence

_LITTLE = frozenset({"minimally", "slightly", "barely", "marginally", "mildly", "weakly", "shallowly", "faintly"})


def is_end_of_range(s: Sentence, k: int) -> bool:
    """Whether a quality is but the slight end of a range that another one begins: `flat to minimally negative`."""
    return (
        k > 2
        and s.tokens[k - 1].what in _LITTLE
        and s.tokens[k - 2].what in ("to", "or")
        and s.tokens[k - 3].kind == "quality"
    )


def is_alike(s: Sentence, at: int) -> bool:
    """Whether a Q wave is denied only to be like another one: `no comparable Q wave is present in II`."""
    return s.tokens[at].what == "Q" and at > 0 and s.negated[at] and s.tokens[at - 1].what in _ALIKE


_ALIKE = frozenset({"comparable", "similar", "such", "corresponding", "equivalent"})
_AS_TO = (
    "with respect to",
    "with regard to",
    "as regards",
    "in respect of",
    "in terms of",
    "from the standpoint of",
    "from the point of view of",
    "as to",
    "regarding",
    "concerning",
    "as far as",
    "so far as",
)


def as_to(s: Sentence, k: int) -> list[tuple[int, str]]:
    """The measures, with their tokens and findings, that alone an ECG is called normal in: `normal with respect to rate, PR and axis`; none where it is not limited."""
    behind = s.text[s.tokens[k].end : s.end].lower().lstrip(" ,")
    if not behind.startswith(_AS_TO):
        return []
    ends = next(
        (j for j in range(k + 1, len(s.tokens)) if s.tokens[j].kind in ("break", "number", "not")), len(s.tokens)
    )
    named = [j for j in range(k + 1, ends) if s.tokens[j].kind == "measure"]
    names = [(j, ACCEPTS.get(s.tokens[j].what, {}).get("normal", "")) for j in named]
    return names if all(name for _, name in names) else []


def is_attribute(s: Sentence, k: int, at: int) -> bool:
    """Whether the quality at token k stands before its own noun in a clause behind that of the same wave at token `at`, which has a quality already: `T is flat in aVF, unlike the upright T waves in II`."""
    if k + 1 >= len(s.tokens) or s.tokens[k + 1].kind != "measure" or s.tokens[k + 1].what != s.tokens[at].what:
        return False
    return any(t.kind == "quality" and t.what in ACCEPTS[s.tokens[at].what] for t in s.tokens[at + 1 : k])


def shades_next(s: Sentence, k: int) -> bool:
    """Whether a word only makes less of the quality or finding behind it: `borderline left`."""
    return s.said(s.tokens[k]) == "borderline" and any(
        t.kind in ("quality", "finding") for t in s.tokens[k + 1 : k + 2]
    )


def is_bounded(s: Sentence, k: int) -> bool:
    """Whether a deviation is named only with the bound below which it lies: `elevated by less than 0.1 mV`, `ST deviations never reach 0.2 mV`."""
    ahead = s.tokens[k + 1 : k + 7]
    number = next((j for j, t in enumerate(ahead) if t.kind == "number"), 0)
    if s.tokens[k].what in ("elevated", "depressed"):
        return number == 2 and ahead[0].what == "by" and ahead[1].kind == "below"
    if s.tokens[k].what not in ("ST deviation", "ST elevation", "ST depression") or not number:
        return False
    inner = ahead[:number]
    bound = any(t.kind == "above" or t.what.startswith(("reach", "attain", "pass", "surpass")) for t in inner)
    return bound and any(t.kind == "not" for t in inner) and all(t.kind in ("not", "above", "word") for t in inner)


_MOST = frozenset({"largest", "greatest", "biggest", "maximum", "maximal", "highest", "deepest"})


def is_extent(s: Sentence, k: int) -> bool:
    """Whether a deviation is named only as the largest one, whose level is told: `-0.04 mV at J in V5 being the largest shift`."""
    if s.tokens[k].what not in ("elevated", "depressed", "deviated", "changed"):
        return False
    return any(t.what in _MOST for t in s.tokens[max(0, k - 3) : k]) and any(t.kind == "unit" for t in s.tokens)


_SIZES = frozenset({"amplitude", "amplitudes", "deflection", "deflections", "voltages"})


def leads_to_number(s: Sentence, k: int) -> bool:
    """Whether a quality only leads to a number, or is said of amplitudes of no wave: `as short as 0.35 s`, `the amplitudes are extreme`."""
    if k and s.tokens[k - 1].what == "as" and [t.what for t in s.tokens[k + 1 : k + 2]] == ["as"]:
        return any(t.kind == "number" for t in s.tokens[k + 2 : k + 5])
    first, _ = s.clause(k)
    of = s.tokens[first:k]
    return (
        s.tokens[k].what in ("extreme", "peaked")
        and any(t.what in _SIZES for t in of)
        and all(t.kind != "measure" or t.what == "ECG" for t in of)
    )
