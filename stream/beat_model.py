"""The trees that tell ventricular beats from others, as an array that the hot path reads."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("beat_model.npy")


@lru_cache(maxsize=1)
def beat_model() -> NDArray[np.float64]:
    """Rows (feature or -1, threshold, left, right, value, size of the tree): one row with the bias, then tree by tree."""
    return np.asarray(np.load(FILE, allow_pickle=False), np.float64)
