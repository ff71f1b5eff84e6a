"""Axis, PR, QRS and QT."""

from __future__ import annotations

from engine.criteria.case import NOT_CONDUCTED, STEADY_MS, WIDEST_MS, Case, show
from engine.criteria.doubt import (
    LEAST_BEATS,
    LEAST_LEADS,
    LEAST_MV,
    areas_cancel,
    axis_spans,
    height_mv,
    leads_disagree,
    p_down,
    p_in_few,
)
from engine.criteria.lead_set import PR_STEADY_MS, QT_STEADY_MS, untold_interval, untold_width
from engine.criteria.rhythm import IRREGULAR
from engine.interpretation import Evidence
from ingest.bed import Sex
from stream.atria import AvBlock
from stream.certainty import WIDTH_STEADY_MS, axis_unsure, edges_hidden, widened_ms
from stream.measurement import Estimate, Quality

_AHA_III = "Surawicz B et al., AHA/ACCF/HRS Recommendations Part III, J Am Coll Cardiol 2009;53:976-981"
AHA_IV = "Rautaharju PM et al., AHA/ACCF/HRS Recommendations Part IV, J Am Coll Cardiol 2009;53:982-991"


AF = "164889003"
AXIS_NAME = "axis deviation"
"""What is withheld of an axis of which the number is told."""
SECOND_DEGREE, THIRD_DEGREE = "195042002", "27885002"
"""AV block, as it is found."""
_GOLLOB = "Gollob MH, Redpath CJ, Roberts JD, J Am Coll Cardiol 2011;57:802-812"
_ACC = "Kusumoto FM et al., ACC/AHA/HRS Guideline on bradycardia, Circulation 2019;140:e382-e482"
PR_MS, PR_SURE_MS = 200.0, 10.0
"""PR above which an AV block of first degree begins, and by how much it must be beyond: the mean error that IEC 60601-2-51 allows for PR."""
SHORT_PR_MS, SHORT_PR = 120.0, "short PR interval"
"""PR below which it is short (Surawicz 2009), and what is withheld of it."""
FIRST_DEGREE = "first degree AV block"
"""What is withheld of a PR of which the number is told."""
QTC_SURE_MS = 15.0
"""Spread of QTc over the beats from which on it is told as long or short only where it is further from the limit than that (our own limit)."""
SHORT_MS = 350.0
"""QTc below which it is short: two points of the score of Gollob 2011. The AHA/ACCF/HRS Recommendations Part IV call 390 ms and less short, which many healthy hearts have."""
RIGHT = ("59118001", "Right bundle branch block")
RIGHT_R_MV, LATERAL_S_MV = 0.2, -0.1
"""R in V1 and S in a lateral lead that a right bundle branch block has at least (our own limits)."""
_DISSOCIATED = "regular P waves and regular, slower QRS without relation"
_DROPPED = "P waves of a regular train without a QRS"


def _steady(case: Case, name: str, interval: Estimate) -> bool:
    """Whether an interval is the same from beat to beat and rests on three of them; withholds it where it is not."""
    if interval.spread > STEADY_MS or interval.beats < 3:
        beats = "one beat" if interval.beats == 1 else f"{interval.beats} beats"
        found = f"{show(interval.value)} ms, spread {show(interval.spread)} ms over {beats}"
        case.withhold(name, f"it differs from beat to beat ({found})")
        return False
    return True


def _blurred(case: Case) -> str:
    """Why begin and end of the QRS cannot be relied on, on which QT and axis rest; empty where they can.

    A QRS that is wide and of another width from beat to beat is mostly one in noise; one that is steady and wider than a conducted beat can be is none of a conducted beat.
    """
    if hidden := edges_hidden(case.measurements):
        return hidden
    qrs = case.measurements.qrs_ms
    if qrs is None or qrs.value < 120:
        return ""
    if qrs.spread > STEADY_MS:
        return f"the QRS cannot be told from noise ({show(qrs.value)} ms, spread {show(qrs.spread)} ms)"
    return _too_wide(case, qrs) if qrs.value > WIDEST_MS else ""


def _too_wide(case: Case, qrs: Estimate) -> str:
    """Of what a QRS is that is steady, and wider than a conducted one can be: noise only where most leads are disturbed."""
    good = sum(one.quality is Quality.GOOD for one in case.measurements.leads)
    kinds = (
        "beats of the ventricles or paced ones" if 2 * good > len(case.measurements.leads) else "noise or paced beats"
    )
    return f"{show(qrs.value)} ms is wider than a conducted beat can be: {kinds}"


def axis(case: Case) -> None:
    """Frontal axis: -30 to 90 degrees is normal, left to -90, right to 180, extreme beyond -90; none of these where its spread reaches over a limit."""
    m = case.measurements
    deg, why = m.axis_deg, case.turned.value or case.own_unknown or _blurred(case) or axis_unsure(m) or areas_cancel(m)
    if deg is None or why:
        case.withhold("axis", why or "leads I and aVF are not both measured")
        return
    if why := axis_spans(m) or _by_late_forces(case, deg):
        case.withhold(AXIS_NAME, why)
        return
    # by the number as it is shown, here and below: a value that reads as its limit is within it
    if -30 <= round(deg) <= 90:
        return
    code, name, limit = "47665007", "Right axis deviation", 90.0
    if deg < 0:
        code, name, limit = "39732003", "Left axis deviation", -30.0
    if round(deg) < -90:
        code, name, limit = "251200008", "Extreme axis deviation", -90.0
    found = case.evidence(
        "frontal QRS axis", deg, "deg", limit=limit, criterion="outside -30 to 90 degrees", source=_AHA_III
    )
    case.say(code, name, f"{name}, {show(deg)} deg.", 0.7, found)


def _by_late_forces(case: Case, deg: float) -> str:
    """Why an axis to the right has no name: the end of a QRS with the shape of a right bundle branch block, which may be as wide as one, points there by the block alone."""
    qrs = case.measurements.qrs_ms
    if -90.0 <= deg <= 90.0 or qrs is None or not _right_shape(case):
        return ""
    if round(qrs.value) < 120 and not leads_disagree(case.measurements):
        return ""
    return f"the axis of {deg:.0f} degrees is that of the whole QRS, whose end a right bundle branch block turns to the right; that of its first part is not measured"


def atrioventricular(case: Case) -> None:
    """AV block of any degree, and short PR."""
    pr = case.measurements.pr_ms
    if case.paced:
        case.withhold("PR interval", "not judged in paced beats")
        return
    if case.own_unknown:
        case.withhold("PR interval", case.own_unknown)
        return
    if case.code not in NOT_CONDUCTED and not case.has(AF) and _blocked(case):
        return
    if not case.has(AF) and (hidden := edges_hidden(case.measurements)):
        case.withhold("PR interval", hidden)
        return
    if pr is None:
        few = p_in_few(case.measurements)
        if few or case.measurements.p_wave_present is not False:
            case.withhold("PR interval", few or "no PR interval can be measured")
        return
    if case.has(AF):
        case.withhold("PR interval", "there is no PR interval in atrial fibrillation")
        return
    if untold := untold_interval(case, "PR", pr, PR_STEADY_MS):
        case.withhold("PR interval", untold)
        return
    if not _steady(case, "PR interval", pr):
        return
    if PR_MS < round(pr.value) <= PR_MS + PR_SURE_MS:
        why = f"{show(pr.value)} ms is no further above {PR_MS:.0f} ms than a PR interval may be measured wrong ({PR_SURE_MS:.0f} ms)"
        case.withhold(FIRST_DEGREE, why)
    elif round(pr.value) > PR_MS:
        found = case.evidence("PR interval", pr, "ms", limit=PR_MS, criterion="PR > 200 ms", source=_AHA_III)
        case.say(
            "270492004", "First degree AV block", f"PR interval {show(pr.value)} ms: first degree AV block.", 0.8, found
        )
    elif round(pr.value) < 110 and (not case.held("rhythm") or p_down(case.measurements)):
        found = case.evidence("PR interval", pr, "ms", limit=110.0, criterion="PR < 110 ms", source=_AHA_III)
        case.say("49578007", "Shortened PR interval", f"Short PR interval {show(pr.value)} ms.", 0.6, found)
    elif round(pr.value) < SHORT_PR_MS and not case.held("rhythm"):
        why = f"{show(pr.value)} ms is no further below {SHORT_PR_MS:.0f} ms than a PR interval may be measured wrong ({PR_SURE_MS:.0f} ms)"
        case.withhold(SHORT_PR, why)


def _blocked(case: Case) -> bool:
    """Whether P waves go without QRS: AV block of second or third degree, told with the rate of the P waves."""
    atria = case.atria
    if atria is None or atria.block is AvBlock.NONE:
        return False
    p = case.evidence(
        "rate of P waves",
        atria.rate_bpm,
        "/min",
        criterion=_DISSOCIATED if atria.block is AvBlock.THIRD else _DROPPED,
        source=_ACC,
    )
    if atria.block is AvBlock.THIRD:
        rate = case.measurements.rate_bpm
        bpm = f", ventricles {show(rate.value)} /min" if rate is not None else ""
        beside = [case.evidence("heart rate", rate, "/min", source=_ACC)] if rate is not None else []
        text = f"Complete AV block: P waves {show(atria.rate_bpm)} /min{bpm}, without relation."
        case.say(THIRD_DEGREE, "Complete atrioventricular block", text, 0.7, p, *beside)
        return True
    dropped = case.evidence("P waves without QRS", float(atria.dropped), "beats", criterion=_DROPPED, source=_ACC)
    text = f"Second degree AV block: {atria.dropped:.0f} of {len(atria.p_waves)} P waves not conducted."
    total = case.evidence("P waves", float(len(atria.p_waves)), "beats", source=_ACC)
    case.say(SECOND_DEGREE, "Second degree atrioventricular block", text, 0.7, dropped, total)
    return True


def ventricular(case: Case) -> None:
    """Bundle branch block by width and the shape in V1 and V6."""
    qrs = case.measurements.qrs_ms
    if qrs is None or case.not_conducted:
        case.withhold("QRS duration", case.not_conducted or "no conducted beat can be measured")
        return
    if why := edges_hidden(case.measurements) or untold_width(case) or leads_disagree(case.measurements):
        case.withhold("QRS duration", why)
        _right_block_in_leads(case)
        return
    if round(qrs.value) < 120 or not _steady(case, "QRS duration", qrs):
        return
    if qrs.value > WIDEST_MS:
        case.withhold("QRS duration", _too_wide(case, qrs))
        return
    if hidden := _p_hidden(case):
        case.withhold("QRS duration", f"{show(qrs.value)} ms may hold the P wave, for {hidden}")
        return
    width = case.evidence("QRS duration", qrs, "ms", limit=120.0, criterion="QRS >= 120 ms", source=_AHA_III)
    if qrs.value < 120 + (noise := widened_ms(case.measurements)):
        _near_the_limit(case, width, noise)
        return
    kind = _block(case)
    if kind is None:
        case.say("698252002", "Intraventricular conduction delay", f"Wide QRS, {show(qrs.value)} ms.", 0.6, width)
        return
    code, name = kind
    case.say(code, name, f"{name}, QRS {show(qrs.value)} ms.", 0.7, width)


def _p_hidden(case: Case) -> str:
    """Why a P wave may lie in another wave, where there is one; empty where P waves are seen, or are none."""
    m = case.measurements
    if m.p_wave_present is not False or case.has(AF):
        return ""
    return "it is not told whether one is apart from it" if p_in_few(m) else "none is seen apart from it"


def _near_the_limit(case: Case, width: Evidence, noise_ms: float) -> None:
    """Of a QRS that noise may have widened over the limit: a right bundle branch block by its shape, complete or not; else no kind of block."""
    if not _right_shape(case):
        why = f"{show(width.value)} ms is no further above 120 ms than noise may have widened it ({show(noise_ms)} ms)"
        case.withhold("kind of bundle branch block", why)
        return
    widened = case.evidence("widening by noise", round(noise_ms, 1), "ms", source=_AHA_III)
    text = f"{RIGHT[1]}, QRS {show(width.value)} ms, which noise may have widened by {show(widened.value)} ms: complete or incomplete."
    case.say(*RIGHT, text, 0.6, width, widened)


def _right_block_in_leads(case: Case) -> None:
    """A right bundle branch block by its shape where only single leads tell that the QRS is wide: in each that is good and steady, three at least; or in V1 alone.

    V1 shows the end of such a QRS longest. Where it alone is wide the block may be an incomplete one.
    """
    steady, alone = _steady_widths(case), False
    if leads_disagree(case.measurements):
        steady, alone = {lead: width for lead, width in steady.items() if lead == "V1"}, True
    if len(steady) < (1 if alone else LEAST_LEADS) or any(round(width.value) < 120 for width in steady.values()):
        return
    if not _right_shape(case):
        return
    where = "V1" if alone else "each lead in which it is steady"
    rule = f"QRS >= 120 ms in {where}, R in V1 and S in {_lateral(case)}"
    found = [
        case.evidence("QRS duration", width, "ms", lead=lead, limit=120.0, criterion=rule, source=_AHA_III)
        for lead, width in steady.items()
    ]
    middle = sorted(found, key=lambda e: e.value)[len(found) // 2]
    text, over_all = f"{RIGHT[1]} by its shape, QRS {show(middle.value)} ms in {middle.lead}", case.measurements.qrs_ms
    if alone and over_all is not None:
        found.append(case.evidence("QRS duration", over_all, "ms", criterion="QRS >= 120 ms", source=_AHA_III))
        text += f" and {show(over_all.value)} ms over all leads, so that it may be complete or incomplete"
    case.say(*RIGHT, f"{text}.", 0.6, *found)


def _steady_widths(case: Case) -> dict[str, Estimate]:
    """The width of the QRS of each good lead whose QRS is large enough and of one width from beat to beat."""
    return {
        one.lead: one.qrs_ms
        for one in case.measurements.leads
        if one.qrs_ms is not None
        and one.quality is Quality.GOOD
        and height_mv(one) >= LEAST_MV
        and one.qrs_ms.beats >= LEAST_BEATS
        and one.qrs_ms.spread < WIDTH_STEADY_MS
    }


def _right_shape(case: Case) -> bool:
    """Whether V1 points up and a lateral lead has an S wave: the shape of a right bundle branch block, whatever its width (Surawicz 2009)."""
    v1, lateral = case.lead("V1"), case.lead(_lateral(case))
    if v1 is None or lateral is None or v1.qrs_area_mvms is None or v1.r_mv is None or lateral.s_mv is None:
        return False
    return v1.qrs_area_mvms.value > 0 and v1.r_mv.value > RIGHT_R_MV and lateral.s_mv.value < LATERAL_S_MV


def _lateral(case: Case) -> str:
    """The lateral lead that is there: V6, else V5, else I."""
    return next((name for name in ("V6", "V5") if case.lead(name) is not None), "I")


def width_untold(case: Case) -> str:
    """Why it is not known whether the QRS is wide, where that is withheld; what is judged in a narrow QRS alone is not judged then."""
    held, qrs = case.held("QRS duration"), case.measurements.qrs_ms
    told = case.has(RIGHT[0]) and not leads_disagree(case.measurements)
    if told or (qrs is not None and held == _too_wide(case, qrs)):
        return ""
    return f"whether the QRS is wide is not known: {held}" if held else ""


def _block(case: Case) -> tuple[str, str] | None:
    v1, lateral = case.lead("V1"), case.lead(_lateral(case))
    if v1 is None or lateral is None or v1.qrs_area_mvms is None or lateral.qrs_area_mvms is None:
        case.withhold("kind of bundle branch block", "V1 and a lateral lead are not both measured")
        return None
    down, s = v1.qrs_area_mvms.value < 0, lateral.s_mv
    if down and lateral.qrs_area_mvms.value > 0 and (lateral.q_mv is None or abs(lateral.q_mv.value) < 0.1):
        return "164909002", "Left bundle branch block"
    if not down or (v1.r_mv is not None and s is not None and s.value < LATERAL_S_MV and v1.r_mv.value > RIGHT_R_MV):
        return RIGHT
    return None


LONG_MS = {Sex.MALE: (450.0, 450.0), Sex.FEMALE: (460.0, 460.0), Sex.UNKNOWN: (450.0, 460.0)}
"""QTc above which it is long (Rautaharju 2009): the least and the most that it may be."""


def repolarisation(case: Case) -> None:
    """QTc against the limits of the sexes, 350 ms for short; withheld between the two where nobody said which."""
    m = case.measurements
    if m.qt_ms is None or m.qtc_fridericia_ms is None or case.not_conducted:
        case.withhold("QT interval", case.not_conducted or "no T wave end can be measured on conducted beats")
        return
    if why := _blurred(case) or untold_interval(case, "QT", m.qt_ms, QT_STEADY_MS):
        case.withhold("QT interval", why)
        return
    if case.has(RIGHT[0]) or (m.qrs_ms is not None and m.qrs_ms.value >= 120):
        case.withhold("QTc", width_untold(case) or "a wide QRS lengthens QT")
        return
    if not _steady(case, "QT interval", m.qt_ms):
        return
    if rate := case.held("heart rate"):
        case.withhold("QTc", f"the heart rate is not known: {rate}")
        return
    if m.rr_ms is not None and (m.rr_sd_ms or 0.0) > IRREGULAR * m.rr_ms.value:
        numbers = f"standard deviation {show(m.rr_sd_ms or 0.0)} ms of {show(m.rr_ms.value)}"
        case.withhold(
            "QTc", f"no correction for the rate holds while RR intervals differ from beat to beat ({numbers})"
        )
        return
    if why := _qtc_open(case, m.qtc_fridericia_ms, m.qtc_spread_ms or 0.0):
        case.withhold("QTc", why)
        return
    _qtc(case, m.qtc_fridericia_ms)


def _qtc_open(case: Case, qtc: float, spread: float) -> str:
    """Why a QTc (ms) is neither long, short nor usual; empty where it is one of them."""
    least, most = LONG_MS[case.sex]
    if round(qtc) > least and (hidden := _p_hidden(case)):
        return f"{show(qtc)} ms may reach to the end of a P wave that lies on the T wave, for {hidden}"
    if spread > QTC_SURE_MS and (near := [edge for edge in (SHORT_MS, least, most) if abs(qtc - edge) < spread]):
        return f"{show(qtc)} ms is no further from {near[0]:.0f} ms than the beats differ ({show(spread)} ms)"
    if least < round(qtc) <= most:
        return f"{show(qtc)} ms is long in men (above {least:.0f} ms) and not in women ({most:.0f} ms), and the sex is not known"
    return ""


def _qtc(case: Case, qtc: float) -> None:
    limit, short = LONG_MS[case.sex][1], round(qtc) < SHORT_MS
    edge, criterion = (SHORT_MS, f"QTc < {SHORT_MS:.0f} ms") if short else (limit, f"QTc > {limit:.0f} ms")
    source = _GOLLOB if short else AHA_IV
    found = case.evidence("QTc (Fridericia)", qtc, "ms", limit=edge, criterion=criterion, source=source)
    if round(qtc) > limit:
        case.say("111975006", "Prolonged QT interval", f"QTc {show(qtc)} ms (Fridericia) is long.", 0.7, found)
    elif short:
        case.say("77867006", "Shortened QT interval", f"QTc {show(qtc)} ms (Fridericia) is short.", 0.5, found)
