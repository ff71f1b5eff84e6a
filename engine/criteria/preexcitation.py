"""Ventricular pre-excitation (WPW pattern): a sinus P, a short PR, a wide QRS and a slurred begin of it."""

from __future__ import annotations

from engine.criteria.case import STEADY_MS, WIDEST_MS, Case, show
from engine.criteria.gate import Borne, Gate, closed
from engine.criteria.waveform import foot_ms, r_peak_ms
from engine.interpretation import Evidence

_AHA_III = "Surawicz B et al., AHA/ACCF/HRS Recommendations Part III, J Am Coll Cardiol 2009;53:976-981"
_MINNESOTA = "Prineas RJ, Crow RS, Zhang ZM, The Minnesota Code Manual, 2nd ed. 2010, code 6-4-1"

PR_MS, PR_CHILD_MS, ADULT_YEARS = 120.0, 90.0, 18.0
QRS_MS = 110.0
"""The Minnesota Code has 120 ms. What is measured begins behind the foot of the delta wave, which this makes up for."""
R_PEAK_MS = 60.0
SLURRED_IN = ("I", "II", "aVL", "V4", "V5", "V6")
"""Leads in one of which R must peak late, as the Minnesota Code has them."""


def preexcitation(case: Case) -> Gate:
    """The gate of WPW. The sign of P is not asked for: it is taken against the PR level, which a short PR has none of."""
    m = case.measurements
    why = closed(case) or ("not judged in paced beats" if case.paced else "")
    if why:
        return Gate(why=why)
    if not m.p_wave_present or m.pr_ms is None:
        return Gate(why="no P wave with a PR interval is seen before the beats")
    if max(m.pr_ms.spread, m.qrs_ms.spread if m.qrs_ms else 0.0) > STEADY_MS or m.pr_ms.beats < 3:
        return Gate(why="PR or QRS differ from beat to beat")
    return _measured(case)


def _measured(case: Case) -> Gate:
    pr, qrs = case.measurements.pr_ms, case.measurements.qrs_ms
    assert pr is not None
    assert qrs is not None
    if not QRS_MS <= qrs.value <= WIDEST_MS:
        return Gate(why=f"QRS {show(qrs.value)} ms is not {QRS_MS:.0f} to {WIDEST_MS:.0f} ms")
    late = _late(case)
    if late is None:
        return Gate(why=f"R peaks within {R_PEAK_MS:.0f} ms in every lead that tells: the QRS does not begin slurred")
    child = case.age_years is not None and case.age_years < ADULT_YEARS
    limit = PR_CHILD_MS if child else PR_MS
    foot = foot_ms(case, late.lead)
    short = round(pr.value - (foot.value if foot is not None else 0.0), 1)
    if short >= limit:
        return Gate(why=f"PR {show(short)} ms, to the foot of R in {late.lead}, is not below {limit:.0f} ms")
    rule = f"PR to the foot of the delta wave < {limit:.0f} ms"
    said = (
        case.evidence("PR interval", short, "ms", lead=late.lead, limit=limit, criterion=rule, source=_AHA_III),
        case.evidence("QRS duration", qrs, "ms", limit=QRS_MS, criterion=f"QRS >= {QRS_MS:.0f} ms", source=_MINNESOTA),
        late,
    )
    text = (
        f"Possible WPW pattern: PR {show(short)} ms, QRS {show(qrs.value)} ms, "
        f"slurred begin (R peaks after {show(late.value)} ms in {late.lead})."
    )
    return Gate((Borne("wpw", text, said),))


def _late(case: Case) -> Evidence | None:
    """The lead in which R is the main wave and peaks latest, where that is late enough."""
    found: list[Evidence] = []
    for name in SLURRED_IN:
        lead = case.lead(name)
        if lead is None or lead.r_mv is None or (lead.s_mv is not None and -lead.s_mv.value > lead.r_mv.value):
            continue
        peak = r_peak_ms(case, name)
        if peak is not None and peak.value >= R_PEAK_MS and peak.spread <= STEADY_MS:
            rule = f"R peak time >= {R_PEAK_MS:.0f} ms"
            found.append(
                case.evidence("R peak time", peak, "ms", lead=name, limit=R_PEAK_MS, criterion=rule, source=_MINNESOTA)
            )
    return max(found, key=lambda e: e.value, default=None)
