"""Whether a worker that reads nothing ought to: data wait in its slots, or Kafka has given slots to nobody.

A broker that comes back in the middle of a group's join may not know its topics for a moment; Faust then gives every worker
an empty share and Kafka calls the group stable, for good. Only a new join mends that, so the worker ends and is started again.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Collection
from typing import Any

from ingest.kafka import KafkaAddress
from ingest.topics import SLOTS

LOOK_S = 5.0
"""A worker that has read nothing for so long asks Kafka why."""
ANSWER_S = 5.0
STABLE = "Stable"


async def look(
    address: KafkaAddress, group: str, topic: str, slots: Collection[int]
) -> tuple[set[int], dict[int, int]]:
    """The slots that no worker of a settled group has, and where those of this worker end.

    Raises OSError, KafkaError or TimeoutError where Kafka does not answer.
    """
    return await asyncio.wait_for(_look(address, group, topic, slots), ANSWER_S)


async def _look(
    address: KafkaAddress, group: str, topic: str, slots: Collection[int]
) -> tuple[set[int], dict[int, int]]:
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(**address.options())
    await admin.start()
    try:
        told = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    if not slots:
        return unassigned(told, topic), {}
    consumer = AIOKafkaConsumer(**address.options(), enable_auto_commit=False)
    await consumer.start()
    try:
        ends = await consumer.end_offsets([TopicPartition(topic, p) for p in slots])
    finally:
        await consumer.stop()
    return unassigned(told, topic), {p.partition: end for p, end in ends.items()}


def unassigned(told: Any, topic: str) -> set[int]:
    """Slots of a topic that stand in nobody's share, by the answers to DescribeGroups; none while a group settles."""
    _, _, state, _, _, members = told[0].groups[0][:6]
    if state != STABLE:
        return set()
    return set(range(SLOTS)) - {p for member in members for p in share(bytes(member[4]), topic)}


def share(assignment: bytes, topic: str) -> set[int]:
    """Partitions of a topic in a member's assignment: Kafka's consumer protocol, version 0 and what follows it."""
    if len(assignment) < 6:
        return set()
    (topics,), at, found = struct.unpack_from(">i", assignment, 2), 6, set()
    for _ in range(topics):
        (length,) = struct.unpack_from(">h", assignment, at)
        name, at = assignment[at + 2 : at + 2 + length], at + 2 + length
        (count,) = struct.unpack_from(">i", assignment, at)
        if name.decode() == topic:
            found |= set(struct.unpack_from(f">{count}i", assignment, at + 4))
        at += 4 + 4 * count
    return found
