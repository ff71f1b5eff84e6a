"""What is said of some leads and not of others, and what sounds like a finding and is the opposite: each false one is stopped."""

import pytest

from engine.claims.check import check
from engine.claims.show import Outcome, outcome
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_variants import records

# T is inverted in V1 and aVR alone, ST level everywhere
PAIRS = [
    ("usual", "T is upright in V5 but not in V1.", "T is upright in V5 but not in V6."),
    ("usual", "T is upright in V5, unlike in V1.", "T is upright in V5, unlike in V6."),
    ("usual", "T is upright in V5, whereas V1 is the opposite.", "T is upright in V5, whereas V6 is the opposite."),
    ("usual", "The T wave is upright in V5, in V1 it is not.", "The T wave is upright in V5, in V6 it is not."),
    ("usual", "T waves are upright in all leads except V1.", "T waves are upright in all leads except V5."),
    ("usual", "T waves are upright in all leads except V1.", "T waves are upright in all leads."),
    ("usual", "All chest leads but V1 show upright T waves.", "All chest leads but V4 show upright T waves."),
    ("usual", "Apart from aVR, T is inverted in V1 alone.", "Apart from aVR, T is inverted in V5 alone."),
    ("ST up", "ST is isoelectric in all chest leads except V5 and V6.", "ST is isoelectric in all chest leads except V1 and V2."),
    ("ST up", "No ST elevation except in V5 and V6, I and aVL.", "No ST elevation except in V2 and V3."),
    ("Q", "Q waves in III and aVF, but not in V5.", "Q waves in III, but not in aVF."),
    ("usual", "T is upright in V5 and V6.", "Only V5 has an upright T wave."),
    ("usual", "Most T waves are upright.", "Few T waves are upright."),
    ("fibrillating", "The rhythm could not be more irregular.", "The rhythm could not be more regular."),
    ("usual", "The rhythm could not be more regular.", "The rhythm could not be more irregular."),
    ("usual", "Sinus rhythm without a ventricular beat.", "Sinus rhythm but for a ventricular beat."),
    ("usual", "All beats are sinus beats.", "One ventricular beat is seen."),
    ("usual", "Each P wave is followed by a QRS complex.", "Each P wave is followed by two QRS complexes."),
    ("usual", "The QT interval of 390 ms is less than half of the RR interval.", "The QT interval of 390 ms exceeds half of the RR interval."),
    ("usual", "The rate is just over 70 bpm.", "The rate is just under 100."),
    ("usual", "The rhythm is regular throughout.", "The rhythm is regular in part."),
    ("usual", "The axis of 45 degrees is normal.", "The axis of 45 degrees is vertical."),
    ("usual", "The axis of 45 degrees is normal.", "The axis of 45 degrees is horizontal."),
    ("usual", "Mark the R waves; when the paper is slid along, the marks line up with the next beats.", "Mark the R waves; when the paper is slid along, the marks fail to line up with the next beats."),
    ("fibrillating", "Mark the R waves; when the paper is slid along, the marks do not line up with the next beats.", "Mark the R waves; when the paper is slid along, the marks line up with the next beats."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_what_is_true_is_not_blocked_and_what_is_altered_is_not_shown(record: str, true: str, false: str) -> None:
    on = records()[record]
    assert outcome(true, check(true, on)) is not Outcome.STOPPED
    assert outcome(false, check(false, on)) is not Outcome.WHOLE


@pytest.mark.parametrize(
    ("pr_ms", "told"), [(196, True), (160, False)]
)  # of 120 to 200 ms the upper part is at the upper limit
def test_what_is_at_the_limit_lies_there(pr_ms: int, told: bool) -> None:
    text = f"The PR interval of {pr_ms} ms is at the upper limit of normal."
    assert (outcome(text, check(text, basis(pr_ms=pr_ms))) is Outcome.WHOLE) is told


@pytest.mark.parametrize("text", ["All beats are sinus beats.", "Every beat is conducted from the atria."])
def test_what_is_said_of_every_beat_is_not_true_beside_a_ventricular_one(text: str) -> None:
    assert outcome(text, check(text, records()["early"])) is Outcome.STOPPED


def test_waves_that_are_equally_tall_are_no_regular_rhythm() -> None:
    text = "R waves are equally tall in all chest leads."
    assert all(c.measure != "regular rhythm" for c in check(text, records()["usual"]))
