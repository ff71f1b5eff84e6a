"""What beds are set to and which policies hold, as a worker reads it from Kafka, possibly more than once."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec
import structlog

from ingest.bed import BedContext, Level, Notice, to_json
from ingest.frame import BedId, Nanoseconds
from ingest.topics import APPLIED, BEDS, DEADLETTERS, NOTICES
from stream import outgoing
from stream.bank import Bank
from stream.policy import Policy, fingerprint, parse

log = structlog.get_logger()

APPLIED_S = 10.0

Send = Callable[[Iterable[outgoing.Message]], Awaitable[None]]
Write = Callable[[Iterable[BedId]], Awaitable[None]]


class Settings:
    """Brings the bank of one worker to what is set. Not thread-safe."""

    def __init__(self, bank: Bank, worker: str, send: Send, write: Write) -> None:
        """send: to Kafka; write: the checkpoints of beds."""
        self._bank = bank
        self._worker = worker
        self._send = send
        self._write = write
        self._policies: dict[str, Policy] = {}
        self._fingerprints: dict[str, str] = {}
        """Of the policies that are run, as they were published, by scope."""
        self._told_s = 0.0
        self._read: dict[tuple[str, int, bytes], int] = {}
        """Offset of the last setting taken, by topic, partition and key."""

    async def take(self, message: Any) -> None:
        """Take one message; what cannot be read, or is no legal policy, becomes a dead letter, and what held before holds on."""
        place = (message.topic, message.partition, message.key)
        if message.offset < self._read.get(place, 0):
            # read from the beginning once more: a later word on the same bed or scope holds already
            return
        self._read[place] = message.offset
        if message.value is None:
            return
        try:
            await (self._context if message.topic == BEDS.name else self._policy)(message.value)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            await self._refuse(message, str(error))

    def hold(self) -> None:
        """Have every policy that was read hold for beds that were taken over since."""
        for policy in self._policies.values():
            self._bank.set_policy(policy)

    async def _context(self, value: bytes) -> None:
        found = self._bank.set_context(msgspec.json.decode(value, type=BedContext))
        await self._send(outgoing.messages(found))

    async def _policy(self, value: bytes) -> None:
        policy = parse(value)
        self._policies[policy.scope] = policy
        self._fingerprints[policy.scope] = fingerprint(value)
        changed = self._bank.set_policy(policy)
        # the sample from which it holds must be in a checkpoint before anything is decided by it
        await self._write(changed)
        applied = {
            "worker": self._worker,
            "scope": policy.scope,
            "revision": policy.revision,
            "from": {bed: self._bank.next_sample(bed) for bed in changed},
        }
        await self._send([(APPLIED.name, 0, self._worker.encode(), msgspec.json.encode(applied))])

    async def _refuse(self, message: Any, reason: str) -> None:
        log.warning("a setting is refused", topic=message.topic, offset=message.offset, reason=reason)
        letter = outgoing.dead_letter(message, reason, message.value)
        told = [(DEADLETTERS.name, 0, b"stream", to_json(letter))]
        if message.topic != BEDS.name:
            scope = bytes(message.key or b"").decode(errors="replace")
            text = f"the policy of scope {scope} is not run by {self._worker}, what held before holds on: {reason}"
            notice = Notice("POLICY_REFUSED", "stream", Nanoseconds(time.time_ns()), text, level=Level.LOW)
            told.append((NOTICES.name, 0, b"stream", to_json(notice)))
        await self._send(told)

    async def tell(self) -> None:
        """From time to time: which policies are run; whoever compares them with the published ones is not this worker."""
        if time.monotonic() - self._told_s < APPLIED_S:
            return
        self._told_s = time.monotonic()
        told = {"worker": self._worker, "at_ns": time.time_ns(), "policies": self._fingerprints}
        await self._send([(APPLIED.name, 0, f"{self._worker}/policies".encode(), msgspec.json.encode(told))])
