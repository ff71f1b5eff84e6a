"""What `vigil up` and `vigil feed` are asked to play: checked, whole, before anything is started."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from ingest.recording import Recording


class BadRequest(ValueError):
    """A command that cannot be done as it was given; one sentence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Recordings, or simulated beds."""

    records: tuple[str, ...] = ()
    beds: int = 8
    scenario: str = ""
    rate_hz: float | None = None
    length_s: float = 300.0
    seed: int = 1

    def recordings(self, taken: Collection[str] = ()) -> list[Recording]:
        """Every recording, read or simulated, under names of their own and none of those taken; raises BadRequest."""
        return self._read(taken) if self.records else self._simulated(taken)

    def _read(self, taken: Collection[str] = ()) -> list[Recording]:
        from ingest.open_recording import UnreadableRecording, read_recording

        try:
            found = [read_recording(path, self.rate_hz) for path in self.records]
        except UnreadableRecording as error:
            raise BadRequest(str(error)) from None
        for recording in found:
            if not any(s.is_ecg for s in recording.signals):
                names = ", ".join(s.name for s in recording.signals)
                raise BadRequest(f"recording {recording.name} has no ECG lead among {names}")
        return _named_apart(found, taken)

    def _simulated(self, taken: Collection[str]) -> list[Recording]:
        from ingest.scenario import DEMO, BadScenario, find
        from ingest.simulator import simulate

        try:
            names = [self.scenario] * self.beds if self.scenario else [DEMO[k % len(DEMO)] for k in range(self.beds)]
            free = (k for k in count() if _place(k) not in taken)
            return [
                simulate(find(name), self.length_s, seed=self.seed + k, name=_place(k))
                for name, k in zip(names, free, strict=False)
            ]
        except BadScenario as error:
            raise BadRequest(str(error)) from None

    def names(self) -> list[str]:
        """The beds that this will play where no name is taken."""
        if not self.records:
            return [_place(k) for k in range(self.beds)]
        from ingest.open_recording import bed_name

        return [bed_name(Path(path).stem) for path in self.records]

    def check(self) -> None:
        """Raises BadRequest for what would fail later."""
        if self.records:
            self._read()
            return
        from ingest.scenario import BadScenario, find

        if not 1 <= self.beds <= 5000:
            raise BadRequest(f"--beds {self.beds} is outside 1 to 5000")
        try:
            find(self.scenario or "sinus")
        except BadScenario as error:
            raise BadRequest(str(error)) from None

    def arguments(self) -> list[str]:
        """The words behind `vigil feed`."""
        if self.records:
            rate = ["--rate", str(self.rate_hz)] if self.rate_hz else []
            return ["replay", *rate, "--", *self.records]
        scenario = ["--scenario", self.scenario] if self.scenario else []
        return ["simulate", "--beds", str(self.beds), *scenario]


def _place(number: int) -> str:
    """The name of a simulated bed."""
    return f"icu-1-{number + 1:02d}"


def _named_apart(recordings: Sequence[Recording], taken: Collection[str]) -> list[Recording]:
    seen = set(taken)
    named = []
    for recording in recordings:
        tries = (recording.name if k == 1 else f"{recording.name[:59]}-{k}" for k in count(1))
        name = next(t for t in tries if t not in seen)
        seen.add(name)
        named.append(replace(recording, name=name))
    return named
