"""The loop of every training: rates, gradients, log, and a state to go on from. Knows nothing of what is trained."""

from __future__ import annotations

import json
import math
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from engine.train import state
from engine.train.needs import Failed, Refused
from engine.train.place import Place
from engine.train.progress import Progress, duration

LOG = "training.jsonl"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What one step was, over all processes."""

    loss: float
    """Mean."""
    samples: int
    weight: float
    """What the mean is over, labelled tokens for one; 0: nothing was there to learn from."""
    told: Mapping[str, float] = field(default_factory=dict)
    """More for the log."""


class Task(Protocol):
    """What is trained."""

    total: int
    """Steps."""
    parameters: Mapping[str, nn.Parameter]
    averages: Mapping[str, Tensor]
    """Kept beside parameters, as running means."""
    optimiser: torch.optim.Optimizer

    def learn(self, step: int) -> Learnt:
        """Gradients of a step; this process's share of their sum, scaled by the place's scaler. Raises Failed."""
        ...

    def after(self) -> None:
        """Once the weights of a step are there."""
        ...

    def own(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What the task itself needs to go on: tensors and plain values."""
        ...

    def resume(self, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> None:
        """Put `own` back."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How rates change, and how often the state is written."""

    schedule: str
    warmup: float
    clip: float
    seed: int
    save_s: float = 600.0
    save_steps: int = 0
    """Every so many steps, beside the time; 0: by time alone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A training that reached its end."""

    steps: int
    samples: int
    seconds: float
    """Over all its runs."""
    losses: tuple[float, ...]
    """Of every step."""


def factor(step: int, total: int, warmup: float, schedule: str) -> float:
    """Share of the highest rate at a step, counted from 0: a rise over the warm-up, then the schedule's way to 0.

    As transformers' schedules, but for the first step, which has a rate of its own here in place of 0.
    """
    rise = math.ceil(warmup * total)
    if step < rise:
        return (step + 1) / rise
    way = (step - rise) / max(1, total - rise)
    if schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * way))
    return 1.0 - way if schedule == "linear" else 1.0


class Stop:
    """Whether the process was asked to end; the first SIGINT or SIGTERM asks, a second one breaks off."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        for kind in (signal.SIGINT, signal.SIGTERM):
            self._before[kind] = signal.signal(kind, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        self._back()

    def _ask(self, kind: int, frame: FrameType | None) -> None:
        self.asked = True
        self._back()

    def _back(self) -> None:
        for kind, handler in self._before.items():
            signal.signal(kind, handler)


def train(task: Task, place: Place, pace: Pace, out: Path, options: Mapping[str, Any], show: Progress) -> Outcome:
    """Every step from where `out` says on; raises Failed where it was stopped, Refused where it was begun otherwise."""
    run = _Run(task, place, pace, out, options, show)
    begin = run.begin()
    with Stop() as stop:
        for step in range(begin, task.total):
            run.step(step)
            asked = place.total(float(stop.asked))[0] > 0
            if asked or (step + 1 < task.total and run.is_due(step + 1)):
                run.save(step + 1)
            if asked and step + 1 < task.total:
                raise Failed(f"stopped after step {step + 1} of {task.total}: the same command goes on from there")
    run.save(task.total)
    show.end()
    return Outcome(task.total, run.samples, run.seconds, tuple(row["loss"] for row in run.rows))


class _Run:
    """What changes from step to step beside the weights."""

    def __init__(
        self, task: Task, place: Place, pace: Pace, out: Path, options: Mapping[str, Any], show: Progress
    ) -> None:
        self.task, self.place, self.pace, self.show = task, place, pace, show
        self.file, self.log, self.options = out / state.STATE, out / LOG, options
        self.rows: list[dict[str, Any]] = []
        self.samples, self._earlier_s = 0, 0.0
        self._begun = self._saved = time.monotonic()

    @property
    def seconds(self) -> float:
        return self._earlier_s + time.monotonic() - self._begun

    def begin(self) -> int:
        """The first step that is left."""
        if not self.file.exists():
            if self.place.first:
                state.write_lines(self.log, [])
            return 0
        told = state.told_in(self.file)
        odd = state.differing(self.options, told["options"])
        if odd:
            raise Refused(
                f"{self.file.parent} was begun with other options ({odd}): repeat those, or name another folder"
            )
        tensors = state.tensors_in(self.file)
        state.into(self.task.parameters, tensors, "weights")
        state.into(self.task.averages, tensors, "averages")
        state.into_optimiser(self.task.optimiser, self.task.parameters, tensors)
        if self.place.scaler.is_enabled():
            self.place.scaler.load_state_dict(told["scaler"])
        self.task.resume(tensors, told["task"])
        self.samples, self._earlier_s = told["samples"], told["seconds"]
        self.rows = state.kept_lines(self.log, told["step"])
        if self.place.first:
            state.write_lines(self.log, self.rows)
        self.show.say(f"going on after step {told['step']} of {self.task.total}, {duration(self._earlier_s)} so far")
        return int(told["step"])

    def step(self, step: int) -> None:
        """One step: rates, gradients, weights, log."""
        begun, task, place = time.monotonic(), self.task, self.place
        # every random choice of a step follows from its number, so that no state of a generator has to be kept
        torch.manual_seed(((self.pace.seed * 1_000_003 + step) * 4099 + place.rank) % (1 << 63))
        share = factor(step, task.total, self.pace.warmup, self.pace.schedule)
        for group in task.optimiser.param_groups:
            group["lr"] = group["rate"] * share
        learnt = task.learn(step)
        if not math.isfinite(learnt.loss):
            raise Failed(f"the loss of step {step + 1} is no number: lower the rates; the state before it is kept")
        length = self._update() if learnt.weight else 0.0
        task.optimiser.zero_grad(set_to_none=True)
        self.samples += learnt.samples
        row = {
            "step": step + 1, "loss": learnt.loss, "samples": learnt.samples, "rate": share, "gradient": length, **learnt.told,
            "seconds": round(time.monotonic() - begun, 4),
        }  # fmt: skip
        self.rows.append(row)
        if place.first:
            with self.log.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")
        self.show(step + 1, learnt.loss, learnt.samples)

    def _update(self) -> float:
        """New weights; the length of the gradient before it was clipped."""
        task, scaler = self.task, self.place.scaler
        parameters = list(task.parameters.values())
        self.place.add_up(parameters)
        scaler.unscale_(task.optimiser)
        length = nn.utils.clip_grad_norm_(parameters, self.pace.clip or math.inf)
        scaler.step(task.optimiser)
        scaler.update()
        self.place.average(task.averages.values())
        task.after()
        return float(length) if math.isfinite(float(length)) else 0.0

    def is_due(self, done: int) -> bool:
        """Whether it is time to write the state."""
        by_steps = self.pace.save_steps and done % self.pace.save_steps == 0
        return bool(by_steps) or time.monotonic() - self._saved >= self.pace.save_s

    def save(self, done: int) -> None:
        """Write the state after so many steps; the first process alone does."""
        self._saved = time.monotonic()
        if not self.place.first:
            return
        tensors, told = self.task.own()
        tensors |= {f"weights/{name}": p for name, p in self.task.parameters.items()}
        tensors |= {f"averages/{name}": t for name, t in self.task.averages.items()}
        tensors |= state.of_optimiser(self.task.optimiser, self.task.parameters)
        scaler = self.place.scaler.state_dict()
        told = {
            "options": self.options, "step": done, "samples": self.samples, "seconds": self.seconds, "scaler": scaler, "task": told,
        }  # fmt: skip
        state.save(self.file, tensors, told)
