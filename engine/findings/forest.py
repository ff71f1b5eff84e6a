"""Forests that say how likely a label is, as arrays in one file without a pickle (`vigil learn findings`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.findings.features import Features
from stream.models import log_odds

FILE = Path(__file__).parent / "forests.npz"
LEAST = 1e-3
"""A share of the trees below it, or above 1 - it, is taken for it before a logarithm is."""


@dataclass(frozen=True, slots=True, eq=False)
class Forests:
    """One forest per label, and what turns its share into a probability."""

    labels: tuple[str, ...]
    names: tuple[str, ...]
    """Features in the order in which the trees count them."""
    usual: NDArray[np.float64]
    """(features,) median of the records that were learnt from; it stands for what is unknown."""
    trees: tuple[NDArray[np.float64], ...]
    """Per label (nodes, 6), as `stream.models` reads them; each leaf is the share of its records divided by the trees."""
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    """(labels,) of Platt's scaling (Platt 1999): probability = 1 / (1 + exp(-(slope * logit of the share + offset)))."""

    def row(self, features: Mapping[str, float]) -> NDArray[np.float64]:
        """(features,) as the trees read them; unknown ones as usual."""
        row = np.array([features.get(name, np.nan) for name in self.names])
        return np.where(np.isnan(row), self.usual, row)

    def logits(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """(labels,) logit of the share of each forest."""
        # trees compare what they were learnt on, which is float32
        exact = row.astype(np.float32).astype(np.float64)
        return logit(np.array([log_odds(exact, trees) for trees in self.trees]))

    def likely(self, features: Features) -> dict[str, float]:
        """Probability of each label, 0 to 1, calibrated on the records that were learnt from."""
        scaled = self.slope * self.logits(self.row(features)) + self.offset
        return dict(zip(self.labels, (1.0 / (1.0 + np.exp(-scaled))).tolist(), strict=True))


def logit(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the odds of shares from 0 to 1; what is nearer to an end than LEAST counts as LEAST."""
    kept = np.clip(share, LEAST, 1.0 - LEAST)
    return np.asarray(np.log(kept / (1.0 - kept)))


@lru_cache(maxsize=1)
def shipped() -> Forests:
    """The forests that Vigil comes with."""
    return load(FILE)


def save(forests: Forests, path: Path) -> None:
    """Write them as one compressed file; thresholds as float32 and shares as float16."""
    nodes = np.concatenate(forests.trees)
    np.savez_compressed(
        path,
        labels=np.array(forests.labels),
        names=np.array(forests.names),
        usual=forests.usual,
        sizes=np.array([len(t) for t in forests.trees], np.int32),
        feature=nodes[:, 0].astype(np.int16),
        threshold=nodes[:, 1].astype(np.float32),
        left=nodes[:, 2].astype(np.int16),
        right=nodes[:, 3].astype(np.int16),
        value=nodes[:, 4].astype(np.float32),
        size=nodes[:, 5].astype(np.int16),
        slope=forests.slope,
        offset=forests.offset,
    )


def load(path: Path) -> Forests:
    """Read what `save` wrote; raises ValueError with one sentence where the file is none."""
    try:
        with np.load(path, allow_pickle=False) as f:
            columns = [
                f[name].astype(np.float64) for name in ("feature", "threshold", "left", "right", "value", "size")
            ]
            nodes, ends = np.stack(columns, axis=1), np.cumsum(f["sizes"])[:-1]
            return Forests(
                tuple(map(str, f["labels"])), tuple(map(str, f["names"])), f["usual"], tuple(np.split(nodes, ends)),
                f["slope"], f["offset"],
            )  # fmt: skip
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"{path} holds no forests ({error}): make them with `vigil learn findings`") from None
