"""The types a monitor's signal arrives in. Sample counts are the clock; arrival and event time are kept apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

BedId = NewType("BedId", str)
"""A place with a monitor, `icu-2-07`; never a person."""
Nanoseconds = NewType("Nanoseconds", int)
"""Since the Unix epoch, UTC."""
SessionId = NewType("SessionId", int)
"""One connection of one monitor; unsigned 63 bits."""

MAX_FRAME_S = 10.0
"""Longest frame; a monitor that sends later than this is none to be alarmed by."""

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The twelve standard leads in the order of every 12-row array of Vigil."""
LIMB, CHEST = LEADS[:6], LEADS[6:]
"""Those of the limbs, and those of the chest."""

_CANONICAL = {name.lower(): name for name in LEADS}
_ALIASES = {"mlii": "II", "mli": "I", "mliii": "III", "ml2": "II", "d1": "I", "d2": "II", "d3": "III"}
_UNKNOWN_PLACE = re.compile(
    r"(mod\.? ?)?(ecg|ekg|mcl|ml|cm|cc|v|vx|vy|vz|es|as|ai)[ _.-]?[0-9]{0,2}[rl]?|(ecg|ekg|lead)[ _.:-].*|mod[ .].*"
)
"""ECG leads of unknown or non-standard place: analysed for rhythm, never put in a Segment row."""
ECG_UNITS = {"mv": 1.0, "uv": 1e-3, "\N{MICRO SIGN}v": 1e-3, "v": 1e3, "nv": 1e-6}
"""Millivolts in one unit, by the unit's name in lower case."""


def lead_name(name: str) -> str:
    """The canonical name of a standard lead (`ii`, `AVR`, `MLII`, `ECG V1`), else the name as sent.

    A modified lead (`mod.V1`) is none of the standard ones.
    """
    key = name.strip().lower()
    for prefix in ("ecg", "ekg", "lead"):
        rest = key.removeprefix(prefix)
        if rest != key and rest[:1] in (" ", "_", "-", ":"):
            key = rest.strip(" _-:")
    return _CANONICAL.get(key) or _ALIASES.get(key) or name.strip()


@dataclass(frozen=True, slots=True)
class Signal:
    """One channel as the monitor sends it: value = (sample - zero) / gain, in `unit`."""

    name: str
    unit: str
    gain: float
    """Steps per unit, above 0."""
    zero: int = 0
    """The step that stands for 0 of the unit."""

    @property
    def is_ecg(self) -> bool:
        """Whether this is an ECG lead, of known place or not, in a unit of voltage."""
        known = self.name in LEADS or _UNKNOWN_PLACE.fullmatch(self.name.strip().lower()) is not None
        return known and self.unit.lower() in ECG_UNITS

    @property
    def mv_per_step(self) -> float:
        """Millivolts of one step; only where `is_ecg`."""
        return ECG_UNITS[self.unit.lower()] / self.gain


class Flaw(IntEnum):
    """Why a stretch of one signal must not be read."""

    INVALID = 1
    LEAD_OFF = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Samples [start, stop) of signal `row`, counted from the first sample of the frame, that must not be read."""

    row: int
    start: int
    stop: int
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Session:
    """One unbroken source of one bed: rate, signals and gains stay the same while it lasts."""

    id: SessionId
    bed: BedId
    source: str
    """The gateway or file that sends; two sources never feed one bed at a time."""
    rate_hz: float
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One message of one monitor: consecutive samples of its signals.

    samples: (len(session.signals), n) int16 steps, read-only; n = 0 in an end marker.
    """

    session: Session
    first: int
    """Index of the first sample, counted since the session began. A jump is a gap."""
    start_ns: Nanoseconds
    """When that sample was taken, by the monitor's clock mapped to UTC."""
    sent_ns: Nanoseconds
    """When the frame was handed to Kafka, by the feed's clock."""
    samples: NDArray[np.int16]
    spans: tuple[Span, ...] = ()
    pacer: tuple[int, ...] = ()
    """Samples at which the front end flagged a pacing pulse, counted from the first sample of the frame."""
    ends: bool = False
    """The session closes behind this frame; the silence that follows is no fault."""

    @property
    def after(self) -> int:
        """Index of the sample that continues this frame without a gap."""
        return self.first + int(self.samples.shape[1])
