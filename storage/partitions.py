"""Partitions of the large tables, by day or by hour: made ahead, found by time, dropped when old."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from storage.tables import PARTITIONED, WAVEFORM

MINUTE_NS = 60 * 10**9
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
AHEAD = (-1, 0, 1, 2)
"""Periods around this moment whose partitions are there before anything needs them."""
_LOCK = 7_345_114
_MADE = "made at (ns): "
Place = tuple[str, int]
"""A table and the begin (ns) of a period."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """Times from begin_ns on, before stop_ns."""

    begin_ns: int
    stop_ns: int
    name: str
    made_ns: int = 0
    """When it was made, by our clock; 0 where that is not known."""

    @property
    def filled_ns(self) -> int:
        """Until when it is filled, by our clock: the end of its times, or, where those are of a clock that is off, as much
        time behind its making as it can be filled for. Ages count from here."""
        length = self.stop_ns - self.begin_ns
        if not self.made_ns:
            return self.stop_ns
        # one that is made ahead is made up to two of its lengths before it begins
        return min(max(self.stop_ns, self.made_ns + length), self.made_ns + (AHEAD[-1] + 2) * length)


def period_ns(table: str) -> int:
    """Waveforms go by the hour: a disk that fills gets an hour back at a time."""
    return HOUR_NS if table == WAVEFORM.name else DAY_NS


def place_of(table: str, at_ns: int) -> Place:
    """The period that a time of a table belongs to."""
    return table, at_ns - at_ns % period_ns(table)


def ensure_partitions(connection: Connection, now_ns: int) -> None:
    """Make the partitions around this moment where they are missing."""
    around = {place_of(t.name, now_ns + k * period_ns(t.name)) for t in PARTITIONED for k in AHEAD}
    ensure(connection, around, now_ns)


def ensure(connection: Connection, places: Iterable[Place], now_ns: int | None = None) -> None:
    """Make the partitions of these periods where none holds their times; each keeps when it was made (now_ns: this moment)."""
    made_ns = time.time_ns() if now_ns is None else now_ns
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
        connection.exec_driver_sql(f"COMMENT ON TABLE {name} IS '{_MADE}{made_ns}'")


def partitions(connection: Connection, table: str) -> list[Partition]:
    """The partitions of a table, oldest first."""
    rows = connection.exec_driver_sql(
        "SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = %s",
        (table,),
    )
    return sorted(_read(name, told or "") for name, told in rows)


def _read(name: str, told: str) -> Partition:
    stamp = name.rsplit("_p", 1)[1]
    hourly = len(stamp) == 10
    date = datetime.strptime(stamp, "%Y%m%d%H" if hourly else "%Y%m%d").replace(tzinfo=UTC)
    begin = int(date.timestamp()) * 10**9
    made_ns = int(told.removeprefix(_MADE)) if told.startswith(_MADE) else 0
    return Partition(begin, begin + (HOUR_NS if hourly else DAY_NS), name, made_ns)
