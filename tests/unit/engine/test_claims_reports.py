"""Points of the ST segment, sums with their numbers between, bounds without leads, named limits and how far a finding is said: what is true is not stopped, the same with one thing altered is."""

import pytest

from engine.claims.show import Outcome
from tests.unit.engine.test_claims_amplitudes import found, numbers

PAIRS = [
    ("anterior hemiblock", "In V2 the J point is raised by 0.12 mV, and the ST segment stands at 0.15 mV at 60 ms.", "In V2 the J point is raised by 0.12 mV, and the ST segment stands at 0.35 mV at 60 ms."),
    ("anterior hemiblock", "In V1 the ST segment is raised by less than 0.05 mV at the J point and by 0.08 mV 60 ms later.", "In V1 the ST segment is raised by less than 0.02 mV at the J point and by 0.3 mV 60 ms later."),
    ("anterior hemiblock", "An R of 0.9 mV in I and an S of 1.3 mV in III total 2.2 mV.", "An R of 0.9 mV in I and an S of 1.3 mV in III total 3.1 mV."),
    ("anterior hemiblock", "Lead I has an R wave of 0.9 mV and lead III an S wave of 1.3 mV; added together they exceed 2.0 mV.", "Lead I has an R wave of 0.9 mV and lead III an S wave of 1.3 mV; added together they exceed 2.8 mV."),
    ("anterior hemiblock", "The Sokolow-Lyon sum is 2.4 mV, the Cornell sum, at about 2.8 mV, is the larger.", "The Sokolow-Lyon sum is 2.4 mV, the Cornell sum, at about 1.6 mV, is the smaller."),
    ("anterior hemiblock", "No R wave is taller than 1.3 mV, and S in V1 plus R in V5 comes to 2.4 mV.", "No R wave is taller than 0.6 mV, and S in V1 plus R in V5 comes to 2.4 mV."),
    ("anterior hemiblock", "J-point deviation stays below 0.15 mV in all leads.", "J-point deviation stays below 0.05 mV in all leads."),
    ("anterior hemiblock", "There is no ST elevation of 2 mm in V2.", "There is no ST elevation of 0.5 mm in V2."),
    ("anterior hemiblock", "The PR interval is 188 ms, which is within the normal limit of 200 ms.", "The PR interval is 218 ms, which is within the normal limit of 200 ms."),
    ("anterior hemiblock", "The PR interval is at the upper limit of normal, 188 ms.", "The PR interval is at the upper limit of normal, 158 ms."),
    ("anterior hemiblock", "V2 shows a QRS dipping to -1.9 mV.", "V2 shows a QRS dipping to -1.1 mV."),
    ("anterior hemiblock", "Lead V1 ends in a negative deflection of 1.3 mV.", "Lead V1 ends in a negative deflection of 0.4 mV."),
    ("inferior Q", "The R wave outgrows the S wave in V4 and rises to 1.6 mV in V5.", "The R wave outgrows the S wave in V4 and rises to 0.3 mV in V5."),
    ("inferior Q", "Q waves open the complex in leads III and aVF, each about 50 ms wide.", "Q waves open the complex in leads III and aVF, each about 75 ms wide."),
    ("inferior Q", "A Q wave of 0.4 mV lasts 52 ms in III; no comparable Q wave is present in aVL.", "A Q wave of 0.4 mV lasts 52 ms in III; no comparable Q wave is present in aVF."),
    ("anterior hemiblock", "The QRS lasts 104 ms, just short of the limit for a bundle branch block.", "The QRS lasts 104 ms, well beyond the limit for a bundle branch block."),
    ("anterior hemiblock", "The T wave is inverted in III and upright in the remaining leads.", "The T wave is upright in I and inverted in the remaining leads."),
    ("anterior hemiblock", "The T wave in aVF is flat to minimally negative.", "The T wave in V2 is flat to minimally negative."),
    ("anterior hemiblock", "The T wave in III is inverted, which contrasts with the upright T waves in leads I and II.", "The T wave in III is inverted, which contrasts with the upright T waves in leads aVR and II."),
    ("inferior Q", "The T wave is inverted in V5 and V6 and, slightly, also in V4.", "The T wave is inverted in V5 and V6 and, slightly, also in V2."),
    ("anterior hemiblock", "The ECG is normal with respect to PR interval and QT.", "The ECG is normal with respect to PR interval and axis."),
    ("anterior hemiblock", "No limb lead reaches 2 mV and the deepest S wave of the tracing, in V2, is 1.9 mV.", "No limb lead reaches 2 mV and the deepest S wave of the tracing, in V5, is 0.8 mV."),
    ("inferior Q", "A junctional ST depression of 0.08 mV is seen in V5.", "A junctional ST depression of 0.3 mV is seen in V5."),
    ("anterior hemiblock", "ST deviation nowhere exceeds 0.15 mV.", "ST deviation nowhere exceeds 0.05 mV."),
    ("anterior hemiblock", "Short PR and long PR are both excluded.", "Left axis deviation and long PR are both excluded."),
    ("inferior Q", "T waves are negative in V4 to V6 as well as in III.", "T waves are negative in V4 to V6 as well as in I."),
    ("anterior hemiblock", "T waves range from flat to slightly positive in aVF.", "T waves range from flat to slightly positive in V2."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "text"), [(record, true) for record, true, _ in PAIRS])
def test_what_is_true_is_not_stopped(record: str, text: str) -> None:
    assert found(record, text) is not Outcome.STOPPED


@pytest.mark.parametrize(("record", "text"), [(record, false) for record, _, false in PAIRS])
def test_what_is_altered_is_stopped_or_not_shown(record: str, text: str) -> None:
    assert found(record, text) is Outcome.STOPPED


def test_a_point_of_the_st_segment_is_no_value() -> None:
    said = numbers("In V2 the J point is raised by 0.12 mV, and the ST segment remains raised at 60 ms.")
    assert [(one.what, one.unit) for one in said] == [("ST at J", "mV")]


def test_a_time_at_which_no_st_level_is_told_is_one() -> None:
    assert [(one.what, one.low) for one in numbers("The QRS is narrow at 80 ms.")] == [("QRS", 80.0)]
