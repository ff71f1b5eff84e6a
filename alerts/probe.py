"""Both ways between the alert process and the watchdog: synthetic alarms go to it, what it says of the pipeline comes back.

The watchdog stands outside Kafka, so that its word comes here by HTTP: an alert of a pipeline that is down is shown
where Kafka cannot bring it. A watchdog that is gone is told, too.
"""

from __future__ import annotations

import json
import queue
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import structlog

from alerts.delivery import Attempt, Channel, Message, webhook
from ingest.bed import Level, Notice
from ingest.frame import Nanoseconds
from stream.trigger import Phase, Trigger

log = structlog.get_logger()

POLL_S = 1.0
AWAY_S = 15.0
FIRST_S = 300.0
"""A watchdog that was never heard of is not missed before this."""
SOURCE = "watchdog"


@dataclass(slots=True)
class Hearing:
    """What the watchdog has said, turned into notices. Pure; times in monotonic seconds and wall clock nanoseconds."""

    begun_s: float
    heard_s: float | None = None
    expected: bool = True
    """False once the watchdog has said that it ends."""
    away: bool = False
    told_ns: int = 0
    """Begin of the outage that was told last."""
    up: bool = False
    """It was told that the pipeline works."""

    def hear(self, said: dict[str, Any], now_ns: int, now_s: float) -> list[Notice]:
        """One answer: state, since_ns, until_ns and text (`infra.watchdog`)."""
        found = []
        self.heard_s, self.expected = now_s, said["state"] != "ending"
        if self.away:
            self.away = False
            found.append(_notice("WATCHDOG_AWAY", now_ns, "the watchdog answers again", Level.MEDIUM, True))
        since_ns = int(said["since_ns"])
        if since_ns and since_ns != self.told_ns:
            self.told_ns, self.up = since_ns, False
            found.append(_notice("PIPELINE_DOWN", since_ns, said["text"], Level.HIGH))
        if said["state"] == "up" and not self.up:
            self.up = True
            over_ns = int(said["until_ns"]) or now_ns
            found.append(_notice("PIPELINE_DOWN", over_ns, "alarms come through again", Level.HIGH, True))
        return found

    def miss(self, now_ns: int, now_s: float) -> list[Notice]:
        """No answer: worth telling where one was due for long."""
        silent_s = now_s - self.begun_s if self.heard_s is None else now_s - self.heard_s
        limit_s = FIRST_S if self.heard_s is None else AWAY_S
        if self.away or not self.expected or silent_s < limit_s:
            return []
        self.away = True
        text = (
            f"the watchdog has not answered for {silent_s:.0f} s: nobody would notice that alarms come through no more"
        )
        return [_notice("WATCHDOG_AWAY", now_ns, text, Level.MEDIUM)]


def _notice(code: str, at_ns: int, text: str, level: Level, cleared: bool = False) -> Notice:
    return Notice(code, SOURCE, Nanoseconds(at_ns), text, None, level, cleared)


class Probe:
    """The watchdog at one address."""

    def __init__(self, url: str, secret: str, stop: threading.Event) -> None:
        self._url = url.rstrip("/") + "/"
        self._channel = Channel("watchdog", webhook(self._url, secret), _missed, ())
        self._notices: queue.Queue[Notice] = queue.Queue()
        self._stop = stop
        threading.Thread(target=self._poll, name="probe", daemon=True).start()

    def answer(self, trigger: Trigger) -> None:
        """An alarm of a synthetic patient, to be announced to the watchdog like any other to its receiver; never waits."""
        if trigger.phase is Phase.ONSET and not trigger.suppressed_by:
            body = {"bed": trigger.bed, "code": trigger.code.value, "at_ns": trigger.at_ns}
            self._channel.put(Message(trigger.key, body | {"priority": trigger.priority.value}))

    def notices(self) -> list[Notice]:
        """What the watchdog has to say since this was asked last."""
        return [self._notices.get() for _ in range(self._notices.qsize())]

    def close(self) -> None:
        """Answer no more."""
        self._channel.close()

    def _poll(self) -> None:
        hearing = Hearing(time.monotonic())
        while not self._stop.wait(POLL_S):
            said = _asked(self._url)
            now_ns, now_s = time.time_ns(), time.monotonic()
            found = hearing.miss(now_ns, now_s) if said is None else hearing.hear(said, now_ns, now_s)
            for notice in found:
                self._notices.put(notice)


def _asked(url: str) -> dict[str, Any] | None:
    """What the watchdog says; None where it does not."""
    try:
        with urllib.request.urlopen(f"{url}state", timeout=2.0) as answer:
            said = json.loads(answer.read())
    except (OSError, ValueError, urllib.error.URLError):
        return None
    known = isinstance(said, dict) and {"state", "since_ns", "until_ns", "text"} <= said.keys()
    return said if known else None


def _missed(attempt: Attempt) -> None:
    if not attempt.ok:
        log.warning("the watchdog did not take an alarm", reason=attempt.outcome)
