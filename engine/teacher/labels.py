"""Labels of real records in the order in which the simulated ones have them, and which records belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.instruct.doubles import Print, grouped, pairs
from engine.instruct.labelled import Entry
from engine.instruct.labels import FIFTEEN
from engine.instruct.sets import covers
from engine.teacher.targets import LABELS

_MORE = {"AMI": {"AMI", "ASMI", "ALMI"}, "IMI": {"IMI", "ILMI"}}
"""Codes of our table that count for a label beside the one of its name."""
_FORMS = frozenset({"STD", "STE", "TINV"})
_CODE15_TELLS_NORMAL = "exams.csv"


@dataclass(frozen=True, slots=True, eq=False)
class Real:
    """A record that may be learnt from."""

    entry: Entry
    group: str
    """What must stay on one side of any split: one patient, one recording, near-doubles."""
    labels: NDArray[np.float32]
    """(len(LABELS),) 0 or 1; NaN where its set does not tell."""


def of_entry(entry: Entry) -> NDArray[np.float32]:
    """(len(LABELS),) of a real record: 1 of what its set names, 0 of what it would have named, NaN of what it may pass over.

    Codes and superclasses are those of `engine.instruct.labels` (scp codes of PTB-XL, SNOMED CT, words). The fifteen labels count as
    told by every set that reports freely; findings below them only by PTB-XL, and its forms of ST and T not beside an infarct
    or an ST-T class, where they are mostly left unsaid.
    """
    has = set(entry.codes) | set(entry.classes)
    found = np.full(len(LABELS), np.nan, np.float32)
    for k, label in enumerate(LABELS):
        if has & _MORE.get(label, {label}):
            found[k] = 1.0
        elif _denied(entry, label):
            found[k] = 0.0
    return found


def _denied(entry: Entry, label: str) -> bool:
    """Whether the set would have named what it does not name of this record."""
    if entry.table == _CODE15_TELLS_NORMAL:
        return label == "NORM" or covers(entry, label)
    if label in FIFTEEN:
        return True
    unsaid = label in _FORMS and bool(entry.classes & {"MI", "STTC"})
    return covers(entry, label) and not unsaid


def real(entries: Sequence[Entry], prints: Sequence[Print]) -> list[Real]:
    """The records that may be learnt from, doubles and records of PTB-XL in other sets left out, each with its group.

    prints: the fingerprint of each entry (`engine.instruct.produce.prints`). Near-doubles are found by the correlation of lead II
    (`engine.instruct.doubles`). Records of PTB-XL that CinC 2021 holds without patient and fold, and whose originals are not among
    the entries, no signal can tell: `engine.instruct.sets` knows them by the prefix that CinC gave all of that source.
    """
    kept, groups = grouped(entries, pairs(prints))
    return [Real(entry, groups[entry.name], of_entry(entry)) for entry in kept if not entry.left_out]
