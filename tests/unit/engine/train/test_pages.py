"""Training of the image tower by pages of the teacher, and a new model that begins with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra `torch`")

import torch
from safetensors.torch import load_file

from engine.gem.config import GemConfig, VisionSizes
from engine.gem.layout import VISION, expected
from engine.teacher.record import draw
from engine.teacher.targets import LABELS
from engine.train.needs import Failed, Refused
from engine.train.pages import PAGE_HEADS, PAGE_TOWER, drawing, page_of, read_pages
from engine.train.run import Keeping, train_pages
from engine.train.stages import PageStage, built_in, changed
from engine.train.start import new, usable
from tests.unit.engine.tiny import json_words
from tests.unit.engine.train.made import small
from tests.unit.engine.train.test_start import SIZES
from tests.unit.engine.train.test_whole import asks_at

TOWER = {"hidden": 32, "intermediate": 64, "layers": 2, "heads": 2, "patch": 14, "image": 56, "tap": -2, "pool": 1}


def stage(**changes: Any) -> PageStage:
    made = changed(built_in("page"), {"tower": TOWER, "steps": 4, "taught": 4, "precision": "fp32", **changes}, "test")
    assert isinstance(made, PageStage)
    return made


def test_the_tower_is_written_under_the_keys_of_the_layout_and_read_again(tmp_path: Path) -> None:
    summary = train_pages(stage(steps=2), Keeping(tmp_path / "out", cpu=True))
    tower, sizes = load_file(tmp_path / "out" / PAGE_TOWER), VisionSizes(**TOWER)
    wanted = {key: shape for key, shape in expected(GemConfig(vision=sizes)).items() if key.startswith(VISION)}
    assert {key: tuple(t.shape) for key, t in tower.items()}.items() <= wanted.items()
    assert read_pages(tmp_path / "out" / PAGE_TOWER).sizes == sizes
    assert load_file(tmp_path / "out" / PAGE_HEADS)["labels.weight"].shape == (len(LABELS), 5 * 32)
    assert summary["samples"] == 8


def test_what_was_broken_off_ends_with_the_same_tower(tmp_path: Path) -> None:
    train_pages(stage(), Keeping(tmp_path / "whole", cpu=True))
    with pytest.raises(Failed, match="stopped after step 2 of 4"):
        train_pages(stage(), Keeping(tmp_path / "broken", cpu=True, progress=asks_at(2, 15)))
    train_pages(stage(), Keeping(tmp_path / "broken", cpu=True))
    one, other = (load_file(tmp_path / name / PAGE_TOWER) for name in ("whole", "broken"))
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_a_page_follows_from_its_seed_and_shows_the_record() -> None:
    drawn = drawing(stage())
    one, again, other = drawn(3), drawn(3), drawn(4)
    assert one.page.shape == (3, 56, 56)
    assert np.array_equal(one.page, again.page)
    assert not np.array_equal(one.page, other.page)
    assert np.array_equal(one.labels, draw(3).labels, equal_nan=True)
    taught, new_page = draw(3), replace(stage(), new_pages=1.0)
    empty = page_of(taught.signal, np.zeros(12, bool), new_page, 3)
    assert not np.array_equal(page_of(taught.signal, taught.mask, new_page, 3), empty)


def test_a_new_model_begins_with_it_and_may_leave_it_frozen(tmp_path: Path) -> None:
    train_pages(stage(steps=2), Keeping(tmp_path / "out", cpu=True))
    tower = read_pages(tmp_path / "out" / PAGE_TOWER)
    json_words(tmp_path / "words")
    file = tmp_path / "sizes.toml"
    text = f"{SIZES}tap = -2\n[ecg]\nwidth = 32\nlayers = 1\nhead_width = 16\nmlp = 64\nembed = 0\nstem = 'conv'\n"
    file.write_text(text)
    start = new(file, None, 0, tower)
    own = dict(start.gem.vision.named_parameters())
    assert all(torch.equal(own[name], tensor) for name, tensor in tower.weights.items())
    assert "vision_tower" not in start.fresh
    usable(start, small(rates={"decoder": 1e-3, "mm_projector": 1e-3, "ecg_projector": 1e-3, "ecg_tower": 1e-3}))
    file.write_text(text.replace("image = 56", "image = 28"))
    with pytest.raises(Refused, match="other sizes"):
        new(file, None, 0, tower)


def test_what_is_no_image_tower_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"none")
    with pytest.raises(Refused, match="cannot be read"):
        read_pages(tmp_path / "other")
    for wrong in ({"steps": 0}, {"tower": {"pool": 3}}, {"page_scale": 0.1}, {"new_pages": 2.0}):
        with pytest.raises(Refused):
            stage(**wrong)
