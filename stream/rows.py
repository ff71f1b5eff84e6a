"""Places for the records of beds: what is carried of each, and its limits, in arrays that one pass works on."""

from __future__ import annotations

import numpy as np

from stream import report
from stream.state import new_states

_FIRST = 16


class Rows:
    """Records by row. A row that is given back is used again, cleared: beds come and go, and the arrays stay."""

    def __init__(self) -> None:
        self.states = new_states(_FIRST)
        """(rows,) STATE."""
        self.limits = np.zeros(_FIRST, report.LIMITS)
        """(rows,) of the limits that hold."""
        self._free = list(range(_FIRST))[::-1]

    def take(self) -> int:
        """A row of which nothing is known; the arrays grow where none is free, so that views of them grow stale."""
        if not self._free:
            count = len(self.states)
            self.states = np.concatenate([self.states, new_states(count)])
            self.limits = np.concatenate([self.limits, np.zeros(count, report.LIMITS)])
            self._free = list(range(count, 2 * count))[::-1]
        return self._free.pop()

    def give_back(self, row: int) -> None:
        """Clear a row, for another bed."""
        self.states[row] = new_states(1)[0]
        self.limits[row] = np.zeros(1, report.LIMITS)[0]
        self._free.append(row)
