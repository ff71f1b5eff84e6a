"""Vigils beside a second feed, behind a killed one, and what is left of one that was killed."""

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.scenario import DEMO, SCENARIOS
from ingest.simulator import simulate, truth_alarms
from tests.vigils import await_feed, children, result, start

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def feed(folder: Path, *words: str) -> list[str]:
    """The names of the beds that a feed played beside a Vigil."""
    command = [sys.executable, "-m", "infra.cli", "feed", "simulate", "--data-dir", str(folder), "--json", *words]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    return json.loads(told.splitlines()[0])["names"]


@pytest.mark.timeout(300)
def test_a_second_feed_plays_beside_the_first_and_can_take_no_bed_away(data_folder: Path) -> None:
    process = start(data_folder, "--beds", "2", "--seconds", "60")
    await_feed(data_folder)
    assert feed(data_folder, "--beds", "2", "--scenario", "sinus", "--seconds", "8") == ["icu-1-03", "icu-1-04"]
    assert feed(data_folder, "--beds", "1", "--keep-names", "--seconds", "6") == ["icu-1-01"]
    told = result(process, 200)
    frames = told["frames"]
    assert told["beds"] == 4
    assert (frames["sent"], frames["rejected"]) == (2 * 240 + 2 * 32 + 24, 24)
    assert frames["processed"] + frames["rejected"] == frames["sent"]
    assert told["notices"]["SECOND_SOURCE"] == 2, "told once, and cleared"
    expected = {
        (f"icu-1-0{k + 1}", code)
        for k in range(2)
        for code, sample in truth_alarms(simulate(SCENARIOS[DEMO[k]], 300.0, seed=1 + k))
        if sample < 59 * 500
    }
    assert expected <= {(a["bed"], a["code"]) for a in told["alerts"]}


@pytest.mark.timeout(200)
def test_nothing_outlives_a_killed_supervisor(
    data_folder: Path, record_property: Callable[[str, object], None]
) -> None:
    process = start(data_folder, "--beds", "1")
    await_feed(data_folder)
    assert len(children(data_folder)) >= 9
    process.kill()
    killed = time.monotonic()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    while children(data_folder) and time.monotonic() - killed < 5.0:
        time.sleep(0.1)
    assert children(data_folder) == {}
    record_property("ended_s", round(time.monotonic() - killed, 1))


@pytest.mark.timeout(300)
def test_a_vigil_started_at_once_behind_a_killed_one_ends_its_beds_and_counts_its_own_frames(data_folder: Path) -> None:
    command = [sys.executable, "-m", "infra.cli", "up", "--data-dir", str(data_folder), "--port", "0", "--beds", "6"]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    told = "".join(itertools.takewhile(lambda line: "first strip" not in line, killed.stdout))
    assert "playing 6 simulated beds" in told
    time.sleep(6.0)  # some beds have a checkpoint, others are younger than their first
    killed.kill()
    killed.communicate()
    told = result(start(data_folder, "--beds", "3", "--seconds", "12"), 200)
    assert told["frames"] == {"sent": 144, "processed": 144, "gaps": 0, "late": 0, "rejected": 0}
    assert (told["lost"], told["duplicates"], told["beds"]) == (0, 0, 3)
    assert "NO_DATA" not in told["notices"] | {a["code"]: 1 for a in told["alerts"]}
    assert {a["bed"] for a in told["alerts"]} <= {"icu-1-01", "icu-1-02", "icu-1-03"}
