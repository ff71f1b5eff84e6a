"""`vigil engine build`: the plans of a checkpoint for TensorRT, built before they are needed."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from infra.model import chosen
from infra.plan import BadRequest
from infra.settings import Settings

if TYPE_CHECKING:
    from engine.gem.checkpoint import Checkpoint
    from engine.trt_build import Setting
    from engine.trt_plans import Plan


def run(args: argparse.Namespace) -> int:
    """Build what is missing, tell what is there."""
    from engine.cache import kept_in
    from engine.gem.checkpoint import open_checkpoint, read_sizes
    from engine.trt_build import setting
    from engine.trt_plans import summary

    wanted = chosen(args.model, Settings.from_environment())
    if wanted.ships or not wanted.source:
        raise BadRequest("no checkpoint to build plans of: name one with --model, or set VIGIL_MODEL")
    checkpoint = open_checkpoint(wanted.source, read_sizes(args.sizes) if args.sizes else None)
    made, begun = setting(args.target), time.monotonic()
    plans = _build(args, checkpoint, made, Path(args.out) if args.out else kept_in("plans"))
    seconds = round(time.monotonic() - begun, 1)
    if args.json:
        print(json.dumps({"target": made.target, "seconds": seconds, "plans": [summary(plan) for plan in plans]}))
        return 0
    print(f"{made.library.package} {made.library.version}, for {made.target}, {seconds:.1f} s")
    for plan in plans:
        print(f"{plan.manifest.key.part:<8} {plan.manifest.bytes / 1e6:10.1f} MB  {plan.path}")
    return 0


def _build(args: argparse.Namespace, checkpoint: Checkpoint, made: Setting, folder: Path) -> list[Plan]:
    from engine.onnx_towers import parts
    from engine.reader import Reader, known
    from engine.trt_api import Journal
    from engine.trt_build import decoder_plan
    from engine.trt_encoder import encoder_plan
    from engine.trt_network import DecoderShape

    settings = Settings.from_environment()
    precision = args.precision or known("tensorrt", settings.precision)
    positions = args.positions or Reader.of(checkpoint).positions()
    shape = DecoderShape(args.slots or settings.slots, positions, args.chunk, precision)
    journal, show = Journal(), Progress()
    plans = [decoder_plan(checkpoint, shape, made, folder, show, journal)]
    plans += [
        encoder_plan(part, checkpoint, precision, made, folder, show, journal) for part in parts(checkpoint.config)
    ]
    show.end()
    return plans


class Progress:
    """One line on a terminal, written over; nothing in a pipe."""

    def __init__(self) -> None:
        self._shown = ""

    def __call__(self, what: str, share: float) -> None:
        line = f"building {what}: {share:4.0%}"
        if sys.stderr.isatty() and line != self._shown:
            self._shown = line
            sys.stderr.write(f"\r{line}")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            sys.stderr.write("\n")
