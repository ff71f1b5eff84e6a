"""How far a quality, a denial and a list of leads reach, what is said less sharply than a limit, and findings that a text calls open."""

from __future__ import annotations

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.show import Outcome, outcome
from tests.unit.engine.test_claims_variants import basis, leads, records

FLAT_III = {"III": {"t_mv": -0.04}, "V1": {"t_mv": -0.1}}
T_DOWN = {"III": {"t_mv": -0.2}, "aVL": {"t_mv": -0.03}}
OWN = {
    "III down": lambda: basis(leads=leads(**FLAT_III)),
    "aVL flat": lambda: basis(leads=leads(**T_DOWN)),
    "block": lambda: basis(qrs_ms=150, leads=leads(I={"t_mv": -0.2}, V6={"t_mv": -0.2})),
    "leftward": lambda: basis(axis_deg=-20),
    "tall aVL": lambda: basis(leads=leads(aVL={"r_mv": 1.4})),
    "arrhythmia": lambda: basis(rr_sd_ms=80),
    "strain": lambda: basis(
        leads=leads(V5={"r_mv": 3.0, "t_mv": -0.2}, V6={"t_mv": -0.2}, I={"t_mv": -0.2}, V1={"s_mv": -1.9})
    ),
}


def told(record: str, text: str) -> Outcome:
    on: Basis = OWN[record]() if record in OWN else records()[record]
    return outcome(text, check(text, on))


PAIRS = [
    # a quality reaches no further than the nearest clause that names a subject
    ("fast", "P waves lead the QRS complexes, fast at 124 beats a minute.", "P waves lead the QRS complexes, slow at 124 beats a minute."),
    ("usual", "P waves precede all complexes and the rate is 72 bpm, with short and long cycles.", "P waves precede all complexes, the rate is 72 bpm and the QRS is long."),
    ("block", "The QTc is acceptable given the wide QRS, and the rate is 72 bpm.", "The QRS of 150 ms is acceptable, and the rate is 72 bpm."),
    ("usual", "R wave progression is orderly even if the amplitudes are small.", "R wave progression is small."),
    ("fast", "The QT of 310 ms looks short, but the corrected QT is normal.", "The QT of 310 ms looks long, but the corrected QT is normal."),
    ("usual", "PR 160 ms, no AV delay. A slowing towards the end.", "PR 160 ms, and AV conduction is slow."),
    # each wave has its own leads
    ("III down", "T waves are upright in V2 to V6, near-flat negative in III.", "T waves are upright in V2 to V6, near-flat negative in II."),
    ("III down", "T is upright V2 to V6, flat-negative in III at a rate of 72 bpm.", "T is upright in III, flat-negative in V2 to V6 at a rate of 72 bpm."),
    ("usual", "No strain: T upright in I, V5 and V6.", "No strain: T inverted in I, V5 and V6."),
    # said less sharply than a limit
    ("aVL flat", "The T wave is barely negative in aVL, with a rate of 72 bpm.", "The T wave is negative in aVL, with a rate of 72 bpm."),
    ("III down", "T is negative in III and V1, neither of which is abnormal.", "T is negative in II and V1, neither of which is abnormal."),
    ("leftward", "Axis -20 degrees, leftward, not beyond -30 degrees.", "The axis of -20 degrees is deviated to the left."),
    ("leftward", "Axis -20 degrees, borderline left.", "Axis -20 degrees, borderline right."),
    # denials
    ("usual", "PR of 160 ms: a first-degree AV block is not yet present.", "PR of 160 ms: a first-degree AV block is present."),
    ("long PR", "PR of 232 ms: a first-degree AV block is present.", "PR of 232 ms: a first-degree AV block is not yet present."),
    ("usual", "The QRS of 92 ms is too narrow to diagnose bundle branch block.", "The QRS is wide enough to diagnose bundle branch block."),
    ("Q", "The Q wave in III is wide enough to count as pathological.", "The Q wave in III is too narrow to count as pathological."),
    ("usual", "RR varying by only 12 ms (SD), rate 72 bpm.", "RR varying greatly, rate 72 bpm."),
    ("usual", "Left ventricular hypertrophy cannot be inferred from the voltages.", "Left ventricular hypertrophy is inferred from the voltages."),
    ("usual", "The rate is 72 bpm and an old infarct cannot be excluded.", "The rate is 72 bpm and an acute infarct is present."),
    ("usual", "The rhythm of 72 bpm is supraventricular in origin.", "The rhythm of 72 bpm is of ventricular origin."),
    # what measurements carry
    ("tall aVL", "Left ventricular hypertrophy by the limb-lead criterion, R in aVL being 1.4 mV.", "No left ventricular hypertrophy by the limb-lead criterion, R in aVL being 1.4 mV."),
    ("usual", "No left ventricular hypertrophy by the aVL criterion.", "Left ventricular hypertrophy by the aVL criterion."),
    ("arrhythmia", "Sinus arrhythmia; normal ECG for practical purposes.", "Regular rhythm; normal ECG for practical purposes."),
    ("strain", "Left ventricular hypertrophy with secondary ST-T changes.", "Left ventricular hypertrophy without ST-T changes."),
    ("usual", "A tracing without a major abnormality.", "A tracing with a major abnormality."),
    # further: what a quality is bound to, exceptions, single Q waves
    ("fibrillating", "The mean RR is 545 ms, the sequence of the complexes being irregular.", "The mean RR is 545 ms, the sequence of the complexes being regular."),
    ("fast", "Apart from the fast rate of 124 bpm there is nothing abnormal.", "Apart from the slow rate of 124 bpm there is nothing abnormal."),
    ("long PR", "Prolonged PR, all else normal.", "Normal PR, all else abnormal."),
    ("long PR", "First-degree AV block; otherwise conduction is normal, QRS 92 ms.", "No AV block; otherwise conduction is disturbed, QRS 92 ms."),
    ("long PR", "Every P wave is conducted with a delay, PR 232 ms.", "Every P wave is conducted without delay, PR 232 ms."),
]  # fmt: skip
"""A record, what is true of it, and the same with a finding altered."""


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_the_true_one_is_not_stopped_and_the_altered_one_is(record: str, true: str, false: str) -> None:
    assert told(record, true) is not Outcome.STOPPED
    assert told(record, false) is Outcome.STOPPED


def test_an_abnormality_is_denied_of_no_abnormal_ecg() -> None:
    assert told("block", "A tracing without any abnormality.") is Outcome.STOPPED
