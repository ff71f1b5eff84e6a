"""Patients of the teacher without noise, measured by Vigil's own path."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.teacher.conditions import Condition
from engine.teacher.patient import Patient, draw_patient, twelve_leads
from engine.teacher.rhythms import Rhythm
from ingest.frame import LEADS
from ingest.open_recording import from_physical
from stream.measurement import Estimate, LeadMeasurements, Measurements, Quality
from stream.offline import segment_at

FIRST_SEED = 5000
"""Of these tests; nothing was chosen on them."""


def patients(rhythm: Rhythm, *conditions: Condition, count: int = 8) -> list[Patient]:
    """Patients in this rhythm with these conditions and no other."""
    return [draw_patient(np.random.default_rng(FIRST_SEED + k), rhythm, frozenset(conditions)) for k in range(count)]


def signal(patient: Patient) -> NDArray[np.float64]:
    """(12, 5000) mV at 500 Hz without noise."""
    return twelve_leads(patient, np.random.default_rng(FIRST_SEED))


def measured(patient: Patient) -> Measurements:
    """What Vigil measures on ten seconds of a patient."""
    recording = from_physical("taught", 500.0, LEADS, ["mV"] * len(LEADS), signal(patient))
    found = segment_at(recording, None).measurements
    assert found is not None
    return found


def judged(rhythm: Rhythm, *conditions: Condition, count: int = 8) -> list[Measurements]:
    """What is measured of such patients, those left out whose beats Vigil does not vouch for within ten seconds."""
    found = [measured(p) for p in patients(rhythm, *conditions, count=count)]
    kept = [m for m in found if lead(m, "II").quality is Quality.GOOD]
    assert len(kept) >= 0.7 * count
    return kept


def lead(m: Measurements, name: str) -> LeadMeasurements:
    """One lead of it."""
    return m.leads[LEADS.index(name)]


def value(estimate: Estimate | None) -> float:
    """Its number, NaN of none."""
    return np.nan if estimate is None else estimate.value
