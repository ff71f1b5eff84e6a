"""What a number, a quality or a denial belongs to in dense prose: each true sentence is not stopped, its altered one is."""

import pytest

from engine.claims.check import check
from engine.claims.show import Outcome, outcome
from tests.unit.engine.test_claims_variants import basis, leads, records

PAIRS = [
    ("usual", "QT 390 ms (Bazett 427 ms).", "QT 390 ms (Bazett 497 ms)."),
    ("usual", "QT 390 ms; Bazett 427 ms.", "QT 430 ms; Bazett 427 ms."),
    ("usual", "QRS 92 ms, short of the 120 ms needed for bundle branch block.", "QRS 92 ms, beyond the 120 ms needed for bundle branch block."),
    ("tall R", "SV1 1.90 mV + RV5 3.00 mV = 4.90 mV, above the Sokolow-Lyon limit of 3.5 mV.", "SV1 1.90 mV + RV5 3.00 mV = 4.90 mV, below the Sokolow-Lyon limit of 3.5 mV."),
    ("tall R", "RV5 reaches 3.00 mV; with SV1 that is 4.90 mV.", "RV5 reaches 3.00 mV; with SV1 that is 5.90 mV."),
    ("usual", "Sinus rhythm of 72/min, quite regular.", "Sinus rhythm of 72/min, quite irregular."),
    ("slow", "Sinus bradycardia, just under the limit at 48/min.", "Sinus bradycardia, just under the limit at 38/min."),
    ("two Q", "In III there is a Q of 0.32 mV lasting 56 ms, in aVF 0.12 mV and 32 ms.", "In III there is a Q of 0.32 mV lasting 86 ms, in aVF 0.12 mV and 32 ms."),
    ("J", "ST at J: 0.15 mV II, 0.21 mV III, 0.28 mV aVF.", "ST at J: 0.15 mV II, 0.28 mV III, 0.15 mV aVF."),
    ("J", "The J point of aVF lies 0.28 mV above the line.", "The J point of aVF lies 0.28 mV below the line."),
    ("usual", "R in I, not aVR, is 0.60 mV.", "R in I, not aVR, is 0.90 mV."),
    ("usual", "Without ST elevation an acute infarct is not seen.", "Without ST elevation an acute infarct is seen."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_what_is_true_is_not_stopped_and_what_is_altered_is(record: str, true: str, false: str) -> None:
    known = records() | {
        "two Q": basis(leads=leads(III={"q_mv": -0.32, "q_ms": 56.0}, aVF={"q_mv": -0.12, "q_ms": 32.0})),
        "J": basis(leads=leads(II={"st_j_mv": 0.15}, III={"st_j_mv": 0.21}, aVF={"st_j_mv": 0.28})),
    }
    assert outcome(true, check(true, known[record])) is not Outcome.STOPPED
    assert outcome(false, check(false, known[record])) is Outcome.STOPPED


@pytest.mark.parametrize(
    "text", ["A PR interval of 92 ms beside a narrow QRS.", "The QRS takes 160 ms behind a P wave."]
)
def test_a_number_is_asked_of_no_other_measure_than_the_one_that_stands_beside_it(text: str) -> None:
    assert outcome(text, check(text, records()["usual"])) is Outcome.STOPPED
