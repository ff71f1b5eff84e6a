"""Rate and intervals of a text against what cardiologists marked in the same recording (LUDB)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.claims.claim import ClaimKind, Verdict
from engine.instruct.labelled import ROW, Entry
from engine.interpretation import Interpretation
from infra.score.boundaries import Reference, median, reference, waves
from infra.score.intervals import INTERVALS
from ingest.frame import LEADS
from ingest.open_recording import read_recording

WITHIN = {"heart rate": 2.0, "PR interval": 20.0, "QRS duration": 20.0, "QT interval": 40.0}
"""By the name of a measure, in /min and ms."""
_NAMES = {"pr": "PR interval", "qrs": "QRS duration", "qt": "QT interval"}
LEAST_BEATS = 3
"""Marked beats that a rate is taken from."""


def marked(entry: Entry) -> dict[str, float]:
    """Rate in /min and intervals in ms by the marks of a recording, median over its beats; empty where it has none."""
    if ROW in entry.place:
        return {}
    leads = [name.lower() for name in LEADS if Path(f"{entry.place}.{name.lower()}").is_file()]
    if not leads:
        return {}
    rate_hz = read_recording(entry.place).rate_hz
    beats = reference([waves(entry.place, lead) for lead in leads], rate_hz)
    found = {_NAMES[name]: _interval(beats, *ends, rate_hz) for name, ends in INTERVALS.items()}
    return {name: one for name, one in (found | {"heart rate": _rate(beats, rate_hz)}).items() if one is not None}


def _interval(beats: Sequence[Reference], first: str, last: str, rate_hz: float) -> float | None:
    spans = [(b.at[first], b.at[last]) for b in beats]
    known = [(stop - start) * 1000.0 / rate_hz for start, stop in spans if start is not None and stop is not None]
    return median(known) if known else None


def _rate(beats: Sequence[Reference], rate_hz: float) -> float | None:
    """Of the mean interval between the marked beats, which follow one another."""
    peaks = [beat.peak for beat in beats]
    return None if len(peaks) < LEAST_BEATS else float(60.0 * rate_hz / np.mean(np.diff(peaks)))


def against(entries: Sequence[Entry], answers: Sequence[Interpretation]) -> dict[str, Any] | None:
    """By measure: of how many recordings it is marked, of how many of these the text tells it, and how often within reach; None without marks."""
    truth = [marked(entry) for entry in entries]
    if not any(truth):
        return None
    found = {}
    for name, reach in WITHIN.items():
        pairs = [(_told(answer, name), one[name]) for answer, one in zip(answers, truth, strict=True) if name in one]
        told = [(said, there) for said, there in pairs if said is not None]
        right = sum(abs(said - there) <= reach for said, there in told)
        share = right / len(told) if told else None
        found[name] = {
            "marked": len(pairs), "told": len(told), "within": right, "reach": reach, "share": share,
            "share_of_marked": right / len(pairs) if pairs else None,
        }  # fmt: skip
    return found


def _told(answer: Interpretation, measure: str) -> float | None:
    """The first number of a measure that a shown sentence tells, by its claims or as the evidence of a finding of the criteria."""
    for sentence in answer.sentences:
        for e in answer.findings[sentence.finding].evidence if sentence.finding >= 0 else ():
            if e.measure == measure and e.lead == "global":
                return float(round(e.value))  # as its sentence shows it
        if sentence.verdict is Verdict.AGREE and sentence.first >= 0:
            for claim in answer.claims[sentence.first : sentence.last + 1]:
                if claim.kind is ClaimKind.NUMBER and claim.measure == measure and not claim.leads:
                    return claim.value
    return None


def lines(told: dict[str, Any]) -> list[str]:
    """For a person."""
    return [
        f"{name}: {one['within']} of {one['told']} texts within {one['reach']:g} of the marks ({one['marked']} recordings have them)"
        for name, one in told.items()
    ]
