"""Sessions that a killed `vigil up` could not end: its feed is gone for certain, so the next one ends them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator

import numpy as np
import structlog

from infra import compacted
from ingest.codec import encode_bundles, encode_frame
from ingest.feed import Known, session_id, tails
from ingest.frame import Frame, Nanoseconds, Session, SessionId
from ingest.kafka import KafkaAddress, open_producer
from ingest.topics import CHECKPOINTS, FRAMES, SLOTS, slot
from stream.checkpoint import Checkpoint, decode_head

log = structlog.get_logger()

OWN = "up-"
"""What the sources of the feeds of `vigil up` begin with."""
SILENT_S = 15.0
"""An open session whose last checkpoint is from a feed that sent within this time may be another Vigil's on the same cluster."""
TAIL = 120
"""Messages at the end of each slot in which the last frames of a killed run are looked for: four a second and feed."""


def checkpoints(address: KafkaAddress) -> list[Checkpoint]:
    """The last checkpoint of every bed."""
    found = []
    for value in compacted.read(address, CHECKPOINTS).values():
        try:
            found.append(decode_head(value))
        except ValueError as error:
            log.warning("a checkpoint cannot be read", reason=str(error))
    return found


def known(address: KafkaAddress) -> dict[str, Known]:
    """What the workers know of the sessions of each bed, for a feed that goes on."""
    return {c.session.bed: known_of(c) for c in checkpoints(address)}


def known_of(checkpoint: Checkpoint) -> Known:
    """What a checkpoint says to a feed."""
    last = checkpoint.session.id
    earlier = {SessionId(name): index for name, index in checkpoint.closed}
    return Known(last, checkpoint.ended, earlier | {last: checkpoint.next})


def end_sessions(
    address: KafkaAddress, held: Iterable[Checkpoint], source: str, runs: Collection[str] = ()
) -> list[Session]:
    """Send end markers for the open sessions of earlier feeds of `vigil up`, or of this source; gives those sessions.

    runs: tokens of runs whose supervisor is dead. Nobody feeds their sessions any more, however short ago they sent.
    """
    now_ns = Nanoseconds(time.time_ns())
    left = list(_left(held, _last_frames(address, runs) if runs else {}, source, runs, now_ns))
    if not left:
        return []
    producer = open_producer(address)
    try:
        for session, after in left:
            nothing = np.zeros((len(session.signals), 0), np.int16)
            marker = encode_frame(Frame(session, after, now_ns, now_ns, nothing, ends=True))
            for payload, _ in encode_bundles([marker]):
                place = slot(session.bed)
                producer.send(FRAMES.name, payload, key=str(place).encode(), partition=place).get(timeout=30)
    finally:
        producer.close(timeout=5)
    return [session for session, _ in left]


def are_ended(sessions: Iterable[Session], held: Iterable[Checkpoint]) -> bool:
    """Whether the worker has closed all of these, by the last checkpoint of each bed."""
    known = {c.session.bed: c for c in held}

    def is_ended(session: Session) -> bool:
        checkpoint = known.get(session.bed)
        if checkpoint is None:
            return False
        if checkpoint.session.id == session.id:
            return checkpoint.ended
        return session.id in dict(checkpoint.closed)

    return all(is_ended(session) for session in sessions)


def _last_frames(address: KafkaAddress, runs: Collection[str]) -> dict[str, Frame]:
    """By bed, the last frame that these runs sent: a session may be younger than its first checkpoint."""
    return {f.session.bed: f for f in tails(address, set(range(SLOTS)), TAIL) if _is_of(f.session, runs)}


def _is_of(session: Session, runs: Collection[str]) -> bool:
    """Whether a feed of one of these runs opened the session: its id is made of the run's token."""
    words = (session.bed, session.source)
    return any(session_id(*words, run, session.rate_hz, session.signals) == session.id for run in runs)


def _left(
    held: Iterable[Checkpoint], last: dict[str, Frame], source: str, runs: Collection[str], now_ns: int
) -> Iterator[tuple[Session, int]]:
    """Every session that nobody will end, with the index behind it."""
    beside = dict(last)
    for checkpoint in held:
        session = checkpoint.session
        frame = beside.pop(session.bed, None)
        if frame is not None and frame.session.id != session.id and (checkpoint.ended or _is_of(session, runs)):
            # the worker has yet to read of it
            if not frame.ends:
                yield frame.session, frame.after
        elif not checkpoint.ended and _is_left(checkpoint, source, runs, now_ns):
            yield session, max(checkpoint.next, frame.after if frame is not None else 0)
    yield from ((frame.session, frame.after) for frame in beside.values() if not frame.ends)


def _is_left(checkpoint: Checkpoint, source: str, runs: Collection[str], now_ns: int) -> bool:
    if _is_of(checkpoint.session, runs):
        return True
    own = checkpoint.session.source == source or checkpoint.session.source.startswith(OWN)
    return own and now_ns - checkpoint.sent_ns > SILENT_S * 1e9
