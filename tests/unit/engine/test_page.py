"""Pages: where a curve stands on the paper, to a fraction of a pixel; what is missing; and the time that one takes."""

import statistics
import time

import numpy as np
import pytest

from engine.page import CLINICAL_3X4, CLINICAL_6X2, GEM_PAGE, Layout, draw_page, form
from engine.paper import Paper, Stroke, blank, ink
from ingest.frame import LEADS

ALL = np.ones(12, bool)


def waves(seed: int = 0) -> np.ndarray:
    """Twelve smooth rows within half a millivolt, each another."""
    rng = np.random.default_rng(seed)
    at_s = np.arange(5000) / 500.0
    parts = [
        0.15 * np.sin(2 * np.pi * f * at_s + p)
        for f, p in zip(rng.uniform(0.3, 4.0, 36), rng.uniform(0, 6.28, 36), strict=True)
    ]
    return np.stack([sum(parts[3 * k : 3 * k + 3]) for k in range(12)]).astype(np.float32)


def drawn(signal: np.ndarray, measured: np.ndarray = ALL, layout: Layout = GEM_PAGE) -> np.ndarray:
    """Ink of each pixel, 0..1: the grid is without it in the red channel, names and pulses are taken away."""
    page = np.asarray(draw_page(signal, measured, layout))[:, :, 0].astype(float)
    clean = form(layout)[:, :, 0].astype(float)
    return np.where(clean > 0, 1.0 - page / np.maximum(clean, 1.0), 0.0)


@pytest.mark.parametrize("layout", [GEM_PAGE, CLINICAL_3X4, CLINICAL_6X2], ids=["12x1", "3x4", "6x2"])
def test_every_lead_is_read_back_from_the_pixels(layout: Layout) -> None:
    signal = waves()
    page = drawn(signal, layout=layout)
    worst = 0.0
    for panel in layout.panels():
        line = layout.line_px(panel.row)
        first = round(layout.origin_px + panel.from_s * layout.paper.px_per_s) + 4
        last = round(layout.origin_px + panel.to_s * layout.paper.px_per_s) - 4
        rows = np.arange(round(line - 48), round(line + 48))
        band = page[rows, first:last]
        found = (band * (rows[:, None] + 0.5)).sum(0) / band.sum(0)
        at_s = (np.arange(first, last) + 0.5 - layout.origin_px) / layout.paper.px_per_s
        want = line - np.interp(at_s * 500, np.arange(5000), signal[LEADS.index(panel.lead)]) * layout.paper.px_per_mv
        # a column that letters or pulses touch has less ink left to read
        clear = (form(layout)[rows, first:last, 0] > 250).all(axis=0)
        assert clear.mean() > 0.9
        worst = max(worst, float(np.abs(found - want)[clear].max()))
    print(f"worst distance {worst:.3f} px")
    assert worst < 0.25


def test_a_narrow_complex_keeps_its_height_and_its_moment() -> None:
    signal = np.zeros((12, 5000), np.float32)
    for peak in (733, 2500, 4321):
        signal[:, peak - 10 : peak + 11] = (1.0 - np.abs(np.arange(-10, 11)) / 10.0)[None]
    page = drawn(signal)
    half_pen = GEM_PAGE.paper.points(GEM_PAGE.trace_pt) / 2
    for row in range(12):
        line = GEM_PAGE.line_px(row)
        for peak in (733, 2500, 4321):
            x = GEM_PAGE.origin_px + peak / 500 * GEM_PAGE.paper.px_per_s
            band = page[round(line - 100) : round(line - 30), round(x) - 12 : round(x) + 12]
            centre = (band.sum(0) * (np.arange(band.shape[1]) + round(x) - 12 + 0.5)).sum() / band.sum()
            assert abs(centre - x) < 0.5
            top = round(line - 100) + int(np.flatnonzero(band.max(axis=1) > 0.5)[0])
            assert abs(top - (line - GEM_PAGE.paper.px_per_mv - half_pen)) < 1.0


def test_the_page_has_the_scale_and_the_rows_of_the_original() -> None:
    paper = GEM_PAGE.paper
    assert (paper.px_per_s, paper.px_per_mv) == (pytest.approx(196.85, abs=0.01), pytest.approx(78.74, abs=0.01))
    assert GEM_PAGE.origin_px == pytest.approx(118.1, abs=0.1)
    assert GEM_PAGE.row_px / paper.px_per_mv == pytest.approx(1.4393, abs=1e-3)
    assert [row for (row,) in GEM_PAGE.rows] == list(LEADS)
    page = draw_page(waves(), ALL)
    assert (page.size, page.mode, page.info["dpi"]) == ((2200, 1700), "RGB", (200.0, 200.0))
    clean = form(GEM_PAGE)
    pulse = clean[:, 79:118, 0] < 128
    assert pulse.any(axis=0).all()
    line = round(GEM_PAGE.line_px(0))
    assert pulse[line - 83 : line - 74, 10:30].any(axis=0).all()


def test_the_grid_is_one_and_five_millimetres_from_the_lower_left_corner() -> None:
    sheet = blank(Paper(height_px=1701)).astype(int)
    free = sheet[1701 - 4, :, 1]
    lines = [k for k in range(3, 2197) if free[k] < 128 and free[k] <= free[k - 1] and free[k] < free[k + 1]]
    steps = np.diff(lines)
    assert abs(steps.mean() - 5 * 200 / 25.4) < 0.05
    assert tuple(sheet[1700 - 18, 20]) == (255, 255, 255)
    minor = sheet[1701 - 4, 14:18, 1]
    assert 200 < minor.min() < 240


def test_a_lead_that_was_not_measured_is_an_empty_row_and_never_a_line() -> None:
    measured = ALL.copy()
    measured[4] = False
    signal = np.zeros((12, 5000), np.float32)
    page = drawn(signal, measured)
    line = round(GEM_PAGE.line_px(4))
    words = np.flatnonzero(page[line - 20 : line + 20].any(axis=0))
    assert words.min() > 900
    assert words.max() < 1300
    assert drawn(signal)[line - 20 : line + 20].any(axis=0)[120:2080].all()


def test_the_rows_are_found_by_name_whatever_their_order() -> None:
    signal, order = waves(), ("V6", *LEADS[:11])
    moved = signal[[LEADS.index(lead) for lead in order]]
    assert np.array_equal(np.asarray(draw_page(moved, ALL, order=order)), np.asarray(draw_page(signal, ALL)))


def test_a_gap_stays_a_gap() -> None:
    signal = waves()
    signal[1, 2000:2500] = np.nan
    page = drawn(signal)
    line = round(GEM_PAGE.line_px(1))
    columns = page[line - 45 : line + 45].any(axis=0)
    first = GEM_PAGE.origin_px + 4.0 * GEM_PAGE.paper.px_per_s
    assert not columns[round(first) + 2 : round(first + 196.85) - 2].any()
    assert columns[round(first) - 300 : round(first) - 2].all()


def test_the_same_signal_gives_the_same_bytes_and_the_form_is_not_drawn_on() -> None:
    before = form(GEM_PAGE).copy()
    assert np.array_equal(np.asarray(draw_page(waves(), ALL)), np.asarray(draw_page(waves(), ALL)))
    assert np.array_equal(before, form(GEM_PAGE))


def test_what_is_outside_of_the_sheet_is_not_drawn() -> None:
    sheet = np.full((40, 60, 3), 255, np.uint8)
    ink(sheet, [Stroke(np.array([-50.0, 100.0]), np.array([-400.0, 400.0]))], 2.0, (0, 0, 0))
    ink(sheet, [Stroke(np.array([-50.0, -10.0]), np.array([5.0, 5.0]))], 2.0, (0, 0, 0))
    ink(sheet, [Stroke(np.array([5.0, 9.0]), np.array([np.nan, np.nan]))], 2.0, (0, 0, 0))
    ink(sheet, [], 2.0, (0, 0, 0))
    assert 0 < (sheet < 128).any(axis=2).sum() < 600


def test_other_shapes_are_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"of \(12, 5000\) mV and 12 flags, not of \(12, 4000\) and 12"):
        draw_page(np.zeros((12, 4000), np.float32), ALL)


def test_a_page_takes_less_than_a_tenth_of_a_second() -> None:
    signal = waves()
    for layout in (GEM_PAGE, CLINICAL_3X4):
        draw_page(signal, ALL, layout)
        taken = []
        for _ in range(9):
            begin = time.thread_time()
            draw_page(signal, ALL, layout)
            taken.append(time.thread_time() - begin)
        print(f"page of {len(layout.panels())} panels: {1e3 * statistics.median(taken):.1f} ms of one core")
        assert statistics.median(taken) < 0.1
