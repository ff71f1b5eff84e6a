"""The watchdog's process: feeds synthetic patients, hears their alarms over HTTP, and calls by channels of its own."""

from __future__ import annotations

import hmac
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog

from alerts.delivery import Attempt, Channel, Message, sign
from alerts.probe import SOURCE
from alerts.service import AlertOptions, channels_of
from infra.upkeep import Places, keep_up
from infra.watchdog import Outage, Watchdog
from ingest.feed import FeedOptions, play
from ingest.kafka import KafkaAddress
from ingest.topics import slot
from ingest.watched import watched_beds, watched_recordings

log = structlog.get_logger()

FRAME_MS = 1000.0
STEP_S = 0.25
LINGER_S = 1.5
"""Having been told to stop it says so for as long as it takes to be asked."""
MOST_BYTES = 4096
QUIET_S = 5.0
"""Whoever says nothing for so long in the middle of a request is heard no further."""
AT_ONCE = 32
"""Requests that are heard together; the alert process has one or two open."""


class Ear(ThreadingHTTPServer):
    """Takes signed alarms (POST) and says how things are (GET /state)."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, secret: str) -> None:
        """listening: the socket on which it is heard; it is closed with this."""
        self.secret = secret
        self.lock = threading.Lock()
        self.dog = Watchdog({bed: slot(bed) for bed in watched_beds()}, time.time_ns())
        self.ending = False
        self._room = threading.BoundedSemaphore(AT_ONCE)
        host, self.server_port = listening.getsockname()[:2]
        super().__init__((host, self.server_port), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening

    def process_request(self, request: Any, client_address: Any) -> None:
        """Each request has a thread; one more than AT_ONCE is turned away."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except Exception:
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """In its thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def heard(self, body: bytes) -> None:
        """Note an alarm; raises ValueError or KeyError where it is none."""
        told = json.loads(body)
        with self.lock:
            self.dog.heard(str(told["bed"]), int(told["at_ns"]), time.time_ns())

    def look(self) -> Outage | None:
        """An outage that has just begun or ended."""
        with self.lock:
            return self.dog.look(time.time_ns())

    def said(self) -> bytes:
        """What is answered to whoever asks."""
        with self.lock:
            return json.dumps(self.dog.said | ({"state": "ending"} if self.ending else {})).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Ear
    timeout = QUIET_S

    def do_POST(self) -> None:
        """An alarm, announced like any other."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self._answer(400)
            return
        try:
            body = self.rfile.read(int(length))
        except OSError:
            self.close_connection = True
            return
        signed = "sha256=" + sign(self.server.secret, self.headers.get("X-Vigil-Timestamp", ""), body)
        if not hmac.compare_digest(signed, self.headers.get("X-Vigil-Signature", "")):
            self._answer(403)
            return
        try:
            self.server.heard(body)
        except (ValueError, KeyError, TypeError):
            self._answer(400)
            return
        self._answer(200)

    def do_GET(self) -> None:
        """How things are."""
        if self.path == "/state":
            self._answer(200, self.server.said())
        else:
            self._answer(404)

    def _answer(self, status: int, body: bytes = b"") -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            # who asked has not waited
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Four alarms a second are no news."""


def serve(
    address: KafkaAddress,
    options: AlertOptions,
    places: Places,
    ear: Ear,
    stop: threading.Event,
    tell: Callable[[dict[str, Any]], None],
) -> None:
    """Watch until `stop` is set. Whom to call stands in `options`: neither Kafka nor the database is asked."""
    feed = FeedOptions(SOURCE, run=secrets.token_hex(8), frame_ms=FRAME_MS, resumes=False)
    channels = channels_of(options, _undelivered)
    work: tuple[tuple[Callable[..., object], tuple[object, ...]], ...] = (
        (ear.serve_forever, ()),
        (play, (watched_recordings(), address, feed, stop, lambda _: None)),
        (keep_up, (address, places, stop)),
    )
    threads = [threading.Thread(target=what, args=args, daemon=True) for what, args in work]
    for thread in threads:
        thread.start()
    tell({"event": "ready"})
    while not stop.wait(STEP_S):
        outage = ear.look()
        if outage is not None:
            _call(outage, channels, tell)
    ear.ending = True
    threads[1].join(5.0)
    time.sleep(LINGER_S)
    ear.shutdown()
    for channel in channels:
        channel.close()


def _call(outage: Outage, channels: Sequence[Channel], tell: Callable[[dict[str, Any]], None]) -> None:
    """Tell the terminal and every channel that an outage has begun or is over."""
    name, phase = f"PIPELINE_DOWN/{SOURCE}/{outage.since_ns}", "offset" if outage.until_ns else "onset"
    body = {
        "event": "alert",
        "id": name,
        "bed": None,
        "code": "PIPELINE_DOWN",
        "priority": "high",
        "kind": "technical",
        "phase": phase,
        "text": outage.text,
        "tone": "none" if outage.until_ns else "long",
        "late_s": None,
        "at_ns": outage.since_ns,
        "announced_ns": time.time_ns(),
    }
    tell(body)
    for channel in channels:
        # the alert process calls too where it can, under the same key
        channel.put(Message(f"{name}/{phase}", body, f"{name}/onset" if outage.until_ns else ""))


def _undelivered(attempt: Attempt) -> None:
    if attempt.last and not attempt.ok:
        log.error("the watchdog could not call", channel=attempt.channel, reason=attempt.outcome)
