"""Conditions followed from one measurement on schedule to the next: since when they hold, and when they are over.

Pure, in samples of the session; a measurement that cannot tell neither begins nor ends a condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stream.atria import Atria
from stream.catalogue import Code
from stream.episodes import Change
from stream.measurement import Measurements

BACK = 2
"""Measurements in a row, back inside, that end a condition which was told."""
LAPSE_S = 60.0
"""A condition that is not yet told is forgotten when no measurement has shown it for this long."""
HALF_S = 5.0
"""The median over the ten seconds of a measurement is beyond a limit when at least half of them are."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One measurement on schedule, and what was known around it."""

    measured: Measurements | None
    """None: the ten seconds could not be read."""
    unreadable: str
    good: frozenset[str]
    """Leads whose quality is good; a derived lead is as good as all those that it may come from."""
    rhythm: str
    """As the trend shows it."""
    stop: int
    """Index behind the last sample of the ten seconds."""
    rate_hz: float
    beats: tuple[int, ...] = ()
    """R peaks of the session that the decision rests on."""
    atria: Atria | None = None
    """None: not looked for, or no regular P waves were made out."""

    @property
    def middle(self) -> int:
        """First sample of the half that makes a median."""
        return self.stop - round(HALF_S * self.rate_hz)


@dataclass(frozen=True, slots=True)
class Watch:
    """One condition that holds, or held until a moment ago."""

    name: str
    since: int
    """First sample of the evidence."""
    shown: int
    """Index behind the last measurement that showed it."""
    back: int = 0
    """Measurements in a row that showed it no more."""
    told: bool = False
    """It has lasted for its delay."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long a condition must last to be told, and how long it is kept without being measured, in seconds."""

    delay_s: float
    unknown_s: float


def follow(was: Watch | None, name: str, holds: bool | None, seen: Seen, term: Term) -> Watch | None:
    """The condition after a measurement; None where it does not hold. holds None: cannot be told."""
    if was is not None and seen.stop - was.shown > (term.unknown_s if was.told else LAPSE_S) * seen.rate_hz:
        was = None
    if holds is None or (was is None and not holds):
        return was
    if holds:
        since = seen.middle if was is None else was.since
        told = (was is not None and was.told) or seen.stop - since >= term.delay_s * seen.rate_hz
        return Watch(name, since, seen.stop, 0, told)
    assert was is not None
    if not was.told or was.back + 1 >= BACK:
        return None
    return replace(was, back=was.back + 1)


def follow_all(
    watches: tuple[Watch, ...], holds: Mapping[str, bool | None], seen: Seen, terms: Mapping[str, Term]
) -> tuple[Watch, ...]:
    """Every condition after a measurement; one that `holds` does not name cannot be told. terms by the name's first word."""
    before = {w.name: w for w in watches}
    names = dict.fromkeys((*before, *holds))
    after = (follow(before.get(n), n, holds.get(n), seen, terms[n.partition(" ")[0]]) for n in names)
    return tuple(w for w in after if w is not None)


@dataclass(frozen=True, slots=True)
class Fact:
    """What an alarm says when it begins."""

    first: int
    value: float
    limit: float
    detail: str = ""


def changes(before: tuple[Code, ...], facts: Mapping[Code, Fact], seen: Seen) -> list[Change]:
    """What ends, then what begins, between the codes that were active and the facts that hold.

    Codes come with the highest of a chain first; they end in the other order, so that what ends too is not announced
    because what stood above it has ended.
    """
    nan, at = float("nan"), seen.stop - 1
    over = [Change(code, False, at, at, nan, nan, ()) for code in reversed(before) if code not in facts]
    fresh = [
        Change(code, True, seen.stop - 1, fact.first, fact.value, fact.limit, seen.beats, fact.detail)
        for code, fact in facts.items()
        if code not in before
    ]
    return over + fresh


@dataclass(frozen=True, slots=True)
class Window:
    """Values of the last five minutes, and the first five minutes that had enough of them as the baseline."""

    begun: int | None = None
    """Index behind the first measurement, with or without a value."""
    values: tuple[tuple[int, float], ...] = ()
    """Index behind the measurement, and the value."""
    baseline: float | None = None


WINDOW_S = 300.0
LEAST = 6
"""Values that a baseline rests on at least."""


def add(window: Window, value: float | None, seen: Seen) -> Window:
    """The window after a measurement; the baseline, once it is there, stays."""
    begun = seen.stop if window.begun is None else window.begun
    if window.baseline is not None:
        return Window(begun, (), window.baseline)
    oldest = seen.stop - round(WINDOW_S * seen.rate_hz)
    values = tuple(v for v in window.values if v[0] > oldest)
    if value is not None:
        values = (*values, (seen.stop, value))
    if begun <= oldest and len(values) >= LEAST:
        ordered = sorted(v for _, v in values)
        middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2.0
        return Window(begun, (), round(middle, 1))
    return Window(begun, values, None)
