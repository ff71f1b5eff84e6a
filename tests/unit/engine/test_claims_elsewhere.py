"""Numbers that nothing binds to a measure, findings that are only called possible, and what is withheld and not contradicted."""

import pytest

from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.show import Outcome, outcome, shown
from tests.unit.engine.test_claims_criteria import of
from tests.unit.engine.test_claims_variants import records

FREE = [
    ("How far the P wave sits from the complex that it leads to is worth a look: {} ms.", "160", "PR interval 160 ms"),
    ("I compared the start of the QRS with the end of the T wave, and the two are {} ms apart.", "390", "QT interval 390 ms"),
    ("To cross the ventricles the impulse, which began in the atria, is granted {} ms.", "92", "QRS duration 92 ms"),
]  # fmt: skip
"""A number that no words bind, its true value, and what is told of it."""


@pytest.mark.parametrize(("text", "value", "told"), FREE)
def test_a_number_that_nothing_binds_is_asked_of_what_its_sentence_speaks_of(text: str, value: str, told: str) -> None:
    basis = records()["usual"]
    said = text.format(value)
    claims = check(said, basis)
    assert outcome(said, claims) is Outcome.PART
    assert told in shown(said, claims)
    assert said not in shown(said, claims)


@pytest.mark.parametrize(("text", "value", "told"), FREE)
def test_a_number_that_none_of_them_has_is_stopped(text: str, value: str, told: str) -> None:
    wrong = text.format(270)
    assert outcome(wrong, check(wrong, records()["usual"])) is Outcome.STOPPED


def test_a_number_that_is_bound_is_asked_of_no_other_measure() -> None:
    for text in ("The PR interval is 92 ms and the QRS is narrow.", "PR interval 92 ms, QRS 92 ms.", "QRS duration of 160 ms after a P wave."):  # fmt: skip
        assert outcome(text, check(text, records()["usual"])) is Outcome.STOPPED


def test_a_bound_and_a_value_in_another_unit_are_asked_of_no_other_measure() -> None:
    unit, right = "The amplitude of the R wave increases from 0.1 mV in aVR to 0.9 mm in II.", records()["usual"]
    bound, short = "The QRS duration of 68 ms is beyond the 120 ms that define a bundle branch block.", of(qrs_ms=68)
    for text, basis in ((unit, right), (bound, short)):
        assert outcome(text, check(text, basis)) is Outcome.STOPPED


def test_a_small_whole_number_counts_something_and_names_no_measure() -> None:
    text = "Sinus rhythm of 72 bpm; I went over it 3 more times."
    assert outcome(text, check(text, records()["usual"])) is not Outcome.STOPPED
    lead = "Sinus rhythm of 72 bpm; look at lead 9 too."
    assert outcome(lead, check(lead, records()["usual"])) is Outcome.STOPPED


POSSIBLE = [
    "Sinus rhythm at 72 bpm, which might be seen with left ventricular hypertrophy.",
    "Sinus rhythm at 72 bpm; a bifascicular block is among the possible reasons.",
    "Sinus rhythm at 72 bpm; lateral ischaemia could be considered.",
]


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_is_only_called_possible_is_withheld_and_stops_nothing_beside_it(text: str) -> None:
    basis = records()["usual"]
    claims = check(text, basis)
    assert outcome(text, claims) is Outcome.PART
    assert all(c.uncontradicted for c in claims if c.verdict is not Verdict.AGREE)
    assert not any(word in shown(text, claims) for word in ("hypertrophy", "bifascicular", "ischaemia"))


@pytest.mark.parametrize(
    "text",
    [
        "Sinus rhythm at 72 bpm with left ventricular hypertrophy.",
        "The rate is 72 bpm; this could be atrial fibrillation.",
        "The rate is 72 bpm; left bundle branch block, which may be old, is present.",
        "The rate is 72 bpm; first degree AV block is possible.",
    ],
)
def test_what_is_affirmed_or_settled_by_a_limit_is_stopped_as_before(text: str) -> None:
    assert outcome(text, check(text, records()["usual"])) is Outcome.STOPPED


def test_what_is_withheld_stops_nothing_beside_it_where_it_was_measured_so() -> None:
    basis = of(pr_ms={"value": 160, "spread": 45.0, "beats": 8})
    text = "The rate is 72 bpm. The PR interval is {} ms."
    right, wrong = text.format(160), text.format(230)
    assert outcome(right, check(right, basis)) is Outcome.PART
    assert "The PR interval is 160 ms" not in shown(right, check(right, basis))
    assert outcome(wrong, check(wrong, basis)) is Outcome.STOPPED


def test_the_standard_deviation_of_rr_is_no_rr_interval() -> None:
    basis = of(rr_sd_ms=12)
    for text in ("The RR intervals have a standard deviation of {} ms.", "RR SD {} ms.", "SDNN: {} ms."):
        (right,), (wrong,) = (check(text.format(value), basis) for value in (12, 60))
        assert (right.measure, right.verdict) == ("RR standard deviation", Verdict.AGREE)
        assert wrong.verdict is Verdict.DISAGREE


def test_a_time_behind_an_aside_with_a_number_is_that_between_the_waves() -> None:
    text = "Each P wave, best seen in lead II with an amplitude of 0.1 mV, is followed by a QRS complex after {} ms."
    basis = records()["usual"]
    assert [c.measure for c in check(text.format(160), basis) if c.unit == "ms"] == ["PR interval"]
    assert outcome(text.format(250), check(text.format(250), basis)) is Outcome.STOPPED


def test_a_slight_turn_of_the_axis_is_no_deviation_and_none_is_shown_either() -> None:
    basis = of(axis_deg=-20)
    for text in ("The axis of -20 degrees is slightly leftward.", "Axis -20 degrees, a little to the left."):
        assert outcome(text, check(text, basis)) is Outcome.PART
    far = of(axis_deg=60)
    for text in ("The axis of 60 degrees is slightly leftward.", "The axis of 60 degrees is leftward."):
        assert outcome(text, check(text, far)) is Outcome.STOPPED


def test_a_wave_behind_an_exception_is_that_of_the_lead_that_is_excepted() -> None:
    basis = records()["usual"]
    v1 = basis.mv("V1", "t_mv")
    assert v1 is not None
    text = "T waves are upright in every precordial lead except V1, where a {} deflection is seen at 72 bpm."
    said = text.format("negative" if v1 < 0 else "positive")
    assert outcome(said, check(said, basis)) is not Outcome.STOPPED
