"""Free disk that must be left: what goes first where it is not, and who is told. PostgreSQL may be away meanwhile."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.partitions import DAY_NS, HOUR_NS, Partition, partitions

log = structlog.get_logger()

EVERY_S = 60.0
GIB = 1 << 30
ENOUGH = 1.5
"""Times the reserve from which on the disk is no longer short and Kafka keeps all its frames again."""
LEAST_SHARE = 1 / 16
URGENT = 0.5
"""Times the reserve under which halving is too slow: Kafka goes to the least share at once."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Free disk that must be left, and the folders of our own whose disks are watched; empty: not ours."""

    gib: float = 2.0
    kafka_dir: str = ""
    database_dir: str = ""

    def free_gib(self, folder: str) -> float:
        """Free space of the folder's disk; without end where there is none to watch."""
        return shutil.disk_usage(folder).free / GIB if folder else float("inf")


class Room:
    """Looks at the disks and makes room on them."""

    def __init__(self, reserve: Reserve, keep_share: Callable[[float], None], share: float = 1.0) -> None:
        """keep_share: lets Kafka keep this share (0..1) of what it may keep; share: what it keeps at this moment."""
        self._reserve = reserve
        self._keep_share = keep_share
        self._share = share
        self.short = share < 1.0
        """Whether a disk is under the reserve, or has not recovered from that."""

    def look(self, engine: Engine, now_ns: int) -> str:
        """Under the reserve Kafka keeps half as much, under half of it the least, and of the database the oldest goes.

        Each on its own disk, Kafka first: it cannot do without. Gives a sentence for people where a disk is short.
        """
        kafka, database = (self._reserve.free_gib(f) for f in (self._reserve.kafka_dir, self._reserve.database_dir))
        least = min(kafka, database)
        if least >= self._reserve.gib:
            if self.short and least > ENOUGH * self._reserve.gib:
                self.short = False
                self._keep(1.0)
            return ""
        self.short = True
        done = []
        if kafka < self._reserve.gib:
            urgent = kafka < URGENT * self._reserve.gib
            self._keep(LEAST_SHARE if urgent else max(LEAST_SHARE, self._share / 2))
            done.append(f"Kafka keeps {self._share:.0%} of its frames")
        if database < self._reserve.gib:
            done.append(_shrunk(engine, now_ns))
        return f"{least:.1f} GiB of disk are left, under the reserve of {self._reserve.gib:g}: {' and '.join(done)}"

    def _keep(self, share: float) -> None:
        if share != self._share:
            self._keep_share(share)
            self._share = share


def guard(
    room: Room, engine: Engine, stop: threading.Event, tell: Callable[[str, bool], None], every_s: float = EVERY_S
) -> None:
    """Look at once and then every `every_s` until told to stop; for a thread of its own.

    tell: takes a sentence and whether it says that the shortage is over. What is looked after may be away: the guard
    goes on.
    """
    while True:
        was_short = room.short
        try:
            text = room.look(engine, time.time_ns())
            if text:
                tell(text, False)
            elif was_short and not room.short:
                tell("there is room on the disk again", True)
        except Exception as error:
            log.warning("the guard of the disks waits", reason=str(error)[:200])
        if stop.wait(every_s):
            return


def _shrunk(engine: Engine, now_ns: int) -> str:
    try:
        return _shrink(engine, now_ns)
    except DBAPIError as error:
        log.warning("the database makes no room", reason=str(error)[:200])
        return "the database, which does not answer, makes no room"


def _shrink(engine: Engine, now_ns: int) -> str:
    """Let the oldest go, whole partitions where there are any, which gives the disk back at once; says what went."""
    with engine.begin() as connection:
        dropped = _drop_oldest(connection, "waveform", now_ns)
    if dropped:
        return f"the waveforms of {dropped} were dropped"
    count = _delete(engine, "waveform", now_ns - 600 * 10**9)
    if count:
        return f"{count} blocks of this hour's waveforms were deleted"
    with engine.begin() as connection:
        dropped = _drop_ahead(connection, "waveform", now_ns)
    if dropped:
        return f"the waveforms of {dropped}, by a clock that is ahead, were dropped"
    with engine.begin() as connection:
        dropped = max(_drop_oldest(connection, table, now_ns) for table in ("trend", "beat"))
        dropped = dropped or max(_drop_ahead(connection, table, now_ns) for table in ("trend", "beat"))
    if dropped:
        return f"the numerics of {dropped} were dropped"
    with engine.begin() as connection:
        first = connection.exec_driver_sql("SELECT min(at_ns) FROM segment_window").scalar()
    count = _delete(engine, "segment_window", min(int(first or now_ns) + DAY_NS, now_ns - HOUR_NS))
    return f"{count} windows of the oldest triggers were deleted" if count else "nothing more of Vigil's can go"


def _drop_oldest(connection: Connection, table: str, now_ns: int) -> str:
    """Drop the oldest partition of the past that holds anything; its time as it stands in its name, or nothing."""
    for partition in partitions(connection, table):
        if partition.stop_ns > now_ns:
            break
        held = _holds(connection, partition)
        connection.exec_driver_sql(f"DROP TABLE {partition.name}")
        if held:
            return _time_of(partition)
    return ""


def _drop_ahead(connection: Connection, table: str, now_ns: int) -> str:
    """The same for times that are yet to come, of sources whose clock is ahead; what is made ahead and empty stays."""
    for partition in partitions(connection, table):
        if partition.begin_ns > now_ns and _holds(connection, partition):
            connection.exec_driver_sql(f"DROP TABLE {partition.name}")
            return _time_of(partition)
    return ""


def _time_of(partition: Partition) -> str:
    return partition.name.rsplit("_p", 1)[1]


def _holds(connection: Connection, partition: Partition) -> bool:
    return connection.exec_driver_sql(f"SELECT 1 FROM {partition.name} LIMIT 1").scalar() is not None


def _delete(engine: Engine, table: str, before_ns: int) -> int:
    """Delete rows and have their room used again; how many went."""
    with engine.begin() as connection:
        count = connection.exec_driver_sql(f"DELETE FROM {table} WHERE at_ns < %s", (before_ns,)).rowcount
    if count:
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"VACUUM {table}")
        except DBAPIError as error:
            log.warning("the room of what was deleted is used again later", reason=str(error)[:200])
    return count
