"""What a machine with Python and nothing else gives: bundled Java and PostgreSQL, two Vigils at once, a full disk."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.services import Addresses
from ingest.kafka import keep_frames
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import FRAMES
from storage.assemble import Assembler
from storage.database import Database
from storage.retention import Retention
from storage.rows import Batch
from stream.offline import frames

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "infra.cli", *words]


def bare(folder: Path) -> dict[str, str]:
    """An environment in which no Java, no PostgreSQL and no compiler can be found."""
    tools = folder / "bin"
    tools.mkdir()
    for name in ("sh", "ps"):
        (tools / name).symlink_to(shutil.which(name))
    kept = {k: v for k, v in os.environ.items() if k in ("HOME", "VIGIL_CACHE", "NUMBA_CACHE_DIR", "LANG", "TMPDIR")}
    return kept | {"PATH": str(tools)}


@pytest.mark.timeout(300)
def test_two_vigils_run_side_by_side_one_of_them_on_the_wheels_alone(tmp_path: Path) -> None:
    running = []
    for name, environment in (("wheels", bare(tmp_path)), ("usual", dict(os.environ))):
        words = ("up", "--beds", "1", "--seconds", "8", "--json", "--port", "0", "--data-dir", str(tmp_path / name))
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        running.append(subprocess.Popen(command(*words), env=environment, text=True, **pipes))
    ports = set()
    deadline = time.monotonic() + 120
    while len(ports) < 2 and time.monotonic() < deadline:
        for name in ("wheels", "usual"):
            path = tmp_path / name / "run.json"
            if path.exists():
                assert path.stat().st_mode & 0o777 == 0o600
                ports.add(tuple(json.loads(path.read_text())["kafka"]["servers"]))
        time.sleep(0.2)
    assert len(ports) == 2

    # a third on a folder that is in use is refused, a feed without a Vigil says so
    second = subprocess.run(
        command("up", "--data-dir", str(tmp_path / "usual")), capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert "runs on" in second.stderr
    alone = subprocess.run(
        command("feed", "simulate", "--data-dir", str(tmp_path / "none")), capture_output=True, text=True, check=False
    )
    assert (alone.returncode, alone.stdout) == (1, "")
    assert "no Vigil runs on" in alone.stderr
    looked = subprocess.run(
        command("doctor", "--json", "--data-dir", str(tmp_path / "usual")), capture_output=True, text=True, check=False
    )
    checks = {c["name"]: c for c in json.loads(looked.stdout)["checks"]}
    assert (checks["kafka"]["state"], checks["postgresql"]["state"]) == ("ok", "ok"), looked.stdout
    assert "taken over in 3 s" in checks["kafka"]["text"]

    for process in running:
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        told = json.loads(out)
        assert (told["frames"]["sent"], told["frames"]["processed"]) == (32, 32)
        assert (told["lost"], told["duplicates"]) == (0, 0)
    log = (tmp_path / "wheels" / "logs" / "kafka.log").read_text()
    assert "ERROR" not in log


def test_under_the_disk_reserve_the_oldest_waveforms_go_first_and_kafka_keeps_less(
    services: Addresses, tmp_path: Path
) -> None:
    recording = simulate(SCENARIOS["sinus"], 130.0, seed=4, name="full")
    database, batch, assembler = Database(services.database), Batch(), Assembler()
    for k, frame in enumerate(frames(recording, 1.0, 99)):
        batch.blocks += list(assembler.put(frame, 0, k))
    database.run(batch.write)
    count = "SELECT count(*) FROM waveform WHERE bed = 'full'"
    assert database.run(lambda c: c.exec_driver_sql(count).scalar()) == 3

    from sqlalchemy import create_engine

    engine = create_engine(services.database)
    shares: list[float] = []
    retention = Retention(24e4, 1e6, str(tmp_path), shares.append)
    now_ns = time.time_ns()
    assert retention.is_due(now_ns)
    (text,) = retention.run(engine, now_ns)
    assert "under the reserve" in text
    assert database.run(lambda c: c.exec_driver_sql(count).scalar()) == 0
    assert shares == [0.5]
    assert Retention(24e4, 0.0, str(tmp_path), shares.append).run(engine, now_ns) == []
    engine.dispose()
    database.close()

    for share in (0.25, 1.0):
        keep_frames(services.kafka, share)
        deadline = time.monotonic() + 20
        while retained(services) != share * FRAMES.retention_bytes and time.monotonic() < deadline:
            time.sleep(0.2)
        assert retained(services) == share * FRAMES.retention_bytes


def retained(services: Addresses) -> int:
    from kafka import KafkaAdminClient
    from kafka.admin import ConfigResource, ConfigResourceType

    admin = KafkaAdminClient(**services.kafka.options())
    told = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, FRAMES.name)])
    admin.close()
    return int(json.dumps(told).split('"retention.bytes"')[1].split('"value": "')[1].split('"')[0])
