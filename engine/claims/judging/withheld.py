"""What is not affirmed: what means nothing while beats are not conducted, and findings and numbers that the criteria withhold."""

from __future__ import annotations

from engine.claims.basis import RED_RHYTHMS, Basis
from engine.claims.judging.opinion import Opinion, unknown
from engine.criteria.conduction import AXIS_NAME, FIRST_DEGREE
from engine.criteria.pause import PAUSE
from engine.criteria.recording import AMPLITUDES, LIMB_LEADS

_SINUS = frozenset(
    {
        "sinus rhythm",
        "normal sinus rhythm",
        "sinus arrhythmia",
        "sinus tachycardia",
        "sinus bradycardia",
        "marked sinus tachycardia",
        "marked sinus bradycardia",
    }
)
_P = frozenset(
    {
        "P waves",
        "P waves before every beat",
        "normal P waves",
        "abnormal P waves",
        "normal P duration",
        "wide P waves",
        "upright P waves",
        "inverted P waves",
    }
)
_PR = frozenset(
    {
        "normal PR interval",
        "abnormal PR interval",
        "long PR interval",
        "very long PR interval",
        "short PR interval",
        "constant PR interval",
        "first degree AV block",
        "AV block",
    }
)
_QT = frozenset(
    {"QT beyond half of RR", "QT within half of RR", "normal QT", "abnormal QT", "long QT", "very long QT", "short QT"}
)
_WIDTH = frozenset(
    {
        "narrow QRS",
        "wide QRS",
        "very wide QRS",
        "normal QRS",
        "every QRS narrow",
        "normal conduction",
        "conduction disturbance",
        "intraventricular conduction delay",
        "no block",
    }
)
_AXIS = frozenset(
    {
        "normal axis",
        "left axis deviation",
        "right axis deviation",
        "marked left axis deviation",
        "marked right axis deviation",
        "extreme axis deviation",
        "axis deviation",
        "leftward axis",
        "rightward axis",
        "superior axis",
        "axis to the left and down",
        "vertical axis",
        "horizontal axis",
        "left anterior fascicular block",
        "left posterior fascicular block",
    }
)
_BLOCKS = frozenset(
    {"right bundle branch block", "left bundle branch block", "bundle branch block", "bifascicular block"}
)
_NARROW = frozenset(
    {
        "incomplete right bundle branch block",
        "incomplete left bundle branch block",
        "left anterior fascicular block",
        "left posterior fascicular block",
        "secondary ST-T changes",
    }
)
"""Findings that are told of a QRS of a certain width, and denied of another."""
_INFARCT = frozenset({"acute infarct", "ST elevation infarct", "infarct", "ischaemia", "acute ischaemia"})
_HYPERTROPHY = frozenset(
    {
        "left ventricular hypertrophy by the limb leads",
        "left ventricular hypertrophy",
        "no left ventricular hypertrophy",
        "right ventricular hypertrophy",
        "ventricular hypertrophy",
    }
)
_SIZES = frozenset(
    {
        "low voltage", "low chest voltage", "normal voltage", "right atrial enlargement", "atrial enlargement", "chamber enlargement", "ventricular strain",
        "ST elevation", "ST depression", "ST deviation", "isoelectric ST", "ST elevation at J", "ST depression at J", "ST deviation at J", "isoelectric ST at J", "isoelectric ST later", "raised ST later", "ST-T changes", "normal ST-T", "flat T waves", "peaked T waves",
        "T wave changes", "normal T waves", "pathological Q waves", "poor R wave progression", "normal R wave progression", "normal P waves",
        "abnormal P waves", "deep T wave inversion", "shallow T wave inversion", "marked ST elevation", "marked ST depression", "marked ST deviation",
        "normal Q waves", "QS complexes", *(f"{size} {wave}" for size in ("small", "large") for wave in ("P", "Q", "R", "S", "T", "ST")),
    }
)  # fmt: skip
"""Findings that rest on a height in mV."""
_REGULAR = frozenset({"regular rhythm", "irregular rhythm"})
_WHOLE = frozenset({"normal ECG", "borderline ECG", "normal intervals", "a long interval", "an abnormal interval"})
_HIGH = frozenset({"AV block of second degree", "AV block of third degree"})
UNCONDUCTED = _SINUS | _P | _PR | _QT | _WIDTH | _BLOCKS | _REGULAR | _WHOLE | _HIGH
"""Findings that are not judged while the ventricles beat by themselves, or not at all."""
UNCONDUCTED_NUMBERS = frozenset({"P duration", "P amplitude", "PR interval", "QRS duration", "QT interval", "QTc"})
"""Measures of which no number is judged then."""
TOLD_UNDER_RED = frozenset(
    {"tachycardia", "bradycardia", "ventricular tachycardia", "ventricular fibrillation", "asystole", "arrhythmia"}
)
"""All that may be said or denied while a red rhythm is told."""
RATES = frozenset({"heart rate", "RR interval", "RR standard deviation", "RR spread", "ventricular beats"})
"""The only measures of which a number is judged while a red rhythm is told."""
_BY_CRITERIA: dict[str, frozenset[str]] = {
    "rate and rhythm": _SINUS | _REGULAR,
    "rhythm": _SINUS,
    "heart rate": _SINUS
    | _REGULAR
    | {
        "tachycardia",
        "bradycardia",
        "marked tachycardia",
        "marked bradycardia",
        "normal rate",
        "atrial fibrillation",
        "supraventricular tachycardia",
        "arrhythmia",
    },
    "atrial fibrillation": frozenset({"atrial fibrillation"}),
    "PR interval": _PR
    | {
        "normal intervals",
        "a long interval",
        "an abnormal interval",
        "low end of the PR interval",
        "high end of the PR interval",
    },
    FIRST_DEGREE: frozenset({"first degree AV block"}),
    "QRS duration": _WIDTH
    | _BLOCKS
    | _NARROW
    | {
        "normal intervals",
        "a long interval",
        "an abnormal interval",
        "low end of the QRS duration",
        "high end of the QRS duration",
    },
    AMPLITUDES: _SIZES | _INFARCT | _HYPERTROPHY,
    LIMB_LEADS: _INFARCT | {"right ventricular hypertrophy", "pathological Q waves"},
    "axis": _AXIS,
    AXIS_NAME: _AXIS,
    "QT interval": _QT | {"normal intervals", "a long interval", "an abnormal interval"},
    "QTc": _QT
    | {"normal intervals", "a long interval", "an abnormal interval", "low end of the QTc", "high end of the QTc"},
    "hypertrophy": _HYPERTROPHY,
    "Q waves": frozenset({"pathological Q waves"}),
    "ventricular beats": frozenset({"ventricular ectopy", "ectopy", "bigeminy"}),
    "ST segment": _INFARCT,
    PAUSE: frozenset({"pause"}),
}
"""By the name of what the criteria withhold the findings that rest on it."""

_NUMBERS: dict[str, frozenset[str]] = {
    "heart rate": frozenset({"heart rate", "RR interval", "RR standard deviation", "RR spread", "QTc"}),
    "rhythm": frozenset({"moment of a supraventricular beat", "moment of an early beat"}),
    "PR interval": frozenset({"PR interval"}),
    "QRS duration": frozenset({"QRS duration"}),
    "axis": frozenset({"QRS axis"}),
    "QT interval": frozenset({"QT interval", "QTc"}),
    "Q waves": frozenset({"Q duration"}),
    AMPLITUDES: frozenset(
        {
            "P amplitude", "Q amplitude", "R amplitude", "S amplitude", "T amplitude", "QRS amplitude", "ST level", "Sokolow-Lyon voltage",
            "Cornell voltage", "R I + S III voltage", "R/S ratio", "sum of two waves",
        }
    ),
    "ventricular beats": frozenset({"ventricular beats", "moment of a ventricular beat", "moment of an early beat"}),
    PAUSE: frozenset({"moment of a pause"}),
}  # fmt: skip
"""By the name of what the criteria withhold the measures of which no number is told. Of QTc they withhold in a wide QRS whether it is long, not the number."""


def without_number(measure: str, basis: Basis) -> str:
    """Why no number of a measure is told though one was measured; empty where it may be."""
    of_rate = (
        one.reason for one in basis.criteria[1] if one.name == measure == "QTc" and one.reason.startswith(_BY_RATE)
    )
    held = (one.reason for one in basis.criteria[1] if measure in _NUMBERS.get(one.name, ()))
    return next(of_rate, next(held, ""))


_BY_RATE = ("the heart rate is not known", "no correction for the rate holds")
"""How a reason begins by which a QTc is no number that may be told: without one rate nothing corrects a QT interval."""


_OF_LEFT = ("R in aVL + S in V3", "S in V1 + R in V5")
"""How a reason begins that the voltages of the left ventricle alone give."""


def blank(name: str, basis: Basis) -> Opinion | None:
    """Why nothing is said of this finding, where its ground is withheld; None where it may be judged.

    Measurements in the short form of `--texts` list no beats: there the rate stands for them.
    """
    if name in UNCONDUCTED and basis.unconducted:
        return unknown(basis.unconducted)
    if basis.code in RED_RHYTHMS and name not in TOLD_UNDER_RED:
        return unknown(f"not judged in {basis.code}")
    unlisted = not basis.m.beats and basis.rate is not None
    for one in basis.criteria[1]:
        if one.name == "rate and rhythm" and unlisted:
            continue
        if one.name == "hypertrophy" and name == "right ventricular hypertrophy" and one.reason.startswith(_OF_LEFT):
            continue
        if name in _BY_CRITERIA.get(one.name, ()):
            return unknown(one.reason)
    return None
