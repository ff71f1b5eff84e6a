"""Built plans on disk: found again by what they were built from and for, checked, written whole or not at all.

Beside `NAME.plan` lies `NAME.json`, its manifest, written last: a plan without one was never finished.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine import cache

ANY = "any"
"""Stands for a driver where the plan does not depend on it."""
SPOOL = "build-"
"""Begins the name of a folder that a build works in."""


@dataclass(frozen=True, slots=True)
class PlanKey:
    """All that a plan depends on; one that differs in anything is another plan."""

    part: str
    """`decoder`, `ecg` or `page`."""
    model: str
    """Digest of the checkpoint."""
    config: str
    """Digest of all its sizes."""
    package: str
    version: str
    target: str
    """`SM90`; `portable`: any GPU that the package supports."""
    driver: str
    """CUDA version of the driver, or `any`."""
    precision: str
    sizes: tuple[tuple[str, int], ...] = ()
    """Slots, positions and whatever else shapes its profiles."""

    @property
    def name(self) -> str:
        """The plan's name, from a digest of the whole key."""
        digest = hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]
        return f"{self.part}-{self.precision}-{self.target}-{digest}"


@dataclass(frozen=True, slots=True)
class PlanTensor:
    """An input or output of a plan."""

    name: str
    is_input: bool
    kind: str
    """`BF16`, `FLOAT`, `INT32`, as TensorRT names it."""
    shape: tuple[int, ...]
    """-1 where it is told at run time."""
    profiles: tuple[tuple[tuple[int, ...], ...], ...] = ()
    """Least, usual and greatest shape, by profile; for inputs."""
    same_as: str = ""
    """The input whose memory this output is."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies beside a plan."""

    key: PlanKey
    sha256: str
    bytes: int
    seconds: float
    """That building took."""
    tensors: tuple[PlanTensor, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan on disk, whole."""

    path: Path
    manifest: Manifest


def find(folder: Path, key: PlanKey) -> Plan | None:
    """The plan of a key; None where there is none, or where it or its manifest is damaged."""
    path = folder / f"{key.name}.plan"
    try:
        manifest = msgspec.json.decode((folder / f"{key.name}.json").read_bytes(), type=Manifest)
        if manifest.key != key or path.stat().st_size != manifest.bytes or _digest(path) != manifest.sha256:
            return None
    except (OSError, msgspec.MsgspecError):
        return None
    return Plan(path, manifest)


def every(folder: Path) -> list[Plan]:
    """All plans of a folder with a readable manifest and the length it tells, by name; their bytes are not read."""
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
            if file.with_suffix(".plan").stat().st_size == manifest.bytes:
                found.append(Plan(file.with_suffix(".plan"), manifest))
        except (OSError, msgspec.MsgspecError):
            continue
    return found


def sweep(folder: Path, older_s: float = cache.LEFT_S) -> None:
    """Make the folder, and remove what builds that were killed have left there more than a day ago."""
    folder.mkdir(parents=True, exist_ok=True)
    cache.sweep((*folder.glob("*.part"), *folder.glob(f"{SPOOL}*")), older_s)


def summary(plan: Plan) -> dict[str, str | int | float]:
    """A plan in words, for people and programs."""
    key, told = plan.manifest.key, plan.manifest
    return {
        "part": key.part,
        "precision": key.precision,
        "target": key.target,
        "library": key.package,
        "version": key.version,
        "model": key.model[:12],
        "path": str(plan.path),
        "bytes": told.bytes,
        "build_seconds": told.seconds,
    }


@contextlib.contextmanager
def unfinished(folder: Path, key: PlanKey) -> Iterator[Path]:
    """A path to write a plan to; it is removed at the end unless `keep` has taken it."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{key.name}.{os.getpid()}.part"
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def keep(part: Path, key: PlanKey, tensors: tuple[PlanTensor, ...], seconds: float) -> Plan:
    """Put a finished plan in its place: the old manifest goes first, the new one comes last."""
    folder = part.parent
    path, told = folder / f"{key.name}.plan", folder / f"{key.name}.json"
    manifest = Manifest(key, _digest(part), part.stat().st_size, round(seconds, 1), tensors)
    told.unlink(missing_ok=True)
    part.replace(path)
    replace(told, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return Plan(path, manifest)


def replace(path: Path, content: bytes) -> None:
    """Write a small file whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
