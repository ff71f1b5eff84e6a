"""What every runtime of the model can do, whatever computes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


class RuntimeAway(RuntimeError):
    """A runtime that cannot work on this machine; one sentence that says why and what to do."""


class Runtime(Protocol):
    """A loaded model with a fixed number of slots; each slot holds the cache of one conversation.

    Embeddings and logits are float32 whatever the weights are kept in. A call that does not fit raises ValueError
    with one sentence and leaves every slot as it was. Not safe to call from two threads at once.
    """

    name: str
    """`torch`, `onnx` or `tensorrt`."""
    vocabulary: int
    """Number of logits."""
    slots: int
    """Conversations held at once."""
    positions: int
    """Positions that one slot has room for."""

    def encode(self, signals: Floats | None, pages: Floats | None) -> Floats:
        """Embeddings that replace one placeholder per row, ECG tokens first, then image tokens.

        signals: (B, 12, 5000) millivolts at 500 Hz; pages: (B, 3, height, width) normalised pixels; one may be
        None, not both. Gives (B, tokens, hidden): for the released sizes 101, 576 or 677 tokens.
        """
        ...

    def embed(self, ids: Ids) -> Floats:
        """Embeddings (n, hidden) of token ids (n,)."""
        ...

    def extend(self, slot: int, embeddings: Floats) -> Floats:
        """Append (n, hidden) embeddings to a slot; logits (vocabulary,) after the last of them.

        Called again it goes on where the slot ended, so that a long prompt can be read in pieces.
        """
        ...

    def step(self, slots: Sequence[int], ids: Ids) -> Floats:
        """Append one token to each of some different slots; logits (len(slots), vocabulary)."""
        ...

    def length(self, slot: int) -> int:
        """Positions that are filled in a slot."""
        ...

    def rewind(self, slot: int, length: int) -> None:
        """Forget what came after the first `length` positions, as a follow-up question does."""
        ...

    def free(self, slot: int) -> None:
        """Forget all of a slot."""
        ...


class Filled:
    """How many positions of each slot are filled; the part of a runtime that does not depend on what computes."""

    def __init__(self, slots: int) -> None:
        self._lengths = [0] * slots

    def length(self, slot: int) -> int:
        """Positions that are filled in a slot."""
        return self._lengths[slot]

    def rewind(self, slot: int, length: int) -> None:
        """Forget what came after the first `length` positions; raises ValueError where there are fewer."""
        if not 0 <= length <= self._lengths[slot]:
            raise ValueError(f"slot {slot} holds {self._lengths[slot]} positions and cannot go back to {length}")
        self._lengths[slot] = length

    def free(self, slot: int) -> None:
        """Forget all of a slot."""
        self._lengths[slot] = 0


def check_inputs(signals: Floats | None, pages: Floats | None, side: int) -> None:
    """Refuse what no runtime may compute with: other shapes than `encode` takes, and what is not a number.

    side: of the image tower's pages, pixels. Raises ValueError with one sentence.
    """
    if signals is None and pages is None:
        raise ValueError("neither a signal nor a page was given: the placeholder needs one of them")
    for name, given, shape in (("signals", signals, (12, 5000)), ("pages", pages, (3, side, side))):
        if given is None:
            continue
        if given.ndim != len(shape) + 1 or given.shape[1:] != shape:
            raise ValueError(f"{name} are (B, {', '.join(map(str, shape))}), not {given.shape}: prepare them first")
        if not np.isfinite(given).all():
            raise ValueError(f"{name} hold values that are no numbers: prepare them first")
    if signals is not None and pages is not None and len(signals) != len(pages):
        raise ValueError(f"{len(signals)} signals and {len(pages)} pages: give one of each for a recording")
