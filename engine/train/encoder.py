"""The ECG tower as a task: taught by simulated records, and by labelled real ones where there are some."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from engine.gem.ecg_tower import EcgTower
from engine.instruct.labelled import BadSet, Entry, read
from engine.instruct.labels import SUPERCLASSES
from engine.prepare import ENCODER_ORDER
from engine.teacher.labels import of_entry
from engine.teacher.record import Taught, draw
from engine.teacher.targets import LABELS, PARAMETERS, standardised
from engine.train import parts
from engine.train.batches import Ahead
from engine.train.heads import Heads, harmed
from engine.train.loop import Learnt
from engine.train.needs import Refused
from engine.train.place import Place
from engine.train.stages import EncoderStage
from ingest.frame import LEADS
from ingest.open_recording import UnreadableRecording

ROWS = [LEADS.index(lead) for lead in ENCODER_ORDER]
"""From the order of LEADS to that in which the tower sees the leads, here as when it interprets."""
FAR = 6.0
"""Standardised parameters are cut here."""
BETA = 0.5
"""Where the smooth L1 loss turns from a square into a line."""
PER_SEED = 10**9
"""Records between those of two seeds."""


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


def _drawing() -> Callable[[int], Taught]:
    return draw


class Encoder:
    """Trains tower and heads; a `loop.Task`."""

    def __init__(
        self, tower: EcgTower, heads: Heads, stage: EncoderStage, real: Real | None, place: Place, workers: int
    ) -> None:
        if stage.real and real is None:
            raise Refused(f"stage {stage.name} learns from labelled records too: name sets with --sets")
        if stage.taught % place.count or stage.real % place.count:
            raise Refused(f"taught {stage.taught} and real {stage.real} do not divide among {place.count} processes")
        self._stage, self._real, self._place = stage, real, place
        self.tower, self.heads = tower.to(place.device).train(), heads.to(place.device).train()
        modules: dict[str, nn.Module] = {"tower": self.tower, "heads": self.heads}
        rates = dict.fromkeys(modules, stage.rate)
        self.parameters: Mapping[str, nn.Parameter] = parts.named(modules, rates)
        self.averages: Mapping[str, Tensor] = parts.averages(modules, rates)
        self.optimiser: torch.optim.Optimizer = parts.optimiser(self.parameters, rates, stage.weight_decay)
        self.total = stage.steps
        self.mean = {name: t.detach().clone() for name, t in self._all()}
        """Weights averaged over the steps."""
        self._ahead: Ahead[Taught] = Ahead(self._seeds, self.total, workers, _drawing, ())

    def _all(self) -> list[tuple[str, Tensor]]:
        return [*self.parameters.items(), *self.averages.items()]

    def _seeds(self, step: int) -> list[int]:
        """Records of this process at a step; none is drawn twice."""
        stage, own = self._stage, self._stage.taught // self._place.count
        first = stage.seed * PER_SEED + step * stage.taught + self._place.rank * own
        return list(range(first, first + own))

    # a step -------------------------------------------------------------------------------------------------------

    def learn(self, step: int) -> Learnt:
        """Gradients of a step; labels and parameters weigh as the stage says."""
        stage, place = self._stage, self._place
        given, labels, parameters = self._taught(self._ahead.of(step))
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
        loss = torch.stack(list(terms.values())).sum()
        scaled: Any = place.scaler.scale(loss / place.count)
        scaled.backward()
        names = list(terms)
        sums = place.total(float(loss.detach()), *(float(terms[name].detach()) for name in names))
        means = [value / place.count for value in sums]
        return Learnt(means[0], stage.taught + stage.real, 1.0, dict(zip(names, means[1:], strict=True)))

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

    def _taught(self, drawn: Sequence[Taught]) -> tuple[Tensor, Tensor, Tensor]:
        """Signals, labels and standardised parameters of the teacher's records."""
        if not drawn:
            return torch.zeros(0, 12, 1), torch.zeros(0, len(LABELS)), torch.zeros(0, len(PARAMETERS))
        rows = np.stack([one.signal[ROWS] for one in drawn])
        numbers = np.clip(standardised(np.stack([one.parameters for one in drawn])), -FAR, FAR)
        made = rows, np.stack([one.labels for one in drawn]), numbers
        signals, labels, parameters = (torch.from_numpy(np.asarray(a, np.float32)).to(self._place.device) for a in made)
        return signals, labels, parameters

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

    def after(self) -> None:
        """Take the weights of this step into the average."""
        with torch.no_grad():
            for name, tensor in self._all():
                self.mean[name].mul_(self._stage.ema).add_(tensor, alpha=1.0 - self._stage.ema)

    # state --------------------------------------------------------------------------------------------------------

    def own(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The averaged weights."""
        return {f"mean/{name}": tensor for name, tensor in self.mean.items()}, {}

    def resume(self, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> None:
        """Put `own` back."""
        for name, tensor in self.mean.items():
            tensor.copy_(tensors[f"mean/{name}"])

    def averaged(self, part: str) -> dict[str, Tensor]:
        """The averaged weights of `tower` or `heads` by their own names."""
        return {n.removeprefix(f"{part}."): t for n, t in self.mean.items() if n.startswith(f"{part}.")}

    def close(self) -> None:
        """End the drawing processes."""
        self._ahead.close()


def known_cross_entropy(logits: Tensor, labels: Tensor, weight: Tensor | None = None) -> Tensor:
    """Mean binary cross-entropy over the labels that are told, each by the weight of its column; 0 where none is."""
    known = ~labels.isnan()
    if not known.any():
        return logits.sum() * 0.0
    each = weight.expand_as(labels)[known] if weight is not None else None
    return functional.binary_cross_entropy_with_logits(logits[known], labels[known], weight=each)


def known_smooth_l1(numbers: Tensor, wanted: Tensor) -> Tensor:
    """Mean smooth L1 over the parameters that there are; 0 where there is none."""
    known = ~wanted.isnan()
    if not known.any():
        return numbers.sum() * 0.0
    return functional.smooth_l1_loss(numbers[known], wanted[known], beta=BETA)
