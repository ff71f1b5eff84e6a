"""The whole model as a task: its samples, their recordings, what cannot be read, and the checkpoint at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn

from engine.train import parts
from engine.train.batches import Ahead, Order, seed_of, share, shown
from engine.train.loop import Learnt
from engine.train.needs import Failed
from engine.train.objective import Item, Learner, Memory
from engine.train.place import Place
from engine.train.recordings import Form, Look, Places, Recordings, Shown, Unreadable
from engine.train.samples import Sample, Text, Unusable, as_text
from engine.train.stages import Stage
from engine.train.start import Start

UNREAD = "unread.jsonl"
LEAST = 20
"""Samples that are looked at before a share of them may end a training."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What is learnt from, and how much of it may be missing."""

    samples: Sequence[Sample]
    unusable: Sequence[tuple[str, str]]
    """Entries of the files that are no samples: where, why."""
    places: Places
    failing: float = 0.05
    """Share of samples that may be unreadable."""
    workers: int = 0
    """Processes that read recordings; 0: this one."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A sample of a step before its recording is read."""

    place: int
    text: Text | None
    look: Look | None
    why: str = ""
    """Why it cannot be learnt from."""


class Whole:
    """Trains the parts that the stage names on the supply; a `loop.Task`."""

    def __init__(self, start: Start, stage: Stage, supply: Supply, place: Place, out: Path) -> None:
        self._start, self._stage, self._supply, self._place = start, stage, supply, place
        gem = start.gem.to(place.device)
        modules = parts.modules(gem)
        parts.train_only(modules, stage.rates)
        if stage.checkpointing and "decoder" in stage.rates:
            gem.llama.gradient_checkpointing_enable({"use_reentrant": False})
        self.parameters: Mapping[str, nn.Parameter] = parts.named(modules, stage.rates)
        self.averages: Mapping[str, Tensor] = parts.averages(modules, stage.rates)
        self.optimiser: torch.optim.Optimizer = parts.optimiser(self.parameters, stage.rates, stage.weight_decay)
        self.longest = min(stage.longest or gem.config.longest, gem.config.longest)
        # elsewhere many are computed at once, which is faster than to remember
        memory = Memory(stage.remembered_mb << 20) if place.device.type == "cpu" and stage.remembered_mb else None
        pages_come_again = supply.places.images is not None or stage.page_kinds > 0
        self._learner = Learner(gem, self.longest, memory, pages_come_again)
        lengths = tuple(sample.letters for sample in supply.samples)
        self._order = Order(lengths, stage.batch, stage.epochs, stage.grouped, stage.seed)
        self.total = self._order.steps
        self._unread: dict[str, str] = {}
        self._drawn: dict[int, list[_Drawn]] = {}
        self._tried = 0
        self._out = out
        form = Form(gem.config.image, gem.config.aspect, stage.signal, stage.new_pages, stage.page_scale)
        self._ahead: Ahead[Shown | str] = Ahead(self._looks, self.total, supply.workers, reading, (supply.places, form))

    # a step -------------------------------------------------------------------------------------------------------

    def learn(self, step: int) -> Learnt:
        """Gradients of this process's share of a step; raises Failed where too much cannot be read."""
        read, drawn = iter(self._ahead.of(step)), self._mine(step)
        del self._drawn[step]
        items, failed = [], []
        for one in drawn:
            shown_ = next(read) if one.look is not None else None
            why = one.why or (shown_ if isinstance(shown_, str) else "")
            if why or one.text is None:
                failed.append((one.place, why))
            else:
                items.append(Item(one.text, one.look, shown_ if isinstance(shown_, Shown) else None))
        self._note(self._place.together(failed), step)
        tokens, samples = self._place.total(float(sum(item.text.learnt for item in items)), float(len(items)))
        loss = 0.0
        for some in share(items, self._stage.micro, 0, 1):
            with self._place.computing():
                summed = self._learner(some)
            self._place.scaler.scale(summed / tokens).backward()
            loss += float(summed.detach())
        (loss,) = self._place.total(loss)
        return Learnt(loss / tokens if tokens else 0.0, int(samples), tokens, {"tokens": tokens})

    def after(self) -> None:
        """Nothing is averaged over steps here."""

    def _mine(self, step: int) -> list[_Drawn]:
        """This process's samples of a step, the longest first."""
        if step not in self._drawn:
            epoch, batch = self._order.of(step)
            dealt = share(batch, self._stage.micro, self._place.rank, self._place.count)
            self._drawn[step] = [self._draw(epoch, k) for some in dealt for k in some]
        return self._drawn[step]

    def _looks(self, step: int) -> list[Look]:
        return [self._learner.left(one.look) for one in self._mine(step) if one.look is not None]

    def _draw(self, epoch: int, k: int) -> _Drawn:
        sample, places = self._supply.samples[k], self._supply.places
        try:
            text = as_text(sample, self._start.words, self._start.config, self.longest)
        except Unusable as error:
            return _Drawn(k, None, None, str(error))
        if not text.has_recording:
            return _Drawn(k, text, None)
        seed = seed_of(self._stage.seed, epoch, k)
        signal_there = bool(sample.ecg) and places.has_signals
        page_there = bool(sample.image) if places.images is not None else signal_there
        signal, page = shown(self._stage, signal_there, page_there, seed)
        if not (signal or page):
            return _Drawn(k, None, None, "it names neither a signal nor a page that is looked for")
        look = Look(sample.ecg, sample.image, sample.change, signal, page, self._page_seed(sample, seed))
        return _Drawn(k, text, look)

    def _page_seed(self, sample: Sample, seed: int) -> int:
        """Of the page: the sample's own, or one of the few of its recording; of pages in files always the same."""
        if self._supply.places.images is not None:
            return 0
        if not self._stage.page_kinds:
            return seed
        recording = crc32(f"{sample.ecg} {sample.change}".encode())
        return seed_of(self._stage.seed, seed % self._stage.page_kinds, recording)

    # what cannot be read ------------------------------------------------------------------------------------------

    @property
    def unread(self) -> dict[str, int]:
        """How many samples were not learnt from, by reason as far as it counts."""
        return {"entries": len(self._supply.unusable), "samples": len(self._unread)}

    def _note(self, failed: Sequence[tuple[int, str]], step: int) -> None:
        self._tried += len(self._order.of(step)[1])
        for k, why in failed:
            self._unread[self._supply.samples[k].where] = why
        if failed:
            self.write_unread()
        none = len(self._supply.unusable)
        # later epochs meet the same samples again
        tried = none + min(self._tried, len(self._supply.samples))
        missing = none + len(self._unread)
        if tried >= min(LEAST, len(self._supply.samples) + none) and missing > self._supply.failing * tried:
            where, why = next(iter(self._unread.items()), None) or self._supply.unusable[0]
            raise Failed(
                f"{missing} of the first {tried} samples cannot be learnt from, more than {self._supply.failing:.0%}; of one, "
                f"{where}: {why}; {self._out / UNREAD} lists them"
            )

    def write_unread(self) -> None:
        """The list, beside the checkpoint."""
        if self._place.first:
            write_unread(self._out, [*self._supply.unusable, *self._unread.items()])

    # state --------------------------------------------------------------------------------------------------------

    def own(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What was tried and not read."""
        return {}, {"unread": self._unread, "tried": self._tried}

    def resume(self, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> None:
        """Put `own` back."""
        self._unread, self._tried = dict(told["unread"]), int(told["tried"])

    def close(self) -> None:
        """End the reading processes."""
        self._ahead.close()


def reading(places: Places, form: Form) -> Callable[[Look], Shown | str]:
    """What reads one recording: it, or the sentence why it cannot be read."""
    recordings = Recordings(places, form)

    def read(look: Look) -> Shown | str:
        if not (look.signal or look.page):
            return Shown(None, None)
        try:
            return recordings.show(look)
        except Unreadable as error:
            return str(error)

    return read


def write_unread(out: Path, rows: Sequence[tuple[str, str]]) -> None:
    """What was not learnt from, and why, a line each."""
    text = "".join(json.dumps({"where": where, "why": why}) + "\n" for where, why in rows)
    (out / UNREAD).write_text(text, encoding="utf-8")


def first_losses(losses: Sequence[float], share_: float = 0.1) -> dict[str, float | None]:
    """First, last, and the means over the first and the last tenth."""
    if not losses:
        return {"first": None, "last": None, "begin_mean": None, "end_mean": None}
    some = max(1, round(share_ * len(losses)))
    return {
        "first": losses[0], "last": losses[-1], "begin_mean": float(np.mean(losses[:some])), "end_mean": float(np.mean(losses[-some:])),
    }  # fmt: skip
