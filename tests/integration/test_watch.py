"""The watchdog on a real Kafka: real frames through a real worker to an announced alarm, and what is told when they stop."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import msgspec
import pytest

from alerts.lifecycle import AlertState
from alerts.service import AlertOptions
from infra import compacted
from infra.ports import listen
from infra.services import Addresses
from infra.summary import Observer, read_topic, sent_of
from infra.upkeep import Places, drift
from infra.watch import Ear, serve
from ingest.topics import APPLIED, POLICIES, SEGMENTS, TRENDS, TRIGGERS
from ingest.watched import is_watched, is_watched_key
from storage.database import Database
from stream.policy import Policy
from tests.integration.test_alerts import Told, serving

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@contextlib.contextmanager
def worker(addresses: Addresses, name: str) -> Iterator[None]:
    """A `vigil stream` of its own, ready; killed behind the block."""
    kafka = addresses.kafka
    named = {"KAFKA": kafka.servers[0], "KAFKA_SECURITY": kafka.security, "KAFKA_USERNAME": kafka.username}
    named |= {"KAFKA_PASSWORD": kafka.password, "DATABASE": addresses.database}
    environment = dict(os.environ) | {f"VIGIL_{key}": value for key, value in named.items()}
    command = [sys.executable, "-m", "infra.cli", "stream", "--name", name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    try:
        assert json.loads(process.stdout.readline())["event"] == "ready"
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def watching(addresses: Addresses) -> Iterator[tuple[Ear, Told, str]]:
    """A watchdog in a thread, what it tells its terminal, and its address."""
    ear, stop, told = Ear(listen("127.0.0.1", 0), "the secret"), threading.Event(), Told()
    thread = threading.Thread(
        target=serve, args=(addresses.kafka, AlertOptions(), Places(), ear, stop, told.events.put)
    )
    thread.start()
    try:
        yield ear, told, f"http://127.0.0.1:{ear.server_port}"
    finally:
        stop.set()
        thread.join(30)
        ear.server_close()
        assert not thread.is_alive()


def drifting(addresses: Addresses) -> str:
    """What an administrator is told of the policies that workers run."""
    published, applied = (compacted.read(addresses.kafka, topic) for topic in (POLICIES, APPLIED))
    return drift(published, applied, time.time_ns())


def await_state(ear: Ear, state: str, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if json.loads(ear.said())["state"] == state:
            return
        time.sleep(0.1)
    raise AssertionError(f"not {state} within {limit_s} s: {ear.said()!r}")


@pytest.mark.timeout(240)
def test_a_worker_that_dies_is_told_within_ten_seconds_and_the_alert_stays_until_it_is_answered(
    services: Addresses,
) -> None:
    observer, database = Observer(services, time.time_ns()), Database(services.database)
    with watching(services) as (ear, told, url):
        options = {"watch_url": url, "watch_secret": "the secret"}
        with serving(services, services.database, **options) as (service, heard):
            with worker(services, "watched-1"):
                await_state(ear, "up", 60)
                time.sleep(8.0)
                assert json.loads(ear.said())["state"] == "up"
                assert drifting(services) == ""
                compacted.write(services.kafka, POLICIES, "bed:nobody", b'{"scope": 3}', 0)
                assert drifting(services).endswith("watched-1 (bed:nobody)"), "a policy that the worker cannot read"
                killed = time.monotonic()
            down = told.until(lambda e: e["event"] == "alert" and e["phase"] == "onset", 15)
            assert time.monotonic() - killed < 10.5
            assert (down["code"], down["priority"]) == ("PIPELINE_DOWN", "high")
            assert "no bed is watched" in down["text"]
            shown = heard.alert("PIPELINE_DOWN", "onset", 5)
            assert shown["id"] == down["id"], "one alert, whoever calls"
            with worker(services, "watched-2"):
                told.until(lambda e: e["event"] == "alert" and e["phase"] == "offset", 60)
                heard.alert("PIPELINE_DOWN", "offset", 5)
                (alert,) = [a for a in service.open_alerts() if a.code == "PIPELINE_DOWN"]
                assert alert.state is AlertState.LATCHED
                assert service.acknowledge(alert.id, "mary").open is False
    compacted.write(services.kafka, POLICIES, "bed:nobody", msgspec.json.encode(Policy("bed:nobody")), 0)
    # nobody's beds: no frames, segments, numerics or alerts of theirs anywhere, and nothing but red alarms on the way
    assert not any(is_watched(bed) for bed, _ in sent_of(observer)[0])
    assert not any(is_watched_key(m.key) for topic in (SEGMENTS, TRENDS) for m in read_topic(observer, topic))
    codes = {json.loads(m.value)["code"] for m in read_topic(observer, TRIGGERS) if is_watched_key(m.key)}
    assert codes == {"ASYSTOLE"}
    count = "SELECT count(*) FROM alert WHERE starts_with(bed, '~')"
    assert database.run(lambda c: c.exec_driver_sql(count).scalar()) == 0
    database.close()
