"""The supervisor never waits: whoever restarts, the lines of alarms go on."""

import argparse
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from infra import child, local_kafka, local_postgres, ports
from infra.again import BACKOFF_S, CALM_S, Again
from infra.plan import Plan
from infra.services import Service
from infra.settings import Settings
from infra.supervisor import Child, Event, Supervisor
from infra.up import _await_ready, _Run
from ingest.kafka import KafkaAddress

DEAF = [sys.executable, "-c", "import time; time.sleep(60)"]
"""A service that starts and answers nobody, as one that reads a long journal first."""


def deaf_kafka(folder: Path) -> Callable[[], subprocess.Popen[bytes]]:
    """What starts a Kafka again of which nothing answers."""
    node = local_kafka.KafkaNode(folder, tuple(DEAF), (), KafkaAddress(("127.0.0.1:9",)))
    return partial(local_kafka.spawn, node, folder / "kafka.log")


def deaf_postgres(folder: Path) -> Callable[[], subprocess.Popen[bytes]]:
    """What starts a PostgreSQL again of which nothing answers."""
    program = folder / "postgres"
    program.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    program.chmod(0o755)
    server = local_postgres.PostgresServer(folder, folder, folder, "secret", None)
    return partial(local_postgres.spawn, server, folder / "postgres.log")


def ended(folder: Path) -> subprocess.Popen[bytes]:
    process = child.spawn([sys.executable, "-c", "raise SystemExit(3)"], folder / "first.log")
    process.wait()
    return process


def events(supervisor: Supervisor) -> list[Event]:
    found = []
    while True:
        try:
            found.append(supervisor.events.get_nowait())
        except queue.Empty:
            return found


@pytest.mark.parametrize("spawn_of", [deaf_kafka, deaf_postgres])
def test_a_service_that_takes_long_to_start_holds_up_nothing(
    spawn_of: Callable[[Path], Callable[[], subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    service = Service("slow", ended(tmp_path), spawn_of(tmp_path), signal.SIGKILL)
    supervisor = Supervisor(tmp_path, {}, [service])
    deadline, longest_s = time.monotonic() + 10.0, 0.0
    try:
        while service.process.poll() is not None and time.monotonic() < deadline:
            begun = time.monotonic()
            supervisor.look()
            longest_s = max(longest_s, time.monotonic() - begun)
            time.sleep(0.02)
        assert service.process.poll() is None, "it runs again"
        supervisor.look()
        assert longest_s < 1.0
        assert [(e.child, e.what, e.fields["exit"]) for e in events(supervisor)] == [("slow", "restarted", 3)]
    finally:
        child.stop(service.process, signal.SIGKILL)


def test_a_service_that_cannot_be_started_is_tried_again_and_never_raises(tmp_path: Path) -> None:
    tries = []

    def spawn() -> subprocess.Popen[bytes]:
        tries.append(time.monotonic())
        raise FileNotFoundError(2, "no such program")

    supervisor = Supervisor(tmp_path, {}, [Service("gone", ended(tmp_path), spawn, signal.SIGKILL)])
    deadline = time.monotonic() + 10.0
    while len(tries) < 2 and time.monotonic() < deadline:
        supervisor.look()
        time.sleep(0.02)
    assert tries[1] - tries[0] >= BACKOFF_S[1]


def test_what_ends_soon_after_its_start_waits_longer_each_time() -> None:
    again, now_s, waits = Again(started_s=0.0), CALM_S + 1.0, []
    for _ in range(6):
        assert again.ended(now_s)
        assert not again.ended(now_s), "it is told once"
        waits.append(again.due_s - now_s)
        assert not again.is_due(now_s)
        now_s = again.due_s
        assert again.is_due(now_s)
        again.started(now_s)
        now_s += 1.0
    assert waits == pytest.approx([*BACKOFF_S, BACKOFF_S[-1]])
    assert again.ended(now_s + CALM_S + 1.0)
    assert again.failures == 0


def test_a_child_shares_a_socket_with_the_supervisor_over_its_own_death(tmp_path: Path) -> None:
    with ports.listen("127.0.0.1", 0) as held:
        number = str(held.fileno())
        code = f"import socket; print(socket.socket(fileno={number}).getsockname()[1], flush=True)"
        for _ in range(2):
            process = child.spawn([sys.executable, "-c", code], tmp_path / "log", pipe=True, passed=[held.fileno()])
            assert process.stdout is not None
            assert int(process.communicate()[0]) == held.getsockname()[1]


def test_who_stops_a_start_is_told_of_no_process_that_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings.from_environment({"HOME": str(tmp_path)})
    asked = _Run(argparse.Namespace(json=True), settings, Plan(), tmp_path, "token")
    supervisor = Supervisor(tmp_path, {}, [], [Child("stream-1", [])])
    assert not _await_ready(asked, supervisor, None, [signal.SIGINT])  # type: ignore[arg-type]
    assert capsys.readouterr().err == ""
    supervisor.children[0].again.failures = 9
    assert not _await_ready(asked, supervisor, None, [])  # type: ignore[arg-type]
    assert "stream-1 did not start" in capsys.readouterr().err
