"""The Kafka that Vigil starts never meets a full disk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from infra.local_kafka import _properties
from ingest.topics import FRAMES, SLOTS, segment_bytes
from storage.room import EVERY_S, GIB, Reserve, Room

LOAD_BYTES_S = 6_000_000
"""Frames of 500 beds of 12 leads at 500 Hz."""


@dataclass
class Disk:
    """A disk with frames on it, trimmed as Kafka does: whole segments, at a look, and a while later gone. By the second."""

    free: float
    held: float
    check_s: float
    delete_s: float
    kept: float = float(FRAMES.retention_bytes)
    going: list[tuple[float, float]] = field(default_factory=list)

    def second(self, now_s: float) -> None:
        self.free -= LOAD_BYTES_S
        self.held += LOAD_BYTES_S
        for due_s, size in [g for g in self.going if g[0] <= now_s]:
            self.free += size
            self.going.remove((due_s, size))
        most = SLOTS * (self.kept + segment_bytes(int(self.kept)))
        if now_s % self.check_s == 0 and self.held > most:
            self.going.append((now_s + self.delete_s, self.held - most))
            self.held = most


class Watched(Reserve):
    """The reserve of a simulated disk."""

    __slots__ = ("ask",)
    ask: Callable[[], float]

    def free_gib(self, folder: str) -> float:
        return self.ask() if folder else float("inf")


def lowest_gib(held_gib: float, properties: dict[str, str]) -> float:
    """The least that was free, from the moment at which the disk falls under the reserve, with a guard that is late."""
    check_s, delete_s = (
        int(properties[f"log.{name}.ms"]) / 1000 for name in ("retention.check.interval", "segment.delete.delay")
    )
    disk = Disk(2.0 * GIB, held_gib * GIB, check_s, delete_s)
    reserve = Watched(2.0, "kafka", "")
    object.__setattr__(reserve, "ask", lambda: disk.free / GIB)

    def keep(share: float) -> None:
        disk.kept = share * FRAMES.retention_bytes

    room, lowest = Room(reserve, keep), disk.free
    for now_s in range(1, 1800):
        disk.second(now_s)
        lowest = min(lowest, disk.free)
        if now_s % EVERY_S == EVERY_S - 1:
            room.look(None, 0)  # type: ignore[arg-type]
    return lowest / GIB


def test_kafka_stays_within_the_reserve_at_the_stated_load(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    lines = _properties(tmp_path, 9, 10, "secret").splitlines()
    properties = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    left = min(lowest_gib(held, properties) for held in (0.6, 1.0, 2.0, 3.0, 5.0, 8.0))
    record_property("gib_left", round(left, 2))
    assert left > 0.5
    usual = properties | {"log.retention.check.interval.ms": "300000", "log.segment.delete.delay.ms": "60000"}
    assert lowest_gib(8.0, usual) < 0.1, "Kafka's own intervals would fill the disk"
