"""What a worker read and may acknowledge: what a written checkpoint covers and what no restart needs any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from ingest.frame import BedId
from stream.bank import Bank
from stream.careful import Care
from stream.ring import RING_S

SILENT_S = 120.0
"""A bed that has sent nothing for so long holds nothing back: what comes of it then lies behind a gap longer than the ring."""


@dataclass(slots=True)
class Slot:
    """What a worker must remember of one partition: what it read, and up to where it may be acknowledged."""

    number: int = -1
    """Of the partition."""
    pending: list[tuple[Any, list[tuple[BedId, int, int]]]] = field(default_factory=list)
    """Events read and not acknowledged, each with bed, session and the index behind its frames."""
    beds: set[BedId] = field(default_factory=set)
    covered: dict[BedId, tuple[int, int, bool]] = field(default_factory=dict)
    """Session, index and whether ended, of the last checkpoint that Kafka has."""
    next: int = 0
    """Offset of the event whose turn it is."""
    skipped_s: float = 0.0
    """Since when events behind that one are refused, on the monotonic clock; 0 while none is."""
    care: Care = field(default_factory=Care)
    """What was known of earlier ends of workers when this one began."""


def acknowledge(place: Slot, bank: Bank, silent: Collection[BedId] = ()) -> None:
    """Acknowledge, in order, what a written checkpoint covers and what is older than the ring.

    Of a silent bed the checkpoint alone counts.
    """
    done = 0
    for event, covers in place.pending:
        if not all(_covered(place, bank, silent, *cover) for cover in covers):
            break
        event.ack()
        done += 1
    del place.pending[:done]


def uncovered(place: Slot, bank: Bank, beds: Collection[BedId]) -> list[BedId]:
    """Those of the beds, of this slot, whose last samples stand in no written checkpoint."""
    found = []
    for name in beds:
        held, bed = place.covered.get(name), bank.beds.get(name)
        if bed is not None and (held is None or (held[0], held[1]) != (bed.session.id, bank.next_sample(name))):
            found.append(name)
    return found


def _covered(place: Slot, bank: Bank, silent: Collection[BedId], name: BedId, session: int, after: int) -> bool:
    held = place.covered.get(name)
    bed = bank.beds.get(name)
    if bed is None:
        return True
    if held is None or held[0] != bed.session.id:
        # the session that the bed is in stands in no checkpoint yet
        return False
    if session != held[0]:
        # a session before it, or a refused second source
        return True
    kept = 0.0 if name in silent else RING_S * bed.session.rate_hz
    return held[2] or after <= held[1] - kept
