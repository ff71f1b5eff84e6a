"""ONNX graphs written node by node, their weights beside them in one file, each written as soon as it is named.

Knows nothing about the model. A weight is in memory only while it is converted and written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
MICROSOFT = "com.microsoft"
"""Operators that ONNX Runtime alone has."""
_IR_VERSION = 10
_INLINE_BYTES = 1024
"""Smaller ones are shapes and indices, which readers of a graph look into."""
_ALIGNMENT = 4096
"""Weights begin on a page of memory, so that they can be mapped."""

Shape = Sequence[int | str]


class GraphWriter:
    """A graph that grows, and the file of its weights; a context that closes the file.

    path: where the graph will be saved; weights go to `path` with `.data` behind it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._nodes: list[Any] = []
        self._weights: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._names: dict[str, int] = {}
        self._domains: set[str] = {""}
        self._file: BinaryIO

    def __enter__(self) -> GraphWriter:
        self._file = self.data_path.open("wb")
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._file.close()

    @property
    def data_path(self) -> Path:
        return self._path.with_name(f"{self._path.name}.data")

    def input(self, name: str, shape: Shape, kind: int = TensorProto.FLOAT) -> str:
        """An input of the graph; its name."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        return name

    def output(self, name: str, shape: Shape, kind: int = TensorProto.FLOAT) -> None:
        """What is named so is an output."""
        self._outputs.append(helper.make_tensor_value_info(name, kind, list(shape)))

    def node(
        self, kind: str, given: Sequence[str], out: str | Sequence[str] = "", domain: str = "", **settings: Any
    ) -> str:
        """Add a node; the name of its first output, made up where none is given. An empty input is left out."""
        made = [out] if isinstance(out, str) else list(out)
        if not made[0]:
            made[0] = self._fresh(kind.lower())
        self._domains.add(domain)
        self._nodes.append(helper.make_node(kind, list(given), made, self._fresh(kind), domain=domain, **settings))
        return made[0]

    def weight(self, name: str, value: NDArray[Any]) -> str:
        """Write a weight; its name, which has to be the only one of its kind."""
        if value.nbytes < _INLINE_BYTES:
            self._weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
            return name
        self._file.write(b"\0" * (-self._file.tell() % _ALIGNMENT))
        told = TensorProto(name=name, data_type=helper.np_dtype_to_tensor_dtype(value.dtype), dims=value.shape)
        told.data_location = TensorProto.EXTERNAL
        places = (("location", self.data_path.name), ("offset", self._file.tell()), ("length", value.nbytes))
        for key, is_ in places:
            told.external_data.add(key=key, value=str(is_))
        np.ascontiguousarray(value).tofile(self._file)
        self._weights.append(told)
        return name

    def constant(self, value: Any, kind: Any = np.int64) -> str:
        """A small array that belongs to one node."""
        return self.weight(self._fresh("constant"), np.array(value, kind))

    def save(self, name: str) -> None:
        """Check the graph and write it."""
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, self._weights)
        versions = {"": OPSET, MICROSOFT: 1}
        opsets = [helper.make_opsetid(domain, versions[domain]) for domain in sorted(self._domains)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="vigil")
        self._file.flush()
        onnx.save(model, self._path)

    def _fresh(self, stem: str) -> str:
        count = self._names[stem] = self._names.get(stem, 0) + 1
        return f"{stem}_{count}"
