"""One simulated record with what is known of it: patient, electrodes, recorder, and the filters that every real record takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.teacher.noise import Recorded, digitised, record
from engine.teacher.patient import Patient, draw_patient, twelve_leads
from engine.teacher.targets import LABELS, PARAMETERS
from engine.teacher.truth import labels, numbers
from ingest.frame import LEADS
from stream.segment import to_model
from stream.trigger import MODEL_HZ, MODEL_SAMPLES

_PATIENT, _HEART, _RECORDER = 1, 2, 3
"""Streams of random numbers of one seed, so that a patient stays the same whatever is recorded of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """Ten seconds of twelve leads and what is known of them."""

    signal: NDArray[np.float32]
    """(12, 5000) float32 mV at 500 Hz in the order of LEADS; zeros where the mask is False."""
    mask: NDArray[np.bool_]
    """(12,) whether a lead is there."""
    labels: NDArray[np.float32]
    """(len(LABELS),) 0 or 1; NaN where it is not told."""
    parameters: NDArray[np.float32]
    """(len(PARAMETERS),) in their units; NaN where there is none, as PR without P waves."""


def draw(seed: int) -> Taught:
    """The record of this seed, 0 or more; the same seed gives the same bits on one build.

    The signal goes through `stream.segment.to_model`, the path on which the live stream, `engine.instruct.labelled.read` and every
    other reader bring a recording into a segment: whole steps, median out, 0.05 to 150 Hz with straight phase. `engine.prepare` adds
    no filter behind it.
    """
    return _taught(*_drawn(seed))


def recorded_of(seed: int) -> tuple[NDArray[np.float32], Recorded]:
    """The labels of this seed's record, (len(LABELS),) as `draw` gives them, and the record as it lies in a file."""
    patient, recorded = _drawn(seed)
    return labels(patient, numbers(patient)), recorded


def _drawn(seed: int) -> tuple[Patient, Recorded]:
    patient = patient_of(seed)
    heart = twelve_leads(patient, np.random.default_rng((_HEART, seed)))
    return patient, record(heart, np.random.default_rng((_RECORDER, seed)))


def quiet(seed: int, patient: Patient | None = None) -> Taught:
    """The same patient, or the one given, by a recorder that adds nothing and loses no lead."""
    patient = patient_of(seed) if patient is None else patient
    return _taught(patient, digitised(twelve_leads(patient, np.random.default_rng((_HEART, seed)))))


def patient_of(seed: int) -> Patient:
    """Whom the record of this seed shows."""
    return draw_patient(np.random.default_rng((_PATIENT, seed)))


def draw_many(
    first_seed: int, count: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32], NDArray[np.float32]]:
    """Records of the seeds first_seed, first_seed + 1, ...: signals (count, 12, 5000), masks, labels and parameters."""
    signals = np.empty((count, len(LEADS), MODEL_SAMPLES), np.float32)
    masks = np.empty((count, len(LEADS)), bool)
    labelled = np.empty((count, len(LABELS)), np.float32)
    parameters = np.empty((count, len(PARAMETERS)), np.float32)
    for k in range(count):
        one = draw(first_seed + k)
        signals[k], masks[k], labelled[k], parameters[k] = one.signal, one.mask, one.labels, one.parameters
    return signals, masks, labelled, parameters


def _taught(patient: Patient, recorded: Recorded) -> Taught:
    scale = np.full(len(LEADS), 1.0 / recorded.steps_per_mv)
    signal = to_model(recorded.steps, scale, np.zeros(len(LEADS)), MODEL_HZ, 0).astype(np.float32)
    signal[~recorded.mask] = 0.0
    parameters = numbers(patient)
    return Taught(signal, recorded.mask, labels(patient, parameters), parameters)
