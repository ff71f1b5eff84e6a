"""TensorRT on a GPU: against torch stage by stage, and how fast at the size of the published model.

Written where no GPU was at hand, and not run there. In this order, as docs/engine.md tells: does a plan open, does it
compute what torch computes, is attention fused, and then the times, which are printed for docs/benchmarks.md.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="device memory and the reference are torch's: install the extra `torch`")

import torch

from engine.decoder import KEPT, cache_names
from engine.gem.checkpoint import Checkpoint, open_checkpoint
from engine.gem.prompt import GROUNDING, Turn, encode, template, with_recording
from engine.generate import follow, fuse
from engine.runtimes import open_runtime, why_not
from engine.trt_api import Journal
from engine.trt_build import decoder_plan, setting
from engine.trt_network import DecoderShape
from engine.trt_session import Session
from tests.unit.engine.wide import write_wide

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(bool(why_not("tensorrt")), reason=f"TensorRT cannot run here: {why_not('tensorrt')}"),
]


@pytest.fixture(scope="module")
def small(tiny_model: Path) -> Checkpoint:
    return open_checkpoint(tiny_model)


@pytest.fixture(scope="module")
def published_size(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """All 32 layers at Vicuna's width, random weights: 13.5 GB on disk."""
    return write_wide(tmp_path_factory.mktemp("wide"), layers=32)


@pytest.mark.parametrize("masked", [True, False])
def test_a_plan_opens_and_its_cache_is_in_place(small: Checkpoint, tmp_path: Path, masked: bool) -> None:
    made, journal = setting(), Journal()
    plan = decoder_plan(small, DecoderShape(4, 100, 16, "bfloat16", masked), made, tmp_path, lambda *_: None, journal)
    session = Session(made.library, plan, journal)
    assert session.aliases() == {name + KEPT: name for name in cache_names(2)}
    print(session.layers())


@pytest.mark.parametrize(("precision", "within"), [("float32", 1e-3), ("bfloat16", 0.05), ("float16", 0.01)])
def test_logits_are_those_of_torch(small: Checkpoint, tmp_path: Path, precision: str, within: float) -> None:
    """Pieces, slots of different length, idle rows, a follow-up; `within` is a share of the logits' RMS."""
    from engine.trt_runtime import open_runtime as open_tensorrt

    ours = open_tensorrt(small, 6, 200, precision, tmp_path)
    reference = open_runtime("torch", small, 6, 200, "float32")
    draw = np.random.default_rng(4)
    signal = draw.normal(0, 0.3, (3, 12, 5000)).astype(np.float32)
    page = draw.normal(0, 1, (3, 3, 56, 56)).astype(np.float32)

    def near(found: np.ndarray, wanted: np.ndarray) -> bool:
        return bool(np.abs(found - wanted).max() <= within * np.sqrt(np.square(wanted).mean()))

    rows, wanted = ours.encode(signal, page), reference.encode(signal, page)
    assert near(rows, wanted)
    for slot, row in zip((1, 4, 3), wanted, strict=True):
        assert near(ours.extend(slot, row), reference.extend(slot, row))
    for slots in ([4, 1], [1, 3, 4], [1], [3, 4, 1], [4, 1]):
        ids = draw.integers(3, 400, len(slots))
        assert near(ours.step(slots, ids), reference.step(slots, ids))
    for one in (ours, reference):
        one.rewind(1, 50)
    assert near(ours.extend(1, wanted[0][:9]), reference.extend(1, wanted[0][:9]))


def test_greedy_texts_are_those_of_torch(small: Checkpoint, tmp_path: Path) -> None:
    from engine.trt_runtime import open_runtime as open_tensorrt

    ids = encode(template([Turn(with_recording(GROUNDING))]), small.words)
    signal = np.random.default_rng(1).normal(0, 0.3, (1, 12, 5000)).astype(np.float32)
    told = []
    for runtime in (open_tensorrt(small, 1, 768, "float32", tmp_path), open_runtime("torch", small, 1, 768)):
        rows = fuse(runtime, ids, list(runtime.encode(signal, None)))
        told.append([token for token, _ in follow(runtime, 0, runtime.extend(0, rows), 64, small.words.end)])
    assert told[0] == told[1]


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["bfloat16", "float8"])
def test_times_at_the_size_of_the_published_model(published_size: Checkpoint, tmp_path: Path, precision: str) -> None:
    """First token behind a prompt of 900, and 250 tokens, alone and 32 together; goals of docs/benchmarks.md."""
    from engine.trt_runtime import open_runtime as open_tensorrt

    runtime = open_tensorrt(published_size, 32, 1536, precision, tmp_path)
    prompt = np.random.default_rng(2).normal(0, 0.02, (900, 4096)).astype(np.float32)
    figures: dict[str, object] = {"gpu": torch.cuda.get_device_name(), "precision": precision}
    first = []
    for slot in range(32):
        begun = time.perf_counter()
        runtime.extend(slot, prompt)
        first.append(time.perf_counter() - begun)
    figures["first_token_ms"] = {"p50": float(np.median(first[2:]) * 1e3), "max": max(first[2:]) * 1e3}
    for count in (1, 32):
        slots, ids = list(range(count)), np.full(count, 7)
        for slot in slots:
            runtime.rewind(slot, 900)
        for _ in range(5):
            runtime.step(slots, ids)
        begun = time.perf_counter()
        for _ in range(250):
            ids = runtime.step(slots, ids).argmax(axis=1)
        figures[f"250_tokens_s_at_{count}"] = time.perf_counter() - begun
    figures["memory_gb"] = torch.cuda.mem_get_info()[1] / 1e9 - torch.cuda.mem_get_info()[0] / 1e9
    print(json.dumps(figures))
    assert figures["250_tokens_s_at_1"] < 10
