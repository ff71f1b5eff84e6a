"""What must be looked at, in memory: messages change it, people answer it, and what it has to tell goes out at once.

Knows neither Kafka nor the database: what must be written is collected, and taken by who writes it.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import msgspec

from alerts import announcement, lifecycle
from alerts.advisory import Advice, borne
from alerts.asked import Questions
from alerts.delivery import Attempt, Channel, Message
from alerts.escalation import steps_due
from alerts.lifecycle import Alert, AlertEvent, AlertState
from alerts.recorder import Changes, Held, Pending
from engine.interpretation import Advisory, Interpretation
from ingest.bed import BedContext, BedState, Level, Notice
from ingest.frame import Nanoseconds
from ingest.topics import BEDS, INTERPRETATIONS, NOTICES, TRIGGERS
from ingest.watched import is_watched
from stream.catalogue import Priority
from stream.trigger import Phase, Trigger

T = TypeVar("T")
Say = Callable[[str, str, Level], None]
"""Code, text and level of a notice."""

STALE_NS = 3600 * 10**9
"""What an earlier process left undelivered for longer is given up, and that is told."""
CLOSED_KEPT = 20_000
TOLD_KEPT = 100_000
_OF_DELIVERY = ("ALERT_NOT_DELIVERED/", "DELIVERY_FAILED/")
_NO_ALARM = {BedState.STANDBY: "the bed is on standby", BedState.DISCHARGED: "the bed is discharged"}


class Board:
    """All open alerts of a Vigil. Not thread-safe."""

    def __init__(
        self, tell: Callable[[dict[str, Any]], None], say: Say, answer: Callable[[Trigger], None] = lambda _: None
    ) -> None:
        """answer: takes the alarms of the watchdog's synthetic patients, which are nobody's alerts."""
        self._tell = tell
        self._say = say
        self._answer = answer
        self._alerts: dict[str, Alert] = {}
        self._closed: dict[str, Alert] = {}
        """Those that were closed last: Kafka may have more to tell of them."""
        self._places: dict[str, str] = {}
        """Id of the last technical alert, by its place."""
        self._states: dict[str, BedState] = {}
        self._early: dict[str, Interpretation] = {}
        self.questions = Questions()
        self.advice = Advice()
        self._told: dict[str, Nanoseconds] = {}
        """When this process told what, by key: nothing is told twice."""
        self._delivered: dict[str, tuple[set[str], set[str]]] = {}
        """By alert the channels that took a message of it, and those that gave one up."""
        self._replaying = False
        self._changes = Changes()
        self._attempts: queue.Queue[Attempt] = queue.Queue()
        self._channels: Sequence[Channel] = ()
        self._announced = _announced()

    def open_channels(self, made: Callable[[Callable[[Attempt], None]], Sequence[Channel]]) -> None:
        """Have everything delivered on these channels from here on."""
        self._channels = made(self._attempts.put)

    def close(self) -> None:
        """Close the channels."""
        for channel in self._channels:
            channel.close()

    def take(self, topic: str, value: bytes | None) -> None:
        """Take one message; raises MsgspecError where it cannot be read, or has no value: of a bed that says it is forgotten."""
        _TAKERS[topic](self, value if topic == BEDS.name else value or b"")

    def changed(self) -> Changes:
        """What must be written since this was asked last; says what could not be delivered."""
        attempts = [self._attempts.get() for _ in range(self._attempts.qsize())]
        self._undelivered(attempts)
        changes, self._changes = self._changes, Changes()
        changes.attempts += attempts
        return changes

    def resume(self, held: Held, again: Callable[[], None]) -> None:
        """It is known which alerts there were: begin with them, and take once more (`again`) what came meanwhile."""
        self._alerts = {a.id: a for a in held.alerts if a.open}
        self._closed = {a.id: a for a in held.alerts if not a.open}
        self._places = {lifecycle.place_of(a): a.id for a in self._alerts.values() if not a.rate_hz}
        self.advice.resume(held.alerts)
        self._states = {c.bed: c.state for c in held.contexts}
        self._replaying = True
        again()
        self._replaying = False
        now = Nanoseconds(time.time_ns())
        for alert in [a for a in self._alerts.values() if a.code == "STORE_DEGRADED"]:
            # whoever told it may be gone, and the database has just answered
            self._end(*lifecycle.clear(alert, "the database answers", now))
        for pending in held.pending:
            self._requeue(pending, now)

    def _requeue(self, pending: Pending, now: Nanoseconds) -> None:
        """What an earlier process has not delivered is delivered by this one, unless it is too late for that."""
        key = pending.message.key
        channel = next((c for c in self._channels if c.name == pending.channel), None)
        if key in self._told:
            return
        if channel is not None and now - pending.queued_ns <= STALE_NS:
            channel.put(pending.message, pending.attempts)
            return
        why = "the channel is no longer set up" if channel is None else "it waited for too long"
        self._attempts.put(Attempt(key, pending.channel, pending.attempts + 1, now, False, why, True))

    # what comes -------------------------------------------------------------------------------------------------

    def _known(self, name: str) -> Alert | None:
        """The alert of that id, open or closed not long ago."""
        return self._alerts.get(name) or self._closed.get(name)

    def _trigger(self, value: bytes) -> None:
        trigger = msgspec.json.decode(value, type=Trigger)
        if is_watched(trigger.bed):
            self._answer(trigger)
            return
        before = self._known(trigger.id)
        alert, event = lifecycle.on_trigger(before, trigger, Nanoseconds(time.time_ns()))
        fresh = before is None or (event is not None and event.what == "released")
        if trigger.phase is Phase.OFFSET:
            self._end(alert, event, trigger.at_ns)
            why = _NO_ALARM.get(self._states.get(trigger.bed, BedState.MONITORED), "")
            if why and alert.state is AlertState.LATCHED:
                self._end(*lifecycle.clear(alert, why, Nanoseconds(time.time_ns())))
        elif fresh:
            self._begin(alert, event, trigger.at_ns)
        else:
            self._keep(alert, event)
        early = self._early.pop(trigger.id, None)
        if early is not None:
            self._join(self._known(trigger.id) or alert, early)

    def _interpretation(self, value: bytes) -> None:
        answer = msgspec.json.decode(value, type=Interpretation)
        for one in borne(answer):
            self._advise(answer, one)
        if self.questions.take(answer):
            return
        alert = self._known(answer.trigger)
        if alert is not None:
            self._join(alert, answer)
            return
        _bounded(self._early, CLOSED_KEPT)[answer.trigger] = answer

    def _advise(self, answer: Interpretation, one: Advisory) -> None:
        """Tell or record what an interpretation advises of; no other alert is touched by it."""
        asleep = _NO_ALARM.get(self._states.get(answer.bed, BedState.MONITORED), "")
        alert, event = self.advice.step(answer, one, self._known, asleep)
        (self._begin if event is not None and event.what == "raised" else self._keep)(alert, event)

    def _join(self, alert: Alert, answer: Interpretation) -> None:
        joined, event = lifecycle.join(alert, answer, Nanoseconds(time.time_ns()))
        self._keep(joined, event)
        if event is None or alert.suppressed_by or not self._once(f"{alert.id}/interpretation"):
            return
        self._tell(
            {
                "event": "interpretation",
                "id": alert.id,
                "bed": alert.bed,
                "state": answer.state.value,
                "reason": answer.reason,
                "text": answer.report,
                "provenance": answer.provenance,
                "contradicted": list(answer.contradicted),
                "answered_ns": answer.answered_ns,
                "announced_ns": time.time_ns(),
            }
        )

    def _notice(self, value: bytes) -> None:
        notice = msgspec.json.decode(value, type=Notice)
        place = lifecycle.notice_place(notice)
        if lifecycle.notice_id(notice) in self._closed:
            return
        held = self._alerts.get(self._places.get(place, ""))
        why = _NO_ALARM.get(self._states.get(notice.bed or "", BedState.MONITORED), "")
        if not self._replaying:
            self._tell(
                {
                    "event": "notice",
                    "code": notice.code,
                    "bed": notice.bed,
                    "text": notice.text,
                    "level": notice.level,
                    "alert": notice.code in lifecycle.TECHNICAL_NOTICES,
                }
            )
        step = lifecycle.on_notice(held, notice, Nanoseconds(time.time_ns()), why)
        if step is None:
            return
        alert, event = step
        self._places[place] = alert.id
        at_ns = None if notice.code in lifecycle.BY_SOURCE else notice.at_ns
        if notice.cleared:
            self._end(alert, event, at_ns)
        elif held is None:
            self._begin(alert, event, at_ns)
        else:
            self._keep(alert, event)

    def _bed(self, value: bytes | None) -> None:
        if value is None:
            return
        context = msgspec.json.decode(value, type=BedContext)
        self._states[context.bed] = context.state
        now = Nanoseconds(time.time_ns())
        why = _NO_ALARM.get(context.state, "")
        if context.state is BedState.DISCHARGED:
            self.advice.forget(context.bed)
        for alert in [a for a in self._alerts.values() if a.bed == context.bed]:
            if context.state is BedState.DISCHARGED or (why and not (alert.rate_hz and alert.suppressed_by)):
                self._end(*lifecycle.clear(alert, why, now))
            elif not why and alert.suppressed_by in _NO_ALARM.values():
                self._begin(*lifecycle.release(alert, now))

    # what goes --------------------------------------------------------------------------------------------------

    def _once(self, key: str) -> bool:
        """Whether this is told for the first time by this process; it is told from here on."""
        if key in self._told:
            return False
        _bounded(self._told, TOLD_KEPT)[key] = Nanoseconds(time.time_ns())
        return True

    def _begin(self, alert: Alert, event: AlertEvent | None, at_ns: Nanoseconds | None = None) -> None:
        """An alert begins to be shown: announced first, then kept. at_ns: event time of an alarm, which may be told late."""
        if not alert.suppressed_by:
            key = f"{alert.id}/onset"
            fresh = self._once(key)
            now = self._told[key]
            # what was told before keeps its stamp; a second look at the same message comes to the same one
            anew = fresh or alert.announced_ns is None
            late_s = self._late_s(alert, at_ns, now) if anew else alert.late_s
            alert = replace(alert, announced_ns=now, late_s=late_s)
            if fresh:
                self._announce(alert, announcement.begun(alert), key)
        self._keep(alert, event)

    def _end(self, alert: Alert, event: AlertEvent | None, at_ns: Nanoseconds | None = None) -> None:
        """The condition is over; who heard of it hears that."""
        key = f"{alert.id}/offset"
        told = event is not None and (alert.announced_ns is not None or not alert.suppressed_by)
        if told and self._once(key):
            now = self._told[key]
            body = announcement.over(alert, now, self._late_s(alert, at_ns, now))
            self._announce(alert, body, key, after=f"{alert.id}/onset")
        self._keep(alert, event)

    def _late_s(self, alert: Alert, at_ns: Nanoseconds | None, now: Nanoseconds) -> float | None:
        """How old an event is, where that is too old to be told as live; a source's clock known to be off is allowed for."""
        if at_ns is None:
            return None
        technical = not alert.rate_hz  # its time is that of a process of Vigil's, not of the bed's source
        skew = None if technical else self._alerts.get(self._places.get(f"CLOCK_SKEW/{alert.bed}", ""))
        return announcement.late_s(at_ns, now, (skew.value or 0.0) if skew is not None else 0.0)

    def _announce(self, alert: Alert, body: dict[str, Any], key: str, after: str = "") -> None:
        """Tell the terminal and every channel, at once."""
        now = self._told[key]
        self._tell(body)
        self._announced.labels(alert.priority.value, body["phase"]).inc()
        self._attempts.put(Attempt(key, "terminal", 1, now, True, "written", True))
        if alert.code not in lifecycle.ADMIN:
            self._send(Message(key, body, after), now)

    def _send(self, message: Message, now: Nanoseconds) -> None:
        for channel in self._channels:
            channel.put(message)
            self._changes.queued.append((channel.name, now, message))

    def _keep(self, alert: Alert, event: AlertEvent | None) -> None:
        if event is None:
            return
        self._alerts.pop(alert.id, None)
        self._closed.pop(alert.id, None)
        if alert.open:
            self._alerts[alert.id] = alert
        else:
            _bounded(self._closed, CLOSED_KEPT)[alert.id] = alert
        self._changes.alerts[alert.id] = alert
        self._changes.events.append(event)

    def clock(self) -> None:
        """What the time does: silences end, unanswered alerts are passed on."""
        now = Nanoseconds(time.time_ns())
        for alert in [a for a in self._alerts.values() if a.silenced_until_ns is not None]:
            self._keep(*lifecycle.wake(alert, now))
        for due in steps_due(self._alerts.values(), now):
            alert, event = lifecycle.escalate(due.alert, due.receiver, now)
            self._keep(alert, event)
            key = f"{alert.id}/escalated/{alert.escalations}"
            if not self._once(key):
                continue
            body = announcement.passed_on(alert, due.receiver, now)
            self._tell(body)
            self._send(Message(key, body), now)

    def _undelivered(self, attempts: list[Attempt]) -> None:
        """Say what could not be delivered; that this very fact could not be delivered is said by its own record.

        An alert that every channel has given up and none has taken, at any step of its path, has reached nobody.
        """
        for attempt in attempts:
            if attempt.channel == "terminal" or attempt.key.startswith(_OF_DELIVERY):
                continue
            if not (attempt.last or attempt.partly):
                continue
            known = self._known(attempt.key.rpartition("/")[0]) or self._known(attempt.key.rsplit("/", 2)[0])
            name = known.id if known is not None else attempt.key
            took, lost = _bounded(self._delivered, TOLD_KEPT).setdefault(name, (set(), set()))
            (took if attempt.ok or attempt.partly else lost).add(attempt.channel)
            if attempt.ok or not attempt.last:
                continue
            what = f"{known.bed or 'vigil'}: {known.text}" if known is not None else attempt.key
            text = f"{attempt.channel} did not take the alert of {what} ({attempt.outcome})"
            if took or any(channel.name not in lost for channel in self._channels):
                self._say("DELIVERY_FAILED", text, Level.LOW)
            else:
                self._say("ALERT_NOT_DELIVERED", f"{text}; no channel has it", Level.MEDIUM)

    # what people do ---------------------------------------------------------------------------------------------

    def acknowledge(self, name: str, by: str) -> Alert | None:
        """Answer an alert; None where there is no open one of that id."""
        alert = self._alerts.get(name)
        if alert is None:
            return None
        after, event = lifecycle.acknowledge(alert, by, Nanoseconds(time.time_ns()))
        self._keep(after, event)
        return after

    def artefact(self, name: str, by: str) -> Alert | None:
        """Judge an alert to be an artefact; raises lifecycle.Refused."""
        alert = self._alerts.get(name)
        if alert is None:
            return None
        after, event = lifecycle.artefact(alert, by, Nanoseconds(time.time_ns()))
        self._keep(after, event)
        return after

    def silence(self, name: str, by: str, reason: str, seconds: float) -> Alert | None:
        """Silence an alert; raises lifecycle.Refused."""
        alert = self._alerts.get(name)
        if alert is None:
            return None
        after, event = lifecycle.silence(alert, by, reason, seconds, Nanoseconds(time.time_ns()))
        self._keep(after, event)
        return after

    def open_alerts(self) -> list[Alert]:
        """What must be looked at, most urgent first, then newest."""
        order = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2, Priority.INFORMATION: 3}
        shown = [a for a in self._alerts.values() if not a.suppressed_by]
        return sorted(shown, key=lambda a: (order[a.priority], -a.raised_ns))


_TAKERS: dict[str, Callable[[Board, Any], None]] = {
    TRIGGERS.name: Board._trigger,
    INTERPRETATIONS.name: Board._interpretation,
    NOTICES.name: Board._notice,
    BEDS.name: Board._bed,
}


@cache
def _announced() -> Any:
    """One counter of a process, however many boards it has."""
    from prometheus_client import Counter

    return Counter("vigil_alerts_announced_total", "Alerts announced", ["priority", "phase"])


def _bounded(held: dict[str, T], most: int) -> dict[str, T]:
    """The same, without its oldest where it holds too many."""
    while len(held) >= most:
        held.pop(next(iter(held)))
    return held
