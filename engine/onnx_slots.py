"""Caches of all slots for ONNX Runtime, one buffer per layer, and which slots lie side by side in them.

A step reads and writes a run of neighbouring rows without a copy. Slots that are to be stepped together and do not lie
together are moved, which costs one copy of what they hold, once, when the set of slots changes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class SlotRows:
    """Keys and values of every layer, float32, and the length of each slot.

    caches: per layer first keys, then values, each (slots, key heads, positions, width), contiguous.
    """

    def __init__(self, layers: int, slots: int, heads: int, positions: int, width: int) -> None:
        self.caches = [np.zeros((slots, heads, positions, width), np.float32) for _ in range(2 * layers)]
        self.lengths = [0] * slots
        self._rows = list(range(slots))
        self._slots = list(range(slots))

    def row(self, slot: int) -> int:
        """Where a slot lies."""
        return self._rows[slot]

    def together(self, slots: Sequence[int]) -> int:
        """Bring different slots side by side, in any order; the first row of them."""
        count, rows = len(slots), sorted(self._rows[slot] for slot in slots)
        if rows[-1] - rows[0] == count - 1:
            return rows[0]
        members = set(rows)
        first = max(range(len(self._rows) - count + 1), key=lambda k: sum(k <= row < k + count for row in rows))
        room = [row for row in range(first, first + count) if row not in members]
        for free, row in zip(room, [row for row in rows if not first <= row < first + count], strict=True):
            self._swap(free, row)
        return first

    def _swap(self, one: int, other: int) -> None:
        a, b = self._slots[one], self._slots[other]
        filled = max(self.lengths[a], self.lengths[b])
        for cache in self.caches:
            held = cache[one, :, :filled].copy()
            cache[one, :, :filled] = cache[other, :, :filled]
            cache[other, :, :filled] = held
        self._rows[a], self._rows[b] = other, one
        self._slots[one], self._slots[other] = b, a
