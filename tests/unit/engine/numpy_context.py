"""Stands in for the hardware: contexts that read what is bound, compute it in numpy, and write where outputs are bound.

An address is an address: whatever the runtime binds wrongly is read or written wrongly here too.
"""

from __future__ import annotations

import ctypes
from contextlib import nullcontext

import numpy as np

from engine.decoder import KEPT, cache_names, walk
from engine.gem.checkpoint import Checkpoint
from engine.trt_network import DecoderShape, profiles
from engine.trt_slots import ALIGNMENT
from tests.unit.engine.numpy_decoder import NumpyOps


def at(address: int, shape, kind) -> np.ndarray:
    """The memory at an address."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    return np.frombuffer((ctypes.c_byte * size).from_address(address), kind).reshape(shape)


class NumpyDevice:
    """A CPU in place of the GPU; a graph is the same work done again."""

    name, handle = "cpu", 7

    def __init__(self) -> None:
        self.captured = 0

    def busy(self):
        return nullcontext()

    def capture(self, run):
        self.captured += 1
        return run


class NumpyContext:
    """A context of the decoder's plan that keeps its bindings, checks them against the profile, and computes."""

    def __init__(self, checkpoint: Checkpoint, shape: DecoderShape, profile: int, capturable: bool) -> None:
        self.checkpoint, self.sizes, self.capturable = checkpoint, checkpoint.config.llama, capturable
        self.profile = profiles(self.sizes, shape)[profile]
        self.bound: dict[str, tuple[int, tuple[int, ...] | None]] = {}

    def bind(self, bindings):
        for name, (address, shape) in bindings.items():
            if name in self.profile:
                least, _, most = self.profile[name]
                assert all(a <= b <= c for a, b, c in zip(least, shape, most, strict=True)), (name, shape)
            # tensors of torch on a CPU are aligned to 64 bytes only; offsets within them are the runtime's own
            assert address % 64 == 0, name
            self.bound[name] = (address, shape)
        assert ALIGNMENT % 64 == 0

    def can_be_captured(self, stream):
        return self.capturable

    def run(self, stream):
        assert stream == NumpyDevice.handle
        names = cache_names(self.sizes.layers)
        assert all(self.bound[name + KEPT][0] == self.bound[name][0] for name in names)
        given = {n: at(*self.bound[n], np.int32) for n in ("places", "begins", "lengths")}
        caches = {name: at(*self.bound[name], np.float32) for name in names}
        ops = NumpyOps(self.checkpoint, caches, given["places"], given["begins"], given["lengths"])
        logits = walk(ops, self.sizes, at(*self.bound["embeddings"], np.float32))
        at(self.bound["logits"][0], logits[:, 0].shape, np.float32)[:] = logits[:, 0]


class NumpySession:
    """A plan of the decoder."""

    def __init__(self, checkpoint: Checkpoint, shape: DecoderShape, capturable: bool = True) -> None:
        self._given = checkpoint, shape
        self._capturable = capturable

    def context(self, profile: int, stream: int) -> NumpyContext:
        assert stream == NumpyDevice.handle
        return NumpyContext(*self._given, profile, self._capturable)


class NumpyTower:
    """A tower's plan: every token of a row is the row's mean, and tells which tower it was."""

    def __init__(self, mark: float, name: str, tokens: int, hidden: int) -> None:
        self.mark, self.name, self.shape = mark, name, (tokens, hidden)
        self.rows: list[int] = []

    def context(self, profile: int, stream: int) -> NumpyTower:
        return self

    def bind(self, bindings):
        self.bound = bindings

    def run(self, stream):
        given = at(*self.bound[self.name], np.float32)
        self.rows.append(len(given))
        means = given.reshape(len(given), -1).mean(axis=1) + self.mark
        at(self.bound["tokens"][0], (len(given), *self.shape), np.float32)[:] = means[:, None, None]
