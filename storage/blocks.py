"""A stretch of signal as bytes: delta, zigzag, byte planes, zstd. Self-describing; another codec or a bad CRC is refused.

Gaps are ranges of the index for which nothing is stored; flaws travel with the samples.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

from ingest.frame import Signal, Span

CODEC = 1
_PREFIX = struct.Struct("<2sBBI")


class BadBlock(ValueError):
    """Bytes that are no block of this version; one sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Samples of one bed: pieces without a gap, in order.

    runs: first index and length of each piece; samples: (signals, sum of lengths) int16, read-only.
    """

    rate_hz: float
    signals: tuple[Signal, ...]
    runs: tuple[tuple[int, int], ...]
    samples: NDArray[np.int16]
    spans: tuple[Span, ...] = ()
    """Flaws, counted along the stored samples."""


def joined_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same flaws, those that touch as one: however the signal was cut before."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.row, s.flaw, s.start)):
        last = found[-1] if found else None
        if last is not None and (last.row, last.flaw) == (span.row, span.flaw) and span.start <= last.stop:
            found[-1] = replace(last, stop=max(last.stop, span.stop))
        else:
            found.append(span)
    return tuple(found)


def join(a: Block, b: Block) -> Block:
    """Everything that is in either block of one session, `a` where both have it; `a` itself where b adds nothing."""
    pieces = [(first, count, 0, at) for first, count, at in _placed(a)]
    for first, count, at in _placed(b):
        for begin, stop in _uncovered(a.runs, first, first + count):
            pieces.append((begin, stop - begin, 1, at + begin - first))
    if len(pieces) == len(a.runs):
        return a
    pieces.sort()
    runs: list[tuple[int, int]] = []
    spans: list[Span] = []
    parts, kept = [], 0
    for first, count, which, at in pieces:
        block = (a, b)[which]
        parts.append(block.samples[:, at : at + count])
        spans += moved_spans(block, at, at + count, kept - at)
        if runs and sum(runs[-1]) == first:
            runs[-1] = (runs[-1][0], runs[-1][1] + count)
        else:
            runs.append((first, count))
        kept += count
    return replace(a, runs=tuple(runs), samples=np.concatenate(parts, axis=1), spans=joined_spans(spans))


def moved_spans(block: Block, low: int, high: int, by: int) -> list[Span]:
    """The flaws in stored samples [low, high) of a block, moved."""
    return [
        replace(s, start=max(s.start, low) + by, stop=min(s.stop, high) + by)
        for s in block.spans
        if s.start < high and s.stop > low
    ]


def _placed(block: Block) -> Iterator[tuple[int, int, int]]:
    """First index, length and place among the stored samples of each piece."""
    at = 0
    for first, count in block.runs:
        yield first, count, at
        at += count


def _uncovered(runs: tuple[tuple[int, int], ...], first: int, stop: int) -> Iterator[tuple[int, int]]:
    """The parts of [first, stop) that no run covers."""
    at = first
    for begin, count in runs:
        if begin + count > at and begin < stop:
            if begin > at:
                yield at, begin
            at = max(at, begin + count)
    if at < stop:
        yield at, stop


class _Head(msgspec.Struct, frozen=True):
    rate_hz: float
    signals: tuple[Signal, ...]
    runs: tuple[tuple[int, int], ...]
    spans: tuple[Span, ...]


def pack(block: Block) -> bytes:
    """The bytes of a block."""
    head = msgspec.json.encode(_Head(block.rate_hz, block.signals, block.runs, block.spans))
    x = block.samples
    delta = np.empty_like(x)
    delta[:, :1] = x[:, :1]
    # wraps around at the ends of int16 and unwraps the same way
    np.subtract(x[:, 1:], x[:, :-1], out=delta[:, 1:])
    zigzag = ((delta << 1) ^ (delta >> 15)).view(np.uint16)
    planes = np.ascontiguousarray(zigzag).view(np.uint8).reshape(-1, 2)
    body = zstandard.ZstdCompressor(level=3).compress(np.ascontiguousarray(planes.T).tobytes())
    payload = _PREFIX.pack(b"VW", CODEC, 0, len(head)) + head + body
    return payload + zlib.crc32(payload).to_bytes(4, "little")


def unpack(payload: bytes) -> Block:
    """The block in these bytes; raises BadBlock."""
    if len(payload) < _PREFIX.size + 4 or payload[:2] != b"VW":
        raise BadBlock(f"no block: it begins with {payload[:2]!r}")
    _, codec, _, length = _PREFIX.unpack_from(payload)
    if codec != CODEC:
        raise BadBlock(f"codec {codec} of a block is not known to this version")
    if zlib.crc32(payload[:-4]) != int.from_bytes(payload[-4:], "little"):
        raise BadBlock("the checksum of a block does not fit its bytes")
    head = msgspec.json.decode(payload[_PREFIX.size : _PREFIX.size + length], type=_Head)
    raw = zstandard.ZstdDecompressor().decompress(payload[_PREFIX.size + length : -4])
    rows, n = len(head.signals), sum(count for _, count in head.runs)
    planes = np.frombuffer(raw, np.uint8).reshape(2, rows * n)
    zigzag = np.ascontiguousarray(planes.T).view(np.uint16).reshape(rows, n)
    delta = ((zigzag >> 1).astype(np.int16)) ^ -(zigzag & 1).astype(np.int16)
    samples = np.cumsum(delta, axis=1, dtype=np.int16)
    samples.flags.writeable = False
    return Block(head.rate_hz, head.signals, head.runs, samples, head.spans)
