"""Turns of speech: what is too large to be called something, what would be so, what was only looked for, and of which part something is said."""

import pytest

from engine.claims.check import check
from engine.claims.findings import bare, qualified
from engine.claims.show import Outcome, outcome
from tests.unit.engine.test_claims_variants import records

PAIRS = [
    ("slow", "Heart rate 48 bpm, therefore too slow to be called normal.", "Heart rate 72 bpm, therefore too slow to be called normal."),
    ("slow", "At 48 bpm the rate is too slow to be called a tachycardia.", "At 48 bpm the rate is too slow to be called a bradycardia."),
    ("long PR", "The PR interval of 232 ms is too long to be called normal.", "The PR interval of 160 ms is too long to be called normal."),
    ("usual", "The leftward or rightward direction of the axis was assessed: at 45 degrees it is neither.", "The leftward or rightward direction of the axis was assessed: at 45 degrees it is leftward."),
    ("usual", "With respect to ischaemia, leads V4 to V6 are free of ST segment deviation.", "With respect to ischaemia, leads V4 to V6 show ST segment depression."),
    ("usual", "The tracing shows 72 beats per minute; since 60 to 100 beats per minute is considered normal, the rate is normal.", "The tracing shows 72 beats per minute; since 60 to 100 beats per minute is considered normal, the rate is high."),
    ("usual", "The R wave in V5 rises 13.0 mm above the baseline, whereas the S wave in lead V1 dips 11.0 mm below it.", "The R wave in V5 rises 13.0 mm above the baseline, whereas the S wave in lead V1 dips 4.0 mm below it."),
    ("Q", "The first deflection of the QRS complex in lead III is negative.", "The first deflection of the QRS complex in lead V5 is negative."),
    ("usual", "The first question is whether P waves are present. They are, and the rhythm is regular.", "The first question is whether P waves are present. They are not, and the rhythm is regular."),
    ("fibrillating", "The absence of distinct P waves and the irregular RR intervals support a diagnosis of atrial fibrillation.", "The presence of distinct P waves and the irregular RR intervals support a diagnosis of atrial fibrillation."),
    ("Q", "The QRS complex has a normal duration of 92 ms.", "The QRS complex has a normal shape and a duration of 92 ms."),
    ("long PR", "Through the normal conduction system the ventricles are activated within 92 ms.", "AV conduction is normal and the ventricles are activated within 92 ms."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_what_is_true_is_not_blocked_and_what_is_altered_is_stopped(record: str, true: str, false: str) -> None:
    basis = records()[record]
    assert outcome(true, check(true, basis)) is not Outcome.STOPPED
    assert outcome(false, check(false, basis)) is Outcome.STOPPED


def test_a_condition_is_neither_claimed_nor_shown() -> None:
    text = "QTc 427 ms (Bazett). A copy is kept when it is prolonged."
    claims = check(text, records()["usual"])
    assert outcome(text, claims) is Outcome.PART
    assert [c.measure for c in claims if c.uncontradicted] == ["in general: prolonged"]


def test_a_condition_that_is_said_to_be_met_is_claimed() -> None:
    text = "The PR interval is called a block when it is prolonged, as it is here."
    assert outcome(text, check(text, records()["usual"])) is Outcome.STOPPED


@pytest.mark.parametrize("rule", [*qualified.RULES, *bare.RULES])
def test_every_rule_says_in_one_line_what_it_reads_with_an_example(rule: qualified.Rule) -> None:
    told = rule.__doc__ or ""
    assert "\n" not in told
    assert told.count("`") >= 2
