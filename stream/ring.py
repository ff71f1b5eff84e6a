"""The recent signal of one bed, gap-free, by sample index."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.frame import MAX_FRAME_S, Frame

WAITING_S = MAX_FRAME_S
"""Signal of one bed that may stand in the ring before it is analysed: the longest frame at least."""
HOLES = 64
"""Gaps that are remembered, the latest."""
RING_S = 20.0 + WAITING_S
"""Ten seconds of a segment, ten before it for filters to settle, and what waits behind them."""


class Ring:
    """The last RING_S seconds since the last gap. Holds int16 samples (signals, n) and flaws (signals, n) uint8."""

    __slots__ = ("_flawed_until", "_flaws", "_holes", "_samples", "next", "size", "start")

    def __init__(self, signals: int, rate_hz: float) -> None:
        self.size = int(RING_S * rate_hz)
        self.start = 0
        """First index since the last gap; what is held begins at max(start, next - size)."""
        self.next = -1
        """Index that continues the ring; -1 while it is empty."""
        self._samples = np.zeros((signals, self.size), np.int16)
        self._flaws = np.zeros((signals, self.size), np.uint8)
        self._flawed_until = 0
        self._holes: list[tuple[int, int]] = []

    def push(self, frame: Frame, skip: int) -> None:
        """Append a frame without its first `skip` samples; a jump in the index empties the ring first."""
        first = frame.first + skip
        samples = frame.samples[:, skip:]
        n = samples.shape[1]
        if n > self.size:
            first, samples, n = first + n - self.size, samples[:, n - self.size :], self.size
            self.next = -1
        if first != self.next:
            self.start = first
            if 0 <= self.next < first:
                self._holes = [*self._holes[1 - HOLES :], (self.next, first)]
        at = first % self.size
        self._write(self._samples, at, samples)
        if frame.spans:
            self._flawed_until = first + n + self.size
        if first < self._flawed_until:
            # zeros too, for as long as marks of one ring length ago may stand there
            self._write(self._flaws, at, flaws_of(frame)[:, frame.samples.shape[1] - n :])
        self.next = first + n

    def _write(self, held: NDArray[Any], at: int, values: NDArray[Any]) -> None:
        """Write a stretch that begins at `at` of the ring; what reaches past the end goes to the begin."""
        n, room = values.shape[1], self.size - at
        if n <= room:
            held[:, at : at + n] = values
        else:
            held[:, at:], held[:, : n - room] = values[:, :room], values[:, room:]

    def _read(self, held: NDArray[Any], at: int, n: int) -> NDArray[Any]:
        """A copy of the n samples that begin at `at` of the ring."""
        if at + n <= self.size:
            return held[:, at : at + n].copy()
        return np.concatenate((held[:, at:], held[:, : at + n - self.size]), axis=1)

    def fill(self, first: int, stop: int) -> bool:
        """Whether samples [first, stop) fill a gap, in whole or in part; what is filled is none any more."""
        before = sum(b - a for a, b in self._holes)
        rest = [(max(a, low), min(b, high)) for a, b in self._holes for low, high in ((a, first), (stop, b))]
        self._holes = [(a, b) for a, b in rest if a < b]
        return sum(b - a for a, b in self._holes) < before

    def cut(self, first: int, stop: int) -> tuple[int, NDArray[np.int16], NDArray[np.uint8]]:
        """What is held of [first, stop): the first index held, samples and flaws, both (signals, n)."""
        first = max(first, self.start, self.next - self.size, 0)
        stop = max(first, min(stop, self.next))
        at = first % self.size
        n = stop - first
        return first, self._read(self._samples, at, n), self._read(self._flaws, at, n)


def flaws_of(frame: Frame) -> NDArray[np.uint8]:
    """The spans of a frame as codes (signals, n): 0 readable, else the Flaw."""
    flaws = np.zeros(frame.samples.shape, np.uint8)
    for span in frame.spans:
        flaws[span.row, span.start : span.stop] = span.flaw
    return flaws
