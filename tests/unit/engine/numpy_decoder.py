"""The decoder's operations in numpy, as TensorRT documents its layers: what a plan computes, where none can run.

IKVCacheUpdateLayer (LINEAR): row b of the update goes to positions begins[b] ... of row b of the cache. IAttention:
queries come scaled; a mask is true where a key may be looked at; keys from lengths[b] on are padding.
IRotaryEmbeddingLayer (not interleaved): the pair of element k is k + width / 2, tables are looked up by place.
"""

from __future__ import annotations

import numpy as np

from engine.decoder import walk
from engine.gem.checkpoint import Checkpoint
from engine.trt_network import DecoderShape, rotary_tables
from engine.trt_slots import bucket, pieces, step_inputs


class NumpyOps:
    """Operations of one call; caches: {`k0`: (B, kv heads, room, width)}, views that are written in place."""

    def __init__(self, checkpoint: Checkpoint, caches, places, begins, lengths) -> None:
        self.checkpoint, self.sizes, self.caches = checkpoint, checkpoint.config.llama, caches
        self.places, self.begins, self.lengths = places, begins, lengths
        self.cos, self.sin = rotary_tables(self.sizes, caches["k0"].shape[2])

    def linear(self, x, key):
        return x @ self.checkpoint.numpy(key).astype(np.float32).T

    def norm(self, x, key):
        level = x / np.sqrt(np.square(x).mean(axis=2, keepdims=True) + np.float32(self.sizes.eps))
        return level * self.checkpoint.numpy(key).astype(np.float32)

    def heads(self, x, count):
        return x.reshape(*x.shape[:2], count, self.sizes.head_width).transpose(0, 2, 1, 3)

    def rotate(self, x):
        cos, sin = self.cos[self.places][:, None], self.sin[self.places][:, None]
        a, b = np.split(x, 2, axis=3)
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=3)

    def keep(self, name, layer, x):
        cache = self.caches[f"{name}{layer}"]
        for row, begin in enumerate(self.begins):
            cache[row, :, begin : begin + x.shape[2]] = x[row]
        return cache

    def attend(self, query, keys, values):
        query = query * np.float32(self.sizes.head_width**-0.5)
        shared = query.shape[1] // keys.shape[1]
        scores = query @ np.repeat(keys, shared, axis=1).swapaxes(2, 3)
        every = np.arange(keys.shape[2])
        seen = ~(every > self.places[:, None, :, None]) & (every < self.lengths[:, None, None, None])
        scores = np.where(seen, scores, -np.inf)
        soft = np.exp(scores - scores.max(axis=3, keepdims=True))
        found = (soft / soft.sum(axis=3, keepdims=True)) @ np.repeat(values, shared, axis=1)
        return found.transpose(0, 2, 1, 3).reshape(len(found), found.shape[2], -1)

    def add(self, a, b):
        return a + b

    def gate(self, a, b):
        return a / (1 + np.exp(-a)) * b

    def last(self, x):
        return x[:, -1:]


class NumpyDecoder:
    """Slots, pieces and buckets as the TensorRT runtime uses them, over numpy."""

    def __init__(self, checkpoint: Checkpoint, shape: DecoderShape) -> None:
        self.checkpoint, self.shape = checkpoint, shape
        self.slots = shape.layout(checkpoint.config.llama)
        names = [f"{part}{layer}" for layer in range(checkpoint.config.llama.layers) for part in "kv"]
        self.caches = {name: np.full(self.slots.shape, 1e3, np.float32) for name in names}
        self.filled = [0] * shape.slots
        self.embeddings = checkpoint.numpy("model.embed_tokens.weight").astype(np.float32)

    def extend(self, slot, embeddings):
        first = self.filled[slot]
        for begin, end in pieces(first, len(embeddings), self.shape.chunk):
            rows = {name: cache[slot : slot + 1] for name, cache in self.caches.items()}
            places = np.arange(begin, end, dtype=np.int32)[None]
            ops = NumpyOps(self.checkpoint, rows, places, np.array([begin]), np.array([end]))
            logits = walk(ops, self.checkpoint.config.llama, embeddings[None, begin - first : end - first])
        self.filled[slot] = end
        return logits[0, 0]

    def step(self, slots, ids):
        rows = bucket(slots, self.shape.slots)
        given = step_inputs(slots, ids, self.filled, rows, self.slots.positions)
        caches = {name: cache[:rows] for name, cache in self.caches.items()}
        ops = NumpyOps(self.checkpoint, caches, given.places, given.begins, given.lengths)
        logits = walk(ops, self.checkpoint.config.llama, self.embeddings[given.ids][:, None])
        for slot in slots:
            self.filled[slot] += 1
        return logits[list(slots), 0]
