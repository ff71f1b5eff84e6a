"""Stretches in which most leads carry no signal: the line stands still, or far from where it usually is. A beat that is not seen in them is none that did not come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ingest.frame import LEADS
from stream.measurement import Beat
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

PART = 50
"""Samples, 0.1 s, that are looked at by themselves."""
STILL_MV, STILL_SHARE = 0.002, 0.001
"""By less than that, and by less than this share of what its lead spans, a part departs from a straight line where no signal is: in 616 records of PTB-XL, CinC 2021 and LUDB no lead that moves does so for more than 0.5 s."""
AWAY_MV = 2.0
"""By more than that a lead that is at its rail departs from where it is at the beats; of those 616 records none has half of its leads there for a second."""
LEAST_S = 1.0
"""A stretch without signal is at least so long (our own limit, twice that of the records)."""
SHARE = 0.5
"""Of the leads that move at all, from which on nothing is told of the rhythm (our own limit: what detects beats may look at these)."""


@dataclass(frozen=True, slots=True)
class Dead:
    """A stretch in which leads carry no signal, in the segment's 500 Hz samples."""

    first: int
    last: int
    leads: int
    of: int

    @property
    def why(self) -> str:
        """What is not known by it."""
        span = f"{self.first / MODEL_HZ:.1f} to {self.last / MODEL_HZ:.1f} s"
        carry = "carries" if self.leads == 1 else "carry"
        return f"{self.leads} of {self.of} leads {carry} no signal from {span}, so that beats may have been passed over"

    def between(self, first: int, last: int) -> bool:
        """Whether it is as long as that within these samples too."""
        return min(self.last, last) - max(self.first, first) >= LEAST_S * MODEL_HZ


def dead(segment: Segment, beats: Sequence[Beat]) -> tuple[Dead, ...]:
    """Stretches in which half of the leads or more carry no signal."""
    if segment.signal_mv.shape[1] != MODEL_SAMPLES or not segment.measured:
        return ()
    rows = np.asarray(segment.signal_mv[[LEADS.index(lead) for lead in segment.measured]], np.float64)
    still, away = _still(rows), _away(rows, [beat.sample for beat in beats])
    # a lead that never moves tells nothing of the others, unless none does
    moving = ~still.all(axis=1)
    silent = (still | away)[moving] if moving.any() else still
    count = silent.sum(axis=0)
    return tuple(
        Dead(a, b, int(np.median(count[a // PART : math.ceil(b / PART)])), len(silent))
        for a, b in _runs(count >= SHARE * len(silent))
        if b - a >= LEAST_S * MODEL_HZ
    )


def _still(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(leads, parts): whether a part is as good as a straight line, however it slopes."""
    parts = rows.reshape(len(rows), -1, PART)
    time = np.linspace(-1.0, 1.0, PART)
    level = parts - parts.mean(axis=2, keepdims=True)
    slope = (level @ time) / (time @ time)
    span = np.ptp(rows, axis=1)
    least = np.where(span < STILL_MV, STILL_MV, np.minimum(STILL_MV, STILL_SHARE * span))
    return np.asarray(np.ptp(level - slope[:, :, None] * time, axis=2) < least[:, None])


def _away(rows: NDArray[np.float64], beats: Sequence[int]) -> NDArray[np.bool_]:
    """(leads, parts): whether a part lies far from where its lead is at the beats, or, without beats, from its middle."""
    at = [place for beat in beats for place in range(max(0, beat - PART), min(MODEL_SAMPLES, beat + PART))]
    usual = np.median(rows[:, at] if at else rows, axis=1)
    parts = rows.reshape(len(rows), -1, PART)
    return np.asarray(np.abs(parts - usual[:, None, None]).min(axis=2) > AWAY_MV)


def _runs(parts: Iterable[bool]) -> list[tuple[int, int]]:
    """First and last sample of what follows each other."""
    found, at = [], 0
    for is_so, group in groupby(bool(one) for one in parts):
        length = len(list(group))
        if is_so:
            found.append((at * PART, min((at + length) * PART, MODEL_SAMPLES - 1)))
        at += length
    return found
