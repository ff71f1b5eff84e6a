"""Tables, journal and writes on a real PostgreSQL."""

import gc
import shutil
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sqlalchemy import Connection, create_engine, text

from infra.judge import as_stored, unequal
from infra.services import Addresses
from infra.summary import Observer, sent_of
from ingest.disturb import parse
from ingest.feed import FeedOptions, play
from ingest.frame import Nanoseconds, SessionId
from ingest.kafka import keep_share, kept_share
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import SEGMENTS, TRENDS, TRIGGERS
from storage import alertbook, readers
from storage.assemble import Assembler
from storage.blocks import unpack
from storage.database import Database
from storage.migrate import check, downgrade, upgrade
from storage.partitions import ensure, partitions, place_of
from storage.retention import Retention
from storage.room import LEAST_SHARE, Reserve, Room
from storage.rows import Batch
from storage.windows import Windows
from storage.writer import Writer, WriterOptions
from stream.offline import analyse, frames
from stream.trigger import Segment, encode_segment

pytestmark = pytest.mark.broker


def test_the_tables_are_those_of_this_version_and_can_go_and_come(services: Addresses) -> None:
    check(services.database)
    downgrade(services.database)
    upgrade(services.database)
    check(services.database)


def test_no_connection_is_left_open_behind_a_database(services: Addresses) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        forgotten, closed = Database(services.database), Database(services.database)
        forgotten.run(lambda c: c.execute(text("select 1")))
        asking = threading.Event()

        def ask(connection: Connection) -> None:
            asking.set()
            connection.execute(text("select pg_sleep(0.5)"))

        busy = threading.Thread(target=closed.run, args=(ask,))
        busy.start()
        asking.wait(5.0)
        closed.close()
        busy.join()
        del forgotten, closed, busy, ask
        gc.collect()
    assert [str(w.message) for w in seen if w.category is ResourceWarning] == []


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


def stored(database: Database, what: str) -> int:
    return database.run(lambda c: c.exec_driver_sql(f"SELECT count(*) FROM {what}").scalar())


def filled(database: Database, name: str, begin_ns: int) -> None:
    """Two minutes of signal that began then."""
    recording, batch, assembler = simulate(SCENARIOS["sinus"], 130.0, seed=4, name=name), Batch(), Assembler()
    for k, frame in enumerate(frames(recording, 1.0, 99)):
        frame = replace(frame, start_ns=Nanoseconds(frame.start_ns + begin_ns))
        batch.blocks += list(assembler.put(frame, 0, k))
    database.run(batch.write)


def test_under_the_disk_reserve_the_oldest_go_first_waveforms_before_numerics(
    services: Addresses, tmp_path: Path
) -> None:
    database, engine = Database(services.database), create_engine(services.database)
    # the middle of an hour, so that a quarter of an hour before is the same hour
    now_ns = time.time_ns() // (3600 * 10**9) * 3600 * 10**9 + 1800 * 10**9
    downgrade(services.database)
    upgrade(services.database)
    filled(database, "old", now_ns - 5 * 3600 * 10**9)
    filled(database, "fresh", now_ns - 900 * 10**9)
    filled(database, "newest", now_ns - 300 * 10**9)
    trend = "INSERT INTO trend (bed, session, first, at_ns, rhythm, quality) VALUES ('b', 1, 1, %s, 'sinus', 'g')"
    for at_ns in (now_ns - 3 * 86400 * 10**9, now_ns):
        database.run(lambda c, at=at_ns: ensure(c, [place_of("trend", at)]))
        database.run(lambda c, at=at_ns: c.exec_driver_sql(trend, (at,)))
    window = "INSERT INTO segment_window (trigger, bed, at_ns, segment) VALUES ('w', 'b', %s, '')"
    database.run(lambda c: c.exec_driver_sql(window, (now_ns - 9 * 86400 * 10**9,)))

    shares: list[float] = []
    room = Room(Reserve(1e9, "", str(tmp_path)), shares.append)
    assert "under the reserve" in room.look(engine, now_ns)
    beds = "SELECT DISTINCT bed FROM waveform ORDER BY 1"
    assert database.run(lambda c: c.exec_driver_sql(beds).scalars().all()) == ["fresh", "newest"]
    assert "this hour's" in room.look(engine, now_ns)
    assert database.run(lambda c: c.exec_driver_sql(beds).scalars().all()) == ["newest"]
    assert "numerics" in room.look(engine, now_ns)
    assert stored(database, "trend") == 1
    assert "windows" in room.look(engine, now_ns)
    assert "nothing more" in room.look(engine, now_ns)
    assert shares == []
    engine.dispose()
    database.close()


@pytest.mark.parametrize("off_days", [-40, 400])
def test_signal_of_a_clock_that_is_off_is_kept_as_long_as_any_other_and_goes_like_any_other(
    services: Addresses, tmp_path: Path, off_days: int
) -> None:
    database, engine, now_ns = Database(services.database), create_engine(services.database), time.time_ns()
    hour_ns = 3600 * 10**9
    # all of it in one hour, at whatever minute this runs
    off_ns = now_ns // hour_ns * hour_ns + hour_ns // 6 + off_days * 24 * hour_ns
    downgrade(services.database)
    upgrade(services.database)
    filled(database, "off", off_ns)
    Retention(24.0).run(engine, now_ns)
    assert stored(database, "waveform") > 0
    Retention(24.0).run(engine, now_ns + 20 * hour_ns)
    assert stored(database, "waveform") > 0
    Retention(24.0).run(engine, now_ns + 30 * hour_ns)
    assert stored(database, "waveform") == 0

    filled(database, "off", off_ns)
    room = Room(Reserve(1e9, "", str(tmp_path)), lambda _: None)
    assert "by a clock that is ahead" in room.look(engine, now_ns) or off_days < 0
    assert stored(database, "waveform") == 0
    engine.dispose()
    database.close()


def test_one_second_or_beat_under_two_times_is_counted_as_doubled(services: Addresses) -> None:
    database, now_ns = Database(services.database), time.time_ns()
    found = analyse(simulate(SCENARIOS["sinus"], 12.0, seed=3, name="twice"))
    session = 4712
    for off_ns in (0, 5_000_000):
        moved = [
            replace(t, session=SessionId(session), at_ns=Nanoseconds(t.at_ns + now_ns + off_ns)) for t in found.trends
        ]
        batch = Batch()
        batch.take(TRENDS.name, 0, 0, msgspec.json.encode(moved), 0)
        database.run(batch.write)
    beats = sum(len(t.beats) for t in found.trends)
    assert database.run(lambda c: readers.doubled(c, [("twice", session)])) == len(found.trends) + beats
    database.close()


def test_kafka_keeps_less_on_its_own_disk_and_a_writer_that_starts_again_knows(
    services: Addresses, tmp_path: Path
) -> None:
    engine, now_ns = create_engine(services.database), time.time_ns()
    keep_share(services.kafka, 1.0)
    free_gib = shutil.disk_usage(tmp_path).free / (1 << 30)
    room = Room(Reserve(1.5 * free_gib, str(tmp_path), ""), lambda share: keep_share(services.kafka, share))
    assert "Kafka keeps 50%" in room.look(engine, now_ns)
    assert "Kafka keeps 25%" in room.look(engine, now_ns)
    until(lambda: kept_share(services.kafka) == 0.25)
    # under half of the reserve halving is too slow
    share = kept_share(services.kafka)
    urgent = Room(Reserve(4.0 * free_gib, str(tmp_path), ""), lambda share: keep_share(services.kafka, share), share)
    assert "Kafka keeps 6%" in urgent.look(engine, now_ns)
    until(lambda: kept_share(services.kafka) == LEAST_SHARE)
    again = Room(Reserve(0.0, str(tmp_path), ""), lambda s: keep_share(services.kafka, s), kept_share(services.kafka))
    assert again.short
    assert again.look(engine, now_ns) == ""
    assert not again.short
    until(lambda: kept_share(services.kafka) == 1.0)
    engine.dispose()


def until(fits: Callable[[], bool], limit_s: float = 20.0) -> None:
    deadline = time.monotonic() + limit_s
    while not fits() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert fits()


def test_what_is_old_goes_from_every_table_and_the_journal_stays(services: Addresses) -> None:
    database, engine, now_ns = Database(services.database), create_engine(services.database), time.time_ns()
    downgrade(services.database)
    upgrade(services.database)
    day = 86400 * 10**9
    rows = {
        "trigger": "(key, id, bed, session, code, phase, sample, at_ns, payload) VALUES (%s, 'i', 'b', 1, 'c', 'p', 1, %s, '{}')",
        "interpretation": "(id, trigger, bed, at_ns, state, payload) VALUES (%s, 't', 'b', %s, 's', '{}')",
        "notice": "(source, code, \"partition\", \"offset\", at_ns, payload) VALUES (%s, 'c', 0, 0, %s, '{}')",
        "dead_letter": "(source, topic, \"partition\", \"offset\", at_ns, reason) VALUES (%s, 't', 0, 0, %s, 'r')",
        "delivery": "(key, channel, attempt, at_ns, ok, outcome) VALUES (%s, 'c', 1, %s, true, 'o')",
        "hrv": "(bed, at_ns, payload) VALUES (%s, %s, '{}')",
        "trend_minute": "(bed, minute_ns, seconds) VALUES (%s, %s, 60)",
        "web_session": "(token, expires_ns, account, kind, csrf) VALUES (%s, %s, 'a', 'session', '')",
        "outbox": "(key, queued_ns, channel, \"after\", body, open) VALUES (%s, %s, 'c', '', '{}', false)",
        "alert": (
            "(id, raised_ns, bed, code, priority, kind, state, open, version, payload) "
            "VALUES (%s, %s, 'b', 'c', 'high', 'k', 's', false, 1, '{}')"
        ),
    }
    for table, words in rows.items():
        for name, at_ns in (("old", now_ns - 400 * day), ("young", now_ns + day)):
            database.run(
                lambda c, t=table, w=words, n=name, at=at_ns: c.exec_driver_sql(f"INSERT INTO {t} {w}", (n, at))
            )
    database.run(lambda c: alertbook.append_events(c, [("k", "old", now_ns - 400 * day, "{}")]))
    Retention(24.0).run(engine, now_ns)
    assert {table: stored(database, table) for table in rows} == dict.fromkeys(rows, 1)
    assert stored(database, "alert_event") == 1
    engine.dispose()
    database.close()
    downgrade(services.database)
    upgrade(services.database)


def test_tables_of_the_version_before_are_brought_to_this_one_with_what_they_hold(services: Addresses) -> None:
    from alembic import command

    from storage.migrate import _config

    downgrade(services.database)
    upgrade(services.database)
    database, now_ns = Database(services.database), time.time_ns()
    begin = now_ns // (86400 * 10**9) * 86400 * 10**9
    database.run(lambda c: command.downgrade(_config(c), "0002"))
    # as the version before had it: one partition a day
    for partition in database.run(lambda c: partitions(c, "waveform")):
        database.run(lambda c, name=partition.name: c.exec_driver_sql(f"DROP TABLE {name}"))
    daily = f"waveform_p{time.strftime('%Y%m%d', time.gmtime(begin // 10**9))}"
    made = f"CREATE TABLE {daily} PARTITION OF waveform FOR VALUES FROM ({begin}) TO ({begin + 86400 * 10**9})"
    database.run(lambda c: c.exec_driver_sql(made))
    letter = "INSERT INTO dead_letter (\"partition\", \"offset\", topic, at_ns, reason) VALUES (0, 0, 't', 1, 'r')"
    database.run(lambda c: c.exec_driver_sql(letter))
    upgrade(services.database)
    check(services.database)
    filled(database, "today", now_ns)
    assert stored(database, f"{daily} WHERE bed = 'today'") >= 1
    assert stored(database, "dead_letter WHERE source_offset = -1") == 1
    database.close()


def test_the_burden_of_af_is_stored_with_the_numerics_of_each_second(services: Addresses) -> None:
    recording, now_ns = simulate(SCENARIOS["af"], 120.0, seed=3, name="burden"), time.time_ns()
    trends = [replace(t, at_ns=Nanoseconds(t.at_ns + now_ns)) for t in analyse(recording).trends]
    database, batch = Database(services.database), Batch()
    batch.take(TRENDS.name, 0, 0, msgspec.json.encode(trends), 0)
    database.run(batch.write)
    found = database.run(lambda c: readers.trends_of(c, [int(trends[0].session)]))
    told = {(str(t.bed), int(t.session), t.first): as_stored(t) for t in trends}
    assert unequal(told, found) == 0
    of_bed = "SELECT max(af_burden) FROM trend WHERE bed = 'burden'"
    most = database.run(lambda c: c.exec_driver_sql(of_bed).scalar())
    assert most == pytest.approx(max(t.af_burden or 0.0 for t in trends))
    assert most > 0.1
    since = "SELECT min(rhythm_since) FROM trend WHERE bed = 'burden' AND rhythm = 'afib'"
    begun = database.run(lambda c: c.exec_driver_sql(since).scalar())
    assert begun == min(t.rhythm_since for t in trends if t.rhythm == "afib" and t.rhythm_since is not None)
    database.close()


@pytest.mark.timeout(120)
def test_what_comes_late_swapped_or_twice_is_stored_once_and_whole(services: Addresses) -> None:
    """Through Kafka and the writer: a tenth of the frames late, a tenth swapped, a tenth sent twice."""
    beds = [simulate(SCENARIOS["sinus"], 70.0, seed=k, name=f"disturbed-{k}") for k in range(3)]
    observer, stop = Observer(services, time.time_ns()), threading.Event()
    ready = threading.Event()
    writer = Writer(services.kafka, services.database, WriterOptions())
    thread = threading.Thread(target=writer.run, args=(stop, lambda _: ready.set()))
    thread.start()
    assert ready.wait(30)
    options = FeedOptions(
        "replay", run="disturbed", seconds=70.0, speed=0.0, disturbance=parse("late=0.1,jitter=0.1,dup=0.1")
    )
    play(beds, services.kafka, options, threading.Event(), lambda _: None)
    sent, again = sent_of(observer)
    database = Database(services.database)
    ranges = {key: sorted((a, b) for a, (b, _) in held.frames.items()) for key, held in sent.items()}
    until(lambda: database.run(lambda c: readers.missing_samples(c, ranges)) == 0, 30)
    assert database.run(lambda c: readers.doubled(c, list(sent))) == 0
    for recording in beds:
        (session,) = (s for bed, s in sent if bed == recording.name)
        for first, samples in database.run(lambda c, r=recording, s=session: readers.signal_of(c, r.name, s)).items():
            assert (samples == recording.samples[:, first : first + samples.shape[1]]).all()
    counts = "SELECT sum(late), sum(duplicates) FROM waveform WHERE bed LIKE 'disturbed-%%'"
    late, duplicates = database.run(lambda c: c.exec_driver_sql(counts).one())
    assert duplicates == again > 0
    assert late > 50
    stop.set()
    thread.join(20)
    database.close()
