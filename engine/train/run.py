"""A training from its options to its folder: what is written there, and what a later run finds."""

from __future__ import annotations

import contextlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch

from engine.gem.checkpoint import write_checkpoint
from engine.gem.config import EcgSizes
from engine.gem.ecg_tower import EcgTower
from engine.gem.vision_tower import VisionTower
from engine.instruct.labelled import Entry
from engine.teacher.targets import LABELS, PARAMETERS
from engine.train import state
from engine.train.encoder import Encoder, read_real
from engine.train.heads import Heads
from engine.train.loop import LOG, Outcome, Pace, Task, train
from engine.train.needs import Refused
from engine.train.pages import Pages, write_pages
from engine.train.place import Place
from engine.train.progress import Progress
from engine.train.samples import Sample, Unusable, as_text
from engine.train.stages import EncoderStage, PageStage, SignalStage, Stage, TowerStage, digest, plain, told
from engine.train.start import Start, usable
from engine.train.towers import Tower, heads_beside, write_tower
from engine.train.whole import Supply, Whole, first_losses, write_unread

TRAINING = "training.json"
FIRST = 64
"""Samples whose words are looked at before anything is written."""
_LIBRARIES = ("vigil", "torch", "transformers", "accelerate", "numpy")


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where a training is kept, and how often its state is written."""

    out: Path
    save_s: float = 600.0
    save_steps: int = 0
    tell_steps: int = 50
    cpu: bool = False
    """Not on a GPU, though there is one."""
    progress: Callable[[int, bool, int], Progress] = Progress
    """What tells of it: made of the steps, whether it tells at all, and the steps between two lines."""


class Closing(Task, Protocol):
    """A task whose processes end with it."""

    def close(self) -> None:
        """End the processes that draw."""
        ...


T = TypeVar("T", bound=Closing)


def train_whole(start: Start, stage: Stage, supply: Supply, data: Sequence[Path], keeping: Keeping) -> dict[str, Any]:
    """Train a stage and write its checkpoint; the summary that stands in training.json.

    Raises Refused before anything is written, Failed where it was stopped or cannot go on.
    """
    usable(start, stage)
    place = Place(stage.precision, keeping.cpu)
    options = {
        "stage": told(stage), "start": dict(start.origin), "data": {path.name: digest(path) for path in data},
        "failing": supply.failing, "pages": "drawn" if supply.places.images is None else "files",
        "signals": supply.places.has_signals, "processes": place.count,
    }  # fmt: skip
    done = finished(keeping.out, options)
    if done is not None:
        return done
    check_words(start, supply.samples)
    prepare(keeping.out, place)
    task = Whole(start, stage, supply, place, keeping.out)
    show = keeping.progress(task.total, place.first, keeping.tell_steps)
    show.say(_begins(start, stage, task, place))
    try:
        outcome = train(task, place, pace(stage, keeping), keeping.out, options, show)
    finally:
        task.close()
    summary = summary_of(outcome, options, place) | {
        "fresh": list(start.fresh), "trained": trained(task.parameters), "unread": task.unread, "samples_of_files": len(supply.samples),
    }  # fmt: skip
    if place.first:
        task.write_unread()
        write_checkpoint(keeping.out, start.config, start.gem.weights(start.rest), start.tokenizer)
        finish(keeping.out, summary)
    place.wait()
    return summary


def train_encoder(
    stage: EncoderStage, tower: Tower | None, entries: Sequence[Entry], keeping: Keeping, workers: int = 0
) -> dict[str, Any]:
    """Train an ECG tower and write it with its heads; the summary that stands in training.json. Raises as `train_whole`.

    tower: what to go on from, with the heads beside it; its sizes hold then. entries: labelled records, if any.
    """
    place = Place(stage.precision, keeping.cpu)
    sizes = tower.sizes if tower else stage.tower
    labelled = [[e.name, list(e.codes), sorted(e.classes)] for e in entries]
    options = {
        "stage": told(stage), "start": {"ecg_tower": tower.digest} if tower else {}, "sizes": plain(sizes),
        "labelled": sha256(json.dumps(labelled).encode()).hexdigest(), "processes": place.count,
    }  # fmt: skip
    done = finished(keeping.out, options)
    if done is not None:
        return done
    made, heads = tower_and_heads(stage, tower, sizes)
    real, unread = read_real(entries, workers) if stage.real and entries else (None, [])
    task = Encoder(made, heads, stage, real, place, workers)
    prepare(keeping.out, place)
    show = keeping.progress(task.total, place.first, keeping.tell_steps)
    from_ = f" and {len(real.labels)} labelled ones" if real else ""
    show.say(f"stage {stage.name}: {task.total} steps on records of the teacher{from_}; {place.name}")
    try:
        outcome = train(task, place, pace(stage, keeping), keeping.out, options, show)
    finally:
        task.close()
    summary = summary_of(outcome, options, place) | {
        "trained": trained(task.parameters), "labelled_records": len(real.labels) if real else 0, "unread": {"records": len(unread)},
    }  # fmt: skip
    if place.first:
        write_unread(keeping.out, unread)
        write_tower(keeping.out, sizes, task.averaged("tower"), task.averaged("heads"))
        finish(keeping.out, summary)
    place.wait()
    return summary


def train_pages(stage: PageStage, keeping: Keeping, workers: int = 0) -> dict[str, Any]:
    """Train an image tower on pages of the teacher and write it with its heads; the summary. Raises as `train_whole`."""

    def made(place: Place) -> Pages:
        heads = Heads(stage.tower.hidden, len(LABELS), len(PARAMETERS), stage.dropout)
        return Pages(VisionTower(stage.tower), heads, stage, place, workers)

    def written(task: Pages) -> None:
        write_pages(keeping.out, stage.tower, task.averaged("tower"), task.averaged("heads"))

    return train_on_pages(stage, keeping, {"stage": told(stage)}, made, written)


def train_on_pages(
    stage: TowerStage,
    keeping: Keeping,
    options: Mapping[str, Any],
    made: Callable[[Place], T],
    written: Callable[[T], None],
) -> dict[str, Any]:
    """Train what pages of the teacher alone teach; the summary that stands in training.json. Raises as `train_whole`.

    options: of which a later run must have the same. made: what is trained, from the seed; written: writes it, in the first process alone.
    """
    place = Place(stage.precision, keeping.cpu)
    options = {**options, "processes": place.count}
    done = finished(keeping.out, options)
    if done is not None:
        return done
    torch.manual_seed(stage.seed)
    task = made(place)
    prepare(keeping.out, place)
    show = keeping.progress(task.total, place.first, keeping.tell_steps)
    show.say(f"stage {stage.name}: {task.total} steps on pages of the teacher; {place.name}")
    try:
        outcome = train(task, place, pace(stage, keeping), keeping.out, options, show)
    finally:
        task.close()
    summary = summary_of(outcome, options, place) | {"trained": trained(task.parameters)}
    if place.first:
        written(task)
        finish(keeping.out, summary)
    place.wait()
    return summary


def tower_and_heads(stage: SignalStage, tower: Tower | None, sizes: EcgSizes) -> tuple[EcgTower, Heads]:
    """From the seed, or as they were written."""
    torch.manual_seed(stage.seed)
    made, heads = EcgTower(sizes), Heads(sizes.width, len(LABELS), len(PARAMETERS), stage.dropout, first=True)
    if tower is not None:
        tower.check(sizes)
        # not strict: torch adds counts of batches that the tower does not keep; the keys are checked already
        made.load_state_dict({key: tower.read(key) for key in made.state_dict()}, strict=False)
        beside = heads_beside(tower.file)
        if beside is not None:
            heads.load_state_dict(beside)
    return made, heads


def _begins(start: Start, stage: Stage, task: Whole, place: Place) -> str:
    new = f", of which {', '.join(start.fresh)} are new" if start.fresh else ""
    counts = trained(task.parameters)
    said = ", ".join(f"{part} ({count / 1e6:.2f} M)" for part, count in counts.items())
    where = place.name if place.count == 1 else f"{place.count} processes, {place.name}"
    return f"stage {stage.name}: {task.total} steps; trained: {said}{new}; {where}"


def check_words(start: Start, samples: Sequence[Sample]) -> None:
    """Refuse a tokenizer that does not fit the model, by the first samples."""
    for sample in samples[:FIRST]:
        with contextlib.suppress(Unusable):
            as_text(sample, start.words, start.config, start.config.longest)


def trained(parameters: Mapping[str, Any]) -> dict[str, int]:
    """Weights that are trained, by part."""
    counts: dict[str, int] = {}
    for name, parameter in parameters.items():
        part = name.partition(".")[0]
        counts[part] = counts.get(part, 0) + int(parameter.numel())
    return counts


def pace(stage: Any, keeping: Keeping) -> Pace:
    """How a stage runs."""
    return Pace(stage.schedule, stage.warmup, stage.clip, stage.seed, keeping.save_s, keeping.save_steps)


def finished(out: Path, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """The summary of a training that is done already with these options; raises Refused of one with others."""
    file = out / TRAINING
    if not file.is_file():
        return None
    try:
        summary: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        odd = state.differing(options, summary["options"])
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{file} is no summary of a training: name another folder") from None
    if odd:
        raise Refused(f"{out} holds a training with other options ({odd}): name another folder")
    return summary


def prepare(out: Path, place: Place) -> None:
    """Make the folder; raises Refused where it holds something else."""
    if out.exists() and not out.is_dir():
        raise Refused(f"--out {out} is no folder")
    if not out.absolute().parent.is_dir():
        raise Refused(f"--out {out}: {out.absolute().parent} is not there")
    if out.is_dir() and any(out.iterdir()) and not (out / LOG).is_file():
        raise Refused(f"--out {out} holds other files: name a new folder, or one that this training was begun in")
    place.wait()
    if place.first:
        out.mkdir(exist_ok=True)
    place.wait()


def summary_of(outcome: Outcome, options: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """What every training tells of itself."""
    return {
        "options": options, "steps": outcome.steps, "samples": outcome.samples, "seconds": round(outcome.seconds, 1),
        "loss": first_losses(outcome.losses), "device": place.name, "versions": versions(),
    }  # fmt: skip


def finish(out: Path, summary: Mapping[str, Any]) -> None:
    """Write the summary and take the state away, which nothing needs any more."""
    part = out / f"{TRAINING}.part"
    part.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    part.replace(out / TRAINING)
    (out / state.STATE).unlink(missing_ok=True)


def versions() -> dict[str, str]:
    """Of Python and of the libraries that the numbers come from."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
