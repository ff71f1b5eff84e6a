"""Writes what flows into PostgreSQL: in batches, idempotent, Kafka's offsets committed behind the database."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import structlog
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from ingest.bed import DeadLetter, Level, Notice, to_json
from ingest.codec import Spoilt, decode_bundle
from ingest.frame import Nanoseconds
from ingest.kafka import KafkaAddress, Member, keep_share, kept_share, open_producer
from ingest.topics import (
    BEDS,
    DEADLETTERS,
    FRAMES,
    HRV,
    INTERPRETATIONS,
    NOTICES,
    POLICIES,
    SEGMENTS,
    TRENDS,
    TRIGGERS,
)
from ingest.watched import is_watched, is_watched_key
from storage import rows
from storage.assemble import Assembler
from storage.blocks import BadBlock
from storage.database import FAILURES, is_away, open_engine
from storage.partitions import Place
from storage.retention import Retention
from storage.room import Reserve, Room, guard
from storage.windows import Windows

log = structlog.get_logger()

GROUP = "vigil-store"
ANSWER_S = 30.0
"""A large batch may take so long; a server that is silent for longer is away."""
_TOPICS = (FRAMES, TRENDS, HRV, TRIGGERS, SEGMENTS, INTERPRETATIONS, NOTICES, DEADLETTERS, BEDS, POLICIES)


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """How one writer runs."""

    retention_hours: float = 24.0
    reserve: Reserve = field(default_factory=Reserve)
    block_idle_s: float = 30.0
    """An open block whose bed sends nothing more, and has not said that its session ends, is written after this time."""


class Writer:
    """One consumer, one database connection, one thread."""

    def __init__(self, address: KafkaAddress, database: str, options: WriterOptions) -> None:
        self._address = address
        self._options = options
        self._engine: Engine = open_engine(database, ANSWER_S)
        self._blocks = Assembler()
        self._batch = rows.Batch()
        self._done: dict[Any, int] = {}
        self._letters: deque[bytes] = deque()
        """Dead letters that Kafka does not have yet; what they are about is committed behind them."""
        self._retention = Retention(options.retention_hours)
        self._windows = Windows()
        self._places: set[Place] = set()
        self._degraded_s = 0.0
        self._producer: Any = None

    def run(self, stop: threading.Event, tell: Callable[[dict[str, Any]], None]) -> None:
        """Read and write until told to stop; what is open then is written by whoever reads it again."""
        consumer = Member(self._address, GROUP, [t.name for t in _TOPICS], self.forget, max_poll_records=2000)
        self._producer = open_producer(self._address)
        guarding = threading.Event()
        watched = (self._room(), self._engine, guarding, self._tell_room)
        # beside the loop, which waits for the database: a full disk is a usual reason for it to be away
        guardian = threading.Thread(target=guard, args=watched, daemon=True)
        guardian.start()
        ready = False
        try:
            while not stop.is_set():
                polled = consumer.poll(timeout_ms=200)
                if not ready and consumer.assigned:
                    ready = True
                    tell({"event": "ready"})
                for place, messages in polled.items():
                    for message in messages:
                        self._take(message)
                    self._done[place] = messages[-1].offset + 1
                self._batch.blocks += self._blocks.idle(time.monotonic() - self._options.block_idle_s)
                if not self._write(stop):
                    break
                self._commit(consumer)
                self._retain()
                self._keep_windows()
        finally:
            guarding.set()
            consumer.close()
            guardian.join(5.0)
            self._producer.close(timeout=2)
            self._engine.dispose()

    def forget(self) -> None:
        """After a change of assignment nothing that is half read is kept: it is read again."""
        self._blocks = Assembler()
        self._batch = rows.Batch()
        self._done = {}
        self._letters.clear()

    def _take(self, message: Any) -> None:
        try:
            if message.topic == FRAMES.name:
                self._frames(message)
            elif not is_watched_key(message.key):
                self._batch.take(message.topic, message.partition, message.offset, message.value, message.timestamp)
        except (ValueError, LookupError, ArithmeticError) as error:
            self._letter(message, f"the message cannot be stored: {error}")

    def _frames(self, message: Any) -> None:
        for item in decode_bundle(message.value):
            if isinstance(item, Spoilt) or is_watched(item.session.bed):
                continue  # the worker tells it as a dead letter; nobody reads the watchdog's beds again
            self._batch.blocks += self._blocks.put(item, message.partition, message.offset, time.monotonic())

    def _letter(self, message: Any, reason: str) -> None:
        now = Nanoseconds(time.time_ns())
        letter = DeadLetter(
            message.topic, message.partition, message.offset, now, "store", reason[:500], (message.value or b"")[:4096]
        )
        self._letters.append(to_json(letter))

    def _post(self) -> None:
        """Have Kafka take the dead letters; raises KafkaError where it does not, and those that are left go again."""
        sent = [self._producer.send(DEADLETTERS.name, one, key=b"store", partition=0) for one in self._letters]
        for future in sent:
            future.get(timeout=10)
            self._letters.popleft()

    def _write(self, stop: threading.Event) -> bool:
        """Write the batch; tries again while the database is away, and says so. False where told to stop meanwhile.

        What the database refuses is halved until the refused rows stand alone; the rest is written.
        """
        pause_s = 0.2
        waiting = [self._batch] if self._batch else []
        while waiting:
            part = waiting[-1]
            try:
                # where something was refused, a partition may have gone: its periods are looked at again
                self._put(part, self._places if part is self._batch else frozenset())
            except FAILURES as error:
                if not is_away(error):
                    waiting[-1:] = self._refused(part, error)
                    continue
                self._tell_degraded(error)
                if stop.wait(pause_s):
                    return False
                pause_s = min(5.0, pause_s * 2)
            else:
                waiting.pop()
        self._batch = rows.Batch()
        return True

    def _put(self, part: rows.Batch, known: AbstractSet[Place]) -> None:
        """Write one batch in one transaction."""
        with self._engine.begin() as connection:
            part.write(connection, known)
        self._places |= part.places
        for table, count in part.sizes().items():
            _rows().labels(table).inc(count)
        self._recovered()

    def _refused(self, part: rows.Batch, error: Exception) -> list[rows.Batch]:
        """The halves of a batch that the database refuses; a single row is set aside as a dead letter."""
        halves = part.halves()
        if halves:
            return halves
        table, row = part.told
        reason = f"the database refuses a row of {table}: {ascii(str(error))[1:-1]}"[:500]
        log.error("the database refuses a row", table=table, reason=reason)
        letter = DeadLetter("", 0, 0, Nanoseconds(time.time_ns()), "store", reason, row.encode()[:4096])
        self._letters.append(to_json(letter))
        return []

    def _tell_degraded(self, error: Exception) -> None:
        if not self._degraded_s:
            self._degraded_s = time.monotonic()
            log.error("the database is away, reading waits", reason=str(error)[:200])
            self._notice(
                "STORE_DEGRADED",
                f"the database is away: what comes waits in Kafka, waveforms for at most {FRAMES.retention_ms // 60_000} min",
                Level.LOW,
            )

    def _recovered(self) -> None:
        if self._degraded_s:
            away_s = time.monotonic() - self._degraded_s
            self._degraded_s = 0.0
            self._notice("STORE_DEGRADED", f"the database is back after {away_s:.0f} s", Level.LOW, cleared=True)

    def _notice(self, code: str, text: str, level: Level, cleared: bool = False) -> None:
        notice = Notice(code, "store", Nanoseconds(time.time_ns()), text, None, level, cleared)
        self._producer.send(NOTICES.name, to_json(notice), key=b"store", partition=0)

    def _commit(self, consumer: Any) -> None:
        """Commit what is written; of frames only what lies before every open block."""
        from kafka import OffsetAndMetadata

        if not self._done:
            return
        held = self._blocks.held()
        offsets = {}
        for place, offset in self._done.items():
            if place.topic == FRAMES.name:
                offset = min(offset, held.get(place.partition, offset))
            offsets[place] = OffsetAndMetadata(offset, "", -1)
        try:
            self._post()
            consumer.commit(offsets)
            self._done = {p: o for p, o in self._done.items() if p.topic == FRAMES.name and offsets[p].offset < o}
        except Exception as error:
            log.warning("the commit waits", reason=str(error)[:200])

    def _keep_share(self, share: float) -> None:
        keep_share(self._address, share)

    def _room(self) -> Room:
        """What knows how much Kafka keeps: a writer before this one may have had it keep less."""
        reserve, share = self._options.reserve, 1.0
        if reserve.kafka_dir:
            try:
                share = kept_share(self._address)
                # topics that another version of Vigil made are bounded too
                keep_share(self._address, share)
            except KafkaError as error:
                log.warning("what Kafka keeps is not known", reason=str(error)[:200])
        return Room(reserve, self._keep_share, share)

    def _tell_room(self, text: str, over: bool) -> None:
        self._notice("DISK_RESERVE", text, Level.HIGH, cleared=over)

    def _retain(self) -> None:
        now_ns = time.time_ns()
        if not self._retention.is_due(now_ns):
            return
        self._places.clear()
        try:
            self._retention.run(self._engine, now_ns)
        except DBAPIError as error:
            log.warning("retention waits", reason=str(error)[:200])

    def _keep_windows(self) -> None:
        now_ns = time.time_ns()
        if not self._windows.is_due(now_ns):
            return
        try:
            self._windows.run(self._engine, now_ns)
        except (DBAPIError, BadBlock) as error:
            log.warning("review windows wait", reason=str(error)[:200])


@cache
def _rows() -> Any:
    """One counter of a process, however many writers it has."""
    from prometheus_client import Counter

    return Counter("vigil_store_rows_total", "Rows written, those that were there already included", ["table"])


def write(
    address: KafkaAddress,
    database: str,
    options: WriterOptions,
    stop: threading.Event,
    tell: Callable[[dict[str, Any]], None],
) -> None:
    """Run one writer until `stop` is set."""
    Writer(address, database, options).run(stop, tell)
