"""The engine worker: segments in, interpretations out, a consumer group of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from engine.interpretation import Interpretation, Interpreter
from ingest.bed import BedContext, DeadLetter, to_json
from ingest.frame import BedId, Nanoseconds
from ingest.kafka import KafkaAddress, Member, open_consumer, open_producer
from ingest.topics import BEDS, DEADLETTERS, INTERPRETATIONS, SEGMENTS, slot
from stream.catalogue import Priority
from stream.trigger import Segment, decode_segment

log = structlog.get_logger()

GROUP = "vigil-engine"
_ORDER = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2, Priority.INFORMATION: 3}


def serve(
    address: KafkaAddress,
    make: Callable[[dict[BedId, BedContext]], Interpreter],
    stop: threading.Event,
    tell: Callable[[dict[str, Any]], None],
) -> None:
    """Answer segments until `stop` is set; the most urgent, then the newest, of what waits comes first.

    make: gives the interpreter for contexts that are kept up to date. Offsets are committed behind Kafka's
    acknowledgement of the answers; an answer given twice carries the same id.
    """
    contexts: dict[BedId, BedContext] = {}
    interpreter = _counted(make(contexts))
    consumer = Member(address, GROUP, [SEGMENTS.name], lambda: None, max_poll_records=200)
    beds = _beds(address)
    producer = open_producer(address)
    ready = False
    try:
        while not stop.is_set():
            polled = [m for messages in consumer.poll(timeout_ms=100).values() for m in messages]
            if not ready and consumer.assigned:
                ready = True
                tell({"event": "ready"})
            _learn(beds, contexts)
            if polled:
                _answer_all(polled, interpreter, producer)
                consumer.commit()
    finally:
        consumer.close()
        beds.close()
        producer.close(timeout=2)


def _counted(interpreter: Interpreter) -> Interpreter:
    """The interpreter, with its answers and its time told to Prometheus."""
    from prometheus_client import Counter, Histogram

    answers = Counter("vigil_engine_answers_total", "Segments answered", ["state"])
    seconds = Histogram("vigil_engine_seconds", "Time to answer one segment")

    def answer(segment: Segment) -> Interpretation:
        with seconds.time():
            told = interpreter(segment)
        answers.labels(told.state.value).inc()
        return told

    return answer


def _answer_all(messages: list[Any], interpreter: Interpreter, producer: Any) -> None:
    segments: list[Segment] = []
    sent = []
    for message in messages:
        try:
            segments.append(decode_segment(message.value))
        except ValueError as error:
            sent.append(_letter(producer, message, str(error)))
    segments.sort(key=lambda s: (_ORDER[s.trigger.priority], -s.trigger.at_ns))
    for segment in segments:
        try:
            answer = interpreter(segment)
        except Exception as error:  # one segment must not end the worker: it is set aside with its reason
            log.exception("a segment could not be interpreted", trigger=segment.trigger.id)
            sent.append(_letter(producer, messages[0], f"trigger {segment.trigger.id}: {error!r}"))
            continue
        sent.append(_publish(producer, answer))
    for future in sent:
        future.get(timeout=30)


def _publish(producer: Any, answer: Interpretation) -> Any:
    bed = answer.bed
    return producer.send(INTERPRETATIONS.name, msgspec.json.encode(answer), key=bed.encode(), partition=slot(bed))


def _letter(producer: Any, message: Any, reason: str) -> Any:
    now = Nanoseconds(time.time_ns())
    letter = DeadLetter(
        message.topic, message.partition, message.offset, now, "engine", reason[:500], message.value[:4096]
    )
    return producer.send(DEADLETTERS.name, to_json(letter), key=b"engine", partition=0)


def _beds(address: KafkaAddress) -> Any:
    """A reader of what beds are set to, from the beginning."""
    from kafka import TopicPartition

    consumer = open_consumer(address, None)
    places = [TopicPartition(BEDS.name, p) for p in range(BEDS.partitions)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    return consumer


def _learn(consumer: Any, contexts: dict[BedId, BedContext]) -> None:
    for messages in consumer.poll(timeout_ms=0).values():
        for message in messages:
            try:
                if message.value is not None:
                    context = msgspec.json.decode(message.value, type=BedContext)
                    contexts[context.bed] = context
            except msgspec.MsgspecError:
                log.warning("a bed's settings cannot be read", offset=message.offset)
