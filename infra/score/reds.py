"""Red alarms in hours of ordinary recordings, and how many of them the annotations of beats and rhythms bear out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from infra.score import ec57, run
from stream.catalogue import Code, Priority
from stream.trigger import Phase, Trigger

BEFORE_S, BEHIND_S = 12.0, 2.0
"""What bears an alarm out lies from so long before it is raised to so long behind."""
RUN = 3
"""Ventricular beats in a row that are a tachycardia by the marks of MIT-BIH."""
SILENCE_S = 2.5
"""Between two annotated beats: a standstill as it is told on a rhythm that stops (4 s), or on its way there."""
RATE_BEATS, RATE_SHARE = 4, 0.1
"""Beats in a row whose annotated rate an alarm of the rate may be off by so much."""
RATES = frozenset({Code.EXTREME_TACHY, Code.EXTREME_BRADY, Code.VENT_BRADY})


@dataclass(frozen=True, slots=True)
class Red:
    """Announced red alarms of one record."""

    hours: float
    borne: tuple[Code, ...]
    other: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """Annotations in seconds: beats and their letters, whether fibrillation or flutter of the ventricles is marked in each second."""

    at: Sequence[float]
    letters: Sequence[str]
    fibrillates: Sequence[bool]


def counted(triggers: Iterable[Trigger], marks: Marks, seconds: int) -> Red:
    """The red alarms that were announced, by whether the marks bear them out."""
    red = [t for t in triggers if t.priority is Priority.HIGH and t.phase is Phase.ONSET and not t.suppressed_by]
    borne = [is_borne(t, marks) for t in red]
    pairs = list(zip(red, borne, strict=True))
    return Red(seconds / 3600.0, tuple(t.code for t, b in pairs if b), tuple(t.code for t, b in pairs if not b))


def is_borne(alarm: Trigger, marks: Marks) -> bool:
    """Whether beats and rhythm as annotated around the alarm are what it says."""
    raised = alarm.sample / alarm.rate_hz
    begin, end = raised - BEFORE_S, raised + BEHIND_S
    near = [k for k, at in enumerate(marks.at) if begin <= at <= end]
    if any(marks.fibrillates[max(0, int(begin)) : int(end) + 1]):
        return True
    if alarm.code is Code.VFIB:
        return False
    intervals = np.diff([marks.at[k] for k in near])
    if alarm.code is Code.ASYSTOLE:
        return not len(intervals) or bool(intervals.max() >= SILENCE_S)
    if alarm.code in RATES:
        return _has_rate(intervals, alarm.value)
    letters = "".join("V" if marks.letters[k] in ec57.VENTRICULAR else "-" for k in near)
    return "V" * RUN in letters


def _has_rate(intervals: np.ndarray[Any, np.dtype[np.float64]], bpm: float | None) -> bool:
    if bpm is None or len(intervals) < RATE_BEATS:
        return False
    means = np.convolve(intervals, np.ones(RATE_BEATS) / RATE_BEATS, "valid")
    return bool((abs(60.0 / means - bpm) <= RATE_SHARE * bpm).any())


def summary(found: Sequence[Red]) -> dict[str, Any]:
    """Rates an hour, and the share that is borne out."""
    table = np.array([(len(r.borne), len(r.other), r.hours) for r in found])
    borne, other, hours = table.sum(axis=0).tolist()
    codes = Counter(str(code) for r in found for code in r.other)
    return {
        "hours": hours,
        "announced": int(borne + other),
        "not_borne": int(other),
        "an_hour": (borne + other) / hours,
        "not_borne_an_hour": other / hours,
        "borne": run.share(borne, other),
        "borne_interval": run.interval(table, run.ratio(0, 1)),
        "codes_not_borne": dict(codes.most_common()),
    }


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    codes = ", ".join(f"{code} {count}" for code, count in told["codes_not_borne"].items())
    return (
        f"red alarms announced: {told['announced']} in {told['hours']:.1f} h, {told['an_hour']:.2f} an hour; borne out by the marks "
        f"{run.percent(told['borne'])} ({run.between(told['borne_interval'])}); not borne out {told['not_borne_an_hour']:.2f} an hour ({codes})"
    )
