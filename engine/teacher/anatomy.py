"""Where the electrodes lie: from the dipole of the heart to twelve leads, a little different in every patient.

Axes: x to the left, y to the feet, z to the back, in mV.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ingest.waveform import twelve

Vectors = NDArray[np.float64]
"""(..., 3) dipoles."""

DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)
"""Rows I, II, V1..V6 (Dower 1980, J Electrocardiol 13, 247-252).

`ingest.waveform.PROJECTION` is the same matrix rounded, with less in V5. It stays so, for figures of the alarms were measured on the
signals that it gives; what is learnt here is held against real voltages, which the rounding would bend.
"""
ATRIAL = np.array([1.5, 1.15, 0.8, 0.6, 0.55, 0.55, 0.55, 0.6])
"""What of DOWER holds for the atria, which lie further from the chest electrodes than the ventricles that it was made for: so that P waves of
simulated normals are as high in each lead as real ones."""
_SCALE_SD, _OFFSET_SD = 0.10, 0.03
"""By which the rows differ from patient to patient: about the differences between published matrices."""
_SHIFT_SD = 0.18
"""Of the way to the neighbour by which a chest electrode is misplaced: 1 cm of 5 to 6 cm is usual (Wenger 1996, J Electrocardiol 29, 179-184)."""
_CHEST = 2
"""First row of the chest leads."""


def draw_torso(rng: np.random.Generator) -> NDArray[np.float64]:
    """The (8, 3) projection of one patient: rows scaled, chest electrodes shifted towards a neighbour."""
    torso = DOWER * (1.0 + rng.normal(0.0, _SCALE_SD, DOWER.shape)) + rng.normal(0.0, _OFFSET_SD, DOWER.shape)
    shifts = rng.normal(0.0, _SHIFT_SD, len(DOWER) - _CHEST)
    for row, shift in enumerate(shifts.tolist(), _CHEST):
        other = min(max(row + (1 if shift > 0 else -1), _CHEST), len(DOWER) - 1)
        torso[row] = (1.0 - abs(shift)) * torso[row] + abs(shift) * torso[other]
    return torso


def seen(
    torso: NDArray[np.float64], dipole: NDArray[np.float64], atrial: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Dipoles (3, n) of the ventricles and of the atria -> (12, n) mV; limb leads obey Einthoven and Goldberger exactly."""
    # not by a library's matrix product, whose last bits change with the number of threads
    eight = np.einsum("lk,kn->ln", torso, dipole)
    if atrial is not None:
        eight += np.einsum("lk,kn->ln", torso * ATRIAL[:, None], atrial)
    return twelve(eight)


def turned(vectors: Vectors, frontal_rad: float, horizontal_rad: float) -> Vectors:
    """Dipoles turned in the frontal plane, from the left towards the feet, then in the horizontal one, from the left to the back."""
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    c, s = math.cos(frontal_rad), math.sin(frontal_rad)
    x, y = c * x - s * y, s * x + c * y
    c, s = math.cos(horizontal_rad), math.sin(horizontal_rad)
    return np.stack([c * x - s * z, y, s * x + c * z], axis=-1)
