"""Stream workers on a real Kafka: the same triggers however they run, and bad input that harms nobody else."""

import contextlib
import gc
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from infra import compacted, local_kafka
from infra.services import Addresses
from infra.settings import Settings
from infra.summary import Observer, drained, read_topic
from infra.supervisor import Event
from infra.unended import checkpoints, end_sessions
from ingest.bed import BedContext, BedState, DeadLetter, Notice
from ingest.codec import decode_bundle, encode_bundles, encode_frame
from ingest.feed import FeedOptions, play
from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId, Signal
from ingest.kafka import create_topics, open_producer
from ingest.outbox import Outbox
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import BEDS, CHECKPOINTS, DEADLETTERS, FRAMES, NOTICES, SEGMENTS, TRENDS, TRIGGERS, slot
from stream.checkpoint import decode_checkpoint
from stream.measurement import Trend
from stream.offline import analyse, frames
from stream.trigger import Phase, Segment, Trigger, decode_segment

pytestmark = [pytest.mark.broker, pytest.mark.slow]

SECONDS = 90.0
TROUBLED = (
    "vt",
    "vf",
    "asystole",
    "pvc-run",
    "mixed",
    "pause",
    "af",
    "lead-off",
    "extreme-tachy",
    "extreme-brady",
    "artefact",
)


def environment(addresses: Addresses) -> dict[str, str]:
    kafka = addresses.kafka
    named = {"KAFKA": kafka.servers[0], "KAFKA_SECURITY": kafka.security, "KAFKA_USERNAME": kafka.username}
    named |= {"KAFKA_PASSWORD": kafka.password, "DATABASE": addresses.database}
    return dict(os.environ) | {f"VIGIL_{name}": value for name, value in named.items()}


@contextlib.contextmanager
def worker(addresses: Addresses, name: str) -> Iterator[subprocess.Popen[str]]:
    """A `vigil stream` of its own, ready."""
    command = [sys.executable, "-m", "infra.cli", "stream", "--name", name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(addresses), text=True)
    try:
        assert json.loads(process.stdout.readline())["event"] == "ready"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def until_closed(observer: Observer, beds: set[str]) -> None:
    """Wait until the checkpoints say that the sessions of these beds have ended."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        ended = {}
        for message in read_topic(observer, CHECKPOINTS):
            checkpoint = decode_checkpoint(message.value)[0]
            ended[checkpoint.session.bed] = checkpoint.ended
        if all(ended.get(bed) for bed in beds):
            return
        time.sleep(0.5)
    raise AssertionError(f"not ended: {sorted(bed for bed in beds if not ended.get(bed))}")


def troubled_beds() -> list[Recording]:
    return [
        simulate(SCENARIOS[name], SECONDS, seed=40 + k, name=f"same-{name}-{rate_hz}", rate_hz=rate_hz)
        for k, name in enumerate(TROUBLED)
        for rate_hz in (250.0, 360.0, 500.0)
    ]


def neighbours(count: int, seed: int) -> list[Recording]:
    return [simulate(SCENARIOS["sinus"], SECONDS, seed=seed + k, name=f"near-{seed}-{k}") for k in range(count)]


def timeless(triggers: list[Trigger]) -> set[bytes]:
    """Triggers without what names the run: session, id and the wall clock of its begin."""
    plain = [
        replace(t, id="", session=SessionId(0), at_ns=Nanoseconds(0)) for t in triggers if t.bed.startswith("same-")
    ]
    return {msgspec.json.encode(t) for t in plain}


def asked(segments: list[Segment]) -> set[tuple[str, str, int, bytes, bytes]]:
    return {
        (
            s.trigger.bed,
            s.trigger.code.value,
            s.trigger.sample,
            s.signal_mv.tobytes(),
            msgspec.json.encode((s.measurements, s.first_sample, s.unreadable)),
        )
        for s in segments
        if s.trigger.bed.startswith("same-")
    }


def told_beats(rows: set[bytes], bed: str) -> dict[int, tuple[int, ...]]:
    """R peaks of a bed by the second that told them."""
    trends = [msgspec.json.decode(row, type=Trend) for row in rows]
    return {t.first: tuple(b.sample for b in t.beats) for t in trends if t.bed == bed}


def numerics(messages: list[bytes]) -> set[bytes]:
    rows = [t for value in messages for t in msgspec.json.decode(value, type=list[Trend])]
    return {msgspec.json.encode(replace(t, session=0, at_ns=0)) for t in rows if t.bed.startswith("same-")}


def outcome(observer: Observer) -> tuple[list[Trigger], list[Segment], set[bytes]]:
    triggers = [msgspec.json.decode(m.value, type=Trigger) for m in read_topic(observer, TRIGGERS)]
    segments = [decode_segment(m.value) for m in read_topic(observer, SEGMENTS)]
    return triggers, segments, numerics([m.value for m in read_topic(observer, TRENDS)])


@pytest.mark.timeout(300)
def test_neighbours_frame_length_workers_and_a_restart_change_no_bit(
    services: Addresses, record_property: Callable[[str, object], None]
) -> None:
    beds = troubled_beds()
    names = {r.name for r in beds}

    first = Observer(services, time.time_ns())
    with worker(services, "alone"):
        options = FeedOptions("replay", run="first", seconds=SECONDS, speed=6.0, frame_ms=250.0)
        play(beds + neighbours(3, 100), services.kafka, options, threading.Event(), lambda _: None)
        until_closed(first, names)
    triggers, segments, rows = outcome(first)

    second = Observer(services, time.time_ns())
    options = FeedOptions("replay", run="second", seconds=SECONDS, speed=6.0, frame_ms=1000.0)
    others = [*neighbours(7, 500), *beds[::-1]]
    playing = threading.Thread(
        target=play, args=(others, services.kafka, options, threading.Event(), lambda _: None), daemon=True
    )
    with worker(services, "left"):
        with worker(services, "right"):
            playing.start()
            time.sleep(5.0)
            # leaving this block kills the worker at once; the other takes over, and one more comes
        with worker(services, "again"):
            playing.join()
            until_closed(second, names)
    again, segments_again, rows_again = outcome(second)

    onsets = sum(t.phase is Phase.ONSET for t in triggers)
    assert onsets >= 50
    record_property("triggers", onsets)
    assert timeless(again) == timeless(triggers)
    assert asked(segments_again) == asked(segments)
    assert rows_again == rows
    # what scores count is what flows
    for recording in beds[:6]:
        offline = {t.first: tuple(b.sample for b in t.beats) for t in analyse(recording).trends}
        assert told_beats(rows, recording.name) == offline


def bad_messages(session: Session, samples: np.ndarray) -> list[tuple[int, bytes]]:
    """Bundles that must each become a dead letter, with their slots."""
    place = slot(session.bed)
    whole = encode_frame(Frame(session, 0, Nanoseconds(0), Nanoseconds(0), samples))
    (bundle,) = [b for b, _ in encode_bundles([whole])]
    absurd = bytearray(whole)
    absurd[60] ^= 0xFF
    fast = replace(session, rate_hz=1e6)
    (wrong_rate,) = [
        b for b, _ in encode_bundles([encode_frame(Frame(fast, 0, Nanoseconds(0), Nanoseconds(0), samples))])
    ]
    (spoilt,) = [b for b, _ in encode_bundles([bytes(absurd)])]
    deaf = replace(session, bed=BedId("no-ecg"), signals=(Signal("PLETH", "NU", 10.0),))
    (no_ecg,) = [
        b for b, _ in encode_bundles([encode_frame(Frame(deaf, 0, Nanoseconds(0), Nanoseconds(0), samples[:1]))])
    ]
    return [
        (place, b"not a bundle at all"),
        (place, b""),
        (place, bundle[: len(bundle) // 2]),
        (place, spoilt),
        (place, wrong_rate),
        ((place + 1) % FRAMES.partitions, bundle),
        (slot(deaf.bed), no_ecg),
    ]


@pytest.mark.timeout(200)
def test_bad_input_becomes_dead_letters_with_reasons_and_disturbs_nobody(
    services: Addresses, record_property: Callable[[str, object], None]
) -> None:
    """Seven kinds of broken bundle and 300 random ones, between the frames of a bed that goes on unharmed."""
    recording = simulate(SCENARIOS["asystole"], 40.0, seed=9, name="same-unharmed")
    observer = Observer(services, time.time_ns())
    session = Session(SessionId(5), BedId("same-unharmed"), "other", 500.0, recording.signals)
    rng = np.random.default_rng(3)
    noise = [(int(rng.integers(16)), rng.bytes(int(rng.integers(1, 400)))) for _ in range(300)]
    bad = [*bad_messages(session, recording.samples[:, :125]), *noise, (3, None)]
    with worker(services, "hardy") as process:
        stop = threading.Event()
        options = FeedOptions("replay", run="unharmed", seconds=40.0, speed=8.0)
        playing = threading.Thread(target=play, args=([recording], services.kafka, options, stop, lambda _: None))
        playing.start()
        producer = open_producer(services.kafka)
        for place, value in bad:
            producer.send(FRAMES.name, value, key=b"x", partition=place)
            time.sleep(0.005)
        producer.close()
        playing.join()
        until_closed(observer, {"same-unharmed"})
        assert process.poll() is None
    letters = [msgspec.json.decode(m.value, type=DeadLetter) for m in read_topic(observer, DEADLETTERS)]
    assert len(letters) >= len(bad)
    record_property("tried", len(bad))
    assert all(letter.reason.strip() for letter in letters)
    reasons = " | ".join(letter.reason for letter in letters)
    for part in (
        "0 bytes are too few",
        "no bundle of version",
        "checksum",
        "a rate of",
        "belongs to slot",
        "no ECG lead",
    ):
        assert part in reasons
    found = {t.code.value for t in outcome(observer)[0] if t.bed == "same-unharmed" and t.phase is Phase.ONSET}
    assert "ASYSTOLE" in found
    notices = [msgspec.json.decode(m.value, type=Notice) for m in read_topic(observer, NOTICES)]
    assert not [n for n in notices if n.code == "SAMPLE_GAP" and n.bed == "same-unharmed"]


def sent_once(recording: Recording, source: str, seconds: float, number: int) -> list[Frame]:
    """The first seconds of a recording as frames of a feed that was there a minute ago, without an end marker."""
    past = time.time_ns() - 60 * 10**9
    session = Session(SessionId(number), BedId(recording.name), source, recording.rate_hz, recording.signals)
    found = []
    for frame in frames(recording, 0.25):
        if frame.after <= seconds * recording.rate_hz and not frame.ends:
            at = Nanoseconds(past + frame.start_ns)
            found.append(replace(frame, session=session, start_ns=at, sent_ns=at))
    return found


def send(services: Addresses, sent: list[Frame]) -> None:
    producer = open_producer(services.kafka)
    for frame in sent:
        for payload, _ in encode_bundles([encode_frame(frame)]):
            producer.send(FRAMES.name, payload, key=b"x", partition=slot(frame.session.bed))
    producer.close()


def notices_of(observer: Observer, bed: str) -> list[tuple[str, bool]]:
    told = [msgspec.json.decode(m.value, type=Notice) for m in read_topic(observer, NOTICES)]
    return [(n.code, n.cleared) for n in told if n.bed == bed]


def no_data_of(observer: Observer, bed: str) -> list[tuple[str, bool]]:
    """Of a bed's notices those of its silence: one of late frames may come between them, or behind."""
    return [one for one in notices_of(observer, bed) if one[0] == "NO_DATA"]


def wait_for(what: Callable[[], bool], limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_a_run_has_not_come_through_while_a_bed_that_plays_was_never_analysed(services: Addresses) -> None:
    observer = Observer(services, time.time_ns())
    try:
        observer.hear(Event("feed", "ready", {"names": ["never-seen"]}))
        assert not drained(observer)
    finally:
        observer.close()


def set_bed(services: Addresses, bed: str, state: BedState, episode: int = 0) -> None:
    context = BedContext(BedId(bed), state=state, episode=episode)
    compacted.write(services.kafka, BEDS, bed, msgspec.json.encode(context), slot(context.bed))


@pytest.mark.timeout(200)
def test_silence_is_told_until_somebody_stands_the_bed_down_and_a_discharge_ends_its_alarms(
    services: Addresses,
) -> None:
    observer = Observer(services, time.time_ns())
    quiet = simulate(SCENARIOS["sinus"], 30.0, seed=1, name="quiet")
    sick = simulate(SCENARIOS["asystole"], 30.0, seed=1, name="sick")
    set_bed(services, "asleep", BedState.STANDBY)
    with worker(services, "watch"):
        sent = sent_once(quiet, "up-killed", 20.0, 71) + sent_once(sick, "monitor", 18.0, 72)
        sent += sent_once(replace(quiet, name="asleep"), "monitor", 20.0, 73)
        send(services, [f for f in sent if f.first < 17 * 500])
        wait_for(lambda: {"quiet", "sick"} <= analysed(observer), 60.0)
        # a checkpoint falls due within eight seconds, and is written with the frame that comes next
        time.sleep(9.0)
        send(services, [f for f in sent if f.first >= 17 * 500])
        wait_for(lambda: no_data_of(observer, "quiet")[-1:] == [("NO_DATA", False)])
        wait_for(lambda: any(t.bed == "sick" and t.code.value == "ASYSTOLE" for t in outcome(observer)[0]))

        set_bed(services, "sick", BedState.DISCHARGED, episode=1)
        wait_for(lambda: any(t.bed == "sick" and t.phase is Phase.OFFSET for t in outcome(observer)[0]))

        # the next Vigil on this cluster ends what a killed one left open, and nothing else
        until_known(observer, {"quiet", "sick", "asleep"})
        ended = end_sessions(services.kafka, checkpoints(services.kafka), "up-mine")
        assert [s.bed for s in ended] == ["quiet"]
        until_closed(observer, {"quiet"})
        wait_for(lambda: no_data_of(observer, "quiet")[-1:] == [("NO_DATA", True)])
        assert notices_of(observer, "asleep") == []
        # its samples were late, too: whatever was told of it is over, in whichever order
        wait_for(lambda: all(dict(notices_of(observer, "sick")).values()))
        assert end_sessions(services.kafka, checkpoints(services.kafka), "up-mine") == []


def analysed(observer: Observer) -> set[str]:
    """Beds that the worker has told numerics of."""
    return {trend["bed"] for m in read_topic(observer, TRENDS) for trend in msgspec.json.decode(m.value)}


def until_known(observer: Observer, beds: set[str]) -> None:
    """Wait until every bed has a checkpoint."""

    def known() -> set[str]:
        return {str(decode_checkpoint(m.value)[0].session.bed) for m in read_topic(observer, CHECKPOINTS)}

    wait_for(lambda: beds <= known(), 90.0)


@pytest.fixture
def no_logs() -> Iterator[None]:
    """A record that pytest keeps of a failed connection would keep its socket, too."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    gc.collect()


# the client library leaves the sockets of a dead broker to the collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(120)
@pytest.mark.usefixtures("no_logs")
def test_an_outbox_outlives_its_broker_drops_the_oldest_in_the_open_and_recovers(tmp_path: Path) -> None:
    settings = Settings.from_environment({"VIGIL_CACHE": os.environ.get("VIGIL_CACHE", "")})
    node = local_kafka.prepare(tmp_path, settings, lambda _: None)
    kafka = local_kafka.start(node, tmp_path / "kafka.log")
    try:
        create_topics(node.address)
        outbox = Outbox(node.address, "test", bound_bytes=600_000)
        sent = list(frames(simulate(SCENARIOS["sinus"], 60.0, seed=2, name="bed"), 0.25))[:-1]
        encoded = [encode_frame(f) for f in sent]
        place = slot(BedId("bed"))
        for payload in encoded[:20]:
            outbox.put({place: [payload]})
        wait_for(lambda: outbox.acknowledged == 20)

        kafka.kill()
        kafka.wait()
        begun = time.monotonic()
        for _ in range(3):
            for payload in encoded[20:]:
                outbox.put({place: [payload]})
        assert time.monotonic() - begun < 2.0, "put waits for nobody"
        assert outbox.dropped > 200
        assert sum(len(p) for p in encoded[:1]) * (680 - 20 - outbox.dropped) < 1_300_000

        kafka = local_kafka.start(node, tmp_path / "kafka.log")
        assert outbox.close(60.0)
        assert outbox.acknowledged + outbox.dropped == 20 + 3 * 220
        observer = Observer(Addresses(node.address, ""), 0)
        observer.begins.clear()
        held = [f.first for m in read_topic(observer, FRAMES) for f in decode_bundle(m.value) if isinstance(f, Frame)]
        assert held[:20] == [f.first for f in sent[:20]]
        assert held[-1] == sent[-1].first
        (notice,) = [n for m in read_topic(observer, NOTICES) if (n := msgspec.json.decode(m.value, type=Notice))]
        assert notice.code == "OUTBOX_DROPPED"
        assert f"{outbox.dropped} frames were dropped" in notice.text
    finally:
        kafka.kill()
        kafka.wait()
