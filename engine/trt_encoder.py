"""Plans of the two towers, each with its projectors behind it, from ONNX graphs of the reference model.

Input `signals` (B, 12, 5000) or `pages` (B, 3, height, width) float32, output `tokens` (B, n, hidden) float32.
Needs torch, which exports the graphs.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

from engine.gem.checkpoint import Checkpoint
from engine.gem.config import LEADS, SAMPLES, GemConfig
from engine.runtime import RuntimeAway
from engine.trt_api import Journal, Progress
from engine.trt_build import PlanFailed, Setting, build, plan_key
from engine.trt_network import PRECISIONS
from engine.trt_plans import SPOOL, Plan, PlanKey, find, sweep

ROWS = 8
"""Recordings that are encoded at once, at most."""
OPSET = 20
_INPUTS = {"ecg": "signals", "page": "pages"}


def parts(config: GemConfig) -> tuple[str, ...]:
    """The towers that a checkpoint has, in the order of their tokens."""
    return ("ecg", "page") if config.ecg else ("page",)


def input_shape(part: str, config: GemConfig) -> tuple[int, ...]:
    """Of one row."""
    return (LEADS, SAMPLES) if part == "ecg" else (3, config.vision.image, config.vision.image)


def encoder_key(part: str, checkpoint: Checkpoint, made: Setting, precision: str) -> PlanKey:
    """The key of a tower's plan; a tower of a float8 model is kept in bfloat16."""
    return plan_key(part, checkpoint, made, PRECISIONS[precision], (("rows", ROWS),))


def encoder_plan(
    part: str,
    checkpoint: Checkpoint,
    precision: str,
    made: Setting,
    folder: Path,
    tell: Progress,
    journal: Journal,
) -> Plan:
    """A tower's plan: the one in the folder where it is whole, else built. Raises PlanFailed, RuntimeAway."""
    if precision not in PRECISIONS:
        raise PlanFailed(f"TensorRT plans have no precision {precision}: choose one of {', '.join(PRECISIONS)}")
    key = encoder_key(part, checkpoint, made, precision)
    found = find(folder, key)
    if found:
        return found
    row = input_shape(part, checkpoint.config)
    shapes: dict[str, tuple[tuple[int, ...], ...]] = {_INPUTS[part]: ((1, *row), (1, *row), (ROWS, *row))}
    sweep(folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=SPOOL) as spool:
        graph = Path(spool) / f"{part}.onnx"
        tell(part, 0.0)
        export(part, checkpoint, key.precision, graph)

        def fill(trt: Any, network: Any) -> Any:
            parser = trt.OnnxParser(network, network.builder.logger)
            if not parser.parse_from_file(str(graph)):
                told = parser.get_error(0).desc() if parser.num_errors else journal.reason
                raise PlanFailed(f"TensorRT cannot read the graph of {part} ({' '.join(told.split())[:300]})")
            return parser

        return build(key, fill, (shapes,), made, folder, tell, journal)


def export(part: str, checkpoint: Checkpoint, kind: str, path: Path) -> None:
    """Write the ONNX graph of a tower, its weights and its sums in `kind`; raises RuntimeAway without torch."""
    try:
        import onnxscript  # noqa: F401 - torch's exporter asks for it late, with a longer message
        import torch

        from engine.gem.model import load
    except ImportError as error:
        raise RuntimeAway(f"plans of the towers need {error.name}: install the extra `torch`") from None

    class Tower(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gem = load(checkpoint, kind)

        def forward(self, given: torch.Tensor) -> torch.Tensor:
            return (self.gem.read_signals if part == "ecg" else self.gem.read_pages)(given).float()

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it misses torchvision, which is not used
    sample = torch.zeros(2, *input_shape(part, checkpoint.config))
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        made = torch.onnx.export(
            Tower().eval(),
            (sample,),
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=[_INPUTS[part]],
            output_names=["tokens"],
            dynamic_shapes=({0: torch.export.Dim("rows", min=1, max=1024)},),
        )
        assert made is not None
        made.save(str(path), external_data=False)
