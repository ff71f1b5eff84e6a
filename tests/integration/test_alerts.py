"""Alerts with a database that hangs, receivers that fail and a process that is killed: real Kafka, PostgreSQL, HTTP."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import msgspec
import pytest

from alerts import accounts
from alerts.console.app import build_console
from alerts.console.live import Live
from alerts.service import AlertOptions, Service
from infra.services import Addresses
from infra.summary import Observer, read_topic
from ingest.bed import BedContext, BedState, DeadLetter, Level, Notice, to_json
from ingest.frame import BedId, Nanoseconds, SessionId
from ingest.kafka import open_consumer, open_producer
from ingest.topics import BEDS, DEADLETTERS, NOTICES, TRIGGERS, slot
from storage import alertbook
from storage.database import Away, Database
from storage.writer import Writer, WriterOptions
from stream.catalogue import CATALOGUE, Code, Kind, Priority
from stream.trigger import Phase, Trigger

pytestmark = [pytest.mark.broker, pytest.mark.slow]


class Gate:
    """A socket before the database that can be shut: it accepts, and nothing goes through any more."""

    def __init__(self, database: str, folder: str) -> None:
        self._to = f"{parse_qs(urlsplit(database).query)['host'][0]}/.s.PGSQL.5432"
        self.url = f"{database.split('?')[0]}?host={quote(folder)}"
        self.open = threading.Event()
        self.open.set()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(f"{folder}/.s.PGSQL.5432")
        self._server.listen(64)
        self._sockets = [self._server]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, what: Callable[..., None], *words: socket.socket) -> None:
        self._threads.append(threading.Thread(target=what, args=words, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.socket(socket.AF_UNIX)
                self._sockets += [near, far]
                far.connect(self._to)
                for a, b in ((near, far), (far, near)):
                    self._start(self._pump, a, b)

    def _pump(self, a: socket.socket, b: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                self.open.wait()
                b.sendall(data)
        for side in (a, b):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.open.set()
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for one in self._sockets:
            one.close()


@pytest.fixture
def gate(services: Addresses) -> Iterator[Gate]:
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        made = Gate(services.database, folder)
        yield made
        made.close()


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what was posted; answers with `status`."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.came: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.came.put((self.headers["Idempotency-Key"], body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keeps the test's output quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver(200)
    yield server
    server.shutdown()
    server.server_close()


class Told:
    """What a running service told its terminal, as it comes."""

    def __init__(self) -> None:
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.seen: list[dict[str, Any]] = []

    def until(self, fits: Callable[[dict[str, Any]], bool], limit_s: float) -> dict[str, Any]:
        """The first event that fits, told already or within that time."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            found = next(filter(fits, self.seen), None)
            if found is not None:
                return found
            with contextlib.suppress(queue.Empty):
                self.seen.append(self.events.get(timeout=0.2))
        raise AssertionError(f"not told within {limit_s} s: {self.seen[-20:]}")

    def alert(self, name: str, phase: str, limit_s: float, text: str = "") -> dict[str, Any]:
        def fits(e: dict[str, Any]) -> bool:
            named = e["event"] == "alert" and name in (e["id"], e["code"])
            return named and e["phase"] == phase and text in e["text"]

        return self.until(fits, limit_s)


@contextlib.contextmanager
def serving(addresses: Addresses, url: str, **options: Any) -> Iterator[tuple[Service, Told]]:
    """A service in a thread, ready."""
    told, stop, database = Told(), threading.Event(), Database(url, answer_s=2.0)
    service = Service(addresses.kafka, database, AlertOptions(**options), told.events.put)
    thread = threading.Thread(target=service.run, args=(stop,))
    thread.start()
    try:
        told.until(lambda e: e["event"] == "ready", 30)
        yield service, told
    finally:
        stop.set()
        thread.join(20)
        database.close()
        assert not thread.is_alive()


def red(name: str, bed: str = "alerts-1", phase: Phase = Phase.ONSET, code: Code = Code.ASYSTOLE) -> Trigger:
    now = Nanoseconds(time.time_ns())
    return Trigger(
        name, BedId(bed), SessionId(1), code, phase, CATALOGUE[code].priority, Kind.PHYSIOLOGICAL,
        CATALOGUE[code].priority is Priority.HIGH, 5, 1, now, 500.0, 4.0, 4.0, "s", f"text of {name}", "default", 0,
    )  # fmt: skip


def send(addresses: Addresses, *values: Trigger | Notice | BedContext) -> None:
    producer = open_producer(addresses.kafka)
    for value in values:
        if isinstance(value, Notice):
            producer.send(NOTICES.name, to_json(value), key=b"test", partition=0).get(10)
            continue
        topic = TRIGGERS if isinstance(value, Trigger) else BEDS
        payload = msgspec.json.encode(value)
        producer.send(topic.name, payload, key=value.bed.encode(), partition=slot(value.bed)).get(10)
    producer.close()


def row_of(database: Database, name: str, limit_s: float = 15.0) -> dict[str, Any]:
    """The alert of that id as it is stored."""
    deadline = time.monotonic() + limit_s
    query = "SELECT payload FROM alert WHERE id = %s"
    while time.monotonic() < deadline:
        found = database.run(lambda c: c.exec_driver_sql(query, (name,)).scalar())
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{name} is not stored")


def behind(addresses: Addresses) -> int:
    """Triggers that the service has not committed."""
    from kafka import TopicPartition

    consumer = open_consumer(addresses.kafka, "vigil-alerts")
    places = [TopicPartition(TRIGGERS.name, p) for p in range(TRIGGERS.partitions)]
    ends = consumer.end_offsets(places)
    missing = sum(ends[p] - (consumer.committed(p) or 0) for p in places)
    consumer.close()
    return missing


def test_a_database_that_accepts_and_is_silent_is_away_within_seconds(gate: Gate) -> None:
    database = Database(gate.url, answer_s=1.0)
    assert database.run(lambda c: c.exec_driver_sql("SELECT 1").scalar()) == 1
    gate.open.clear()
    for _ in range(2):  # first on an open connection, then on a new one
        begun = time.monotonic()
        with pytest.raises(Away):
            database.run(lambda c: c.exec_driver_sql("SELECT 1").scalar())
        assert time.monotonic() - begun < 7
    gate.open.set()
    assert database.run(lambda c: c.exec_driver_sql("SELECT 1").scalar()) == 1
    with pytest.raises(Away, match="statement timeout"):
        database.run(lambda c: c.exec_driver_sql("SELECT pg_sleep(60)"))
    database.close()


@pytest.mark.timeout(120)
def test_alarms_go_out_while_the_database_hangs_and_are_recorded_when_it_is_back(
    services: Addresses, gate: Gate
) -> None:
    direct = Database(services.database)
    observer = Observer(services, time.time_ns())
    with serving(services, gate.url) as (_, told):
        gate.open.clear()
        for k in range(3):
            begun = time.monotonic()
            send(services, red(f"hang-{k}"))
            told.alert(f"hang-{k}", "onset", 5)
            assert time.monotonic() - begun < 2
            time.sleep(1.5)
        told.alert("STORE_DEGRADED", "onset", 10)
        assert behind(services) >= 2
        gate.open.set()
        told.alert("STORE_DEGRADED", "offset", 20)
        assert row_of(direct, "hang-2")["announced_ns"] > 0
        deadline = time.monotonic() + 10
        while behind(services) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert behind(services) == 0
    notices = [msgspec.json.decode(m.value, type=Notice) for m in read_topic(observer, NOTICES)]
    assert [n.cleared for n in notices if n.code == "STORE_DEGRADED"] == [False, True]
    direct.close()


@pytest.mark.timeout(60)
def test_what_cannot_be_read_is_set_aside_and_passed_over(services: Addresses) -> None:
    observer = Observer(services, time.time_ns())
    with serving(services, services.database):
        producer = open_producer(services.kafka)
        for value in (None, b"nonsense"):
            producer.send(TRIGGERS.name, value, key=b"alerts-1", partition=slot(BedId("alerts-1"))).get(10)
        producer.close()
        deadline, payloads = time.monotonic() + 20, []
        while (b"nonsense" not in payloads or behind(services)) and time.monotonic() < deadline:
            letters = [msgspec.json.decode(m.value, type=DeadLetter) for m in read_topic(observer, DEADLETTERS)]
            payloads = [letter.payload for letter in letters if letter.source == "alerts"]
            time.sleep(0.2)
        assert sorted(payloads) == [b"", b"nonsense"]
        assert behind(services) == 0


@pytest.mark.timeout(120)
def test_an_alert_process_that_starts_while_the_database_is_away_announces_and_repeats_nothing_later(
    services: Addresses, gate: Gate
) -> None:
    direct = Database(services.database)
    with serving(services, services.database) as (_, told):
        send(services, red("before"))
        told.alert("before", "onset", 10)
        row_of(direct, "before")
    gate.open.clear()
    with serving(services, gate.url) as (service, told):
        send(services, red("during"), red("before", phase=Phase.OFFSET))
        told.alert("during", "onset", 10)
        gate.open.set()
        assert row_of(direct, "during")["announced_ns"] > 0
        deadline = time.monotonic() + 10
        while row_of(direct, "before")["state"] != "latched" and time.monotonic() < deadline:
            time.sleep(0.1)
        states = {a.id: a.state.value for a in service.open_alerts()}
        assert (states["before"], states["during"]) == ("latched", "active")
    onsets = [e["id"] for e in told.seen if e["event"] == "alert" and e["phase"] == "onset"]
    assert onsets.count("during") == 1
    assert direct.run(alertbook.broken_link) is None
    direct.close()


@pytest.mark.timeout(120)
def test_what_was_not_delivered_before_a_kill_is_delivered_after_it(services: Addresses, receiver: Receiver) -> None:
    kafka, receiver.status = services.kafka, 503
    named = {
        "VIGIL_KAFKA": kafka.servers[0],
        "VIGIL_KAFKA_SECURITY": kafka.security,
        "VIGIL_DATABASE": services.database,
    }
    named |= {"VIGIL_KAFKA_USERNAME": kafka.username, "VIGIL_KAFKA_PASSWORD": kafka.password}
    named |= {"VIGIL_WEBHOOK_URL": receiver.url, "VIGIL_WEBHOOK_SECRET": "a secret of length"}
    command = [sys.executable, "-m", "infra.cli", "alerts", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ) | named, text=True)
    assert '"ready"' in process.stdout.readline()
    send(services, red("killed"))
    database = Database(services.database)
    row_of(database, "killed")
    while receiver.came.get(timeout=10)[0] != "killed/onset":
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    waiting = [row[0] for row in database.run(alertbook.waiting_messages)]
    assert "killed/onset" in waiting

    receiver.status = 200
    options = {"webhook_url": receiver.url, "webhook_secret": "a secret of length"}
    with serving(services, services.database, **options):
        while (came := receiver.came.get(timeout=20))[0] != "killed/onset":
            pass
        assert came[1]["text"] == "text of killed"
        deadline = time.monotonic() + 10
        while "killed/onset" in waiting and time.monotonic() < deadline:
            waiting = [row[0] for row in database.run(alertbook.waiting_messages)]
    assert "killed/onset" not in waiting
    tries = "SELECT ok FROM delivery WHERE key = 'killed/onset' AND channel = 'webhook' ORDER BY id"
    assert [row[0] for row in database.run(lambda c: c.exec_driver_sql(tries).all())][-1] is True
    database.close()


@pytest.mark.timeout(120)
def test_a_receiver_that_refuses_raises_an_alert_and_after_an_answer_the_next_one_does_too(
    services: Addresses, receiver: Receiver
) -> None:
    receiver.status = 500
    options = {"webhook_url": receiver.url, "webhook_secret": "a secret of length", "backoff_s": (0.05,)}
    with serving(services, services.database, **options) as (service, told):
        send(services, red("lost-1"))
        first = told.alert("ALERT_NOT_DELIVERED", "onset", 20, "text of lost-1")
        assert service.acknowledge(first["id"], "mary").open is False
        send(services, red("lost-2"))
        second = told.alert("ALERT_NOT_DELIVERED", "onset", 20, "text of lost-2")
        assert second["id"] != first["id"]
        # that this could not be delivered either is recorded, and raises nothing more
        time.sleep(2.0)
        assert [a.id for a in service.open_alerts() if a.code == "ALERT_NOT_DELIVERED"] == [second["id"]]
        service.acknowledge(second["id"], "mary")


@pytest.mark.timeout(120)
def test_a_bed_on_standby_raises_no_technical_alert_until_it_is_monitored_again(services: Addresses) -> None:
    silent = Notice("NO_DATA", "stream", Nanoseconds(time.time_ns()), "no signal", BedId("alerts-2"), Level.MEDIUM)
    quiet = BedContext(BedId("alerts-2"), state=BedState.STANDBY)
    with serving(services, services.database) as (service, told):
        send(services, quiet)
        time.sleep(1.0)
        send(services, silent)
        told.until(lambda e: e["event"] == "notice" and e["bed"] == "alerts-2", 10)
        time.sleep(0.5)
        assert [a for a in service.open_alerts() if a.bed == "alerts-2"] == []
        send(services, replace(quiet, state=BedState.MONITORED))
        assert told.alert("NO_DATA", "onset", 10)["bed"] == "alerts-2"
        send(services, replace(quiet, state=BedState.DISCHARGED))
        assert told.alert("NO_DATA", "offset", 10)["bed"] == "alerts-2"
        assert [a for a in service.open_alerts() if a.bed == "alerts-2"] == []


@pytest.mark.timeout(120)
def test_a_writer_without_its_database_says_so_and_loses_nothing(services: Addresses, gate: Gate) -> None:
    direct, stop = Database(services.database), threading.Event()
    writer = Writer(services.kafka, gate.url, WriterOptions())
    ready = threading.Event()
    thread = threading.Thread(target=writer.run, args=(stop, lambda _: ready.set()))
    observer = Observer(services, time.time_ns())
    thread.start()
    try:
        assert ready.wait(30)
        gate.open.clear()
        send(services, red("unwritten"))
        deadline = time.monotonic() + 60
        told: list[bool] = []
        while told != [False, True] and time.monotonic() < deadline:
            notices = [msgspec.json.decode(m.value, type=Notice) for m in read_topic(observer, NOTICES)]
            told = [n.cleared for n in notices if (n.code, n.source) == ("STORE_DEGRADED", "store")]
            if told == [False]:
                gate.open.set()
            time.sleep(0.3)
        assert told == [False, True]
        # other tables may have been written first
        count = "SELECT count(*) FROM trigger WHERE id = 'unwritten'"
        while direct.run(lambda c: c.exec_driver_sql(count).scalar()) == 0 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert direct.run(lambda c: c.exec_driver_sql(count).scalar()) == 1
    finally:
        gate.open.set()
        stop.set()
        thread.join(20)
        direct.close()


@contextlib.contextmanager
def console(service: Service, addresses: Addresses, database: Database) -> Iterator[str]:
    """The web application on a port of its own; gives its address."""
    import uvicorn

    live, stop = Live(addresses.kafka), threading.Event()
    follower = threading.Thread(target=live.run, args=(stop,))
    follower.start()
    server = uvicorn.Server(
        uvicorn.Config(build_console(service, live, database), host="127.0.0.1", port=0, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        stop.set()
        thread.join(10)
        follower.join(10)


def logged_in(url: str, name: str) -> httpx.Client:
    client = httpx.Client(base_url=url)
    client.post("/login", data={"name": name, "password": f"password of {name}"})
    page = client.get("/").text
    client.headers["X-Vigil-CSRF"] = page.split('name="csrf" content="')[1].split('"')[0]
    return client


@pytest.mark.timeout(120)
def test_a_viewer_answers_nothing_and_a_page_ends_with_its_login(services: Addresses, gate: Gate) -> None:
    database = Database(gate.url, answer_s=1.0)
    for name in ("viewer", "nurse"):
        hashed = accounts.hash_password(f"password of {name}")
        database.run(lambda c, n=name, h=hashed: alertbook.put_account(c, n, n, h))
    with serving(services, services.database) as (service, told), console(service, services, database) as url:
        send(services, red("answered"))
        told.alert("answered", "onset", 10)
        viewer, nurse = logged_in(url, "viewer"), logged_in(url, "nurse")
        refused = viewer.post("/alerts/answered/acknowledge")
        assert (refused.status_code, refused.text) == (403, "A viewer does not answer alerts.")
        quiet = {"reason": "care", "seconds": 30}
        assert viewer.post("/alerts/answered/silence", json=quiet).status_code == 403
        assert 'name="answers" content="no"' in viewer.get("/").text

        # the database goes: whoever was in may still answer
        gate.open.clear()
        assert nurse.post("/alerts/answered/acknowledge", timeout=20).json()["acknowledged_by"] == "nurse"
        gate.open.set()

        with viewer.stream("GET", "/live", timeout=20) as page:
            lines = page.iter_lines()
            assert next(lines).startswith("data: ")
            other = httpx.Client(base_url=url, cookies=viewer.cookies, headers=viewer.headers)
            other.post("/logout")
            assert any(line == "event: end" for line in lines)
        assert viewer.get("/live").status_code == 401
        for client in (viewer, nurse, other):
            client.close()
    database.close()
