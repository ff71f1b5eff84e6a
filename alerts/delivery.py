"""Alerts out of the house: each channel has a queue and a thread of its own, each attempt is told, none waits for another."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import smtplib
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import structlog

log = structlog.get_logger()

BACKOFF_S = (1.0, 4.0, 15.0, 60.0)
"""Waits between attempts; behind the last the alert is told as not delivered."""
TIMEOUT_S = 10.0
DISCLAIMER = "Research software, not a medical device."


@dataclass(frozen=True, slots=True)
class Message:
    """What is to reach a receiver."""

    key: str
    """Alert and step: the same delivery, however often it is tried."""
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to reach one receiver."""

    key: str
    channel: str
    attempt: int
    at_ns: int
    ok: bool
    outcome: str
    last: bool
    """No further attempt follows."""


class Channel:
    """One way out; `send` raises where it fails."""

    def __init__(
        self,
        name: str,
        send: Callable[[Message], str],
        told: Callable[[Attempt], None],
        backoff_s: tuple[float, ...] = BACKOFF_S,
    ) -> None:
        self.name = name
        self._send = send
        self._told = told
        self._backoff_s = backoff_s
        self._queue: queue.Queue[Message | None] = queue.Queue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"channel-{name}", daemon=True)
        self._thread.start()

    def put(self, message: Message) -> None:
        """Queue a message; never waits."""
        self._queue.put(message)

    def close(self) -> None:
        """Stop behind what is being sent."""
        self._stop.set()
        self._queue.put(None)
        self._thread.join(2.0)

    def _work(self) -> None:
        while not self._stop.is_set():
            message = self._queue.get()
            if message is None:
                return
            self._deliver(message)

    def _deliver(self, message: Message) -> None:
        for attempt in range(len(self._backoff_s) + 1):
            last = attempt == len(self._backoff_s)
            try:
                outcome = self._send(message)
            except Exception as error:  # whatever a channel does wrong is an outcome, never the end of the thread
                outcome = f"{type(error).__name__}: {error}"[:300]
                self._told(Attempt(message.key, self.name, attempt + 1, time.time_ns(), False, outcome, last))
                if last or self._stop.wait(self._backoff_s[attempt]):
                    return
            else:
                self._told(Attempt(message.key, self.name, attempt + 1, time.time_ns(), True, outcome, True))
                return


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over timestamp, a dot and the body, hexadecimal: what a receiver must compute again."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def webhook(url: str, secret: str) -> Callable[[Message], str]:
    """Posts JSON with X-Vigil-Timestamp, X-Vigil-Signature and an idempotency key."""

    def send(message: Message) -> str:
        body = json.dumps(message.body | {"notice": DISCLAIMER}).encode()
        timestamp = str(int(time.time()))
        request = urllib.request.Request(url, data=body, method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("Idempotency-Key", message.key)
        request.add_header("X-Vigil-Timestamp", timestamp)
        request.add_header("X-Vigil-Signature", f"sha256={sign(secret, timestamp, body)}")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return f"HTTP {answer.status}"

    return send


def smtp(server: str, sender: str, to: tuple[str, ...], username: str, password: str) -> Callable[[Message], str]:
    """Sends a plain mail; by TLS where the server offers it, and never a password without."""
    host, _, port = server.rpartition(":")

    def send(message: Message) -> str:
        mail = EmailMessage()
        body = message.body
        mail["Subject"] = f"[{body.get('priority', '')}] {body.get('bed') or 'Vigil'}: {body.get('text', '')}"
        mail["From"], mail["To"] = sender, ", ".join(to)
        mail["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:32]}@vigil>"
        mail.set_content(f"{body.get('text', '')}\n\n{DISCLAIMER}\n")
        with smtplib.SMTP(host, int(port), timeout=TIMEOUT_S) as client:
            client.ehlo()
            if client.has_extn("starttls"):
                client.starttls()
                client.ehlo()
            elif username:
                raise smtplib.SMTPNotSupportedError("the server offers no TLS: the password is not sent")
            if username:
                client.login(username, password)
            client.send_message(mail)
        return "accepted"

    return send
