"""Whether two chest electrodes may be exchanged: along V1 to V6 each lead is most alike to its neighbours, and in exchanged places it is not.

Read from the signal of the beats. Of 563 records of PTB-XL, CinC 2021 and LUDB with six good chest leads and a narrow QRS five are doubted; with two leads exchanged on purpose
82 in 100 over all pairs (V2 with V5 100, V1 with V3 94, V2 with V3 85, V1 with V2 69, V4 with V5 60, V5 with V6 12), the right two in 98 of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.frame import CHEST, LEADS
from stream.measurement import LeadMeasurements, Measurements, Quality
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

SHORTER = 1.15
"""By how many times the way along the chest leads is longer than in the order that makes it shortest, from which on they may be exchanged (chosen on every second of
those records, of which 3 of 282 are doubted, and 2 of the 281 others)."""
BEFORE, AFTER, OF_RR = 10, 250, 0.6
"""Samples before the begin of the QRS and behind it that are compared, and the share of RR behind it that they are at most: QRS and T."""
PR_LEVEL = (20, 8)
LEAST_BEATS = 3

Pair = tuple[str, str]


def exchanged(segment: Segment, m: Measurements) -> Pair | None:
    """The two chest leads that may be exchanged; None where none are, or not all six are good and measured."""
    good = {one.lead for one in m.leads if one.quality is Quality.GOOD and _has_qrs(one)} & set(segment.measured)
    if not good >= set(CHEST) or segment.signal_mv.shape[1] != MODEL_SAMPLES:
        return None
    usual = _usual(segment, m)
    if usual is None:
        return None
    apart = _apart(usual)
    own = _way(apart, range(len(CHEST)))
    a, b = min(combinations(range(len(CHEST)), 2), key=lambda pair: _way(apart, _order(*pair)))
    return (CHEST[a], CHEST[b]) if own >= SHORTER * _way(apart, _order(a, b)) else None


def _has_qrs(one: LeadMeasurements) -> bool:
    return one.r_mv is not None or one.s_mv is not None or one.q_mv is not None


def _usual(segment: Segment, m: Measurements) -> NDArray[np.float64] | None:
    """(6, n) mV of the chest leads above their PR level, median over the beats; None of fewer than three."""
    after = AFTER if m.rr_ms is None else min(AFTER, round(OF_RR * m.rr_ms.value * MODEL_HZ / 1000.0))
    rows = np.asarray(segment.signal_mv[[LEADS.index(lead) for lead in CHEST]], np.float64)
    some = [
        rows[:, on - BEFORE : on + after] - rows[:, on - PR_LEVEL[0] : on - PR_LEVEL[1]].mean(axis=1, keepdims=True)
        for beat in m.by_beat
        if (on := beat.qrs_on) is not None and on >= PR_LEVEL[0] and on + after <= MODEL_SAMPLES
    ]
    return np.asarray(np.median(some, axis=0)) if len(some) >= LEAST_BEATS else None


def _apart(usual: NDArray[np.float64]) -> NDArray[np.float64]:
    """(6, 6): how far two leads are apart whatever their size, 0 of one shape to 2 of its mirror image."""
    size = np.sqrt((usual**2).sum(axis=1)) + 1e-9
    like = usual @ usual.T / np.outer(size, size)
    return np.asarray(np.sqrt(np.maximum(0.0, 2.0 - 2.0 * like)))


def _order(a: int, b: int) -> list[int]:
    places = list(range(len(CHEST)))
    places[a], places[b] = b, a
    return places


def _way(apart: NDArray[np.float64], order: Sequence[int]) -> float:
    return float(sum(apart[a, b] for a, b in pairwise(order)))
