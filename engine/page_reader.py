"""Reads the twelve curves off a page, without torch: a small convolutional net on ONNX Runtime (`engine/train/curves.py` teaches it)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.cache import kept_in
from engine.onnx_cache import GraphKey, graphs_in
from engine.onnx_graph import GraphWriter
from engine.page_window import BAND, FIRST, LAST, ROW, SIDE
from ingest.frame import LEADS

READER = "page_reader.safetensors"
SIZES = "sizes"
"""Of the metadata of a file."""
UNIT_MV = 0.25
"""Of what the net says of a curve."""
EPS = 1e-5
"""Of its batch norms."""
_GRAPH = "reader.onnx"
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of the net."""

    width: int = 64
    blocks: int = 3
    """Each looks twice as far along the time as the one before."""
    kernel: int = 5
    """Columns that a block looks at."""
    numbers: int = 2
    """Of a curve in each column of the page."""


class PageReader:
    """A reader of pages as it was written."""

    def __init__(self, file: Path, cache: Path | None = None) -> None:
        """cache: where its graph is kept (the user's by default). Raises ValueError where the file holds none."""
        from importlib.metadata import version

        sizes, weights = _held(file)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        key = GraphKey(digest, repr(sizes), "reader", version("onnx"), version("onnxruntime"))
        place = graphs_in(cache or kept_in("graphs"), key, lambda part: write_graph(sizes, weights, part / _GRAPH))
        from engine.onnx_runtime import session

        self._session: Any = session(place / _GRAPH, 1)

    def curves(self, darkness: Floats) -> Floats:
        """(n, 12, numbers) mV of the darkness (n, 480, 480) of pages, leads in their order."""
        (told,) = self._session.run(None, {"darkness": np.ascontiguousarray(darkness, np.float32)})
        return np.asarray(told, np.float32)


def sizes_of(file: Path) -> Sizes:
    """Of the reader in a file; raises ValueError where it holds none."""
    return _held(file)[0]


def write_graph(sizes: Sizes, weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write the net: `darkness` (n, 480, 480) in, `curves` (n, 12, numbers) mV out."""
    with GraphWriter(path) as graph:
        x = graph.input("darkness", ["rows", SIDE, SIDE])
        x = graph.node("Slice", [x, *(graph.constant([at]) for at in (FIRST, LAST, 1))])
        x = graph.node("Unsqueeze", [x, graph.constant([1])])
        x = graph.node("Gelu", [_convolved(graph, x, weights, "first", "norms.0", strides=[ROW, 1], pads=[0, 1, 0, 1])])
        for k in range(sizes.blocks):
            reach = sizes.kernel // 2 << k
            around = {"pads": [0, reach, 0, reach], "dilations": [1, 1 << k]}
            y = graph.node("Gelu", [_convolved(graph, x, weights, f"along.{k}", f"norms.{k + 1}", **around)])
            x = graph.node("Add", [x, _convolved(graph, y, weights, f"mix.{k}")])
        x = _convolved(graph, x, weights, "curve")
        x = graph.node("Mul", [x, graph.constant(UNIT_MV, np.float32)])
        x = graph.node("Transpose", [x], perm=[0, 2, 3, 1])
        graph.node("Reshape", [x, graph.constant([0, 0, -1])], "curves")
        graph.output("curves", ["rows", len(LEADS), SIDE * sizes.numbers])
        graph.save("reader")


def _convolved(
    graph: GraphWriter, x: str, weights: Mapping[str, NDArray[Any]], name: str, norm: str = "", **settings: Any
) -> str:
    """A convolution, with its batch norm folded into it where it has one."""
    kernel, bias = (weights[f"{name}.{part}"].astype(np.float64) for part in ("weight", "bias"))
    if norm:
        parts = ("weight", "bias", "running_mean", "running_var")
        gain, offset, mean, variance = (weights[f"{norm}.{part}"].astype(np.float64) for part in parts)
        scale = gain / np.sqrt(variance + EPS)
        kernel, bias = kernel * scale[:, None, None, None], offset + (bias - mean) * scale
    given = [graph.weight(f"{name}.{part}", one.astype(np.float32)) for part, one in (("w", kernel), ("b", bias))]
    return graph.node("Conv", [x, *given], kernel_shape=list(kernel.shape[2:]), **settings)


def _held(file: Path) -> tuple[Sizes, Mapping[str, NDArray[Any]]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "numpy") as held:
            sizes = msgspec.convert(json.loads((held.metadata() or {}).get(SIZES, "")), Sizes)
            weights = {key: held.get_tensor(key) for key in held.keys()}  # noqa: SIM118 - not a dictionary
        fits = weights["first.weight"].shape == (sizes.width, 1, BAND, 3)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ValueError(f"{file} holds no reader of pages ({error}): make it with `vigil learn tiny`") from None
    if not fits:
        raise ValueError(f"{file} holds a reader of other pages: make it with `vigil learn tiny`")
    return sizes, weights
