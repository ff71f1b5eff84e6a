"""What the wall clock says of each bed: silent, late, a clock that is off, samples missing or repeated. Notices, never triggers.

Pure: times are arguments. Whoever takes a bed over does not know what was told of it before: it takes every condition
for told, so that one which is over is cleared, and tells again what it finds to hold, for it may never have been told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.bed import BedState, Level, Notice
from ingest.frame import BedId, Frame, Nanoseconds
from ingest.watched import is_watched
from stream.bed import Bed
from stream.transit import SKEW_S, TICKS, Transit

NO_DATA_S = 5.0
LATE_S = 2.0
"""Newest sample behind the wall clock."""
BACK = 0.75
"""Share of a limit below which a condition is over."""
QUIET_S = 60.0
"""Without another gap or repeat for so long, that condition is over."""
CODES = ("NO_DATA", "DATA_LATE", "CLOCK_SKEW", "SAMPLE_GAP", "DUPLICATE")
_TOLD_AGAIN = ("NO_DATA", "DATA_LATE", "CLOCK_SKEW")
"""Of these: what is seen at this moment. Gaps and repeats are told where they are found."""
_NEVER = float("inf")


@dataclass(slots=True)
class _Course:
    """What is known of one bed."""

    seen_s: float
    told: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    """Of what counts as told: what somebody else may have told, or not."""
    way: Transit = field(default_factory=Transit)
    counted: tuple[int, int] = (0, 0)
    """Gaps and duplicates that were counted."""
    since_s: dict[str, float] = field(default_factory=dict)
    """When a gap or duplicate was counted last."""


class Punctual:
    """The beds of one worker. Not thread-safe."""

    def __init__(self) -> None:
        self._courses: dict[BedId, _Course] = {}

    def resumed(self, bed: BedId, now_s: float) -> None:
        """A bed whose session is open was taken over: whatever is not the case is cleared, what is the case is told."""
        if not is_watched(bed):
            self._courses[bed] = _Course(now_s, set(CODES), set(_TOLD_AGAIN))

    def forget(self, bed: BedId) -> None:
        """Another worker has the bed."""
        self._courses.pop(bed, None)

    def heard(self, frame: Frame, now_ns: int, now_s: float) -> None:
        """The bed's own session has sent; a session that is refused is no sign of life."""
        bed = frame.session.bed
        if is_watched(bed):
            return
        course = self._courses.get(bed)
        if course is None:
            course = self._courses[bed] = _Course(now_s)
        course.seen_s = now_s
        if not frame.ends:
            course.way.heard(frame, now_ns)

    def look(self, beds: Mapping[BedId, Bed], now_ns: int, now_s: float) -> list[Notice]:
        """Once a second: what has begun and what is over, of every bed."""
        found = []
        for name, course in self._courses.items():
            bed = beds.get(name)
            if bed is None:
                continue
            course.way.tick()
            for code, holds, text, level in _conditions(bed, course, now_s):
                if holds is None or (holds == (code in course.told) and code not in course.unsure):
                    continue
                course.unsure.discard(code)
                (course.told.add if holds else course.told.discard)(code)
                # a gap is told by who found it, with its place
                if code != "SAMPLE_GAP" or not holds:
                    said = text if holds else f"bed {name}: {_OVER[code]}"
                    value = course.way.skew_s if code == "CLOCK_SKEW" and holds else None
                    found.append(Notice(code, "stream", Nanoseconds(now_ns), said, name, level, not holds, value))
        return found


_OVER = {
    "NO_DATA": "it sends again, or is no longer expected to",
    "DATA_LATE": "its samples come in time",
    "CLOCK_SKEW": "the clock of its source agrees",
    "SAMPLE_GAP": f"no sample was missing for {QUIET_S:.0f} s",
    "DUPLICATE": f"no sample was repeated for {QUIET_S:.0f} s",
}


def _conditions(bed: Bed, course: _Course, now_s: float) -> list[tuple[str, bool | None, str, Level]]:
    """Each code with whether it holds (None: cannot be told), its text and level."""
    name, told = bed.session.bed, course.told
    expected = not bed.ended and bed.context.state is BedState.MONITORED
    skew = course.way.skew_s
    skewed = expected and _beyond(abs(skew), SKEW_S, "CLOCK_SKEW" in told)
    late_s = min(course.way.lags, default=0.0) - (skew if skewed else 0.0)
    late = expected and _beyond(late_s, LATE_S, "DATA_LATE" in told)
    known = len(course.way.lags) == TICKS or not expected
    gaps, repeats = _counted(bed, course, now_s)
    way = "ahead" if skew < 0 else "behind, or its frames take as long"
    return [
        (
            "CLOCK_SKEW",
            skewed if known else None,
            f"the clock of {bed.session.source}, which feeds bed {name}, is {abs(skew):.1f} s {way}",
            Level.LOW,
        ),
        (
            "DATA_LATE",
            late if known else None,
            f"the newest sample of bed {name} is {late_s:.1f} s late (limit {LATE_S:.0f} s)",
            Level.LOW,
        ),
        ("SAMPLE_GAP", gaps, "", Level.LOW),
        ("DUPLICATE", repeats, f"samples of bed {name} came more than once; they are analysed once", Level.LOW),
        (
            "NO_DATA",
            expected and now_s - course.seen_s > NO_DATA_S,
            f"bed {name} sends no signal",
            Level.MEDIUM,
        ),
    ]


def _beyond(value: float, limit: float, told: bool) -> bool:
    return value > (BACK * limit if told else limit)


def _counted(bed: Bed, course: _Course, now_s: float) -> tuple[bool, bool]:
    """Whether samples were missing, or repeated, within QUIET_S; a new session counts from nothing."""
    counts = (bed.counts.gaps, bed.counts.duplicates)
    for code, count, before in zip(("SAMPLE_GAP", "DUPLICATE"), counts, course.counted, strict=True):
        if count > before:
            course.since_s[code] = now_s
    course.counted = counts
    gaps, repeats = (now_s - course.since_s.get(code, -_NEVER) < QUIET_S for code in ("SAMPLE_GAP", "DUPLICATE"))
    return gaps, repeats
