"""TensorRT as it is installed: the full package, else TensorRT-RTX, which has the same interface for what is used here.

Also what this machine's GPU is, read from the driver itself.
"""

from __future__ import annotations

import ctypes
import mmap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from engine.runtime import RuntimeAway

PACKAGES = ("tensorrt", "tensorrt_rtx")
LEAST = (10, 15)
"""The full package's first release with a cache that is updated in place."""
_MAJOR, _MINOR = 75, 76
"""CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR of cuda.h."""

Progress = Callable[[str, float], None]
"""Takes what is being done and how much of it is done, 0..1."""


@dataclass(frozen=True, slots=True)
class Library:
    """An imported TensorRT."""

    trt: Any
    """The module."""
    package: str
    """`tensorrt` or `tensorrt_rtx`."""
    version: str

    @property
    def is_rtx(self) -> bool:
        return self.package == "tensorrt_rtx"

    @property
    def targets(self) -> tuple[str, ...]:
        """Generations of GPUs that plans can be built for ahead of time; empty: only for the one in this machine."""
        names = getattr(getattr(self.trt, "ComputeCapability", None), "__members__", ()) if self.is_rtx else ()
        return tuple(sorted((n for n in names if n.startswith("SM")), key=lambda n: int(n[2:])))


@dataclass(frozen=True, slots=True)
class Gpu:
    """The first GPU of this machine."""

    target: str
    """`SM90`."""
    driver: int
    """CUDA version that the driver has, 13000 for 13.0."""


def library() -> Library:
    """The installed TensorRT; raises RuntimeAway where there is none, or one too old."""
    for package in PACKAGES:
        try:
            trt = import_module(package)
        except ImportError:
            continue
        version = str(trt.__version__)
        if package == "tensorrt" and tuple(int(p) for p in version.split(".")[:2]) < LEAST:
            raise RuntimeAway(f"tensorrt {version} is too old: install {LEAST[0]}.{LEAST[1]} or later, below 12")
        return Library(trt, package, version)
    raise RuntimeAway("TensorRT is not installed: install the extra `tensorrt` (docs/engine.md), or tensorrt_rtx")


def gpu() -> Gpu | None:
    """The GPU that plans would run on; None where there is no driver or no device."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    device, driver, major, minor = (ctypes.c_int() for _ in range(4))
    if cuda.cuInit(0) or cuda.cuDeviceGet(ctypes.byref(device), 0) or cuda.cuDriverGetVersion(ctypes.byref(driver)):
        return None
    for attribute, value in ((_MAJOR, major), (_MINOR, minor)):
        if cuda.cuDeviceGetAttribute(ctypes.byref(value), attribute, device):
            return None
    return Gpu(f"SM{major.value}{minor.value}", driver.value)


class Journal:
    """What TensorRT said: its errors, and at request every line."""

    def __init__(self, whole: bool = False) -> None:
        self.errors: list[str] = []
        self.lines: list[str] = []
        self._whole = whole

    def take(self, is_error: bool, message: str) -> None:
        """Keep one message."""
        if is_error:
            self.errors.append(" ".join(message.split()))
        if self._whole:
            self.lines.append(message)

    @property
    def reason(self) -> str:
        """The first error, short enough for one sentence."""
        return self.errors[0][:300].rstrip(".") if self.errors else "TensorRT gave no reason"


def logger(lib: Library, journal: Journal) -> Any:
    """The process's one ILogger, writing into this journal from now on.

    TensorRT takes the logger of the first builder or runtime for all that live beside it.
    """
    made = _logger(lib.package)
    made.journal = journal
    return made


@lru_cache
def _logger(package: str) -> Any:
    trt = import_module(package)

    class Logger(trt.ILogger):  # type: ignore[misc, name-defined]
        journal = Journal()

        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, message: str) -> None:
            self.journal.take(severity in (trt.ILogger.Severity.ERROR, trt.ILogger.Severity.INTERNAL_ERROR), message)

    return Logger()


class Share:
    """How much of nested phases is done: a phase counts as so many steps of its parent as TensorRT says."""

    def __init__(self) -> None:
        self._phases: dict[str, tuple[str | None, int]] = {}
        self._done: dict[str, float] = {}

    def start(self, name: str, parent: str | None, steps: int) -> None:
        """A phase of some steps begins."""
        self._phases[name] = (parent, max(steps, 1))
        self._done[name] = 0.0

    def step(self, name: str, step: int) -> float:
        """A step of a phase is done; the share of the outermost phase, 0..1."""
        if name not in self._phases:
            return 0.0
        self._done[name] = (step + 1) / self._phases[name][1]
        share, parent = self._done[name], self._phases[name][0]
        while parent in self._phases:
            above, steps = self._phases[parent]
            share = min(1.0, self._done[parent] + share / steps)
            parent = above
        return min(1.0, share)

    def finish(self, name: str) -> None:
        """A phase is over."""
        self._phases.pop(name, None)


def monitor(lib: Library, what: str, tell: Progress, stop: threading.Event) -> Any:
    """An IProgressMonitor that tells the share done, which never falls, and ends the build once `stop` is set."""
    trt, share = lib.trt, Share()
    told = [0.0]

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)

        def phase_start(self, name: str, parent: str | None, steps: int) -> None:
            share.start(name, parent, steps)

        def phase_finish(self, name: str) -> None:
            share.finish(name)

        def step_complete(self, name: str, step: int) -> bool:
            done = share.step(name, step)
            if done > told[0]:
                told[0] = done
                tell(what, done)
            return not stop.is_set()

    return Monitor()


def writer(lib: Library, path: Path) -> Any:
    """An IStreamWriter that writes into a file; `close()` ends it."""
    trt = lib.trt

    class Writer(trt.IStreamWriter):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            trt.IStreamWriter.__init__(self)
            self._file = path.open("wb")

        def write(self, data: bytes) -> int:
            return self._file.write(data)

        def close(self) -> None:
            self._file.close()

    return Writer()


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """A file's bytes where the system keeps them: TensorRT reads them there, and no copy of them is made in Python."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        yield held
