"""Wordings as strangers write them: markdown, numbers in words, values said twice, general sentences, limits of findings."""

from pathlib import Path

import pytest

from engine.claims.check import check
from engine.claims.language.markup import plain, sentences
from engine.claims.language.numerals import value_of
from engine.claims.show import displayed
from tests.unit.engine.test_claims_variants import records, stopped

FALSE = Path(__file__).with_name("false_in_other_words.txt").read_text(encoding="utf-8").splitlines()
"""Statements that are false of a usual ECG, or that no measurement bears."""
PAIRS = [
    ("usual", "**1. Rhythm and rate**\nSinus rhythm at 72 bpm.", "**1. Rhythm and rate**\nSinus rhythm at 92 bpm."),
    ("usual", "- Rate: 72 bpm - Rhythm: sinus - PR: 160 ms", "- Rate: 72 bpm - Rhythm: junctional - PR: 160 ms"),
    ("usual", '"Are P waves visible?" Yes, the rate is 72 bpm.', '"Are P waves visible?" No, the rate is 72 bpm.'),
    ("usual", "Heart rate: seventy-two beats per minute.", "Heart rate: ninety-two beats per minute."),
    ("usual", "Axis plus forty-five degrees.", "Axis minus forty-five degrees."),
    ("usual", "Here the PR is 4 small squares, that is 160 ms.", "Here the PR is 4 small squares, that is 200 ms."),
    ("usual", "The QT is 390 ms (427 ms after correction with Bazett's formula).", "The QT is 390 ms (487 ms after correction with Bazett's formula)."),
    ("usual", "With 833 ms between two R waves the rate is 72 bpm.", "With 633 ms between two R waves the rate is 72 bpm."),
    ("usual", "The QTc is 427 ms, which is below the limit of 450 ms.", "The QTc is 427 ms, which is above the limit of 450 ms."),
    ("usual", "At 92 ms the QRS stays below the 120 ms threshold for bundle branch block.", "At 92 ms the QRS exceeds the 120 ms threshold for bundle branch block."),
    ("slow", "The ECG shows a slow but regular rhythm.", "The ECG shows a fast but regular rhythm."),
    ("slow", "Sinus bradycardia, otherwise normal ECG.", "Sinus tachycardia, otherwise normal ECG."),
    ("fibrillating", "Two findings: absent P waves and irregular RR intervals. Atrial fibrillation.", "Two findings: absent P waves and regular RR intervals. Atrial fibrillation."),
    ("fibrillating", "In contrast to sinus rhythm, no P waves are visible.", "In contrast to atrial fibrillation, no P waves are visible."),
    ("usual", "The normal PR interval (160 ms) makes an AV block unlikely.", "The normal PR interval (160 ms) makes sinus rhythm unlikely."),
    ("usual", "There is no pre-excitation.", "There is pre-excitation."),
    ("usual", "A supraventricular mechanism at 72 bpm.", "A ventricular mechanism at 72 bpm."),
    ("usual", "This raises strong suspicion of sinus rhythm.", "This raises strong suspicion of atrial fibrillation."),
]  # fmt: skip
GENERAL = [
    "Possible causes include fever, pain and hyperthyroidism.",
    "In young athletes this is often a normal variant.",
    "Count the small squares between two R waves.",
]


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_what_is_true_agrees_and_what_is_altered_isstopped(record: str, true: str, false: str) -> None:
    assert not stopped(record, true)
    assert stopped(record, false)


@pytest.mark.parametrize("text", FALSE)
def test_what_is_false_is_stopped_in_whatever_words(text: str) -> None:
    assert stopped("usual", text)


@pytest.mark.parametrize("text", GENERAL)
def test_a_sentence_on_ecgs_in_general_is_neither_blocked_nor_shown(text: str) -> None:
    claims = check(text, records()["usual"])
    assert claims == ()
    assert [one.verdict for one in displayed(text, claims)] == [None]
    assert text not in displayed(text, claims)[0].text


@pytest.mark.parametrize(
    ("words", "value"),
    [("seventy-two", 72), ("one hundred and forty", 140), ("three and a half", 3.5), ("a quarter of a", 0.25), ("minus sixty", -60), ("four point two", 4.2)],
)  # fmt: skip
def test_numbers_in_words(words: str, value: float) -> None:
    assert value_of(words) == pytest.approx(value)


def test_markdown_keeps_every_place() -> None:
    text = "## Rate\n**72** bpm – “regular”"
    assert len(plain(text)) == len(text)
    listed = "1. Rate 72 bpm\n- PR 160 ms"
    assert [listed[a:b] for a, b in sentences(listed)] == ["Rate 72 bpm", "PR 160 ms"]
