"""What the mere naming of a wave says: no P waves, a P wave before each QRS, a Q wave in III.

RULES is asked in its order, and the first that answers wins.
"""

from __future__ import annotations

from engine.claims.findings.bearers import subjects
from engine.claims.findings.rule import Bearers, Rule, claimed, first_answer
from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.statement import Statement


def bare(s: Sentence, k: int) -> list[Statement]:
    """Findings that the mere naming of the measure at token k makes."""
    return first_answer(RULES, s, k, (k,))


def _u_wave(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A U wave, which is not measured: `U waves are seen in V3`."""
    return [_named(s, k, "unmeasurable: U waves", s.negated[k])] if s.tokens[k].what == "U" else None


def _no_p_wave(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A P wave that is denied, and not that of an early beat: `no P waves`."""
    if s.tokens[k].what != "P" or not s.negated[k]:
        return None
    if any(t.kind in ("quality", "measure") and t.what in ("normal", "QRS axis") for t in _window(s, k)):
        return None
    of_early = any(t.what in _EARLY for t in s.tokens[:k])
    return [] if of_early or _own_quality(s, k) else [_named(s, k, "P waves", True)]


def _p_wave_behind(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A P wave that comes after the QRS, which nothing shows: `P waves follow the QRS`, `a QRS followed by a P wave`."""
    if s.tokens[k].what != "P":
        return None
    ahead = next(
        (j for j in range(k + 1, min(k + 4, len(s.tokens))) if s.said(s.tokens[j]) in ("follow", "follows")), None
    )
    behind = next((j for j in range(k - 1, max(-1, k - 5), -1) if s.said(s.tokens[j]) == "followed"), None)
    after = next((t.what for t in s.tokens[ahead + 1 :] if t.kind == "measure"), "") if ahead is not None else ""
    before = (
        next((t.what for t in reversed(s.tokens[:behind]) if t.kind == "measure"), "") if behind is not None else ""
    )
    turned = after in ("QRS", "R") or before in ("QRS", "R")
    return [_named(s, k, "unmeasurable: P waves behind the QRS", s.negated[k])] if turned else None


def _p_wave_seen(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A P wave that is seen or that goes before: `with P waves`, `each QRS follows a P wave`."""
    if s.tokens[k].what != "P":
        return None
    seen = any(s.said(t) in _SEES for t in s.tokens[max(0, k - 3) : k])
    accompanies = seen and not s.knowledge[k] and not _own_quality(s, k)
    before = any(s.said(t) in _BEFORE for t in _window(s, k))
    return [_named(s, k, "P waves", s.negated[k])] if accompanies or before else None


def _q_wave(s: Sentence, k: int, bearers: Bearers) -> list[Statement] | None:
    """A Q wave of which neither a quality nor a number is told: `Q waves in III`, `no Q waves`."""
    if s.tokens[k].what != "Q" or _own_quality(s, k) or any(t.kind == "number" for t in s.tokens[k + 1 : k + 9]):
        return None
    return claimed(s, "pathological Q waves" if s.negated[k] else "Q waves", k, k)


RULES: tuple[Rule, ...] = (_u_wave, _p_wave_behind, _no_p_wave, _p_wave_seen, _q_wave)
"""In the order in which they are asked."""
_SEES = frozenset({"with", "shows", "see", "sees", "discern", "recognise", "recognize", "make out", "out", "find", "identify", "displays", "contains", "distinguish", "reveals"})  # fmt: skip
_BEFORE = frozenset({"follows", "follow", "followed", "preceded", "heralded", "heralds", "introduced", "introduces", "announced", "announces", "initiates", "anticipated", "anticipates"})  # fmt: skip
_EARLY = frozenset({"premature", "ectopic", "extrasystole", "extrasystoles", "ventricular ectopy", "ectopy"})
"""Of an early beat it may be said that no P wave precedes it."""


def _window(s: Sentence, k: int) -> list[Token]:
    return s.tokens[max(0, k - 4) : k + 6]


def _named(s: Sentence, k: int, name: str, negated: bool) -> Statement:
    token = s.tokens[k]
    return Statement("finding", token.start, token.end, name, negated=negated)


def _own_quality(s: Sentence, k: int) -> bool:
    """Whether a quality of this sentence is said of the measure at token k."""
    what = s.tokens[k].what
    return any(t.kind == "quality" and t.what in ACCEPTS[what] and k in subjects(s, j) for j, t in enumerate(s.tokens))
