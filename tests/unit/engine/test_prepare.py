"""The two ways to prepare a signal, and a page in the image tower's shape."""

import numpy as np
import pytest
from PIL import Image

from engine.image_values import CLIP_MEAN, CLIP_STD, ImageValues
from engine.prepare import (
    ENCODER_ORDER,
    Unprepared,
    prepare_page,
    prepare_signal,
)
from ingest.frame import LEADS


def twelve(n: int = 5000) -> np.ndarray:
    """Row k swings at k + 1 Hz with an amplitude of k + 1 tenths."""
    at_s = np.arange(n) / 500.0
    return np.stack([0.1 * (k + 1) * np.sin(2 * np.pi * (k + 1) * at_s) for k in range(12)])


MV = ["mV"] * 12


def test_parity_takes_rows_as_they_come_whatever_their_names_units_and_rate() -> None:
    given = twelve(5200)
    given[3, 10:20] = np.nan
    given[4, 5] = np.inf
    given[7] = np.nan
    signal, measured = prepare_signal(given, LEADS[::-1], ["uV"] * 12, 250.0, "parity")
    want = np.where(np.isfinite(given), given, 0.0)[:, :5000].astype(np.float32)
    assert signal.dtype == np.float32
    assert np.array_equal(signal, want)
    assert measured.tolist() == [k != 7 for k in range(12)]
    short, _ = prepare_signal(twelve(3600), LEADS, MV, 500.0, "parity")
    assert not short[:, 3600:].any()
    assert np.array_equal(short[:, :3600], twelve(3600).astype(np.float32))


def test_strict_finds_leads_by_name_and_puts_them_in_the_order_of_the_encoder() -> None:
    shuffled = [5, 0, 11, 3, 2, 1, 10, 9, 8, 7, 6, 4]
    names = [LEADS[k].lower() for k in shuffled]
    signal, measured = prepare_signal(twelve()[shuffled], names, MV, 500.0, "strict")
    assert measured.all()
    for row, lead in enumerate(ENCODER_ORDER):
        assert np.allclose(signal[row], twelve()[LEADS.index(lead)], atol=1e-6), lead
    same, _ = prepare_signal(twelve(), LEADS, MV, 500.0, "strict", order=LEADS)
    assert np.allclose(same, twelve(), atol=1e-6)


@pytest.mark.parametrize(
    ("unit", "scale"), [("uV", 1e3), ("µV", 1e3), ("μV", 1e3), ("V", 1e-3), ("nV", 1e6), ("mV", 1)]
)
def test_strict_gives_millivolt_whatever_the_unit(unit: str, scale: float) -> None:
    signal, _ = prepare_signal(twelve() * scale, LEADS, [unit] * 12, 500.0, "strict", order=LEADS)
    assert np.allclose(signal, twelve(), atol=1e-6)


@pytest.mark.parametrize("rate_hz", [250.0, 360.0, 400.0, 1000.0])
def test_strict_resamples_to_500_hz(rate_hz: float) -> None:
    at_s = np.arange(round(10 * rate_hz)) / rate_hz
    given = np.stack([0.1 * (k + 1) * np.sin(2 * np.pi * (k + 1) * at_s) for k in range(12)])
    signal, measured = prepare_signal(given, LEADS, MV, rate_hz, "strict", order=LEADS)
    assert measured.all()
    assert np.abs(signal - twelve())[:, 50:-50].max() < 0.01


def test_strict_masks_what_is_absent_and_refuses_no_record_for_it() -> None:
    given = np.vstack([twelve()[[1, 6]], np.full((1, 5000), 80.0)])
    signal, measured = prepare_signal(given, ["MLII", "V1", "ABP"], ["mV", "mV", "mmHg"], 500.0, "strict")
    assert [lead for lead, has in zip(ENCODER_ORDER, measured, strict=True) if has] == ["II", "V1"]
    assert not signal[~measured].any()
    nearly_gone = twelve()
    nearly_gone[2, 100:] = np.nan
    nearly_gone[5, 1000:1200] = np.nan
    signal, measured = prepare_signal(nearly_gone, LEADS, MV, 500.0, "strict", order=LEADS)
    assert measured.tolist() == [k != 2 for k in range(12)]
    assert not signal[5, 1000:1200].any()
    assert np.isfinite(signal).all()


def test_a_stretch_that_is_no_number_does_not_ring_into_its_surroundings() -> None:
    at_s = np.arange(2500) / 250.0
    given = np.sin(2 * np.pi * at_s)[None].copy()
    given[0, 1000:1250] = np.nan
    signal, _ = prepare_signal(given, ["II"], ["mV"], 250.0, "strict")
    row, want = signal[ENCODER_ORDER.index("II")], np.sin(2 * np.pi * np.arange(5000) / 500.0)
    assert not row[2000:2499].any()
    assert np.abs(row - want)[100:1990].max() < 0.02
    assert np.abs(row - want)[2510:4900].max() < 0.02


@pytest.mark.parametrize(
    ("names", "units", "rate_hz", "mode", "said"),
    [
        (["ABP", "PLETH"], ["mmHg", "NU"], 500.0, "strict", "no ECG lead is among ABP, PLETH"),
        (["I", "II"], ["mV", "mV"], 0.0, "strict", "0 Hz is no sampling rate"),
        (["I", "II"], ["mV", "mV"], float("nan"), "strict", "nan Hz is no sampling rate"),
        (["I", "II"], ["mV", "mmHg"], 500.0, "strict", "lead II is in mmHg, which is no voltage"),
        (["I", "II"], ["mV", "mV"], 500.0, "parity", "takes twelve leads, this record has 2"),
        (["I"], ["mV"], 500.0, "strict", "one row per lead"),
    ],
)
def test_what_cannot_be_right_is_refused_in_one_sentence(
    names: list[str], units: list[str], rate_hz: float, mode: str, said: str
) -> None:
    with pytest.raises(Unprepared, match=said) as refused:
        prepare_signal(np.ones((2, 5000)), names, units, rate_hz, mode)
    assert "\n" not in str(refused.value)


def test_a_record_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(Unprepared, match="less than half"):
        prepare_signal(np.full((2, 5000), np.nan), ["I", "II"], ["mV", "mV"], 500.0, "strict")


def test_a_page_is_one_view_of_its_middle() -> None:
    pixels = np.zeros((850, 1100, 3), np.uint8)
    pixels[:, 550:] = 255
    view = prepare_page(Image.fromarray(pixels))
    assert view.shape == (1, 3, 336, 336)
    assert view.dtype == np.float32
    black, white = -np.array(CLIP_MEAN) / CLIP_STD, (1 - np.array(CLIP_MEAN)) / CLIP_STD
    assert np.allclose(view[0, :, 100, 20], black, atol=1e-5)
    assert np.allclose(view[0, :, 100, 316], white, atol=1e-5)


@pytest.mark.parametrize("size", [(64, 32), (40, 500), (336, 336), (1700, 2200), (33, 33)])
def test_every_size_and_colour_gives_the_tower_its_shape(size: tuple[int, int]) -> None:
    for mode in ("RGB", "L", "P", "RGBA"):
        picture = Image.new(mode, size)
        assert prepare_page(picture).shape == (1, 3, 336, 336)
        assert prepare_page(picture, aspect="pad").shape == (1, 3, 336, 336)
        assert prepare_page(picture, aspect="anyres").shape[0] in (3, 4, 5)


def test_the_values_come_from_either_form_of_the_settings() -> None:
    old = ImageValues.from_config({"size": 224, "crop_size": 224, "image_mean": [0.5] * 3, "image_std": [0.5] * 3})
    new = ImageValues.from_config(
        {
            "size": {"shortest_edge": 224},
            "crop_size": {"height": 224, "width": 224},
            "image_mean": [0.5] * 3,
            "image_std": [0.5] * 3,
            "rescale_factor": 0.00392156862745098,
        }
    )
    assert old == new
    assert prepare_page(Image.new("RGB", (500, 400)), old).shape == (1, 3, 224, 224)
    small = ImageValues(shortest_px=200, crop_px=224)
    assert prepare_page(Image.new("RGB", (200, 200), "white"), small)[0, 0, 0, 0] == pytest.approx(
        -CLIP_MEAN[0] / CLIP_STD[0]
    )
    for wrong, said in (
        ({"resample": 2}, "none of CLIP's"),
        ({"do_center_crop": False}, "do_center_crop"),
        ({"size": {"height": 336, "width": 224}}, "no square"),
    ):
        with pytest.raises(Unprepared, match=said):
            ImageValues.from_config(wrong)
