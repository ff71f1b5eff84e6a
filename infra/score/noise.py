"""Beats in the noise of NSTDB, by artefact trees that know only the other half of it."""

from __future__ import annotations

from dataclasses import dataclass
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


def knowing(half: str) -> Models:
    """The trees of Vigil, but for those that tell artefacts: they know one half of the noise."""
    return models()._replace(artefact=np.load(Path(__file__).with_name(KNOWING.format(half))))


def left_out(path: str) -> Halves:
    """Play a record twice: the early half counts by the trees that know the late one, and the other way round."""
    early = _half(path, knowing("late"), ec57.LEARNING_S, BETWEEN_S)
    return Halves(Path(path).name, early + _half(path, knowing("early"), BETWEEN_S, np.inf))


def _half(path: str, learnt: Models, first_s: float, stop_s: float) -> NDArray[np.int64]:
    import wfdb

    from ingest.open_recording import read_recording
    from stream.offline import analyse

    marks, recording = wfdb.rdann(path, "atr"), read_recording(path)
    annotated = ec57.beats_of((int(s), m) for s, m in zip(marks.sample, marks.symbol, strict=True) if m in ec57.BEATS)
    told = ec57.beats_of((b.sample, str(b.kind)) for t in analyse(recording, learnt=learnt).trends for b in t.beats)
    rate = recording.rate_hz
    truth, found = (b.where((b.at >= first_s * rate) & (b.at < stop_s * rate)) for b in (annotated, told))
    same = ec57.pairs(found.at, truth.at, ec57.MATCH_S * rate)
    return np.array(ec57.detected(ec57.confusion(found, truth, same)))
