"""The life of an alert: one per episode, from the trigger to its resolution. Pure; every step is an event.

active -> acknowledged / silenced / latched -> resolved, with suppression as a parallel flag. The model never takes part:
an interpretation joins an alert and changes nothing else of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from engine.interpretation import Interpretation
from ingest.bed import Level, Notice
from ingest.frame import BedId, Nanoseconds
from stream.catalogue import ALARMS, Kind, Priority, Tone
from stream.trigger import Phase, Trigger

NEVER_SILENCED = frozenset(alarm.code.value for alarm in ALARMS if alarm.always)
MOST_SILENCE_S = 120.0
ADMIN = frozenset({"CONFIG_DRIFT", "STORAGE_RETENTION_NEAR_FULL", "CERT_EXPIRY", "TIME_SYNC_LOST"})
"""What administrators are shown and nobody is called for."""
TECHNICAL_NOTICES = frozenset(
    {
        "NO_DATA",
        "SECOND_SOURCE",
        "STORE_DEGRADED",
        "DISK_RESERVE",
        "ALERT_NOT_DELIVERED",
        "DELIVERY_FAILED",
        "OUTBOX_DROPPED",
        "UNREAD_DELETED",
        "CLOCK_SKEW",
        "ENGINE_DEGRADED",
        "PIPELINE_DOWN",
        "WATCHDOG_AWAY",
        "DATA_LATE",
        "SAMPLE_GAP",
        "DUPLICATE",
        *ADMIN,
    }
)
"""Notices that somebody must look at; the others are kept and counted."""
LATCHING = frozenset({"PIPELINE_DOWN"})
"""Of these, what stays behind its end until somebody has answered."""
EVENTS = frozenset({"ALERT_NOT_DELIVERED", "DELIVERY_FAILED", "OUTBOX_DROPPED", "UNREAD_DELETED"})
"""Of these, what has happened and is not a condition that ends: nothing clears it but an answer."""
BY_SOURCE = frozenset({"SECOND_SOURCE", "SAMPLE_GAP"})
"""Of these, what has the time of a source's clock, which nobody has compared yet: how old it is cannot be told."""
ARTEFACT = "artefact"
"""The step in which a person says that what was seen is none of the heart's."""


class AlertState(StrEnum):
    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    LATCHED = "latched"
    """The condition is over and nobody has answered: shown until somebody does."""
    RESOLVED = "resolved"


class Refused(ValueError):
    """Something that may not be done to an alert; one sentence."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something at a bed a person must look at."""

    id: str
    bed: BedId | None
    code: str
    priority: Priority
    kind: Kind
    latching: bool
    state: AlertState
    text: str
    value: float | None
    limit: float | None
    unit: str
    at_ns: Nanoseconds
    """Event time at which the criterion became true."""
    sample: int
    rate_hz: float
    session: int
    raised_ns: Nanoseconds
    announced_ns: Nanoseconds | None = None
    ended_ns: Nanoseconds | None = None
    """Event time at which the condition ended."""
    suppressed_by: str = ""
    acknowledged_by: str = ""
    acknowledged_ns: Nanoseconds | None = None
    artefact_by: str = ""
    """Who judged it to be an artefact."""
    silenced_until_ns: Nanoseconds | None = None
    escalations: int = 0
    interpretation: Interpretation | None = None
    version: int = 0
    told_sample: int = 0
    """Of the newest message of its episode that kept it back or let it go: what is read again changes nothing."""
    released_ns: Nanoseconds | None = None
    """When it was last shown again, or for the first time, after something had kept it back."""
    tone: Tone = Tone.NONE
    """What is heard when it is announced as live."""
    late_s: float | None = None
    """How old its event was when it was announced, where that was too old to be told as live."""

    @property
    def open(self) -> bool:
        """Whether it is still shown."""
        return self.state is not AlertState.RESOLVED

    @property
    def waits_ns(self) -> Nanoseconds:
        """Since when an answer is waited for: since people were told, or were shown again what had been kept back."""
        told = self.raised_ns if self.announced_ns is None else self.announced_ns
        return max(told, self.released_ns or Nanoseconds(0))


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One step in the life of an alert: who, what, why, when."""

    alert: str
    what: str
    actor: str
    reason: str
    state: AlertState
    at_ns: Nanoseconds
    """Wall clock of the process that took the step."""
    version: int
    """Of the alert behind the step."""

    @property
    def key(self) -> str:
        """The same step, however often it is told; the same thing done twice is two steps."""
        return f"{self.alert}/{self.version}/{self.what}/{self.actor}"


Step = tuple[Alert, AlertEvent | None]
"""The alert behind a step, and the event; None where nothing changed."""


def moved(alert: Alert, what: str, actor: str, reason: str, now_ns: Nanoseconds, **changes: object) -> Step:
    """The alert behind a step that changes it, and the event of the step."""
    after = replace(alert, version=alert.version + 1, **changes)  # type: ignore[arg-type]
    return after, AlertEvent(alert.id, what, actor, reason, after.state, now_ns, after.version)


def from_trigger(trigger: Trigger, now_ns: Nanoseconds) -> Step:
    """A new alert of an episode; one that is suppressed is recorded and not announced."""
    alert = Alert(
        trigger.id,
        trigger.bed,
        trigger.code.value,
        trigger.priority,
        trigger.kind,
        trigger.latching,
        AlertState.ACTIVE,
        trigger.text,
        trigger.value,
        trigger.limit,
        trigger.unit,
        trigger.at_ns,
        trigger.sample,
        trigger.rate_hz,
        trigger.session,
        now_ns,
        suppressed_by=trigger.suppressed_by,
        tone=trigger.tone,
    )
    what = "suppressed" if trigger.suppressed_by else "raised"
    raised, event = moved(alert, what, "stream", trigger.suppressed_by, now_ns)
    if trigger.phase is Phase.OFFSET:
        return _over(raised, trigger.at_ns, now_ns)
    return raised, event


def on_trigger(alert: Alert | None, trigger: Trigger, now_ns: Nanoseconds) -> Step:
    """The alert of an episode behind one more message of it; what was told before changes nothing."""
    if alert is None:
        return from_trigger(trigger, now_ns)
    if trigger.phase is Phase.OFFSET:
        return _over(alert, trigger.at_ns, now_ns) if alert.ended_ns is None else (alert, None)
    if trigger.phase is Phase.UPDATE and alert.ended_ns is None and trigger.sample >= alert.told_sample:
        return _kept(alert, trigger, now_ns)
    return alert, None


def _kept(alert: Alert, trigger: Trigger, now_ns: Nanoseconds) -> Step:
    """A higher alarm has come, and it is shown no more for the time being; or nothing keeps it back any longer."""
    why, sample = trigger.suppressed_by, trigger.sample
    if bool(why) == bool(alert.suppressed_by):
        return alert, None
    what = "suppressed" if why else "released"
    released_ns = alert.released_ns if why else now_ns
    return moved(alert, what, "stream", why, now_ns, suppressed_by=why, told_sample=sample, released_ns=released_ns)


def _over(alert: Alert, at_ns: Nanoseconds, now_ns: Nanoseconds) -> Step:
    """The condition has ended: red stays until somebody has answered; what was closed before stays closed."""
    answered = alert.state is AlertState.ACKNOWLEDGED or bool(alert.acknowledged_by)
    stays = alert.open and alert.latching and not answered and not alert.suppressed_by
    state = AlertState.LATCHED if stays else AlertState.RESOLVED
    return moved(alert, "ended", "stream", "", now_ns, ended_ns=at_ns, state=state)


def on_notice(alert: Alert | None, notice: Notice, now_ns: Nanoseconds, suppressed_by: str = "") -> Step | None:
    """The technical alert of a notice, given the open one of its place. None where no alert follows.

    A condition raises one alert, which the clearing notice ends. What has merely happened (EVENTS) stays until somebody
    answers, and then a new one raises a new alert; told again while open it changes the text.
    """
    if notice.code not in TECHNICAL_NOTICES:
        return None
    if notice.cleared:
        stays = alert is None or alert.ended_ns is not None or notice.at_ns < alert.at_ns
        return None if alert is None or stays else _over(alert, notice.at_ns, now_ns)
    if alert is None:
        return _from_notice(notice, now_ns, suppressed_by)
    if notice.code not in EVENTS or notice.at_ns <= (alert.ended_ns or 0):
        return alert, None
    return moved(alert, "told again", notice.source, notice.text, now_ns, text=notice.text, ended_ns=notice.at_ns)


def _from_notice(notice: Notice, now_ns: Nanoseconds, suppressed_by: str) -> Step:
    priority = {Level.HIGH: Priority.HIGH, Level.MEDIUM: Priority.MEDIUM}.get(notice.level, Priority.LOW)
    made = Alert(
        notice_id(notice),
        notice.bed,
        notice.code,
        priority,
        Kind.TECHNICAL,
        notice.code in LATCHING,
        AlertState.ACTIVE,
        notice.text,
        notice.value,
        None,
        "" if notice.value is None else "s",
        notice.at_ns,
        0,
        0.0,
        0,
        now_ns,
        ended_ns=notice.at_ns if notice.code in EVENTS else None,
        suppressed_by=suppressed_by,
        tone=Tone.LONG if priority in (Priority.HIGH, Priority.MEDIUM) else Tone.NONE,
    )
    return moved(made, "suppressed" if suppressed_by else "raised", notice.source, suppressed_by, now_ns)


def release(alert: Alert, now_ns: Nanoseconds) -> Step:
    """What kept a technical alert back is over."""
    return moved(alert, "released", "vigil", "", now_ns, suppressed_by="", released_ns=now_ns)


def notice_id(notice: Notice) -> str:
    """Of the technical alert that a notice raises."""
    return f"{notice_place(notice)}/{notice.at_ns}"


def notice_place(notice: Notice) -> str:
    """What can be wrong once at a time: a code at a bed, or at a process."""
    return f"{notice.code}/{notice.bed or notice.source}"


def place_of(alert: Alert) -> str:
    """The place of a technical alert that a notice raised."""
    return alert.id.rpartition("/")[0]


def acknowledge(alert: Alert, by: str, now_ns: Nanoseconds) -> Step:
    """The same alert, answered for; the first answer stands. It stops escalation, not the condition."""
    if alert.acknowledged_by or not alert.open:
        return alert, None
    state = AlertState.RESOLVED if alert.ended_ns is not None else AlertState.ACKNOWLEDGED
    return moved(alert, "acknowledged", by, "", now_ns, state=state, acknowledged_by=by, acknowledged_ns=now_ns)


def artefact(alert: Alert, by: str, now_ns: Nanoseconds) -> Step:
    """Judged by a person to be an artefact: an answer, and a review that is kept; the first one stands.

    What still lasts stays shown, as it does behind an acknowledgement, until it ends. Raises Refused for what is technical.
    """
    if alert.kind is Kind.TECHNICAL:
        raise Refused(f"{alert.code} is technical and no reading of the heart: acknowledge it")
    if alert.artefact_by or not alert.open:
        return alert, None
    answered, _ = acknowledge(alert, by, now_ns)
    return moved(replace(answered, version=alert.version), ARTEFACT, by, "", now_ns, artefact_by=by)


def silence(alert: Alert, by: str, reason: str, seconds: float, now_ns: Nanoseconds) -> Step:
    """Audio off for a time; raises Refused for asystole and VF, without a reason, or for too long."""
    if alert.code in NEVER_SILENCED:
        raise Refused(f"{alert.code} can never be silenced: acknowledge it")
    if not reason.strip():
        raise Refused("a silence needs a reason")
    if not 0 < seconds <= MOST_SILENCE_S:
        raise Refused(f"a silence lasts at most {MOST_SILENCE_S:.0f} s")
    if alert.state is not AlertState.ACTIVE:
        return alert, None
    until = Nanoseconds(now_ns + round(seconds * 1e9))
    return moved(alert, "silenced", by, reason, now_ns, state=AlertState.SILENCED, silenced_until_ns=until)


def wake(alert: Alert, now_ns: Nanoseconds) -> Step:
    """The end of a silence."""
    if alert.state is not AlertState.SILENCED or (alert.silenced_until_ns or 0) > now_ns:
        return alert, None
    return moved(alert, "silence over", "clock", str(alert.silenced_until_ns), now_ns, state=AlertState.ACTIVE)


def join(alert: Alert, interpretation: Interpretation, now_ns: Nanoseconds) -> Step:
    """The interpretation joins: nothing but itself is changed by it."""
    if alert.interpretation is not None:
        return alert, None
    denied = interpretation.contradicted
    reason = f"INTERPRETATION_CONTRADICTED: {'; '.join(denied)}" if denied else interpretation.reason
    return moved(alert, "interpreted", interpretation.model, reason, now_ns, interpretation=interpretation)


def escalate(alert: Alert, to: str, now_ns: Nanoseconds) -> Step:
    """Passed on, unanswered."""
    return moved(alert, "escalated", "clock", to, now_ns, escalations=alert.escalations + 1)


def clear(alert: Alert, why: str, now_ns: Nanoseconds) -> Step:
    """A discharge ends everything of the bed, and a standby what was announced before."""
    if not alert.open:
        return alert, None
    return moved(alert, "cleared", "vigil", why, now_ns, state=AlertState.RESOLVED)
