"""The whole of Vigil as a user starts it, and what is left when parts of it are killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import pytest

from ingest.scenario import DEMO, SCENARIOS
from ingest.simulator import simulate, truth_alarms

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
    marks |= {name: f"infra.cli {name} " for name in ("stream", "store", "engine", "alerts", "feed")}
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


def plain(told: dict) -> set[tuple[str, str, float]]:
    return {(a["bed"], a["code"], a["onset_s"]) for a in told["alerts"] if a["onset_s"] is not None}


@pytest.fixture(scope="module")
def quiet_run(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return result(start(tmp_path_factory.mktemp("quiet"), "--seconds", "40"), 200)


@pytest.mark.timeout(400)
def test_everything_that_is_sent_is_analysed_stored_announced_and_interpreted(quiet_run: dict) -> None:
    assert quiet_run["frames"] == {"sent": 1280, "processed": 1280, "gaps": 0, "late": 0, "rejected": 0}
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
            if sample < 39 * 500:
                expected.add((f"icu-1-{k + 1:02d}", code))
    found = {(a["bed"], a["code"]) for a in quiet_run["alerts"] if a["code"] in ("ASYSTOLE", "VTACH", "VFIB")}
    assert found == expected


@pytest.mark.timeout(600)
def test_kill_9_of_every_process_in_turn_changes_no_alert(quiet_run: dict, tmp_path: Path) -> None:
    process = start(tmp_path, "--seconds", "40")
    deadline = time.monotonic() + 120
    while "feed" not in children(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    for name in ("stream", "store", "alerts", "engine", "feed", "kafka", "postgres"):
        time.sleep(3.0)
        found = children(tmp_path)
        assert name in found, found
        os.kill(found[name], signal.SIGKILL)
    told = result(process, 300)
    assert plain(told) == plain(quiet_run)
    assert (told["lost"], told["duplicates"]) == (0, 0)
    assert told["frames"]["processed"] == told["frames"]["sent"] == 1280


@pytest.mark.timeout(200)
def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    process = start(tmp_path, "--beds", "1")
    deadline = time.monotonic() + 120
    while "feed" not in children(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(children(tmp_path)) >= 7
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    time.sleep(5.0)
    assert children(tmp_path) == {}
