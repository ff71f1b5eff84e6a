"""Beats as cardiologists marked them: onsets, peaks and ends of P, QRS and T in every lead, and the global reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

FIDUCIALS = ("p_on", "p_off", "qrs_on", "qrs_off", "t_off")


@dataclass(frozen=True, slots=True)
class Wave:
    """One marked wave of one lead, in samples."""

    kind: str
    on: int | None
    peak: int
    off: int


@dataclass(frozen=True, slots=True)
class Reference:
    """One beat that at least half of the leads mark, in samples; None where not marked.

    at: by fiducial, the median over leads. wide: by fiducial, the second-earliest onset or the second-latest end.
    """

    peak: float
    at: dict[str, float | None]
    wide: dict[str, float | None]
    p_readable: bool
    """False for a first beat in front of which nothing was marked."""


def waves(path: str, lead: str) -> list[Wave]:
    """Marked waves of one lead; marks are paired by their place, as some onsets or ends are missing."""
    import wfdb

    marks = wfdb.rdann(path, lead)
    found, on, peak = [], None, None
    for sample, symbol in zip(marks.sample.tolist(), marks.symbol, strict=True):
        if symbol == "(":
            on, peak = sample, None
        elif symbol in ("p", "N", "t"):
            peak = (symbol, sample)
        elif symbol == ")":
            if peak is not None:
                found.append(Wave(peak[0], on, peak[1], sample))
            on, peak = None, None
    return found


def reference(leads: list[list[Wave]], rate_hz: float) -> list[Reference]:
    """Beats that at least half of the leads mark, with the global places of their boundaries."""
    groups: list[list[tuple[int, Wave]]] = []
    for peak, lead, wave in sorted(
        ((w.peak, k, w) for k, some in enumerate(leads) for w in some if w.kind == "N" and w.on is not None),
        key=lambda found: found[:2],
    ):
        if groups and peak - groups[-1][0][1].peak < 0.2 * rate_hz:
            groups[-1].append((lead, wave))
        else:
            groups.append([(lead, wave)])
    first = min((w.on or w.peak for lead in leads for w in lead), default=0)
    return [_beat(group, leads, first, rate_hz) for group in groups if 2 * len(group) >= len(leads)]


def _beat(group: list[tuple[int, Wave]], leads: list[list[Wave]], first: int, rate_hz: float) -> Reference:
    marks: dict[str, list[int]] = {name: [] for name in FIDUCIALS}
    for lead, q in group:
        before = [w for w in leads[lead] if w.kind == "p" and w.off <= q.peak and q.peak - w.peak < 0.4 * rate_hz]
        after = [w for w in leads[lead] if w.kind == "t" and 0 < w.peak - q.peak < 0.7 * rate_hz]
        if before and before[-1].on is not None:
            marks["p_on"].append(before[-1].on)
            marks["p_off"].append(before[-1].off)
        if after:
            marks["t_off"].append(after[0].off)
        if q.on is not None:
            marks["qrs_on"].append(q.on)
            marks["qrs_off"].append(q.off)
    enough = {name: some if 2 * len(some) >= len(group) else [] for name, some in marks.items()}
    at = {name: median(some) if some else None for name, some in enough.items()}
    wide = {name: _second(some, name.endswith("off")) if some else None for name, some in enough.items()}
    onset = median(marks["qrs_on"])
    readable = bool(enough["p_on"]) or first <= onset - 0.12 * rate_hz
    return Reference(median(w.peak for _, w in group), at, wide, readable)


def _second(marks: list[int], last: bool) -> float:
    """Second from the outside, so that one stray lead does not decide (CSE Working Party 1985, Eur Heart J 6, 815-825)."""
    return float(sorted(marks, reverse=last)[min(1, len(marks) - 1)])


def median(values: Iterable[float]) -> float:
    """Median of what there is."""
    return float(np.median(list(values)))
