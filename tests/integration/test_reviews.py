"""From a flagged window to a labelled set: real PostgreSQL, the console over HTTP, the export, and who reads it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
from sqlalchemy import create_engine, make_url

from alerts import accounts
from alerts.console.app import build_console
from engine.interpreter import interpret
from infra.cli import main
from infra.services import Addresses
from ingest.bed import BedContext, Sex
from ingest.frame import BedId, Nanoseconds, SessionId
from ingest.open_recording import read_recording
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import BEDS, INTERPRETATIONS, SEGMENTS, TRIGGERS
from storage import alertbook
from storage.assemble import Assembler
from storage.database import Database
from storage.migrate import check, downgrade, upgrade
from storage.rows import Batch
from storage.windows import Windows
from stream.offline import analyse, frames
from stream.trigger import Segment, encode_segment

pytestmark = pytest.mark.broker
S_NS = 10**9


@dataclass(frozen=True)
class Window:
    """A window that was flagged, and the recording that it is of."""

    trigger: str
    bed: str
    segment: Segment
    recording: Recording


def flag(database: Database, bed: str, scenario: str, session: int, now_ns: int) -> Window:
    """Have all that the writer is told of one alarm of a bed written: signal, trigger, segment, interpretation."""
    recording = simulate(SCENARIOS[scenario], 90.0, seed=3, name=bed)
    found = analyse(recording)
    begun_ns = now_ns - 600 * S_NS
    old = next(s for s in found.segments if s.trigger.at_ns > 12 * S_NS and not s.unreadable)
    at_ns = Nanoseconds(begun_ns + old.trigger.at_ns)
    trigger = replace(old.trigger, id=f"{bed}-window", session=SessionId(session), at_ns=at_ns)
    segment = replace(old, trigger=trigger, start_ns=Nanoseconds(begun_ns + old.start_ns))
    batch, assembler = Batch(), Assembler()
    for k, frame in enumerate(frames(recording, 1.0, session)):
        batch.blocks += list(assembler.put(replace(frame, start_ns=Nanoseconds(frame.start_ns + begun_ns)), 0, k))
    batch.take(TRIGGERS.name, 0, 0, msgspec.json.encode(trigger), 0)
    batch.take(SEGMENTS.name, 0, 0, encode_segment(segment), 0)
    batch.take(INTERPRETATIONS.name, 0, 0, msgspec.json.encode(interpret(segment, None, Nanoseconds(now_ns))), 0)
    database.run(batch.write)
    return Window(trigger.id, bed, segment, recording)


def admit(database: Database, context: BedContext, at_ns: int) -> None:
    batch = Batch()
    batch.take(BEDS.name, 0, 0, msgspec.json.encode(context), at_ns // 1_000_000)
    database.run(batch.write)


class Person:
    """Somebody at the console."""

    def __init__(self, database: Database, name: str) -> None:
        self._app, self._cookie, self._csrf = build_console(None, None, database), "", ""  # type: ignore[arg-type]
        answer = self._send("POST", "/login", content=f"name={name}&password=password of {name}".encode())
        self._cookie = answer.cookies["vigil"]
        self._csrf = self._send("GET", "/review").text.split('name="csrf" content="')[1].split('"')[0]

    def _send(self, how: str, path: str, **what: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            way = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=way, base_url="http://vigil") as client:
                client.cookies.set("vigil", self._cookie)
                return await client.request(how, path, headers={"X-Vigil-CSRF": self._csrf}, **what)

        return asyncio.run(send())

    def get(self, path: str) -> httpx.Response:
        return self._send("GET", path)

    def say(self, window: Window, findings: list[str], seen_ns: str | None = None) -> httpx.Response:
        sent = {"findings": findings, "seen_ns": seen_ns}
        return self._send("POST", f"/reviews/{window.trigger}", content=json.dumps(sent).encode())

    def seen(self, window: Window) -> Any:
        return self.get(f"/reviews/{window.trigger}").json()


@pytest.fixture
def database(services: Addresses) -> Iterator[Database]:
    opened = Database(services.database)
    for name, role in (("tech", "technician"), ("doc", "physician"), ("nurse", "nurse")):
        hashed = accounts.hash_password(f"password of {name}")
        opened.run(lambda c, n=name, r=role, h=hashed: alertbook.put_account(c, n, r, h))
    # labels are exported all together: what another test said is taken away
    opened.run(lambda c: c.exec_driver_sql("DELETE FROM review"))
    yield opened
    opened.close()


@pytest.fixture
def export(
    services: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], dict[str, Any]]:
    monkeypatch.setenv("VIGIL_DATABASE", services.database)

    def run(name: str) -> dict[str, Any]:
        capsys.readouterr()
        assert main(["export", "labels", "--out", str(tmp_path / name), "--data-dir", str(tmp_path), "--json"]) == 0
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return run


def cut_windows(services: Addresses, now_ns: int) -> None:
    engine = create_engine(services.database)
    Windows().run(engine, now_ns)
    engine.dispose()


@pytest.mark.timeout(120)
def test_confirmed_windows_become_a_set_that_instruct_reads_and_nobody_is_named(
    services: Addresses,
    database: Database,
    export: Callable[[str], dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now_ns = time.time_ns()
    admit(database, BedContext(BedId("rev-icu-1"), age_years=71.0, sex=Sex.FEMALE), now_ns - 900 * S_NS)
    admit(database, BedContext(BedId("rev-icu-2"), age_years=93.0, episode=4), now_ns - 900 * S_NS)
    confirmed = flag(database, "rev-icu-1", "vt", 8101, now_ns)
    corrected = flag(database, "rev-icu-2", "svt", 8102, now_ns)
    open_ = flag(database, "rev-icu-3", "vt", 8103, now_ns)
    withdrawn = flag(database, "rev-icu-4", "vt", 8104, now_ns)
    artefact = flag(database, "rev-icu-5", "vt", 8105, now_ns)
    cut_windows(services, now_ns)
    # the next patient of that bed: the label is of the one before
    admit(database, BedContext(BedId("rev-icu-1"), age_years=20.0, sex=Sex.MALE, episode=1), now_ns)

    tech, doc = Person(database, "tech"), Person(database, "doc")
    listed = [w for w in tech.get("/reviews").json()["windows"] if w["bed"].startswith("rev-icu-")]
    assert [w["review"] for w in listed] == [None] * 5
    seen = tech.seen(confirmed)
    assert seen["proposed"] == ["VT"]
    assert [lead["name"] for lead in seen["leads"]] == list(confirmed.segment.measured)
    assert {len(lead["uv"]) for lead in seen["leads"]} == {5000}
    assert seen["pieces"]

    answer = tech.say(confirmed, seen["proposed"]).json()
    assert (answer["by"], answer["verdict"], answer["findings"], answer["holds"]) == ("tech", "confirmed", ["VT"], True)
    assert tech.seen(confirmed)["review"] == answer
    assert doc.say(corrected, ["SVTAC", "LAD"]).json()["verdict"] == "corrected"
    first = tech.say(withdrawn, ["VT"]).json()
    assert doc.say(withdrawn, [], first["at_ns"]).json()["verdict"] == "withdrawn"
    assert tech.say(artefact, ["VT"]).status_code == 200
    database.run(lambda c: alertbook.add_review(c, artefact.trigger, now_ns, "nurse", "artefact", ""))
    # who and when stand in the journal too, whose hashes hold
    assert database.run(alertbook.broken_link) is None
    steps = "SELECT count(*) FROM alert_event WHERE alert LIKE 'rev-icu-%%'"
    assert database.run(lambda c: c.exec_driver_sql(steps).scalar()) == 5

    told = export("labels")
    assert (told["records"], told["patients"]) == (2, 2)
    assert told["findings"] == {"VT": 1, "SVTAC": 1, "LAD": 1}
    assert told["left_out"] == {"its alert was judged to be an artefact": 1}
    folder = tmp_path / "labels"
    assert (folder / "labels.csv").read_text().splitlines() == [
        "record,findings,reviewer,confirmed,patient,age,sex",
        "00001,VT,r1,yes,p1,71,female",
        "00002,SVTAC;LAD,r2,yes,p2,,",
    ]
    everything = b"".join(p.read_bytes() for p in folder.iterdir())
    for name in ("rev-icu", "tech", "doc", open_.trigger):
        assert name.encode() not in everything
    for window, name in ((confirmed, "00001"), (corrected, "00002")):
        read = read_recording(str(folder / name))
        at = window.segment.first_sample
        assert (read.rate_hz, read.signals) == (window.recording.rate_hz, window.recording.signals)
        assert np.array_equal(read.samples, window.recording.samples[:, at : at + 5000])

    out = tmp_path / "instructions.json"
    words = ["--data", str(tmp_path), "--sets", "labels", "--out", str(out), "--workers", "1", "--json"]
    assert main(["engine", "instruct", *words]) == 0
    assert json.loads(capsys.readouterr().out)["records_left_out"] == {}
    samples = json.loads(out.read_text())
    assert {(s["ecg"], *s["vigil"]["codes"]) for s in samples} == {
        ("labels/00001", "VT"),
        ("labels/00002", "SVTAC", "LAD"),
    }


@pytest.mark.timeout(60)
def test_only_who_may_reviews_and_nothing_is_said_over_what_was_not_seen(database: Database) -> None:
    now_ns = time.time_ns()
    window = flag(database, "rev-ward-1", "vt", 8111, now_ns)
    tech, doc, nurse = (Person(database, name) for name in ("tech", "doc", "nurse"))
    refused = nurse.say(window, ["VT"])
    assert (refused.status_code, refused.text) == (403, "A nurse does not review windows.")
    assert nurse.seen(window)["proposed"] == ["VT"]
    assert 'name="reviews" content="no"' in nurse.get("/review").text
    assert 'name="reviews" content="yes"' in doc.get("/review").text
    for wrong, why in (
        (["XX"], "XX is no finding of the table"),
        (["NORM", "AF"], "a normal ECG has no other findings"),
    ):
        refused = tech.say(window, wrong)
        assert refused.status_code == 400
        assert why in refused.text
    assert tech.seen(window)["review"] is None
    first = tech.say(window, ["VT"]).json()
    refused = doc.say(window, ["SVTAC"])
    assert (refused.status_code, refused.text) == (409, "Not saved: tech has confirmed it meanwhile: look at it again.")
    assert doc.say(window, ["SVTAC"], first["at_ns"]).json()["verdict"] == "corrected"
    assert tech.say(replace(window, trigger="nowhere"), ["VT"]).status_code == 404


def test_a_window_that_is_not_whole_is_left_out_and_counted(
    services: Addresses, database: Database, export: Callable[[str], dict[str, Any]]
) -> None:
    now_ns = time.time_ns()
    window = flag(database, "rev-ward-2", "vt", 8121, now_ns)
    assert Person(database, "tech").say(window, ["VT"]).status_code == 200
    assert export("early")["left_out"] == {"its signal is not stored yet, or no more": 1}
    cut_windows(services, now_ns)
    assert export("later")["records"] == 1


def test_a_folder_that_is_there_is_not_written_over(
    services: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIL_DATABASE", services.database)
    assert main(["export", "labels", "--out", str(tmp_path)]) == 2
    assert main(["export", "labels", "--out", str(tmp_path / "no" / "where")]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_beds_and_reviews_of_the_version_before_are_kept(services: Addresses) -> None:
    url = make_url(services.database).set(database="before").render_as_string(hide_password=False)
    server = create_engine(services.database, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE before")
    upgrade(url)
    downgrade(url, "0006")
    engine = create_engine(url)
    with engine.begin() as connection:
        for bed, episode in (("first", 0), ("third", 2)):
            context = msgspec.json.encode(BedContext(BedId(bed), episode=episode)).decode()
            connection.exec_driver_sql("INSERT INTO bed VALUES (%s, %s, 77)", (bed, context))
        connection.exec_driver_sql(
            "INSERT INTO review (alert, at_ns, \"by\", verdict, text) VALUES ('a', 1, 'b', 'artefact', '')"
        )
    upgrade(url)
    check(url)
    with engine.connect() as connection:
        stays = connection.exec_driver_sql("SELECT bed, episode, since_ns FROM stay ORDER BY bed").all()
        kept = connection.exec_driver_sql("SELECT verdict, findings FROM review").all()
    assert [tuple(row) for row in stays] == [("first", 0, 0), ("third", 2, 77)]
    assert [tuple(row) for row in kept] == [("artefact", None)]
    engine.dispose()
    with server.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE before WITH (FORCE)")
    server.dispose()
