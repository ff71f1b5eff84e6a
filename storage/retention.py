"""How long things are kept, and what goes first when the disk fills."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.partitions import DAY_NS, HOUR_NS, ensure_partitions, partitions

log = structlog.get_logger()

EVERY_NS = 60 * 10**9
NUMERICS_DAYS = 30
GIB = 1 << 30
ENOUGH = 1.5
"""Times the reserve from which on the disk is no longer short and Kafka keeps all its frames again."""
LEAST_SHARE = 1 / 16
AT_ONCE = 20_000
"""Rows of one table that are deleted a minute: old ones go steadily, and nothing waits for them."""

KEPT: tuple[tuple[str, str, int, str], ...] = (
    ("trigger", "at_ns", 365, ""),
    ("segment_window", "at_ns", 365, ""),
    ("interpretation", "at_ns", 365, ""),
    ("alert", "raised_ns", 365, "AND NOT open"),
    ("delivery", "at_ns", 365, ""),
    ("outbox", "queued_ns", 365, "AND NOT open"),
    ("review", "at_ns", 365, ""),
    ("hrv", "at_ns", 365, ""),
    ("trend_minute", "minute_ns", 365, ""),
    ("notice", "at_ns", 90, ""),
    ("dead_letter", "at_ns", 90, ""),
    ("web_session", "expires_ns", 0, ""),
)
"""Table, its time, days for which it is kept and what else must hold. The journal of alerts, beds, accounts and
policies stay: the first is a chain that must not break, the others are few."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Free disk that must be left, and the folders of our own whose disks are watched; empty: not ours."""

    gib: float = 2.0
    kafka_dir: str = ""
    database_dir: str = ""

    def free_gib(self, folder: str) -> float:
        """Free space of the folder's disk; without end where there is none to watch."""
        return shutil.disk_usage(folder).free / GIB if folder else float("inf")


class Retention:
    """Runs inside the writer, once a minute."""

    def __init__(
        self, waveform_hours: float, reserve: Reserve, keep_share: Callable[[float], None], share: float = 1.0
    ) -> None:
        """keep_share: lets Kafka keep this share (0..1) of what it may keep; share: what it keeps at this moment."""
        self._hours = waveform_hours
        self._reserve = reserve
        self._keep_share = keep_share
        self._share = share
        self._last_ns = 0
        self.short = share < 1.0
        """Whether a disk is under the reserve, or has not recovered from that."""

    def is_due(self, now_ns: int) -> bool:
        """Whether a minute has passed since the last run."""
        return now_ns - self._last_ns >= EVERY_NS

    def run(self, engine: Engine, now_ns: int) -> str:
        """Make partitions, drop what is old, roll up; gives a sentence for people where the disk is short."""
        self._last_ns = now_ns
        with engine.begin() as connection:
            ensure_partitions(connection, now_ns)
            _drop_before(connection, "waveform", now_ns - round(self._hours * HOUR_NS))
            for table in ("trend", "beat"):
                _drop_before(connection, table, now_ns - NUMERICS_DAYS * DAY_NS)
            connection.exec_driver_sql(_ROLLUP, {"from": now_ns - 600 * 10**9, "to": now_ns - 60 * 10**9})
        for table, column, days, also in KEPT:
            with engine.begin() as connection:
                connection.exec_driver_sql(
                    f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} "
                    f"WHERE {column} < %s {also} LIMIT {AT_ONCE}))",
                    (now_ns - days * DAY_NS,),
                )
        return self._make_room(engine, now_ns)

    def _make_room(self, engine: Engine, now_ns: int) -> str:
        """Under the reserve the oldest goes, waveforms first, and Kafka keeps half as much: each on its own disk."""
        kafka, database = (self._reserve.free_gib(f) for f in (self._reserve.kafka_dir, self._reserve.database_dir))
        least = min(kafka, database)
        if least >= self._reserve.gib:
            if self.short and least > ENOUGH * self._reserve.gib:
                self.short = False
                self._keep(1.0)
            return ""
        self.short = True
        done = []
        if database < self._reserve.gib:
            done.append(_shrink(engine, now_ns))
        if kafka < self._reserve.gib:
            self._keep(max(LEAST_SHARE, self._share / 2))
            done.append(f"Kafka keeps {self._share:.0%} of its frames")
        return f"{least:.1f} GiB of disk are left, under the reserve of {self._reserve.gib:g}: {' and '.join(done)}"

    def _keep(self, share: float) -> None:
        if share != self._share:
            self._keep_share(share)
            self._share = share


def _drop_before(connection: Connection, table: str, before_ns: int) -> None:
    for partition in partitions(connection, table):
        if partition.stop_ns <= before_ns:
            connection.exec_driver_sql(f"DROP TABLE {partition.name}")


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
        dropped = max(_drop_oldest(connection, table, now_ns) for table in ("trend", "beat"))
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
        held = connection.exec_driver_sql(f"SELECT 1 FROM {partition.name} LIMIT 1").scalar()
        connection.exec_driver_sql(f"DROP TABLE {partition.name}")
        if held:
            return partition.name.rsplit("_p", 1)[1]
    return ""


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


_ROLLUP = """
INSERT INTO trend_minute (bed, minute_ns, rate_bpm, rate_low_bpm, rate_high_bpm, pvc_per_min, seconds)
SELECT bed, at_ns / 60000000000 * 60000000000, avg(rate_bpm), min(rate_bpm), max(rate_bpm), avg(pvc_per_min), count(*)
FROM trend WHERE at_ns >= %(from)s AND at_ns < %(to)s GROUP BY 1, 2
ON CONFLICT (minute_ns, bed) DO UPDATE SET rate_bpm = EXCLUDED.rate_bpm, rate_low_bpm = EXCLUDED.rate_low_bpm,
rate_high_bpm = EXCLUDED.rate_high_bpm, pvc_per_min = EXCLUDED.pvc_per_min, seconds = EXCLUDED.seconds
WHERE trend_minute.seconds <= EXCLUDED.seconds
"""
