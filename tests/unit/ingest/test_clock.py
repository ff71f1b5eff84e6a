"""Samples on the wall clock when a monitor's second is not ours."""

import numpy as np
import pytest

from ingest.clock import STEP_NS, ClockMap, drift_text


def run(ppm: float, minutes: float, rate_hz: float = 500.0, jitter_ms: float = 0.0) -> tuple[ClockMap, int, int]:
    """Frames of 250 ms from a monitor that counts `ppm` too fast; the map, the last index and its true time."""
    clock, rng = ClockMap(rate_hz, 10**18), np.random.default_rng(1)
    step = round(rate_hz / 4)
    index = true_ns = 0
    for k in range(round(minutes * 240)):
        index = k * step
        true_ns = 10**18 + round(index * 1e9 / (rate_hz * (1 + ppm * 1e-6)))
        clock.observe(index, true_ns + round(rng.exponential(jitter_ms) * 1e6) + 30_000_000)
        clock.at(index)
    return clock, index, true_ns


@pytest.mark.parametrize("ppm", [-100.0, 100.0, 35.0])
def test_a_drift_is_found_and_times_follow_the_wall_clock(ppm: float) -> None:
    clock, index, true_ns = run(ppm, 30.0, jitter_ms=20.0)
    assert clock.drift_ppm == pytest.approx(-ppm, abs=3.0)
    assert abs(clock.at(index) - true_ns) < 10_000_000
    assert clock.news() == clock.drift_ppm
    assert clock.news() is None


def test_jitter_alone_is_no_drift_and_moves_no_time() -> None:
    clock, index, true_ns = run(0.0, 30.0, jitter_ms=20.0)
    assert abs(clock.drift_ppm) < 3.0
    assert clock.news() is None
    assert abs(clock.at(index) - true_ns) <= STEP_NS


def test_within_a_piece_the_map_runs_at_the_nominal_rate() -> None:
    clock, index, _ = run(100.0, 10.0)
    first = index - index % 30_000
    times = np.array([clock.at(first + k) for k in range(0, 30_000, 125)])
    assert set(np.diff(times).tolist()) == {250_000_000}


def test_the_sentence_says_what_it_costs_a_day() -> None:
    assert "100 ppm slow, 8.6 s a day" in drift_text("icu-1", 100.0)
