"""What training needs beside the base install, and the errors that it ends with."""

from __future__ import annotations

from importlib.util import find_spec

NEEDED = ("torch", "transformers", "accelerate")


class Refused(ValueError):
    """A training that cannot be begun as it was asked for; one sentence."""


class Failed(RuntimeError):
    """A training that was begun and cannot go on, or was stopped; one sentence that says what is kept."""


def why_not() -> str:
    """Why nothing can be trained on this machine, one sentence; empty where it can."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if not missing:
        return ""
    return f"training needs {' and '.join(missing)}, which the base install leaves out: install the extra `torch`"
