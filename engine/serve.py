"""The engine worker: segments and requests in, interpretations out, a consumer group of its own.

A message is committed when what follows from it is in Kafka, so that a restart answers again what was in work; an
answer given twice carries the same id and is one row.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import msgspec
import structlog

from engine.advisory import under
from engine.answerer import Answered, Answerer, Job
from engine.interpretation import Advisory, Interpretation
from engine.latest import latest
from engine.ledger import Ledger, Place
from engine.request import DEADLINE_S, Ask, Request, decode_request
from engine.settings import Settings
from ingest.bed import DeadLetter, Level, Notice, to_json
from ingest.frame import Nanoseconds
from ingest.kafka import KafkaAddress, Member, open_consumer, open_producer
from ingest.topics import DEADLETTERS, INTERPRETATIONS, NOTICES, REQUESTS, SEGMENTS, slot
from stream import atria
from stream.trigger import Segment, decode_segment

log = structlog.get_logger()

T = TypeVar("T")

GROUP = "vigil-engine"
KEPT = 256
"""Segments that can be asked about without reading the topic again, and triggers that are known to be cancelled."""
SEARCH_S = 2.0
COMMIT_S = 0.5
"""While there is work, offsets are committed this often."""


def serve(
    address: KafkaAddress, make: Callable[[], Answerer], stop: threading.Event, tell: Callable[[dict[str, Any]], None]
) -> None:
    """Answer segments and requests until `stop` is set."""
    atria.warm_up()
    worker = _Worker(address, make())
    try:
        worker.run(stop, tell)
    finally:
        worker.close()


class _Worker:
    def __init__(self, address: KafkaAddress, answerer: Answerer) -> None:
        self._address, self._answerer = address, answerer
        self._moved = threading.Event()
        topics = [SEGMENTS.name, REQUESTS.name]
        self._consumer = Member(address, GROUP, topics, self._moved.set, max_poll_records=200)
        self._settings, self._producer = Settings(address), open_producer(address)
        self._recent: OrderedDict[str, Segment] = OrderedDict()
        self._cancelled: OrderedDict[str, str] = OrderedDict()
        """Why triggers were cancelled: a segment may be read behind the request, as after a restart."""
        self._ledger = Ledger()
        self._messages: dict[str, list[tuple[Place, int]]] = {}
        """Messages that wait for the answer to a job, by its key."""
        self._count, self._seconds, self._late, self._advised = _metrics()
        self._taken_s: dict[str, float] = {}
        self._due_s: dict[str, float] = {}
        """By the wall clock, as the message's own time is; a worker that was away answers late."""
        self._committed_s = 0.0

    def run(self, stop: threading.Event, tell: Callable[[dict[str, Any]], None]) -> None:
        ready = False
        while not stop.is_set():
            polled = self._consumer.poll(timeout_ms=0 if self._answerer.busy else 100)
            if not ready and self._consumer.assigned:
                ready = True
                tell({"event": "ready"})
                self._begin()
            if self._moved.is_set():
                self._moved.clear()
                self._ledger.forget(self._consumer.places)
            self._settings.learn()
            for messages in polled.values():
                for message in messages:
                    self._take(message)
            self._publish(self._answerer.advance())
            for notice in self._answerer.notices():
                self._producer.send(NOTICES.name, to_json(notice), key=b"engine", partition=0)

    def _begin(self) -> None:
        """What a worker told before it ended is over; one that is worse off from its start tells it behind this."""
        text = "an engine worker begins with the runtime that is wanted most"
        over = Notice("ENGINE_DEGRADED", "engine", Nanoseconds(time.time_ns()), text, None, Level.MEDIUM, cleared=True)
        self._producer.send(NOTICES.name, to_json(over), key=b"engine", partition=0)

    def close(self) -> None:
        self._consumer.close()
        self._settings.close()
        self._producer.close(timeout=2)

    # in -----------------------------------------------------------------------------------------------------------

    def _take(self, message: Any) -> None:
        place = (message.topic, message.partition)
        self._ledger.take(place, message.offset)
        try:
            job = self._segment(message) if message.topic == SEGMENTS.name else self._request(message)
        except ValueError as error:
            self._letter(message.topic, message.partition, message.offset, str(error), message.value or b"")
            job = None
        if job is None:
            self._ledger.finish(place, message.offset)
            return
        self._messages.setdefault(job.key, []).append((place, message.offset))
        self._taken_s.setdefault(job.key, time.monotonic())
        self._due_s.setdefault(job.key, message.timestamp / 1000 + DEADLINE_S)
        self._answerer.take(job)
        if job.key in self._cancelled:
            self._answerer.cancel(job.key, self._cancelled[job.key])

    def _segment(self, message: Any) -> Job:
        segment = decode_segment(message.value or b"")
        _keep(self._recent, segment.trigger.id, segment)
        return Job(segment.trigger.id, segment, self._settings.context(segment.trigger.bed))

    def _request(self, message: Any) -> Job | None:
        request = decode_request(message.value or b"")
        if request.ask is Ask.CANCEL:
            _keep(self._cancelled, request.trigger, request.reason)
            self._answerer.cancel(request.trigger, request.reason)
            return None
        if not request.trigger:
            return Job(
                request.id, latest(self._address, request), self._settings.context(request.bed), request.question
            )
        segment = self._recent.get(request.trigger) or _search(self._address, request)
        if segment is None:
            raise ValueError(
                f"request {request.id}: no segment of trigger {request.trigger} was found among those that are kept"
            )
        return Job(f"{request.trigger}\0{request.id}", segment, self._settings.context(request.bed), request.question)

    # out ----------------------------------------------------------------------------------------------------------

    def _publish(self, answered: list[Answered]) -> None:
        sent = []
        for one in answered:
            late = time.time() > self._due_s.pop(one.job.key, math.inf)
            self._late.inc(late)
            told = replace(one.interpretation, late=late, advisories=self._in_mode(one.interpretation))
            bed, answer = told.bed, msgspec.json.encode(told)
            sent.append(self._producer.send(INTERPRETATIONS.name, answer, key=bed.encode(), partition=slot(bed)))
            if one.fault:
                (topic, partition), offset = self._messages[one.job.key][0]
                self._letter(topic, partition, offset, one.fault, b"")
        for future in sent:
            future.get(timeout=30)
        for one in answered:
            for place, offset in self._messages.pop(one.job.key, ()):
                self._ledger.finish(place, offset)
            self._seconds.observe(time.monotonic() - self._taken_s.pop(one.job.key, time.monotonic()))
            self._count.labels(one.interpretation.state.value).inc()
        self._commit()

    def _in_mode(self, told: Interpretation) -> tuple[Advisory, ...]:
        """Its advisories as the policy of the bed has them, counted."""
        found = under(self._settings.policy(told.bed), told.advisories)
        for one in found:
            self._advised.labels(one.code.value, one.mode.value, "borne" if one.borne else "refused").inc()
        return found

    def _commit(self) -> None:
        now = time.monotonic()
        if self._answerer.busy and now - self._committed_s < COMMIT_S:
            return
        self._committed_s = now
        due = self._ledger.due()
        if due:
            from kafka import OffsetAndMetadata, TopicPartition

            self._consumer.commit({TopicPartition(*p): OffsetAndMetadata(at, "", -1) for p, at in due.items()})

    def _letter(self, topic: str, partition: int, offset: int, reason: str, payload: bytes) -> None:
        now = Nanoseconds(time.time_ns())
        letter = DeadLetter(topic, partition, offset, now, "engine", reason[:500], payload[:4096])
        self._producer.send(DEADLETTERS.name, to_json(letter), key=b"engine", partition=0).get(timeout=30)


@cache
def _metrics() -> tuple[Any, Any, Any, Any]:
    from prometheus_client import Counter, Histogram

    answers = Counter("vigil_engine_answers_total", "Segments and questions answered", ["state"])
    late = Counter("vigil_engine_late_total", "Answers given after their deadline")
    advised = Counter("vigil_engine_advisories_total", "Advisories that were judged", ["code", "mode", "verdict"])
    return answers, Histogram("vigil_engine_seconds", "Time from taking a job to its answer"), late, advised


def _keep(held: OrderedDict[str, T], name: str, value: T) -> None:
    """Put one with the others; the oldest goes where there are too many."""
    held[name] = value
    while len(held) > KEPT:
        held.popitem(last=False)


def _search(address: KafkaAddress, request: Request) -> Segment | None:
    """The segment of a trigger in what the topic still holds."""
    from kafka import TopicPartition

    consumer = open_consumer(address, None)
    try:
        place = TopicPartition(SEGMENTS.name, slot(request.bed))
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        end, until = consumer.end_offsets([place])[place], time.monotonic() + SEARCH_S
        while consumer.position(place) < end and time.monotonic() < until:
            for message in (m for ms in consumer.poll(timeout_ms=200).values() for m in ms):
                if message.key == request.bed.encode() and request.trigger.encode() in (message.value or b"")[:4096]:
                    return decode_segment(message.value)
    finally:
        consumer.close()
    return None
