"""One beat enlarged, with the number that a finding rests on drawn where it was taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.interpretation import Evidence
from engine.lettering import INK, plain
from engine.paper import Colour, Paper, Stroke, blank, font, ink, tint
from engine.strip import MAJOR, MINOR, TRACE, is_whole, rhythm_leads
from ingest.frame import LEADS
from stream.measurement import BeatIntervals
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

WIDTH_PX, HEIGHT_PX = 340, 300
_BEFORE, _AFTER = 175, 255
"""Samples around the R peak."""
_MM_PER_S = 50.0
_TALL_MV = 1.4
_LEVEL_SAMPLES = 8
"""Before the QRS, over which the level is taken that ST is measured against."""
_SPANS = {"PR interval": "pr_ms", "QRS duration": "qrs_ms", "QTc (Fridericia)": "qt_ms", "Q wave": ""}


@dataclass(frozen=True, slots=True)
class _View:
    """From samples and millivolts to pixels of the excerpt."""

    paper: Paper
    first: int
    middle_mv: float

    def x(self, sample: float) -> float:
        return (sample - self.first) / MODEL_HZ * self.paper.px_per_s

    def y(self, mv: float) -> float:
        return self.paper.height_px / 2 + 16 - (mv - self.middle_mv) * self.paper.px_per_mv


def draw_excerpt(segment: Segment, evidence: Evidence, colour: Colour) -> Image.Image | None:
    """The beat that a piece of evidence names, 340 x 300 px at 50 mm/s; None where it is no matter of one beat."""
    beat = _beat(segment, evidence)
    lead = _lead(segment, evidence, beat)
    if lead not in segment.measured or beat is None:
        return None
    row = segment.signal_mv[LEADS.index(lead)]
    r = beat.sample
    part = row[max(0, r - _BEFORE) : min(MODEL_SAMPLES, r + _AFTER)]
    if not np.isfinite(part).any():
        return None
    low, high = float(np.nanmin(part)), float(np.nanmax(part))
    gain = 20.0 if high - low <= _TALL_MV else 10.0 if high - low <= 2 * _TALL_MV else 5.0
    paper = Paper(WIDTH_PX, HEIGHT_PX, 200.0, MAJOR, MINOR, mm_per_s=_MM_PER_S, mm_per_mv=gain)
    view = _View(paper, r - _BEFORE, (low + high) / 2)
    sheet = blank(paper)
    span = _span(evidence, beat, row)
    if span is not None:
        tint(sheet, (view.x(span[0]), 40, view.x(span[1]), HEIGHT_PX - 34), colour, 0.2)
    at = np.arange(max(0, view.first), min(MODEL_SAMPLES, r + _AFTER))
    ink(sheet, [_stroke(view, at, row)], paper.points(0.95), TRACE)
    picture = Image.fromarray(sheet)
    draw = ImageDraw.Draw(picture)
    if evidence.measure == "ST level" and beat.qrs_on is not None:
        _levels(draw, view, row, beat, evidence.value, colour)
    _caption(draw, evidence, lead, r, gain, colour)
    return picture


def _lead(segment: Segment, evidence: Evidence, beat: BeatIntervals | None) -> str:
    """The lead of the evidence; of a global one that which shows the beat largest, for PR the rhythm's."""
    if evidence.lead in LEADS:
        return evidence.lead
    if evidence.measure == "PR interval" or beat is None or not segment.measured:
        return rhythm_leads(segment.measured)[0]
    around = slice(max(0, beat.sample - 50), beat.sample + 50)
    return max(segment.measured, key=lambda lead: float(np.ptp(segment.signal_mv[LEADS.index(lead), around])))


def _beat(segment: Segment, evidence: Evidence) -> BeatIntervals | None:
    """The beat of the evidence; for an interval of the whole strip, one whose own is nearest to the number."""
    found = segment.measurements.by_beat if segment.measurements is not None else ()
    inside = [b for b in found if _BEFORE <= b.sample <= MODEL_SAMPLES - _AFTER] or list(found)
    if evidence.beat is not None and not is_whole(evidence):
        if evidence.lead == "global":
            return None
        near = [b for b in found if abs(b.sample - evidence.beat) <= 25]
        return near[0] if near else BeatIntervals(evidence.beat, None, None, None, None, None, None)
    field = _SPANS.get(evidence.measure, "")
    known = [b for b in inside if field and getattr(b, field) is not None and b.qrs_on is not None]
    if not known:
        return None
    typical = float(np.median([getattr(b, field) for b in known]))
    return min(known, key=lambda b: (abs(getattr(b, field) - typical), abs(b.sample - MODEL_SAMPLES // 2)))


def _span(evidence: Evidence, beat: BeatIntervals, row: NDArray[np.float32]) -> tuple[float, float] | None:
    """Samples between which the interval of this beat lies."""
    if beat.qrs_on is None or evidence.measure not in _SPANS:
        return None
    if evidence.measure == "Q wave":
        return _trough(row, beat.qrs_on)
    ms = getattr(beat, _SPANS[evidence.measure])
    if ms is None:
        return None
    length = ms * MODEL_HZ / 1000.0
    if evidence.measure == "PR interval":
        return beat.qrs_on - length, float(beat.qrs_on)
    return float(beat.qrs_on), beat.qrs_on + length


def _level(row: NDArray[np.float32], qrs_on: int) -> float:
    """Millivolts just before the QRS."""
    return float(np.median(row[max(0, qrs_on - _LEVEL_SAMPLES) : max(1, qrs_on)]))


def _trough(row: NDArray[np.float32], qrs_on: int) -> tuple[float, float] | None:
    """The stretch below the level before the QRS around its lowest point in the first 90 ms."""
    under = row < _level(row, qrs_on)
    lowest = qrs_on + int(np.argmin(row[qrs_on : qrs_on + 45]))
    if not under[lowest]:
        return None
    first, last = lowest, lowest
    while first > 0 and under[first - 1]:
        first -= 1
    while last < row.size - 1 and under[last + 1]:
        last += 1
    return float(first), float(last + 1)


def _stroke(view: _View, at: NDArray[np.int64], row: NDArray[np.float32]) -> Stroke:
    x = np.array([view.x(float(s)) for s in at])
    return Stroke(x, np.array([view.y(float(row[s])) for s in at]))


def _levels(
    draw: ImageDraw.ImageDraw, view: _View, row: NDArray[np.float32], beat: BeatIntervals, value: float, colour: Colour
) -> None:
    """The level before the QRS, the level of ST, and the distance between them."""
    assert beat.qrs_on is not None
    level = _level(row, beat.qrs_on)
    left, right = view.x(beat.qrs_on), view.x(beat.sample + _AFTER * 0.72)
    base, top = view.y(level), view.y(level + value)
    for x in np.arange(left - 40, right, 12.0):
        draw.line((x, base, x + 6, base), fill=INK, width=2)
    draw.line((view.x(beat.sample + 20), top, right, top), fill=colour, width=3)
    draw.line((right, base, right, top), fill=colour, width=3)
    tip = 9 if top < base else -9
    draw.polygon([(right, top), (right - 7, top + tip), (right + 7, top + tip)], fill=colour)


def _caption(
    draw: ImageDraw.ImageDraw, evidence: Evidence, lead: str, sample: int, gain: float, colour: Colour
) -> None:
    """Lead and number above, moment and scale below, each on white."""
    draw.rectangle((0, 0, WIDTH_PX, 38), fill=(255, 255, 255))
    draw.rectangle((0, HEIGHT_PX - 32, WIDTH_PX, HEIGHT_PX), fill=(255, 255, 255))
    draw.text((4, 19), lead, fill=colour, font=font(30), anchor="lm", stroke_width=0.5)
    number = plain(amount(evidence.value, evidence.unit))
    draw.text((WIDTH_PX - 4, 19), number, fill=colour, font=font(28), anchor="rm", stroke_width=0.5)
    note = f"{sample / MODEL_HZ:.2f} s    {_MM_PER_S:g} mm/s  {gain:g} mm/mV"
    draw.text((4, HEIGHT_PX - 15), note, fill=(104, 112, 124), font=font(20), anchor="lm")
    draw.rectangle((0, 38, WIDTH_PX - 1, HEIGHT_PX - 33), outline=colour, width=2)


def amount(value: float, unit: str) -> str:
    """A number as a person reads it: millivolts in hundredths, what is whole or above ten without decimals."""
    if unit == "mV":
        return f"{value:.2f} mV"
    digits = 0 if abs(value) >= 10 or float(value).is_integer() else 1
    return f"{round(value, digits) + 0.0:.{digits}f} {unit}"
