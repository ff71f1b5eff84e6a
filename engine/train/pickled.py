"""Tensors out of a torch pickle without unpickling anything else: nothing that the file names is imported or called.

The published ECG-CoCa checkpoint is such a file (a training state). Its pickle is walked with stand-ins for every class and
function that it names; what comes out are names, shapes and places of tensors, whose numbers are then read as raw bytes.
"""

from __future__ import annotations

import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.train.needs import Refused

_TYPES = {
    "DoubleStorage": torch.float64, "FloatStorage": torch.float32, "HalfStorage": torch.float16, "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64, "IntStorage": torch.int32, "ShortStorage": torch.int16, "CharStorage": torch.int8,
    "ByteStorage": torch.uint8, "BoolStorage": torch.bool,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Storage:
    kind: torch.dtype
    key: str


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a tensor lies in a file; its numbers are not read yet."""

    kind: torch.dtype
    key: str
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class _Nothing:
    """Stands for whatever else a file names: it takes anything and does nothing."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> _Nothing:
        return _Nothing()

    def __setstate__(self, _: Any) -> None:
        pass

    def __setitem__(self, _: Any, __: Any) -> None:
        pass

    def append(self, _: Any) -> None:
        """Take one more."""

    def extend(self, _: Any) -> None:
        """Take more."""


class _Kind:
    """Stands for a class of storages, which its place in a file is told by."""

    def __init__(self, kind: torch.dtype) -> None:
        self.kind = kind


def _tensor(storage: Any, offset: Any, shape: Any, stride: Any, *_: Any) -> Any:
    if not isinstance(storage, _Storage):
        return _Nothing()
    return Stored(storage.kind, storage.key, int(offset), tuple(map(int, shape)), tuple(map(int, stride)))


def _parameter(data: Any, *_: Any) -> Any:
    return data


class _Walker(pickle.Unpickler):
    """Knows three functions, all of them ours; every other name becomes one that does nothing."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "collections" and name == "OrderedDict":
            return OrderedDict
        if module == "torch._utils":
            return {"_rebuild_tensor_v2": _tensor, "_rebuild_parameter": _parameter}.get(name, _Nothing)
        if module in ("torch", "torch.storage") and name in _TYPES:
            return _Kind(_TYPES[name])
        return _Nothing

    def persistent_load(self, told: Any) -> Any:
        if isinstance(told, tuple) and len(told) >= 3 and isinstance(told[1], _Kind):
            return _Storage(told[1].kind, str(told[2]))
        return _Nothing()


class Pickled:
    """The tensors of a torch file by name, `state_dict` and `module.` taken off. Raises Refused for what is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with zipfile.ZipFile(path) as archive:
                inside = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
                self._folder = inside.removesuffix("data.pkl")
                with archive.open(inside) as stream:
                    told = _Walker(stream).load()
        except FileNotFoundError:
            raise Refused(f"{path} is not there") from None
        except (zipfile.BadZipFile, StopIteration):
            raise Refused(f"{path} is no file that torch.save wrote (1.6 or later): fetch it again") from None
        except Exception as error:  # a stranger's pickle can be wrong in any way
            raise Refused(f"{path} cannot be read ({type(error).__name__}: {error}): fetch it again") from None
        held = told.get("state_dict", told) if isinstance(told, dict) else {}
        found = held.items() if isinstance(held, dict) else ()
        self.stored: Mapping[str, Stored] = {
            str(name).removeprefix("module."): one for name, one in found if isinstance(one, Stored)
        }
        if not self.stored:
            raise Refused(f"{path} holds no table of weights: name the checkpoint of ECG-CoCa")

    def read(self, name: str) -> Tensor:
        """The numbers of one tensor, float32; raises Refused where the file is cut short."""
        one = self.stored[name]
        with zipfile.ZipFile(self._path) as archive:
            try:
                raw = bytearray(archive.read(f"{self._folder}data/{one.key}"))
            except (KeyError, zipfile.BadZipFile, OSError) as error:
                raise Refused(f"{self._path} cannot be read at {name} ({error}): fetch it again") from None
        whole = torch.frombuffer(raw, dtype=one.kind) if raw else torch.empty(0, dtype=one.kind)
        last = one.offset + sum((n - 1) * step for n, step in zip(one.shape, one.stride, strict=True)) + 1
        if math.prod(one.shape) and (last > len(whole) or one.offset < 0 or min(one.stride, default=1) < 0):
            raise Refused(f"{self._path} is cut short at {name}: fetch it again")
        return whole.as_strided(one.shape, one.stride, one.offset).float().clone()
