"""Pretraining of the ECG tower on recordings without a label: from their places to the tower's folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from engine.train.loop import train
from engine.train.needs import Refused
from engine.train.place import Place
from engine.train.run import Keeping, finish, finished, pace, prepare, summary_of, tower_and_heads, trained
from engine.train.segments import Segments, Source, Unread, read_segments
from engine.train.stages import UnlabelledStage, plain, told
from engine.train.towers import Tower, write_tower
from engine.train.unlabelled import Unlabelled, judged
from engine.train.whole import write_unread

PARTS = ("tower", "heads", "rebuild")


@dataclass(frozen=True, slots=True)
class Unasked:
    """The recordings that are learnt from, whose labels nobody asks for."""

    sources: Sequence[Source]
    failing: float = 0.05
    """Share of them that may be unreadable."""
    segments: Segments | None = None
    """Their segments, where they are read already."""
    workers: int = 0

    def read(self, stage: UnlabelledStage, tell: Any) -> tuple[Segments, Unread]:
        """Their segments, and what cannot be read; raises Refused or Failed."""
        if self.segments is not None:
            return self.segments, []
        return read_segments(self.sources, stage.pieces, self.workers, self.failing, tell)


def train_unlabelled(stage: UnlabelledStage, tower: Tower | None, given: Unasked, keeping: Keeping) -> dict[str, Any]:
    """Train an ECG tower and write it with its heads; the summary that stands in training.json. Raises as `train_whole`.

    tower: what to go on from, with the heads beside it; its sizes hold then.
    """
    place = Place(stage.precision, keeping.cpu)
    sizes = tower.sizes if tower else stage.tower
    names = sorted(source.name for source in given.sources)
    options = {
        "stage": told(stage), "start": {"ecg_tower": tower.digest} if tower else {}, "sizes": plain(sizes),
        "unlabelled": sha256(json.dumps(names).encode()).hexdigest(), "failing": given.failing, "processes": place.count,
    }  # fmt: skip
    done = finished(keeping.out, options)
    if done is not None:
        return done
    if not names:
        raise Refused(f"stage {stage.name} learns from recordings: none is named")
    made, heads = tower_and_heads(stage, tower, sizes)
    prepare(keeping.out, place)
    show = keeping.progress(stage.steps, place.first, keeping.tell_steps)
    segments, unread = given.read(stage, show.part)
    learnt, held = parted(segments, stage)
    task = Unlabelled(made, heads, stage, learnt, place, given.workers)
    from_ = f"{len(learnt.recording)} segments of {len(learnt.names)} recordings without a label"
    show.say(f"stage {stage.name}: {task.total} steps on {from_}, {stage.taught} of the teacher a step; {place.name}")
    try:
        outcome = train(task, place, pace(stage, keeping), keeping.out, options, show)
    finally:
        task.close()
    weights = {part: task.averaged(part) for part in PARTS}
    summary = summary_of(outcome, options, place) | {
        "trained": trained(task.parameters), "recordings": len(learnt.names), "segments": len(learnt.recording),
        "held": judged(weights, made, stage, learnt, held) if held else {}, "unread": {"records": len(unread)},
    }  # fmt: skip
    if place.first:
        write_unread(keeping.out, unread)
        write_tower(keeping.out, sizes, weights["tower"], weights["heads"])
        finish(keeping.out, summary)
    place.wait()
    return summary


def parted(segments: Segments, stage: UnlabelledStage) -> tuple[Segments, Segments | None]:
    """What is learnt from, and what is kept back, by recordings; None where that is less than one."""
    count = len(segments.names)
    held = min(round(stage.held * count), count - 1)
    if not held:
        return segments, None
    mixed = np.random.default_rng((stage.seed, 7)).permutation(count).tolist()
    return segments.of(mixed[held:]), segments.of(mixed[:held])
