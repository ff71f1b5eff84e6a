"""What a training tells while it runs: one line on a terminal, few in a pipe. No torch."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

PIPE_STEPS = 50
"""Steps between two lines where standard error is no terminal."""


@dataclass(slots=True)
class Progress:
    """Tells on standard error; silent on processes that are not the first."""

    total: int
    on: bool = True
    every: int = PIPE_STEPS
    _begun: float = field(default_factory=time.monotonic)
    _steps: int = 0
    _samples: int = 0

    def __call__(self, step: int, loss: float, samples: int) -> None:
        """After a step, counted from 1."""
        self._steps += 1
        self._samples += samples
        if not self.on:
            return
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{self.line(step, loss):<76}")
            sys.stderr.flush()
        elif step % self.every == 0 or step == self.total:
            sys.stderr.write(f"{self.line(step, loss)}\n")

    def line(self, step: int, loss: float) -> str:
        """The state in words."""
        seconds = max(1e-9, time.monotonic() - self._begun)
        left = (self.total - step) * seconds / self._steps
        return (
            f"step {step}/{self.total}  loss {loss:.4f}  {self._samples / seconds:.1f} samples/s  {duration(left)} left"
        )

    def say(self, text: str) -> None:
        """A sentence of its own, on a terminal only."""
        if self.on and sys.stderr.isatty():
            sys.stderr.write(f"{text}\n")

    def part(self, done: int, of: int) -> None:
        """Recordings that are read before the first step, on a terminal only."""
        if self.on and sys.stderr.isatty():
            sys.stderr.write(f"\r{f'recordings read: {done} of {of}':<76}" + ("\n" if done == of else ""))
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line that is written over."""
        if self.on and sys.stderr.isatty():
            sys.stderr.write("\n")


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
