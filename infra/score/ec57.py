"""Beat-by-beat, run-by-run and rate comparison as ANSI/AAMI EC57 has it; definitions of `bxb` and `rxr` (Moody, WFDB).

Pure functions of beats and annotations, in samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEARNING_S = 300.0
"""The learning time of EC57; nothing in it counts."""
MATCH_S = 0.150
CLASSES = "NSVFQ"
NONE = len(CLASSES)
"""Row of beats that are not there in the reference, column of beats that were not found."""
AAMI = dict.fromkeys("NLRejB", "N") | dict.fromkeys("AaJSn", "S") | dict.fromkeys("VEr", "V") | {"F": "F"}
AAMI |= dict.fromkeys("/fQ?", "Q")
"""Beat annotations of WFDB by their AAMI class; whatever is not here is no beat."""
BEATS, VENTRICULAR = frozenset(AAMI), frozenset(letter for letter, name in AAMI.items() if name == "V")
STRETCH_S = 10.0
LONG = 6
"""Runs of this length or longer count as one kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """Beats in order: at (n,) int64 samples, letters (n,) their AAMI class or, of a reference, as annotated."""

    at: NDArray[np.int64]
    letters: tuple[str, ...]

    def where(self, kept: NDArray[np.bool_]) -> Beats:
        """Those that are kept."""
        return Beats(self.at[kept], tuple(letter for letter, k in zip(self.letters, kept, strict=True) if k))


def beats_of(pairs: Iterable[tuple[int, str]]) -> Beats:
    """Beats from (sample, letter), put into order."""
    found = sorted(pairs)
    return Beats(np.array([at for at, _ in found], np.int64), tuple(letter for _, letter in found))


def pairs(found: NDArray[np.int64], truth: NDArray[np.int64], within: float) -> list[tuple[int, int]]:
    """Indices (found, truth) of beats that are the same: one to one in order, the nearest within the window; both sorted."""
    same = []
    i = j = 0
    while i < len(truth) and j < len(found):
        gap = found[j] - truth[i]
        if abs(gap) <= within:
            if j + 1 < len(found) and abs(found[j + 1] - truth[i]) < abs(gap):
                j += 1
                continue
            same.append((j, i))
            i, j = i + 1, j + 1
        elif gap < 0:
            j += 1
        else:
            i += 1
    return same


def confusion(found: Beats, truth: Beats, same: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """(6, 6) counts: rows the reference's class N S V F Q or none, columns the class that was told or not found."""
    table = np.zeros((NONE + 1, NONE + 1), np.int64)
    rows = [CLASSES.index(AAMI[letter]) for letter in truth.letters]
    columns = [CLASSES.index(AAMI.get(letter, "Q")) for letter in found.letters]
    for j, i in same:
        table[rows[i], columns[j]] += 1
    met_rows, met_columns = {i for _, i in same}, {j for j, _ in same}
    for i, row in enumerate(rows):
        table[row, NONE] += i not in met_rows
    for j, column in enumerate(columns):
        table[NONE, column] += j not in met_columns
    return table


def detected(table: NDArray[np.int64]) -> tuple[int, int, int]:
    """Beats of any class: found, missed, invented."""
    return int(table[:NONE, :NONE].sum()), int(table[:NONE, NONE].sum()), int(table[NONE, :NONE].sum())


_EXEMPT = {"N": "Q", "S": "Q", "V": "FQ", "F": "Q", "Q": ""}
"""Reference classes that are not counted as false where they are told as this class (bxb: VFP = Nv + Sv + Ov + Xv)."""


def of_class(table: NDArray[np.int64], letter: str) -> tuple[int, int, int]:
    """Beats of one class: found as such, missed, told as such though they are none."""
    k = CLASSES.index(letter)
    rows = [r for r in range(NONE + 1) if r != k and not (r < NONE and CLASSES[r] in _EXEMPT[letter])]
    hit = int(table[k, k])
    return hit, int(table[k].sum()) - hit, int(table[rows, k].sum())


def false_v(table: NDArray[np.int64]) -> tuple[int, int]:
    """Beats that are not V and were told as V, and as something else: VFP and VTN; what was not found at all is in neither."""
    v = CLASSES.index("V")
    rows = [r for r in range(NONE + 1) if r != v]
    others = [c for c in range(NONE) if c != v]
    return of_class(table, "V")[2], int(table[np.ix_(rows, others)].sum())


def false_v_rate(table: NDArray[np.int64]) -> float:
    """V told per beat that is not V: VFP / (VTN + VFP)."""
    false, right = false_v(table)
    return false / (right + false) if right + false else 0.0


_RUNNING = VENTRICULAR | {"F"}
"""Beats that go on with a run (rxr)."""


# runs -------------------------------------------------------------------------------------------------------------


def with_fibrillation(beats: Beats, spans: Sequence[tuple[int, int]]) -> Beats:
    """Beats with every stretch of VF as a run of the greatest length, as `rxr` takes it."""
    more = [(int(at), "V") for a, b in spans for at in np.linspace(a, b, LONG)]
    return beats_of([*zip(beats.at.tolist(), beats.letters, strict=True), *more])


def runs(beats: Beats) -> list[tuple[int, int, int]]:
    """First sample, last sample and length of each run of ventricular (or fusion) beats, single ones too."""
    found, first, last, length = [], 0, 0, 0
    for at, letter in zip(beats.at.tolist(), beats.letters, strict=True):
        if letter in _RUNNING:
            first, last, length = (first if length else at), at, length + 1
        elif length:
            found.append((first, last, length))
            length = 0
    return found + ([(first, last, length)] if length else [])


def run_table(of: Beats, against: Beats, within: float) -> NDArray[np.int64]:
    """(7, 7) counts: rows the length of a run (6: or longer), columns the longest run of the other there."""
    table = np.zeros((LONG + 1, LONG + 1), np.int64)
    letters = np.array([letter in _RUNNING for letter in against.letters], np.bool_)
    for first, last, length in runs(of):
        a, b = np.searchsorted(against.at, [first - within, last + within + 1])
        table[min(length, LONG), min(_longest(letters[a:b]), LONG)] += 1
    return table


def _longest(ventricular: NDArray[np.bool_]) -> int:
    longest = length = 0
    for one in ventricular.tolist():
        length = length + 1 if one else 0
        longest = max(longest, length)
    return longest


RUNS = {"couplet": (2, 2), "short": (3, 5), "long": (LONG, LONG)}
"""Shortest and longest length of each kind of run."""


def run_cells(table: NDArray[np.int64], kind: str) -> tuple[int, int]:
    """Runs of one kind that the other side has at least as one of that kind, and those that it has not."""
    low, high = RUNS[kind]
    rows = table[low : high + 1]
    return int(rows[:, low:].sum()), int(rows[:, :low].sum())


# stretches of ten seconds -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rates:
    """The rate shown against the annotated one, behind the learning time and outside VF.

    A stretch is ten seconds that follow the one before; the rate shown at its end is the mean over it.
    """

    stretches: int = 0
    known: int = 0
    wrong: int = 0
    wrong_within: int = 0
    """Stretches in which the rate of any second was wrong."""
    seconds: int = 0
    seconds_known: int = 0
    seconds_wrong: int = 0
    square_bpm: float = 0.0
    """Sum of squared errors over the seconds that are known."""


def true_rate(truth: NDArray[np.int64], stop: int, rate_hz: float) -> float:
    """Mean rate (/min) of the beats in the ten seconds before sample `stop`: by their intervals, by their number where few."""
    recent = truth[np.searchsorted(truth, stop - STRETCH_S * rate_hz, "right") : np.searchsorted(truth, stop, "right")]
    if len(recent) < 3:
        return 60.0 / STRETCH_S * len(recent)
    return float(60.0 * rate_hz * (len(recent) - 1) / (recent[-1] - recent[0]))


def is_wrong(shown: float, true: float) -> bool:
    """Off by more than 10 % and more than 5 bpm (IEC 60601-2-27, accuracy of heart rate)."""
    return abs(shown - true) > max(5.0, 0.1 * true)


def rates(
    shown: Sequence[tuple[int, float | None]],
    truth: NDArray[np.int64],
    rate_hz: float,
    begin: float,
    spans: Sequence[tuple[int, int]],
) -> Rates:
    """Compare the rate of every second, given as (sample behind it, /min or None), with the beats `truth`."""
    held: list[tuple[bool, bool]] = []
    stretches = known = wrong = within = seconds_known = seconds_wrong = 0
    square, seconds, length = 0.0, 0, round(STRETCH_S)
    for stop, bpm in shown:
        start = stop - STRETCH_S * rate_hz
        if start < begin or any(a < stop and b > start for a, b in spans):
            held.clear()
            continue
        true = true_rate(truth, stop, rate_hz)
        bad = bpm is not None and is_wrong(bpm, true)
        held.append((bpm is not None, bad))
        seconds, seconds_known, seconds_wrong = seconds + 1, seconds_known + held[-1][0], seconds_wrong + bad
        square += (bpm - true) ** 2 if bpm is not None else 0.0
        if len(held) == length:
            stretches, known, wrong = stretches + 1, known + held[-1][0], wrong + bad
            within += any(b for _, b in held)
            held.clear()
    return Rates(stretches, known, wrong, within, seconds, seconds_known, seconds_wrong, square)


def errors_by_stretch(
    found: Beats, truth: Beats, same: Sequence[tuple[int, int]], begin: float, rate_hz: float
) -> NDArray[np.int64]:
    """Beats missed or invented in each ten seconds that hold a beat, behind sample `begin`; (stretches,) -1 where none."""
    wrong = np.concatenate(
        [
            np.delete(truth.at, [i for _, i in same]) if len(truth.at) else truth.at,
            np.delete(found.at, [j for j, _ in same]) if len(found.at) else found.at,
        ]
    )
    every = np.concatenate([truth.at, found.at])
    if not len(every):
        return np.zeros(0, np.int64)
    place = ((every - begin) // (STRETCH_S * rate_hz)).astype(np.int64)
    errors = np.full(int(place.max()) + 1, -1, np.int64)
    errors[place] = 0
    np.add.at(errors, ((wrong - begin) // (STRETCH_S * rate_hz)).astype(np.int64), 1)
    return errors


def counts_by_stretch(
    found: Beats, truth: Beats, same: Sequence[tuple[int, int]], begin: float, rate_hz: float
) -> NDArray[np.int64]:
    """Beats found, missed and invented in each ten seconds behind sample `begin`; (stretches, 3), without empty ones."""
    parts = (
        truth.at[[i for _, i in same]],
        np.delete(truth.at, [i for _, i in same]),
        np.delete(found.at, [j for j, _ in same]),
    )
    places = [((at - begin) // (STRETCH_S * rate_hz)).astype(np.int64) for at in parts]
    counts = np.zeros((max((int(p.max(initial=-1)) for p in places), default=-1) + 1, len(parts)), np.int64)
    for k, place in enumerate(places):
        np.add.at(counts[:, k], place, 1)
    return counts[counts.any(axis=1)]


def fibrillation(marks: Any) -> list[tuple[int, int]]:
    """First and last sample of each stretch of ventricular flutter or fibrillation: between the marks [ and ]."""
    spans, begin = [], None
    for sample, symbol in zip(marks.sample, marks.symbol, strict=True):
        if symbol == "[":
            begin = int(sample)
        elif symbol == "]" and begin is not None:
            spans.append((begin, int(sample)))
            begin = None
    return spans
