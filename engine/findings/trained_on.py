"""Which signals the shipped forests were made of, by digest, so that nothing is scored on what it was made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.instruct.doubles import SECONDS
from ingest.recording import Recording

FILE = Path(__file__).parent / "trained_on.txt"
_LENGTH = 16


def digest(recording: Recording) -> str:
    """16 hexadecimal digits of SHA-256 over rate, names of leads and samples of the first ten seconds, without their names."""
    found = hashlib.sha256(f"{recording.rate_hz:g}".encode())
    for row, signal in enumerate(recording.signals):
        if signal.is_ecg:
            found.update(signal.name.encode())
            found.update(
                np.ascontiguousarray(recording.samples[row, : round(SECONDS * recording.rate_hz)], "<i2").tobytes()
            )
    return found.hexdigest()[:_LENGTH]


@lru_cache(maxsize=1)
def trained_on() -> frozenset[str]:
    """Digests of every signal that the shipped forests were made of."""
    return frozenset(FILE.read_text(encoding="ascii").split())


def write(digests: Iterable[str]) -> None:
    """The list that ships, sorted."""
    FILE.write_text("\n".join(sorted(digests)) + "\n", encoding="ascii")
    trained_on.cache_clear()
