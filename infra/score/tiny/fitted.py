"""Scaling and thresholds of the reference model's findings, fitted to what its experts say of records that they never saw; what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.findings.fusion import Fusion, Scaling, Tier
from engine.instruct.labels import SUPERCLASSES
from infra.score.findings import CLASSES, calibration_error
from infra.score.learn_findings import LEAST_CASES, scaling

Floats = NDArray[np.float64]
Said = Mapping[str, Floats]
"""Logits (records, CLASSES) of each expert, of records that it never saw; NaN of what it does not tell."""

HIGHEST = {
    "NORM": Tier.LIKELY, "STTC": Tier.LIKELY, "AF_OR_AFLT": Tier.LIKELY, "PACE": Tier.LIKELY, "RBBB": Tier.POSSIBLE,
    "CD": Tier.POSSIBLE, "MI": Tier.POSSIBLE, "HYP": Tier.POSSIBLE, "AF": Tier.POSSIBLE, "AFLT": Tier.POSSIBLE, "PVC": Tier.POSSIBLE,
}  # fmt: skip
"""Of each label, by the study that preceded the model, but right bundle branch block, of which 3 of 6 called likely were right; what is not here has
no tier, as it is measured (rates) or its cases are too few."""
WITHHELD = ("NORM", "HYP", "AFLT")
"""What ships without a threshold, though its tiers are counted: what is called so is mostly wrong, or wrong too often, in other hospitals."""
LIKELY_PPV = {"NORM": 0.9}
OTHER_PPV = 0.8
"""Share of the records that are called likely which carry the label, at the threshold, among the records that it is fitted to."""
LEAST_SAID = 5
"""Records above a threshold of `likely`, at least."""


def fit(truth: Floats, said: Said, rows: NDArray[np.bool_]) -> Fusion:
    """Everything that is fitted, to these rows alone. truth: (records, CLASSES), NaN where it is not told."""
    experts = {name: _scaling(truth, logits, rows) for name, logits in said.items()}
    nothing = np.full(len(CLASSES), np.nan)
    made = Fusion(CLASSES, experts, Scaling(nothing, nothing), nothing, nothing)
    whole = _scaling(truth, made.together(said), rows)
    likely = Fusion(CLASSES, experts, whole, nothing, nothing).probabilities(said)
    thresholds = [_thresholds(name, truth[rows, c], likely[rows, c]) for c, name in enumerate(CLASSES)]
    return Fusion(CLASSES, experts, whole, *np.array(thresholds, np.float64).T)


def without_withheld(fusion: Fusion) -> Fusion:
    """The same, with nothing shown of what is withheld."""
    never = np.isin(fusion.labels, WITHHELD)
    return replace(
        fusion, likely=np.where(never, np.nan, fusion.likely), possible=np.where(never, np.nan, fusion.possible)
    )


def _scaling(truth: Floats, logits: Floats, rows: NDArray[np.bool_]) -> Scaling:
    found = np.full((2, len(CLASSES)), np.nan)
    for c in range(len(CLASSES)):
        known = rows & ~np.isnan(logits[:, c] + truth[:, c])
        carries = truth[known, c] == 1.0
        if LEAST_CASES <= carries.sum() < len(carries):
            found[:, c] = scaling(logits[known, c], carries)
    return Scaling(*found)


def _thresholds(name: str, truth: Floats, likely: Floats) -> tuple[float, float]:
    """Of `likely`: the lowest probability above which enough are right; of `possible`: that of the best F1. NaN: never so."""
    known = ~np.isnan(truth + likely)
    highest = HIGHEST.get(name)
    if highest is None or not (truth[known] == 1.0).any():
        return np.nan, np.nan
    ranked, right, ends = _ranked(truth[known], likely[known])
    said = np.arange(1, len(ranked) + 1)
    sure = ends & (right / said >= LIKELY_PPV.get(name, OTHER_PPV)) & (said >= LEAST_SAID)
    above = float(ranked[np.flatnonzero(sure)[-1]]) if sure.any() and highest is Tier.LIKELY else np.nan
    return above, np.nan if name == "NORM" else best_f1(truth, likely)


def best_f1(truth: Floats, likely: Floats) -> float:
    """The probability from which on F1 is best, in these records; NaN where nothing is told or no record carries it."""
    known = ~np.isnan(truth + likely)
    if not (truth[known] == 1.0).any():
        return np.nan
    ranked, right, ends = _ranked(truth[known], likely[known])
    said, carries = np.arange(1, len(ranked) + 1), right[-1]
    return float(ranked[int(np.argmax(np.where(ends, 2.0 * right / (said + carries), 0.0)))])


def _ranked(truth: Floats, likely: Floats) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """Probabilities from the highest on, how many up to each carry the label, and whether the next is another probability."""
    order = np.argsort(-likely, kind="stable")
    ranked, right = likely[order], np.cumsum(truth[order] == 1.0)
    return ranked, right, np.append(ranked[:-1] != ranked[1:], True)


def apart(fold: NDArray[np.int64], truth: Floats, said: Said) -> tuple[Floats, NDArray[np.object_]]:
    """(records, CLASSES) probabilities and tiers, those of a fold by what was fitted to the others."""
    likely = np.full(truth.shape, np.nan)
    tiers = np.full(truth.shape, Tier.HIDDEN, object)
    for one in np.unique(fold):
        there = fold == one
        made = fit(truth, said, ~there)
        likely[there] = made.probabilities({name: logits[there] for name, logits in said.items()})
        tiers[there] = tiers_of(made, likely[there])
    return likely, tiers


def called(fold: NDArray[np.int64], truth: Floats, said: Said) -> Floats:
    """(records, CLASSES): 1 from the probability of the best F1 on, 0 below it, of a fold by what was fitted to the others; NaN of what is not told."""
    found = np.full(truth.shape, np.nan)
    for one in np.unique(fold):
        there = fold == one
        likely = fit(truth, said, ~there).probabilities(said)
        limits = np.array([best_f1(truth[~there, c], likely[~there, c]) for c in range(len(CLASSES))])
        told = ~np.isnan(likely[there] + limits)
        found[there] = np.where(told, likely[there] >= limits, np.nan)
    return found


def as_shown(tiers: NDArray[np.object_]) -> Floats:
    """(records, CLASSES): 1 of what a tier shows, likely or possible; what ships without a threshold is never shown."""
    shown = np.array([[one is not Tier.HIDDEN for one in row] for row in tiers], np.float64).reshape(tiers.shape)
    return np.where(np.isin(CLASSES, WITHHELD), 0.0, shown)


def tiers_of(fusion: Fusion, likely: Floats) -> NDArray[np.object_]:
    """(records, CLASSES)."""
    return np.array(
        [[fusion.tier(name, p) for name, p in zip(fusion.labels, row, strict=True)] for row in likely], object
    ).reshape(likely.shape)


def told(truth: Floats, likely: Floats, tiers: NDArray[np.object_], rows: NDArray[np.bool_]) -> dict[str, Any]:
    """Calibration error of each label and of the superclasses, and how often what a tier shows is there."""
    error = {name: calibration_error(truth[rows][:, [c]], likely[rows][:, [c]]) for c, name in enumerate(CLASSES)}
    shown = {name: _shown(truth[rows, c], tiers[rows, c]) for c, name in enumerate(CLASSES) if name in HIGHEST}
    mean = calibration_error(truth[rows][:, : len(SUPERCLASSES)], likely[rows][:, : len(SUPERCLASSES)])
    return {"records": int(rows.sum()), "ece": mean, "ece_by_label": error, "tiers": shown}


def _shown(truth: Floats, tiers: Sequence[Tier] | NDArray[np.object_]) -> dict[str, Any]:
    known = ~np.isnan(truth)
    carries = truth[known] == 1.0
    found: dict[str, Any] = {"positive": int(carries.sum())}
    for tier in (Tier.LIKELY, Tier.POSSIBLE):
        there = np.array([one is tier for one in np.asarray(tiers)[known]], bool)
        found[tier.value] = {"shown": int(there.sum()), "right": int((there & carries).sum())}
    return found
