"""What a worker writes of a bed so that another can go on from there, bit for bit."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

from ingest.bed import BedContext
from ingest.frame import Session
from stream.catalogue import Code
from stream.history import Serial
from stream.measurement import Measurements
from stream.policy import Policy
from stream.state import STATE, VERSION
from stream.trigger import Trigger


@dataclass(frozen=True, slots=True)
class Counts:
    """Frames of one session, counted by the worker that analysed them."""

    frames: int = 0
    gaps: int = 0
    missing: int = 0
    """Samples that never came."""
    late: int = 0
    duplicates: int = 0
    rejected: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both, added."""
        return Counts(*(getattr(self, f) + getattr(other, f) for f in Counts.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One bed up to, and without, sample `next` of its session."""

    version: str
    """Layout of `state`; another one is refused and the bed relearns."""
    session: Session
    next: int
    ended: bool
    anchor_index: int
    anchor_ns: int
    context: BedContext
    policy: Policy
    open_triggers: tuple[Trigger, ...]
    counts: Counts
    past: Counts = Counts()
    """Of the sessions of this bed before this one, added."""
    closed: tuple[tuple[int, int], ...] = ()
    """Sessions of this bed before this one, and the index behind each; their frames are not analysed again."""
    measured: Measurements | None = None
    """What was last measured on schedule and stands in the trends."""
    announced: tuple[tuple[Code, int], ...] = ()
    """When each code was last announced (sample), for refractory times and timeouts."""
    displaced: tuple[Code, ...] = ()
    """Open codes that were announced until a higher alarm came."""
    serial: Serial = field(default_factory=Serial)
    """What is followed from measurement to measurement."""
    sent_ns: int = 0
    """When the session last sent, by its feed's clock; 0 where that is not known."""
    overtaken: tuple[int, ...] = ()
    """Those of `closed` that gave way to another session while silent, and may come back."""


_PREFIX = struct.Struct("<2sBBI")


def encode_checkpoint(checkpoint: Checkpoint, state: NDArray[np.void]) -> bytes:
    """Magic "VC", version, head as JSON, the state record compressed, crc32."""
    head = msgspec.json.encode(checkpoint)
    payload = _PREFIX.pack(b"VC", 1, 0, len(head)) + head + zstandard.compress(state.tobytes(), 1)
    return payload + zlib.crc32(payload).to_bytes(4, "little")


def decode_checkpoint(payload: bytes) -> tuple[Checkpoint, NDArray[np.void] | None]:
    """The checkpoint and its state record, None where the layout is another; raises ValueError where it is neither."""
    checkpoint = decode_head(payload)
    length = _PREFIX.unpack_from(payload)[3]
    try:
        raw = zstandard.decompress(payload[_PREFIX.size + length : -4])
    except zstandard.ZstdError as error:
        raise ValueError(f"the checkpoint cannot be read: {error}") from None
    if checkpoint.version != VERSION or len(raw) != STATE.itemsize:
        return checkpoint, None
    return checkpoint, np.frombuffer(raw, STATE).copy()


def decode_head(payload: bytes) -> Checkpoint:
    """The checkpoint without its state record; raises ValueError."""
    try:
        return msgspec.json.decode(head_of(payload), type=Checkpoint)
    except msgspec.MsgspecError as error:
        raise ValueError(f"the checkpoint cannot be read: {error}") from None


def head_of(payload: bytes) -> bytes:
    """The head as it was written, JSON; raises ValueError where the bytes are not those of a checkpoint."""
    if len(payload) < _PREFIX.size + 4 or payload[:3] != b"VC\x01":
        raise ValueError(f"no checkpoint of version 1: it begins with {payload[:3]!r}")
    if zlib.crc32(payload[:-4]) != int.from_bytes(payload[-4:], "little"):
        raise ValueError("the checksum of the checkpoint does not fit its bytes")
    length = _PREFIX.unpack_from(payload)[3]
    return payload[_PREFIX.size : _PREFIX.size + length]
