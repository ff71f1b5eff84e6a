"""Frames of many beds into blocks of one bed-minute; the same frames give the same blocks, in whatever order they come."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ingest.frame import Frame, Session, Span
from storage.blocks import Block, joined_spans

BLOCK_S = 60
GRACE_S = 5.0
"""Signal that may follow a minute before it is written: late frames find it open."""


@dataclass(slots=True)
class _Minute:
    """What came so far of one minute of one session: pieces in the order of their samples, none overlapping another."""

    first: int
    stop: int
    at_ns: int
    touched_s: float
    place: tuple[int, int]
    """Partition and offset of the first message that it rests on."""
    pieces: list[Frame] = field(default_factory=list)
    frames: int = 0
    late: int = 0
    duplicates: int = 0

    def take(self, frame: Frame, newest: int) -> None:
        """Put in what is not there yet, by its index; `newest` is behind what the session has sent so far."""
        self.frames += 1
        if not self.pieces or frame.first >= self.pieces[-1].after:
            self.late += frame.first < newest
            self.pieces.append(frame)
            return
        fresh = list(self._missing(frame))
        self.duplicates += not fresh
        self.late += bool(fresh) and fresh[-1].first < newest
        for part in fresh:
            self.pieces.insert(bisect_left([p.first for p in self.pieces], part.first), part)

    def _missing(self, frame: Frame) -> Iterator[Frame]:
        """The parts of a frame that no piece covers."""
        at = frame.first
        for piece in self.pieces:
            if piece.after > at and piece.first < frame.after:
                if piece.first > at:
                    yield _part(frame, at - frame.first, piece.first - frame.first)
                at = max(at, piece.after)
        if at < frame.after:
            yield _part(frame, at - frame.first, frame.samples.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """One block to be written, or to be joined with what is stored of the same minute."""

    session: Session
    first: int
    """Begin of the minute, whether its first samples came or not."""
    stop: int
    at_ns: int
    frames: int
    late: int
    """Frames that filled what later ones had left open."""
    duplicates: int
    """Frames of which every sample was there."""
    block: Block


class Assembler:
    """Collects frames; a block is ready when its minute is over, and a little more, or its session ends."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], dict[int, _Minute]] = {}
        self._sessions: dict[tuple[str, int], Session] = {}
        self._newest: dict[tuple[str, int], int] = {}

    def held(self) -> dict[int, int]:
        """By partition, offset of the first message that an open block rests on."""
        found: dict[int, int] = {}
        for minutes in self._open.values():
            for minute in minutes.values():
                partition, offset = minute.place
                found[partition] = min(offset, found.get(partition, offset))
        return found

    def put(self, frame: Frame, partition: int, offset: int, now_s: float = 0.0) -> Iterator[Ready]:
        """Take one frame at this moment of a steady clock; gives the blocks that it completes."""
        key = (frame.session.bed, int(frame.session.id))
        self._sessions[key] = frame.session
        minutes = self._open.setdefault(key, {})
        newest = self._newest.get(key, frame.first)
        self._newest[key] = max(newest, frame.after)
        length = round(BLOCK_S * frame.session.rate_hz)
        ends, until = frame.ends, frame.after - round(GRACE_S * frame.session.rate_hz)
        while frame.samples.shape[1]:
            begin = frame.first - frame.first % length
            minute = minutes.get(begin)
            if minute is None:
                at_ns = _begin_ns(frame, begin)
                minute = minutes[begin] = _Minute(begin, begin + length, at_ns, now_s, (partition, offset))
            minute.touched_s = now_s
            cut = min(frame.samples.shape[1], minute.stop - frame.first)
            minute.take(_part(frame, 0, cut), newest)
            if cut == frame.samples.shape[1]:
                break
            frame = _part(frame, cut, frame.samples.shape[1])
        yield from self._close(key, [m for m in minutes.values() if ends or m.stop <= until])

    def idle(self, before_s: float) -> Iterator[Ready]:
        """Blocks of beds that have sent nothing since `before_s`, as they are."""
        for key, minutes in list(self._open.items()):
            yield from self._close(key, [m for m in minutes.values() if m.touched_s < before_s])

    def _close(self, key: tuple[str, int], done: list[_Minute]) -> Iterator[Ready]:
        session, minutes = self._sessions[key], self._open[key]
        for m in sorted(done, key=lambda m: m.first):
            del minutes[m.first]
            block = _block(session, m.pieces)
            yield Ready(session, m.first, m.pieces[-1].after, m.at_ns, m.frames, m.late, m.duplicates, block)
        if not minutes:
            del self._open[key], self._sessions[key], self._newest[key]


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
        if runs and sum(runs[-1]) == piece.first:
            runs[-1] = (runs[-1][0], runs[-1][1] + n)
        else:
            runs.append((piece.first, n))
        spans += [replace(s, start=s.start + at, stop=s.stop + at) for s in piece.spans]
        at += n
    samples = np.concatenate([p.samples for p in pieces], axis=1)
    return Block(session.rate_hz, session.signals, tuple(runs), samples, joined_spans(spans))


def _part(frame: Frame, start: int, stop: int) -> Frame:
    from ingest.disturb import slice_frame

    return frame if start == 0 and stop == frame.samples.shape[1] else slice_frame(frame, start, stop)
