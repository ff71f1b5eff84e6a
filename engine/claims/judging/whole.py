"""Findings of the whole segment: conduction, axis, QT, and whether the ECG is normal."""

from __future__ import annotations

from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.judging.av_conduction import INTERVAL, dropped, high_av_block, is_without_p, long_pr, normal_pr
from engine.claims.judging.opinion import Opinion, above, below, both, denied, either, unknown
from engine.criteria.conduction import AXIS_NAME, RIGHT
from engine.criteria.fascicle import ANTERIOR
from engine.criteria.lead_set import NOT_TOLD
from stream.measurement import Quality

LEAST_INCOMPLETE, MOST_INCOMPLETE, SECOND_R_MV = 97.0, 123.0, 0.05
"""Width of an incomplete bundle branch block, ms, with the margin; height of a second R from which on one is there (our own limit)."""
WIDTH, QT, DEGREES = 3.0, 10.0, 3.0
"""Margins around a limit within which a finding may be said and denied, ms and degrees."""
LEFT = "164909002"
"""Left bundle branch block, as the criteria find it."""
NORMAL = "164854000"
"""Normal ECG, as the criteria find it."""
_SINUS = {"426783006", "427084000", "426177001", "364075005", NORMAL}


# conduction -------------------------------------------------------------------------------------------------------


PLAIN_MS = 20.0
"""From 120 ms, beyond which a width is wide or narrow whatever its beats differ by: what a width of few leads is wrong by at most (docs/claims.md)."""


def _width(b: Basis) -> float | None:
    """QRS duration; where it is withheld as one of few leads whose beats differ, only one far from 120 ms."""
    held = next((one.reason for one in b.criteria[1] if one.name == "QRS duration"), "")
    if not held.startswith(NOT_TOLD) or b.m.qrs_ms is None:
        return b.qrs_ms
    far = abs(b.m.qrs_ms.value - 120.0) >= max(PLAIN_MS, 2.0 * b.m.qrs_ms.spread)
    return b.m.qrs_ms.value if far else None


def wide(b: Basis) -> Opinion:
    """QRS of 120 ms and more; 110 ms may be called widened."""
    o = above("QRS duration", "ms", _width(b), 120.0, WIDTH)
    return o if not o.known or o.value is None else Opinion(o.value >= 112.0, o.no, o.why, o.measure, o.value, o.unit)


def narrow(b: Basis) -> Opinion:
    """QRS below 120 ms, without any margin; not said where the criteria find a bundle branch block."""
    width = _width(b)
    told = below("QRS duration", "ms", width, 120.0, WIDTH)
    beyond = (width or 0.0) >= 120.0 or b.has(RIGHT[0]) or b.has(LEFT)
    return replace(told, yes=False, no=told.known) if beyond else told


def _block(code: str, b: Basis) -> Opinion:
    width = above("QRS duration", "ms", b.qrs_ms, 120.0, WIDTH)
    if b.has(code):
        return Opinion(True, False, width.why, width.measure, width.value, width.unit)
    held = next((w.reason for w in b.criteria[1] if w.name.startswith("kind of") or w.name == "QRS duration"), "")
    if not width.known or (width.yes and held):
        return unknown(held or width.why)
    return Opinion(
        False,
        True,
        width.why if width.no else "the shape in V1 and V6 is another",
        width.measure,
        width.value,
        width.unit,
    )


def right_block(b: Basis) -> Opinion:
    """By width and the shape in V1 and V6."""
    return _block(RIGHT[0], b)


def left_block(b: Basis) -> Opinion:
    """By width and the shape in V1 and V6."""
    return _block(LEFT, b)


def any_block(b: Basis) -> Opinion:
    """A bundle branch block of either side."""
    return either(right_block(b), left_block(b))


def incomplete_left_block(b: Basis) -> Opinion:
    """Denied outside 100 to 120 ms; its shape is not measured."""
    width = b.qrs_ms
    if width is None:
        return unknown("the QRS is not measured")
    if LEAST_INCOMPLETE <= width <= MOST_INCOMPLETE:
        return unknown("its shape is not measured")
    return Opinion(False, True, f"QRS duration {width:g} ms", "QRS duration", width, "ms")


def incomplete_right_block(b: Basis) -> Opinion:
    """By 100 to 120 ms and a second R in V1; a narrower QRS with one is neither, for many call that so too."""
    width, second = b.qrs_ms, b.second_r_mv
    if width is None:
        return unknown("the QRS is not measured")
    said = f"QRS duration {width:g} ms"
    if b.has(RIGHT[0]):
        return Opinion(False, True, f"{said}, and the block is complete", "QRS duration", width, "ms")
    if second is not None and second >= SECOND_R_MV and width <= MOST_INCOMPLETE:
        why = f"{said}, a second R of {second:.2f} mV in V1"
        return Opinion(True, False, why, "QRS duration", width, "ms") if width >= LEAST_INCOMPLETE else unknown(why)
    if LEAST_INCOMPLETE <= width <= MOST_INCOMPLETE:
        return unknown("no second R is seen in V1" if second is not None else "an r' is not measured")
    return Opinion(False, True, said, "QRS duration", width, "ms")


def incomplete_open(b: Basis) -> bool:
    """Whether an incomplete bundle branch block may be there, so that only a complete one is denied: 100 ms and more, or a second R in V1."""
    second = b.second_r_mv
    return (b.qrs_ms or 0.0) >= 99.5 or (second is not None and second >= SECOND_R_MV)


def conduction_delay(b: Basis) -> Opinion:
    """QRS above 110 ms."""
    return above("QRS duration", "ms", b.qrs_ms, 115.0, INTERVAL)


def normal_conduction(b: Basis) -> Opinion:
    """A narrow QRS, no long PR and no beat that is dropped."""
    if dropped(b):
        return denied(high_av_block(b))
    return both(narrow(b), denied(long_pr(b))) if b.m.pr_ms is not None else narrow(b)


def disturbed_conduction(b: Basis) -> Opinion:
    """Not normal, or a left anterior fascicular or incomplete right bundle branch block; not denied while the axis, or a second R in V1, may be that of one."""
    told = denied(normal_conduction(b))
    if not told.yes and (narrower := _narrow_block(b)) is not None:
        return narrower
    if not told.yes and b.m.pr_ms is None and not is_without_p(b):
        return unknown("the PR interval is not known")
    unnamed = next((one.reason for one in b.criteria[1] if one.name == AXIS_NAME), "")
    deg, spread = b.m.axis_deg, b.m.axis_spread_deg
    if told.yes or not unnamed or deg is None or spread is None:
        return told
    return unknown(unnamed) if deg - spread <= -45.0 and deg + spread >= -90.0 else told


def _narrow_block(b: Basis) -> Opinion | None:
    """What is known of a block that leaves the QRS narrow; None where nothing speaks for one."""
    if (b.second_r_mv or 0.0) >= SECOND_R_MV:
        return incomplete_right_block(b)
    if any(one.name in ("axis", AXIS_NAME) for one in b.criteria[1]):
        return None
    fascicle = anterior_fascicle(b)
    return None if fascicle.no and not fascicle.yes else fascicle


def preexcitation(b: Basis) -> Opinion:
    """Denied of a normal PR or a QRS below 110 ms: its delta wave shortens the one and widens the other."""
    against = either(normal_pr(b), below("QRS duration", "ms", b.qrs_ms, 110.0, 0.0))
    return Opinion(False, True, against.why) if against.yes else unknown("a delta wave is not measured")


def artefact(b: Basis) -> Opinion:
    """A lead whose quality is not good."""
    bad = [lead.lead for lead in b.m.leads if lead.quality is not Quality.GOOD]
    return Opinion(bool(bad), not bad, f"not good: {', '.join(bad)}" if bad else "every lead is of good quality")


def other_intervals(b: Basis) -> Opinion:
    """Those that a text does not call abnormal: at most one of PR, QRS and QT is."""
    told = [o for o in (normal_pr(b), narrow(b), normal_qt(b)) if o.known]
    good = [o for o in told if o.yes]
    return Opinion(len(good) >= 2, len(good) < len(told), "; ".join(o.why for o in told))


# axis, QT ---------------------------------------------------------------------------------------------------------


def axis_within(b: Basis, low: float, high: float) -> Opinion:
    deg = b.m.axis_deg
    if deg is None:
        return unknown("leads I and aVF are not both measured")
    wide_, tight = (low - m <= deg <= high + m for m in (DEGREES, -DEGREES))
    return Opinion(wide_, not tight, f"axis {deg:g} deg", "QRS axis", deg, "deg")


def normal_axis(b: Basis) -> Opinion:
    """-30 to 90 degrees."""
    return axis_within(b, -30.0, 90.0)


def left_axis(b: Basis) -> Opinion:
    """-30 to -90 degrees."""
    return axis_within(b, -93.0, -30.0)


def right_axis(b: Basis) -> Opinion:
    """90 to 180 degrees."""
    return axis_within(b, 90.0, 183.0)


def extreme_axis(b: Basis) -> Opinion:
    """-90 to -180 degrees, which is 180."""
    return either(axis_within(b, -183.0, -90.0), axis_within(b, 180.0, 183.0))


def leftward(b: Basis) -> Opinion:
    """Up to 10 degrees: turned to the left and not necessarily a deviation."""
    return axis_within(b, -93.0, 10.0)


def rightward(b: Basis) -> Opinion:
    """75 to 180 degrees: turned to the right and not necessarily a deviation."""
    return axis_within(b, 75.0, 183.0)


def down_left(b: Basis) -> Opinion:
    """0 to 90 degrees, where the axis of most hearts points."""
    return axis_within(b, 0.0, 90.0)


def axis_deviation(b: Basis) -> Opinion:
    """Outside the normal."""
    return denied(normal_axis(b))


def anterior_fascicle(b: Basis) -> Opinion:
    """Axis of -45 degrees and beyond with a narrow QRS (AHA/ACCF/HRS 2009); denied of an axis that is not left. What the criteria find or withhold of it stands."""
    deg = b.m.axis_deg
    if held := next((one.reason for one in b.criteria[1] if one.name == ANTERIOR[1].lower()), ""):
        return unknown(held)
    if deg is None:
        return unknown("leads I and aVF are not both measured")
    if deg > -30.0 or deg < -100.0:
        return Opinion(False, True, f"axis {deg:g} deg", "QRS axis", deg, "deg")
    if deg > -42.0:
        return unknown("its axis lies near the limit")
    return Opinion(True, deg > -45.0, f"axis {deg:g} deg", "QRS axis", deg, "deg")


def posterior_fascicle(b: Basis) -> Opinion:
    """Denied of an axis that is not right."""
    deg = b.m.axis_deg
    return (
        Opinion(False, True, f"axis {deg:g} deg", "QRS axis", deg, "deg")
        if deg is not None and -90 < deg < 87.0
        else unknown("other causes cannot be excluded")
    )


def bifascicular(b: Basis) -> Opinion:
    """Right bundle branch block with a left axis."""
    return both(right_block(b), either(anterior_fascicle(b), right_axis(b)))


def _qtc(b: Basis) -> list[float]:
    return [v for v in (b.m.qtc_bazett_ms, b.m.qtc_fridericia_ms) if v is not None]


def long_qt(b: Basis) -> Opinion:
    """QTc above 450 (men) or 460 ms (women), by Bazett or Fridericia (AHA/ACCF/HRS 2009)."""
    values = _qtc(b)
    if not values:
        return unknown("QT is not known")
    return Opinion(max(values) >= 450.0, min(values) <= 460.0 + QT, f"QTc {values[-1]:g} ms", "QTc", values[-1], "ms")


def short_qt(b: Basis) -> Opinion:
    """QTc below 350 ms."""
    values = _qtc(b)
    if not values:
        return unknown("QT is not known")
    return Opinion(
        min(values) <= 350.0 + QT, max(values) >= 350.0 - QT, f"QTc {values[-1]:g} ms", "QTc", values[-1], "ms"
    )


def normal_qt(b: Basis) -> Opinion:
    """Neither long nor short."""
    return both(denied(long_qt(b)), denied(short_qt(b)))


# the whole --------------------------------------------------------------------------------------------------------


def normal_ecg(b: Basis) -> Opinion:
    """Sinus rhythm of normal rate, twelve leads, nothing else found and nothing withheld."""
    found, withheld = b.criteria
    wrong = [f.name for f in found if f.code not in _SINUS or f.code in ("427084000", "426177001")]
    if wrong:
        return Opinion(False, True, f"the criteria find {', '.join(wrong[:3])}")
    if any(w.name in ("rhythm", "rate and rhythm") for w in withheld) or len(b.measured) < 12 or withheld:
        return unknown("not everything could be judged that a normal ECG needs")
    if not b.has(NORMAL):
        return unknown("a normal ECG needs twelve leads up to 150 Hz, sinus rhythm and no red or yellow alarm")
    return Opinion(True, False, "no criterion finds anything")


def otherwise_normal(b: Basis) -> Opinion:
    """Nothing but a rate or rhythm that is told beside it: at most one such finding, and nothing grave."""
    slight = {"427084000", "426177001", "427393009", "270492004", "39732003", "284470004", "164873001"}
    found, withheld = b.criteria
    more = [f for f in found if f.code not in _SINUS]
    wrong = [f.name for f in more if f.code not in slight]
    if wrong or len(more) > 1:
        return Opinion(False, True, f"the criteria find {', '.join(f.name for f in more[:3])}")
    open_ = ("QRS duration", "ST segment", "Q waves", "chest leads")
    if any(w.name.endswith(open_) for w in withheld) or len(b.measured) < 12:
        return unknown("not everything could be judged that a normal ECG needs")
    return Opinion(True, False, "no criterion finds anything else")


def abnormal_ecg(b: Basis) -> Opinion:
    """Anything found but sinus rhythm of normal rate."""
    return denied(normal_ecg(b))


def borderline_ecg(b: Basis) -> Opinion:
    """At most two findings, no block, ischaemia or infarct among them."""
    grave = {"164931005", "164909002", "59118001", "164917005", "164889003", "429622005"}
    codes = [f.code for f in b.criteria[0] if f.code not in ("426783006", "364075005")]
    yes = len(codes) <= 2 and not grave & set(codes)
    return Opinion(yes, not yes, f"the criteria make {len(codes)} findings")
