"""Learns what tells a supraventricular beat from a normal one, over the streaming path itself.

`vigil learn premature --data DIR` writes `stream/premature_model.npy` and prints figures by EC57 over MIT-BIH DS1 without 201
(de Chazal 2004). What the bed holds for usual depends on what was told before, so the trees are made in rounds, and every
recording is played with trees that know no beat of its patient. DS2 is not read.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import run
from infra.score.beats import told_counts
from infra.score.ec57 import AAMI, BEATS, LEARNING_S, MATCH_S, fibrillation
from infra.score.learn import SETTLED, STRETCH_S, along, balanced, fit, labels, rows, training
from stream.models import FOLDER, Models, models
from stream.state import PREMATURE_FEATURES

ROUNDS = 2
FOLDS = 7
RICH = ("209", "207", "118", "220", "223", "124", "114")
"""Patients with more than a few supraventricular beats: each is in a fold of its own."""
THIN = 12
"""Of plainly normal beats every twelfth is read, with twelve times the weight."""
LIKE, ON_TIME = 0.93, 0.95
"""What is plainly normal correlates with the leading form by this, and comes no earlier than this share of the usual RR."""
BALANCE = 0.4
"""As in `infra.score.learn`."""
COLUMNS = tuple(range(PREMATURE_FEATURES))


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """Beats of one recording: features (n, PREMATURE_FEATURES), AAMI class ("x": no beat), and whether it was told as S."""

    patient: str
    features: NDArray[np.float64]
    classes: NDArray[np.str_]
    told: NDArray[np.bool_]
    learnt_from: NDArray[np.bool_]
    """Taken for a normal or supraventricular beat, outside AF, VF and the first beats."""
    plain: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    """Shown, behind the learning time of EC57 and outside VF."""


def play(task: tuple[str, Models]) -> Played:
    """Play one recording with these trees."""
    import wfdb

    from ingest.open_recording import read_recording
    from stream.classify import NORMAL, SUPRAVENTRICULAR
    from stream.premature import FIBRILLATES
    from stream.state import BEATS as KEPT

    path, learnt = task
    recording, marks = read_recording(path), wfdb.rdann(path, "atr")
    features, told, known = [], [], 0
    for state, _ in along(recording, learnt, STRETCH_S):
        if state["beats"] != known:
            known = int(state["beats"])
            k = (known - 1) % KEPT
            kind, rr = int(state["beat_kind"][k]), float(state["features"][3])
            calm = kind in (NORMAL, SUPRAVENTRICULAR) and float(state["atrial_odds"]) < FIBRILLATES
            usual = float(state["beat_like"][k]) > LIKE and rr > ON_TIME
            features.append(state["premature_features"].copy())
            told.append((int(state["beat_at"][k]), calm, usual, kind == SUPRAVENTRICULAR, not state["beat_hidden"][k]))
    at, sinus, plain, early, shown = (np.array(column) for column in zip(*told, strict=True))
    here = np.isin(marks.symbol, sorted(BEATS))
    within = MATCH_S * recording.rate_hz
    symbols = labels(at, np.asarray(marks.sample)[here], np.asarray(marks.symbol)[here], within)
    classes = np.array([AAMI.get(one, "x") for one in symbols])
    readable = np.ones(len(at), np.bool_)
    for a, b in fibrillation(marks):
        readable = readable & ((at < a - within) | (at > b + within))
    from_ = sinus & readable & (np.arange(len(at)) >= SETTLED)
    counted = readable & shown & (at >= LEARNING_S * recording.rate_hz)
    return Played(Path(path).name, np.array(features), classes, early, from_, plain & (classes == "N"), counted)


def folds() -> dict[str, int]:
    """The fold of each patient."""
    rest = [name for name in training() if name not in RICH]
    return {name: k % FOLDS for some in (RICH, rest) for k, name in enumerate(some)}


def trees(played: list[Played]) -> NDArray[np.float64]:
    """The trees that these recordings teach."""
    keep = [p.learnt_from & (~p.plain | (np.arange(len(p.plain)) % THIN == 0)) for p in played]
    x = np.concatenate([p.features[k] for p, k in zip(played, keep, strict=True)])
    y = np.concatenate([p.classes[k] == "S" for p, k in zip(played, keep, strict=True)])
    weight = np.concatenate([np.where(p.plain, float(THIN), 1.0)[k] for p, k in zip(played, keep, strict=True)])
    patient = np.concatenate([np.full(int(k.sum()), p.patient) for p, k in zip(played, keep, strict=True)])
    return rows(fit(x, y, balanced(y, patient, weight, BALANCE)), COLUMNS, 0.0)


def without(learnt: NDArray[np.float64]) -> Models:
    """The models that Vigil comes with, with other trees for supraventricular beats."""
    return models()._replace(premature=learnt)


def figures(played: list[Played]) -> dict[str, Any]:
    """Sensitivity and positive predictivity of S over all beats that count."""
    total = np.zeros(3, np.int64)
    for p in played:
        s = p.classes == "S"
        false = p.told & ~s & (p.classes != "Q")
        total += [int((some & p.counted).sum()) for some in (p.told & s, ~p.told & s, false)]
    return told_counts(*(int(n) for n in total))


def learn(mitdb: Path) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """The array, and the figures of trees that were made without the patient."""
    fold = folds()
    nobody = np.array([[-1.0, 0.0, 0.0, 0.0, -9.0, 1.0]])
    apart: Mapping[int, NDArray[np.float64]] = dict.fromkeys(range(FOLDS), nobody)
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:

        def round_() -> list[Played]:
            return list(pool.map(play, [(str(mitdb / name), without(apart[fold[name]])) for name in training()]))

        played = round_()
        for _ in range(ROUNDS):
            apart = {k: trees([p for p in played if fold[p.patient] != k]) for k in range(FOLDS)}
            made, played = trees(played), round_()
    return made, figures(played)


def premature(args: argparse.Namespace) -> int:
    """Write the array and print the figures as one JSON object."""
    made, told = learn(run.folder(args, "mitdb"))
    np.save(FOLDER / "premature_model.npy", np.asarray(made, np.float32))
    print(json.dumps(told))
    return 0
