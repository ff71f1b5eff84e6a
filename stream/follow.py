"""Reads compacted topics of Kafka: what they hold at this moment, or that and whatever comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from ingest.kafka import KafkaAddress


async def read_to_end(address: KafkaAddress, topic: str, partitions: Iterable[int]) -> Any:
    """Every message that the partitions hold at this moment, the last one of each key only."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(
        **address.options(), enable_auto_commit=False, auto_offset_reset="earliest", max_partition_fetch_bytes=8 << 20
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, p) for p in partitions]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        last: dict[tuple[int, bytes | None], Any] = {}
        while any([await consumer.position(p) < ends[p] for p in places]):
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                for message in messages:
                    last[message.partition, message.key] = message
        for message in last.values():
            if message.value is not None:
                yield message
    finally:
        await consumer.stop()


async def resume_offsets(address: KafkaAddress, group: str, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """The offset from which a group reads each partition: what it committed, or the first that is still there."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(**address.options(), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, p) for p in partitions]
        consumer.assign(places)
        begins = await consumer.beginning_offsets(places)
        return {p.partition: max(begins[p], await consumer.committed(p) or 0) for p in places}
    finally:
        await consumer.stop()


async def begins(address: KafkaAddress, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """The first offset that is still there, of each partition."""
    return await _edges(address, topic, partitions, "beginning_offsets")


async def ends(address: KafkaAddress, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """The offset behind the last message, of each partition."""
    return await _edges(address, topic, partitions, "end_offsets")


async def _edges(address: KafkaAddress, topic: str, partitions: Iterable[int], which: str) -> dict[int, int]:
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(**address.options(), enable_auto_commit=False)
    await consumer.start()
    try:
        found = await getattr(consumer, which)([TopicPartition(topic, p) for p in partitions])
        return {place.partition: offset for place, offset in found.items()}
    finally:
        await consumer.stop()


async def follow(address: KafkaAddress, topics: tuple[str, ...]) -> Any:
    """Every message of compacted topics from the beginning, and then as they come."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(**address.options(), enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = []
        for topic in topics:
            await consumer.client.add_topic(topic) if hasattr(consumer, "client") else None
            places += [TopicPartition(topic, p) for p in sorted(await _partitions(consumer, topic))]
        consumer.assign(places)
        async for message in consumer:
            yield message
    finally:
        await consumer.stop()


async def _partitions(consumer: Any, topic: str) -> set[int]:
    """Partitions of a topic, once the cluster tells them."""
    while True:
        await consumer.topics()
        found = consumer.partitions_for_topic(topic)
        if found:
            return set(found)
        await asyncio.sleep(0.2)
