"""What people ask of the engine from the console: real Kafka, PostgreSQL and HTTP between them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial

import httpx
import msgspec
import numpy as np
import pytest

from alerts import accounts
from engine.answerer import CriteriaAnswerer
from infra.services import Addresses
from ingest.bed import Level, Notice
from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import SEGMENTS, TRENDS
from storage import alertbook
from storage.database import Database
from stream.catalogue import Code
from stream.measurement import Trend
from stream.offline import frames
from stream.trigger import encode_segment
from tests.integration.test_alerts import Told, console, logged_in, red, row_of, send, serving
from tests.integration.test_engine import Held, engine, segment
from tests.integration.test_engine import send as send_bytes
from tests.integration.test_stream import send as send_frames

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@contextmanager
def ward(services: Addresses) -> Iterator[tuple[Told, httpx.Client, Database]]:
    """A running alert service with its console, a nurse who is logged in, and a look into the database."""
    database = Database(services.database)
    hashed = accounts.hash_password("password of nurse")
    database.run(lambda c: alertbook.put_account(c, "nurse", "nurse", hashed))
    try:
        with (
            serving(services, services.database) as (service, told),
            console(service, services, database) as url,
            closing(logged_in(url, "nurse")) as nurse,
        ):
            yield told, nurse, database
    finally:
        database.close()


def of(database: Database, query: str, name: str, limit_s: float = 15.0) -> tuple[object, ...]:
    """The first row of a query about an alert, once there is one."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = database.run(lambda c: c.exec_driver_sql(query, (name,)).first())
        if found is not None:
            return tuple(found)
        time.sleep(0.1)
    raise AssertionError(f"nothing of {name} is stored")


@pytest.mark.timeout(120)
def test_an_artefact_is_a_review_and_its_interpretation_is_cancelled(services: Addresses) -> None:
    with engine(services, Held), ward(services) as (told, nurse, database):
        send(services, red("moved-1", "asked-1"), red("still-1", "asked-1", code=Code.VTACH))
        for name in ("moved-1", "still-1"):
            send_bytes(services, SEGMENTS.name, "asked-1", encode_segment(segment(name, "asked-1")))
            told.alert(name, "onset", 10)
        refused = nurse.post("/alerts/moved-1/artefact", headers={"X-Vigil-CSRF": "another's"})
        assert (refused.status_code, refused.text) == (403, "Log in first.")
        judged = nurse.post("/alerts/moved-1/artefact").json()
        assert (judged["artefact_by"], judged["acknowledged_by"], judged["state"]) == ("nurse", "nurse", "acknowledged")
        answer = told.until(lambda e: e["event"] == "interpretation" and e["id"] == "moved-1", 15)
        assert (answer["state"], answer["text"]) == ("withheld", "")
        assert "nurse judged the alert to be an artefact" in answer["reason"]
        said = f"Not interpreted: {answer['reason']}"
        assert nurse.post("/alerts/moved-1/artefact").json() == judged | {
            "interpretation": said, "pieces": [[said, ""]], "provenance": answer["provenance"],
        }  # fmt: skip
        assert answer["provenance"].startswith("From all twelve leads, 0.05 to 150 Hz. By criteria-")
        review = of(database, 'SELECT "by", verdict FROM review WHERE alert = %s', "moved-1")
        assert review == ("nurse", "artefact")
        journal = of(
            database, "SELECT count(*) FROM alert_event WHERE alert = %s AND key LIKE '%%/artefact/nurse'", "moved-1"
        )
        assert journal == (1,)
        assert database.run(alertbook.broken_link) is None
        # the other one of the bed is as it was, and waits for its answer
        other = row_of(database, "still-1")
        assert (other["state"], other["acknowledged_by"]) == ("active", "")
        assert not any(e["event"] == "interpretation" and e["id"] == "still-1" for e in told.seen)


@pytest.mark.timeout(120)
def test_a_worker_that_begins_ends_what_an_earlier_one_told_and_interprets_a_bed_when_somebody_asks(
    services: Addresses,
) -> None:
    """It is the session that the bed listens to that is interpreted, whoever else sends for it."""
    criteria = partial(CriteriaAnswerer, time.time_ns)
    with ward(services) as (told, nurse, _):
        now = Nanoseconds(time.time_ns())
        send(services, Notice("ENGINE_DEGRADED", "engine", now, "the model answers no more", None, Level.MEDIUM))
        told.alert("ENGINE_DEGRADED", "onset", 10)
        with engine(services, criteria):
            told.alert("ENGINE_DEGRADED", "offset", 10)
            assert nurse.post("/beds/asked-2/interpret").status_code == 409
            feed = watched("asked-2", 40.0, 20.0)
            while feed:
                due = [f for f in feed if f.sent_ns <= time.time_ns()]
                feed = feed[len(due) :]
                # a second source of the bed, which is refused, is always the last to have sent
                send_frames(services, due + [refused(f) for f in due])
                send_numerics(services, due)
                if nurse.post("/beds/asked-2/interpret").status_code == 202:
                    break
                time.sleep(0.2)
            with nurse.stream("GET", "/live", timeout=20) as page:
                pages = (json.loads(line[6:])["asked"] for line in page.iter_lines() if line.startswith("data: "))
                shown = next(one["asked-2"] for one in pages if not one["asked-2"]["waiting"])
        assert shown["by"] == "nurse"
        assert "Sinus rhythm" in shown["said"]


def refused(frame: Frame) -> Frame:
    """A frame of another source of the same bed at the same time, without any heart."""
    other = replace(frame.session, id=SessionId(2), source="other")
    return replace(frame, session=other, samples=np.zeros_like(frame.samples))


def send_numerics(services: Addresses, sent: list[Frame]) -> None:
    """What a stream worker says of the last of these frames, which tells the session that the bed listens to."""
    for f in sent[-1:]:
        row = Trend(f.session.bed, f.session.id, f.first, f.start_ns, f.session.rate_hz, 70.0, 0.0, "sinus", ())
        send_bytes(services, TRENDS.name, f.session.bed, msgspec.json.encode([row]))


def watched(bed: str, past_s: float, coming_s: float) -> list[Frame]:
    """A healthy heart around this moment, out of a session that began a minute before; each frame with when it is sent."""
    recording = simulate(SCENARIOS["sinus"], 60.0 + past_s + coming_s, seed=3, name=bed)
    session = Session(SessionId(1), BedId(bed), "test", recording.rate_hz, recording.signals)
    begun = time.time_ns() - round((60.0 + past_s) * 1e9)
    whole = (f for f in frames(recording, 0.25) if not f.ends and f.start_ns >= 60e9)
    moved = ((f, Nanoseconds(begun + f.start_ns)) for f in whole)
    return [replace(f, session=session, start_ns=at, sent_ns=at) for f, at in moved]
