"""The decoder of the recipe: its samples, its training for each fold, and the findings that its texts name.

A fold's tokenizer, samples and decoder know nothing of its records. The towers are frozen: the ECG tower that was taught beside the labels of the
other folds, and the image tower of the teacher.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.mentioned import codes_in, labels_in
from engine.instruct.labels import classes_of, fifteen
from infra.plan import BadRequest
from infra.score import findings
from infra.score.finding_texts import text_figures
from infra.score.tiny import counts, reading, worth

if TYPE_CHECKING:
    from engine.instruct.labelled import Entry
    from infra.score.tiny.recipe import Records

WORDINGS = (0, 1)
"""Seeds of the reports of each record."""
WORDS = 66
"""Of a report, at most: six sentences, rate and intervals among them."""
SIMULATED, FIRST_SIMULATED = 600, 500_000_000
"""Reports of simulated records, of seeds that no tower was taught on."""
EVERY = 2
"""Times that a report of the most frequent class is shown in an epoch; of others by the root of how much rarer they are."""
EPOCHS = 3.0
VOCABULARY = 1536
RATES = {"decoder": 1e-3, "mm_projector": 1e-3, "ecg_projector": 1e-3}
SHOWN = {"both": (True, True), "signal": (True, False), "page": (False, True)}
READ = "read"
"""Shown the page alone as the product shows it: beside it what was read off it in place of the signal."""


def write(out: Path, records: Records) -> None:
    """A decoder for each fold that never saw it, and its texts about the fold, by what was shown; kept in DIR."""
    from infra.score.tiny.recipe import tower_of

    folds = int(records.fold.max()) + 1
    for fold in range(folds):
        tower = tower_of(out, records, fold, folds)
        told(out, records, fold, decoder(out, records, tower, records.without(fold)))


def kept(out: Path, records: Records) -> dict[str, list[str]]:
    """Texts about all records by what was shown, each by a decoder that never saw it; empty where DIR lacks those of a fold."""
    from infra.score.tiny.recipe import TAUGHT, named

    folds = int(records.fold.max()) + 1
    files = [_texts(_folder(out, named(TAUGHT, fold, folds))) for fold in range(folds)]
    if not all(file.is_file() for file in files):
        return {}
    parts = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    kinds = [kind for kind in (*SHOWN, READ) if all(kind in part for part in parts)]
    written: dict[str, list[str]] = {kind: [""] * len(records.entries) for kind in kinds}
    for fold, part in enumerate(parts):
        for kind, texts in ((kind, part[kind]) for kind in kinds):
            for row, text in zip(np.flatnonzero(records.fold == fold), texts, strict=True):
                written[kind][row] = text
    return written


def figures(records: Records, written: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """F1 of the findings that the texts name by what was shown, and what page and signal add to them, paired: macro F1 without and with."""
    there = np.array([entry.database == "ptbxl" for entry in records.entries])
    truth = findings.carried(records.entries)
    by_kind = {
        kind: {
            "ptbxl": judged(truth[there], [t for t, k in zip(texts, there, strict=True) if k]),
            "all": judged(truth, texts),
        }
        for kind, texts in written.items()
    }
    named = said(written)
    adds = {
        name: {
            where: counts.difference(truth[rows], named[without][rows], named["both"][rows])
            for where, rows in worth.sets(records.entries).items()
        }
        for name, without in (("page", "signal"), ("signal", "page"))
    }
    if READ in named:
        adds["signal_to_read"] = {
            where: counts.difference(truth[rows], named[READ][rows], named["both"][rows])
            for where, rows in worth.sets(records.entries).items()
        }
    return {"text_folds": np.bincount(records.fold).tolist(), "text": by_kind, "text_adds": adds}


def said(written: Mapping[str, Sequence[str]]) -> dict[str, counts.Floats]:
    """(records, classes of `infra.score.findings`) what the texts name, by what was shown."""
    return {kind: counts.said_of([labels_in(text) for text in texts]) for kind, texts in written.items()}


def judged(truth: NDArray[np.float64], texts: Sequence[str]) -> dict[str, Any]:
    """F1 of the findings that the claim checker's reader finds in the texts, its mean over the superclasses, as `vigil score findings --model` tells it; how long they are."""
    said = [codes_in(text) for text in texts]
    found = text_figures(truth, [fifteen(codes, classes_of(codes)) for codes in said])
    return {
        "f1": {"value": found["text_macro_f1"], **found["text_macro_f1_interval"]},
        "by_class": found["text_by_class"],
        "records": len(texts), "without_finding": sum(not codes for codes in said),
        "sentences": float(np.mean([text.count(".") for text in texts])), "slots": float(np.mean([text.count("<") for text in texts])),
    }  # fmt: skip


# training ---------------------------------------------------------------------------------------------------------


def decoder(out: Path, records: Records, tower: str, entries: Sequence[Entry]) -> Path:
    """The folder of the model that learnt to write from these records, its ECG tower that of a folder."""
    from engine.gem.new_words import learn_words, sizes_of
    from engine.train.pages import PAGE_TOWER, read_pages
    from engine.train.recordings import Places
    from engine.train.run import Keeping, train_whole
    from engine.train.samples import read_samples
    from engine.train.stages import Stage, built_in
    from engine.train.start import new
    from engine.train.towers import TOWER, open_tower
    from engine.train.whole import Supply
    from infra.score.tiny.recipe import PAGE

    folder = _folder(out, tower)
    folder.mkdir(exist_ok=True)
    data, sizes = folder / "samples.json", folder / "sizes.toml"
    if not sizes.exists():
        samples = chosen(reports(out, records), entries)
        data.write_text(json.dumps(samples), encoding="utf-8")
        texts = (said["value"] for sample in samples for said in sample["conversations"])
        sizes.write_text(sizes_of(learn_words(texts, VOCABULARY, folder)), encoding="utf-8")
    stage = built_in("tiny")
    assert isinstance(stage, Stage)
    stage = replace(
        stage, rates=RATES, epochs=EPOCHS, micro=32, precision="fast", page_kinds=1, new_pages=0.75, remembered_mb=3000
    )
    read, unusable = read_samples([data])
    places = Places(None, {entry.database: _root(entry) for entry in records.entries} | {"teacher": folder})
    start = new(
        sizes,
        open_tower(out / tower / TOWER, pickles=False),
        stage.seed,
        read_pages(out / PAGE / PAGE_TOWER),
    )
    train_whole(start, stage, Supply(read, unusable, places), [data], Keeping(folder / "model", cpu=True))
    return folder / "model"


def _folder(out: Path, tower: str) -> Path:
    """Of the decoder beside a tower."""
    return out / f"text-{tower}"


def _texts(folder: Path) -> Path:
    """The file of what a decoder wrote."""
    return folder / "texts.json"


def _root(entry: Entry) -> Path:
    """The folder of a record's set on this machine."""
    rest = entry.ecg.partition("/")[2]
    return Path(entry.place.removesuffix(rest))


def reports(out: Path, records: Records) -> list[dict[str, Any]]:
    """Reports of all records in each wording, checked against their measurements; kept in DIR."""
    from engine.instruct.make import Plan
    from engine.instruct.produce import produce
    from engine.kept import CannotGoOn

    found: list[dict[str, Any]] = []
    for seed in WORDINGS:
        file = out / f"reports-{seed}.json"
        if not file.exists():
            plan = Plan(seed, ("grounded",), WORDS, slots=True)
            try:
                produce(records.entries, {}, plan, file, 1, lambda _: None)
            except CannotGoOn as error:
                raise BadRequest(str(error)) from None
        found += json.loads(file.read_text(encoding="utf-8"))
    return found


def chosen(samples: Sequence[dict[str, Any]], entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Those of these records, rarer classes more often, and reports of simulated records."""
    from engine.instruct.simulated import simulated

    by_path = {entry.ecg: entry for entry in entries}
    counts = Counter(name for entry in entries for name in entry.classes)
    most = max(counts.values())
    found = []
    for sample in samples:
        entry = by_path.get(sample["ecg"])
        if entry is not None:
            rarity = max((sqrt(most / counts[name]) for name in entry.classes), default=1.0)
            found += [sample] * round(EVERY * rarity)
    kept = [{name: sample[name] for name in ("id", "ecg", "image", "conversations", "vigil")} for sample in found]
    return kept + simulated(FIRST_SIMULATED, SIMULATED)


# what it writes ---------------------------------------------------------------------------------------------------


def told(out: Path, records: Records, fold: int, model: Path) -> dict[str, list[str]]:
    """The texts about the records of a fold by what was shown; kept beside the model."""
    from engine.train.logits import signals_of
    from engine.train.written import texts
    from infra.score.tiny.recipe import pages

    file = _texts(model.parent)
    if not file.exists():
        rows = np.flatnonzero(records.fold == fold)
        _, signals = signals_of([records.entries[k] for k in rows])
        shown = np.array(pages(out, records, _side(model))[rows])
        made = {
            kind: texts(model, signals if signal else None, shown if page else None)
            for kind, (signal, page) in SHOWN.items()
        }
        if reading.there(out):
            made[READ] = texts(model, reading.signals(out, records)[rows], shown)
        file.write_text(json.dumps(made), encoding="utf-8")
    found: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _side(model: Path) -> int:
    from engine.gem.checkpoint import open_checkpoint

    return open_checkpoint(model).config.image.crop_px
