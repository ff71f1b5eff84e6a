"""Left anterior fascicular block: the axis, the shape of aVL and how late R peaks there, in a narrow QRS."""

from __future__ import annotations

from engine.criteria.case import Case, show
from engine.criteria.conduction import AF
from engine.criteria.lead_set import untold_width
from engine.criteria.myocardium import not_narrow
from engine.criteria.q_waves import Q_WAVES
from engine.criteria.rhythm import SINUS
from engine.criteria.waveform import r_peak_ms
from engine.interpretation import Evidence
from stream.certainty import edges_hidden
from stream.measurement import Estimate, LeadMeasurements

_AHA_III = "Surawicz B et al., AHA/ACCF/HRS Recommendations Part III, J Am Coll Cardiol 2009;53:976-981"
ANTERIOR = ("445118002", "Left anterior fascicular block")
AXIS_DEG, LAST_DEG, PEAK_MS = -45.0, -90.0, 45.0
"""Axis from -45 to -90 degrees, qR in aVL, and R peaking there after 45 ms and more (Surawicz 2009)."""
LATE_MS, PEAK_ERROR_MS = 8.0, 10.0
"""By so much the begin of the QRS is found behind that of the reference marks (median over 122 records of LUDB, quartiles 5 and 12 ms), which makes R peak too soon; and by so
much the time may be wrong all the same: the mean error that IEC 60601-2-51 allows for the QRS."""
S_SHARE = 0.25
"""Of R, below which S is no wave of the shape (our own limit)."""


def fascicle(case: Case) -> None:
    """Left anterior fascicular block by all of its criteria; withheld where one of them is as near to its limit as it may be wrong, or an inferior infarct may make the axis."""
    deg, avl = case.measurements.axis_deg, case.lead("aVL")
    if deg is None or avl is None or not _is_judged(case) or not _is_qr(avl):
        return
    spread = case.measurements.axis_spread_deg or 0.0
    peak = r_peak_ms(case, "aVL")
    if peak is None or not LAST_DEG - spread <= deg <= AXIS_DEG + spread:
        return
    late = round(peak.value + LATE_MS, 1)
    if late < PEAK_MS - PEAK_ERROR_MS:
        return
    if why := _open(case, deg, spread, late):
        case.withhold(ANTERIOR[1].lower(), why)
    else:
        _say(case, deg, avl, late)


def _is_judged(case: Case) -> bool:
    """Whether a narrow QRS of a sinus rhythm or of fibrillation is told, and the limb leads stand as they should."""
    m = case.measurements
    conducted = any(case.has(code) for code in (*SINUS, AF))
    told = m.qrs_ms is not None and not (not_narrow(case) or untold_width(case) or edges_hidden(m))
    return conducted and told and not (case.turned or case.gain or case.not_conducted or case.held("axis"))


def _is_qr(m: LeadMeasurements) -> bool:
    """Whether most beats have a Q wave, then R as the largest wave, and hardly an S."""
    if m.q_mv is None or m.r_mv is None or 2 * m.q_mv.beats < m.r_mv.beats:
        return False
    return m.r_mv.value > -m.q_mv.value and (m.s_mv is None or -m.s_mv.value < S_SHARE * m.r_mv.value)


def _open(case: Case, deg: float, spread: float, late_ms: float) -> str:
    """Why it is not known though aVL has its shape; empty where it is."""
    near = [limit for limit in (AXIS_DEG, LAST_DEG) if abs(deg - limit) < spread]
    if near:
        return f"the axis of {deg:.0f} degrees (spread {spread:.0f}) is not told apart from its limit of {near[0]:.0f}"
    if late_ms < PEAK_MS:
        return f"R peaks after {show(late_ms)} ms in aVL, no further below {PEAK_MS:.0f} ms than that may be measured wrong ({PEAK_ERROR_MS:.0f} ms)"
    inferior = f"inferior {Q_WAVES}"
    if case.held(inferior) or any(f.name == "Q wave, inferior" for f in case.findings):
        return "an inferior infarct may turn the axis"
    return ""


def _say(case: Case, deg: float, avl: LeadMeasurements, late_ms: float) -> None:
    axis = case.evidence(
        "frontal QRS axis", deg, "deg", limit=AXIS_DEG, criterion="axis -45 to -90 degrees", source=_AHA_III
    )
    late = case.evidence(
        "R peak time",
        late_ms,
        "ms",
        lead="aVL",
        limit=PEAK_MS,
        criterion="R peak time in aVL >= 45 ms",
        source=_AHA_III,
    )
    waves = [_wave(case, name, one) for name, one in (("Q amplitude", avl.q_mv), ("R amplitude", avl.r_mv)) if one]
    text = f"Left anterior fascicular block: qR in aVL, where R peaks after {show(late_ms)} ms."
    case.say(*ANTERIOR, text, 0.6, axis, late, *waves)


def _wave(case: Case, name: str, one: Estimate) -> Evidence:
    return case.evidence(name, one, "mV", lead="aVL", criterion="qR in aVL", source=_AHA_III)
