"""The default runtime: ONNX Runtime on the CPU, caches written in place, nothing allocated between two tokens.

Torch is not needed. One thread by default: steps are too short for several to pay, and the ward's signal path needs
the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from engine.gem.checkpoint import Checkpoint
from engine.onnx_cache import default_folder, graph_key, graphs_in
from engine.onnx_decoder import KEPT, PRECISIONS, cache_names, kept_width, write_decoder
from engine.onnx_slots import SlotRows
from engine.onnx_towers import parts, write_tower
from engine.runtime import Floats, Ids, Runtime, RuntimeAway, check_inputs

_INPUTS = {"ecg": "signals", "page": "pages"}


@dataclass(slots=True)
class _Bound:
    """A run of neighbouring rows with every tensor of a step in its place; arrays are the memory that is bound."""

    binding: Any
    embeddings: Floats
    """(rows, hidden)"""
    last: Any
    """(rows,) int32"""
    total: Any
    """(1,) int32"""
    logits: Floats
    """(rows, vocabulary)"""
    held: list[Any]
    """What the binding points to and does not keep alive."""


class OnnxRuntime:
    """The model in ONNX Runtime behind the common interface."""

    name = "onnx"

    def __init__(self, checkpoint: Checkpoint, graphs: Path, slots: int, positions: int, threads: int) -> None:
        sizes = checkpoint.config.llama
        self.vocabulary, self.slots, self.positions = sizes.vocabulary, slots, positions
        self._note, self._side = checkpoint.config.note, checkpoint.config.vision.image
        self._towers = {part: _session(graphs / f"{part}.onnx", threads) for part in parts(checkpoint.config)}
        self._decoder = _session(graphs / "decoder.onnx", threads)
        self._table = checkpoint.numpy("model.embed_tokens.weight").astype(np.float32)
        self._rows = SlotRows(sizes.layers, slots, sizes.kv_heads, positions, kept_width(sizes.head_width))
        self._names = cache_names(sizes.layers)
        self._bound: dict[tuple[int, int], _Bound] = {}

    def encode(self, signals: Floats | None, pages: Floats | None) -> Floats:
        check_inputs(signals, pages, self._side)
        if signals is not None and "ecg" not in self._towers:
            raise ValueError(f"a signal was given, but {self._note}: give a page instead")
        given = (("ecg", signals), ("page", pages))
        told = [
            self._towers[part].run(None, {_INPUTS[part]: np.ascontiguousarray(x, np.float32)})[0]
            for part, x in given
            if x is not None
        ]
        return np.concatenate(told, axis=1) if len(told) > 1 else np.asarray(told[0])

    def embed(self, ids: Ids) -> Floats:
        self._check(ids)
        return np.asarray(self._table[np.asarray(ids, np.int64)])

    def _check(self, ids: Ids) -> None:
        if len(ids) and not 0 <= int(np.min(ids)) <= int(np.max(ids)) < self.vocabulary:
            raise ValueError(f"ids outside 0..{self.vocabulary - 1}: put recordings in place of placeholders first")

    def extend(self, slot: int, embeddings: Floats) -> Floats:
        lengths, count = self._rows.lengths, len(embeddings)
        begin = lengths[slot]
        if not count or begin + count > self.positions:
            raise ValueError(f"{count} positions do not fit slot {slot}, which holds {begin} of {self.positions}")
        bound = self._at(self._rows.row(slot), 1)
        bound.last[0], bound.total[0] = begin + count - 1, begin + count
        given = _value(np.ascontiguousarray(embeddings, np.float32)[None])
        bound.binding.bind_ortvalue_input("embeddings", given)
        try:
            self._decoder.run_with_iobinding(bound.binding)
        finally:
            bound.binding.bind_ortvalue_input("embeddings", bound.held[0])
        lengths[slot] = begin + count
        return np.array(bound.logits[0])

    def step(self, slots: Sequence[int], ids: Ids) -> Floats:
        lengths = self._rows.lengths
        full = [slot for slot in slots if lengths[slot] >= self.positions]
        if full or not slots or len(set(slots)) != len(slots) or len(slots) != len(ids):
            raise ValueError(f"slot {full[0]} is full" if full else "one id for each of some different slots is needed")
        self._check(ids)
        first = self._rows.together(slots)
        bound = self._at(first, len(slots))
        order = [self._rows.row(slot) - first for slot in slots]
        for row, slot, token in zip(order, slots, ids, strict=True):
            bound.embeddings[row] = self._table[token]
            bound.last[row] = lengths[slot]
        bound.total[0] = max(lengths[slot] for slot in slots) + 1
        self._decoder.run_with_iobinding(bound.binding)
        for slot in slots:
            lengths[slot] += 1
        return np.asarray(bound.logits[order])

    def _at(self, first: int, count: int) -> _Bound:
        """The tensors of `count` rows from `first` on, bound once."""
        if (first, count) not in self._bound:
            self._bound[first, count] = self._bind(first, count)
        return self._bound[first, count]

    def _bind(self, first: int, count: int) -> _Bound:
        width = self._table.shape[1]
        embeddings = np.zeros((count, 1, width), np.float32)
        last, total = np.zeros(count, np.int32), np.zeros(1, np.int32)
        logits = np.zeros((count, self.vocabulary), np.float32)
        binding, held = self._decoder.io_binding(), [_value(embeddings)]
        for name, array in (("embeddings", embeddings), ("last", last), ("total", total.reshape(()))):
            held.append(_value(array))
            binding.bind_ortvalue_input(name, held[-1])
        held.append(_value(logits))
        binding.bind_ortvalue_output("logits", held[-1])
        for name, cache in zip(self._names, self._rows.caches, strict=True):
            held.append(_value(cache[first : first + count]))
            binding.bind_ortvalue_input(name, held[-1])
            binding.bind_ortvalue_output(name + KEPT, held[-1])
        return _Bound(binding, embeddings[:, 0], last, total, logits, held)

    def length(self, slot: int) -> int:
        return self._rows.lengths[slot]

    def rewind(self, slot: int, length: int) -> None:
        held = self._rows.lengths[slot]
        if not 0 <= length <= held:
            raise ValueError(f"slot {slot} holds {held} positions and cannot go back to {length}")
        self._rows.lengths[slot] = length

    def free(self, slot: int) -> None:
        self._rows.lengths[slot] = 0


def _value(array: Any) -> Any:
    """An array's own memory as a tensor."""
    return ort.OrtValue.ortvalue_from_numpy(array)


def _session(path: Path, threads: int) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def open_runtime(
    checkpoint: Checkpoint,
    slots: int = 1,
    positions: int = 2048,
    precision: str = "float32",
    cache: Path | None = None,
    threads: int = 1,
) -> Runtime:
    """The CPU's runtime; its graphs are written into `cache` (the user's by default) and found there again.

    precision: float32, or int8 for the decoder's matrices; the towers stay float32. Raises RuntimeAway.
    """
    if precision not in PRECISIONS:
        raise RuntimeAway(f"runtime onnx has no precision {precision}: choose one of {', '.join(PRECISIONS)}")
    if slots < 1 or positions < 1 or threads < 1:
        raise RuntimeAway(f"runtime onnx cannot work with {slots} slots, {positions} positions and {threads} threads")

    def write(folder: Path) -> None:
        for part in parts(checkpoint.config):
            write_tower(part, checkpoint, folder / f"{part}.onnx")
        write_decoder(checkpoint, precision, folder / "decoder.onnx")

    graphs = graphs_in(cache or default_folder(), graph_key(checkpoint, precision), write)
    return OnnxRuntime(checkpoint, graphs, slots, min(positions, checkpoint.config.llama.positions), threads)
