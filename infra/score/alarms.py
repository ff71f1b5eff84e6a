"""`vigil score alarms`: true and false ICU alarms of the PhysioNet/CinC Challenge 2015, replayed through the stream."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.datasets import records_in
from infra.plan import BadRequest
from infra.score import run
from infra.score.one_lead import LEADS, alone
from ingest.recording import Recording
from stream.catalogue import Code
from stream.limits import DECISIONS, Decisions
from stream.models import Models
from stream.policy import CINC2015, Policy, Pulse
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
VT = "Ventricular_Tachycardia"
WORDED_S = 4.0
"""Of asystole, as the challenge words it; the profile has what its reviewers went by (`stream.policy.CINC2015`)."""
IN_SAMPLE = "learnt on records of CinC 2015; `vigil score all` leaves each record out"
"""What Vigil comes with knows of these records."""
MISS_COSTS = 5
"""A true alarm that is not raised counts as much as five false ones (Clifford 2015, Comput Cardiol 42, 273-276)."""


Record = tuple[str, str, bool]
"""Path, alarm and verdict."""


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """What a record is judged by: models, profile and decisions that know nothing of it, or what Vigil comes with."""

    models: Models | None = None
    profile: Policy = CINC2015
    decisions: Decisions = DECISIONS


VIGIL = Judge()


@dataclass(frozen=True, slots=True)
class Scored:
    """One record: the kind of its alarm, whether it was true, whether Vigil had one of that kind."""

    name: str
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


def score_record(record: Record, pulse: Pulse, by: Judge = VIGIL, lead: int | None = None) -> Scored | None:
    """Play one record as a bed whose session ends at 300 s, or where the record ends before.

    lead: the only one that the bed has; None is all of them. None where the record has no such lead.
    """
    from ingest.open_recording import read_recording
    from stream.offline import analyse

    path, alarm, true = record
    whole = up_to(read_recording(path), END_S)
    recording = whole if lead is None else alone(whole, lead)
    if recording is None:
        return None
    rate, length = recording.rate_hz, recording.samples.shape[1]
    first = END_S - WINDOW_S if length > (END_S - WINDOW_S) * rate else length / rate - WINDOW_S
    kind, code = TYPES[alarm]
    policy = replace(by.profile, scope="default", pulse=pulse)
    triggers = analyse(recording, policy=policy, learnt=by.models, decisions=by.decisions).triggers
    return Scored(Path(path).name, kind, true, active(triggers, code, first * rate, END_S * rate))


def listed(place: Path) -> list[Record]:
    """Path, alarm and verdict of every record: from alarms.csv, else from the comments of its header; raises BadRequest.

    A record that has neither, or an alarm of another kind, is named on standard error and left out.
    """
    known, others = _alarms(place)
    for name, alarm in others:
        why = (
            f"its alarm is {alarm!r}, none of the five" if alarm else "neither alarms.csv nor its header names an alarm"
        )
        sys.stderr.write(f"record {name} is left out: {why}\n")
    if not known:
        raise BadRequest(f"{place} holds no record with an alarm and a verdict, in alarms.csv or in its header")
    return known


def _alarms(place: Path) -> tuple[list[Record], list[tuple[str, str]]]:
    """Records with one of the five alarms and a verdict, and names and alarms of the others."""
    rows, known, others = _table(place / "alarms.csv"), [], []
    for path in records_in(place):
        alarm, true = rows.get(path.name) or _in_header(path)
        if alarm in TYPES and true is not None:
            known.append((str(path), alarm, true))
        else:
            others.append((path.name, alarm))
    return known, others


def _table(table: Path) -> dict[str, tuple[str, bool | None]]:
    """Alarm and verdict by record of alarms.csv; nothing where it is not there or has other columns."""
    if not table.is_file():
        return {}
    with table.open(newline="", encoding="utf-8-sig") as lines:
        return {
            r["record"].strip(): (r["alarm"].strip(), _verdict(r["verdict"]))
            for r in csv.DictReader(lines)
            if r.get("record") and r.get("alarm") and r.get("verdict")
        }


def _in_header(path: Path) -> tuple[str, bool | None]:
    """Alarm and verdict in the comments of a header: `#Asystole`, `#False alarm`."""
    text = path.with_name(path.name + ".hea").read_text(errors="replace")
    comments = [line.lstrip("# \t").strip() for line in text.splitlines() if line.startswith("#")]
    alarm = next((c for c in comments if c in TYPES), "")
    verdicts = [v for c in comments if (v := _verdict(c)) is not None]
    return alarm, verdicts[0] if verdicts else None


def _verdict(text: str) -> bool | None:
    return {"true": True, "fals": False}.get(text.strip().lower()[:4])


def summary(scored: list[Scored], pulse: Pulse) -> dict[str, Any]:
    """The object of `vigil score alarms --json`."""
    cells = np.array([_cells([s]) for s in scored])
    told: dict[str, Any] = {"records": len(scored), "pulse": str(pulse), "score": challenge(scored)}
    told["interval"] = run.interval(cells, _challenges)
    told["by_type"] = {}
    for kind, _ in TYPES.values():
        tp, fn, fp, tn = _cells([s for s in scored if s.kind == kind])
        of = cells[[s.kind == kind for s in scored]]
        told["by_type"][kind] = {
            "tp": tp,
            "fp": fp,
            "tn": tn,
            "fn": fn,
            "se": run.share(tp, fn),
            "sp": run.share(tn, fp),
        }
        told["by_type"][kind]["se_interval"] = run.interval(of, run.ratio(0, 1))
        told["by_type"][kind]["sp_interval"] = run.interval(of, run.ratio(3, 2))
    told["wrong"] = {s.name: "missed" if s.true else "raised" for s in scored if s.true is not s.raised}
    return told


def summary_of_leads(scored: list[Scored]) -> dict[str, Any]:
    """VT on single leads: counts and shares over all of them; intervals over records, the leads of one together."""
    cells = {name: np.zeros(4) for name in dict.fromkeys(s.name for s in scored)}
    for one in scored:
        cells[one.name] += _cells([one])
    table = np.array(list(cells.values()))
    tp, fn, fp, tn = (int(n) for n in table.sum(axis=0))
    told: dict[str, Any] = {"leads": len(scored), "tp": tp, "fp": fp, "tn": tn, "fn": fn}
    told |= {"se": run.share(tp, fn), "sp": run.share(tn, fp)}
    told["se_interval"] = run.interval(table, run.ratio(0, 1))
    told["sp_interval"] = run.interval(table, run.ratio(3, 2))
    return told


def challenge(scored: list[Scored]) -> float:
    """The score of the challenge, 0 to 1."""
    tp, fn, fp, tn = _cells(scored)
    return run.share(tp + tn, fp + MISS_COSTS * fn)


def _challenges(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    tp, fn, fp, tn = np.moveaxis(rows.sum(axis=1), 1, 0)
    return np.asarray((tp + tn) / (tp + tn + fp + MISS_COSTS * fn), np.float64)


def _cells(scored: list[Scored]) -> tuple[int, int, int, int]:
    """True alarms raised and missed, false ones raised and kept back."""
    tp = sum(s.true and s.raised for s in scored)
    fn = sum(s.true and not s.raised for s in scored)
    fp = sum(s.raised and not s.true for s in scored)
    return tp, fn, fp, len(scored) - tp - fn - fp


def measured(args: argparse.Namespace, apart: Mapping[str, Judge] | None = None, leads: bool = True) -> dict[str, Any]:
    """Score the records under one setting of the pulse, and where `leads` VT on each lead alone.

    apart: by record what it is judged by that was made without it.
    """
    pulse = Pulse(args.pulse)
    records = listed(run.folder(args, "cinc2015", lambda place: bool(_alarms(place)[0])))
    by = {record: (apart or {}).get(Path(record[0]).name, VIGIL) for record in records}
    scored = _scored([(record, by[record], None) for record in records], f"records, pulse {pulse}", pulse)
    told = summary(scored, pulse)
    if leads:
        told["as_worded"] = summary(as_worded(by, scored, pulse), pulse)
        told["one_lead"] = leads_alone(
            [(record, by[record], lead) for record in records if record[1] == VT for lead in range(LEADS)], pulse
        )
    return told | {"trees": "each record left out" if apart else IN_SAMPLE}


def as_worded(by: Mapping[Record, Judge], scored: list[Scored], pulse: Pulse) -> list[Scored]:
    """The same records, those with an alarm of asystole by the challenge's own four seconds."""
    profile = replace(CINC2015, adult=replace(CINC2015.adult, asystole_s=WORDED_S))
    some = [(r, replace(one, profile=profile), None) for r, one in by.items() if TYPES[r[1]][1] is Code.ASYSTOLE]
    if not some:
        return scored
    by_name = {one.name: one for one in _scored(some, f"asystole of {WORDED_S:g} s", pulse)}
    return [by_name.get(one.name, one) for one in scored]


def leads_alone(items: Sequence[tuple[Record, Judge, int | None]], pulse: Pulse) -> dict[str, Any] | None:
    """VT on each lead alone; None where no record is an alarm of VT."""
    return summary_of_leads(_scored(items, "leads alone", pulse)) if items else None


def _scored(items: Sequence[tuple[Record, Judge, int | None]], what: str, pulse: Pulse) -> list[Scored]:
    return [scored for scored in run.over(partial(_score_item, pulse=pulse), items, what) if scored is not None]


def _score_item(item: tuple[Record, Judge, int | None], pulse: Pulse) -> Scored | None:
    record, by, lead = item
    return score_record(record, pulse, by, lead)


def alarms(args: argparse.Namespace) -> int:
    """`vigil score alarms`."""
    return run.tell(args, measured(args), lines)


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [f"{'type':<12} {'true':>5} {'raised':>7} {'false':>6} {'raised':>7} {'Se':>8} {'95 %':<14} {'Sp':>8} 95 %"]
    for kind, c in told["by_type"].items():
        cells = f"{c['tp'] + c['fn']:>5} {c['tp']:>7} {c['fp'] + c['tn']:>6} {c['fp']:>7}"
        se, sp = (run.between(c[f"{name}_interval"]) for name in ("se", "sp"))
        rows.append(f"{kind:<12} {cells} {run.percent(c['se']):>8} {se:<14} {run.percent(c['sp']):>8} {sp}".rstrip())
    between = run.between(told["interval"])
    rows.append(f"score {100 * told['score']:.2f} (95 %: {between}), {told['records']} records, pulse {told['pulse']}")
    if told.get("as_worded"):
        worded, c = told["as_worded"], told["as_worded"]["by_type"]["asystole"]
        rows.append(
            f"with asystole of {WORDED_S:g} s, as the challenge words it: score {100 * worded['score']:.2f}, asystole Se "
            f"{run.percent(c['se'])}, Sp {run.percent(c['sp'])}"
        )
    if told.get("one_lead"):
        rows.append(line_of_leads(told["one_lead"]))
    if "trees" in told:
        rows.append(f"trees for VT: {told['trees']}")
    if told.get("chosen"):
        chosen = told["chosen"]
        rows.append(
            f"decisions too chosen without the record: score {100 * chosen['score']:.2f} (95 %: {run.between(chosen['interval'])})"
        )
    return "\n".join(rows)


def line_of_leads(told: dict[str, Any]) -> str:
    """For a person."""
    return (
        f"vt, each lead alone: {told['tp']} of {told['tp'] + told['fn']} true raised, "
        f"Se {run.percent(told['se'])} ({run.between(told['se_interval'])}); "
        f"{told['fp']} of {told['fp'] + told['tn']} false raised, "
        f"Sp {run.percent(told['sp'])} ({run.between(told['sp_interval'])})"
    )
