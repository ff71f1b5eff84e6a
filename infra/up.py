"""`vigil up`: services, processes and beds on one machine, until Ctrl-C or until so many seconds were played."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from infra import services
from infra.cache import cache_dir
from infra.compiled import compiled_cache
from infra.lines import line
from infra.logs import open_logs
from infra.model import check_model
from infra.plan import BadRequest, Plan
from infra.ports import console_socket, listen, taken, url_of
from infra.processes import data_dir
from infra.requests import plan_of
from infra.settings import Settings
from infra.summary import Observer, came_through, caught_up, drained, summary
from infra.supervisor import Event, Supervisor
from infra.unended import OWN, are_ended, checkpoints, end_sessions
from ingest.frame import Session
from ingest.topics import TRIGGERS
from stream.checkpoint import Checkpoint

log = structlog.get_logger()

READY_S = 420.0
GIVE_UP = 4
"""A process that failed so often before all were ready will not come."""
DRAIN_S = 60.0
FIRST_S = 60.0
"""For the first strip to be analysed; what comes later is told as NO_DATA, lateness or a process that failed."""
PROCESSES = 6
"""Besides the stream workers."""
ENDED_S = 30.0
"""For the sessions of a killed run to be closed; a start does not wait for longer."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What one `vigil up` was asked for."""

    args: argparse.Namespace
    settings: Settings
    plan: Plan
    folder: Path
    token: str
    console: socket.socket | None = None
    """Held from the beginning on, and shared with the alert process: nobody else can take the port, whoever dies."""

    def say(self, text: str) -> None:
        """A line for a person; nothing with --json."""
        if text and not self.args.json:
            print(text, flush=True)


def run(args: argparse.Namespace) -> int:
    """Check everything, start everything, and play."""
    settings = Settings.from_environment()
    plan = plan_of(args)
    check_model(settings)
    check_metrics_ports(settings)
    console, said = console_socket(args.host, args.port)
    with console if console is not None else contextlib.nullcontext():
        asked = _Run(args, settings, plan, data_dir(args, settings).resolve(), secrets.token_hex(8), console)
        asked.say(said)
        return _serve(asked)


def _serve(asked: _Run) -> int:
    """Services, then everything else, until the end."""
    settings = asked.settings
    open_logs("error" if asked.args.json else settings.log_level if settings.log_level == "debug" else "error", "up")
    stopping = _on_signals()
    begun_s = time.monotonic()
    dead = services.dead_runs(asked.folder)
    opened = services.open_services(settings, asked.folder, asked.token, asked.say)
    try:
        return _run(asked, opened, stopping, begun_s, dead)
    finally:
        services.forget_run(asked.folder)
        opened.close()


def check_metrics_ports(settings: Settings) -> None:
    """Raises BadRequest where a process of `vigil up` would find its port for Prometheus taken."""
    first, count = settings.metrics_port, settings.workers + PROCESSES
    if first and (port := taken(first, count)):
        raise BadRequest(
            f"VIGIL_METRICS_PORT={first} needs the ports {first} to {first + count - 1}, and {port} cannot be had: "
            "name another first one"
        )


def _on_signals() -> list[int]:
    """The signals that came so far; a second Ctrl-C ends at once."""
    came: list[int] = []

    def note(number: int, _: object) -> None:
        if came:
            os._exit(130)
        came.append(number)

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    return came


def _run(
    asked: _Run, opened: services.Services, stopping: list[int], begun_s: float, dead: tuple[str, ...] = ()
) -> int:
    folder, kafka = asked.folder, opened.addresses.kafka
    console = url_of(asked.console) if asked.console is not None else ""
    services.write_run(folder, opened.addresses, console, asked.plan.names(), dead)
    supervisor = Supervisor(
        folder / "logs", dict(os.environ), opened.children, metrics_port=asked.settings.metrics_port
    )
    held = checkpoints(kafka)
    observer = _observer(opened.addresses, held)
    ear = listen("127.0.0.1", 0)
    try:
        _start_workers(asked, supervisor, url_of(ear))
        left = end_sessions(kafka, held, source_of(asked), dead)
        if not _await_ready(asked, supervisor, observer, stopping):
            return 130 if stopping else 1
        if left:
            asked.say(f"{len(left)} beds of a Vigil that was killed are closed")
            _await_ended(asked, supervisor, observer, left)
            # what the killed run had sent is analysed: this run counts from here
            observer.close()
            observer = _observer(opened.addresses, checkpoints(kafka))
        if dead:
            services.write_run(folder, opened.addresses, console, asked.plan.names())
        words = ["watch", "--listening", str(ear.fileno()), "--data-dir", str(folder)]
        supervisor.start("watch", words, passed=[ear.fileno()])
        _start_feed(asked, supervisor)
        asked.say(f"playing {_what(asked.plan)}; Ctrl-C ends")
        return _follow(asked, supervisor, observer, stopping, begun_s)
    finally:
        observer.close()
        supervisor.stop()
        ear.close()


def _observer(addresses: services.Addresses, held: Iterable[Checkpoint]) -> Observer:
    """Counts from here: what beds had counted stands in their checkpoints."""
    return Observer(addresses, time.time_ns(), {str(c.session.bed): c.past.plus(c.counts) for c in held})


def _await_ended(asked: _Run, supervisor: Supervisor, observer: Observer, left: list[Session]) -> None:
    """Until the workers have read the ends of these sessions, and the alert process what came of them."""
    kafka, deadline = observer.addresses.kafka, time.monotonic() + ENDED_S
    while time.monotonic() < deadline:
        if are_ended(left, checkpoints(kafka)) and caught_up(observer.addresses, "vigil-alerts", (TRIGGERS,)):
            return
        _hear(asked, supervisor, observer)
    log.warning("sessions of a killed run are still open", beds=[str(s.bed) for s in left])


def source_of(asked: _Run) -> str:
    """The name of the feed's gateway: as asked, else one of this run's own."""
    return asked.args.source or f"{OWN}{asked.token[:8]}"


def _what(plan: Plan) -> str:
    return f"{len(plan.records)} recordings" if plan.records else f"{plan.beds} simulated beds"


def _start_workers(asked: _Run, supervisor: Supervisor, watch_url: str) -> None:
    where = ["--data-dir", str(asked.folder)]
    for number in range(asked.settings.workers):
        supervisor.start(f"stream-{number + 1}", ["stream", "--name", f"stream-{number + 1}", *where])
    supervisor.start("hrv", ["hrv", *where])
    supervisor.start("store", ["store", "write", *where])
    supervisor.start("engine", ["engine", "serve", *where])
    passed = [asked.console.fileno()] if asked.console is not None else []
    console = ["--listening", str(passed[0])] if passed else ["--port", "0"]
    supervisor.start("alerts", ["alerts", "serve", *console, "--watch", watch_url, *where], passed=passed)


def _start_feed(asked: _Run, supervisor: Supervisor) -> None:
    args = asked.args
    words = asked.plan.arguments()
    options = ["--data-dir", str(asked.folder), "--run", asked.token, "--speed", str(args.speed)]
    options += ["--frame-ms", str(args.frame_ms), "--source", source_of(asked), "--json", "--keep-names"]
    options += ["--seconds", str(args.seconds)] if args.seconds is not None else []
    options += ["--once"] if args.once else []
    options += ["--disturb", args.disturb] if args.disturb else []
    supervisor.start("feed", ["feed", words[0], *options, *words[1:]], once=True)


def _await_ready(asked: _Run, supervisor: Supervisor, observer: Observer, stopping: list[int]) -> bool:
    """Whether every process says that it is ready; the first start compiles the signal code."""
    deadline = time.monotonic() + READY_S
    compiled = compiled_cache(cache_dir(asked.settings.cache))
    if not any(compiled.rglob("*.nbi")):
        asked.say("compiling the signal path, once (one to two minutes)")
    while not all(c.ready for c in supervisor.children):
        hopeless = any(c.again.failures >= GIVE_UP for c in supervisor.children)
        if stopping:
            return False
        if hopeless or time.monotonic() > deadline:
            late = [c.name for c in supervisor.children if not c.ready]
            sys.stderr.write(f"vigil: {', '.join(late)} did not start: {asked.folder / 'logs'} says why\n")
            return False
        _hear(asked, supervisor, observer)
    return True


def _hear(asked: _Run, supervisor: Supervisor, observer: Observer) -> None:
    """Look after the children and take one event, or wait a little."""
    supervisor.look()
    try:
        event: Event = supervisor.events.get(timeout=0.1)
    except queue.Empty:
        return
    observer.hear(event)
    text = line(event, sys.stdout.isatty())
    if text:
        asked.say(text)


def _follow(asked: _Run, supervisor: Supervisor, observer: Observer, stopping: list[int], begun_s: float) -> int:
    """Until stopped, or until the feed has played what was asked for and all of it has come through."""
    look_until = 0.0 if asked.args.json else time.monotonic() + FIRST_S
    while not stopping and not observer.played:
        _hear(asked, supervisor, observer)
        if time.monotonic() < look_until and came_through(observer, asked.plan.names()):
            look_until = 0.0
            asked.say(f"the first strip is analysed {time.monotonic() - begun_s:.1f} s after the start")
    supervisor.stop(["feed", "watch"])
    deadline = time.monotonic() + DRAIN_S
    done = False
    while not done and (time.monotonic() < deadline if observer.played else False) and len(stopping) < 1:
        for _ in range(3):
            _hear(asked, supervisor, observer)
        done = drained(observer)
    if asked.args.seconds is None and not asked.args.json:
        return 0
    told: dict[str, Any] = summary(observer, asked.args.seconds)
    if asked.args.json:
        print(json.dumps(told), flush=True)
    else:
        asked.say(_closing(told))
    unread = unanalysed(told)
    if unread:
        sys.stderr.write(
            f"vigil: {unread} frames were sent and never analysed, beds went unwatched: {asked.folder / 'logs'} may say why\n"
        )
        return 1
    if observer.played and not done:
        sys.stderr.write(
            f"vigil: the pipeline did not drain within {DRAIN_S:.0f} s: the summary may miss its last moments\n"
        )
        return 1
    return 0


def unanalysed(told: dict[str, Any]) -> int:
    """Frames that were sent and neither analysed, nor late, nor refused for a reason that a notice gives."""
    frames = told["frames"]
    return max(0, int(frames["sent"]) - int(frames["processed"]) - int(frames["late"]) - int(frames["rejected"]))


def _closing(told: dict[str, Any]) -> str:
    frames, delay = told["frames"], told["latency_ms"]
    p99 = delay["alert_p99"]
    within = f", 99 % announced within {p99} ms of the sample that decided them" if p99 is not None else ""
    missed = "".join(f", {frames[what]} {what}" for what in ("late", "rejected") if frames[what])
    return (
        f"{frames['sent']} frames sent, {frames['processed']} analysed{missed}, {told['lost']} lost, "
        f"{told['duplicates']} doubled; "
        f"{len(told['alerts'])} alerts{within}"
    )
