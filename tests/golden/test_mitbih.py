"""Beats of a real record against its annotations, through the worker's own path."""

from pathlib import Path

import numpy as np
import pytest

from infra.score.beats import Counts, match, score_record


@pytest.mark.parametrize(("record", "se", "ppv"), [("100", 0.999, 0.999), ("207", 0.995, 0.99), ("228", 0.995, 0.995)])
def test_a_record_is_found_as_well_as_ever(mitdb: Path, record: str, se: float, ppv: float) -> None:
    found = score_record(str(mitdb / record)).beats.told()
    assert found["se"] >= se
    assert found["ppv"] >= ppv


def test_matching_is_one_to_one() -> None:
    truth = np.array([100, 200, 300])
    assert match(np.array([101, 103, 199, 420]), truth, 10) == Counts(2, 1, 2)
    assert match(truth, truth, 10) == Counts(3, 0, 0)
    assert match(truth[:0], truth, 10) == Counts(0, 3, 0)
