"""Learn by what atrial fibrillation is told (`stream.atrial.WEIGHTS`, `BIAS`) from MIT-BIH, and check it out of fold.

`vigil learn rhythm --data DIR` prints the constants and the scores. Nothing is
drawn at random: the same records give the same constants.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import run
from infra.score.rhythms import MARKS, marked
from stream import atrial

SAME_PATIENT = {"202": "201"}


@dataclass(frozen=True, slots=True)
class Seconds:
    """One record, second by second."""

    patient: str
    features: NDArray[np.float64]
    known: NDArray[np.bool_]
    flutter: NDArray[np.bool_]
    truth: NDArray[np.bool_]


def collect(path: str) -> Seconds:
    """Play a record and read the state of the bed after each second."""
    import wfdb

    from ingest.open_recording import read_recording
    from stream.bank import Bank
    from stream.checkpoint import decode_checkpoint
    from stream.offline import frames

    recording = read_recording(path)
    seconds = int(recording.samples.shape[1] / recording.rate_hz)
    features, known, flutter = np.zeros((seconds, 3)), np.zeros(seconds, bool), np.zeros(seconds, bool)
    bank = Bank(0.0)
    for k, frame in enumerate(frames(recording)):
        bank.take([frame])
        if k < seconds:
            state = decode_checkpoint(bank.checkpoint(frame.session.bed)[1])[1]
            assert state is not None
            features[k], known[k], flutter[k] = state["atrial_features"], state["atrial_known"], state["fluttering"]
    marks = wfdb.rdann(path, "atr")
    truth = marked(marks.sample.tolist(), marks.aux_note, MARKS["af"], recording.rate_hz, seconds)
    name = Path(path).name
    return Seconds(SAME_PATIENT.get(name, name), features, known, flutter, truth)


def fit(some: list[Seconds]) -> NDArray[np.float64]:
    """Weights and, last, the bias: logistic regression by Newton steps, without a penalty."""
    x = np.concatenate([np.column_stack([s.features, np.ones(len(s.known))])[s.known] for s in some])
    y = np.concatenate([s.truth[s.known] for s in some])
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1.0 / (1.0 + np.exp(-(x @ w)))
        w += np.linalg.solve(x.T @ (x * (p * (1.0 - p))[:, None]), x.T @ (y - p))
    return w


def shown(record: Seconds, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(seconds,) whether AF would be shown, by the rule of `stream.atrial.show` itself."""
    from stream.state import new_states

    state: Any = new_states(1)[0]
    found = np.zeros(len(record.known), bool)
    odds = record.features @ weights[:-1] + weights[-1] + atrial.LEAN
    for k, known in enumerate(record.known.tolist()):
        if known:
            atrial.show(state, odds[k], bool(record.flutter[k]), k, 1.0)
        found[k] = bool(state["afib_shown"])
    return found


def folds(all_: list[Seconds]) -> list[list[str]]:
    """Patients with AF one by one, each together with its share of the others."""
    with_af = sorted({s.patient for s in all_ if s.truth.any()})
    others = sorted({s.patient for s in all_} - set(with_af))
    return [[patient, *others[k :: len(with_af)]] for k, patient in enumerate(with_af)]


def told(records: list[Seconds], weights: list[NDArray[np.float64]]) -> str:
    """Duration sensitivity and positive predictivity in percent."""
    ours = [shown(r, w) for r, w in zip(records, weights, strict=True)]
    truth, claimed = np.concatenate([r.truth for r in records]), np.concatenate(ours)
    both, missed, invented = (int(cell.sum()) for cell in (truth & claimed, truth & ~claimed, ~truth & claimed))
    return f"Se {100 * run.share(both, missed):.1f}  PPV {100 * run.share(both, invented):.1f}"


def rhythm(args: argparse.Namespace) -> int:
    """Print the weights fitted on everything, and what the rule tells out of fold."""
    paths = run.annotated(run.folder(args, "mitdb"), ".atr")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        records = list(pool.map(collect, paths))
    apart = {}
    for fold in folds(records):
        weights = fit([r for r in records if r.patient not in fold])
        apart.update(dict.fromkeys(fold, weights))
    everything = fit(records)
    print(f"out of fold: {told(records, [apart[r.patient] for r in records])}")
    print(f"all: {told(records, [everything] * len(records))}")
    print("WEIGHTS, BIAS =", np.round(everything, 3).tolist())
    return 0
