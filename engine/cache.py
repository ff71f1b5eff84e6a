"""Where what can be made again is kept, and how leftovers of it go."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path

LEFT_S = 86_400.0
"""Age of what a process that was killed has left unfinished; younger, it may still be at work."""


def user_cache(chosen: str = "") -> Path:
    """The user's cache of Vigil: the one that is named, else the platform's place."""
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "vigil"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vigil"


def kept_in(part: str) -> Path:
    """The folder of one kind of thing under VIGIL_CACHE."""
    return user_cache(os.environ.get("VIGIL_CACHE", "")) / part


def sweep(old: Iterable[Path], older_s: float = LEFT_S) -> None:
    """Remove files and folders that were not touched for so long; what is gone already or held stays so."""
    for left in old:
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > older_s:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
