"""Channels deliver, try again, and never hold each other up; a real HTTP server and a real socket receive."""

import http.server
import json
import queue
import threading
from collections.abc import Iterator

import pytest

from alerts.accounts import hash_password, password_fits
from alerts.delivery import Attempt, Channel, Message, sign, webhook


class Receiver(http.server.ThreadingHTTPServer):
    """Answers what it was told to, in order, and keeps what came."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        self.came: list[tuple[dict, bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keeps the test's output quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver([503])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_webhook_is_signed_and_tried_again_under_the_same_key(receiver: Receiver) -> None:
    told: queue.Queue[Attempt] = queue.Queue()
    url = f"http://127.0.0.1:{receiver.server_port}/"
    channel = Channel("webhook", webhook(url, "a secret of length"), told.put, (0.0, 0.0))
    channel.put(Message("alert/onset", {"text": "Asystole"}))
    attempts = [told.get(timeout=5), told.get(timeout=5)]
    channel.close()
    assert [(a.ok, a.attempt, a.last) for a in attempts] == [(False, 1, False), (True, 2, True)]
    (first, body), (second, _) = receiver.came
    assert first["Idempotency-Key"] == second["Idempotency-Key"] == "alert/onset"
    assert first["X-Vigil-Signature"] == "sha256=" + sign("a secret of length", first["X-Vigil-Timestamp"], body)
    assert "not a medical device" in json.loads(body)["notice"]


def test_after_the_last_attempt_the_failure_is_told() -> None:
    told: queue.Queue[Attempt] = queue.Queue()
    channel = Channel("webhook", webhook("http://127.0.0.1:9/", "x" * 16), told.put, (0.0,))
    channel.put(Message("k", {}))
    assert [told.get(timeout=5).last, told.get(timeout=5).last] == [False, True]
    channel.close()


def test_passwords_are_hashed_with_a_salt_and_checked() -> None:
    one, two = hash_password("correct horse"), hash_password("correct horse")
    assert one != two
    assert password_fits("correct horse", one)
    assert not password_fits("wrong horse", one)
    assert not password_fits("anything", "")
