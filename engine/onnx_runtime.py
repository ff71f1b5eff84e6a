"""The default runtime: ONNX Runtime on the CPU, caches written in place, nothing allocated between two tokens.

Where one slot is stepped alone with float32 weights, eight bit weights draft a few tokens on the same cache, and the
float32 weights read all of them at once. What is returned is theirs alone: a draft that they would not have written is
never used.

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

from engine.cache import kept_in
from engine.decoder import cache_names
from engine.gem.checkpoint import Checkpoint
from engine.onnx_binding import Bound, Room
from engine.onnx_cache import graph_key, graphs_in
from engine.onnx_decoder import PRECISIONS, kept_width, write_decoder
from engine.onnx_slots import SlotRows
from engine.onnx_towers import parts, write_tower
from engine.runtime import Floats, Ids, Runtime, RuntimeAway, check_inputs

AHEAD = 4
"""Tokens drafted by default: two to six take the same time within noise with random weights (docs/benchmarks.md)."""
_INPUTS = {"ecg": "signals", "page": "pages"}


@dataclass(slots=True)
class _Ahead:
    """Tokens of one slot that were looked ahead, checked by the full weights, and not all of them asked for."""

    begin: int
    """Place of the first."""
    ids: list[int]
    logits: Floats
    """(len(ids), vocabulary), those behind each."""

    def behind(self, place: int, token: int) -> Floats | None:
        """Logits (vocabulary,) behind a token at a place, if this is what was looked ahead."""
        k = place - self.begin
        return np.array(self.logits[k]) if 0 <= k < len(self.ids) and self.ids[k] == token else None


class OnnxRuntime:
    """The model in ONNX Runtime behind the common interface."""

    name = "onnx"

    def __init__(
        self,
        checkpoint: Checkpoint,
        graphs: Path,
        slots: int,
        positions: int,
        threads: int,
        draft: Path | None,
        ahead: int,
    ) -> None:
        sizes = checkpoint.config.llama
        self.vocabulary, self.slots, self.positions = sizes.vocabulary, slots, positions
        self._note, self._side = checkpoint.config.note, checkpoint.config.vision.image
        self._towers = {part: session(graphs / f"{part}.onnx", threads) for part in parts(checkpoint.config)}
        self._full = session(graphs / "decoder.onnx", threads)
        self._draft = session(draft / "decoder.onnx", threads) if draft else None
        self._most = ahead if draft else 0
        self._table = checkpoint.numpy("model.embed_tokens.weight").astype(np.float32)
        self._rows = SlotRows(sizes.layers, slots, sizes.kv_heads, positions, kept_width(sizes.head_width))
        self._names = cache_names(sizes.layers)
        self._rooms: dict[int, Room] = {}
        self._bound: dict[tuple[bool, int, int, int], Bound] = {}
        self._ahead: dict[int, _Ahead] = {}

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
        self._ahead.pop(slot, None)
        bound = self._at(self._rows.row(slot), 1)
        bound.last[0], bound.total[0] = begin + count - 1, begin + count
        bound.run_with(np.asarray(embeddings)[None])
        lengths[slot] = begin + count
        return np.array(bound.logits[0, 0])

    def step(self, slots: Sequence[int], ids: Ids) -> Floats:
        lengths = self._rows.lengths
        full = [slot for slot in slots if lengths[slot] >= self.positions]
        if full or not slots or len(set(slots)) != len(slots) or len(slots) != len(ids):
            raise ValueError(f"slot {full[0]} is full" if full else "one id for each of some different slots is needed")
        self._check(ids)
        logits = self._alone(slots[0], int(ids[0]))[None] if len(slots) == 1 else self._together(slots, ids)
        for slot in slots:
            lengths[slot] += 1
        return logits

    def _together(self, slots: Sequence[int], ids: Ids) -> Floats:
        """Logits (len(slots), vocabulary) of one step of several slots, or of one without looking ahead."""
        lengths = self._rows.lengths
        self._ahead.clear()  # rows move without what lies behind their ends
        first = self._rows.together(slots)
        bound = self._at(first, len(slots))
        order = [self._rows.row(slot) - first for slot in slots]
        for row, slot, token in zip(order, slots, ids, strict=True):
            bound.embeddings[row, 0] = self._table[token]
            bound.last[row] = lengths[slot]
        bound.total[0] = max(lengths[slot] for slot in slots) + 1
        bound.run()
        return np.asarray(bound.logits[order, 0])

    def _alone(self, slot: int, token: int) -> Floats:
        """Logits (vocabulary,) of one slot that is stepped alone: looked up where they were looked ahead."""
        place = self._rows.lengths[slot]
        known = self._ahead[slot].behind(place, token) if slot in self._ahead else None
        if known is not None:
            return known
        count = min(self._most, self.positions - place - 1)
        if count < 1:
            return np.asarray(self._together([slot], np.array([token]))[0])
        ids = self._drafted(slot, token, count)
        bound = self._at(self._rows.row(slot), 1, len(ids))
        bound.embeddings[0] = self._table[ids]
        bound.last[0], bound.total[0] = place + count, place + len(ids)
        bound.run()
        self._ahead[slot] = _Ahead(place, ids, np.array(bound.logits[0]))
        return np.array(bound.logits[0, 0])

    def _drafted(self, slot: int, token: int, count: int) -> list[int]:
        """A token and what the small weights say comes next; their keys and values are written over by the check."""
        ids, place = [token], self._rows.lengths[slot]
        bound = self._at(self._rows.row(slot), 1, is_draft=True)
        for k in range(count):
            bound.embeddings[0, 0] = self._table[ids[-1]]
            bound.last[0], bound.total[0] = place + k, place + k + 1
            bound.run()
            ids.append(int(bound.logits.argmax()))
        return ids

    def _at(self, first: int, rows: int, columns: int = 1, is_draft: bool = False) -> Bound:
        """Bound tensors of some rows from `first` on; logits of the last column, or of each of several."""
        key = is_draft, first, rows, columns
        if key not in self._bound:
            if columns not in self._rooms:
                most = self.slots if columns == 1 else 1
                self._rooms[columns] = Room(most, columns, self._table.shape[1], self.vocabulary)
            caches = [cache[first : first + rows] for cache in self._rows.caches]
            session = self._draft if is_draft else self._full
            self._bound[key] = self._rooms[columns].bind(session, self._names, caches)
        return self._bound[key]

    def length(self, slot: int) -> int:
        return self._rows.lengths[slot]

    def rewind(self, slot: int, length: int) -> None:
        held = self._rows.lengths[slot]
        if not 0 <= length <= held:
            raise ValueError(f"slot {slot} holds {held} positions and cannot go back to {length}")
        self._ahead.pop(slot, None)
        self._rows.lengths[slot] = length

    def free(self, slot: int) -> None:
        self._ahead.pop(slot, None)
        self._rows.lengths[slot] = 0


def session(path: Path, threads: int) -> Any:
    """A graph on the CPU, on so many threads."""
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
    ahead: int = AHEAD,
) -> Runtime:
    """The CPU's runtime; its graphs are written into `cache` (the user's by default) and found there again.

    precision: float32, or int8 for the decoder's matrices; the towers stay float32. ahead: tokens that a float32
    decoder has drafted by eight bit weights where one slot is stepped alone; 0: none. Raises RuntimeAway.
    """
    if precision not in PRECISIONS:
        raise RuntimeAway(f"runtime onnx has no precision {precision}: choose one of {', '.join(PRECISIONS)}")
    if slots < 1 or positions < 1 or threads < 1 or ahead < 0:
        raise RuntimeAway(
            f"runtime onnx cannot work with {slots} slots, {positions} positions, {threads} threads, {ahead} ahead"
        )

    def graphs(kind: str) -> Path:
        def write(folder: Path) -> None:
            for part in parts(checkpoint.config):
                write_tower(part, checkpoint, folder / f"{part}.onnx")
            write_decoder(checkpoint, kind, folder / "decoder.onnx")

        return graphs_in(cache or kept_in("graphs"), graph_key(checkpoint, kind), write)

    draft = graphs("int8") if precision == "float32" and ahead else None
    longest = min(positions, checkpoint.config.llama.positions)
    return OnnxRuntime(checkpoint, graphs(precision), slots, longest, threads, draft, ahead)
