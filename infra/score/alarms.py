"""`vigil score alarms`: true and false ICU alarms of the PhysioNet/CinC Challenge 2015, replayed through the stream."""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from infra.datasets import records_in
from infra.plan import BadRequest
from infra.score import run
from ingest.recording import Recording
from stream.catalogue import Code
from stream.policy import CINC2015, Pulse
from stream.trigger import Phase, Trigger

END_S, WINDOW_S = 300.0, 10.0
"""The alarm sounded at the end of the fifth minute; its event began in the ten seconds before (ANSI/AAMI EC13)."""
TYPES = {
    "Asystole": ("asystole", Code.ASYSTOLE),
    "Bradycardia": ("bradycardia", Code.EXTREME_BRADY),
    "Tachycardia": ("tachycardia", Code.EXTREME_TACHY),
    "Ventricular_Flutter_Fib": ("vf", Code.VFIB),
    "Ventricular_Tachycardia": ("vt", Code.VTACH),
}
MISS_COSTS = 5
"""A true alarm that is not raised counts as much as five false ones (Clifford 2015, Comput Cardiol 42, 273-276)."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One record: the kind of its alarm, whether it was true, whether Vigil had one of that kind."""

    kind: str
    true: bool
    raised: bool


def up_to(recording: Recording, seconds: float) -> Recording:
    """The recording without a sample behind so many seconds."""
    stop = round(seconds * recording.rate_hz)
    spans = tuple(replace(s, stop=min(s.stop, stop)) for s in recording.spans if s.start < stop)
    return replace(recording, samples=recording.samples[:, :stop], spans=spans)


def active(triggers: list[Trigger], code: Code, first: float, last: float) -> bool:
    """Whether an alarm of this code was announced and open at some sample of [first, last]."""
    began: int | None = None
    for trigger in triggers:
        if trigger.code is not code:
            continue
        if trigger.phase is Phase.OFFSET:
            if began is not None and began <= last and trigger.sample >= first:
                return True
            began = None
        elif not trigger.suppressed_by:
            began = trigger.sample if began is None else began
    return began is not None and began <= last


def score_record(item: tuple[str, str, bool], pulse: Pulse) -> Scored:
    """Play one record (path, alarm, verdict) as a bed whose session ends at 300 s."""
    from ingest.open_recording import read_recording
    from stream.offline import analyse

    path, alarm, true = item
    recording = up_to(read_recording(path), END_S)
    kind, code = TYPES[alarm]
    triggers = analyse(recording, policy=replace(CINC2015, scope="default", pulse=pulse)).triggers
    rate = recording.rate_hz
    return Scored(kind, true, active(triggers, code, (END_S - WINDOW_S) * rate, END_S * rate))


def listed(place: Path) -> list[tuple[str, str, bool]]:
    """Path, alarm and verdict of every record in alarms.csv; raises BadRequest where there is none."""
    table = place / "alarms.csv"
    if not table.is_file():
        raise BadRequest(f"{table} is not there: it lists record, alarm and verdict")
    paths = {p.name: str(p) for p in records_in(place)}
    with table.open(newline="") as lines:
        rows = [
            (paths.get(r["record"], ""), r["alarm"], r["verdict"].startswith("True")) for r in csv.DictReader(lines)
        ]
    known = [row for row in rows if row[0] and row[1] in TYPES]
    if not known:
        raise BadRequest(f"{table} names no record that lies beside it")
    return known


def summary(scored: list[Scored], pulse: Pulse) -> dict[str, Any]:
    """The object of `vigil score alarms --json`."""
    told: dict[str, Any] = {"records": len(scored), "pulse": str(pulse), "score": challenge(scored), "by_type": {}}
    for kind, _ in TYPES.values():
        tp, fn, fp, tn = _cells([s for s in scored if s.kind == kind])
        counts = {"tp": tp, "fp": fp, "tn": tn, "fn": fn}
        told["by_type"][kind] = counts | {"se": run.share(tp, fn), "sp": run.share(tn, fp)}
    picks = list(range(len(scored)))
    told["interval"] = run.interval(picks, lambda some: challenge([scored[int(k)] for k in some]))
    return told


def challenge(scored: list[Scored]) -> float:
    """The score of the challenge, 0 to 1."""
    tp, fn, fp, tn = _cells(scored)
    return run.share(tp + tn, fp + MISS_COSTS * fn)


def _cells(scored: list[Scored]) -> tuple[int, int, int, int]:
    tp = sum(s.true and s.raised for s in scored)
    fn = sum(s.true and not s.raised for s in scored)
    fp = sum(s.raised and not s.true for s in scored)
    return tp, fn, fp, len(scored) - tp - fn - fp


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """Score the records under one setting of the pulse."""
    pulse = Pulse(args.pulse)
    return summary(run.over(partial(score_record, pulse=pulse), listed(run.folder(args, "cinc2015"))), pulse)


def alarms(args: argparse.Namespace) -> int:
    """`vigil score alarms`."""
    return run.tell(args, measured(args), lines)


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [f"{'type':<12} {'true':>5} {'raised':>7} {'false':>6} {'raised':>7}"]
    for kind, c in told["by_type"].items():
        rows.append(f"{kind:<12} {c['tp'] + c['fn']:>5} {c['tp']:>7} {c['fp'] + c['tn']:>6} {c['fp']:>7}")
    low, high = (100 * told["interval"][k] for k in ("low", "high"))
    rows.append(f"score {100 * told['score']:.2f} (95 %: {low:.1f} to {high:.1f}), pulse {told['pulse']}")
    return "\n".join(rows)
