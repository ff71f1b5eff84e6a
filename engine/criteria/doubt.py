"""What is in doubt by the measurements themselves: an axis near a limit, leads that disagree about the QRS, the gain, the place of the arm leads.

Each gives the reason in words, and nothing where there is no doubt, or where nobody measured what tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from statistics import median

import numpy as np

from ingest.frame import CHEST, LEADS
from stream.measurement import Estimate, LeadMeasurements, Measurements, Quality
from stream.trigger import MODEL_SAMPLES, Segment

AXIS_LIMITS_DEG = (-90.0, -30.0, 90.0, 180.0)
"""Between which the frontal axis is left, normal, right and, beyond, extreme (Surawicz 2009, J Am Coll Cardiol 53, 976-981)."""
_BESIDE = {-90.0: "left or extreme", 180.0: "right or extreme"}
"""What an axis near a limit is that has no normal side."""
WIDE_MS, WIDER_MS = 120.0, 25.0
"""A lead has a wide QRS from there on, and disagrees with one that is narrow over all leads where it is wider by so much: our own limit, above the
12 ms to either side by which the edges of one lead may lie beyond those of all."""
LEAST_MV, LEAST_BEATS, STEADY_MS = 0.5, 3, 12.0
"""Of a lead that tells a width by itself: the size of its QRS, its beats, and half the spread of its width between the quartiles (our own limits)."""
AREA_SHARE = 0.05
"""Of the height of a QRS times its width: by so much the edges and the PR level may move its net area (our own limit)."""
LEAST_LEADS = 3
"""So many leads against all together make a doubt; of V1, where a right bundle branch block ends, one does."""


def axis_spans(m: Measurements) -> str:
    """Why the axis has no name: a limit lies within its spread."""
    deg, spread = m.axis_deg, m.axis_spread_deg
    if deg is None or spread is None:
        return ""
    near = [limit for limit in AXIS_LIMITS_DEG if abs((deg - limit + 180.0) % 360.0 - 180.0) < spread]
    if not near:
        return ""
    limits = " and ".join(f"{limit:.0f}" for limit in near)
    sides = f"is {_BESIDE[near[0]]}: it " if len(near) == 1 and near[0] in _BESIDE else ""
    return f"the axis of {deg:.0f} degrees (spread {spread:.0f}) {sides}is not told apart from the limit of {limits}"


def areas_cancel(m: Measurements) -> str:
    """Why the axis is not known: R and S cancel each other in I and in aVF, so that what is left of their areas is within their error."""
    width = m.qrs_ms
    both = [one for one in m.leads if one.lead in ("I", "aVF") and one.qrs_area_mvms is not None]
    if width is None or len(both) < 2:
        return ""
    left = {one.lead: abs(one.qrs_area_mvms.value) for one in both if one.qrs_area_mvms is not None}
    error = {one.lead: AREA_SHARE * height_mv(one) * width.value for one in both}
    if any(left[lead] >= error[lead] for lead in left):
        return ""
    return "R and S cancel each other in I and aVF: their net areas are within their error"


def leads_disagree(m: Measurements) -> str:
    """Why the QRS is not told though it was measured: over all leads it is narrow and in good ones of its leads wide, or it is wide and in none of those that tell a width."""
    qrs = m.qrs_ms
    if qrs is None:
        return ""
    told = {one.lead: one.qrs_ms.value for one in m.leads if one.qrs_ms is not None and _tells_width(one, one.qrs_ms)}
    if qrs.value >= WIDE_MS:
        loose = [
            one.lead
            for one in m.leads
            if one.lead not in told and one.qrs_ms is not None and one.qrs_ms.value >= WIDE_MS
        ]
        return _narrow_alone(told, qrs.value) if len(loose) >= LEAST_LEADS else ""
    wide = {lead: ms for lead, ms in told.items() if ms >= max(WIDE_MS, qrs.value + WIDER_MS)}
    if "V1" not in wide and len(wide) < LEAST_LEADS:
        return ""
    return _differ("V1" if "V1" in wide else max(wide, key=lambda name: wide[name]), told, qrs.value)


def _narrow_alone(told: dict[str, float], all_ms: float) -> str:
    """Why a wide QRS is not told: leads that are the same from beat to beat are narrow, and what makes it wide are others, whose noise passes for its edges."""
    narrow = {lead: ms for lead, ms in told.items() if ms < min(WIDE_MS, all_ms - WIDER_MS)}
    if len(narrow) < LEAST_LEADS or any(ms >= WIDE_MS for ms in told.values()):
        return ""
    return _differ(max(narrow, key=lambda name: narrow[name]), told, all_ms)


def _differ(lead: str, told: dict[str, float], all_ms: float) -> str:
    return f"the leads disagree, for it is {told[lead]:.0f} ms in {lead} and {all_ms:.0f} ms over all"


def _tells_width(one: LeadMeasurements, width: Estimate) -> bool:
    """Whether a lead tells a width by itself: it is good, its QRS large enough, and its width the same from beat to beat."""
    if one.quality is not Quality.GOOD or height_mv(one) < LEAST_MV:
        return False
    return width.beats >= LEAST_BEATS and width.spread <= STEADY_MS


def height_mv(one: LeadMeasurements) -> float:
    """From the deepest to the highest point of the QRS of one lead, mV; 0 where it has none."""
    top = one.r_mv.value if one.r_mv is not None else 0.0
    return top - min((e.value for e in (one.q_mv, one.s_mv) if e is not None), default=0.0)


FAST = 130.0
"""Rate from which on P waves lie on T waves, and other rhythms than that of the sinus are as likely."""
P_MV, P_SPREAD, P_PR_MS, P_BEATS = 0.1, 0.33, 20.0, 0.75
"""A wave before the beats that is no noise: a millimetre of paper, by this share of it and so far in its distance it differs between the quartiles of the beats, in
this share of them (our own limits: one of 37 records labelled fibrillation or flutter in which no P waves are seen has one, of 66 others 14)."""


def p_in_few(m: Measurements) -> str:
    """Why it is not known whether P waves precede the beats, though too few leads agree on one: a lead by itself shows a wave at one distance."""
    if m.p_wave_present is not False or m.rate_bpm is None or m.rate_bpm.value >= FAST:
        return ""
    least = max(LEAST_BEATS, P_BEATS * len(m.by_beat))
    seen = [one for one in m.leads if one.quality is Quality.GOOD and _has_p(one, least)]
    if not seen:
        return ""
    most = max(seen, key=lambda one: abs(one.p_mv.value) if one.p_mv is not None else 0.0)
    assert most.p_mv is not None
    assert most.pr_ms is not None
    return (
        f"a wave of {most.p_mv.value:.2f} mV begins {most.pr_ms.value:.0f} ms before the QRS in {most.lead}, "
        "and too few leads agree on it: whether it is a P wave is not told"
    )


def _has_p(one: LeadMeasurements, least: float) -> bool:
    p, pr = one.p_mv, one.pr_ms
    if p is None or pr is None or p.beats < least or pr.spread > P_PR_MS:
        return False
    return abs(p.value) >= P_MV and p.spread <= P_SPREAD * abs(p.value)


P_DOWN_MV = -0.05
"""P of II from which on it points down: half a millimetre (our own limit)."""


def p_down(m: Measurements) -> str:
    """Why P waves before the beats need not be those of the sinus node: they point down in II, in which those of the sinus node point up (Surawicz 2009). Empty else."""
    p = next((one.p_mv for one in m.leads if one.lead == "II"), None)
    if p is None or p.value > P_DOWN_MV or p.beats < LEAST_BEATS:
        return ""
    return f"P points down in II ({p.value:.2f} mV): the beats may begin low in the atria or near the AV node, or electrodes be exchanged"


# the recording ----------------------------------------------------------------------------------------------------

GAIN = "the gain of the recording is in doubt"
TALL_MV, TALL_MIDDLE_MV = 10.0, 5.0
"""No heart gives more in one lead, or in the middle one of its leads (IEC 60601-2-27 has 0.5 to 5 mV for the QRS of an adult; ours are beyond 614 of 616 records)."""
SMALL_MV, SMALL_FEW_MV, CHEST_LEADS = 0.4, 0.1, 4
"""No heart gives less in the largest one of twelve leads, below low voltage in all of them; and in few leads, where fewer than so many are chest leads."""
_LATERAL = ("V6", "V5")
TURNED_MVMS, TURNED_P_MV, TURNED_T_MV = 1.0, 0.03, 0.05
"""Net area of the QRS and heights of P and T from which on they point up or down (our own limits; `axis` is not told below the same area)."""


WINDOW = 1000
"""Samples in which a heart beats at least once: the size of a signal of which no QRS is measured is the median over such windows."""


class Turned(StrEnum):
    """Why lead I may look like its own mirror image."""

    NO = ""
    ARMS = "the arm leads may be exchanged"
    HEART = "the heart may lie to the right"
    EITHER = "the arm leads may be exchanged, or the heart lie to the right"


def gain_doubt(m: Measurements) -> str:
    """Why no amplitude is told: every QRS is larger or smaller than a heart can make it."""
    heights = {one.lead: height_mv(one) for one in m.leads if one.qrs_area_mvms is not None}
    if not heights:
        return ""
    lead = max(heights, key=lambda name: heights[name])
    most, middle = heights[lead], median(heights.values())
    least = SMALL_MV if sum(name in CHEST for name in heights) >= CHEST_LEADS else SMALL_FEW_MV
    if most > TALL_MV or middle > TALL_MIDDLE_MV:
        return f"the QRS is {most:.0f} mV high in {lead}, more than a heart gives: {GAIN}"
    if most < least:
        return f"the QRS is {most:.2g} mV high in {lead} and lower in all others, less than a heart gives: {GAIN}"
    return ""


def signal_doubt(segment: Segment) -> str:
    """The same of a signal in which no QRS could be measured, by its size alone; of one without any size nothing is said."""
    if segment.signal_mv.shape[1] != MODEL_SAMPLES or not segment.measured:
        return ""
    rows = [LEADS.index(lead) for lead in segment.measured]
    parts = segment.signal_mv[rows].reshape(len(rows), -1, WINDOW)
    sizes = np.median(np.ptp(parts, axis=2), axis=1)
    most, middle = float(np.max(sizes)), float(np.median(sizes))
    if middle > TALL_MV:
        return f"the signal is {middle:.0f} mV high, more than a heart gives: {GAIN}"
    few = sum(lead in CHEST for lead in segment.measured) < CHEST_LEADS
    if 0.0 < most < (SMALL_FEW_MV if few else SMALL_MV):
        return f"the signal is {most:.2g} mV high at most, less than a heart gives: {GAIN}, or nothing is connected"
    return ""


def turned(m: Measurements) -> Turned:
    """Whether P and QRS point down in I, and T with them or QRS up in aVR, which sinus rhythm does not do, or I is V6 upside down; and by the chest leads, why.

    With exchanged arm leads the chest leads are as usual: R grows from V1 to the left. In dextrocardia it does not.
    """
    leads = {one.lead: one for one in m.leads}
    one, right = leads.get("I"), leads.get("aVR")
    if one is None or right is None:
        return Turned.NO
    if _against(one, right, leads.get("V6"), bool(m.p_wave_present)):
        return _turned_to(leads)
    if not m.p_wave_present:
        return Turned.NO
    down = _points(one.qrs_area_mvms, TURNED_MVMS) < 0 and _points(one.p_mv, TURNED_P_MV) < 0
    up = _points(right.qrs_area_mvms, TURNED_MVMS) > 0 and right.p_mv is not None and right.p_mv.value > 0
    if not (down and (up or _points(one.t_mv, TURNED_T_MV) < 0)) and not _mirrors(one, leads.get("V6")):
        return Turned.NO
    return _turned_to(leads)


def _turned_to(leads: Mapping[str, LeadMeasurements]) -> Turned:
    """Of a lead I that may be its mirror image: why, by the chest leads."""
    first = leads.get("V1")
    left = next((leads[name] for name in _LATERAL if name in leads and leads[name].qrs_area_mvms is not None), None)
    if first is None or left is None or left.qrs_area_mvms is None:
        return Turned.EITHER
    grows = left.r_mv is not None and (first.r_mv is None or left.r_mv.value > first.r_mv.value)
    return Turned.ARMS if grows and left.qrs_area_mvms.value > 0 else Turned.HEART


def _mirrors(one: LeadMeasurements, six: LeadMeasurements | None) -> bool:
    """Whether QRS and T point down in I and up in V6, which look at the heart from the same side, and P of I points down, by however little.

    Of 539 records with P waves none has it; arm leads that are exchanged in their measurements are told of 86 % with it, and of 84 % without.
    """
    if six is None or one.p_mv is None or one.p_mv.value >= 0.0:
        return False
    down = _points(one.qrs_area_mvms, TURNED_MVMS) < 0 and _points(one.t_mv, TURNED_T_MV) < 0
    return down and _points(six.qrs_area_mvms, TURNED_MVMS) > 0 and _points(six.t_mv, TURNED_T_MV) > 0


def _against(one: LeadMeasurements, right: LeadMeasurements, six: LeadMeasurements | None, has_p: bool) -> bool:
    """Whether QRS points down in I and up in V6, and T likewise, or, where QRS points up in aVR, the other way round or in I neither; and P of I down, where there is one.

    Of 600 records of PTB-XL, CinC 2021 and LUDB none has it; arm leads exchanged in the measurements of the 76 without P waves are told of 45.
    """
    if six is None or (has_p and (one.p_mv is None or one.p_mv.value >= 0.0)):
        return False
    if _points(one.qrs_area_mvms, TURNED_MVMS) >= 0 or _points(six.qrs_area_mvms, TURNED_MVMS) <= 0:
        return False
    t, beside = _points(one.t_mv, TURNED_T_MV), _points(six.t_mv, TURNED_T_MV)
    if t < 0:
        return beside >= 0
    if _points(right.qrs_area_mvms, TURNED_MVMS) <= 0:
        return False
    return beside >= 0 if t == 0 else six.t_mv is not None and six.t_mv.value < 0.0


def _points(one: Estimate | None, least: float) -> int:
    """1 up, -1 down, 0 neither: by at least so much, and in three beats of four."""
    if one is None or one.beats < LEAST_BEATS or abs(one.value) < max(least, one.spread):
        return 0
    return 1 if one.value > 0 else -1
