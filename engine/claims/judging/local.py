"""Findings of leads and walls: ST and T, ischaemia and infarction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.judging import voltage, waves, whole
from engine.claims.judging.not_shown import SLOPE, slightly_down
from engine.claims.judging.opinion import Each, Opinion, above, below, both, denied, either, over_leads, unknown
from engine.criteria.case import TERRITORIES
from engine.criteria.myocardium import (
    ST_LOWERED_MV,
    ST_SEGMENT,
    j_alone,
    st_between,
    st_limits_mv,
    st_lowered,
)
from engine.criteria.q_waves import Q_WAVES, q_in_doubt, q_is_pathological
from ingest.frame import LEADS, LIMB
from stream.certainty import st_error_mv

_NOT_AVR = tuple(name for name in LEADS if name != "aVR")
_T_LEADS = tuple(name for name in LEADS if name not in ("aVR", "III", "V1"))
"""Leads in which an inverted T wave is not normal."""
NEAR_MV = 0.02
"""Short of the limit of an elevation or depression, within which it may be said of a lead that is named."""
INVERTED_MV = -0.05
"""T wave that is inverted: half a millimetre of paper."""


def st_levels(b: Basis, lead: str) -> list[float]:
    """ST at J and 60 ms later, mV, as far as they are known."""
    return [v for f in ("st_j_mv", "st_j60_mv") if (v := b.mv(lead, f)) is not None]


def _near(b: Basis, lead: str, values: Sequence[float], limit: float) -> Opinion | None:
    """That an ST level cannot be told from a limit, where its error is larger than what is granted anyway and spans the limit; else None."""
    found = b.lead(lead)
    levels = () if found is None else (found.st_j_mv, found.st_j60_mv)
    error = max((st_error_mv(level, b.m) for level in levels if level is not None), default=0.0)
    most = max(values) if limit > 0 else min(values)
    if error <= NEAR_MV or abs(most - limit) >= error:
        return None
    return unknown(f"its ST level ({most:+.2f} mV) is known to {error:.2f} mV, its limit is {limit:g} mV")


def st_up(b: Basis, lead: str) -> Opinion:
    """Elevated to the limit of the criteria, at J or 60 ms later; denied below it at J; neither where J alone reaches it."""
    values, found = st_levels(b, lead), b.lead(lead)
    if found is None or not values:
        return unknown("its ST level is not measured")
    limits = st_limits_mv(lead, b.sex, b.age_years)
    limit = limits[1]
    if between := st_between(found, limits) if max(values) < limit - NEAR_MV else "":
        return unknown(between)
    later = found.st_j60_mv
    if (slurred := j_alone(found, limit)) and (later is None or later.value < limit - NEAR_MV):
        return unknown(slurred)
    if (near := _near(b, lead, values, limit)) is not None:
        return near
    why = f"ST {values[0]:+.2f} mV, limit {limit:g} mV"
    return Opinion(max(values) >= limit - NEAR_MV, values[0] < limit, why, "ST level", values[0], "mV")


def st_down(b: Basis, lead: str) -> Opinion:
    """Depressed to the limit of the criteria, as they judge it; denied above it."""
    m = b.lead(lead)
    if m is None or m.st_j60_mv is None:
        return unknown("its ST level is not measured")
    low = m.st_j60_mv.value
    if any(f.name.startswith("ST depression, ") and lead in {e.lead for e in f.evidence} for f in b.criteria[0]):
        return Opinion(True, False, f"ST {low:+.2f} mV, as the criteria find it", "ST level", low, "mV")
    if (near := _near(b, lead, [low], ST_LOWERED_MV)) is not None:
        return near
    why = f"ST {low:+.2f} mV, limit {ST_LOWERED_MV:g} mV"
    slow = rises_slowly(b, lead) and not low <= ST_LOWERED_MV + NEAR_MV
    if slow:
        return unknown(f"{RISES} ({low:+.2f} mV)")
    return Opinion(low <= ST_LOWERED_MV + NEAR_MV, not st_lowered(m), why, "ST level", low, "mV")


RISES = "it is depressed at J by more than the limit and rises slowly"
RISEN_MV = -0.05
"""Level 60 ms behind J down to which an ST segment that is depressed at J is told to be neither depressed nor not: the limit of a depression that is level (Fourth universal definition)."""


def rises_slowly(b: Basis, lead: str) -> bool:
    """Whether ST is depressed at J to its limit, and 60 ms later by less but still by half of it."""
    at_j, later = b.mv(lead, "st_j_mv"), b.mv(lead, "st_j60_mv")
    return at_j is not None and later is not None and at_j <= ST_LOWERED_MV and later <= RISEN_MV


def at_j_up(b: Basis, lead: str) -> Opinion:
    """Elevated at J itself to the limit of the criteria."""
    m, limits = b.lead(lead), st_limits_mv(lead, b.sex, b.age_years)
    if m is not None and (between := st_between(m, limits)):
        return unknown(between)
    return above("ST level at J", "mV", b.mv(lead, "st_j_mv"), limits[1], NEAR_MV)


def at_j_down(b: Basis, lead: str) -> Opinion:
    """Depressed at J itself to the limit of a depression."""
    return below("ST level at J", "mV", b.mv(lead, "st_j_mv"), ST_LOWERED_MV, NEAR_MV)


def at_j_off(b: Basis, lead: str) -> Opinion:
    """Elevated or depressed at J itself."""
    return either(at_j_up(b, lead), at_j_down(b, lead))


def st_off(b: Basis, lead: str) -> Opinion:
    """Elevated or depressed; depressed at J by the limit and half of it later too."""
    if rises_slowly(b, lead):
        return Opinion(True, False, RISES)
    return either(st_up(b, lead), st_down(b, lead))


def st_level(b: Basis, lead: str) -> Opinion:
    """Isoelectric."""
    return denied(st_off(b, lead))


def back_at_baseline(b: Basis, lead: str) -> Opinion:
    """Within half a millimetre of the baseline 60 ms behind J."""
    level = b.mv(lead, "st_j60_mv")
    return below("ST level 60 ms later", "mV", None if level is None else abs(level), 0.05, NEAR_MV)


def back_above_baseline(b: Basis, lead: str) -> Opinion:
    """Not below the baseline 60 ms behind J."""
    return above("ST level 60 ms later", "mV", b.mv(lead, "st_j60_mv"), 0.0, NEAR_MV)


def level_everywhere(b: Basis, told: Opinion) -> Opinion:
    """An opinion that ST is level where no lead is named: not borne where one lead is elevated or depressed, or two of a wall are depressed by half of that."""
    each = ((lead, st_off(b, lead)) for lead in _NOT_AVR if b.lead(lead) is not None)
    off = next((f"{lead}: {one.why}" for lead, one in each if one.yes and not one.no), "")
    off = off or (SLOPE if slightly_down(b) else "")
    return unknown(off) if off and told.yes else told


def _t(b: Basis, lead: str) -> float | None:
    return b.mv(lead, "t_mv")


def t_inverted(b: Basis, lead: str) -> Opinion:
    """T below the baseline."""
    return below("T wave", "mV", _t(b, lead), INVERTED_MV, 0.02)


DEEP_MV = -0.1
"""T inversion from which on it is one of ischaemia, in two neighbouring leads (Fourth universal definition)."""


def t_deep(b: Basis, lead: str) -> Opinion:
    """T below the baseline by as much as ischaemia has it."""
    return below("T wave", "mV", _t(b, lead), DEEP_MV, 0.0)


def t_below(b: Basis, lead: str) -> Opinion:
    """T below the baseline, which is not denied from the limit on."""
    told = t_inverted(b, lead)
    return replace(told, no=False) if (_t(b, lead) or 0.0) <= INVERTED_MV else told


def t_upright(b: Basis, lead: str) -> Opinion:
    """T above the baseline."""
    return above("T wave", "mV", _t(b, lead), 0.05, 0.02)


def t_flat(b: Basis, lead: str) -> Opinion:
    """T of less than a millimetre."""
    value = _t(b, lead)
    return below("T wave", "mV", None if value is None else abs(value), 0.08, 0.03)


def t_peaked(b: Basis, lead: str) -> Opinion:
    """T far above 0.5 mV in a limb, 1.0 mV in a chest lead."""
    return above("T wave", "mV", _t(b, lead), 0.6 if lead in LIMB else 1.1, 0.15)


def t_normal(b: Basis, lead: str) -> Opinion:
    """Upright; any in aVR, III and V1."""
    if lead not in _T_LEADS:
        return (
            Opinion(True, True, "T of any direction is normal here")
            if _t(b, lead) is not None
            else unknown("its T wave is not measured")
        )
    return t_upright(b, lead)


def t_changed(b: Basis, lead: str) -> Opinion:
    """Inverted, flat or peaked; one below the baseline is changed, whatever it may be called."""
    told = either(t_inverted(b, lead), t_flat(b, lead), t_peaked(b, lead))
    return replace(told, no=False) if told.known and (_t(b, lead) or 0.0) <= INVERTED_MV else told


def t_abnormal(b: Basis, lead: str) -> Opinion:
    """Changed where T should be upright; in aVR, III and V1 any T may be called so or not."""
    told = t_changed(b, lead)
    return told if lead in _T_LEADS or not told.known else replace(told, no=True)


# walls ------------------------------------------------------------------------------------------------------------


def of_any_wall(b: Basis, name: str) -> Opinion:
    """ST elevation, ST depression or pathological Q waves of which no lead is named: what the criteria find, in two leads of a wall, and nothing else."""
    found, withheld = b.criteria
    told = next((f for f in found if f.name.startswith(OF_ANY_WALL[name])), None)
    if told is not None:
        return Opinion(True, False, told.text)
    ground = Q_WAVES if name == QS_OR_Q else ST_SEGMENT
    blank = next((w for w in withheld if w.name.endswith((ground, name))), None)
    if blank is not None:
        return unknown(blank.reason)
    if name == QS_OR_Q and (unseen := _walls_unseen(b)):
        return unknown(f"fewer than two leads are measured of the {' and '.join(unseen)} wall")
    of, why = _HALF_SHOWN.get(name, (None, ""))
    if of is not None and any(sum(of(b, lead) for lead in wall) >= 2 for wall in TERRITORIES.values()):
        return unknown(f"in two leads of a wall {why}")
    if name == "ST depression" and slightly_down(b):
        return unknown(SLOPE)
    return Opinion(False, True, "no two leads of a wall show it")


QS_OR_Q = "pathological Q waves"
_HALF_SHOWN: dict[str, tuple[Callable[[Basis, str], bool], str]] = {
    "ST depression": (rises_slowly, RISES),
    "pathological Q waves": (waves.is_qs, "the QRS has no R wave"),
}
"""By finding what two leads of a wall show that is neither it nor its absence, and why."""


def _walls_unseen(b: Basis) -> list[str]:
    """Walls of which no two leads have a QRS that was measured."""
    seen = {one.lead for one in b.m.leads if one.r_mv is not None or one.s_mv is not None or one.q_mv is not None}
    return [wall for wall, leads in TERRITORIES.items() if len(seen & set(leads)) < 2]


def _walls(leads: Sequence[str]) -> list[tuple[str, ...]]:
    """The leads asked for as one wall, else each wall."""
    return [tuple(leads)] if leads else list(TERRITORIES.values())


def _judged(b: Basis) -> Opinion | None:
    wide = whole.wide(b)
    if wide.yes and not wide.no:
        return unknown("ST and Q are not judged in a wide QRS")
    held = next((one.reason for one in b.criteria[1] if one.name == "ST segment"), "")
    return unknown(held) if held else None


def acute_infarct(b: Basis, leads: Sequence[str], loose: bool) -> Opinion:
    """ST elevation in two leads of a wall."""
    return _judged(b) or either(*(over_leads(b, wall, True, wall, st_up) for wall in _walls(leads)))


def heart_attack(b: Basis, leads: Sequence[str], loose: bool) -> Opinion:
    """Only denied, as an acute infarct is: that a patient has one no ECG says alone."""
    acute = acute_infarct(b, leads, loose)
    if acute.no and not acute.yes:
        return acute
    return unknown(
        f"an ECG alone does not show it{f', and this one suggests it: {acute.why}' if acute.yes and not acute.no else ''}"
    )


def infarct(b: Basis, leads: Sequence[str], loose: bool) -> Opinion:
    """Pathological Q waves, or ST elevation, in two leads of a wall."""
    if (blank := _judged(b)) is not None:
        return blank
    marks = [over_leads(b, wall, True, wall, of) for wall in _walls(leads) for of in (waves.q_pathological, st_up)]
    told = either(*marks)
    asked = [one for wall in _walls(leads) for name in wall if (one := b.lead(name)) is not None]
    doubtful = next((one for one in asked if q_is_pathological(one) and q_in_doubt(one, b.m, b.segment)), None)
    found = OF_ANY_WALL["pathological Q waves"]
    if not told.yes and (marked := next((f for f in b.criteria[0] if f.name.startswith(found)), None)):
        return unknown(f"it is not settled by what is told: {marked.text.rstrip('.')}")
    return (
        told
        if told.yes or doubtful is None
        else unknown(f"{doubtful.lead}: {waves.q_pathological(b, doubtful.lead).why}")
    )


def ischaemia(b: Basis, leads: Sequence[str], loose: bool) -> Opinion:
    """ST depression, T inversion of 0.1 mV or ST elevation in two leads of a wall; not denied of a smaller T inversion."""
    if (blank := _judged(b)) is not None:
        return blank
    acute = acute_ischaemia(b, leads, loose)
    chosen = [lead for lead in (leads or LEADS) if lead != "aVR" and (lead in _T_LEADS or lead in leads)]
    told = either(over_leads(b, chosen, True, chosen, t_below), acute)
    if acute.yes or not told.yes:
        return replace(acute, no=told.no) if acute.yes else told
    walls = [[n for n in wall if n in chosen] for wall in _walls(leads)]
    deep = [one for wall in walls if len(wall) > 1 and (one := over_leads(b, wall, True, wall, t_deep)).yes]
    return (
        replace(deep[0], no=told.no)
        if deep
        else unknown(
            f"{told.why}: T waves that are inverted by less than {-DEEP_MV:g} mV, or not in two leads of a wall, do not show it"
        )
    )


def acute_ischaemia(b: Basis, leads: Sequence[str], loose: bool) -> Opinion:
    """ST depression or ST elevation in two leads of a wall."""
    if (blank := _judged(b)) is not None:
        return blank
    return either(*(over_leads(b, wall, True, wall, of) for wall in _walls(leads) for of in (st_down, st_up)))


def strain(b: Basis) -> Opinion:
    """Hypertrophy with ST depression or T inversion of the lateral wall."""
    wall = TERRITORIES["lateral"]
    return both(
        voltage.left_hypertrophy(b),
        either(over_leads(b, wall, True, wall, t_inverted), over_leads(b, wall, True, wall, st_down)),
    )


def secondary_changes(b: Basis) -> Opinion:
    """Of a bundle branch block, whose ST and T are opposite to the QRS, or of hypertrophy with strain; denied of a narrow QRS without hypertrophy."""
    width = whole.wide(b)
    if width.yes and not width.no:
        return replace(whole.any_block(b), no=False)
    if width.yes or not width.no:
        return unknown("ST-T changes have many causes")
    large = either(voltage.left_hypertrophy(b), voltage.limb_hypertrophy(b))
    if not large.yes:
        return Opinion(False, True, width.why)
    return Opinion(True, False, told.why) if (told := strain(b)).yes else unknown("ST-T changes have many causes")


OF_ANY_WALL = {"ST elevation": "ST elevation, ", "ST depression": "ST depression, ", "pathological Q waves": "Q wave, "}
"""What a text may say without naming a lead, and how the name of such a finding of the criteria begins."""
LOCAL: dict[str, tuple[tuple[str, ...], Each, bool]] = {
    "ST elevation": (_NOT_AVR, st_up, True), "ST depression": (_NOT_AVR, st_down, True), "ST deviation": (_NOT_AVR, st_off, True),
    "ST elevation at J": (_NOT_AVR, at_j_up, True), "ST depression at J": (_NOT_AVR, at_j_down, True), "ST deviation at J": (_NOT_AVR, at_j_off, True),
    "isoelectric ST at J": (_NOT_AVR, lambda b, lead: denied(at_j_off(b, lead)), False),
    "isoelectric ST later": (_NOT_AVR, back_at_baseline, False), "raised ST later": (_NOT_AVR, back_above_baseline, False),
    "isoelectric ST": (_NOT_AVR, st_level, False), "T wave inversion": (_T_LEADS, t_inverted, True),
    "upright T waves": (_T_LEADS, t_upright, False), "flat T waves": (_T_LEADS, t_flat, True), "normal T waves": (_T_LEADS, t_normal, False),
    "peaked T waves": (_T_LEADS, t_peaked, True), "T wave changes": (_T_LEADS, t_abnormal, True),
    "equal R and S": ((), voltage.equal_waves, True),
    **waves.LOCAL,
}  # fmt: skip
"""Findings of leads: those looked at where none is named, the opinion on one lead, and whether it is an abnormality."""
