"""Beats in the noise of NSTDB, by artefact trees that know only the other half of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from infra.score import ec57
from infra.score.learn import HALVES, KNOWING, NOISE_EVERY_S, QUIET_S
from stream.models import Models, models

BETWEEN_S = QUIET_S + HALVES["early"].stop * NOISE_EVERY_S - 60.0
"""Between the halves of the noise, in the middle of two quiet minutes."""


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """One record of NSTDB behind the learning time: beats found, missed and invented, of both halves together (3,)."""

    name: str
    counts: NDArray[np.int64]
    by_stretch: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    """The same of each ten seconds (stretches, 3)."""


def knowing(half: str) -> Models:
    """The trees of Vigil, but for those that tell artefacts: they know one half of the noise."""
    return models()._replace(artefact=np.load(Path(__file__).with_name(KNOWING.format(half))))


def left_out(path: str) -> Halves:
    """Play a record twice: the early half counts by the trees that know the late one, and the other way round."""
    early = _half(path, knowing("late"), ec57.LEARNING_S, BETWEEN_S)
    both = np.concatenate([early, _half(path, knowing("early"), BETWEEN_S, np.inf)])
    return Halves(Path(path).name, both.sum(axis=0), both)


def _half(path: str, learnt: Models, first_s: float, stop_s: float) -> NDArray[np.int64]:
    """Beats found, missed and invented in each ten seconds of one half, (stretches, 3)."""
    import wfdb

    from ingest.open_recording import read_recording
    from stream.offline import analyse

    marks, recording = wfdb.rdann(path, "atr"), read_recording(path)
    annotated = ec57.beats_of((int(s), m) for s, m in zip(marks.sample, marks.symbol, strict=True) if m in ec57.BEATS)
    told = ec57.beats_of((b.sample, str(b.kind)) for t in analyse(recording, learnt=learnt).trends for b in t.beats)
    rate = recording.rate_hz
    truth, found = (b.where((b.at >= first_s * rate) & (b.at < stop_s * rate)) for b in (annotated, told))
    same = ec57.pairs(found.at, truth.at, ec57.MATCH_S * rate)
    return ec57.counts_by_stretch(found, truth, same, first_s * rate, rate)
