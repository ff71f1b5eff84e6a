"""The loss of the whole model: summed cross-entropy of the answers' tokens, each sample with what it is shown of its recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.gem import fusion
from engine.gem.config import IGNORED
from engine.gem.model import Gem
from engine.gem.prompt import collate
from engine.train.recordings import Floats, Look, Shown
from engine.train.samples import Text


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One sample of a step. shown: None where the conversation has no recording."""

    text: Text
    look: Look | None = None
    shown: Shown | None = None
    """What the look asks for, less what is remembered."""


class Memory:
    """What frozen towers made of recordings, by name; full is full. Holds what would be computed again alike."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes
        self._kept: dict[tuple[Any, ...], Tensor] = {}

    def __contains__(self, key: tuple[Any, ...]) -> bool:
        return key in self._kept

    def of(self, key: tuple[Any, ...], make: Callable[[], Tensor]) -> Tensor:
        """What is kept under a key, else what is made now, and kept while there is room."""
        if key in self._kept:
            return self._kept[key]
        made = make()
        size = made.numel() * made.element_size()
        if size <= self._left:
            self._kept[key] = made
            self._left -= size
        return made


class Learner(nn.Module):
    """The model with its loss over a batch whose samples may lack their signal, their page, or both."""

    def __init__(self, gem: Gem, longest: int, memory: Memory | None = None, pages_come_again: bool = False) -> None:
        """longest: positions after which a sequence is cut; memory: of frozen towers, which then read one at a time."""
        super().__init__()
        self.gem = gem
        self.longest = longest
        self.memory = memory
        frozen = {name: not any(p.requires_grad for p in getattr(gem, name).parameters()) for name in ("ecg", "vision")}
        keeps = memory is not None
        self.keeps = {"ecg": keeps and frozen["ecg"], "vision": keeps and frozen["vision"] and pages_come_again}
        """By tower, whether what it makes is remembered."""

    def left(self, look: Look) -> Look:
        """A look without what is remembered of it."""
        if self.memory is None:
            return look
        return replace(
            look,
            signal=look.signal and signal_key(look) not in self.memory,
            page=look.page and page_key(look) not in self.memory,
        )

    def forward(self, items: Sequence[Item]) -> Tensor:
        """Sum of the cross-entropy over the labels."""
        device = next(self.gem.parameters()).device
        tokens = self.gem.config.tokens
        batch = collate([(item.text.ids, item.text.labels) for item in items], tokens.pad, self.longest)
        ids, labels, mask = (torch.from_numpy(a).to(device) for a in (batch.ids, batch.labels, batch.mask))
        recordings = self.recordings([item for item in items if item.look is not None])
        fused = fusion.fuse(self.gem.embed, ids, labels, mask, recordings, self.longest, self.gem.config.padding)
        logits = self.gem.logits(fused)[:, :-1].float().flatten(0, 1)
        return functional.cross_entropy(logits, fused.labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum")

    def recordings(self, items: Sequence[Item]) -> list[Tensor]:
        """Embeddings (tokens, hidden) of each: those of its signal, then those of its page, as far as it shows them."""
        looks = [item.look for item in items if item.look is not None]
        signals = iter(self._signals([item for item in items if item.look and item.look.signal]))
        pages = iter(self._pages([item for item in items if item.look and item.look.page]))
        return [
            torch.cat([*([next(signals)] if look.signal else []), *([next(pages)] if look.page else [])])
            for look in looks
        ]

    def _signals(self, items: Sequence[Item]) -> Sequence[Tensor]:
        gem = self.gem
        if not items:
            return ()
        if not self.keeps["ecg"]:
            return gem.read_signals(self._stack([item.shown.signal for item in items if item.shown]))  # type: ignore[return-value]
        kept = [self._kept(signal_key(i.look), gem.ecg, i.shown.signal if i.shown else None) for i in items if i.look]
        return gem.mm_projector(gem.ecg_projector(torch.cat(kept)))  # type: ignore[no-any-return]

    def _pages(self, items: Sequence[Item]) -> Sequence[Tensor]:
        gem = self.gem
        if not items:
            return ()
        if not self.keeps["vision"]:
            return gem.read_pages(self._stack([item.shown.page for item in items if item.shown]))  # type: ignore[return-value]
        kept = [self._kept(page_key(i.look), gem.vision, i.shown.page if i.shown else None) for i in items if i.look]
        return gem.mm_projector(torch.cat(kept))  # type: ignore[no-any-return]

    def _kept(self, key: tuple[Any, ...], tower: nn.Module, given: Floats | None) -> Tensor:
        """(1, tokens, width) that a frozen tower makes of one recording: the same whatever else is in the batch."""
        assert self.memory is not None

        def make() -> Tensor:
            with torch.no_grad():
                return tower(self._stack([given]))  # type: ignore[no-any-return]

        return self.memory.of(key, make)

    def _stack(self, rows: Sequence[Floats | None]) -> Tensor:
        device = next(self.gem.parameters()).device
        return torch.stack([torch.from_numpy(row) for row in rows if row is not None]).to(device)


def signal_key(look: Look) -> tuple[Any, ...]:
    """What tells the signal of a look from others."""
    return "signal", look.ecg, look.change


def page_key(look: Look) -> tuple[Any, ...]:
    """What tells the page of a look from others; drawn pages of one seed are alike."""
    return "page", look.image, look.ecg, look.change, look.seed
