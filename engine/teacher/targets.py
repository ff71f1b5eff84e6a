"""What is taught of each record: labels by name, and numbers of its noise-free beat by name and unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.instruct.labels import FIFTEEN, SUPERCLASSES
from ingest.frame import LEADS

__all__ = ["FAR", "LABELS", "PARAMETERS", "SCALE", "SUBLABELS", "SUPERCLASSES", "column", "parameter", "standardised"]

SUBLABELS = ("AMI", "IMI", "LAFB", "IRBBB", "LVH", "STD", "TINV", "STE", "LQT", "PAC", "RVH")
"""Findings below a superclass, by the codes of `engine.instruct.labels`."""
LABELS: tuple[str, ...] = (*FIFTEEN, *SUBLABELS)
"""Superclasses, then rhythm and conduction, then the findings below."""

_GLOBAL = ("rate_bpm", "pr_ms", "qrs_ms", "qt_ms", "axis_cos", "axis_sin", "rr_cv")
_PER_LEAD = ("st60_mv", "t_mv", "r_mv", "s_mv")
PARAMETERS: tuple[str, ...] = (*_GLOBAL, *(f"{name}_{lead}" for name in _PER_LEAD for lead in LEADS))
"""Rate, PR, QRS and QT; the frontal axis as cosine and sine; the spread of RR over its mean; then of each of the twelve
leads the level 60 ms behind the QRS, the T wave (signed), R (0 or more) and S or Q, the deepest point (0 or less)."""

SCALE: dict[str, tuple[float, float]] = {
    "rate_bpm": (75.0, 25.0), "pr_ms": (160.0, 30.0), "qrs_ms": (95.0, 20.0), "qt_ms": (380.0, 45.0), "axis_cos": (0.0, 1.0),
    "axis_sin": (0.0, 1.0), "rr_cv": (0.0, 0.125), "st60_mv": (0.0, 0.125), "t_mv": (0.0, 0.33), "r_mv": (0.0, 0.67), "s_mv": (0.0, 0.67),
}  # fmt: skip
"""Centre and spread of each kind of parameter, in its unit: about those of what is drawn."""

FAR = 6.0
"""Standardised parameters are cut here where they are learnt."""


def column(label: str) -> int:
    """Place of a label in LABELS; raises ValueError of one that is none."""
    return LABELS.index(label)


def parameter(name: str) -> int:
    """Place of a parameter in PARAMETERS; raises ValueError of one that is none."""
    return PARAMETERS.index(name)


def standardised(parameters: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., 55) in their units -> (..., 55) less the centre, by the spread; NaN stays NaN."""
    kinds = [SCALE[name if name in SCALE else name.rpartition("_")[0]] for name in PARAMETERS]
    centre, spread = np.array(kinds, np.float32).T
    return np.asarray((parameters - centre) / spread, np.float32)
