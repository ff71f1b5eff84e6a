"""Q waves and QS complexes of an infarct, by the Fourth universal definition: of one lead, and of the leads of a wall."""

from __future__ import annotations

from engine.criteria.case import STEADY_MS, TERRITORIES, Case, listed, show
from engine.criteria.preexcitation import preexcitation
from engine.criteria.waveform import first_r_mv, q_within
from engine.interpretation import Evidence
from ingest.frame import CHEST
from stream.measurement import Estimate, LeadMeasurements, Measurements
from stream.trigger import Segment

UDMI = "Thygesen K et al., Fourth universal definition of myocardial infarction, Circulation 2018;138:e618-e651"
Q_MS, Q_FRONT_MS, Q_MV, Q_BEATS, Q_STEADY_MS = 30.0, 20.0, -0.1, 3, 10.0
"""A pathological Q wave: that long, in V2 and V3 that, and that deep (Fourth universal definition, which asks for no depth in V2 and V3: noise has none of it), in so
many beats, and its length that steady from beat to beat."""
R_SHARE = 0.25
"""Of the beats, in which at most a QS complex may have an R wave of half a millimetre of paper (our own limit)."""
R_SMALL = 0.1
"""Of the depth of a QS complex: what comes before it is smaller than that (our own limit), beside half a millimetre of paper as for every R wave."""
WITHIN = 0.8
"""Share of that length and depth that must be seen within the QRS of all leads (our own limit)."""
RIGHT_DEG = 90.0
"""Axis to either side beyond which I and aVL point down by it (Surawicz 2009, J Am Coll Cardiol 53, 976-981)."""
WALLS = {**TERRITORIES, "anterolateral": ("V4", "V5")}
"""Neighbouring leads; the last two are neighbours of two walls."""
Q_WAVES = "Q waves"
"""What is withheld of them, of one wall behind its name."""
_CODE = "164917005"


def qs_mv(m: LeadMeasurements) -> Estimate | None:
    """Depth of the QS complex of a lead, whose QRS points down alone: it has no R wave, or one in few of its beats; None of any other QRS.

    Without R the one negative wave is measured as Q or S: that of more beats tells the depth.
    """
    waves = sorted((one for one in (m.q_mv, m.s_mv) if one is not None), key=lambda one: one.beats)
    beats = sum(one.beats for one in waves)
    rare = m.r_mv is None or m.r_mv.beats <= R_SHARE * beats
    return waves[-1] if rare and beats >= Q_BEATS and waves[-1].value <= Q_MV else None


def q_ms_limit(lead: str) -> float:
    """Length of a Q wave of a lead from which on it counts, in ms."""
    return Q_FRONT_MS if lead in ("V2", "V3") else Q_MS


def q_is_pathological(m: LeadMeasurements) -> bool:
    """Whether a lead has a pathological Q wave or a QS complex, where nothing is in doubt of it; what a text says of a lead is held against it too.

    In aVR both are normal; in V1 they are as long as V2 has none.
    """
    return m.lead != "aVR" and (qs_mv(m) is not None or (_is_large(m) and not q_unsteady(m)))


def q_unsteady(m: LeadMeasurements) -> str:
    """Why a Q wave that is long and deep enough, by the median over the beats, is not the same in them; empty where it is, or none is that large."""
    if not _is_large(m) or m.q_ms is None or m.q_mv is None:
        return ""
    if m.q_mv.beats < Q_BEATS:
        return "it is seen in fewer than three beats"
    return f"it differs by {show(m.q_ms.spread)} ms from beat to beat" if m.q_ms.spread > Q_STEADY_MS else ""


def _is_large(m: LeadMeasurements) -> bool:
    return m.q_ms is not None and m.q_mv is not None and m.q_ms.value >= q_ms_limit(m.lead) and m.q_mv.value <= Q_MV


def q_in_doubt(lead: LeadMeasurements, m: Measurements, segment: Segment | None) -> str:
    """Why a pathological Q wave of a lead is none: within the QRS of all leads it is none, for it lies before it, or behind an R wave."""
    if _hidden(lead, q_within(segment, m, lead.lead)):
        return "of which too little is seen where the QRS of all leads begins"
    r = _small_r(lead, m, segment)
    return f"which an R wave of {r:.2f} mV may precede" if r else ""


def _small_r(lead: LeadMeasurements, m: Measurements, segment: Segment | None) -> float:
    """Height of an R wave that a QS complex may have all the same, mV; 0 where it has none, or nobody measured it."""
    low = qs_mv(lead)
    r = first_r_mv(segment, m, lead.lead) if low is not None else None
    return r if r is not None and low is not None and r >= -R_SMALL * low.value else 0.0


def _hidden(lead: LeadMeasurements, within: tuple[float, float] | None) -> bool:
    """Whether length (ms) and depth (mV) within the QRS of all leads are too little; False where nobody measured them."""
    if within is None:
        return False
    return within[0] < WITHIN * q_ms_limit(lead.lead) or within[1] > WITHIN * Q_MV


def q_waves(case: Case) -> None:
    """Pathological Q waves and QS complexes in two leads of a wall; withheld where one of two is in doubt."""
    qrs = case.measurements.qrs_ms
    if qrs is not None and qrs.spread > STEADY_MS:
        case.withhold(Q_WAVES, f"the QRS is of no one width ({show(qrs.value)} ms, spread {show(qrs.spread)} ms)")
        return
    told: set[str] = set()
    for wall, leads in WALLS.items():
        if not told & set(leads):
            told |= _of_wall(case, wall, leads)


def _of_wall(case: Case, wall: str, leads: tuple[str, ...]) -> set[str]:
    """The leads of a wall of which such waves were told."""
    asked = [m for name in leads if (m := case.lead(name)) is not None]
    doubts = {m.lead: why for m in asked if (why := _doubt(case, m))}
    clear = {m.lead for m in asked if q_is_pathological(m) and not q_in_doubt(m, case.measurements, case.segment)}
    sure = _beside([m for m in asked if m.lead in clear])
    some = _beside([m for m in asked if m.lead in clear | doubts.keys()])
    if len(some) < 2:
        return set()
    why = _explained(case, {m.lead for m in some})
    if not why and len(sure) < 2:
        lead = next(m.lead for m in some if m.lead in doubts)
        why = f"that of {lead} is large enough, but {doubts[lead]}"
    if why:
        case.withhold(f"{wall} {Q_WAVES}", why)
        return set()
    _say(case, wall, sure)
    return {m.lead for m in sure}


def _explained(case: Case, leads: set[str]) -> str:
    """What else makes such waves in these leads; empty of nothing that was found."""
    limb = not leads <= set(CHEST)
    if limb and case.turned:
        return case.turned.value
    if leads <= {"I", "aVL"} and abs(case.measurements.axis_deg or 0.0) > RIGHT_DEG:
        return "I and aVL point down by the axis alone"
    return "a delta wave that points down looks the same" if preexcitation(case).borne else ""


def _doubt(case: Case, m: LeadMeasurements) -> str:
    """Why it is not known whether a lead has such a wave; empty where it is known, or where R comes first in the QRS of all leads."""
    unsteady = "" if qs_mv(m) is not None else q_unsteady(m)
    if not (unsteady or q_is_pathological(m)) or m.lead == "aVR":
        return ""
    within = q_within(case.segment, case.measurements, m.lead)
    if (within is not None and within[0] == 0.0) or not q_in_most(m):
        return ""
    if _hidden(m, within):
        return unsteady or "too little of it lies within the QRS of all leads"
    r = _small_r(m, case.measurements, case.segment)
    return unsteady or (f"an R wave of {r:.2f} mV may precede it" if r else "")


def q_in_most(m: LeadMeasurements) -> bool:
    """Whether it is a QS complex, or at least every second beat has the Q wave, of an odd number one less: that of a ventricular beat alone is not the lead's."""
    most = max((one.beats for one in (m.q_mv, m.r_mv, m.s_mv) if one is not None), default=0)
    every = m.qrs_area_mvms.beats if m.qrs_area_mvms is not None else 0
    return qs_mv(m) is not None or (m.q_mv is not None and 2 * m.q_mv.beats >= max(most, every - 1))


def _beside(leads: list[LeadMeasurements]) -> list[LeadMeasurements]:
    """These leads without V1 where V2 is not among them: a QS complex in V1 is normal (Fourth universal definition)."""
    return leads if any(m.lead == "V2" for m in leads) else [m for m in leads if m.lead != "V1"]


def _say(case: Case, wall: str, leads: list[LeadMeasurements]) -> None:
    found = [_evidence(case, m) for m in leads]
    long = [e for e in found if e.unit == "ms"]
    alone = [e.lead for e in found if e.unit != "ms"]
    top = max(long, key=lambda e: e.value, default=None)
    words = [f"{show(top.value)} ms in {top.lead}"] if top is not None else []
    words += [f"QS in {listed(alone)}"] if alone else []
    text = f"Pathological Q waves in {wall} leads, {', '.join(words)}."
    case.say(_CODE, f"Q wave, {wall}", text, 0.6, *found)


def _evidence(case: Case, m: LeadMeasurements) -> Evidence:
    low, limit = qs_mv(m), q_ms_limit(m.lead)
    if low is not None and (m.q_ms is None or low is m.s_mv):
        rule = "QS in two leads, without an R wave"
        return case.evidence("QS amplitude", low, "mV", lead=m.lead, limit=Q_MV, criterion=rule, source=UDMI)
    assert m.q_ms is not None
    rule = f"Q >= {limit:.0f} ms and {-Q_MV} mV in two leads"
    return case.evidence("Q wave", m.q_ms, "ms", lead=m.lead, limit=limit, criterion=rule, source=UDMI)
