"""Signals and pages against the tensors that the published code of GEM gave for them."""

import json
from pathlib import Path

import numpy as np
import pytest
import wfdb
from PIL import Image

from engine.image_values import CLIP_MEAN, CLIP_STD, ImageValues
from engine.page import draw_page
from engine.prepare import ENCODER_ORDER, prepare_page, prepare_signal
from ingest.frame import LEADS

PAGES = ["gradient_1333x997", "gradient_200x150", "gradient_2200x1700", "gradient_501x900", "page_mimic", "page_std"]


@pytest.fixture(scope="module")
def values(gem_golden: Path) -> ImageValues:
    return ImageValues.from_config(json.loads((gem_golden / "aux/clip-vision/preprocessor_config.json").read_text()))


@pytest.mark.parametrize("name", ["std", "mimic", "nan", "short", "long", "fs400"])
def test_parity_gives_the_signal_of_the_published_loader(gem_golden: Path, name: str) -> None:
    samples, fields = wfdb.rdsamp(str(gem_golden / "records" / name))
    want = np.load(gem_golden / "golden_preprocess.npz")[f"signal_{name}"]
    found, measured = prepare_signal(samples.T, fields["sig_name"], fields["units"], fields["fs"], "parity")
    assert found.dtype == want.dtype
    assert np.array_equal(found, want)
    assert measured.sum() == (11 if name == "nan" else 12)


@pytest.mark.parametrize("mode", ["ori", "pad", "anyres"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_become_the_pixels_of_the_published_processor(
    gem_golden: Path, values: ImageValues, name: str, mode: str
) -> None:
    with Image.open(gem_golden / "pages" / f"{name}.png") as page:
        found = prepare_page(page, values, mode)
    shape = json.loads((gem_golden / "golden.json").read_text())["page_shapes"][f"page_{mode}_{name}"]
    assert list(found.shape) == (shape if len(shape) == 4 else shape[1:])
    golden = np.load(gem_golden / "golden_preprocess.npz")
    key = f"page_{mode}_{name}_u8"
    if key not in golden:
        return
    mean, std = (np.array(v).reshape(1, 3, 1, 1) for v in (CLIP_MEAN, CLIP_STD))
    eight = np.rint((found.astype(np.float64) * std + mean) * 255).astype(np.uint8)
    assert np.array_equal(eight.reshape(golden[key].shape), golden[key])
    if f"page_{mode}_{name}_f32" in golden:
        assert np.array_equal(found, golden[f"page_{mode}_{name}_f32"])


def test_the_page_of_the_model_case_is_equal_to_the_bit(gem_golden: Path, values: ImageValues) -> None:
    with Image.open(gem_golden / "pages/page_std.png") as page:
        assert np.array_equal(prepare_page(page, values), np.load(gem_golden / "golden_model.npz")["a_pixel_values"])


def test_strict_puts_both_orders_of_leads_into_one(gem_golden: Path) -> None:
    for name in ("std", "mimic"):
        samples, fields = wfdb.rdsamp(str(gem_golden / "records" / name))
        found, measured = prepare_signal(samples.T, fields["sig_name"], fields["units"], fields["fs"], "strict")
        assert measured.all()
        for row, lead in enumerate(ENCODER_ORDER):
            assert np.array_equal(found[row], samples.T[fields["sig_name"].index(lead)].astype(np.float32))


def test_a_page_drawn_of_a_record_is_what_the_tower_takes(gem_golden: Path, values: ImageValues) -> None:
    samples, fields = wfdb.rdsamp(str(gem_golden / "records/fs400"))
    signal, measured = prepare_signal(
        samples.T, fields["sig_name"], fields["units"], fields["fs"], "strict", order=LEADS
    )
    page = draw_page(signal, measured)
    assert (page.size, page.mode) == ((2200, 1700), "RGB")
    assert prepare_page(page, values).shape == (1, 3, 336, 336)
