"""Beats of a real record against its annotations, and what is told of them, through the worker's own path."""

from pathlib import Path

import pytest

from infra.score.beats import score_record
from ingest.open_recording import read_recording
from stream.catalogue import Code
from stream.offline import analyse


@pytest.mark.parametrize(("record", "se", "ppv"), [("100", 0.999, 0.999), ("207", 0.995, 0.99), ("228", 0.995, 0.995)])
def test_a_record_is_found_as_well_as_ever(mitdb: Path, record: str, se: float, ppv: float) -> None:
    found = score_record(str(mitdb / record)).counts
    assert found["se"] >= se
    assert found["ppv"] >= ppv


def test_pairs_between_normal_beats_are_no_tachycardia(mitdb: Path) -> None:
    codes = {t.code for t in analyse(read_recording(mitdb / "208")).triggers}
    assert Code.VTACH not in codes
    assert Code.PAIR_PVC in codes


def test_runs_between_them_are(mitdb: Path) -> None:
    assert Code.VTACH in {t.code for t in analyse(read_recording(mitdb / "203")).triggers}
