"""What the ECG tower is taught through: heads on its tokens, and harm to the signals it sees."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.gem.ecg_tower import EPS
from engine.train.stages import SignalStage
from stream.trigger import MODEL_HZ

POOLS = 4
"""Learnt averages over the tokens, beside the plain one."""
_WANDER_HZ = (0.1, 0.6)


class Heads(nn.Module):
    """(B, tokens, width) of the tower to the logits of labels (B, labels) and to parameters (B, parameters).

    With a class token (`first`) there are two readers, of averages over all tokens and of the first token alone. Each is
    taught by a half of the records, drawn anew at each step; afterwards their mean is told. So the class token carries by
    itself what the averages tell, and a decoder finds it in one place.
    """

    def __init__(self, width: int, labels: int, parameters: int, dropout: float, first: bool = False) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, EPS)
        self.pools = nn.Linear(width, POOLS)
        self.dropout = nn.Dropout(dropout)
        self.labels = nn.Linear(width * (1 + POOLS), labels)
        self.parameters_ = nn.Linear(width * (1 + POOLS), parameters)
        self.first = nn.Linear(width, labels + parameters) if first else None

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        x = self.norm(tokens)
        weights = self.pools(x).softmax(dim=1)
        pooled = torch.einsum("btk,btw->bkw", weights, x).flatten(1)
        pooled = self.dropout(torch.cat([x.mean(dim=1), pooled], dim=1))
        labels, parameters = self.labels(pooled).float(), self.parameters_(pooled).float()
        if self.first is None:
            return labels, parameters
        alone = self.first(self.dropout(x[:, 0])).float()
        share = torch.rand(len(x), 1, device=x.device).round() if self.training else 0.5
        told = torch.cat([labels, parameters], dim=1)
        told = told + share * (alone - told)
        return told[:, : labels.shape[1]], told[:, labels.shape[1] :]


def harmed(signals: Tensor, stage: SignalStage) -> Tensor:
    """Signals (B, 12, n) mV as other recorders would have given them: gain, noise, wander, lost leads, moved in time."""
    rows, leads, length = signals.shape
    new = signals.new_empty

    def some(share: float) -> Tensor:
        return new(rows, 1, 1).uniform_() < share

    x = signals * torch.exp(stage.gain * new(rows, 1, 1).normal_() + stage.lead_gain * new(rows, leads, 1).normal_())
    flat = (signals == 0).all(dim=2, keepdim=True)
    noise = stage.noise_mv * torch.exp(3.0 * new(rows, 1, 1).uniform_() - 3.0) * some(0.5)
    x = x + noise * new(rows, leads, length).normal_()
    time_s = torch.arange(length, device=x.device, dtype=x.dtype) / MODEL_HZ
    hz = new(rows, leads, 1).uniform_(*_WANDER_HZ)
    wander = torch.sin(2.0 * math.pi * (time_s * hz + new(rows, leads, 1).uniform_()))
    x = x + wander * (stage.wander_mv * torch.exp(2.5 * new(rows, 1, 1).uniform_() - 2.5) * some(0.5))
    lost = (new(rows, leads, 1).uniform_() < stage.lost_leads) & some(0.3)
    # a lead that is not there stays a row of zeros
    return _moved(x.masked_fill(flat | lost, 0.0), stage.shift_s)


def _moved(x: Tensor, most_s: float) -> Tensor:
    """Half of the rows later or earlier by up to so many seconds, zeros where nothing is known."""
    most = min(round(most_s * MODEL_HZ), x.shape[2] - 1)
    if not most:
        return x
    steps = torch.randint(-most, most + 1, (len(x),))
    steps[torch.rand(len(x)) < 0.5] = 0
    made = torch.zeros_like(x)
    for row, step in enumerate(steps.tolist()):
        if step >= 0:
            made[row, :, step:] = x[row, :, : x.shape[2] - step]
        else:
            made[row, :, :step] = x[row, :, -step:]
    return made
