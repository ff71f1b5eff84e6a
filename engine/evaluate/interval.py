"""A figure with its 95 % interval: percentiles over resampled recordings (Efron 1979, Ann Stat 7, 1-26), seed 0."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUNDS = 2000
Floats = NDArray[np.float64]
OfSums = Callable[[Floats], Floats]
"""From sums of columns (rounds, columns) to a figure (rounds,), NaN where it is not defined."""


def of_sums(table: ArrayLike, of: OfSums, groups: Sequence[Hashable] | None = None) -> dict[str, float | None]:
    """`value`, `low` and `high` of a figure that rests on sums over the rows of a table (rows, columns).

    groups: of each row; rows of one group (answers about one recording) are drawn together. None where nothing is defined.
    """
    rows = np.asarray(table, np.float64)
    rows = rows[:, None] if rows.ndim == 1 else rows
    if groups is not None and len(rows):
        places = {name: k for k, name in enumerate(dict.fromkeys(groups))}
        at = np.array([places[name] for name in groups])
        rows = np.stack([np.bincount(at, column, len(places)) for column in rows.T], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = float(of(rows.sum(axis=0, keepdims=True))[0]) if len(rows) else float("nan")
        found = of(_drawn(len(rows)) @ rows) if len(rows) > 1 else np.empty(0)
    found = found[np.isfinite(found)]
    low, high = np.percentile(found, [2.5, 97.5]) if found.size and np.isfinite(value) else (None, None)
    return {
        "value": value if np.isfinite(value) else None,
        "low": None if low is None else float(low),
        "high": None if high is None else float(high),
    }


@lru_cache(maxsize=8)
def _drawn(count: int) -> Floats:
    """(ROUNDS, count): how often each of so many rows is drawn in each round."""
    rng = np.random.default_rng(0)
    return np.stack([np.bincount(rng.integers(0, count, count), minlength=count) for _ in range(ROUNDS)]).astype(
        np.float64
    )


def ratio(part: int, whole: int) -> OfSums:
    """One sum over another: a mean where the second column counts."""
    return lambda sums: np.asarray(sums[:, part] / sums[:, whole], np.float64)


def mean(values: Sequence[float | None], groups: Sequence[Hashable] | None = None) -> dict[str, Any]:
    """Mean of what is known, with its interval and how many those are."""
    table = [(0.0, 0.0) if v is None else (float(v), 1.0) for v in values]
    return {**of_sums(np.array(table).reshape(-1, 2), ratio(0, 1), groups), "n": sum(v is not None for v in values)}
