"""What every score shares: the folder, the processes, progress, and how a figure is told."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from infra.cache import cache_dir
from infra.datasets import data_folder, folder_of, records_in
from infra.logs import compiled_cache
from infra.plan import BadRequest
from infra.settings import Settings


def folder(args: argparse.Namespace, name: str) -> Path:
    """The folder of a database under --data; raises BadRequest. Compiled code is looked for in the user's cache."""
    settings = Settings.from_environment()
    cache = cache_dir(settings.cache)
    os.environ["NUMBA_CACHE_DIR"] = str(compiled_cache(cache))
    return folder_of(name, data_folder(args.data, settings), cache)


T = TypeVar("T")


def annotated(place: Path, suffix: str) -> list[str]:
    """Records of a folder that have annotations with this suffix; raises BadRequest where none has."""
    records = [str(p) for p in records_in(place) if p.with_suffix(suffix).exists()]
    if not records:
        raise BadRequest(f"{place} holds no record with annotations ({suffix})")
    return records


def over(score: Callable[..., T], records: Sequence[Any]) -> list[T]:
    """Score every record, on all cores, with progress on a terminal."""
    found = [score(records[0])]  # compiles once, before the others would do it side by side
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for one in pool.map(score, records[1:]):
            found.append(one)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{len(found)}/{len(records)} records")
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    return found


def tell(args: argparse.Namespace, told: dict[str, Any], lines: Callable[[dict[str, Any]], str]) -> int:
    """One JSON object, or lines for a person."""
    print(json.dumps(told) if args.json else lines(told))
    return 0


def share(part: float, rest: float) -> float:
    """part / (part + rest); 0 where both are 0."""
    return float(part / (part + rest)) if part + rest else 0.0


def interval(values: Sequence[float], of: Callable[[Any], float] = np.mean, rounds: int = 2000) -> dict[str, float]:
    """95 % interval of a statistic by bootstrap over records (percentiles, seed 0)."""
    table = np.asarray(values, np.float64)
    if len(table) < 2:
        return {"low": float("nan"), "high": float("nan")}
    random = np.random.default_rng(0)
    found = [of(table[random.integers(0, len(table), len(table))]) for _ in range(rounds)]
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return {"low": float(low), "high": float(high)}
