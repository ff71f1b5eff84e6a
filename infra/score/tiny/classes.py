"""What ships, class by class: its findings out of fold with intervals, the tower with simulated records and without, the model beside the criteria.

Everything is judged on the same records; nothing that is counted of a fold was fitted to it. The figures go into `figures.json`, from where
`infra/score/tiny/table.py` makes the table of the scoreboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from infra.score.findings import CLASSES, auroc, resampled
from infra.score.tiny import counts, criteria, worth
from infra.score.tiny.fitted import WITHHELD

if TYPE_CHECKING:
    from engine.instruct.labelled import Entry

Floats = NDArray[np.float64]
MAY_BE_SHOWN = tuple(c for c in counts.MACRO if CLASSES[c] not in WITHHELD)
"""Superclasses of which the model that ships tells a tier at all: MI, STTC and CD."""
MACRO = "MACRO"
"""In place of a class: the mean over the superclasses."""


def of_fusion(entries: Sequence[Entry], truth: Floats, logits: Floats, called: Floats) -> dict[str, Any]:
    """For each set and for all, of each class that some record carries: area and F1 with intervals, Se, PPV and cases.

    truth, logits, called: (records, CLASSES); called as `fitted.called` gives it. f1 is null of a class without a threshold.
    """
    return {
        name: {
            label: {
                **_cases(truth[there, c], logits[there, c]), "auroc": worth.of_label(truth[there, c], logits[there, c]),
                "called": counts.counted(truth[there, c], called[there, c]),
            }
            for c, label in enumerate(CLASSES)
            if (truth[there, c] == 1.0).any()
        }
        for name, there in worth.sets(entries).items()
    }  # fmt: skip


def _cases(truth: Floats, logits: Floats) -> dict[str, int]:
    known = ~np.isnan(truth + logits)
    return {"n": int(known.sum()), "positive": int((truth[known] == 1.0).sum())}


def of_towers(entries: Sequence[Entry], truth: Floats, scratch: Floats, taught: Floats) -> dict[str, Any]:
    """For each set and for all, of each class and of the superclasses together (MACRO): the area of the tower without simulated records, with
    them, and the paired difference. truth, scratch, taught: (records, CLASSES).
    """
    return {
        name: {MACRO: _macro(truth[there], scratch[there], taught[there])}
        | {
            label: {
                "scratch": worth.of_label(truth[there, c], scratch[there, c]),
                "taught": worth.of_label(truth[there, c], taught[there, c]),
                "gain": _gain(truth[there, c], scratch[there, c], taught[there, c]),
            }
            for c, label in enumerate(CLASSES)
            if (truth[there, c] == 1.0).any()
        }
        for name, there in worth.sets(entries).items()
    }


def _macro(truth: Floats, scratch: Floats, taught: Floats) -> dict[str, Any]:
    return {
        "scratch": worth.area(truth, scratch), "taught": worth.area(truth, taught),
        "gain": worth.difference(truth, scratch, taught),
    }  # fmt: skip


def _gain(truth: Floats, less: Floats, more: Floats) -> dict[str, float | None]:
    def of(pick: NDArray[np.int64]) -> float | None:
        one, other = auroc(truth[pick], less[pick]), auroc(truth[pick], more[pick])
        return None if one is None or other is None else other - one

    return resampled(len(truth), of)


def beside_criteria(
    entries: Sequence[Entry], truth: Floats, concepts: Sequence[Sequence[str]], model: Mapping[str, Floats]
) -> dict[str, Any]:
    """For each set and for all: F1 by class and its mean of the criteria and of each saying of the model, and what each gains over the criteria.

    concepts: what the criteria find; model: (records, CLASSES) of each saying, by name, `shown` among them.
    """
    alone = criteria.said(concepts)
    return {
        name: {
            "criteria": _saying(truth[there], alone[there]),
            "other_readings": {
                kind: counts.macro(truth[there], one[there]) for kind, one in criteria.readings(concepts).items()
            },
            **{kind: _saying(truth[there], one[there]) for kind, one in model.items()},
            "gain": {kind: counts.difference(truth[there], alone[there], one[there]) for kind, one in model.items()},
            "gain_where_shown": counts.difference(truth[there], alone[there], model["shown"][there], MAY_BE_SHOWN),
        }
        for name, there in worth.sets(entries).items()
    }


def _saying(truth: Floats, said: Floats) -> dict[str, Any]:
    return {"macro_f1": counts.macro(truth, said), "by_class": counts.by_class(truth, said)}
