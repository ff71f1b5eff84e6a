"""How high and how deep the QRS is: hypertrophy by voltage, a large R in V1, low voltage."""

from __future__ import annotations

from engine.criteria.case import Case, listed, show
from engine.criteria.doubt import GAIN
from engine.criteria.lead_set import untold_width
from engine.criteria.myocardium import depth, not_narrow
from engine.criteria.q_waves import Q_BEATS
from engine.criteria.recording import exchange
from engine.interpretation import Evidence
from ingest.bed import Sex
from stream.certainty import edges_hidden

_AHA_V = "Hancock EW et al., AHA/ACCF/HRS Recommendations Part V, J Am Coll Cardiol 2009;53:992-1002"
_SOKOLOW = "Sokolow M, Lyon TP, Am Heart J 1949;37:161-186"
_CORNELL = "Casale PN et al., J Am Coll Cardiol 1985;6:572-580"
VOLTAGE_YEARS = 35.0
"""Age from which on voltages tell a hypertrophy: those of younger hearts are larger, and no standard for them is established (Hancock 2009)."""
CORNELL_MV = {Sex.MALE: (2.8, 2.8), Sex.FEMALE: (2.0, 2.0), Sex.UNKNOWN: (2.0, 2.8)}
"""Voltage of Cornell above which it tells a hypertrophy (Casale 1985): the least and the most that it may be."""
SOKOLOW_MV = 3.5
AVL_MV, LIMB_MV = 1.1, 2.5
"""R of aVL (Sokolow 1949), and R of I with S of III (Gubner R, Ungerleider HE, Arch Intern Med 1943;72:196-209), above which limb leads tell a hypertrophy."""
SIZE_ERROR_MV = 0.025
"""By so much an amplitude may be measured wrong (IEC 60601-2-51)."""
HYPERTROPHY = "hypertrophy"
"""What is withheld of it."""
R_V1_MV, ADULT_YEARS = 0.5, 18.0
"""R of V1 from which on it counts where it is larger than S (Hancock 2009), and the age: in children it is so by itself."""
DOMINANT_R = "365413008"
"""SNOMED CT concept of a finding of the R wave, as CinC 2021 has an abnormal one."""


def hypertrophy(case: Case) -> None:
    """Left ventricular hypertrophy by Sokolow-Lyon or Cornell voltage."""
    v1, lateral = case.lead("V1"), case.lead("V5")
    low = None if v1 is None else depth(v1)
    if low is None or lateral is None or lateral.r_mv is None:
        case.withhold(HYPERTROPHY, "the S wave in V1 and the R wave in V5 are not both measured")
        return
    if why := case.not_conducted or (GAIN if case.gain else not_narrow(case)) or _misplaced(case):
        case.withhold(HYPERTROPHY, why)
        return
    sum_mv = lateral.r_mv.value - low.value
    found: list[Evidence] = []
    if sum_mv >= 3.5:
        found.append(
            case.evidence(
                "S in V1 + R in V5",
                round(sum_mv, 2),
                "mV",
                lead="V5",
                limit=3.5,
                criterion="S V1 + R V5 >= 3.5 mV",
                source=_SOKOLOW,
            )
        )
    held = _cornell(case, found)
    if not found:
        if why := held or _limb_voltage(case) or _near_voltage(case, sum_mv):
            case.withhold(HYPERTROPHY, why)
        return
    first = found[0]
    if case.age_years is not None and case.age_years < VOLTAGE_YEARS:
        why = f"{first.measure} is {show(first.value)} mV, and voltage criteria apply from {VOLTAGE_YEARS:.0f} years on"
        case.withhold(HYPERTROPHY, why)
    else:
        case.say(
            "164873001",
            "Left ventricular hypertrophy",
            f"Left ventricular hypertrophy by voltage: {first.measure} {show(first.value)} mV.",
            0.6,
            *found,
        )


def _misplaced(case: Case) -> str:
    """Why the voltages of the chest leads are not known: one that they are taken from may be exchanged."""
    return exchange(case) if case.exchanged is not None and {"V1", "V3", "V5"} & set(case.exchanged) else ""


def _cornell(case: Case, found: list[Evidence]) -> str:
    """Add the voltage of R in aVL and S in V3 that is large enough; why it is not known whether it is, empty where it is known."""
    avl, v3 = case.lead("aVL"), case.lead("V3")
    low = None if v3 is None else depth(v3)
    if case.turned or avl is None or avl.r_mv is None or low is None:
        return ""
    least, most = CORNELL_MV[case.sex]
    cornell, name = avl.r_mv.value - low.value, "R in aVL + S in V3"
    if cornell > most:
        rule = f"R aVL + S V3 > {most} mV"
        size = round(cornell, 2)
        found.append(case.evidence(name, size, "mV", lead="aVL", limit=most, criterion=rule, source=_CORNELL))
    elif cornell > least:
        return f"{name} is {show(cornell)} mV, too much for women ({least} mV) and not for men ({most} mV), and the sex is not known"
    return ""


def _limb_voltage(case: Case) -> str:
    """Why a hypertrophy is not denied that the chest leads do not tell: the limb leads alone do, which many healthy hearts that lie level do too."""
    avl, one, three = case.lead("aVL"), case.lead("I"), case.lead("III")
    if case.turned or avl is None or avl.r_mv is None or one is None:
        return ""
    low = depth(three) if three is not None else None
    both = (one.r_mv.value if one.r_mv else 0.0) - (low.value if low is not None else 0.0)
    found = [f"R in aVL is {show(avl.r_mv.value)} mV (limit {AVL_MV})"] if round(avl.r_mv.value, 2) > AVL_MV else []
    found += [f"R in I + S in III is {show(both)} mV (limit {LIMB_MV})"] if round(both, 2) > LIMB_MV else []
    if not found:
        return ""
    tell = "tells" if len(found) == 1 else "tell"
    return f"S in V1 + R in V5 and R in aVL + S in V3 tell none, but {listed(found)} {tell} one by the limb leads alone"


def _near_voltage(case: Case, sokolow_mv: float) -> str:
    """Why a hypertrophy is not denied: a voltage is no further below its limit than it may be measured wrong."""
    avl, v3 = case.lead("aVL"), case.lead("V3")
    low = depth(v3) if v3 is not None else None
    found = [("S in V1 + R in V5", sokolow_mv, SOKOLOW_MV)]
    if not case.turned and avl is not None and avl.r_mv is not None and low is not None:
        found.append(("R in aVL + S in V3", avl.r_mv.value - low.value, CORNELL_MV[case.sex][1]))
    near = [(name, size, limit) for name, size, limit in found if limit - SIZE_ERROR_MV <= size <= limit]
    if not near:
        return ""
    name, size, limit = near[0]
    return f"{name} is {size:.2f} mV, no further below {limit} mV than it may be measured wrong ({SIZE_ERROR_MV} mV)"


def dominant_r(case: Case) -> None:
    """R of V1 larger than S in a narrow QRS of an adult: what a right ventricular hypertrophy, an infarct behind and an electrode in another place have in common."""
    v1 = case.lead("V1")
    if v1 is None or v1.r_mv is None or v1.r_mv.value < R_V1_MV or v1.r_mv.beats < Q_BEATS:
        return
    low = depth(v1)
    deep = -low.value if low is not None else 0.0
    young = case.age_years is not None and case.age_years < ADULT_YEARS
    open_ = case.not_conducted or case.gain or not_narrow(case) or untold_width(case) or edges_hidden(case.measurements)
    if deep >= v1.r_mv.value or young or open_ or (case.exchanged is not None and "V1" in case.exchanged):
        return
    rule = f"R of V1 >= {R_V1_MV} mV and larger than S"
    r = case.evidence("R amplitude", v1.r_mv, "mV", lead="V1", limit=R_V1_MV, criterion=rule, source=_AHA_V)
    waves = [r]
    if low is not None:
        waves.append(case.evidence("S amplitude", low, "mV", lead="V1", criterion=rule, source=_AHA_V))
    below = f" and S {show(deep)} mV deep" if low is not None else ""
    text = f"R is the larger wave in V1: {show(r.value)} mV{below}."
    case.say(DOMINANT_R, "Large R wave in V1", text, 0.5, *waves)


def voltage(case: Case) -> None:
    """Low voltage: QRS below 0.5 mV in every limb lead."""
    limb = [m for n in ("I", "II", "III", "aVR", "aVL", "aVF") if (m := case.lead(n)) is not None]
    if len(limb) < 6 or case.not_conducted or case.gain:
        return
    sizes = [
        (m.r_mv.value if m.r_mv else 0.0) - min(m.s_mv.value if m.s_mv else 0.0, m.q_mv.value if m.q_mv else 0.0)
        for m in limb
    ]
    if 0 < max(sizes) < 0.5:
        found = case.evidence(
            "largest limb lead QRS",
            round(max(sizes), 2),
            "mV",
            limit=0.5,
            criterion="QRS < 0.5 mV in all limb leads",
            source=_AHA_V,
        )
        case.say(
            "251146004", "Low QRS voltage", f"Low voltage in limb leads, {show(round(max(sizes), 2))} mV.", 0.6, found
        )
