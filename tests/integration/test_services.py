"""What a machine with Python and nothing else gives: bundled Java and PostgreSQL, two Vigils at once."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra import local_postgres

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
        local_postgres.remove(tmp_path / ("wheels" if process is running[0] else "usual"))
    log = (tmp_path / "wheels" / "logs" / "kafka.log").read_text()
    assert "ERROR" not in log
