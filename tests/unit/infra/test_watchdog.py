"""Whether alarms come through: when the watchdog says that they do not, and that only signed, fresh ones count."""

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from itertools import pairwise

import pytest

from alerts.delivery import Message, webhook
from infra.ports import listen
from infra.watch import AT_ONCE, Ear, _Handler
from infra.watchdog import FRESH_S, SILENT_S, START_S, Watchdog
from ingest.frame import Frame
from ingest.topics import SLOTS, slot
from ingest.watched import PERIOD_S, is_watched, is_watched_key, watched_beds, watched_recordings
from stream import outgoing
from stream.bank import Bank
from stream.catalogue import Code
from stream.limits import Limits
from stream.offline import frames
from stream.policy import Policy
from stream.trigger import Phase

S = 10**9
BEDS = {"a": 3, "b": 7}


def ns(seconds: float) -> int:
    return round(seconds * S)


def watched(until_s: float, silent: str = "", from_s: float = 1e9) -> Watchdog:
    """A watchdog that heard both beds every four seconds; `silent` says nothing from `from_s` on."""
    dog = Watchdog(BEDS, 0)
    for k in range(1, int(until_s / 4) + 1):
        for bed in BEDS:
            if bed != silent or 4 * k < from_s:
                dog.heard(bed, ns(4 * k - 1), ns(4 * k))
        dog.look(ns(4 * k))
    return dog


def first_outage(dog: Watchdog, from_s: float, until_s: float) -> float | None:
    """When, looked at four times a second, the watchdog says that alarms do not come through."""
    at = from_s
    while at < until_s:
        if dog.look(ns(at)) is not None:
            return at
        at += 0.25
    return None


def test_an_outage_is_told_within_ten_seconds_of_the_last_alarm_and_not_at_one_that_is_late() -> None:
    dog = watched(100.0)
    assert dog.said["state"] == "up"
    assert first_outage(dog, 100.25, 100.0 + SILENT_S) is None
    told = first_outage(dog, 100.0 + SILENT_S, 200.0)
    assert told is not None
    assert told <= 110.0
    assert "no bed is watched" in dog.said["text"]


def test_one_shard_that_is_silent_is_named_and_the_rest_does_not_hide_it() -> None:
    dog = watched(100.0, "b", 80.0)
    assert dog.said["state"] == "down"
    assert dog.outage is not None
    assert "1 of 2 slots do not come through (7)" in dog.outage.text


def test_an_outage_ends_when_every_bed_is_heard_again_and_not_before() -> None:
    dog = watched(100.0)
    first_outage(dog, 100.0, 120.0)
    dog.heard("a", ns(120), ns(121))
    assert dog.look(ns(121)) is None
    dog.heard("b", ns(121), ns(122))
    over = dog.look(ns(122))
    assert over is not None
    assert over.until_ns == ns(122)
    assert dog.said["state"] == "up"


def test_an_old_alarm_proves_nothing() -> None:
    dog = watched(100.0)
    for k in range(26, 40):
        for bed in BEDS:
            dog.heard(bed, ns(4 * k - FRESH_S - 1), ns(4 * k))
    assert first_outage(dog, 100.0, 112.0) is not None


def test_a_pipeline_that_never_comes_up_is_told_when_it_is_due() -> None:
    dog = Watchdog(BEDS, 0)
    assert first_outage(dog, 0.0, START_S - 1) is None
    told = first_outage(dog, START_S - 1, 100.0)
    assert told == pytest.approx(START_S, abs=0.5)


def test_every_slot_has_one_bed_that_no_patient_can_have() -> None:
    assert [slot(bed) for bed in watched_beds()] == list(range(SLOTS))
    assert all(is_watched(bed) and is_watched_key(bed.encode()) for bed in watched_beds())
    assert not is_watched("icu-1-01")
    assert not is_watched(None)


def test_a_synthetic_patient_has_a_red_alarm_every_four_seconds_under_any_policy_and_nothing_else_leaves_the_worker() -> (
    None
):
    bank, recording = Bank(20.0), watched_recordings()[5]
    bank.set_policy(Policy(adult=Limits(asystole_s=10.0)))
    played = [f for f in frames(recording) if not f.ends]
    heard = []
    for period in range(20):
        for frame in played:
            n = recording.samples.shape[1]
            moved = Frame(frame.session, frame.first + period * n, frame.start_ns, frame.sent_ns, frame.samples)
            found = bank.take([moved])
            assert found.segments == []
            heard += [t for t in found.triggers if t.code is Code.ASYSTOLE and t.phase is Phase.ONSET]
            assert len(list(outgoing.messages(found))) == sum(
                t.code is Code.ASYSTOLE and t.phase is Phase.ONSET for t in found.triggers
            )
    gaps = {round((b.sample - a.sample) / 125.0, 1) for a, b in pairwise(heard)}
    assert gaps == {PERIOD_S}
    assert len(heard) >= 18
    assert not any(t.suppressed_by for t in heard)


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear(listen("127.0.0.1", 0), "the secret")
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def test_only_what_is_signed_is_heard_and_anybody_may_ask(ear: Ear) -> None:
    url = f"http://127.0.0.1:{ear.server_port}/"
    for bed in watched_beds():
        body = {"bed": bed, "at_ns": time.time_ns()}
        assert webhook(url, "the secret")(Message("k", body)) == "HTTP 200"
    with urllib.request.urlopen(f"{url}state", timeout=5) as answer:
        assert json.loads(answer.read())["state"] == "up"
    with pytest.raises(ConnectionError, match="403"):
        webhook(url, "another secret")(Message("k", {"bed": watched_beds()[0], "at_ns": time.time_ns()}))
    with pytest.raises(ConnectionError, match="400"):
        webhook(url, "the secret")(Message("k", {"bed": watched_beds()[0]}))


def test_who_says_nothing_or_comes_in_crowds_keeps_nobody_from_being_heard(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Handler, "timeout", 0.5)
    crowd = [socket.create_connection(("127.0.0.1", ear.server_port), timeout=5) for _ in range(AT_ONCE + 8)]
    crowd[0].sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nnot all of it")
    # eight are turned away at once, and the others when they have said nothing for too long
    assert [one.recv(100) for one in crowd] == [b""] * (AT_ONCE + 8)
    for one in crowd:
        one.close()
    with urllib.request.urlopen(f"http://127.0.0.1:{ear.server_port}/state", timeout=5) as answer:
        assert json.loads(answer.read())["state"] == "starting"
