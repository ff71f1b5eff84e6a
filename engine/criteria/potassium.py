"""The pattern of hyperkalaemia: tall narrow T waves, together with a wide QRS, a lost P wave or a long PR."""

from __future__ import annotations

from engine.criteria.case import STEADY_MS, Case, show
from engine.criteria.gate import Borne, Gate, closed
from engine.criteria.rhythm import IRREGULAR
from engine.criteria.waveform import t_width_ms
from engine.interpretation import Evidence
from ingest.frame import LEADS
from stream.measurement import LeadMeasurements, Quality

_MATTU = "Mattu A, Brady WJ, Robinson DA, Am J Emerg Med 2000;18:721-729"
_AHA_III = "Surawicz B et al., AHA/ACCF/HRS Recommendations Part III, J Am Coll Cardiol 2009;53:976-981"
AF = "164889003"

TALL_LIMB_MV, TALL_CHEST_MV = 0.6, 1.0
"""Usual upper limits of T."""
NARROW_MS = 90.0
"""Width at half height; the sources say narrow and give no number."""
QRS_MS, PR_MS = 120.0, 200.0
LEAST_LEADS = 2
HIDDEN_BPM = 100.0
"""Of faster beats P may lie in T: it is not lost."""
_BLOCKS = ("164909002", "59118001")
"""A bundle branch block explains the width by itself."""


def potassium(case: Case) -> Gate:
    """The gate of HYPERK_PATTERN."""
    why = closed(case) or ("not judged in paced beats" if case.paced else "")
    if why:
        return Gate(why=why)
    peaked = [found for name in LEADS if name != "aVR" and (found := _peaked(case, name))]
    if len(peaked) < LEAST_LEADS:
        return Gate(why=f"T is tall and narrow in {len(peaked)} leads, {LEAST_LEADS} are needed")
    slow, told = _slow(case)
    if not told:
        return Gate(why="QRS is narrow, and P waves and PR are as usual or cannot be judged")
    top = max((pair[0] for pair in peaked), key=lambda e: e.value)
    width = next(pair[1] for pair in peaked if pair[0] is top)
    text = f"Possible pattern of hyperkalaemia: T {show(top.value)} mV and {show(width.value)} ms wide in {top.lead}, {told}."
    return Gate((Borne("hyperkalaemia", text, (*slow, *(e for pair in peaked for e in pair))),))


def _peaked(case: Case, name: str) -> tuple[Evidence, Evidence] | None:
    """Height and width of T in a lead that has a tall narrow one, which is not the counterpart of a wide QRS."""
    lead = case.lead(name)
    if lead is None or lead.quality is not Quality.GOOD or lead.t_mv is None or lead.t_mv.beats < 3:
        return None
    limit = TALL_CHEST_MV if name.startswith("V") else TALL_LIMB_MV
    if lead.t_mv.value < limit or _secondary(case, lead):
        return None
    width = t_width_ms(case, name)
    if width is None or width.value > NARROW_MS or width.spread > STEADY_MS:
        return None
    height = case.evidence(
        "T amplitude", lead.t_mv, "mV", lead=name, limit=limit, criterion=f"T >= {limit} mV in two leads", source=_MATTU
    )
    narrow = case.evidence(
        "T width at half height", width, "ms", lead=name, limit=NARROW_MS, criterion="narrow T", source=_MATTU
    )
    return height, narrow


def _secondary(case: Case, lead: LeadMeasurements) -> bool:
    """Whether an upright T is what a wide QRS that points down brings with it (Surawicz 2009)."""
    qrs = case.measurements.qrs_ms
    wide = qrs is not None and qrs.value >= QRS_MS
    return wide and (lead.qrs_area_mvms is None or lead.qrs_area_mvms.value <= 0)


def _slow(case: Case) -> tuple[tuple[Evidence, ...], str]:
    """What shows that conduction or the atria suffer, and in words; nothing where neither does."""
    m = case.measurements
    blocked = any(case.has(code) for code in _BLOCKS)
    if m.qrs_ms is not None and not blocked and m.qrs_ms.value >= QRS_MS and m.qrs_ms.spread <= STEADY_MS:
        wide = case.evidence("QRS duration", m.qrs_ms, "ms", limit=QRS_MS, criterion="QRS >= 120 ms", source=_AHA_III)
        return (wide,), f"QRS {show(m.qrs_ms.value)} ms"
    if m.pr_ms is not None and m.p_wave_present and m.pr_ms.value > PR_MS and m.pr_ms.spread <= STEADY_MS:
        long = case.evidence("PR interval", m.pr_ms, "ms", limit=PR_MS, criterion="PR > 200 ms", source=_AHA_III)
        return (long,), f"PR {show(m.pr_ms.value)} ms"
    slow = m.rate_bpm is not None and m.rate_bpm.value <= HIDDEN_BPM
    even = slow and m.rr_ms is not None and (m.rr_sd_ms or 0.0) <= IRREGULAR * m.rr_ms.value
    if m.p_wave_present is False and even and not case.has(AF) and m.rr_ms is not None:
        lost = case.evidence("RR interval", m.rr_ms, "ms", criterion="even beats without a P wave", source=_MATTU)
        return (lost,), f"no P wave before beats {show(m.rr_ms.value)} ms apart"
    return (), ""
