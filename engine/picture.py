"""An interpretation as a picture that a cardiologist can judge: the strip, each finding and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from engine.excerpt import HEIGHT_PX, WIDTH_PX, amount, draw_excerpt
from engine.interpretation import NO_DEVICE, Evidence, Finding, Interpretation
from engine.lettering import FAINT, INK, QUIET, Pen, badge, plain
from engine.paper import Colour, font
from engine.strip import WIDTH_PX as STRIP_PX
from engine.strip import colour_of, draw_strip
from stream.certainty import edges_hidden, widened
from stream.measurement import Estimate
from stream.trigger import Segment

PAGE_PX = 2339
"""An A4 sheet across at 200 dpi; it grows downwards with what there is to say."""
DPI = 200.0
WITHHELD: Colour = (150, 30, 30)
_MARGIN = (PAGE_PX - STRIP_PX) // 2
_GUTTER = 44
_COLUMN = (STRIP_PX - _GUTTER) // 2
_TEXT = 60
"""Where text begins in a column, right of the badge."""


def draw_picture(segment: Segment, interpretation: Interpretation, title: str = "") -> Image.Image:
    """The segment and what was said of it as RGB at 200 dpi, true to the millimetre in print.

    title: what stands where the bed's name would, such as a record's name.
    """
    strip = draw_strip(segment, interpretation.findings)
    blocks = [
        _head(segment, interpretation, title or str(interpretation.bed)),
        strip,
        *_columns(segment, interpretation),
        _foot(interpretation),
    ]
    height = sum(b.height for b in blocks) + 28 * (len(blocks) - 1) + 2 * 44
    page = Image.new("RGB", (PAGE_PX, max(height, 1654)), "white")
    y = 44
    for block in blocks[:-1]:
        page.paste(block, (_MARGIN, y))
        y += block.height + 28
    page.paste(blocks[-1], (_MARGIN, page.height - 44 - blocks[-1].height))
    page.info["dpi"] = (DPI, DPI)
    return page


def write_picture(segment: Segment, interpretation: Interpretation, file: Path, title: str = "") -> None:
    """The picture as a PNG that knows its resolution; raises OSError where the file cannot be written."""
    said = PngInfo()
    said.add_text("Description", f"{interpretation.report or interpretation.reason} {interpretation.provenance}")
    said.add_text("Software", f"Vigil {interpretation.model}")
    draw_picture(segment, interpretation, title).save(file, "PNG", dpi=(DPI, DPI), pnginfo=said)


def _head(segment: Segment, interpretation: Interpretation, title: str) -> Image.Image:
    """Who and when on the left, the numbers on the right, the report below."""
    words = Pen(None, 0, 124, STRIP_PX)
    _report(words, interpretation)
    block = Image.new("RGB", (STRIP_PX, round(words.y) + 4), "white")
    draw = ImageDraw.Draw(block)
    draw.text((0, 26), plain(title), fill=INK, font=font(50), anchor="lm", stroke_width=0.6)
    draw.text((0, 84), plain(_moment(segment)), fill=QUIET, font=font(27), anchor="lm")
    x = float(STRIP_PX)
    for name, value in reversed(_numbers(segment, interpretation)):
        wide = max(font(40).getlength(value), font(23).getlength(name))
        draw.text((x - wide, 26), value, fill=INK, font=font(40), anchor="lm", stroke_width=0.4)
        draw.text((x - wide, 78), name, fill=QUIET, font=font(23), anchor="lm")
        x -= wide + 46
    _report(Pen(draw, 0, 124, STRIP_PX), interpretation)
    return block


def _report(pen: Pen, interpretation: Interpretation) -> None:
    if interpretation.report:
        pen.write(interpretation.report, 31)
    else:
        pen.write(f"Withheld: {interpretation.reason or 'nothing was found that can be told'}", 31, WITHHELD, bold=True)


def _moment(segment: Segment) -> str:
    """When the ten seconds ended: by the clock, or in the recording where that has none."""
    at_s = segment.trigger.at_ns / 1e9
    if at_s < 366 * 86400:
        minutes, seconds = divmod(at_s, 60)
        where = f"ten seconds up to {int(minutes)}:{seconds:04.1f} of the recording"
    else:
        where = f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S} UTC, the ten seconds up to then"
    filtered = f", 0.05-{segment.measurements.reachable_hz:g} Hz" if segment.measurements is not None else ""
    return f"{where}    25 mm/s  10 mm/mV{filtered}"


def _numbers(segment: Segment, interpretation: Interpretation) -> list[tuple[str, str]]:
    """The measured numbers of the segment with units and spread over the beats; what is not known or not said says so."""
    m = segment.measurements
    if m is None:
        return [("rate /min", "unknown")]
    held = {w.name for w in interpretation.withheld}

    def told(value: Estimate | float | None, *asked: str, spread: float | None = None) -> str:
        if held.intersection(asked) or value is None:
            return "not said" if held.intersection(asked) else "unknown"
        one, about = (value.value, value.spread) if isinstance(value, Estimate) else (value, spread)
        return f"{round(one) + 0:d}" + (f" ± {max(1, round(about)):d}" if about else "")

    qrs = told(m.qrs_ms, "QRS duration")
    wider = f", {widened(m)}" if qrs[0].isdigit() and widened(m) else ""
    return [
        ("rate /min", told(m.rate_bpm, "rate and rhythm")),
        ("PR ms", "no P wave" if m.p_wave_present is False and not edges_hidden(m) else told(m.pr_ms, "PR interval")),
        ("QRS ms", f"{qrs}{wider}"),
        ("QT ms", told(m.qt_ms, "QT interval")),
        ("QTc ms (Fridericia)", told(m.qtc_fridericia_ms, "QTc", "QT interval", spread=m.qtc_spread_ms)),
        ("axis deg", told(m.axis_deg, "axis", spread=m.axis_spread_deg)),
    ]


def _columns(segment: Segment, interpretation: Interpretation) -> list[Image.Image]:
    """Findings and what is withheld, in two columns of about equal height."""
    blocks = [_finding(segment, k, finding) for k, finding in enumerate(interpretation.findings)]
    if interpretation.withheld:
        blocks.append(_withheld(interpretation))
    if not blocks:
        return []
    columns: tuple[list[Image.Image], list[Image.Image]] = ([], [])
    for block in blocks:
        shorter = min(columns, key=_height)
        shorter.append(block)
    whole = Image.new("RGB", (STRIP_PX, max(map(_height, columns))), "white")
    for x, column in zip((0, _COLUMN + _GUTTER), columns, strict=True):
        y = 0
        for block in column:
            whole.paste(block, (x, y))
            y += block.height
    return [whole]


def _height(column: Sequence[Image.Image]) -> int:
    return sum(block.height for block in column)


def _finding(segment: Segment, number: int, finding: Finding) -> Image.Image:
    """One finding: its sentence, its evidence in words, and the beats that carry it."""
    colour = colour_of(number)
    excerpts = [e for e in (draw_excerpt(segment, one, colour) for one in finding.evidence) if e is not None]
    words = Pen(None, _TEXT, 8, _COLUMN - _TEXT)
    _say(words, finding)
    top = round(words.y) + 8
    across = _COLUMN // (WIDTH_PX + 16)
    lines = -(-len(excerpts) // across)
    block = Image.new("RGB", (_COLUMN, top + lines * (HEIGHT_PX + 16) + 14), "white")
    draw = ImageDraw.Draw(block)
    badge(draw, 24, 28, 46, str(number + 1), colour)
    _say(Pen(draw, _TEXT, 8, _COLUMN - _TEXT), finding)
    for k, excerpt in enumerate(excerpts):
        block.paste(excerpt, ((k % across) * (WIDTH_PX + 16), top + (k // across) * (HEIGHT_PX + 16)))
    return block


def _say(pen: Pen, finding: Finding) -> None:
    pen.write(finding.name, 36, bold=True)
    pen.write(f"{finding.text}    Confidence {finding.confidence:.1f}, SNOMED CT {finding.code}.", 23, QUIET)
    pen.skip(4)
    for evidence in finding.evidence:
        pen.write(_number(evidence), 26)
    for rule in dict.fromkeys(f"{e.criterion}; {e.source}".strip("; ") for e in finding.evidence):
        pen.write(rule, 21, QUIET)


def _number(evidence: Evidence) -> str:
    """One piece of evidence as a line: where, what, how much, against which limit, when."""
    lead = "" if evidence.lead == "global" else f"{evidence.lead}: "
    limit = f", limit {amount(evidence.limit, evidence.unit)}" if evidence.limit is not None else ""
    span = f"{evidence.first_sample / 500:.2f}-{(evidence.last_sample + 1) / 500:.2f} s"
    return f"{lead}{evidence.measure} {amount(evidence.value, evidence.unit)}{limit}   [{span}]"


def _withheld(interpretation: Interpretation) -> Image.Image:
    """What these leads or this quality cannot answer, each with its reason."""
    words = Pen(None, _TEXT, 8, _COLUMN - _TEXT)
    _name_withheld(words, interpretation)
    block = Image.new("RGB", (_COLUMN, round(words.y) + 18), "white")
    draw = ImageDraw.Draw(block)
    draw.ellipse((3, 7, 45, 49), outline=QUIET, width=3)
    draw.line((13, 28, 35, 28), fill=QUIET, width=4)
    _name_withheld(Pen(draw, _TEXT, 8, _COLUMN - _TEXT), interpretation)
    return block


def _name_withheld(pen: Pen, interpretation: Interpretation) -> None:
    pen.write("Not said", 36, bold=True)
    for one in interpretation.withheld:
        pen.write(f"{one.name}: {one.reason}", 26)


def _foot(interpretation: Interpretation) -> Image.Image:
    block = Image.new("RGB", (STRIP_PX, 62), "white")
    draw = ImageDraw.Draw(block)
    draw.line((0, 2, STRIP_PX, 2), fill=FAINT, width=2)
    draw.text((0, 38), NO_DEVICE, fill=INK, font=font(31), anchor="lm", stroke_width=0.5)
    by = f"Vigil    {interpretation.model}"
    draw.text((STRIP_PX, 38), plain(by), fill=QUIET, font=font(23), anchor="rm")
    return block
