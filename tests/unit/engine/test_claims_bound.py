"""What a number, a lead, a denial or an answer is bound to where the nearest word is not what is meant, and what is bound to nothing."""

import pytest

from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.show import Outcome, displayed, outcome
from tests.unit.engine.test_claims_variants import records

PAIRS = [
    ("usual", "I R 6 mm, V1 S 11 mm.", "V2 R 6 mm, V6 S 11 mm."),
    ("usual", "QT 390 ms, Bazett-corrected 427 ms.", "QT 430 ms, Bazett-corrected 427 ms."),
    ("usual", "Corrected with Bazett = 427 ms; uncorrected = 390 ms.", "Corrected with Bazett = 427 ms; uncorrected = 450 ms."),
    ("usual", "QRS 0.09 s. T amplitude, V5: 0.30 mV.", "QRS 0.09 mV. T amplitude, V5: 0.30 mV."),
    ("usual", "72 complexes pass each minute.", "72 complexes pass each hour."),
    ("usual", "In each minute the ventricles contract 72 times.", "In each second the ventricles contract 72 times."),
    ("usual", "The signal repeats 72 times a minute.", "The signal repeats 72 times a second."),
    ("usual", "PR [ms] 160, QRS [ms] 92.", "PR [ms] 160, QRS [s] 92."),
    ("usual", "Intervals in seconds: PR 0.16, QRS 0.09.", "Intervals in seconds: PR 160, QRS 92."),
    ("usual", "HR72, PR160, QRS92.", "HR95, PR160, QRS92."),
    ("usual", "V4 carries the tallest R wave.", "V1 carries the tallest R wave."),
    ("usual", "The complex in I is chiefly above the line.", "The complex in I is chiefly below the line."),
    ("long PR", "PR long at 232 ms -> 1st degree AVB.", "PR long at 232 ms -> third-degree AVB."),
    ("usual", "Is this a normal rate? I would say so. Is there atrial fibrillation? I think not.", "Is this a normal rate? I would say so. Is there atrial fibrillation? I think so."),
    ("usual", "Would you call this atrial fibrillation? I would not.", "Would you call this atrial fibrillation? I would."),
    ("usual", "LBBB - no. LVH by Sokolow no.", "LBBB - no. LVH by Sokolow yes."),
    ("usual", "Absent: LBBB, RBBB, AV block.", "Present: LBBB, RBBB, AV block."),
    ("usual", "## Not seen\n- LBBB\n- Ectopic beats", "## Seen\n- LBBB\n- Ectopic beats"),
    ("usual", "Every beat comes from the sinus node.", "Every beat comes from the ventricles."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_what_is_true_is_not_blocked_and_what_is_altered_is_stopped(record: str, true: str, false: str) -> None:
    basis = records()[record]
    assert outcome(true, check(true, basis)) is Outcome.WHOLE
    assert outcome(false, check(false, basis)) is Outcome.STOPPED


def test_a_small_wave_bears_no_number_that_it_was_not_plainly_said_of() -> None:
    text = "The S wave of V1 goes down by 1.10 mV, and by 1.30 mm the R wave of V5 goes up."
    assert outcome(text, check(text, records()["usual"])) is Outcome.STOPPED


@pytest.mark.parametrize("text", ["Sinus rhythm, with 47 to be seen.", "Sinus rhythm x95."])
def test_a_number_that_is_said_of_nothing_is_not_shown(text: str) -> None:
    claims = check(text, records()["usual"])
    assert any(c.verdict is not Verdict.AGREE for c in claims)
    assert all(text not in one.text for one in displayed(text, claims))


def test_an_answer_that_is_neither_yes_nor_no_leaves_its_question_open() -> None:
    text = "Does the ECG show atrial fibrillation? Guess."
    assert outcome(text, check(text, records()["usual"])) is Outcome.STOPPED


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("72 complexes pass each second.", "/s"),
        ("72 complexes pass each hour.", "/h"),
        ("In each day the ventricles contract 72 times.", "/d"),
        ("The heart rate is 72 beats per second.", "/s"),
        ("The heart rate is 72 beats per hour.", "/h"),
        ("The heart rate is 72 per day.", "/d"),
        ("The heart rate is 72 Hz.", "Hz"),
    ],
)
def test_a_count_is_named_by_the_time_that_it_is_counted_in(text: str, unit: str) -> None:
    wrong = [c for c in check(text, records()["usual"]) if c.verdict is Verdict.DISAGREE]
    assert [c.unit for c in wrong] == [unit]
    assert f"not in {unit}" in wrong[0].why


def test_a_count_per_minute_stays_one_where_the_time_stands_apart() -> None:
    (number,) = check("72 complexes pass each minute.", records()["usual"])
    assert (number.unit, number.verdict) == ("/min", Verdict.AGREE)
