"""What a batch brought, as messages for Kafka: topic, partition, key and value."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import msgspec

from ingest.bed import DeadLetter, to_json
from ingest.frame import Frame, Nanoseconds
from ingest.topics import FRAMES, NOTICES, SEGMENTS, TRENDS, TRIGGERS, slot
from ingest.watched import is_watched
from stream.bed import Findings
from stream.catalogue import Priority
from stream.trigger import Phase, encode_segment

Message = tuple[str, int, bytes, bytes]


def messages(found: Findings) -> Iterable[Message]:
    """Everything that follows from a batch; of the watchdog's beds nothing but the onset that it waits for, once in four seconds."""
    for trigger in found.triggers:
        if not is_watched(trigger.bed) or (trigger.priority is Priority.HIGH and trigger.phase is Phase.ONSET):
            yield TRIGGERS.name, slot(trigger.bed), trigger.bed.encode(), msgspec.json.encode(trigger)
    for segment in found.segments:
        bed = segment.trigger.bed
        yield SEGMENTS.name, slot(bed), bed.encode(), encode_segment(segment)
    trends: dict[int, list[Any]] = {}
    for trend in found.trends:
        if not is_watched(trend.bed):
            trends.setdefault(slot(trend.bed), []).append(trend)
    for place, rows in trends.items():
        yield TRENDS.name, place, str(place).encode(), msgspec.json.encode(rows)
    for notice in found.notices:
        if not is_watched(notice.bed):
            yield NOTICES.name, 0, b"stream", to_json(notice)


def dead_letter(message: Any, reason: str, payload: bytes) -> DeadLetter:
    """What could not be read of a message."""
    now = Nanoseconds(time.time_ns())
    return DeadLetter(message.topic, message.partition, message.offset, now, "stream", reason, bytes(payload[:4096]))


def refused(frame: Frame, reason: str) -> DeadLetter:
    """A frame that was read and is not analysed."""
    now = Nanoseconds(time.time_ns())
    return DeadLetter(FRAMES.name, slot(frame.session.bed), -1, now, "stream", reason)
