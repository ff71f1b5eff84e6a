"""What is read off GEM's page of twelve rows: a square out of its middle, where each lead stands in it, and a reading as a signal. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.image_values import CLIP_MEAN, CLIP_STD
from engine.page import GEM_PAGE
from ingest.frame import LEADS
from stream.trigger import MODEL_HZ, MODEL_SAMPLES

SIDE = 480
"""Pixels of the square: 32 from row to row, 22 a millivolt, 18 ms each."""
ROW = SIDE // 15
"""From line to line, of which the page is fifteen high."""
BAND = 3 * ROW
"""What is looked at for a lead: its own row, and one above and below; 2.2 mV to either side."""
FIRST = 2 * ROW + ROW // 2 - BAND // 2
"""Upper edge of the band of the first lead."""
LAST = FIRST + (len(LEADS) - 1) * ROW + BAND
"""Lower edge of the band of the last lead."""
PX_PER_S = GEM_PAGE.paper.px_per_s * SIDE / GEM_PAGE.paper.height_px
PX_PER_MV = GEM_PAGE.paper.px_per_mv * SIDE / GEM_PAGE.paper.height_px
Floats = NDArray[np.float32]


def begin_s() -> float:
    """Time at the left edge: `engine.prepare` cuts as much off at both sides, so that 8.6 of the ten seconds are left."""
    width = int(SIDE * GEM_PAGE.paper.width_px / GEM_PAGE.paper.height_px)
    return ((width - SIDE) // 2 - GEM_PAGE.origin_px * SIDE / GEM_PAGE.paper.height_px) / PX_PER_S


def line_px(lead: int) -> float:
    """Height of 0 mV of a lead, counted from the top."""
    return FIRST + lead * ROW + BAND / 2


def dark(page: Floats) -> Floats:
    """(..., 480, 480) darkness 0..1 of pages (..., 3, 480, 480) as an image tower is given them: of the brightest channel, in which coloured grids are faint."""
    shape = (3, 1, 1)
    values = page * np.array(CLIP_STD, np.float32).reshape(shape) + np.array(CLIP_MEAN, np.float32).reshape(shape)
    return np.asarray(np.clip(1.0 - values.max(axis=-3), 0.0, 1.0), np.float32)


def means(signal: Floats, count: int, right_px: float = 0.0) -> Floats:
    """(leads, count) mV: the mean of a signal (leads, 5000), which stands so far to the right, within each of so many stretches of the square."""
    edges = np.clip(_edges(count) - right_px / PX_PER_S * MODEL_HZ, 0.0, MODEL_SAMPLES)
    sums = np.concatenate([np.zeros((len(signal), 1)), np.cumsum(signal, axis=1, dtype=np.float64)], axis=1)
    whole = edges.astype(np.int64)
    at = sums[:, whole] + (edges - whole) * (sums[:, np.minimum(whole + 1, MODEL_SAMPLES)] - sums[:, whole])
    return np.asarray(np.diff(at, axis=1) / np.diff(edges), np.float32)


def signal_of(curves: Floats) -> Floats:
    """(leads, 5000) mV at 500 Hz of curves (leads, count); zeros where the square does not reach."""
    edges = _edges(curves.shape[1])
    centres, at = (edges[:-1] + edges[1:]) / 2, np.arange(MODEL_SAMPLES)
    return np.stack([np.interp(at, centres, row, left=0.0, right=0.0) for row in curves]).astype(np.float32)


def _edges(count: int) -> NDArray[np.float64]:
    """(count + 1,) between which stand the numbers that a row is read as, in samples of the signal."""
    return (begin_s() + np.linspace(0.0, SIDE, count + 1) / PX_PER_S) * MODEL_HZ
