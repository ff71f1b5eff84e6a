"""Written graphs on disk: found again by what they were written from, checked, written whole or not at all.

A folder holds the graphs of one checkpoint in one precision; its list of files with their digests is written last.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.cache import sweep
from engine.gem.checkpoint import Checkpoint

FORM = 3
"""Counted up when the graphs that this build writes change."""
_LIST = "files.json"
UNUSED_S = 30 * 86_400.0
"""Graphs that were not opened for so long make room when others are written: each set is as large as its model."""


@dataclass(frozen=True, slots=True)
class GraphKey:
    """All that a folder of graphs depends on."""

    model: str
    """Digest of the checkpoint."""
    sizes: str
    """Digest of the configuration, part of which may have been given beside the checkpoint."""
    precision: str
    onnx: str
    onnxruntime: str
    form: int = FORM

    @property
    def name(self) -> str:
        return f"{self.precision}-{hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]}"


def graph_key(checkpoint: Checkpoint, precision: str) -> GraphKey:
    """The key of a checkpoint's graphs with the libraries that are installed; reads all weights once."""
    from importlib.metadata import version

    sizes = hashlib.sha256(repr(checkpoint.config).encode()).hexdigest()
    return GraphKey(checkpoint.digest, sizes, precision, version("onnx"), version("onnxruntime"))


def graphs_in(folder: Path, key: GraphKey, write: Callable[[Path], None]) -> Path:
    """The folder of a key's graphs, written with `write` where it is not there or damaged.

    Two processes may do this at once: each writes its own copy, and one of them stays.
    """
    place = folder / key.name
    if _is_whole(place):
        os.utime(place)
        return place
    sweep(folder.glob("*.part-*"))
    sweep((p for p in folder.glob("*") if ".part-" not in p.name and p != place), UNUSED_S)
    with _part(folder, key.name) as part:
        write(part)
        told = {path.name: _digest(path) for path in sorted(part.iterdir())}
        (part / _LIST).write_bytes(msgspec.json.encode(told))
        if not _is_whole(place):
            _put(part, place)
    return place


def _is_whole(place: Path) -> bool:
    """Whether every file that was written is there as it was written."""
    try:
        told = msgspec.json.decode((place / _LIST).read_bytes(), type=dict[str, str])
        return bool(told) and all(_digest(place / name) == digest for name, digest in told.items())
    except (OSError, msgspec.MsgspecError):
        return False


def _put(part: Path, place: Path) -> None:
    """Move a finished folder to its place; what is damaged there makes room."""
    for _ in range(3):
        shutil.rmtree(place, ignore_errors=True)
        try:
            part.rename(place)
        except OSError:
            if _is_whole(place):
                return
        else:
            return
    raise OSError(0, "the graphs of the model cannot be put here", str(place))


@contextmanager
def _part(folder: Path, name: str) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=f"{name}.part-", dir=folder, ignore_cleanup_errors=True) as spool:
        part = Path(spool) / "graphs"
        part.mkdir()
        yield part


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
