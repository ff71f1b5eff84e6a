"""What the tasks of both towers share: the teacher's records, averaged weights, a step's end and the state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.train import parts
from engine.train.batches import Ahead
from engine.train.heads import Heads
from engine.train.loop import Learnt
from engine.train.needs import Refused
from engine.train.place import Place
from engine.train.stages import TowerStage

T = TypeVar("T")
Tower = TypeVar("Tower", bound=nn.Module)

BETA = 0.5
"""Where the smooth L1 loss turns from a square into a line."""
PER_SEED = 10**9
"""Records between those of two seeds."""


class TaughtTower(Generic[Tower, T]):
    """A tower and its heads, if any, that learn from simulated records, each drawn as a T by its seed; a `loop.Task` but for `learn`."""

    heads: Heads

    def __init__(
        self,
        tower: Tower,
        heads: Heads | None,
        stage: TowerStage,
        place: Place,
        ahead: tuple[int, Callable[..., Any], tuple[Any, ...]],
        beside: Mapping[str, nn.Module] = MappingProxyType({}),
    ) -> None:
        """ahead: processes that draw, what gives them their drawing, and what that is given. beside: other modules that learn with it."""
        if stage.taught % place.count:
            raise Refused(f"taught {stage.taught} does not divide among {place.count} processes")
        self._place = place
        self._first, self._taught_count, self._ema = stage.seed * PER_SEED, stage.taught, stage.ema
        self.tower = tower.to(place.device).train()
        others = {name: module.to(place.device).train() for name, module in beside.items()}
        modules: dict[str, nn.Module] = {"tower": self.tower}
        if heads is not None:
            self.heads = heads.to(place.device).train()
            modules["heads"] = self.heads
        modules |= others
        rates = dict.fromkeys(modules, stage.rate)
        self.parameters: Mapping[str, nn.Parameter] = parts.named(modules, rates)
        self.averages: Mapping[str, Tensor] = parts.averages(modules, rates)
        self.optimiser: torch.optim.Optimizer = parts.optimiser(self.parameters, rates, stage.weight_decay)
        self.total = stage.steps
        self.mean = {name: t.detach().clone() for name, t in self._all()}
        """Weights averaged over the steps."""
        workers, drawing, given = ahead
        self._ahead: Ahead[T] = Ahead(self._seeds, self.total, workers, drawing, given)

    def _all(self) -> list[tuple[str, Tensor]]:
        return [*self.parameters.items(), *self.averages.items()]

    def _seeds(self, step: int) -> list[int]:
        """Records of this process at a step; none is drawn twice."""
        own = self._taught_count // self._place.count
        first = self._first + step * self._taught_count + self._place.rank * own
        return list(range(first, first + own))

    def _learnt(self, terms: Mapping[str, Tensor], samples: int) -> Learnt:
        """Gradients of the sum of these terms, and what the step tells: means over the processes."""
        place = self._place
        loss = torch.stack(list(terms.values())).sum()
        scaled: Any = place.scaler.scale(loss / place.count)
        scaled.backward()
        sums = place.total(float(loss.detach()), *(float(one.detach()) for one in terms.values()))
        means = [value / place.count for value in sums]
        return Learnt(means[0], samples, 1.0, dict(zip(terms, means[1:], strict=True)))

    def after(self) -> None:
        """Take the weights of this step into the average."""
        with torch.no_grad():
            for name, tensor in self._all():
                self.mean[name].mul_(self._ema).add_(tensor, alpha=1.0 - self._ema)

    def own(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The averaged weights."""
        return {f"mean/{name}": tensor for name, tensor in self.mean.items()}, {}

    def resume(self, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> None:
        """Put `own` back."""
        for name, tensor in self.mean.items():
            tensor.copy_(tensors[f"mean/{name}"])

    def averaged(self, part: str) -> dict[str, Tensor]:
        """The averaged weights of `tower`, `heads` or a module beside them by their own names."""
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
