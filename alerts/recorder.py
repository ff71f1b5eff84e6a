"""Writes what the alert service decided, from a thread of its own: announcing never waits for the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import structlog

from alerts.delivery import Attempt, Message
from alerts.lifecycle import ARTEFACT, Alert, AlertEvent
from ingest.bed import BedContext
from storage import alertbook
from storage.database import Away, Database, NotTaken

log = structlog.get_logger()

T = TypeVar("T")

HELD_NS = 6 * 3600 * 10**9
"""Alerts that changed within this time are known from the start, closed or not: Kafka may tell them again."""
SLOW_S = 3.0
"""A write that takes longer is told as a database that is away."""
PAUSE_S = 0.5


@dataclass(slots=True)
class Changes:
    """What one transaction writes, and up to where it covers what was read."""

    alerts: dict[str, Alert] = field(default_factory=dict)
    events: list[AlertEvent] = field(default_factory=list)
    queued: list[tuple[str, int, Message]] = field(default_factory=list)
    """Channel, when, and what is to be delivered."""
    attempts: list[Attempt] = field(default_factory=list)
    offsets: dict[Any, int] = field(default_factory=dict)
    """Behind the last message that was taken, by partition."""

    def __bool__(self) -> bool:
        return bool(self.alerts or self.events or self.queued or self.attempts or self.offsets)

    def add(self, later: Changes) -> None:
        """Take what came later."""
        self.alerts |= later.alerts
        self.events += later.events
        self.queued += later.queued
        self.attempts += later.attempts
        self.offsets |= later.offsets

    def singles(self) -> Iterator[Changes]:
        """Everything apart, without the offsets, in an order in which it can be written."""
        yield from (Changes(alerts={name: alert}) for name, alert in self.alerts.items())
        yield from (Changes(events=[event]) for event in self.events)
        yield from (Changes(queued=[queued]) for queued in self.queued)
        yield from (Changes(attempts=[attempt]) for attempt in self.attempts)


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that an earlier process did not deliver."""

    channel: str
    queued_ns: int
    attempts: int
    message: Message


@dataclass(frozen=True, slots=True)
class Held:
    """What the database knew when this process began."""

    alerts: tuple[Alert, ...]
    pending: tuple[Pending, ...]
    contexts: tuple[BedContext, ...]


class Recorder:
    """One thread and one database; what waits is merged, so that a long absence costs no more than what changed."""

    def __init__(self, database: Database, refused: Callable[[str], None]) -> None:
        """refused: told, with one sentence, what the database does not take."""
        self._database = database
        self._refused = refused
        self._waiting = Changes()
        self._covered: dict[Any, int] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._failure = ""
        self._since_s: float | None = None
        self._held: Held | None = None
        self.loaded = threading.Event()
        """Set when `held` is there."""
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin by reading what the database knows."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether its thread still works; one that has failed cannot be mended from inside."""
        return self._thread.is_alive()

    def take_held(self) -> Held | None:
        """What the database knew, once; None before that and after."""
        with self._changed:
            held, self._held = self._held, None
        return held

    def put(self, changes: Changes) -> None:
        """Have changes written; never waits."""
        with self._changed:
            self._waiting.add(changes)
            self._changed.notify_all()

    def take_covered(self) -> dict[Any, int]:
        """Offsets whose messages are written throughout, since this was asked last."""
        with self._changed:
            covered, self._covered = self._covered, {}
        return covered

    def trouble(self) -> str:
        """Why nothing is written at this moment; empty while all is well."""
        if self._failure:
            return self._failure
        since_s = self._since_s
        slow = since_s is not None and time.monotonic() - since_s > SLOW_S
        return "the database does not answer" if slow else ""

    def close(self, wait_s: float) -> bool:
        """Write what waits, for at most `wait_s`; whether all of it is written. Kafka tells the rest again."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    # the thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        held = self._insist(lambda: self._database.run(_read))
        if held is None:
            return
        with self._changed:
            self._held = held
        self.loaded.set()
        while (changes := self._next()) is not None:
            if self._insist(lambda c=changes: self._write(c)) is None:  # type: ignore[misc]
                return
            with self._changed:
                self._covered |= changes.offsets

    def _next(self) -> Changes | None:
        with self._changed:
            while not self._waiting:
                if self._closing:
                    return None
                self._changed.wait()
            changes, self._waiting = self._waiting, Changes()
        return changes

    def _insist(self, work: Callable[[], Any]) -> Any:
        """Do it again until the database is there; None where the process ends meanwhile."""
        while True:
            self._since_s = time.monotonic()
            try:
                done = work()
            except Away as error:
                if not self._failure:
                    log.warning("the database is away, alerts go out unrecorded", reason=str(error))
                self._failure = str(error)
            else:
                if self._failure:
                    log.info("the database answers again")
                self._since_s, self._failure = None, ""
                return done
            with self._changed:
                if self._closing:
                    return None
                self._changed.wait(PAUSE_S)

    def _write(self, changes: Changes) -> bool:
        try:
            self._database.run(lambda c: _put(c, changes))
        except NotTaken as error:
            log.error("the database refuses a record", reason=str(error))
            self._write_apart(changes)
        return True

    def _write_apart(self, changes: Changes) -> None:
        """Something is refused: everything else is written all the same."""
        for part in changes.singles():
            try:
                self._database.run(lambda c, p=part: _put(c, p))  # type: ignore[misc]
            except NotTaken as error:
                self._refused(f"the database refuses {part}"[:300] + f": {error}"[:200])


def _read(connection: Any) -> Held:
    alerts = alertbook.held_alerts(connection, time.time_ns() - HELD_NS)
    pending = [
        Pending(channel, queued_ns, attempts, Message(key, msgspec.json.decode(body), after))
        for key, channel, queued_ns, after, body, attempts in alertbook.waiting_messages(connection)
    ]
    contexts = alertbook.bed_contexts(connection)
    return Held(_readable(alerts, Alert), tuple(pending), _readable(contexts, BedContext))


def _readable(rows: list[str], kind: type[T]) -> tuple[T, ...]:
    """The values in these rows; one that cannot be read must not keep the others away."""
    found = []
    for row in rows:
        try:
            found.append(msgspec.json.decode(row, type=kind))
        except msgspec.MsgspecError as error:
            log.error("a record of the database cannot be read", reason=str(error), record=row[:200])
    return tuple(found)


def _put(connection: Any, changes: Changes) -> None:
    """Alerts, their journal and reviews, what is to be delivered and what was tried: together or not at all."""
    now_ns = time.time_ns()
    for alert in changes.alerts.values():
        alertbook.put_alert(connection, _row(alert, now_ns))
    if changes.events:
        events = [(e.key, e.alert, e.at_ns, msgspec.json.encode(e).decode()) for e in changes.events]
        alertbook.append_events(connection, events)
    for e in changes.events:
        if e.what == ARTEFACT:
            alertbook.add_review(connection, e.alert, e.at_ns, e.actor, e.what, e.reason)
    for channel, queued_ns, m in changes.queued:
        body = msgspec.json.encode(m.body).decode()
        row = {"key": m.key, "channel": channel, "queued_ns": queued_ns, "after": m.after, "body": body}
        alertbook.add_message(connection, row)
    for a in changes.attempts:
        attempt = {"key": a.key, "channel": a.channel, "attempt": a.attempt, "at_ns": a.at_ns, "ok": a.ok}
        alertbook.add_delivery(connection, attempt | {"outcome": a.outcome})
        if a.last:
            alertbook.close_message(connection, a.key, a.channel)


def _row(alert: Alert, now_ns: int) -> dict[str, Any]:
    return {
        "id": alert.id,
        "bed": alert.bed or "",
        "code": alert.code,
        "priority": alert.priority.value,
        "kind": alert.kind.value,
        "state": alert.state.value,
        "open": alert.open,
        "version": alert.version,
        "raised_ns": alert.raised_ns,
        "updated_ns": now_ns,
        "payload": msgspec.json.encode(alert).decode(),
    }
