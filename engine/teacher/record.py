"""One simulated record with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.teacher.targets import LABELS, PARAMETERS, column, parameter
from ingest.frame import LEADS
from ingest.scenario import Scenario, Step
from ingest.simulator import GAIN, simulate
from stream.segment import to_model
from stream.trigger import MODEL_SAMPLES


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """Ten seconds of twelve leads and what is known of them."""

    signal: NDArray[np.float32]
    """(12, 5000) float32 mV at 500 Hz in the order of LEADS, on the diagnostic path; zeros where the mask is False."""
    mask: NDArray[np.bool_]
    """(12,) whether a lead is there."""
    labels: NDArray[np.float32]
    """(len(LABELS),) 0 or 1; NaN where it is not told."""
    parameters: NDArray[np.float32]
    """(len(PARAMETERS),) in their units; NaN where there is none, as PR without P waves."""


def draw(seed: int) -> Taught:
    """The record of this seed; the same seed gives the same bits on one build."""
    rng = np.random.default_rng((seed, 21))
    rate = float(rng.uniform(45.0, 130.0))
    made = simulate(Scenario("teacher", (Step("sinus", 30.0, rate),)), 10.0, seed=seed)
    mv = to_model(made.samples, np.full(len(LEADS), 1.0 / GAIN), np.zeros(len(LEADS)), made.rate_hz, 0)
    labels, parameters = np.zeros(len(LABELS), np.float32), np.full(len(PARAMETERS), np.nan, np.float32)
    labels[column("NORM")] = 1.0
    labels[column("SBRAD" if rate < 60.0 else "STACH" if rate > 100.0 else "SR")] = 1.0
    parameters[parameter("rate_bpm")] = rate
    return Taught(mv.astype(np.float32), np.ones(len(LEADS), bool), labels, parameters)


def draw_many(
    first_seed: int, count: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32], NDArray[np.float32]]:
    """Records of the seeds first_seed, first_seed + 1, ...: signals (count, 12, 5000), masks, labels and parameters."""
    signals = np.zeros((count, len(LEADS), MODEL_SAMPLES), np.float32)
    masks = np.zeros((count, len(LEADS)), bool)
    labels = np.zeros((count, len(LABELS)), np.float32)
    parameters = np.zeros((count, len(PARAMETERS)), np.float32)
    for k in range(count):
        one = draw(first_seed + k)
        signals[k], masks[k], labels[k], parameters[k] = one.signal, one.mask, one.labels, one.parameters
    return signals, masks, labels, parameters
