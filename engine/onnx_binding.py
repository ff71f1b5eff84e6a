"""Tensors of the decoder bound to memory once, so that nothing is allocated or bound between two tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine.decoder import KEPT
from engine.runtime import Floats

LAST = -1


@dataclass(slots=True)
class Bound:
    """A run of neighbouring rows of the caches with everything else that a session needs; arrays are its memory."""

    session: Any
    binding: Any
    embeddings: Floats
    """(rows, columns, hidden)"""
    last: NDArray[np.int32]
    """(rows,)"""
    total: NDArray[np.int32]
    """(1,)"""
    logits: Floats
    """(rows, wanted, vocabulary)"""
    held: list[Any]
    """What the binding points to and does not keep alive; the embeddings first."""

    def run(self) -> None:
        self.session.run_with_iobinding(self.binding)

    def run_with(self, embeddings: Floats) -> None:
        """Run once with other embeddings (rows, n, hidden)."""
        given = value(np.ascontiguousarray(embeddings, np.float32))  # named, so that it lives until the run is over
        self.binding.bind_ortvalue_input("embeddings", given)
        try:
            self.run()
        finally:
            self.binding.bind_ortvalue_input("embeddings", self.held[0])


class Room:
    """Memory for what goes in and comes out of a call, shared by all that are bound to it: calls come one by one."""

    def __init__(self, rows: int, columns: int, hidden: int, vocabulary: int) -> None:
        self.embeddings = np.zeros((rows, columns, hidden), np.float32)
        self.logits = np.zeros((rows, columns, vocabulary), np.float32)
        self.last, self.total = np.zeros(rows, np.int32), np.zeros(1, np.int32)
        self.wanted = np.arange(columns) if columns > 1 else np.array([LAST])

    def bind(self, session: Any, names: Sequence[str], caches: Sequence[Floats]) -> Bound:
        """Bind a session of the decoder to some rows of the caches, (rows, heads, room, width) each, named so.

        Logits are those of every column; of the last where there is room for one, however many are run with.
        """
        rows = len(caches[0])
        embeddings, logits, last = self.embeddings[:rows], self.logits[:rows], self.last[:rows]
        binding, held = session.io_binding(), []
        inputs = (
            ("embeddings", embeddings),
            ("last", last),
            ("total", self.total.reshape(())),
            ("wanted", self.wanted),
        )
        for name, array in inputs:
            held.append(value(array))
            binding.bind_ortvalue_input(name, held[-1])
        held.append(value(logits))
        binding.bind_ortvalue_output("logits", held[-1])
        for name, cache in zip(names, caches, strict=True):
            held.append(value(cache))
            binding.bind_ortvalue_input(name, held[-1])
            binding.bind_ortvalue_output(name + KEPT, held[-1])
        return Bound(session, binding, embeddings, last, self.total, logits, held)


def value(array: Any) -> Any:
    """An array's own memory as a tensor."""
    return ort.OrtValue.ortvalue_from_numpy(array)
