"""Which findings a text states, as the labels that sets of ECGs carry.

The claim checker's reader finds them, so that a denial, a finding called open, or one said of ECGs in general is none. What a report
tells of single leads (an inverted T wave, a Q wave, ST depression) is form, not diagnosis, as in PTB-XL (Wagner et al. 2020,
Sci Data 7:154): it makes no superclass.
"""

from __future__ import annotations

from engine.claims.parse import parse
from engine.claims.statement import OPEN
from engine.instruct.labels import classes_of, fifteen

CODES: dict[str, str] = {
    "normal ECG": "NORM", "sinus rhythm": "SR", "normal sinus rhythm": "SR", "sinus tachycardia": "STACH", "sinus bradycardia": "SBRAD",
    "sinus arrhythmia": "SARRH", "atrial fibrillation": "AF", "atrial flutter": "AFLT", "supraventricular tachycardia": "SVTAC",
    "junctional rhythm": "JUNC", "wandering pacemaker": "WAP", "ventricular tachycardia": "VT", "paced rhythm": "PACE",
    "ventricular ectopy": "PVC", "supraventricular ectopy": "PAC", "bigeminy": "BIGU",
    "first degree AV block": "1AVB", "AV block": "AVB", "AV block of second degree": "2AVB", "AV block of third degree": "3AVB",
    "left bundle branch block": "LBBB", "right bundle branch block": "RBBB", "bundle branch block": "BBB",
    "incomplete left bundle branch block": "ILBBB", "incomplete right bundle branch block": "IRBBB", "left anterior fascicular block": "LAFB",
    "left posterior fascicular block": "LPFB", "bifascicular block": "BBB", "intraventricular conduction delay": "IVCD",
    "conduction disturbance": "IVCD", "pre-excitation": "WPW",
    "infarct": "MI", "acute infarct": "MI", "ST elevation infarct": "MI", "ischaemia": "ISC", "acute ischaemia": "ISC", "ST-T changes": "NST",
    "T wave changes": "NDT", "long QT": "LQT",
    "left ventricular hypertrophy": "LVH", "right ventricular hypertrophy": "RVH", "ventricular hypertrophy": "VH",
    "left atrial enlargement": "LAE", "right atrial enlargement": "RAE", "atrial enlargement": "LAE", "chamber enlargement": "VH",
}  # fmt: skip
"""Findings of the checker by the code of `engine.instruct.labels` that stands for them."""
_VOLTAGE = "voltage criteria for "
"""In front of a hypertrophy: what is said is form too (VCLVH of PTB-XL)."""


def codes_in(text: str) -> tuple[str, ...]:
    """Codes of `engine.instruct.labels` that a text states, in its order."""
    found = []
    for read in parse(text):
        for one in read.statements:
            if one.kind != "finding" or one.negated or one.detail == OPEN:
                continue
            if one.what == "left ventricular hypertrophy" and text[: one.start].lower().endswith(_VOLTAGE):
                found.append("VLVH")
            elif one.what in CODES:
                found.append(CODES[one.what])
    return tuple(dict.fromkeys(found))


def labels_in(text: str) -> tuple[str, ...]:
    """Of the fifteen labels those that a text states."""
    codes = codes_in(text)
    return tuple(fifteen(codes, classes_of(codes)))
