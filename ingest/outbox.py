"""Frames out to Kafka: few large messages, nothing lost within a bound, and what is lost is said."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import structlog

from ingest.bed import Level, Notice, to_json
from ingest.codec import encode_bundles
from ingest.frame import Nanoseconds
from ingest.kafka import KafkaAddress, open_producer
from ingest.topics import FRAMES, NOTICES

log = structlog.get_logger()

BOUND_BYTES = 64 << 20
WINDOW = 256
"""Bundles on their way at a time; the rest waits here, where the oldest can be dropped."""


class Outbox:
    """Bundles in order to their slots from a thread of its own; `put` never waits."""

    def __init__(self, address: KafkaAddress, source: str, bound_bytes: int = BOUND_BYTES) -> None:
        self._address = address
        self._source = source
        self._bound = bound_bytes
        self._waiting: deque[tuple[int, bytes, int]] = deque()
        self._bytes = 0
        self._busy = 0
        self._closing = False
        self._wake = threading.Condition()
        self.acknowledged = 0
        """Frames that Kafka has."""
        self.dropped = 0
        """Frames dropped while Kafka was away."""
        self._told = 0
        self._notices: deque[Notice] = deque()
        self._metric = _sent()
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._thread.start()

    def put(self, frames_of_slot: Mapping[int, Iterable[bytes]]) -> None:
        """Queue the encoded frames of one tick by slot; where the bound is reached the oldest bundles are dropped."""
        with self._wake:
            for place, frames in frames_of_slot.items():
                for payload, count in encode_bundles(frames):
                    self._waiting.append((place, payload, count))
                    self._bytes += len(payload)
            while self._bytes > self._bound and len(self._waiting) > 1:
                _, payload, count = self._waiting.popleft()
                self._bytes -= len(payload)
                self.dropped += count
            self._wake.notify()

    def say(self, notices: Iterable[Notice]) -> None:
        """Queue notices; they go out with the next bundles."""
        self._notices.extend(notices)

    def close(self, wait_s: float) -> bool:
        """Send what waits, for at most `wait_s`; whether all of it went."""
        deadline = time.monotonic() + wait_s
        with self._wake:
            while (self._waiting or self._busy) and time.monotonic() < deadline:
                self._wake.wait(0.1)
            done = not self._waiting and not self._busy
            self._closing = True
            self._wake.notify_all()
        self._thread.join(max(1.0, deadline - time.monotonic()))
        return done

    def _work(self) -> None:
        producer: Any = None
        while not self._closing:
            try:
                if producer is None:
                    producer = open_producer(
                        self._address, linger_ms=2, request_timeout_ms=8_000, delivery_timeout_ms=20_000
                    )
                self._send(producer)
                self._tell(producer)
            except Exception as error:
                log.warning("kafka is away, frames wait", reason=str(error)[:200], waiting_bytes=self._bytes)
                _close(producer)
                producer = None
                time.sleep(0.5)
        _close(producer)

    def _send(self, producer: Any) -> None:
        with self._wake:
            if not self._waiting:
                self._wake.wait(0.2)
            batch = [self._waiting.popleft() for _ in range(min(WINDOW, len(self._waiting)))]
            self._bytes -= sum(len(payload) for _, payload, _ in batch)
            self._busy = len(batch)
        try:
            futures = [producer.send(FRAMES.name, p, key=str(s).encode(), partition=s) for s, p, _ in batch]
            while batch:
                futures.pop(0).get(timeout=25)
                count = batch.pop(0)[2]
                self.acknowledged += count
                self._metric.inc(count)
        finally:
            with self._wake:
                # what Kafka did not confirm goes again, in order; the index tells a repeated frame
                self._waiting.extendleft(reversed(batch))
                self._bytes += sum(len(payload) for _, payload, _ in batch)
                self._busy = 0
                self._wake.notify_all()

    def _tell(self, producer: Any) -> None:
        if self.dropped != self._told:
            count, self._told = self.dropped - self._told, self.dropped
            text = f"Kafka was away for longer than the buffer of {self._source} holds: {count} frames were dropped"
            now = Nanoseconds(time.time_ns())
            self._notices.append(Notice("OUTBOX_DROPPED", "feed", now, text, None, Level.MEDIUM))
        while self._notices:
            producer.send(NOTICES.name, to_json(self._notices.popleft()), key=b"feed", partition=0)


@cache
def _sent() -> Any:
    """One counter of a process, however many outboxes it opens."""
    from prometheus_client import Counter

    return Counter("vigil_feed_frames_total", "Frames that Kafka has acknowledged")


def _close(producer: Any) -> None:
    if producer is not None:
        try:
            producer.close(timeout=2)
        except Exception as error:
            log.warning("the producer did not close cleanly", reason=str(error)[:200])
