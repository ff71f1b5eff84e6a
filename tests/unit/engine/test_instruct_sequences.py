"""The sequences against what annotators marked in the same lead and beat of LUDB."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

from engine.instruct.labelled import read
from engine.instruct.sequences import sequences
from engine.instruct.sets import entries
from ingest.frame import CHEST, LIMB

LOOKED_AT = 40
"""Records in which the rules of the sequences were looked at: the others are read."""


def marked_ms(folder: Path, record: str, lead: str) -> dict[int, float]:
    """QRS durations by R peak, in samples of the record."""
    told = wfdb.rdann(str(folder / "data" / record), lead.lower())
    at = [k for k, s in enumerate(told.symbol) if s == "N" and told.symbol[k - 1 : k + 2] == ["(", "N", ")"]]
    return {int(told.sample[k]): float(told.sample[k + 1] - told.sample[k - 1]) * 1000.0 / told.fs for k in at}


@pytest.fixture(scope="module")
def errors(ludb: Path) -> dict[str, list[float]]:
    """Milliseconds by which QRS is written longer than it is marked, by lead."""
    found: dict[str, list[float]] = {lead: [] for lead in (*LIMB, *CHEST)}
    for entry in entries("ludb", ludb)[LOOKED_AT:]:
        segment = read(entry).segment
        beats = segment.measurements.by_beat if segment.measurements is not None else ()
        for lead, rows in sequences(segment).items():
            marks = marked_ms(ludb, entry.record, lead)
            for beat, ms in zip(beats, rows["QRS Duration (ms)"], strict=True):
                near = [long for peak, long in marks.items() if abs(peak - beat.sample) < 50]
                if ms is not None and near:
                    found[lead].append(ms - near[0])
    return found


def test_qrs_of_limb_and_chest_leads_has_no_constant_error(errors: dict[str, list[float]]) -> None:
    for leads in (LIMB, CHEST):
        assert abs(np.mean(np.concatenate([errors[lead] for lead in leads]))) < 3.0


def test_qrs_is_off_no_more_often_than_annotators_among_themselves(errors: dict[str, list[float]]) -> None:
    all_ = np.concatenate(list(errors.values()))
    assert len(all_) > 7000
    assert np.mean(np.abs(all_) > 20.0) < 0.105
