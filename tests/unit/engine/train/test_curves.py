"""The reader of pages: pages drawn in little time are those that are read, and what torch taught ONNX Runtime computes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra `torch`")

import torch
from safetensors.torch import load_file

from engine.image_values import ImageValues
from engine.page import GEM_PAGE, PAGE_INCHES, at_resolution, draw_page
from engine.page_reader import READER, PageReader, Sizes, sizes_of
from engine.page_window import PX_PER_MV, SIDE, dark, line_px
from engine.prepare import prepare_page
from engine.teacher.record import draw, quiet
from engine.train.curves import CurveNet, CurvesStage, drawing, train_curves, write
from engine.train.needs import Failed, Refused
from engine.train.quick import NEW, any_pen, cover, quick_page
from engine.train.run import Keeping
from tests.unit.engine.train.test_whole import asks_at

SMALL = Sizes(width=8, blocks=2, kernel=3, numbers=2)


def stage(**changes: Any) -> CurvesStage:
    return replace(CurvesStage("reading", steps=4, taught=2, precision="fp32", sizes=SMALL), **changes)


def test_a_quick_page_is_the_page_that_is_drawn() -> None:
    record = quiet(3)
    there = np.ones(12, bool)
    there[4] = False
    layout = at_resolution(GEM_PAGE, 2.0 * SIDE / PAGE_INCHES)
    slow = prepare_page(draw_page(record.signal, there, layout), ImageValues(SIDE, SIDE))[0]
    quick = quick_page(record.signal, there, NEW, 3)
    assert quick.shape == slow.shape == (3, SIDE, SIDE)
    assert np.corrcoef(dark(quick).ravel(), dark(slow).ravel())[0, 1] > 0.9
    assert np.abs(dark(quick) - dark(slow)).mean() < 0.02


def test_curves_stand_where_a_pen_draws_them() -> None:
    record, pen = quiet(3), any_pen(np.random.default_rng(5))
    flat = 0.2 * np.sin(np.arange(5000) / 200.0, dtype=np.float32)[None]
    pen = replace(pen, down_px=3.0, tilt_px=-4.0, right_px=5.0)
    ink = cover(flat, [line_px(0)], pen)
    height = (line_px(0) - (ink * (np.arange(SIDE)[:, None] + 0.5)).sum(0) / ink.sum(0)) / PX_PER_MV
    assert np.abs(height - pen.curves(flat, 1)[0]).max() < 0.02
    assert pen.curves(record.signal, 2).shape == (12, 2 * SIDE)


def test_a_page_follows_from_its_seed() -> None:
    drawn = drawing(stage(new_pages=0.0))
    one, again, other = drawn(3), drawn(3), drawn(4)
    assert np.array_equal(one.darkness, again.darkness)
    assert not np.array_equal(one.darkness, other.darkness)
    assert one.darkness.shape == (SIDE, SIDE)
    assert one.curves.shape == (12, 2 * SIDE)
    plain = drawing(stage(new_pages=1.0))(3)
    assert np.array_equal(plain.curves, NEW.curves(draw(3).signal, 2))


def test_what_was_broken_off_ends_with_the_same_reader(tmp_path: Path) -> None:
    train_curves(stage(), Keeping(tmp_path / "whole", cpu=True))
    with pytest.raises(Failed, match="stopped after step 2 of 4"):
        train_curves(stage(), Keeping(tmp_path / "broken", cpu=True, progress=asks_at(2, 15)))
    summary = train_curves(stage(), Keeping(tmp_path / "broken", cpu=True))
    one, other = (load_file(tmp_path / name / READER) for name in ("whole", "broken"))
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert summary["samples"] == 8
    assert train_curves(stage(), Keeping(tmp_path / "broken", cpu=True)) == json.loads(json.dumps(summary))
    with pytest.raises(Refused, match="other options"):
        train_curves(stage(steps=5), Keeping(tmp_path / "broken", cpu=True))


@pytest.mark.parametrize("half", [False, True])
def test_what_is_read_without_torch_is_the_same(half: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = CurveNet(SMALL)
    for name, one in net.named_buffers():
        if one.is_floating_point():
            one.uniform_(0.5, 1.5) if name.endswith("var") else one.normal_(0.0, 0.1)
    state = {name: one for name, one in net.state_dict().items() if one.is_floating_point()}
    write(tmp_path / READER, SMALL, state, half)
    assert sizes_of(tmp_path / READER) == SMALL
    darkness = drawing(stage())(7).darkness[None]
    with torch.no_grad():
        wanted = net.eval()(torch.from_numpy(darkness)).numpy()
    found = PageReader(tmp_path / READER, tmp_path / "graphs").curves(darkness)
    assert found.shape == (1, 12, 2 * SIDE)
    assert np.abs(found - wanted).max() < (0.01 if half else 1e-4)


def test_what_holds_no_reader_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / READER).write_bytes(b"none")
    with pytest.raises(ValueError, match="no reader of pages"):
        PageReader(tmp_path / READER, tmp_path)
    write(tmp_path / READER, replace(SMALL, width=9), CurveNet(SMALL).state_dict(), False)
    with pytest.raises(ValueError, match="other pages"):
        sizes_of(tmp_path / READER)
