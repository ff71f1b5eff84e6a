"""The ECG tower as a task: taught by recordings without a label, beside simulated ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.gem.ecg_tower import EcgTower
from engine.teacher.record import Taught
from engine.train.encoder import drawing, of_teacher
from engine.train.heads import Heads, harmed
from engine.train.loop import Learnt
from engine.train.masked import Rebuild, blinded, hidden, rebuilt_loss
from engine.train.needs import Refused
from engine.train.place import Place
from engine.train.segments import Segments
from engine.train.stages import UnlabelledStage
from engine.train.taught import TaughtTower, known_cross_entropy, known_smooth_l1

JUDGED = 64
"""Segments that are judged at once."""


class Unlabelled(TaughtTower[EcgTower, Taught]):
    """Trains tower, heads and the layer that tells what is hidden; a `loop.Task`."""

    def __init__(
        self, tower: EcgTower, heads: Heads, stage: UnlabelledStage, segments: Segments, place: Place, workers: int
    ) -> None:
        if stage.unlabelled % place.count:
            raise Refused(f"unlabelled {stage.unlabelled} does not divide among {place.count} processes")
        self._rebuild = Rebuild(tower.sizes.width, tower.sizes.patch)
        super().__init__(tower, heads, stage, place, (workers, drawing, ()), {"rebuild": self._rebuild})
        self._stage, self._segments = stage, segments
        self._firsts = np.searchsorted(segments.recording, np.arange(len(segments.names) + 1))

    # a step -------------------------------------------------------------------------------------------------------

    def learn(self, step: int) -> Learnt:
        """Gradients of a step: what is hidden, what was measured, and what the teacher tells of its own records."""
        stage, place = self._stage, self._place
        signals, measured, numbers = self._some(self.rows(step))
        cells = hidden(measured, stage, signals.shape[2] // stage.tower.patch)
        # not moved in time, so that what is told stays where it is
        given = blinded(harmed(signals, replace(stage, shift_s=0.0)), cells)
        drawn, labels, parameters = of_teacher(self._ahead.of(step), place.device)
        if len(drawn):
            given = torch.cat([given, harmed(drawn, stage)])
        with place.computing():
            tokens = self.tower(given)
            logits, found = self.heads(tokens)
            told = self._rebuild(tokens[: len(signals), 1:])
        count = len(signals)
        terms = {
            "rebuilt": stage.rebuilt_weight * rebuilt_loss(told, signals, cells),
            "numbers": stage.number_weight * known_smooth_l1(found[:count], numbers),
        }
        if len(drawn):
            terms["taught"] = stage.label_weight * known_cross_entropy(logits[count:], labels)
            terms["parameters"] = known_smooth_l1(found[count:], parameters)
        return self._learnt(terms, stage.taught + stage.unlabelled)

    def rows(self, step: int) -> NDArray[np.int64]:
        """Segments of this process at a step: each recording once before any comes again, one of its segments, drawn anew."""
        own, count = self._stage.unlabelled // self._place.count, len(self._segments.names)
        first = step * self._stage.unlabelled + self._place.rank * own
        found = []
        for k in range(first, first + own):
            epoch, at = divmod(k, count)
            recording = np.random.default_rng((self._stage.seed, 8, epoch)).permutation(count)[at]
            begin, end = self._firsts[recording], self._firsts[recording + 1]
            found.append(int(np.random.default_rng((self._stage.seed, 9, k)).integers(begin, end)))
        return np.array(found, np.int64)

    def _some(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
        """Signals, which leads were measured, and measured numbers."""
        return of_segments(self._segments, rows, self._place.device)


def of_segments(segments: Segments, rows: NDArray[np.int64], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Signals (n, 12, 5000) float32, which leads were measured (n, 12), and standardised numbers (n, 55)."""
    made = segments.signals[rows].astype(np.float32), segments.measured[rows], segments.numbers[rows]
    signals, measured, numbers = (torch.from_numpy(a).to(device) for a in made)
    return signals, measured, numbers


def judged(
    weights: Mapping[str, Mapping[str, Tensor]],
    tower: EcgTower,
    stage: UnlabelledStage,
    learnt: Segments,
    held: Segments,
) -> dict[str, float | int]:
    """Both errors on segments that nothing was learnt from, and those of whoever tells the mean: of a lead, of a number.

    weights: of `tower`, `heads` and `rebuild`. Something is hidden of every segment; the same at each call.
    """
    device = next(tower.parameters()).device
    made = EcgTower(tower.sizes).to(device)
    heads = Heads(tower.sizes.width, *_outputs(weights["heads"]), 0.0, first=True).to(device)
    rebuild = Rebuild(tower.sizes.width, tower.sizes.patch).to(device)
    for name, module in {"tower": made, "heads": heads, "rebuild": rebuild}.items():
        # not strict: torch adds counts of batches that the tower does not keep
        module.load_state_dict(weights[name], strict=False)
        module.eval()
    usual = torch.from_numpy(_means(learnt.numbers)).to(device)
    sums = torch.zeros(4, dtype=torch.float64)
    amounts = torch.zeros(2, dtype=torch.float64)
    torch.manual_seed(stage.seed)
    with torch.no_grad():
        for first in range(0, len(held.recording), JUDGED):
            rows = np.arange(first, min(first + JUDGED, len(held.recording)))
            signals, measured, numbers = of_segments(held, rows, device)
            cells = hidden(measured, replace(stage, masked=1.0), signals.shape[2] // stage.tower.patch)
            told = rebuild(made(blinded(signals, cells))[:, 1:])
            found = heads(made(signals))[1]
            parts = int(cells.sum()), int((~numbers.isnan()).sum())
            amounts += torch.tensor(parts)
            each = (
                (rebuilt_loss(told, signals, cells), parts[0]), (rebuilt_loss(torch.zeros_like(told), signals, cells), parts[0]),
                (known_smooth_l1(found, numbers), parts[1]), (known_smooth_l1(usual.expand_as(found), numbers), parts[1]),
            )  # fmt: skip
            sums += torch.tensor([float(loss) * part for loss, part in each])
    means = (sums / amounts.clamp(min=1).repeat_interleave(2)).tolist()
    names = ("rebuilt", "rebuilt_by_mean", "numbers", "numbers_by_mean")
    return {"recordings": len(held.names), "segments": len(held.recording), **dict(zip(names, means, strict=True))}


def _outputs(heads: Mapping[str, Tensor]) -> tuple[int, int]:
    return len(heads["labels.bias"]), len(heads["parameters_.bias"])


def _means(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each number that is known at all; 0 of the others."""
    known = ~np.isnan(numbers)
    return np.asarray(np.where(known, numbers, 0.0).sum(0) / np.maximum(1, known.sum(0)), np.float32)
