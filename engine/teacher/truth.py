"""What is known of a simulated patient: labels from what was drawn, numbers from the beat without noise."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.teacher.anatomy import seen
from engine.teacher.conditions import MEMBERS, Condition
from engine.teacher.patient import Patient
from engine.teacher.rhythms import ATRIAL, NORMAL, SINUS, VENTRICULAR, Rhythm
from engine.teacher.targets import LABELS, PARAMETERS
from engine.teacher.waves import at, extent_s, summed
from ingest.frame import LEADS
from stream.trigger import MODEL_HZ

C = Condition
QRS_SHARE, P_SHARE = 0.01, 0.15
"""Of the longest dipole of a wave, where it begins and ends to the eye: so that on noise-free normals the taught intervals agree in the median
with the measured ones, which are held to the marks of cardiologists (`stream.measure`)."""
_BEFORE_S, _LENGTH_S = 0.40, 1.10
_SHOWN_ST_MV, _SHOWN_T_MV = 0.10, 0.10
"""From which a shift of ST in two leads, or an inverted T wave, would be named by a reader who was not told of the condition
(0.1 mV, and 0.2 mV of elevation in V2 and V3: Thygesen 2018, Circulation 138, e618-e651)."""
_LEFT_AXIS_DEG = -30.0
"""Beyond it readers and sets differ in whether a left axis is a fascicular block: the criterion is -45 degrees, labels begin earlier."""
_LONG_QTC_S = (0.460, 0.475)
"""Between these a QTc may or may not be called long."""


def numbers(patient: Patient) -> NDArray[np.float32]:
    """(55,) of PARAMETERS in their units, of the usual beat as the electrodes see it; PR is NaN without P waves."""
    timing = patient.timing
    seen_on_s, seen_off_s = extent_s(patient.qrs.waves, QRS_SHARE)
    inside = np.flatnonzero((timing.onset_s >= 0.0) & (timing.onset_s < 10.0))
    rr = np.diff(timing.onset_s[inside]) if len(inside) > 2 else np.array([timing.usual_rr_s])
    before = float(np.median(timing.rr_s))
    leads = seen(patient.torso, summed(at(patient.beat(before), _BEFORE_S), round(_LENGTH_S * MODEL_HZ), MODEL_HZ))
    qt = patient.recovery.qt_s(timing.usual_rr_s, before)
    on, j, end = (round((_BEFORE_S + s) * MODEL_HZ) for s in (seen_on_s, seen_off_s, qt))
    inner = leads[:, on : j + 1]
    area_i, area_f = inner[LEADS.index("I")].sum(), inner[LEADS.index("aVF")].sum()
    # aVF is augmented: its axis is longer than that of I by 2 / sqrt(3)
    axis = math.atan2(area_f * 2.0 / math.sqrt(3.0), area_i)
    behind = leads[:, j + round(0.05 * MODEL_HZ) : max(end, j + round(0.10 * MODEL_HZ))]
    t = np.where(behind.max(1) >= -behind.min(1), behind.max(1), behind.min(1))
    atria = patient.atria
    pr_s = atria.pr_s + seen_on_s - extent_s(atria.p, P_SHARE)[0] if atria.present else np.nan
    whole = (
        60.0 / rr.mean(), 1000.0 * pr_s, 1000.0 * (seen_off_s - seen_on_s), 1000.0 * (patient.recovery.end_s(qt, patient.qrs.duration_s) - seen_on_s), math.cos(axis), math.sin(axis),
        rr.std() / rr.mean(),
    )  # fmt: skip
    st60 = leads[:, j + round(0.06 * MODEL_HZ)]
    found = np.concatenate([whole, st60, t, np.maximum(inner.max(1), 0.0), np.minimum(inner.min(1), 0.0)])
    assert found.shape == (len(PARAMETERS),)
    return found.astype(np.float32)


def labels(patient: Patient, parameters: NDArray[np.float32]) -> NDArray[np.float32]:
    """(26,) of LABELS: 1 of what was drawn, 0 of what was not; NaN where readers and sets would differ.

    parameters: (55,) of the same patient.
    """
    has = patient.conditions
    told = {label: float(bool(has & members)) for label, members in MEMBERS.items()}
    rhythm = _rhythm(patient)
    told |= rhythm | _early(patient)
    if patient.atria.blocked:
        told["1AVB"] = told["CD"] = 1.0
    if patient.recovery.strain:
        told["STTC"] = 1.0
    if C.LBBB in has:
        # what follows from the block is no ST-T change of its own, and hides one that is there
        told["STTC"] = math.nan if told["STTC"] else 0.0
        told |= dict.fromkeys(("STD", "STE", "TINV"), math.nan)
    normal = not has and rhythm.get("SINUS", 0.0) > 0 and not patient.atria.blocked
    told["NORM"] = float(normal)
    if (normal and (told["PVC"] or told["PAC"])) or (has == {C.LVOLT} and rhythm.get("SINUS", 0.0) > 0):
        # sets differ in whether a normal record may have an early beat or low voltages
        told["NORM"] = math.nan
    told |= _unsure(patient, told, parameters)
    return np.array([told.get(label, 0.0) for label in LABELS], np.float32)


def _rhythm(patient: Patient) -> dict[str, float]:
    """Sinus rhythms by their measured rate, the others by name."""
    names = {Rhythm.FIBRILLATION: "AF", Rhythm.FLUTTER: "AFLT", Rhythm.PACED: "PACE"}
    if patient.rhythm in SINUS:
        bpm = 60.0 / float(np.median(patient.timing.rr_s[patient.timing.kind == NORMAL]))
        return {"STACH" if bpm > 100.0 else "SBRAD" if bpm < 60.0 else "SR": 1.0, "SINUS": 1.0}
    return {names[patient.rhythm]: 1.0} if patient.rhythm in names else {}


def _early(patient: Patient) -> dict[str, float]:
    seen_kinds = patient.timing.kind[patient.timing.inside]
    return {"PVC": float((seen_kinds == VENTRICULAR).any()), "PAC": float((seen_kinds == ATRIAL).any())}


def _left_axis(parameters: NDArray[np.float32]) -> bool:
    """Whether the frontal axis lies beyond -30 degrees, to -90."""
    cos, sin = (float(parameters[PARAMETERS.index(name)]) for name in ("axis_cos", "axis_sin"))
    return -90.0 <= math.degrees(math.atan2(sin, cos)) < _LEFT_AXIS_DEG


def _unsure(patient: Patient, told: dict[str, float], parameters: NDArray[np.float32]) -> dict[str, float]:
    """Changes of ST and T, a left axis and a QT that are there to be seen without having been drawn as such: not told."""
    st60, t = parameters[7:19], parameters[19:31]
    rows = [k for k, lead in enumerate(LEADS) if lead != "aVR"]
    left = [LEADS.index(lead) for lead in ("I", "II", "V4", "V5", "V6")]
    limits = np.array([2 * _SHOWN_ST_MV if lead in ("V2", "V3") else _SHOWN_ST_MV for lead in LEADS])
    qtc = patient.recovery.qtc_s
    shown = {
        "LAFB": _left_axis(parameters),
        "CD": _left_axis(parameters),
        "STD": (st60[rows] < -_SHOWN_ST_MV).sum() >= 2,
        "STE": (st60[rows] > limits[rows]).sum() >= 2 and (patient.conditions or patient.rhythm is Rhythm.PACED),
        "TINV": (t[left] < -_SHOWN_T_MV).any(),
        "LQT": _LONG_QTC_S[0] < qtc,
    }
    return {label: math.nan for label, is_shown in shown.items() if is_shown and told.get(label, 0.0) == 0.0}
