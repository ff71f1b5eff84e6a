"""Small trees learnt from recordings (`vigil learn`), as arrays that the hot path reads."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

FOLDER = Path(__file__).parent


class Models(NamedTuple):
    """Rows (feature or -1, threshold, left, right, value, size of the tree): one row with the bias, then tree by tree."""

    beat: NDArray[np.float64]
    """Is a beat ventricular; learnt on MIT-BIH DS1."""
    run: NDArray[np.float64]
    """Are the last beats and waves ventricular tachycardia; learnt on MIT-BIH and the alarms of CinC 2015."""
    artefact: NDArray[np.float64]
    """Is a beat none; learnt on MIT-BIH DS1 with and without the motion noise of NSTDB."""
    premature: NDArray[np.float64]
    """Is a conducted beat supraventricular; learnt on MIT-BIH DS1."""


@lru_cache(maxsize=1)
def models() -> Models:
    """The models that Vigil comes with."""
    return Models(*(np.asarray(np.load(FOLDER / f"{name}_model.npy"), np.float64) for name in Models._fields))


@njit(cache=True)
def log_odds(features, model):
    """The sum of small trees: each goes left where the feature is at most the threshold; node numbers count from its root."""
    total, k = model[0, 4], 1
    while k < model.shape[0]:
        start = k
        node = k
        while model[node, 0] >= 0.0:
            node = start + int(model[node, 2] if features[int(model[node, 0])] <= model[node, 1] else model[node, 3])
        total += model[node, 4]
        k = start + int(model[start, 5])
    return total
