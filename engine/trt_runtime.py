"""The TensorRT runtime: the decoder's plan with its own slots, one CUDA graph per bucket of decoding rows.

Needs a GPU, and was not run on one: docs/engine.md says what to look at first. Its bindings are tested with a context that
computes what they say in numpy; device memory, streams and graphs are torch's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.cache import kept_in
from engine.decoder import KEPT, cache_names
from engine.gem.checkpoint import Checkpoint
from engine.gem.model import TYPES
from engine.runtime import Filled, Floats, Ids, Runtime, RuntimeAway
from engine.trt_api import Journal
from engine.trt_build import PORTABLE, Setting, decoder_key, decoder_plan, setting
from engine.trt_device import Device
from engine.trt_network import PRECISIONS, DecoderShape
from engine.trt_plans import Plan, find
from engine.trt_session import Binding, Context, Session
from engine.trt_slots import bucket, pieces, step_inputs
from engine.trt_towers import Towers, open_towers

WARM = 3
"""Executions before a graph is captured: TensorRT finishes its own preparations in the first ones."""
_ROW = 64
"""int32 values to 256 bytes, so that each row of the small inputs is aligned."""


@dataclass(slots=True)
class _Step:
    """One bucket's decoding step. small: (3, n) int32, ids, begins (places too) and lengths."""

    rows: int
    small: Tensor
    embeddings: Tensor
    logits: Tensor
    context: Context
    again: Callable[[], None] | None = None
    """Its graph; None: TensorRT says that it cannot be captured."""


class TensorRtRuntime(Filled):
    """The decoder's plan behind the common interface."""

    name = "tensorrt"

    def __init__(
        self, checkpoint: Checkpoint, shape: DecoderShape, decoder: Session, towers: Towers, device: Device
    ) -> None:
        sizes, kind = checkpoint.config.llama, TYPES[PRECISIONS[shape.precision]]
        self.vocabulary, self.slots, self.positions = sizes.vocabulary, shape.slots, shape.positions
        self._chunk, self._hidden, self._kind = shape.chunk, sizes.hidden, kind
        self._layout, self._decoder, self._towers = shape.layout(sizes), decoder, towers
        self._names = cache_names(sizes.layers)
        self._device, self._where = device, torch.device(device.name)
        self._table = checkpoint.torch("model.embed_tokens.weight").to(self._where, kind)
        self._caches = [torch.zeros(self._layout.shape, dtype=kind, device=self._where) for _ in self._names]
        super().__init__(shape.slots)
        self._steps: dict[int, _Step] = {}
        self._reader = self._row(1, shape.chunk, profile=1)
        self._places = torch.zeros(shape.chunk, dtype=torch.int32, device=self._where)

    def _row(self, rows: int, columns: int, profile: int) -> _Step:
        """Buffers and a context for `rows` rows of at most `columns` positions."""
        width = -(-rows // _ROW) * _ROW
        small = torch.zeros((3, width), dtype=torch.int32, device=self._where)
        embeddings = torch.zeros((rows, columns, self._hidden), dtype=self._kind, device=self._where)
        logits = torch.zeros((rows, self.vocabulary), dtype=torch.float32, device=self._where)
        return _Step(rows, small, embeddings, logits, self._decoder.context(profile, self._device.handle))

    def _bindings(self, step: _Step, columns: int, places: int, first: int) -> dict[str, Binding]:
        """Every tensor of the plan: rows from slot `first` on, outputs at the addresses of their inputs."""
        told: dict[str, Binding] = {
            "embeddings": (step.embeddings.data_ptr(), (step.rows, columns, self._hidden)),
            "places": (places, (step.rows, columns)),
            "begins": (step.small[1].data_ptr(), (step.rows,)),
            "lengths": (step.small[2].data_ptr(), (step.rows,)),
            "logits": (step.logits.data_ptr(), None),
        }
        for name, cache in zip(self._names, self._caches, strict=True):
            address = self._layout.address(cache.data_ptr(), first)
            told[name] = (address, (step.rows, *self._layout.shape[1:]))
            told[name + KEPT] = (address, None)
        return told

    def encode(self, signals: Floats | None, pages: Floats | None) -> Floats:
        return self._towers.encode(signals, pages)

    @torch.inference_mode()
    def embed(self, ids: Ids) -> Floats:
        if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < self.vocabulary:
            raise ValueError(f"ids outside 0..{self.vocabulary - 1}: put recordings in place of placeholders first")
        found = self._table[torch.from_numpy(np.array(ids, np.int64)).to(self._where)]
        return found.float().cpu().numpy()  # type: ignore[no-any-return]

    @torch.inference_mode()
    def extend(self, slot: int, embeddings: Floats) -> Floats:
        first, count = self._lengths[slot], len(embeddings)
        if not count or first + count > self.positions:
            raise ValueError(f"{count} positions do not fit slot {slot}, which holds {first} of {self.positions}")
        given = torch.from_numpy(np.array(embeddings, np.float32)).to(self._where, self._kind)
        step = self._reader
        with self._device.busy():
            for begin, end in pieces(first, count, self._chunk):
                step.embeddings[0, : end - begin] = given[begin - first : end - first]
                self._places[: end - begin] = torch.arange(begin, end, dtype=torch.int32, device=self._where)
                step.small[1, 0], step.small[2, 0] = begin, end
                step.context.bind(self._bindings(step, end - begin, self._places.data_ptr(), slot))
                step.context.run(self._device.handle)
        self._lengths[slot] = first + count
        return step.logits[0].cpu().numpy()

    @torch.inference_mode()
    def step(self, slots: Sequence[int], ids: Ids) -> Floats:
        full = [slot for slot in slots if self._lengths[slot] >= self.positions]
        if full or len(set(slots)) != len(slots) or len(slots) != len(ids):
            raise ValueError(f"slot {full[0]} is full" if full else "one id for each of some different slots is needed")
        if len(ids) and not 0 <= int(np.min(ids)) <= int(np.max(ids)) < self.vocabulary:
            raise ValueError(f"ids outside 0..{self.vocabulary - 1} cannot be appended")
        rows = bucket(slots, self.slots)
        if rows not in self._steps:
            self._steps[rows] = self._capture(rows)
        step = self._steps[rows]
        given = step_inputs(slots, ids, self._lengths, rows, spare=self._layout.positions)
        small = np.stack([given.ids.astype(np.int32), given.begins, given.lengths])
        with self._device.busy():
            step.small[:, :rows].copy_(torch.from_numpy(small))
            if step.again is None:
                self._once(step)
            else:
                step.again()
        for slot in slots:
            self._lengths[slot] += 1
        return step.logits[torch.tensor(list(slots), device=self._where)].cpu().numpy()

    def _once(self, step: _Step) -> None:
        """Look the embeddings up and execute, on the device's stream."""
        torch.index_select(self._table, 0, step.small[0, : step.rows], out=step.embeddings[:, 0])
        step.context.run(self._device.handle)

    def _capture(self, rows: int) -> _Step:
        """A bucket's step with every row idle, executed a few times and captured; addresses never change after it."""
        step = self._row(rows, 1, profile=0)
        step.small[1].fill_(self._layout.positions)
        step.small[2].fill_(1)
        step.context.bind(self._bindings(step, 1, step.small[1].data_ptr(), 0))
        with self._device.busy():
            for _ in range(WARM):
                self._once(step)
        if step.context.can_be_captured(self._device.handle):
            step.again = self._device.capture(lambda: self._once(step))
        return step


def built_or_build(checkpoint: Checkpoint, shape: DecoderShape, made: Setting, folder: Path, journal: Journal) -> Plan:
    """A decoder's plan for this GPU, one for any GPU where that was built, else built here, which takes minutes."""
    for target in (made.target, PORTABLE) if made.library.is_rtx else (made.target,):
        found = find(folder, decoder_key(checkpoint, Setting(made.library, target, made.driver), shape))
        if found:
            return found
    return decoder_plan(checkpoint, shape, made, folder, lambda *_: None, journal)


def open_runtime(
    checkpoint: Checkpoint,
    slots: int = 1,
    positions: int = 2048,
    precision: str = "float32",
    folder: Path | None = None,
) -> Runtime:
    """The TensorRT runtime; plans come from the folder, by default the user's cache, or are built into it.

    precision: float32, bfloat16, float16, or float8 where the GPU has it. Raises RuntimeAway where there is no GPU,
    where the plan is refused, and BadCheckpoint.
    """
    if not torch.cuda.is_available():
        raise RuntimeAway("runtime tensorrt needs a GPU, and torch built for CUDA to hold its memory: use onnx here")
    made, journal, device = setting(), Journal(), Device()
    shape = DecoderShape(slots, min(positions, checkpoint.config.llama.positions), precision=precision)
    where = folder or kept_in("plans")
    decoder = Session(made.library, built_or_build(checkpoint, shape, made, where, journal), journal)
    towers = open_towers(checkpoint, made, precision, where, journal, device)
    return TensorRtRuntime(checkpoint, shape, decoder, towers, device)
