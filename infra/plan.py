"""What `vigil up` and `vigil feed` are asked to play: checked, whole, before anything is started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    def recordings(self) -> list[Recording]:
        """Every recording, read or simulated, under names of their own; raises BadRequest."""
        return self._read() if self.records else self._simulated()

    def _read(self) -> list[Recording]:
        from ingest.open_recording import UnreadableRecording, read_recording

        try:
            found = [read_recording(path, self.rate_hz) for path in self.records]
        except UnreadableRecording as error:
            raise BadRequest(str(error)) from None
        for recording in found:
            if not any(s.is_ecg for s in recording.signals):
                names = ", ".join(s.name for s in recording.signals)
                raise BadRequest(f"recording {recording.name} has no ECG lead among {names}")
        return _named_apart(found)

    def _simulated(self) -> list[Recording]:
        from ingest.scenario import DEMO, BadScenario, find
        from ingest.simulator import simulate

        try:
            names = [self.scenario] * self.beds if self.scenario else [DEMO[k % len(DEMO)] for k in range(self.beds)]
            return [
                simulate(find(name), self.length_s, seed=self.seed + k, name=f"icu-1-{k + 1:02d}")
                for k, name in enumerate(names)
            ]
        except BadScenario as error:
            raise BadRequest(str(error)) from None

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


def _named_apart(recordings: Sequence[Recording]) -> list[Recording]:
    seen: dict[str, int] = {}
    named = []
    for recording in recordings:
        seen[recording.name] = seen.get(recording.name, 0) + 1
        count = seen[recording.name]
        named.append(recording if count == 1 else replace(recording, name=f"{recording.name}-{count}"))
    return named
