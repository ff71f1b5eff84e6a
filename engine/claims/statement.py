"""What the parser reads in a text, before anybody has judged it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

OPEN = "open"
"""Detail of a finding that is neither claimed nor denied: it `cannot be excluded`."""


ONLY, MOST = "only", "most"
"""Details of a finding of leads: it is there in these alone; in most of them."""
OF_NOTHING = "of nothing"
"""Detail of a quality of which it is not known of what it is said."""


class Relation(StrEnum):
    """How a number is meant."""

    IS = "is"
    BELOW = "below"
    ABOVE = "above"
    REFERENCE = "reference"
    """A limit or range of normal, not a measurement."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A number, a finding or the name of a lead, where it stands in the text and what it is said of."""

    kind: str
    """number, finding or lead."""
    start: int
    end: int
    what: str
    """The subject of a number (`PR`, `T`), the name of a finding, the lead; empty of a number that is said of nothing."""
    leads: tuple[str, ...] = ()
    loose: bool = False
    """The leads are a group or none were named: two of them suffice."""
    low: float | None = None
    high: float | None = None
    """Ends of a range, both in `unit`; the same of a single number."""
    unit: str = ""
    """As canonical name of the lexicon; empty where none was written."""
    relation: Relation = Relation.IS
    negated: bool = False
    detail: str = ""
    """Words around that decide which reading is meant: formula, duration, amplitude, direction."""
    maybe: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Of a number that is loosely bound the measures, with their leads, that it may be said of instead; of a quality of nothing the findings."""
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Of a number the measures, with their leads, that its sentence speaks of and no other number is said of."""
    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Of a sum the waves that it adds up, each with the leads of which one is meant."""
    every: bool = False
    """Whether a bound holds for each of the leads."""
    limit: bool = False
    """Whether a bound is named as a limit, a threshold or a criterion."""
    near: bool = False
    """Whether a bound is said to lie close by: `just under 100`."""
    hedged: bool = False
    """Whether a finding is named as what may be so, not as what is."""
