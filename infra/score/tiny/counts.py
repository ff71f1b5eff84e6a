"""How often what is said of a finding is right: F1 with its interval, and how two sayings differ on the same resampled records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.bench import f1
from engine.evaluate.interval import of_sums
from engine.instruct.labels import SUPERCLASSES
from infra.score.findings import CLASSES, with_group

Floats = NDArray[np.float64]
MACRO = range(len(SUPERCLASSES))
NOTHING: dict[str, float | None] = {"value": None, "low": None, "high": None}


def said_of(labels: Sequence[Sequence[str]]) -> Floats:
    """(records, CLASSES): 1 of what is named of each record, 0 of the rest; both atrial rhythms make the group."""
    rows = np.array([[name in one for name in CLASSES[:-1]] for one in labels], np.float64)
    return with_group(rows.reshape(-1, len(CLASSES) - 1))


def cells(truth: Floats, said: Floats) -> Floats:
    """(records, classes, 4): right, false, missed, rightly silent; all 0 of what is not told. truth, said: 1, 0, NaN where it is not told."""
    known = ~np.isnan(truth + said)
    has, says = truth == 1.0, said == 1.0
    four = np.stack([has & says, ~has & says, has & ~says, ~has & ~says], axis=-1)
    return np.asarray(four & known[..., None], np.float64)


def counted(truth: Floats, said: Floats) -> dict[str, Any] | None:
    """F1 of one class with its 95 % interval over resampled records, Se, PPV, how many carry it and of how many it is said.

    None where nothing is told of any record, or no record carries it; ppv null where it is never said.
    """
    table = cells(truth, said)
    right, false, missed, _ = table.sum(axis=0)
    if not right + missed:
        return None
    found = of_sums(table, f1)
    return {
        "f1": found["value"], "low": found["low"], "high": found["high"], "se": float(right / (right + missed)),
        "ppv": float(right / (right + false)) if right + false else None,
        "positive": int(right + missed), "said": int(right + false),
    }  # fmt: skip


def by_class(truth: Floats, said: Floats) -> dict[str, Any]:
    """The same of each class that some record carries."""
    told = {name: counted(truth[:, c], said[:, c]) for c, name in enumerate(CLASSES)}
    return {name: one for name, one in told.items() if one is not None}


def macro(truth: Floats, said: Floats) -> dict[str, float | None]:
    """Mean F1 of the superclasses that some record carries, with its interval; null where there is none."""
    kept = _carried(truth)
    if not kept:
        return dict(NOTHING)
    table = cells(truth, said)[:, kept].reshape(len(truth), -1)
    return of_sums(table, lambda sums: _mean_f1(sums, len(kept)))


def difference(truth: Floats, less: Floats, more: Floats, among: Sequence[int] = MACRO) -> dict[str, float | None]:
    """How much larger the macro F1 of the second saying is, both judged on the same resampled records; null where there is none.

    among: columns of the classes that the mean is taken over, of those that some record carries; the superclasses.
    """
    kept = _carried(truth, among)
    width = 4 * len(kept)
    if not kept:
        return dict(NOTHING)
    table = np.concatenate([cells(truth, said)[:, kept].reshape(len(truth), -1) for said in (less, more)], axis=1)
    return of_sums(table, lambda sums: _mean_f1(sums[:, width:], len(kept)) - _mean_f1(sums[:, :width], len(kept)))


def _carried(truth: Floats, among: Sequence[int] = MACRO) -> list[int]:
    return [c for c in among if (truth[:, c] == 1.0).any()]


def _mean_f1(sums: Floats, count: int) -> Floats:
    return np.asarray(f1(sums.reshape(-1, count, 4)).mean(axis=1), np.float64)
