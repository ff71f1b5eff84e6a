"""Scripted patients of tests, with some of their leads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate


def patient(
    *steps: Step, seed: int, seen: tuple[str, ...] = (), conduction: str = "N", rate_hz: float = 250.0
) -> Recording:
    """A scripted patient; of all leads where none is named."""
    script = Scenario("patient", steps, conduction)
    made = simulate(script, script.seconds, seed=seed, rate_hz=rate_hz, name="patient")
    rows = [k for k, s in enumerate(made.signals) if not seen or s.name in seen]
    return replace(
        made,
        samples=np.ascontiguousarray(made.samples[rows]),
        signals=tuple(made.signals[k] for k in rows),
        spans=(),
    )
