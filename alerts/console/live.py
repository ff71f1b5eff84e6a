"""What the page shows of each bed, taken straight from Kafka: a strip, the rate, the rhythm. Late is never shown as live."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import structlog

from ingest.codec import Spoilt, decode_bundle
from ingest.frame import Frame
from ingest.kafka import KafkaAddress, open_consumer
from ingest.topics import FRAMES, TRENDS
from ingest.watched import is_watched
from stream.measurement import Trend

log = structlog.get_logger()

STRIP_HZ = 125
STRIP_S = 8
STALE_S = 3.0
_FIRST_CHOICE = ("II", "I", "V5", "V2", "V1")


@dataclass(slots=True)
class BedView:
    """What is shown of one bed."""

    lead: str = ""
    strip: deque[float | None] = field(default_factory=lambda: deque(maxlen=STRIP_HZ * STRIP_S))
    """mV at about 125 Hz; None is a gap, drawn as one."""
    total: int = 0
    """Strip samples since the bed was first seen: a page asks for what is newer."""
    session: int = 0
    next: int = -1
    ended: bool = False
    sent_ns: int = 0
    rate_bpm: float | None = None
    rhythm: str = "unknown"
    since_ns: int | None = None
    """Event time since which the rhythm is held to have lasted; None where that is not known, or the rhythm has no begin."""
    af_burden: float | None = None
    """As in Trend."""
    trend_ns: int = 0


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
        with self._lock:
            if message.topic == FRAMES.name:
                for frame in decode_bundle(message.value):
                    if not isinstance(frame, Spoilt):
                        self._frame(frame)
                return
            try:
                trends = msgspec.json.decode(message.value, type=list[Trend])
            except msgspec.MsgspecError:
                return
            for trend in trends:
                view = self._beds.setdefault(trend.bed, BedView())
                view.rate_bpm, view.rhythm, view.trend_ns = trend.rate_bpm, trend.rhythm, time.time_ns()
                view.since_ns, view.af_burden = since_ns(trend), trend.af_burden

    def _frame(self, frame: Frame) -> None:
        if is_watched(frame.session.bed):
            return
        view = self._beds.setdefault(frame.session.bed, BedView())
        if view.session != frame.session.id:
            view.session, view.next = int(frame.session.id), -1
        view.ended, view.sent_ns = frame.ends, frame.sent_ns
        if frame.ends or frame.after <= view.next:
            return
        row = _row(frame)
        if row is None:
            return
        signal = frame.session.signals[row]
        view.lead = signal.name
        step = max(1, round(frame.session.rate_hz / STRIP_HZ))
        if view.next >= 0 and frame.first > view.next:
            self._append(view, [None] * min(view.strip.maxlen or 0, (frame.first - view.next) // step))
        view.next = frame.after
        values = (frame.samples[row, -frame.first % step :: step].astype(np.float32) - signal.zero) * signal.mv_per_step
        off = any(s.row == row for s in frame.spans)
        self._append(view, [None] * len(values) if off else [round(v, 3) for v in values.tolist()])

    @staticmethod
    def _append(view: BedView, values: list[float | None]) -> None:
        view.strip.extend(values)
        view.total += len(values)

    def is_live(self, bed: str, now_ns: int) -> bool:
        """Whether the signal of a bed comes at this moment."""
        with self._lock:
            view = self._beds.get(bed)
            return view is not None and not view.ended and (now_ns - view.sent_ns) / 1e9 <= STALE_S

    def snapshot(self, seen: dict[str, int], now_ns: int) -> dict[str, Any]:
        """What is new of every bed since `seen` (strip samples by bed), which is brought up to date."""
        told = {}
        with self._lock:
            for bed, view in self._beds.items():
                fresh = min(view.total - seen.get(bed, 0), len(view.strip))
                seen[bed] = view.total
                lag_s = (now_ns - view.sent_ns) / 1e9
                stale = lag_s > STALE_S
                known = not stale and now_ns - view.trend_ns < 5e9
                told[bed] = {
                    "lead": view.lead,
                    "strip": list(view.strip)[len(view.strip) - fresh :],
                    "rate": view.rate_bpm if known else None,
                    "rhythm": view.rhythm if known else "unknown",
                    "since_ns": view.since_ns if known else None,
                    "af_burden": view.af_burden if known else None,
                    "state": "ended" if view.ended else "late" if stale else "live",
                    "lag_s": round(lag_s, 1),
                }
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
