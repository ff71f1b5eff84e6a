"""How long things are kept, and what goes first when the disk fills."""

from __future__ import annotations

import shutil

from sqlalchemy import Engine

from storage.partitions import DAY_NS, day_of, ensure_partitions, partitions

EVERY_NS = 60 * 10**9
ALERT_DAYS = 365
TREND_DAYS = 30
GIB = 1 << 30


class Retention:
    """Runs inside the writer, once a minute."""

    def __init__(self, waveform_hours: float, reserve_gb: float, data_dir: str) -> None:
        self._hours = waveform_hours
        self._reserve = reserve_gb * GIB
        self._data_dir = data_dir
        self._last_ns = 0

    def due(self, engine: Engine, now_ns: int) -> list[str]:
        """Do what is due; gives sentences for people where the disk is short."""
        if now_ns - self._last_ns < EVERY_NS:
            return []
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
        """Under the reserve: the oldest waveforms go, by day and then by hour."""
        if not self._data_dir:
            return []
        free = shutil.disk_usage(self._data_dir).free
        if free >= self._reserve:
            return []
        with engine.begin() as connection:
            kept = partitions(connection, "waveform")
            past = [(day, name) for day, name in kept if day < day_of(now_ns)]
            if past:
                connection.exec_driver_sql(f"DROP TABLE {past[0][1]}")
                what = f"the waveforms of {past[0][1][-8:]} were dropped"
            else:
                row = connection.exec_driver_sql("SELECT min(at_ns) FROM waveform").scalar()
                until = min(int(row or now_ns) + 3600 * 10**9, now_ns - 60 * 10**9)
                done = connection.exec_driver_sql("DELETE FROM waveform WHERE at_ns < %s", (until,))
                what = f"{done.rowcount} blocks of the oldest waveforms were deleted"
        return [f"{free / GIB:.1f} GiB of disk are left, under the reserve of {self._reserve / GIB:g}: {what}"]


_ROLLUP = """
INSERT INTO trend_minute (bed, minute_ns, rate_bpm, rate_low_bpm, rate_high_bpm, pvc_per_min, seconds)
SELECT bed, at_ns / 60000000000 * 60000000000, avg(rate_bpm), min(rate_bpm), max(rate_bpm), avg(pvc_per_min), count(*)
FROM trend WHERE at_ns >= %(from)s AND at_ns < %(to)s GROUP BY 1, 2
ON CONFLICT (minute_ns, bed) DO UPDATE SET rate_bpm = EXCLUDED.rate_bpm, rate_low_bpm = EXCLUDED.rate_low_bpm,
rate_high_bpm = EXCLUDED.rate_high_bpm, pvc_per_min = EXCLUDED.pvc_per_min, seconds = EXCLUDED.seconds
WHERE trend_minute.seconds <= EXCLUDED.seconds
"""
