"""How long things are kept, and what goes first when the disk fills."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from sqlalchemy import Connection, Engine

from storage.partitions import DAY_NS, day_of, ensure_partitions, partitions

EVERY_NS = 60 * 10**9
ALERT_DAYS = 365
TREND_DAYS = 30
GIB = 1 << 30
ENOUGH = 1.5
"""Times the reserve from which on Kafka keeps all its frames again."""
LEAST_SHARE = 1 / 16


class Retention:
    """Runs inside the writer, once a minute."""

    def __init__(
        self, waveform_hours: float, reserve_gb: float, data_dir: str, keep_frames: Callable[[float], None]
    ) -> None:
        """keep_frames: lets Kafka keep this share (0..1) of the frames that it may keep."""
        self._hours = waveform_hours
        self._reserve = reserve_gb * GIB
        self._data_dir = data_dir
        self._keep_frames = keep_frames
        self._share = 1.0
        self._last_ns = 0

    def is_due(self, now_ns: int) -> bool:
        """Whether a minute has passed since the last run."""
        return now_ns - self._last_ns >= EVERY_NS

    def run(self, engine: Engine, now_ns: int) -> list[str]:
        """Make partitions, drop what is old, roll up; gives sentences for people where the disk is short."""
        self._last_ns = now_ns
        with engine.begin() as connection:
            ensure_partitions(connection, now_ns)
            oldest = {
                "waveform": day_of(now_ns - round(self._hours * 3600e9)),
                "trend": day_of(now_ns) - TREND_DAYS,
                "beat": day_of(now_ns) - TREND_DAYS,
            }
            for table, day in oldest.items():
                for at, name in partitions(connection, table):
                    if at < day:
                        connection.exec_driver_sql(f"DROP TABLE {name}")
            connection.exec_driver_sql("DELETE FROM segment_window WHERE at_ns < %s", (now_ns - ALERT_DAYS * DAY_NS,))
            connection.exec_driver_sql(_ROLLUP, {"from": now_ns - 600 * 10**9, "to": now_ns - 60 * 10**9})
        return self._short(engine, now_ns)

    def _short(self, engine: Engine, now_ns: int) -> list[str]:
        """Under the reserve the oldest waveforms go, by day and then by hour, and Kafka keeps half as many frames."""
        if not self._data_dir:
            return []
        free = shutil.disk_usage(self._data_dir).free
        if free >= self._reserve:
            if self._share < 1.0 and free > ENOUGH * self._reserve:
                self._share = 1.0
                self._keep_frames(self._share)
            return []
        self._share = max(LEAST_SHARE, self._share / 2)
        self._keep_frames(self._share)
        with engine.begin() as connection:
            what = _drop_oldest(connection, now_ns)
        return [
            f"{free / GIB:.1f} GiB of disk are left, under the reserve of {self._reserve / GIB:g}: {what}, "
            f"and Kafka keeps {self._share:.0%} of its frames"
        ]


def _drop_oldest(connection: Connection, now_ns: int) -> str:
    """Drop the oldest day of waveforms before today, else delete today's oldest hour; says what went."""
    past = [name for day, name in partitions(connection, "waveform") if day < day_of(now_ns)]
    held = [name for name in past if connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").scalar()]
    if held:
        connection.exec_driver_sql(f"DROP TABLE {held[0]}")
        return f"the waveforms of {held[0][-8:]} were dropped"
    first = connection.exec_driver_sql("SELECT min(at_ns) FROM waveform").scalar()
    until = min(int(first or now_ns) + 3600 * 10**9, now_ns - 60 * 10**9)
    done = connection.exec_driver_sql("DELETE FROM waveform WHERE at_ns < %s", (until,))
    return f"{done.rowcount} blocks of the oldest waveforms were deleted"


_ROLLUP = """
INSERT INTO trend_minute (bed, minute_ns, rate_bpm, rate_low_bpm, rate_high_bpm, pvc_per_min, seconds)
SELECT bed, at_ns / 60000000000 * 60000000000, avg(rate_bpm), min(rate_bpm), max(rate_bpm), avg(pvc_per_min), count(*)
FROM trend WHERE at_ns >= %(from)s AND at_ns < %(to)s GROUP BY 1, 2
ON CONFLICT (minute_ns, bed) DO UPDATE SET rate_bpm = EXCLUDED.rate_bpm, rate_low_bpm = EXCLUDED.rate_low_bpm,
rate_high_bpm = EXCLUDED.rate_high_bpm, pvc_per_min = EXCLUDED.pvc_per_min, seconds = EXCLUDED.seconds
WHERE trend_minute.seconds <= EXCLUDED.seconds
"""
