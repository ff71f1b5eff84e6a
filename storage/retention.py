"""How long things are kept."""

from __future__ import annotations

import time

from sqlalchemy import Connection, Engine

from storage.partitions import DAY_NS, HOUR_NS, MINUTE_NS, ensure_partitions, partitions

EVERY_NS = MINUTE_NS
NUMERICS_DAYS = 30
AT_ONCE = 20_000
"""Rows of one table that are deleted a minute: old ones go steadily, and nothing waits for them."""
ROLLED_UP_AT_ONCE, ROLL_UP_S = 60, 5.0
"""Minutes that one run rolls up, and how long it goes on to the next: the rest is for the runs that follow."""

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
"""Table, its time, days for which it is kept and what else must hold. The journal of alerts, beds and their
stays, accounts and policies stay: the first is a chain that must not break, the others are few. What trend_due holds goes when it is done."""


class Retention:
    """Runs inside the writer, once a minute."""

    def __init__(self, waveform_hours: float) -> None:
        self._hours = waveform_hours
        self._last_ns = 0

    def is_due(self, now_ns: int) -> bool:
        """Whether a minute has passed since the last run."""
        return now_ns - self._last_ns >= EVERY_NS

    def run(self, engine: Engine, now_ns: int) -> None:
        """Make partitions, drop what is old, roll up."""
        self._last_ns = now_ns
        with engine.begin() as connection:
            ensure_partitions(connection, now_ns)
            _drop_before(connection, "waveform", now_ns - round(self._hours * HOUR_NS))
            for table in ("trend", "beat"):
                _drop_before(connection, table, now_ns - NUMERICS_DAYS * DAY_NS)
        _roll_up(engine, now_ns)
        for table, column, days, also in KEPT:
            with engine.begin() as connection:
                connection.exec_driver_sql(
                    f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} "
                    f"WHERE {column} < %s {also} LIMIT {AT_ONCE}))",
                    (now_ns - days * DAY_NS,),
                )


def _roll_up(engine: Engine, now_ns: int) -> None:
    """Make the numerics of the minutes that were written to, whenever that was; the running minute waits for its end."""
    stop_s = time.monotonic() + ROLL_UP_S
    present = now_ns - now_ns % MINUTE_NS
    with engine.begin() as connection:
        due = connection.exec_driver_sql(_DUE, (present - MINUTE_NS, present, ROLLED_UP_AT_ONCE)).scalars().all()
    for minute_ns in due:
        with engine.begin() as connection:
            # first what is due, then what there is: a row that another writer adds meanwhile stays, and its minute is made again
            connection.exec_driver_sql("DELETE FROM trend_due WHERE minute_ns = %s", (minute_ns,))
            connection.exec_driver_sql(_ROLLUP, {"minute": minute_ns, "stop": minute_ns + MINUTE_NS})
        if time.monotonic() > stop_s:
            break


def _drop_before(connection: Connection, table: str, before_ns: int) -> None:
    for partition in partitions(connection, table):
        if partition.filled_ns <= before_ns:
            connection.exec_driver_sql(f"DROP TABLE {partition.name}")


_DUE = "SELECT DISTINCT minute_ns FROM trend_due WHERE minute_ns NOT BETWEEN %s AND %s ORDER BY minute_ns DESC LIMIT %s"
"""The newest first: after a long pause nobody waits for what is shown of the last hour."""
_ROLLUP = """
INSERT INTO trend_minute (bed, minute_ns, rate_bpm, rate_low_bpm, rate_high_bpm, pvc_per_min, seconds)
SELECT bed, %(minute)s, avg(rate_bpm), min(rate_bpm), max(rate_bpm), avg(pvc_per_min), count(*)
FROM trend WHERE at_ns >= %(minute)s AND at_ns < %(stop)s GROUP BY bed
ON CONFLICT (minute_ns, bed) DO UPDATE SET rate_bpm = EXCLUDED.rate_bpm, rate_low_bpm = EXCLUDED.rate_low_bpm,
rate_high_bpm = EXCLUDED.rate_high_bpm, pvc_per_min = EXCLUDED.pvc_per_min, seconds = EXCLUDED.seconds
WHERE trend_minute.seconds <= EXCLUDED.seconds
"""
