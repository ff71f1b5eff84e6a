"""Which finding a quality makes of a measure: a `PR interval` that is `long` is a long PR interval."""

from __future__ import annotations

_REGULAR = {"even": "regular rhythm", "regular": "regular rhythm", "constant": "regular rhythm", "irregular": "irregular rhythm"}  # fmt: skip
_PR = {
    "normal": "normal PR interval", "prompt": "normal PR interval", "long": "long PR interval", "wide": "long PR interval", "increased": "long PR interval", "slow": "long PR interval",
    "short": "short PR interval", "reduced": "short PR interval", "fast": "short PR interval", "low": "short PR interval", "abnormal": "abnormal PR interval",
}  # fmt: skip
_PR |= {"low end": "low end of the PR interval", "high end": "high end of the PR interval"}
_QRS = {
    "normal": "narrow QRS", "prompt": "narrow QRS", "narrow": "narrow QRS", "fast": "narrow QRS", "short": "narrow QRS", "wide": "wide QRS", "long": "wide QRS",
    "increased": "wide QRS", "slow": "wide QRS", "abnormal": "wide QRS", "low end": "low end of the QRS duration", "high end": "high end of the QRS duration",
}  # fmt: skip
_QT = {
    "normal": "normal QT", "prompt": "normal QT", "long": "long QT", "wide": "long QT", "increased": "long QT", "slow": "long QT", "short": "short QT", "reduced": "short QT",
    "abnormal": "abnormal QT", "low end": "low end of the QTc", "high end": "high end of the QTc",
}  # fmt: skip
_ST = {
    "above": "ST elevation", "elevated": "ST elevation", "upright": "ST elevation", "under": "ST depression", "depressed": "ST depression",
    "inverted": "ST depression", "even": "isoelectric ST", "isoelectric": "isoelectric ST", "normal": "isoelectric ST", "flat": "isoelectric ST",
    "deviated": "ST deviation", "changed": "ST deviation", "abnormal": "ST deviation",
}  # fmt: skip
_LVH = {
    "met": "left ventricular hypertrophy", "upright": "left ventricular hypertrophy",
    "inverted": "no left ventricular hypertrophy", "abnormal": "left ventricular hypertrophy", "normal": "no left ventricular hypertrophy", "above": "left ventricular hypertrophy", "increased": "left ventricular hypertrophy", "under": "no left ventricular hypertrophy", "reduced": "no left ventricular hypertrophy",
}  # fmt: skip
ACCEPTS: dict[str, dict[str, str]] = {
    "rate": _REGULAR | {"low end": "low end of the rate", "high end": "high end of the rate", "prompt": "normal rate", "normal": "normal rate", "fast": "tachycardia", "elevated": "tachycardia", "increased": "tachycardia", "slow": "bradycardia", "low": "bradycardia", "reduced": "bradycardia", "depressed": "bradycardia", "abnormal": "abnormal rate"},
    "rhythm": _REGULAR | {"prompt": "normal rate", "fast": "tachycardia", "slow": "bradycardia"},
    "RR SD": {"normal": "regular rhythm", "low": "regular rhythm", "reduced": "regular rhythm", "short": "regular rhythm", "increased": "irregular rhythm", "elevated": "irregular rhythm"},
    "RR": _REGULAR | {"short": "tachycardia", "reduced": "tachycardia", "long": "bradycardia", "increased": "bradycardia"},
    "P": {"prompt": "normal PR interval", "flat": "flat P waves", "low": "flat P waves", "normal": "normal P waves", "abnormal": "abnormal P waves", "present": "P waves", "inverted": "inverted P waves", "upright": "upright P waves", "constant": "P waves", "biphasic": "shape of P waves", "peaked": "shape of P waves", "wide": "wide P waves", "long": "wide P waves", "short": "short P waves", "narrow": "short P waves"},
    "PR": _PR | {"constant": "constant PR interval"},
    "QRS": _QRS | {"regular": "regular rhythm", "irregular": "irregular rhythm", "upright": "positive QRS", "inverted": "negative QRS"},
    "QT": _QT, "QTc": _QT,
    "axis": {"vertical": "vertical axis", "horizontal": "horizontal axis", "normal": "normal axis", "left": "left axis deviation", "right": "right axis deviation", "extreme": "extreme axis deviation", "deviated": "axis deviation", "abnormal": "axis deviation"},
    "ST": _ST, "ST at J": _ST,
    "intervals": {"normal": "normal intervals", "long": "a long interval", "abnormal": "an abnormal interval"},
    "ST-T": {"elevated": "ST elevation", "depressed": "ST depression", "deviated": "ST deviation", "normal": "normal ST-T", "changed": "ST-T changes", "abnormal": "ST-T changes"},
    "T": {"isoelectric": "flat T waves", "above": "upright T waves", "under": "T wave inversion", "inverted": "T wave inversion", "upright": "upright T waves", "flat": "flat T waves", "normal": "normal T waves", "peaked": "peaked T waves", "biphasic": "shape of T waves", "changed": "T wave changes", "abnormal": "T wave changes"},
    "Q": {"normal": "normal Q waves", "wide": "pathological Q waves", "pathological": "pathological Q waves", "abnormal": "pathological Q waves", "present": "Q waves"},
    "RWP": {"increased": "normal R wave progression", "fast": "normal R wave progression", "constant": "normal R wave progression", "regular": "normal R wave progression", "reduced": "poor R wave progression", "normal": "normal R wave progression", "poor": "poor R wave progression", "abnormal": "poor R wave progression", "long": "poor R wave progression", "slow": "poor R wave progression", "low": "poor R wave progression"},
    "R": {"poor": "poor R wave progression", "peaked": "high voltage"}, "S": {"peaked": "high voltage"},
    "AV conduction": _PR | {"changed": "long PR interval", "low end": "high end of the PR interval", "high end": "low end of the PR interval"},
    "IV conduction": {"prompt": "narrow QRS", "normal": "narrow QRS", "fast": "narrow QRS", "long": "wide QRS", "wide": "wide QRS", "slow": "wide QRS", "changed": "wide QRS", "abnormal": "wide QRS"},
    "conduction": {"normal": "normal conduction", "prompt": "normal conduction", "long": "conduction disturbance", "wide": "conduction disturbance", "slow": "conduction disturbance", "changed": "conduction disturbance", "abnormal": "conduction disturbance"},
    "atrial conduction": {"long": "wide P waves", "slow": "wide P waves", "normal": "normal P duration", "prompt": "normal P duration"},
    "repolarisation": {"flat": "flat T waves", "normal": "normal ST-T", "prompt": "normal QT", "long": "long QT", "wide": "long QT", "slow": "long QT", "changed": "ST-T changes", "abnormal": "ST-T changes"},
    "voltage": {"low end": "normal voltage", "high end": "normal voltage", "extreme": "high voltage", "peaked": "high voltage", "normal": "normal voltage", "low": "low voltage", "reduced": "low voltage", "increased": "left ventricular hypertrophy", "long": "left ventricular hypertrophy"},
    "LV voltage": {"normal": "no left ventricular hypertrophy", "low": "no left ventricular hypertrophy", "reduced": "no left ventricular hypertrophy", "increased": "left ventricular hypertrophy", "long": "left ventricular hypertrophy", "elevated": "left ventricular hypertrophy", "abnormal": "left ventricular hypertrophy"},
    "LVH criterion": _LVH,
    "sokolow": _LVH,
    "ECG": {"changed": "abnormal ECG", "deviated": "abnormal ECG", "normal": "normal ECG", "abnormal": "abnormal ECG", "pathological": "abnormal ECG"},
}  # fmt: skip
"""By measure and quality the finding that they make."""
