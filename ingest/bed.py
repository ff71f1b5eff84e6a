"""What a bed is set to, and what its monitors or processes have to say besides the signal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from ingest.frame import BedId, Nanoseconds

BED_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class PatientClass(StrEnum):
    ADULT = "adult"
    PAEDIATRIC = "paediatric"
    NEONATE = "neonate"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class Baseline(StrEnum):
    """The rhythm that a person has signed as the usual one of a bed's patient."""

    SINUS = "sinus"
    AFIB = "afib"
    PACED = "paced"


class BedState(StrEnum):
    """Monitored: alarms are raised. Standby: the signal is kept and shown, no alarm is raised."""

    MONITORED = "monitored"
    STANDBY = "standby"
    DISCHARGED = "discharged"


@dataclass(frozen=True, slots=True)
class BedContext:
    """What the workers must know of a bed; no name, no number of a patient."""

    bed: BedId
    unit: str = ""
    patient_class: PatientClass = PatientClass.ADULT
    age_years: float | None = None
    sex: Sex = Sex.UNKNOWN
    paced: bool | None = None
    """None: not set at admission, which is said."""
    state: BedState = BedState.MONITORED
    episode: int = 0
    """Counts admissions; a discharge begins the next."""
    relearn: int = 0
    """Counts the times that a person asked the bed to learn its rhythm anew."""
    baseline: Baseline | None = None
    """None: the commonest rhythm of the first five minutes is the baseline."""
    baseline_by: str = ""
    """Who signed it."""


class Level(StrEnum):
    """How a notice is shown."""

    INFORMATION = "information"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Notice:
    """A technical fact that a process wants known: what depends on the wall clock is a notice, never a trigger."""

    code: str
    """NO_DATA, SAMPLE_GAP, SECOND_SOURCE, CLOCK_SKEW, ..."""
    source: str
    """The process that says it: feed, stream, store, ..."""
    at_ns: Nanoseconds
    text: str
    """One sentence for a person."""
    bed: BedId | None = None
    level: Level = Level.INFORMATION
    cleared: bool = False
    """The condition named by code and bed is over."""
    value: float | None = None
    """Seconds that were measured, where others go by them: of CLOCK_SKEW how far the source's clock is behind ours
    (negative: ahead)."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What could not be decoded or handled, with the reason."""

    topic: str
    partition: int
    offset: int
    at_ns: Nanoseconds
    source: str
    reason: str
    payload: bytes = b""
    """At most the first 4 kB."""


def to_json(value: BedContext | Notice | DeadLetter) -> bytes:
    """One of this module's values as JSON; bytes become base64."""
    return msgspec.json.encode(value)
