"""`vigil learn beats --data DIR`: makes the trees of `stream.models` out of annotated recordings.

Beside them two kinds of artefact trees that know one half of the noise each, for the figure of the other half (`score.noise`).

Features are gathered over the streaming path itself (`stream.signalpath.advance`). They depend on the classes of the
beats before, so the trees are made in rounds: the first from features gathered with trees that know nothing. Figures
are out of fold over the patients of MIT-BIH DS1 (de Chazal 2004); DS2 is not read. The result is the same on every run.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import run
from infra.score.ec57 import BEATS, MATCH_S, fibrillation
from ingest.bed import BedContext
from ingest.frame import BedId, Session, SessionId
from ingest.recording import Recording
from stream.models import FOLDER, Models

BEAT_COLUMNS = (*range(26),)
ARTEFACT_COLUMNS = (0, 1, 3, 5, 7, 8, 9, 10, 11, 13, 16, 17, 18, 19, 20, 21, 22, 26, 27, 28, 29, 30, 31, 32)
"""Features of `stream.classify` that each kind of tree may read."""
ROUNDS = 3
FOLDS = 7
STRETCH_S = 0.1
"""At most one beat is found in a stretch as short as this."""
SETTLED = 8
"""First beats of a recording that are not learnt from: the forms are not known yet."""
THIN = 6
"""Of plainly normal beats every sixth is read, with six times the weight."""
BALANCE = 0.4
"""A class of a patient with n beats weighs n ** (1 - BALANCE): patients with many alike beats count less."""
CAUTION = 0.0
"""Log-odds that are taken from the ventricular trees: as many V are missed as are false, fusion beats apart."""
QUIET_S, NOISY_S, NOISE_EVERY_S = 300, 120, 240
"""Of NSTDB: the first quiet stretch, and noisy stretches of two minutes every four."""
SNR_DB = (12.0, 6.0, 3.0)
APART = ("118", "119")
"""Patients of NSTDB: what artefacts look like is never learnt from them."""
ALL = slice(None)
HALVES = {"early": slice(0, 3), "late": slice(3, None)}
"""Noisy stretches of NSTDB: 5 to 15 minutes, and from 17 on."""
KNOWING = "artefact_knowing_{}.npy"
"""Artefact trees that know one half of the noise, beside this file."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Beats found in one recording: features (n, FEATURES), session samples, and annotations, "x" where there is none."""

    patient: str
    noisy: bool
    rate_hz: float
    features: NDArray[np.float64]
    at: NDArray[np.int64]
    symbols: NDArray[np.str_]
    readable: NDArray[np.bool_]
    """Outside ventricular fibrillation."""


def training() -> tuple[str, ...]:
    """Training half of MIT-BIH without 201, who is also 202 of the test half."""
    return tuple(sorted(run.splits()["ds1"] - {"201"}))


def along(recording: Recording, learnt: Models, stretch_s: float) -> Iterator[tuple[Any, Any]]:
    """The state of the bed, and what was told (`stream.report.Out`), behind each stretch of a recording that is played."""
    from stream.bed import Bed
    from stream.early import numbers
    from stream.limits import ADULT
    from stream.policy import Policy
    from stream.report import limits_record, new_out
    from stream.signalpath import advance, restart
    from stream.state import new_states

    session = Session(SessionId(1), BedId(recording.name), "file", recording.rate_hz, recording.signals)
    bed = Bed(0, session, BedContext(session.bed), Policy())
    state = new_states(1)[0]
    state["leads"] = len(bed.names)
    restart(state, 0, True)
    out, how, limits = new_out(4, 32, 4), bed.plan, limits_record(ADULT)[0]
    samples, step = np.ascontiguousarray(recording.samples[bed.ecg]), int(stretch_s * recording.rate_hz)
    clean, silent = np.zeros((len(bed.names), 0), np.uint8), np.zeros((0, step), np.float32)
    for first in range(0, samples.shape[1] - step + 1, step):
        out.counts[:] = 0
        stretch = np.ascontiguousarray(samples[:, first : first + step])
        advance(
            state,
            stretch,
            clean,
            bed.scale,
            limits,
            numbers(how),
            how.qrs_sos,
            how.monitor_sos,
            bed.shape_order,
            silent,
            np.zeros(0, np.int64),
            learnt,
            out,
        )
        yield state, out


def gather(recording: Recording, learnt: Models) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features and samples of the beats that the streaming path finds with these trees."""
    from stream.state import BEATS as KEPT

    features, at, known = [], [], 0
    for state, _ in along(recording, learnt, STRETCH_S):
        if state["beats"] != known:
            known = int(state["beats"])
            features.append(state["features"].copy())
            at.append(int(state["beat_at"][(known - 1) % KEPT]))
    return np.array(features), np.array(at, np.int64)


def labels(
    at: NDArray[np.int64], truth: NDArray[np.int64], symbols: NDArray[np.str_], within: float
) -> NDArray[np.str_]:
    """The annotation of each beat found, one to one in order as in `infra.score.beats.match`; "x" where there is none."""
    found = np.full(len(at), "x", "U1")
    i = j = 0
    while i < len(truth) and j < len(at):
        gap = at[j] - truth[i]
        if abs(gap) <= within:
            if j + 1 >= len(at) or abs(at[j + 1] - truth[i]) >= abs(gap):
                found[j] = symbols[i]
                i += 1
            j += 1
        elif gap < 0:
            j += 1
        else:
            i += 1
    return found


def noise_track(mitdb: Path, nstdb: Path, stretches: slice) -> NDArray[np.float64]:
    """The electrode motion of some stretches of NSTDB in steps (2, n), out of its noisiest record, and each around 0."""
    from ingest.open_recording import read_recording

    clean, noisy = read_recording(str(mitdb / "118")), read_recording(str(nstdb / "118e_6"))
    rest = noisy.samples.astype(np.float64) - clean.samples
    parts = [rest[:, a:b] for a, b in noisy_stretches(rest.shape[1], clean.rate_hz)[stretches]]
    return np.concatenate([p - np.median(p, axis=1, keepdims=True) for p in parts], axis=1)


def noisy_stretches(length: int, rate_hz: float) -> list[tuple[int, int]]:
    """First and last sample of the stretches that the protocol of NSTDB makes noisy."""
    starts = range(int(QUIET_S * rate_hz), length, int(NOISE_EVERY_S * rate_hz))
    return [(a, min(length, a + int(NOISY_S * rate_hz))) for a in starts]


def height(recording: Recording, beats: NDArray[np.int64]) -> NDArray[np.float64]:
    """Median height (leads,) of the QRS complexes in steps, within 50 ms of the annotation."""
    reach = int(0.05 * recording.rate_hz)
    inside = beats[(beats > reach) & (beats < recording.samples.shape[1] - reach)][:300]
    spans = [np.ptp(recording.samples[:, b - reach : b + reach], axis=1) for b in inside]
    return np.asarray(np.median(np.array(spans, np.float64), axis=0), np.float64)


def with_noise(recording: Recording, track: NDArray[np.float64], gain: NDArray[np.float64]) -> Recording:
    """The recording with noise (2, n) in the stretches of NSTDB's protocol; gain (2,)."""
    samples = recording.samples.astype(np.float64)
    at = 0
    for first, stop in noisy_stretches(samples.shape[1], recording.rate_hz):
        k = np.arange(at, at + stop - first) % track.shape[1]
        samples[:, first:stop] += track[:, k] * gain[:, None]
        at += stop - first
    kept = np.clip(np.round(samples), -32000, 32000).astype(np.int16)
    kept.setflags(write=False)
    return replace(recording, samples=kept)


def _one(task: tuple[str, NDArray[np.float64] | None, NDArray[np.float64], float, Models]) -> Gathered:
    """Gather one recording, with noise at a ratio (dB) where a track is given; usual: the height of the track's QRS."""
    import wfdb

    from ingest.open_recording import read_recording

    path, track, usual, snr_db, learnt = task
    recording, marks = read_recording(path), wfdb.rdann(path, "atr")
    here = np.isin(marks.symbol, sorted(BEATS))
    truth, symbols = np.asarray(marks.sample)[here], np.asarray(marks.symbol)[here]
    if track is not None:
        # NSTDB's own factor: the track is that of -6 dB, and noise is scaled to the QRS (Moody 1984, Comput Cardiol 11)
        gain = 10.0 ** (-(snr_db + 6.0) / 20.0) * height(recording, truth) / usual
        recording = with_noise(recording, track, gain)
    features, at = gather(recording, learnt)
    within, readable = MATCH_S * recording.rate_hz, np.ones(len(at), np.bool_)
    for a, b in fibrillation(marks):
        readable &= (at < a - within) | (at > b + within)
    found = labels(at, truth, symbols, within)
    return Gathered(Path(path).name, track is not None, recording.rate_hz, features, at, found, readable)


def tasks(mitdb: Path, nstdb: Path, stretches: slice, learnt: Models) -> list[Any]:
    """DS1 as it is, and with noise of some stretches: the track turned and its channels exchanged from record to record."""
    import wfdb

    from ingest.open_recording import read_recording

    track = noise_track(mitdb, nstdb, stretches)
    marks = wfdb.rdann(str(mitdb / "118"), "atr")
    usual = height(read_recording(str(mitdb / "118")), np.asarray(marks.sample)[np.isin(marks.symbol, sorted(BEATS))])
    found: list[Any] = [(str(mitdb / name), None, usual, 0.0, learnt) for name in training()]
    for k, name in enumerate(n for n in training() if n not in APART):
        half = np.array_split(track, 2, axis=1)[k % 2]
        turned = np.roll(half, 11000 * k, axis=1)[:: -1 if (k // 2) % 2 else 1]
        found.append((str(mitdb / name), turned, usual, SNR_DB[k % 3], learnt))
    return found


def weights(gathered: Sequence[Gathered]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which beats are read, and what each weighs before classes are balanced: plainly normal ones are thinned."""
    keep, weight = [], []
    for one in gathered:
        order = np.arange(len(one.at))
        plain = np.isin(one.symbols, list("NLReje/")) & (one.features[:, 0] > 0.93) & (one.features[:, 3] > 0.87)
        keep.append(one.readable & (order >= SETTLED) & (~plain | (order % THIN == 0)))
        weight.append(np.where(plain, float(THIN), 1.0))
    return np.concatenate(keep), np.concatenate(weight)


def fit(x: NDArray[np.float64], y: NDArray[np.bool_], weight: NDArray[np.float64]) -> Any:
    """A hundred trees of at most six leaves; sizes chosen out of fold on DS1."""
    from sklearn.ensemble import GradientBoostingClassifier

    model = GradientBoostingClassifier(
        n_estimators=100,
        learning_rate=0.08,
        max_leaf_nodes=6,
        max_depth=None,
        min_samples_leaf=40,
        max_features=0.3,
        random_state=0,
    )
    return model.fit(x.astype(np.float32), y, sample_weight=weight)


def rows(model: Any, columns: Sequence[int], less: float) -> NDArray[np.float64]:
    """The array that `stream.models.log_odds` reads; less: log-odds taken off."""
    prior = float(model.init_.class_prior_[1])
    found = [[-1.0, 0.0, 0.0, 0.0, np.log(prior / (1.0 - prior)) - less, 1.0]]
    for tree in (one.tree_ for one in model.estimators_[:, 0]):
        for k in range(tree.node_count):
            feature = float(columns[tree.feature[k]]) if tree.children_left[k] >= 0 else -1.0
            value = model.learning_rate * float(tree.value[k, 0, 0]) if feature < 0 else 0.0
            left, right = max(0, int(tree.children_left[k])), max(0, int(tree.children_right[k]))
            threshold = float(tree.threshold[k]) if feature >= 0 else 0.0
            found.append([feature, threshold, left, right, value, float(tree.node_count)])
    return np.array(found, np.float64)


def balanced(
    y: NDArray[np.bool_], patient: NDArray[np.str_], weight: NDArray[np.float64], balance: float
) -> NDArray[np.float64]:
    """Weights by which a patient's class of total weight w counts w ** (1 - balance)."""
    given = weight.copy()
    for name in np.unique(patient):
        for side in (False, True):
            some = (patient == name) & (y == side)
            if some.any():
                given[some] *= weight[some].sum() ** -balance
    return np.asarray(given / given.mean(), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What one kind of tree is made from."""

    x: NDArray[np.float64]
    y: NDArray[np.bool_]
    weight: NDArray[np.float64]
    patient: NDArray[np.str_]
    symbols: NDArray[np.str_]
    columns: tuple[int, ...]
    less: float

    def model(self, some: NDArray[np.bool_]) -> Any:
        """Trees from these rows."""
        return fit(self.x[some][:, self.columns], self.y[some], self.weight[some])

    def out_of_fold(self) -> NDArray[np.float64]:
        """Log-odds of every row by trees that know no beat of its patient."""
        names = {name: k % FOLDS for k, name in enumerate(np.unique(self.patient))}
        fold = np.array([names[name] for name in self.patient])
        found = np.zeros(len(self.y))
        for k in range(FOLDS):
            model = self.model(fold != k)
            found[fold == k] = model.decision_function(self.x[fold == k][:, self.columns].astype(np.float32))
        return found - self.less


def lessons(gathered: Sequence[Gathered]) -> tuple[Lesson, Lesson]:
    """Ventricular beats from the clean recordings; artefacts from all but the patients of NSTDB."""
    clean = [g for g in gathered if not g.noisy]
    told = [g for g in gathered if g.patient not in APART]
    return (
        _lesson(clean, "VE", BEAT_COLUMNS, CAUTION, BALANCE),
        _lesson(told, "x", ARTEFACT_COLUMNS, 0.0, 0.0),
    )


def _lesson(
    gathered: Sequence[Gathered], positive: str, columns: tuple[int, ...], less: float, balance: float
) -> Lesson:
    keep, weight = weights(gathered)
    symbols = np.concatenate([g.symbols for g in gathered])[keep]
    patient = np.concatenate([np.full(len(g.at), g.patient) for g in gathered])[keep]
    y = np.isin(symbols, list(positive))
    x = np.concatenate([g.features for g in gathered])[keep]
    return Lesson(x, y, balanced(y, patient, weight[keep], balance), patient, symbols, columns, less)


def ignorant() -> Models:
    """Trees that take every beat for a normal one."""
    one = np.array([[-1.0, 0.0, 0.0, 0.0, -3.0, 1.0]])
    return Models(*([one] * len(Models._fields)))


def told(lesson: Lesson) -> dict[str, float | int]:
    """Out-of-fold sensitivity and positive predictivity; fusion beats taken for V count as false, and apart."""
    found = lesson.out_of_fold() > 0.0
    tp, fn = int((found & lesson.y).sum()), int((~found & lesson.y).sum())
    fp, fused = int((found & ~lesson.y).sum()), int((found & (lesson.symbols == "F")).sum())
    return {"se": run.share(tp, fn), "ppv": run.share(tp, fp), "ppv_without_f": run.share(tp, fp - fused)}


def learn(mitdb: Path, nstdb: Path, stretches: slice = ALL) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
    """The arrays by name of `Models`, and their out-of-fold figures; from some noisy stretches of NSTDB."""
    learnt = ignorant()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for _ in range(ROUNDS):
            gathered = list(pool.map(_one, tasks(mitdb, nstdb, stretches, learnt)))
            pair = lessons(gathered)
            made = {
                name: rows(one.model(np.ones(len(one.y), np.bool_)), one.columns, one.less)
                for name, one in zip(("beat", "artefact"), pair, strict=True)
            }
            learnt = learnt._replace(**made)
        return made, {name: told(one) for name, one in zip(("beat", "artefact"), pair, strict=True)}


def beats(args: argparse.Namespace) -> int:
    """Write `NAME_model.npy` and print the figures as one JSON object."""
    mitdb, nstdb = run.folder(args, "mitdb"), run.folder(args, "nstdb")
    made, figures = learn(mitdb, nstdb)
    for name, array in made.items():
        np.save(FOLDER / f"{name}_model.npy", array)
    for half, stretches in HALVES.items():
        np.save(Path(__file__).with_name(KNOWING.format(half)), learn(mitdb, nstdb, stretches)[0]["artefact"])
    print(json.dumps(figures))
    return 0
