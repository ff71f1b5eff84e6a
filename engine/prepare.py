"""What the model is given: a signal and a page in its shape, exactly as the published code gives them, or with care.

`parity` repeats the original to the bit, its faults included. `strict` looks at names, units and the rate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.image_values import ImageValues, Unprepared
from ingest.frame import ECG_UNITS, LEADS, lead_name
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

Mode = Literal["parity", "strict"]

ENCODER_ORDER = ("I", "II", "III", "aVR", "aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6")
"""Rows as in MIMIC-IV-ECG, which the ECG encoder saw most: aVF before aVL."""
RATES_HZ = (50.0, 20_000.0)
"""A lead below or above is no ECG that anybody records: the rate is wrong."""
LEAST_KNOWN = 0.5
"""A lead of which less is known than this share of its ten seconds counts as not measured."""


def signal_of(segment: Segment) -> NDArray[np.float32]:
    """(12, 5000) of a segment in the encoder's order, absent leads zero."""
    rows = [LEADS.index(lead) for lead in segment.measured]
    units = ["mV"] * len(rows)
    return prepare_signal(segment.signal_mv[rows], segment.measured, units, MODEL_HZ, "strict", ENCODER_ORDER)[0]


def prepare_signal(
    samples: NDArray[Any],
    names: Sequence[str],
    units: Sequence[str],
    rate_hz: float,
    mode: Mode,
    order: Sequence[str] = ENCODER_ORDER,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The signal of the model and which of its rows were measured.

    samples: (len(names), n) physical values. Returns (12, 5000) float32 and (12,) bool. The first ten seconds count;
    what is shorter is filled with zeros behind its end, and so is what is not a number.

    parity (spec: published data loader): rows as they come, twelve of them, nothing else is done or looked at.
    strict: rows by name into `order`, to millivolt by unit, to 500 Hz; a lead that is absent is a row of zeros that the
    mask tells. Raises Unprepared where there is no ECG lead, or a rate, a unit or a shape that cannot be right.
    """
    samples = np.asarray(samples)
    if samples.ndim != 2 or len(names) != samples.shape[0] or len(units) != len(names) or samples.shape[1] < 1:
        raise Unprepared(
            f"a signal is (leads, samples) with a name and a unit for each lead, not {samples.shape} with {len(names)} "
            f"names and {len(units)} units: give one row per lead"
        )
    if mode == "parity":
        return _as_it_comes(samples)
    return _with_care(samples, names, units, rate_hz, order)


def _as_it_comes(samples: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    if samples.shape[0] != len(LEADS):
        raise Unprepared(
            f"the published code takes twelve leads, this record has {samples.shape[0]}: use the strict mode, "
            "which masks what is absent"
        )
    known = np.isfinite(samples)
    return _ten_seconds(np.where(known, samples, 0.0)), known[:, :MODEL_SAMPLES].any(axis=1)


def _with_care(
    samples: NDArray[Any], names: Sequence[str], units: Sequence[str], rate_hz: float, order: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    if sorted(order) != sorted(LEADS):
        raise Unprepared(f"the order of leads names {', '.join(order)}: it must name each of the twelve leads once")
    if not (math.isfinite(rate_hz) and RATES_HZ[0] <= rate_hz <= RATES_HZ[1]):
        raise Unprepared(
            f"{rate_hz:g} Hz is no sampling rate of an ECG ({RATES_HZ[0]:g} to {RATES_HZ[1]:g}): give the true rate"
        )
    rows: dict[str, NDArray[np.float64]] = {}
    for row, (name, unit) in enumerate(zip(names, units, strict=True)):
        lead = lead_name(name)
        if lead in LEADS and lead not in rows:
            rows[lead] = samples[row, : math.ceil(10.0 * rate_hz)].astype(np.float64) * _millivolts(name, unit)
    if not rows:
        raise Unprepared(f"no ECG lead is among {', '.join(names) or 'no signals'}: name the leads {', '.join(LEADS)}")
    signal, measured = np.zeros((len(order), MODEL_SAMPLES), np.float32), np.zeros(len(order), bool)
    for k, lead in enumerate(order):
        if lead in rows and np.isfinite(rows[lead]).mean() >= LEAST_KNOWN:
            signal[k], measured[k] = _ten_seconds(_to_model_rate(rows[lead], rate_hz)[None])[0], True
    if not measured.any():
        raise Unprepared(
            f"less than half of the ten seconds is known in each of {', '.join(rows)}: choose other ten seconds"
        )
    return signal, measured


def _millivolts(name: str, unit: str) -> float:
    """Millivolts of one unit; raises Unprepared for what is no voltage."""
    scale = ECG_UNITS.get(unit.strip().lower().replace("\N{GREEK SMALL LETTER MU}", "u"))
    if scale is None:
        raise Unprepared(f"lead {name} is in {unit or 'no unit'}, which is no voltage: give it in mV, uV, nV or V")
    return scale


def _to_model_rate(row: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """(n,) at rate_hz -> 500 Hz by a polyphase filter; what was not a number is 0 there and does not ring."""
    known = np.isfinite(row)
    ratio = Fraction(MODEL_HZ / rate_hz).limit_denominator(4096)
    if ratio == 1:
        return np.where(known, row, 0.0)
    from scipy.signal import resample_poly

    index = np.arange(row.size)
    whole = row if known.all() else np.interp(index, index[known], row[known])
    fine = np.asarray(resample_poly(whole, ratio.numerator, ratio.denominator, padtype="line"), np.float64)
    nearest = np.minimum(np.rint(np.arange(fine.size) * (rate_hz / MODEL_HZ)).astype(np.int64), row.size - 1)
    return np.where(known[nearest], fine, 0.0)


def _ten_seconds(rows: NDArray[Any]) -> NDArray[np.float32]:
    """The first 5000 samples of (leads, n) as float32, zeros behind the end of what is shorter."""
    fixed = np.zeros((rows.shape[0], MODEL_SAMPLES), np.float32)
    length = min(rows.shape[1], MODEL_SAMPLES)
    fixed[:, :length] = rows[:, :length]
    return fixed


def prepare_page(image: Image.Image, values: ImageValues | None = None, aspect: str = "ori") -> NDArray[np.float32]:
    """A picture as the views that the image tower reads: (n, 3, crop, crop) float32, normalised.

    aspect: `pad` squares the picture with the mean colour first; `anyres` gives the whole and n - 1 tiles; any other,
    `ori` among them, is one view whose shortest edge is 336 and whose middle is cropped (LLaVA-1.6, CLIP).
    """
    values = values or ImageValues()
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    if aspect == "pad":
        views = [_squared(rgb, tuple(int(m * 255) for m in values.mean))]
    elif aspect == "anyres":
        views = _tiles(rgb, values)
    else:
        views = [rgb]
    return np.stack([_normalised(_cropped(view, values), values) for view in views])


def _cropped(image: Image.Image, values: ImageValues) -> NDArray[np.uint8]:
    """Shortest edge by a bicubic filter, then the middle; black where the picture is smaller. (crop, crop, 3)."""
    width, height = image.size
    short, long = min(width, height), max(width, height)
    new = (values.shortest_px, int(values.shortest_px * long / short))
    size = new if width <= height else new[::-1]
    pixels = np.asarray(image.resize(size, Image.Resampling.BICUBIC), np.uint8)
    crop = values.crop_px
    top, left = (pixels.shape[0] - crop) // 2, (pixels.shape[1] - crop) // 2
    if top < 0 or left < 0:
        room = np.zeros((max(crop, pixels.shape[0]), max(crop, pixels.shape[1]), 3), np.uint8)
        above, before = (
            math.ceil((room.shape[0] - pixels.shape[0]) / 2),
            math.ceil((room.shape[1] - pixels.shape[1]) / 2),
        )
        room[above : above + pixels.shape[0], before : before + pixels.shape[1]] = pixels
        pixels, top, left = room, (room.shape[0] - crop) // 2, (room.shape[1] - crop) // 2
    return pixels[top : top + crop, left : left + crop]


def _normalised(pixels: NDArray[np.uint8], values: ImageValues) -> NDArray[np.float32]:
    """(h, w, 3) of 0..255 -> (3, h, w): to 0..1, less the mean, by the deviation, in the original's order and types."""
    scaled = (pixels * (1 / 255)).astype(np.float32)
    even = (scaled - np.array(values.mean, np.float32)) / np.array(values.std, np.float32)
    return np.ascontiguousarray(even.transpose(2, 0, 1), np.float32)


def _squared(image: Image.Image, colour: tuple[int, ...]) -> Image.Image:
    """The picture in the middle of the smallest square that holds it."""
    side = max(image.size)
    square = Image.new("RGB", (side, side), colour)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


def _tiles(image: Image.Image, values: ImageValues) -> list[Image.Image]:
    """The whole picture as a square, then the tiles of the best fitting size, row by row (LLaVA-1.6)."""
    width, height = _best_size(image.size, values.pinpoints)
    wide, tall = width / image.width, height / image.height
    if wide < tall:
        size = (width, min(math.ceil(image.height * wide), height))
    else:
        size = (min(math.ceil(image.width * tall), width), height)
    room = Image.new("RGB", (width, height), (0, 0, 0))
    room.paste(image.resize(size), ((width - size[0]) // 2, (height - size[1]) // 2))
    step = values.crop_px
    boxes = [(x, y, x + step, y + step) for y in range(0, height, step) for x in range(0, width, step)]
    return [image.resize((values.shortest_px, values.shortest_px)), *(room.crop(box) for box in boxes)]


def _best_size(size: tuple[int, int], pinpoints: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Of the sizes, the one that keeps most of the picture's pixels and, of like ones, wastes least."""

    def worth(fit: tuple[int, int]) -> tuple[int, int]:
        scale = min(fit[0] / size[0], fit[1] / size[1])
        kept = min(int(size[0] * scale) * int(size[1] * scale), size[0] * size[1])
        return kept, kept - fit[0] * fit[1]

    return max(pinpoints, key=worth)
