"""What every score shares: the folder, the processes, progress, and how a figure is told."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from infra.cache import cache_dir
from infra.datasets import data_folder, databases_in, folder_of, records_in
from infra.plan import BadRequest
from infra.settings import Settings

ROUNDS = 2000
T = TypeVar("T")
Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From (rounds, records, columns) to (rounds,)."""


class Unscorable(ValueError):
    """A record lacks what a score needs; the rest of the sentence `record NAME is left out: ...`."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that could not be scored, and why."""

    name: str
    why: str


# folders ----------------------------------------------------------------------------------------------------------


def opened(args: argparse.Namespace) -> tuple[Path, Path]:
    """The folder of databases and the cache."""
    settings = Settings.from_environment()
    cache = cache_dir(settings.cache)
    return data_folder(args.data, settings), cache


def folder(args: argparse.Namespace, usual: str, fits: Callable[[Path], bool] | None = None) -> Path:
    """The database that --database names, else `usual`, else the first folder that fits, if any may; raises BadRequest."""
    data, cache = opened(args)
    named = getattr(args, "database", "")
    present = databases_in(data)
    if named or usual in present or fits is None:
        return folder_of(named or usual, data, cache)
    for name in present:
        place = folder_of(name, data, cache)
        if fits(place):
            return place
    raise BadRequest(f"{data} holds neither {usual} nor another database that can be scored here: name one with --data")


def beside(args: argparse.Namespace, name: str) -> Path | None:
    """The folder of a further database, None where it is not there."""
    data, cache = opened(args)
    return folder_of(name, data, cache) if name in databases_in(data) else None


def with_marks(suffix: str) -> Callable[[Path], bool]:
    """Whether a folder holds a record with annotations of this suffix."""
    return lambda place: bool(_annotated(place, suffix)[0])


def annotated(place: Path, suffix: str) -> list[str]:
    """Records of a folder that have annotations with this suffix; the others are named on standard error.

    Raises BadRequest where none has.
    """
    records, bare = _annotated(place, suffix)
    if not records:
        raise BadRequest(f"{place} holds no record with annotations ({suffix})")
    for path in bare:
        sys.stderr.write(f"record {path.name} is left out: it has no annotations ({suffix})\n")
    return [str(p) for p in records]


def _annotated(place: Path, suffix: str) -> tuple[list[Path], list[Path]]:
    records = records_in(place)
    marked = [p for p in records if p.with_name(p.name + suffix).exists()]
    return marked, [p for p in records if p not in set(marked)]


@lru_cache(maxsize=1)
def splits() -> dict[str, frozenset[str]]:
    """Names of records by split of MIT-BIH: paced, ds1, ds2."""
    table = tomllib.loads(Path(__file__).with_name("splits.toml").read_text())
    return {name: frozenset(records) for name, records in table.items() if isinstance(records, list)}


# records ----------------------------------------------------------------------------------------------------------


def over(score: Callable[[Any], T], records: Sequence[Any], what: str = "records") -> list[T]:
    """Score every record on all cores, with progress on a terminal; raises BadRequest where none can be scored.

    A record that cannot be scored is named on standard error with the reason, and left out.
    """
    one = partial(_attempt, score)
    found = [one(records[0])]  # compiles once, before the others would do it side by side
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for k, result in enumerate(pool.map(one, records[1:])):
            found.append(result)
            progress(f"{k + 2}/{len(records)} {what}")
    progress("")
    skipped = [result for result in found if isinstance(result, Skipped)]
    if len(skipped) == len(found):
        raise BadRequest(f"none of {len(found)} {what} could be scored; {skipped[0].name}: {skipped[0].why}")
    for one_left in skipped:
        sys.stderr.write(f"record {one_left.name} is left out: {one_left.why}\n")
    return [result for result in found if not isinstance(result, Skipped)]


def progress(text: str) -> None:
    """One line that is written over, on a terminal only; empty ends it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text:<40}" if text else "\n")


def _attempt(score: Callable[[Any], T], item: Any) -> T | Skipped:
    path = item if isinstance(item, str) else item[0]
    try:
        return score(item)
    except (Unscorable, OSError) as error:
        return Skipped(Path(path).name, _sentence(str(error)))
    except Exception as error:  # annotations of a stranger can fail in any way; the others are scored all the same
        return Skipped(Path(path).name, _sentence(f"{type(error).__name__}: {error}"))


def _sentence(text: str) -> str:
    return " ".join(text.split())[:200]


# figures ----------------------------------------------------------------------------------------------------------


def tell(args: argparse.Namespace, told: dict[str, Any], lines: Callable[[dict[str, Any]], str]) -> int:
    """One JSON object, or lines for a person."""
    print(json.dumps(told, allow_nan=False) if args.json else lines(told))
    return 0


def share(part: float, rest: float) -> float:
    """part / (part + rest); 0 where both are 0."""
    return float(part / (part + rest)) if part + rest else 0.0


def interval(table: ArrayLike, of: Statistic) -> dict[str, float | None]:
    """95 % interval of a statistic of a table (records,) or (records, columns), by bootstrap over its rows.

    Percentiles of 2,000 rounds, seed 0 (Efron 1979, Ann Stat 7, 1-26); None where it is not defined.
    """
    rows = np.asarray(table, np.float64)
    if len(rows) < 2:
        return {"low": None, "high": None}
    rows = rows.reshape(len(rows), -1)
    picks = np.random.default_rng(0).integers(0, len(rows), (ROUNDS, len(rows)))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = of(rows[picks])
    found = found[np.isfinite(found)]
    if not found.size:
        return {"low": None, "high": None}
    low, high = np.percentile(found, [2.5, 97.5])
    return {"low": float(low), "high": float(high)}


def ratio(part: int, rest: int) -> Statistic:
    """Sum of one column over the sum of it and another: gross sensitivity and the like."""

    def of(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = rows.sum(axis=1)
        return np.asarray(sums[:, part] / (sums[:, part] + sums[:, rest]), np.float64)

    return of


def mean(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over records and columns."""
    return np.asarray(rows.mean(axis=(1, 2)), np.float64)


def spread(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation over records and columns."""
    return np.asarray(rows.std(axis=(1, 2)), np.float64)


def percent(value: float | None, digits: int = 1) -> str:
    """A share in per cent, `-` where unknown."""
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def between(found: dict[str, float | None], scale: float = 100.0, digits: int = 1) -> str:
    """An interval for a person, empty where it is not known."""
    low, high = found["low"], found["high"]
    return "" if low is None or high is None else f"{scale * low:.{digits}f} to {scale * high:.{digits}f}"
