"""Pages for training, drawn in two milliseconds as the square that is read of them: the cover of each pixel by a pen, over a kept background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.aged import GRIDS
from engine.image_values import CLIP_MEAN, CLIP_STD, ImageValues
from engine.page import GEM_PAGE, PAGE_INCHES, at_resolution, new_form, write_missing
from engine.page_window import PX_PER_MV, PX_PER_S, SIDE, begin_s, line_px, means
from engine.paper import POINT_PER_INCH, as_image
from engine.prepare import prepare_page
from ingest.frame import LEADS
from stream.trigger import MODEL_HZ, MODEL_SAMPLES

FINE = 4
"""Columns that a pixel is divided into."""
SCALE = 2.0
"""Pages are drawn at this many times the resolution at which they are read, as those that a model of ours is shown."""
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pen:
    """How a page is drawn. The defaults are those of GEM's own page."""

    grid: int | None = None
    """Which of `engine.aged.GRIDS`; None: GEM's own."""
    width_pt: float = GEM_PAGE.trace_pt
    ink: float = 0.0
    """Grey, 0..1."""
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Gain of red, green and blue."""
    right_px: float = 0.0
    down_px: float = 0.0
    """How far the curves are moved."""
    tilt_px: float = 0.0
    """How far they fall from the middle to the right edge, and rise to the left."""
    noise: float = 0.0
    """Deviation of each value, 0..1."""

    def curves(self, signal: Floats, numbers: int) -> Floats:
        """(leads, 480 * numbers) mV of a signal (leads, 5000) as this pen draws it."""
        across = (np.arange(SIDE * numbers) + 0.5) / numbers
        down = self.down_px + self.tilt_px * (across / (SIDE / 2) - 1.0)
        return np.asarray(means(signal, SIDE * numbers, self.right_px) - down / PX_PER_MV, np.float32)


NEW = Pen()


def any_pen(rng: np.random.Generator) -> Pen:
    """A pen, a paper and a light drawn by chance."""
    grid = int(rng.integers(-1, len(GRIDS)))
    light = rng.uniform(0.9, 1.0) * (1.0 - 0.05 * rng.random(3))
    return Pen(
        grid=None if grid < 0 else grid,
        width_pt=float(rng.uniform(0.55, 1.3)),
        ink=float(rng.uniform(0.0, 0.25)),
        light=(float(light[0]), float(light[1]), float(light[2])),
        right_px=float(rng.uniform(-6.0, 6.0)),
        down_px=float(rng.uniform(-4.0, 4.0)),
        tilt_px=float(rng.uniform(-4.0, 4.0)),
        noise=float(rng.choice([0.0, rng.uniform(0.0, 0.1)])),
    )


def quick_page(signal_mv: Floats, measured: Sequence[bool] | NDArray[np.bool_], pen: Pen, seed: int) -> Floats:
    """(3, 480, 480) normalised: the square out of the page of a signal (12, 5000), rows in the order of LEADS."""
    there = [bool(one) for one in measured]
    paper = _paper(pen.grid)
    for lead, known in enumerate(there):
        if not known:
            paper = paper + _says_missing(lead)
    share = cover(signal_mv[there], [line_px(k) for k, known in enumerate(there) if known], pen)
    page = paper + share * (np.float32(pen.ink) - paper)
    if pen.light != NEW.light:
        page *= np.array(pen.light, np.float32)[:, None, None]
    if pen.noise:
        page += np.float32(pen.noise) * _grain(np.random.default_rng((seed, 8)))
        np.clip(page, 0.0, 1.0, out=page)
    page -= np.array(CLIP_MEAN, np.float32)[:, None, None]
    page *= 1.0 / np.array(CLIP_STD, np.float32)[:, None, None]
    return page


def cover(signal_mv: Floats, lines_px: Sequence[float], pen: Pen) -> Floats:
    """(480, 480) share of each pixel that a pen covers which draws these rows (n, 5000) about lines at those heights."""
    low, high = _span(signal_mv, pen)
    across = (np.arange(low.shape[1]) + 0.5) / FINE / (SIDE / 2) - 1.0
    lines = np.array(lines_px)[:, None] + pen.down_px + pen.tilt_px * across
    radius = pen.width_pt / POINT_PER_INCH * (SIDE / PAGE_INCHES) / 2
    low, high = lines - high * PX_PER_MV - radius, lines - low * PX_PER_MV + radius
    columns = np.broadcast_to(np.arange(low.shape[1]) // FINE, low.shape)
    found = np.zeros((SIDE + 2) * SIDE)
    for ends, sign in ((low, 1.0), (high, -1.0)):
        ends = np.clip(ends, 0.0, SIDE)
        whole = ends.astype(np.int64)
        part = ends - whole
        at = (whole * SIDE + columns).ravel()
        found += np.bincount(at, (sign * (1.0 - part)).ravel(), found.size)
        found += np.bincount(at + SIDE, (sign * part).ravel(), found.size)
    share = np.cumsum(found.reshape(SIDE + 2, SIDE)[:SIDE].astype(np.float32), axis=0) / FINE
    return np.asarray(np.clip(share, 0.0, 1.0), np.float32)


def _span(signal_mv: Floats, pen: Pen) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest value (n, 480 * FINE) of each row within each fine column, its ends among them."""
    at_px = np.arange(SIDE * FINE + 1) / FINE - pen.right_px
    at = np.clip((begin_s() + at_px / PX_PER_S) * MODEL_HZ, 0.0, MODEL_SAMPLES - 1.0)
    whole = np.minimum(at.astype(np.int64), MODEL_SAMPLES - 2)
    ends = signal_mv[:, whole] + (at - whole) * (signal_mv[:, whole + 1] - signal_mv[:, whole])
    low, high = np.minimum(ends[:, :-1], ends[:, 1:]), np.maximum(ends[:, :-1], ends[:, 1:])
    for k in range(1, int(np.ceil(np.diff(at).max())) + 1):
        inside = np.minimum(whole[:-1] + k, MODEL_SAMPLES - 1)
        value = signal_mv[:, inside]
        within = inside < at[1:]
        np.minimum(low, np.where(within, value, low), out=low)
        np.maximum(high, np.where(within, value, high), out=high)
    return low, high


@lru_cache(maxsize=16)
def _paper(grid: int | None) -> Floats:
    """(3, 480, 480) of 0..1: the page before its curves."""
    return _values(grid, None)


@lru_cache(maxsize=32)
def _says_missing(lead: int) -> Floats:
    """What the words of a row without its lead change."""
    return _values(None, lead) - _paper(None)


def _values(grid: int | None, missing: int | None) -> Floats:
    layout = at_resolution(GEM_PAGE, SCALE * SIDE / PAGE_INCHES)
    if grid is not None:
        layout = replace(layout, paper=replace(layout.paper, major=GRIDS[grid][0], minor=GRIDS[grid][1]))
    sheet = new_form(layout)
    if missing is not None:
        write_missing(sheet, layout, [p for p in layout.panels() if p.lead == LEADS[missing]])
    even = prepare_page(as_image(sheet, layout.paper.dpi), ImageValues(SIDE, SIDE))[0]
    scaled = even * np.array(CLIP_STD, np.float32)[:, None, None] + np.array(CLIP_MEAN, np.float32)[:, None, None]
    return np.asarray(np.clip(scaled, 0.0, 1.0), np.float32)


@lru_cache(maxsize=1)
def _field() -> Floats:
    return np.random.default_rng(SIDE).standard_normal((2 * SIDE, 2 * SIDE), np.float32)


def _grain(rng: np.random.Generator) -> Floats:
    """(3, 480, 480) noise of deviation 1, cut out of a kept field."""
    return np.stack([_field()[y : y + SIDE, x : x + SIDE] for y, x in rng.integers(0, SIDE + 1, (3, 2)).tolist()])
