"""Samples about simulated records, whose findings are known by construction: the question that is always asked, and a report.

The words are those of real records (`phrases`). Numbers stand as slots only, and no record is measured, so that as many samples can be made
as a decoder needs to learn to read its towers. `ecg` is `teacher/SEED`: training draws the record when it is shown.
"""

from __future__ import annotations

from random import Random
from typing import Any

from engine.criteria.case import listed
from engine.gem.prompt import GROUNDING, with_recording
from engine.instruct import phrases
from engine.instruct.labels import LABELS, by_group, classes_of, fifteen, groups_of
from engine.teacher.conditions import Condition
from engine.teacher.patient import Patient
from engine.teacher.record import patient_of
from engine.teacher.rhythms import SINUS, Rhythm
from engine.teacher.targets import LABELS as TAUGHT
from engine.teacher.truth import labels, numbers

C = Condition
DATABASE = "teacher"
_CODES: dict[Condition, tuple[str, ...]] = {
    C.AMI: ("AMI",), C.IMI: ("IMI",), C.LMI: ("LMI",), C.PMI: ("PMI",), C.AMI_ACUTE: ("AMI", "STE"), C.IMI_ACUTE: ("IMI", "STE"),
    C.LVH: ("LVH",), C.RVH: ("RVH",), C.LAE: ("LAE",), C.RAE: ("RAE",), C.LBBB: ("LBBB",), C.RBBB: ("RBBB",), C.IRBBB: ("IRBBB",),
    C.LAFB: ("LAFB",), C.LPFB: ("LPFB",), C.IVCD: ("IVCD",), C.WPW: ("WPW",), C.STD: ("STD",), C.STE: ("STE",), C.TINV: ("TINV",),
    C.NDT: ("NDT",), C.LQT: ("LQT",), C.LVOLT: ("LVOLT",),
}  # fmt: skip
_RHYTHMS = {Rhythm.ARRHYTHMIA: "SARRH", Rhythm.SUPRAVENTRICULAR: "SVTAC"}
"""Those that are none of the labels that are taught."""


def codes_of(patient: Patient) -> tuple[str, ...]:
    """Findings of a simulated patient by the codes of our table, in its order."""
    told = dict(zip(TAUGHT, labels(patient, numbers(patient)).tolist(), strict=True))
    found = {name for name, value in told.items() if value == 1.0 and name in LABELS}
    found -= {"MI", "STTC", "CD", "HYP"}
    found |= {code for one in patient.conditions for code in _CODES[one]}
    if patient.recovery.strain:
        found.add("NST")
    if patient.rhythm in _RHYTHMS:
        found.add(_RHYTHMS[patient.rhythm])
        found -= {"SR"} if patient.rhythm is Rhythm.ARRHYTHMIA else set()
    return tuple(code for code in LABELS if code in found)


def simulated(first_seed: int, count: int, seed: int = 0) -> list[dict[str, Any]]:
    """One sample each of the records of these seeds, in the published format."""
    return [_sample(first_seed + k, seed) for k in range(count)]


def _sample(record: int, seed: int) -> dict[str, Any]:
    patient, rng = patient_of(record), Random(f"{seed} {record}")
    codes = codes_of(patient)
    return {
        "id": f"{DATABASE}-{record}", "ecg": f"{DATABASE}/{record}", "image": "",
        "conversations": [
            {"from": "human", "value": with_recording(GROUNDING)}, {"from": "gpt", "value": _report(patient, codes, rng)},
        ],
        "vigil": {
            "task": "grounded", "database": DATABASE, "group": f"{DATABASE}/{record}", "fold": None, "codes": list(codes),
            "labels": list(fifteen(codes, classes_of(codes))), "about": list(codes), "change": {},
        },
    }  # fmt: skip


def _report(patient: Patient, codes: tuple[str, ...], rng: Random) -> str:
    """Groups of findings, rate, intervals, axis, one finding by its shape, and the diagnosis."""
    with_pr = patient.rhythm in SINUS or patient.atria.present
    groups = listed(groups_of(codes, classes_of(codes)))
    said = [
        *([phrases.IMPRESSION.format(groups=groups)] if groups else []),
        rng.choice(phrases.RATE),
        rng.choice(phrases.INTERVALS if with_pr else phrases.WITHOUT_PR),
        rng.choice(phrases.AXIS),
    ]
    if codes:
        # as for real records that no measured value decides
        code = rng.choice(codes)
        name = LABELS[code].name
        if code == "NORM":
            said.append(rng.choice(phrases.REASON["NORM"]))
        else:
            words = rng.choice(phrases.OPEN.get(LABELS[code].kind, phrases.OPEN["shape"]))
            said.append(words.format(name=name, Name=name[0].upper() + name[1:]))
        names = [LABELS[code].name for code in by_group(codes)]
        said.append(rng.choice(phrases.CONCLUSION).format(names=listed(names)))
    return " ".join(said)
