"""What a text says that can be measured, and what the measurements say to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Agree: shown with its evidence. Disagree: shown greyed, with both values. Unsupported: withheld."""

    AGREE = "agree"
    DISAGREE = "disagree"
    UNSUPPORTED = "unsupported"


class ClaimKind(StrEnum):
    """What was judged: a number, its unit, the lead that is named, or a finding."""

    NUMBER = "number"
    UNIT = "unit"
    LEAD = "lead"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a text with its verdict."""

    kind: ClaimKind
    text: str
    """The words as they stand."""
    start: int
    """Of the words in the text, in characters."""
    end: int
    measure: str
    """`PR interval`, or the name of the finding."""
    leads: tuple[str, ...]
    """That it speaks of; empty where it is of the whole."""
    value: float | None
    """As said, in `unit`; the lower end of a range; None of a finding."""
    unit: str
    """UCUM."""
    verdict: Verdict
    measured: float | None
    """In `unit`; None where nothing was measured or the verdict rests on no single number."""
    beats: tuple[int, ...]
    """R peaks that the measurement rests on, in the segment's 500 Hz samples."""
    samples: tuple[int, int] | None
    """First and last sample of the stretch to look at."""
    tolerance: float | None
    """That was allowed, in `unit`."""
    why: str
    """One sentence for a person."""
    uncontradicted: bool = False
    """Whether nothing that was measured speaks against it though it does not agree: it is withheld and does not stop what stands beside it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text as it is displayed, with the claims that it rests on."""

    text: str
    """As it stands, or marked, or only why it is withheld."""
    verdict: Verdict | None
    """The worst of its claims; None where it claims nothing."""
    first: int = -1
    """Of its claims in `Interpretation.claims`; -1 where it has none."""
    last: int = -1
    finding: int = -1
    """Of `Interpretation.findings`: that which the measured criteria add to a model's text, or find too of what it tells in a tier; else -1."""
    partly: bool = False
    """Whether not every word was understood, so that only what was measured of it is told."""
    graded: bool = False
    """Whether it is no sentence of the text, but what the model's fused findings grade beside it (`engine/graded.py`)."""
