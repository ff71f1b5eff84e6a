"""Which runtime of a model is used: the first that works. One that failed is tried again after a while."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import structlog

from engine.gem.config import SAMPLES
from engine.gem.prompt import Turn
from engine.reader import Reader, away, open_first, question_of
from engine.runtime import Runtime, RuntimeAway
from engine.scheduler import Outcome, Question, Scheduler
from ingest.frame import LEADS

log = structlog.get_logger()

NONE = "no runtime"
FIRST_S, MOST_S = 60.0, 1800.0
"""Waits before a runtime that failed is tried again: the first, and the longest that doubling leads to."""
PROOF_S = 120.0
PROOF = 2
"""Tokens that a runtime has to write before it is trusted again: one behind the prompt, one more in a step."""


class Fallback:
    """The runtimes of one model in the order in which they are wanted, and the one in use. Opening one may take minutes."""

    def __init__(
        self, reader: Reader, names: tuple[str, ...], slots: int, precision: str, ticks: Callable[[], int]
    ) -> None:
        """names: the best first; ticks: nanoseconds that never run back. Nothing is opened before `descend`."""
        self._reader, self._names, self._ticks = reader, names, ticks
        self._slots, self._precision = slots, precision
        self._at = -1
        self._wait_s = FIRST_S
        self._due_ns: int | None = None
        self.name = NONE
        self.runtime: Runtime | None = None

    @property
    def is_degraded(self) -> bool:
        """Whether one that this machine has, and that is wanted more, is not in use; or none is."""
        return self.runtime is None or any(not away(name) for name in self._names[: self._at])

    @property
    def is_due(self) -> bool:
        """Whether it is time to try those again that failed."""
        return self._due_ns is not None and self._ticks() >= self._due_ns

    @property
    def wait_s(self) -> float:
        """Until the next trial, from the one before."""
        return self._wait_s

    def descend(self) -> tuple[str, ...]:
        """Open the next that works, and tell what was wrong with those in between; `runtime` is None where none is left."""
        try:
            self.name, self.runtime, wrong = self._open(self._names[self._at + 1 :])
            self._at = self._names.index(self.name)
        except RuntimeAway as error:
            self.name, self.runtime, self._at, wrong = NONE, None, len(self._names), (str(error),)
        self._plan()
        return wrong

    def climb(self) -> str:
        """Try those again that are wanted more than the one in use, the best first; what is wrong with those that do not work."""
        self._wait_s = min(2 * self._wait_s, MOST_S)
        wrong = []
        for at, name in enumerate(self._names[: self._at]):
            try:
                _, runtime, _ = self._open((name,))
                _prove(self._reader, runtime, self._ticks)
            except RuntimeAway as error:
                wrong.append(str(error))
                continue
            self._at, self.name, self.runtime = at, name, runtime
            break
        self._plan()
        return "; ".join(wrong)

    def worked(self) -> None:
        """The runtime in use has answered: where it is the one that is wanted, a later failure is a first one again."""
        if self._wait_s > FIRST_S and self._due_ns is None:
            self._wait_s = FIRST_S

    def _open(self, names: tuple[str, ...]) -> tuple[str, Runtime, tuple[str, ...]]:
        return open_first(self._reader, names, self._slots, self._precision)

    def _plan(self) -> None:
        self._due_ns = self._ticks() + int(self._wait_s * 1e9) if self.is_degraded else None


def _prove(reader: Reader, runtime: Runtime, ticks: Callable[[], int]) -> None:
    """Have a runtime write about a recording that is flat; raises RuntimeAway where it does not."""
    config = reader.checkpoint.config
    side = config.vision.image
    scheduler = Scheduler(runtime, reader.words, ticks)
    scheduler.ask(
        Question(
            id="proof",
            trigger="proof",
            rank=0,
            at_ns=0,
            prompt=reader.prompt([Turn(question_of(""))]),
            deadline_ns=ticks() + int(PROOF_S * 1e9),
            limit=PROOF,
            signal=None if config.ecg is None else np.zeros((len(LEADS), SAMPLES), np.float32),
            page=np.zeros((3, side, side), np.float32),
        )
    )
    while not (answers := scheduler.turn()):
        pass
    if answers[0].outcome is not Outcome.DONE:
        log.warning("a runtime does not work yet", runtime=runtime.name, why=answers[0].reason)
        raise RuntimeAway(f"runtime {runtime.name}: {answers[0].reason}")
