"""Findings of a sentence: those with a name of their own, and what is said of a measure (`the PR interval is prolonged`)."""

from __future__ import annotations

from dataclasses import replace

from engine.claims.findings.alone import beside_wave, of_question, of_rhythm, of_unit, polarity
from engine.claims.findings.bearers import is_size, subjects
from engine.claims.findings.borders import is_of_noun, is_relative
from engine.claims.findings.degrees import graded
from engine.claims.findings.directions import is_of_depth, is_of_part
from engine.claims.findings.echoes import MEETS, echoed, met, none_of
from engine.claims.findings.hedges import hedged, qualities_of
from engine.claims.findings.topics import Topic, topic_of
from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.extents import (
    as_to,
    is_alike,
    is_attribute,
    is_end_of_range,
    is_extent,
    leads_to_number,
    shades_next,
)
from engine.claims.language.general import applies, defines, explains, glosses, is_limit_of, points_back
from engine.claims.language.larger import compared
from engine.claims.language.lex import Token
from engine.claims.language.places import made
from engine.claims.language.scope import Sentence
from engine.claims.language.superlatives import SUPERLATIVES, largest, turning_point
from engine.claims.language.unread import GENERAL, IN_DOUBT, UNREAD
from engine.claims.language.words import section
from engine.claims.numbers.limits import by_limit, would_be
from engine.claims.statement import OF_NOTHING, OPEN, Statement

_SAYS_MUCH = frozenset({"low end", "high end", "fast", "slow", "irregular", "peaked", "biphasic", "elevated", "depressed", "inverted", "poor", "extreme", "wide", "flat", "reduced", "short", "abnormal", "under", "above"})  # fmt: skip


def findings(s: Sentence) -> list[Statement]:
    """Every finding that the sentence claims or denies, those of general knowledge and of the past among them."""
    found: list[Statement] = []
    for k, token in enumerate(s.tokens):
        if s.knowledge[k] or s.reference[k]:
            found += _general(s, k)
        elif token.kind == "finding" and (beyond := by_limit(s, k)) is not None:
            found.append(replace(made(s, token.what, k, k), negated=not beyond))
        elif token.what == "normal ECG" and (parts := as_to(s, k)):
            found += [replace(made(s, name, at, k), start=token.start) for at, name in parts]
        elif token.kind == "finding" and not _is_heading(s, k):
            found += _spoken_of(s, token.what, k, k)
        elif token.kind == "unmeasurable":
            found.append(
                Statement("finding", token.start, token.end, f"unmeasurable: {s.said(token)}", negated=s.negated[k])
            )
        elif token.kind == "after" or token.what == "present":
            found += _defined(s, k) or _unmet(s, k) or (_qualified(s, k) if token.kind == "quality" else [])
        elif token.kind == "quality":
            found += [] if shades_next(s, k) else _qualified(s, k) or _loose(s, k)
        elif token.kind == "measure":
            found += turning_point(s, k) or compared(s, k) or _bare(s, k)
        elif token.what == "none":
            found += none_of(s, k)
        elif token.kind == "word" and token.what in MEETS:
            found += met(s, k)
        elif token.kind == "word" and token.what in SUPERLATIVES:
            found += largest(s, k)
    return graded(s, hedged(s, _open(s, _once(would_be(s, found) + echoed(s)))))


def _spoken_of(s: Sentence, name: str, at: int, k: int) -> list[Statement]:
    """A finding of the tokens at and k, denied by what stands for it where it is a topic."""
    one, topic = made(s, name, at, k), topic_of(s, at)
    if topic is Topic.HEADING:
        return []
    return [one if topic is Topic.NONE else replace(one, negated=topic is Topic.DENIED)]


def _loose(s: Sentence, k: int) -> list[Statement]:
    """A quality that says much and is said of nothing that takes it."""
    token = s.tokens[k]
    ahead = s.tokens[k + 1 : k + 3]
    if is_end_of_range(s, k):
        return []
    if token.what == "inverted" and [t.kind for t in ahead[:2]] == ["number", "unit"] and is_of_depth(s, k):
        return []
    if any(t.kind == "finding" and by_limit(s, j) is not None for j, t in enumerate(s.tokens[k + 1 : k + 5], k + 1)):
        return []
    joined = len(ahead) == 2 and ahead[0].what in ("or", "and", "nor", "/") and ahead[1].kind == "quality"
    named = token.what in ("abnormal", "extreme") and [t.kind for t in ahead[:1]] == ["finding"]
    of_speech = any(s.said(t) in section("speech") for t in s.tokens[k + 1 : k + 3])
    if is_of_part(s, k) or (
        s.said(token).endswith("ly") and s.tokens[k + 1 : k + 2] and s.tokens[k + 1].kind == "word"
    ):
        return [_unread(s, token)]
    if token.what not in _SAYS_MUCH or joined or named or of_speech or (k and s.tokens[k - 1].kind == "unit"):
        return []
    return [
        Statement(
            "finding",
            token.start,
            token.end,
            f"{IN_DOUBT}{s.said(token)}",
            negated=s.negated[k],
            detail=OF_NOTHING,
            maybe=qualities_of(s, token.what),
        )
    ]


def _unread(s: Sentence, token: Token) -> Statement:
    """A quality whose subject is not known."""
    return Statement("finding", token.start, token.end, f"{UNREAD}{s.said(token)}")


def _open(s: Sentence, found: list[Statement]) -> list[Statement]:
    """The findings, those marked that their clause calls open: `ischaemia cannot be excluded`."""
    clauses = [s.clause(k) for k, token in enumerate(s.tokens) if token.kind == "doubt"]
    spans = [(s.tokens[first].start, s.tokens[last - 1].end) for first, last in clauses]
    return [replace(one, detail=OPEN) if any(a <= one.start < b for a, b in spans) else one for one in found]


def _general(s: Sentence, k: int) -> list[Statement]:
    """A finding in a clause that speaks of ECGs in general, of the past or of a limit: withheld, unless a limit defines it."""
    token = s.tokens[k]
    if token.kind not in ("finding", "unmeasurable") or defines(s, k):
        return []
    if token.kind == "finding" and (beyond := by_limit(s, k)) is not None:
        return [replace(made(s, token.what, k, k), negated=not beyond)]
    if token.kind == "finding" and applies(s, k):
        one, behind = made(s, token.what, k, k), s.tokens[k + 1 :]
        return [replace(one, negated=one.negated or any(t.kind == "after" for t in behind))]
    if token.kind == "finding" and glosses(s, k):
        return []
    if token.kind == "finding" and explains(s, k):
        return [made(s, token.what, k, k)]
    maybe = ((token.what, ()),) if token.kind == "finding" else ()
    name = f"{GENERAL}{s.said(token)}"
    risk = any(t.what in ("risk of", "risk for") for t in s.tokens[max(0, k - 3) : k])
    return [
        Statement(
            "finding", token.start, token.end, name, maybe=maybe, hedged=risk or s.negated[k] or is_limit_of(s, k)
        )
    ]


def _defined(s: Sentence, k: int) -> list[Statement]:
    """`AV block is diagnosed when PR exceeds 200 ms; at 150 ms it is not present`: the finding that was defined before."""
    last = next((j for j in range(k - 1, -1, -1) if s.knowledge[j]), None)
    if last is None or any(t.kind in ("finding", "measure") for t in s.tokens[last + 1 : k]):
        return []
    name = next((t.what for j, t in enumerate(s.tokens[:k]) if s.knowledge[j] and t.kind == "finding"), "")
    token = s.tokens[k]
    return [Statement("finding", token.start, token.end, name, (), True, negated=token.kind == "after")] if name else []


def _unmet(s: Sentence, k: int) -> list[Statement]:
    """`Sokolow-Lyon: not fulfilled`: a criterion that is denied."""
    before = next((t for t in reversed(s.tokens[:k]) if t.kind in ("measure", "finding", "number")), None)
    if before is None or before.what not in ("sokolow", "LVH criterion") or s.tokens[k].kind != "after":
        return []
    if not any(word in s.said(s.tokens[k]) for word in ("met", "fulfil", "satisf", "reach", "attain", "exceed")):
        return []
    return [Statement("finding", before.start, s.tokens[k].end, "no left ventricular hypertrophy")]


_HEADINGS = {
    "ventricular hypertrophy", "ectopy", "arrhythmia", "ischaemia", "infarct", "bundle branch block", "axis deviation", "AV block",
    "chamber enlargement", "atrial enlargement",
}  # fmt: skip


def _is_heading(s: Sentence, k: int) -> bool:
    """`Hypertrophy: no LVH`: a general name in front of a colon, behind which a finding is said or denied; `from rS to Rs` names forms only."""
    if (
        s.tokens[k].what in ("rS complex", "negative QRS", "positive QRS")
        and k
        and s.tokens[k - 1].what in ("from", "to", "into")
    ):
        return True
    if s.tokens[k].what not in _HEADINGS or [t.what for t in s.tokens[k + 1 : k + 2]] != [":"]:
        return False
    return any(t.kind in ("finding", "not") or t.what in ("LVH criterion", "sokolow") for t in s.tokens[k + 2 : k + 6])


def _once(found: list[Statement]) -> list[Statement]:
    seen: dict[tuple[str, tuple[str, ...], bool], Statement] = {}
    for one in found:
        seen.setdefault((one.what, one.leads, one.negated), one)
    return list(seen.values())


# subject and quality ----------------------------------------------------------------------------------------------


def _set_aside(s: Sentence, k: int) -> list[Statement] | None:
    """What is made of the quality at token k where it is said of no subject of the sentence; None where it is."""
    token = s.tokens[k]
    if (
        k
        and (s.tokens[k - 1].kind == "unit" or s.tokens[k - 1].what in ("squares", "boxes", "square", "box"))
        and s.said(token) in ("high", "long", "wide", "deep", "tall", "low", "broad", "short")
    ):
        return []
    if (
        k
        and s.tokens[k - 1].kind == "unit"
        and s.said(token).startswith(("below the limit", "over the limit", "above the limit", "under the limit"))
    ):
        return []  # by how much a value lies on the good or the bad side of a limit
    if (
        token.what == "deviated"
        and any(t.what in ("of", "by") or t.kind in ("below", "above") for t in s.tokens[k + 1 : k + 8])
        and any(t.kind == "number" for t in s.tokens[k + 2 : k + 10])
    ):
        return []
    if is_end_of_range(s, k):
        return []
    if (
        s.said(token).startswith("var")
        and [t.what for t in s.tokens[k + 1 : k + 2]] == ["by"]
        and any(t.kind == "number" for t in s.tokens[k + 2 : k + 5])
    ):
        return [_unread(s, token)]  # the number tells by how much
    if s.said(token) in _COMPARATIVES or [t.what for t in s.tokens[max(0, k - 3) : k]] in (
        ["where", "it", "is"],
        ["where", "they", "are"],
    ):
        return [_unread(s, token)]
    if is_relative(s, k) or is_extent(s, k) or leads_to_number(s, k):
        return [_unread(s, token)]
    if token.what == "pathological" and s.tokens[k + 1 : k + 2] and s.tokens[k + 1].what in ("ST", "deviation"):
        return []
    if is_of_part(s, k) and not any(s.tokens[at].what in ("T", "P") for at in subjects(s, k)):
        return []
    if token.what == "normal" and _REST & {t.what for t in s.tokens[max(0, k - 3) : k]}:
        return [_unread(s, token)]  # `prolonged PR, all else normal`
    return None


def _qualified(s: Sentence, k: int) -> list[Statement]:
    """Findings that the quality at token k makes of its subjects."""
    if (aside := _set_aside(s, k)) is not None:
        return aside
    token = s.tokens[k]
    bearers = [at for at in subjects(s, k) if not is_size(s, at, token.what)]
    if bearers and max(bearers) < k and is_of_noun(s, k):
        bearers = []
    if token.what == "poor" and any(
        s.tokens[at].what == "R" and any(t.kind == "group" for t in s.tokens[k:at]) for at in bearers
    ):
        return [_unread(s, token)]  # `poor septal R` is no progression
    if s.said(token) == "small":
        bearers = [at for at in bearers if s.tokens[at].what != "rate"]
    if len(bearers) == 1 and bearers[0] < k - 1 and is_attribute(s, k, bearers[0]):
        bearers = [k + 1]
    if (
        not bearers
        and token.what in ("regular", "irregular")
        and any(t.what in ("rate", "rhythm", "/min") for t in s.tokens[k + 1 : k + 5])
    ):
        return [made(s, ACCEPTS["rhythm"][token.what], k, k)]
    if not bearers and token.what in ("regular", "irregular") and (k == 0 or s.tokens[k - 1].what in (";", ":")):
        return [made(s, ACCEPTS["rhythm"][token.what], k, k)]
    if not bearers and (is_of_noun(s, k) or s.said(token).endswith(_EVENTS)):
        return [_unread(s, token)]
    if not bearers and (own := of_rhythm(s, k)):
        return [made(s, own, k, k)]
    if (
        any(s.tokens[at].what == "RR" for at in bearers)
        and {t.what for t in s.tokens if t.kind == "quality"} >= _SPREAD
    ):
        return [made(s, "irregular rhythm", bearers[0], k)]
    if not bearers and token.what in ("prompt", "long") and any(t.what == "conducted beats" for t in s.tokens[:k]):
        return [made(s, ACCEPTS["AV conduction"][token.what], k, k)]
    if not bearers and (alone := of_unit(s, k)):
        return [made(s, alone, k, k)]
    if token.what in ("upright", "inverted") and (other := beside_wave(s, k)):
        return other
    if not bearers and token.what in ("upright", "inverted"):
        return polarity(s, k) or of_question(s, k)
    if (
        not bearers
        and (s.answers or token.what not in ("pathological", "abnormal", "low", "constant", "left", "right"))
        and token.what != "present"
        and s.subject
        and not any(s.said(t) in section("speech") for t in s.tokens[max(0, k - 3) : k])
        and (token.what != "normal" or s.answers or points_back(s))
    ):
        name = ACCEPTS.get(s.subject, {}).get(token.what)
        return [made(s, name, k, k)] if name else []
    if token.what == "present" and any(
        s.tokens[at].what == "Q" and at and s.tokens[at - 1].what == "pathological" for at in bearers
    ):
        return []  # `no pathological Q waves are seen` denies no others
    if token.what == "present" and (alike := [at for at in bearers if is_alike(s, at)]):
        return [made(s, "pathological Q waves", at, k) for at in alike]
    if token.what == "normal":
        bearers = [at for at in bearers if s.tokens[at].what != "Q" or abs(k - at) <= _CLOSE]
    return [one for at in bearers for one in _spoken_of(s, ACCEPTS[s.tokens[at].what][token.what], at, k)]


_CLOSE = 4
"""Tokens between a Q wave and what calls it normal."""
_COMPARATIVES = frozenset({"wider", "broader", "longer", "shorter", "narrower"})
"""How one wave or interval differs from another says nothing of either: `the one in aVL is wider`."""
_REST = frozenset({"else", "everything", "rest", "others"})
_EVENTS = ("slowing", "shortening", "lengthening", "widening", "broadening", "flattening")
"""What goes on in time is said of nothing that an earlier sentence named: `gradual slowing towards the end`."""
_SPREAD = frozenset({"short", "long"})
"""Said both of RR intervals they tell that these differ."""


_SEES = frozenset({"with", "shows", "see", "sees", "discern", "recognise", "recognize", "make out", "out", "find", "identify", "displays", "contains", "distinguish", "reveals"})  # fmt: skip
_BEFORE = frozenset({"follows", "follow", "followed", "preceded", "heralded", "heralds", "introduced", "introduces", "announced", "announces", "initiates", "anticipated", "anticipates"})  # fmt: skip


def _bare(s: Sentence, k: int) -> list[Statement]:
    """What the mere naming of a wave says: no P waves, a P wave before each QRS, a Q wave in III."""
    token = s.tokens[k]
    window = s.tokens[max(0, k - 4) : k + 6]
    if token.what == "U":
        return [Statement("finding", token.start, token.end, "unmeasurable: U waves", negated=s.negated[k])]
    if (
        token.what == "P"
        and s.negated[k]
        and not any(t.kind in ("quality", "measure") and t.what in ("normal", "QRS axis") for t in window)
    ):
        if _own_quality(s, k) or any(t.what in _EARLY for t in s.tokens[:k]):
            return []
        return [Statement("finding", token.start, token.end, "P waves", negated=True)]
    accompanies = (
        k > 0
        and any(s.said(t) in _SEES for t in s.tokens[max(0, k - 3) : k])
        and not s.knowledge[k]
        and not _own_quality(s, k)
    )
    if token.what == "P" and (accompanies or any(s.said(t) in _BEFORE for t in window)):
        return [Statement("finding", token.start, token.end, "P waves", negated=s.negated[k])]
    if token.what == "Q" and not _own_quality(s, k) and not _numbered(s, k):
        return _spoken_of(s, "pathological Q waves" if s.negated[k] else "Q waves", k, k)
    return []


_EARLY = frozenset({"premature", "ectopic", "extrasystole", "extrasystoles", "ventricular ectopy", "ectopy"})
"""Of an early beat it may be said that no P wave precedes it."""


def _own_quality(s: Sentence, k: int) -> bool:
    """Whether a quality of this sentence is said of the measure at token k."""
    what = s.tokens[k].what
    return any(t.kind == "quality" and t.what in ACCEPTS[what] and k in subjects(s, j) for j, t in enumerate(s.tokens))


def _numbered(s: Sentence, k: int) -> bool:
    return any(t.kind == "number" for t in s.tokens[k + 1 : k + 9])


# leads ------------------------------------------------------------------------------------------------------------
