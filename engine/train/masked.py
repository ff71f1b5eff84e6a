"""Hiding parts of recordings, and telling them from the rest: an objective that needs no label."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.gem.config import LEADS as COUNT
from engine.gem.ecg_tower import EPS
from engine.prepare import ENCODER_ORDER
from engine.train.stages import UnlabelledStage
from stream.trigger import MODEL_HZ

_LIMB = ("I", "II", "III", "aVR", "aVL", "aVF")
_CHEST = [lead for lead in ENCODER_ORDER if lead not in _LIMB]
UNITS = [0 if lead in _LIMB else 1 + _CHEST.index(lead) for lead in ENCODER_ORDER]
"""Of each row what is hidden with it: the limb leads together (Einthoven: II = I + III), each chest lead by itself."""
FLAT_MV = 0.01
"""A lead that moves less is not made larger than this: a line has nothing to tell."""


class Rebuild(nn.Module):
    """(B, patches, width), the tokens behind the class token, to what they stand for: (B, 12, samples), standardised."""

    def __init__(self, width: int, patch: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, EPS)
        self.told = nn.Linear(width, COUNT * patch)

    def forward(self, tokens: Tensor) -> Tensor:
        rows, patches, _ = tokens.shape
        told = self.told(self.norm(tokens)).float().view(rows, patches, COUNT, -1)
        found: Tensor = told.transpose(1, 2).flatten(2)
        return found


def hidden(measured: Tensor, stage: UnlabelledStage, patches: int) -> Tensor:
    """(B, 12, patches) what is hidden, of recordings whose leads (B, 12) were measured; drawn by torch's generator.

    A share of the recordings has anything hidden: of those the time in spans, in all leads, and some leads all the time. What was
    not measured is never hidden, and one unit of the leads is always left.
    """
    span = max(1, round(stage.mask_span_s * MODEL_HZ / stage.tower.patch))
    times = _times(len(measured), patches, span, stage.mask_time)
    leads = _leads(measured.cpu(), stage.mask_leads)
    chosen = torch.rand(len(measured)) < stage.masked
    cells = (times[:, None, :] | leads[:, :, None]) & chosen[:, None, None]
    return cells.to(measured.device) & measured[:, :, None]


def _times(rows: int, patches: int, span: int, share: float) -> Tensor:
    """(rows, patches): spans of so many patches, together the share of the time, at places that differ by row."""
    spans = -(-patches // span)
    order = torch.rand(rows, spans).argsort(dim=1)
    found = (order < round(share * spans)).repeat_interleave(span, dim=1)[:, :patches]
    moved = (torch.arange(patches)[None] + torch.randint(span, (rows, 1))) % patches
    return found.gather(1, moved)


def _leads(measured: Tensor, share: float) -> Tensor:
    """(rows, 12): leads that are hidden, by units; where all would be, one that was measured is left."""
    units = torch.tensor(UNITS)
    there = torch.zeros(len(measured), max(UNITS) + 1).index_add_(1, units, measured.float()) > 0
    lost = (torch.rand(there.shape) < share) & there
    left = torch.rand(there.shape).masked_fill(~there, -1.0).argmax(dim=1, keepdim=True)
    nothing = (lost | ~there).all(dim=1, keepdim=True)
    lost = lost & ~(nothing & torch.zeros_like(lost).scatter(1, left, True))
    return lost[:, units]


def blinded(signals: Tensor, cells: Tensor) -> Tensor:
    """Signals (B, 12, n) with zeros, as in absent leads, where cells (B, 12, patches) are hidden."""
    return signals.masked_fill(_samples(cells, signals.shape[2]), 0.0)


def standardised(signals: Tensor) -> Tensor:
    """Each lead (B, 12, n) less its mean, by its deviation over the ten seconds (at least FLAT_MV)."""
    deviation = signals.std(dim=2, keepdim=True, correction=0).clamp(min=FLAT_MV)
    return (signals - signals.mean(dim=2, keepdim=True)) / deviation


def rebuilt_loss(told: Tensor, signals: Tensor, cells: Tensor) -> Tensor:
    """Mean squared error of `told` (B, 12, n) over what is hidden, in standardised units; 0 where nothing is."""
    if not cells.any():
        return told.sum() * 0.0
    there = _samples(cells, signals.shape[2])
    return (told[there] - standardised(signals)[there]).square().mean()


def _samples(cells: Tensor, length: int) -> Tensor:
    return cells.repeat_interleave(length // cells.shape[2], dim=2)
