"""What is left over in a sentence: harmless words stay, every other word stops it; open and denied findings by their meaning."""

import time

import pytest

from engine.claims.check import check
from engine.claims.claim import Claim, Verdict
from engine.claims.language.harmless import harmless
from tests.unit.engine.test_claims import basis

CLINICAL = [
    "vt",
    "vf",
    "arrest",
    "standstill",
    "asystole",
    "fibrillating",
    "flutter",
    "pea",
    "block",
    "blocked",
    "paced",
    "dissociation",
    "stop",
    "stopped",
    "stops",
    "ceased",
    "pause",
    "pauses",
    "escape",
    "ectopy",
    "infarct",
    "attack",
    "attacks",
    "ischemic",
    "coronary",
    "occluded",
    "angina",
    "necrosis",
    "injury",
    "failure",
    "syndrome",
    "disease",
    "disorder",
    "dilation",
    "thickened",
    "aneurysm",
    "oxygen",
    "saturation",
    "pressure",
    "shock",
    "pulse",
    "pulseless",
    "fever",
    "pain",
    "syncope",
    "collapsed",
    "unstable",
    "dead",
    "dying",
    "death",
    "lethal",
    "urgent",
    "critical",
    "dangerous",
    "treat",
    "treated",
    "therapy",
    "drug",
    "amiodarone",
    "digoxin",
    "ignore",
    "ignored",
    "silence",
    "alarm",
    "artefact",
    "fine",
    "benign",
    "safe",
    "healthy",
    "ok",
    "everything",
    "nobody",
    "discharged",
    "history",
    "previous",
    "earlier",
    "now",
    "until",
    "resolved",
    "recovered",
    "worsened",
    "prognosis",
    "chronic",
    "acute",
    "severe",
]


def verdicts(text: str) -> set[Verdict]:
    return {claim.verdict for claim in check(text, basis())}


@pytest.mark.parametrize("word", CLINICAL)
def test_no_word_of_illness_state_or_care_is_harmless(word: str) -> None:
    assert word not in harmless()


@pytest.mark.parametrize(
    "text",
    [
        "Sinus rhythm at 72 bpm with zorbic features.",
        "Sinus rhythm at 72 bpm, and the ventricle is thickened.",
        "Sinus rhythm at 72 bpm with isorhythmic competition.",
        "Sinus rhythm at 72 bpm, and no further evaluation is required.",
        "Sinus rhythm at 72 bpm without atrial activity.",
        "Sinus rhythm at 72 bpm, and the tracing is peaked.",
        "Possible dextrocardia.",
    ],
)
def test_a_word_that_is_not_known_stops_a_sentence_that_agrees_otherwise(text: str) -> None:
    assert Verdict.UNSUPPORTED in verdicts(text)


@pytest.mark.parametrize(
    "text",
    [
        "Upon careful review of the provided tracing, sinus rhythm is evident, which is consistent with a heart rate of 72 bpm.",
        "Sinus rhythm at 72 bpm; further clinical evaluation is warranted.",
        "The ventricles beat regularly at 72 bpm.",
    ],
)
def test_words_that_claim_nothing_stop_no_sentence(text: str) -> None:
    assert verdicts(text) == {Verdict.AGREE}


def only(text: str) -> Claim:
    claims = check(text, basis())
    assert len(claims) == 1
    return claims[0]


@pytest.mark.parametrize(
    "open_", ["cannot be excluded", "cannot be entirely ruled out", "is not excluded", "could not be ruled out"]
)
def test_a_finding_that_is_called_open_agrees_with_no_measurement_that_settles_it(open_: str) -> None:
    assert only(f"Sinus rhythm {open_}.").verdict is Verdict.UNSUPPORTED
    assert only(f"Atrial fibrillation {open_}.").verdict is Verdict.DISAGREE


@pytest.mark.parametrize(
    "text",
    ["Atrial fibrillation is unlikely.", "No evidence of atrial fibrillation.", "Atrial fibrillation is excluded."],
)
def test_a_finding_that_is_denied_is_judged_as_its_denial(text: str) -> None:
    claim = only(text)
    assert (claim.measure, claim.verdict) == ("no atrial fibrillation", Verdict.AGREE)


@pytest.mark.parametrize(
    "text",
    [
        "A history of atrial fibrillation.",
        "Atrial fibrillation versus sinus rhythm.",
        "Compared with the prior tracing, sinus rhythm at 72 bpm has returned.",
    ],
)
def test_what_is_of_the_past_or_an_alternative_does_not_agree(text: str) -> None:
    assert verdicts(text) != {Verdict.AGREE}


def test_right_and_left_blocks_are_denied_together() -> None:
    assert only("Both right and left bundle branch block are unlikely.").measure == "no bundle branch block"


def test_a_whole_interpretation_is_checked_in_twenty_milliseconds() -> None:
    text = (
        "Upon analyzing the provided ECG image and computed measurements, several key features are evident. The rhythm is sinus, as indicated by the consistent P wave "
        "morphology across leads and a regular heart rate of 72 bpm. In Lead II, the PR interval is within normal limits at 160 ms. The QRS duration is 92 ms. "
    ) * 4
    check(text, basis())
    took = []
    for _ in range(7):
        begun = time.process_time()
        check(text, basis())
        took.append(time.process_time() - begun)
    assert min(took) < 0.020
