"""The whole of Vigil as a user starts it, and what is left when parts of it are killed."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

from infra import child, local_postgres
from ingest.frame import Nanoseconds, SessionId
from ingest.scenario import DEMO, SCENARIOS
from ingest.simulator import simulate, truth_alarms
from storage.database import Database
from stream.trigger import Trigger

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "infra.cli", "up", "--data-dir", str(folder), "--port", "0", "--json", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def children(folder: Path) -> dict[str, int]:
    """Process ids under a `vigil up`, by what they are."""
    try:
        database = json.loads((folder / "run.json").read_text())["database"]
    except OSError:
        return {}
    socket = unquote(database.rsplit("host=", 1)[1])
    marks = {"kafka": f"{folder}/kafka/server.properties", "postgres": f"-k {socket}"}
    marks |= {name: f"infra.cli {name} " for name in ("stream", "store", "engine", "alerts", "hrv", "watch", "feed")}
    told = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True).stdout
    found = {}
    for row in told.splitlines():
        pid, _, words = row.strip().partition(" ")
        for name, mark in marks.items():
            if mark in words and (str(folder) in words or name == "postgres"):
                found.setdefault(name, int(pid))
    return found


def result(process: subprocess.Popen[str], limit_s: float) -> dict:
    out, err = process.communicate(timeout=limit_s)
    assert process.returncode == 0, err
    return json.loads(out)


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


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder of which nothing stays anywhere."""
    yield tmp_path
    local_postgres.remove(tmp_path)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict, set[bytes]]]:
    """What an uninterrupted run tells, and its triggers."""
    folder = tmp_path_factory.mktemp("quiet")
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
    assert quiet_run["latency_ms"]["alert_p99"] < 1500


def test_the_lethal_alarms_are_those_of_the_script(quiet_run: dict) -> None:
    expected = set()
    for k, name in enumerate(DEMO):
        for code, sample in truth_alarms(simulate(SCENARIOS[name], 300.0, seed=1 + k)):
            if sample < 31 * 500:
                expected.add((f"icu-1-{k + 1:02d}", code))
    found = {(a["bed"], a["code"]) for a in quiet_run["alerts"] if a["code"] in ("ASYSTOLE", "VTACH", "VFIB")}
    assert found == expected


def await_feed(folder: Path) -> None:
    deadline = time.monotonic() + 120
    while "feed" not in children(folder) and time.monotonic() < deadline:
        time.sleep(0.2)


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
    quiet: tuple[dict, set[bytes]], folder: Path
) -> None:
    moments = random.Random(20_261)
    process = start(folder, "--seconds", "32")
    await_feed(folder)
    names = ["stream", "store", "alerts", "engine", "hrv", "watch", "feed", "kafka", "postgres"]
    moments.shuffle(names)
    # at once, while nothing has come through yet
    os.kill(child_of(folder, "kafka"), signal.SIGKILL)
    for name in names:
        time.sleep(moments.uniform(0.8, 3.6))
        os.kill(child_of(folder, name), signal.SIGKILL)
    # and once more behind the last frame, while what is left comes through and the summary is made
    found = until_played(folder)
    for name in ("kafka", "postgres"):
        os.kill(found[name], signal.SIGKILL)
    told = result(process, 300)
    undisturbed, triggers = quiet
    assert stored_triggers(folder) == triggers
    assert len(triggers) >= 10
    assert {(a["bed"], a["code"], a["onset_s"]) for a in told["alerts"] if a["onset_s"] is not None} == {
        (a["bed"], a["code"], a["onset_s"]) for a in undisturbed["alerts"] if a["onset_s"] is not None
    }
    assert (told["lost"], told["duplicates"]) == (0, 0)
    assert told["frames"]["processed"] == told["frames"]["sent"] == 1024


def feed(folder: Path, *words: str) -> list[str]:
    """The names of the beds that a feed played beside a Vigil."""
    command = [sys.executable, "-m", "infra.cli", "feed", "simulate", "--data-dir", str(folder), "--json", *words]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    return json.loads(told.splitlines()[0])["names"]


@pytest.mark.timeout(300)
def test_a_second_feed_plays_beside_the_first_and_can_take_no_bed_away(folder: Path) -> None:
    process = start(folder, "--beds", "2", "--seconds", "36")
    await_feed(folder)
    assert feed(folder, "--beds", "2", "--scenario", "sinus", "--seconds", "8") == ["icu-1-03", "icu-1-04"]
    assert feed(folder, "--beds", "1", "--keep-names", "--seconds", "6") == ["icu-1-01"]
    told = result(process, 200)
    frames = told["frames"]
    assert told["beds"] == 4
    assert (frames["sent"], frames["rejected"]) == (2 * 144 + 2 * 32 + 24, 24)
    assert frames["processed"] + frames["rejected"] == frames["sent"]
    assert told["notices"]["SECOND_SOURCE"] == 2, "told once, and cleared"
    expected = {
        (f"icu-1-0{k + 1}", code)
        for k in range(2)
        for code, sample in truth_alarms(simulate(SCENARIOS[DEMO[k]], 300.0, seed=1 + k))
        if sample < 35 * 500
    }
    assert expected <= {(a["bed"], a["code"]) for a in told["alerts"]}


@pytest.mark.timeout(200)
def test_nothing_outlives_a_killed_supervisor(folder: Path, record_property: Callable[[str, object], None]) -> None:
    process = start(folder, "--beds", "1")
    await_feed(folder)
    assert len(children(folder)) >= 9
    process.kill()
    killed = time.monotonic()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    while children(folder) and time.monotonic() - killed < 5.0:
        time.sleep(0.1)
    assert children(folder) == {}
    record_property("ended_s", round(time.monotonic() - killed, 1))


@pytest.mark.timeout(300)
def test_a_vigil_started_at_once_behind_a_killed_one_ends_its_beds_and_counts_its_own_frames(folder: Path) -> None:
    command = [sys.executable, "-m", "infra.cli", "up", "--data-dir", str(folder), "--port", "0", "--beds", "6"]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    told = "".join(itertools.takewhile(lambda line: "first strip" not in line, killed.stdout))
    assert "playing 6 simulated beds" in told
    time.sleep(6.0)  # some beds have a checkpoint, others are younger than their first
    killed.kill()
    killed.communicate()
    told = result(start(folder, "--beds", "3", "--seconds", "12"), 200)
    assert told["frames"] == {"sent": 144, "processed": 144, "gaps": 0, "late": 0, "rejected": 0}
    assert (told["lost"], told["duplicates"], told["beds"]) == (0, 0, 3)
    assert "NO_DATA" not in told["notices"] | {a["code"]: 1 for a in told["alerts"]}
    assert {a["bed"] for a in told["alerts"]} <= {"icu-1-01", "icu-1-02", "icu-1-03"}
