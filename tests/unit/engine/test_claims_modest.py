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
