"""A recording held in memory: what files and the simulator give, and what the feed plays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.bed import Sex
from ingest.frame import Signal, Span


@dataclass(frozen=True, slots=True)
class RhythmSpan:
    """Samples [start, stop) of a recording during which the script plays this rhythm."""

    start: int
    stop: int
    rhythm: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What a script played: the beats that are there and the rhythm that holds; only the simulator knows it."""

    beats: tuple[tuple[int, str], ...]
    """R peak sample and AAMI letter (N, S, V, F, Q) of every QRS complex, in order."""
    rhythms: tuple[RhythmSpan, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Signals of one bed.

    samples: (len(signals), n) int16 steps, read-only.
    """

    name: str
    """Becomes the bed's name."""
    rate_hz: float
    signals: tuple[Signal, ...]
    samples: NDArray[np.int16]
    spans: tuple[Span, ...] = field(default=())
    """Flaws, counted from the first sample of the recording."""
    truth: Truth | None = None
    pacer: tuple[int, ...] = ()
    """Samples at which a front end would flag a pacing pulse, in order."""
    age_years: float | None = None
    """Of the patient, where the file tells it; nothing else of a patient is read from one."""
    sex: Sex = Sex.UNKNOWN
