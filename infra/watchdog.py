"""Whether alarms come through: a pure judgement of when the alarms of the synthetic patients came. Outside Kafka and Faust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

SILENT_S = 9.5
"""Without an alarm of a synthetic patient for so long its slot is down: with the clock's step, told within 10 s."""
MISSED_S = 6.0
"""Who has been silent for so long has missed an alarm: named with the one that was silent longest."""
FRESH_S = 6.0
"""An alarm that is older when it comes proves nothing: the pipeline lags."""
START_S = 45.0
"""From the start of the watchdog until the first alarms must have come: beds learn, and an earlier session gives way."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which alarms did not come through."""

    since_ns: int
    text: str
    until_ns: int = 0
    """0: it lasts."""


class Watchdog:
    """Judges by alarms heard and the time, both given. Not thread-safe."""

    def __init__(self, slots: Mapping[str, int], begun_ns: int) -> None:
        """slots: the slot of each synthetic bed."""
        self._slots = slots
        due_ns = begun_ns + round((START_S - SILENT_S) * 1e9)
        self._last_ns = dict.fromkeys(slots, due_ns)
        self._proven: set[str] = set()
        """Beds heard since the start, or since the outage began."""
        self.outage: Outage | None = None
        """The present one, else the last."""

    def heard(self, bed: str, at_ns: int, now_ns: int) -> None:
        """The alarm of a synthetic patient that became true at at_ns has come."""
        if bed in self._slots and abs(now_ns - at_ns) <= FRESH_S * 1e9:
            self._last_ns[bed] = now_ns
            self._proven.add(bed)

    def look(self, now_ns: int) -> Outage | None:
        """The outage where one has just begun or ended, else None; call it a few times a second."""
        missing = any(now_ns - last > SILENT_S * 1e9 for last in self._last_ns.values())
        was, lasts = self.outage, self.outage is not None and not self.outage.until_ns
        if missing and not lasts:
            self._proven.clear()
            silent = [bed for bed, last in self._last_ns.items() if now_ns - last > MISSED_S * 1e9]
            self.outage = Outage(now_ns, self._text(silent))
        elif lasts and was is not None and not missing and len(self._proven) == len(self._slots):
            self.outage = replace(was, until_ns=now_ns)
        return self.outage if self.outage is not was else None

    def _text(self, missing: list[str]) -> str:
        if len(missing) == len(self._slots):
            return "no alarm of a synthetic patient comes through: no bed is watched"
        slots = sorted(self._slots[bed] for bed in missing)
        named = ", ".join(map(str, slots))
        return f"alarms of {len(slots)} of {len(self._slots)} slots do not come through ({named}): beds there are not watched"

    @property
    def said(self) -> dict[str, Any]:
        """State (starting, up or down), since_ns, until_ns and text of the present outage or the last."""
        held = self.outage
        down = held is not None and not held.until_ns
        state = "down" if down else "up" if len(self._proven) == len(self._slots) else "starting"
        since, until, text = (0, 0, "") if held is None else (held.since_ns, held.until_ns, held.text)
        return {"state": state, "since_ns": since, "until_ns": until, "text": text}
