"""Pages for training: many looks, the same signal, nothing by accident."""

import numpy as np
import pytest

from engine.aged import NEW, Wear, age, aged_page, any_layout, kelvin_gain
from engine.page import CLINICAL_3X4, draw_page
from engine.prepare import prepare_page

ALL = np.ones(12, bool)
AT_S = np.arange(5000) / 500.0
SIGNAL = np.stack([0.4 * np.sin(2 * np.pi * (0.5 + 0.1 * k) * AT_S) for k in range(12)]).astype(np.float32)


def test_a_seed_gives_one_page_and_another_seed_another() -> None:
    pages = [np.asarray(aged_page(SIGNAL, ALL, seed, dpi=72)) for seed in (1, 1, 2)]
    assert np.array_equal(pages[0], pages[1])
    assert not np.array_equal(pages[0], pages[2])


def test_every_layout_and_paper_comes_up() -> None:
    rng = np.random.default_rng(0)
    found = [any_layout(rng) for _ in range(200)]
    assert {len(layout.rows) for layout in found} == {3, 6, 12}
    assert len({layout.paper.major for layout in found}) == 6


@pytest.mark.parametrize("dpi", [72.0, 200.0])
def test_every_page_has_the_size_of_its_resolution_and_fits_the_tower(dpi: float) -> None:
    for seed in range(4 if dpi < 100 else 2):
        page = aged_page(SIGNAL, ALL, seed, dpi=dpi)
        assert (page.mode, page.size) == ("RGB", (round(11 * dpi), round(8.5 * dpi)))
        assert np.isfinite(prepare_page(page)).all()


def test_no_wear_changes_nothing() -> None:
    page = draw_page(SIGNAL, ALL, CLINICAL_3X4)
    assert np.array_equal(np.asarray(age(page, np.random.default_rng(3), NEW)), np.asarray(page))


def test_each_kind_of_harm_is_done_and_stays_within_its_bounds() -> None:
    page = draw_page(SIGNAL, ALL, CLINICAL_3X4).resize((550, 425))
    before = np.asarray(page).astype(int)
    still = {"creases": 0, "kelvin": (), "turn_deg": 0.0, "tilt": 0.0, "crop": 0.0, "noise": (1e-3, 2e-3)}
    for one in (
        {"turn_deg": 10.0},
        {"tilt": 0.05},
        {"crop": 0.05},
        {"noise": (40.0, 50.0)},
        {"kelvin": ((2000.0, 4000.0),)},
    ):
        wear = Wear(chance=1.0, jpeg=(100, 100), **(still | one))
        calm = Wear(chance=1.0, jpeg=(100, 100), **still)
        harmed = np.asarray(age(page, np.random.default_rng(5), wear)).astype(int)
        spared = np.asarray(age(page, np.random.default_rng(5), calm)).astype(int)
        assert np.abs(harmed - spared).mean() > 2, one
        assert np.abs(harmed - before).mean() < 130, one


def test_the_trace_survives_the_wear() -> None:
    """The dark line is still where the page had it, up to the turn that was allowed."""
    page = draw_page(SIGNAL, ALL, CLINICAL_3X4)
    worn = age(page, np.random.default_rng(1), Wear(chance=1.0, turn_deg=0.0, tilt=0.0, crop=0.0, noise=(5.0, 10.0)))
    ink, seen = np.asarray(page).max(axis=2) < 60, np.asarray(worn.convert("L")).astype(int)
    assert seen[ink].mean() < 0.55 * seen[~ink].mean()


def test_warm_light_is_red_and_cold_light_is_blue() -> None:
    warm, day, cold = kelvin_gain(2500), kelvin_gain(6600), kelvin_gain(15_000)
    assert warm[0] == 1
    assert warm[0] > warm[1] > warm[2]
    assert day.min() > 0.97
    assert cold[2] == 1
    assert cold[2] > cold[1] > cold[0]


def test_a_row_that_was_not_measured_stays_empty() -> None:
    measured = ALL.copy()
    measured[0] = False
    whole, without = (np.asarray(aged_page(SIGNAL, m, 7, NEW, dpi=100)).astype(int) for m in (ALL, measured))
    assert (np.abs(whole - without).max(axis=2) > 60).sum() > 400
