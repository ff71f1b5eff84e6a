"""The supervisor never waits: whoever restarts, the lines of alarms go on."""

import argparse
import os
import queue
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from infra import child, local_kafka, local_postgres, ports, services
from infra.again import BACKOFF_S, CALM_S, Again
from infra.aside import Aside
from infra.cache import Missing
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


def test_a_process_that_cannot_be_started_is_tried_again_and_ends_nothing(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    supervisor = Supervisor(logs, {}, [])
    one = supervisor.start("gone", ["no-such-command"])
    assert one.process is not None
    one.process.wait()
    shutil.rmtree(logs)
    logs.write_text("a file in the way of the log")
    deadline, first = time.monotonic() + 10.0, one.process
    while one.again.failures < 3 and time.monotonic() < deadline:
        supervisor.look()
        time.sleep(0.02)
    assert one.again.failures >= 3
    assert one.process is first
    logs.unlink()
    while one.process is first and time.monotonic() < deadline:
        supervisor.look()
        time.sleep(0.02)
    assert one.process is not first, "it is started again when it can be"
    supervisor.stop()


def test_logs_are_begun_anew_while_they_are_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LOG_BYTES", 100)
    log = tmp_path / "logs" / "one.log"
    process = child.spawn([sys.executable, "-c", "import time; time.sleep(1.0); print('later')"], log)
    log.write_bytes(b"x" * 101)
    child.shorten(log.parent)
    assert log.stat().st_size == 0
    process.wait()
    assert log.read_text() == "later\n"
    assert log.with_suffix(".log.1").stat().st_size == 101


def test_what_a_child_writes_is_nobody_elses(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    written = tmp_path / "signals"
    process = child.spawn([sys.executable, "-c", f"open({str(written)!r}, 'w')"], tmp_path / "logs" / "one.log")
    assert process.wait() == 0
    assert written.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "logs" / "one.log").stat().st_mode & 0o777 == 0o600


def test_a_question_that_takes_long_or_fails_holds_up_nobody() -> None:
    asked = []

    def question() -> str:
        asked.append(time.monotonic())
        time.sleep(0.3)
        if len(asked) < 3:
            raise ConnectionError("the broker is away")
        return "there"

    aside, answer, longest_s = Aside(question), None, 0.0
    deadline = time.monotonic() + 20.0
    while answer is None and time.monotonic() < deadline:
        begun = time.monotonic()
        answer = aside.look()
        longest_s = max(longest_s, time.monotonic() - begun)
        if len(asked) == 2 and aside.reason:
            assert aside.reason == "the broker is away"
        time.sleep(0.02)
    assert (answer, len(asked), aside.reason) == ("there", 3, "")
    assert longest_s < 0.2


def test_a_data_folder_is_used_by_one_at_a_time(tmp_path: Path) -> None:
    first = services._held(tmp_path)
    with pytest.raises(Missing, match="another Vigil starts, or runs"):
        services._held(tmp_path)
    first.close()
    services._held(tmp_path).close()


def test_a_link_in_the_place_of_the_socket_is_refused_and_what_it_leads_to_stays_as_it_was(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o755)
    place = local_postgres._socket_place(tmp_path)
    place.symlink_to(victim)
    try:
        with pytest.raises(Missing, match="belongs to somebody else"):
            local_postgres._socket_folder(tmp_path, (12345, 12345))
        assert victim.stat().st_mode & 0o777 == 0o755
        assert victim.stat().st_uid == os.geteuid()
    finally:
        place.unlink()


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
    asked.stopping.append(signal.SIGINT)
    assert not _await_ready(asked, supervisor, None)  # type: ignore[arg-type]
    assert capsys.readouterr().err == ""
    asked.stopping.clear()
    supervisor.children[0].again.failures = 9
    assert not _await_ready(asked, supervisor, None)  # type: ignore[arg-type]
    assert "stream-1 did not start" in capsys.readouterr().err
