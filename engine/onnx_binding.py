"""Tensors of the decoder bound to memory once, so that nothing is allocated or bound between two tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine.onnx_decoder import KEPT
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


def bind(
    session: Any, names: Sequence[str], caches: Sequence[Floats], columns: int, wanted: Sequence[int], hidden: int
) -> Bound:
    """Bind a session of the decoder to some rows of the caches, (rows, heads, room, width) each, named so."""
    rows = len(caches[0])
    vocabulary = next(out.shape[-1] for out in session.get_outputs() if out.name == "logits")
    embeddings = np.zeros((rows, columns, hidden), np.float32)
    last, total = np.zeros(rows, np.int32), np.zeros(1, np.int32)
    logits = np.zeros((rows, len(wanted), vocabulary), np.float32)
    places = np.array(wanted, np.int64)
    binding, held = session.io_binding(), []
    inputs = (("embeddings", embeddings), ("last", last), ("total", total.reshape(())), ("wanted", places))
    for name, array in inputs:
        held.append(value(array))
        binding.bind_ortvalue_input(name, held[-1])
    held.append(value(logits))
    binding.bind_ortvalue_output("logits", held[-1])
    for name, cache in zip(names, caches, strict=True):
        held.append(value(cache))
        binding.bind_ortvalue_input(name, held[-1])
        binding.bind_ortvalue_output(name + KEPT, held[-1])
    return Bound(session, binding, embeddings, last, total, logits, held)


def value(array: Any) -> Any:
    """An array's own memory as a tensor."""
    return ort.OrtValue.ortvalue_from_numpy(array)
