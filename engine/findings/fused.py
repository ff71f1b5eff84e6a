"""The findings of the reference model: measured features, read by forests that learnt from real and from simulated records, and the heads of
its ECG tower, fused. Needs no torch.

`shipped()` is what Vigil comes with. What it says of a segment grades the decoder's sentences
(`engine/tiers.py`) and is told beside them where they leave it out (`engine/graded.py`); alarms are the fast lane's.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cache import kept_in
from engine.findings.features import Features, features
from engine.findings.forest import Forests
from engine.findings.forest import load as load_forests
from engine.findings.forest import shipped as shipped_forests
from engine.findings.fusion import Fusion, Tier, load
from engine.gem.checkpoint import Checkpoint, open_checkpoint
from engine.onnx_cache import graph_key, graphs_in
from engine.onnx_towers import write_labels
from engine.prepare import signal_of
from engine.runtime import Floats
from engine.tiny_model import folder
from stream.trigger import Segment

FUSION, HEADS, FORESTS = "fusion.json", "ecg_heads.safetensors", "simulated.npz"
FEATURES, SIMULATED, TOWER = "features", "simulated", "tower"
"""The experts: forests of real records, forests of simulated ones, both on measured features, and the tower."""
GROUP, OF_GROUP = "AF_OR_AFLT", ("AF", "AFLT")
"""Both atrial rhythms as one label; a tower says it as surely as the surer of the two."""


class Fused:
    """A packaged model's findings."""

    def __init__(self, checkpoint: Checkpoint, forests: Forests, cache: Path | None = None) -> None:
        """cache: where its graph is kept (the user's by default). Raises ValueError where the folder lacks a file."""
        self.fusion: Fusion = load(checkpoint.folder / FUSION)
        self._forests = {FEATURES: forests, SIMULATED: load_forests(checkpoint.folder / FORESTS)}
        self._heads, names = _heads(checkpoint.folder / HEADS)
        self._names = tuple(names)
        key = graph_key(checkpoint, f"labels-{_digest(checkpoint.folder / HEADS)}")
        self._graph = graphs_in(
            cache or kept_in("graphs"), key, lambda place: write_labels(checkpoint, self._heads, place / "labels.onnx")
        )
        from engine.onnx_runtime import session

        self._session: Any = session(self._graph / "labels.onnx", 1)

    def logits(self, signals: Floats) -> NDArray[np.float64]:
        """(n, labels of the fusion) of signals (n, 12, 5000) as `signal_of` gives them; NaN of what the tower does not tell."""
        (told,) = self._session.run(None, {"signals": np.ascontiguousarray(signals, np.float32)})
        return ordered(np.asarray(told, np.float64), self._names, self.fusion.labels)

    def said(self, found: Features, signal: Floats) -> dict[str, NDArray[np.float64]]:
        """(labels,) logits of each expert, of one recording."""
        by_features = {name: self._by_forests(one, found) for name, one in self._forests.items()}
        return {**by_features, TOWER: self.logits(signal[None])[0]}

    def by_source(self, segment: Segment, found: Features) -> dict[str, dict[str, float]]:
        """Probability of each label by all that there is (`fused`), by the tower alone (`model`), by the features alone."""
        said = self.said(found, signal_of(segment))
        by_features = {name: one for name, one in said.items() if name != TOWER}
        sources = {"fused": said, "model": {TOWER: said[TOWER]}, "features": by_features}
        return {name: self._named(self.fusion.probabilities(one)) for name, one in sources.items()}

    def likely(self, segment: Segment) -> dict[str, float]:
        """Probability of each label, 0 to 1; empty where nothing was measured. Not for a person: `shown` is."""
        found = features(segment)
        return self.by_source(segment, found)["fused"] if found else {}

    def shown(self, segment: Segment) -> dict[str, Tier]:
        """The findings that may be shown of a segment, each with its tier."""
        tiers = {name: self.fusion.tier(name, p) for name, p in self.likely(segment).items()}
        return {name: tier for name, tier in tiers.items() if tier is not Tier.HIDDEN}

    def _by_forests(self, forests: Forests, found: Features) -> NDArray[np.float64]:
        told = dict(zip(forests.labels, forests.logits(forests.row(found)), strict=True))
        return np.array([told.get(name, np.nan) for name in self.fusion.labels])

    def _named(self, row: NDArray[np.float64]) -> dict[str, float]:
        return {name: float(p) for name, p in zip(self.fusion.labels, row.tolist(), strict=True) if not np.isnan(p)}


def shipped() -> Fused:
    """The findings that Vigil comes with; raises ValueError or BadCheckpoint where the package is damaged."""
    return _opened(os.getpid())


@lru_cache(maxsize=1)
def _opened(_process: int) -> Fused:
    """Once in each process: a session of ONNX Runtime is not to be used behind a fork."""
    return Fused(open_checkpoint(folder()), shipped_forests())


def ordered(logits: NDArray[np.float64], names: tuple[str, ...], labels: tuple[str, ...]) -> NDArray[np.float64]:
    """(n, names) in the order of other labels, the group of both atrial rhythms made of its two; NaN of what is not there."""
    found = np.full((len(logits), len(labels)), np.nan)
    for k, label in enumerate(labels):
        if label in names:
            found[:, k] = logits[:, names.index(label)]
        elif label == GROUP:
            found[:, k] = np.max([logits[:, names.index(name)] for name in OF_GROUP], axis=0)
    return found


def _heads(path: Path) -> tuple[Mapping[str, NDArray[Any]], list[str]]:
    """Weights of the heads and the names of their labels."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as held:
            names = (held.metadata() or {}).get("labels", "").split(",")
            return {key: held.get_tensor(key) for key in held.keys()}, names  # noqa: SIM118 - not a dictionary
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} holds no heads ({error}): make them with `vigil learn tiny --until ship`") from None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
