"""A stretch of signal as bytes: delta, zigzag, byte planes, zstd. Self-describing; another codec or a bad CRC is refused.

Gaps are ranges of the index for which nothing is stored; flaws travel with the samples.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

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
