"""Pages in pictures: found however they lie, and refused where there is none, or where what was read does not belong together."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import uniform_filter

from engine.image_values import ImageValues
from engine.page import CLINICAL_3X4, draw_page
from engine.page_found import NoPage, agreement, check, found
from engine.page_window import SIDE, dark
from engine.prepare import prepare_page
from engine.teacher.record import quiet

ALL = np.ones(12, bool)


def page() -> tuple[Image.Image, np.ndarray]:
    """A page of a simulated record, and the darkness of its square."""
    picture = draw_page(quiet(3).signal, ALL)
    return picture, dark(prepare_page(picture, ImageValues(SIDE, SIDE))[0])


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of what each column holds of the upper rows, wherever the time begins: heights have to agree to a pixel or two."""
    wide = [uniform_filter(part[60:260], 3) for part in (one, other)]
    moved = [np.roll(wide[0], x, 1) for x in range(-40, 41)]
    return max(float(np.corrcoef(m[:, 60:420].ravel(), wide[1][:, 60:420].ravel())[0, 1]) for m in moved)


def test_a_straight_page_is_found_where_it_lies() -> None:
    picture, wanted = page()
    assert likeness(found(picture), wanted) > 0.8


@pytest.mark.parametrize("turn", [-6.0, 3.0])
def test_a_page_that_was_turned_on_a_table_and_cut_is_found(turn: float) -> None:
    picture, wanted = page()
    table = Image.new("RGB", (2600, 2000), (120, 110, 100))
    table.paste(picture, (200, 150))
    turned = table.rotate(turn, Image.Resampling.BICUBIC, fillcolor=(120, 110, 100)).crop((60, 60, 2500, 1950))
    noisy = np.asarray(turned, np.float32) * 0.8 + np.random.default_rng(0).normal(
        0, 8, (turned.height, turned.width, 3)
    )
    seen = found(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)))
    assert likeness(seen, wanted) > 0.6


def test_rows_of_a_page_that_leans_stand_below_each_other_again() -> None:
    picture, _ = page()
    leant = picture.transform(
        picture.size, Image.Transform.AFFINE, (1.0, -0.03, 20.0, 0.0, 1.0, 0.0), Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)
    )  # fmt: skip
    upper, lower = [], []
    for square in (found(picture), found(leant)):
        upper.append(square[64:96].sum(axis=0))
        lower.append(square[416:448].sum(axis=0))
    apart = [
        int(np.argmax(np.correlate(a - a.mean(), b - b.mean(), "full"))) for a, b in zip(upper, lower, strict=True)
    ]
    assert abs(apart[0] - apart[1]) <= 2


def test_what_shows_no_page_is_refused() -> None:
    with pytest.raises(NoPage, match="no curve"):
        found(Image.new("RGB", (800, 600), (255, 255, 255)))
    narrow = Image.new("RGB", (800, 600), (255, 255, 255))
    narrow.paste((0, 0, 0), (390, 0, 410, 600))
    with pytest.raises(NoPage):
        found(narrow)


def test_limb_leads_that_follow_from_others_are_told_from_such_that_do_not() -> None:
    curves = quiet(3).signal
    assert agreement(curves) > 0.98
    check(curves)
    rng = np.random.default_rng(0)
    with pytest.raises(NoPage, match="twelve rows"):
        check(rng.normal(size=(12, 960)).astype(np.float32))
    assert agreement(np.zeros((12, 960), np.float32)) == 0.0
    assert CLINICAL_3X4.rows[0] == ("I", "aVR", "V1", "V4")
