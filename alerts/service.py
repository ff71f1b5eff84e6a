"""The alert service: announce first, then record. Reads Kafka; the database may be away, from the beginning or later.

A message's offset is committed only when the database has what follows from it, so that a crash repeats rather than
forgets; a repeated announcement carries the same key. Until the database has been read, what Kafka tells is announced
and kept, and is gone through once more when it is known which alerts there were before.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from alerts.asked import Asked
from alerts.board import Board
from alerts.delivery import BACKOFF_S, Attempt, Channel, smtp, webhook
from alerts.lifecycle import ARTEFACT, Alert
from alerts.probe import Probe
from alerts.recorder import Changes, Recorder
from engine.request import Ask, Request, encode_request
from ingest.bed import DeadLetter, Level, Notice, to_json
from ingest.frame import BedId, Nanoseconds, SessionId
from ingest.kafka import KafkaAddress, Member, open_producer
from ingest.topics import BEDS, DEADLETTERS, INTERPRETATIONS, NOTICES, REQUESTS, TRIGGERS, slot
from storage.database import Database
from stream.trigger import Trigger

log = structlog.get_logger()

GROUP = "vigil-alerts"
LOAD_S = 2.0
"""A database that has not told its alerts by then is not waited for."""
CLOSE_S = 3.0


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
    smtp_ca: str = ""
    backoff_s: tuple[float, ...] = BACKOFF_S
    """Waits between the attempts to deliver one message."""
    watch_url: str = ""
    """Where the watchdog is; empty: nobody watches whether alarms come through."""
    watch_secret: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """A message that did not come by Kafka."""

    value: bytes
    topic: str = NOTICES.name
    partition: int = -1
    offset: int = -1


class Service:
    """The board of alerts, between Kafka and the database."""

    def __init__(
        self, address: KafkaAddress, database: Database, options: AlertOptions, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._address = address
        self._options = options
        self._tell = tell
        self._probe: Probe | None = None
        self._board = Board(tell, self._say, self._answer)
        self._recorder = Recorder(database, self._refused)
        self._kept: list[Any] | None = []
        """Messages taken before it was known which alerts there were; None since."""
        self._changes = Changes()
        self._trouble_s = 0.0
        self._producer: Any = None
        self._letters: deque[tuple[bytes, Any]] = deque()
        """Dead letters, and what will tell whether Kafka has them: what they are about is committed behind them."""
        self._lock = threading.Lock()

    # the loop ---------------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Announce until told to stop, and have it recorded."""
        self._producer = open_producer(self._address, linger_ms=0)
        self._board.open_channels(lambda told: channels_of(self._options, told))
        self._recorder.start()
        if self._options.watch_url:
            self._probe = Probe(self._options.watch_url, self._options.watch_secret, stop)
        topics = [TRIGGERS.name, INTERPRETATIONS.name, NOTICES.name, BEDS.name]
        consumer = Member(self._address, GROUP, topics, lambda: None, fetch_max_wait_ms=100)
        self._recorder.loaded.wait(LOAD_S)
        ready = False
        try:
            while not stop.is_set():
                polled = consumer.poll(timeout_ms=50)
                if not ready and consumer.assigned:
                    ready = True
                    self._tell({"event": "ready"})
                with self._lock:
                    self._turn(polled)
                self._commit(consumer)
                self._watch()
        finally:
            self._close(consumer)

    def _close(self, consumer: Member) -> None:
        self._board.close()
        if self._probe is not None:
            self._probe.close()
        with self._lock:
            self._turn({})
        if self._recorder.close(CLOSE_S):
            self._commit(consumer)
        consumer.close()
        self._producer.close(timeout=2)

    def _turn(self, polled: dict[Any, list[Any]]) -> None:
        """Take what came, do what is due, and hand over what is to be written."""
        self._resume()
        for place, messages in polled.items():
            self._hear(messages)
            self._changes.offsets[place] = messages[-1].offset + 1
        if self._probe is not None:
            self._hear([_Said(to_json(notice)) for notice in self._probe.notices()])
        self._board.clock()
        self._changes.add(self._board.changed())
        if self._changes and self._kept is None:
            self._recorder.put(self._changes)
            self._changes = Changes()

    def _hear(self, messages: Sequence[Any]) -> None:
        for message in messages:
            if self._kept is not None:
                self._kept.append(message)
            self._take(message)

    def _answer(self, trigger: Trigger) -> None:
        """An alarm of a synthetic patient goes to the watchdog and nowhere else."""
        if self._probe is not None:
            self._probe.answer(trigger)

    def _resume(self) -> None:
        """Once it is known which alerts there were: what was decided without them is decided anew, and not told again."""
        held = self._recorder.take_held()
        if held is None:
            return
        kept, self._kept = self._kept or [], None
        self._changes.add(self._board.changed())
        self._changes.alerts.clear()
        self._changes.events.clear()

        def again() -> None:
            for message in kept:
                self._take(message)

        self._board.resume(held, again)

    def _commit(self, consumer: Member) -> None:
        """Commit what is written; what cannot be committed is told again after a restart, and known then."""
        from kafka import OffsetAndMetadata
        from kafka.errors import KafkaError

        if not self._posted():
            return
        covered = self._recorder.take_covered()
        if not covered:
            return
        try:
            consumer.commit({place: OffsetAndMetadata(offset, "", -1) for place, offset in covered.items()})
        except KafkaError as error:
            log.warning("the commit waits", reason=str(error)[:200])
            with self._lock:
                self._changes.offsets = covered | self._changes.offsets

    def _watch(self) -> None:
        """Say when nothing can be recorded, and when it can again."""
        if not self._recorder.alive:
            raise RuntimeError("the recorder has failed: the log says why")
        why = self._recorder.trouble()
        if why and not self._trouble_s:
            self._trouble_s = time.monotonic()
            log.error("the database is away, alerts go out unrecorded", reason=why)
            self._say("STORE_DEGRADED", "the database is away: alerts go out and are recorded later", Level.LOW)
        elif self._trouble_s and not why:
            away_s, self._trouble_s = time.monotonic() - self._trouble_s, 0.0
            text = f"alerts are written again after {away_s:.0f} s; nothing was lost"
            self._say("STORE_DEGRADED", text, Level.LOW, cleared=True)

    def _take(self, message: Any) -> None:
        try:
            self._board.take(message.topic, message.value)
        except msgspec.MsgspecError as error:
            self._letter(message.topic, message.partition, message.offset, str(error), message.value or b"")

    def _letter(self, topic: str, partition: int, offset: int, reason: str, payload: bytes) -> None:
        now = Nanoseconds(time.time_ns())
        self._post(to_json(DeadLetter(topic, partition, offset, now, "alerts", reason[:500], payload[:4096])))

    def _post(self, letter: bytes) -> None:
        self._letters.append((letter, self._producer.send(DEADLETTERS.name, letter, key=b"alerts", partition=0)))

    def _posted(self) -> bool:
        """Whether Kafka has every dead letter; what it did not take goes again. Never waits."""
        while self._letters and self._letters[0][1].is_done:
            letter, future = self._letters.popleft()
            if future.failed():
                self._post(letter)
        return not self._letters

    def _refused(self, reason: str) -> None:
        self._letter("", -1, -1, reason, b"")

    def _say(self, code: str, text: str, level: Level, cleared: bool = False) -> None:
        notice = Notice(code, "alerts", Nanoseconds(time.time_ns()), text, None, level, cleared)
        self._producer.send(NOTICES.name, to_json(notice), key=b"alerts", partition=0)

    # what people do ---------------------------------------------------------------------------------------------

    def acknowledge(self, name: str, by: str) -> Alert | None:
        """Answer an alert; None where there is no open one of that id."""
        with self._lock:
            return self._board.acknowledge(name, by)

    def artefact(self, name: str, by: str) -> Alert | None:
        """Judge an alert to be an artefact, and have the engine leave its ten seconds; raises lifecycle.Refused."""
        with self._lock:
            alert = self._board.artefact(name, by)
        if alert is not None and alert.bed is not None:
            now = Nanoseconds(time.time_ns())
            why = f"{alert.artefact_by} judged the alert to be an artefact"
            self._ask(Request(f"{name}/{ARTEFACT}", alert.bed, Ask.CANCEL, name, now, reason=why))
        return alert

    def interpret_now(self, bed: BedId, session: SessionId, by: str, question: str = "") -> bool:
        """Ask the engine for the latest ten seconds of a bed's session, or a question about them; False while an answer is awaited already."""
        with self._lock:
            request = self._board.questions.ask(bed, session, by, question)
        if request is not None:
            self._ask(request)
        return request is not None

    def asked(self) -> dict[BedId, Asked]:
        """What was asked of each bed last, and what came of it."""
        with self._lock:
            return self._board.questions.all()

    def _ask(self, request: Request) -> None:
        """Never fails: what a person did stands, whether the engine hears of it or not."""
        from kafka.errors import KafkaError

        bed, told = request.bed, encode_request(request)
        try:
            self._producer.send(REQUESTS.name, told, key=bed.encode(), partition=slot(bed))
        except KafkaError as error:
            log.warning("the engine was not asked", request=request.id, reason=str(error)[:200])

    def silence(self, name: str, by: str, reason: str, seconds: float) -> Alert | None:
        """Silence an alert; raises lifecycle.Refused."""
        with self._lock:
            return self._board.silence(name, by, reason, seconds)

    def open_alerts(self) -> list[Alert]:
        """What must be looked at, most urgent first, then newest."""
        with self._lock:
            return self._board.open_alerts()

    def shadowed(self) -> list[Alert]:
        """Advisories in shadow, the newest first."""
        with self._lock:
            return list(reversed(self._board.advice.shadowed))


def channels_of(options: AlertOptions, told: Callable[[Attempt], None]) -> list[Channel]:
    """The ways out of the house that are set up."""
    found = []
    if options.webhook_url:
        send = webhook(options.webhook_url, options.webhook_secret)
        found.append(Channel("webhook", send, told, options.backoff_s))
    if options.smtp and options.smtp_to:
        named = (options.smtp_username, options.smtp_password, options.smtp_ca)
        send = smtp(options.smtp, options.smtp_from, options.smtp_to, *named)
        found.append(Channel("smtp", send, told, options.backoff_s))
    return found
