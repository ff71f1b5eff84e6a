"""The ECG tower as a task: taught by simulated records, and by labelled real ones where there are some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.gem.ecg_tower import EcgTower
from engine.instruct.labelled import BadSet, Entry, read
from engine.instruct.labels import SUPERCLASSES
from engine.teacher.labels import of_entry
from engine.teacher.record import Taught, draw
from engine.teacher.targets import FAR, LABELS, PARAMETERS, standardised
from engine.train.batches import Ahead
from engine.train.heads import Heads, harmed
from engine.train.loop import Learnt
from engine.train.needs import Refused
from engine.train.place import Place
from engine.train.segments import ROWS as ROWS
from engine.train.stages import EncoderStage
from engine.train.taught import TaughtTower, known_cross_entropy, known_smooth_l1
from ingest.open_recording import UnreadableRecording


@dataclass(frozen=True, slots=True, eq=False)
class Real:
    """Labelled records. signals: (n, 12, 5000) float32 mV, rows in the encoder's order; labels: (n, 26), NaN where not told."""

    signals: NDArray[np.float32]
    labels: NDArray[np.float32]


def read_real(entries: Sequence[Entry], workers: int) -> tuple[Real, list[tuple[str, str]]]:
    """The records that can be read, and why the others cannot."""
    signals, labels, unread = [], [], []
    with Ahead(lambda _: entries, 1, workers, _reading_labelled, ()) as ahead:
        for entry, found in zip(entries, ahead.of(0), strict=True):
            if isinstance(found, str):
                unread.append((entry.name, found))
                continue
            signals.append(found)
            labels.append(of_entry(entry))
    if not signals:
        raise Refused(f"none of the {len(entries)} labelled records can be read; of one: {unread[0][1]}")
    return Real(np.stack(signals), np.stack(labels)), unread


def _reading_labelled() -> Callable[[Entry], NDArray[np.float32] | str]:
    def one(entry: Entry) -> NDArray[np.float32] | str:
        try:
            return read(entry).signal_mv[ROWS]
        except (UnreadableRecording, BadSet, OSError) as error:
            return str(error)

    return one


def drawing() -> Callable[[int], Taught]:
    """What draws a record of the teacher by its seed."""
    return draw


def of_teacher(drawn: Sequence[Taught], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Signals (n, 12, 5000), labels (n, 26) and standardised parameters (n, 55) of the teacher's records."""
    if not drawn:
        return torch.zeros(0, 12, 1), torch.zeros(0, len(LABELS)), torch.zeros(0, len(PARAMETERS))
    rows = np.stack([one.signal[ROWS] for one in drawn])
    numbers = np.clip(standardised(np.stack([one.parameters for one in drawn])), -FAR, FAR)
    made = rows, np.stack([one.labels for one in drawn]), numbers
    signals, labels, parameters = (torch.from_numpy(np.asarray(a, np.float32)).to(device) for a in made)
    return signals, labels, parameters


class Encoder(TaughtTower[EcgTower, Taught]):
    """Trains tower and heads; a `loop.Task`."""

    def __init__(
        self, tower: EcgTower, heads: Heads, stage: EncoderStage, real: Real | None, place: Place, workers: int
    ) -> None:
        if stage.real and real is None:
            raise Refused(f"stage {stage.name} learns from labelled records too: name sets with --sets")
        if stage.real % place.count:
            raise Refused(f"real {stage.real} does not divide among {place.count} processes")
        super().__init__(tower, heads, stage, place, (workers, drawing, ()))
        self._stage, self._real = stage, real

    # a step -------------------------------------------------------------------------------------------------------

    def learn(self, step: int) -> Learnt:
        """Gradients of a step; labels and parameters weigh as the stage says."""
        stage, place = self._stage, self._place
        given, labels, parameters = of_teacher(self._ahead.of(step), place.device)
        count = len(given)
        given = harmed(given, stage)
        real_labels = labels[:0]
        if stage.real:
            real, real_labels = self._mixed(*self._some_real(step))
            given = torch.cat([real, given]) if count else real
        with place.computing():
            told, numbers = self.heads(self.tower(given))
        split = len(given) - count
        terms = self._losses(told[:split], real_labels, told[split:], labels, numbers[split:], parameters)
        return self._learnt(terms, stage.taught + stage.real)

    def _losses(
        self, real: Tensor, real_labels: Tensor, taught: Tensor, labels: Tensor, numbers: Tensor, parameters: Tensor
    ) -> dict[str, Tensor]:
        """Weighted terms. Beside labelled records the teacher's superclasses are left to those."""
        stage = self._stage
        terms: dict[str, Tensor] = {}
        if len(real):
            weight = torch.ones(len(LABELS), device=real.device)
            weight[: len(SUPERCLASSES)] = stage.superclass_weight
            terms["real"] = known_cross_entropy(real, real_labels, weight)
        if len(taught):
            first = len(SUPERCLASSES) if len(real) else 0
            factor = stage.taught_weight if len(real) else stage.label_weight
            terms["taught"] = factor * known_cross_entropy(taught[:, first:], labels[:, first:])
            factor = stage.parameter_weight if len(real) else 1.0
            terms["parameters"] = factor * known_smooth_l1(numbers, parameters)
        return terms

    def _some_real(self, step: int) -> tuple[Tensor, Tensor]:
        """Labelled records of a step: each once before any comes again."""
        assert self._real is not None
        own, count = self._stage.real // self._place.count, len(self._real.labels)
        first = step * self._stage.real + self._place.rank * own
        at = [(first + k) // count for k in range(own)], [(first + k) % count for k in range(own)]
        orders = {epoch: np.random.default_rng((self._stage.seed, 6, epoch)).permutation(count) for epoch in set(at[0])}
        rows = np.array([orders[epoch][k] for epoch, k in zip(*at, strict=True)])
        return (
            torch.from_numpy(self._real.signals[rows]).to(self._place.device),
            torch.from_numpy(self._real.labels[rows]).to(self._place.device),
        )

    def _mixed(self, signals: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Labelled records after harm; in half of the steps each is a mixture of two (Zhang et al., mixup, 2018)."""
        signals, stage = harmed(signals, self._stage), self._stage
        if not stage.mixup or float(torch.rand(1)) < 0.5:
            return signals, labels
        share = float(torch.distributions.Beta(stage.mixup, stage.mixup).sample())
        other = torch.randperm(len(labels))
        return share * signals + (1 - share) * signals[other], share * labels + (1 - share) * labels[other]
