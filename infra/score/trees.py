"""Small boosted trees as the arrays that the hot path reads (`stream.models`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fit(
    rows: NDArray[np.float64], labels: NDArray[np.bool_], weights: NDArray[np.float64], trees: int, depth: int
) -> Any:
    """Gradient boosted trees (Friedman 2001, Ann Stat 29, 1189-1232) on rows (n, features); the same input, the same trees."""
    from sklearn.ensemble import GradientBoostingClassifier

    model = GradientBoostingClassifier(
        n_estimators=trees,
        max_depth=depth,
        learning_rate=0.1,
        subsample=0.5,
        min_samples_leaf=8,
        max_features=8,
        random_state=0,
    )
    return model.fit(rows, labels, sample_weight=weights)


def as_array(model: Any) -> NDArray[np.float64]:
    """(nodes, 6): feature or -1, threshold, left, right, value, size of the tree; first a row with the bias.

    Left is where the feature is at most the threshold; node numbers count from the root of their tree.
    """
    prior = model.init_.class_prior_
    rows = [np.array([[-1.0, 0.0, 0.0, 0.0, float(np.log(prior[1] / prior[0])), 1.0]])]
    for (one,) in model.estimators_:
        tree = one.tree_
        table = np.zeros((tree.node_count, 6))
        inner = tree.children_left >= 0
        table[:, 0] = np.where(inner, tree.feature, -1)
        table[:, 1] = np.where(inner, tree.threshold, 0.0)
        table[:, 2], table[:, 3] = tree.children_left, tree.children_right
        table[:, 4] = np.where(inner, 0.0, tree.value[:, 0, 0] * model.learning_rate)
        table[:, 5] = tree.node_count
        rows.append(table)
    return np.vstack(rows)
