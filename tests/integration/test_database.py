"""Tables, journal and writes on a real PostgreSQL."""

import time
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from sqlalchemy import create_engine

from infra.services import Addresses
from ingest.frame import Nanoseconds, SessionId
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import SEGMENTS, TRIGGERS
from storage import alertbook, readers
from storage.assemble import Assembler
from storage.blocks import unpack
from storage.database import Database
from storage.migrate import check, downgrade, upgrade
from storage.rows import Batch
from storage.windows import Windows
from stream.offline import analyse, frames
from stream.trigger import Segment, encode_segment

pytestmark = pytest.mark.broker


def test_the_tables_are_those_of_this_version_and_can_go_and_come(services: Addresses) -> None:
    check(services.database)
    downgrade(services.database)
    upgrade(services.database)
    check(services.database)


def test_signal_is_read_back_equal_and_written_once(services: Addresses) -> None:
    recording = simulate(SCENARIOS["sinus"], 130.0, seed=3, name="back")
    database, session = Database(services.database), 4711
    for _ in range(2):
        assembler, batch = Assembler(), Batch()
        for k, frame in enumerate(frames(recording, 0.25, session)):
            batch.blocks += list(assembler.put(frame, 0, k))
        database.run(batch.write)
    pieces = database.run(lambda c: readers.signal_of(c, "back", session))
    assert sorted(pieces) == [0, 30_000, 60_000]
    for first, samples in pieces.items():
        assert (samples == recording.samples[:, first : first + samples.shape[1]]).all()
    assert database.run(lambda c: readers.doubled(c, [("back", session)])) == 0
    assert database.run(lambda c: readers.missing_samples(c, {("back", session): [(0, 65_000)]})) == 0
    assert database.run(lambda c: readers.missing_samples(c, {("back", session): [(64_000, 65_001)]})) == 1
    database.close()


def test_the_thirty_seconds_around_a_trigger_are_kept_when_they_are_complete(services: Addresses) -> None:
    recording = simulate(SCENARIOS["asystole"], 130.0, seed=3, name="window")
    database, batch, assembler = Database(services.database), Batch(), Assembler()
    now_ns = time.time_ns()
    shifted = [replace(f, start_ns=Nanoseconds(f.start_ns + now_ns)) for f in frames(recording, 1.0, 4712)]
    for k, frame in enumerate(shifted[:70]):
        batch.blocks += list(assembler.put(frame, 0, k))
    triggers = analyse(recording).triggers
    early, late = (
        replace(triggers[0], id=name, session=SessionId(4712), sample=at * 500, at_ns=Nanoseconds(now_ns + at * 10**9))
        for name, at in (("early", 35), ("late", 50))
    )
    empty = np.zeros((12, 5000), np.float32)
    for trigger in (early, late):
        segment = Segment(trigger, trigger.at_ns, 0, empty, (), (), None, "none")
        batch.take(TRIGGERS.name, 0, 0, msgspec.json.encode(trigger), 0)
        batch.take(SEGMENTS.name, 0, 0, encode_segment(segment), 0)
    database.run(batch.write)

    engine = create_engine(services.database)
    held = "SELECT trigger, waveform FROM segment_window WHERE trigger IN ('early', 'late') AND waveform IS NOT NULL"
    Windows().run(engine, now_ns + 80 * 10**9)
    ((name, payload),) = database.run(lambda c: c.exec_driver_sql(held).all())
    block = unpack(bytes(payload))
    assert (name, block.runs) == ("early", ((25 * 500, 30 * 500),))
    assert np.array_equal(block.samples, recording.samples[:, 25 * 500 : 55 * 500])

    # the second minute never came: what there is of it is kept in the end
    Windows().run(engine, now_ns + 300 * 10**9)
    kept = dict(tuple(row) for row in database.run(lambda c: c.exec_driver_sql(held).all()))
    assert unpack(bytes(kept["late"])).runs == ((40 * 500, 20 * 500),)
    engine.dispose()
    database.close()


def test_the_journal_shows_what_was_changed_and_refuses_changes(services: Addresses) -> None:
    database = Database(services.database)
    events = [(f"k{n}", "a", n, f'{{"n":{n}}}') for n in range(3)]
    assert database.run(lambda c: alertbook.append_events(c, events)) == 3
    assert database.run(lambda c: alertbook.append_events(c, events)) == 0
    assert database.run(alertbook.broken_link) is None
    with pytest.raises(Exception, match="append-only"):
        database.run(lambda c: c.exec_driver_sql("UPDATE alert_event SET payload = 'x'"))
    with pytest.raises(Exception, match="append-only"):
        database.run(lambda c: c.exec_driver_sql("DELETE FROM alert_event"))

    def forge(connection):
        connection.exec_driver_sql("ALTER TABLE alert_event DISABLE TRIGGER ALL")
        connection.exec_driver_sql("UPDATE alert_event SET payload = 'forged' WHERE key = 'k1'")
        connection.exec_driver_sql("ALTER TABLE alert_event ENABLE TRIGGER ALL")

    database.run(forge)
    assert database.run(alertbook.broken_link) is not None
    database.close()
    downgrade(services.database)
    upgrade(services.database)


def test_a_login_link_works_once(services: Addresses) -> None:
    from alerts import accounts

    database = Database(services.database)
    token = accounts.one_time_link(database, 1000)
    cookie = accounts.use_link(database, token, 2000)
    assert accounts.login(database, cookie, 3000).account == "admin"
    assert accounts.use_link(database, token, 2000) is None
    assert accounts.login(database, "nonsense", 3000) is None
    late = accounts.one_time_link(database, 1000)
    assert accounts.use_link(database, late, 1000 + 901 * 10**9) is None
    database.close()
