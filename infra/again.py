"""When a process that ended is started again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
CALM_S = 30.0
"""A process that lived this long starts again at once."""


@dataclass(slots=True)
class Again:
    """Starts of one process: soon where it lived long, later and later where it did not. Monotonic seconds."""

    started_s: float = field(default_factory=time.monotonic)
    failures: int = 0
    """Ends in a row, each soon after its start."""
    due_s: float = 0.0
    """When it is started again; 0: it is not known to have ended."""

    def ended(self, now_s: float) -> bool:
        """Note that it does not run; whether that is news."""
        if self.due_s:
            return False
        self.failures = 0 if now_s - self.started_s > CALM_S else self.failures + 1
        self.due_s = now_s + BACKOFF_S[min(self.failures, len(BACKOFF_S) - 1)]
        return True

    def is_due(self, now_s: float) -> bool:
        """Whether it is to be started at this moment."""
        return 0.0 < self.due_s <= now_s

    def started(self, now_s: float) -> None:
        """Note that it was started, or that this was tried."""
        self.started_s, self.due_s = now_s, 0.0
