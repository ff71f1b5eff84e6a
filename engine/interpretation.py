"""What an interpreter says of one segment: findings, each with the stretch of signal and the number that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.claims.claim import Claim, Sentence, Verdict
from ingest.frame import LEADS, BedId, Nanoseconds
from stream.policy import Mode


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of one lead, and a number, that a reader can look at and judge."""

    lead: str
    """A lead of LEADS, or `global` for a number taken over leads."""
    first_sample: int
    """Of the stretch, in the segment's 500 Hz samples, 0..4999."""
    last_sample: int
    beat: int | None
    """R peak it belongs to, in the segment's 500 Hz samples."""
    measure: str
    """`PR interval`."""
    value: float
    unit: str
    """UCUM."""
    limit: float | None = None
    criterion: str = ""
    """The rule in words, `PR > 200 ms`."""
    source: str = ""
    """Who published it: author, year, journal."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement, coded."""

    code: str
    """SNOMED CT."""
    name: str
    text: str
    """One sentence with its number, for a person."""
    confidence: float
    """0..1."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A question that these leads or this quality cannot answer."""

    name: str
    reason: str


class Advised(StrEnum):
    """What the interpreter may advise of: patterns, never alarms. The mode of each is the policy's."""

    STEMI_EQUIVALENT = "STEMI_EQUIVALENT"
    HYPERK_PATTERN = "HYPERK_PATTERN"
    WPW = "WPW"


@dataclass(frozen=True, slots=True)
class Advisory:
    """A pattern that was named, and what the measured criteria say to it."""

    code: Advised
    by: str
    """`model` or `criteria`: whose statement it is."""
    said: str
    """The words that state it."""
    borne: bool
    """Whether the measurements bear it out by every criterion of its gate; what is not borne is kept and never told."""
    text: str
    """One sentence with its numbers, for a person; where it is not borne, what the criteria miss."""
    evidence: tuple[Evidence, ...] = ()
    mode: Mode = Mode.SHADOW
    """As the policy of the bed had it when this was answered."""
    policy: str = ""
    """Scope and revision of that policy; empty before one was looked at."""


class State(StrEnum):
    DONE = "done"
    WITHHELD = "withheld"


NO_DEVICE = "Research software, not a medical device."
TWELVE = len(LEADS)


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One answer of one interpreter to one segment."""

    id: str
    """Derived from the trigger's id and the model: asked twice, the same row."""
    trigger: str
    bed: BedId
    at_ns: Nanoseconds
    """Event time of the trigger."""
    model: str
    """Name, version and digest of what answered."""
    state: State
    reason: str
    """Why nothing is said, where withheld; else empty."""
    findings: tuple[Finding, ...]
    withheld: tuple[Withheld, ...]
    report: str
    """The findings as one short paragraph."""
    answered_ns: Nanoseconds
    """By the engine's clock."""
    late: bool = False
    """Given after its deadline, counted from when the segment was written or the question asked."""
    question: str = ""
    """What a person asked; empty for the answer that belongs to the alert."""
    claims: tuple[Claim, ...] = ()
    """What the checker says to each statement of a text that a model wrote; empty of the criteria, which cite what they measure."""
    sentences: tuple[Sentence, ...] = ()
    """A model's text as it is displayed, each sentence with the places of its claims; `report` joins them (`engine.grounded`)."""
    advisories: tuple[Advisory, ...] = ()
    """Patterns that were named, borne out or not; no part of the report."""
    leads: tuple[str, ...] = ()
    """Of the twelve those that were there, in their order; empty where nothing could be read."""
    derived: tuple[str, ...] = ()
    """Those of them that follow from two others."""
    band_hz: tuple[float, float] | None = None
    """What of the signal was there: the path of Vigil, ending where the sampling rate ends; what a monitor filters is not known."""
    unmeasured: tuple[str, ...] = ()
    """Of `leads` those in which no QRS could be measured, disturbed ones mostly."""

    @property
    def contradicted(self) -> tuple[str, ...]:
        """What a model said, is shown, and the measurements deny, each with why; empty where nothing is contradicted."""
        shown = {k for one in self.sentences if one.verdict is Verdict.DISAGREE for k in range(one.first, one.last + 1)}
        wrong = (
            c for k, c in enumerate(self.claims) if c.verdict is Verdict.DISAGREE and (k in shown or not self.sentences)
        )
        return tuple(dict.fromkeys(f"{c.text}: {c.why}" for c in wrong))

    @property
    def given(self) -> str:
        """Which leads and which band it had, as one clause."""
        if not self.leads:
            return "no lead that could be read"
        there = ", ".join(self.leads)
        named = (
            "all twelve leads"
            if len(self.leads) == TWELVE
            else f"lead {there} alone"
            if len(self.leads) == 1
            else f"leads {there}"
        )
        made = f" ({', '.join(self.derived)} derived)" if self.derived else ""
        band = f", {self.band_hz[0]:g} to {self.band_hz[1]:g} Hz" if self.band_hz is not None else ""
        return f"{named}{made}{self._without}{band}"

    @property
    def _without(self) -> str:
        """Which of the leads could not be measured, as a clause; empty of none."""
        if not self.unmeasured:
            return ""
        if len(self.unmeasured) == len(self.leads):
            return ", in which no QRS amplitude could be measured, though beats may be counted"
        return f", of which {', '.join(self.unmeasured)} could not be measured"

    @property
    def provenance(self) -> str:
        """What it had, who wrote it, and what it is not: for every place where it is shown."""
        given = f"From {self.given}. " if self.band_hz is not None else ""
        return f"{given}By {self.model}. {NO_DEVICE}"
