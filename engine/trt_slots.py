"""Where slots lie in the cache of a plan, and what one step binds. Arithmetic only: no device, no library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.gem.config import LlamaSizes
from engine.runtime import Ids

ALIGNMENT = 256
"""Bytes. TensorRT wants every address that is bound to be a multiple (IExecutionContext.set_tensor_address)."""
ROOM_STEP = 8
"""Positions of a slot come in multiples of this, so that rows of the mask stay aligned too."""

Int32s = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Slots:
    """One buffer (slots, kv heads, room, head width) per layer, one of keys and one of values.

    `room` is `positions` and at least one more: idle rows of a step write there.
    """

    count: int
    positions: int
    kv_heads: int
    width: int
    itemsize: int

    def __post_init__(self) -> None:
        if self.count < 1 or self.positions < 1:
            raise ValueError(f"{self.count} slots of {self.positions} positions: both must be at least 1")

    @property
    def room(self) -> int:
        """Positions that are allocated for a slot; the least that keeps every slot's address aligned."""
        row = self.kv_heads * self.width * self.itemsize
        step = int(np.lcm(ROOM_STEP, ALIGNMENT // np.gcd(ALIGNMENT, row)))
        return -(-(self.positions + 1) // step) * step

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return self.count, self.kv_heads, self.room, self.width

    @property
    def stride(self) -> int:
        """Bytes from one slot to the next."""
        return self.kv_heads * self.room * self.width * self.itemsize

    def address(self, base: int, slot: int) -> int:
        """Where a slot begins in a buffer at `base`; raises ValueError for a slot that is not there."""
        if not 0 <= slot < self.count:
            raise ValueError(f"slot {slot} is not one of {self.count}")
        return base + slot * self.stride

    def bytes(self, layers: int) -> int:
        """Memory of the whole cache."""
        return 2 * layers * self.count * self.stride


def slots_of(sizes: LlamaSizes, count: int, positions: int, itemsize: int) -> Slots:
    """The slots of a decoder."""
    return Slots(count, positions, sizes.kv_heads, sizes.head_width, itemsize)


def buckets(count: int) -> tuple[int, ...]:
    """Numbers of rows that steps are captured for: powers of two below the number of slots, and all of them."""
    small = [1 << k for k in range(count.bit_length()) if 1 << k < count]
    return (*small, count)


def bucket(slots: Sequence[int], count: int) -> int:
    """The smallest bucket whose rows reach all of some slots, which are read as a prefix of the cache."""
    return next(rows for rows in buckets(count) if rows > max(slots))


@dataclass(frozen=True, slots=True, eq=False)
class StepInputs:
    """What one decoding step binds, by row of a bucket: ids (B,), places (B, 1), begins (B,), lengths (B,)."""

    ids: Ids
    places: Int32s
    begins: Int32s
    lengths: Int32s


def step_inputs(slots: Sequence[int], ids: Ids, filled: Sequence[int], rows: int, spare: int) -> StepInputs:
    """One token for each of some slots, in a bucket of `rows`.

    filled: positions filled, by slot. A row without a token writes at `spare`, behind what a slot may hold, and looks
    at one position only.
    """
    given = np.zeros(rows, np.int64)
    begins = np.full(rows, spare, np.int32)
    lengths = np.ones(rows, np.int32)
    for slot, token in zip(slots, ids, strict=True):
        given[slot], begins[slot], lengths[slot] = token, filled[slot], filled[slot] + 1
    return StepInputs(given, begins[:, None].copy(), begins, lengths)


def pieces(begin: int, count: int, longest: int) -> list[tuple[int, int]]:
    """(begin, end) of the pieces in which `count` positions from `begin` on are read, none longer than a plan allows."""
    return [(at, min(at + longest, begin + count)) for at in range(begin, begin + count, longest)]
