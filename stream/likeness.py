"""Beats beside each other by their shape: how far the QRS of each is the usual one, over the leads of ten seconds at 500 Hz."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream.measurement import Beat, BeatKind

SMOOTH = 8
"""Samples, 16 ms."""
BEFORE, BEHIND, SHIFT = 40, 60, 10
"""Samples around R that hold a QRS, and by how many it may be moved to fit."""
LEAST_MV = 0.005
"""Root mean square of a QRS below which there is no signal to compare."""
LEAST = 4
"""Beats from which on something may be said of all of them."""
ALIKE = 0.9
"""Correlation with the usual beat from which on a shape is alike."""


def smoothed(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """(leads, n) mV, each sample the mean of SMOOTH around it."""
    whole = np.cumsum(np.pad(signal, ((0, 0), (SMOOTH // 2, SMOOTH - SMOOTH // 2)), mode="edge"), axis=1)
    return np.asarray((whole[:, SMOOTH:] - whole[:, :-SMOOTH]) / SMOOTH)


def cuts(signal: NDArray[np.float64], begins: Sequence[int], length: int) -> NDArray[np.float64]:
    """(beats, leads, length) from these samples on, each lead of each without its mean and slope."""
    some = np.stack([signal[:, at : at + length] for at in begins])
    x = np.arange(length) - (length - 1) / 2
    some = some - some.mean(axis=2, keepdims=True)
    slopes = (some * x).sum(axis=2, keepdims=True) / (x * x).sum()
    return np.asarray(some - slopes * x)


def likeness(signal: NDArray[np.float64], beats: Sequence[Beat]) -> list[float | None]:
    """Of each beat the correlation, -1..1, of its QRS with the median one of those that are not ventricular; None near an end, or of too few.

    signal: (leads, n) mV at 500 Hz, smoothed, in whose samples the beats are.
    """
    length = BEFORE + BEHIND
    inside = [k for k, b in enumerate(beats) if BEFORE + SHIFT <= b.sample < signal.shape[1] - BEHIND - SHIFT]
    usual = [k for k in inside if beats[k].kind is not BeatKind.VENTRICULAR] or inside
    found: list[float | None] = [None] * len(beats)
    if len(usual) < LEAST:
        return found
    middle = np.median(cuts(signal, [beats[k].sample - BEFORE for k in usual], length), axis=0)
    size = float(np.sqrt((middle**2).sum()))
    if size < LEAST_MV * np.sqrt(middle.size):
        return found
    middle /= size
    for k in inside:
        begins = [beats[k].sample - BEFORE + move for move in range(-SHIFT, SHIFT + 1, 2)]
        some = cuts(signal, begins, length)
        sizes = np.sqrt((some**2).sum(axis=(1, 2))) + 1e-12
        found[k] = float(((some * middle).sum(axis=(1, 2)) / sizes).max())
    return found
