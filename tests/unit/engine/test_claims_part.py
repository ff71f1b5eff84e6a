"""What is told of a sentence of which not every word was understood, and what becomes of a text with such sentences."""

import pytest

from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.show import Outcome, outcome, sentences, shown
from tests.unit.engine.test_claims_variants import records

TOLD = [
    ("Sinus rhythm, but every other P wave is blocked.", "sinus rhythm"),
    ("The rate swings between 50 and 120 bpm.", "heart rate 72 /min"),
    ("A QRS below 120 ms with a curious wobble.", "QRS duration 92 ms"),
    ("The axis of 44 degrees wobbles.", "QRS axis 45 degrees"),
    ("A wobbling P wave precedes each QRS.", "P waves present"),
    ("T waves are upright in V4-V6 and the patient sweats.", "upright T waves in V4, V5, V6"),
    ("Sinus rhythm of 72 bpm and R in V5 1.3 mV with a wobble.", "sinus rhythm; heart rate 72 /min; R amplitude in V5 1.30 mV"),
]  # fmt: skip
"""With one word or more that nobody understood: what is told instead is measured, whatever the sentence says."""
STOPPED = [
    "Cardiac arrest.",
    "The ST in V2 to V4 rides high.",
    "Sinus rhythm wobbles at 92 bpm.",
    "Sinus rhythm with pericarditis wobbles.",
    "It is not true that the QRS wobbles and is narrow.",
    "An inferior infarct cannot be excluded, says the wobble.",
    "Irregular and wobbling, the QRS is narrow.",
]
"""A number, unit, lead or finding does not agree, it cannot be told what is said of it, or nothing may be told."""


@pytest.mark.parametrize(("text", "told"), TOLD)
def test_what_was_measured_is_told_without_the_words_that_were_not_understood(text: str, told: str) -> None:
    basis = records()["usual"]
    claims = check(text, basis)
    assert any(c.verdict is Verdict.UNSUPPORTED for c in claims)
    assert shown(text, claims) == f"[Of one sentence not every word was understood; measured: {told}.]"
    (one,) = sentences(text, claims)
    assert (one.verdict, one.partly) == (Verdict.AGREE, True)
    assert outcome(text, claims) is Outcome.PART
    again = check(f"{told[0].upper()}{told[1:]}.", basis)
    assert again
    assert {c.verdict for c in again} == {Verdict.AGREE}


@pytest.mark.parametrize("text", STOPPED)
def test_a_text_of_which_nothing_can_be_told_or_something_is_wrong_is_stopped(text: str) -> None:
    claims = check(text, records()["usual"])
    assert outcome(text, claims) is Outcome.STOPPED
    assert not any(one.partly for one in sentences(text, claims))


def test_a_sentence_that_was_not_understood_stops_no_other() -> None:
    basis = records()["usual"]
    beside = "PR 160 ms. The nurse wobbles in pain."
    assert outcome(beside, check(beside, basis)) is Outcome.PART
    assert shown(beside, check(beside, basis)).startswith("PR 160 ms. [Withheld: ")
    whole = "PR 160 ms. Sinus rhythm."
    assert outcome(whole, check(whole, basis)) is Outcome.WHOLE
