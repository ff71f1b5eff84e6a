"""What of an interpretation is proposed to a reviewer, and what a reviewer may say."""

import re

import pytest

from alerts.console.reviews import said_of
from engine.instruct.labels import LABELS, confirmed, proposed


def test_findings_that_the_table_has_are_proposed_and_a_rate_is_none() -> None:
    # heart rate, ventricular tachycardia as the criteria code it, sinus rhythm, asystole
    assert proposed(["364075005", "25569003", "426783006", "397829000"]) == ("SR", "VT")


def test_sinus_rhythm_alone_is_not_proposed_as_a_normal_ecg() -> None:
    assert proposed(["426783006"]) == ("SR",)


def test_every_label_with_a_concept_is_proposed_by_it() -> None:
    once = [label for label in LABELS.values() if label.snomed and label.kind not in ("infarct", "hypertrophy")]
    assert all(proposed([label.snomed]) == (label.code,) for label in once)


def test_a_normal_ecg_stands_beside_sinus_rhythm_and_axis_alone() -> None:
    assert confirmed(["LAD", "SR", "NORM", "SR"]) == ("NORM", "SR", "LAD")
    with pytest.raises(ValueError, match="a normal ECG has no other findings"):
        confirmed(["NORM", "AF"])
    with pytest.raises(ValueError, match="AFIB is no finding of the table"):
        confirmed(["AFIB"])


def test_what_is_sent_is_a_list_of_codes_and_what_was_seen() -> None:
    assert said_of(b'{"findings": ["AF"], "seen_ns": "1700000000000000001"}') == (("AF",), 1700000000000000001)
    assert said_of(b'{"findings": [], "seen_ns": null}') == ((), None)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", 'a review comes as JSON: {"findings"'),
        (b'{"findings": ["AF"]}', "a review comes as JSON"),
        (b"[1]", "a review comes as JSON"),
        (b'{"findings": "AF", "seen_ns": null}', "findings are codes in a list"),
        (b'{"findings": [1], "seen_ns": null}', "findings are codes in a list"),
        (b'{"findings": ["AF"], "seen_ns": 1e30}', "seen_ns is the at_ns"),
        (b'{"findings": ["AF"], "seen_ns": "-1"}', "seen_ns is the at_ns"),
    ],
)
def test_what_is_no_review_is_refused_in_one_sentence(body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        said_of(body)
