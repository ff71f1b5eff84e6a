"""The writer when PostgreSQL refuses a row, or goes away in the middle of a write."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import NewTopic
from sqlalchemy import Connection

from infra.services import Addresses
from infra.summary import Observer, forgotten, read_topic
from ingest.bed import DeadLetter, Notice
from ingest.frame import BedId, Nanoseconds, SessionId
from ingest.kafka import keep_share, kept_share, open_producer
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import DEADLETTERS, NOTICES, TRENDS, TRIGGERS, Topic
from storage.database import Database
from storage.room import LEAST_SHARE, Reserve
from storage.writer import Writer, WriterOptions
from stream.measurement import Trend
from stream.offline import analyse
from stream.trigger import Trigger

pytestmark = pytest.mark.broker


@pytest.fixture
def writing(services: Addresses) -> Iterator[Writer]:
    """A writer that runs, and still does at the end of the test."""
    stop, ready = threading.Event(), threading.Event()
    writer = Writer(services.kafka, services.database, WriterOptions())
    thread = threading.Thread(target=writer.run, args=(stop, lambda _: ready.set()))
    thread.start()
    assert ready.wait(30)
    yield writer
    lives = thread.is_alive()
    stop.set()
    thread.join(20)
    assert lives


@pytest.fixture
def database(services: Addresses) -> Iterator[Database]:
    opened = Database(services.database)
    yield opened
    opened.close()


def until(fits: Callable[[], bool], limit_s: float = 30.0) -> None:
    deadline = time.monotonic() + limit_s
    while not fits() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert fits()


def send(services: Addresses, topic: str, *values: Trigger | list[Trend]) -> None:
    """All of them to one partition, so that they are read together."""
    producer = open_producer(services.kafka)
    for value in values:
        producer.send(topic, msgspec.json.encode(value), key=b"writer", partition=0)
    producer.close()


def analysed() -> tuple[Trigger, list[Trend]]:
    """A trigger of this moment, and the numerics of a few seconds."""
    found = analyse(simulate(SCENARIOS["asystole"], 25.0, seed=1, name="writer"))
    now_ns = Nanoseconds(time.time_ns())
    trends = [replace(t, session=SessionId(5151), at_ns=Nanoseconds(now_ns + t.at_ns)) for t in found.trends]
    return replace(found.triggers[0], session=SessionId(5151), at_ns=now_ns), trends


def letters(observer: Observer) -> list[DeadLetter]:
    return [msgspec.json.decode(m.value, type=DeadLetter) for m in read_topic(observer, DEADLETTERS)]


@pytest.mark.timeout(90)
def test_a_row_that_the_database_refuses_is_set_aside_with_its_reason_and_the_rest_is_written(
    services: Addresses, writing: Writer, database: Database
) -> None:
    observer = Observer(services, time.time_ns())
    trigger, trends = analysed()
    good = [replace(trigger, id=f"writer-{k}") for k in range(5)]
    nul = replace(trigger, id="writer-nul", bed=BedId("a\0b"))
    large = replace(trigger, id="".join(chr(0x4E00 + (k * k * 31) % 20_000) for k in range(9000)))
    session = [replace(t, session=SessionId(2**63)) for t in trends[:1]]
    bed = [replace(t, bed=BedId("c\0d")) for t in trends[1:2]]
    send(services, TRIGGERS.name, *good[:2], nul, good[2], large, *good[3:])
    send(services, TRENDS.name, trends[:4], session, bed, trends[4:])

    count = "SELECT count(*) FROM {} WHERE session = 5151 AND bed = 'writer'"
    until(lambda: database.run(lambda c: c.exec_driver_sql(count.format("trigger")).scalar()) == 5)
    until(lambda: database.run(lambda c: c.exec_driver_sql(count.format("trend")).scalar()) == len(trends))
    until(lambda: len({x.payload for x in letters(observer)}) >= 4)
    reasons = [letter.reason for letter in letters(observer)]
    assert sum("a row of trigger" in r for r in reasons) == 2
    assert any("row of trend" in r and "0x00" in r for r in reasons)
    assert any("row of trend" in r and "too big" in r for r in reasons)
    assert any("index row" in r for r in reasons)
    # and each of them is in the database, with the row that was refused
    held = "SELECT count(*) FROM dead_letter WHERE source = 'store' AND reason LIKE 'the database refuses a row of %%'"
    until(lambda: database.run(lambda c: c.exec_driver_sql(held).scalar()) >= 4)
    assert any(rb"a\x00b" in letter.payload for letter in letters(observer))


@pytest.mark.timeout(90)
def test_a_database_that_is_lost_in_the_middle_of_a_write_is_told_and_written_to_when_it_is_back(
    services: Addresses, writing: Writer, database: Database
) -> None:
    observer = Observer(services, time.time_ns())
    trigger, _ = analysed()
    waiting = (
        "SELECT pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'trigger' AND NOT granted"
    )

    def lose(connection: Connection) -> None:
        connection.exec_driver_sql("LOCK TABLE trigger IN ACCESS EXCLUSIVE MODE")
        send(services, TRIGGERS.name, replace(trigger, id="writer-lost"))
        until(lambda: bool(connection.exec_driver_sql(waiting).scalars().all()))
        for pid in connection.exec_driver_sql(waiting).scalars().all():
            connection.exec_driver_sql("SELECT pg_terminate_backend(%s)", (pid,))

    database.run(lose)
    count = "SELECT count(*) FROM trigger WHERE id = 'writer-lost'"
    until(lambda: database.run(lambda c: c.exec_driver_sql(count).scalar()) == 1)
    assert not any(b"writer-lost" in x.payload for x in letters(observer)), "written, and not set aside"

    def told() -> list[bool]:
        notices = [msgspec.json.decode(m.value, type=Notice) for m in read_topic(observer, NOTICES)]
        return [n.cleared for n in notices if (n.code, n.source) == ("STORE_DEGRADED", "store")]

    until(lambda: len(told()) == 2)
    assert told() == [False, True], "told, and over"


@pytest.mark.timeout(90)
def test_kafka_keeps_less_on_a_full_disk_and_says_so_while_the_database_is_away(
    services: Addresses, tmp_path: Path
) -> None:
    keep_share(services.kafka, 1.0)
    trigger, _ = analysed()
    observer, stop, ready = Observer(services, time.time_ns()), threading.Event(), threading.Event()
    send(services, TRIGGERS.name, replace(trigger, id="writer-full"))
    options = WriterOptions(reserve=Reserve(1e9, str(tmp_path), str(tmp_path)))
    writer = Writer(services.kafka, "postgresql://nobody:none@127.0.0.1:9/none", options)
    thread = threading.Thread(target=writer.run, args=(stop, lambda _: ready.set()))
    thread.start()
    try:
        assert ready.wait(30)
        until(lambda: kept_share(services.kafka) == LEAST_SHARE)
        until(lambda: "DISK_RESERVE" in codes(observer))
        until(lambda: "STORE_DEGRADED" in codes(observer))
    finally:
        stop.set()
        thread.join(20)
        keep_share(services.kafka, 1.0)
    assert not thread.is_alive()


def codes(observer: Observer) -> set[str]:
    """Of what the writer has told."""
    notices = [msgspec.json.decode(m.value, type=Notice) for m in read_topic(observer, NOTICES)]
    return {n.code for n in notices if n.source == "store" and not n.cleared}


def test_what_kafka_keeps_no_more_is_known_to_be_missing(services: Addresses) -> None:
    topic, observer = Topic("vigil.test.forgotten", partitions=2), Observer(services, time.time_ns())
    admin = KafkaAdminClient(**services.kafka.options())
    admin.create_topics([NewTopic(topic.name, num_partitions=2, replication_factor=1)])
    producer = open_producer(services.kafka)
    for k in range(6):
        producer.send(topic.name, b"%d" % k, partition=k % 2).get(timeout=10)
    assert forgotten(observer, topic) == 0
    admin.delete_records({TopicPartition(topic.name, 0): 2, TopicPartition(topic.name, 1): 1})
    assert forgotten(observer, topic) == 3
    assert sorted(m.value for m in read_topic(observer, topic)) == [b"3", b"4", b"5"]
    producer.close()
    admin.close()
