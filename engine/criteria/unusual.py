"""What speaks against a normal ECG though no criterion finds it: flat T waves, a single depressed ST segment, R waves that do not grow, a second R in V1."""

from __future__ import annotations

from engine.criteria.case import Case, listed, show
from engine.criteria.myocardium import SLIGHT_MV, ST_LOWERED_MV
from engine.criteria.progression import PROGRESSION
from engine.criteria.q_waves import Q_MV, R_SHARE
from engine.criteria.waveform import second_r_mv
from stream.measurement import Estimate, LeadMeasurements

NORMAL_ECG = "normal ECG"
"""What is withheld then."""
FLAT_MV, FLAT_R_MV = 0.1, 0.3
"""T below it is flat in I, of an R above the second, in II and V4 to V6 (Rautaharju PM et al., AHA/ACCF/HRS Recommendations Part IV, J Am Coll Cardiol 2009;53:982-991).

Asked of two leads: of 132 records labelled normal and told so one has it. A T below 0 is asked of one: none has.
"""
_T_LEADS, _NOT_OF_R = ("I", "II", "V4", "V5", "V6"), ("II", "V4", "V5", "V6")
_ST_LEADS = ("I", "II", "aVL", "aVF", "V2", "V3", "V4", "V5", "V6")
SECOND_R_MV = 0.05
"""Of V1, that counts: half a millimetre of paper, as for every R wave. Of 156 records told as normal five have it, of which four are labelled incomplete right bundle branch block."""
SMALL_R_MV = 0.3
"""R of V4 that is small there: the limit which Zema MJ et al. 1980 (J Electrocardiol 13, 135-142) have for V3."""


def unusual(case: Case) -> str:
    """Why an ECG of which nothing is found is not called normal, with its numbers; empty where nothing speaks against it."""
    return "; ".join(filter(None, (_t(case), _st(case), _r(case), _first_r(case), _second_r(case))))


def _t(case: Case) -> str:
    known = [(n, one.t_mv) for n in _T_LEADS if (one := case.lead(n)) is not None and _is_told(n, one) and one.t_mv]
    low = [(n, t) for n, t in known if round(t.value, 2) < FLAT_MV]  # by the number as it is shown
    if len(low) < 2 and not any(t.value < 0.0 for _, t in low):
        return ""
    return f"T is flat or points down: {_numbers(low)}"


def _is_told(name: str, one: LeadMeasurements) -> bool:
    return name in _NOT_OF_R or (one.r_mv is not None and one.r_mv.value > FLAT_R_MV)


def _st(case: Case) -> str:
    known = [(n, one.st_j60_mv) for n in _ST_LEADS if (one := case.lead(n)) is not None and one.st_j60_mv]
    low = [(n, st) for n, st in known if st.value <= SLIGHT_MV]
    if len(low) < 2 and not any(st.value <= ST_LOWERED_MV for _, st in low):
        return ""
    return f"ST lies lower than usual: {_numbers(low)}"


def _r(case: Case) -> str:
    """R that is still small in V4, where it is not withheld how it grows."""
    if case.held(PROGRESSION):
        return ""
    known = [(n, one.r_mv) for n in ("V2", "V3", "V4") if (one := case.lead(n)) is not None and one.r_mv]
    four = next((r.value for n, r in known if n == "V4"), None)
    return f"R does not grow to V4: {_numbers(known)}" if four is not None and four <= SMALL_R_MV else ""


def _first_r(case: Case) -> str:
    """V2 or V3 whose QRS points down alone in some beats, too many to be noise and too few for a QS complex."""
    found = []
    for name in ("V2", "V3"):
        one = case.lead(name)
        if one is None or one.q_mv is None or one.s_mv is None or one.q_mv.value > Q_MV:
            continue
        beats = max(one.q_mv.beats, one.s_mv.beats, one.r_mv.beats if one.r_mv is not None else 0)
        if one.q_mv.beats > R_SHARE * beats and one.q_mv.value <= 0.5 * one.s_mv.value:
            found.append(f"{one.q_mv.beats} of {beats} beats in {name}")
    return f"no R wave begins the QRS of {listed(found)}" if found else ""


def _second_r(case: Case) -> str:
    """A second R in V1, as of an incomplete right bundle branch block."""
    second = second_r_mv(case.segment, case.measurements, "V1")
    return "" if second is None or second < SECOND_R_MV else f"V1 has a second R wave of {show(second)} mV"


def _numbers(known: list[tuple[str, Estimate]]) -> str:
    return listed([f"{show(one.value)} mV in {n}" for n, one in known])
