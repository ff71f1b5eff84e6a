"""What a stream worker does when Kafka took away what it had not read, or gave it nothing to read."""

import asyncio
import os
import signal
import time

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from faust.types import TP
from kafka import KafkaAdminClient, TopicPartition

from infra import compacted
from infra.services import Addresses
from infra.summary import Observer, read_topic
from ingest.bed import Notice
from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId
from ingest.kafka import open_consumer, open_producer
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import APPLIED, FRAMES, NOTICES, SLOTS, TRENDS, slot
from stream.app import build_app, warm_up
from stream.careful import Care, care_key
from stream.measurement import Trend
from stream.offline import frames
from stream.stall import look
from stream.worker import Worker, WorkerOptions
from tests.integration.test_stream import send, wait_for, worker

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def sent(name: str, seconds: float, number: int) -> list[Frame]:
    """A simulated bed that began a minute ago, without an end marker."""
    recording, past = simulate(SCENARIOS["sinus"], seconds, seed=number, name=name), time.time_ns() - 60 * 10**9
    session = Session(SessionId(number), BedId(name), f"monitor-{name}", recording.rate_hz, recording.signals)
    found = []
    for frame in frames(recording, 0.25):
        at = Nanoseconds(past + frame.start_ns)
        found.append(Frame(session, frame.first, at, at, frame.samples))
    return found[:-1]


def seconds_of(observer: Observer, bed: str) -> list[int]:
    """The seconds of a bed that were told."""
    rows = [t for m in read_topic(observer, TRENDS) for t in msgspec.json.decode(m.value, type=list[Trend])]
    return sorted(round(t.first / t.rate_hz) for t in rows if t.bed == bed)


def end_of(services: Addresses, partition: int) -> int:
    """The offset behind the last message of a slot."""
    consumer = open_consumer(services.kafka, None)
    end = consumer.end_offsets([TopicPartition(FRAMES.name, partition)])[TopicPartition(FRAMES.name, partition)]
    consumer.close()
    return int(end)


def leave_word(services: Addresses, bed: str, care: Care) -> None:
    """Write what a worker before would have left of the slot of a bed."""
    producer = open_producer(services.kafka)
    producer.send(APPLIED.name, msgspec.json.encode(care), key=care_key(slot(BedId(bed))), partition=0).get(10)
    producer.close()


@pytest.mark.timeout(150)
def test_a_worker_goes_on_behind_messages_that_were_deleted_before_it_read_them(services: Addresses) -> None:
    observer, all_of_them = Observer(services, time.time_ns()), sent("holed", 40.0, 31)
    place = TopicPartition(FRAMES.name, slot(BedId("holed")))
    with worker(services, "stalled") as process:
        send(services, all_of_them[:60])
        wait_for(lambda: len(seconds_of(observer, "holed")) >= 10)
        os.kill(process.pid, signal.SIGSTOP)
        send(services, all_of_them[60:100])
        # what is on its way to the worker has left Kafka; this has not
        time.sleep(1.0)
        send(services, all_of_them[100:120])
        admin = KafkaAdminClient(**services.kafka.options())
        admin.delete_records({place: end_of(services, place.partition)})
        admin.close()
        os.kill(process.pid, signal.SIGCONT)
        send(services, all_of_them[120:])
        wait_for(lambda: seconds_of(observer, "holed")[-1] >= 37)
        assert process.poll() is None
    told = [msgspec.json.decode(m.value, type=Notice) for m in read_topic(observer, NOTICES)]
    deleted = [n.text for n in told if n.code == "UNREAD_DELETED"]
    assert deleted, "it says what it could not read"
    assert any(n.code == "SAMPLE_GAP" and n.bed == "holed" for n in told)


@pytest.mark.timeout(150)
def test_a_worker_reads_again_what_its_consumer_skipped(services: Addresses) -> None:
    observer, all_of_them = Observer(services, time.time_ns()), sent("skipped", 40.0, 34)
    place, reader = TP(FRAMES.name, slot(BedId("skipped"))), Worker(services.kafka, WorkerOptions("skipping"))

    async def reads() -> None:
        await reader.open()
        app = build_app(services.kafka, WorkerOptions("skipping"), reader)
        app.finalize()
        app.producer.buffer.max_messages = 100_000
        await app.start()
        try:
            await asyncio.to_thread(send, services, all_of_them[:60])
            await asyncio.to_thread(wait_for, lambda: len(seconds_of(observer, "skipped")) >= 12)
            app.consumer.pause_partitions([place])
            await asyncio.to_thread(send, services, all_of_them[60:120])
            await app.consumer.seek_wait({place: end_of(services, place.partition) - 20})
            app.consumer.resume_partitions([place])
            await asyncio.to_thread(send, services, all_of_them[120:])
            await asyncio.to_thread(wait_for, lambda: len(seconds_of(observer, "skipped")) >= 37)
        finally:
            await asyncio.wait_for(app.stop(), 10.0)
            await reader.close()

    warm_up()
    asyncio.run(reads())
    assert not reader.failed
    seconds = seconds_of(observer, "skipped")
    assert seconds == list(range(len(seconds)))


@pytest.mark.timeout(150)
def test_what_a_worker_ended_of_is_read_frame_by_frame_with_the_same_result(services: Addresses) -> None:
    observer, all_of_them = Observer(services, time.time_ns()), sent("cautious", 30.0, 32)
    leave_word(services, "cautious", Care(careful=1 << 40))
    with worker(services, "stalled"):
        send(services, all_of_them)
        wait_for(lambda: len(seconds_of(observer, "cautious")) >= 27)
    seconds = seconds_of(observer, "cautious")
    assert seconds == list(range(len(seconds)))


@pytest.mark.timeout(150)
def test_where_a_worker_was_killed_before_it_got_on_the_next_is_careful_with_the_same_result(
    services: Addresses,
) -> None:
    observer, all_of_them = Observer(services, time.time_ns()), sent("mortal", 30.0, 33)
    leave_word(services, "mortal", Care())  # workers of other tests were killed at this slot, too
    send(services, all_of_them[:60])
    with worker(services, "killed"):
        # leaving this block kills the worker
        wait_for(lambda: len(seconds_of(observer, "mortal")) >= 5)
    with worker(services, "careful"):
        wait_for(lambda: len(seconds_of(observer, "mortal")) >= 14)
        send(services, all_of_them[60:])
        wait_for(lambda: len(set(seconds_of(observer, "mortal"))) >= 27)
    seconds = set(seconds_of(observer, "mortal"))
    assert seconds == set(range(len(seconds)))
    word = msgspec.json.decode(
        compacted.read(services.kafka, APPLIED)[care_key(slot(BedId("mortal"))).decode()], type=Care
    )
    assert word.careful >= word.begun >= 0
    assert word.at >= 0, "word was left of what was tried"


class Stingy(RoundRobinPartitionAssignor):
    """Gives everybody nothing, as an assignor does that has not heard of the topic."""

    name = "stingy"

    @classmethod
    def assign(cls, cluster: object, members: dict) -> dict:
        return {member: ConsumerProtocolMemberAssignment(0, [], b"") for member in members}


@pytest.mark.parametrize(("assignor", "missing"), [(RoundRobinPartitionAssignor, 0), (Stingy, SLOTS)])
def test_slots_that_a_settled_group_gave_to_nobody_are_seen(
    services: Addresses, assignor: type[RoundRobinPartitionAssignor], missing: int
) -> None:
    async def seen() -> tuple[set[int], dict[int, int]]:
        group = f"group-{assignor.name}"
        consumer = AIOKafkaConsumer(
            FRAMES.name, **services.kafka.options(), group_id=group, partition_assignment_strategy=(assignor,)
        )
        await consumer.start()
        try:
            await asyncio.sleep(4.0)
            return await look(services.kafka, group, FRAMES.name, {3})
        finally:
            await consumer.stop()

    nobodys, ends = asyncio.run(seen())
    assert len(nobodys) == missing
    assert ends.keys() == {3}
