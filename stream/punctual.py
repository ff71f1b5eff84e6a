"""What the wall clock says of each bed: silent, late, a clock that is off, samples missing or repeated. Notices, never triggers.

Pure: times are arguments. Whoever takes a bed over does not know what was told of it before: it takes every condition
for told, so that one which is over is cleared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.bed import BedState, Level, Notice
from ingest.frame import BedId, Frame, Nanoseconds
from ingest.watched import is_watched
from stream.bed import Bed

NO_DATA_S = 5.0
LATE_S = 2.0
"""Newest sample behind the wall clock."""
SKEW_S = 1.0
"""A source's clock against ours."""
BACK = 0.75
"""Share of a limit below which a condition is over."""
TICKS = 3
"""Seconds with frames through which lateness must hold."""
STEADY_TICKS = 8
"""Seconds through which frames must be equally late, for a clock that is behind to be told from a backlog."""
STEADY_S = 0.3
QUIET_S = 60.0
"""Without another gap or repeat for so long, that condition is over."""
CODES = ("NO_DATA", "DATA_LATE", "CLOCK_SKEW", "SAMPLE_GAP", "DUPLICATE")
_NEVER = float("inf")


@dataclass(slots=True)
class _Course:
    """What is known of one bed."""

    seen_s: float
    told: set[str] = field(default_factory=set)
    lag_s: float = _NEVER
    """The least of this second, from the newest sample of a frame to its arrival; no frame: never."""
    transit_s: float = _NEVER
    """The least of this second, from sending by the source's clock to arrival by ours."""
    lags: deque[float] = field(default_factory=lambda: deque(maxlen=TICKS))
    transits: deque[float] = field(default_factory=lambda: deque(maxlen=STEADY_TICKS))
    counted: tuple[int, int] = (0, 0)
    """Gaps and duplicates that were counted."""
    since_s: dict[str, float] = field(default_factory=dict)
    """When a gap or duplicate was counted last."""

    def tick(self) -> None:
        """A second is over."""
        if self.lag_s < _NEVER:
            self.lags.append(self.lag_s)
            self.transits.append(self.transit_s)
        self.lag_s = self.transit_s = _NEVER

    @property
    def skew_s(self) -> float:
        """How far the source's clock is behind (positive) or ahead; 0 where that cannot be told."""
        if len(self.transits) < TICKS:
            return 0.0
        if max(self.transits) < 0.0:
            # nothing arrives before it was sent
            return min(self.transits)
        steady = len(self.transits) == STEADY_TICKS and max(self.transits) - min(self.transits) < STEADY_S
        return min(self.transits) if steady else 0.0


class Punctual:
    """The beds of one worker. Not thread-safe."""

    def __init__(self) -> None:
        self._courses: dict[BedId, _Course] = {}

    def resumed(self, bed: BedId, now_s: float) -> None:
        """A bed whose session is open was taken over: whatever is not the case is cleared."""
        if not is_watched(bed):
            self._courses[bed] = _Course(now_s, set(CODES))

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
            end_ns = frame.start_ns + frame.samples.shape[1] * 1e9 / frame.session.rate_hz
            course.lag_s = min(course.lag_s, (now_ns - end_ns) / 1e9)
            course.transit_s = min(course.transit_s, (now_ns - frame.sent_ns) / 1e9)

    def look(self, beds: Mapping[BedId, Bed], now_ns: int, now_s: float) -> list[Notice]:
        """Once a second: what has begun and what is over, of every bed."""
        found = []
        for name, course in self._courses.items():
            bed = beds.get(name)
            if bed is None:
                continue
            course.tick()
            for code, holds, text, level in _conditions(bed, course, now_s):
                if holds is None or holds == (code in course.told):
                    continue
                (course.told.add if holds else course.told.discard)(code)
                # a gap is told by who found it, with its place
                if code != "SAMPLE_GAP" or not holds:
                    said = text if holds else f"bed {name}: {_OVER[code]}"
                    value = course.skew_s if code == "CLOCK_SKEW" and holds else None
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
    skew = course.skew_s
    skewed = expected and _beyond(abs(skew), SKEW_S, "CLOCK_SKEW" in told)
    late_s = min(course.lags, default=0.0) - (skew if skewed else 0.0)
    late = expected and _beyond(late_s, LATE_S, "DATA_LATE" in told)
    known = len(course.lags) == TICKS or not expected
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
