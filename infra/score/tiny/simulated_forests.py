"""Forests that learnt from measured features of simulated records alone: what the teacher tells of real ones through what Vigil measures.

The records are drawn and measured as real ones are; their findings are known by construction, no real label has a part in it. Sizes follow from
room: a file of a few megabytes; what had been looked at before is told in `docs/tiny.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.findings.features import Features, features
from engine.findings.forest import Forests, load, save
from engine.instruct.labels import FIFTEEN
from engine.teacher.record import recorded_of
from infra.score import run, trees
from infra.score.findings import CLASSES, with_group
from infra.score.learn_findings import filled, grown, usual
from ingest.frame import LEADS
from ingest.open_recording import from_physical
from stream.offline import segment_at
from stream.trigger import MODEL_HZ

RECORDS, FIRST = 8000, 600_000_000
"""Simulated records, of seeds that no tower was taught on."""
TREES, LEAST_IN_LEAF = 100, 20


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A simulated record as it is learnt from."""

    features: Features
    labels: NDArray[np.float64]
    """(classes,) 1, 0, and NaN where it is not told."""


def measured(item: tuple[str, int]) -> Measured:
    """The record of a seed; raises Unscorable where nothing can be measured of it."""
    told, recorded = recorded_of(item[1])
    there = np.flatnonzero(recorded.mask)
    names = [LEADS[k] for k in there]
    values = recorded.steps[there] / recorded.steps_per_mv
    segment = segment_at(from_physical(item[0], float(MODEL_HZ), names, ["mV"] * len(names), values), None)
    found = features(segment)
    if not found:
        raise run.Unscorable(segment.unreadable or "nothing could be measured")
    return Measured(found, with_group(told[None, : len(FIFTEEN)].astype(np.float64))[0])


def forests(file: Path, count: int = RECORDS) -> Forests:
    """The forests of so many simulated records; kept in a file."""
    if not file.exists():
        found = run.over(measured, [(f"simulated-{FIRST + k}", FIRST + k) for k in range(count)], "simulated records")
        save(made(found), file)
    return load(file)


def made(found: list[Measured]) -> Forests:
    """One forest per class; slope and offset are those of no scaling, for the shares are those of simulated patients."""
    names = tuple(sorted({name for one in found for name in one.features}))
    rows = np.array([[one.features.get(name, np.nan) for name in names] for one in found])
    truth = np.array([one.labels for one in found])
    typical = usual(rows)
    full, kept = filled(rows, typical), []
    for c, name in enumerate(CLASSES):
        known = ~np.isnan(truth[:, c])
        carries = truth[known, c] == 1.0
        if 0 < carries.sum() < len(carries):
            kept.append((name, trees.forest(grown(full[known], carries, TREES, LEAST_IN_LEAF))))
    labels, grew = zip(*kept, strict=True)
    return Forests(labels, names, typical, grew, np.ones(len(labels)), np.zeros(len(labels)))


def logits(told: Forests, names: tuple[str, ...], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(records, classes) of features (records, names); NaN of a class without a forest."""
    found = np.full((len(rows), len(CLASSES)), np.nan)
    columns = [CLASSES.index(label) for label in told.labels]
    for k, row in enumerate(rows):
        found[k, columns] = told.logits(told.row(dict(zip(names, row.tolist(), strict=True))))
    return found
