"""Which messages are answered: an offset is committed when everything before it is done."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

Place = tuple[str, int]
"""Topic and partition."""


@dataclass(slots=True)
class _Line:
    waiting: deque[int] = field(default_factory=deque)
    done: set[int] = field(default_factory=set)


class Ledger:
    """Offsets that were taken, in order, and those that are done, in any order."""

    def __init__(self) -> None:
        self._lines: dict[Place, _Line] = {}

    def take(self, place: Place, offset: int) -> None:
        """A message was read; offsets of one place come in rising order, and are forgotten when it is read anew."""
        line = self._lines.setdefault(place, _Line())
        if line.waiting and offset <= line.waiting[-1]:
            line.waiting.clear()
            line.done.clear()
        line.waiting.append(offset)

    def finish(self, place: Place, offset: int) -> None:
        """A message is done for good: what follows from it is in Kafka. Unknown ones are ignored."""
        line = self._lines.get(place)
        if line is not None and offset in line.waiting:
            line.done.add(offset)

    def forget(self, kept: set[Place]) -> None:
        """Drop the places that another member reads now."""
        for place in set(self._lines) - kept:
            del self._lines[place]

    def due(self) -> dict[Place, int]:
        """The offset to commit per place, where it has moved: the first that is not done."""
        found = {}
        for place, line in self._lines.items():
            moved = None
            while line.waiting and line.waiting[0] in line.done:
                moved = line.waiting.popleft()
                line.done.discard(moved)
            if moved is not None:
                found[place] = moved + 1
        return found
