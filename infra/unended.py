"""Sessions that a killed `vigil up` could not end: its feed is gone for certain, so the next one ends them."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
import structlog

from infra import compacted
from ingest.codec import encode_bundles, encode_frame
from ingest.frame import Frame, Nanoseconds
from ingest.kafka import KafkaAddress, open_producer
from ingest.topics import CHECKPOINTS, FRAMES, slot
from stream.checkpoint import Checkpoint, decode_head

log = structlog.get_logger()

OWN = "up-"
"""What the sources of the feeds of `vigil up` begin with."""
SILENT_S = 15.0
"""An open session whose last checkpoint is from a feed that sent within this time may be another Vigil's on the same cluster."""


def checkpoints(address: KafkaAddress) -> list[Checkpoint]:
    """The last checkpoint of every bed."""
    found = []
    for value in compacted.read(address, CHECKPOINTS).values():
        try:
            found.append(decode_head(value))
        except ValueError as error:
            log.warning("a checkpoint cannot be read", reason=str(error))
    return found


def end_sessions(address: KafkaAddress, held: Iterable[Checkpoint], source: str) -> list[str]:
    """Send end markers for the open sessions of earlier feeds of `vigil up`, or of this source; the beds' names."""
    now_ns = time.time_ns()
    left = [c for c in held if _is_left(c, source, now_ns)]
    if not left:
        return []
    producer = open_producer(address)
    try:
        for checkpoint in left:
            session, at_ns = checkpoint.session, Nanoseconds(now_ns)
            nothing = np.zeros((len(session.signals), 0), np.int16)
            marker = encode_frame(Frame(session, checkpoint.next, at_ns, at_ns, nothing, ends=True))
            for payload, _ in encode_bundles([marker]):
                place = slot(session.bed)
                producer.send(FRAMES.name, payload, key=str(place).encode(), partition=place).get(timeout=30)
    finally:
        producer.close(timeout=5)
    return [str(c.session.bed) for c in left]


def _is_left(checkpoint: Checkpoint, source: str, now_ns: int) -> bool:
    own = checkpoint.session.source == source or checkpoint.session.source.startswith(OWN)
    return own and not checkpoint.ended and now_ns - checkpoint.sent_ns > SILENT_S * 1e9
