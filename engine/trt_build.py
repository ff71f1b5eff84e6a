"""Plans from a checkpoint: the decoder through the network API, the encoders from their ONNX graphs.

Needs no GPU with TensorRT-RTX, which builds ahead of time; the full TensorRT builds on the GPU it builds for.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.decoder import KEPT
from engine.gem.checkpoint import Checkpoint
from engine.runtime import RuntimeAway
from engine.trt_api import Gpu, Journal, Library, Progress, gpu, library, logger, monitor, writer
from engine.trt_network import LEAST, PRECISIONS, DecoderShape, describe, profiles
from engine.trt_plans import ANY, SPOOL, Plan, PlanKey, PlanTensor, find, keep, replace, sweep, unfinished
from engine.trt_weights import MappedWeights

PORTABLE = "portable"
Profiles = tuple[dict[str, tuple[tuple[int, ...], ...]], ...]
Describe = Callable[[Any, Any], Any]
"""Fills an empty network (second) of a builder; what it returns lives until the plan is built."""


class PlanFailed(RuntimeAway):
    """A plan that cannot be built; one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What plans are built with and for."""

    library: Library
    target: str
    driver: str


def setting(target: str = "", lib: Library | None = None, device: Gpu | None = None) -> Setting:
    """What plans are built for: `SM80` and the like, else this machine's GPU, else any GPU.

    lib, device: what to take instead of what is installed and present. Raises RuntimeAway, and PlanFailed where plans
    of that target cannot be built here.
    """
    lib, device = lib or library(), device or gpu()
    here = device.target if device else ""
    if not lib.is_rtx:
        if not device:
            raise PlanFailed("tensorrt builds on the GPU it builds for, and there is none: use tensorrt_rtx or a GPU")
        if target not in ("", here):
            raise PlanFailed(f"tensorrt builds for this machine's {here} only: leave --target out, or use tensorrt_rtx")
        return Setting(lib, here, str(device.driver))
    if target and target not in lib.targets:
        raise PlanFailed(f"tensorrt_rtx {lib.version} has no target {target}: choose one of {', '.join(lib.targets)}")
    return Setting(lib, target or (here if here in lib.targets else PORTABLE), ANY)


def decoder_key(checkpoint: Checkpoint, made: Setting, shape: DecoderShape) -> PlanKey:
    """The key of a decoder's plan; reads the whole checkpoint once for its digest."""
    sizes = (("slots", shape.slots), ("positions", shape.positions), ("chunk", shape.chunk), ("mask", shape.masked))
    return plan_key("decoder", checkpoint, made, shape.precision, tuple((name, int(value)) for name, value in sizes))


def plan_key(
    part: str, checkpoint: Checkpoint, made: Setting, precision: str, sizes: tuple[tuple[str, int], ...]
) -> PlanKey:
    """The key of any part's plan."""
    lib = made.library
    # sizes of towers may come from beside the checkpoint, whose digest does not know them
    config = hashlib.sha256(repr(checkpoint.config).encode()).hexdigest()
    return PlanKey(
        part, checkpoint.digest, config, lib.package, lib.version, made.target, made.driver, precision, sizes
    )


def decoder_plan(
    checkpoint: Checkpoint, shape: DecoderShape, made: Setting, folder: Path, tell: Progress, journal: Journal
) -> Plan:
    """The decoder's plan: the one in the folder where it is whole, else built. Raises PlanFailed and BadCheckpoint."""
    possible(shape.precision, made)
    _fits(checkpoint, shape)
    key = decoder_key(checkpoint, made, shape)
    found = find(folder, key)
    if found:
        return found
    sizes = checkpoint.config.llama
    sweep(folder)
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix=SPOOL) as spool,
        MappedWeights(checkpoint, PRECISIONS[shape.precision], Path(spool)) as weights,
    ):

        def fill(trt: Any, network: Any) -> Any:
            return describe(trt, network, sizes, shape, weights)

        return build(key, fill, profiles(sizes, shape), made, folder, tell, journal)


def possible(precision: str, made: Setting) -> None:
    """Refuse a precision that there is not, or not for those GPUs; raises PlanFailed."""
    least = LEAST.get(precision, 0)
    if precision not in PRECISIONS:
        raise PlanFailed(f"TensorRT plans have no precision {precision}: choose one of {', '.join(PRECISIONS)}")
    if made.target == PORTABLE:
        if precision == "float8":
            raise PlanFailed(
                f"a plan for any GPU cannot have float8: name a target from SM{least} on, or take bfloat16"
            )
    elif int(made.target[2:]) < least:
        raise PlanFailed(f"target {made.target} has no {precision} here: name SM{least} or later, or take float16")


def _fits(checkpoint: Checkpoint, shape: DecoderShape) -> None:
    """Refuse slots that the model cannot fill."""
    most = checkpoint.config.llama.positions
    if not 1 <= shape.positions <= most:
        raise PlanFailed(f"slots of {shape.positions} positions: the model was trained for 1 to {most}")
    if shape.slots < 1 or shape.chunk < 1:
        raise PlanFailed(f"{shape.slots} slots and pieces of {shape.chunk}: both must be at least 1")


def build(
    key: PlanKey, fill: Describe, shapes: Profiles, made: Setting, folder: Path, tell: Progress, journal: Journal
) -> Plan:
    """Build the plan of a key into a folder, streamed to its file; raises PlanFailed with what TensorRT said."""
    trt, begun = made.library.trt, time.perf_counter()
    tell(key.part, 0.0)
    builder = trt.Builder(logger(made.library, journal))
    if builder is None:
        raise PlanFailed(f"TensorRT cannot build on this machine ({journal.reason}): try tensorrt_rtx")
    flag = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    network = builder.create_network(0 if flag is None else 1 << int(flag))
    held = fill(trt, network)
    if journal.errors:
        raise PlanFailed(f"TensorRT refuses the network of the plan {key.name} ({journal.reason})")
    config = builder.create_builder_config()
    _configure(config, builder, shapes, made, folder)
    if key.precision == "float32":
        config.clear_flag(trt.BuilderFlag.TF32)
    stop = threading.Event()
    watch = config.progress_monitor = monitor(made.library, key.part, tell, stop)
    with unfinished(folder, key) as part:
        if not _aside(lambda: _serialise(builder, network, config, made.library, part), stop):
            raise PlanFailed(f"TensorRT did not build the plan {key.name} ({journal.reason})")
        _keep_timings(config, made, folder)
        plan = keep(part, key, _tensors(trt, network, shapes), time.perf_counter() - begun)
    del held, watch
    tell(key.part, 1.0)
    return plan


def _aside(run: Callable[[], bool], stop: threading.Event) -> bool:
    """Do long work in a thread of its own, so that an interrupt is heard here; it is told to stop, and waited for."""
    with ThreadPoolExecutor(1, "plan") as pool:
        done = pool.submit(run)
        try:
            return done.result()
        except BaseException:
            stop.set()
            raise


def _serialise(builder: Any, network: Any, config: Any, lib: Library, part: Path) -> bool:
    """Build into a file; through a stream, so that the plan is never one object here, where the API has one."""
    if hasattr(builder, "build_serialized_network_to_stream"):
        with contextlib.closing(writer(lib, part)) as stream:
            return bool(builder.build_serialized_network_to_stream(network, config, stream))
    made = builder.build_serialized_network(network, config)
    if made is None:
        return False
    part.write_bytes(made)
    return True


def _configure(config: Any, builder: Any, shapes: Profiles, made: Setting, folder: Path) -> None:
    trt = made.library.trt
    for one in shapes:
        profile = builder.create_optimization_profile()
        for name, (least, usual, most) in one.items():
            profile.set_shape(name, least, usual, most)
        if config.add_optimization_profile(profile) < 0:
            raise PlanFailed("TensorRT refuses the shapes of a profile: this release of it is not supported")
    if made.library.is_rtx and made.target != PORTABLE:
        config.num_compute_capabilities = 1
        config.set_compute_capability(getattr(trt.ComputeCapability, made.target), 0)
    if not made.library.is_rtx:
        path = _timings(made, folder)
        cache = config.create_timing_cache(path.read_bytes() if path.is_file() else b"")
        config.set_timing_cache(cache, False)


def _timings(made: Setting, folder: Path) -> Path:
    return folder / f"timings-{made.library.version}-{made.target}-{made.driver}.cache"


def _keep_timings(config: Any, made: Setting, folder: Path) -> None:
    """Keep what was timed, so that the next build is shorter; TensorRT-RTX times nothing ahead of time."""
    cache = None if made.library.is_rtx else config.get_timing_cache()
    if cache is not None:
        replace(_timings(made, folder), bytes(cache.serialize()))


def _tensors(trt: Any, network: Any, shapes: Profiles) -> tuple[PlanTensor, ...]:
    """Inputs and outputs as the network that was built has them."""
    told = []
    for k in range(network.num_inputs):
        one = network.get_input(k)
        spans = tuple(profile[one.name] for profile in shapes if one.name in profile)
        told.append(PlanTensor(one.name, True, one.dtype.name, tuple(one.shape), spans))
    for k in range(network.num_outputs):
        one = network.get_output(k)
        same = one.name.removesuffix(KEPT) if one.name.endswith(KEPT) else ""
        told.append(PlanTensor(one.name, False, one.dtype.name, tuple(one.shape), same_as=same))
    return tuple(told)
