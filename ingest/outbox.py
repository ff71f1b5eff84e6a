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
from ingest.topics import FRAMES, MAX_MESSAGE_BYTES, NOTICES

log = structlog.get_logger()

BOUND_BYTES = 64 << 20
MARGIN_BYTES = 1024
"""For the key and the envelope of a message."""
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
        """Frames dropped while Kafka was away, or because they are larger than what it takes in one message."""
        self._told = 0
        self._gave_up = False
        self._refused_bytes = MAX_MESSAGE_BYTES - MARGIN_BYTES
        """Bundles of so many bytes are not taken."""
        self._alone = 0
        """So many bundles are sent one at a time, to know which of them is refused."""
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
            while (self._waiting or self._busy or self._notices) and time.monotonic() < deadline:
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
                producer = producer or self._open()
                if not self._send(producer):
                    _close(producer)
                    producer = self._open()
                self._tell(producer)
            except Exception as error:
                log.warning("kafka is away, frames wait", reason=str(error)[:200], waiting_bytes=self._bytes)
                _close(producer)
                producer = None
                time.sleep(0.5)
        _close(producer)

    def _open(self) -> Any:
        return open_producer(self._address, linger_ms=2, request_timeout_ms=8_000, delivery_timeout_ms=20_000)

    def _send(self, producer: Any) -> bool:
        """Send what waits; whether the producer can be used again."""
        from kafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

        batch = self._next()
        try:
            futures = [producer.send(FRAMES.name, p, key=str(s).encode(), partition=s) for s, p, _ in batch]
            while batch:
                futures.pop(0).get(timeout=25)
                count = batch.pop(0)[2]
                self._alone = max(0, self._alone - 1)
                self.acknowledged += count
                self._metric.inc(count)
        except (MessageSizeTooLargeError, RecordListTooLargeError):
            # the library gives up what was sent beside it for the same reason: only one that is sent alone is known for it
            if len(batch) == 1:
                _, payload, count = batch.pop()
                self._refused_bytes = len(payload)
                self._give_up(len(payload), count)
            self._alone = len(batch)
            return False
        finally:
            with self._wake:
                # what Kafka did not confirm goes again, in order; the index tells a repeated frame
                self._waiting.extendleft(reversed(batch))
                self._bytes += sum(len(payload) for _, payload, _ in batch)
                self._busy = 0
                self._wake.notify_all()
        return True

    def _next(self) -> list[tuple[int, bytes, int]]:
        """Take the next bundles; those that Kafka is known to refuse are given up at once."""
        with self._wake:
            if not self._waiting:
                self._wake.wait(0.2)
            taken = [self._waiting.popleft() for _ in range(min(1 if self._alone else WINDOW, len(self._waiting)))]
            self._bytes -= sum(len(payload) for _, payload, _ in taken)
            batch = [one for one in taken if len(one[1]) < self._refused_bytes]
            for _, payload, count in (one for one in taken if len(one[1]) >= self._refused_bytes):
                self._give_up(len(payload), count)
            self._busy = len(batch)
        return batch

    def _give_up(self, size: int, count: int) -> None:
        """Drop what Kafka will never take: sent again it would hold up all that follows. Told once."""
        self.dropped, self._told = self.dropped + count, self._told + count
        if self._gave_up:
            return
        self._gave_up = True
        text = (
            f"Kafka takes no message of {size} bytes: frames of {self._source} that large are dropped; "
            f"send shorter ones, or allow {MAX_MESSAGE_BYTES} (max.message.bytes of {FRAMES.name})"
        )
        self._notices.append(Notice("OUTBOX_DROPPED", "feed", Nanoseconds(time.time_ns()), text, None, Level.MEDIUM))

    def _tell(self, producer: Any) -> None:
        if self.dropped != self._told:
            count, self._told = self.dropped - self._told, self.dropped
            text = f"Kafka was away for longer than the buffer of {self._source} holds: {count} frames were dropped"
            now = Nanoseconds(time.time_ns())
            self._notices.append(Notice("OUTBOX_DROPPED", "feed", now, text, None, Level.MEDIUM))
        told = [producer.send(NOTICES.name, to_json(n), key=b"feed", partition=0) for n in tuple(self._notices)]
        for future in told:
            future.get(timeout=25)
            # only what Kafka has is told: the rest goes again
            self._notices.popleft()


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
