"""The moment and reason a bed became worth interpreting, and the ten seconds that it froze."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

from ingest.frame import LEADS, BedId, Nanoseconds, Session, SessionId
from stream.catalogue import Code, Kind, Priority, Tone
from stream.measurement import Measurements


class Phase(StrEnum):
    """An episode begins, changes its value, ends."""

    ONSET = "onset"
    UPDATE = "update"
    OFFSET = "offset"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One phase of one alarm episode. The same samples, policy and build give the same bits."""

    id: str
    """Of the episode: derived from bed, session, onset sample and code; the same in every phase."""
    bed: BedId
    session: SessionId
    code: Code
    phase: Phase
    priority: Priority
    kind: Kind
    latching: bool
    sample: int
    """Index of the sample that made the criterion true (onset) or false (offset)."""
    first_sample: int
    """First sample of the condition: the evidence is [first_sample, sample]."""
    at_ns: Nanoseconds
    """Event time of `sample`."""
    rate_hz: float
    value: float | None
    limit: float | None
    unit: str
    text: str
    """One line for a person: `Asystole: no QRS for 4.0 s (limit 4.0 s)`."""
    policy_scope: str
    policy_revision: int
    beats: tuple[int, ...] = ()
    """R peaks that the decision rests on."""
    suppressed_by: str = ""
    """Rule that keeps this from being announced (chain, inhibition, standby); it is recorded all the same."""
    tone: Tone = Tone.NONE
    """What is heard when it is announced."""

    @property
    def key(self) -> str:
        """Unique per message: id, phase and sample."""
        return f"{self.id}/{self.phase}/{self.sample}"


def trigger_id(bed: BedId, session: SessionId, sample: int, code: Code) -> str:
    """32 hexadecimal digits that name one episode, the same wherever it is computed."""
    text = f"{bed}\0{session}\0{sample}\0{code}".encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()


MODEL_HZ = 500
MODEL_SAMPLES = 5000


def requested(
    session: Session, id: str, sample: int, at_ns: Nanoseconds, text: str, scope: str, revision: int
) -> Trigger:
    """Stands for an alarm where there is none: the ten seconds that end with `sample` are wanted, for the reason in `text`."""
    return Trigger(
        id=id,
        bed=session.bed,
        session=session.id,
        code=Code.REQUESTED,
        phase=Phase.ONSET,
        priority=Priority.INFORMATION,
        kind=Kind.PHYSIOLOGICAL,
        latching=False,
        sample=sample,
        first_sample=sample,
        at_ns=at_ns,
        rate_hz=session.rate_hz,
        value=None,
        limit=None,
        unit="",
        text=text,
        policy_scope=scope,
        policy_revision=revision,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """The ten seconds up to a decision, in the shape and unit of the model.

    signal_mv: (12, 5000) float32 at 500 Hz in the order of LEADS, read-only; rows of leads not in `measured` are zero.
    """

    trigger: Trigger
    start_ns: Nanoseconds
    first_sample: int
    """Index in the session, at the session's own rate, of the first sample."""
    signal_mv: NDArray[np.float32]
    measured: tuple[str, ...]
    """Leads that the monitor sent or that follow exactly from two limb leads."""
    derived: tuple[str, ...]
    """Those of them that were derived (Einthoven, Goldberger)."""
    measurements: Measurements | None
    unreadable: str = ""
    """Why these ten seconds cannot be interpreted: shorter than ten seconds, a gap, no readable lead; else empty."""
    held: tuple[tuple[int, int], ...] = ()
    """Of `Measurements.lost` the stretches in which samples came, and every lead stood still."""


class _Head(msgspec.Struct, frozen=True):
    trigger: Trigger
    start_ns: int
    first_sample: int
    measured: tuple[str, ...]
    derived: tuple[str, ...]
    measurements: Measurements | None
    unreadable: str
    held: tuple[tuple[int, int], ...] = ()


_PREFIX = struct.Struct("<2sBBI")
_VERSION = 1


def encode_segment(segment: Segment) -> bytes:
    """Magic "VS", version, head as JSON, the measured rows as float32, crc32."""
    s = segment
    head = msgspec.json.encode(
        _Head(s.trigger, s.start_ns, s.first_sample, s.measured, s.derived, s.measurements, s.unreadable, s.held)
    )
    rows = [LEADS.index(lead) for lead in s.measured]
    body = np.ascontiguousarray(s.signal_mv[rows], "<f4").tobytes()
    payload = _PREFIX.pack(b"VS", _VERSION, 0, len(head)) + head + body
    return payload + zlib.crc32(payload).to_bytes(4, "little")


def decode_segment(payload: bytes) -> Segment:
    """The segment in these bytes; raises ValueError with one sentence where they are none."""
    if len(payload) < _PREFIX.size + 4:
        raise ValueError(f"{len(payload)} bytes are too few for a segment")
    magic, version, _, length = _PREFIX.unpack_from(payload)
    if magic != b"VS" or version != _VERSION:
        raise ValueError(f"no segment of version {_VERSION}: it begins with {payload[:3]!r}")
    if zlib.crc32(payload[:-4]) != int.from_bytes(payload[-4:], "little"):
        raise ValueError("the checksum of the segment does not fit its bytes")
    try:
        head = msgspec.json.decode(payload[_PREFIX.size : _PREFIX.size + length], type=_Head)
    except msgspec.MsgspecError as error:
        raise ValueError(f"the head of the segment cannot be read: {error}") from None
    rows = [LEADS.index(lead) for lead in head.measured]
    body = np.frombuffer(payload[_PREFIX.size + length : -4], "<f4")
    if body.size != len(rows) * MODEL_SAMPLES:
        raise ValueError(f"{body.size} samples are not {len(rows)} leads of {MODEL_SAMPLES}")
    signal = np.zeros((len(LEADS), MODEL_SAMPLES), np.float32)
    signal[rows] = body.reshape(len(rows), MODEL_SAMPLES)
    signal.flags.writeable = False
    return Segment(
        head.trigger,
        Nanoseconds(head.start_ns),
        head.first_sample,
        signal,
        head.measured,
        head.derived,
        head.measurements,
        head.unreadable,
        head.held,
    )
