"""Age and sex as the headers of recordings tell them, by which limits of normal are chosen; nothing else of a patient is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ingest.bed import Sex

OLDEST_YEARS = 120.0
"""A higher age is a mark of one that is kept back (PTB-XL writes 300 of those above 89), and none is known."""
DAYS = {"D": 1.0, "W": 7.0, "M": 30.4375, "Y": 365.25}
"""Of the units of an age in DICOM (PS3.5 table 6.2-1, value representation AS)."""
_AGE = re.compile(r"\W*age\W*([0-9.]+)\s*(?:years|y)?\s*", re.IGNORECASE)
_SEX = re.compile(r"\W*(?:sex|gender)\W*(f|female|m|male)\s*", re.IGNORECASE)
_MIT = re.compile(r"\s*(-?\d+)\s+([MF])(?:\s+\d.*)?", re.IGNORECASE)
"""`69 M 1085 1629 x1`: MIT-BIH writes -1 of an age that is not known."""
_DICOM_AGE = re.compile(r"(\d{3})([DWMY])")

Told = tuple[float | None, Sex]
"""Age in years, None where it is not known, and sex."""


def of_comments(comments: Iterable[str]) -> Told:
    """What the comments of a WFDB header tell: `Age: 71` or `<sex>: F`, as CinC, LUDB and PTB have them, or `69 M` of MIT-BIH."""
    age, sex = None, Sex.UNKNOWN
    for line in comments:
        if found := _AGE.fullmatch(line):
            age = _years(_number(found.group(1)))
        elif found := _SEX.fullmatch(line):
            sex = _sex(found.group(1))
        elif found := _MIT.fullmatch(line):
            age, sex = _years(float(found.group(1))), _sex(found.group(2))
    return age, sex


def of_edf(edf: Any) -> Told:
    """What the patient field of an EDF+ header tells: its sex, and the age from the dates of birth and of the recording."""
    try:
        sex = _sex(str(edf.patient.sex or ""))
    except (ValueError, IndexError):  # a field of another form
        sex = Sex.UNKNOWN
    try:
        born, begun = edf.patient.birthdate, edf.startdate
    except (ValueError, IndexError):  # made anonymous, or of another form
        born = begun = None
    return (None if born is None or begun is None else _years((begun - born).days / DAYS["Y"])), sex


def of_dicom(data: Any) -> Told:
    """What PatientAge and PatientSex of a DICOM object tell."""
    found = _DICOM_AGE.fullmatch(str(data.get("PatientAge", "")).strip())
    age = _years(int(found.group(1)) * DAYS[found.group(2)] / DAYS["Y"]) if found else None
    return age, _sex(str(data.get("PatientSex", "")))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


def _sex(text: str) -> Sex:
    letter = text.strip().lower()[:1]
    return Sex.FEMALE if letter == "f" else Sex.MALE if letter == "m" else Sex.UNKNOWN


def _years(value: float) -> float | None:
    return value if 0.0 < value <= OLDEST_YEARS else None
