"""The decoder described once, over operations that whoever interprets it supplies.

TensorRT's network is built by walking it (`engine/trt_network.py`); tests walk it in numpy against torch, so that the
wiring is known to be right where no plan can run. It knows neither weights nor how the cache is held.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from engine.gem.config import LlamaSizes

T = TypeVar("T")
KEPT = "_kept"
"""Behind the name of a cache's input: the output that is the same memory, with what was written into it."""


def cache_names(layers: int) -> tuple[str, ...]:
    """Inputs of a graph or a plan that hold keys and values, `k0`, `v0`, `k1` ..."""
    return tuple(f"{part}{layer}" for layer in range(layers) for part in "kv")


class Ops(Protocol[T]):
    """What a LLaMA decoder is made of. Rows are (B, S, width) where nothing else is said."""

    def linear(self, x: T, key: str) -> T:
        """x times the transposed weight of a key of the checkpoint."""
        ...

    def norm(self, x: T, key: str) -> T:
        """Root mean square norm, computed in float32, times the weight of a key."""
        ...

    def heads(self, x: T, count: int) -> T:
        """(B, S, count * w) to (B, count, S, w)."""
        ...

    def rotate(self, x: T) -> T:
        """Rotary positions of (B, heads, S, w), pairs half a head apart."""
        ...

    def keep(self, name: str, layer: int, x: T) -> T:
        """Write (B, kv heads, S, w) into the cache `k` or `v` of a layer, in place; gives the whole cache."""
        ...

    def attend(self, query: T, keys: T, values: T) -> T:
        """Causal attention over what is filled of a cache; back to (B, S, heads * w)."""
        ...

    def add(self, a: T, b: T) -> T:
        """a + b."""
        ...

    def gate(self, a: T, b: T) -> T:
        """a * sigmoid(a) * b."""
        ...

    def last(self, x: T) -> T:
        """(B, S, width) to (B, 1, width), the last position."""
        ...


def walk(ops: Ops[T], sizes: LlamaSizes, embeddings: T) -> T:
    """Embeddings (B, S, hidden) to logits (B, 1, vocabulary) of the last position."""
    x = embeddings
    for layer in range(sizes.layers):
        at = f"model.layers.{layer}."
        x = ops.add(x, _attention(ops, sizes, layer, ops.norm(x, f"{at}input_layernorm.weight")))
        y = ops.norm(x, f"{at}post_attention_layernorm.weight")
        y = ops.gate(ops.linear(y, f"{at}mlp.gate_proj.weight"), ops.linear(y, f"{at}mlp.up_proj.weight"))
        x = ops.add(x, ops.linear(y, f"{at}mlp.down_proj.weight"))
    return ops.linear(ops.norm(ops.last(x), "model.norm.weight"), head_key(sizes))


def _attention(ops: Ops[T], sizes: LlamaSizes, layer: int, y: T) -> T:
    at = f"model.layers.{layer}.self_attn."
    query = ops.rotate(ops.heads(ops.linear(y, f"{at}q_proj.weight"), sizes.heads))
    keys = ops.rotate(ops.heads(ops.linear(y, f"{at}k_proj.weight"), sizes.kv_heads))
    values = ops.heads(ops.linear(y, f"{at}v_proj.weight"), sizes.kv_heads)
    found = ops.attend(query, ops.keep("k", layer, keys), ops.keep("v", layer, values))
    return ops.linear(found, f"{at}o_proj.weight")


def head_key(sizes: LlamaSizes) -> str:
    """The key of the logits' matrix; the embeddings' own where the two are tied."""
    return "model.embed_tokens.weight" if sizes.tied else "lm_head.weight"
