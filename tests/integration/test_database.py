"""Tables, journal and writes on a real PostgreSQL."""

import pytest

from infra.services import Addresses
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from storage import alertbook, readers
from storage.assemble import Assembler
from storage.database import Database
from storage.migrate import check, downgrade, upgrade
from storage.rows import Batch
from stream.offline import frames

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
