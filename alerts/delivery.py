"""Alerts out of the house: each channel has threads of its own, each attempt is told, none waits for another."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import itertools
import json
import smtplib
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import structlog

log = structlog.get_logger()

BACKOFF_S = (1.0, 4.0, 15.0, 60.0)
"""Waits between attempts; behind the last the alert is told as not delivered."""
TIMEOUT_S = 10.0
THREADS = 4
"""Of a channel: a receiver that hangs over some messages holds up no others."""
PARTLY_KEPT = 1000
"""Mails that some receivers have and others not yet: of so many it is remembered who has them."""
RANKS = {"high": 0, "medium": 1, "low": 2, "information": 3}
DISCLAIMER = "Research software, not a medical device."


@dataclass(frozen=True, slots=True)
class Message:
    """What is to reach a receiver."""

    key: str
    """Alert and step: the same delivery, however often it is tried."""
    body: dict[str, Any]
    after: str = ""
    """Key of the message that must have gone, or have been given up, before this one."""

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return RANKS.get(str(self.body.get("priority", "")), 1)


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
    partly: bool = False
    """Some of the receivers have it, in this attempt or in one before."""


class PartlyTaken(Exception):
    """Some receivers of a message have it, others were refused: those alone are tried again."""


@dataclass(slots=True)
class _Waiting:
    """A message on its way: how often it was tried, and from when on it may be tried again."""

    message: Message
    number: int
    attempts: int
    due_s: float

    @property
    def order(self) -> tuple[int, float, int]:
        """The most urgent first, then the longest due."""
        return self.message.rank, self.due_s, self.number


class Channel:
    """One way out; `send` raises where it fails.

    Each message has its own time, so that one that fails waits alone; of those that are due the most urgent goes first,
    and one of the threads takes nothing but the most urgent.
    """

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
        self._waiting: list[_Waiting] = []
        self._busy: set[str] = set()
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._work, args=(k == 0,), name=f"channel-{name}-{k}", daemon=True)
            for k in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, message: Message, attempts: int = 0) -> None:
        """Queue a message that was tried so often before; never waits."""
        with self._changed:
            self._waiting.append(_Waiting(message, next(self._numbers), attempts, time.monotonic()))
            self._changed.notify_all()

    def close(self) -> None:
        """Stop behind what is being sent; what waits stays where it is recorded."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        deadline = time.monotonic() + 2.0
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self, reds_only: bool) -> None:
        while (waiting := self._next(reds_only)) is not None:
            again = self._deliver(waiting)
            with self._changed:
                self._busy.discard(waiting.message.key)
                if again:
                    self._waiting.append(waiting)
                self._changed.notify_all()

    def _next(self, reds_only: bool) -> _Waiting | None:
        """Wait for the message that goes next; None when the channel closes."""
        with self._changed:
            while not self._closing:
                open_keys = self._busy | {w.message.key for w in self._waiting}
                ready = [
                    w
                    for w in self._waiting
                    if w.message.after not in open_keys and not (reds_only and w.message.rank > 0)
                ]
                first = min((w for w in ready if w.due_s <= time.monotonic()), key=lambda w: w.order, default=None)
                if first is not None:
                    self._waiting.remove(first)
                    self._busy.add(first.message.key)
                    return first
                due_s = min((w.due_s for w in ready), default=None)
                self._changed.wait(None if due_s is None else max(0.0, due_s - time.monotonic()))
        return None

    def _deliver(self, waiting: _Waiting) -> bool:
        """Try once and tell the outcome; whether it is to be tried again."""
        waiting.attempts += 1
        key, last = waiting.message.key, waiting.attempts > len(self._backoff_s)
        try:
            outcome = self._send(waiting.message)
        except Exception as error:  # whatever a channel does wrong is an outcome, never the end of the thread
            outcome, partly = f"{type(error).__name__}: {error}"[:300], isinstance(error, PartlyTaken)
            self._told(Attempt(key, self.name, waiting.attempts, time.time_ns(), False, outcome, last, partly))
            if not last:
                waiting.due_s = time.monotonic() + self._backoff_s[waiting.attempts - 1]
            return not last
        self._told(Attempt(key, self.name, waiting.attempts, time.time_ns(), True, outcome, True))
        return False


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over timestamp, a dot and the body, hexadecimal: what a receiver must compute again."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nowhere: what follows a redirect is a GET without the alert, and its answer is nobody's receipt."""

    def redirect_request(self, *_: object) -> None:
        """None: the redirect stays the failure that it is."""


_POST = urllib.request.build_opener(_NoRedirect).open


def webhook(url: str, secret: str) -> Callable[[Message], str]:
    """Posts JSON with X-Vigil-Timestamp, X-Vigil-Signature and an idempotency key.

    Taken is what the post itself is answered to with 2xx; a redirect is not followed, and is a failure like any other answer.
    """

    def send(message: Message) -> str:
        body = json.dumps(message.body | {"notice": DISCLAIMER}).encode()
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            "X-Vigil-Timestamp": timestamp,
            "X-Vigil-Signature": f"sha256={sign(secret, timestamp, body)}",
        }
        try:
            with _POST(urllib.request.Request(url, body, headers, method="POST"), timeout=TIMEOUT_S) as answer:
                return f"HTTP {answer.status}"
        except urllib.error.HTTPError as error:
            with error:
                raise ConnectionError(f"HTTP {error.code} {error.reason}") from None
        except (http.client.InvalidURL, ValueError) as error:
            # what these say quotes the address, which may hold a secret
            raise ConnectionError(f"nothing can be posted to VIGIL_WEBHOOK_URL: {type(error).__name__}") from None

    return send


def smtp(
    server: str, sender: str, to: tuple[str, ...], username: str, password: str, ca: str = ""
) -> Callable[[Message], str]:
    """Sends a plain mail; by TLS where the server offers it, and never a password without.

    Receivers that the server refuses make the attempt a failed one, and they alone are tried again.

    ca: file with the authority that signed the server's certificate; empty: those that the machine trusts. A certificate
    that none of them signed, or of another host, is refused: nothing is sent. Where `ca` is named there is no mail without TLS.
    """
    host, _, port = server.rpartition(":")
    to = tuple(dict.fromkeys(to))
    left: OrderedDict[str, tuple[str, ...]] = OrderedDict()
    """By key of a message who does not have it yet, where others have."""

    def send(message: Message) -> str:
        mail = _mail(message, sender, to)
        wanted = left.get(message.key, to)
        with smtplib.SMTP(host, int(port), timeout=TIMEOUT_S) as client:
            client.ehlo()
            if client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context(cafile=ca or None))
                client.ehlo()
            elif username or ca:
                withheld = "the password" if username else "the mail"
                raise smtplib.SMTPNotSupportedError(f"the server offers no TLS: {withheld} is not sent")
            if username:
                client.login(username, password)
            try:
                refused = client.send_message(mail, to_addrs=list(wanted))
                still = tuple(refused)
            except smtplib.SMTPRecipientsRefused as error:
                # nobody has it by this attempt, those neither whom the server had taken before it broke off
                refused, still = error.recipients, wanted
        if not still:
            left.pop(message.key, None)
            return "accepted"
        named = ", ".join(f"{who} ({code} {why.decode(errors='replace')})" for who, (code, why) in refused.items())
        if still == to:
            raise ConnectionError(f"refused: {named}")
        left[message.key] = still
        while len(left) > PARTLY_KEPT:
            left.popitem(last=False)
        raise PartlyTaken(f"refused: {named}; the other receivers have it")

    return send


def _mail(message: Message, sender: str, to: tuple[str, ...]) -> EmailMessage:
    mail, body = EmailMessage(), message.body
    mail["Subject"] = f"[{body.get('priority', '')}] {body.get('bed') or 'Vigil'}: {body.get('text', '')}"
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:32]}@vigil>"
    mail.set_content(f"{body.get('text', '')}\n\n{DISCLAIMER}\n")
    return mail
