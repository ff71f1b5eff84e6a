"""Atrial fibrillation on real records, through the worker's own path."""

from pathlib import Path

import pytest

from infra.score.rhythms import score_record


@pytest.mark.parametrize(
    ("record", "missed", "invented"), [("219", 160, 100), ("221", 20, 55), ("100", 0, 0), ("232", 0, 5)]
)
def test_af_is_shown_where_it_is_marked(mitdb: Path, record: str, missed: int, invented: int) -> None:
    found = score_record(str(mitdb / record)).whole["af"]
    assert found.missed <= missed
    assert found.invented <= invented
