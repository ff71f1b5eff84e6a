"""Frames and bundles as bytes: versioned, little-endian, length-checked, CRC-protected.

A bundle is the concatenation of the frames of one slot, each with its own length and CRC, so that one broken frame
costs itself alone.

    bundle  magic "VB", version u8, 0 u8, frames u32; then the frames
    frame   header (struct below), bed, source, layout, spans, pacer, samples, crc32 u32

`layout` is the list of signals as JSON; it repeats from frame to frame and is decoded once.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
import numpy as np

from ingest.bed import BED_NAME
from ingest.frame import MAX_FRAME_S, BedId, Flaw, Frame, Nanoseconds, Session, SessionId, Signal, Span
from ingest.watched import is_watched

VERSION = 1
MAX_BUNDLE_BYTES = 900_000
"""Bundles are split here: below Kafka's default limit of 1 MiB a message."""
MAX_SIGNALS = 64
RATE_RANGE_HZ = (25.0, 4000.0)
GAIN_RANGE = (1e-6, 1e9)
"""Steps per unit: from volts that fill the range with one step to nanovolts."""
MAX_ZERO = 1 << 31
MAX_INDEX = 1 << 50
"""Sample index: thousands of years of any rate, and far from where sums of 64 bits overflow."""
MAX_TIME_NS = 7_258_118_400 * 1_000_000_000
"""The year 2200."""
MAX_SESSION = 2**63 - 1
MAX_NAME = 80
"""Characters of a gateway's or a signal's name."""
MAX_UNIT = 32

_WATCHED = re.compile(r"~watch-[0-9]{1,9}")

_BUNDLE = struct.Struct("<2sBBI")
_HEADER = struct.Struct("<2sBBIQqqqdIHBBHHH")
_SPAN = struct.Struct("<HBxII")
_CRC = struct.Struct("<I")
_ENDS = 1


class BadFrame(ValueError):
    """Bytes that are no frame; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """Bytes of a bundle that could not be read, with the reason."""

    reason: str
    payload: bytes


@lru_cache(maxsize=65536)
def _signals(layout: bytes) -> tuple[Signal, ...]:
    signals = msgspec.json.decode(layout, type=tuple[Signal, ...])
    if fault := signals_fault(signals):
        raise BadFrame(fault)
    return signals


def signals_fault(signals: Sequence[Signal]) -> str:
    """Why a frame cannot carry these signals; empty where it can."""
    if not 0 < len(signals) <= MAX_SIGNALS:
        return f"{len(signals)} signals are outside 1 to {MAX_SIGNALS}"
    for signal in signals:
        if not GAIN_RANGE[0] <= signal.gain <= GAIN_RANGE[1] or abs(signal.zero) > MAX_ZERO:
            return f"gain {signal.gain:g} or zero {signal.zero} of signal {signal.name!r} is out of range"
        if not is_plain(signal.name, MAX_NAME) or not is_plain(signal.unit, MAX_UNIT):
            return f"{signal.name!r} in {signal.unit!r} is no name and unit of a signal"
    return ""


def is_plain(text: str, most: int) -> bool:
    """Whether it has at most so many characters, all of them printable: it can be stored, logged and shown."""
    return len(text) <= most and text.isprintable()


@lru_cache(maxsize=65536)
def _layout(signals: tuple[Signal, ...]) -> bytes:
    return msgspec.json.encode(signals)


@lru_cache(maxsize=65536)
def _session(session: int, bed: bytes, source: bytes, rate_hz: float, layout: bytes) -> Session:
    signals = _signals(layout)
    name, gateway = bed.decode(), source.decode()
    if not name:
        raise BadFrame("the bed has no name")
    if not (_WATCHED if is_watched(name) else BED_NAME).fullmatch(name):
        raise BadFrame(f"{name[:MAX_NAME]!r} is no name of a bed: {BED_NAME.pattern}")
    if not is_plain(gateway, MAX_NAME):
        raise BadFrame(f"{gateway[:MAX_NAME]!r} is no name of a gateway")
    if session > MAX_SESSION:
        raise BadFrame(f"session {session} of bed {name} is beyond 63 bits")
    return Session(SessionId(session), BedId(name), gateway, rate_hz, signals)


def encode_frame(frame: Frame) -> bytes:
    """The bytes of one frame; raises BadFrame where a field does not fit the format."""
    session = frame.session
    bed, source, layout = session.bed.encode(), session.source.encode(), _layout(session.signals)
    spans = b"".join(_SPAN.pack(s.row, s.flaw, s.start, s.stop) for s in frame.spans)
    pacer = np.asarray(frame.pacer, "<u4").tobytes()
    body = np.ascontiguousarray(frame.samples, "<i2").tobytes()
    length = _HEADER.size + len(bed) + len(source) + len(layout) + len(spans) + len(pacer) + len(body) + _CRC.size
    try:
        head = _HEADER.pack(
            b"VF",
            VERSION,
            _ENDS if frame.ends else 0,
            length,
            session.id,
            frame.first,
            frame.start_ns,
            frame.sent_ns,
            session.rate_hz,
            frame.samples.shape[1],
            len(session.signals),
            len(bed),
            len(source),
            len(layout),
            len(frame.spans),
            len(frame.pacer),
        )
    except struct.error as error:
        raise BadFrame(f"a frame of bed {session.bed} does not fit the format: {error}") from None
    payload = b"".join((head, bed, source, layout, spans, pacer, body))
    return payload + _CRC.pack(zlib.crc32(payload))


def decode_frame(payload: bytes | memoryview) -> Frame:
    """The frame in exactly these bytes; raises BadFrame with one sentence that says what is wrong."""
    if len(payload) < _HEADER.size + _CRC.size:
        raise BadFrame(f"{len(payload)} bytes are too few for a frame")
    fields = _HEADER.unpack_from(payload)
    magic, version, flags, length = fields[:4]
    if magic != b"VF" or version != VERSION:
        raise BadFrame(f"no frame of version {VERSION}: it begins with {bytes(payload[:3])!r}")
    if length != len(payload):
        raise BadFrame(f"the frame says {length} bytes and has {len(payload)}")
    (crc,) = _CRC.unpack_from(payload, length - _CRC.size)
    if zlib.crc32(payload[: length - _CRC.size]) != crc:
        raise BadFrame("the checksum of the frame does not fit its bytes")
    return _frame(memoryview(payload), flags, fields[4:])


def _frame(payload: memoryview, flags: int, fields: tuple[int, ...]) -> Frame:
    session_id, first, start_ns, sent_ns, rate, n, rows, bed_n, source_n, layout_n, spans_n, pacer_n = fields
    lengths = (bed_n, source_n, layout_n, spans_n * _SPAN.size, pacer_n * 4, rows * n * 2)
    if _HEADER.size + sum(lengths) + _CRC.size != len(payload):
        raise BadFrame("the parts of the frame do not add up to its length")
    if not RATE_RANGE_HZ[0] <= rate <= RATE_RANGE_HZ[1]:
        raise BadFrame(f"a rate of {rate} Hz is outside {RATE_RANGE_HZ[0]:g} to {RATE_RANGE_HZ[1]:g} Hz")
    if n > MAX_FRAME_S * rate:
        raise BadFrame(f"a frame of {n / rate:.1f} s is longer than {MAX_FRAME_S:g} s")
    if not 0 <= min(start_ns, sent_ns) <= max(start_ns, sent_ns) <= MAX_TIME_NS:
        raise BadFrame(f"times of {start_ns} and {sent_ns} ns are outside 1970 to 2200")
    if not 0 < rows <= MAX_SIGNALS or not 0 <= first <= MAX_INDEX:
        raise BadFrame(f"{n} samples of {rows} signals from index {first} are outside what a frame may hold")
    parts, at = [], _HEADER.size
    for size in lengths:
        parts.append(payload[at : at + size])
        at += size
    try:
        session = _session(session_id, bytes(parts[0]), bytes(parts[1]), float(rate), bytes(parts[2]))
        spans = tuple(Span(r, a, b, Flaw(f)) for r, f, a, b in _SPAN.iter_unpack(parts[3]))
    except (ValueError, msgspec.MsgspecError) as error:
        raise BadFrame(f"the head of the frame cannot be read: {error}") from None
    if len(session.signals) != rows:
        raise BadFrame(f"{rows} rows of samples for {len(session.signals)} signals")
    if any(s.row >= rows or not s.start < s.stop <= n for s in spans):
        raise BadFrame("a span of the frame lies outside its samples")
    pacer = tuple(np.frombuffer(parts[4], "<u4").tolist())
    if any(p >= n for p in pacer):
        raise BadFrame("a pacing pulse of the frame lies outside its samples")
    samples = np.frombuffer(parts[5], "<i2").reshape(rows, n)
    ends = bool(flags & _ENDS)
    return Frame(session, first, Nanoseconds(start_ns), Nanoseconds(sent_ns), samples, spans, pacer, ends)


def encode_bundles(frames: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Encoded frames packed into bundles of at most MAX_BUNDLE_BYTES (one larger frame goes alone), with their counts."""
    held: list[bytes] = []
    size = _BUNDLE.size
    for frame in frames:
        if held and size + len(frame) > MAX_BUNDLE_BYTES:
            yield _BUNDLE.pack(b"VB", VERSION, 0, len(held)) + b"".join(held), len(held)
            held, size = [], _BUNDLE.size
        held.append(frame)
        size += len(frame)
    if held:
        yield _BUNDLE.pack(b"VB", VERSION, 0, len(held)) + b"".join(held), len(held)


def decode_bundle(payload: bytes | None) -> Iterator[Frame | Spoilt]:
    """The frames of a bundle; what cannot be read comes out as Spoilt with its reason, and the rest is still read.

    None is what Kafka gives for a message without a value: no bundle either.
    """
    payload = payload or b""
    if len(payload) < _BUNDLE.size:
        yield Spoilt(f"{len(payload)} bytes are too few for a bundle", payload)
        return
    magic, version, _, count = _BUNDLE.unpack_from(payload)
    if magic != b"VB" or version != VERSION:
        yield Spoilt(f"no bundle of version {VERSION}: it begins with {payload[:3]!r}", payload)
        return
    view, at, seen = memoryview(payload), _BUNDLE.size, 0
    while at < len(payload):
        length = _frame_length(view, at)
        if length is None:
            yield Spoilt(f"byte {at} of the bundle begins no frame", bytes(view[at:]))
            return
        try:
            yield decode_frame(view[at : at + length])
        except BadFrame as error:
            yield Spoilt(str(error), bytes(view[at : at + length]))
        at, seen = at + length, seen + 1
    if seen != count:
        yield Spoilt(f"the bundle says {count} frames and holds {seen}", payload[: _BUNDLE.size])


def _frame_length(view: memoryview, at: int) -> int | None:
    """Bytes of the frame that begins at `at`, or None where none begins or it runs past the end."""
    if len(view) - at < _HEADER.size + _CRC.size:
        return None
    magic, _, _, length = struct.unpack_from("<2sBBI", view, at)
    if magic != b"VF" or not _HEADER.size + _CRC.size <= length <= len(view) - at:
        return None
    return int(length)
