"""The parts of the model: which are trained, and at which rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.gem.model import Gem
from engine.train.stages import PARTS

BETAS = (0.9, 0.999)
"""AdamW as the trainer of transformers sets it, which GEM was trained with."""
EPS = 1e-8
_MODULES = dict(zip(PARTS, ("ecg", "ecg_projector", "vision", "mm_projector", "llama"), strict=True))


def modules(gem: Gem) -> dict[str, nn.Module]:
    """Parts by their names; a model without ECG tower has none of its two."""
    return {part: getattr(gem, name) for part, name in _MODULES.items() if hasattr(gem, name)}


def train_only(parts: Mapping[str, nn.Module], trained: Mapping[str, float]) -> None:
    """Gradients and the mode of training for these parts; the others stay as they are, batch norms included."""
    for name, module in parts.items():
        module.requires_grad_(name in trained)
        module.train(name in trained)


def named(parts: Mapping[str, nn.Module], trained: Mapping[str, float]) -> dict[str, nn.Parameter]:
    """Every parameter that is trained, once, by part and name."""
    return {
        f"{part}.{name}": parameter
        for part, module in parts.items()
        if part in trained
        for name, parameter in module.named_parameters()
    }


def averages(parts: Mapping[str, nn.Module], trained: Mapping[str, float]) -> dict[str, Tensor]:
    """What trained parts keep beside their parameters: running means and variances of batch norms."""
    return {
        f"{part}.{name}": buffer
        for part, module in parts.items()
        if part in trained
        for name, buffer in module.named_buffers()
        if name.endswith(("running_mean", "running_var"))
    }


def groups(parameters: Mapping[str, nn.Parameter], rates: Mapping[str, float], decay: float) -> list[dict[str, Any]]:
    """Groups for AdamW: each part at its rate; matrices decay, all else does not."""
    found = []
    for part, rate in rates.items():
        own = {name: p for name, p in parameters.items() if name.partition(".")[0] == part}
        for decays in (True, False):
            some = [p for name, p in own.items() if _decays(name, p) == decays]
            if some:
                found.append({"params": some, "lr": rate, "rate": rate, "weight_decay": decay if decays else 0.0})
    return found


def optimiser(parameters: Mapping[str, nn.Parameter], rates: Mapping[str, float], decay: float) -> torch.optim.AdamW:
    """AdamW over the trained parameters; `rate` of a group is its highest rate."""
    return torch.optim.AdamW(groups(parameters, rates, decay), betas=BETAS, eps=EPS)


def _decays(name: str, parameter: nn.Parameter) -> bool:
    return parameter.ndim >= 2 and "embed" not in name
