"""Coarse fingerprints of the signals that what ships was made of: a record is known again at another gain or rate, turned over, cut shorter, or without lead II.

A fingerprint is 64 numbers of eight bits, projections of the course of lead II: enough to tell records apart, too few to draw one from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.recording import Recording
from stream.segment import derive_limb_leads

FILE = "trained_on.npy"
"""Beside the digests: (records, 64) int8."""
NUMBERS = 64
ALIKE = 0.935
"""Correlation over the best lag: of copies at 250 and 360 Hz it was at least 0.950, of other records at most 0.83, of simulated ones 0.92 (docs/findings.md)."""
HZ = 100
FROM_S, TO_S = 1.0, 9.0
"""Of the first ten seconds, so that what is cut off at an end is no part of it."""
LAG_S, STEP_S = 0.6, 0.0025
"""How far a copy may begin elsewhere, and how finely that is looked for."""
BASE_S = 0.6
"""The slow course, which is taken off, is the mean over this time."""
_STEPS = 127

Floats = NDArray[np.float64]
Prints = NDArray[np.int8]


def fingerprint(recording: Recording) -> Prints:
    """(64,) int8 of lead II, else the first ECG lead; zeros where nothing is in it."""
    return _coarse(_projected(recording, np.zeros(1))[0])


def known(recording: Recording, prints: Prints) -> bool:
    """Whether a recording is one of those whose fingerprints these are, up to gain, sign, rate and a shift of half a second.

    prints: (records, 64) int8. The correlation over the best lag must lie above ALIKE.
    """
    return likeness(recording, prints) > ALIKE


def likeness(recording: Recording, prints: Prints) -> float:
    """Greatest correlation of its fingerprint, over all lags and of either sign, with one of these; 0 without any."""
    most = round(LAG_S / STEP_S)
    lags = np.arange(-most, most + 1, dtype=np.float64) * STEP_S
    alike = _of_length_1(_projected(recording, lags)) @ _of_length_1(prints.astype(np.float64)).T
    return float(np.abs(alike).max(initial=0.0))


def read(folder: Path) -> Prints:
    """The fingerprints that lie in a folder; none where there is no file of them."""
    file = folder / FILE
    return np.load(file, allow_pickle=False) if file.is_file() else np.zeros((0, NUMBERS), np.int8)


@lru_cache(maxsize=1)
def shipped() -> Prints:
    """Those of every signal that the shipped forests were made of."""
    return read(Path(__file__).parent)


def write(folder: Path, prints: Sequence[Prints]) -> None:
    """Put fingerprints into a folder, each once, in the order of their numbers."""
    rows = np.unique(np.array(prints, np.int8).reshape(-1, NUMBERS), axis=0)
    np.save(folder / FILE, rows[rows.any(axis=1)], allow_pickle=False)


def _projected(recording: Recording, lags_s: Floats) -> Floats:
    """(lags, 64) projections of the course between FROM_S and TO_S that begins so much later."""
    found: Floats = _courses(recording, lags_s) @ _directions().T
    return found


def _courses(recording: Recording, lags_s: Floats) -> Floats:
    """(lags, 800) means of 10 ms, less the slow course, of length 1; zeros of a lead that is flat or not there."""
    y = _lead_ii(recording)
    if y is None:
        return np.zeros((len(lags_s), round((TO_S - FROM_S) * HZ)))
    area = np.concatenate((np.zeros(1), np.cumsum(y - y.mean())))
    edges = np.arange(round((TO_S - FROM_S + BASE_S) * HZ) + 1) / HZ + FROM_S - BASE_S / 2 + lags_s[:, None]
    means = np.diff(np.interp(edges * recording.rate_hz, np.arange(len(area)), area), axis=1)
    half = round(BASE_S * HZ) // 2
    sums = np.cumsum(np.pad(means, ((0, 0), (1, 0))), axis=1)
    found = means[:, half:-half] - (sums[:, 2 * half + 1 :] - sums[:, : -2 * half - 1]) / (2 * half + 1)
    return _of_length_1(found)


def _lead_ii(recording: Recording) -> Floats | None:
    """(n,) lead II, as it is or as two other limb leads give it, else the first ECG lead; None where there is no ECG lead."""
    ecg = {s.name: row * s.mv_per_step for s, row in zip(recording.signals, recording.samples, strict=True) if s.is_ecg}
    moving = {name: row for name, row in ecg.items() if np.ptp(row) > 0}
    if "II" not in moving:
        derive_limb_leads(moving)
    return moving.get("II", next(iter(ecg.values()), None))


def _of_length_1(rows: Floats) -> Floats:
    """Each row over its length; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Floats = rows / np.where(length > 0, length, 1.0)
    return found


@lru_cache(maxsize=1)
def _directions() -> Floats:
    """(64, 800) of 1 and -1 in no order: as good as any, and the same everywhere."""
    count = NUMBERS * round((TO_S - FROM_S) * HZ)
    bits = np.unpackbits(np.frombuffer(hashlib.shake_256(b"lead II").digest(count // 8), np.uint8))
    return (bits.astype(np.float64) * 2.0 - 1.0).reshape(NUMBERS, -1)


def _coarse(values: Floats) -> Prints:
    most = float(np.abs(values).max())
    return np.rint(values * (_STEPS / most)).astype(np.int8) if most > 0 else np.zeros(NUMBERS, np.int8)
