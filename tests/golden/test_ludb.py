"""Durations of real records against the marks of cardiologists, through the worker's own path."""

from pathlib import Path

import numpy as np

from infra.score.intervals import marked, score, score_record
from stream.delineate import CHOSEN


def test_the_duration_of_p_waves_is_without_a_constant_error(ludb: Path) -> None:
    found = [
        score_record(str(ludb / "data" / str(record)))[0].errors
        for record in (3, 4, 5, 6, 9, 11, 12, 13, 15, 16, 17, 18, 24, 25)
    ]
    errors_ms = [one["p_off"] - one["p_on"] for one in found if {"p_on", "p_off"} <= set(one)]
    assert len(errors_ms) >= 6
    assert abs(np.mean(errors_ms)) < 8.0


def test_what_is_measured_again_by_the_same_limits_is_the_same(ludb: Path) -> None:
    for record in (5, 34, 65):
        one = marked(str(ludb / "data" / str(record)))
        assert score(one, CHOSEN).errors == score(one).errors
        moved = score(one, CHOSEN._replace(on_share=0.02, off_share=0.12))
        assert moved.errors["qrs"] != score(one).errors["qrs"]
