"""What a gate answers: patterns that the measurements bear out, or what they miss."""

from __future__ import annotations

from dataclasses import dataclass

from engine.criteria.case import NOT_CONDUCTED, Case
from engine.criteria.doubt import GAIN
from engine.interpretation import Evidence
from stream.measurement import BeatKind


@dataclass(frozen=True, slots=True)
class Borne:
    """One pattern that is borne out by every criterion of it."""

    pattern: str
    """As the statements of a text are matched to it."""
    text: str
    """One sentence with its numbers; each is one of the evidence."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """Patterns that are borne out; where there are none, why."""

    borne: tuple[Borne, ...] = ()
    why: str = ""


def closed(case: Case) -> str:
    """Why no gate opens at all; empty where most beats are conducted or paced ones that can be read."""
    if case.code in NOT_CONDUCTED:
        return f"not judged in {case.code}"
    beats = case.measurements.beats
    count = sum(beat.kind is BeatKind.VENTRICULAR for beat in beats)
    if 5 * count > len(beats):
        return f"{count} of {len(beats)} beats are ventricular"
    if case.gain:
        return GAIN
    return "" if case.measurements.qrs_ms is not None else "no QRS can be measured"
