"""Plans of the two towers, each with its projectors behind it, from the ONNX graphs that ONNX Runtime runs too.

Input `signals` (B, 12, 5000) or `pages` (B, 3, height, width) float32, output `tokens` (B, n, hidden) float32; what
lies between is computed in the plan's own type.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.gem.checkpoint import Checkpoint
from engine.gem.config import LEADS, SAMPLES, GemConfig
from engine.onnx_towers import write_tower
from engine.trt_api import Journal, Progress
from engine.trt_build import PlanFailed, Setting, build, plan_key, possible
from engine.trt_network import PRECISIONS
from engine.trt_plans import SPOOL, Plan, PlanKey, find, sweep
from engine.trt_weights import numpy_kind

ROWS = 8
"""Recordings that are encoded at once, at most."""
_INPUTS = {"ecg": "signals", "page": "pages"}
_OUTPUT = "tokens"
_KINDS = {"bfloat16": TensorProto.BFLOAT16, "float16": TensorProto.FLOAT16}


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
    """A tower's plan: the one in the folder where it is whole, else built. Raises PlanFailed and BadCheckpoint."""
    possible(precision, made)
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
        write_tower(part, checkpoint, graph)
        if key.precision != "float32":
            graph = narrowed(graph, key.precision)

        def fill(trt: Any, network: Any) -> Any:
            parser = trt.OnnxParser(network, network.builder.logger)
            if not parser.parse_from_file(str(graph)):
                told = parser.get_error(0).desc() if parser.num_errors else journal.reason
                raise PlanFailed(f"TensorRT cannot read the graph of {part} ({' '.join(told.split())[:300]})")
            return parser

        return build(key, fill, (shapes,), made, folder, tell, journal)


def narrowed(path: Path, kind: str) -> Path:
    """A float32 graph with its weights, and all that it computes, in `bfloat16` or `float16`; the new file.

    Its input and output stay float32. Weights are converted one after the other into a file beside the new graph.
    """
    model = onnx.load(path, load_external_data=False)
    made = path.with_name(f"{path.stem}-{kind}.onnx")
    data = made.with_name(f"{made.name}.data")
    with data.open("wb") as file:
        for k, weight in enumerate(model.graph.initializer):
            if weight.data_type == TensorProto.FLOAT:
                values = numpy_helper.to_array(weight, str(path.parent)).astype(numpy_kind(kind))
                model.graph.initializer[k].CopyFrom(_outside(weight.name, values, kind, data.name, file))
    given, inner = model.graph.input[0].name, "given"
    for node in model.graph.node:
        node.input[:] = [inner if name == given else name for name in node.input]
        node.output[:] = ["told" if name == _OUTPUT else name for name in node.output]
    first = helper.make_node("Cast", [given], [inner], "narrow", to=_KINDS[kind])
    last = helper.make_node("Cast", ["told"], [_OUTPUT], "widen", to=TensorProto.FLOAT)
    nodes = [first, *model.graph.node, last]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, made)
    return made


def _outside(name: str, values: np.ndarray[Any, Any], kind: str, location: str, file: Any) -> TensorProto:
    """A weight whose values are appended to a file; small ones, which readers look into, stay in the graph."""
    told = TensorProto(name=name, data_type=_KINDS[kind], dims=values.shape)
    raw = np.ascontiguousarray(values).view(np.uint16)
    if values.nbytes < 1024:
        told.raw_data = raw.tobytes()
        return told
    told.data_location = TensorProto.EXTERNAL
    for key, is_ in (("location", location), ("offset", file.tell()), ("length", values.nbytes)):
        told.external_data.add(key=key, value=str(is_))
    raw.tofile(file)
    return told
