"""The reader of pages as a task: a small convolutional net that tells the curve of each lead, taught by pages of simulated records.

A trace is read column by column, and alike wherever it stands: so one net serves all columns of all leads, and learns from a thousand pages what
a tower of patches, which has to find it for each of its places, does not learn from many thousands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from engine.page_reader import EPS, READER, SIZES, UNIT_MV, Sizes, sizes_of
from engine.page_window import BAND, FIRST, LAST, ROW, dark
from engine.teacher.record import draw
from engine.train.loop import Learnt
from engine.train.place import Place
from engine.train.quick import NEW, any_pen, quick_page
from engine.train.run import Keeping, train_on_pages
from engine.train.stages import TowerStage, plain
from engine.train.taught import BETA, TaughtTower

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CurvesStage(TowerStage):
    """Training of the reader of pages on what the teacher draws, each record on one page."""

    taught: int = 24
    rate: float = 3e-3
    sizes: Sizes = field(default_factory=Sizes)
    new_pages: float = 0.5
    """Share of pages that are GEM's own page without wear."""


class CurveNet(nn.Module):
    """(B, 480, 480) darkness of pages to the curves (B, 12, 480 * numbers) mV of their leads."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width = sizes.width
        self.sizes = sizes
        self.first = nn.Conv2d(1, width, (BAND, 3), stride=(ROW, 1), padding=(0, 1))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width, EPS) for _ in range(sizes.blocks + 1))
        self.along = nn.ModuleList(
            nn.Conv2d(width, width, (1, sizes.kernel), padding=(0, sizes.kernel // 2 << k), dilation=(1, 1 << k))
            for k in range(sizes.blocks)
        )
        self.mix = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in range(sizes.blocks))
        self.curve = nn.Conv2d(width, sizes.numbers, 1)

    def forward(self, darkness: Tensor) -> Tensor:
        x = functional.gelu(self.norms[0](self.first(darkness[:, None, FIRST:LAST])))
        for norm, along, mix in zip(self.norms[1:], self.along, self.mix, strict=True):
            x = x + mix(functional.gelu(norm(along(x))))
        # (B, numbers, 12, 480): the numbers of a column stand beside each other
        told: Tensor = self.curve(x)
        return UNIT_MV * told.float().permute(0, 2, 3, 1).flatten(2)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The darkness of a page (480, 480), and the curves (12, n) mV that stand on it."""

    darkness: Floats
    curves: Floats


def drawing(stage: CurvesStage) -> Callable[[int], Drawn]:
    """What draws the record and the page of a seed."""

    def one(seed: int) -> Drawn:
        record, rng = draw(seed), np.random.default_rng((seed, 7))
        pen = NEW if rng.random() < stage.new_pages else any_pen(rng)
        page = quick_page(record.signal, record.mask, pen, seed)
        return Drawn(dark(page), pen.curves(record.signal, stage.sizes.numbers))

    return one


class Curves(TaughtTower[CurveNet, Drawn]):
    """Trains the reader; a `loop.Task`."""

    def __init__(self, net: CurveNet, stage: CurvesStage, place: Place, workers: int) -> None:
        super().__init__(net, None, stage, place, (workers, drawing, (stage,)))
        self._stage = stage

    def learn(self, step: int) -> Learnt:
        """Gradients of a step: the error in tenths of a millivolt."""
        drawn = self._ahead.of(step)
        pages, curves = (
            torch.from_numpy(np.stack(rows)).to(self._place.device)
            for rows in zip(*((one.darkness, one.curves) for one in drawn), strict=True)
        )
        with self._place.computing():
            read = self.tower(pages)
        error = functional.smooth_l1_loss(10.0 * read, 10.0 * curves, beta=BETA)
        return self._learnt({"curves": error}, self._stage.taught)


def train_curves(stage: CurvesStage, keeping: Keeping, workers: int = 0) -> dict[str, Any]:
    """Train a reader of pages and write it; the summary. Raises as `train_whole`."""

    def made(place: Place) -> Curves:
        return Curves(CurveNet(stage.sizes), stage, place, workers)

    def written(task: Curves) -> None:
        write(keeping.out / READER, stage.sizes, task.averaged("tower"))

    return train_on_pages(stage, keeping, {"stage": plain(stage)}, made, written)


def write(file: Path, sizes: Sizes, weights: Mapping[str, Tensor], half: bool = False) -> None:
    """Write a reader with its sizes. half: in float16, as it ships."""
    from safetensors.torch import save_file

    kind = torch.float16 if half else torch.float32
    part = file.with_name(f"{file.name}.part")
    kept = {name: one.detach().to("cpu", kind).contiguous() for name, one in weights.items()}
    save_file(kept, part, {SIZES: json.dumps(msgspec.to_builtins(sizes))})
    part.replace(file)


def halved(file: Path, into: Path) -> None:
    """Write a reader once more in float16, as it ships."""
    from safetensors.torch import load_file

    write(into, sizes_of(file), load_file(file), half=True)
    into.chmod(0o644)
