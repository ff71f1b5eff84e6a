"""What a quality makes of the measures that it is said of: `the PR interval is prolonged`, `poor septal R`, `upright.`

RULES is asked in its order; what stands above takes a quality away from what stands below.
"""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.findings.alone import beside_wave, of_question, of_rhythm, of_unit, polarity
from engine.claims.findings.bearers import is_size, subjects
from engine.claims.findings.borders import is_of_noun, is_relative
from engine.claims.findings.directions import is_of_part
from engine.claims.findings.rule import Bearers, Rule, claimed, first_answer, not_read
from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.extents import is_alike, is_attribute, is_end_of_range, is_extent, leads_to_number
from engine.claims.language.general import points_back
from engine.claims.language.places import made
from engine.claims.language.scope import Sentence
from engine.claims.language.unread import GENERAL
from engine.claims.language.words import section
from engine.claims.statement import Statement


def qualified(s: Sentence, k: int) -> list[Statement]:
    """Findings that the quality at token k makes of its bearers."""
    return first_answer(RULES, s, k, _bearers(s, k))


def _bearers(s: Sentence, k: int) -> list[int]:
    """Tokens of the measures that a quality is said of, less those that another noun or a nearer measure takes it from."""
    found = [at for at in subjects(s, k) if not is_size(s, at, s.tokens[k].what)]
    if s.said(s.tokens[k]) in _IN_TIME:
        found = [at for at in found if s.tokens[at].what not in ("RR", "rhythm")]
    if s.said(s.tokens[k]).startswith(_SHIFTS):
        found = [at for at in found if s.tokens[at].what not in ("rate", "rhythm")]
    if found and max(found) < k and is_of_noun(s, k):
        return []  # `the RR is regular, with short cycles`
    if s.said(s.tokens[k]) == "small":
        found = [at for at in found if s.tokens[at].what != "rate"]
    if len(found) == 1 and found[0] < k - 1 and is_attribute(s, k, found[0]):
        return [k + 1]
    return found


# of no subject ----------------------------------------------------------------------------------------------------


def _size_of_number(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A size behind its number, which says all: `a T wave 3 mm high`, `5 small squares wide`."""
    back = s.tokens[k - 1] if k else None
    if back is None or s.said(s.tokens[k]) not in _SIZES:
        return None
    return [] if back.kind == "unit" or back.what in _SQUARES else None


def _margin_to_limit(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """By how much a value lies on the good or the bad side of a limit: `14 ms over the limit`."""
    behind_unit = k > 0 and s.tokens[k - 1].kind == "unit"
    return [] if behind_unit and s.said(s.tokens[k]).startswith(_OF_LIMIT) else None


def _limit_called_normal(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A limit that itself is called normal behind its number: `longer than the 450 ms regarded as normal`."""
    j = k - 1
    while j >= 0 and (s.tokens[j].what in _CALLED or s.tokens[j].what.endswith("ly")):
        j -= 1
    if s.tokens[k].what != "normal" or j == k - 1 or j < 1 or s.tokens[j].kind != "unit":
        return None
    before = s.tokens[max(0, j - 4) : j]
    held = any(t.kind in ("above", "below") or s.said(t).endswith(" than") or t.what == "than" for t in before)
    return [] if held else None


def _deviation_in_numbers(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A deviation whose level is told, which is judged: `a shift of 0.05 mV`."""
    if s.tokens[k].what != "deviated":
        return None
    leads = any(t.what in ("of", "by") or t.kind in ("below", "above") for t in s.tokens[k + 1 : k + 8])
    return [] if leads and any(t.kind == "number" for t in s.tokens[k + 2 : k + 10]) else None


def _end_of_range(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """The slight end of a range of qualities: `flat to minimally negative`."""
    return [] if is_end_of_range(s, k) else None


def _varies_by_number(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A variation of which the number tells how large it is: `RR varies by 40 ms`."""
    leads = s.said(s.tokens[k]).startswith("var") and [t.what for t in s.tokens[k + 1 : k + 2]] == ["by"]
    return _left(s, k) if leads and any(t.kind == "number" for t in s.tokens[k + 2 : k + 5]) else None


def _compared_with_another(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """How one wave differs from another, or from what it was, which says nothing of either: `the one in aVL is wider`, `less regular than expected`."""
    if k and s.tokens[k - 1].what == "less":
        return _left(s, k)
    placed = [t.what for t in s.tokens[max(0, k - 3) : k]] in (["where", "it", "is"], ["where", "they", "are"])
    return _left(s, k) if placed or s.said(s.tokens[k]) in _COMPARATIVES else None


def _relative_or_leading(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """What is normal only beside something abnormal, the largest of its kind, or leads to a number: `acceptable given the wide QRS`, `as short as 0.35 s`."""
    return _left(s, k) if is_relative(s, k) or is_extent(s, k) or leads_to_number(s, k) else None


def _significance(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A word of weight before an ST deviation, which is read by itself: `significant ST depression`."""
    ahead = s.tokens[k + 1 : k + 2]
    weighs = s.tokens[k].what == "pathological" and ahead and ahead[0].what in ("ST", "deviation")
    return [] if weighs else None


def _expected(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """What only ought to be so: `negative where it ought to be positive`."""
    return [] if _OUGHT.search(s.text, s.start, s.tokens[k].start) else None


_OUGHT = re.compile(
    r"\bwhere (?:it|they|one)\b[^.;,]{0,20}\b(?:ought to|should|would)(?: \w+ly)? be (?:\w+ly )?$", re.IGNORECASE
)


def _condition(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """What would be so, of which it is not said that it is: `pharmacy gets a copy when it is prolonged`."""
    before = s.text[s.start : s.tokens[k].start]
    if _IF.search(before) is None or _HERE.search(s.text, s.tokens[k].end, s.end) is not None:
        return None
    token = s.tokens[k]
    return [Statement("finding", token.start, token.end, f"{GENERAL}{s.said(token)}", hedged=True)]


def _first_deflection(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """The direction of a part of the QRS; of its begin it tells whether there is a Q wave: `the first deflection of the QRS is negative`."""
    if s.tokens[k].what not in _DIRECTIONS or len(bearers) != 1 or s.tokens[bearers[0]].what != "QRS":
        return None
    part = _PART_OF.search(s.text[s.start : s.tokens[bearers[0]].start])
    if part is None:
        return None
    one = made(s, "Q waves", bearers[0], k)
    denied = one.negated != (s.tokens[k].what == "upright")
    return [replace(one, negated=denied)] if part["first"] else _left(s, k)


def _part_of_wave(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """The direction of a part of a complex, not of the whole: `the negative part outweighs the positive`."""
    return [] if is_of_part(s, k) and not any(s.tokens[at].what in ("T", "P") for at in subjects(s, k)) else None


def _all_the_rest(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """What is normal but for what was named, with nothing named itself: `prolonged PR, all else normal`."""
    rest = s.tokens[k].what == "normal" and _REST & {t.what for t in s.tokens[max(0, k - 3) : k]}
    return _left(s, k) if rest else None


def _septal_r(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A poor R wave of one wall, which is no progression: `poor septal R`."""
    walled = (s.tokens[at].what == "R" and any(t.kind == "group" for t in s.tokens[k:at]) for at in bearers)
    return _left(s, k) if s.tokens[k].what == "poor" and any(walled) else None


# of what is not named beside it -----------------------------------------------------------------------------------


def _regularity_of_rhythm(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """Regularity in front of what beats, or alone at the begin of a clause: `regular at a rate of 72/min`, `; irregular.`"""
    if bearers or s.tokens[k].what not in _REGULARITY:
        return None
    ahead = any(t.what in ("rate", "rhythm", "/min") for t in s.tokens[k + 1 : k + 5])
    begins = k == 0 or s.tokens[k - 1].what in (";", ":")
    return [made(s, ACCEPTS["rhythm"][s.tokens[k].what], k, k)] if ahead or begins else None


def _of_noun_or_event(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A quality of a plural noun of its own, or what goes on in time: `short cycles`, `gradual slowing towards the end`."""
    apart = not bearers and (is_of_noun(s, k) or s.said(s.tokens[k]).endswith(_EVENTS))
    return _left(s, k) if apart else None


def _of_named_rhythm(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """Regularity behind a rhythm by its name: `sinus rhythm of 72/min, mildly irregular`."""
    own = "" if bearers else of_rhythm(s, k)
    return [made(s, own, k, k)] if own else None


def _short_and_long(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """RR intervals that are called both: `short and long RR intervals alternate`."""
    both = {t.what for t in s.tokens if t.kind == "quality"} >= _SPREAD
    of_cycles = any(s.tokens[at].what == "RR" for at in bearers)
    return [made(s, "irregular rhythm", bearers[0], k)] if of_cycles and both else None


def _of_conducted_beats(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """How fast beats are conducted: `every beat is conducted, promptly`."""
    if bearers or s.tokens[k].what not in ("prompt", "long"):
        return None
    conducted = any(t.what == "conducted beats" for t in s.tokens[:k])
    return [made(s, ACCEPTS["AV conduction"][s.tokens[k].what], k, k)] if conducted else None


def _of_unit(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A quality of a number that alone says of what it is: `53 beats per minute, which is slow`."""
    own = "" if bearers else of_unit(s, k)
    return [made(s, own, k, k)] if own else None


def _lead_beside_wave(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A lead whose T wave is told behind, so that its direction is that of the QRS: `aVL is positive with a T wave of -0.2 mV`."""
    return (beside_wave(s, k) or None) if s.tokens[k].what in _DIRECTIONS else None


def _lead_alone(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """The direction of a lead, or of the wave that was asked for: `V1 is negative`, `Upright.`"""
    return None if bearers or s.tokens[k].what not in _DIRECTIONS else polarity(s, k) or of_question(s, k)


def _of_sentence_before(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """What is said of the measure of the sentence before: `It is prolonged.`"""
    what = s.tokens[k].what
    if bearers or not s.subject or what == "present" or (what in _OF_MANY and not s.answers):
        return None
    if any(s.said(t) in section("speech") for t in s.tokens[max(0, k - 3) : k]):
        return None
    if what == "normal" and not s.answers and not points_back(s):
        return None
    name = ACCEPTS.get(s.subject, {}).get(what)
    return [made(s, name, k, k)] if name else []


# of its bearers ---------------------------------------------------------------------------------------------------


def _no_pathological_q(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A Q wave that was called pathological before it was called seen: `no pathological Q waves are seen` denies no others."""
    named = (s.tokens[at].what == "Q" and at and s.tokens[at - 1].what == "pathological" for at in bearers)
    return [] if s.tokens[k].what == "present" and any(named) else None


def _no_similar_q(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A Q wave that is denied only to be like another: `no comparable Q wave is present in II`."""
    alike = [at for at in bearers if is_alike(s, at)] if s.tokens[k].what == "present" else []
    return [made(s, "pathological Q waves", at, k) for at in alike] or None


def _of_bearers(s: Sentence, k: int, bearers: Bearers) -> list[Statement]:
    """The finding that each bearer takes from the quality; a Q wave is called normal near by only: `the PR interval is prolonged`."""
    what = s.tokens[k].what
    near = [at for at in bearers if what != "normal" or s.tokens[at].what != "Q" or abs(k - at) <= _CLOSE]
    return [one for at in near for one in claimed(s, ACCEPTS[s.tokens[at].what][what], at, k)]


def _left(s: Sentence, k: int) -> list[Statement]:
    return [not_read(s, s.tokens[k])]


RULES: tuple[Rule, ...] = (
    _size_of_number,
    _margin_to_limit,
    _limit_called_normal,
    _deviation_in_numbers,
    _end_of_range,
    _varies_by_number,
    _compared_with_another,
    _relative_or_leading,
    _significance,
    _expected,
    _condition,
    _first_deflection,
    _part_of_wave,
    _all_the_rest,
    _septal_r,
    _regularity_of_rhythm,
    _of_noun_or_event,
    _of_named_rhythm,
    _short_and_long,
    _of_conducted_beats,
    _of_unit,
    _lead_beside_wave,
    _lead_alone,
    _of_sentence_before,
    _no_pathological_q,
    _no_similar_q,
    _of_bearers,
)
"""In the order in which they are asked: a quality of no subject, one whose subject is named elsewhere, and last one of its bearers."""
_CALLED = frozenset({"that", "which", "is", "are", "regarded", "considered", "taken", "accepted", "seen", "deemed", "counted", "as", "still", "be", "to", "thought", "held"})  # fmt: skip
_IN_TIME = frozenset({"lengthens", "lengthening", "shortening", "slowing"})
"""Of cycles they tell a course in time, and no rate."""
_SHIFTS = ("depression", "elevation")
"""Nouns that no rate has: `the ST depression probably reflects the rate`."""
_SIZES = frozenset({"high", "long", "wide", "deep", "tall", "low", "broad", "short"})
_SQUARES = frozenset({"squares", "boxes", "square", "box"})
_OF_LIMIT = ("below the limit", "over the limit", "above the limit", "under the limit")
_REGULARITY = frozenset({"regular", "irregular"})
_DIRECTIONS = frozenset({"upright", "inverted"})
_OF_MANY = frozenset({"pathological", "abnormal", "low", "constant", "left", "right"})
"""Said of so much that they are said of the measure of the sentence before only as an answer."""
_IF = re.compile(
    r"\b(?:when(?:ever)?|if|unless|in case|should) (?:it|this|that|they|these|one) (?:is|are|was|were|be|becomes?|looks?|appears?|turns? out)(?: to be)?(?: found)?(?: (?:too|ever|\w+ly))? $",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"\b(?:here|as (?:it|they|this|that)|(?:it|this|that|which) (?:is|does)|present case)\b", re.IGNORECASE
)
"""Behind a condition these may say that it is met."""
_PART_OF = re.compile(
    r"\b(?P<first>first|initial|opening)?(?: |\b)(?:deflections?|parts?|portions?|components?|phases?|halves|half) (?:of|in) (?:the |each |its )?$",
    re.IGNORECASE,
)
_CLOSE = 4
"""Tokens between a Q wave and what calls it normal."""
_COMPARATIVES = frozenset({"wider", "broader", "longer", "shorter", "narrower"})
_REST = frozenset({"else", "everything", "rest", "others"})
_EVENTS = ("slowing", "shortening", "lengthening", "widening", "broadening", "flattening")
_SPREAD = frozenset({"short", "long"})
