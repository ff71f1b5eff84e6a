"""Numbers of the command line: read and held against their range at one place, before anything begins.

What these raise becomes `argument --beds: '0' is no number of beds: give a whole number from 1 to 5000` and exit code 2.
"""

from __future__ import annotations

import argparse
import contextlib
import math
from collections.abc import Callable


def whole(least: int, most: int, what: str) -> Callable[[str], int]:
    """Reads a whole number from `least` to `most`; raises argparse.ArgumentTypeError of another."""

    def read(text: str) -> int:
        with contextlib.suppress(ValueError):
            if least <= int(text) <= most:
                return int(text)
        raise argparse.ArgumentTypeError(
            f"{_shown(text)} is no {what}: give a whole number from {least} to {most}"
        ) from None

    return read


def amount(least: float, most: float, what: str) -> Callable[[str], float]:
    """Reads a number from `least` to `most`; raises argparse.ArgumentTypeError of another, and of none."""

    def read(text: str) -> float:
        number = math.nan
        with contextlib.suppress(ValueError):
            number = float(text)
        if least <= number <= most:
            return number
        raise argparse.ArgumentTypeError(f"{_shown(text)} is no {what}: give a number from {least:g} to {most:.9g}")

    return read


def years(text: str) -> float:
    """An age; raises argparse.ArgumentTypeError of one that nobody has."""
    try:
        age = float(text)
    except ValueError:
        age = -1.0
    if not 0.0 <= age <= 130.0:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is no age: give years, from 0 to 130")
    return age


def _shown(text: str) -> str:
    return ascii(text[:40])


BEDS = whole(1, 5000, "number of beds")
SECONDS = amount(1.0, 3600.0, "number of seconds to measure over")
EVERY_S = amount(0.0, 60.0, "number of seconds between measurements")
SEEDS = whole(1, 1000, "number of patients")
SEED = whole(0, 2**32 - 1, "seed")
WAIT_S = amount(0.1, 86400.0, "number of seconds to wait")
PORT = whole(0, 65535, "port")
LIMIT = whole(1, 10**9, "number of records")
THREADS = whole(1, 1024, "number of threads")
"""What more than one command asks for."""
