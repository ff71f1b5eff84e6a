"""What is told in the checker's own words instead of stopping its text: beside a doubt, near a limit, and by its value though it is withheld."""

import pytest

from engine.claims.check import check
from engine.claims.show import Outcome, outcome, shown
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_variants import leads, records

_MORE = {
    **records(),
    "long PR nearly": basis(pr_ms=189),
    "turned": basis(axis_deg=-62.0),
    "far turned": basis(axis_deg=-76.0),
    "late R": basis(leads=leads(V3={"r_mv": 0.44, "s_mv": -0.93}, V4={"r_mv": 0.70, "s_mv": -0.30})),
    "long QT": basis(qt_ms=430.0, qtc_bazett_ms=491.0, qtc_fridericia_ms=470.0),
}
DOUBTED = [
    ("At 72 bpm sinus rhythm is doubtful.", "heart rate 72 /min"),
    ("Sinus rhythm is doubtful, for the PR is 160 ms and the QRS 92 ms.", "PR interval 160 ms; QRS duration 92 ms"),
]  # fmt: skip
"""What was measured is as large as it is; of what is doubted nothing is told."""
PAIRS = [
    # a word of degree moves a limit
    ("long PR nearly", "The PR interval of 189 ms is mildly prolonged.", "The PR interval of 189 ms is prolonged."),
    ("turned", "An axis of -62 degrees leans to the left, with a PR of 160 ms.", "An axis of -62 degrees leans to the right, with a PR of 160 ms."),
    ("late R", "R progression is slightly delayed, with R of 0.44 mV in V3.", "R progression is slightly delayed, with R of 0.84 mV in V3."),
    ("far turned", "Extreme leftward rotation of the axis to -76 degrees.", "Extreme rightward rotation of the axis to -76 degrees."),
    # how far a denial reaches
    ("turned", "There is no bundle branch block despite the deviated axis.", "There is no axis deviation despite the narrow QRS."),
    ("usual", "The PR of 160 ms excludes bundle branch block as well as AV delay.", "The PR of 160 ms includes bundle branch block as well as AV delay."),
    ("usual", "A narrow QRS excludes a bundle branch block as well as an AV block.", "A narrow QRS supports a bundle branch block as well as an AV block."),
    ("usual", "The narrow QRS and the absence of ST changes make this a normal axis.", "The narrow QRS and the absence of ST changes make this a deviated axis."),
    # what is gone over is no limit
    ("usual", "The QRS of 92 ms indicates that the impulse travels over the normal pathway.", "The QRS of 92 ms is over the normal."),
    # a limit that is called normal itself
    ("long QT", "The QTc by Bazett is 491 ms, longer than the 450 ms regarded as normal.", "The QTc by Bazett is 431 ms, longer than the 450 ms regarded as normal."),
    ("long QT", "After correction by Bazett the QT interval is 491 ms.", "After correction by Bazett the QT interval is 451 ms."),
    ("usual", "Atrial fibrillation is excluded and does not account for the upright T waves in V5.", "Atrial fibrillation is excluded and does not account for the inverted T waves in V5."),
    ("usual", "A left bundle branch block can safely be rejected.", "A left bundle branch block can safely be accepted."),
    ("usual", "At 72 bpm nobody would call the rate fast.", "At 72 bpm anybody would call the rate fast."),
    ("turned", "An axis of -62 degrees is too far to the left to be normal.", "An axis of -62 degrees is far to the left and still normal."),
    ("usual", "Flutter waves, delta waves and pauses are all absent.", "Flutter waves, delta waves and pauses are all there."),
    ("T down", "A T wave of -0.30 mV in V4 is negative where it ought to be positive.", "A T wave of -0.30 mV in V4 is positive where it ought to be negative."),
    # limits of findings, of values and between two findings
    ("usual", "A P wave of 0.12 mV in II stays under the 0.25 mV of right atrial enlargement.", "A P wave of 0.12 mV in II lies above the 0.25 mV of right atrial enlargement."),
    ("usual", "2.4 mV is the Sokolow-Lyon voltage, 3.5 mV its limit.", "3.5 mV is the Sokolow-Lyon voltage, 2.4 mV its limit."),
    ("slow", "48 bpm is slower than the 60 bpm that separate bradycardia from a normal rate.", "68 bpm is slower than the 70 bpm that separate bradycardia from a normal rate."),
    ("usual", "With 92 ms the QRS is far from the 120 ms of a complete block.", "With 132 ms the QRS is far from the 120 ms of a complete block."),
    # what is reckoned from others
    ("usual", "QT 390 ms less the QRS of 92 ms leaves 298 ms.", "QT 390 ms less the QRS of 92 ms leaves 348 ms."),
    ("usual", "The PR of 160 ms lies 40 ms below the limit of 200 ms.", "The PR of 160 ms, measured in II, lasts 40 ms in V1 with its limit of 200 ms."),
    ("usual", "RR = 833 ms; 60,000/833 = 72 bpm.", "RR = 833 ms; 60,000/833 = 92 bpm."),
    # numbers that say nothing wrong
    ("usual", "The rate of 72 bpm lies below 150 bpm.", "The rate of 92 bpm lies below 150 bpm."),
    ("usual", "At 72 bpm the PR is not 220 ms.", "At 92 bpm the PR is not 220 ms."),
    ("usual", "At 72 bpm R waves reach 1.40 mV.", "At 72 bpm R waves reach 2.90 mV."),
    ("usual", "At 72 bpm the picture of an inferior infarct is not complete.", "At 72 bpm an acute inferior infarct is complete."),
]  # fmt: skip
"""By the name of a recording, one text that is not stopped and one that is."""


@pytest.mark.parametrize(("text", "told"), DOUBTED)
def test_beside_a_doubt_only_numbers_are_told(text: str, told: str) -> None:
    claims = check(text, _MORE["usual"])
    assert shown(text, claims) == f"[Of one sentence not every word was understood; measured: {told}.]"


@pytest.mark.parametrize(("name", "right", "wrong"), PAIRS)
def test_the_right_text_is_not_stopped_and_the_wrong_one_is(name: str, right: str, wrong: str) -> None:
    of = _MORE[name]
    assert outcome(right, check(right, of)) is not Outcome.STOPPED
    assert outcome(wrong, check(wrong, of)) is Outcome.STOPPED


TOPICS = [
    ("In V5 the R wave is quadruplicated.", "R amplitude in V5 1.30 mV"),
    ("Neither bundle is gridlocked.", "QRS duration 92 ms"),
]  # fmt: skip
"""Of what a sentence speaks of the measured value is told where words of it are known to nobody."""


@pytest.mark.parametrize(("text", "told"), TOPICS)
def test_of_a_sentence_in_unknown_words_its_topic_is_told(text: str, told: str) -> None:
    claims = check(text, _MORE["usual"])
    assert outcome(text, claims) is Outcome.PART
    assert shown(text, claims) == f"[Of one sentence not every word was understood; measured: {told}.]"


def test_a_sentence_in_known_words_of_which_nothing_was_read_is_withheld() -> None:
    text = "Bundle branches conduct normally."
    assert outcome(text, check(text, _MORE["usual"])) is Outcome.STOPPED
