"""A model's text and the criteria beside it: nothing measured is lost, and nothing unknown is shown as normal."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.answerer import Job
from engine.claims.claim import Verdict
from engine.findings.fusion import Tier
from engine.grounded import grounded
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, interpret
from engine.itemised import itemised
from ingest.frame import Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.catalogue import Code, Priority
from stream.measurement import Estimate, Measurements
from stream.offline import segment_at
from stream.trigger import Segment
from tests.sinus import plain

SURE = {"NORM": Tier.LIKELY}


def told(text: str, tiers: dict[str, Tier] | None = None, segment: Segment | None = None) -> Interpretation:
    segment = segment or plain()
    job = Job("a", segment, None)
    return grounded(job, interpret(segment, None, Nanoseconds(5)), text, "", tiers)


def measured(**changed: object) -> Segment:
    """The ten seconds of sinus rhythm with other measurements."""
    numbers = plain().measurements
    assert numbers is not None
    changes: dict[str, object] = {**changed}
    return replace(plain(), measurements=replace(numbers, **changes))  # type: ignore[arg-type]


def sentences(answer: Interpretation) -> list[str]:
    return [one.text for one in answer.sentences]


def test_a_list_of_findings_is_one_sentence_for_each() -> None:
    text = "Impression: conduction disturbance and repolarisation changes. Rate <HR>. Taken together, this ECG shows long QT interval, sinus rhythm and a horse."
    assert itemised(text) == (
        "Impression: conduction disturbance. Impression: repolarisation changes. Rate <HR>. "
        "Taken together, this ECG shows long QT interval, sinus rhythm and a horse."
    )


def test_a_contradicted_finding_is_greyed_with_both_values_and_the_others_of_its_list_stand() -> None:
    answer = told("The heart rate is <HR>. Diagnosis: first degree AV block and sinus rhythm.")
    by_text = {one.text: one.verdict for one in answer.sentences}
    assert by_text["Diagnosis: sinus rhythm."] is Verdict.AGREE
    (grey,) = [text for text, verdict in by_text.items() if verdict is Verdict.DISAGREE]
    assert "first degree AV block" in grey
    assert "limit 200 ms" in grey
    assert len(answer.contradicted) == 1


def test_of_a_graded_model_what_is_borne_comes_before_what_is_not() -> None:
    text = "Impression: hypertrophy. The PR interval is <PR> and the ST level is <ST:V9>. Diagnosis: sinus rhythm."
    verdicts = [one.verdict for one in told(text, {}).sentences]
    assert verdicts == [Verdict.AGREE, Verdict.AGREE, Verdict.DISAGREE, Verdict.UNSUPPORTED]
    assert told(text).sentences[0].verdict is Verdict.DISAGREE


def test_what_the_criteria_find_and_the_text_does_not_say_follows_as_measured() -> None:
    numbers = plain().measurements
    assert numbers is not None
    slow = measured(pr_ms=Estimate(236.0, "ms", 2.0, 10))
    answer = told("The heart rate is <HR>. Diagnosis: sinus rhythm.", None, slow)
    assert "Measured: PR interval 236 ms: first degree AV block." in sentences(answer)
    (added,) = [one for one in answer.sentences if one.finding >= 0]
    assert answer.findings[added.finding].evidence
    assert not any(one.startswith("Measured: Sinus rhythm") for one in sentences(answer))
    asked = grounded(
        Job("a", slow, None, "How fast?"), interpret(slow, None, Nanoseconds(5)), "The heart rate is <HR>.", ""
    )
    assert not any(one.finding >= 0 for one in asked.sentences)


def test_under_a_red_alarm_what_was_measured_comes_first() -> None:
    trigger = replace(plain().trigger, code=Code.VTACH, priority=Priority.HIGH, value=180.0, unit="/min", limit=100.0)
    answer = told(
        "The heart rate is <HR>. Diagnosis: sinus rhythm and normal ECG.", SURE, replace(plain(), trigger=trigger)
    )
    assert sentences(answer)[0] == "Measured: Ventricular tachycardia: rate of the run 180 /min."
    assert "sinus rhythm" not in answer.report
    assert "normal ECG." not in answer.report.replace("Withheld: normal ECG", "")


@pytest.mark.parametrize(
    ("segment", "tiers", "why"),
    [
        (lambda: plain(), {}, "not sure enough"),
        (lambda: plain(), SURE | {"MI": Tier.POSSIBLE}, "not sure enough"),
        (lambda: replace(plain(), measured=plain().measured[:11]), SURE, "not everything could be judged"),
        (lambda: measured(reachable_hz=100.0), SURE, "twelve leads up to 150 Hz"),
        (lambda: measured(rate_bpm=Estimate(52.0, "/min", 1.0, 9)), SURE, "Sinus bradycardia"),
        (lambda: replace(plain(), trigger=replace(plain().trigger, code=Code.AFIB_ONSET)), SURE, "normal ECG"),
    ],
)
def test_a_normal_ecg_needs_a_sure_model_the_criteria_the_leads_the_band_and_no_alarm(
    segment: Callable[[], Segment], tiers: dict[str, Tier], why: str
) -> None:
    text = "Impression: normal ECG. The heart rate is <HR>. Diagnosis: normal ECG."
    answer = told(text, tiers, segment())
    assert NORMAL not in [one.code for one in answer.findings]
    assert "Within normal limits" not in answer.report
    (held,) = [one.text for one in answer.sentences if "normal ECG" in one.text]
    assert held.startswith("[Withheld: normal ECG: ")
    assert why in held
    assert answer.contradicted == ()


def test_a_normal_ecg_that_both_find_is_said_once_and_only_as_likely() -> None:
    text = "Impression: normal ECG. The heart rate is <HR>. Overall, the ECG is within normal limits. Diagnosis: normal ECG and sinus rhythm."
    answer = told(text, SURE)
    assert sentences(answer) == ["The heart rate is 72 bpm.", "Diagnosis: sinus rhythm.", "Likely: normal ECG."]
    assert NORMAL in [one.code for one in answer.findings]


def test_the_criteria_alone_call_nothing_normal_that_the_model_does_not() -> None:
    for text in ("The heart rate is <HR>. Diagnosis: sinus rhythm.", "Diagnosis: atrial fibrillation."):
        answer = told(text)
        assert NORMAL not in [one.code for one in answer.findings]
        assert "Within normal limits" not in answer.report
        assert "normal ECG" in [one.name for one in answer.withheld]


def test_what_is_learnt_is_told_in_its_tier_and_never_as_a_percentage() -> None:
    tall = {"r_mv": Estimate(3.2, "mV", 0.1, 10)}
    numbers = plain().measurements
    assert isinstance(numbers, Measurements)
    leads = tuple(replace(one, **tall) if one.lead in ("V5", "V6") else one for one in numbers.leads)
    text = "The heart rate is <HR>. Diagnosis: left ventricular hypertrophy. Diagnosis: right ventricular hypertrophy."
    for tiers, word in (({"HYP": Tier.LIKELY}, "Likely"), ({"HYP": Tier.POSSIBLE}, "Possible")):
        answer = told(text, tiers, measured(leads=leads))
        (one,) = [s for s in answer.sentences if "eft ventricular hypertrophy" in s.text]
        assert one.text.startswith(f"{word}, and measured: Left ventricular hypertrophy by voltage: ")
        assert one.first >= 0
        assert answer.findings[one.finding].evidence
        assert any(one.startswith("[Withheld: right ventricular hypertrophy: too rare") for one in sentences(answer))
        assert "%" not in answer.report


def test_known_values_stay_where_another_of_their_sentence_is_not_known() -> None:
    answer = told(
        "The PR interval is <PR>, the QRS duration is <QRS> and the QT interval is <QT>.", None, measured(pr_ms=None)
    )
    first = answer.sentences[0]
    assert first.verdict is Verdict.AGREE
    assert first.text.startswith("QRS duration ")
    assert "QT interval " in first.text
    assert "[Withheld: the PR interval is not known.]" in sentences(answer)


def test_an_answer_says_which_leads_and_which_band_it_had_and_what_it_is_not() -> None:
    answer = told("The heart rate is <HR>.")
    assert answer.given == "all twelve leads, 0.05 to 150 Hz"
    assert answer.provenance.endswith("Research software, not a medical device.")
    trigger = replace(plain().trigger, rate_hz=100.0)
    few = replace(plain(), measured=("I", "II", "III"), derived=("III",), trigger=trigger)
    assert interpret(few, None, Nanoseconds(5)).given == "leads I, II, III (III derived), 0.05 to 40 Hz"
    one = replace(plain(), measured=("II",), measurements=None, unreadable="a gap")
    assert interpret(one, None, Nanoseconds(5)).given.startswith("lead II alone, ")


def test_in_a_line_what_is_contradicted_is_only_named() -> None:
    text = "Impression: hypertrophy. The heart rate is <HR>. Diagnosis: sinus rhythm."
    answer = told(text, {})
    assert next(one.text for one in answer.sentences if one.verdict is Verdict.DISAGREE).startswith("[Contradicted: ")
    assert answer.report.endswith("[Left out, for the measurements contradict it: ventricular hypertrophy.]")
    assert "Contradicted" not in answer.report
    assert "[Contradicted: " in told(text).report


def test_of_a_graded_model_rhythm_and_rate_come_first_then_what_is_measured_and_abnormal_then_tiers_then_the_rest() -> (
    None
):
    numbers = plain().measurements
    assert numbers is not None
    flat = tuple(replace(one, t_mv=Estimate(-0.2, "mV", 0.01, 10)) for one in numbers.leads)
    text = (
        "Impression: repolarisation changes. The PR interval is <PR>. The heart rate is <HR>. "
        "Diagnosis: nonspecific T wave changes, long QT interval and sinus rhythm."
    )
    answer = told(text, {"STTC": Tier.LIKELY}, measured(leads=flat, pr_ms=Estimate(236.0, "ms", 2.0, 10)))
    assert sentences(answer)[:4] == [
        "The heart rate is 72 bpm.",
        "Diagnosis: sinus rhythm.",
        "Measured: PR interval 236 ms: first degree AV block.",
        "Likely: nonspecific T wave changes.",
    ]
    assert sentences(answer)[4] == "The PR interval is 236 ms."
    assert all(one.text.startswith("[") for one in answer.sentences[5:])


def test_the_rate_that_the_text_tells_is_not_told_again_and_a_reason_is_given_once() -> None:
    unsure = measured(p_wave_present=None)
    text = "The heart rate is <HR>. Diagnosis: sinus rhythm. The rhythm is read as sinus rhythm."
    told_, alone = (sentences(told(said, {}, unsure)) for said in (text, "The QRS duration is <QRS>."))
    assert "Measured: Heart rate 72 /min." in alone
    assert not any(one.startswith("Measured: Heart rate") for one in told_)
    assert len(told_) == len(set(told_))


def test_a_block_that_model_and_criteria_name_is_told_once() -> None:
    segment = segment_at(simulate(SCENARIOS["lbbb"], 55.0, seed=5), None)
    told_ = sentences(told("The heart rate is <HR>. Diagnosis: left bundle branch block.", {}, segment))
    assert [one for one in told_ if "eft bundle branch block" in one] == ["Diagnosis: left bundle branch block."]
