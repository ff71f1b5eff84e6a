"""The stream worker: bundles in, findings out, acknowledged once a checkpoint covers them.

Order of writing: triggers and segments, then the checkpoint that covers them, then the acknowledgement. A crash in
between writes the same triggers again, under the same ids.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
import structlog

from ingest.bed import DeadLetter, Level, Notice, to_json
from ingest.codec import Spoilt, decode_bundle
from ingest.frame import BedId, Frame, Nanoseconds
from ingest.kafka import KafkaAddress
from ingest.topics import (
    APPLIED,
    BEDS,
    CHECKPOINTS,
    DEADLETTERS,
    FRAMES,
    NOTICES,
    POLICIES,
    SLOTS,
    slot,
)
from ingest.watched import is_watched
from stream import outgoing
from stream.acknowledge import SILENT_S, Slot, acknowledge, uncovered
from stream.bank import Bank
from stream.bed import Findings
from stream.careful import Care, care_key, heir, in_good_order, with_care
from stream.follow import begins, ends, follow, read_to_end, resume_offsets
from stream.metrics import Metrics
from stream.punctual import Punctual
from stream.settings import Settings
from stream.takeover import take_over

log = structlog.get_logger()

CHECKPOINT_S = 5.0
SKIPPED_S = 1.0
"""What a worker refuses for so long, because what comes before it is missing, is read again from there."""
INBOX = 4096
"""Messages that may wait to be analysed before reading pauses."""
SESSION_S = 3.0
LEAVE_S = 2.0
"""For the word of a worker that leaves."""


GROUP = "vigil-stream"


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How one worker runs."""

    name: str = "stream-1"
    session_s: float = SESSION_S
    """Broker session: the time after which a dead worker's beds are taken over."""
    measure_every_s: float = 20.0
    metrics_port: int = 0


class Worker:
    """Frames of the assigned slots through one Bank, results to Kafka."""

    def __init__(self, address: KafkaAddress, options: WorkerOptions) -> None:
        self._address = address
        self._options = options
        self._bank = Bank(options.measure_every_s)
        self._slots: dict[int, Slot] = {}
        self._punctual = Punctual()
        self._due: dict[BedId, float] = {}
        self._heard_s: dict[BedId, float] = {}
        """When the session of each bed last sent."""
        self._settings = Settings(self._bank, options.name, self._send_all, self._checkpoint)
        self._lock = asyncio.Lock()
        self._metrics = Metrics(options.name)
        self._producer: Any = None
        self._last_read_s = time.monotonic()
        self._inbox: list[Any] = []
        self._came = asyncio.Event()
        self.failed = ""
        """Why the worker cannot go on; empty while it can."""

    def idle_s(self) -> float:
        """Seconds since the worker last read."""
        return time.monotonic() - self._last_read_s

    def unread(self, ends: dict[int, int]) -> list[int]:
        """Slots in which messages wait, of those with these ends."""
        return sorted(p for p, end in ends.items() if p in self._slots and end > self._slots[p].next)

    def skipped(self) -> dict[int, int]:
        """The offset from which each slot must be read again: what came lies behind it, and it does not come by itself."""
        until_s = time.monotonic() - SKIPPED_S
        return {p: place.next for p, place in self._slots.items() if 0.0 < place.skipped_s < until_s}

    # sending ----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Open the producer; one batch of results costs one round trip."""
        from aiokafka import AIOKafkaProducer

        self._producer = AIOKafkaProducer(
            **self._address.options(), acks="all", enable_idempotence=True, linger_ms=2, max_request_size=4 << 20
        )
        await self._producer.start()

    async def close(self) -> None:
        """Write what is due and leave."""
        if self._producer is not None:
            if not self.failed:
                await self._leave_in_order(self._slots.values())
            await self._producer.stop()

    async def _send_all(self, messages: Iterable[tuple[str, int, bytes, bytes]]) -> None:
        """Send (topic, partition, key, value) and wait until Kafka has all of them."""
        waiting = [await self._producer.send(t, value=v, key=k, partition=p) for t, p, k, v in messages]
        if waiting:
            await asyncio.gather(*waiting)

    async def _notify(self, notices: Iterable[Notice]) -> None:
        await self._send_all((NOTICES.name, 0, b"stream", to_json(n)) for n in notices if not is_watched(n.bed))

    # reading ----------------------------------------------------------------------------------------------------

    async def queue(self, event: Any) -> None:
        """Take one event; waits while too many wait."""
        self._inbox.append(event)
        self._came.set()
        while len(self._inbox) > INBOX:
            await asyncio.sleep(0.005)

    async def read_on(self) -> None:
        """Read what is queued, in batches as large as they happen to be; ends the worker where that fails."""
        try:
            while True:
                await self._came.wait()
                self._came.clear()
                if self._inbox:
                    await self.read()
        except Exception as error:
            log.exception("the worker cannot go on")
            self.failed = repr(error)

    async def read(self) -> None:
        """Analyse the bundles of what is queued, write what they brought, checkpoint what is due and acknowledge."""
        async with self._lock:
            # only now: while the lock was waited for, partitions may have been revoked with what was queued of them
            events, self._inbox = self._inbox, []
            await self._assume({e.message.partition for e in events})
            await self._close_holes(events)
            events = [e for e in events if self._is_in_turn(e.message)]
            if not events:
                return
            self._last_read_s = time.monotonic()
            read, letters = self._decode(events)
            frames = [frame for _, some in read for frame in some]
            started = time.process_time()
            found = await self._analyse(read)
            self._hear(frames)
            self._metrics.analysed(len(frames), time.process_time() - started, found)
            letters += [outgoing.refused(f, reason) for f, reason in found.rejected]
            await self._send_all(outgoing.messages(found))
            await self._send_all((DEADLETTERS.name, 0, b"stream", to_json(letter)) for letter in letters)
            await self._write_checkpoints(found.ended, {f.session.bed for f in frames})

    async def _analyse(self, read: list[tuple[Any, list[Frame]]]) -> Findings:
        """What the frames bring. Where one of them cannot be analysed the worker ends: no state of the batch can be trusted.

        It, or who takes its slots over, goes on from the checkpoints, and frame by frame up to what was read here.
        """
        if any(m.offset <= self._slots[m.partition].care.careful for m, _ in read):
            found = Findings()
            for message, frames in read:
                care, leave = self._slots[message.partition].care, partial(self._leave_word, message.partition)
                found.add(await with_care(self._bank, care, message.offset, frames, leave))
            return found
        try:
            return self._bank.take([frame for _, frames in read for frame in frames])
        except Exception:
            for partition, offset in {m.partition: m.offset for m, _ in read}.items():
                await self._leave_word(partition, replace(self._slots[partition].care, careful=offset))
            raise

    async def _leave_word(self, partition: int, care: Care) -> None:
        """Write what whoever has this slot next must know of this worker, should it end."""
        await self._send_all([(APPLIED.name, 0, care_key(partition), msgspec.json.encode(care))])

    async def _leave_in_order(self, places: Iterable[Slot]) -> None:
        """Write that nothing of these slots ended this worker. Kafka may be away: then whoever is next is careful."""
        word = [(APPLIED.name, 0, care_key(s.number), msgspec.json.encode(in_good_order(s.care))) for s in places]
        try:
            await asyncio.wait_for(self._send_all(word), LEAVE_S)
        except Exception as error:
            log.warning("left without word", reason=repr(error))

    async def _close_holes(self, events: list[Any]) -> None:
        """Go on behind messages that Kafka has deleted before they were read; beds tell what they miss."""
        first: dict[int, int] = {}
        for event in events:
            first.setdefault(event.message.partition, event.message.offset)
        ahead = {p for p, offset in first.items() if offset > self._slots[p].next}
        if not ahead:
            return
        for partition, begin in (await begins(self._address, FRAMES.name, ahead)).items():
            place = self._slots[partition]
            if begin > place.next:
                text = f"{begin - place.next} messages of slot {partition} were deleted before they were read"
                now = Nanoseconds(time.time_ns())
                await self._notify([Notice("UNREAD_DELETED", "stream", now, text, level=Level.MEDIUM)])
                place.next = begin

    def _is_in_turn(self, message: Any) -> bool:
        """Whether nothing before this message is missing.

        Faust may hand over what it had fetched before partitions were assigned anew; it comes again, behind what must
        be read again before it. Offsets of a topic without transactions have no holes but those of `_close_holes`,
        which Kafka may tell of only a moment later. What does not come again by itself is asked for (`skipped`).
        """
        place = self._slots[message.partition]
        if message.offset > place.next:
            log.warning("out of turn", slot=message.partition, offset=message.offset, expected=place.next)
            place.skipped_s = place.skipped_s or time.monotonic()
            return False
        place.next, place.skipped_s = max(place.next, message.offset + 1), 0.0
        return True

    def _decode(self, events: list[Any]) -> tuple[list[tuple[Any, list[Frame]]], list[DeadLetter]]:
        """The frames of each message, and what of it cannot be read."""
        read: list[tuple[Any, list[Frame]]] = []
        letters: list[DeadLetter] = []
        for event in events:
            message, frames = event.message, []
            for item in decode_bundle(event.value):
                if isinstance(item, Spoilt):
                    letters.append(outgoing.dead_letter(message, item.reason, item.payload))
                    continue
                bed = item.session.bed
                if slot(bed) != message.partition:
                    letters.append(outgoing.dead_letter(message, f"bed {bed} belongs to slot {slot(bed)}", b""))
                    continue
                frames.append(item)
            read.append((message, frames))
            covers: list[tuple[BedId, int, int]] = [(f.session.bed, f.session.id, f.after) for f in frames]
            self._slots[message.partition].pending.append((event, covers))
        return read, letters

    def _hear(self, frames: list[Frame]) -> None:
        """Note when beds have sent; a session that is refused is no sign of life."""
        now_ns, now_s = time.time_ns(), time.monotonic()
        for frame in frames:
            bed = self._bank.beds.get(frame.session.bed)
            if bed is not None and bed.session.id == frame.session.id:
                self._heard_s[bed.session.bed] = now_s
                self._punctual.heard(frame, now_ns, now_s)

    # checkpoints ------------------------------------------------------------------------------------------------

    async def _write_checkpoints(self, ended: list[BedId], beds: set[BedId]) -> None:
        now = time.monotonic()
        due = set(ended)
        for bed in beds & self._bank.beds.keys():
            if self._due.setdefault(bed, now + CHECKPOINT_S * (0.5 + slot(bed) / SLOTS)) <= now:
                due.add(bed)
        await self._checkpoint(due & self._bank.beds.keys())
        for place in self._slots.values():
            acknowledge(place, self._bank)

    async def _checkpoint(self, beds: Iterable[BedId]) -> None:
        written = []
        messages = []
        for bed in beds:
            checkpoint, payload = self._bank.checkpoint(bed)
            messages.append((CHECKPOINTS.name, slot(bed), bed.encode(), payload))
            written.append((bed, checkpoint.session.id, checkpoint.next, checkpoint.ended))
            self._due[bed] = time.monotonic() + CHECKPOINT_S
        await self._send_all(messages)
        for bed, session, index, ended in written:
            place = self._slots.get(slot(bed))
            if place is not None:
                place.beds.add(bed)
                place.covered[bed] = (session, index, ended)

    async def _assume(self, partitions: set[int]) -> None:
        """Read the checkpoints of partitions that are new to this worker."""
        fresh = partitions - self._slots.keys()
        if not fresh:
            return
        offsets = await resume_offsets(self._address, GROUP, FRAMES.name, fresh)
        for partition in fresh:
            self._slots[partition] = Slot(partition, next=offsets[partition])
        await self._take_word(offsets)
        async for message in read_to_end(self._address, CHECKPOINTS.name, fresh):
            await self._take_over(message)
        # what beds are set to must be known before their first frame is looked at; later changes are followed
        first = fresh == self._slots.keys()
        for topic, places in ((POLICIES.name, {0} if first else set()), (BEDS.name, fresh)):
            if places:
                async for message in read_to_end(self._address, topic, places):
                    await self._settings.take(message)
        self._settings.hold()
        log.info("slots assigned", slots=sorted(fresh), beds=len(self._bank.beds))

    async def _take_word(self, offsets: dict[int, int]) -> None:
        """Learn what is known of earlier ends of workers at slots that are begun at these offsets, and leave word."""
        left: dict[int, Care] = {}
        async for message in read_to_end(self._address, APPLIED.name, {0}):
            for partition in offsets:
                if message.key == care_key(partition):
                    left[partition] = msgspec.json.decode(message.value, type=Care)
        stopped = {p for p, care in left.items() if care.begun == offsets[p]}
        until = await ends(self._address, FRAMES.name, stopped) if stopped else {}
        for partition, begin in offsets.items():
            care = heir(left.get(partition, Care()), begin, until.get(partition, begin))
            self._slots[partition].care = care
            await self._leave_word(partition, care)

    async def _take_over(self, message: Any) -> None:
        """Go on with the bed of a checkpoint."""
        found = Findings()
        checkpoint, letter = take_over(self._bank, message, found)
        if letter is not None:
            await self._send_all([(DEADLETTERS.name, 0, b"stream", to_json(letter))])
        await self._send_all(outgoing.messages(found))
        if checkpoint is None:
            return
        bed = checkpoint.session.bed
        self._slots[message.partition].beds.add(bed)
        self._slots[message.partition].covered[bed] = (checkpoint.session.id, checkpoint.next, checkpoint.ended)
        self._heard_s[bed] = time.monotonic()
        if not checkpoint.ended:
            self._punctual.resumed(bed, time.monotonic())

    async def revoked(self, partitions: set[int]) -> None:
        """Forget what belongs to partitions that another worker takes over."""
        async with self._lock:
            self._inbox = [e for e in self._inbox if e.message.partition not in partitions]
            await self._leave_in_order(self._slots[p] for p in partitions & self._slots.keys())
            for partition in partitions & self._slots.keys():
                for bed in [b for b in self._bank.beds if slot(b) == partition]:
                    self._bank.forget(bed)
                    self._punctual.forget(bed)
                    self._heard_s.pop(bed, None)
                    self._due.pop(bed, None)
                del self._slots[partition]

    # settings ---------------------------------------------------------------------------------------------------

    async def settings(self) -> None:
        """Follow what beds are set to and which policies hold, for as long as the worker lives."""
        async for message in follow(self._address, (POLICIES.name, BEDS.name)):
            async with self._lock:
                await self.take_setting(message)

    async def take_setting(self, message: Any) -> None:
        """Take one message of what is set."""
        await self._settings.take(message)

    # the clock --------------------------------------------------------------------------------------------------

    async def watch_silence(self) -> None:
        """Once a second: what the wall clock says of each bed, told as notices."""
        while True:
            await asyncio.sleep(1.0)
            async with self._lock:
                await self._notify(self._punctual.look(self._bank.beds, time.time_ns(), time.monotonic()))
                await self._let_go_of_the_silent()
                self._metrics.state(self._bank, self._slots)
                await self._settings.tell()

    async def _let_go_of_the_silent(self) -> None:
        """A bed that sends no more holds back nobody's acknowledgement."""
        now = time.monotonic()
        silent = {bed for bed, heard_s in self._heard_s.items() if now - heard_s > SILENT_S}
        if not silent:
            return
        for partition, place in self._slots.items():
            here = {bed for bed in silent if slot(bed) == partition}
            await self._checkpoint(uncovered(place, self._bank, here))
            acknowledge(place, self._bank, here)
