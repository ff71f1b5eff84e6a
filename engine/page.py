"""Ten seconds of ECG as a page of paper: the twelve rows that GEM was trained on, and the clinical layouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.paper import Colour, Paper, Pixels, Stroke, as_image, blank, font, ink
from ingest.frame import LEADS
from stream.trigger import MODEL_HZ, MODEL_SAMPLES

SECONDS = MODEL_SAMPLES / MODEL_HZ
_RISE_S = 0.004
_LABEL_DOWN_MV = 0.7
"""The name of a lead stands this far below its line on a page of one column."""
_LABEL_UP_MV = 1.0
"""And this far above it on a page of several."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which leads stand where. Times are true across a page: column c of n shows its n-th part of the ten seconds."""

    rows: tuple[tuple[str, ...], ...]
    rhythm: tuple[str, ...] = ()
    """Leads shown whole, one a row, below the others."""
    paper: Paper = field(default_factory=Paper)
    gap_s: float = 0.4
    """Between the left edge and the calibration pulse."""
    pulse_s: float = 0.2
    """Length of the calibration pulse of 1 mV."""
    first_row: float = 2.5
    """Where the first line runs, in row heights from the top."""
    row_px: float = 1700 / 15
    """From line to line."""
    trace_pt: float = 0.75
    pulse_pt: float = 1.125
    font_pt: float = 11.0
    ink: Colour = (0, 0, 0)
    says_missing: bool = True
    """Whether an empty row says that its lead was not measured."""

    @property
    def origin_px(self) -> float:
        """Where the ten seconds begin."""
        return (self.gap_s + self.pulse_s) * self.paper.px_per_s

    def line_px(self, row: int) -> float:
        """Height of 0 mV in a row, counted from the top; the rhythm rows follow the others."""
        return (self.first_row + row) * self.row_px

    def panels(self) -> tuple[Panel, ...]:
        """Where each lead is shown, row by row."""
        found = []
        for row, leads in enumerate(self.rows):
            share = SECONDS / len(leads)
            found += [Panel(lead, row, c * share, (c + 1) * share) for c, lead in enumerate(leads)]
        found += [Panel(lead, len(self.rows) + k, 0.0, SECONDS) for k, lead in enumerate(self.rhythm)]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Panel:
    """A stretch of one lead in one row."""

    lead: str
    row: int
    from_s: float
    to_s: float


PAGE_INCHES = 8.5
"""Shorter side of a page."""


def at_resolution(layout: Layout, dpi: float) -> Layout:
    """The same page at another resolution."""
    ratio = dpi / layout.paper.dpi
    size = round(layout.paper.width_px * ratio), round(layout.paper.height_px * ratio)
    return replace(
        layout,
        row_px=layout.row_px * ratio,
        paper=replace(layout.paper, width_px=size[0], height_px=size[1], dpi=dpi),
    )


_THREE = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
GEM_PAGE = Layout(tuple((lead,) for lead in LEADS))
"""The page that GEM was trained on: 2200 x 1700 px at 200 dpi, rows of 15 a page, 25 mm/s and 10 mm/mV."""
CLINICAL_3X4 = Layout(_THREE, ("II",), first_row=1.0, row_px=340.0)
CLINICAL_6X2 = Layout(tuple(zip(LEADS[:6], LEADS[6:], strict=True)), (), first_row=0.9, row_px=250.0)


def draw_page(
    signal_mv: NDArray[np.float32],
    measured: Sequence[bool] | NDArray[np.bool_],
    layout: Layout = GEM_PAGE,
    order: Sequence[str] = LEADS,
) -> Image.Image:
    """The page of a signal, RGB. A lead that was not measured leaves its row empty; NaN is a gap in the line.

    signal_mv: (12, 5000) at 500 Hz, row k is lead order[k]; measured: (12,) whether row k was measured. Raises
    ValueError where the shapes are others.
    """
    if signal_mv.shape != (len(order), MODEL_SAMPLES) or len(measured) != len(order):
        raise ValueError(
            f"a page is drawn of ({len(order)}, {MODEL_SAMPLES}) mV and {len(order)} flags, "
            f"not of {signal_mv.shape} and {len(measured)}"
        )
    sheet = form(layout).copy()
    fill(sheet, {lead: signal_mv[k] for k, lead in enumerate(order) if measured[k]}, layout)
    return as_image(sheet, layout.paper.dpi)


def fill(sheet: Pixels, rows: dict[str, NDArray[np.float32]], layout: Layout) -> None:
    """Draw the rows (5000,) that were measured, by lead, on an empty form in place; the others stay empty."""
    ink(sheet, strokes(rows, layout), layout.paper.points(layout.trace_pt), layout.ink)
    missing = [p for p in layout.panels() if p.lead not in rows]
    if missing and layout.says_missing:
        write_missing(sheet, layout, missing)


def strokes(rows: dict[str, NDArray[np.float32]], layout: Layout) -> list[Stroke]:
    """The curve of each panel whose lead is among the rows, in pixels of the page."""
    return [panel_stroke(rows[p.lead], p, layout) for p in layout.panels() if p.lead in rows]


def panel_stroke(row_mv: NDArray[np.float32], panel: Panel, layout: Layout) -> Stroke:
    """A lead's curve (5000,) over the time of a panel, in pixels of the page."""
    paper = layout.paper
    first, stop = round(panel.from_s * MODEL_HZ), round(panel.to_s * MODEL_HZ)
    x = layout.origin_px + np.arange(first, stop, dtype=np.float64) * (paper.px_per_s / MODEL_HZ)
    y = layout.line_px(panel.row) - np.asarray(row_mv[first:stop], np.float64) * paper.px_per_mv
    return Stroke(x, y)


@lru_cache(maxsize=4)
def form(layout: Layout) -> Pixels:
    """A page before its curves, kept for the next one; read-only."""
    sheet = new_form(layout)
    sheet.flags.writeable = False
    return sheet


def new_form(layout: Layout) -> Pixels:
    """A page before its curves: grid, calibration pulses, names of leads."""
    paper = layout.paper
    sheet = blank(paper)
    count = len(layout.rows) + len(layout.rhythm)
    ink(sheet, [_pulse(layout, row) for row in range(count)], paper.points(layout.pulse_pt), layout.ink)
    dividers = _dividers(layout)
    ink(sheet, dividers, paper.points(layout.trace_pt), layout.ink)
    picture = Image.fromarray(sheet)
    pen = ImageDraw.Draw(picture)
    letters = font(paper.points(layout.font_pt))
    for panel in layout.panels():
        x, y = label_px(layout, panel)
        pen.text((x, y), panel.lead, fill=layout.ink, font=letters, anchor="ls")
    return np.array(picture)


def label_px(layout: Layout, panel: Panel) -> tuple[float, float]:
    """Where the name of a lead begins: left end and base line."""
    one = all(len(row) == 1 for row in layout.rows)
    x = layout.origin_px + panel.from_s * layout.paper.px_per_s + (0.0 if one else 0.03 * layout.paper.px_per_s)
    up_mv = -_LABEL_DOWN_MV if one else _LABEL_UP_MV
    return x, layout.line_px(panel.row) - up_mv * layout.paper.px_per_mv


def _pulse(layout: Layout, row: int) -> Stroke:
    """1 mV for the length of the pulse; its edges lean by less than a pixel."""
    begin, end = layout.gap_s, layout.gap_s + layout.pulse_s
    x = np.array([begin, begin, begin + _RISE_S, end - _RISE_S, end]) * layout.paper.px_per_s
    y = layout.line_px(row) - np.array([0.0, 0.0, 1.0, 1.0, 0.0]) * layout.paper.px_per_mv
    return Stroke(x, y)


def _dividers(layout: Layout) -> list[Stroke]:
    """A short upright stroke where one lead gives way to the next."""
    found = []
    for panel in layout.panels():
        if panel.from_s > 0.0:
            x = layout.origin_px + panel.from_s * layout.paper.px_per_s
            y = layout.line_px(panel.row)
            half = 0.25 * layout.paper.px_per_mv
            found.append(Stroke(np.array([x, x + 0.01]), np.array([y - half, y + half])))
    return found


def write_missing(sheet: Pixels, layout: Layout, panels: Sequence[Panel]) -> None:
    """Say in each of these panels, in place, that its lead was not measured."""
    picture = Image.fromarray(sheet)
    pen = ImageDraw.Draw(picture)
    letters = font(layout.paper.points(layout.font_pt * 0.8))
    for panel in panels:
        middle = layout.origin_px + (panel.from_s + panel.to_s) / 2 * layout.paper.px_per_s
        pen.text((middle, layout.line_px(panel.row)), "not measured", fill=(110, 110, 110), font=letters, anchor="mm")
    sheet[:] = np.asarray(picture)
