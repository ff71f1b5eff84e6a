"""The alert service: announce first, then record. Reads Kafka; the database may be away.

The trigger's offset is committed only when the database has its alert, so that a crash repeats rather than forgets; a
repeated announcement carries the same key.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import structlog

from alerts import lifecycle
from alerts.delivery import Attempt, Channel, Message, smtp, webhook
from alerts.escalation import steps_due
from alerts.lifecycle import Alert, AlertEvent
from engine.interpretation import Interpretation
from ingest.bed import BedContext, BedState, DeadLetter, Level, Notice, to_json
from ingest.frame import Nanoseconds
from ingest.kafka import KafkaAddress, Member, open_producer
from ingest.topics import BEDS, DEADLETTERS, INTERPRETATIONS, NOTICES, TRIGGERS
from storage import alertbook
from storage.database import Away, Database
from stream.catalogue import Priority
from stream.trigger import Phase, Trigger

log = structlog.get_logger()

GROUP = "vigil-alerts"


@dataclass(frozen=True, slots=True)
class AlertOptions:
    """Where alerts go besides the terminal."""

    webhook_url: str = ""
    webhook_secret: str = ""
    smtp: str = ""
    smtp_from: str = ""
    smtp_to: tuple[str, ...] = ()
    smtp_username: str = ""
    smtp_password: str = ""


class Service:
    """All open alerts of a Vigil, in memory and in the database."""

    def __init__(
        self, address: KafkaAddress, database: Database, options: AlertOptions, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._address = address
        self._database = database
        self._tell = tell
        self._alerts: dict[str, Alert] = {}
        self._by_notice: dict[tuple[str, str], str] = {}
        self._early: dict[str, Interpretation] = {}
        self._dirty: dict[str, Alert] = {}
        self._events: list[AlertEvent] = []
        self._attempts: queue.Queue[Attempt] = queue.Queue()
        self._channels = _channels(options, self._attempts.put)
        self._away_s = 0.0
        self._producer: Any = None
        self._lock = threading.Lock()
        self._announced = _announced()
        self._started_ms = time.time_ns() // 1_000_000
        self._repeated = False
        """The message at hand is older than this process: it may have been announced before."""

    # the loop ---------------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Announce and record until told to stop."""
        self._load(stop)
        topics = [TRIGGERS.name, INTERPRETATIONS.name, NOTICES.name, BEDS.name]
        consumer = Member(self._address, GROUP, topics, lambda: None, fetch_max_wait_ms=100)
        self._producer = open_producer(self._address, linger_ms=0)
        ready = False
        try:
            while not stop.is_set():
                polled = consumer.poll(timeout_ms=50)
                if not ready and consumer.assigned:
                    ready = True
                    self._tell({"event": "ready"})
                with self._lock:
                    for messages in polled.values():
                        for message in messages:
                            self._take(message)
                    self._clock()
                    recorded = self._record()
                if recorded and polled:
                    consumer.commit()
        finally:
            consumer.close()
            for channel in self._channels:
                channel.close()
            self._record()
            self._producer.close(timeout=2)

    def _load(self, stop: threading.Event) -> None:
        """Open alerts of before; waits for the database at the start, for without it a repeat cannot be told apart."""
        while not stop.is_set():
            try:
                rows = self._database.run(alertbook.open_alerts)
            except Away as error:
                log.warning("the database is away at the start", reason=str(error))
                stop.wait(0.5)
                continue
            for row in rows:
                alert = msgspec.json.decode(row, type=Alert)
                self._alerts[alert.id] = alert
                if alert.rate_hz == 0.0:
                    self._by_notice[alert.code, alert.bed or ""] = alert.id
            return

    def _take(self, message: Any) -> None:
        self._repeated = message.timestamp < self._started_ms
        try:
            _TAKERS[message.topic](self, message.value)
        except msgspec.MsgspecError as error:
            now = Nanoseconds(time.time_ns())
            letter = DeadLetter(
                message.topic,
                message.partition,
                message.offset,
                now,
                "alerts",
                str(error),
                (message.value or b"")[:4096],
            )
            self._producer.send(DEADLETTERS.name, to_json(letter), key=b"alerts", partition=0)

    # what comes -------------------------------------------------------------------------------------------------

    def _trigger(self, value: bytes) -> None:
        trigger = msgspec.json.decode(value, type=Trigger)
        now = Nanoseconds(time.time_ns())
        first = trigger.phase is Phase.ONSET and not self._repeated
        before = self._alerts.get(trigger.id) if first else self._known(trigger.id)
        alert, event = lifecycle.on_trigger(before, trigger, now)
        fresh = before is None or (event is not None and event.what == "released")
        if fresh and not alert.suppressed_by and trigger.phase is not Phase.OFFSET:
            alert = replace(alert, announced_ns=self._announce(alert, "onset"))
        elif trigger.phase is Phase.OFFSET and event is not None and not alert.suppressed_by:
            self._announce(alert, "offset")
        self._keep(alert, event)
        early = self._early.pop(trigger.id, None)
        if early is not None:
            self._join(alert, early)

    def _known(self, name: str) -> Alert | None:
        """The alert of that id, in memory or, closed, in the database."""
        if name in self._alerts or name in self._dirty:
            return self._alerts.get(name) or self._dirty[name]
        if self._away_s:
            return None
        try:
            row = self._database.run(lambda c: alertbook.alert(c, name))
        except Away:
            return None
        return None if row is None else msgspec.json.decode(row, type=Alert)

    def _interpretation(self, value: bytes) -> None:
        answer = msgspec.json.decode(value, type=Interpretation)
        alert = self._known(answer.trigger)
        if alert is None:
            self._early[answer.trigger] = answer
            return
        self._join(alert, answer)

    def _join(self, alert: Alert, answer: Interpretation) -> None:
        joined, event = lifecycle.join(alert, answer, Nanoseconds(time.time_ns()))
        self._keep(joined, event)
        if event is None or alert.suppressed_by:
            return
        self._tell(
            {
                "event": "interpretation",
                "id": alert.id,
                "bed": alert.bed,
                "state": answer.state.value,
                "reason": answer.reason,
                "text": answer.report,
                "answered_ns": answer.answered_ns,
                "announced_ns": time.time_ns(),
            }
        )

    def _notice(self, value: bytes) -> None:
        notice = msgspec.json.decode(value, type=Notice)
        now = Nanoseconds(time.time_ns())
        place = (notice.code, notice.bed or "")
        held = self._alerts.get(self._by_notice.get(place, ""))
        self._tell(
            {"event": "notice", "code": notice.code, "bed": notice.bed, "text": notice.text, "level": notice.level}
        )
        step = lifecycle.on_notice(held, notice, now)
        if step is None or step[1] is None:
            return
        alert, event = step
        self._by_notice[place] = alert.id
        if not notice.cleared:
            alert = replace(alert, announced_ns=self._announce(alert, "onset"))
        self._keep(alert, event)

    def _bed(self, value: bytes | None) -> None:
        if value is None:
            return
        context = msgspec.json.decode(value, type=BedContext)
        if context.state is BedState.DISCHARGED:
            for alert in [a for a in self._alerts.values() if a.bed == context.bed]:
                self._keep(*lifecycle.clear(alert, "discharged", Nanoseconds(time.time_ns())))

    # what goes --------------------------------------------------------------------------------------------------

    def _announce(self, alert: Alert, phase: str) -> Nanoseconds:
        """Tell the terminal and every channel, at once; gives when."""
        now = Nanoseconds(time.time_ns())
        body = {
            "event": "alert",
            "id": alert.id,
            "bed": alert.bed,
            "code": alert.code,
            "priority": alert.priority.value,
            "kind": alert.kind.value,
            "phase": phase,
            "text": alert.text,
            "value": alert.value,
            "limit": alert.limit,
            "unit": alert.unit,
            "at_ns": alert.at_ns,
            "sample": alert.sample,
            "rate_hz": alert.rate_hz,
            "announced_ns": now,
        }
        self._tell(body)
        self._announced.labels(alert.priority.value, phase).inc()
        key = f"{alert.id}/{phase}"
        self._attempts.put(Attempt(key, "terminal", 1, now, True, "written", True))
        for channel in self._channels:
            channel.put(Message(key, body))
        return now

    def _keep(self, alert: Alert, event: AlertEvent | None) -> None:
        if event is None:
            return
        if alert.open:
            self._alerts[alert.id] = alert
        else:
            self._alerts.pop(alert.id, None)
        self._dirty[alert.id] = alert
        self._events.append(event)

    def _clock(self) -> None:
        """What the time does: silences end, unanswered alerts are passed on."""
        now = Nanoseconds(time.time_ns())
        for alert in list(self._alerts.values()):
            self._keep(*lifecycle.wake(alert, now))
        for due in steps_due(self._alerts.values(), now):
            alert, event = lifecycle.escalate(due.alert, due.receiver, now)
            self._keep(alert, event)
            body = {"event": "escalation", "id": alert.id, "bed": alert.bed, "to": due.receiver, "text": alert.text}
            self._tell(body)
            for channel in self._channels:
                channel.put(Message(f"{alert.id}/escalated/{alert.escalations}", body | {"priority": alert.priority}))

    def _record(self) -> bool:
        """Write what changed; False while the database is away: what goes out has gone out, and this waits."""
        attempts = [self._attempts.get() for _ in range(self._attempts.qsize())]
        if not (self._dirty or self._events or attempts):
            return not self._away_s
        if self._away_s and time.monotonic() - self._away_s < 0.5:
            self._again(attempts)
            return False
        try:
            self._database.run(lambda c: _write(c, self._dirty.values(), self._events, attempts))
        except Away as error:
            self._again(attempts)
            self._tell_away(str(error))
            return False
        self._dirty, self._events = {}, []
        if self._away_s:
            self._away_s = 0.0
            self._say("STORE_DEGRADED", "alerts are written again; nothing was lost", Level.MEDIUM, cleared=True)
        self._undelivered(attempts)
        return True

    def _again(self, attempts: list[Attempt]) -> None:
        for attempt in attempts:
            self._attempts.put(attempt)

    def _tell_away(self, reason: str) -> None:
        if not self._away_s:
            log.error("the database is away, alerts go out unrecorded", reason=reason)
            self._say("STORE_DEGRADED", "the database is away: alerts go out and are recorded later", Level.MEDIUM)
        self._away_s = time.monotonic()

    def _undelivered(self, attempts: list[Attempt]) -> None:
        for attempt in attempts:
            if attempt.last and not attempt.ok:
                text = f"{attempt.channel} could not be reached for {attempt.key}: {attempt.outcome}"
                self._say("ALERT_NOT_DELIVERED", text, Level.HIGH)

    def _say(self, code: str, text: str, level: Level, cleared: bool = False) -> None:
        notice = Notice(code, "alerts", Nanoseconds(time.time_ns()), text, None, level, cleared)
        self._producer.send(NOTICES.name, to_json(notice), key=b"alerts", partition=0)

    # what people do ---------------------------------------------------------------------------------------------

    def acknowledge(self, name: str, by: str) -> Alert | None:
        """Answer an alert; None where there is no open one of that id."""
        with self._lock:
            alert = self._alerts.get(name)
            if alert is None:
                return None
            after, event = lifecycle.acknowledge(alert, by, Nanoseconds(time.time_ns()))
            self._keep(after, event)
            return after

    def silence(self, name: str, by: str, reason: str, seconds: float) -> Alert | None:
        """Silence an alert; raises lifecycle.Refused."""
        with self._lock:
            alert = self._alerts.get(name)
            if alert is None:
                return None
            after, event = lifecycle.silence(alert, by, reason, seconds, Nanoseconds(time.time_ns()))
            self._keep(after, event)
            return after

    def open_alerts(self) -> list[Alert]:
        """What must be looked at, most urgent first, then newest."""
        order = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2, Priority.INFORMATION: 3}
        with self._lock:
            shown = [a for a in self._alerts.values() if not a.suppressed_by]
        return sorted(shown, key=lambda a: (order[a.priority], -a.raised_ns))


_TAKERS: dict[str, Callable[[Service, bytes], None]] = {
    TRIGGERS.name: Service._trigger,
    INTERPRETATIONS.name: Service._interpretation,
    NOTICES.name: Service._notice,
    BEDS.name: Service._bed,
}


def _announced() -> Any:
    from prometheus_client import Counter

    return Counter("vigil_alerts_announced_total", "Alerts announced", ["priority", "phase"])


def _channels(options: AlertOptions, told: Callable[[Attempt], None]) -> list[Channel]:
    found = []
    if options.webhook_url:
        found.append(Channel("webhook", webhook(options.webhook_url, options.webhook_secret), told))
    if options.smtp and options.smtp_to:
        send = smtp(options.smtp, options.smtp_from, options.smtp_to, options.smtp_username, options.smtp_password)
        found.append(Channel("smtp", send, told))
    return found


def _write(connection: Any, alerts: Any, events: list[AlertEvent], attempts: list[Attempt]) -> None:
    for alert in alerts:
        row = {
            "id": alert.id,
            "bed": alert.bed or "",
            "code": alert.code,
            "priority": alert.priority.value,
            "kind": alert.kind.value,
            "state": alert.state.value,
            "open": alert.open,
            "version": alert.version,
            "raised_ns": alert.raised_ns,
            "payload": msgspec.json.encode(alert).decode(),
        }
        alertbook.put_alert(connection, row)
    alertbook.append_events(connection, [(e.key, e.alert, e.at_ns, msgspec.json.encode(e).decode()) for e in events])
    for a in attempts:
        row = {"key": a.key, "channel": a.channel, "attempt": a.attempt, "at_ns": a.at_ns, "ok": a.ok}
        alertbook.add_delivery(connection, row | {"outcome": a.outcome})
