"""Partitions of the large tables, by day or by hour: made ahead, found by time, dropped when old."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from storage.tables import PARTITIONED, WAVEFORM

HOUR_NS = 3600 * 10**9
DAY_NS = 24 * HOUR_NS
AHEAD = (-1, 0, 1, 2)
"""Periods around this moment whose partitions are there before anything needs them."""
_LOCK = 7_345_114
Place = tuple[str, int]
"""A table and the begin (ns) of a period."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """Times from begin_ns on, before stop_ns."""

    begin_ns: int
    stop_ns: int
    name: str


def period_ns(table: str) -> int:
    """Waveforms go by the hour: a disk that fills gets an hour back at a time."""
    return HOUR_NS if table == WAVEFORM.name else DAY_NS


def place_of(table: str, at_ns: int) -> Place:
    """The period that a time of a table belongs to."""
    return table, at_ns - at_ns % period_ns(table)


def ensure_partitions(connection: Connection, now_ns: int) -> None:
    """Make the partitions around this moment where they are missing."""
    ensure(connection, {place_of(t.name, now_ns + k * period_ns(t.name)) for t in PARTITIONED for k in AHEAD})


def ensure(connection: Connection, places: Iterable[Place]) -> None:
    """Make the partitions of these periods where none holds their times."""
    held = {t.name: partitions(connection, t.name) for t in PARTITIONED}
    missing = [(t, b) for t, b in sorted(places) if not any(p.begin_ns <= b < p.stop_ns for p in held[t])]
    if missing:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    for table, begin in missing:
        stop = begin + period_ns(table)
        shape = "%Y%m%d%H" if table == WAVEFORM.name else "%Y%m%d"
        name = f"{table}_p{datetime.fromtimestamp(begin // 10**9, UTC):{shape}}"
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES FROM ({begin}) TO ({stop})"
        )


def partitions(connection: Connection, table: str) -> list[Partition]:
    """The partitions of a table, oldest first."""
    rows = connection.exec_driver_sql(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = %s",
        (table,),
    )
    return sorted(_read(name) for (name,) in rows)


def _read(name: str) -> Partition:
    stamp = name.rsplit("_p", 1)[1]
    hourly = len(stamp) == 10
    date = datetime.strptime(stamp, "%Y%m%d%H" if hourly else "%Y%m%d").replace(tzinfo=UTC)
    begin = int(date.timestamp()) * 10**9
    return Partition(begin, begin + (HOUR_NS if hourly else DAY_NS), name)
