"""Where the reference model lies that Vigil comes with."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "tiny"


def folder() -> Path:
    """The checkpoint of gem-tiny in the layout of GEM, which `open_checkpoint` reads; made by `vigil learn tiny --until ship`."""
    return _FOLDER
