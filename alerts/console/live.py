"""What the page shows of each bed, taken straight from Kafka: a strip, the rate, the rhythm. Late is never shown as live.

A strip shows one session, the one that the bed listens to. The stream worker decides which that is, and makes numerics of it
alone: their session is followed. A session of which no numerics come is kept ready, and not shown.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import structlog

from alerts.console.numbers import numbers
from ingest.codec import Spoilt, decode_bundle
from ingest.frame import Frame, SessionId
from ingest.kafka import KafkaAddress, open_consumer
from ingest.topics import FRAMES, TRENDS
from ingest.watched import is_watched
from stream.measurement import Trend
from stream.transit import Transit, end_ns

log = structlog.get_logger()

STRIP_HZ = 125
STRIP_S = 8
STALE_S = 3.0
"""Newest sample behind the clock, or time since a frame was sent."""
RATE_S = 5.0
"""Numerics whose second is over for longer are none of the present."""
SESSIONS = 4
"""Sessions of a bed that are followed at a time: that which it listens to, and others that may be next."""
_FIRST_CHOICE = ("II", "I", "V5", "V2", "V1")


@dataclass(slots=True)
class Strip:
    """What one session has sent."""

    lead: str = ""
    leads: tuple[str, ...] = ()
    """Names of its ECG signals, in their order."""
    values: deque[float | None] = field(default_factory=lambda: deque(maxlen=STRIP_HZ * STRIP_S))
    """mV at about 125 Hz; None is a gap, drawn as one."""
    total: int = 0
    """Values since the session was first seen: a page asks for what is newer."""
    next: int = -1
    ended: bool = False
    sent_ns: int = 0
    end_ns: int = 0
    """Event time behind the newest sample."""
    way: Transit = field(default_factory=Transit)
    ticked_ns: int = 0

    def take(self, frame: Frame, now_ns: int) -> None:
        """Take a frame; what is older than the newest sample is not drawn again."""
        if not frame.ends:
            self._hear(frame, now_ns)
        if frame.after < self.next or (frame.after == self.next and not frame.ends):
            return
        self.ended, self.sent_ns = frame.ends, frame.sent_ns
        self.leads = tuple(s.name for s in frame.session.signals if s.is_ecg)
        row = _row(frame)
        if frame.ends or row is None:
            return
        self.end_ns = end_ns(frame)
        self._draw(frame, row)

    def _hear(self, frame: Frame, now_ns: int) -> None:
        if now_ns - self.ticked_ns >= 10**9:
            self.way.tick()
            self.ticked_ns = now_ns
        self.way.heard(frame, now_ns)

    def _draw(self, frame: Frame, row: int) -> None:
        signal = frame.session.signals[row]
        self.lead = signal.name
        step = max(1, round(frame.session.rate_hz / STRIP_HZ))
        if self.next >= 0 and frame.first > self.next:
            self._append([None] * min(self.values.maxlen or 0, (frame.first - self.next) // step))
        self.next = frame.after
        values = (frame.samples[row, -frame.first % step :: step].astype(np.float32) - signal.zero) * signal.mv_per_step
        off = any(s.row == row for s in frame.spans)
        self._append([None] * len(values) if off else [round(v, 3) for v in values.tolist()])

    def _append(self, values: list[float | None]) -> None:
        self.values.extend(values)
        self.total += len(values)

    def lag_s(self, now_ns: int) -> float:
        """How far what is known of the session is behind: by its newest sample, and by when that was sent.

        A clock of the source that is known to be off is allowed for, as in `stream.punctual`.
        """
        return (now_ns - min(self.end_ns, self.sent_ns)) / 1e9 - self.way.off_s


@dataclass(slots=True)
class BedView:
    """What is shown of one bed: of the session that it listens to and of no other."""

    sessions: dict[int, Strip] = field(default_factory=dict)
    listens: SessionId | None = None
    """The session that the stream worker admits: that of the newest numerics, for it makes none of one that it refuses."""
    rate_bpm: float | None = None
    rhythm: str = "unknown"
    since_ns: int | None = None
    """Event time since which the rhythm is held to have lasted; None where that is not known, or the rhythm has no begin."""
    af_burden: float | None = None
    """As in Trend."""
    trend: Trend | None = None
    """The newest numerics."""
    first: int = 0
    """First sample of the second that the numerics are of."""
    at_ns: int = 0
    """Event time behind that second."""
    trend_ns: int = 0
    """When they came."""

    @property
    def strip(self) -> Strip | None:
        """Of the session that the bed listens to; None until that is known."""
        return self.sessions.get(self.listens) if self.listens is not None else None

    def of(self, session: SessionId) -> Strip:
        """The strip of a session; of too many the one that was silent for longest goes, never the one that is shown."""
        if session not in self.sessions and len(self.sessions) >= SESSIONS:
            others = [s for s in self.sessions if s != self.listens]
            del self.sessions[min(others, key=lambda s: self.sessions[s].ticked_ns)]
        return self.sessions.setdefault(session, Strip())

    def measure(self, trend: Trend, now_ns: int) -> None:
        """Take numerics: their session is the one that the bed listens to."""
        if trend.session == self.listens and trend.first < self.first:
            return  # told again by a worker that took the bed over
        self.listens, self.first = trend.session, trend.first
        self.rate_bpm, self.rhythm, self.trend_ns = trend.rate_bpm, trend.rhythm, now_ns
        self.since_ns, self.af_burden = since_ns(trend), trend.af_burden
        self.at_ns, self.trend = trend.at_ns + 10**9, trend

    def state(self, now_ns: int) -> str:
        """live, late, ended, or unknown where nobody has told which session the bed listens to."""
        strip = self.strip
        if strip is None:
            return "unknown"
        return "ended" if strip.ended else "late" if strip.lag_s(now_ns) > STALE_S else "live"

    def age_s(self, now_ns: int) -> float:
        """How old the numerics are: by their event time, and by when they came."""
        off_s = self.strip.way.off_s if self.strip is not None else 0.0
        return max((now_ns - self.at_ns) / 1e9 - off_s, (now_ns - self.trend_ns) / 1e9)

    def shown(self, seen: tuple[int, int], now_ns: int) -> dict[str, Any]:
        """What a page shows, and what is new to one that has `seen` so many values of a session."""
        strip, state = self.strip or Strip(), self.state(now_ns)
        begins = seen[0] != (self.listens or 0)
        fresh = min(strip.total - (0 if begins else seen[1]), len(strip.values))
        age_s = self.age_s(now_ns)
        known = state == "live" and age_s <= RATE_S
        old = None if known or self.rate_bpm is None else {"rate": self.rate_bpm, "age_s": round(max(0.0, age_s))}
        return {
            "lead": strip.lead,
            "begins": begins,
            "strip": list(strip.values)[len(strip.values) - fresh :],
            "rate": self.rate_bpm if known else None,
            "old": old,
            "rhythm": self.rhythm if known else "unknown",
            "since_ns": self.since_ns if known else None,
            "af_burden": self.af_burden if known else None,
            "numbers": numbers(self.trend, strip.leads) if known and self.trend is not None else None,
            "state": state,
            "lag_s": round(max(0.0, strip.lag_s(now_ns)), 1) if strip.sent_ns else None,
        }


class Live:
    """Follows frames and trends from now on, in a thread of its own."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address
        self._beds: dict[str, BedView] = {}
        self._lock = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Follow until told to stop; opens its reader again after a failure."""
        while not stop.is_set():
            try:
                self._follow(stop)
            except Exception as error:
                log.warning("the live view lost kafka, trying again", reason=str(error)[:200])
                stop.wait(1.0)

    def _follow(self, stop: threading.Event) -> None:
        from kafka import TopicPartition

        consumer = open_consumer(self._address, None, fetch_max_wait_ms=50)
        try:
            places = [TopicPartition(t.name, p) for t in (FRAMES, TRENDS) for p in range(t.partitions)]
            consumer.assign(places)
            consumer.seek_to_end(*places)
            while not stop.is_set():
                for messages in consumer.poll(timeout_ms=100).values():
                    for message in messages:
                        self._take(message)
        finally:
            consumer.close()

    def _take(self, message: Any) -> None:
        now = time.time_ns()
        with self._lock:
            if message.topic == FRAMES.name:
                for frame in decode_bundle(message.value):
                    if not isinstance(frame, Spoilt) and not is_watched(frame.session.bed):
                        view = self._beds.setdefault(frame.session.bed, BedView())
                        view.of(frame.session.id).take(frame, now)
                return
            try:
                trends = msgspec.json.decode(message.value, type=list[Trend])
            except msgspec.MsgspecError:
                return
            for trend in trends:
                self._beds.setdefault(trend.bed, BedView()).measure(trend, now)

    def live_session(self, bed: str, now_ns: int) -> SessionId | None:
        """The session that a bed listens to, where its signal comes at this moment."""
        with self._lock:
            view = self._beds.get(bed)
            return view.listens if view is not None and view.state(now_ns) == "live" else None

    def snapshot(self, seen: dict[str, tuple[int, int]], now_ns: int) -> dict[str, Any]:
        """What is new of every bed since `seen` (session and values of its strip by bed), which is brought up to date."""
        told = {}
        with self._lock:
            for bed, view in self._beds.items():
                told[bed] = view.shown(seen.get(bed, (-1, 0)), now_ns)
                seen[bed] = (view.listens or 0, view.strip.total if view.strip is not None else 0)
        return told


def since_ns(trend: Trend) -> int | None:
    """Event time since which the rhythm of a second is held to have lasted; None where nobody told a begin."""
    if trend.rhythm_since is None:
        return None
    return trend.at_ns - round((trend.first - trend.rhythm_since) * 1e9 / trend.rate_hz)


def _row(frame: Frame) -> int | None:
    """The ECG lead that is shown: II where there is one."""
    names = [s.name if s.is_ecg else "" for s in frame.session.signals]
    for name in _FIRST_CHOICE:
        if name in names:
            return names.index(name)
    return next((k for k, name in enumerate(names) if name), None)
