"""Beats of a real record against its annotations, through the worker's own path."""

from pathlib import Path

import pytest

from infra.score.beats import score_record


@pytest.mark.parametrize(("record", "se", "ppv"), [("100", 0.999, 0.999), ("207", 0.995, 0.99), ("228", 0.995, 0.995)])
def test_a_record_is_found_as_well_as_ever(mitdb: Path, record: str, se: float, ppv: float) -> None:
    found = score_record(str(mitdb / record)).counts
    assert found["se"] >= se
    assert found["ppv"] >= ppv
