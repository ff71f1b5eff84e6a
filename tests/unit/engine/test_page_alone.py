"""What is told of a text about a page alone: findings with a tier, no number, nothing else."""

from __future__ import annotations

from engine.findings.fusion import Tier
from engine.page_alone import NOTHING, sentences, unsure

TEXT = (
    "Impression: myocardial infarction and repolarisation changes. The heart rate is <HR>. There are ST-T changes. "
    "Diagnosis: sinus rhythm and inferior myocardial infarction."
)


def test_findings_with_a_tier_are_told_in_its_words() -> None:
    told = sentences(TEXT, {"STTC": Tier.LIKELY, "CD": Tier.POSSIBLE}, {("STTC", Tier.LIKELY): "right in 8 of 10"})
    assert told == [
        "Likely: ST-T changes (right in 8 of 10).",
        "Graded by the model beside its text: possible, to be confirmed conduction disturbance.",
    ]
    assert unsure(TEXT, {"STTC": Tier.LIKELY}) == ["infarct"]


def test_no_number_no_rhythm_and_no_normal_ecg_is_told() -> None:
    assert sentences("Impression: normal ECG. Sinus rhythm at <HR>.", {}, {}) == [NOTHING]
    told = " ".join(sentences(TEXT, {"MI": Tier.POSSIBLE, "AF_OR_AFLT": Tier.LIKELY, "AF": Tier.POSSIBLE}, {}))
    assert "sinus" not in told
    assert "<" not in told
    assert told.count("fibrillation") == 1
    assert "a pattern of myocardial infarction" in told


def test_a_denied_finding_is_not_named() -> None:
    assert unsure("There is no myocardial infarction.", {}) == []
