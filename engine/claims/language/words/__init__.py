"""Lists of words, as data files: lines that begin with `#` are headings."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=32)
def section(name: str, heading: str = "") -> frozenset[str]:
    """Words of a file, of one heading or of all."""
    found: list[str] = []
    under = ""
    for line in files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            under = line[1:].strip()
        elif heading in ("", under):
            found += line.split()
    return frozenset(found)
