"""How long the frames of one source take to come, second by second, and what that says of the source's clock. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ingest.frame import Frame

SKEW_S = 1.0
"""A source's clock against ours."""
TICKS = 3
"""Seconds with frames through which lateness must hold."""
STEADY_TICKS = 8
"""Seconds through which frames must be equally late, for a clock that is behind to be told from a backlog."""
STEADY_S = 0.3
_NEVER = float("inf")


@dataclass(slots=True)
class Transit:
    """The way of one session's frames from its monitor to us."""

    lag_s: float = _NEVER
    """The least of this second, from the newest sample of a frame to its arrival; no frame: never."""
    transit_s: float = _NEVER
    """The least of this second, from sending by the source's clock to arrival by ours."""
    lags: deque[float] = field(default_factory=lambda: deque(maxlen=TICKS))
    transits: deque[float] = field(default_factory=lambda: deque(maxlen=STEADY_TICKS))

    def heard(self, frame: Frame, now_ns: int) -> None:
        """A frame with samples has come."""
        self.lag_s = min(self.lag_s, (now_ns - end_ns(frame)) / 1e9)
        self.transit_s = min(self.transit_s, (now_ns - frame.sent_ns) / 1e9)

    def tick(self) -> None:
        """A second is over."""
        if self.lag_s < _NEVER:
            self.lags.append(self.lag_s)
            self.transits.append(self.transit_s)
        self.lag_s = self.transit_s = _NEVER

    @property
    def skew_s(self) -> float:
        """How far the source's clock is behind (positive) or ahead; 0 where that cannot be told."""
        if len(self.transits) < TICKS:
            return 0.0
        if max(self.transits) < 0.0:
            # nothing arrives before it was sent
            return min(self.transits)
        steady = len(self.transits) == STEADY_TICKS and max(self.transits) - min(self.transits) < STEADY_S
        return min(self.transits) if steady else 0.0

    @property
    def off_s(self) -> float:
        """The same where it is beyond SKEW_S, and so what ages must be corrected by; else 0."""
        return self.skew_s if abs(self.skew_s) > SKEW_S else 0.0


def end_ns(frame: Frame) -> int:
    """Event time behind the last sample of a frame."""
    return int(frame.start_ns + frame.samples.shape[1] * 1e9 / frame.session.rate_hz)
