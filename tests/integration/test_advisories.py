"""Advisories from the segment to the card: engine and alert service over a real Kafka, PostgreSQL and HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import msgspec
import pytest
from prometheus_client import REGISTRY

from alerts import accounts
from engine.answerer import CriteriaAnswerer
from infra.services import Addresses
from ingest.kafka import open_producer
from ingest.topics import POLICIES, SEGMENTS
from storage import alertbook
from storage.database import Database
from stream.policy import Advisories, Mode, Policy
from stream.trigger import encode_segment
from tests.integration.test_alerts import Receiver, Told, console, logged_in, receiver, red, row_of, send, serving
from tests.integration.test_engine import answers, engine
from tests.integration.test_engine import send as send_bytes
from tests.unit.engine.patterns import wpw

pytestmark = [pytest.mark.broker, pytest.mark.slow]
__all__ = ["receiver"]
CRITERIA = partial(CriteriaAnswerer, time.time_ns)


def put_in_force(services: Addresses, bed: str, mode: Mode) -> None:
    policy = Policy(f"bed:{bed}", 7, advisories=Advisories(wpw=mode))
    producer = open_producer(services.kafka)
    producer.send(POLICIES.name, msgspec.json.encode(policy), key=policy.scope.encode(), partition=0).get(10)
    producer.close()


@contextmanager
def ward(services: Addresses, receiver: Receiver) -> Iterator[tuple[Told, Callable[[str], httpx.Client], Database]]:
    """A running alert service with a webhook and a console, people who log in, and a look into the database."""
    database = Database(services.database)
    for name, role in (("nurse", "nurse"), ("boss", "admin")):
        hashed = accounts.hash_password(f"password of {name}")
        database.run(lambda c, n=name, r=role, h=hashed: alertbook.put_account(c, n, r, h))
    options = {"webhook_url": receiver.url, "webhook_secret": "a secret of length"}
    with (
        serving(services, services.database, **options) as (service, told),
        console(service, services, database) as url,
    ):
        yield told, partial(logged_in, url), database
        for alert in service.open_alerts():
            # what nobody has answered would be escalated in another test
            service.acknowledge(alert.id, "nurse")
    database.close()


def shown(client: httpx.Client) -> dict[str, list[dict[str, object]]]:
    """The first thing that an open page is told."""
    with client.stream("GET", "/live", timeout=20) as page:
        return next(json.loads(line[6:]) for line in page.iter_lines() if line.startswith("data: "))


def counted(mode: str) -> float:
    labels = {"code": "WPW", "mode": mode, "verdict": "borne"}
    return REGISTRY.get_sample_value("vigil_engine_advisories_total", labels) or 0.0


def beside_a_red(services: Addresses, told: Told, bed: str) -> None:
    """A red alarm of the bed, and the segment of it, which shows a WPW pattern; waits for the interpretation."""
    name = f"red-of-{bed}"
    send(services, red(name, bed))
    told.alert(name, "onset", 10)
    send_bytes(services, SEGMENTS.name, bed, encode_segment(wpw(name=name, bed=bed)))
    told.until(lambda e: e["event"] == "interpretation" and e["id"] == name, 20)


@pytest.mark.timeout(120)
def test_an_advisory_in_shadow_is_stored_and_counted_and_shown_to_administrators_alone(
    services: Addresses, receiver: Receiver
) -> None:
    bed, before = "advised-1", counted("shadow")
    with engine(services, CRITERIA), ward(services, receiver) as (told, log_in, database):
        beside_a_red(services, told, bed)
        (answer,) = answers(services, bed, 1)
        (advised,) = answer.advisories
        assert (advised.code, advised.borne, advised.mode, advised.policy) == ("WPW", True, "shadow", "default/0")
        record = row_of(database, f"WPW/{bed}/{answer.at_ns}")
        assert (record["state"], record["suppressed_by"], record["announced_ns"]) == ("resolved", "shadow", None)
        measures = [e["measure"] for e in record["interpretation"]["advisories"][0]["evidence"]]
        assert measures == ["PR interval", "QRS duration", "R peak time"]
        assert counted("shadow") == before + 1

        nurse, boss = log_in("nurse"), log_in("boss")
        seen, all_seen = shown(nurse), shown(boss)
        assert [a["code"] for a in seen["alerts"] if a["bed"] == bed] == ["ASYSTOLE"]
        assert seen["shadow"] == []
        assert [a["code"] for a in all_seen["shadow"] if a["bed"] == bed] == ["WPW"]
        assert "WPW" not in [a["code"] for a in all_seen["alerts"]]
        assert not any(e["event"] == "alert" and e["code"] == "WPW" for e in told.seen)
        nurse.close()
        boss.close()
    assert not any(key.startswith("WPW/") for key, _ in list(receiver.came.queue))


@pytest.mark.timeout(120)
def test_an_advisory_that_is_on_is_an_information_beside_the_red_alarm_which_stays_as_it_was(
    services: Addresses, receiver: Receiver
) -> None:
    bed = "advised-2"
    with engine(services, CRITERIA), ward(services, receiver) as (told, log_in, database):
        put_in_force(services, bed, Mode.ON)
        time.sleep(1.0)  # the worker follows the policies between two messages
        beside_a_red(services, told, bed)
        advised = told.until(lambda e: e["event"] == "alert" and e["code"] == "WPW" and e["bed"] == bed, 10)
        assert (advised["priority"], advised["kind"]) == ("information", "physiological")
        assert advised["text"].startswith("AI advisory: Possible WPW pattern: PR 100 ms, QRS 130 ms")
        asystole = row_of(database, f"red-of-{bed}")
        assert (asystole["state"], asystole["priority"], asystole["suppressed_by"]) == ("active", "high", "")
        assert row_of(database, advised["id"])["interpretation"]["advisories"][0]["policy"] == f"bed:{bed}/7"

        nurse = log_in("nurse")
        cards = [a for a in shown(nurse)["alerts"] if a["bed"] == bed]
        assert [(a["code"], a["priority"], a["state"]) for a in cards] == [
            ("ASYSTOLE", "high", "active"),
            ("WPW", "information", "active"),
        ]
        assert nurse.post(f"/alerts/{advised['id']}/acknowledge").json()["state"] == "resolved"
        assert [a["code"] for a in shown(nurse)["alerts"] if a["bed"] == bed] == ["ASYSTOLE"]
        assert database.run(alertbook.broken_link) is None
        nurse.close()


@pytest.mark.timeout(120)
def test_an_advisory_that_is_off_leaves_no_trace(services: Addresses, receiver: Receiver) -> None:
    bed = "advised-3"
    put_in_force(services, bed, Mode.OFF)
    with engine(services, CRITERIA), ward(services, receiver) as (told, _, database):
        beside_a_red(services, told, bed)
        (answer,) = answers(services, bed, 1)
        assert answer.advisories == ()
        count = "SELECT count(*) FROM alert WHERE bed = %s AND code = 'WPW'"
        assert database.run(lambda c: c.exec_driver_sql(count, (bed,)).scalar()) == 0
