"""Which runtimes there are, whether they work here, and how one is opened. Imports each only when it is opened."""

from __future__ import annotations

import ctypes
from importlib import import_module
from importlib.util import find_spec

from engine.gem.checkpoint import Checkpoint
from engine.runtime import Runtime, RuntimeAway

RUNTIMES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "torch": ("engine.torch_runtime", ("torch", "transformers"), "install the extra `torch`"),
    "onnx": ("engine.onnx_runtime", ("onnx", "onnxruntime"), "install Vigil anew"),
    "tensorrt": ("engine.trt_runtime", ("tensorrt|tensorrt_rtx", "torch"), "install the extras `tensorrt` and `torch`"),
}
"""Name: our module with `open_runtime(checkpoint, slots, positions, precision)`, what it imports, what to do without."""


def why_not(name: str) -> str:
    """Why a runtime cannot work on this machine, one sentence; empty where it can. Raises KeyError for no runtime."""
    module, needed, advice = RUNTIMES[name]
    for choice in needed:
        if not any(find_spec(package) for package in choice.split("|")):
            return f"{choice.split('|')[0]} is not installed: {advice}"
    if name == "tensorrt" and not has_driver():
        return "no NVIDIA driver (libcuda.so.1) on this machine: plans can be built here, not run"
    return "" if find_spec(module) else "this build of Vigil does not have it"


def has_driver() -> bool:
    """Whether the CUDA driver is on this machine."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def open_runtime(
    name: str, checkpoint: Checkpoint, slots: int = 1, positions: int = 2048, precision: str = "float32"
) -> Runtime:
    """A runtime with the weights of a checkpoint; raises RuntimeAway where it cannot work here."""
    why = why_not(name)
    if why:
        raise RuntimeAway(f"runtime {name}: {why}")
    runtime: Runtime = import_module(RUNTIMES[name][0]).open_runtime(checkpoint, slots, positions, precision)
    return runtime
