"""The ten seconds of a bed that a person asks for where no trigger froze any: from what Kafka holds of its signal.

The signal path is begun anew some time before them, so that its filters and thresholds have settled; what it knew from
earlier hours is not known here.
"""

from __future__ import annotations

import time

from engine.request import Request
from ingest.codec import Spoilt, decode_bundle
from ingest.frame import Frame, Nanoseconds
from ingest.kafka import KafkaAddress, open_consumer
from ingest.topics import FRAMES, slot
from stream.bank import Bank
from stream.trigger import Segment, Trigger, requested

BEFORE_S = 75.0
"""Signal that is read: the ten seconds, the twenty at most in which the heights of the QRS are learnt, and the rest."""
READ_S = 10.0


def latest(address: KafkaAddress, request: Request) -> Segment:
    """The last ten seconds of the session named that were sent when it was asked; raises ValueError without any."""
    frames = of_session(_frames(address, request), request)
    if not frames:
        raise ValueError(f"request {request.id}: nothing was sent of {request.bed} in the {BEFORE_S:.0f} s before it")
    bank = Bank(0.0)
    for frame in frames:
        bank.take([frame])
    if request.bed not in bank.beds:
        raise ValueError(f"request {request.id}: {request.bed} sends no lead of an ECG that can be read")
    return bank.segment(request.bed, _trigger(request, max(frames, key=lambda f: f.after)))


def of_session(frames: list[Frame], request: Request) -> list[Frame]:
    """Those of the session that is asked for, as they were when it was asked: what a bed refuses is not interpreted."""
    return [f for f in frames if f.session.id == request.session and f.sent_ns <= request.asked_ns and not f.ends]


def _frames(address: KafkaAddress, request: Request) -> list[Frame]:
    """Frames of the bed from some time before it was asked on, as Kafka holds them."""
    from kafka import TopicPartition

    consumer = open_consumer(address, None)
    found: list[Frame] = []
    try:
        place = TopicPartition(FRAMES.name, slot(request.bed))
        consumer.assign([place])
        since = consumer.offsets_for_times({place: int(request.asked_ns / 1e6 - BEFORE_S * 1000)})[place]
        if since is None:
            return []
        consumer.seek(place, since.offset)
        end, until = consumer.end_offsets([place])[place], time.monotonic() + READ_S
        while consumer.position(place) < end and time.monotonic() < until:
            for message in (m for ms in consumer.poll(timeout_ms=200).values() for m in ms):
                frames = (f for f in decode_bundle(message.value) if not isinstance(f, Spoilt))
                found += [f for f in frames if f.session.bed == request.bed]
    finally:
        consumer.close()
    return found


def _trigger(request: Request, newest: Frame) -> Trigger:
    """Stands for the alarm that there is none of; its id is that of the request."""
    rate_hz, sample = newest.session.rate_hz, newest.after - 1
    at_ns = Nanoseconds(newest.start_ns + round((sample - newest.first) * 1e9 / rate_hz))
    return requested(newest.session, request.id, sample, at_ns, "Asked for", "", 0)
