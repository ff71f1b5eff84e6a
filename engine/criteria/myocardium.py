"""Ischaemia and infarction: the ST segment of the walls, and where Q waves are asked for."""

from __future__ import annotations

from engine.criteria.case import TERRITORIES, Case, listed, show
from engine.criteria.conduction import width_untold
from engine.criteria.doubt import GAIN, leads_disagree
from engine.criteria.lead_set import untold_width
from engine.criteria.q_waves import Q_WAVES, UDMI, q_in_most, q_waves
from engine.interpretation import Evidence
from ingest.bed import Sex
from ingest.frame import CHEST
from stream.certainty import edges_hidden, st_error_mv
from stream.measurement import Estimate, LeadMeasurements

ST_STEADY_MV = 0.06
"""Half the spread between the quartiles of the beats above which a lead's ST level is not judged."""
SLURRED = 0.5
"""Of the level at J, that at most is left 60 ms later where J lies on a slur or notch (our own limit)."""
ST_LOWERED_MV = -0.1
"""ST level 60 ms behind J from which on, and below, it counts as depressed: our own limit, twice that of the Fourth universal definition, which asks for slopes too."""
SLIGHT_MV = -0.05
"""ST level from which on, and below, two leads count as depressed where ST runs level or falls (Fourth universal definition)."""
LEVEL_MV = 0.02
"""What an ST segment that runs level rises by at most from J to 80 ms behind it: the definition gives no number, and of 258 records labelled normal one has such a depression by it."""
BETWEEN_WALLS = ("anterolateral", ("V4", "V5"))
"""Neighbouring leads of two walls, of which the ST segment is told where it is of neither."""
ST_SEGMENT, TOO_FEW = "ST segment", "fewer than two of its leads are measured"
"""What is withheld of it, of one wall behind its name; and why, where its leads are missing."""
SLIGHT_ST = "ST depression"
"""What is withheld of one wall, behind its name, where its slope does not tell."""
ST_ELEVATION, ST_DEPRESSION = "164931005", "429622005"
"""SNOMED CT concepts of what the ST segment shows: that an infarct made it, no code of ours says."""


def depth(m: LeadMeasurements) -> Estimate | None:
    """The deeper of Q and S: before a small R at the end of the QRS the one negative wave of V1 is measured as Q; no Q of few beats."""
    return min(
        (one for one in (m.q_mv if q_in_most(m) else None, m.s_mv) if one is not None),
        key=lambda one: one.value,
        default=None,
    )


def not_narrow(case: Case) -> str:
    """Why nothing is judged that a narrow QRS is needed for; empty where the QRS is narrow."""
    qrs = case.measurements.qrs_ms
    if qrs is None or (qrs.value < 120 and not leads_disagree(case.measurements)):
        return ""
    return width_untold(case) or "not judged in a wide QRS"


def st_limits_mv(lead: str, sex: Sex, age_years: float | None) -> tuple[float, float]:
    """J-point elevation from which on it counts, in mV, by lead, sex and age (Fourth universal definition); what is told of ST is held against it too.

    The least and the most that it may be: they differ where sex or age is not known.
    """
    if lead not in ("V2", "V3"):
        return 0.1, 0.1
    if sex is Sex.FEMALE:
        return 0.15, 0.15
    most = 0.25 if age_years is None or age_years < 40 else 0.2
    if sex is Sex.UNKNOWN:
        return 0.15, most
    return (0.2 if age_years is None else most), most


def st_between(m: LeadMeasurements, limits_mv: tuple[float, float]) -> str:
    """Why it is not known whether the J point of a lead is elevated: it lies between two limits. Empty where it does not, or J alone reaches the lower one."""
    least, most = limits_mv
    if m.st_j_mv is None or not least <= m.st_j_mv.value < most or j_alone(m, least):
        return ""
    return f"J is at {show(m.st_j_mv.value)} mV in {m.lead}, an elevation from {least:g} or from {most:g} mV on by sex and age, and these are not both known"


def j_alone(m: LeadMeasurements, limit_mv: float) -> str:
    """Why a J point that reaches the limit is no ST elevation: the level 60 ms later does not. Empty where both do, or J does not.

    J is then found on a slur or notch by which R ends. The Fourth universal definition measures at J, of an ST segment that begins there; where a QRS ends in
    a slur or notch its peak is no ST level, and ST is judged behind it (Macfarlane PW et al. 2015, J Am Coll Cardiol 66, 470-477). What is told of ST is held against it too.
    """
    j, later = m.st_j_mv, m.st_j60_mv
    # by the number as it is shown
    if j is None or j.value < limit_mv or (later is not None and round(later.value, 2) >= limit_mv):
        return ""
    if later is None:
        return f"J is at {show(j.value)} mV in {m.lead}, and no level is measured 60 ms later"
    told = f"J is at {show(j.value)} mV in {m.lead} and ST at {show(later.value)} mV 60 ms later"
    if later.value > SLURRED * j.value:
        return f"{told}, which does not reach {limit_mv:g} mV: whether it is elevated is not told"
    return (
        f"{told}: the QRS ends in a slur or notch there, as in early repolarisation, and no ST elevation is told of it"
    )


def st_lowered(m: LeadMeasurements) -> bool:
    """Whether the ST segment of a lead is depressed; what a text says of a lead is held against it too."""
    return m.st_j60_mv is not None and m.st_j60_mv.value <= ST_LOWERED_MV


def ischaemia(case: Case) -> None:
    """ST elevation in two neighbouring leads, at J and still 60 ms later, ST depression, and pathological Q waves, by territory."""
    if why := case.not_conducted or (GAIN if case.gain else not_narrow(case)) or untold_width(case):
        case.withhold(ST_SEGMENT, why)
        case.withhold(Q_WAVES, why)
        return
    for territory, leads in TERRITORIES.items():
        _st_of(case, territory, leads)
    walls = ("anterior", "lateral")
    told = any(f.name.startswith("ST ") and f.name.endswith(walls) for f in case.findings)
    apart = told or any(case.held(f"{wall} {name}") for wall in walls for name in (ST_SEGMENT, SLIGHT_ST))
    if not apart and all((m := case.lead(name)) is not None and _is_steady(m) for name in BETWEEN_WALLS[1]):
        _st_of(case, *BETWEEN_WALLS)
    if hidden := edges_hidden(case.measurements):
        case.withhold(Q_WAVES, hidden)
    else:
        q_waves(case)


def _st_of(case: Case, territory: str, leads: tuple[str, ...]) -> None:
    """Tell the ST segment of a territory, or withhold it."""
    if why := _st_segment(case, territory, leads):
        if territory != BETWEEN_WALLS[0] or why != TOO_FEW:
            case.withhold(f"{territory} {ST_SEGMENT}", why)
    elif why := _slight_depression(case, territory, leads):
        case.withhold(f"{territory} {SLIGHT_ST}", why)


def _st_segment(case: Case, territory: str, leads: tuple[str, ...]) -> str:
    """Tell the ST segment of a territory; why it is withheld, empty where it is not."""
    if case.turned and not set(leads) <= set(CHEST):
        return case.turned.value
    known = [(n, m) for n in leads if (m := case.lead(n)) is not None and m.st_j_mv is not None]
    if len(known) < 2:
        came = sum(n in case.segment.measured for n in leads)
        return TOO_FEW if came < 2 else "its leads are too disturbed to be measured"
    known = [(n, m) for n, m in known if _is_steady(m)]
    if len(known) < 2:
        return "the ST level differs from beat to beat: noise or wander"
    limits = {n: st_limits_mv(n, case.sex, case.age_years) for n, _ in known}
    up = [(n, m.st_j_mv, limits[n][1]) for n, m in known if m.st_j_mv and not j_alone(m, limits[n][1])]
    down = [(n, m.st_j60_mv, ST_LOWERED_MV) for n, m in known if m.st_j60_mv]
    if not all([_told(case, territory, up), _told(case, territory, down)]):
        return _near(up) or _near(down)
    least = {n: both[0] for n, both in limits.items()}
    if any(f.name == f"ST elevation, {territory}" for f in case.findings):
        return ""
    return _of_limits(known, limits) or _of_j_alone(known, least)


def _near(levels: list[tuple[str, Estimate, float]]) -> str:
    """Which levels reach their limit where not two do so by more than their error; empty where fewer than two reach it."""
    reach = [
        (n, level.value) for n, level, limit in levels if (level.value - limit) * (1.0 if limit > 0 else -1.0) >= 0
    ]
    if len(reach) < 2:
        return ""
    kind, at = ("an elevation", "J") if levels[0][2] > 0 else ("a depression", "ST 60 ms behind J")
    numbers = listed([f"{show(value)} mV in {n}" for n, value in reach])
    return f"{at} is at {numbers}, the limit of {kind} or beyond it, but not in two leads by more than noise and beats may move it"


def _of_limits(known: list[tuple[str, LeadMeasurements]], limits: dict[str, tuple[float, float]]) -> str:
    """Why no elevation is told or denied of leads of which two reach the lower limit, and not two the upper one."""
    reach = [
        m
        for n, m in known
        if m.st_j_mv is not None and m.st_j_mv.value >= limits[n][0] and not j_alone(m, limits[n][0])
    ]
    between = [why for m in reach if (why := st_between(m, limits[m.lead]))]
    return between[0] if between and len(reach) >= 2 else ""


def _of_j_alone(known: list[tuple[str, LeadMeasurements]], limits: dict[str, float]) -> str:
    """Why no elevation is told of leads of which two reach the limit at J, but not two 60 ms later too; the highest J tells it."""
    reach = [m for n, m in known if m.st_j_mv is not None and m.st_j_mv.value >= limits[n]]
    alone = [m for m in reach if j_alone(m, limits[m.lead])]
    if len(reach) < 2 or len(reach) - len(alone) >= 2:
        return ""
    highest = max(alone, key=lambda m: m.st_j_mv.value if m.st_j_mv else 0.0)
    return j_alone(highest, limits[highest.lead])


def _told(case: Case, territory: str, levels: list[tuple[str, Estimate, float]]) -> bool:
    """Make the finding of an elevation (limits above 0) or depression in two leads; False where two reach the limit, but not by more than their error."""
    beyond = {n: (level.value - limit) * (1.0 if limit > 0 else -1.0) for n, level, limit in levels}
    error = {n: st_error_mv(level, case.measurements) for n, level, _ in levels}
    sure = [_st(case, n, level, limit) for n, level, limit in levels if beyond[n] >= error[n]]
    if len(sure) < 2:
        return sum(gap >= 0.0 for gap in beyond.values()) < 2
    most = max(sure, key=lambda e: abs(e.value))
    kind, code, confidence = ("elevation", ST_ELEVATION, 0.7) if most.value > 0 else ("depression", ST_DEPRESSION, 0.6)
    text = f"ST {kind} in {territory} leads, {show(most.value)} mV in {most.lead}."
    case.say(code, f"ST {kind}, {territory}", text, confidence, *sure)
    return True


def _slight_depression(case: Case, territory: str, leads: tuple[str, ...]) -> str:
    """Tell a depression of less than ST_LOWERED_MV that runs level or falls in two leads; why it is neither told nor denied of two such leads, empty else."""
    if any(f.name == f"{SLIGHT_ST}, {territory}" for f in case.findings):
        return ""
    known = [m for n in leads if (m := case.lead(n)) is not None]
    low = [(m.lead, m.st_j60_mv) for m in known if m.st_j60_mv is not None and m.st_j60_mv.value <= SLIGHT_MV]
    if len(low) < 2:
        return ""
    sure = {m.lead for m in known if _is_steady(m) and _runs_down(case, m)}
    borne = [(n, level) for n, level in low if n in sure]
    if len(borne) < 2:
        numbers = listed([f"{show(level.value)} mV in {n}" for n, level in low])
        level = f"60 ms behind J ST is at {numbers}"
        if sum(_is_steady(m) for m in known if m.lead in dict(low)) < 2:
            return f"{level}, and differs from beat to beat: noise or wander"
        return f"{level}, depressed where it runs level or falls, which two leads do not show"
    rule = f"ST <= {SLIGHT_MV} mV at J, 60 and 80 ms behind it, by no more than {LEVEL_MV} mV higher at the last, in two leads"
    found = [
        case.evidence("ST level", level, "mV", lead=n, limit=SLIGHT_MV, criterion=rule, source=UDMI)
        for n, level in borne
    ]
    most = min(found, key=lambda e: e.value)
    text = f"Slight ST depression in {territory} leads, {show(most.value)} mV in {most.lead}, level or falling."
    case.say(ST_DEPRESSION, f"{SLIGHT_ST}, {territory}", text, 0.5, *found)
    return ""


def _runs_down(case: Case, m: LeadMeasurements) -> bool:
    """Whether ST of a lead is depressed by more than its error at J, 60 and 80 ms behind it, and runs level or falls."""
    levels = [one for one in (m.st_j_mv, m.st_j60_mv, m.st_j80_mv) if one is not None]
    if len(levels) < 3 or levels[2].value > levels[0].value + LEVEL_MV:
        return False
    return all(one.value <= SLIGHT_MV - st_error_mv(one, case.measurements) for one in levels)


def _is_steady(m: LeadMeasurements) -> bool:
    return all(e is None or e.spread <= ST_STEADY_MV for e in (m.st_j_mv, m.st_j60_mv))


def _st(case: Case, lead: str, estimate: Estimate | None, limit: float) -> Evidence:
    assert estimate is not None
    sign, held = (">=", ", at J and 60 ms later") if limit > 0 else ("<=", "")
    return case.evidence(
        "ST level",
        estimate,
        "mV",
        lead=lead,
        limit=limit,
        criterion=f"ST {sign} {limit} mV in two leads{held}",
        source=UDMI,
    )
