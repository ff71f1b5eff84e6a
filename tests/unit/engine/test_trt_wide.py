"""A plan at the width of the published model, two layers of it: a gigabyte, streamed to its file."""

import resource
import shutil
import time
from pathlib import Path

import pytest

pytest.importorskip("tensorrt_rtx", reason="plans are built through tensorrt_rtx here, which is not installed")

from engine.trt_api import Journal
from engine.trt_build import decoder_plan, setting
from engine.trt_network import DecoderShape
from tests.unit.engine.wide import write_wide

pytestmark = pytest.mark.uncompiled


@pytest.mark.slow
def test_two_layers_at_full_width_are_built(tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < 4e9:
        pytest.skip("needs 4 GB of free disk for weights and plan")
    checkpoint = write_wide(tmp_path / "model")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    journal = Journal()
    plan = decoder_plan(checkpoint, DecoderShape(), setting("SM80"), tmp_path / "plans", lambda *_: None, journal)
    seconds = time.perf_counter() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e6
    shutil.rmtree(tmp_path)
    assert journal.errors == []
    assert 1.05e9 < plan.manifest.bytes < 1.12e9
    tensors = {tensor.name: tensor for tensor in plan.manifest.tensors}
    assert tensors["v1"].profiles[0] == ((1, 32, 1544, 128), (8, 32, 1544, 128), (32, 32, 1544, 128))
    assert tensors["embeddings"].profiles[1] == ((1, 1, 4096), (1, 384, 4096), (1, 512, 4096))
    print(f"{seconds:.1f} s, resident memory grew by {grown:.2f} GB")
