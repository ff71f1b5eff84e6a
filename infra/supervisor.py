"""Starts processes, hears their events, starts them again when they fail, stops them in reverse order."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from infra import child
from infra.again import Again
from infra.services import Service

log = structlog.get_logger()

SHORTEN_S = 10.0
"""Seconds between two looks at how long the logs are."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a child said, or what happened to it."""

    child: str
    what: str
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Child:
    """One process of Vigil."""

    name: str
    argv: Sequence[str]
    once: bool = False
    """Ends by itself with exit 0, and is then done."""
    passed: Sequence[int] = ()
    """Descriptors that it shares with this process."""
    process: subprocess.Popen[bytes] | None = None
    again: Again = field(default_factory=Again)
    done: bool = False
    ready: bool = False


def _with(arguments: Sequence[str], more: Sequence[str]) -> list[str]:
    """More options, before what follows a `--`."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return [*arguments[:at], *more, *arguments[at:]]


@dataclass(slots=True)
class Supervisor:
    """Children and services of one Vigil."""

    logs: Path
    environment: Mapping[str, str]
    services: list[Service]
    children: list[Child] = field(default_factory=list)
    events: queue.Queue[Event] = field(default_factory=queue.Queue)
    metrics_port: int = 0
    """Of the first process; the others follow. 0: none."""
    shorten_s: float = 0.0
    """When logs are looked at the next time."""

    def start(self, name: str, arguments: Sequence[str], once: bool = False, passed: Sequence[int] = ()) -> Child:
        """Start `vigil ARGUMENTS` under this name, with descriptors of ours that it is to share."""
        # what a child writes to stderr is its log file: there a failure is told with where it comes from
        more = ["--debug"]
        more += ["--metrics-port", str(self.metrics_port + len(self.children))] if self.metrics_port else []
        made = Child(name, [sys.executable, "-m", "infra.cli", *_with(arguments, more)], once, passed)
        self.children.append(made)
        self._spawn(made)
        return made

    def _spawn(self, one: Child) -> None:
        log_file = self.logs / f"{one.name}.log"
        one.process = child.spawn(one.argv, log_file, environment=self.environment, pipe=True, passed=one.passed)
        one.again.started(time.monotonic())
        one.ready = False
        threading.Thread(target=self._hear, args=(one, one.process), daemon=True).start()

    def _hear(self, one: Child, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                try:
                    fields = json.loads(line)
                    what = str(fields.pop("event"))
                except (ValueError, KeyError, AttributeError):
                    log.warning("a child wrote no event", child=one.name, line=line[:200].decode(errors="replace"))
                    continue
                if what == "ready":
                    one.ready = True
                self.events.put(Event(one.name, what, fields))

    def look(self) -> None:
        """Start again what has failed; call it a few times a second, from the main thread. It never waits.

        Who looks prints the alarms too: a database that takes a minute to recover must not hold up one of them.
        """
        now = time.monotonic()
        if now >= self.shorten_s:
            self.shorten_s = now + SHORTEN_S
            child.shorten(self.logs)
        for service in self.services:
            self._look_at_service(service, now)
        for one in self.children:
            self._look_at(one, now)

    def _look_at_service(self, service: Service, now: float) -> None:
        if service.process.poll() is None:
            return
        if service.again.ended(now):
            self.events.put(Event(service.name, "restarted", {"exit": service.process.returncode}))
        elif service.again.is_due(now):
            service.again.started(now)
            try:
                service.process = service.spawn()
            except (OSError, subprocess.SubprocessError) as error:
                log.error("a service cannot be started", service=service.name, reason=str(error))

    def _look_at(self, one: Child, now: float) -> None:
        if one.done or one.process is None or one.process.poll() is None:
            return
        code = one.process.returncode
        if one.once and code == 0:
            one.done = True
            self.events.put(Event(one.name, "ended", {"exit": 0}))
        elif one.again.ended(now):
            self.events.put(Event(one.name, "restarted", {"exit": code}))
        elif one.again.is_due(now):
            one.again.started(now)
            try:
                self._spawn(one)
            except (OSError, subprocess.SubprocessError) as error:
                log.error("a process cannot be started", child=one.name, reason=str(error))

    def stop(self, names: Sequence[str] | None = None) -> None:
        """Stop children, the last started first; all of them asked before any is waited for."""
        chosen = [c for c in reversed(self.children) if names is None or c.name in names]
        for one in chosen:
            one.done = True
            if one.process is not None and one.process.poll() is None:
                one.process.terminate()
        for one in chosen:
            if one.process is not None:
                child.stop(one.process)
