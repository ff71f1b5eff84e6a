"""The one table of Kafka topics, and the slot that a bed belongs to."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from ingest.frame import BedId

SLOTS = 16
"""Beds are spread over this many slots; slot = partition in every topic keyed by bed."""

MAX_MESSAGE_BYTES = 4 << 20
"""Largest message of any topic: five seconds of 64 signals at 4 kHz, the longest frame of `vigil feed`, have 2.6 MB."""

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class Topic:
    """Name, partitions and how long Kafka keeps what is in it."""

    name: str
    partitions: int = SLOTS
    compacted: bool = False
    retention_ms: int = 7 * _DAY_MS
    retention_bytes: int = -1
    """Per partition; -1 is no limit."""

    @property
    def config(self) -> dict[str, str]:
        """Topic settings in Kafka's own words."""
        # a cluster of somebody else's takes 1 MiB where its topics do not say more
        common = {"max.message.bytes": str(MAX_MESSAGE_BYTES)}
        if self.compacted:
            return common | {"cleanup.policy": "compact", "segment.ms": "600000", "min.cleanable.dirty.ratio": "0.2"}
        return common | {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "retention.bytes": str(self.retention_bytes),
            "segment.bytes": str(segment_bytes(self.retention_bytes)),
        }


def segment_bytes(retention_bytes: int) -> int:
    """Kafka drops whole segments, and never the one it writes to: small ones where little may be kept."""
    return 64 << 20 if retention_bytes < 0 else min(64 << 20, max(1 << 20, retention_bytes // 4))


_MIB = 1 << 20
FRAMES = Topic("vigil.frames", retention_ms=2 * _HOUR_MS, retention_bytes=512 * _MIB)
BEDS = Topic("vigil.beds", compacted=True)
TRENDS = Topic("vigil.trends", retention_ms=_DAY_MS, retention_bytes=256 * _MIB)
HRV = Topic("vigil.hrv", retention_bytes=16 * _MIB)
TRIGGERS = Topic("vigil.triggers", retention_bytes=128 * _MIB)
SEGMENTS = Topic("vigil.segments", retention_ms=_DAY_MS, retention_bytes=256 * _MIB)
REQUESTS = Topic("vigil.requests", retention_ms=_DAY_MS, retention_bytes=16 * _MIB)
INTERPRETATIONS = Topic("vigil.interpretations", retention_bytes=128 * _MIB)
POLICIES = Topic("vigil.policies", partitions=1, compacted=True)
APPLIED = Topic("vigil.applied", partitions=1, compacted=True)
CHECKPOINTS = Topic("vigil.checkpoints", compacted=True)
NOTICES = Topic("vigil.notices", partitions=1, retention_bytes=256 * _MIB)
DEADLETTERS = Topic("vigil.deadletters", partitions=1, retention_bytes=512 * _MIB)

TOPICS = (
    FRAMES,
    BEDS,
    TRENDS,
    HRV,
    TRIGGERS,
    SEGMENTS,
    REQUESTS,
    INTERPRETATIONS,
    POLICIES,
    APPLIED,
    CHECKPOINTS,
    NOTICES,
    DEADLETTERS,
)


def slot(bed: BedId) -> int:
    """0..SLOTS-1: the partition of a bed, the same on every machine and in every topic keyed by bed."""
    return zlib.crc32(bed.encode()) % SLOTS
