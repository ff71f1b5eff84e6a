"""The decoder as a TensorRT network, strongly typed: cache updated in place, fused attention, rotary positions.

Inputs: `embeddings` (B, S, hidden), `places` (B, S) int32, `begins` (B,) and `lengths` (B,) int32 (where a row is
written, what is filled after it), and `k0`, `v0` ... (B, kv heads, room, head width). Outputs: `logits`
(B, vocabulary) float32 of the last position, and `k0_kept` ..., which are the inputs' own memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.decoder import KEPT, cache_names, head_key, walk
from engine.gem.config import LlamaSizes
from engine.trt_slots import Slots
from engine.trt_weights import MappedWeights, numpy_kind

PRECISIONS = {"float32": "float32", "bfloat16": "bfloat16", "float16": "float16", "float8": "bfloat16"}
"""What may be asked for, and the type that activations and cache then have."""
LEAST = {"float32": 80, "bfloat16": 80, "float8": 89}
"""Compute capability from which on plans can be built: the types' of tensor cores, and for float32 what RTX compiles."""


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """Everything about a decoder's plan that is neither a weight nor a machine."""

    slots: int = 32
    positions: int = 1536
    chunk: int = 512
    """Longest piece of a prompt that is read at once."""
    precision: str = "bfloat16"
    masked: bool = True
    """What a position may look at is said by a mask; False: by a causal rule anchored at `lengths`."""

    def layout(self, sizes: LlamaSizes) -> Slots:
        """The cache that such a plan wants."""
        itemsize = numpy_kind(PRECISIONS[self.precision]).itemsize
        return Slots(self.slots, self.positions, sizes.kv_heads, sizes.head_width, itemsize)


def profiles(sizes: LlamaSizes, shape: DecoderShape) -> tuple[dict[str, tuple[tuple[int, ...], ...]], ...]:
    """Least, usual and greatest shape of every input: profile 0 decodes all slots, profile 1 reads prompts in one."""
    chunk = shape.chunk
    spans = (((1, 1), (min(8, shape.slots), 1), (shape.slots, 1)), ((1, 1), (1, max(1, chunk * 3 // 4)), (1, chunk)))
    _, *row = shape.layout(sizes).shape
    made = []
    for span in spans:
        one: dict[str, tuple[tuple[int, ...], ...]] = {
            "embeddings": tuple((rows, n, sizes.hidden) for rows, n in span),
            "places": span,
            "begins": tuple((rows,) for rows, _ in span),
            "lengths": tuple((rows,) for rows, _ in span),
        }
        one |= {name: tuple((rows, *row) for rows, _ in span) for name in cache_names(sizes.layers)}
        made.append(one)
    return tuple(made)


def rotary_tables(sizes: LlamaSizes, room: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines and sines (room, head width / 2), computed in float32 as transformers does (Su et al. 2021)."""
    width = sizes.head_width
    rates = (1.0 / np.float32(sizes.theta) ** (np.arange(0, width, 2, dtype=np.float32) / width)).astype(np.float32)
    angles = np.arange(room, dtype=np.float32)[:, None] * rates
    return np.cos(angles), np.sin(angles)


class NetworkOps:
    """The operations of `engine.decoder` as layers of a network. Weights are added as they are met."""

    def __init__(self, trt: Any, network: Any, sizes: LlamaSizes, shape: DecoderShape, weights: MappedWeights) -> None:
        self._trt, self._network, self._sizes, self._shape, self._weights = trt, network, sizes, shape, weights
        self._slots = shape.layout(sizes)
        self._kind = {"float32": trt.float32, "float16": trt.float16, "bfloat16": trt.bfloat16}[weights.kind]
        self._e = trt.ElementWiseOperation
        self._held: list[NDArray[Any]] = []
        self.embeddings = network.add_input("embeddings", self._kind, (-1, -1, sizes.hidden))
        self._places = network.add_input("places", trt.int32, (-1, -1))
        self._begins = network.add_input("begins", trt.int32, (-1,))
        self._lengths = network.add_input("lengths", trt.int32, (-1,))
        self._cos, self._sin = (self._converted(table) for table in rotary_tables(sizes, self._slots.room))
        self._seen = self._mask() if shape.masked else None

    def _constant(self, values: NDArray[Any], shape: tuple[int, ...], kind: Any) -> Any:
        """A constant that TensorRT reads where the values lie, which are held as long as this object is."""
        self._held.append(values)
        given = self._trt.Weights(kind, values.ctypes.data, values.size)
        return self._network.add_constant(shape, given).get_output(0)

    def _converted(self, values: NDArray[Any]) -> Any:
        made = self._weights.convert(values, self._weights.kind)
        return self._constant(made, made.shape, self._kind)

    def _of(self, layer: Any) -> Any:
        return layer.get_output(0)

    def _cast(self, x: Any, kind: Any) -> Any:
        return x if x.dtype == kind else self._of(self._network.add_cast(x, kind))

    def _pair(self, a: Any, b: Any, what: Any) -> Any:
        return self._of(self._network.add_elementwise(a, b, what))

    def _mask(self) -> Any:
        """(B, 1, S, room), true where a position is not behind the one that looks."""
        trt, network = self._trt, self._network
        every = np.arange(self._slots.room, dtype=np.int32)
        places = network.add_shuffle(self._places)
        places.reshape_dims = (0, 1, -1, 1)
        later = self._pair(
            self._constant(every, (1, 1, 1, self._slots.room), trt.int32), self._of(places), self._e.GREATER
        )
        return self._of(network.add_unary(later, trt.UnaryOperation.NOT))

    def linear(self, x: Any, key: str) -> Any:
        if self._shape.precision == "float8" and key != head_key(self._sizes):
            return self._linear_float8(x, key)
        values = self._weights.array(key)
        weight = self._constant(values, (1, *values.shape), self._kind)
        return self._times(x, weight)

    def _times(self, x: Any, weight: Any) -> Any:
        kinds = self._trt.MatrixOperation
        return self._of(self._network.add_matrix_multiply(x, kinds.NONE, weight, kinds.TRANSPOSE))

    def _linear_float8(self, x: Any, key: str) -> Any:
        """Both sides of the product go through float8: the weight with a scale per row, what comes in as it is.

        No recordings are looked at for the scale of what comes in: it is 1, so that magnitudes above 448 are cut and
        those below 2**-6 lose digits.
        """
        trt, network = self._trt, self._network
        values, scale = self._weights.float8(key)
        matrix = self._constant(values, values.shape, trt.fp8)
        weight = network.add_dequantize(matrix, self._converted(scale), self._kind)
        weight.axis = 0
        one = self._constant(self._weights.convert(np.ones(1), self._weights.kind), (), self._kind)
        given = self._of(network.add_dequantize(self._of(network.add_quantize(x, one, trt.fp8)), one, self._kind))
        shaped = network.add_shuffle(self._of(weight))
        shaped.reshape_dims = (1, *values.shape)
        return self._times(given, self._of(shaped))

    def norm(self, x: Any, key: str) -> Any:
        trt, network = self._trt, self._network
        wide = self._cast(x, trt.float32)
        square = network.add_reduce(self._pair(wide, wide, self._e.PROD), trt.ReduceOperation.AVG, 1 << 2, True)
        eps = self._constant(np.array([self._sizes.eps], np.float32), (1, 1, 1), trt.float32)
        root = network.add_unary(self._pair(self._of(square), eps, self._e.SUM), trt.UnaryOperation.SQRT)
        level = self._cast(self._pair(wide, self._of(root), self._e.DIV), self._kind)
        values = self._weights.array(key)
        return self._pair(level, self._constant(values, (1, 1, len(values)), self._kind), self._e.PROD)

    def heads(self, x: Any, count: int) -> Any:
        layer = self._network.add_shuffle(x)
        layer.reshape_dims = (0, 0, count, self._sizes.head_width)
        layer.second_transpose = (0, 2, 1, 3)
        return self._of(layer)

    def rotate(self, x: Any) -> Any:
        layer = self._network.add_rotary_embedding(x, self._cos, self._sin, False, 0)
        layer.set_input(3, self._places)
        return self._of(layer)

    def keep(self, name: str, layer: int, x: Any) -> Any:
        network, name = self._network, f"{name}{layer}"
        cache = network.add_input(name, self._kind, (-1, *self._slots.shape[1:]))
        kept = self._of(network.add_kv_cache_update(cache, x, self._begins, self._trt.KVCacheMode.LINEAR))
        kept.name = name + KEPT
        network.mark_output(kept)
        return kept

    def attend(self, query: Any, keys: Any, values: Any) -> Any:
        trt, network = self._trt, self._network
        scale = self._converted(np.full((1, 1, 1, 1), self._sizes.head_width**-0.5))
        rule = trt.CausalMaskKind.NONE if self._shape.masked else trt.CausalMaskKind.LOWER_RIGHT
        softmax = trt.AttentionNormalizationOp.SOFTMAX
        layer = network.add_attention_v2(self._pair(query, scale, self._e.PROD), keys, values, softmax, rule)
        layer.key_value_lengths = self._lengths
        layer.decomposable = True
        if self._seen is not None:
            layer.mask = self._seen
        flat = network.add_shuffle(self._of(layer))
        flat.first_transpose = (0, 2, 1, 3)
        flat.reshape_dims = (0, 0, self._sizes.heads * self._sizes.head_width)
        return self._of(flat)

    def add(self, a: Any, b: Any) -> Any:
        return self._pair(a, b, self._e.SUM)

    def gate(self, a: Any, b: Any) -> Any:
        soft = self._of(self._network.add_activation(a, self._trt.ActivationType.SIGMOID))
        return self._pair(self._pair(a, soft, self._e.PROD), b, self._e.PROD)

    def last(self, x: Any) -> Any:
        """A slice of one position that begins at S - 1."""
        network, e = self._network, self._e
        shape = self._of(network.add_shape(x))
        middle = self._constant(np.array([0, 1, 0], np.int64), (3,), self._trt.int64)
        sides = self._constant(np.array([1, 0, 1], np.int64), (3,), self._trt.int64)
        layer = network.add_slice(x, (0, 0, 0), (0, 0, 0), (1, 1, 1))
        layer.set_input(1, self._pair(self._pair(shape, middle, e.PROD), middle, e.SUB))
        layer.set_input(2, self._pair(self._pair(shape, sides, e.PROD), middle, e.SUM))
        return self._of(layer)

    def finish(self, logits: Any) -> None:
        """Give (B, 1, vocabulary) out as `logits` (B, vocabulary) float32."""
        flat = self._network.add_shuffle(self._cast(logits, self._trt.float32))
        flat.reshape_dims = (-1, self._sizes.vocabulary)
        told = self._of(flat)
        told.name = "logits"
        self._network.mark_output(told)


def describe(trt: Any, network: Any, sizes: LlamaSizes, shape: DecoderShape, weights: MappedWeights) -> NetworkOps:
    """Fill an empty network with the decoder. What is returned holds the weights and has to live until it is built."""
    ops = NetworkOps(trt, network, sizes, shape, weights)
    ops.finish(walk(ops, sizes, ops.embeddings))
    return ops
