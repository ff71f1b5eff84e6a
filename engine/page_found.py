"""Where GEM's page of twelve rows lies in a picture: turned, at any size, cut, in uneven light; and whether what was read of it can be one. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter1d, map_coordinates, maximum_filter, maximum_filter1d, uniform_filter

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
WIDE, MOST_INK = 31, 0.35
"""Where more than this share of so many pixels around is dark there is no curve, but a table, a shadow or a logo."""
TURN_DEG = 12.0
"""Largest turn that is looked for."""
MOST_POINTS = 30_000
LEAST_AGREEMENT = 0.7
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
    """Of the first line, behind the turn."""
    pitch: float
    middle: float
    """Of what is drawn from left to right, behind the turn."""


def found(picture: Image.Image) -> Floats:
    """(480, 480) darkness of the square that is read, out of a picture (RGB) of a page; raises NoPage."""
    darkness = _dark(picture)
    place = _place(darkness)
    fine = (np.arange(2 * SIDE) + 0.5) / 2.0
    right, down = np.meshgrid(
        place.middle + (fine - SIDE / 2) * place.pitch / ROW, place.first + (fine - line_px(0)) * place.pitch / ROW
    )
    cos, sin = np.cos(place.turn), np.sin(place.turn)
    x, y = right * cos - down * sin, right * sin + down * cos
    seen = map_coordinates(darkness, [y - 0.5, x - 0.5], order=1, mode="constant", cval=0.0)
    return np.asarray(seen.reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3)), np.float32)


def agreement(curves: Floats) -> float:
    """How well limb leads that were read (12, n) follow from others: the mean correlation of II, aVR, aVL and aVF with what I and III give; 0 where they are flat."""
    lead = {name: curves[k] - curves[k].mean() for k, name in enumerate(LEADS)}
    one, three = lead["I"], lead["III"]
    made = {"II": one + three, "aVR": -one - three / 2, "aVL": (one - three) / 2, "aVF": three + one / 2}
    return float(np.mean([_correlation(lead[name], wanted) for name, wanted in made.items()]))


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
    """Darkness 0..1 of the brightest channel against the paper around."""
    ratio = LONGER / max(picture.size)
    size = round(picture.width * ratio), round(picture.height * ratio)
    bright = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BICUBIC), np.float32).max(axis=2)
    rows, columns = (np.array_split(np.arange(n), k) for n, k in zip(bright.shape, _BLOCKS, strict=True))
    paper = np.array([[np.percentile(bright[np.ix_(r, c)], 90) for c in columns] for r in rows], np.float32)
    smooth = Image.fromarray(paper).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(np.clip(1.0 - bright / np.maximum(np.asarray(smooth, np.float32), 1.0), 0.0, 1.0), np.float32)


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
    first, pitch = _comb(down)
    for _ in range(2):
        row, inside = _rows(down, first, pitch)
        first, pitch = _lines(down[inside], row[inside], (first, pitch))
    row, inside = _rows(down, first, pitch)
    return Place(turn, first, pitch, _middle(right[inside], row[inside], pitch))


def _rows(down: NDArray[np.float64], first: float, pitch: float) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The row that each point is nearest to, and whether it lies in it at all."""
    row = np.clip(np.rint((down - first) / pitch), 0, len(LEADS) - 1).astype(np.int64)
    return row, np.abs(down - first - row * pitch) < pitch / 2


def _lines(down: NDArray[np.float64], row: NDArray[np.int64], before: tuple[float, float]) -> tuple[float, float]:
    """The first line and the pitch by the medians of the rows: half of a curve lies about its line."""
    known = [k for k in range(len(LEADS)) if (row == k).sum() > 100]
    if len(known) < len(LEADS) // 2:
        return before
    middles = np.array([np.median(down[row == k]) for k in known])
    between = [(middles[j] - middles[i]) / (known[j] - known[i]) for i in range(len(known)) for j in range(i)]
    pitch = float(np.median(between))
    return float(np.median(middles - pitch * np.array(known))) + 0.5, pitch


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
