"""Scores of the benchmarks that are decided by parsing: labels, options and choices; as published, and without the known faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.evaluate import parsing
from engine.evaluate.files import Item, Reply
from engine.evaluate.interval import Floats, OfSums, mean, of_sums

PTB = ("NORM", "MI", "STTC", "CD", "HYP")
CPSC = ("NORM", "AF", "I-AVB", "LBBB", "RBBB", "PAC", "PVC", "STD", "STE")
CODE15 = ("NORM", "ABNORMAL", *parsing.CODE15)


@dataclass(frozen=True, slots=True)
class Task:
    """One benchmark."""

    kind: str
    """labels, choice, options, report, arena or grounding; the last three need a judge."""
    published: int | None = None
    """Questions of the published file."""
    labels: tuple[str, ...] = ()
    letters: str = parsing.LETTERS


TASKS: dict[str, Task] = {
    "ptb-test-report": Task("report", 500),
    "ptb-test": Task("labels", 2082, PTB),
    "cpsc-test": Task("labels", 2061, CPSC),
    "code15-test": Task("labels", 1400, CODE15),
    "csn-test": Task("choice", 1611),
    "g12-test": Task("choice", 2026),
    "mmmu-ecg": Task("choice", 200, letters="ABCD"),
    "ecgqa-test": Task("options", 1317),
    "arena": Task("arena", 50),
    "grounding": Task("grounding"),
}
"""By what the published files have in their names; the first that fits holds."""
JUDGED = frozenset({"report", "arena", "grounding"})


def task_of(path: Path) -> str:
    """The benchmark that a file is one of, by its name; empty where none is known. Own instructions are grounding."""
    name = path.name.lower().replace("_", "-")
    return next((task for task in TASKS if task in name), "")


def score(name: str, items: Sequence[Item], replies: Sequence[Reply]) -> dict[str, Any]:
    """Both readings of a parsed benchmark.

    As published, only what was answered counts; corrected, what was not answered is wrong.
    """
    task, by_id = TASKS[name], {item.id: item for item in items}
    answered = [(by_id[r.id], r) for r in replies if r.id in by_id]
    told = {r.id: r for _, r in answered}
    whole = [(item, told.get(item.id)) for item in items]
    of = {"labels": _labels, "choice": _choice, "options": _options}[task.kind]
    published, corrected = of(name, task, answered, whole)
    return {
        "task": name, "questions": len(items), "answered": len(answered), "missing": len(items) - len(answered),
        "strange": len(replies) - len(answered), "published_questions": task.published,
        "as_published": published, "corrected": corrected,
    }  # fmt: skip


Answered = Sequence[tuple[Item, Reply]]
Whole = Sequence[tuple[Item, Reply | None]]


# labels -----------------------------------------------------------------------------------------------------------


def _labels(name: str, task: Task, answered: Answered, whole: Whole) -> tuple[dict[str, Any], dict[str, Any]]:
    code15 = name == "code15-test"

    def right(item: Item) -> tuple[str, ...]:
        return parsing.code15_gold(item.gold) if code15 else parsing.published_labels(item.gold, task.labels)

    gold = [right(item) for item, _ in answered]
    said = [
        parsing.published_code15(r.text) if code15 else parsing.published_labels(r.text, task.labels)
        for _, r in answered
    ]
    classes = [label for label in task.labels if any(label in one for one in gold)]
    published = multilabel(gold, said, classes, [item.recording for item, _ in answered])
    truth = [right(item) if code15 else parsing.labels_in(item.gold, task.labels) for item, _ in whole]
    read = [parsing.labels_in(r.text, task.labels) if r is not None else () for _, r in whole]
    corrected = multilabel(truth, read, list(task.labels), [item.recording for item, _ in whole])
    corrected["balanced_accuracy"] = corrected.pop("auc")
    corrected["unreadable"] = sum(not one for one in read)
    return published, corrected


def multilabel(
    gold: Sequence[Sequence[str]], said: Sequence[Sequence[str]], classes: Sequence[str], recordings: Sequence[str]
) -> dict[str, Any]:
    """Macro F1, macro area of hard predictions (which is balanced accuracy), Hamming loss, and F1 by class; 0..1.

    Means are taken over the classes that are right somewhere; labels that are none of the classes are dropped.
    """
    truth = np.array([[c in one for c in classes] for one in gold], bool).reshape(-1, len(classes))
    pred = np.array([[c in one for c in classes] for one in said], bool).reshape(-1, len(classes))
    there = [int(k) for k in np.flatnonzero(truth.any(axis=0))]
    cells = np.stack([truth & pred, ~truth & pred, truth & ~pred, ~truth & ~pred], axis=2).astype(np.float64)
    table, n = cells.reshape(len(truth), -1), len(classes)

    def over(of: Any) -> OfSums:
        return lambda sums: _known_mean(of(sums.reshape(-1, n, 4)[:, there]))

    def one(k: int) -> OfSums:
        return lambda sums: f1(sums.reshape(-1, n, 4)[:, k])

    by_class = {classes[k]: {**of_sums(table, one(k), recordings), "positive": int(truth[:, k].sum())} for k in there}
    wrong = (truth != pred).mean(axis=1).tolist() if n else []
    if not there:
        nothing = {"value": None, "low": None, "high": None}
        return {"f1": nothing, "auc": nothing, "hamming": mean(wrong, recordings), "by_class": {}}
    return {
        "f1": of_sums(table, over(f1), recordings), "auc": of_sums(table, over(_area), recordings),
        "hamming": mean(wrong, recordings), "by_class": by_class,
    }  # fmt: skip


def _known_mean(values: Floats) -> Floats:
    """(rounds, classes) -> (rounds,): mean of what is defined; NaN where nothing is."""
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1), np.float64)


def f1(cells: Floats) -> Floats:
    """(..., 4) true and false positives, false and true negatives -> (...): F1, 0 where nothing is right or said."""
    hit, false, missed = cells[..., 0], cells[..., 1], cells[..., 2]
    return np.asarray(2 * hit / np.maximum(2 * hit + false + missed, 1e-12), np.float64)


def _area(cells: Floats) -> Floats:
    """Area under the curve of a yes or no: the mean of sensitivity and specificity."""
    hit, false, missed, free = (cells[..., k] for k in range(4))
    return np.asarray((hit / (hit + missed) + free / (free + false)) / 2, np.float64)


# choices and options ----------------------------------------------------------------------------------------------


def _choice(name: str, task: Task, answered: Answered, whole: Whole) -> tuple[dict[str, Any], dict[str, Any]]:
    letters = [parsing.published_letter(r.text) for _, r in answered]
    drawn = parsing.by_chance(letters, task.letters)
    first = name != "mmmu-ecg"  # there the whole answer is compared
    hit = [said == (item.gold[:1] if first else item.gold) for said, (item, _) in zip(drawn, answered, strict=True)]
    published = {"accuracy": mean(hit, [i.recording for i, _ in answered]), "by_chance": letters.count(None)}
    read = [parsing.letter(r.text) if r is not None else None for _, r in whole]
    right = [said == item.gold.strip()[:1] for said, (item, _) in zip(read, whole, strict=True)]
    corrected = {"accuracy": mean(right, [i.recording for i, _ in whole]), "unreadable": read.count(None)}
    return published, corrected


def _options(name: str, task: Task, answered: Answered, whole: Whole) -> tuple[dict[str, Any], dict[str, Any]]:
    places = [item.recording for item, _ in answered]
    asked = [parsing.options(r.prompt or item.questions[-1]) for item, r in answered]
    pairs = list(zip(answered, asked, strict=True))
    same = [parsing.published_same_letters(r.text, i.golds[-1], among) for (i, r), among in pairs]
    exact = [parsing.published_same_options(r.text, i.golds[-1], among) for (i, r), among in pairs]
    published = {"accuracy": mean(same, places), "accuracy_of_pulse": mean(exact, places)}
    right, silent = [], 0
    for item, reply in whole:
        among = parsing.options(item.questions[-1])
        said = parsing.options_in(reply.text, among) if reply is not None else frozenset()
        silent += not said
        right.append(said == parsing.gold_options(item.golds[-1], among))
    return published, {"accuracy": mean(right, [i.recording for i, _ in whole]), "unreadable": silent}
