"""The decoder as an ONNX graph for ONNX Runtime: caches written in place, rotary positions inside the attention.

One graph reads prompts and writes tokens. Inputs: `embeddings` (B, n, hidden); `last` (B,) int32, the place of each
row's last position; `total` int32, positions of the longest row; `wanted` (m,) int64, which of the n; `k0`, `v0` ... (B, key heads, room,
width) of the layers (`kept_width`), to which the outputs `k0_kept`, `v0_kept` ... have to be bound as well. Output `logits` (B, m, vocabulary)
behind the wanted positions. Where n is more than 1, B is 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from engine.decoder import KEPT
from engine.gem.checkpoint import Checkpoint
from engine.onnx_graph import MICROSOFT, GraphWriter, Shape

PRECISIONS = ("float32", "int8")
BLOCK = 32
"""Weights of a row of a matrix that share a scale."""
INTEGERS = 4
"""MatMulNBits's level at which rows of activations are brought to eight bits too, in the same blocks."""


def kept_width(head_width: int) -> int:
    """Width of a head in the graph and its caches: the operator takes multiples of 16 only."""
    return -(-head_width // 16) * 16


def write_decoder(checkpoint: Checkpoint, precision: str, path: Path) -> None:
    """Write the graph to a file, its weights beside it; raises BadCheckpoint."""
    with GraphWriter(path) as graph:
        _Decoder(graph, checkpoint, precision == "int8").write()
        graph.save("decoder")


def eight_bits(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A (made, given) matrix as codes (made, blocks, BLOCK) around 128 and their scales (made, blocks).

    Not the scheme of `quantize_dynamic`: that one scales all rows of activations together, so that an answer would
    depend on who else is answered in the same step, and one scale a column costs twice the error (docs/benchmarks.md).
    """
    rows = np.pad(weight, ((0, 0), (0, -weight.shape[1] % BLOCK))).reshape(len(weight), -1, BLOCK)
    scales = np.maximum(np.abs(rows).max(axis=-1), np.finfo(np.float32).tiny) / 127
    codes = np.clip(np.rint(rows / scales[..., None]), -127, 127) + 128
    return codes.astype(np.uint8), scales.astype(np.float32)


class _Decoder:
    """Writes one graph."""

    def __init__(self, graph: GraphWriter, checkpoint: Checkpoint, is_small: bool) -> None:
        self._graph, self._checkpoint, self._sizes = graph, checkpoint, checkpoint.config.llama
        self._is_small = is_small

    def write(self) -> None:
        graph, sizes = self._graph, self._sizes
        x = graph.input("embeddings", ["rows", "columns", sizes.hidden])
        for name, shape in (("last", ["rows"]), ("total", [])):
            graph.input(name, shape, TensorProto.INT32)
        graph.input("wanted", ["places"], TensorProto.INT64)
        for name, table in zip(("cos", "sin"), self._rotary(), strict=True):
            graph.weight(name, table)
        y = graph.node(
            "SimplifiedLayerNormalization",
            [x, self._norm("model.layers.0.input_layernorm")],
            axis=-1,
            epsilon=sizes.eps,
        )
        for i in range(sizes.layers):
            x, y = self._layer(i, x, y)
        head = "model.embed_tokens.weight" if sizes.tied else "lm_head.weight"
        self._product(y, "head", self._array(head), "logits")
        graph.output("logits", ["rows", "places", sizes.vocabulary])

    def _layer(self, i: int, x: str, y: str) -> tuple[str, str]:
        """The residual stream and its norm behind a layer; behind the last layer, of what is wanted only."""
        at, is_end = f"model.layers.{i}.", i + 1 == self._sizes.layers
        found = self._attention(i, y)
        if is_end:
            found, x = (self._graph.node("Gather", [z, "wanted"], axis=1) for z in (found, x))
        out = self._spread(np.ascontiguousarray(self._array(f"{at}self_attn.o_proj.weight").T)).T
        found = self._product(found, f"{at}o", out)
        x, y = self._added(x, found, f"{at}post_attention_layernorm")
        pair = [self._array(f"{at}mlp.{name}_proj.weight") for name in ("gate", "up")]
        both = self._product(y, f"{at}gate_up", np.concatenate(pair))
        gate, up = f"{at}gate", f"{at}up"
        self._graph.node("Split", [both], [gate, up], axis=-1, num_outputs=2)
        gate = self._graph.node("QuickGelu", [gate], domain=MICROSOFT, alpha=1.0)  # x times its sigmoid
        found = self._product(
            self._graph.node("Mul", [gate, up]), f"{at}down", self._array(f"{at}mlp.down_proj.weight")
        )
        return self._added(x, found, "model.norm" if is_end else f"model.layers.{i + 1}.input_layernorm")

    def _attention(self, i: int, y: str) -> str:
        graph, sizes, at = self._graph, self._sizes, f"model.layers.{i}.self_attn."
        packed = [self._spread(self._array(f"{at}{name}_proj.weight")) for name in "qkv"]
        mixed = self._product(y, f"{at}qkv", np.concatenate(packed))
        key, value = f"k{i}", f"v{i}"
        for name in (key, value):
            shape: Shape = ["rows", sizes.kv_heads, "room", kept_width(sizes.head_width)]
            graph.input(name, shape)
            graph.output(name + KEPT, shape)
        return graph.node(
            "GroupQueryAttention",
            [mixed, "", "", key, value, "last", "total", "cos", "sin"],
            ["", key + KEPT, value + KEPT],
            domain=MICROSOFT,
            num_heads=sizes.heads,
            kv_num_heads=sizes.kv_heads,
            scale=sizes.head_width**-0.5,
            do_rotary=1,
            rotary_interleaved=0,
        )

    def _added(self, x: str, y: str, norm: str) -> tuple[str, str]:
        """The sum of two, and its norm."""
        total = f"{norm}.sum"
        given, made = [x, y, self._norm(norm)], [f"{norm}.normed", "", "", total]
        self._graph.node("SkipSimplifiedLayerNormalization", given, made, domain=MICROSOFT, epsilon=self._sizes.eps)
        return total, made[0]

    def _product(self, x: str, name: str, weight: NDArray[np.float32], out: str = "") -> str:
        """x times a (made, given) matrix."""
        graph = self._graph
        if not self._is_small:
            return graph.node("MatMul", [x, graph.weight(name, np.ascontiguousarray(weight.T))], out)
        codes, scales = eight_bits(weight)
        given = [x, graph.weight(name, codes), graph.weight(f"{name}.scales", scales)]
        made, width = weight.shape
        return graph.node(
            "MatMulNBits",
            given,
            out,
            domain=MICROSOFT,
            K=width,
            N=made,
            bits=8,
            block_size=BLOCK,
            accuracy_level=INTEGERS,
        )

    def _rotary(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Cosines and sines (positions, width / 2), in float32 throughout as the published code makes them."""
        half = np.arange(0, self._sizes.head_width, 2, dtype=np.float32) / np.float32(self._sizes.head_width)
        speed = np.float32(1) / np.float32(self._sizes.theta) ** half
        speed = np.pad(speed, (0, kept_width(self._sizes.head_width) // 2 - len(speed)))
        angle = np.arange(self._sizes.positions, dtype=np.float32)[:, None] * speed
        return np.cos(angle), np.sin(angle)

    def _spread(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows (heads * width, n) with zeros behind either half of a head, which the rotation takes as pairs."""
        width = self._sizes.head_width
        halves = rows.reshape(-1, 2, width // 2, rows.shape[1])
        room = (kept_width(width) - width) // 2
        return np.pad(halves, ((0, 0), (0, 0), (0, room), (0, 0))).reshape(-1, rows.shape[1])

    def _norm(self, name: str) -> str:
        return self._graph.weight(f"{name}.weight", self._array(f"{name}.weight"))

    def _array(self, key: str) -> NDArray[np.float32]:
        return self._checkpoint.numpy(key).astype(np.float32)
