"""How R grows along V1 to V4: told where it is small in V3 and still behind S in V4, withheld where it is small or falls and that is no more than healthy hearts show."""

from __future__ import annotations

from itertools import combinations

from engine.criteria.case import Case, listed, show
from engine.criteria.doubt import Turned
from engine.criteria.fascicle import ANTERIOR
from engine.criteria.lead_set import untold_width
from engine.criteria.myocardium import depth, not_narrow
from engine.criteria.preexcitation import preexcitation
from engine.criteria.voltage import ADULT_YEARS
from engine.interpretation import Evidence
from stream.certainty import edges_hidden

POOR_R = ("365413008", "Poor R wave progression")
"""SNOMED CT concept of a finding of the R wave, by which CinC 2021 has this one."""
PROGRESSION = "R wave progression"
"""What is withheld of it."""
POOR_MV = 0.3
"""R of V3 that is poor. R that grows smaller from one of V1 to V4 to the next is reversed (Zema MJ, Kligfield P, ECG poor R-wave progression: review and synthesis)."""
SMALL_MV = 0.25
"""R of V3 that is withheld even where R is larger than S in V4 (our own limit: many healthy adults meet that of Zema)."""
LOST_MV, LOST_SHARE = 0.05, 0.25
"""By how much R must grow smaller to be told so, half a millimetre of paper; and, where it is not poor, twice that and a quarter of it (our own limits, for
of 553 records of PTB-XL, CinC 2021 and LUDB 154 have some lead with a smaller R than the one before it)."""
_LEADS = ("V1", "V2", "V3", "V4")
_ZEMA = "Zema MJ, Kligfield P, Arch Intern Med 1982;142:1145-1148"


def progression(case: Case) -> None:
    """R of V3 of 0.3 mV and less with a transition behind V4; withheld where R falls, or is smaller still, and S is the smaller wave in V4, or something else explains it.

    Not where Q waves of the same leads tell it, or chest electrodes are in doubt: both are said. Nor of children, whose R is large in V1.
    """
    found = _waves(case)
    if found is None or case.exchanged is not None or any(f.name == "Q wave, anterior" for f in case.findings):
        return
    if case.age_years is not None and case.age_years < ADULT_YEARS:
        return
    r, deep = found
    poor, late = round(r["V3"], 2) <= POOR_MV, r["V4"] < deep
    fall = _fall(r, poor)
    if not late and round(r["V3"], 2) > SMALL_MV and fall is None:
        return  # its transition is where that of healthy adults is
    if not poor and not (fall and (late or r[fall[1]] <= POOR_MV)):
        return
    if why := _explained(case):
        case.withhold(PROGRESSION, f"{_numbers(r)}: {why}")
    elif poor and late:
        _say(case, r, fall)
    else:
        case.withhold(PROGRESSION, f"{_numbers(r)}: {_why(poor, late, fall)}")


def _waves(case: Case) -> tuple[dict[str, float], float] | None:
    """R of V1 to V4, 0 where there is none, and the depth of Q or S in V4, mV; None where they are not all measured, or the QRS is not known to be narrow."""
    if case.not_conducted or case.gain or not_narrow(case) or untold_width(case) or case.measurements.qrs_ms is None:
        return None
    leads = [m for name in _LEADS if (m := case.lead(name)) is not None and (m.r_mv or m.s_mv or m.q_mv)]
    if len(leads) < len(_LEADS):
        return None
    low = depth(leads[-1])
    return {m.lead: m.r_mv.value if m.r_mv else 0.0 for m in leads}, -low.value if low is not None else 0.0


def _fall(r: dict[str, float], poor: bool) -> tuple[str, str] | None:
    """Between which two leads R grows smaller by most; None where it does so by too little, or, where it is not poor, grows again by V3."""
    pairs = [pair for pair in combinations(_LEADS, 2) if poor or pair[1] in ("V3", "V4")]
    high, low = max(pairs, key=lambda pair: r[pair[0]] - r[pair[1]])
    least = LOST_MV if poor else max(2.0 * LOST_MV, LOST_SHARE * r[high])
    return (high, low) if round(r[high] - r[low], 3) > least else None


def _explained(case: Case) -> str:
    """Why a small R is not told as one: what else makes it, or hides how large it is."""
    if case.turned in (Turned.HEART, Turned.EITHER):
        return case.turned.value
    if hidden := edges_hidden(case.measurements):
        return hidden
    if case.has(ANTERIOR[0]) or case.held(ANTERIOR[1].lower()):
        return "a left anterior fascicular block has it too"
    return "a delta wave has it too" if preexcitation(case).borne else ""


def _why(poor: bool, late: bool, fall: tuple[str, str] | None) -> str:
    """Why it is neither told nor called normal."""
    falls = f"it falls from {fall[0]} to {fall[1]}" if fall is not None else ""
    if poor:
        low = "is poor in V3 by one criterion, and larger than S in V4, as in healthy adults too"
        return f"{falls}, {low}" if falls else f"it {low}"
    where = ", where S is larger" if late and fall is not None and fall[1] == "V4" else ""
    return f"{falls}{where}, as healthy adults or electrodes in other places have it too"


def _say(case: Case, r: dict[str, float], fall: tuple[str, str] | None) -> None:
    four = case.lead("V4")
    deep = depth(four) if four is not None else None
    assert deep is not None
    rule = f"R of V3 <= {POOR_MV} mV, and smaller than S in V4"
    s = case.evidence("S amplitude", deep, "mV", lead="V4", criterion=rule, source=_ZEMA)
    lost = f", falling from {fall[0]} to {fall[1]}" if fall is not None else ""
    text = f"{POOR_R[1]}: {_numbers(r)}{lost}; S is still larger than R in V4, {show(-deep.value)} mV."
    case.say(*POOR_R, text, 0.5, *[_r(case, name, rule) for name in _LEADS], s)


def _r(case: Case, name: str, rule: str) -> Evidence:
    lead = case.lead(name)
    value = lead.r_mv if lead is not None and lead.r_mv is not None else 0.0
    limit = POOR_MV if name == "V3" else None
    return case.evidence("R amplitude", value, "mV", lead=name, limit=limit, criterion=rule, source=_ZEMA)


def _numbers(r: dict[str, float]) -> str:
    return f"R is {listed([f'{show(value)} mV in {name}' for name, value in r.items()])}"
