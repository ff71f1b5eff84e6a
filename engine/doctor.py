"""What of the engine works on this machine: each runtime against the golden pack, or against torch, and how fast."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np

from engine import golden
from engine.agreement import Agreement, compare
from engine.gem.checkpoint import Checkpoint
from engine.gem.prompt import GROUNDING, Turn, encode, template, with_recording
from engine.generate import follow, fuse
from engine.runtime import Floats, Runtime, RuntimeAway
from engine.runtimes import RUNTIMES, open_runtime, why_not

NEW_TOKENS = 32
TAUGHT = 100
"""Tokens over which eight bit weights are compared with full ones."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one runtime; what was not tried is None."""

    available: bool
    why_not: str = ""
    logits_max_abs: float | None = None
    ids_equal: bool | None = None
    cases: int = 0
    failed: tuple[str, ...] = ()
    first_token_s: float | None = None
    tokens_per_s: float | None = None
    int8: Agreement | None = None
    """How the same runtime does with eight bit weights; told, not judged."""

    @property
    def is_wrong(self) -> bool:
        """Whether a runtime that works gives something else than it should."""
        return bool(self.failed)


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """What one runtime gave for one prompt, and how fast. logits: (n, vocabulary) that chose each token."""

    ids: tuple[int, ...]
    logits: Floats
    first_token_s: float
    tokens_per_s: float


@dataclass(slots=True)
class Doctor:
    """Looks at every runtime. golden: a pack to run; checkpoint: a model that each runtime is timed with."""

    pack: golden.Pack | None = None
    checkpoint: Checkpoint | None = None
    progress: Progress = field(default=lambda _: None)
    _reference: _Answer | None = None

    def examine(self) -> dict[str, Found]:
        """What was found, by name of runtime; torch comes first, others are compared with it."""
        return {name: self._one(name) for name in RUNTIMES}

    def preparation(self) -> Found:
        """Whether signals and pages of the pack, read from its files, are prepared as published."""
        if find_spec("engine.prepare") is None:
            return Found(False, "this build of Vigil does not have it")
        if self.pack is None:
            return Found(True)
        cases, wrong = golden.unlike(self.pack)
        return Found(True, cases=cases, failed=wrong)

    def _one(self, name: str) -> Found:
        why = why_not(name)
        if why:
            return Found(False, why)
        if self.pack is None and self.checkpoint is None:
            return Found(True)
        self.progress(name)
        try:
            return self._golden(name, self.pack) if self.pack else self._compared(name)
        except RuntimeAway as error:
            return Found(False, str(error))

    def _golden(self, name: str, pack: golden.Pack) -> Found:
        runtime = open_runtime(name, pack.checkpoint, slots=2, positions=2048)
        outcomes = golden.run_all(runtime, pack)
        return Found(
            True,
            logits_max_abs=max(o.logits_max_abs for o in outcomes),
            ids_equal=all(o.ids_equal for o in outcomes),
            cases=len(outcomes),
            failed=tuple(o.name for o in outcomes if not o.is_same),
            int8=_eight_bits(name, runtime, pack.checkpoint),
        )

    def _compared(self, name: str) -> Found:
        """One answer of the given checkpoint; logits and ids against those of torch, where torch is installed."""
        assert self.checkpoint is not None
        runtime = open_runtime(name, self.checkpoint, slots=1, positions=1536)
        answer = _ask(runtime, self.checkpoint)
        timed: dict[str, Any] = {"first_token_s": answer.first_token_s, "tokens_per_s": answer.tokens_per_s}
        timed["int8"] = _eight_bits(name, runtime, self.checkpoint)
        reference = self._reference
        if name == "torch":
            self._reference = answer
        if reference is None:
            return Found(True, cases=1, **timed)
        same = _agreeing(answer.ids, reference.ids)
        apart = float(np.abs(answer.logits[: same + 1] - reference.logits[: same + 1]).max())
        equal = answer.ids == reference.ids
        failed = () if equal and apart <= golden.LOGITS_WITHIN else ("the grounding query",)
        return Found(True, "", apart, equal, 1, failed, **timed)


def _eight_bits(name: str, full: Runtime, checkpoint: Checkpoint) -> Agreement | None:
    """The runtime of the CPU beside itself with eight bit weights; None for another."""
    if name != "onnx":
        return None
    small = open_runtime(name, checkpoint, slots=1, positions=full.positions, precision="int8")
    return compare(full, small, _prompt(full, checkpoint), TAUGHT)


def _agreeing(found: tuple[int, ...], wanted: tuple[int, ...]) -> int:
    """How many ids are the same from the first on, one less than all at most."""
    for k, (a, b) in enumerate(zip(found, wanted, strict=False)):
        if a != b:
            return k
    return min(len(found), len(wanted)) - 1


def _ask(runtime: Runtime, checkpoint: Checkpoint) -> _Answer:
    """The grounding query over a made-up recording, timed behind one untimed run; the end token is not stopped at."""
    for _ in range(2):
        runtime.free(0)
        began = time.perf_counter()
        logits = runtime.extend(0, _prompt(runtime, checkpoint))
        first = time.perf_counter() - began
        told = list(follow(runtime, 0, logits, NEW_TOKENS, end=-1))
        rest = time.perf_counter() - began - first
    return _Answer(tuple(t for t, _ in told), np.stack([row for _, row in told]), first, (NEW_TOKENS - 1) / rest)


def _prompt(runtime: Runtime, checkpoint: Checkpoint) -> Floats:
    """Embeddings (n, hidden) of the grounding query over a made-up recording, always the same."""
    side = checkpoint.config.vision.image
    draw = np.random.default_rng(1)
    signals = draw.normal(0, 0.3, (1, 12, 5000)).astype(np.float32) if checkpoint.config.ecg else None
    pages = draw.normal(0, 1, (1, 3, side, side)).astype(np.float32)
    ids = encode(template([Turn(with_recording(GROUNDING))]), checkpoint.words)
    return fuse(runtime, ids, list(runtime.encode(signals, pages)))
