"""Who is told next when nobody answers: a pure function of open alerts and the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.lifecycle import Alert, AlertState
from ingest.frame import Nanoseconds
from stream.catalogue import Priority


@dataclass(frozen=True, slots=True)
class Rung:
    """A receiver, and after how long without an answer it is told, by priority; None is never."""

    receiver: str
    high_s: float | None
    medium_s: float | None


DEFAULT_PATH = (
    Rung("bed nurse", 0.0, 0.0),
    Rung("charge nurse", 60.0, 180.0),
    Rung("whole unit", 120.0, None),
)


@dataclass(frozen=True, slots=True)
class Due:
    """One alert to be passed on to one receiver."""

    alert: Alert
    receiver: str


def steps_due(alerts: Iterable[Alert], now_ns: Nanoseconds, path: tuple[Rung, ...] = DEFAULT_PATH) -> list[Due]:
    """What must be passed on now, the most urgent first; an answered, silenced or suppressed alert waits.

    The time counts from when people were told or shown: what was kept back until then, nobody could answer.
    """
    due = []
    for alert in alerts:
        rung = path[alert.escalations + 1] if alert.escalations + 1 < len(path) else None
        if rung is None or alert.suppressed_by or alert.state not in (AlertState.ACTIVE, AlertState.LATCHED):
            continue
        after_s = {Priority.HIGH: rung.high_s, Priority.MEDIUM: rung.medium_s}.get(alert.priority)
        if after_s is not None and now_ns - alert.waits_ns >= after_s * 1e9:
            due.append(Due(alert, rung.receiver))
    return sorted(due, key=lambda d: (d.alert.priority is not Priority.HIGH, d.alert.waits_ns))
