"""Small trees as the arrays that the hot path reads (`stream.models`)."""

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
        rows.append(table(one.tree_, one.tree_.value[:, 0, 0] * model.learning_rate))
    return np.vstack(rows)


def forest(model: Any) -> NDArray[np.float64]:
    """The same of a forest of two classes, without a bias: a leaf holds its share of the second, divided by the trees."""
    rows = [np.array([[-1.0, 0.0, 0.0, 0.0, 0.0, 1.0]])]
    for one in model.estimators_:
        counts = one.tree_.value[:, 0, :]
        rows.append(table(one.tree_, counts[:, 1] / counts.sum(axis=1) / len(model.estimators_)))
    return np.vstack(rows)


def table(tree: Any, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(nodes, 6) of one tree of scikit-learn; values: (nodes,) what a node adds where it is a leaf."""
    found = np.zeros((tree.node_count, 6))
    inner = tree.children_left >= 0
    found[:, 0] = np.where(inner, tree.feature, -1)
    found[:, 1] = np.where(inner, tree.threshold, 0.0)
    found[:, 2], found[:, 3] = tree.children_left, tree.children_right
    found[:, 4] = np.where(inner, 0.0, values)
    found[:, 5] = tree.node_count
    return found
