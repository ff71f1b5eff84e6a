"""The engine worker over a real Kafka: segments, questions, what is cancelled, what is broken, and a restart."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from prometheus_client import REGISTRY

from engine.answerer import Answerer, CriteriaAnswerer
from engine.interpretation import Interpretation, State
from engine.request import DEADLINE_S, Ask, Request, encode_request
from engine.serve import serve
from infra.services import Addresses
from ingest.frame import BedId, Nanoseconds
from ingest.kafka import open_consumer, open_producer
from ingest.topics import DEADLETTERS, INTERPRETATIONS, REQUESTS, SEGMENTS, slot
from stream.trigger import Segment, encode_segment
from tests.sinus import plain

pytestmark = pytest.mark.broker


class Held(CriteriaAnswerer):
    """Criteria that wait until they are let go."""

    def __init__(self) -> None:
        super().__init__(time.time_ns)
        self.go = threading.Event()

    def advance(self) -> list[Any]:
        if not self.go.is_set() and not self._cancelled:
            time.sleep(0.02)
            return []
        return super().advance()


@contextmanager
def engine(services: Addresses, make: Callable[[], Answerer]) -> Iterator[None]:
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=serve, args=(services.kafka, make, stop, lambda _: ready.set()))
    thread.start()
    assert ready.wait(90)
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def segment(name: str, bed: str) -> Segment:
    return replace(plain(), trigger=replace(plain().trigger, id=name, bed=BedId(bed)))


def send(services: Addresses, topic: str, bed: str, *payloads: bytes) -> None:
    producer = open_producer(services.kafka)
    for payload in payloads:
        producer.send(topic, payload, key=bed.encode(), partition=slot(BedId(bed))).get(timeout=10)
    producer.close()


def answers(services: Addresses, bed: str, count: int, topic: str = INTERPRETATIONS.name) -> list[Any]:
    """What was written of a bed, once there are so many, and half a second later."""
    consumer = open_consumer(services.kafka, None)
    consumer.subscribe([topic])
    found: list[bytes] = []
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for message in (m for ms in consumer.poll(timeout_ms=200).values() for m in ms):
            found += [message.value] if bed.encode() in message.value else []
        if len(found) >= count:
            until = min(until, time.monotonic() + 0.5)
    consumer.close()
    return [msgspec.json.decode(v, type=Interpretation) if topic == INTERPRETATIONS.name else v for v in found]


def test_segments_and_requests_are_answered_once_each(services: Addresses) -> None:
    bed = "engine-1"
    asked = Request("q1", BedId(bed), Ask.INTERPRET, "engine-t1", Nanoseconds(1), "Is there a delta wave?")
    with engine(services, lambda: CriteriaAnswerer(time.time_ns)):
        send(services, SEGMENTS.name, bed, encode_segment(segment("engine-t1", bed)))
        answers(services, bed, 1)
        lost = replace(asked, id="q2", trigger="engine-gone")
        send(services, REQUESTS.name, bed, encode_request(asked), encode_request(lost), b"{engine-1")
        found = answers(services, bed, 2)
        letters = answers(services, "engine-gone", 1, DEADLETTERS.name)
    assert sorted(a.question for a in found) == ["", asked.question]
    assert {a.trigger for a in found} == {"engine-t1"}
    assert len(letters) == 1
    with engine(services, lambda: CriteriaAnswerer(time.time_ns)):
        send(services, SEGMENTS.name, bed, encode_segment(segment("engine-t2", bed)))
        again = answers(services, bed, 3)
    assert len(again) == 3


def test_what_waited_for_longer_than_its_deadline_is_answered_as_late_and_counted(services: Addresses) -> None:
    bed, producer = "engine-4", open_producer(services.kafka)
    before = REGISTRY.get_sample_value("vigil_engine_late_total") or 0.0
    with engine(services, lambda: CriteriaAnswerer(time.time_ns)):
        for name, age_s in (("engine-t5", DEADLINE_S + 5), ("engine-t6", 0.0)):
            told, at_ms = encode_segment(segment(name, bed)), round((time.time() - age_s) * 1000)
            producer.send(SEGMENTS.name, told, key=bed.encode(), partition=slot(BedId(bed)), timestamp_ms=at_ms).get(10)
        found = {a.trigger: a.late for a in answers(services, bed, 2)}
    producer.close()
    assert found == {"engine-t5": True, "engine-t6": False}
    assert REGISTRY.get_sample_value("vigil_engine_late_total") == before + 1


def test_a_question_about_a_segment_of_before_the_restart_finds_it_in_the_topic(services: Addresses) -> None:
    bed = "engine-2"
    with engine(services, lambda: CriteriaAnswerer(time.time_ns)):
        send(services, SEGMENTS.name, bed, encode_segment(segment("engine-t3", bed)))
        answers(services, bed, 1)
    asked = Request("q3", BedId(bed), Ask.INTERPRET, "engine-t3", Nanoseconds(1), "And the axis?")
    with engine(services, lambda: CriteriaAnswerer(time.time_ns)):
        send(services, REQUESTS.name, bed, encode_request(asked))
        assert [a.question for a in answers(services, bed, 2)] == ["", "And the axis?"]


def test_what_is_in_work_when_the_worker_ends_is_answered_by_the_next_and_cancelled_once(services: Addresses) -> None:
    bed = "engine-3"
    with engine(services, Held):
        send(services, SEGMENTS.name, bed, encode_segment(segment("engine-t4", bed)))
        time.sleep(1.0)
    cancel = Request("q4", BedId(bed), Ask.CANCEL, "engine-t4", Nanoseconds(1), reason="artefact")
    with engine(services, Held):
        time.sleep(1.0)
        send(services, REQUESTS.name, bed, encode_request(cancel))
        (told,) = answers(services, bed, 1)
        # a cancel may be read before the segment that it is about
        send(services, REQUESTS.name, bed, encode_request(replace(cancel, id="q5", trigger="engine-t7")))
        time.sleep(1.0)
        send(services, SEGMENTS.name, bed, encode_segment(segment("engine-t7", bed)))
        late = answers(services, bed, 2)[-1]
    assert (told.trigger, late.trigger) == ("engine-t4", "engine-t7")
    assert {told.state, late.state} == {State.WITHHELD}
    assert "artefact" in told.reason
    assert "artefact" in late.reason
