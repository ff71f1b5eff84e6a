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
from infra.services import Service

log = structlog.get_logger()

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
CALM_S = 30.0
"""A process that lived this long starts again at once."""


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
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    failures: int = 0
    due_s: float = 0.0
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

    def start(self, name: str, arguments: Sequence[str], once: bool = False) -> Child:
        """Start `vigil ARGUMENTS` under this name."""
        # what a child writes to stderr is its log file: there a failure is told with where it comes from
        more = ["--debug"]
        more += ["--metrics-port", str(self.metrics_port + len(self.children))] if self.metrics_port else []
        made = Child(name, [sys.executable, "-m", "infra.cli", *_with(arguments, more)], once)
        self.children.append(made)
        self._spawn(made)
        return made

    def _spawn(self, one: Child) -> None:
        one.process = child.spawn(one.argv, self.logs / f"{one.name}.log", environment=self.environment, pipe=True)
        one.started_s, one.ready = time.monotonic(), False
        threading.Thread(target=self._hear, args=(one, one.process), daemon=True).start()

    def _hear(self, one: Child, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
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
        """Start again what has failed; call it a few times a second."""
        now = time.monotonic()
        for service in self.services:
            if service.process.poll() is not None:
                self.events.put(Event(service.name, "restarted", {"exit": service.process.returncode}))
                try:
                    service.process = service.restart()
                except Exception as error:
                    self.events.put(Event(service.name, "failed", {"reason": str(error)}))
                    time.sleep(0.5)
        for one in self.children:
            self._look_at(one, now)

    def _look_at(self, one: Child, now: float) -> None:
        if one.done or one.process is None or one.process.poll() is None:
            return
        code = one.process.returncode
        if one.once and code == 0:
            one.done = True
            self.events.put(Event(one.name, "ended", {"exit": 0}))
        elif not one.due_s:
            one.failures = 0 if now - one.started_s > CALM_S else one.failures + 1
            one.due_s = now + BACKOFF_S[min(one.failures, len(BACKOFF_S) - 1)]
            self.events.put(Event(one.name, "restarted", {"exit": code}))
        elif now >= one.due_s:
            one.due_s = 0.0
            self._spawn(one)

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
