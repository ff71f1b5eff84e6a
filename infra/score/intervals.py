"""`vigil score intervals`: PR, QRS, QT, their boundaries and P waves against those that cardiologists marked (LUDB)."""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from infra.score import run
from infra.score.boundaries import FIDUCIALS, Reference, median, reference, waves
from ingest.frame import LEADS
from stream.delineate import Limits
from stream.measurement import BeatIntervals
from stream.segment import remeasured
from stream.trigger import Segment

SAME_S, P_SAME_S = 0.150, 0.150
"""A beat, and a P onset, are those of the reference within this time."""
INTERVALS = {"pr": ("p_on", "qrs_on"), "qrs": ("qrs_on", "qrs_off"), "qt": ("qrs_on", "t_off")}
LIMITS_MS = {"pr": (10, 10), "qrs": (10, 10), "qt": (25, 30)}
"""Mean and SD that IEC 60601-2-51 allows for global intervals; printed beside the figures."""
CSE_2S_MS = {"p_on": 10.2, "p_off": 12.7, "qrs_on": 6.5, "qrs_off": 11.6, "t_off": 30.6}
"""Two standard deviations of the referees of the CSE Working Party (1985, Eur Heart J 6, 815-825)."""
MODEL_HZ = 500.0
LEFT_OUT = Path(__file__).with_name("delineation_left_out.json")
"""Limits of delineation by records of LUDB that had no part in choosing them."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Errors of one record in ms (median over its beats), and its P waves."""

    name: str
    errors: dict[str, float]
    """Against the median over leads, by interval and by fiducial."""
    wide: dict[str, float]
    """By interval, against the second-earliest onset to the second-latest end."""
    p: tuple[int, int, int]
    """Found, missed, invented."""
    claimed: int
    beats: int


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """One record as the stream read it to its end, and what was marked in it."""

    name: str
    segment: Segment
    beats: tuple[Reference, ...]
    rate_hz: float


def marked(path: str) -> Marked:
    """Play one record through the stream to its end; raises Unscorable where there is nothing to compare."""
    from ingest.open_recording import read_recording
    from stream.offline import segment_at

    leads = [waves(path, name.lower()) for name in LEADS if Path(f"{path}.{name.lower()}").exists()]
    recording = read_recording(path)
    beats = reference(leads, recording.rate_hz)
    if not beats:
        raise run.Unscorable("no beat is marked in at least half of its leads")
    segment = segment_at(recording, None)
    if segment.measurements is None:
        raise run.Unscorable(segment.unreadable or "nothing could be measured")
    return Marked(Path(path).name, segment, tuple(beats), recording.rate_hz)


def score_record(path: str) -> tuple[Scored, Scored]:
    """Compare each marked beat with what was measured of it, and with what limits tell that were chosen without this record."""
    record = marked(path)
    return score(record), score(record, left_out().get(record.name))


def score(record: Marked, limits: Limits | None = None) -> Scored:
    """By what was measured, or by what these limits of `stream.delineate` would have told."""
    segment, rate = record.segment, record.rate_hz
    measurements = segment.measurements if limits is None else remeasured(segment, limits)
    assert measurements is not None
    places = [_places(m, segment.first_sample, rate) for m in measurements.by_beat]
    errors: dict[str, list[float]] = {name: [] for name in (*INTERVALS, *FIDUCIALS)}
    wide: dict[str, list[float]] = {name: [] for name in INTERVALS}
    p, claimed = np.zeros(3, int), 0
    for beat in record.beats:
        near = [place for place in places if abs((place["r"] or 0.0) - beat.peak) < SAME_S * rate]
        one = near[0] if near else {}
        claimed += one.get("p_on") is not None or bool(one.get("p"))
        p += _p_wave(beat, one.get("p_on"), rate)
        _compare(one, beat.at, errors, rate)
        _compare(one, beat.wide, wide, rate)
    medians = {name: median(some) for name, some in errors.items() if some}
    widths = {name: median(some) for name, some in wide.items() if some}
    return Scored(record.name, medians, widths, (int(p[0]), int(p[1]), int(p[2])), claimed, len(record.beats))


@lru_cache(maxsize=1)
def left_out() -> dict[str, Limits]:
    """By record the limits that were chosen by the other four fifths of LUDB (`vigil learn delineation`)."""
    folds: list[dict[str, Any]] = json.loads(LEFT_OUT.read_text())
    return {name: Limits(**fold["limits"]) for fold in folds for name in fold["records"]}


def _places(m: BeatIntervals, first: int, rate_hz: float) -> dict[str, float | None]:
    """Where the fiducials of one beat lie, in samples of the record; None where not measured."""

    def behind(start: float | None, ms: float | None, sign: int = 1) -> float | None:
        return None if start is None or ms is None else start + sign * ms * rate_hz / 1000.0

    on = None if m.qrs_on is None else first + m.qrs_on * rate_hz / MODEL_HZ
    p_on = behind(on, m.pr_ms, -1) if m.p else None
    return {
        "r": first + m.sample * rate_hz / MODEL_HZ,
        "p": 1.0 if m.p else None,
        "p_on": p_on,
        "p_off": behind(p_on, m.p_ms),
        "qrs_on": on,
        "qrs_off": behind(on, m.qrs_ms),
        "t_off": behind(on, m.qt_ms),
    }


def _p_wave(beat: Reference, told: float | None, rate_hz: float) -> tuple[int, int, int]:
    """Found, missed, invented."""
    if not beat.p_readable:
        return 0, 0, 0
    there = beat.at["p_on"]
    right = told is not None and there is not None and abs(told - there) < P_SAME_S * rate_hz
    return int(right), int(there is not None and not right), int(told is not None and not right)


def _compare(
    told: dict[str, float | None], truth: dict[str, float | None], errors: dict[str, list[float]], rate_hz: float
) -> None:
    """Add measured minus reference, in ms, of every interval and fiducial that both know."""
    for name, some in errors.items():
        a, b = INTERVALS.get(name, ("", name))
        ours = _span(told.get(a), told.get(b)) if a else told.get(b)
        theirs = _span(truth[a], truth[b]) if a else truth[b]
        if ours is not None and theirs is not None:
            some.append((ours - theirs) * 1000.0 / rate_hz)


def _span(start: float | None, stop: float | None) -> float | None:
    return None if start is None or stop is None else stop - start


def summary(scored: list[Scored], apart: list[Scored], fibrillating: frozenset[str]) -> dict[str, Any]:
    """The object of `vigil score intervals --json`; apart: the same records by limits that were chosen without them."""
    told = {"records": len(scored)} | figures(scored, fibrillating)
    told["left_out"] = figures(apart, fibrillating)
    told["fiducials"] = {
        name: _errors([s.errors[name] for s in scored if name in s.errors]) | {"cse_2s_ms": CSE_2S_MS[name]}
        for name in FIDUCIALS
    }
    return told


def figures(scored: list[Scored], fibrillating: frozenset[str]) -> dict[str, Any]:
    """Errors of the intervals, and P waves found, missed, invented and claimed in fibrillation."""
    told: dict[str, Any] = {}
    for name, (mean_ms, sd_ms) in LIMITS_MS.items():
        told[name] = _errors([s.errors[name] for s in scored if name in s.errors])
        told[name]["limits"] = {"mean_ms": mean_ms, "sd_ms": sd_ms, "from": "IEC 60601-2-51"}
        told[name]["wide"] = _errors([s.wide[name] for s in scored if name in s.wide])
        told[name]["worst"] = _worst(scored, name)
    p = np.array([s.p for s in scored])
    found, missed, invented = p.sum(axis=0).tolist()
    told["p"] = {"se": run.share(found, missed), "ppv": run.share(found, invented)}
    told["p"] |= {"se_interval": run.interval(p, run.ratio(0, 1)), "ppv_interval": run.interval(p, run.ratio(0, 2))}
    claims = np.array([(s.claimed, s.beats - s.claimed) for s in scored if s.name in fibrillating]).reshape(-1, 2)
    told["p_claimed_in_af"] = run.share(*claims.sum(axis=0).tolist())
    told["p_claimed_in_af_interval"] = run.interval(claims, run.ratio(0, 1))
    told["af_records"] = len(claims)
    return told


def _errors(values: list[float]) -> dict[str, Any]:
    """Mean and SD over records, with their intervals; None where there is nothing."""
    return {
        "mean_ms": float(np.mean(values)) if values else None,
        "sd_ms": float(np.std(values)) if values else None,
        "n": len(values),
        "mean_interval": run.interval(values, run.mean),
        "sd_interval": run.interval(values, run.spread),
    }


def _worst(scored: list[Scored], name: str) -> dict[str, float]:
    """The five records that are furthest off, in ms."""
    known = sorted((s for s in scored if name in s.errors), key=lambda s: -abs(s.errors[name]))
    return {s.name: round(s.errors[name], 1) for s in known[:5]}


def in_fibrillation(table: Path) -> frozenset[str]:
    """Names of the records whose rhythm is atrial fibrillation, from the table beside them; none without it."""
    if not table.is_file():
        return frozenset()
    with table.open(newline="", encoding="utf-8-sig") as lines:
        return frozenset(
            row["ID"].strip()
            for row in csv.DictReader(lines)
            if row.get("ID") and "fibrillation" in (row.get("Rhythms") or "").lower()
        )


def intervals(args: argparse.Namespace) -> int:
    """`vigil score intervals`."""
    return run.tell(args, measured(args), lines)


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """Score LUDB, or another database with a file of marks for each lead."""
    place = run.folder(args, "ludb", run.with_marks(".ii"))
    both = run.over(score_record, run.annotated(place, ".ii"))
    return summary([ships for ships, _ in both], [apart for _, apart in both], in_fibrillation(place / "ludb.csv"))


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    apart = told["left_out"]
    rows = [
        f"{name.upper():<4} error {_of(told[name])}  ({told[name]['n']} records; IEC 60601-2-51 allows "
        f"{LIMITS_MS[name][0]} and {LIMITS_MS[name][1]} ms)   outermost marks: {_of(told[name]['wide'])}   "
        f"patients left out: {_of(apart[name])}"
        for name in LIMITS_MS
    ]
    rows += [
        f"{name:<8} {_of(t)}  (CSE: twice SD {t['cse_2s_ms']:g} ms)" for name, t in told["fiducials"].items() if t["n"]
    ]
    rows.append(_p_line("P", told))
    rows.append(_p_line("P, patients left out", apart))
    return "\n".join(rows)


def _p_line(what: str, told: dict[str, Any]) -> str:
    p = told["p"]
    return (
        f"{what}: Se {run.percent(p['se'])} ({run.between(p['se_interval'])})  PPV {run.percent(p['ppv'])} "
        f"({run.between(p['ppv_interval'])}); claimed for {run.percent(told['p_claimed_in_af'])} of beats in atrial "
        f"fibrillation ({told['af_records']} records)"
    )


def _of(errors: dict[str, Any]) -> str:
    if not errors["n"]:
        return "not measured"
    return f"{errors['mean_ms']:+.1f} ms, SD {errors['sd_ms']:.1f} ms"
