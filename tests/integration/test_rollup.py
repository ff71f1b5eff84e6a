"""Numerics of each minute on a real PostgreSQL."""

import time
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import create_engine

from infra.services import Addresses
from ingest.frame import Nanoseconds, SessionId
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import TRENDS
from storage import retention
from storage.database import Database
from storage.migrate import downgrade, upgrade
from storage.partitions import MINUTE_NS
from storage.retention import Retention
from storage.rows import Batch
from stream.measurement import Trend
from stream.offline import analyse

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("off_s", [-400 * 86400, -3600, -720, 86400])
def test_numerics_are_rolled_up_however_late_they_are_written_and_whatever_their_clock_says(
    services: Addresses, off_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROLLED_UP_AT_ONCE", 2)
    database, engine, now_ns = Database(services.database), create_engine(services.database), time.time_ns()
    downgrade(services.database)
    upgrade(services.database)
    begin_ns = now_ns // MINUTE_NS * MINUTE_NS + off_s * 10**9
    (one, *_) = analyse(simulate(SCENARIOS["sinus"], 12.0, seed=3, name="late")).trends
    trends = [
        replace(one, session=SessionId(1), first=k * 500, at_ns=Nanoseconds(begin_ns + k * 10**9), beats=(), rate_bpm=60.0 + k // 60)
        for k in range(300)
    ]  # fmt: skip
    minutes = "SELECT (minute_ns - %s) / 60000000000, seconds, rate_bpm FROM trend_minute ORDER BY 1"

    def write(some: list[Trend]) -> None:
        batch = Batch()
        batch.take(TRENDS.name, 0, 0, msgspec.json.encode(some), 0)
        database.run(batch.write)

    def rolled_up() -> list[tuple[int, int, float]]:
        return [tuple(row) for row in database.run(lambda c: c.exec_driver_sql(minutes, (begin_ns,)).all())]

    retain = Retention(24.0)
    write(trends[:270])
    # an old minute is no longer kept than any other, once it is made
    for made in (2, 4, 5):
        retain.run(engine, now_ns)
        assert len(rolled_up()) == (made if off_s > -365 * 86400 else 0)
    assert database.run(lambda c: c.exec_driver_sql("SELECT count(*) FROM trend_due").scalar()) == 0
    if off_s > -365 * 86400:
        assert rolled_up() == [(k, 60 if k < 4 else 30, 60.0 + k) for k in range(5)]
        write(trends[270:])
        retain.run(engine, now_ns)
        assert rolled_up() == [(k, 60, 60.0 + k) for k in range(5)]
    engine.dispose()
    database.close()
