"""Questions to Kafka or the database that may wait for long, asked beside a loop that must not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

T = TypeVar("T")


class Aside(Generic[T]):
    """One question, asked in a thread of its own and anew where it failed: a service that is away is no answer."""

    PAUSE_S = 0.3

    def __init__(self, question: Callable[[], T]) -> None:
        """question: may wait, and may raise anything."""
        self._question = question
        self._answers: list[T] = []
        self._thread: threading.Thread | None = None
        self._due_s = 0.0
        self.reason = ""
        """Why it was not answered the last time it was tried."""

    def look(self) -> T | None:
        """The answer, once and where it is there; asks where nobody is asking. Never waits."""
        if self._thread is not None and self._thread.is_alive():
            return None
        if self._answers:
            return self._answers.pop()
        if time.monotonic() >= self._due_s:
            self._thread = threading.Thread(target=self._ask, daemon=True)
            self._thread.start()
        return None

    def _ask(self) -> None:
        try:
            answer = self._question()
        except Exception as error:
            self.reason = " ".join(str(error).split())[:300] or type(error).__name__
            log.warning("not answered, and asked again", reason=self.reason)
        else:
            self.reason = ""
            self._answers.append(answer)
        self._due_s = time.monotonic() + self.PAUSE_S
