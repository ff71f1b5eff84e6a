"""What a run did, counted by readers of its own: of Kafka's topics and of the database, not by those who did it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from infra.services import Addresses
from infra.supervisor import Event
from ingest.bed import Notice
from ingest.codec import Spoilt, decode_bundle
from ingest.frame import Frame
from ingest.kafka import open_consumer
from ingest.topics import CHECKPOINTS, FRAMES, INTERPRETATIONS, NOTICES, SEGMENTS, TRENDS, TRIGGERS, Topic
from ingest.watched import is_watched
from stream.checkpoint import Checkpoint, Counts, decode_head
from stream.gather import worth_ten_seconds
from stream.measurement import Trend
from stream.trigger import Phase, Trigger

_GROUPS = {
    "vigil-store": (FRAMES, TRENDS, TRIGGERS, SEGMENTS, INTERPRETATIONS),
    "vigil-engine": (SEGMENTS,),
    "vigil-alerts": (TRIGGERS, INTERPRETATIONS),
}


@dataclass(slots=True)
class Observer:
    """What the supervisor heard, and where the topics stood when the run began."""

    addresses: Addresses
    begun_ns: int
    before: dict[str, Counts] = field(default_factory=dict)
    """What beds had counted when the run began."""
    playing: frozenset[str] = frozenset()
    """Beds that the feed said it plays."""
    played: bool = False
    announced: dict[str, int] = field(default_factory=dict)
    """Wall clock of the first announcement, by alert."""
    begins: dict[tuple[str, int], int] = field(default_factory=dict)
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    tail: Any = None
    """The reader of checkpoints, once it is open."""

    def __post_init__(self) -> None:
        for topic in (FRAMES, TRENDS, TRIGGERS, NOTICES, CHECKPOINTS, INTERPRETATIONS):
            for partition, end in _ends(self.addresses, topic).items():
                self.begins[topic.name, partition] = end

    def close(self) -> None:
        """Close what it reads with."""
        if self.tail is not None:
            self.tail.close()
            self.tail = None

    def hear(self, event: Event) -> None:
        """Note what matters for the summary."""
        if event.what == "alert" and event.fields["phase"] == "onset":
            self.announced.setdefault(event.fields["id"], event.fields["announced_ns"])
        if event.child == "feed" and event.what == "ready":
            self.playing |= frozenset(event.fields["names"])
        if event.child == "feed" and event.what == "ended":
            self.played = True


def _ends(addresses: Addresses, topic: Topic) -> dict[int, int]:
    from kafka import TopicPartition

    consumer = open_consumer(addresses.kafka, None)
    try:
        places = [TopicPartition(topic.name, p) for p in range(topic.partitions)]
        return {p.partition: end for p, end in consumer.end_offsets(places).items()}
    finally:
        consumer.close()


def read_topic(observer: Observer, topic: Topic) -> Iterator[Any]:
    """Every message that a topic took since the run began."""
    from kafka import TopicPartition

    consumer = open_consumer(observer.addresses.kafka, None, max_poll_records=5000)
    try:
        places = [TopicPartition(topic.name, p) for p in range(topic.partitions)]
        consumer.assign(places)
        ends, first = consumer.end_offsets(places), consumer.beginning_offsets(places)
        for place in places:
            consumer.seek(place, max(first[place], observer.begins.get((topic.name, place.partition), 0)))
        while any(consumer.position(p) < ends[p] for p in places):
            for messages in consumer.poll(timeout_ms=500).values():
                yield from messages
    finally:
        consumer.close()


def forgotten(observer: Observer, topic: Topic) -> int:
    """Messages that a topic took since the run began, and that Kafka no longer keeps."""
    from kafka import TopicPartition

    consumer = open_consumer(observer.addresses.kafka, None)
    try:
        first = consumer.beginning_offsets([TopicPartition(topic.name, p) for p in range(topic.partitions)])
    finally:
        consumer.close()
    return sum(max(0, at - observer.begins.get((topic.name, p.partition), 0)) for p, at in first.items())


def came_through(observer: Observer, beds: Iterable[str]) -> bool:
    """Whether the numerics of a second of one of these beds, or more, are there."""
    wanted = set(beds)
    messages = (msgspec.json.decode(m.value, type=list[Trend]) for m in read_topic(observer, TRENDS))
    return any(str(t.bed) in wanted for rows in messages for t in rows)


def drained(observer: Observer) -> bool:
    """Whether every bed that was played was analysed to its end, and every reader has read, and committed, all there is."""
    held = checkpoints_of(observer)
    if not (observer.playing <= held.keys() and all(c.ended for c in held.values())):
        return False
    return all(caught_up(observer.addresses, group, topics) for group, topics in _GROUPS.items())


def caught_up(addresses: Addresses, group: str, topics: tuple[Topic, ...]) -> bool:
    """Whether a group has committed all there is of these topics."""
    from kafka import TopicPartition

    consumer = open_consumer(addresses.kafka, group)
    try:
        places = [TopicPartition(t.name, p) for t in topics for p in range(t.partitions)]
        ends = consumer.end_offsets(places)
        return all((consumer.committed(p) or 0) >= ends[p] for p in places if ends[p])
    finally:
        consumer.close()


def checkpoints_of(observer: Observer) -> dict[str, Checkpoint]:
    """The last checkpoint of every bed of this run; reads on from where it was called before."""
    from kafka import TopicPartition

    places = [TopicPartition(CHECKPOINTS.name, p) for p in range(CHECKPOINTS.partitions)]
    if observer.tail is None:
        observer.tail = open_consumer(observer.addresses.kafka, None, max_poll_records=1000)
        observer.tail.assign(places)
        for place in places:
            observer.tail.seek(place, observer.begins.get((place.topic, place.partition), 0))
    ends = observer.tail.end_offsets(places)
    while any(observer.tail.position(p) < ends[p] for p in places):
        for messages in observer.tail.poll(timeout_ms=500).values():
            for message in messages:
                if message.value is not None:
                    checkpoint = decode_head(message.value)
                    if not is_watched(checkpoint.session.bed):
                        observer.checkpoints[str(checkpoint.session.bed)] = checkpoint
    return observer.checkpoints


@dataclass(slots=True)
class _Sent:
    """Frames of one session, by their first sample: end and when they were sent."""

    rate_hz: float
    frames: dict[int, tuple[int, int]] = field(default_factory=dict)

    def sent_ns(self, sample: int) -> int | None:
        """When the frame that holds this sample was sent."""
        firsts = self._firsts()
        at = int(np.searchsorted(firsts, sample, side="right")) - 1
        if at < 0:
            return None
        stop, sent = self.frames[int(firsts[at])]
        return sent if sample < stop else None

    def _firsts(self) -> Any:
        return np.array(sorted(self.frames), np.int64)


def sent_of(observer: Observer) -> tuple[dict[tuple[str, int], _Sent], int]:
    """Frames by bed and session, and how many came more than once."""
    found: dict[tuple[str, int], _Sent] = {}
    again = 0
    for message in read_topic(observer, FRAMES):
        for frame in decode_bundle(message.value):
            if isinstance(frame, Frame) and not frame.ends and not is_watched(frame.session.bed):
                key = (str(frame.session.bed), int(frame.session.id))
                held = found.setdefault(key, _Sent(frame.session.rate_hz))
                again += frame.first in held.frames
                held.frames.setdefault(frame.first, (frame.after, frame.sent_ns))
            elif isinstance(frame, Spoilt):
                continue
    return found, again


def summary(observer: Observer, seconds: float | None) -> dict[str, Any]:
    """The object of `vigil up --json`; how many frames were sent is null where Kafka keeps some of them no more."""
    from storage import readers
    from storage.database import Database

    sent, again = sent_of(observer)
    checkpoints = checkpoints_of(observer)
    read = (msgspec.json.decode(m.value, type=Trigger) for m in read_topic(observer, TRIGGERS))
    triggers = [trigger for trigger in read if not is_watched(trigger.bed)]
    notices = _notices(msgspec.json.decode(m.value, type=Notice) for m in read_topic(observer, NOTICES))
    counts = {bed: c.past.plus(c.counts) for bed, c in checkpoints.items()}
    database = Database(observer.addresses.database)
    try:
        sessions = {key: sorted((a, b) for a, (b, _) in held.frames.items()) for key, held in sent.items()}
        lost = database.run(lambda c: readers.missing_samples(c, sessions))
        lost += database.run(lambda c: readers.missing_triggers(c, {t.key for t in triggers}))
        lost += database.run(lambda c: readers.missing_trends(c, _numerics_told(observer)))
        doubled = database.run(lambda c: readers.doubled(c, list(sent)))
        rows = database.run(lambda c: readers.alerts_of(c, observer.begun_ns))
        answers = database.run(lambda c: readers.interpretations_of(c, [t.id for t in triggers]))
        repeated = database.run(readers.redelivered)
    finally:
        database.close()
    frames = None if forgotten(observer, FRAMES) else sum(len(s.frames) for s in sent.values())
    kept = {t.id for t in triggers if t.phase is Phase.ONSET and worth_ten_seconds(t)}
    alerts = [_alert(row, answers, row["id"] in kept) for row in rows]
    return {
        "beds": len({bed for bed, _ in sent}),
        "seconds": seconds if seconds is not None else round((time.time_ns() - observer.begun_ns) / 1e9, 1),
        "frames": {"sent": frames} | _analysed(counts, observer.before),
        "triggers": dict(Counter(t.code.value for t in triggers if t.phase is Phase.ONSET)),
        "notices": notices,
        "alerts": alerts,
        "latency_ms": _latency(observer, sent, triggers, answers),
        "lost": lost,
        "duplicates": doubled,
        "redelivered": again + repeated,
    }


def _notices(told: Iterable[Notice]) -> dict[str, int]:
    """How often each code was told; that something is over which was never told, as a worker says at its start, is none."""
    found: Counter[str] = Counter()
    lasting: set[tuple[str, str]] = set()
    for notice in told:
        place = notice.code, notice.bed or notice.source
        found[notice.code] += not notice.cleared or place in lasting
        (lasting.discard if notice.cleared else lasting.add)(place)
    return {code: n for code, n in found.items() if n}


def _analysed(counts: dict[str, Counts], before: dict[str, Counts]) -> dict[str, int]:
    """What the workers counted since the run began."""

    def total(name: str) -> int:
        return sum(getattr(c, name) - getattr(before.get(bed, Counts()), name) for bed, c in counts.items())

    return {"processed": total("frames"), "gaps": total("gaps"), "late": total("late"), "rejected": total("rejected")}


def _alert(row: dict[str, Any], answers: dict[str, dict[str, Any]], kept: bool) -> dict[str, Any]:
    """One alert of the object; kept: whether ten seconds of it are, so that an answer comes."""
    answer = answers.get(row["id"])
    onset = row["sample"] / row["rate_hz"] if row["rate_hz"] else None
    told = {"state": "pending", "reason": "no answer yet", "text": ""}
    if not row["rate_hz"]:
        told = {"state": "withheld", "reason": "a technical alert without a segment", "text": ""}
    elif not kept:
        told = {"state": "withheld", "reason": "no ten seconds of signal are kept of such an alert", "text": ""}
    if answer is not None:
        told = {"state": answer["state"], "reason": answer["reason"], "text": answer["report"]}
        told |= {
            name: answer[name] for name in ("model", "leads", "derived", "unmeasured", "band_hz") if name in answer
        }
    return {
        "id": row["id"],
        "bed": row["bed"],
        "code": row["code"],
        "priority": row["priority"],
        "onset_s": None if onset is None else round(onset, 3),
        "raised_s": round(row["raised_ns"] / 1e9, 3),
        "interpretation": told,
    }


def _latency(
    observer: Observer,
    sent: dict[tuple[str, int], _Sent],
    triggers: list[Trigger],
    answers: dict[str, dict[str, Any]],
) -> dict[str, float | None]:
    """Milliseconds from sending the frame that holds the deciding sample, to numerics, announcement and answer."""
    announced, answered = [], []
    released = {t.id for t in triggers if t.phase is Phase.UPDATE and not t.suppressed_by}
    for trigger in triggers:
        if trigger.phase is Phase.OFFSET or (trigger.phase is Phase.ONSET and trigger.id in released):
            continue
        held = sent.get((str(trigger.bed), int(trigger.session)))
        at = held.sent_ns(trigger.sample) if held is not None else None
        if at is None:
            continue
        if trigger.id in observer.announced:
            announced.append((observer.announced[trigger.id] - at) / 1e6)
        if trigger.id in answers and trigger.id not in released:
            answered.append((answers[trigger.id]["answered_ns"] - at) / 1e6)
    shares = {"frame": _numerics(observer, sent), "alert": announced, "interpretation": answered}
    return {
        f"{name}_p{share}": round(float(np.percentile(values, share)), 1) if values else None
        for name, values in shares.items()
        for share in (50, 99)
    }


def _numerics_told(observer: Observer) -> set[tuple[str, int, int]]:
    """Bed, session and first sample of every row of numerics in the topic."""
    messages = (msgspec.json.decode(m.value, type=list[Trend]) for m in read_topic(observer, TRENDS))
    return {(str(t.bed), int(t.session), t.first) for rows in messages for t in rows}


def _numerics(observer: Observer, sent: dict[tuple[str, int], _Sent]) -> list[float]:
    """From sending the last frame of a second to Kafka having its numerics."""
    found = []
    for message in read_topic(observer, TRENDS):
        for trend in msgspec.json.decode(message.value, type=list[Trend]):
            held = sent.get((str(trend.bed), int(trend.session)))
            at = held.sent_ns(trend.first + round(trend.rate_hz) - 1) if held is not None else None
            if at is not None:
                found.append(message.timestamp - at / 1e6)
    return found
