"""What filled forms amount to: means by system, differences between systems, and how far readers agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from engine.evaluate.interval import mean
from engine.evaluate.ratings import COLUMNS, POINTS

Rows = Sequence[Mapping[str, Any]]


def weighted_kappa(first: Sequence[int], second: Sequence[int], points: Sequence[int] = POINTS) -> float | None:
    """Agreement of two readers beyond chance, quadratic weights (Cohen 1968, Psychol Bull 70, 213-220); -1..1.

    None where it is not defined: nothing was rated by both, or both gave one and the same point throughout.
    """
    place = {point: k for k, point in enumerate(points)}
    seen = np.zeros((len(points), len(points)))
    for a, b in zip(first, second, strict=True):
        seen[place[a], place[b]] += 1.0
    if not seen.sum():
        return None
    seen /= seen.sum()
    apart = np.subtract.outer(np.arange(len(points)), np.arange(len(points))) ** 2.0
    chance = float((apart * np.outer(seen.sum(axis=1), seen.sum(axis=0))).sum())
    return 1.0 - float((apart * seen).sum()) / chance if chance > 0.0 else None


def summary(rows: Rows) -> dict[str, Any]:
    """Means by system and column with intervals over records, differences of systems on the same records, agreement of readers."""
    systems = sorted({row["system"] for row in rows})
    return {
        "ratings": len(rows), "records": len({row["record"] for row in rows}), "raters": sorted({row["rater"] for row in rows}),
        "systems": {
            name: {c: _mean([r for r in rows if r["system"] == name], c) for c in COLUMNS} for name in systems
        },
        "differences": [
            {"first": a, "second": b, **{c: _difference(rows, a, b, c) for c in COLUMNS}} for a, b in combinations(systems, 2)
        ],
        "agreement": {c: _agreement(rows, c) for c in COLUMNS},
    }  # fmt: skip


def _mean(rows: Rows, column: str) -> dict[str, Any]:
    return mean([row[column] for row in rows], [row["record"] for row in rows])


def _difference(rows: Rows, first: str, second: str, column: str) -> dict[str, Any]:
    """First minus second, of each reader and record that rated both."""
    given = {(r["rater"], r["record"], r["system"]): r[column] for r in rows}
    both = [(rater, record) for rater, record, system in given if system == first and (rater, record, second) in given]
    return mean([given[(*one, first)] - given[(*one, second)] for one in both], [record for _, record in both])


def _agreement(rows: Rows, column: str) -> dict[str, Any]:
    """Weighted kappa of each two readers over the forms that both rated, and its mean over pairs in which it is defined."""
    by_rater: dict[str, dict[str, int]] = {}
    for row in rows:
        by_rater.setdefault(row["rater"], {})[row["form"]] = row[column]
    pairs: list[dict[str, Any]] = []
    kappas: list[float | None] = []
    for a, b in combinations(sorted(by_rater), 2):
        common = sorted(by_rater[a].keys() & by_rater[b].keys())
        kappas.append(weighted_kappa([by_rater[a][f] for f in common], [by_rater[b][f] for f in common]))
        pairs.append({"raters": [a, b], "forms": len(common), "kappa": kappas[-1]})
    known = [kappa for kappa in kappas if kappa is not None]
    return {"kappa": float(np.mean(known)) if known else None, "pairs": pairs}
