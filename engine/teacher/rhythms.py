"""When the beats come: rhythm, rate, irregularity and early beats of ten seconds.

`ingest.course` plays scripts whose alarms are known to the sample; here nothing is scripted, every record has another rhythm, rate
and disorder of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
SECONDS = 10.0


class Rhythm(StrEnum):
    """What leads the heart."""

    SINUS = "sinus rhythm"
    ARRHYTHMIA = "sinus arrhythmia"
    TACHYCARDIA = "sinus tachycardia"
    BRADYCARDIA = "sinus bradycardia"
    FIBRILLATION = "atrial fibrillation"
    FLUTTER = "atrial flutter"
    PACED = "paced rhythm"
    SUPRAVENTRICULAR = "supraventricular tachycardia"


R = Rhythm
SHARES: dict[Rhythm, float] = {
    R.SINUS: 0.52, R.ARRHYTHMIA: 0.06, R.TACHYCARDIA: 0.10, R.BRADYCARDIA: 0.10, R.FIBRILLATION: 0.11, R.FLUTTER: 0.05, R.PACED: 0.04,
    R.SUPRAVENTRICULAR: 0.02,
}  # fmt: skip
"""How often each is drawn: rare ones more often than on a ward, so that they are learnt."""
RATES_BPM: dict[Rhythm, tuple[float, float]] = {
    R.SINUS: (60.0, 100.0), R.ARRHYTHMIA: (52.0, 95.0), R.TACHYCARDIA: (100.0, 160.0), R.BRADYCARDIA: (36.0, 60.0),
    R.FIBRILLATION: (45.0, 165.0), R.PACED: (55.0, 95.0), R.SUPRAVENTRICULAR: (140.0, 210.0),
}  # fmt: skip
"""Drawn evenly; that of flutter follows from its waves and block. The limits of 60 and 100 are those of Surawicz and Knilans, Chou's, 6th ed."""
SINUS = frozenset({R.SINUS, R.ARRHYTHMIA, R.TACHYCARDIA, R.BRADYCARDIA})
FLUTTER_BPM = (220.0, 340.0)
_BLOCKS = (2, 2, 3, 4, 4, 5)
_VARIABLE = ((2, 3, 4, 5), (0.35, 0.15, 0.40, 0.10))
_SHORTEST_FIBRILLATING_S = 0.27

NORMAL, VENTRICULAR, ATRIAL = 0, 1, 2
"""Kinds of a beat."""


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """The beats of a record, some of which lie ahead of its begin or behind its end."""

    onset_s: NDArray[np.float64]
    """(n,) onset of each QRS."""
    rr_s: NDArray[np.float64]
    """(n,) interval before each."""
    kind: NDArray[np.int64]
    """(n,) NORMAL, VENTRICULAR or ATRIAL."""
    expected_s: NDArray[np.float64]
    """(n,) where the beat would have come had it not been early."""
    usual_rr_s: float
    flutter_bpm: float = 0.0
    """Waves of the atria a minute, of flutter alone."""

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(n,) whether a beat lies well within the ten seconds."""
        return np.asarray((self.onset_s > 0.1) & (self.onset_s < SECONDS - 0.2))


def draw_rhythm(rng: Rng) -> Rhythm:
    """One by its share."""
    share = rng.random()
    for rhythm, part in SHARES.items():
        share -= part
        if share < 0:
            return rhythm
    return R.SINUS


def draw_timing(rng: Rng, rhythm: Rhythm) -> Timing:
    """Ten seconds of this rhythm, begun anywhere between two beats."""
    flutter_bpm, block = 0.0, 1
    if rhythm is R.FLUTTER:
        flutter_bpm, block = rng.uniform(*FLUTTER_BPM), int(rng.choice(_BLOCKS))
        usual = 60.0 * block / flutter_bpm
    else:
        usual = 60.0 / rng.uniform(*RATES_BPM[rhythm])
    count = int((SECONDS + 3.0) / min(usual, 120.0 / flutter_bpm if flutter_bpm else usual)) + 6
    if rhythm is R.FIBRILLATION:
        rr = _fibrillating(rng, usual, count)
    elif rhythm is R.FLUTTER and rng.random() < 0.35:
        rr = 60.0 / flutter_bpm * rng.choice(_VARIABLE[0], count, p=_VARIABLE[1])
    elif rhythm is R.PACED:
        rr = usual + rng.normal(0.0, 0.001, count)
    else:
        rr = _breathing(rng, usual, count, rhythm)
    kind = _early_kinds(rng, rhythm, count)
    rr, lag = _early(rng, rr, kind)
    onset = np.cumsum(rr) - usual * rng.uniform(0.2, 1.4)
    keep = onset < SECONDS + 0.5
    return Timing(onset[keep], rr[keep], kind[keep], (onset + lag)[keep], usual, flutter_bpm)


def _fibrillating(rng: Rng, usual: float, count: int) -> NDArray[np.float64]:
    """Gamma distributed intervals, as AV conduction gives them; their spread is 15 or 22 % of the mean."""
    spread = 0.22 if rng.random() < 0.7 else 0.15
    rr = np.clip(rng.gamma(1.0 / spread**2, spread**2, count), 0.45, 2.3)
    return np.asarray(np.maximum(rr / rr.mean() * usual, _SHORTEST_FIBRILLATING_S))


def _breathing(rng: Rng, usual: float, count: int, rhythm: Rhythm) -> NDArray[np.float64]:
    depth = rng.uniform(0.10, 0.22) if rhythm is R.ARRHYTHMIA else rng.uniform(0.003, 0.05)
    phase = 2 * np.pi * (rng.uniform(0.15, 0.35) * usual * np.arange(1, count + 1) + rng.random())
    return np.asarray(usual * (1.0 + depth * np.sin(phase) + rng.normal(0.0, 0.006, count)))


def _early_kinds(rng: Rng, rhythm: Rhythm, count: int) -> NDArray[np.int64]:
    """Ventricular beats in a tenth of sinus rhythm and fibrillation, atrial ones in 7 % of sinus rhythm; the first beat is never early."""
    kind = np.zeros(count, np.int64)
    chance = rng.random()
    if rhythm in SINUS | {R.FIBRILLATION} and chance < 0.10:
        if rng.random() < 0.15:
            kind[::2] = VENTRICULAR
        else:
            kind[rng.random(count) < rng.uniform(0.08, 0.30)] = VENTRICULAR
    elif rhythm in SINUS and chance < 0.17:
        kind[rng.random(count) < rng.uniform(0.07, 0.25)] = ATRIAL
    kind[0] = NORMAL
    return kind


def _early(
    rng: Rng, rr: NDArray[np.float64], kind: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Intervals with the early beats in their places, and how much each is early.

    Four of five ventricular beats are followed by a full pause, for the sinus node goes on; an atrial one resets it.
    """
    rr, lag = rr.copy(), np.zeros(len(rr))
    for k in np.flatnonzero(kind[:-1]).tolist():
        whole = rr[k]
        if kind[k] == VENTRICULAR:
            coupling = rng.uniform(0.55, 0.80)
            if rng.random() < 0.8:
                rr[k + 1] = whole * (2.0 - coupling) * rng.uniform(0.95, 1.02)
        else:
            coupling = rng.uniform(0.60, 0.82)
        rr[k] = whole * coupling
        lag[k] = whole - rr[k]
    return rr, lag
