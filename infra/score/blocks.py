"""What one measurement of ten seconds says of a bundle branch or AV block, on labelled records of twelve leads.

The alarms NEW_BBB, AV_BLOCK_2 and AV_BLOCK_3 ask for as much in every measurement of half a minute or a minute, and NEW_BBB for a
baseline without it: records of ten seconds cannot show that, so that what is scored is the rule that they rest on.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from infra.score import run

DATABASES = ("ludb", "ptbxl", "cinc2021")
KINDS = {
    "left": ("left bundle branch block", frozenset({"LBBB"})),
    "right": ("right bundle branch block", frozenset({"RBBB"})),
    "second": ("second degree AV block", frozenset({"2AVB"})),
    "third": ("third degree AV block", frozenset({"3AVB"})),
}
"""By what the rules call it: its name, and the labels of it; incomplete blocks are none."""
UNCLEAR = {"BBB": ("left", "right"), "AVB": ("second", "third")}
"""Labels that do not say which block it is: such a record counts for none of these."""
PACED = "PACE"


@dataclass(frozen=True, slots=True)
class Scored:
    """One record: what it is labelled with, and what was told of it."""

    name: str
    there: frozenset[str]
    told: frozenset[str]
    unclear: frozenset[str] = frozenset()


def labels(codes: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The blocks that a record has by its labels, and those of which they do not tell."""
    there = frozenset(kind for kind, (_, own) in KINDS.items() if own & set(codes))
    unclear = {kind for code, kinds in UNCLEAR.items() if code in codes for kind in kinds}
    return there, frozenset(unclear) - there


def score_record(item: tuple[str, Any]) -> Scored:
    """Read the first ten seconds on the path of the live signal, and judge them as a bed is judged; raises Unscorable."""
    from engine.instruct import labelled
    from stream import atria, conduction
    from stream.limits import ADULT
    from stream.measurement import Quality
    from stream.watch import Seen

    entry = item[1]
    segment = labelled.read(entry).segment
    measured = segment.measurements
    if measured is None:
        raise run.Unscorable(segment.unreadable or "nothing could be measured")
    good = frozenset(lead.lead for lead in measured.leads if lead.quality is Quality.GOOD)
    seen = Seen(measured, segment.unreadable, good, "regular", 5000, 500.0, (), atria.look(segment, good))
    state, _ = conduction.advance(conduction.Conduction(), seen, ADULT)
    words = {word for _, word in state.block.seen} | ({seen.atria.block.value} if seen.atria is not None else set())
    return Scored(entry.name, labels(entry.codes)[0], frozenset(words & set(KINDS)), labels(entry.codes)[1])


def measured(args: argparse.Namespace) -> dict[str, Any] | None:
    """Every record of the databases that are there, but of paced hearts; None where there is none."""
    from engine.instruct.sets import entries

    places = {name: run.beside(args, name) for name in DATABASES}
    items = [
        (entry.place, entry)
        for name, place in places.items()
        if place is not None
        for entry in entries(name, place)
        if not entry.left_out and PACED not in entry.codes
    ]
    return summary(run.over(score_record, items, "records of ten seconds")) if items else None


def summary(scored: Sequence[Scored]) -> dict[str, Any]:
    """Sensitivity, predictivity and specificity of each block, with counts and intervals over records."""
    told: dict[str, Any] = {"records": len(scored)}
    for kind in KINDS:
        some = [s for s in scored if kind not in s.unclear]
        cells = np.array([_cells(s, kind) for s in some]).reshape(-1, 4)
        tp, fn, fp, tn = (int(n) for n in cells.sum(axis=0))
        told[kind] = {"tp": tp, "fn": fn, "fp": fp, "tn": tn}
        for name, (part, rest) in {"se": (0, 1), "ppv": (0, 2), "sp": (3, 2)}.items():
            counted = int(cells[:, [part, rest]].sum())
            told[kind][name] = run.share(*cells[:, [part, rest]].sum(axis=0).tolist()) if counted else None
            told[kind][f"{name}_interval"] = run.interval(cells, run.ratio(part, rest))
    return told


def _cells(one: Scored, kind: str) -> tuple[int, int, int, int]:
    there, told = kind in one.there, kind in one.told
    return int(there and told), int(there and not told), int(told and not there), int(not there and not told)


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [f"blocks, by one measurement of ten seconds, {told['records']} records of twelve leads:"]
    for kind, (name, _) in KINDS.items():
        c = told[kind]
        there = f"Se {run.percent(c['se'])} ({run.between(c['se_interval'])}) of {c['tp'] + c['fn']}"
        rows.append(
            f"      {name:<26} {there if c['tp'] + c['fn'] else 'no such record'}; told in {c['fp']} of {c['fp'] + c['tn']} without it, "
            f"Sp {run.percent(c['sp'])} ({run.between(c['sp_interval'])})"
        )
    return "\n".join(rows)
