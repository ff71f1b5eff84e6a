"""`vigil learn findings --data DIR`: makes the forests of `engine.findings` out of labelled twelve-lead records.

Learnt from: PTB-XL folds 1 to 8 and the records of CinC 2020/21 that are not PTB-XL's. The figures are out of fold over
patients, near-doubles on one side (`engine.instruct.doubles`): forests and scaling are made eight times without one fold. What
ships is made once on all of them. Nothing is chosen here: sizes of the forests are those of the first study, features were
not selected. The result is the same on every run.
"""

from __future__ import annotations

import argparse
import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.findings import prints as fingerprints
from engine.findings.forest import FILE, Forests, logit, save
from engine.findings.trained_on import write
from engine.instruct.doubles import grouped, pairs
from engine.instruct.labelled import Entry, recording_of
from engine.instruct.produce import prints
from infra.score import run, trees
from infra.score.findings import CLASSES, Read, carried, figures, lines, read

SETS = ("ptbxl", "cinc2021")
FOLDS = range(1, 9)
TREES, LEAST_IN_LEAF, SHARE = 300, 2, 0.2
LEAST_CASES = 5
"""Of a label, below which there is no forest."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What is learnt from, one row a record."""

    names: tuple[str, ...]
    rows: NDArray[np.float64]
    """(records, features), NaN where unknown."""
    labels: NDArray[np.bool_]
    """(records, classes)."""
    fold: NDArray[np.int64]


def findings(args: argparse.Namespace) -> int:
    """Learn on everything, write forests with digests and fingerprints of what was learnt from, print the figures out of fold."""
    found, fold = gathered(args)
    table = tabled(found, fold)
    told = out_of_fold(found, table)
    save(ship(table, told["logits"]), FILE)
    write({one.digest for one in found})
    fingerprints.write(FILE.parent, [fingerprints.fingerprint(recording_of(one.entry)) for one in found])
    del told["logits"]
    print(json.dumps(told, allow_nan=False) if args.json else lines(told))
    return 0


def gathered(args: argparse.Namespace) -> tuple[list[Read], NDArray[np.int64]]:
    """Every record that is learnt from, and its fold."""
    from engine.instruct.sets import entries

    listed = [entry for name in SETS for entry in entries(name, run.folder(args, name))]
    alike = pairs(prints(listed, os.cpu_count() or 1, run.progress))
    run.progress("")
    told, groups = grouped(listed, alike, frozenset(FOLDS))
    kept = [e for e in told if not e.left_out and (e.fold is None or e.fold in FOLDS)]
    found = run.over(read, [(e.place, e) for e in kept])
    return found, np.array([fold_of(one.entry, groups, kept) for one in found])


def fold_of(entry: Entry, groups: dict[str, str], entries: Sequence[Entry]) -> int:
    """The least fold of its group; of a group without one, a number that follows from its name alone."""
    group = groups[entry.name]
    known = [e.fold for e in entries if e.fold is not None and groups[e.name] == group]
    return min(known) if known else FOLDS[zlib.crc32(group.encode()) % len(FOLDS)]


def tabled(found: Sequence[Read], fold: NDArray[np.int64]) -> Table:
    """Records as rows; features in the order of their names."""
    names = tuple(sorted({name for one in found for name in one.features}))
    rows = np.array([[one.features.get(name, np.nan) for name in names] for one in found])
    return Table(names, rows, carried([one.entry for one in found]) == 1.0, fold)


def grown(
    rows: NDArray[np.float64], carries: NDArray[np.bool_], trees: int = TREES, least_in_leaf: int = LEAST_IN_LEAF
) -> Any:
    """Extremely randomised trees (Geurts 2006, Mach Learn 63, 3-42) on rows without NaN."""
    from sklearn.ensemble import ExtraTreesClassifier

    model = ExtraTreesClassifier(trees, min_samples_leaf=least_in_leaf, max_features=SHARE, random_state=0)
    return model.fit(rows.astype(np.float32), carries)


def usual(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(features,) median of the known values; 0 of a feature that nobody has."""
    known = ~np.isnan(rows)
    return np.array([np.median(c[k]) if k.any() else 0.0 for c, k in zip(rows.T, known.T, strict=True)])


def filled(rows: NDArray[np.float64], typical: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unknown values as usual."""
    return np.where(np.isnan(rows), typical, rows)


def scaling(logits: NDArray[np.float64], carries: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset by which a logit becomes one of a probability (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(logits[:, None], carries)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def out_of_fold(found: Sequence[Read], table: Table) -> dict[str, Any]:
    """The figures where each record is judged by what was made without its fold; and the logits, for the scaling that ships."""
    logits = logits_apart(table, FOLDS)
    likely = scaled_apart(logits, table, FOLDS)
    return {**figures([one.entry for one in found], likely, [one.seconds for one in found], 0), "logits": logits}


def logits_apart(table: Table, folds: Sequence[int]) -> NDArray[np.float64]:
    """(records, classes) logits, those of a fold by forests that were made without it."""
    logits = np.full(table.labels.shape, np.nan)
    for fold, part in zip(folds, run.over(_apart, [(str(fold), fold, table) for fold in folds], "folds"), strict=True):
        logits[table.fold == fold] = part
    return logits


def _apart(item: tuple[str, int, Table]) -> NDArray[np.float64]:
    """Logits of the records of a fold by forests that were made without it, NaN of a label that too few of the others carry."""
    _, fold, table = item
    there = table.fold == fold
    typical = usual(table.rows[~there])
    learnt, judged = filled(table.rows[~there], typical), filled(table.rows[there], typical).astype(np.float32)
    found = np.full((int(there.sum()), len(CLASSES)), np.nan)
    for c in range(len(CLASSES)):
        if table.labels[~there, c].sum() >= LEAST_CASES and len(judged):
            found[:, c] = logit(grown(learnt, table.labels[~there, c]).predict_proba(judged)[:, 1])
    return found


def scaled_apart(logits: NDArray[np.float64], table: Table, folds: Sequence[int]) -> NDArray[np.float64]:
    """Probabilities, those of a fold by the scaling of the logits of the other folds."""
    likely = np.full(logits.shape, np.nan)
    for c in range(len(CLASSES)):
        known = ~np.isnan(logits[:, c])
        for fold in folds:
            there = table.fold == fold
            others = known & ~there
            if others.any() and table.labels[others, c].any():
                slope, offset = scaling(logits[others, c], table.labels[others, c])
                likely[there, c] = 1.0 / (1.0 + np.exp(-(slope * logits[there, c] + offset)))
    return likely


def ship(table: Table, logits: NDArray[np.float64]) -> Forests:
    """Forests of all records, with the scaling of the logits out of fold."""
    typical, kept = usual(table.rows), []
    for c, name in enumerate(CLASSES):
        known = ~np.isnan(logits[:, c])
        if table.labels[:, c].sum() >= LEAST_CASES and known.any():
            model = grown(filled(table.rows, typical), table.labels[:, c])
            kept.append((name, trees.forest(model), *scaling(logits[known, c], table.labels[known, c])))
    labels, forests, slopes, offsets = zip(*kept, strict=True)
    return Forests(labels, table.names, typical, forests, np.array(slopes), np.array(offsets))


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """The figures out of fold, nothing written."""
    found, fold = gathered(args)
    told = out_of_fold(found, tabled(found, fold))
    del told["logits"]
    return told
