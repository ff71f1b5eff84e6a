"""Windows of five minutes of numerics and what neurokit2 says of them."""

import numpy as np
import pytest

from ingest.frame import BedId, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.hrv import Hrv, Windows, variability
from stream.offline import analyse


def windows(name: str, seconds: float) -> list[tuple[Hrv, list[float], list[float]]]:
    found = Windows()
    trends = analyse(simulate(SCENARIOS[name], seconds, seed=2, name=name)).trends
    return [(head, list(rr), list(at)) for t in trends for head, rr, at in found.put(t)]


def test_a_sinus_rhythm_gives_the_textbook_numbers_of_its_intervals() -> None:
    ((head, rr, at),) = windows("sinus", 305.0)
    told = variability(head, rr, at)
    assert told.first == 0
    assert told.intervals == len(rr) > 250
    assert told.mean_nn_ms == pytest.approx(np.mean(rr), abs=0.01)
    assert told.sdnn_ms == pytest.approx(np.std(rr, ddof=1), rel=0.01)
    assert told.rmssd_ms == pytest.approx(np.sqrt(np.mean(np.diff(rr) ** 2)), rel=0.02)
    assert told.lf_hf is not None
    assert told.lf_hf > 0
    assert told.reason == ""


def test_a_window_of_few_normal_beats_has_a_reason_instead_of_numbers() -> None:
    ((head, rr, at),) = windows("vf", 305.0)
    told = variability(head, rr, at)
    assert told.sdnn_ms is None
    assert "are needed" in told.reason


def test_a_window_that_is_not_over_is_not_told() -> None:
    assert windows("sinus", 290.0) == []


def test_a_window_that_the_library_cannot_take_has_that_as_its_reason() -> None:
    head = Hrv(BedId("b"), 1, 0, Nanoseconds(0), 290)
    told = variability(head, [1000.0] * 290, [5.0] * 290)
    assert told.sdnn_ms is None
    assert told.reason.startswith("the intervals cannot be computed with: ValueError")
