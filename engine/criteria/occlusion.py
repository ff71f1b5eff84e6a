"""Patterns of an occluded coronary artery that the criteria of ST elevation do not see (STEMI equivalents).

They are those of the ACC's consensus of 2022. Not measured, and so not asked for: the width of R in V2, leads V7 to V9,
the symmetry of T.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.criteria.case import Case, show
from engine.criteria.gate import Borne, Gate, closed
from engine.criteria.myocardium import ST_STEADY_MV
from engine.interpretation import Evidence
from ingest.frame import CHEST, LEADS
from stream.measurement import Estimate, LeadMeasurements, Quality

_ACC = "Kontos MC et al., ACC Expert Consensus on acute chest pain, J Am Coll Cardiol 2022;80:1925-1960, table 1"
_UDMI = "Thygesen K et al., Fourth universal definition of myocardial infarction, Circulation 2018;138:e618-e651"
_WINTER = "de Winter RJ et al., N Engl J Med 2008;359:2071-2073"
_SMITH = "Smith SW et al., Ann Emerg Med 2012;60:766-776"
_SGARBOSSA = "Sgarbossa EB et al., N Engl J Med 1996;334:481-487"

LBBB = "164909002"
WIDE_MS = 120.0
ST_MV = 0.1
POSTERIOR_MV = 0.05
"""Depression in V1 to V3 that counts (universal definition)."""
HORIZONTAL_MV = 0.05
"""By which ST may rise within 60 ms and still be called horizontal."""
RISE_MV = 0.05
"""By which ST must rise within 80 ms to be called upsloping."""
TALL_T_MV = 0.5
"""Of de Winter's T, which the source calls tall and prominent without a number."""
RATIO = -0.25
"""Elevation over the depth of S, of which more is out of proportion."""
LEAST_DOWN = 6
"""Leads with depression beside an elevation of aVR."""
MOST_BPM = 120.0
"""Faster beats depress J by themselves, and with it T rises from it: patterns of narrow beats are not judged."""


def occlusion(case: Case) -> Gate:
    """The gate of STEMI_EQUIVALENT."""
    why = closed(case) or case.turned.value
    if why:
        return Gate(why=why)
    qrs, rate = case.measurements.qrs_ms, case.measurements.rate_bpm
    assert qrs is not None
    if case.paced or case.has(LBBB):
        found = _discordant(case)
        return Gate((found,)) if found else Gate(why="ST is as left bundle branch block or pacing by itself has it")
    if qrs.value >= WIDE_MS:
        return Gate(why=f"not judged in a wide QRS ({show(qrs.value)} ms) that is no left bundle branch block")
    if rate is None or rate.value > MOST_BPM:
        return Gate(why=f"not judged above {MOST_BPM:.0f} /min, or without a rate")
    patterns: tuple[Callable[[Case], Borne | None], ...] = (_posterior, _de_winter, _left_main)
    borne = tuple(found for pattern in patterns if (found := pattern(case)) is not None)
    return Gate(borne, "" if borne else "neither V1 to V3, nor T with J, nor aVR show a pattern of occlusion")


def _posterior(case: Case) -> Borne | None:
    """Horizontal depression with an upright T in two of V1 to V3, and R higher than S is deep in V2."""
    v2 = _good(case, "V2")
    if v2 is None or v2.r_mv is None or v2.r_mv.value <= -_deepest(v2):
        return None
    found = []
    for name in ("V1", "V2", "V3"):
        lead = _good(case, name)
        if lead is None or lead.st_j_mv is None or lead.st_j60_mv is None or lead.t_mv is None:
            continue
        level = lead.st_j60_mv.value - lead.st_j_mv.value <= HORIZONTAL_MV
        if max(lead.st_j_mv.value, lead.st_j60_mv.value) <= -POSTERIOR_MV and level and lead.t_mv.value > 0.0:
            rule = f"horizontal ST <= -{POSTERIOR_MV} mV with upright T, R/S > 1 in V2"
            found.append(_st(case, name, lead.st_j60_mv, -POSTERIOR_MV, rule, _ACC))
    if len(found) < 2:
        return None
    low = min(found, key=lambda e: e.value)
    r = case.evidence("R amplitude", v2.r_mv, "mV", lead="V2", criterion="R/S > 1 in V2", source=_ACC)
    text = f"Possible posterior infarct: ST {show(low.value)} mV in {low.lead} with upright T and R {show(r.value)} mV in V2."
    return Borne("posterior", text, (*found, r))


def _de_winter(case: Case) -> Borne | None:
    """J depressed by 0.1 mV, ST rising from it into a tall T, in two neighbouring chest leads.

    Half of the depression must be left 60 ms later: what is gone by then was the end of an S wave.
    """
    found: dict[str, Evidence] = {}
    for name in CHEST:
        lead = _good(case, name)
        if lead is None or lead.st_j_mv is None or lead.st_j80_mv is None or lead.t_mv is None:
            continue
        rises = lead.st_j80_mv.value - lead.st_j_mv.value >= RISE_MV
        if _depressed(lead, ST_MV) and rises and lead.t_mv.value >= TALL_T_MV:
            found[name] = _st(case, name, lead.st_j_mv, -ST_MV, "J <= -0.1 mV, rising into a tall T", _WINTER)
    pairs = [n for n in found if f"V{int(n[1]) + 1}" in found]
    if not pairs:
        return None
    low = min(found.values(), key=lambda e: e.value)
    lead = case.lead(low.lead)
    assert lead is not None
    assert lead.t_mv is not None
    t = case.evidence(
        "T amplitude", lead.t_mv, "mV", lead=low.lead, limit=TALL_T_MV, criterion="tall T", source=_WINTER
    )
    text = f"Possible de Winter pattern: J {show(low.value)} mV in {low.lead}, rising into a T of {show(t.value)} mV."
    return Borne("de winter", text, (*found.values(), t))


def _left_main(case: Case) -> Borne | None:
    """aVR elevated by 0.1 mV while six leads or more are depressed by as much."""
    up = _good(case, "aVR")
    if up is None or not _elevated(up, ST_MV):
        return None
    down = []
    for name in LEADS:
        lead = _good(case, name)
        if name != "aVR" and lead is not None and lead.st_j_mv is not None and _depressed(lead, ST_MV):
            down.append(_st(case, name, lead.st_j_mv, -ST_MV, f"ST <= -{ST_MV} mV in {LEAST_DOWN} leads", _UDMI))
    if len(down) < LEAST_DOWN or up.st_j_mv is None:
        return None
    avr = _st(case, "aVR", up.st_j_mv, ST_MV, f"ST >= {ST_MV} mV in aVR", _UDMI)
    low = min(down, key=lambda e: e.value)
    text = f"Possible left main or multivessel ischaemia: ST {show(avr.value)} mV in aVR, {show(low.value)} mV in {low.lead}."
    return Borne("left main", text, (avr, *down))


def _discordant(case: Case) -> Borne | None:
    """Sgarbossa's criteria with Smith's ratio: any one of them, in left bundle branch block or pacing."""
    found: list[Evidence] = []
    for name in LEADS:
        lead = _good(case, name)
        if lead is None or lead.st_j_mv is None or lead.qrs_area_mvms is None or name == "aVR":
            continue
        st, deep = lead.st_j_mv, _deepest(lead)
        upward = lead.qrs_area_mvms.value > 0
        if upward and (lead.r_mv is None or lead.r_mv.value <= -deep):
            continue  # neither up nor down: concordance has no meaning
        if upward and _elevated(lead, ST_MV):
            found.append(_st(case, name, st, ST_MV, "concordant ST >= 0.1 mV", _SGARBOSSA))
        elif not upward and name in ("V1", "V2", "V3") and _depressed(lead, ST_MV):
            found.append(_st(case, name, st, -ST_MV, "concordant ST <= -0.1 mV in V1 to V3", _SGARBOSSA))
        elif not upward and deep < 0 and _elevated(lead, ST_MV) and st.value / deep <= RATIO:
            found.append(_st(case, name, st, round(RATIO * deep, 3), "ST >= 25 % of S", _SMITH))
    if not found:
        return None
    top = max(found, key=lambda e: abs(e.value))
    text = f"Possible infarct under a wide QRS: {top.criterion}, ST {show(top.value)} mV in {top.lead}."
    return Borne("sgarbossa", text, tuple(found))


def _good(case: Case, name: str) -> LeadMeasurements | None:
    """A lead that is good and whose ST level is the same from beat to beat."""
    lead = case.lead(name)
    if lead is None or lead.quality is not Quality.GOOD or lead.st_j_mv is None or lead.st_j_mv.beats < 3:
        return None
    steady = all(e is None or e.spread <= ST_STEADY_MV for e in (lead.st_j_mv, lead.st_j60_mv))
    return lead if steady else None


def _elevated(lead: LeadMeasurements, limit_mv: float) -> bool:
    """Whether J is up, and half of that still 60 ms later: a late edge of the QRS is no elevation."""
    j, later = lead.st_j_mv, lead.st_j60_mv
    return j is not None and later is not None and j.value >= limit_mv and later.value >= 0.5 * limit_mv


def _depressed(lead: LeadMeasurements, limit_mv: float) -> bool:
    j, later = lead.st_j_mv, lead.st_j60_mv
    return j is not None and later is not None and j.value <= -limit_mv and later.value <= -0.5 * limit_mv


def _deepest(lead: LeadMeasurements) -> float:
    """The deeper one of Q and S in mV, 0 where there is neither."""
    return min((e.value for e in (lead.q_mv, lead.s_mv) if e is not None), default=0.0)


def _st(case: Case, lead: str, level: Estimate, limit: float, rule: str, source: str) -> Evidence:
    return case.evidence("ST level", level, "mV", lead=lead, limit=limit, criterion=rule, source=source)
