"""Weights of a checkpoint at addresses that TensorRT's builder reads from.

A weight that is stored in the wanted type is mapped where it lies in its shard; any other is converted, alone, into a
file that is mapped in turn. Memory holds pages of files, which the system may drop, never all weights.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.gem.checkpoint import Checkpoint

_STORED = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
_ALIGNMENT = 256
FLOAT8_MOST = 448.0
"""Largest value of float8 e4m3 (Micikevicius et al. 2022, arXiv 2209.05433)."""


def numpy_kind(name: str) -> np.dtype[Any]:
    """numpy's type of `float32`, `float16`, `bfloat16` or `float8`."""
    import ml_dtypes

    odd: dict[str, Any] = {"bfloat16": ml_dtypes.bfloat16, "float8": ml_dtypes.float8_e4m3fn}
    found: np.dtype[Any] = np.dtype(odd.get(name, name))
    return found


class MappedWeights:
    """A checkpoint's weights as read-only mapped arrays; a context that owns the file of converted ones.

    kind: the type that weights are given in; folder: where the converted ones are kept until the context ends.
    """

    def __init__(self, checkpoint: Checkpoint, kind: str, folder: Path) -> None:
        self.kind = kind
        self._checkpoint = checkpoint
        self._spool = folder / "weights.converted"
        self._headers: dict[str, tuple[int, Mapping[str, Any]]] = {}
        self._end = 0

    def __enter__(self) -> MappedWeights:
        self._spool.write_bytes(b"")
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._spool.unlink(missing_ok=True)

    def array(self, key: str) -> NDArray[Any]:
        """The weight of a key; raises BadCheckpoint."""
        path = self._checkpoint.folder / self._checkpoint.files[key]
        start, told = self._header(path)
        entry = told[key]
        if entry["dtype"] == _STORED[self.kind]:
            at = start + int(entry["data_offsets"][0])
            if at % numpy_kind(self.kind).itemsize == 0:
                return np.memmap(path, numpy_kind(self.kind), "r", at, tuple(entry["shape"]))
        return self.convert(self._checkpoint.numpy(key), self.kind)

    def float8(self, key: str) -> tuple[NDArray[Any], NDArray[np.float32]]:
        """A matrix (out, in) in float8 and what each of its rows is to be multiplied with, (out,) float32."""
        weight = self._checkpoint.numpy(key).astype(np.float32)
        most = np.abs(weight).max(axis=1)
        scale = np.where(most > 0, most / FLOAT8_MOST, 1.0).astype(np.float32)
        return self.convert(weight / scale[:, None], "float8"), scale

    def convert(self, values: NDArray[Any], kind: str) -> NDArray[Any]:
        """Any values in a type, mapped from the file of converted ones."""
        made = np.ascontiguousarray(values).astype(numpy_kind(kind))
        at = -(-self._end // _ALIGNMENT) * _ALIGNMENT
        with self._spool.open("r+b") as file:
            file.seek(at)
            file.write(made.view(np.uint8).data)
        self._end = at + made.nbytes
        return np.memmap(self._spool, made.dtype, "r", at, made.shape)

    def _header(self, path: Path) -> tuple[int, Mapping[str, Any]]:
        """Where the values of a shard begin, and its table (the safetensors format: length, JSON, values)."""
        if path.name not in self._headers:
            with path.open("rb") as file:
                (length,) = struct.unpack("<Q", file.read(8))
                self._headers[path.name] = 8 + length, json.loads(file.read(length))
        return self._headers[path.name]
