"""`vigil score intervals`: PR, QRS, QT and P waves against the boundaries that cardiologists marked (LUDB)."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from infra.score import run
from ingest.frame import LEADS

SAME_S, P_SAME_S = 0.150, 0.150
"""A beat, and a P onset, are those of the reference within this time."""
LIMITS_MS = {"pr": (10, 10), "qrs": (10, 10), "qt": (25, 30)}
"""Mean and SD that IEC 60601-2-51 allows for global intervals; printed beside the figures."""


@dataclass(frozen=True, slots=True)
class Wave:
    """One marked wave of one lead, in samples."""

    kind: str
    on: int | None
    peak: int
    off: int


@dataclass(frozen=True, slots=True)
class Reference:
    """One beat that was marked in most leads: medians over leads, in samples; None where not marked."""

    peak: float
    on: float
    off: float
    p_on: float | None
    t_off: float | None
    p_readable: bool
    """False for a first beat in front of which nothing was marked."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Errors of one record in ms (median over its beats), and its P waves."""

    name: str
    errors: dict[str, float]
    p: tuple[int, int, int]
    """Found, missed, invented."""
    claimed: int
    beats: int


def waves(path: str, lead: str) -> list[Wave]:
    """Marked waves of one lead; marks are paired by their place, as some onsets or ends are missing."""
    import wfdb

    marks = wfdb.rdann(path, lead)
    found, on, peak = [], None, None
    for sample, symbol in zip(marks.sample.tolist(), marks.symbol, strict=True):
        if symbol == "(":
            on, peak = sample, None
        elif symbol in "pNt":
            peak = (symbol, sample)
        elif symbol == ")":
            if peak is not None:
                found.append(Wave(peak[0], on, peak[1], sample))
            on, peak = None, None
    return found


def reference(leads: list[list[Wave]], rate_hz: float) -> list[Reference]:
    """Beats that at least half of the leads mark, with the medians of their boundaries."""
    groups: list[list[tuple[int, Wave]]] = []
    for peak, lead, wave in sorted(
        (w.peak, k, w) for k, some in enumerate(leads) for w in some if w.kind == "N" and w.on is not None
    ):
        if groups and peak - groups[-1][0][1].peak < 0.2 * rate_hz:
            groups[-1].append((lead, wave))
        else:
            groups.append([(lead, wave)])
    first = min((w.on or w.peak for lead in leads for w in lead), default=0)
    return [_beat(group, leads, first, rate_hz) for group in groups if 2 * len(group) >= len(leads)]


def _beat(group: list[tuple[int, Wave]], leads: list[list[Wave]], first: int, rate_hz: float) -> Reference:
    p_on, t_off = [], []
    for lead, q in group:
        before = [w for w in leads[lead] if w.kind == "p" and w.off <= q.peak and q.peak - w.peak < 0.4 * rate_hz]
        after = [w for w in leads[lead] if w.kind == "t" and 0 < w.peak - q.peak < 0.7 * rate_hz]
        if before and before[-1].on is not None:
            p_on.append(before[-1].on)
        if after:
            t_off.append(after[0].off)
    on = _median(w.on for _, w in group if w.on is not None)
    marked = 2 * len(p_on) >= len(group)
    return Reference(
        peak=_median(w.peak for _, w in group),
        on=on,
        off=_median(w.off for _, w in group),
        p_on=_median(p_on) if marked else None,
        t_off=_median(t_off) if 2 * len(t_off) >= len(group) else None,
        p_readable=marked or first <= on - 0.12 * rate_hz,
    )


def _median(values: Iterable[float]) -> float:
    return float(np.median(list(values)))


def score_record(path: str) -> Scored:
    """Play one record through the stream to its end and compare each marked beat with what was measured of it."""
    from ingest.open_recording import read_recording
    from stream.offline import segment_at

    recording = read_recording(path)
    rate = recording.rate_hz
    leads = [waves(path, name.lower()) for name in LEADS if Path(f"{path}.{name.lower()}").exists()]
    segment = segment_at(recording, None)
    measured = segment.measurements.by_beat if segment.measurements else ()
    per_sample = rate / 500.0
    errors: dict[str, list[float]] = {"pr": [], "qrs": [], "qt": []}
    found = missed = invented = claimed = 0
    beats = reference(leads, rate)
    for beat in beats:
        near = [m for m in measured if abs(segment.first_sample + m.sample * per_sample - beat.peak) < SAME_S * rate]
        one = near[0] if near else None
        claimed += bool(one and one.p)
        if beat.p_readable:
            place = None
            if one is not None and one.p and one.pr_ms is not None and one.qrs_on is not None:
                place = segment.first_sample + one.qrs_on * per_sample - one.pr_ms * rate / 1000.0
            right = place is not None and beat.p_on is not None and abs(place - beat.p_on) < P_SAME_S * rate
            found += right
            missed += beat.p_on is not None and not right
            invented += place is not None and not right
        if one is None:
            continue
        truth = {
            "pr": None if beat.p_on is None else beat.on - beat.p_on,
            "qrs": beat.off - beat.on,
            "qt": None if beat.t_off is None else beat.t_off - beat.on,
        }
        for name, samples in truth.items():
            value = getattr(one, f"{name}_ms")
            if samples is not None and value is not None:
                errors[name].append(value - samples * 1000.0 / rate)
    medians = {name: float(np.median(some)) for name, some in errors.items() if some}
    return Scored(Path(path).name, medians, (found, missed, invented), claimed, len(beats))


def summary(scored: list[Scored], fibrillating: frozenset[str]) -> dict[str, Any]:
    """The object of `vigil score intervals --json`."""
    told: dict[str, Any] = {"records": len(scored)}
    for name in ("pr", "qrs", "qt"):
        values = [s.errors[name] for s in scored if name in s.errors]
        told[name] = {
            "mean_ms": float(np.mean(values)) if values else None,
            "sd_ms": float(np.std(values)) if values else None,
            "n": len(values),
            "mean_interval": run.interval(values),
        }
    found, missed, invented = (sum(s.p[k] for s in scored) for k in range(3))
    told["p"] = {"se": run.share(found, missed), "ppv": run.share(found, invented)}
    af = [s for s in scored if s.name in fibrillating]
    told["p_claimed_in_af"] = run.share(sum(s.claimed for s in af), sum(s.beats - s.claimed for s in af))
    return told


def in_fibrillation(table: Path) -> frozenset[str]:
    """Names of the records whose rhythm is atrial fibrillation, from the table beside them; none without it."""
    if not table.is_file():
        return frozenset()
    with table.open(newline="") as lines:
        return frozenset(
            row["ID"].strip() for row in csv.DictReader(lines) if "fibrillation" in (row.get("Rhythms") or "")
        )


def intervals(args: argparse.Namespace) -> int:
    """`vigil score intervals`."""
    return run.tell(args, measured(args), lines)


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """Score LUDB."""
    place = run.folder(args, "ludb")
    return summary(run.over(score_record, run.annotated(place, ".ii")), in_fibrillation(place / "ludb.csv"))


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [
        f"{name.upper():<4} error {told[name]['mean_ms']:+.1f} ms, SD {told[name]['sd_ms']:.1f} ms  "
        f"({told[name]['n']} records; allowed {LIMITS_MS[name][0]} and {LIMITS_MS[name][1]} ms)"
        for name in LIMITS_MS
        if told[name]["n"]
    ]
    p = told["p"]
    rows.append(
        f"P    Se {100 * p['se']:.1f} %  PPV {100 * p['ppv']:.1f} %; claimed for {100 * told['p_claimed_in_af']:.1f} % of "
        "beats in atrial fibrillation"
    )
    return "\n".join(rows)
