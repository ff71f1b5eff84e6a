"""What the leads that are present can tell of intervals and beats: PR, QRS and QT reach from the earliest begin to the latest end over the twelve.

With fewer leads a begin or an end is not seen, or noise passes for one. Against the twelve leads of the same recordings (198 of LUDB, PTB-XL and CinC 2021; limits
chosen on every second one) a QRS of the limb leads alone was wrong by more than 20 ms in 9 %, where its beats agree as asked here in 1 %.
"""

from __future__ import annotations

from engine.criteria.case import Case, show
from ingest.frame import CHEST, LIMB
from stream.catalogue import CATALOGUE, Chain
from stream.measurement import Estimate

CHEST_LEADS, LIMB_LEADS = 4, 6
"""With so many of each a recording has leads enough."""
NOT_TOLD = "not told from"
"""How a reason begins that rests on the leads."""
WIDE_FROM_MS = 115.0
"""From few leads: a QRS from which on noise may have widened it."""
QRS_STEADY_MS, WIDE_STEADY_MS, PR_STEADY_MS, QT_STEADY_MS = 8.0, 3.5, 10.0, 15.0
"""From few leads: half the spread between the quartiles of the beats above which an interval is not told."""


def few_leads(case: Case) -> str:
    """Which few leads there are, in words; empty where there are enough of them, or measurements in the short form of `--texts` list no beats."""
    there = tuple(one.lead for one in case.measurements.leads)
    if not case.measurements.beats:
        return ""
    chest = sum(lead in there for lead in CHEST)
    if chest >= CHEST_LEADS and sum(lead in there for lead in LIMB) >= LIMB_LEADS:
        return ""
    if len(there) == 1:
        return f"lead {there[0]} alone"
    rest = [lead for lead in there if lead not in LIMB]
    if len(there) - len(rest) < LIMB_LEADS:
        return f"leads {', '.join(there)} alone"
    return f"the limb leads and {', '.join(rest)} alone" if rest else "the limb leads alone"


def untold_width(case: Case) -> str:
    """Why the leads that are present do not tell the width of the QRS; empty where they do."""
    few, qrs = few_leads(case), case.measurements.qrs_ms
    if not few or qrs is None:
        return ""
    if len(case.measurements.leads) == 1:
        return f"{NOT_TOLD} {few}: where the QRS begins and ends takes more of them"
    limit = WIDE_STEADY_MS if qrs.value >= WIDE_FROM_MS else QRS_STEADY_MS
    return _differs(few, "QRS", qrs, limit)


def untold_interval(case: Case, name: str, interval: Estimate, limit_ms: float) -> str:
    """Why the leads that are present do not tell PR or QT, which rest on the begin of the QRS; empty where they do."""
    few = few_leads(case)
    if not few:
        return ""
    return untold_width(case) or _differs(few, name, interval, limit_ms)


def untold_beats(case: Case) -> str:
    """Why the leads that are present do not tell how many beats are ventricular; empty where they do, or an alarm of such beats asked.

    In the same recordings every second count from the limb leads alone or from one lead was another than that from twelve.
    """
    row, few = CATALOGUE.get(case.code), few_leads(case)
    if not few or (row is not None and row.chain is Chain.VENTRICULAR):
        return ""
    return f"{NOT_TOLD} {few}: their shape takes more of them"


def _differs(few: str, name: str, interval: Estimate, limit_ms: float) -> str:
    if interval.spread <= limit_ms:
        return ""
    return f"{NOT_TOLD} {few}: the {name} of {show(interval.value)} ms differs by {show(interval.spread)} ms from beat to beat"
