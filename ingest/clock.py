"""Maps samples to the wall clock: sample counts are exact, a monitor's idea of a second is not.

A crystal that is 100 ppm off gains or loses 8.6 s a day. Frames arrive late by a varying time and never early, so the
earliest arrival of each ten seconds is what the fit rests on.
"""

from __future__ import annotations

from collections import deque

import numpy as np

PIECE_S = 60
"""Within so many seconds of samples the map runs at the nominal rate; it is refitted between."""
WINDOW_S = 10
KEEP = 90
"""Windows that the fit looks back on: fifteen minutes."""
LEAST = 12
"""Windows before anything is said of a drift."""
STEP_NS = 2_000_000
"""Smaller corrections are left to the next piece."""
DRIFT_PPM = 20.0
"""A drift above this is worth a notice."""


class ClockMap:
    """One session's samples on the wall clock. Refitted at every PIECE_S of samples, by at least STEP_NS."""

    def __init__(self, rate_hz: float, begin_ns: int) -> None:
        """begin_ns: wall clock of sample 0."""
        self._rate_hz = rate_hz
        self._begin_ns = begin_ns
        self._piece = 0
        self._correction_ns = 0
        self._window = -1
        self._earliest_ns = 0
        self._first_ns = 0
        self._points: deque[tuple[float, float]] = deque(maxlen=KEEP)
        self._told_ppm = 0.0
        self.drift_ppm: float | None = None
        """How much too slow (positive) or fast the monitor counts; None until LEAST windows were seen."""

    def _nominal_ns(self, index: int) -> int:
        return self._begin_ns + round(index * 1e9 / self._rate_hz)

    def observe(self, index: int, arrival_ns: int) -> None:
        """Sample `index` arrived at this moment; indices must not fall."""
        window = int(index / (WINDOW_S * self._rate_hz))
        late_ns = arrival_ns - self._nominal_ns(index)
        if window != self._window:
            if self._window >= 0:
                self._first_ns = self._earliest_ns if not self._points else self._first_ns
                self._points.append(((self._window + 0.5) * WINDOW_S, float(self._earliest_ns)))
            self._window, self._earliest_ns = window, late_ns
        self._earliest_ns = min(self._earliest_ns, late_ns)

    def at(self, index: int) -> int:
        """Wall clock (ns) of a sample; pieces before the present one are gone."""
        piece = int(index / (PIECE_S * self._rate_hz))
        if piece != self._piece:
            self._piece = piece
            self._refit(piece * PIECE_S)
        return self._nominal_ns(index) + self._correction_ns

    def _refit(self, at_s: float) -> None:
        if len(self._points) < LEAST:
            return
        t, late = np.array(self._points).T
        slope, now = np.polyfit(t - at_s, late - self._first_ns, 1)
        self.drift_ppm = float(slope) / 1e3
        if abs(now - self._correction_ns) >= STEP_NS:
            self._correction_ns = round(float(now))

    def news(self) -> float | None:
        """A drift (ppm) that is worth telling and was not told, else None."""
        drift = self.drift_ppm
        if drift is None or abs(drift) < DRIFT_PPM or abs(drift - self._told_ppm) < abs(self._told_ppm) / 2:
            return None
        self._told_ppm = drift
        return drift


def drift_text(bed: str, drift_ppm: float) -> str:
    """One sentence for a person."""
    way = "slow" if drift_ppm > 0 else "fast"
    a_day = abs(drift_ppm) * 86_400 / 1e6
    return f"the sample clock of bed {bed} is {abs(drift_ppm):.0f} ppm {way}, {a_day:.1f} s a day: event times are corrected"
