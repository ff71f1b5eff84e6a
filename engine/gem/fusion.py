"""The recording's embeddings put in place of the placeholder, for batches with labels and padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.gem.config import IGNORED, IMAGE_ID


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """What the decoder is given.

    embeddings: (B, n, hidden), zero at padding; labels: (B, n) int64, -100 at recordings and padding;
    mask: (B, n) bool; positions: (B, n) int64 counted from the first token of a row, 0 at padding.
    """

    embeddings: Tensor
    labels: Tensor
    mask: Tensor
    positions: Tensor


def splice(
    embed: Callable[[Tensor], Tensor], ids: Tensor, labels: Tensor, recordings: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """One row: embeddings (n, hidden) and labels (n,), each placeholder replaced by its recording (tokens, hidden).

    Raises ValueError where there are more or fewer recordings than placeholders.
    """
    places = (ids == IMAGE_ID).nonzero().flatten().tolist()
    if len(places) != len(recordings):
        raise ValueError(
            f"{len(places)} placeholders in the prompt and {len(recordings)} recordings: give one for each"
        )
    if not places:
        return embed(ids), labels
    parts: list[Tensor] = []
    told: list[Tensor] = []
    words = embed(ids.clamp(min=0))
    begin = 0
    for place, recording in zip(places, recordings, strict=True):
        parts += [words[begin:place], recording.to(words)]
        told += [labels[begin:place], labels.new_full((len(recording),), IGNORED)]
        begin = place + 1
    return torch.cat([*parts, words[begin:]]), torch.cat([*told, labels[begin:]])


def fuse(
    embed: Callable[[Tensor], Tensor],
    ids: Tensor,
    labels: Tensor,
    mask: Tensor,
    recordings: Sequence[Tensor],
    longest: int,
    padding: str,
) -> Fused:
    """A batch (B, n) of ids, labels and mask; recordings in the order of their placeholders, row after row.

    Rows are cut to `longest` after splicing and padded anew, on the side that `padding` names.
    """
    rows: list[tuple[Tensor, Tensor]] = []
    used = 0
    for row in range(len(ids)):
        kept = ids[row][mask[row]]
        count = int((kept == IMAGE_ID).sum())
        one = splice(embed, kept, labels[row][mask[row]], recordings[used : used + count])
        rows.append((one[0][:longest], one[1][:longest]))
        used += count
    if used != len(recordings):
        raise ValueError(f"{used} placeholders in the batch and {len(recordings)} recordings: give one for each")
    return _pad(rows, padding)


def _pad(rows: Sequence[tuple[Tensor, Tensor]], padding: str) -> Fused:
    width = max(len(told) for _, told in rows)
    first, told = rows[0]
    embeddings = first.new_zeros(len(rows), width, first.shape[1])
    labels = told.new_full((len(rows), width), IGNORED)
    mask = torch.zeros_like(labels, dtype=torch.bool)
    positions = torch.zeros_like(labels)
    for row, (some, own) in enumerate(rows):
        at = slice(width - len(own), width) if padding == "left" else slice(0, len(own))
        embeddings[row, at] = some
        labels[row, at] = own
        mask[row, at] = True
        positions[row, at] = torch.arange(len(own), device=own.device)
    return Fused(embeddings, labels, mask, positions)
