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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import structlog

from infra import services
from infra.aside import Aside
from infra.cache import cache_dir
from infra.compiled import COMPILING, compiled_cache, forget_unused, is_compiled
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

T = TypeVar("T")
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
ANSWER_S = 120.0
"""For Kafka and the database to answer, where one of them was killed and comes back meanwhile."""


class _Unanswered(RuntimeError):
    """A question without which it does not go on had no answer; one sentence."""


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
    stopping: list[int] = field(default_factory=list)
    """The signals that came so far."""

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
    begun_s = time.monotonic()
    dead = services.dead_runs(asked.folder)
    opened = None
    try:
        with _interrupted(asked):
            opened = services.open_services(settings, asked.folder, asked.token, asked.say)
        return _run(asked, opened, begun_s, dead)
    except KeyboardInterrupt:
        return 130
    except _Unanswered as error:
        sys.stderr.write(f"vigil: {error}\n")
        return 1
    finally:
        if opened is not None:
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


@contextlib.contextmanager
def _interrupted(asked: _Run) -> Iterator[None]:
    """Hear signals from here on: within, the first one breaks off what runs; behind, it is noted. The second ends at once."""
    within = [True]

    def note(number: int, _: object) -> None:
        if asked.stopping:
            os._exit(130)
        asked.stopping.append(number)
        if not asked.args.json:
            os.write(1, b"stopping; once more ends at once\n")
        if within:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        # not where somebody wants it to outlive the terminal, as nohup does
        signal.signal(signal.SIGHUP, note)
    try:
        yield
    finally:
        within.clear()


def _run(asked: _Run, opened: services.Services, begun_s: float, dead: tuple[str, ...]) -> int:
    folder, kafka = asked.folder, opened.addresses.kafka
    console = url_of(asked.console) if asked.console is not None else ""
    services.write_run(folder, opened.addresses, console, asked.plan.names(), dead)
    supervisor = Supervisor(
        folder / "logs", dict(os.environ), opened.children, metrics_port=asked.settings.metrics_port
    )
    held, observer = _needed(asked, supervisor, None, lambda: _counted(opened.addresses))
    ear = listen("127.0.0.1", 0)
    try:
        _start_workers(asked, supervisor, url_of(ear))
        left = _needed(asked, supervisor, observer, lambda: end_sessions(kafka, held, source_of(asked), dead))
        if not _await_ready(asked, supervisor, observer):
            return 130 if asked.stopping else 1
        if left:
            asked.say(f"{len(left)} beds of a Vigil that was killed are closed")
            _await_ended(asked, supervisor, observer, left)
            # what the killed run had sent is analysed: this run counts from here
            observer.close()
            _, observer = _needed(asked, supervisor, observer, lambda: _counted(opened.addresses))
        if dead:
            services.write_run(folder, opened.addresses, console, asked.plan.names())
        words = ["watch", "--listening", str(ear.fileno()), "--data-dir", str(folder)]
        supervisor.start("watch", words, passed=[ear.fileno()])
        _start_feed(asked, supervisor)
        asked.say(f"playing {_what(asked.plan)}; Ctrl-C ends")
        return _follow(asked, supervisor, observer, begun_s)
    finally:
        observer.close()
        supervisor.stop()
        ear.close()


def _counted(addresses: services.Addresses) -> tuple[list[Checkpoint], Observer]:
    """The checkpoints of all beds, and an observer that counts from here: what beds had counted stands in them."""
    held = checkpoints(addresses.kafka)
    before = {str(c.session.bed): c.past.plus(c.counts) for c in held}
    return held, Observer(addresses, time.time_ns(), before)


def _asked(
    asked: _Run, supervisor: Supervisor, observer: Observer | None, question: Aside[T], limit_s: float
) -> T | None:
    """The answer to a question, while children are looked after and alarms are told; None where it has none in time."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        answer = question.look()
        if answer is not None:
            return answer
        _hear(asked, supervisor, observer)
    return None


def _needed(asked: _Run, supervisor: Supervisor, observer: Observer | None, question: Callable[[], T]) -> T:
    """The answer to a question without which it does not go on; raises _Unanswered, or KeyboardInterrupt where asked to stop."""
    aside, deadline = Aside(question), time.monotonic() + ANSWER_S
    while time.monotonic() < deadline and not asked.stopping:
        answer = _asked(asked, supervisor, observer, aside, 1.0)
        if answer is not None:
            return answer
    if asked.stopping:
        raise KeyboardInterrupt
    why = f": {aside.reason}" if aside.reason else ""
    raise _Unanswered(
        f"Kafka or the database has not answered for {ANSWER_S:.0f} s{why}; {asked.folder / 'logs'} may say why"
    )


def _await_ended(asked: _Run, supervisor: Supervisor, observer: Observer, left: list[Session]) -> None:
    """Until the workers have read the ends of these sessions, and the alert process what came of them."""
    kafka, deadline = observer.addresses.kafka, time.monotonic() + ENDED_S

    def ended() -> bool:
        return are_ended(left, checkpoints(kafka)) and caught_up(observer.addresses, "vigil-alerts", (TRIGGERS,))

    question = Aside(ended)
    while time.monotonic() < deadline and not asked.stopping:
        if _asked(asked, supervisor, observer, question, 1.0):
            return
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


def _await_ready(asked: _Run, supervisor: Supervisor, observer: Observer) -> bool:
    """Whether every process says that it is ready; the first start compiles the signal code."""
    deadline = time.monotonic() + READY_S
    compiled = compiled_cache(cache_dir(asked.settings.cache))
    forget_unused(compiled)
    if not is_compiled(compiled):
        asked.say(COMPILING)
    while not all(c.ready for c in supervisor.children):
        hopeless = any(c.again.failures >= GIVE_UP for c in supervisor.children)
        if asked.stopping:
            return False
        if hopeless or time.monotonic() > deadline:
            late = [c.name for c in supervisor.children if not c.ready]
            sys.stderr.write(f"vigil: {', '.join(late)} did not start: {asked.folder / 'logs'} says why\n")
            return False
        _hear(asked, supervisor, observer)
    return True


def _hear(asked: _Run, supervisor: Supervisor, observer: Observer | None) -> None:
    """Look after the children and take one event, or wait a little."""
    supervisor.look()
    try:
        event: Event = supervisor.events.get(timeout=0.1)
    except queue.Empty:
        return
    if observer is not None:
        observer.hear(event)
    text = line(event, sys.stdout.isatty())
    if text:
        asked.say(text)


def _follow(asked: _Run, supervisor: Supervisor, observer: Observer, begun_s: float) -> int:
    """Until stopped, or until the feed has played what was asked for and all of it has come through."""
    first = Aside(lambda: came_through(observer, asked.plan.names()))
    look_until = 0.0 if asked.args.json else time.monotonic() + FIRST_S
    while not asked.stopping and not observer.played:
        _hear(asked, supervisor, observer)
        if time.monotonic() < look_until and first.look():
            look_until = 0.0
            asked.say(f"the first strip is analysed {time.monotonic() - begun_s:.1f} s after the start")
    supervisor.stop(["feed", "watch"])
    done = _drain(asked, supervisor, observer)
    if asked.args.seconds is None and not asked.args.json:
        return 0
    told = _asked(asked, supervisor, observer, Aside(lambda: summary(observer, asked.args.seconds)), ANSWER_S)
    if told is None:
        sys.stderr.write(
            f"vigil: what the run did cannot be told, Kafka or the database does not answer: {asked.folder / 'logs'} may say why\n"
        )
        return 1
    return _tell(asked, told, observer.played and not done)


def _drain(asked: _Run, supervisor: Supervisor, observer: Observer) -> bool:
    """Whether all that was played came through in time; nothing is waited for where the run was broken off."""
    deadline, question = time.monotonic() + DRAIN_S, Aside(lambda: drained(observer))
    while observer.played and not asked.stopping and time.monotonic() < deadline:
        if _asked(asked, supervisor, observer, question, 1.0):
            return True
    return False


def _tell(asked: _Run, told: dict[str, Any], cut_off: bool) -> int:
    """Print the summary, and what is wrong with it; the exit code."""
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
    if cut_off:
        sys.stderr.write(
            f"vigil: the pipeline did not drain within {DRAIN_S:.0f} s: the summary may miss its last moments\n"
        )
        return 1
    return 0


def unanalysed(told: dict[str, Any]) -> int:
    """Frames that were sent and neither analysed, nor late, nor refused for a reason that a notice gives; 0 where unknown."""
    frames = told["frames"]
    return max(0, int(frames["sent"] or 0) - int(frames["processed"]) - int(frames["late"]) - int(frames["rejected"]))


def _closing(told: dict[str, Any]) -> str:
    frames, delay = told["frames"], told["latency_ms"]
    p99 = delay["alert_p99"]
    within = f", 99 % announced within {p99} ms of the sample that decided them" if p99 is not None else ""
    missed = "".join(f", {frames[what]} {what}" for what in ("late", "rejected") if frames[what])
    sent = "more than Kafka keeps" if frames["sent"] is None else frames["sent"]
    return (
        f"{sent} frames sent, {frames['processed']} analysed{missed}, {told['lost']} lost, "
        f"{told['duplicates']} doubled; "
        f"{len(told['alerts'])} alerts{within}"
    )
