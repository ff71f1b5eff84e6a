"""Work that goes on where it was broken off: a file of JSON lines, the first of which says what was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class CannotGoOn(RuntimeError):
    """What was begun cannot be finished; one sentence that says why and what to do."""


def begun(file: Path, head: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is done in a file, without its first line, to be read to its end; a file that is not there is begun.

    Raises CannotGoOn where the file was begun with another head.
    """
    first = json.dumps(head, allow_nan=False) + "\n"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(first, encoding="utf-8")
        return iter(())
    with file.open("rb") as lines:
        if lines.readline().decode(errors="replace") != first:
            raise CannotGoOn(f"{file} was begun with other options: repeat those, or remove it to begin anew")
    done = whole_lines(file)
    next(done)
    return done


def whole_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines; behind them, a last line that was broken off is cut off the file.

    Raises CannotGoOn.
    """
    end = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                break
            try:
                told = json.loads(line)
            except ValueError:
                told = None
            if not isinstance(told, dict):
                raise CannotGoOn(
                    f"line {number} of {file} is no JSON object: mend it, or remove the file to begin anew"
                )
            yield told
            end += len(line)
    with file.open("r+b") as opened:
        opened.truncate(end)
