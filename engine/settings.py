"""What the engine worker is told of beds and policies: two compacted topics, read from the beginning and followed."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import structlog

from ingest.bed import BedContext
from ingest.frame import BedId
from ingest.kafka import KafkaAddress, open_consumer
from ingest.topics import BEDS, POLICIES
from stream.policy import Policy, policy_of

log = structlog.get_logger()

FIRST_S = 10.0
"""So long the first reading may take; what it has not seen by then comes with the next."""


class Settings:
    """The newest word on each bed, and on each scope of policies."""

    def __init__(self, address: KafkaAddress) -> None:
        """Reads all that there is, so that the first answer is given under it."""
        from kafka import TopicPartition

        self._contexts: dict[BedId, BedContext] = {}
        self._policies: dict[str, Policy] = {}
        self._consumer: Any = open_consumer(address, None)
        places = [TopicPartition(topic.name, p) for topic in (BEDS, POLICIES) for p in range(topic.partitions)]
        self._consumer.assign(places)
        self._consumer.seek_to_beginning(*places)
        ends, until = self._consumer.end_offsets(places), time.monotonic() + FIRST_S
        while any(self._consumer.position(p) < ends[p] for p in places) and time.monotonic() < until:
            self.learn(200)

    def learn(self, wait_ms: int = 0) -> None:
        """Take what came since; what cannot be read is left out, and the word before it holds."""
        for messages in self._consumer.poll(timeout_ms=wait_ms).values():
            for message in messages:
                self._take(message)

    def _take(self, message: Any) -> None:
        if message.value is None:
            return
        try:
            if message.topic == POLICIES.name:
                policy = msgspec.json.decode(message.value, type=Policy)
                self._policies[policy.scope] = policy
            else:
                context = msgspec.json.decode(message.value, type=BedContext)
                self._contexts[context.bed] = context
        except msgspec.MsgspecError as error:
            log.warning("a setting cannot be read", topic=message.topic, offset=message.offset, reason=str(error)[:200])

    def context(self, bed: BedId) -> BedContext | None:
        """What a bed is set to; None where nobody said."""
        return self._contexts.get(bed)

    def policy(self, bed: BedId) -> Policy:
        """The policy that holds for a bed."""
        return policy_of(self._policies, bed)

    def close(self) -> None:
        """Read no more."""
        self._consumer.close()
