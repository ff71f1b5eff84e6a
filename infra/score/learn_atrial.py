"""Learn by what atrial fibrillation is told (`stream.atrial.WEIGHTS`, `BIAS`, `SETTING`), and what that is worth elsewhere.

`vigil learn rhythm --data DIR` prints the constants and the scores. The seconds of MIT-BIH say how fibrillation begins and
ends; ten-second records of hundreds of patients of other hospitals say how it looks. Nothing is drawn at random: the same
records give the same constants.

The figure for patients who had no part in it is nested: each patient of MIT-BIH is left out in turn, the setting is chosen
and the weights are fitted on the others, the choice itself by leaving out again. Which features there are, and the lean, was
chosen with all of these records in sight, and that figure does not show.

The figures are of episodes as they are recorded (`infra.score.rhythms.recorded`); the seconds in which fibrillation was
shown live stand beside them. The setting is chosen by what is shown live: it rules the screen, not the correction.
What ships is the choice on all records; the nested figure is that of the choice without each patient.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import run
from infra.score.learn import along
from infra.score.rhythms import LEARNING_S, LEFT_OUT, MARKS, compare, marked, recorded
from infra.score.short_records import Short, listed, moment
from stream import atrial

SAME_PATIENT = {"202": "201"}
SETTINGS = tuple(product((atrial.SETTING[0],), (0.0, -1.0, -2.0, -2.8)))
"""What may stand in `stream.atrial.SETTING`. The lean is not chosen: it brings the log odds of even chances to those from
which on AF is shown."""
MISSED = 3.35
"""Invented seconds that cost as much as a missed one: at the floors of 95 % and 85 % both cost the same."""
SHORT_WEIGHT = 60.0
"""Seconds of MIT-BIH that the moment of a ten-second record weighs as much as."""
PENALTY = 10.0
STEPS = 12

Weights = NDArray[np.float64]
"""One per feature, and the bias."""
Setting = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Seconds:
    """One record of MIT-BIH, second by second: features (seconds, n), the rest (seconds,)."""

    patient: str
    features: NDArray[np.float64]
    known: NDArray[np.bool_]
    flutter: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    """A worse rhythm was shown, or none."""
    turn: NDArray[np.int64]
    """Second at which a change that is told now is held to have come (`stream.irregularity.half_back`)."""
    truth: NDArray[np.bool_]
    left_out: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """One moment each of many patients: features (patients, n), and whether the atria fibrillated."""

    features: NDArray[np.float64]
    truth: NDArray[np.bool_]


# what is learnt from ----------------------------------------------------------------------------------------------


def collect(path: str) -> Seconds:
    """Play a record and read the state of the bed after each second."""
    import wfdb

    from ingest.open_recording import read_recording
    from stream.models import models
    from stream.report import AFIB, IRREGULAR, REGULAR

    recording = read_recording(path)
    seconds = int(recording.samples.shape[1] / recording.rate_hz)
    features, flags = np.zeros((seconds, len(atrial.WEIGHTS))), np.zeros((3, seconds), bool)
    turn = np.zeros(seconds, np.int64)
    for k, (state, out) in enumerate(along(recording, models(), 1.0)):
        features[k], turn[k] = state["atrial_features"], round(state["atrial_turn"] / recording.rate_hz)
        covered = out.seconds["rhythm"][0] not in (AFIB, IRREGULAR, REGULAR)
        flags[:, k] = bool(state["atrial_known"]), bool(state["fluttering"]), covered
    marks = wfdb.rdann(path, "atr")
    places = marks.sample.tolist(), marks.aux_note
    truth, left_out = (marked(*places, names["af"], recording.rate_hz, seconds) for names in (MARKS, LEFT_OUT))
    name = Path(path).name
    return Seconds(SAME_PATIENT.get(name, name), features, flags[0], flags[1], flags[2], turn, truth, left_out)


def looked_at(short: Short) -> tuple[NDArray[np.float64] | None, bool]:
    """What is seen in a ten-second record, and whether the atria fibrillate in it."""
    return moment(short), short.fibrillates


def gather(args: argparse.Namespace) -> tuple[list[Seconds], Moments]:
    """Everything that is learnt from; raises BadRequest where one of the databases is missing."""
    short = listed(args)
    records = run.over(collect, run.annotated(run.folder(args, "mitdb"), ".atr"))
    found = [(f, t) for f, t in run.over(looked_at, short) if f is not None]
    return records, Moments(np.array([f for f, _ in found]), np.array([t for _, t in found]))


# weights ----------------------------------------------------------------------------------------------------------


def fit(some: Sequence[Seconds], short: Moments) -> Weights:
    """Logistic regression by Newton steps, with a small penalty on weights of features in units of their spread."""
    told = [s.known & ~s.left_out for s in some]
    x = np.concatenate([*(s.features[here] for s, here in zip(some, told, strict=True)), short.features])
    y = np.concatenate([*(s.truth[here] for s, here in zip(some, told, strict=True)), short.truth])
    weight = np.concatenate([np.ones(len(x) - len(short.truth)), np.full(len(short.truth), SHORT_WEIGHT)])
    middle, spread = x.mean(axis=0), x.std(axis=0)
    x = np.column_stack([(x - middle) / spread, np.ones(len(x))])
    penalty = np.array([*[PENALTY] * len(middle), 0.0])
    w = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ w, -30.0, 30.0)))
        curve = x.T @ (x * (weight * p * (1.0 - p))[:, None]) + np.diag(penalty)
        w += np.linalg.solve(curve, x.T @ (weight * (y - p)) - penalty * w)
    return np.append(w[:-1] / spread, w[-1] - (w[:-1] * middle / spread).sum())


def odds(features: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Log odds, (n,), of rows of features."""
    return np.asarray(features @ weights[:-1] + weights[-1])


# setting ----------------------------------------------------------------------------------------------------------


def player() -> Callable[[Seconds, NDArray[np.float64], Setting], tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """A function that gives AF as it would be recorded and as it would be shown, each (seconds,).

    By the rule of `stream.atrial.show` itself.
    """
    from numba import njit

    from stream.state import NEVER, new_states

    show = atrial.show

    @njit
    def play(state: Any, one: Any, known: Any, flutter: Any, turn: Any, setting: Any, found: Any, since: Any) -> None:
        state.afib_shown, state.atrial_odds = 0, 0.0
        state.irregular_since = state.regular_since = NEVER
        for k in range(len(one)):
            if known[k]:
                state.atrial_turn = turn[k]
                show(state, one[k], flutter[k], k, 1.0, setting)
            found[k] = state.afib_shown
            since[k] = max(-1, state.irregular_since if state.afib_shown else state.regular_since)

    state: Any = new_states(1)[0]

    def played(
        record: Seconds, one: NDArray[np.float64], setting: Setting
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        found, since = np.zeros(len(one), np.bool_), np.zeros(len(one), np.int64)
        play(state, one, record.known, record.flutter, record.turn, setting, found, since)
        live = found & ~record.covered
        return recorded(live, ~found & ~record.covered, since), live

    return played


class Judge:
    """Seconds that are found, missed and invented behind the learning time."""

    def __init__(self) -> None:
        self._played = player()

    def cells(self, record: Seconds, one: NDArray[np.float64], setting: Setting) -> NDArray[np.int64]:
        """(2, 3) of one record under a setting: as recorded, and as shown live."""
        return np.array([_counts(record, found) for found in self._played(record, one, setting)])

    def best(self, records: Sequence[Seconds], apart: Sequence[NDArray[np.float64]]) -> Setting:
        """The setting under which what is shown live costs least, on log odds of patients that were left out."""
        costs = []
        for setting in SETTINGS:
            cells = np.array([self.cells(r, one, setting)[1] for r, one in zip(records, apart, strict=True)])
            costs.append(float(MISSED * cells[:, 1].sum() + cells[:, 2].sum()))
        return SETTINGS[int(np.argmin(costs))]


def _counts(record: Seconds, found: NDArray[np.bool_]) -> tuple[int, int, int]:
    first = int(LEARNING_S)
    scored = compare(record.truth[first:], found[first:], record.left_out[first:])
    return scored.both, scored.missed, scored.invented


def folds(records: Sequence[Seconds]) -> dict[str, int]:
    """The fold of each patient: those with AF one by one, each together with its share of the others."""
    with_af = sorted({s.patient for s in records if s.truth.any()})
    others = sorted({s.patient for s in records} - set(with_af))
    return {p: k for k, p in enumerate(with_af)} | {p: k % len(with_af) for k, p in enumerate(others)}


def left_out(records: Sequence[Seconds], short: Moments) -> list[NDArray[np.float64]]:
    """Log odds of each record by weights that know nothing of its fold."""
    fold = folds(records)
    weights = {k: fit([r for r in records if fold[r.patient] != k], short) for k in set(fold.values())}
    return [odds(r.features, weights[fold[r.patient]]) for r in records]


def nested(records: Sequence[Seconds], short: Moments, judge: Judge) -> list[NDArray[np.int64]]:
    """Cells of each record under weights and a setting in which its patient had no part."""
    cells = {}
    for patient in sorted({r.patient for r in records}):
        others = [r for r in records if r.patient != patient]
        setting, weights = judge.best(others, left_out(others, short)), fit(others, short)
        for k, record in enumerate(records):
            if record.patient == patient:
                cells[k] = judge.cells(record, odds(record.features, weights), setting)
        run.progress(f"left out: {patient}")
    run.progress("")
    return [cells[k] for k in range(len(records))]


# what is told -----------------------------------------------------------------------------------------------------


def figures(cells: Sequence[NDArray[np.int64]]) -> dict[str, Any]:
    """Duration sensitivity and positive predictivity as recorded, their intervals over records, and as shown live."""
    told = _shares(np.array([c[0] for c in cells]))
    return told | {"shown_live": _shares(np.array([c[1] for c in cells]))}


def _shares(table: NDArray[np.int64]) -> dict[str, Any]:
    both, missed, invented = table.sum(axis=0).tolist()
    return {
        "duration_se": run.share(both, missed),
        "duration_se_interval": run.interval(table, run.ratio(0, 1)),
        "duration_ppv": run.share(both, invented),
        "duration_ppv_interval": run.interval(table, run.ratio(0, 2)),
        "seconds": both + missed,
    }


def elsewhere(records: Sequence[Seconds], short: Moments) -> dict[str, int]:
    """What weights that know only MIT-BIH say of the ten-second records of other hospitals."""
    alone = fit(records, Moments(short.features[:0], short.truth[:0]))
    told = odds(short.features, alone) + atrial.SETTING[0] > atrial.START_ODDS
    return {
        "with_af": int(short.truth.sum()),
        "found": int((told & short.truth).sum()),
        "without_af": int((~short.truth).sum()),
        "invented": int((told & ~short.truth).sum()),
    }


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """The figures in patients who had no part in the choice, and in other hospitals."""
    records, short = gather(args)
    return figures(nested(records, short, Judge())) | {"elsewhere": elsewhere(records, short)}


def rhythm(args: argparse.Namespace) -> int:
    """Print the weights fitted on everything, the setting, and what they are worth."""
    records, short = gather(args)
    judge = Judge()
    setting, weights = judge.best(records, left_out(records, short)), fit(records, short)
    kept = np.round(weights, 2)
    same = figures([judge.cells(r, odds(r.features, kept), setting) for r in records])
    print(lines(figures(nested(records, short, judge)) | {"elsewhere": elsewhere(records, short)}))
    print(f"the same records: {_line(same)}")
    print(f"WEIGHTS = {tuple(kept[:-1].tolist())}\nBIAS = {kept[-1]}\nSETTING = {setting}")
    return 0


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    e = told["elsewhere"]
    return (
        f"AF  patients left out (nested): {_line(told)}   (as recorded)\n"
        f"      shown live: {_line(told['shown_live'])}\n"
        f"      learnt on MIT-BIH alone, ten-second records of other hospitals: AF told in {e['found']} of {e['with_af']} "
        f"with it and {e['invented']} of {e['without_af']} without"
    )


def _line(told: dict[str, Any]) -> str:
    return (
        f"duration Se {run.percent(told['duration_se'])} ({run.between(told['duration_se_interval'])})  "
        f"PPV {run.percent(told['duration_ppv'])} ({run.between(told['duration_ppv_interval'])})  of {told['seconds']} s"
    )
