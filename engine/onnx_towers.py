"""The two towers with their projectors as ONNX graphs, in standard operators only, from a checkpoint's arrays.

Input `signals` (B, 12, 5000) or `pages` (B, 3, height, width) float32, output `tokens` (B, n, hidden) float32.
ONNX Runtime runs them, and TensorRT's parser reads the same files. Torch is not needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.gem.checkpoint import Checkpoint
from engine.gem.config import LEADS, SAMPLES, STEM_STRIDES, EcgSizes, GemConfig, VisionSizes
from engine.gem.layout import ECG, STEM_KERNELS, VISION
from engine.onnx_graph import GraphWriter

ECG_EPS = 1e-5
NORM_EPS = 1e-5
"""Of the stem's batch norms."""


def parts(config: GemConfig) -> tuple[str, ...]:
    """The towers that a checkpoint has, in the order of their tokens."""
    return ("ecg", "page") if config.ecg else ("page",)


def write_tower(part: str, checkpoint: Checkpoint, path: Path) -> None:
    """Write the graph of `ecg` or `page` to a file, its weights beside it in float32; raises BadCheckpoint."""
    with GraphWriter(path) as graph:
        tower = _Tower(graph, checkpoint)
        (tower.ecg if part == "ecg" else tower.page)()
        graph.save(part)


def write_labels(checkpoint: Checkpoint, heads: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write the ECG tower with its heads: `signals` in, `logits` (B, labels) float32 out. heads: keys of `engine/train/heads.py`."""
    with GraphWriter(path) as graph:
        _Tower(graph, checkpoint).labels(heads)
        graph.save("labels")


def _single(value: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(value, np.float32)


class _Tower:
    """Writes one graph."""

    def __init__(self, graph: GraphWriter, checkpoint: Checkpoint) -> None:
        self._graph, self._checkpoint, self._config = graph, checkpoint, checkpoint.config

    def ecg(self) -> None:
        x = self._linear(self._ecg_tokens(), "model.ecg_projector")
        assert self._config.ecg is not None
        self._project(x, self._config.ecg.tokens)

    def labels(self, heads: Mapping[str, NDArray[Any]]) -> None:
        """Logits of labels by the two readers that the ECG tower was taught through; `engine/train/heads.py` tells how."""
        graph, count = self._graph, len(heads["labels.bias"])
        tokens = self._ecg_tokens()
        given = [graph.weight(f"norm.{part}", _single(heads[f"norm.{part}"])) for part in ("weight", "bias")]
        x = graph.node("LayerNormalization", [tokens, *given], axis=-1, epsilon=ECG_EPS)
        shares = self._product(x, "pools", _single(heads["pools.weight"]), _single(heads["pools.bias"]))
        shares = graph.node("Transpose", [graph.node("Softmax", [shares], axis=1)], perm=[0, 2, 1])
        pooled = graph.node("Reshape", [graph.node("MatMul", [shares, x]), graph.constant([0, -1])])
        whole = graph.node("ReduceMean", [x, graph.constant([1])], keepdims=0)
        averages = graph.node("Concat", [whole, pooled], axis=1)
        told = self._product(averages, "labels", _single(heads["labels.weight"]), _single(heads["labels.bias"]))
        first = graph.node("Reshape", [graph.node("Gather", [x, graph.constant([0])], axis=1), graph.constant([0, -1])])
        alone = self._product(
            first, "first", _single(heads["first.weight"][:count]), _single(heads["first.bias"][:count])
        )
        mean = graph.node("Mean", [told, alone])
        graph.node("Identity", [mean], "logits")
        graph.output("logits", ["rows", count])

    def _ecg_tokens(self) -> str:
        """Class token and tokens of the signal, (B, 101, width), as the tower's last block leaves them."""
        sizes = self._config.ecg
        assert sizes is not None
        signals = self._graph.input("signals", ["rows", LEADS, SAMPLES])
        x = self._stem(signals, sizes) if sizes.stem == "conv" else self._patches(signals, sizes)
        x = self._graph.node("Transpose", [x], perm=[0, 2, 1])
        x = self._with_places(x, "class_embedding", f"{ECG}positional_embedding", ECG)
        x = self._norm(x, f"{ECG}ln_pre", ECG_EPS)
        for i in range(sizes.layers):
            x = self._ecg_block(x, f"{ECG}transformer.resblocks.{i}.", sizes)
        return x

    def page(self) -> None:
        sizes, graph = self._config.vision, self._graph
        pages = graph.input("pages", ["rows", 3, sizes.image, sizes.image])
        patch = self._weight(f"{VISION}embeddings.patch_embedding.weight")
        steps = [sizes.patch, sizes.patch]
        x = graph.node("Conv", [pages, patch], kernel_shape=steps, strides=steps)
        x = graph.node("Reshape", [x, graph.constant([0, sizes.hidden, -1])])
        x = graph.node("Transpose", [x], perm=[0, 2, 1])
        x = self._with_places(
            x, "class_embedding", f"{VISION}embeddings.position_embedding.weight", f"{VISION}embeddings."
        )
        x = self._norm(x, f"{VISION}pre_layrnorm", sizes.eps)
        for i in range(sizes.needed):
            x = self._page_block(x, f"{VISION}encoder.layers.{i}.", sizes)
        ends = [graph.constant([at]) for at in (1, np.iinfo(np.int64).max, 1)]
        x = graph.node("Slice", [x, *ends])
        self._project(self._pooled(x, sizes), sizes.tokens)

    def _patches(self, signals: str, sizes: EcgSizes) -> str:
        kernel = self._weight(f"{ECG}conv1.weight")
        return self._graph.node("Conv", [signals, kernel], kernel_shape=[sizes.patch], strides=[sizes.patch])

    def _stem(self, x: str, sizes: EcgSizes) -> str:
        """Three convolutions, the second and third beside an averaged copy; (B, width, 100)."""
        x = self._graph.node("Relu", [self._convolved(x, f"{ECG}stem.0.conv", f"{ECG}stem.0.norm", 0)])
        for k in (1, 2):
            at = f"{ECG}stem.{k}."
            y = self._graph.node("Relu", [self._convolved(x, f"{at}conv1", f"{at}norm1", k)])
            y = self._convolved(y, f"{at}conv2", f"{at}norm2", k, stride=1)
            stride = [STEM_STRIDES[k]]
            x = self._graph.node("AveragePool", [x], kernel_shape=stride, strides=stride)
            x = self._convolved(x, f"{at}skip", f"{at}skip_norm", k, stride=1, kernel=1)
            x = self._graph.node("Relu", [self._graph.node("Add", [y, x])])
        return x

    def _convolved(self, x: str, name: str, norm: str, k: int, stride: int = 0, kernel: int = 0) -> str:
        """A convolution with its batch norm folded into it."""
        weight, bias, mean, variance = (
            self._array(f"{norm}.{part}").astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = weight / np.sqrt(variance + NORM_EPS)
        folded = self._array(f"{name}.weight").astype(np.float64) * scale[:, None, None]
        given = [
            x,
            self._graph.weight(f"{name}.weight", folded.astype(np.float32)),
            self._graph.weight(f"{name}.bias", (bias - mean * scale).astype(np.float32)),
        ]
        size = kernel or STEM_KERNELS[k]
        return self._graph.node(
            "Conv", given, kernel_shape=[size], strides=[stride or STEM_STRIDES[k]], pads=[size // 2] * 2
        )

    def _with_places(self, x: str, first: str, places: str, at: str) -> str:
        """The class token in front of (B, n, width), and the learned positions added."""
        graph, width = self._graph, self._checkpoint.numpy(at + first).size
        rows = graph.node("Shape", [x], start=0, end=1)
        shape = graph.node("Concat", [rows, graph.constant([1, width])], axis=0)
        token = graph.weight(at + first, self._array(at + first).reshape(1, 1, width))
        joined = graph.node("Concat", [graph.node("Expand", [token, shape]), x], axis=1)
        return graph.node("Add", [joined, self._weight(places)])

    def _ecg_block(self, x: str, at: str, sizes: EcgSizes) -> str:
        packed = self._array(f"{at}attn.in_proj_weight"), self._array(f"{at}attn.in_proj_bias")
        queries = [
            self._product(y, f"{at}attn.{n}", weight, bias)
            for y in [self._norm(x, f"{at}ln_1", ECG_EPS)]
            for n, weight, bias in zip("qkv", np.split(packed[0], 3), np.split(packed[1], 3), strict=True)
        ]
        y = self._linear(self._attention(queries, sizes.heads, sizes.head_width), f"{at}attn.out_proj")
        x = self._graph.node("Add", [x, y])
        y = self._linear(self._norm(x, f"{at}ln_2", ECG_EPS), f"{at}mlp.c_fc")
        y = self._linear(self._graph.node("Gelu", [y]), f"{at}mlp.c_proj")
        return self._graph.node("Add", [x, y])

    def _page_block(self, x: str, at: str, sizes: VisionSizes) -> str:
        y = self._norm(x, f"{at}layer_norm1", sizes.eps)
        queries = [self._linear(y, f"{at}self_attn.{n}_proj") for n in "qkv"]
        found = self._attention(queries, sizes.heads, sizes.hidden // sizes.heads)
        x = self._graph.node("Add", [x, self._linear(found, f"{at}self_attn.out_proj")])
        y = self._linear(self._norm(x, f"{at}layer_norm2", sizes.eps), f"{at}mlp.fc1")
        y = self._linear(self._activated(y, sizes.activation), f"{at}mlp.fc2")
        return self._graph.node("Add", [x, y])

    def _activated(self, x: str, kind: str) -> str:
        if kind != "quick_gelu":
            return self._graph.node("Gelu", [x])
        slope = self._graph.constant(1.702, np.float32)
        gate = self._graph.node("Sigmoid", [self._graph.node("Mul", [x, slope])])
        return self._graph.node("Mul", [x, gate])

    def _attention(self, queries: list[str], heads: int, width: int) -> str:
        """Softmax attention over all tokens of (B, n, heads * width) queries, keys and values."""
        graph = self._graph
        shape = graph.constant([0, 0, heads, width])
        query, key, value = (
            graph.node("Transpose", [graph.node("Reshape", [x, shape])], perm=list(perm))
            for x, perm in zip(queries, ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3)), strict=True)
        )
        query = graph.node("Mul", [query, graph.constant(width**-0.5, np.float32)])
        weights = graph.node("Softmax", [graph.node("MatMul", [query, key])], axis=-1)
        found = graph.node("Transpose", [graph.node("MatMul", [weights, value])], perm=[0, 2, 1, 3])
        return graph.node("Reshape", [found, graph.constant([0, 0, heads * width])])

    def _pooled(self, x: str, sizes: VisionSizes) -> str:
        """Tokens of patches averaged over squares of `pool` a side."""
        if sizes.pool == 1:
            return x
        graph, side = self._graph, sizes.image // sizes.patch
        x = graph.node("Transpose", [x], perm=[0, 2, 1])
        x = graph.node("Reshape", [x, graph.constant([0, 0, side, side])])
        x = graph.node("AveragePool", [x], kernel_shape=[sizes.pool] * 2, strides=[sizes.pool] * 2)
        x = graph.node("Reshape", [x, graph.constant([0, 0, -1])])
        return graph.node("Transpose", [x], perm=[0, 2, 1])

    def _project(self, x: str, tokens: int) -> None:
        count = self._config.projector
        for k in range(count):
            x = self._linear(x, "model.mm_projector" + (f".{2 * k}" if count > 1 else ""))
            if k + 1 < count:
                x = self._graph.node("Gelu", [x])
        self._graph.node("Identity", [x], "tokens")
        self._graph.output("tokens", ["rows", tokens, self._config.llama.hidden])

    def _linear(self, x: str, name: str) -> str:
        return self._product(x, name, self._array(f"{name}.weight"), self._array(f"{name}.bias"))

    def _product(self, x: str, name: str, weight: NDArray[Any], bias: NDArray[Any]) -> str:
        """x times a (made, given) matrix, plus a bias."""
        product = self._graph.node("MatMul", [x, self._graph.weight(f"{name}.weight", np.ascontiguousarray(weight.T))])
        return self._graph.node("Add", [product, self._graph.weight(f"{name}.bias", bias)])

    def _norm(self, x: str, name: str, eps: float) -> str:
        given = [x, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")]
        return self._graph.node("LayerNormalization", given, axis=-1, epsilon=eps)

    def _weight(self, key: str) -> str:
        return self._graph.weight(key, self._array(key))

    def _array(self, key: str) -> NDArray[np.float32]:
        return self._checkpoint.numpy(key).astype(np.float32)
