"""Findings of leads and walls: ST, T and Q waves, polarity, voltage, ischaemia and infarction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.judging import rhythm, voltage, whole
from engine.claims.judging.opinion import Opinion, above, below, both, denied, either, over_leads, unknown
from engine.claims.language.leads import CHEST, LIMB
from engine.criteria.myocardium import ST_LOWERED_MV, TERRITORIES, j_alone, st_between, st_limits_mv, st_lowered
from engine.criteria.q_waves import Q_WAVES, WALLS, q_in_doubt, q_is_pathological, q_unsteady, qs_mv
from ingest.frame import LEADS
from stream.certainty import st_error_mv
from stream.measurement import LeadMeasurements

_NOT_AVR = tuple(name for name in LEADS if name != "aVR")
_T_LEADS = tuple(name for name in LEADS if name not in ("aVR", "III", "V1"))
"""Leads in which an inverted T wave is not normal."""
NEAR_MV = 0.02
"""Short of the limit of an elevation or depression, within which it may be said of a lead that is named."""


def _st(b: Basis, lead: str) -> list[float]:
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
    values, found = _st(b, lead), b.lead(lead)
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
    if (near := _near(b, lead, [low], ST_LOWERED_MV)) is not None:
        return near
    why = f"ST {low:+.2f} mV, limit {ST_LOWERED_MV:g} mV"
    return Opinion(low <= ST_LOWERED_MV + NEAR_MV, not st_lowered(m), why, "ST level", low, "mV")


def st_off(b: Basis, lead: str) -> Opinion:
    """Elevated or depressed."""
    return either(st_up(b, lead), st_down(b, lead))


def st_level(b: Basis, lead: str) -> Opinion:
    """Isoelectric."""
    return denied(st_off(b, lead))


def _t(b: Basis, lead: str) -> float | None:
    return b.mv(lead, "t_mv")


def t_inverted(b: Basis, lead: str) -> Opinion:
    """T below the baseline."""
    return below("T wave", "mV", _t(b, lead), -0.05, 0.02)


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
    """Inverted, flat or peaked."""
    return either(t_inverted(b, lead), t_flat(b, lead), t_peaked(b, lead))


def t_abnormal(b: Basis, lead: str) -> Opinion:
    """Changed where T should be upright; in aVR, III and V1 any T may be called so or not."""
    told = t_changed(b, lead)
    return told if lead in _T_LEADS or not told.known else replace(told, no=True)


def q_pathological(b: Basis, lead: str) -> Opinion:
    """As the criteria judge it, which ask for two leads of a wall: of one alone, or of one that is not the same in its beats, nothing is told."""
    m = b.lead(lead)
    if m is None or (m.r_mv is None and m.s_mv is None):
        return unknown("its QRS is not measured")
    low = qs_mv(m)
    if low is not None:
        here, said, own = q_is_pathological(m), f"QS, {low.value:.2f} mV", ("QS amplitude", low.value, "mV")
    elif m.q_mv is None or m.q_ms is None:
        return Opinion(False, True, "no Q wave")
    else:
        here, said = q_is_pathological(m), f"Q {m.q_ms.value:g} ms, {m.q_mv.value:.2f} mV"
        own = ("Q duration", m.q_ms.value, "ms")
        if q_unsteady(m):
            return unknown(f"{said}, not the same in its beats")
    if here and (doubt := q_in_doubt(m, b.m, b.segment)):
        return unknown(f"{said}, {doubt}")
    walls = [[b.lead(name) for name in wall] for wall in WALLS.values() if lead in wall]
    if here and all(sum(one is not None and _has_q(one, b) for one in wall) < 2 for wall in walls):
        return unknown(f"{said}, in no other lead of its wall")
    return Opinion(here, not here, said, *own)


def _has_q(m: LeadMeasurements, b: Basis) -> bool:
    return q_is_pathological(m) and not q_in_doubt(m, b.m, b.segment)


def q_there(b: Basis, lead: str) -> Opinion:
    """Any Q wave."""
    if b.lead(lead) is None or (b.mv(lead, "r_mv") is None and b.mv(lead, "s_mv") is None):
        return unknown("its QRS is not measured")
    deep, m = b.mv(lead, "q_mv"), b.lead(lead)
    if m is not None and (low := qs_mv(m)) is not None:
        return Opinion(True, False, f"QS, {low.value:.2f} mV")
    return Opinion(deep is not None, deep is None or deep > -0.06, "no Q wave" if deep is None else f"Q {deep:.2f} mV")


def s_there(b: Basis, lead: str) -> Opinion:
    """Any S wave."""
    if b.lead(lead) is None or (b.mv(lead, "r_mv") is None and b.mv(lead, "s_mv") is None):
        return unknown("its QRS is not measured")
    deep = b.mv(lead, "s_mv")
    return Opinion(deep is not None, deep is None or deep > -0.06, "no S wave" if deep is None else f"S {deep:.2f} mV")


def p_upright(b: Basis, lead: str) -> Opinion:
    """P above the baseline."""
    return both(rhythm.p_waves(b), above("P wave", "mV", b.mv(lead, "p_mv"), 0.02, 0.015))


def p_inverted(b: Basis, lead: str) -> Opinion:
    """P below the baseline."""
    return both(rhythm.p_waves(b), below("P wave", "mV", b.mv(lead, "p_mv"), -0.02, 0.015))


def qrs_positive(b: Basis, lead: str) -> Opinion:
    """Net area above the baseline; R larger than Q and S where the area is not known."""
    return above(*_net(b, lead))


def qrs_negative(b: Basis, lead: str) -> Opinion:
    """Net area below the baseline; Q or S larger than R where the area is not known."""
    return below(*_net(b, lead))


def _net(b: Basis, lead: str) -> tuple[str, str, float | None, float, float]:
    area, r = b.mv(lead, "qrs_area_mvms"), b.mv(lead, "r_mv")
    if area is not None:
        return "QRS area", "mV.ms", area, 0.0, 3.0
    down = [abs(v) for f in ("q_mv", "s_mv") if (v := b.mv(lead, f)) is not None]
    return "R less Q or S", "mV", None if r is None and not down else (r or 0.0) - max(down, default=0.0), 0.0, 0.05


def terminal_r(b: Basis, lead: str) -> Opinion:
    """The second R of a right bundle branch block, seen from V1 and V2."""
    return _terminal(b, lead, ("V1", "V2"), ("I", "aVL", "V5", "V6"))


def terminal_s(b: Basis, lead: str) -> Opinion:
    """The late S of a right bundle branch block, seen from the left."""
    return _terminal(b, lead, ("I", "aVL", "V5", "V6"), ("V1",))


def _terminal(b: Basis, lead: str, seen: tuple[str, ...], hidden: tuple[str, ...]) -> Opinion:
    if not b.has("59118001") or lead not in (*seen, *hidden):
        return unknown("how a QRS ends is not measured")
    return Opinion(lead in seen, lead in hidden, "right bundle branch block")


def notched_r(b: Basis, lead: str) -> Opinion:
    """The broken R of a left bundle branch block, seen from the left."""
    if not b.has("164909002") or lead not in ("I", "aVL", "V5", "V6"):
        return unknown("notches are not measured")
    return Opinion(True, False, "left bundle branch block")


def _largest(field: str, row: bool) -> Callable[[Basis, str], Opinion]:
    """Whether a wave is largest in a lead, among all leads or those of its row; as near to the largest as can be told, both hold."""

    def of(b: Basis, lead: str) -> Opinion:
        others: tuple[str, ...] = (LIMB if lead in LIMB else CHEST) if row else LEADS
        if field == "s_mv" and lead != "aVR":
            others = tuple(name for name in others if name != "aVR")  # whose QRS points down anyway
        sizes = {name: abs(v) for name in others if (v := b.mv(name, field)) is not None}
        if lead not in sizes or len(sizes) < 2:
            return unknown("this wave is not measured in enough leads")
        top = max(sizes, key=lambda name: sizes[name])
        near = max(0.05, 0.1 * sizes[top])
        why = f"{sizes[lead]:.2f} mV, largest in {top}: {sizes[top]:.2f} mV"
        return Opinion(sizes[lead] >= sizes[top] - near, lead != top, why, "amplitude", sizes[lead], "mV")

    return of


def _deepest_t(b: Basis, lead: str) -> Opinion:
    """Whether T is lowest in a lead, but for aVR, in which it points down anyway."""
    found = {name: v for name in _NOT_AVR if (v := _t(b, name)) is not None}
    if lead not in found or len(found) < 2:
        return unknown("T is not measured in enough leads")
    low = min(found, key=lambda name: found[name])
    near = max(0.05, 0.1 * abs(found[low]))
    why = f"{found[lead]:.2f} mV, lowest in {low}: {found[low]:.2f} mV"
    return Opinion(found[lead] <= found[low] + near, lead != low, why, "amplitude", found[lead], "mV")


# walls ------------------------------------------------------------------------------------------------------------


def of_any_wall(b: Basis, name: str) -> Opinion:
    """ST elevation, ST depression or pathological Q waves of which no lead is named: what the criteria find, in two leads of a wall, and nothing else."""
    found, withheld = b.criteria
    told = next((f for f in found if f.name.startswith(OF_ANY_WALL[name])), None)
    if told is not None:
        return Opinion(True, False, told.text)
    blank = next((w for w in withheld if w.name.endswith((Q_WAVES, "ST segment"))), None)
    return unknown(blank.reason) if blank is not None else Opinion(False, True, "no two leads of a wall show it")


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
    return acute if acute.no and not acute.yes else unknown("an ECG alone does not show it")


def infarct(b: Basis, leads: Sequence[str], loose: bool) -> Opinion:
    """Pathological Q waves, or ST elevation, in two leads of a wall."""
    if (blank := _judged(b)) is not None:
        return blank
    marks = [over_leads(b, wall, True, wall, of) for wall in _walls(leads) for of in (q_pathological, st_up)]
    told = either(*marks)
    asked = [one for wall in _walls(leads) for name in wall if (one := b.lead(name)) is not None]
    doubtful = next((one for one in asked if q_is_pathological(one) and q_in_doubt(one, b.m, b.segment)), None)
    found = OF_ANY_WALL["pathological Q waves"]
    if not told.yes and (marked := next((f for f in b.criteria[0] if f.name.startswith(found)), None)):
        return unknown(f"it is not settled by what is told: {marked.text.rstrip('.')}")
    return told if told.yes or doubtful is None else unknown(f"{doubtful.lead}: {q_pathological(b, doubtful.lead).why}")


def ischaemia(b: Basis, leads: Sequence[str], loose: bool) -> Opinion:
    """ST depression, T inversion or ST elevation in two leads."""
    if (blank := _judged(b)) is not None:
        return blank
    chosen = [lead for lead in (leads or LEADS) if lead != "aVR" and (lead in _T_LEADS or lead in leads)]
    return either(over_leads(b, chosen, True, chosen, t_inverted), acute_ischaemia(b, leads, loose))


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
LOCAL = {
    "ST elevation": (_NOT_AVR, st_up, True), "ST depression": (_NOT_AVR, st_down, True), "ST deviation": (_NOT_AVR, st_off, True),
    "isoelectric ST": (_NOT_AVR, st_level, False), "T wave inversion": (_T_LEADS, t_inverted, True),
    "upright T waves": (_T_LEADS, t_upright, False), "flat T waves": (_T_LEADS, t_flat, True), "normal T waves": (_T_LEADS, t_normal, False),
    "peaked T waves": (_T_LEADS, t_peaked, True), "T wave changes": (_T_LEADS, t_abnormal, True),
    "pathological Q waves": (_NOT_AVR, q_pathological, True), "Q waves": (_NOT_AVR, q_there, True), "S waves": ((), s_there, False),
    "upright P waves": (("II",), p_upright, False), "inverted P waves": (("II",), p_inverted, True),
    "equal R and S": ((), voltage.equal_waves, True), "notched R": (("V6",), notched_r, True),
    "terminal R": (("V1",), terminal_r, True), "terminal S": (("V6",), terminal_s, True),
    "positive QRS": ((), qrs_positive, False), "negative QRS": ((), qrs_negative, True),
    "deepest T": ((), _deepest_t, True), **{f"largest {w}": ((), _largest(f"{w.lower()}_mv", False), True) for w in "RSTQP"},
    **{f"largest {w} of its row": ((), _largest(f"{w.lower()}_mv", True), True) for w in "RSTQP"},
}  # fmt: skip
"""Findings of leads: those looked at where none is named, the opinion on one lead, and whether it is an abnormality."""
