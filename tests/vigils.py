"""A whole Vigil in a process of its own, as a user starts it, and the processes under it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote


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


def await_feed(folder: Path) -> None:
    deadline = time.monotonic() + 120
    while "feed" not in children(folder) and time.monotonic() < deadline:
        time.sleep(0.2)
