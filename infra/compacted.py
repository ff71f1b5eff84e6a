"""Reads and writes of compacted topics for commands: the last value of each key."""

from __future__ import annotations

from collections.abc import Collection

from ingest.kafka import KafkaAddress, open_consumer, open_producer
from ingest.topics import Topic


def read(address: KafkaAddress, topic: Topic, partitions: Collection[int] = ()) -> dict[str, bytes]:
    """The last value of every key that has one; of these partitions only, where some are named."""
    from kafka import TopicPartition

    consumer = open_consumer(address, None)
    found: dict[str, bytes] = {}
    try:
        places = [TopicPartition(topic.name, p) for p in partitions or range(topic.partitions)]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        consumer.seek_to_beginning(*places)
        while any(consumer.position(p) < ends[p] for p in places):
            for messages in consumer.poll(timeout_ms=500).values():
                for message in messages:
                    key = (message.key or b"").decode()
                    if message.value is None:
                        found.pop(key, None)
                    else:
                        found[key] = message.value
    finally:
        consumer.close()
    return found


def write(address: KafkaAddress, topic: Topic, key: str, value: bytes, partition: int) -> None:
    """Write one value and wait until Kafka has it."""
    producer = open_producer(address)
    try:
        producer.send(topic.name, value, key=key.encode(), partition=partition).get(timeout=30)
    finally:
        producer.close(timeout=5)
