"""The reference runtime: torch, on a CPU or a GPU, with one fixed cache per slot.

On a GPU one step of decoding is a CUDA graph, captured once per number of slots and length of cache, both rounded up.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.gem.checkpoint import Checkpoint
from engine.gem.model import TYPES, Gem, load
from engine.runtime import Filled, Floats, Ids, Runtime, RuntimeAway, check_inputs

LENGTH_STEP = 256
"""Graphs read the cache in multiples of this many positions."""


class SlotCache:
    """Keys and values of all slots and layers, written in place; transformers' layers call `update`.

    One position more than the slots have is allocated: what a graph computes for idle slots is written there.
    """

    def __init__(self, model: Gem, slots: int, positions: int, kind: torch.dtype, device: torch.device) -> None:
        sizes = model.config.llama
        shape = (slots, sizes.kv_heads, positions + 1, sizes.head_width)
        self.keys = [torch.zeros(shape, dtype=kind, device=device) for _ in range(sizes.layers)]
        self.values = [torch.zeros(shape, dtype=kind, device=device) for _ in range(sizes.layers)]
        self._write: Callable[[Tensor, Tensor], None]
        self._read: Callable[[Tensor], Tensor]

    def at_span(self, slot: int, begin: int, end: int) -> None:
        """The next call appends positions begin to end of one slot and reads all up to the end."""
        rows = slice(slot, slot + 1)

        def write(kept: Tensor, made: Tensor) -> None:
            kept[rows, :, begin:end] = made

        self._write, self._read = write, lambda kept: kept[rows, :, :end]

    def at_rows(self, rows: Tensor, places: Tensor, seen: int) -> None:
        """The next call writes one position in each of some slots and reads the first `seen` of each."""

        def write(kept: Tensor, made: Tensor) -> None:
            kept[rows, :, places] = made[:, :, 0]

        self._write, self._read = write, lambda kept: kept[rows, :, :seen]

    def at_front(self, count: int, places: Tensor, seen: int) -> None:
        """The same for the first `count` slots, which are read without a copy."""
        rows = torch.arange(count, device=places.device)

        def write(kept: Tensor, made: Tensor) -> None:
            kept[rows, :, places] = made[:, :, 0]

        self._write, self._read = write, lambda kept: kept[:count, :, :seen]

    def update(self, keys: Tensor, values: Tensor, layer: int, **_: Any) -> tuple[Tensor, Tensor]:
        """Keep (rows, heads, n, width) of a layer; all that the layer may look at."""
        for kept, made in ((self.keys[layer], keys), (self.values[layer], values)):
            self._write(kept, made)
        return self._read(self.keys[layer]), self._read(self.values[layer])


@dataclass(slots=True)
class _Graph:
    """A captured step: its inputs are overwritten, it is replayed, its output is read."""

    ids: Tensor
    places: Tensor
    logits: Tensor
    graph: Any


class TorchRuntime(Filled):
    """The model in torch behind the common interface."""

    name = "torch"

    def __init__(self, model: Gem, slots: int, positions: int) -> None:
        weight = model.llama.lm_head.weight
        self.vocabulary, self.slots, self.positions = model.config.llama.vocabulary, slots, positions
        self.device: torch.device = weight.device
        self._model = model
        self._cache = SlotCache(model, slots, positions, weight.dtype, self.device)
        super().__init__(slots)
        self._graphs: dict[tuple[int, int], _Graph] = {}
        # transformers calls the same argument by one name or another, depending on its release
        names = inspect.signature(inspect.unwrap(type(model.llama.model).forward)).parameters
        self._argument = "cache" if "cache" in names else "past_key_values"

    @torch.inference_mode()
    def encode(self, signals: Floats | None, pages: Floats | None) -> Floats:
        check_inputs(signals, pages, self._model.config.vision.image)
        given = [
            None if x is None else torch.from_numpy(np.array(x, np.float32)).to(self.device) for x in (signals, pages)
        ]
        return _numpy(self._model.encode(*given))

    @torch.inference_mode()
    def embed(self, ids: Ids) -> Floats:
        if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < self.vocabulary:
            raise ValueError(f"ids outside 0..{self.vocabulary - 1}: put recordings in place of placeholders first")
        return _numpy(self._model.embed(torch.from_numpy(np.array(ids, np.int64)).to(self.device)))

    @torch.inference_mode()
    def extend(self, slot: int, embeddings: Floats) -> Floats:
        begin, count = self._lengths[slot], len(embeddings)
        end = begin + count
        if not count or end > self.positions:
            raise ValueError(f"{count} positions do not fit slot {slot}, which holds {begin} of {self.positions}")
        given = torch.from_numpy(np.array(embeddings, np.float32))[None].to(self.device, self._cache.keys[0].dtype)
        places = torch.arange(begin, end, device=self.device)[None]
        self._cache.at_span(slot, begin, end)
        mask = torch.arange(end, device=self.device)[None] <= places[0][:, None]
        logits = self._decode(given, places, mask[None, None])[0]
        self._lengths[slot] = end
        return _numpy(logits)

    @torch.inference_mode()
    def step(self, slots: Sequence[int], ids: Ids) -> Floats:
        full = [slot for slot in slots if self._lengths[slot] >= self.positions]
        if full or len(set(slots)) != len(slots) or len(slots) != len(ids):
            raise ValueError(f"slot {full[0]} is full" if full else "one id for each of some different slots is needed")
        logits = self._replay(slots, ids) if self.device.type == "cuda" else self._step(slots, ids)
        for slot in slots:
            self._lengths[slot] += 1
        return logits

    def _step(self, slots: Sequence[int], ids: Ids) -> Floats:
        """One step of exactly these slots; the first ones together are read where they lie, others are copied."""
        order = sorted(range(len(slots)), key=lambda k: slots[k])
        places = torch.tensor([self._lengths[slots[k]] for k in order], device=self.device)
        given = torch.from_numpy(np.array(ids, np.int64)[order]).to(self.device)
        seen = int(places.max()) + 1
        if slots[order[-1]] == len(slots) - 1:
            self._cache.at_front(len(slots), places, seen)
        else:
            self._cache.at_rows(torch.tensor([slots[k] for k in order], device=self.device), places, seen)
        logits = np.empty((len(slots), self.vocabulary), np.float32)
        logits[order] = _numpy(self._one(given, places, seen))
        return logits

    def _one(self, ids: Tensor, places: Tensor, seen: int) -> Tensor:
        """One token (rows,) at its place (rows,) in each row; logits (rows, vocabulary)."""
        mask = torch.arange(seen, device=self.device)[None] <= places[:, None]
        return self._decode(self._model.embed(ids)[:, None], places[:, None], mask[:, None, None])

    def _decode(self, embeddings: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """Logits of the last position; mask: (rows, 1, n, seen), True where a position may be looked at."""
        llama = self._model.llama
        held: dict[str, Any] = {self._argument: self._cache}
        told = llama.model(inputs_embeds=embeddings, attention_mask=mask, position_ids=places, use_cache=True, **held)
        return llama.lm_head(told.last_hidden_state[:, -1]).float()  # type: ignore[no-any-return]

    def _replay(self, slots: Sequence[int], ids: Ids) -> Floats:
        """One step through a captured graph over the first slots, as many as needed, idle ones among them."""
        count = min(1 << max(slots).bit_length(), self.slots)
        longest = max(self._lengths[slot] for slot in slots) + 1
        seen = min(-(-longest // LENGTH_STEP) * LENGTH_STEP, self.positions)
        step = self._graphs.get((count, seen))
        if step is None:
            step = self._graphs[count, seen] = self._capture(count, seen)
        places = np.full(count, self.positions, np.int64)
        given = np.zeros(count, np.int64)
        for slot, token in zip(slots, ids, strict=True):
            places[slot], given[slot] = self._lengths[slot], token
        step.places.copy_(torch.from_numpy(places))
        step.ids.copy_(torch.from_numpy(given))
        step.graph.replay()
        return _numpy(step.logits[torch.tensor(list(slots), device=self.device)])

    def _capture(self, count: int, seen: int) -> _Graph:
        ids = torch.zeros(count, dtype=torch.int64, device=self.device)
        places = torch.full((count,), self.positions, dtype=torch.int64, device=self.device)
        self._cache.at_front(count, places, seen)
        side: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self._one(ids, places, seen)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            logits = self._one(ids, places, seen)
        return _Graph(ids, places, logits, graph)


def _numpy(tensor: Tensor) -> Floats:
    return tensor.float().cpu().numpy()


def open_runtime(
    checkpoint: Checkpoint, slots: int = 1, positions: int = 2048, precision: str = "float32", device: str = ""
) -> Runtime:
    """The reference runtime; device: `cpu` or `cuda`, empty for a GPU where there is one.

    precision: float32, bfloat16 or float16, of weights and cache. Raises RuntimeAway where the device is not there.
    """
    where = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if precision not in TYPES:
        raise RuntimeAway(f"runtime torch has no precision {precision}: choose one of {', '.join(TYPES)}")
    if where.startswith("cuda") and not torch.cuda.is_available():
        raise RuntimeAway("runtime torch finds no GPU on this machine: leave the device to it, or name cpu")
    longest = min(positions, checkpoint.config.llama.positions)
    return TorchRuntime(load(checkpoint, precision, where), slots, longest)
