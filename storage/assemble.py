"""Frames of many beds into blocks of one bed-minute; the same frames give the same blocks, however often they come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ingest.frame import Frame, Session, Span
from storage.blocks import Block

BLOCK_S = 60


@dataclass(slots=True)
class _Minute:
    """What came so far of one minute of one session."""

    first: int
    stop: int
    at_ns: int
    pieces: list[Frame]
    next: int
    touched_s: float
    frames: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """One block to be written."""

    session: Session
    first: int
    """Begin of the minute, whether its first samples came or not."""
    stop: int
    at_ns: int
    frames: int
    late: int
    block: Block


class Assembler:
    """Collects frames; a block is ready when its minute is over or its session ends."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], _Minute] = {}
        self._sessions: dict[tuple[str, int], Session] = {}
        self.oldest: dict[tuple[str, int], tuple[int, int]] = {}
        """Partition and offset of the first message that an open block rests on."""
        self._written: dict[tuple[str, int], int] = {}
        """Behind what was written of a minute that was not over."""

    def put(self, frame: Frame, partition: int, offset: int, now_s: float = 0.0) -> Iterator[Ready]:
        """Take one frame at this moment of a steady clock; gives the blocks that it completes."""
        key = (frame.session.bed, int(frame.session.id))
        self._sessions[key] = frame.session
        if frame.ends:
            yield from self._close(key)
            return
        length = round(BLOCK_S * frame.session.rate_hz)
        while frame.samples.shape[1]:
            minute = self._open.get(key)
            begin = frame.first - frame.first % length
            if minute is not None and frame.first >= minute.stop:
                yield from self._close(key)
                minute = None
            if minute is None:
                # what was written of this minute stays; the rest becomes a row of its own
                first = max(begin, self._written.pop(key, begin))
                minute = _Minute(first, begin + length, _begin_ns(frame, first), [], max(first, frame.first), now_s)
                self._open[key] = minute
                self.oldest[key] = (partition, offset)
            minute.touched_s = now_s
            frame = self._take(minute, frame)

    def _take(self, minute: _Minute, frame: Frame) -> Frame:
        """Put what belongs to the minute into it; gives the rest of the frame."""
        minute.frames += 1
        skip = min(max(0, minute.next - frame.first), frame.samples.shape[1])
        cut = min(max(skip, minute.stop - frame.first), frame.samples.shape[1])
        if skip >= frame.samples.shape[1] and frame.after <= minute.next:
            minute.late += 1
        if cut > skip:
            minute.pieces.append(_part(frame, skip, cut))
            minute.next = frame.first + cut
        return _part(frame, cut, frame.samples.shape[1])

    def idle(self, before_s: float) -> Iterator[Ready]:
        """Blocks of beds that have sent nothing since `before_s`, as they are."""
        for key in [k for k, minute in self._open.items() if minute.touched_s < before_s]:
            self._written[key] = self._open[key].next
            yield from self._close(key)

    def _close(self, key: tuple[str, int]) -> Iterator[Ready]:
        minute = self._open.pop(key, None)
        self.oldest.pop(key, None)
        if minute is None or not minute.pieces:
            return
        session = self._sessions[key]
        pieces = minute.pieces
        block = _block(session, pieces)
        yield Ready(session, minute.first, pieces[-1].after, minute.at_ns, minute.frames, minute.late, block)


def _begin_ns(frame: Frame, begin: int) -> int:
    """Event time of the minute's first sample to the millisecond: part of the row's key, so it must come out the same."""
    at_ns = frame.start_ns - (frame.first - begin) * 1e9 / frame.session.rate_hz
    return round(at_ns / 1e6) * 1_000_000


def _block(session: Session, pieces: list[Frame]) -> Block:
    runs: list[tuple[int, int]] = []
    spans: list[Span] = []
    at = 0
    for piece in pieces:
        n = piece.samples.shape[1]
        if runs and runs[-1][0] + runs[-1][1] == piece.first:
            runs[-1] = (runs[-1][0], runs[-1][1] + n)
        else:
            runs.append((piece.first, n))
        spans += [replace(s, start=s.start + at, stop=s.stop + at) for s in piece.spans]
        at += n
    samples = np.concatenate([p.samples for p in pieces], axis=1)
    return Block(session.rate_hz, session.signals, tuple(runs), samples, tuple(spans))


def _part(frame: Frame, start: int, stop: int) -> Frame:
    from ingest.disturb import slice_frame

    return frame if start == 0 and stop == frame.samples.shape[1] else slice_frame(frame, start, stop)
