"""Plans of the towers, from ONNX graphs that give what the model gives."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the reference runtime needs the extra `torch`")
pytest.importorskip("tensorrt_rtx", reason="plans are built through tensorrt_rtx here, which is not installed")

from engine.gem.checkpoint import open_checkpoint
from engine.gem.config import EcgSizes
from engine.onnx_towers import parts, write_tower
from engine.runtimes import open_runtime
from engine.trt_api import Journal
from engine.trt_build import setting
from engine.trt_encoder import encoder_plan, narrowed
from tests.unit.engine.tiny import CONFIG, write_tiny

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("part", ["ecg", "page"])
def test_a_towers_plan_takes_one_to_eight_recordings(tiny_model: Path, tmp_path: Path, part: str) -> None:
    checkpoint, journal = open_checkpoint(tiny_model), Journal(whole=True)
    plan = encoder_plan(part, checkpoint, "bfloat16", setting(), tmp_path, lambda *_: None, journal)
    assert journal.errors == []
    given, told = plan.manifest.tensors
    name, row, tokens = {"ecg": ("signals", (12, 5000), 101), "page": ("pages", (3, 56, 56), 16)}[part]
    assert (given.name, given.is_input, given.kind, given.shape) == (name, True, "FLOAT", (-1, *row))
    assert given.profiles == (((1, *row), (1, *row), (8, *row)),)
    assert (told.name, told.is_input, told.kind, told.shape) == ("tokens", False, "FLOAT", (-1, tokens, 32))
    assert encoder_plan(part, checkpoint, "bfloat16", setting(), tmp_path, lambda *_: None, journal) == plan
    assert {p.suffix for p in tmp_path.iterdir()} == {".plan", ".json"}


@pytest.mark.parametrize("stem", ["patch50", "conv"])
def test_a_narrowed_graph_gives_the_models_tokens_as_far_as_its_type_goes(tmp_path: Path, stem: str) -> None:
    """ONNX Runtime computes float16 on a CPU; within 2 % of the RMS, eleven bits through four layers."""
    import onnxruntime

    sizes = EcgSizes(stem=stem, width=64, layers=2, head_width=16, mlp=128, embed=24)
    checkpoint = write_tiny(tmp_path / "model", replace(CONFIG, ecg=sizes))
    torch = open_runtime("torch", checkpoint)
    draw = np.random.default_rng(3)
    for part, row in (("ecg", (12, 5000)), ("page", (3, 56, 56))):
        write_tower(part, checkpoint, tmp_path / f"{part}.onnx")
        path = narrowed(tmp_path / f"{part}.onnx", "float16")
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        given = draw.normal(0, 1, (3, *row)).astype(np.float32)
        (found,) = session.run(None, {session.get_inputs()[0].name: given})
        wanted = torch.encode(given, None) if part == "ecg" else torch.encode(None, given)
        assert found.dtype == np.float32
        assert np.abs(found - wanted).max() <= 0.02 * np.sqrt(np.square(wanted).mean())


def test_a_narrowed_graph_takes_half_the_place_and_keeps_no_wide_weight(tiny_model: Path, tmp_path: Path) -> None:
    import onnx

    write_tower("page", open_checkpoint(tiny_model), tmp_path / "page.onnx")
    path = narrowed(tmp_path / "page.onnx", "bfloat16")
    graph = onnx.load(path).graph
    kinds = {onnx.TensorProto.DataType.Name(weight.data_type) for weight in graph.initializer}
    assert kinds == {"BFLOAT16", "INT64"}
    wide, narrow = ((tmp_path / f"{name}.onnx.data").stat().st_size for name in ("page", "page-bfloat16"))
    assert narrow < 0.55 * wide


def test_a_checkpoint_without_an_ecg_tower_has_one_plan() -> None:
    assert parts(replace(CONFIG, layout="pulse", ecg=None)) == ("page",)
