"""Recordings that lie twice in the data: found by their signal, so that they stay on one side of any split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.instruct.labelled import Entry
from ingest.recording import Recording

HZ = 100
SECONDS = 10
ALIKE = 0.95
"""Correlation of lead II above which two recordings are near-doubles."""
SAME = 0.999
"""Above which they are one recording."""
MOST = 40_000
"""Recordings up to which each is compared with each; of more only equal ones are found."""
_BASE_S = 0.6
_BLOCK = 1024
Print = NDArray[np.float32]


def fingerprint(recording: Recording) -> Print:
    """Lead II (else the first) of the first ten seconds: (1000,) float32 at 100 Hz, without its slow course, of length 1.

    All zeros where there is no ECG lead or nothing in it. A recording that is shorter is followed by zeros.
    """
    names = [signal.name for signal in recording.signals]
    rows = [k for k, signal in enumerate(recording.signals) if signal.is_ecg]
    if not rows:
        return np.zeros(HZ * SECONDS, np.float32)
    row = names.index("II") if "II" in names else rows[0]
    y = recording.samples[row, : round(SECONDS * recording.rate_hz)].astype(np.float64)
    edges = np.linspace(0, len(y), min(HZ * SECONDS, round(len(y) * HZ / recording.rate_hz)) + 1).astype(np.int64)
    if len(edges) < 2 or edges[1] == 0:
        return np.zeros(HZ * SECONDS, np.float32)
    means = np.add.reduceat(y, edges[:-1]) / np.diff(edges)
    width = round(_BASE_S * HZ) | 1
    padded = np.pad(means, width // 2, mode="edge")
    sums = np.cumsum(np.concatenate((np.zeros(1), padded)))
    beats = means - (sums[width:] - sums[:-width]) / width
    found = np.zeros(HZ * SECONDS, np.float32)
    found[: len(beats)] = beats
    length = float(np.linalg.norm(found))
    return found / length if length > 0 else found


def pairs(prints: Sequence[Print]) -> list[tuple[int, int, float]]:
    """Near-doubles: places of both in `prints`, the earlier first, and their correlation."""
    if len(prints) > MOST:
        return _equal(prints)
    table = np.stack(prints) if prints else np.zeros((0, HZ * SECONDS), np.float32)
    found: list[tuple[int, int, float]] = []
    for first in range(0, len(table), _BLOCK):
        alike = table[first : first + _BLOCK] @ table[first:].T
        for i, j in zip(*np.nonzero(alike > ALIKE), strict=True):
            if j > i:
                found.append((first + int(i), first + int(j), float(alike[i, j])))
    return found


def _equal(prints: Sequence[Print]) -> list[tuple[int, int, float]]:
    seen: dict[bytes, int] = {}
    found = []
    for k, one in enumerate(prints):
        if one.any() and (other := seen.setdefault(np.round(one, 3).tobytes(), k)) != k:
            found.append((other, k, 1.0))
    return found


def grouped(
    entries: Sequence[Entry], alike: Sequence[tuple[int, int, float]], folds: frozenset[int] = frozenset()
) -> tuple[list[Entry], dict[str, str]]:
    """The entries, doubles left out, and the group of each by its name: what one patient or one recording holds together.

    Of one recording in two sets the one with a fold stays, else the earlier; doubles within a set stay in one group. Where
    folds are named, a record whose group reaches into another fold is left out.
    """
    parent = list(range(len(entries)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    first: dict[tuple[str, str], int] = {}
    for k, entry in enumerate(entries):
        parent[root(k)] = root(first.setdefault((entry.database, entry.patient), k))
    for i, j, _ in alike:
        parent[max(root(i), root(j))] = min(root(i), root(j))
    groups = {entry.name: entries[root(k)].name for k, entry in enumerate(entries)}
    left = _twice(entries, alike) | _beyond(entries, groups, folds)
    return [replace(e, left_out=left.get(e.name, "") or e.left_out) for e in entries], groups


def _twice(entries: Sequence[Entry], alike: Sequence[tuple[int, int, float]]) -> dict[str, str]:
    found = {}
    for i, j, r in alike:
        one, other = entries[i], entries[j]
        goes, stays = (one, other) if one.fold is None and other.fold is not None else (other, one)
        if r >= SAME and one.database != other.database and not stays.left_out:
            found[goes.name] = f"the same recording as {stays.name}"
    return found


def _beyond(entries: Sequence[Entry], groups: Mapping[str, str], folds: frozenset[int]) -> dict[str, str]:
    if not folds:
        return {}
    reach: dict[str, set[int]] = {}
    for entry in entries:
        if entry.fold is not None:
            reach.setdefault(groups[entry.name], set()).add(entry.fold)
    return {
        e.name: "its double or its patient lies in a fold that was not asked for"
        for e in entries
        if reach.get(groups[e.name], set()) - folds
    }
