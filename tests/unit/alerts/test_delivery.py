"""Channels deliver, try again, and never hold each other up; a real HTTP and a real SMTP server receive."""

import http.server
import json
import os
import queue
import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.accounts import hash_password, password_fits
from alerts.delivery import Attempt, Channel, Message, sign, smtp, webhook

pytestmark = pytest.mark.uncompiled


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
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/login")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.came.append((dict(self.headers), b""))
        self.send_response(200)
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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304, 404])
def test_a_webhook_that_answers_anything_but_taken_has_not_taken(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    with pytest.raises(ConnectionError, match=f"HTTP {status}"):
        webhook(f"http://127.0.0.1:{receiver.server_port}/hook", "a secret of length")(Message("k", {}))
    assert len(receiver.came) == 1


def test_no_outcome_of_a_webhook_repeats_what_its_address_holds() -> None:
    for url in ("http://bob:hunter2@127.0.0.1:9/hook", "http://127.0.0.1:9/hunter2", "http://127.0.0.1/hunter2 x"):
        with pytest.raises(Exception) as failed:
            webhook(url, "a secret of length")(Message("k", {}))
        assert "hunter2" not in str(failed.value)


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


def test_a_message_that_fails_holds_up_no_other() -> None:
    told: queue.Queue[Attempt] = queue.Queue()

    def send(message: Message) -> str:
        if message.key == "bad":
            raise ConnectionError("refused")
        return "taken"

    channel = Channel("c", send, told.put, (60.0,))
    channel.put(Message("bad", {"priority": "high"}))
    assert not told.get(timeout=5).ok
    for key in ("red", "yellow"):
        channel.put(Message(key, {"priority": "high" if key == "red" else "medium"}))
    assert {told.get(timeout=5).key, told.get(timeout=5).key} == {"red", "yellow"}
    channel.close()


def test_a_red_overtakes_others_that_wait_and_others_that_hang() -> None:
    told: queue.Queue[Attempt] = queue.Queue()
    let = threading.Event()

    def send(message: Message) -> str:
        if message.key.startswith("yellow"):
            assert let.wait(10)
        return "taken"

    channel = Channel("c", send, told.put)
    for k in range(20):
        channel.put(Message(f"yellow-{k}", {"priority": "medium"}))
    channel.put(Message("red", {"priority": "high"}))
    assert told.get(timeout=5).key == "red"
    let.set()
    assert len({told.get(timeout=5).key for _ in range(20)}) == 20
    channel.close()


def test_the_end_of_an_alert_is_told_behind_its_beginning() -> None:
    told: queue.Queue[Attempt] = queue.Queue()
    fails = iter([True, True, False])

    def send(message: Message) -> str:
        if message.key == "a/onset" and next(fails):
            raise ConnectionError("refused")
        return "taken"

    channel = Channel("c", send, told.put, (0.1, 0.1))
    channel.put(Message("a/onset", {"priority": "high"}))
    channel.put(Message("a/offset", {"priority": "high"}, "a/onset"))
    assert [told.get(timeout=5).key for _ in range(4)] == ["a/onset"] * 3 + ["a/offset"]
    channel.close()


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP (RFC 5321) as a client needs, and keeps the mails; refuses the first `refused` of them.

    nobody: receivers it does not know, and what it says of each.
    """

    daemon_threads = True

    def __init__(self, refused: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.refused = refused
        self.tls = tls
        self.nobody: dict[str, str] = {}
        self.logins: queue.Queue[str] = queue.Queue()
        self.mails: queue.Queue[tuple[list[str], str]] = queue.Queue()
        super().__init__(("127.0.0.1", 0), _Mail)


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 ready")
        said: list[str] = []
        while line := self.rfile.readline().decode().strip():
            said.append(line)
            word = line.split()[0].upper()
            if word == "EHLO":
                ways = (
                    "AUTH PLAIN" if isinstance(self.request, ssl.SSLSocket) else "STARTTLS" if self.server.tls else ""
                )
                self.say(f"250-here\r\n250-8BITMIME\r\n250 {ways}")
            elif word == "STARTTLS":
                self.say("220 go on")
                try:
                    self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                except OSError:
                    return  # the client refuses the certificate
                self.setup()
            elif word == "AUTH":
                self.server.logins.put(line)
                self.say("235 known")
            elif why := next((why for who, why in self.server.nobody.items() if word == "RCPT" and who in line), ""):
                said.pop()
                self.say(why)
            elif word == "DATA":
                self.data(said)
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def data(self, said: list[str]) -> None:
        if self.server.refused:
            self.server.refused -= 1
            self.say("451 try again later")
            return
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        self.server.mails.put((said, "".join(lines)))
        self.say("250 taken")

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer(refused=1)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_mail_is_sent_tried_again_and_says_what_it_is(mail_server: MailServer) -> None:
    told: queue.Queue[Attempt] = queue.Queue()
    address = f"127.0.0.1:{mail_server.server_address[1]}"
    send = smtp(address, "vigil@ward.example", ("one@ward.example", "two@ward.example"), "", "")
    channel = Channel("smtp", send, told.put, (0.05,))
    channel.put(Message("a/onset", {"priority": "high", "bed": "icu-1", "text": "Asystole: no QRS for 4.0 s"}))
    first, second = told.get(timeout=5), told.get(timeout=5)
    assert (first.ok, second.ok, second.outcome) == (False, True, "accepted")
    assert "try again later" in first.outcome
    said, mail = mail_server.mails.get(timeout=5)
    receivers = [line for line in said if line.upper().startswith("RCPT")]
    assert ["one@ward" in receivers[0], "two@ward" in receivers[1]] == [True, True]
    assert "Subject: [high] icu-1: Asystole: no QRS for 4.0 s" in mail
    assert "not a medical device" in mail
    channel.close()


def receivers(server: MailServer) -> list[str]:
    """Who got the mail that came next."""
    said, _ = server.mails.get(timeout=5)
    return [line.split("<")[1].split("@")[0] for line in said if line.upper().startswith("RCPT")]


def test_who_is_refused_alone_is_tried_again_and_told_by_name(mail_server: MailServer) -> None:
    mail_server.refused, mail_server.nobody = 0, {"charge@": "550 no such user"}
    told: queue.Queue[Attempt] = queue.Queue()
    address = f"127.0.0.1:{mail_server.server_address[1]}"
    send = smtp(address, "vigil@ward.example", ("nurse@ward.example", "charge@ward.example"), "", "")
    channel = Channel("smtp", send, told.put, (0.2, 0.2))
    channel.put(Message("a/onset", {"priority": "high", "text": "t"}))
    first, second = told.get(timeout=5), told.get(timeout=5)
    assert [(a.ok, a.partly, a.last) for a in (first, second)] == [(False, True, False)] * 2
    assert "charge@ward.example (550 no such user)" in first.outcome
    assert "nurse@" not in first.outcome
    mail_server.nobody = {}
    third = told.get(timeout=5)
    channel.close()
    assert (third.ok, third.last, third.outcome) == (True, True, "accepted")
    assert [receivers(mail_server) for _ in range(2)] == [["nurse"], ["charge"]]
    assert mail_server.mails.empty()


def test_a_server_that_breaks_off_behind_the_first_receiver_has_taken_nothing(mail_server: MailServer) -> None:
    mail_server.refused, mail_server.nobody = 0, {"charge@": "421 closing"}
    address = f"127.0.0.1:{mail_server.server_address[1]}"
    send = smtp(address, "vigil@ward.example", ("nurse@ward.example", "charge@ward.example"), "", "")
    with pytest.raises(ConnectionError, match=r"charge@ward\.example"):
        send(Message("k", {"text": "t"}))
    mail_server.nobody = {}
    assert send(Message("k", {"text": "t"})) == "accepted"
    assert receivers(mail_server) == ["nurse", "charge"]


def test_a_password_is_never_sent_in_the_clear(mail_server: MailServer) -> None:
    mail_server.refused = 0
    address = f"127.0.0.1:{mail_server.server_address[1]}"
    send = smtp(address, "vigil@ward.example", ("one@ward.example",), "vigil", "secret")
    with pytest.raises(Exception, match="password is not sent"):
        send(Message("k", {"text": "t"}))
    assert mail_server.mails.empty()


def certificate(folder: Path, name: str) -> Path:
    """A file with a key and a certificate for this address, signed by itself."""
    if shutil.which("openssl") is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs openssl")
        pytest.skip("no openssl on this machine")
    made, key = folder / f"{name}.pem", folder / f"{name}.key"
    what = ["-subj", "/CN=mail", "-addext", f"subjectAltName=IP:{name}", "-keyout", str(key), "-out", str(made)]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *what], check=True, capture_output=True)
    made.write_text(made.read_text() + key.read_text())
    return made


@pytest.fixture
def tls_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[MailServer, Path]]:
    """A mail server with a certificate of its own making, for the address that the test names; and that certificate."""
    made = certificate(tmp_path, request.param)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made)
    server = MailServer(tls=context)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server, made
    server.shutdown()
    server.server_close()


def posted(server: MailServer, ca: str) -> str:
    address = f"127.0.0.1:{server.server_address[1]}"
    send = smtp(address, "vigil@ward.example", ("one@ward.example",), "vigil", "secret", ca)
    return send(Message("k", {"text": "t"}))


@pytest.mark.parametrize("tls_server", ["127.0.0.1"], indirect=True)
def test_a_certificate_that_nobody_trusted_has_signed_is_refused_before_the_password(
    tls_server: tuple[MailServer, Path],
) -> None:
    server, _ = tls_server
    with pytest.raises(ssl.SSLCertVerificationError):
        posted(server, ca="")
    assert (server.logins.empty(), server.mails.empty()) == (True, True)


@pytest.mark.parametrize("tls_server", ["192.0.2.1"], indirect=True)
def test_a_certificate_of_another_host_is_refused_before_the_password(tls_server: tuple[MailServer, Path]) -> None:
    server, made = tls_server
    with pytest.raises(ssl.SSLCertVerificationError):
        posted(server, ca=str(made))
    assert server.logins.empty()


@pytest.mark.parametrize("tls_server", ["127.0.0.1"], indirect=True)
def test_a_certificate_of_the_authority_that_the_hospital_names_is_taken(tls_server: tuple[MailServer, Path]) -> None:
    server, made = tls_server
    assert posted(server, ca=str(made)) == "accepted"
    assert server.logins.get(timeout=5).startswith("AUTH PLAIN")
    assert "not a medical device" in server.mails.get(timeout=5)[1]


def test_no_mail_goes_without_tls_where_an_authority_is_named(mail_server: MailServer) -> None:
    mail_server.refused = 0
    address = f"127.0.0.1:{mail_server.server_address[1]}"
    send = smtp(address, "vigil@ward.example", ("one@ward.example",), "", "", "authority.pem")
    with pytest.raises(Exception, match="mail is not sent"):
        send(Message("k", {"text": "t"}))
    assert mail_server.mails.empty()
