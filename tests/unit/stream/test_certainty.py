"""What noise hides is not told: neither in the text nor beside it nor among the numerics of a second."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.interpreter import interpret
from engine.picture import _numbers
from ingest.frame import Nanoseconds
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank
from stream.certainty import AXIS_MOST_DEG, axis_error_deg, axis_unsure, edge_noise, edges_hidden, widened
from stream.limits import ADULT
from stream.measurement import Estimate, Measurements
from stream.offline import frames, segment_at
from stream.repolarisation import qt_problem
from tests.unit.stream.comparison import lead, measured, seen

AWAY = np.zeros(5000, np.bool_)
EDGES = ("PR interval", "QRS duration", "axis", "QT interval")


@cache
def noisy(uv: float) -> Recording:
    """Sinus rhythm with white noise of this standard deviation in every lead."""
    clean = simulate(SCENARIOS["sinus"], 30.0, seed=5)
    steps = np.array([[1.0 / s.mv_per_step] for s in clean.signals])
    noise = np.random.default_rng(3).normal(0.0, uv / 1000.0, clean.samples.shape)
    return replace(clean, samples=np.round(clean.samples + noise * steps).astype(np.int16))


def numbers(uv: float) -> tuple[Measurements, set[str], dict[str, str]]:
    """What is measured, what the criteria withhold, and the numbers as they are printed."""
    segment = segment_at(noisy(uv), None)
    answer = interpret(segment, None, Nanoseconds(0))
    assert segment.measurements is not None
    return segment.measurements, {w.name for w in answer.withheld}, dict(_numbers(segment, answer))


def test_where_noise_hides_the_edges_nothing_that_rests_on_them_is_told() -> None:
    measured, held, printed = numbers(80.0)
    assert edges_hidden(measured)
    assert held >= set(EDGES)
    assert {printed[name] for name in ("PR ms", "QRS ms", "QT ms", "QTc ms (Fridericia)", "axis deg")} == {"not said"}
    assert printed["rate /min"] not in ("not said", "unknown")


def test_what_can_be_measured_is_told() -> None:
    measured, held, printed = numbers(0.0)
    assert not edges_hidden(measured)
    assert not held & set(EDGES)
    assert all(value.split(" ± ")[0].lstrip("-").isdigit() for value in printed.values())


@pytest.mark.parametrize(("uv", "known"), [(0.0, True), (80.0, False)])
def test_the_numerics_of_a_second_tell_no_interval_whose_edges_are_hidden(uv: float, known: bool) -> None:
    bank = Bank(10.0)
    trends = [t for frame in frames(noisy(uv)) for t in bank.take([frame]).trends]
    last = trends[-1]
    assert last.rate_bpm is not None
    assert [v is not None for v in (last.pr_ms, last.qrs_ms, last.qt_ms, last.qtc_ms)] == [known] * 4


@pytest.mark.parametrize(
    ("noise", "spread", "hidden"), [(None, 20.0, False), (0.4, 20.0, False), (0.6, 2.0, False), (0.6, 8.0, True), (1.0, 2.0, True)]
)  # fmt: skip
def test_noise_near_the_edge_hides_it_where_the_width_differs_from_beat_to_beat(
    noise: float | None, spread: float, hidden: bool
) -> None:
    m = replace(measured(), qrs_ms=Estimate(90.0, "ms", spread, 10), edge_noise=noise)
    assert bool(edges_hidden(m)) is hidden
    assert bool(qt_problem(seen(m, 20.0), ADULT)) is hidden


def test_the_axis_of_small_areas_that_differ_from_beat_to_beat_is_not_told() -> None:
    def of(area: float, spread: float) -> Measurements:
        return measured(*(replace(lead(n), qrs_area_mvms=Estimate(area, "mV.ms", spread, 9)) for n in ("I", "aVF")))

    assert not axis_unsure(of(20.0, 2.0))
    assert not axis_unsure(of(2.0, 0.2))
    unsure = of(2.0, 4.0)
    assert "standard error" in axis_unsure(unsure)
    assert (axis_error_deg(unsure) or 0.0) > AXIS_MOST_DEG


def test_an_axis_that_differs_from_beat_to_beat_is_not_told_however_many_beats_there_are() -> None:
    many = measured(*(replace(lead(n), qrs_area_mvms=Estimate(20.0, "mV.ms", 4.0, 40)) for n in ("I", "aVF")))
    assert not axis_unsure(replace(many, axis_spread_deg=29.0))
    assert "from beat to beat" in axis_unsure(replace(many, axis_spread_deg=30.0))


@pytest.mark.parametrize("seconds", [1.0, 1.5, 1.9])
def test_a_gap_hides_no_noise(seconds: float) -> None:
    whole = noisy(45.0)
    first = round(23.0 * whole.rate_hz)
    stop = first + round(seconds * whole.rate_hz)
    held = whole.samples.copy()
    held[:, first:stop] = held[:, first : first + 1]
    without, beside = (segment_at(r, None).measurements for r in (whole, replace(whole, samples=held)))
    assert without is not None
    assert beside is not None
    assert beside.lost
    assert beside.edge_noise == pytest.approx(without.edge_noise, rel=0.08)


def test_a_stretch_without_any_noise_in_one_lead_tells_nothing_of_the_noise_beside_it() -> None:
    t = np.arange(5000) % 500 - 250.0
    rng = np.random.default_rng(1)
    whole = np.exp(-((t / 8.0) ** 2)) + rng.normal(0.0, 0.01, 5000)
    peaks = np.arange(250, 5000, 500)
    filled = whole.copy()
    filled[1300:2700] = filled[1300]
    kept = peaks[(peaks < 1300) | (peaks > 2700)]
    assert edge_noise(filled, kept, AWAY) == pytest.approx(edge_noise(whole, peaks, AWAY), rel=0.08)


def test_a_width_that_noise_may_have_widened_says_so() -> None:
    told = replace(measured(), qrs_ms=Estimate(102.0, "ms", 2.0, 10), edge_noise=0.6)
    assert widened(told) == "noise may have widened it by up to 12 ms"
    assert not widened(replace(told, edge_noise=0.4))
    assert not widened(replace(told, edge_noise=None))


def test_the_picture_says_that_noise_may_have_widened_a_qrs() -> None:
    segment = segment_at(noisy(0.0), None)
    assert segment.measurements is not None
    m = replace(segment.measurements, edge_noise=0.55)
    loud = replace(segment, measurements=m)
    printed = dict(_numbers(loud, interpret(loud, None, Nanoseconds(0))))
    assert printed["QRS ms"].endswith(", noise may have widened it by up to 11 ms")


def test_the_noise_of_an_edge_grows_with_the_noise_and_not_with_the_height_of_the_signal() -> None:
    t = np.arange(5000) % 500 - 250.0
    clean = np.exp(-((t / 8.0) ** 2)) + 0.3 * np.exp(-(((t - 120.0) / 40.0) ** 2))
    peaks = np.arange(250, 5000, 500)
    noise = np.random.default_rng(1).normal(0.0, 0.01, 5000)
    quiet, loud = (edge_noise(clean + k * noise, peaks, AWAY) for k in (1.0, 3.0))
    assert edge_noise(clean, peaks, AWAY) < 0.05
    assert loud == pytest.approx(3.0 * quiet, rel=0.1)
    assert edge_noise(5.0 * (clean + noise), peaks, AWAY) == pytest.approx(quiet, rel=1e-6)
    assert np.isnan(edge_noise(np.zeros(5000), peaks, AWAY))
