"""The square that is read of a page: its lines and times are those of the page, and a reading becomes the signal again."""

from __future__ import annotations

import numpy as np
import pytest

from engine import page_window
from engine.image_values import ImageValues
from engine.page import GEM_PAGE, PAGE_INCHES, at_resolution, draw_page, new_form
from engine.page_window import BAND, FIRST, LAST, PX_PER_MV, ROW, SIDE, begin_s, dark, line_px, means, signal_of
from engine.paper import as_image
from engine.prepare import prepare_page
from ingest.frame import LEADS


def slow(seed: int = 0) -> np.ndarray:
    """Twelve smooth rows."""
    rng = np.random.default_rng(seed)
    at = np.arange(5000) / 500.0
    return np.stack([0.3 * np.sin(2 * np.pi * rng.uniform(0.5, 3.0) * at + k) for k in range(12)]).astype(np.float32)


def test_lines_stand_where_the_page_has_them() -> None:
    for lead in range(12):
        assert line_px(lead) == pytest.approx(GEM_PAGE.line_px(lead) * SIDE / GEM_PAGE.paper.height_px)
    assert (FIRST, LAST, ROW, BAND) == (32, 480, 32, 96)
    assert begin_s() == pytest.approx(0.66, abs=0.01)


def test_what_is_drawn_stands_at_the_heights_that_the_means_tell() -> None:
    signal = slow()
    layout = at_resolution(GEM_PAGE, 2.0 * SIDE / PAGE_INCHES)
    page = dark(prepare_page(draw_page(signal, np.ones(12, bool), layout), ImageValues(SIDE, SIDE))[0])
    blank = dark(prepare_page(as_image(new_form(layout), layout.paper.dpi), ImageValues(SIDE, SIDE))[0])
    ink, told = np.clip(page - blank, 0.0, 1.0), means(signal, SIDE)
    for lead in range(len(LEADS)):
        line = line_px(lead)
        rows = np.arange(round(line - ROW / 2), round(line + ROW / 2))
        height = (line - (ink[rows] * (rows[:, None] + 0.5)).sum(0) / ink[rows].sum(0)) / PX_PER_MV
        assert np.abs(height - told[lead])[10:-10].max() < 0.03


def test_a_reading_is_the_signal_again_and_zero_beside_the_square() -> None:
    signal = slow(1)
    again = signal_of(means(signal, 2 * SIDE))
    inside = slice(400, 4600)
    assert np.abs(again[:, inside] - signal[:, inside]).max() < 0.01
    assert not again[:, : int(begin_s() * 500)].any()
    assert not again[:, 4700:].any()
    moved = means(signal, 2 * SIDE, right_px=1.0)
    assert np.allclose(moved[:, 2:], means(signal, 2 * SIDE)[:, :-2], atol=1e-4)


def test_darkness_is_that_of_the_brightest_channel() -> None:
    values = ImageValues()
    page = np.zeros((3, SIDE, SIDE), np.float32)
    page[0] = 1.0
    even = (page - np.array(values.mean)[:, None, None]) / np.array(values.std)[:, None, None]
    assert page_window.dark(even.astype(np.float32)).max() < 1e-5
