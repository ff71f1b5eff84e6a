"""Millimetre paper and ink: the grid, curves as a plotter's pen draws them, and letters. Knows nothing of ECGs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont

Pixels = NDArray[np.uint8]
"""(height, width, 3) RGB."""
Colour = tuple[int, int, int]

MM_PER_INCH = 25.4
POINT_PER_INCH = 72.0
MM_PER_S = 25.0
MM_PER_MV = 10.0
_FINE = 4
"""Columns that a pixel is divided into where a pen's cover is worked out."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet at a resolution, and the colours of its grid. Pixel k covers [k, k + 1) from the upper left corner."""

    width_px: int = 2200
    height_px: int = 1700
    dpi: float = 200.0
    major: Colour = (255, 0, 0)
    minor: Colour = (254, 223, 219)
    sheet: Colour = (255, 255, 255)
    line_pt: float = 0.5
    """Width of both kinds of grid lines."""
    mm_per_s: float = MM_PER_S
    mm_per_mv: float = MM_PER_MV

    @property
    def px_per_mm(self) -> float:
        """Pixels of one millimetre."""
        return self.dpi / MM_PER_INCH

    @property
    def px_per_s(self) -> float:
        """Pixels of one second."""
        return self.mm_per_s * self.px_per_mm

    @property
    def px_per_mv(self) -> float:
        """Pixels of one millivolt."""
        return self.mm_per_mv * self.px_per_mm

    def points(self, size_pt: float) -> float:
        """A typographic size as pixels."""
        return size_pt * self.dpi / POINT_PER_INCH


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A curve: x never falls, y is NaN where the pen is lifted. Both (n,), in pixels."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


def blank(paper: Paper) -> Pixels:
    """A sheet with its grid of 1 mm and 5 mm, counted from the lower left corner; a new array that may be drawn on."""
    width = paper.points(paper.line_pt)
    steps = (paper.px_per_mm, 5.0 * paper.px_per_mm)
    across = [_lines(paper.width_px, np.arange(0.0, paper.width_px + s, s), width) for s in steps]
    down = [_lines(paper.height_px, np.arange(paper.height_px, -s, -s), width) for s in steps]
    # rows that the level lines cover alike look alike: each kind is worked out once
    kinds, kind = np.unique(np.stack(down, axis=1), axis=0, return_inverse=True)
    rows = np.empty((len(kinds), paper.width_px, 3), np.float32)
    rows[:] = paper.sheet
    for k, colour in enumerate((paper.minor, paper.major)):
        # two lines that cross cover a point once
        cover = 1.0 - (1.0 - across[k][None, :]) * (1.0 - kinds[:, k, None])
        rows += cover[:, :, None] * (np.array(colour, np.float32) - rows)
    return np.asarray(np.rint(rows).astype(np.uint8)[kind.reshape(-1)])


def _lines(length: int, centres: NDArray[np.float64], width: float) -> NDArray[np.float32]:
    """(length,) share of each pixel that straight lines of that width cover."""
    edges = np.arange(length)
    share = np.zeros(length)
    for centre in centres:
        low, high = centre - width / 2, centre + width / 2
        share += np.clip(np.minimum(edges + 1, high) - np.maximum(edges, low), 0.0, 1.0)
    return np.asarray(np.minimum(share, 1.0), np.float32)


def ink(sheet: Pixels, strokes: Sequence[Stroke], width_px: float, colour: Colour, strength: float = 1.0) -> None:
    """Draw curves on a sheet in place with a round pen; what lies outside of the sheet is not drawn.

    Each pixel takes as much ink as the pen covers of it, so a curve is true to a fraction of a pixel.
    """
    height, width = sheet.shape[:2]
    parts = [_cover(stroke, width_px / 2.0, height, width) for stroke in strokes]
    where = np.concatenate([p[0] for p in parts]) if parts else np.zeros(0, np.int64)
    if not where.size:
        return
    share = np.concatenate([p[1] for p in parts])
    first = int(where.min())
    cover = np.bincount(where - first, share)
    at = np.flatnonzero(cover)
    weight = np.minimum(cover[at], 1.0)[:, None].astype(np.float32) * np.float32(strength)
    at += first
    flat = sheet.reshape(-1, 3)
    under = flat[at].astype(np.float32)
    flat[at] = np.rint(under + weight * (np.array(colour, np.float32) - under)).astype(np.uint8)


def _cover(stroke: Stroke, radius: float, height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pixels (row * width + column) that a pen covers along a curve and the share of each; one may come repeatedly."""
    first, low, high = _span(stroke)
    low, high = _widen(low, high, radius)
    column = np.arange(low.size) + first - round(np.ceil(radius * _FINE))
    low, high = np.maximum(low, 0.0), np.minimum(high, float(height))
    keep = (high > low) & (column >= 0) & (column < width * _FINE)  # false for NaN
    low, high, column = low[keep], high[keep], column[keep] // _FINE
    top = low.astype(np.int64)
    count = np.ceil(high).astype(np.int64) - top
    each = np.repeat(np.arange(top.size), count)
    row = np.arange(each.size) - np.repeat(np.cumsum(count) - count, count) + top[each]
    share = np.minimum(high[each], row + 1.0) - np.maximum(low[each], row)
    return row * width + column[each], share / _FINE


def _span(stroke: Stroke) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """Number of the first fine column, and lowest and highest y in each; NaN where the pen is lifted throughout."""
    u, y = np.asarray(stroke.x, np.float64) * _FINE, np.asarray(stroke.y, np.float64)
    first = int(np.floor(u[0]))
    edges = np.arange(first, int(np.floor(u[-1])) + 2, dtype=np.float64)
    left = np.clip(np.searchsorted(u, edges, "right") - 1, 0, u.size - 2)
    run = u[left + 1] - u[left]
    share = (edges - u[left]) / np.where(run > 0, run, 1.0)
    at_edge = y[left] + share * (y[left + 1] - y[left])
    at_edge[(edges < u[0]) | (edges > u[-1])] = np.nan
    low, high = np.fmin(at_edge[:-1], at_edge[1:]), np.fmax(at_edge[:-1], at_edge[1:])
    column = np.floor(u).astype(np.int64) - first
    np.fmin.at(low, column, y)
    np.fmax.at(high, column, y)
    return first, low, high


def _widen(
    low: NDArray[np.float64], high: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a disc covers that runs along the spans: `radius` more columns on each side."""
    reach = round(np.ceil(radius * _FINE))
    wide_low = np.full(low.size + 2 * reach, np.nan)
    wide_high = wide_low.copy()
    for k in range(-reach, reach + 1):
        # the nearest part of a column that lies k columns away
        away = max(0.0, abs(k) - 0.5) / _FINE
        if away >= radius:
            continue
        half = np.sqrt(radius * radius - away * away)
        part = slice(reach + k, reach + k + low.size)
        np.fmin(wide_low[part], low - half, out=wide_low[part])
        np.fmax(wide_high[part], high + half, out=wide_high[part])
    return wide_low, wide_high


def tint(sheet: Pixels, box: tuple[float, float, float, float], colour: Colour, strength: float) -> None:
    """Lay a wash of colour over left, top, right, bottom in place; strength 0..1."""
    left, top, right, bottom = (round(v) for v in box)
    part = sheet[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    part[:] = np.rint(part * (1.0 - strength) + np.array(colour) * strength).astype(np.uint8)


@lru_cache(maxsize=32)
def font(size_px: float) -> Any:
    """Pillow's own letters at a size in pixels: the same on every machine."""
    return ImageFont.load_default(size_px)


def as_image(sheet: Pixels, dpi: float) -> Image.Image:
    """A sheet as a picture that knows its resolution, so that a print is true to the millimetre."""
    picture = Image.fromarray(sheet)
    picture.info["dpi"] = (dpi, dpi)
    return picture
