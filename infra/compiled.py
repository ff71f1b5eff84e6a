"""Where numba keeps compiled signal code: in the user's cache, one folder per version of that code."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sys
import time
from pathlib import Path

from infra.cache import cache_dir

COMPILING = "compiling the signal path, once (one to two minutes)"
UNUSED_S = 30 * 86_400.0
"""A version that no Vigil has started with for so long is forgotten; it takes some 90 MB."""


def find_compiled() -> None:
    """Tell numba where compiled signal code is kept; before it is imported, for it reads the setting only then."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(compiled_cache(cache_dir(os.environ.get("VIGIL_CACHE", "")))))


def compiled_cache(cache: Path) -> Path:
    """Where compiled signal code is kept: one folder per version of it, for a stale one would run the old code."""
    import stream

    folder = Path(stream.__file__).parent
    digest = hashlib.sha256()
    compiled = [path.stem for path in folder.glob("*.py") if "njit" in path.read_text()]
    for name in sorted(set().union(*(_needed(folder, one) for one in compiled))):
        digest.update((folder / f"{name}.py").read_bytes())
    return cache / "compiled" / digest.hexdigest()[:16]


def is_compiled(current: Path) -> bool:
    """Whether the code of this checkout is there: numba keeps a folder for each path at which sources lie."""
    import stream

    sources = Path(stream.__file__).absolute().parent
    path = hashlib.sha1(str(sources).encode(), usedforsecurity=False).hexdigest()
    return any((current / f"{sources.name}_{path}").glob("*.nbi"))


def say_compiling() -> None:
    """One line on standard error where the signal code has to be compiled first."""
    find_compiled()
    if not is_compiled(Path(os.environ["NUMBA_CACHE_DIR"])):
        sys.stderr.write(f"vigil: {COMPILING}\n")


def forget_unused(current: Path) -> None:
    """Mark a folder of compiled code as used, and remove those of other versions that were not for long.

    What cannot be written, or goes meanwhile because another Vigil does the same, stays as it is.
    """
    with contextlib.suppress(OSError):
        current.mkdir(parents=True, exist_ok=True)
        os.utime(current)
        for other in current.parent.iterdir():
            if time.time() - other.stat().st_mtime > UNUSED_S:
                shutil.rmtree(other, ignore_errors=True)


def _needed(folder: Path, first: str) -> set[str]:
    """Modules of a folder that the first one imports, over any number of steps, and itself."""
    found, left = set[str](), [first]
    while left:
        name = left.pop()
        if name not in found and (folder / f"{name}.py").exists():
            found.add(name)
            text = (folder / f"{name}.py").read_text()
            left += re.findall(rf"^from {folder.name}\.(\w+) import", text, re.M)
            for names in re.findall(rf"^from {folder.name} import (.+)$", text, re.M):
                left += re.findall(r"\w+", names)
    return found
