"""`vigil score beats`: beats, their classes and the rate against annotations, by ANSI/AAMI EC57, over the streaming path."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.plan import BadRequest
from infra.score import ec57, noise, run
from infra.score.ec57 import LEARNING_S, Beats, Rates
from stream.measurement import BeatKind

USUAL, NOISE = "mitdb", "nstdb"
PACED_KINDS = frozenset({"/", "P", "paced"})
"""Letters of a beat that was told as paced."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """One record: tables as in `ec57`, paced beats (found, missed, invented), rates and errors by stretch of ten seconds."""

    name: str
    table: NDArray[np.int64]
    paced: tuple[int, int, int]
    runs_found: NDArray[np.int64]
    runs_told: NDArray[np.int64]
    rates: Rates
    errors: NDArray[np.int64]
    by_stretch: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    """Beats found, missed and invented in each ten seconds (stretches, 3)."""

    @property
    def counts(self) -> dict[str, float | int]:
        """Beats of any class, as they are told."""
        return told_counts(*ec57.detected(self.table))


def told_counts(tp: int, fn: int, fp: int) -> dict[str, float | int]:
    """Sensitivity and positive predictivity with the counts that they rest on."""
    return {"se": run.share(tp, fn), "ppv": run.share(tp, fp), "tp": tp, "fp": fp, "fn": fn}


# one record -------------------------------------------------------------------------------------------------------


def score_record(path: str) -> Scored:
    """Play one record through the worker's own path and compare its beats with the annotations; raises Unscorable."""
    import wfdb

    from ingest.open_recording import read_recording
    from stream.offline import analyse

    marks = wfdb.rdann(path, "atr")
    annotated = ec57.beats_of((int(s), m) for s, m in zip(marks.sample, marks.symbol, strict=True) if m in ec57.BEATS)
    recording = read_recording(path)
    rate, begin = recording.rate_hz, LEARNING_S * recording.rate_hz
    if not (annotated.at >= begin).any():
        raise run.Unscorable(f"no beat is annotated behind the learning time of {LEARNING_S:g} s")
    trends = analyse(recording).trends
    told = ec57.beats_of((b.sample, str(b.kind)) for t in trends for b in t.beats)
    spans, within = ec57.fibrillation(marks), ec57.MATCH_S * rate
    truth, found = (_counted(b, begin, spans, within) for b in (annotated, told))
    same = ec57.pairs(found.at, truth.at, within)
    theirs = ec57.with_fibrillation(annotated.where(annotated.at >= begin), [s for s in spans if s[1] >= begin])
    ours = ec57.with_fibrillation(told.where(told.at >= begin), [s for s in _shown_vf(trends, rate) if s[1] >= begin])
    return Scored(
        Path(path).name,
        ec57.confusion(found, truth, same),
        _paced(found, truth, same),
        ec57.run_table(theirs, ours, within),
        ec57.run_table(ours, theirs, within),
        ec57.rates([(t.first + round(rate), t.rate_bpm) for t in trends], annotated.at, rate, begin, spans),
        ec57.errors_by_stretch(found, truth, same, begin, rate),
        ec57.counts_by_stretch(found, truth, same, begin, rate),
    )


def _counted(beats: Beats, begin: float, spans: Sequence[tuple[int, int]], within: float) -> Beats:
    """What lies behind the learning time and outside VF, with the match window around it."""
    kept = beats.at >= begin
    for a, b in spans:
        kept &= ~((beats.at >= a - within) & (beats.at <= b + within))
    return beats.where(kept)


def _shown_vf(trends: Sequence[Any], rate_hz: float) -> list[tuple[int, int]]:
    """Stretches in which VF was shown, in samples."""
    spans: list[tuple[int, int]] = []
    for trend in trends:
        if trend.rhythm == "vfib":
            stop = trend.first + round(rate_hz)
            joined = bool(spans) and spans[-1][1] >= trend.first
            spans[-1:] = [(spans[-1][0], stop)] if joined else [*spans[-1:], (trend.first, stop)]
    return spans


def _paced(found: Beats, truth: Beats, same: Sequence[tuple[int, int]]) -> tuple[int, int, int]:
    here = [found.letters[j] in PACED_KINDS for j in range(len(found.letters))]
    there = [letter == "/" for letter in truth.letters]
    both = sum(here[j] and there[i] for j, i in same)
    return both, sum(there) - both, sum(here) - both


# all records ------------------------------------------------------------------------------------------------------


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """Score the database, and beside MIT-BIH the noise stress test where it is there; raises BadRequest."""
    place = run.folder(args, USUAL, run.with_marks(".atr"))
    scored = run.over(score_record, run.annotated(place, ".atr"))
    noisy = run.beside(args, NOISE) if place.name == USUAL and not args.database else None
    if noisy is None:
        return summary(scored, place.name)
    try:
        records = run.annotated(noisy, ".atr")
        more = run.over(score_record, records, "records in noise")
        left_out = run.over(noise.left_out, records, "records in noise, by trees that know its other half")
    except BadRequest as error:
        sys.stderr.write(f"beats in noise are not scored: {error}\n")
        more, left_out = [], []
    return summary(scored, place.name, more, left_out)


def summary(
    scored: Sequence[Scored], database: str, noisy: Sequence[Scored] = (), left_out: Sequence[noise.Halves] = ()
) -> dict[str, Any]:
    """The object of `vigil score beats --json`; figures are those of the database, beside them those of records in noise."""
    told: dict[str, Any] = {"database": database, "records": len(scored)} | _figures(scored)
    told["by_record"] = {s.name: s.counts | {"v": _class(s.table, "V")} for s in (*scored, *noisy)}
    if database == USUAL:
        for name in ("ds1", "ds2"):
            part = [s for s in scored if s.name in run.splits()[name]]
            if part:
                told[name] = {"records": len(part)} | _figures(part)
    by_db = _noise(scored if database == NOISE else noisy, left_out)
    if by_db:
        told["noise"] = by_db
    return told


def _figures(some: Sequence[Scored]) -> dict[str, Any]:
    table = np.array([ec57.detected(s.table) for s in some])
    told: dict[str, Any] = {"gross": told_counts(*(int(n) for n in table.sum(axis=0)))}
    told["gross"] |= _intervals(table)
    told["average"] = _average([s.counts for s in some])
    natural = [s for s in some if s.name not in run.splits()["paced"]]
    told["by_class"] = _by_class(natural)
    told["runs"] = _runs(natural)
    if any(s.paced[0] or s.paced[2] for s in some):
        paced = np.array([s.paced for s in some])
        told["by_class"]["paced"] = told_counts(*(int(n) for n in paced.sum(axis=0))) | _intervals(paced)
    told |= _rate(some)
    told["worst_10s"] = _worst(some)
    return told


def _intervals(table: NDArray[np.int64]) -> dict[str, Any]:
    """Intervals of both shares; table (records, 3): found, missed, invented."""
    return {
        "se_interval": run.interval(table, run.ratio(0, 1)),
        "ppv_interval": run.interval(table, run.ratio(0, 2)),
    }


def _average(counts: Sequence[dict[str, float | int]]) -> dict[str, Any]:
    """Mean over records of both shares, each where it is defined, and their intervals."""
    told: dict[str, Any] = {}
    for key, other in (("se", "fn"), ("ppv", "fp")):
        known = [c[key] for c in counts if c["tp"] + c[other]]
        told |= {key: float(np.mean(known)) if known else 0.0, f"{key}_interval": run.interval(known, run.mean)}
    return told


def _class(table: NDArray[np.int64], letter: str) -> dict[str, float | int]:
    return told_counts(*ec57.of_class(table, letter))


def _by_class(some: Sequence[Scored]) -> dict[str, Any]:
    if not some:
        return {}
    total = np.sum([s.table for s in some], axis=0)
    told = {
        letter: _class(total, letter) | _intervals(np.array([ec57.of_class(s.table, letter) for s in some]))
        for letter in "NSVF"
        if letter in set(BeatKind)
    }
    for letter, of in told.items():
        of["average"] = _average([_class(s.table, letter) for s in some])
    told["V"]["false_rate"] = ec57.false_v_rate(total)
    told["V"]["false_rate_interval"] = run.interval([ec57.false_v(s.table) for s in some], run.ratio(0, 1))
    fusion, v = (ec57.CLASSES.index(letter) for letter in "FV")
    told["V"]["fusion_told"] = int(total[fusion, v])
    return told


def _runs(some: Sequence[Scored]) -> dict[str, Any]:
    told = {}
    for kind in ec57.RUNS if some else ():
        there = np.array([ec57.run_cells(s.runs_found, kind) for s in some])
        here = np.array([ec57.run_cells(s.runs_told, kind) for s in some])
        (found, missed), (right, wrong) = there.sum(axis=0).tolist(), here.sum(axis=0).tolist()
        told[kind] = {
            "se": run.share(found, missed),
            "ppv": run.share(right, wrong),
            "annotated": found + missed,
            "told": right + wrong,
            "se_interval": run.interval(there, run.ratio(0, 1)),
            "ppv_interval": run.interval(here, run.ratio(0, 1)),
        }
    return told


def _rate(some: Sequence[Scored]) -> dict[str, Any]:
    names = Rates.__dataclass_fields__
    total = {name: sum(getattr(s.rates, name) for s in some) for name in names}
    known = max(1, total["known"])
    wrong = [(s.rates.wrong, s.rates.known - s.rates.wrong) for s in some]
    known_of = [(s.rates.known, s.rates.stretches - s.rates.known) for s in some]
    within = [(s.rates.wrong_within, s.rates.stretches - s.rates.wrong_within) for s in some]
    return {
        "wrong_rate_shown": total["wrong"] / known,
        "wrong_rate_interval": run.interval(wrong, run.ratio(0, 1)),
        "rate_known": total["known"] / max(1, total["stretches"]),
        "rate_known_interval": run.interval(known_of, run.ratio(0, 1)),
        "rate": {
            "stretches": total["stretches"],
            "wrong": total["wrong"],
            "wrong_in_any_second": total["wrong_within"] / max(1, total["stretches"]),
            "wrong_in_any_second_interval": run.interval(within, run.ratio(0, 1)),
            "seconds_known": total["seconds_known"] / max(1, total["seconds"]),
            "seconds_wrong": total["seconds_wrong"] / max(1, total["seconds_known"]),
            "rms_error_bpm": float(np.sqrt(total["square_bpm"] / max(1, total["seconds_known"]))),
        },
    }


def _worst(some: Sequence[Scored]) -> dict[str, Any]:
    """Stretches of ten seconds with any beat missed or invented, the worst record and the worst stretch."""
    stretches = {s.name: s.errors[s.errors >= 0] for s in some}
    count, erring = sum(len(e) for e in stretches.values()), sum(int((e > 0).sum()) for e in stretches.values())
    shares = {name: float((e > 0).mean()) if len(e) else 0.0 for name, e in stretches.items()}
    record = max(shares, key=lambda name: shares[name])
    most = max(some, key=lambda s: int(s.errors.max(initial=-1)))
    at = int(most.errors.argmax()) if len(most.errors) else 0
    return {
        "stretches": count,
        "share_with_error": erring / max(1, count),
        "worst_record": {"record": record, "share_with_error": shares[record]},
        "worst_stretch": {
            "record": most.name,
            "from_s": LEARNING_S + ec57.STRETCH_S * at,
            "errors": int(most.errors.max(initial=0)),
        },
    }


def noise_db(name: str) -> str | None:
    """Signal to noise ratio that a record of the noise stress test has in its name: 118e06 is 6 dB, 118e_6 is -6 dB."""
    found = re.fullmatch(r".+e(_?)(\d{1,2})", name)
    return None if found is None else str(int(found.group(2)) * (-1 if found.group(1) else 1))


def _noise(scored: Sequence[Scored], left_out: Sequence[noise.Halves]) -> dict[str, Any]:
    by_db: dict[str, list[Scored]] = {}
    for one in scored:
        db = noise_db(one.name)
        if db is not None:
            by_db.setdefault(db, []).append(one)
    told: dict[str, dict[str, Any]] = {}
    for db in sorted(by_db, key=int, reverse=True):
        table = np.array([ec57.detected(s.table) for s in by_db[db]])
        told[db] = told_counts(*(int(n) for n in table.sum(axis=0))) | _over_stretches(by_db[db])
        rate = _rate(by_db[db])
        told[db] |= {name: rate[name] for name in ("wrong_rate_shown", "rate_known")}
        halves = [h for h in left_out if noise_db(h.name) == db]
        if halves:
            counts = told_counts(*(int(n) for n in np.sum([h.counts for h in halves], axis=0)))
            told[db]["left_out"] = counts | _over_stretches(halves)
    return told


def _over_stretches(some: Sequence[Scored] | Sequence[noise.Halves]) -> dict[str, Any]:
    """Intervals by bootstrap over stretches of ten seconds: records in noise are all of one patient or two."""
    return _intervals(np.concatenate([one.by_stretch for one in some]))


# told -------------------------------------------------------------------------------------------------------------


def beats(args: argparse.Namespace) -> int:
    """`vigil score beats`."""
    return run.tell(args, measured(args), lines)


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    parts = [(told["database"], told)] + [(name.upper(), told[name]) for name in ("ds1", "ds2") if name in told]
    rows = []
    for name, part in parts:
        g = part["gross"]
        rows.append(
            f"{name:<6} {part['records']:>3} records  Se {run.percent(g['se'], 3)} ({run.between(g['se_interval'], digits=2)})  "
            f"PPV {run.percent(g['ppv'], 3)} ({run.between(g['ppv_interval'], digits=2)})  missed {g['fn']}, invented {g['fp']}"
        )
        a = part["average"]
        rows.append(
            f"       average of records  Se {run.percent(a['se'], 3)}{_in(a['se_interval'], 2)}  "
            f"PPV {run.percent(a['ppv'], 3)}{_in(a['ppv_interval'], 2)}"
        )
        for letter, c in part["by_class"].items():
            rows += _class_lines(letter, c) if c["tp"] + c["fn"] else []
    rows += [
        f"{kind:<8} runs  Se {run.percent(t['se'])}{_in(t['se_interval'])} of {t['annotated']}  "
        f"PPV {run.percent(t['ppv'])}{_in(t['ppv_interval'])} of {t['told']}"
        for kind, t in told["runs"].items()
    ]
    rows += [f"{db:>3} dB  {_shares(t)}" + _by_the_other_half(t) for db, t in told.get("noise", {}).items()]
    worst, rate = told["worst_10s"], told["rate"]
    one = worst["worst_stretch"]
    rows.append(
        f"10 s with an error: {run.percent(worst['share_with_error'], 2)}; most in record {worst['worst_record']['record']} "
        f"({run.percent(worst['worst_record']['share_with_error'])}); the worst ten seconds: {one['errors']} beats missed or "
        f"invented, record {one['record']} from {one['from_s']:.0f} s"
    )
    rows.append(
        f"rate shown at the end of {run.percent(told['rate_known'])} of 10 s, wrong at the end of "
        f"{run.percent(told['wrong_rate_shown'], 2)} of those, in any second of "
        f"{run.percent(rate['wrong_in_any_second'], 2)} of all; RMS error {rate['rms_error_bpm']:.1f} bpm"
    )
    return "\n".join(rows)


def _by_the_other_half(told: dict[str, Any]) -> str:
    if "left_out" not in told:
        return ""
    return f"  by trees that know the other half of the noise  {_shares(told['left_out'])}"


def _shares(t: dict[str, Any]) -> str:
    se, ppv = (f"{run.percent(t[key], 2)}{_in(t[f'{key}_interval'])}" for key in ("se", "ppv"))
    return f"Se {se}  PPV {ppv}"


def _in(found: dict[str, float | None], digits: int = 1) -> str:
    """An interval in brackets; empty where it is not known."""
    known = run.between(found, digits=digits)
    return f" ({known})" if known else ""


def _class_lines(letter: str, c: dict[str, Any]) -> list[str]:
    a = c["average"]
    rows = [
        f"       {letter:<5} Se {run.percent(c['se'], 2)} ({run.between(c['se_interval'])})  "
        f"PPV {run.percent(c['ppv'], 2)} ({run.between(c['ppv_interval'])})  of {c['tp'] + c['fn']}; "
        f"average Se {run.percent(a['se'], 1)}, PPV {run.percent(a['ppv'], 1)}"
    ]
    if "false_rate" in c:
        rate, between = run.percent(c["false_rate"], 3), _in(c["false_rate_interval"], 3)
        rows.append(f"             of the beats that are not V told as V: {rate}{between}")
    return rows
