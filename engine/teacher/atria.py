"""P waves, and what stands in their place: the waves of fibrillation and flutter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.teacher.conditions import Condition
from engine.teacher.rhythms import SINUS, Rhythm
from engine.teacher.waves import Waves, table, wave

Rng = np.random.Generator
C = Condition

PR_S = (0.152, 0.020, 0.112, 0.188)
"""Mean, deviation and limits; a first degree block begins above 200 ms (Surawicz 2009, Circulation 119, e235-e240)."""
BLOCKED_PR_S = (0.205, 0.325)
PREEXCITED_PR_S = (0.070, 0.108)
BLOCKED = 0.10
"""Share of first degree block in sinus rhythm."""
_RIGHT, _LEFT = (0.55, 0.85, -0.42), (0.95, 0.52, 0.30)
"""The right atrium is excited first, to the feet and the front, then the left one."""


@dataclass(frozen=True, slots=True, eq=False)
class Atria:
    """One patient's P wave."""

    p: Waves
    """(2, 6) from the onset of the P wave."""
    pr_s: float
    blocked: bool
    """First degree AV block."""
    present: bool
    """Whether there are P waves at all."""


def draw_atria(rng: Rng, rhythm: Rhythm, conditions: frozenset[Condition]) -> Atria:
    """The P wave of a patient in this rhythm."""
    mean, deviation, least, most = PR_S
    pr = float(np.clip(rng.normal(mean, deviation), least, most))
    if rhythm in (Rhythm.TACHYCARDIA, Rhythm.SUPRAVENTRICULAR):
        pr = max(pr - 0.02, 0.10)
    blocked = rhythm in SINUS and C.WPW not in conditions and rng.random() < BLOCKED
    if blocked:
        pr = rng.uniform(*BLOCKED_PR_S)
    elif C.WPW in conditions:
        pr = rng.uniform(*PREEXCITED_PR_S)
    elif rhythm is Rhythm.PACED:
        pr = rng.uniform(0.14, 0.20)
    length = float(np.clip(rng.normal(0.095, 0.010), 0.07, 0.118))
    size, left = 0.11 * float(np.exp(rng.normal(0.0, 0.3))), np.array(_LEFT)
    if C.LAE in conditions:
        length, left = rng.uniform(0.12, 0.145), np.array([0.8, 0.5, 1.0])
    if C.RAE in conditions:
        size *= rng.uniform(1.7, 2.5)
    length = min(length, pr - 0.012)
    width = length / 5.2
    rows = [
        wave(0.33 * length, width, width, 0.75 * size * np.array(_RIGHT)),
        wave(0.66 * length, width, width, 0.75 * size * left),
    ]
    present = rhythm in SINUS or (rhythm is Rhythm.PACED and rng.random() < 0.4)
    return Atria(table(rows), pr, blocked, present)


def fibrillating(rng: Rng, n: int, rate_hz: float) -> NDArray[np.float64]:
    """The dipole (3, n) of fibrillation: 4.5 to 8.5 Hz, drifting, largest towards V1 and the feet."""
    t = np.arange(n) / rate_hz
    hz = rng.uniform(4.5, 8.5) + 0.5 * np.cumsum(rng.standard_normal(n)) / np.sqrt(n)
    phase = 2 * np.pi * np.cumsum(hz) / rate_hz
    swell = 1.0 + 0.4 * np.sin(2 * np.pi * (rng.uniform(0.1, 0.6) * t + rng.random()))
    size = rng.uniform(0.015, 0.10) * swell
    main = size * (np.sin(phase) + 0.4 * np.sin(2 * phase + 2 * np.pi * rng.random()))
    other = size * np.sin(phase * rng.uniform(0.8, 1.2) + 2 * np.pi * rng.random())
    direction = np.array([rng.normal(0.0, 0.25), 0.7, -0.8])
    return np.asarray(direction[:, None] * main + rng.normal(0.0, 0.3, 3)[:, None] * other)


def fluttering(rng: Rng, n: int, rate_hz: float, per_min: float, from_s: float) -> NDArray[np.float64]:
    """The dipole (3, n) of flutter: a rounded saw, down in the inferior leads; its phase is held to the beats."""
    phase = per_min / 60.0 * (np.arange(n) / rate_hz - from_s) + rng.random()
    saw = 2.0 * (phase % 1.0) - 1.0
    width = round(0.052 * rate_hz)
    sums = np.cumsum(np.concatenate((np.zeros(1), np.pad(saw, width // 2, mode="edge"))))
    smooth = (sums[width:] - sums[:-width])[:n] / width + 0.3 * np.sin(2 * np.pi * phase)
    direction = rng.uniform(0.06, 0.2) * np.array([0.1, -1.0, rng.uniform(-0.6, 0.1)])
    return np.asarray(direction[:, None] * smooth)
