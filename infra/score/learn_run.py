"""Learns what tells ventricular tachycardia from the rest, over the streaming path itself.

`vigil learn runs --data DIR` writes `stream/run_model.npy`. Moments, four a second, are described by
`stream.tachycardia`. MIT-BIH says of each moment whether it is one; CinC 2015 says it of a record only, so that the
most likely moments of a true alarm are taken for it, anew in each round (multiple-instance learning: Andrews 2002,
Adv Neural Inf Process Syst 15, 577-584).

Each record is played with all of its leads, and again as a bed that has one of them alone; all that is played of a patient
is in one fold.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import run, trees
from infra.score.alarms import END_S, VT, WINDOW_S, listed, up_to
from infra.score.ec57 import BEATS, VENTRICULAR, fibrillation
from infra.score.one_lead import LEADS, alone
from ingest.recording import Recording
from stream.models import FOLDER, Models, models

TREES, DEPTH = 80, 3
ROUNDS, TAKEN = 4, 4
"""Rounds of choosing moments of a true alarm, and how many are taken of each."""
FOLDS = 5
FAST_BPM, BEATS_NEEDED = 100.0, 5
AROUND_S = (0.5, 4.0)
"""Moments so long before and behind any run of three are said to be neither."""
DECIDED_S = (0.45, 1.05)
"""A tachycardia is expected to be told so long behind its fifth beat and each one after it."""
LONE = 0.5
"""What a moment of a lead alone counts, one of all leads being 1."""
EVERY = 24
"""Of quiet moments of MIT-BIH one in so many is kept; of those with a ventricular beat, one in four."""
NONE = np.zeros((0, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Moments of one record: rows (n, features); labels 1, 0, or -1 for neither; of CinC 2015 all of one verdict."""

    name: str
    rows: NDArray[np.float64]
    labels: NDArray[np.int64]
    alarm: bool
    """Whether the record is an alarm with one verdict."""
    lone: bool = False
    """Whether one lead of it was played alone."""


def described(recording: Recording, first_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times (n,) in seconds and features (n, features) of the moments of a recording from `first_s` on."""
    from ingest.frame import BedId
    from stream.bank import Bank
    from stream.filters import plan
    from stream.offline import frames

    how = plan(recording.rate_hz)
    tick_s = int(how.feature_hz / 4) * how.step / recording.rate_hz
    bank, times, rows = Bank(0.0), [], []
    for frame in frames(recording, tick_s):
        bank.take([frame])
        state = bank.state(BedId(recording.name))
        if not frame.ends and state["learned"] and frame.after >= first_s * recording.rate_hz:
            times.append(frame.after / recording.rate_hz)
            rows.append(np.array(state["run_features"]))
    return np.array(times), np.array(rows)


def played(path: str, lead: int | None) -> Recording | None:
    """A record, or one lead of it (None: all of them) as if there were no other; None where it has no such lead."""
    from ingest.open_recording import read_recording

    recording = read_recording(path)
    return recording if lead is None else alone(recording, lead)


def alarm_record(item: tuple[str, bool, int | None]) -> Moments | None:
    """The ten seconds before an alarm of CinC 2015 (path, verdict, lead)."""
    path, true, lead = item
    recording = played(path, lead)
    if recording is None:
        return None
    _, rows = described(up_to(recording, END_S), END_S - WINDOW_S)
    return Moments(Path(path).name, rows, np.full(len(rows), int(true)), True, lead is not None)


def annotated_record(item: tuple[str, int | None]) -> Moments | None:
    """Moments of a record with beat annotations (path, lead), thinned."""
    import wfdb

    path, lead = item
    recording = played(path, lead)
    if recording is None:
        return None
    times, rows = described(recording, 10.0)
    labels = labelled(wfdb.rdann(path, "atr"), recording.rate_hz, times)
    number = np.arange(len(times))
    keep = (labels == 1) | ((labels == 0) & ((number % EVERY == 0) | ((rows[:, 0] > 0) & (number % 4 == 0))))
    return Moments(Path(path).name, rows[keep], labels[keep], False, lead is not None)


def labelled(marks: Any, rate_hz: float, times: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) 1 in a tachycardia of five beats and more at 100/min, -1 near shorter or slower runs and in VF, else 0."""
    labels = np.zeros(len(times), np.int64)
    beats = [(s / rate_hz, m in VENTRICULAR) for s, m in zip(marks.sample, marks.symbol, strict=True) if m in BEATS]
    at = np.array([t for t, _ in beats])
    edges = np.flatnonzero(np.diff(np.array([0, *(int(v) for _, v in beats), 0])))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - first >= 3:
            labels[(times > at[first] - AROUND_S[0]) & (times < at[stop - 1] + AROUND_S[1])] = -1
        for k in range(first + BEATS_NEEDED - 1, stop):
            if 60.0 * (BEATS_NEEDED - 1) / (at[k] - at[k - BEATS_NEEDED + 1]) >= FAST_BPM:
                labels[(times >= at[k] + DECIDED_S[0]) & (times < at[k] + DECIDED_S[1])] = 1
    for a, b in fibrillation(marks):
        labels[(times > a / rate_hz - 1.0) & (times < b / rate_hz + AROUND_S[1])] = -1
    return labels


def learn(records: list[Moments]) -> Any:
    """The trees that these records teach."""
    here = [r for r in records if r.alarm and len(r.rows)]
    true, false = ([r for r in here if bool(r.labels.any()) is verdict] for verdict in (True, False))
    marked = [r for r in records if not r.alarm and len(r.rows)]
    rest, labels = np.vstack([r.rows for r in marked]), np.concatenate([r.labels for r in marked])
    model: Any = None
    for _ in range(ROUNDS):
        chosen = [r.rows[np.argsort(-_likely(model, r.rows))[:TAKEN]] for r in true]
        others = [r.rows for r in false]
        table = np.vstack([*chosen, *others, rest])
        known = np.concatenate([np.ones(sum(map(len, chosen))), np.zeros(sum(map(len, others))), labels]) == 1
        weights = np.concatenate(
            [
                _counted(true, chosen),
                _counted(false, others),
                np.where(labels == 1, 40.0 / max(1, (labels == 1).sum()), 180.0 / max(1, (labels == 0).sum())),
            ]
        )
        model = trees.fit(table, known, weights, TREES, DEPTH)
    return model


def _counted(records: list[Moments], rows: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """What the rows taken of each record weigh: six a patient, those of a lead alone less."""
    weights = np.concatenate(
        [np.zeros(0), *(np.full(len(x), LONE if r.lone else 1.0) for r, x in zip(records, rows, strict=True))]
    )
    return np.asarray(weights * 6.0 * len({r.name for r in records}) / max(1.0, weights.sum()), np.float64)


def _likely(model: Any, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely moments are tachycardia: by the trees, at first by beats that are ventricular, unlike and fast."""
    if model is None:
        return np.asarray(rows[:, 0] + 1.0 - rows[:, 6] + (rows[:, 12] > 0.95 * FAST_BPM), np.float64)
    return np.asarray(model.decision_function(rows), np.float64)


def gather(data: argparse.Namespace) -> list[Moments]:
    """Moments of all alarms of VT in CinC 2015 and of all records of MIT-BIH.

    Each lead of an alarm is played alone too, and of the records of MIT-BIH now the one, now the other.
    """
    alarms = [(path, true) for path, alarm, true in listed(run.folder(data, "cinc2015")) if alarm == VT]
    marked = run.annotated(run.folder(data, "mitdb"), ".atr")
    found = run.over(alarm_record, [(*one, lead) for one in alarms for lead in (None, *range(LEADS))])
    found += run.over(annotated_record, [(path, lead) for k, path in enumerate(marked) for lead in (None, k % LEADS)])
    return [moments for moments in found if moments is not None]


def folds(records: list[Moments]) -> dict[str, int]:
    """The fold of each alarm record; verdicts are spread evenly, in the order of names. Each is a patient of its own."""
    found: dict[str, int] = {}
    for verdict in (True, False):
        names = sorted(r.name for r in records if r.alarm and not r.lone and bool(r.labels.any()) is verdict)
        found |= {name: k % FOLDS for k, name in enumerate(names)}
    return found


def out_of_fold(records: list[Moments]) -> dict[str, Models]:
    """For each alarm record the models that were learnt without it; records that are not named may take any."""
    fold = folds(records)
    learnt = [replace_run(learn([r for r in records if not r.alarm or fold[r.name] != k])) for k in range(FOLDS)]
    return {name: learnt[k] for name, k in fold.items()}


def replace_run(model: Any) -> Models:
    """The models that Vigil comes with, with other trees for tachycardia."""
    return models()._replace(run=trees.as_array(model))


def runs(args: argparse.Namespace) -> int:
    """Learn on everything and write the model."""
    records = gather(args)
    np.save(FOLDER / "run_model.npy", np.asarray(trees.as_array(learn(records)), np.float32))
    return 0
