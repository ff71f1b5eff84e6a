"""One bed of a worker: its session, its recent signal and what is open at it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ingest.bed import BedContext, Notice
from ingest.frame import BedId, Frame, Session
from stream.catalogue import Code
from stream.checkpoint import Counts
from stream.episodes import Episodes, Place, end_all
from stream.filters import Plan, plan
from stream.history import Serial
from stream.measurement import Measurements, Trend
from stream.policy import Policy
from stream.ring import Ring
from stream.state import MAX_LEADS, PULSE_CHANNELS
from stream.trigger import Segment, Trigger

_SHAPE_ORDER = ("II", "V1", "V5", "I", "III", "V2", "aVF", "V4", "V3", "V6", "aVL", "aVR")
"""Leads that carry shapes, most telling first."""

PRESSURE = frozenset({"abp", "art", "art1", "ibp", "p1", "ao", "fem", "rad", "uap"})
"""Arterial pressures by the names that monitors give them."""

Told = tuple[tuple[float | None, ...], float | None, float | None, float | None, float | None]
"""What is told every second of the last measurement: ST of each lead in mV, then QRS, PR, QT and QTc in ms."""
NOTHING: Told = ((), None, None, None, None)
STEP_NS = 1_000_000
"""A smaller difference of a frame's time is rounding."""
CLOSED = 16
"""Earlier sessions that are remembered."""


@dataclass(slots=True)
class Findings:
    """What a batch of frames brought, in the order in which it must be written."""

    triggers: list[Trigger] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    trends: list[Trend] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    ended: list[BedId] = field(default_factory=list)
    rejected: list[tuple[Frame, str]] = field(default_factory=list)

    def add(self, more: Findings) -> None:
        """Append what a later batch brought."""
        for name in self.__dataclass_fields__:
            getattr(self, name).extend(getattr(more, name))


@dataclass(slots=True)
class Rival:
    """A session that is refused because another one feeds its bed."""

    since_ns: int
    """When, by its own clock, it was first refused since the bed's session last sent."""
    heard_ns: int
    """Up to when the bed's session had sent, by that one's clock, when the rival last tried."""


class Bed:
    """One bed and its session as this worker knows it."""

    def __init__(self, row: int, session: Session, context: BedContext, policy: Policy) -> None:
        self.row = row
        self.context = context
        self.policy = policy
        self.counts = Counts()
        self.past = Counts()
        self.closed: dict[int, int] = {}
        """Index behind the last sample of earlier sessions, by id."""
        self.overtaken: set[int] = set()
        """Those of them that did not end, but gave way while silent."""
        self.measured: Measurements | None = None
        self.told: tuple[Measurements | None, Told] = (None, NOTHING)
        """What is told of the last measurement every second, and that measurement."""
        self.serial = Serial()
        self.resumed_at = 0
        """Samples before this one were analysed before a restart: re-read into the ring only."""
        self.row_offset = zlib.crc32(session.bed.encode())
        """Spreads what is done once a minute over the minute."""
        self.anchor: tuple[int, int] = (0, 0)
        """A sample of the session and its event time (ns)."""
        self.open_session(session)

    @property
    def counted(self) -> Counts:
        """The counts of this session with the frames, which are counted apart: one at every frame."""
        return replace(self.counts, frames=self.frames)

    @property
    def place(self) -> Place:
        """Where its episodes are opened, and under which rules."""
        return Place(self.session, self.context, self.policy, self.anchor)

    def take_up(self, known: Serial) -> None:
        """Go on from what is known of successive measurements."""
        self.serial = known
        self.episodes.withheld = known.withheld

    def interrupt(self, sample: int, but: frozenset[Code] = frozenset()) -> list[Trigger]:
        """Close every open episode but some; what is followed from measurement to measurement begins anew."""
        self.take_up(self.serial.interrupted())
        return end_all(self.episodes, sample, self.place.ns(sample), but)

    def is_next(self, frame: Frame) -> bool:
        """Whether a frame is of the bed's session, continues the ring and changes nothing else."""
        if self.session is not frame.session or frame.first != self.ring.next or frame.ends or self.ended:
            return False
        return frame.samples.shape[1] > 0 and not self.is_refitted(frame)

    def is_refitted(self, frame: Frame) -> bool:
        """Whether a frame has another time than that of the samples before says: its source has refitted its clock."""
        index, ns = self.anchor
        return abs(ns - frame.start_ns + (frame.first - index) * 1e9 / frame.session.rate_hz) > STEP_NS

    def follow_clock(self, frame: Frame) -> None:
        """Take the time of a frame where it is another; times of samples that were analysed before stay as they were told."""
        if self.is_refitted(frame):
            self.anchor = (frame.first, int(frame.start_ns))

    def count_old(self, frame: Frame) -> None:
        """Count a frame that continues nothing: late where it fills a gap, else a duplicate; what is re-read counts not."""
        fresh = self.ring.fill(frame.first, frame.after)
        if frame.after > self.resumed_at and fresh:
            self.counts = replace(self.counts, late=self.counts.late + 1)
        elif frame.after > self.resumed_at:
            self.counts = replace(self.counts, duplicates=self.counts.duplicates + 1)

    def close_session(self, stop: int) -> None:
        """Remember where the session ended, so that its frames are known when they are read again."""
        self.closed[self.session.id] = stop
        if not self.ended:
            self.overtaken.add(self.session.id)
        while len(self.closed) > CLOSED:
            oldest = next(iter(self.closed))
            del self.closed[oldest]
            self.overtaken.discard(oldest)

    def open_session(self, session: Session) -> None:
        """Begin a session: nothing of the one before is carried on."""
        self.session = session
        self.plan: Plan = plan(session.rate_hz)
        ecg = [k for k, s in enumerate(session.signals) if s.is_ecg][:MAX_LEADS]
        self.ecg = _rows(ecg)
        self.names = tuple(session.signals[k].name for k in ecg)
        self.scale = np.array([(session.signals[k].mv_per_step, session.signals[k].zero) for k in ecg], np.float64)
        """Millivolts a step, and the step of 0 mV: (leads, 2)."""
        self.shape_order = _shape_order(self.names)
        pulses = pulse_rows(session)
        self.pulse, self.pulses = _rows(pulses), len(pulses)
        """Rows of the pulse channels, and how many they are."""
        self.ring = Ring(len(session.signals), session.rate_hz)
        self.episodes = Episodes()
        self.take_up(self.serial.interrupted())
        self.counts = Counts()
        self.frames = 0
        self.anchor = (0, 0)
        self.last_ns = 0
        self.sent_ns = 0
        self.rivals: dict[int, Rival] = {}
        self.ended = False
        self.measured = None
        self.key = (session.rate_hz, len(ecg), self.pulses)


def pulse_rows(session: Session) -> tuple[int, ...]:
    """Rows of the session that carry a pulse, pressure before pleth; at most PULSE_CHANNELS."""
    names = [s.name.strip().lower() for s in session.signals]
    pressure = [k for k, name in enumerate(names) if name in PRESSURE]
    pleth = [k for k, name in enumerate(names) if name.startswith("pleth") or name in ("ppg", "spo2 wave")]
    return tuple((pressure[:1] + pleth[:1])[:PULSE_CHANNELS])


def _rows(some: Sequence[int]) -> slice | NDArray[np.int64]:
    """Rows of a frame: a slice, which makes no copy, where they lie side by side."""
    together = slice(min(some), max(some) + 1) if some else slice(0)
    return together if list(some) == list(range(together.start or 0, together.stop)) else np.array(some, np.int64)


def _shape_order(names: tuple[str, ...]) -> NDArray[np.int64]:
    """Rows of the leads, the first SHAPE_LEADS of which carry shapes while they can be read; MAX_LEADS, -1 behind."""
    known = [names.index(lead) for lead in _SHAPE_ORDER if lead in names]
    rows = known + [k for k in range(len(names)) if k not in known]
    return np.array(rows + [-1] * (MAX_LEADS - len(rows)), np.int64)
