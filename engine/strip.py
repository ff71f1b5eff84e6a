"""The strip of a picture: the ten seconds in clinical order, with the stretches that carry findings laid in colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.interpretation import Evidence, Finding
from engine.lettering import QUIET, badge
from engine.page import CLINICAL_3X4, Layout, Panel, fill, label_px, new_form, panel_stroke
from engine.paper import Colour, Paper, Pixels, font, ink, tint
from ingest.frame import LEADS
from stream.measurement import BeatKind
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

WIDTH_PX = 2205
"""56 large squares at 200 dpi."""
MAJOR: Colour = (238, 158, 158)
MINOR: Colour = (250, 224, 222)
TRACE: Colour = (16, 18, 26)
COLOURS: tuple[Colour, ...] = ((0, 114, 178), (200, 84, 0), (0, 138, 100), (160, 70, 140), (120, 100, 0), (70, 80, 200))
"""One per finding, told apart by colour-blind readers as well (after Okabe and Ito, 2008), dark enough for white digits."""
_RHYTHM = ("II", "V1", "V5", "I", *LEADS)
_ALL_SHOWN = 3
"""Of so few leads each is shown whole."""
_ROW_MM = (26.0, 46.0)
_MM_ABOVE = 14.0
_BELOW_MM = 14.0
_MARKS_PX = 62
"""Height at the lower edge that the beats take."""


def colour_of(number: int) -> Colour:
    """The colour of finding `number`, counted from 0."""
    return COLOURS[number % len(COLOURS)]


def rhythm_leads(measured: Sequence[str]) -> tuple[str, ...]:
    """Leads that are shown over the whole ten seconds: all where there are few, else the one that shows rhythm best."""
    if len(measured) <= _ALL_SHOWN:
        return tuple(measured) or ("II",)
    return (next(lead for lead in _RHYTHM if lead in measured),)


def is_whole(evidence: Evidence) -> bool:
    """Whether the evidence is the ten seconds themselves."""
    return evidence.first_sample <= 0 and evidence.last_sample >= MODEL_SAMPLES - 1


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stretch of a panel, in seconds, that carries a finding."""

    panel: Panel
    from_s: float
    to_s: float
    finding: int


def draw_strip(segment: Segment, findings: Sequence[Finding]) -> Image.Image:
    """Paper of 2205 px at 200 dpi, 25 mm/s and 10 mm/mV: 3 x 4 leads, rhythm, beats; leads without signal say so."""
    rows = {lead: segment.signal_mv[LEADS.index(lead)] for lead in segment.measured if lead in LEADS}
    rows = {lead: row for lead, row in rows.items() if np.isfinite(row).any()}
    layout = _layout(rows)
    sheet = new_form(layout)
    marks = _marks(layout, findings)
    for mark in marks:
        tint(sheet, _box(layout, mark), colour_of(mark.finding), 0.16)
    fill(sheet, rows, layout)
    for mark in marks:
        _recolour(sheet, layout, rows, mark)
    picture = Image.fromarray(sheet)
    draw = ImageDraw.Draw(picture)
    _name_findings(draw, layout, findings, rows)
    _beats(draw, layout, segment)
    return picture


def _layout(rows: dict[str, NDArray[np.float32]]) -> Layout:
    """Rows as far apart as their curves need, within bounds; the sheet as high as the rows."""
    per_mm = 200.0 / 25.4
    rhythm = rhythm_leads(tuple(rows))
    high, low = _extent_mm(rows, tuple(rows))
    pitch = min(max(_ROW_MM[0], high + 4.0, 0.7 * (high + low)), _ROW_MM[1])
    above = max(_MM_ABOVE, min(_extent_mm(rows, CLINICAL_3X4.rows[0])[0] + 3.0, 34.0))
    below = max(_BELOW_MM, min(_extent_mm(rows, rhythm[-1:])[1] + 9.0, 34.0))
    count = len(CLINICAL_3X4.rows) + len(rhythm)
    squares = math.ceil((above + (count - 1) * pitch + below) / 5.0)
    paper = Paper(WIDTH_PX, round(squares * 5 * per_mm), 200.0, MAJOR, MINOR)
    return Layout(
        CLINICAL_3X4.rows,
        rhythm,
        paper,
        first_row=above / pitch,
        row_px=pitch * per_mm,
        trace_pt=0.8,
        pulse_pt=0.9,
        font_pt=11.5,
        ink=TRACE,
    )


def _extent_mm(rows: dict[str, NDArray[np.float32]], leads: Sequence[str]) -> tuple[float, float]:
    """How far the curves of these leads reach above and below their lines."""
    known = [rows[lead] for lead in leads if lead in rows]
    high = max((float(np.nanmax(row)) for row in known), default=1.0)
    low = min((float(np.nanmin(row)) for row in known), default=0.0)
    return max(high, 0.0) * 10.0, max(-low, 0.0) * 10.0


def _marks(layout: Layout, findings: Sequence[Finding]) -> list[_Mark]:
    """Stretches of evidence where a panel shows them, each once; a global one is shown in the first rhythm row."""
    found: dict[tuple[Panel, float, float], _Mark] = {}
    first_rhythm = len(layout.rows)
    for number, finding in enumerate(findings):
        for e in (e for e in finding.evidence if not is_whole(e)):
            for panel in layout.panels():
                shown = panel.row == first_rhythm if e.lead == "global" else panel.lead == e.lead
                a, b = max(e.first_sample / MODEL_HZ, panel.from_s), min(e.last_sample / MODEL_HZ, panel.to_s)
                if shown and b - a > 0.05:
                    found.setdefault((panel, a, b), _Mark(panel, a, b, number))
    return list(found.values())


def _box(layout: Layout, mark: _Mark) -> tuple[float, float, float, float]:
    scale, line = layout.paper.px_per_s, layout.line_px(mark.panel.row)
    half = 0.42 * layout.row_px
    left = layout.origin_px + mark.from_s * scale
    lowest = layout.paper.height_px - _MARKS_PX
    return left, line - half, layout.origin_px + mark.to_s * scale, min(line + half, lowest)


def _recolour(sheet: Pixels, layout: Layout, rows: dict[str, NDArray[np.float32]], mark: _Mark) -> None:
    """The curve of a marked stretch once more, in the colour of its finding."""
    if mark.panel.lead in rows:
        part = Panel(mark.panel.lead, mark.panel.row, mark.from_s, mark.to_s)
        stroke = panel_stroke(rows[mark.panel.lead], part, layout)
        ink(sheet, [stroke], layout.paper.points(layout.trace_pt * 1.25), colour_of(mark.finding))


def _name_findings(
    draw: ImageDraw.ImageDraw, layout: Layout, findings: Sequence[Finding], rows: dict[str, NDArray[np.float32]]
) -> None:
    """The name of each lead above its curve, and behind it the numbers of the findings that rest on the lead."""
    size, letters = 32.0, font(layout.paper.points(layout.font_pt))
    for panel in layout.panels():
        x, y = label_px(layout, panel)
        draw.text((x, y), panel.lead, fill=TRACE, font=letters, anchor="ls", stroke_width=3, stroke_fill="white")
        draw.text((x, y), panel.lead, fill=TRACE, font=letters, anchor="ls", stroke_width=0.3)
        if panel.lead not in rows:
            continue
        at = x + letters.getlength(panel.lead) + size * 0.9
        for number, finding in enumerate(findings):
            rests = any(
                e.lead == panel.lead or (e.lead == "global" and panel.row == len(layout.rows)) for e in finding.evidence
            )
            if rests:
                badge(draw, at, y - 11, size, str(number + 1), colour_of(number))
                at += size * 1.15


def _beats(draw: ImageDraw.ImageDraw, layout: Layout, segment: Segment) -> None:
    """Under the last row each beat with its kind, and the RR intervals in ms between them."""
    if segment.measurements is None:
        return
    beats = segment.measurements.beats
    base = layout.paper.height_px - 22.0
    at = [layout.origin_px + b.sample / MODEL_HZ * layout.paper.px_per_s for b in beats]
    for x, beat in zip(at, beats, strict=True):
        odd = beat.kind is BeatKind.VENTRICULAR
        draw.line((x, base - 34, x, base - 24), fill=QUIET, width=2)
        draw.text((x, base - 8), beat.kind.value, fill=COLOURS[1] if odd else QUIET, font=font(25), anchor="mm")
    for k in range(1, len(beats)):
        if at[k] - at[k - 1] > 80:
            text = f"{(beats[k].sample - beats[k - 1].sample) * 1000 // MODEL_HZ}"
            draw.text(((at[k] + at[k - 1]) / 2, base - 8), text, fill=QUIET, font=font(22), anchor="mm")
    if beats:
        draw.text((8, base - 8), "beat, RR ms", fill=QUIET, font=font(18), anchor="lm")
