"""What a run in real time is judged by: numerics that are stored as they were told, and a lag that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np

from infra.summary import Observer, read_topic
from ingest.topics import TRENDS
from stream.measurement import Trend

PARTS = 4
"""The run is looked at in so many parts."""
GROWS_S = 1.0
"""A lag that is longer by this in the last part than in the first one grows."""
_NUMBERS = ("rate_bpm", "pvc_per_min", "qrs_ms", "pr_ms", "qt_ms")

Numerics = dict[tuple[str, int, int], tuple[Any, ...]]
"""By bed, session and first sample."""


def told_numerics(observer: Observer) -> tuple[Numerics, list[tuple[str, int, int, float]]]:
    """Every row of numerics in the topic as it must be stored, and (bed, session, last sample, ms since the epoch in Kafka)."""
    rows: Numerics = {}
    came = []
    for message in read_topic(observer, TRENDS):
        for t in msgspec.json.decode(message.value, type=list[Trend]):
            rows[str(t.bed), int(t.session), t.first] = as_stored(t)
            came.append((str(t.bed), int(t.session), t.first + round(t.rate_hz) - 1, float(message.timestamp)))
    return rows, came


def as_stored(t: Trend) -> tuple[Any, ...]:
    """The values of a second as the table holds them, one letter a lead."""
    numbers = (getattr(t, name) for name in _NUMBERS)
    return (*numbers, t.rhythm, "".join(q[0] for q in t.quality), tuple(t.st_mv) or None, t.af_burden, t.rhythm_since)


def _single(value: Any) -> Any:
    """A number in the single precision of the table; anything else as it is."""
    if isinstance(value, tuple):
        return tuple(_single(v) for v in value)
    return float(np.float32(value)) if isinstance(value, float) else value


def unequal(told: Numerics, stored: Mapping[tuple[str, int, int], tuple[Any, ...]]) -> int:
    """Rows that are not stored, or not as they were told."""
    return sum(_single(stored.get(key)) != _single(row) for key, row in told.items())


def lag_s(came: Iterable[tuple[str, int, int, float]], sent: Mapping[tuple[str, int], Any]) -> list[float]:
    """Seconds from sending the last sample of a second to Kafka having its numerics, 99 % of them, in each part of the run."""
    pairs = []
    for bed, session, sample, at_ms in came:
        held = sent.get((bed, session))
        sent_ns = held.sent_ns(sample) if held is not None else None
        if sent_ns is not None:
            pairs.append((sent_ns / 1e9, at_ms / 1e3 - sent_ns / 1e9))
    if len(pairs) < PARTS:
        return []
    at, lag = np.array(sorted(pairs)).T
    edges = np.linspace(at[0], at[-1], PARTS + 1)[1:-1]
    parts = np.split(lag, np.searchsorted(at, edges))
    return [round(float(np.percentile(part, 99)), 3) if part.size else float("nan") for part in parts]
