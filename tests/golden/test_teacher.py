"""Simulated normals beside those of PTB-XL, measured by the same code on the same path."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.instruct.labelled import read
from engine.instruct.labels import LABELS
from engine.instruct.sets import entries
from engine.teacher.noise import record
from engine.teacher.patient import draw_patient, twelve_leads
from engine.teacher.rhythms import Rhythm
from ingest.frame import LEADS
from ingest.open_recording import from_physical
from stream.measurement import Measurements
from stream.offline import segment_at

COUNT = 120
QUARTILES = (25.0, 50.0, 75.0)


def _numbers(m: Measurements) -> list[float]:
    found = [m.rate_bpm, m.pr_ms, m.qrs_ms, *(e for x in m.leads if x.lead in ("V2", "V5") for e in (x.r_mv, x.t_mv))]
    values = [np.nan if e is None else e.value for e in found]
    return [*values, m.qtc_fridericia_ms or np.nan, np.nan if m.axis_deg is None else m.axis_deg]


@pytest.fixture(scope="module")
def real(ptbxl: Path) -> NDArray[np.float64]:
    """Normal records in sinus rhythm with nothing else: (n, 9)."""
    normal = [e for e in entries("ptbxl", ptbxl) if {"NORM", "SR"} <= set(e.codes)]
    plain = [e for e in normal if not any(LABELS[code].kind in ("beats", "conduction") for code in e.codes)]
    found = [read(e).segment.measurements for e in plain[:COUNT]]
    return np.array([_numbers(m) for m in found if m is not None])


@pytest.fixture(scope="module")
def simulated() -> NDArray[np.float64]:
    """Simulated patients of the same kind with the noise that is drawn with them: (n, 9)."""
    found = []
    for seed in range(4000, 4000 + 2 * COUNT):
        patient = draw_patient(np.random.default_rng(seed), Rhythm.SINUS, frozenset())
        if patient.atria.blocked or patient.timing.kind.any():
            continue
        noisy = record(twelve_leads(patient, np.random.default_rng(seed)), np.random.default_rng(seed))
        told = from_physical("taught", 500.0, LEADS, ["mV"] * 12, noisy.steps / noisy.steps_per_mv)
        measured = segment_at(told, None).measurements
        if measured is not None:
            found.append(_numbers(measured))
    return np.array(found[:COUNT])


@pytest.mark.parametrize(
    ("column", "name", "within"),
    [
        (1, "PR ms", 12.0),
        (2, "QRS ms", 14.0),
        (3, "R in V2 mV", 0.25),
        (4, "T in V2 mV", 0.30),
        (5, "R in V5 mV", 0.35),
        (6, "T in V5 mV", 0.15),
        (7, "QTc ms", 16.0),
        (8, "axis degrees", 20.0),
    ],
)
def test_simulated_normals_are_measured_as_real_ones(
    real: NDArray[np.float64], simulated: NDArray[np.float64], column: int, name: str, within: float
) -> None:
    apart = np.nanpercentile(simulated[:, column], QUARTILES) - np.nanpercentile(real[:, column], QUARTILES)
    assert np.abs(apart).max() < within, f"{name}: quartiles apart by {apart.round(2)}"


def test_simulated_sinus_rhythm_covers_the_rates_of_real_ones(
    real: NDArray[np.float64], simulated: NDArray[np.float64]
) -> None:
    low, high = np.nanpercentile(simulated[:, 0], (2.0, 98.0))
    assert np.mean((real[:, 0] > low - 8.0) & (real[:, 0] < high + 8.0)) > 0.8
