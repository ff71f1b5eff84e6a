"""Labels that a text states, and none that it denies or leaves open."""

import pytest

from engine.evaluate.mentioned import CODES, codes_in, labels_in
from engine.instruct.labels import LABELS


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Sinus rhythm. The ECG is within normal limits.", {"NORM", "SR"}),
        ("Atrial fibrillation with left bundle branch block.", {"AF", "LBBB", "CD"}),
        ("No evidence of infarction. There is no left ventricular hypertrophy.", set()),
        ("Old inferior myocardial infarction cannot be excluded.", set()),
        ("Inferior infarct and left ventricular hypertrophy.", {"MI", "HYP"}),
        ("First degree AV block. Premature ventricular contractions are present.", {"1AVB", "CD", "PVC"}),
        ("T wave inversion in aVR and V1. ST depression in V5.", set()),
        ("Nonspecific ST-T changes.", {"STTC"}),
        ("Incomplete right bundle branch block.", {"CD"}),
        ("Wolff-Parkinson-White pattern.", {"CD"}),
        ("Sinus bradycardia. Ventricular pacing is seen.", {"SBRAD", "PACE"}),
        (
            "Impression: hypertrophy, myocardial infarction, conduction disturbance and repolarisation changes.",
            {"HYP", "MI", "CD", "STTC"},
        ),
        ("Impression: conduction disturbance and normal ECG.", {"CD", "NORM"}),
        ("Diagnosis: sinus rhythm and voltage criteria for left ventricular hypertrophy.", {"SR"}),
        (
            "The voltage criteria for left ventricular hypertrophy are met. Left ventricular hypertrophy is present.",
            {"HYP"},
        ),
        ("", set()),
    ],
)
def test_labels_of_a_text(text: str, labels: set[str]) -> None:
    assert set(labels_in(text)) == labels


def test_every_code_is_one_of_the_table() -> None:
    assert set(CODES.values()) <= set(LABELS)
    assert codes_in("Atrial flutter. Atrial flutter again.") == ("AFLT",)
