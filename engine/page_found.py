"""Where GEM's page of twelve rows lies in a picture: turned, at any size, cut, a little from the side, in uneven light; and whether what was read of it can be one. No torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import (
    gaussian_filter1d,
    map_coordinates,
    maximum_filter,
    maximum_filter1d,
    uniform_filter,
    uniform_filter1d,
)

from engine.page_window import PX_PER_S, ROW, SIDE, line_px
from ingest.frame import LEADS

LONGER = 1242
"""Pixels to which the longer side of a picture is brought: twice the resolution at which a page is read."""
PITCH = 2.0 * ROW
"""From row to row then, where the picture is the whole page."""
SIZES = (0.7, 1.45)
"""Of what is looked for, times that: a page with a rim of table, and one of which a part was cut off."""
INK = 0.4
"""Darkness of what counts as ink."""
DIM = 100.0
"""Of 255: a channel in which the paper is darker is not held against it, for it is noise more than light."""
WIDE, MOST_INK = 31, 0.35
"""Where more than this share of so many pixels around is dark there is no curve, but a table, a shadow or a logo."""
TURN_DEG = 12.0
"""Largest turn that is looked for."""
MOST_SLANT = 2.0
"""Pixels of the square from row to row."""
STRETCHES, LEAST_POINTS = 10, 15
"""From left to right, in each of which a row has its own height where it has so many points."""
MOST_POINTS = 30_000
STRETCH = 110
"""Numbers of a curve that are read of about a second."""
LEAST_AGREEMENT = 0.4
"""Of limb leads that follow from others: below it the page was not read, or is another one."""
_BLOCKS = (12, 16)
Floats = NDArray[np.float32]


class NoPage(ValueError):
    """A picture in which no page of twelve rows was found or read; one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows lie in a picture of `LONGER` pixels."""

    turn: float
    """Radians, clockwise."""
    first: float
    """Of the first line in the middle, behind the turn."""
    pitch: float
    middle: float = 0.0
    """Of what is drawn from left to right, behind the turn."""
    fall: float = 0.0
    """Of the first line, a pixel to the right."""
    spread: float = 0.0
    """Of the pitch, a pixel to the right: of a picture that was taken a little from the side."""

    def down(self, right: NDArray[np.float64], row: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
        """Height of a row (0 is the first line) at these places, behind the turn."""
        away = right - self.middle
        return np.asarray(self.first + self.fall * away + row * (self.pitch + self.spread * away))


def found(picture: Image.Image) -> Floats:
    """(480, 480) darkness of the square that is read, out of a picture (RGB) of a page; raises NoPage."""
    darkness = _dark(picture)
    place = _place(darkness)
    straight = _square(darkness, place, 0.0)
    return _square(darkness, place, _slant(straight))


def _square(darkness: Floats, place: Place, slant: float) -> Floats:
    """(480, 480) of a picture. slant: pixels that each row stands further to the right than the one above."""
    fine = (np.arange(2 * SIDE) + 0.5) / 2.0
    across, row = np.meshgrid(fine, (fine - line_px(0)) / ROW)
    right = place.middle + (across + slant * (row - len(LEADS) / 2) - SIDE / 2) * place.pitch / ROW
    down = place.down(right, row)
    cos, sin = np.cos(place.turn), np.sin(place.turn)
    x, y = right * cos - down * sin, right * sin + down * cos
    seen = map_coordinates(darkness, [y - 0.5, x - 0.5], order=1, mode="constant", cval=0.0)
    return np.asarray(seen.reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3)), np.float32)


def _slant(square: Floats) -> float:
    """How far each row stands to the right of the one above: where the steep strokes of all leads, which are simultaneous, meet best."""
    lines = [round(line_px(k)) for k in range(len(LEADS))]
    ink = np.stack([square[line - ROW // 2 : line + ROW // 2].sum(axis=0) for line in lines])
    ink = np.clip(ink - np.median(ink, axis=1, keepdims=True), 0.0, None)
    at, rows = np.arange(SIDE), np.arange(len(LEADS)) - len(LEADS) / 2
    tried = np.arange(-MOST_SLANT, MOST_SLANT + 0.05, 0.1)
    stacked = [
        np.sum([np.interp(at + one * k, at, row) for k, row in zip(rows, ink, strict=True)], axis=0) for one in tried
    ]
    return float(tried[int(np.argmax([float((one**2).sum()) for one in stacked]))])


def agreement(curves: Floats) -> float:
    """How well limb leads that were read (12, n) follow from others: II, aVR, aVL and aVF from I and III.

    The mean over the four of their correlation with what follows, the median over stretches of a second, each curve less its mean over that long: a
    crease or a wander of the line spoils a second or none. 0 where they are flat.
    """
    quick = curves - uniform_filter1d(curves, STRETCH, axis=1)
    lead = dict(zip(LEADS, quick, strict=True))
    one, three = lead["I"], lead["III"]
    made = {"II": one + three, "aVR": -one - three / 2, "aVL": (one - three) / 2, "aVF": three + one / 2}
    count = max(1, curves.shape[1] // STRETCH)
    parts = [
        [_correlation(a, b) for a, b in zip(np.array_split(lead[n], count), np.array_split(w, count), strict=True)]
        for n, w in made.items()
    ]
    return float(np.mean(np.median(parts, axis=1)))


def check(curves: Floats) -> None:
    """Raise NoPage where the limb leads that were read do not belong together."""
    if agreement(curves) < LEAST_AGREEMENT:
        raise NoPage(
            "the limb leads that were read off it do not belong together: give a straight scan of a page of twelve rows, one lead each, "
            "25 mm/s and 10 mm/mV"
        )


def _correlation(one: Floats, other: Floats) -> float:
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size > 0 else 0.0


def _dark(picture: Image.Image) -> Floats:
    """Darkness 0..1 of the brightest channel, each against the paper around: so the light's colour does not matter, and a coloured grid is faint."""
    ratio = LONGER / max(picture.size)
    size = round(picture.width * ratio), round(picture.height * ratio)
    seen = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BICUBIC), np.float32)
    rows, columns = (np.array_split(np.arange(n), k) for n, k in zip(seen.shape[:2], _BLOCKS, strict=True))
    paper = np.array([[np.percentile(seen[np.ix_(r, c)], 85, axis=(0, 1)) for c in columns] for r in rows], np.float32)
    bright = np.zeros(seen.shape[:2], np.float32)
    for k in range(3):
        around = np.asarray(Image.fromarray(paper[:, :, k]).resize(size, Image.Resampling.BILINEAR), np.float32)
        np.maximum(bright, seen[:, :, k] / np.maximum(around, DIM), out=bright)
    return np.asarray(np.clip(1.0 - bright, 0.0, 1.0), np.float32)


def _place(darkness: Floats) -> Place:
    thick = maximum_filter(uniform_filter(darkness, WIDE) > MOST_INK, WIDE)
    y, x = (at.astype(np.float64) for at in np.nonzero((darkness > INK) & ~thick))
    if len(x) < 1000:
        raise NoPage("no curve is to be seen on it: give a picture of an ECG page with dark curves on bright paper")
    step = max(1, len(x) // MOST_POINTS)
    some = x[::step], y[::step]
    turn = 0.0
    for reach, by in ((TURN_DEG, 0.5), (0.5, 0.1), (0.1, 0.02)):
        tried = turn + np.deg2rad(np.arange(-reach, reach + by / 2, by))
        turn = float(tried[int(np.argmax([_sharpness(*some, one) for one in tried]))])
    right, down = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    place = Place(turn, *_comb(down), middle=float(np.median(right)))
    for _ in range(3):
        place = _lines(right, down, place)
    row, inside = _rows(right, down, place)
    middle = _middle(right[inside], row[inside], place.pitch)
    away = middle - place.middle
    first, pitch = place.first + place.fall * away, place.pitch + place.spread * away
    return replace(place, first=first, pitch=pitch, middle=middle)


def _rows(
    right: NDArray[np.float64], down: NDArray[np.float64], place: Place
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The row that each point is nearest to, and whether it lies in it at all."""
    away = right - place.middle
    at = (down - place.first - place.fall * away) / (place.pitch + place.spread * away)
    row = np.clip(np.rint(at), 0, len(LEADS) - 1).astype(np.int64)
    return row, np.abs(at - row) < 0.5


def _lines(right: NDArray[np.float64], down: NDArray[np.float64], place: Place) -> Place:
    """The same place by the medians of the rows in stretches from left to right: half of a curve lies about its line."""
    row, inside = _rows(right, down, place)
    low, high = (float(one) for one in np.percentile(right[inside], (2, 98)))
    edges = np.linspace(low, high, STRETCHES + 1)
    part = np.digitize(right, edges) - 1
    key = np.where(inside & (part >= 0) & (part < STRETCHES), row * STRETCHES + part, -1)
    order = np.argsort(key, kind="stable")
    begins = np.searchsorted(key[order], np.arange(len(LEADS) * STRETCHES + 1))
    found = [
        (k // STRETCHES, float(np.median(right[some])), float(np.median(down[some])))
        for k in range(len(LEADS) * STRETCHES)
        if len(some := order[begins[k] : begins[k + 1]]) >= LEAST_POINTS
    ]
    if len(found) < len(LEADS) * STRETCHES // 2:
        return place
    rows, at, height = np.array(found).T
    away = at - place.middle
    table = np.stack([np.ones_like(at), rows, away, rows * away], axis=1)
    kept = np.ones(len(at), bool)
    for _ in range(3):
        told = np.linalg.lstsq(table[kept], height[kept], rcond=None)[0]
        error = np.abs(height - table @ told)
        kept = error <= max(2.5 * float(np.median(error)), 1.0)
    first, pitch, fall, spread = told.tolist()
    return replace(place, first=first + 0.5, pitch=pitch, fall=fall, spread=spread)


def _sharpness(x: NDArray[np.float64], y: NDArray[np.float64], turn: float) -> float:
    down = y * np.cos(turn) - x * np.sin(turn)
    counts = np.bincount(np.rint(down - down.min()).astype(np.int64))
    return float((counts.astype(np.float64) ** 2).sum())


def _comb(down: NDArray[np.float64]) -> tuple[float, float]:
    """Height of the first line, and from line to line: where twelve lines meet most ink."""
    low = float(np.floor(down.min())) - PITCH
    counts = np.bincount(np.rint(down - low).astype(np.int64), minlength=1)
    ink = gaussian_filter1d(counts.astype(np.float64), 1.5)
    ink = np.sqrt(np.concatenate([ink, np.zeros(int(2 * PITCH))]))
    ink += maximum_filter1d(ink, 9)
    best = (-1.0, 0.0, PITCH)
    for pitch in np.arange(SIZES[0] * PITCH, SIZES[1] * PITCH, 0.2):
        teeth = np.rint(pitch * np.arange(len(LEADS))).astype(np.int64)
        firsts = np.arange(max(0, len(ink) - int(teeth[-1])))
        if not len(firsts):
            break
        score = ink[firsts[:, None] + teeth].sum(axis=1)
        k = int(np.argmax(score))
        if score[k] > best[0]:
            best = (float(score[k]), low + float(firsts[k]), float(pitch))
    return best[1] + 0.5, best[2]


def _middle(right: NDArray[np.float64], row: NDArray[np.int64], pitch: float) -> float:
    """Of the columns in which at least half of the rows have ink."""
    low = float(np.floor(right.min()))
    column = np.rint(right - low).astype(np.int64)
    seen = np.zeros((len(LEADS), int(column.max()) + 1), bool)
    seen[row, column] = True
    full = np.flatnonzero(seen.sum(axis=0) >= len(LEADS) // 2)
    if len(full) < 5.0 * PX_PER_S * pitch / ROW:
        raise NoPage("less than five seconds of twelve rows are to be seen on it: give the whole page")
    return low + float(full[0] + full[-1]) / 2.0
