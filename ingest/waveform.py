"""The heart of the simulator: a moving dipole seen from twelve leads.

Each wave is a Gaussian in time along a direction in space (McSharry 2003, IEEE Trans Biomed Eng 50, 289-294, in three
dimensions); leads are projections (Dower 1980, J Electrocardiol 13, 247-252, rounded).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# x to the left, y to the feet, z to the back; rows I, II, V1..V6
PROJECTION = np.array(
    [
        [0.63, -0.24, 0.06],
        [0.24, 1.07, -0.13],
        [-0.52, 0.16, -0.92],
        [0.04, 0.16, -1.39],
        [0.88, 0.10, -1.28],
        [1.21, 0.13, -0.60],
        [1.04, 0.13, -0.09],
        [0.83, 0.08, 0.23],
    ]
)
"""Eight independent leads from a dipole in mV."""

Wave = tuple[float, float, float, float, float]
"""Centre and width (s, standard deviation) from R, and the dipole x, y, z at its peak (mV)."""

ONSET_S = 0.045
"""From the onset of a narrow QRS to R."""


@dataclass(frozen=True, slots=True)
class Heart:
    """One patient: what varies from person to person."""

    size: float = 1.0
    turn_rad: float = 0.0
    """Frontal rotation of everything."""
    pr_s: float = 0.16
    qt_s: float = 0.40
    """At 60 beats a minute; follows the RR interval by its cube root (Fridericia)."""
    wave_jitter: float = 0.03


P: tuple[Wave, ...] = ((0.0, 0.020, 0.06, 0.11, -0.02), (0.022, 0.020, 0.05, 0.06, 0.03))
"""Times from the middle of the P wave."""

NARROW: tuple[Wave, ...] = (
    (-0.026, 0.008, -0.12, 0.02, -0.22),
    (0.0, 0.011, 1.05, 0.95, 0.35),
    (0.022, 0.010, -0.10, -0.28, 0.62),
)
LEFT_BLOCK: tuple[Wave, ...] = (
    (-0.015, 0.018, 0.35, 0.25, 0.45),
    (0.025, 0.022, 0.95, 0.35, 0.95),
    (0.065, 0.020, 0.85, 0.05, 0.55),
)
RIGHT_BLOCK: tuple[Wave, ...] = (
    (-0.022, 0.008, -0.10, 0.05, -0.20),
    (0.0, 0.012, 0.95, 0.80, 0.30),
    (0.060, 0.020, -0.55, -0.10, -0.75),
)
VENTRICULAR: tuple[Wave, ...] = (
    (-0.035, 0.018, -0.60, 0.70, -0.95),
    (0.020, 0.022, -1.50, 1.60, -1.55),
    (0.075, 0.020, -0.60, 0.55, -0.35),
)
OTHER_VENTRICULAR: tuple[Wave, ...] = (
    (-0.035, 0.018, 0.80, -0.75, 0.35),
    (0.020, 0.022, 1.70, -1.35, 0.60),
    (0.075, 0.020, 0.45, -0.60, 0.70),
)
PACED: tuple[Wave, ...] = (
    (-0.020, 0.024, 0.45, -0.75, 0.55),
    (0.040, 0.028, 0.85, -1.15, 0.95),
    (0.085, 0.022, 0.35, -0.35, 0.35),
)
TALL_T = (0.30, 0.28, -0.10)
WIDE_T = (0.60, -0.55, 0.60)

QRS = {"N": NARROW, "L": LEFT_BLOCK, "R": RIGHT_BLOCK, "V": VENTRICULAR, "W": OTHER_VENTRICULAR, "/": PACED}
SHIFT = {"anterior": (0.10, -0.05, -0.26), "inferior": (-0.10, 0.28, 0.06)}
"""Dipole of the ST shift in mV."""


def beat(
    heart: Heart, kind: str, rr_s: float, rate_hz: float, shift: tuple[float, float, float] | None
) -> tuple[int, NDArray[np.float64]]:
    """QRS, ST and T of one beat: samples before R, and the dipole (n, 3)."""
    before, n = round(0.12 * rate_hz), round(0.85 * rate_hz)
    t = (np.arange(n) - before) / rate_hz
    out = np.zeros((n, 3))
    for centre, width, *vector in QRS[kind]:
        out += np.exp(-0.5 * ((t - centre) / width) ** 2)[:, None] * np.array(vector)
    wide = kind in ("V", "W", "/", "L")
    # a wide QRS lengthens QT by as much as it is wider: in left block by 85 ms, of which 15 ms lie ahead of R
    late_s = 0.07 if kind == "L" else 0.06 if wide else 0.0
    end = min(heart.qt_s * np.cbrt(min(rr_s, 1.6)), 0.85 * rr_s) + late_s
    direction = np.array(TALL_T)
    if wide:
        main = np.array(QRS[kind][1][2:])
        direction = -0.35 * main
    # QT counts from the onset of the QRS, times here from R
    peak, width = end - ONSET_S - 0.10, 0.042
    out += np.exp(-0.5 * ((t - peak) / width) ** 2)[:, None] * direction
    if shift is not None:
        rise = 1.0 / (1.0 + np.exp(-(t - 0.045) / 0.010))
        fall = 1.0 / (1.0 + np.exp((t - peak) / 0.06))
        out += (rise * fall)[:, None] * np.array(shift)
    return before, _turn(heart, out)


def p_wave(heart: Heart, rate_hz: float) -> tuple[int, NDArray[np.float64]]:
    """A P wave: samples before its middle, and the dipole (n, 3)."""
    before, n = round(0.08 * rate_hz), round(0.18 * rate_hz)
    t = (np.arange(n) - before) / rate_hz
    out = np.zeros((n, 3))
    for centre, width, *vector in P:
        out += np.exp(-0.5 * ((t - centre) / width) ** 2)[:, None] * np.array(vector)
    return before, _turn(heart, out)


def _turn(heart: Heart, dipole: NDArray[np.float64]) -> NDArray[np.float64]:
    c, s = np.cos(heart.turn_rad), np.sin(heart.turn_rad)
    x, y = dipole[:, 0] * c - dipole[:, 1] * s, dipole[:, 0] * s + dipole[:, 1] * c
    return heart.size * np.stack([x, y, dipole[:, 2]], axis=1)


def leads(dipole: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 3) dipole -> (12, n) mV; limb leads obey Einthoven and Goldberger exactly."""
    # by hand, not by matrix product: the same bits on every machine and thread count
    return twelve(np.stack([sum(row[k] * dipole[:, k] for k in range(3)) for row in PROJECTION]))


def twelve(eight: NDArray[np.float64]) -> NDArray[np.float64]:
    """I, II and V1 to V6 as rows (8, n) -> the twelve leads (12, n); limb leads follow (Einthoven 1913, Goldberger 1942)."""
    one, two = eight[0], eight[1]
    limb = [one, two, two - one, -(one + two) / 2.0, one - two / 2.0, two - one / 2.0]
    return np.concatenate([np.stack(limb), eight[2:]])
