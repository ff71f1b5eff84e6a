"""What people are told of an alert, and whether it comes too late to be told as live. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.lifecycle import Alert
from ingest.frame import Nanoseconds
from stream.catalogue import Tone

LIVE_S = 30.0
"""An alarm whose event is older than this when it is told is told as late, and does not sound.

Above all that a live alarm may take: the 10 s that the standard leaves a monitor (AAMI/IEC 60601-2-27), of which our own
rules need at most 10 and the way 1; a frame of up to 10 s (`ingest.frame.MAX_FRAME_S`); and about ten more in which another
process takes over from one that died. The standard for alarm systems (IEC 60601-1-8) sets no such bound: it asks for delays
to be disclosed.
"""
_DAY_S = 12 * 3600.0
"""What is older is told with its date."""


def late_s(at_ns: Nanoseconds, now_ns: Nanoseconds, behind_s: float = 0.0) -> float | None:
    """How old (s) an event is, where it is too old to be told as live; else None.

    behind_s: by how much the clock that gave `at_ns` is known to be behind ours (negative: ahead).
    """
    age_s = (now_ns - at_ns) / 1e9 - behind_s
    return round(age_s, 1) if age_s > LIVE_S else None


def stamp(now_ns: Nanoseconds, age_s: float, what: str = "happened") -> str:
    """`late: happened at 11:51:09, 82 s ago`, by our clock."""
    at = datetime.fromtimestamp(now_ns / 1e9 - age_s).astimezone()
    return f"late: {what} at {at:{'%H:%M:%S' if age_s < _DAY_S else '%Y-%m-%d %H:%M:%S'}}, {age_s:.0f} s ago"


def late_stamp(alert: Alert) -> str:
    """That an alert was told late, of when it is and how old that was; empty where it was told as live."""
    if alert.late_s is None or alert.announced_ns is None:
        return ""
    return stamp(alert.announced_ns, alert.late_s)


def begun(alert: Alert) -> dict[str, Any]:
    """What is told of an alert that begins, once it is known when (`announced_ns`) and how late."""
    late = late_stamp(alert)
    tone = Tone.NONE if late else alert.tone
    return _told(alert, "onset", late, alert.late_s, tone) | {"announced_ns": alert.announced_ns}


def over(alert: Alert, now_ns: Nanoseconds, age_s: float | None) -> dict[str, Any]:
    """What is told of an alert whose condition ended; age_s: how long ago, where that is too long to be told as live."""
    late = "" if age_s is None else stamp(now_ns, age_s, "ended")
    return _told(alert, "offset", late, age_s, Tone.NONE) | {"announced_ns": now_ns}


def _told(alert: Alert, phase: str, late: str, age_s: float | None, tone: Tone) -> dict[str, Any]:
    return {
        "event": "alert",
        "id": alert.id,
        "bed": alert.bed,
        "code": alert.code,
        "priority": alert.priority.value,
        "kind": alert.kind.value,
        "phase": phase,
        "text": f"{late}: {alert.text}" if late else alert.text,
        "value": alert.value,
        "limit": alert.limit,
        "unit": alert.unit,
        "tone": tone.value,
        "late_s": age_s,
        "at_ns": alert.at_ns,
        "sample": alert.sample,
        "rate_hz": alert.rate_hz,
    }


def passed_on(alert: Alert, to: str, now_ns: Nanoseconds) -> dict[str, Any]:
    """What is told of an alert that nobody has answered. It sounds, late or not: that nobody answers is news."""
    late = late_stamp(alert)
    return {
        "event": "escalation",
        "id": alert.id,
        "bed": alert.bed,
        "to": to,
        "text": f"{late}: {alert.text}" if late else alert.text,
        "priority": alert.priority.value,
        "tone": alert.tone.value,
        "announced_ns": now_ns,
    }
