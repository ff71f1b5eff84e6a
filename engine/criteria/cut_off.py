"""Whether the signal is cut off: at one height R or S of several leads are flat at their top, as at the end of what a recorder can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from engine.criteria.case import listed
from ingest.frame import LEADS
from stream.measurement import Measurements
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

FLAT_MS, FLAT_SHARE, HEIGHT_SHARE, LEAST_LEADS = 12.0, 0.03, 0.8, 3
"""A top is flat where it stays so long within this share of its height; it counts where it is as high as this share of the highest of all leads, and in so many leads.

Of 616 records of PTB-XL, CinC 2021 and LUDB none has that; of seven of them that were cut off at 0.6 mV five have."""
LEAST_BEATS, BEHIND = 3, 10
"""Beats that tell it, and samples behind the QRS within which its last wave may end."""


def cut_off(segment: Segment, m: Measurements) -> str:
    """Why amplitudes are not known; empty where nothing speaks for it."""
    if segment.signal_mv.shape[1] != MODEL_SAMPLES:
        return ""
    tops = {
        (lead, up): found
        for lead in segment.measured
        for up in (True, False)
        if (found := _top(segment.signal_mv[LEADS.index(lead)] * (1.0 if up else -1.0), m)) is not None
    }
    highest = max((height for height, _ in tops.values()), default=0.0)
    flat = {
        key: height for key, (height, ms) in tops.items() if height >= HEIGHT_SHARE * highest > 0.0 and ms >= FLAT_MS
    }
    leads = [lead for lead in LEADS if any(lead == name for name, _ in flat)]
    if len(leads) < LEAST_LEADS:
        return ""
    return f"the QRS is flat at its top in {listed(leads)}, at about {median(flat.values()):.1f} mV: the signal may be cut off there"


def _top(y: NDArray[np.float32], m: Measurements) -> tuple[float, float] | None:
    """Height (mV) and length of the top (ms) of the highest wave of the QRS, medians over the beats; None of fewer than three, or where it does not point there."""
    found = [_of_beat(wave) for wave in _complexes(y, m)]
    if len(found) < LEAST_BEATS or (height := median(h for h, _ in found)) <= 0.0:
        return None
    return height, median(n for _, n in found) * 1000.0 / MODEL_HZ


def _complexes(y: NDArray[np.float32], m: Measurements) -> Iterator[NDArray[np.float32]]:
    for beat in m.by_beat:
        if beat.qrs_on is not None and beat.qrs_ms is not None and beat.qrs_on >= 0:
            wave = y[beat.qrs_on : beat.qrs_on + round(beat.qrs_ms * MODEL_HZ / 1000.0) + BEHIND]
            if wave.size > BEHIND:
                yield wave


def _of_beat(wave: Sequence[float] | NDArray[np.float32]) -> tuple[float, int]:
    """The height of a wave, and for how many samples around its top it is as high."""
    at = int(np.argmax(wave))
    top = float(wave[at])
    low = np.flatnonzero(np.asarray(wave) < (1.0 - FLAT_SHARE) * top)
    before, behind = low[low < at], low[low > at]
    first = int(before[-1]) + 1 if before.size else 0
    last = int(behind[0]) if behind.size else len(wave)
    return top, last - first
