"""Daily partitions of the large tables: made ahead, found by day, dropped when old."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from storage.tables import PARTITIONED

DAY_NS = 86_400 * 10**9


def day_of(at_ns: int) -> int:
    """Days since the epoch."""
    return at_ns // DAY_NS


def name_of(table: str, day: int) -> str:
    """`trend_p20260131`."""
    return f"{table}_p{datetime.fromtimestamp(day * 86_400, UTC):%Y%m%d}"


def ensure_partitions(connection: Connection, now_ns: int, days: tuple[int, ...] = (-1, 0, 1)) -> None:
    """Make the partitions of yesterday, today and tomorrow where they are missing."""
    for offset in days:
        ensure_day(connection, day_of(now_ns) + offset)


def ensure_day(connection: Connection, day: int) -> None:
    """Make the partitions of one day where they are missing."""
    for table in PARTITIONED:
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {name_of(table.name, day)} PARTITION OF {table.name} "
            f"FOR VALUES FROM ({day * DAY_NS}) TO ({(day + 1) * DAY_NS})"
        )


def partitions(connection: Connection, table: str) -> list[tuple[int, str]]:
    """Day and name of the partitions of a table, oldest first."""
    rows = connection.exec_driver_sql(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = %s ORDER BY 1",
        (table,),
    )
    found = []
    for (name,) in rows:
        date = datetime.strptime(name.rsplit("_p", 1)[1], "%Y%m%d").replace(tzinfo=UTC)
        found.append((int(date.timestamp()) // 86_400, name))
    return found
