"""Pages as hospitals keep them, for training: other layouts and colours, then turned, cropped, creased and photographed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.page import CLINICAL_3X4, CLINICAL_6X2, GEM_PAGE, Layout, at_resolution, fill, new_form
from engine.paper import Colour, as_image
from ingest.frame import LEADS

LAYOUTS = (CLINICAL_3X4, CLINICAL_6X2, GEM_PAGE)
GRIDS: tuple[tuple[Colour, Colour], ...] = (
    ((109, 50, 47), (150, 107, 101)),
    ((255, 203, 221), (254, 237, 248)),
    ((0, 0, 102), (0, 0, 178)),
    ((0, 76, 0), (0, 204, 76)),
    ((255, 0, 0), (254, 223, 219)),
    ((102, 102, 102), (191, 191, 191)),
)
"""Major and minor lines of the papers of ecg-image-kit, the last one black and white."""


@dataclass(frozen=True, slots=True)
class Wear:
    """How much a page may suffer. A zero, or a chance of zero, leaves a kind of harm out."""

    chance: float = 0.5
    """Of each kind of harm, 0..1."""
    turn_deg: float = 10.0
    """Largest turn to either side."""
    tilt: float = 0.03
    """Largest displacement of a corner by the camera's view, as a share of the page."""
    crop: float = 0.03
    """Largest share cut off at each side."""
    noise: tuple[float, float] = (1.0, 50.0)
    """Deviation of Gaussian noise, in steps of 0..255; small ones are more frequent."""
    creases: int = 6
    kelvin: tuple[tuple[float, float], ...] = ((2000.0, 4000.0), (10_000.0, 20_000.0))
    """Ranges of the light's colour temperature."""
    jpeg: tuple[int, int] = (40, 95)
    """Quality that a photograph was kept at."""


NEW = Wear(chance=0.0)
"""No harm: layouts and colours only."""


def aged_page(
    signal_mv: NDArray[np.float32],
    measured: Sequence[bool] | NDArray[np.bool_],
    seed: int,
    wear: Wear | None = None,
    dpi: float = 200.0,
    order: Sequence[str] = LEADS,
) -> Image.Image:
    """One page of a signal (12, 5000) as chance would have it; RGB, 11 x 8.5 inches at that resolution.

    The same seed gives the same page. Row k of the signal is lead order[k]; rows that were not measured stay empty.
    """
    wear = wear or Wear()
    rng = np.random.default_rng(seed)
    layout = at_resolution(any_layout(rng), dpi)
    sheet = new_form(layout)
    fill(sheet, {lead: signal_mv[k] for k, lead in enumerate(order) if measured[k]}, layout)
    return age(as_image(sheet, dpi), rng, wear)


def any_layout(rng: np.random.Generator) -> Layout:
    """A layout with a paper, an ink and a pen drawn by chance."""
    layout = LAYOUTS[int(rng.integers(len(LAYOUTS)))]
    major, minor = GRIDS[int(rng.integers(len(GRIDS)))]
    tone = 255 - rng.integers(0, 18, 3).astype(int)
    grey = int(rng.integers(0, 52))
    paper = replace(layout.paper, major=major, minor=minor, sheet=(int(tone[0]), int(tone[1]), int(tone[2])))
    return replace(
        layout,
        paper=paper,
        ink=(grey, grey, grey),
        trace_pt=float(rng.uniform(0.6, 1.2)),
        gap_s=float(rng.choice([0.2, 0.4])),
        font_pt=float(rng.uniform(9.0, 14.0)),
    )


def age(page: Image.Image, rng: np.random.Generator, wear: Wear) -> Image.Image:
    """A page after years in a folder and a photograph of it."""

    def happens() -> bool:
        return bool(rng.random() < wear.chance)

    if happens():
        page = _lit(page, _crease_map(page.size, rng, wear.creases))
    if happens():
        page = _lit(page, _shade_map(page.size, rng))
    if happens() and wear.kelvin:
        low, high = wear.kelvin[int(rng.integers(len(wear.kelvin)))]
        page = _tinted(page, kelvin_gain(float(rng.uniform(low, high))))
    if happens():
        page = _seen(page, rng, wear)
    if happens():
        page = _noisy(page, float(np.exp(rng.uniform(*np.log(wear.noise)))), rng)
    return _kept(page, int(rng.integers(wear.jpeg[0], wear.jpeg[1] + 1))) if happens() else page


def kelvin_gain(kelvin: float) -> NDArray[np.float32]:
    """(3,) gain of red, green and blue of a black body's light, the brightest channel 1.

    T. Helland, "How to convert temperature (K) to RGB" (2012), a fit to Mitchell Charity's table, 1000 to 40 000 K.
    """
    t = kelvin / 100.0
    red = 255.0 if t <= 66 else 329.698727446 * (t - 60) ** -0.1332047592
    green = 99.4708025861 * np.log(t) - 161.1195681661 if t <= 66 else 288.1221695283 * (t - 60) ** -0.0755148492
    blue = 255.0 if t >= 66 else 0.0 if t <= 19 else 138.5177312231 * np.log(t - 10) - 305.0447927307
    gain = np.clip(np.array([red, green, blue], np.float32), 0.0, 255.0)
    return np.asarray(gain / gain.max(), np.float32)


def _crease_map(size: tuple[int, int], rng: np.random.Generator, most: int) -> NDArray[np.float32]:
    """Light of a page that was folded: one side of each line darker, the fold itself bright or worn. Coarse."""
    width, height = max(2, size[0] // 4), max(2, size[1] // 4)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = np.ones((height, width), np.float32)
    for _ in range(int(rng.integers(1, most + 1)) if most else 0):
        angle = float(rng.choice([0.0, np.pi / 2])) + float(rng.normal(0, 0.15))
        away = (x - rng.uniform(0, width)) * np.cos(angle) + (y - rng.uniform(0, height)) * np.sin(angle)
        depth, reach = rng.uniform(0.05, 0.25), rng.uniform(0.01, 0.06) * width
        light *= 1.0 - depth * np.exp(-np.maximum(away, 0.0) / reach) * (away > 0)
        light *= 1.0 + rng.uniform(-0.3, 0.15) * np.exp(-((away / 1.2) ** 2))
    return light


def _shade_map(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven light: a slow field around 1. Coarse."""
    field = Image.fromarray(rng.normal(0.95, 0.07, (5, 6)).astype(np.float32))
    return np.asarray(field.resize((max(2, size[0] // 8), max(2, size[1] // 8)), Image.Resampling.BICUBIC), np.float32)


def _lit(page: Image.Image, light: NDArray[np.float32]) -> Image.Image:
    fine = np.asarray(Image.fromarray(light).resize(page.size, Image.Resampling.BILINEAR), np.float32)
    return Image.fromarray(np.clip(np.asarray(page) * fine[:, :, None], 0, 255).astype(np.uint8))


def _tinted(page: Image.Image, gain: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.rint(np.asarray(page) * gain).astype(np.uint8))


def _seen(page: Image.Image, rng: np.random.Generator, wear: Wear) -> Image.Image:
    """Turned, cropped and tilted by one projection; what lies beside the page is a dark or bright table."""
    width, height = page.size
    turn = np.deg2rad(rng.uniform(-wear.turn_deg, wear.turn_deg))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    inside = corners + rng.uniform(0, wear.crop, (4, 1)) * (np.array([width, height]) / 2 - corners) * 2
    inside += rng.uniform(-wear.tilt, wear.tilt, (4, 2)) * (width, height)
    middle = np.array([width / 2, height / 2])
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    table = tuple(int(v) for v in rng.integers(20, 256, 3))
    return page.transform(
        page.size,
        Image.Transform.PERSPECTIVE,
        _projection(corners, (inside - middle) @ spin.T + middle),
        Image.Resampling.BILINEAR,
        fillcolor=table,
    )


def _projection(to: NDArray[np.float64], of: NDArray[np.float64]) -> list[float]:
    """The eight numbers of the projection that takes four points of the new picture to four of the old."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(to, of, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(wanted))]


def _noisy(page: Image.Image, deviation: float, rng: np.random.Generator) -> Image.Image:
    noise = rng.standard_normal((page.height, page.width, 3), np.float32) * np.float32(deviation)
    return Image.fromarray(np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8))


def _kept(page: Image.Image, quality: int) -> Image.Image:
    held = io.BytesIO()
    page.save(held, "JPEG", quality=quality)
    held.seek(0)
    with Image.open(held) as opened:
        return opened.convert("RGB")
