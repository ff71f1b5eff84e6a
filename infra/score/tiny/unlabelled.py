"""`vigil learn tiny --unlabelled`: what recordings without a label add to the ECG tower, out of fold over patients.

Of each fold a tower goes on from `generator` on the recordings of the other folds, whose labels are not looked at, and on sets of two
leads, beside simulated records; then it is taught as the recipe teaches. It is compared with what the recipe teaches without that.
LUDB is never among them: the texts are checked on it.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from infra.datasets import data_folder
from infra.score import run
from infra.score.tiny import recipe, worth
from infra.settings import Settings

if TYPE_CHECKING:
    from engine.train.segments import Segments, Source

UNLABELLED, AFTER = "unlabelled", "taught-after-unlabelled"
"""Folders of towers, per fold: without a label, and taught behind that."""
STEPS, PIECES = 100, 2
"""Of a tower, about ten segments of each recording; segments of a long one. Set before any figure, for time alone."""
BESIDE = {"mitdb": 1, "cinc2015": 3}
"""Sets of two leads, and of how many of their recordings one is taken: for time alone."""


def figures(args: argparse.Namespace, out: Path, records: recipe.Records) -> dict[str, Any]:
    """Macro areas without and with the unlabelled step, and their paired difference, by set."""
    segments = _segments(args, records)
    folds = int(records.fold.max()) + 1
    parts = [recipe.asked(out, tower_of(out, records, segments, fold, folds), records, fold) for fold in range(folds)]
    truth, after = worth.truth_of(records.entries), recipe.pooled(records, parts)
    before = recipe.encoders(out, records, recipe.TAUGHT)
    return told_of(records, truth, before, after)


def told_of(records: recipe.Records, truth: worth.Floats, before: worth.Floats, after: worth.Floats) -> dict[str, Any]:
    """Both towers by set, and what the second gains over the first, with its interval."""
    database = np.array([entry.database for entry in records.entries])
    rows = {name: database == name for name in dict.fromkeys(database.tolist())} | {"all": np.ones(len(database), bool)}
    gain = {name: worth.difference(truth[there], before[there], after[there]) for name, there in rows.items()}
    parts = {"taught": before, "after_unlabelled": after}
    return {name: worth.by_set(records.entries, truth, one) for name, one in parts.items()} | {"gain": gain}


def tower_of(out: Path, records: recipe.Records, segments: Segments, fold: int, folds: int) -> str:
    """The tower that knows nothing of a fold, trained unless it is there; the name of its folder."""
    from engine.train.pretrain import Unasked, train_unlabelled
    from engine.train.run import Keeping
    from engine.train.segments import Source
    from engine.train.stages import UnlabelledStage, built_in
    from engine.train.towers import TOWER, open_tower

    stage = built_in("encoder-unlabelled")
    assert isinstance(stage, UnlabelledStage)
    seen = segments.of(learnt_from(segments, records, fold))
    given = Unasked([Source(name, name) for name in seen.names], segments=seen)
    begin, first = (
        open_tower(out / recipe.GENERATOR / TOWER, pickles=False),
        recipe.named(UNLABELLED, fold, folds),
    )
    train_unlabelled(replace(stage, steps=STEPS), begin, given, Keeping(out / first, cpu=True))
    name = recipe.named(AFTER, fold, folds)
    recipe.tower(out / name, "encoder-real", records.without(fold), out / first, steps=recipe.BESIDE_STEPS)
    return name


def learnt_from(segments: Segments, records: recipe.Records, fold: int) -> list[int]:
    """Recordings of the segments, less those of a fold."""
    judged = {entry.name for entry, own in zip(records.entries, records.fold, strict=True) if own == fold}
    return [k for k, name in enumerate(segments.names) if name not in judged]


def sources(args: argparse.Namespace, records: recipe.Records) -> list[Source]:
    """The labelled records, labels not looked at, and recordings of the sets beside them."""
    from engine.train.segments import Source, sources_at
    from infra.cache import cache_dir
    from infra.datasets import folder_of

    settings = Settings.from_environment()
    data, cache = data_folder(args.data, settings), cache_dir(settings.cache)
    found = [Source(entry.name, entry.place) for entry in records.entries]
    for name, every in BESIDE.items():
        found += sources_at(folder_of(name, data, cache))[::every]
    return found


def _segments(args: argparse.Namespace, records: recipe.Records) -> Segments:
    from engine.train.segments import read_segments

    def tell(done: int, of: int) -> None:
        run.progress(f"recordings read: {done} of {of}")

    found, _ = read_segments(sources(args, records), PIECES, tell=tell)
    run.progress("")
    return found
