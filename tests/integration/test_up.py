"""The whole of Vigil as a user starts it, undisturbed and with every process of it killed on the way."""

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from infra import child, local_postgres
from ingest.frame import Nanoseconds, SessionId
from ingest.scenario import DEMO, SCENARIOS
from ingest.simulator import simulate, truth_alarms
from storage.database import Database
from stream.trigger import Trigger
from tests.vigils import await_feed, children, result, start

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def stored_triggers(folder: Path) -> set[bytes]:
    """Every trigger in the database of a run that has ended, without what names the run: ids, session, wall clock."""
    server = local_postgres.prepare(folder, lambda _: None)
    process = local_postgres.start(server, folder / "logs" / "postgres.log")
    database = Database(server.url)
    try:
        rows = database.run(lambda c: c.exec_driver_sql("SELECT payload FROM trigger").all())
    finally:
        database.close()
        child.stop(process, signal.SIGINT)
    found = [msgspec.convert(payload, Trigger) for (payload,) in rows]
    plain = [msgspec.json.encode(replace(t, id="", session=SessionId(0), at_ns=Nanoseconds(0))) for t in found]
    assert len(set(plain)) == len(plain)
    return set(plain)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict, set[bytes]]]:
    """What an uninterrupted run tells, with the model that ships, and its triggers."""
    folder = tmp_path_factory.mktemp("quiet")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VIGIL_MODEL")
        told = result(start(folder, "--seconds", "32"), 200)
    yield told, stored_triggers(folder)
    local_postgres.remove(folder)


@pytest.fixture(scope="module")
def quiet_run(quiet: tuple[dict, set[bytes]]) -> dict:
    return quiet[0]


@pytest.mark.timeout(400)
def test_everything_that_is_sent_is_analysed_stored_announced_and_interpreted(quiet_run: dict) -> None:
    assert quiet_run["frames"] == {"sent": 1024, "processed": 1024, "gaps": 0, "late": 0, "rejected": 0}
    assert (quiet_run["lost"], quiet_run["duplicates"]) == (0, 0)
    assert quiet_run["beds"] == 8
    assert len(quiet_run["alerts"]) >= 6
    for alert in quiet_run["alerts"]:
        answer = alert["interpretation"]
        assert answer["state"] == "done" or answer["reason"]
        assert answer["state"] != "pending"
    written = [a["interpretation"] for a in quiet_run["alerts"] if a["interpretation"]["state"] == "done"]
    assert written
    assert all("gem-tiny-" in one["model"] and one["band_hz"] and one["leads"] for one in written)
    assert any(one["model"].startswith("gem-tiny-") for one in written)
    assert quiet_run["latency_ms"]["alert_p99"] < 1500


def test_the_lethal_alarms_are_those_of_the_script(quiet_run: dict) -> None:
    expected = set()
    for k, name in enumerate(DEMO):
        for code, sample in truth_alarms(simulate(SCENARIOS[name], 300.0, seed=1 + k)):
            if sample < 31 * 500:
                expected.add((f"icu-1-{k + 1:02d}", code))
    found = {(a["bed"], a["code"]) for a in quiet_run["alerts"] if a["code"] in ("ASYSTOLE", "VTACH", "VFIB")}
    assert found == expected


def test_the_synthetic_patients_of_the_watchdog_are_nobodys_beds(quiet: tuple[dict, set[bytes]]) -> None:
    told, triggers = quiet
    assert told["beds"] == 8
    assert {a["bed"] for a in told["alerts"]} <= {f"icu-1-{k:02d}" for k in range(1, 9)}
    assert "PIPELINE_DOWN" not in {a["code"] for a in told["alerts"]}
    assert not any(msgspec.json.decode(t, type=Trigger).bed.startswith("~") for t in triggers)


def child_of(folder: Path, name: str) -> int:
    """The process of this name, once it runs: a feed that finds no Kafka ends, and is started again a little later."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if name in (found := children(folder)):
            return found[name]
        time.sleep(0.2)
    raise AssertionError(f"{name} does not run")


def until_played(folder: Path) -> dict[str, int]:
    """Children once the feed is gone and is not started again, with both services at work."""
    deadline, gone = time.monotonic() + 120, 0
    while time.monotonic() < deadline:
        found = children(folder)
        gone = gone + 1 if {"kafka", "postgres"} <= set(found) and "feed" not in found else 0
        if gone == 3:
            return found
        time.sleep(0.3)
    raise AssertionError("the feed did not end")


@pytest.mark.timeout(600)
def test_kill_9_of_every_process_at_random_moments_changes_no_trigger(
    quiet: tuple[dict, set[bytes]], data_folder: Path
) -> None:
    moments = random.Random(20_261)
    process = start(data_folder, "--seconds", "32")
    await_feed(data_folder)
    names = ["stream", "store", "alerts", "engine", "hrv", "watch", "feed", "kafka", "postgres"]
    moments.shuffle(names)
    # at once, while nothing has come through yet
    os.kill(child_of(data_folder, "kafka"), signal.SIGKILL)
    for name in names:
        time.sleep(moments.uniform(0.8, 3.6))
        os.kill(child_of(data_folder, name), signal.SIGKILL)
    # and once more behind the last frame, while what is left comes through and the summary is made
    found = until_played(data_folder)
    for name in ("kafka", "postgres"):
        os.kill(found[name], signal.SIGKILL)
    told = result(process, 300)
    undisturbed, triggers = quiet
    assert stored_triggers(data_folder) == triggers
    assert len(triggers) >= 10
    assert {(a["bed"], a["code"], a["onset_s"]) for a in told["alerts"] if a["onset_s"] is not None} == {
        (a["bed"], a["code"], a["onset_s"]) for a in undisturbed["alerts"] if a["onset_s"] is not None
    }
    assert (told["lost"], told["duplicates"]) == (0, 0)
    assert told["frames"]["processed"] == told["frames"]["sent"] == 1024
