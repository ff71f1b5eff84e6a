"""Plans of the towers, from ONNX graphs that give what the model gives."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="graphs of the towers are exported by torch")
pytest.importorskip("onnxscript", reason="graphs of the towers are exported through onnxscript")
pytest.importorskip("tensorrt_rtx", reason="plans are built through tensorrt_rtx here, which is not installed")

from engine.gem.checkpoint import open_checkpoint
from engine.gem.config import EcgSizes
from engine.runtimes import open_runtime
from engine.trt_api import Journal
from engine.trt_build import setting
from engine.trt_encoder import encoder_plan, export, parts
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
def test_the_graph_that_a_plan_is_built_from_gives_the_models_tokens(tmp_path: Path, stem: str) -> None:
    import onnxruntime

    sizes = EcgSizes(stem=stem, width=64, layers=2, head_width=16, mlp=128, embed=24)
    checkpoint = write_tiny(tmp_path / "model", replace(CONFIG, ecg=sizes))
    torch = open_runtime("torch", checkpoint)
    draw = np.random.default_rng(3)
    for part, row in (("ecg", (12, 5000)), ("page", (3, 56, 56)))[: 1 + (stem == "conv")]:
        export(part, checkpoint, "float32", tmp_path / "graph.onnx")
        session = onnxruntime.InferenceSession(tmp_path / "graph.onnx", providers=["CPUExecutionProvider"])
        for rows in (1, 3):
            given = draw.normal(0, 1, (rows, *row)).astype(np.float32)
            (found,) = session.run(None, {session.get_inputs()[0].name: given})
            wanted = torch.encode(given, None) if part == "ecg" else torch.encode(None, given)
            assert np.abs(found - wanted).max() <= 5e-5 * np.sqrt(np.square(wanted).mean())


def test_a_checkpoint_without_an_ecg_tower_has_one_plan() -> None:
    assert parts(replace(CONFIG, layout="pulse", ecg=None)) == ("page",)
