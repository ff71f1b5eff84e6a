"""Forests that learn from measured features of simulated records alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.findings.forest import load, save
from engine.teacher.record import draw, recorded_of
from infra.score.findings import CLASSES
from infra.score.tiny import simulated_forests

RBBB, GROUP = CLASSES.index("RBBB"), CLASSES.index("AF_OR_AFLT")


def some(count: int = 400) -> list[simulated_forests.Measured]:
    """By hand: a block lengthens the QRS, half of the records do not tell of it; nobody has a pacemaker."""
    rng = np.random.default_rng(0)
    found = []
    for k in range(count):
        labels = np.full(len(CLASSES), np.nan)
        labels[CLASSES.index("PACE")] = 0.0
        blocked = bool(rng.random() < 0.3)
        labels[RBBB] = np.nan if k % 2 else float(blocked)
        found.append(simulated_forests.Measured({"qrs_ms": 140.0 if blocked else 90.0, "noise": rng.normal()}, labels))
    return found


def test_a_forest_is_made_of_what_is_told_and_says_it_of_features(tmp_path: Path) -> None:
    save(simulated_forests.made(some()), tmp_path / "f.npz")
    forests = load(tmp_path / "f.npz")
    assert forests.labels == ("RBBB",)  # what nobody has, or of which nothing is told, has no forest
    rows = np.array([[0.0, 90.0], [0.0, 140.0], [0.0, np.nan]])
    told = simulated_forests.logits(forests, ("noise", "qrs_ms"), rows)
    assert told.shape == (3, len(CLASSES))
    assert told[1, RBBB] > 0.5
    assert told[0, RBBB] == pytest.approx(told[2, RBBB])  # unknown is as usual
    assert told[0, RBBB] < -2.0
    assert np.isnan(np.delete(told, RBBB, axis=1)).all()


def test_a_simulated_record_is_measured_and_its_labels_are_those_that_towers_are_taught() -> None:
    rates = []
    for seed in range(6):
        one = simulated_forests.measured((f"s{seed}", seed))
        taught, (labels, recorded) = draw(seed), recorded_of(seed)
        assert np.array_equal(labels, taught.labels, equal_nan=True)
        assert np.array_equal(recorded.mask, taught.mask)
        assert np.array_equal(one.labels[:15], labels[:15].astype(float), equal_nan=True)
        assert one.labels[GROUP] == max(one.labels[CLASSES.index("AF")], one.labels[CLASSES.index("AFLT")])
        rates.append(abs(one.features["rate_bpm"] - taught.parameters[0]))
    assert np.median(rates) < 3.0
