"""What a batch brought, as messages for Kafka: topic, partition, key and value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ingest.bed import to_json
from ingest.topics import NOTICES, SEGMENTS, TRENDS, TRIGGERS, slot
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
