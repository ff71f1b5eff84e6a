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
from ingest.frame import LEADS, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.catalogue import Code, Priority
from stream.measurement import Estimate, LeadMeasurements, Measurements, Quality
from stream.offline import segment_at
from stream.trigger import Segment
from tests.sinus import plain, with_q

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


def test_a_finding_that_lost_its_first_words_is_taken_for_the_one_that_ends_so() -> None:
    text = "Taken together, this ECG shows anterior fascicular block, left anterior fascicular block and sinus rhythm."
    assert itemised(text) == "Diagnosis: left anterior fascicular block. Diagnosis: sinus rhythm."
    # of several it may be any, and a word alone is none
    for name in ("fascicular block", "bradycardia", "posterior thing"):
        assert itemised(f"Diagnosis: {name} and sinus rhythm.") == f"Diagnosis: {name} and sinus rhythm."


def test_what_agrees_of_a_sentence_that_is_not_all_known_is_told_in_sentences_with_their_evidence() -> None:
    segment = measured(rr_sd_ms=170.0, p_wave_present=False, pr_ms=None, p_ms=None)
    text = "The RR intervals are irregular at a heart rate of <HR> and no P waves are seen."
    answer = told(f"{ALL} {text}", {}, segment)
    assert not any(one.partly for one in answer.sentences)
    assert "The rhythm is irregular." in sentences(answer)
    assert not any("not every word" in one for one in sentences(answer))
    for one in answer.sentences:
        if one.verdict is Verdict.AGREE and one.first >= 0:
            assert all(c.samples is not None for c in answer.claims[one.first : one.last + 1])


def test_a_contradicted_finding_is_greyed_with_both_values_and_the_others_of_its_list_stand() -> None:
    answer = told("The heart rate is <HR>. Diagnosis: first degree AV block and sinus rhythm.")
    by_text = {one.text: one.verdict for one in answer.sentences}
    assert by_text["Diagnosis: sinus rhythm."] is Verdict.AGREE
    (grey,) = [text for text, verdict in by_text.items() if verdict is Verdict.DISAGREE]
    assert "first degree AV block" in grey
    assert "limit 200 ms" in grey
    assert len(answer.contradicted) == 1


def test_of_a_graded_model_what_is_borne_comes_before_what_is_not() -> None:
    text = "Impression: conduction disturbance. The PR interval is <PR> and the ST level is <ST:V9>. Diagnosis: sinus rhythm."
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
    for tiers, word in (({"HYP": Tier.LIKELY}, "likely"), ({"HYP": Tier.POSSIBLE}, "possible")):
        answer = told(text, tiers, measured(leads=leads))
        (one,) = [s for s in answer.sentences if "eft ventricular hypertrophy" in s.text]
        assert one.text.startswith("Measured: Left ventricular hypertrophy by voltage: ")
        assert one.text.endswith(f" mV; the model calls it {word} too.")
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
    m = plain().measurements
    assert m is not None
    rows = tuple(LeadMeasurements(one.lead, Quality.NOISY) if one.lead in ("V3", "V4") else one for one in m.leads)
    noisy = interpret(measured(leads=rows), None, Nanoseconds(5))
    assert noisy.given == "all twelve leads, of which V3, V4 could not be measured, 0.05 to 150 Hz"
    assert NORMAL not in {f.code for f in noisy.findings}
    none = tuple(LeadMeasurements(one.lead, Quality.NOISY) for one in m.leads)
    assert interpret(measured(leads=none), None, Nanoseconds(5)).given.startswith("all twelve leads, in which no QRS ")
    one = replace(plain(), measured=("II",), measurements=None, unreadable="a gap")
    assert interpret(one, None, Nanoseconds(5)).given.startswith("lead II alone, ")


def test_in_a_line_what_is_contradicted_is_only_named() -> None:
    text = "Diagnosis: left bundle branch block. The heart rate is <HR>. Diagnosis: sinus rhythm."
    answer = told(text, {})
    assert next(one.text for one in answer.sentences if one.verdict is Verdict.DISAGREE).startswith("[Contradicted: ")
    assert answer.report.endswith("[Left out, for the measurements contradict it: left bundle branch block.]")
    assert "Contradicted" not in answer.report
    assert "[Contradicted: " in told(text).report


def test_of_a_graded_model_rhythm_and_rate_come_first_then_intervals_then_axis_and_findings_then_tiers() -> None:
    numbers = plain().measurements
    assert numbers is not None
    flat = tuple(replace(one, t_mv=Estimate(-0.2, "mV", 0.01, 10)) for one in numbers.leads)
    text = (
        "Impression: repolarisation changes. The PR interval is <PR>. The QT interval is <QT>. The QRS axis is <AXIS>. The heart rate is <HR>. "
        "Diagnosis: nonspecific T wave changes, long QT interval and sinus rhythm."
    )
    answer = told(text, {"STTC": Tier.LIKELY}, measured(leads=flat, pr_ms=Estimate(236.0, "ms", 2.0, 10)))
    told_ = sentences(answer)
    assert told_[:3] == [
        "The heart rate is 72 bpm.",
        "Diagnosis: sinus rhythm.",
        "Measured: PR interval 236 ms: first degree AV block.",
    ]
    assert told_[3].startswith("The QT interval is ")
    assert told_[4].startswith("The QRS axis is ")
    assert told_[5].startswith("Measured: T wave inversion in I, II, III, aVL, aVF, V2, V3, V4, V5 and V6, ")
    assert told_[6].startswith("Likely: nonspecific T wave changes in leads I, II, ")
    assert all(one.startswith("[") for one in told_[7:])
    assert answer.report.count("236 ms") == 1


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


def raised(change: dict[str, dict[str, Estimate]], **whole: object) -> Segment:
    """The ten seconds of sinus rhythm with other measurements of single leads and of the whole."""
    numbers = plain().measurements
    assert numbers is not None
    return measured(leads=tuple(replace(one, **change.get(one.lead, {})) for one in numbers.leads), **whole)  # type: ignore[arg-type]


def mv(value: float) -> Estimate:
    return Estimate(value, "mV", 0.01, 10)


def test_the_rhythm_of_the_criteria_is_told_alone_and_the_rate_with_it() -> None:
    slow = measured(rate_bpm=Estimate(52.0, "/min", 1.0, 9))
    text = (
        "The ventricular rate is <HR>, with a mean RR interval of <RR>. The rhythm is read as sinus rhythm. "
        "The PR interval is <PR>. Diagnosis: sinus rhythm."
    )
    told_ = sentences(told(text, {}, slow))
    assert told_[:2] == ["Measured: Sinus bradycardia, 52 /min.", f"The PR interval is {pr()} ms."]
    assert not any(word in " ".join(told_[1:]) for word in ("sinus", "bpm", "RR"))


def pr() -> str:
    numbers = plain().measurements
    assert numbers is not None
    assert numbers.pr_ms is not None
    return f"{numbers.pr_ms.value:.0f}"


def test_a_rhythm_is_called_slow_or_fast_by_the_number_that_is_shown() -> None:
    for bpm, name in ((59.4, "Sinus bradycardia"), (59.6, "Sinus rhythm"), (100.4, "Sinus rhythm"), (100.6, "Sinus tachycardia")):  # fmt: skip
        told_ = interpret(measured(rate_bpm=Estimate(bpm, "/min", 1.0, 9)), None, Nanoseconds(5))
        assert told_.findings[0].text == f"{name}, {bpm:.0f} /min."


def test_a_number_that_a_finding_tells_is_not_told_again_and_the_others_of_its_sentence_stay() -> None:
    segment = measured(pr_ms=Estimate(236.0, "ms", 2.0, 10), axis_deg=-52.0)
    text = "The heart rate is <HR>. The PR interval is <PR>, the QRS duration is <QRS> and the QT interval is <QT>. The frontal QRS axis is <AXIS>. Diagnosis: sinus rhythm."
    report = told(text, {}, segment).report
    for once in ("236 ms", "-52 deg", " PR interval ", " axis ", "72 bpm"):
        assert report.count(once) == 1, once
    assert "The QRS duration is " in report
    assert " and the QT interval is " in report


def test_no_number_stands_under_likely_or_possible() -> None:
    flat = raised({lead: {"t_mv": mv(-0.2)} for lead in ("I", "II", "aVL", "aVF", "V5", "V6")})
    text = "The heart rate is <HR>. The T wave in lead aVF measures <TAMP:aVF>, and T wave changes are present in leads II, aVF, V5, V5 and V6."
    for tier in (Tier.LIKELY, Tier.POSSIBLE):
        told_ = sentences(told(text, {"STTC": tier}, flat))
        assert "The T wave in lead aVF measures -0.20 mV." in told_
        (one,) = [s for s in told_ if s.startswith(("Likely", "Possible"))]
        assert one.endswith(": T wave changes are present in leads II, aVF, V5 and V6.")


def test_changes_of_which_no_lead_is_named_are_told_with_the_leads_that_show_them() -> None:
    upright = {lead: {"t_mv": mv(0.3)} for lead in LEADS}
    flat = raised(upright | {lead: {"t_mv": mv(-0.2)} for lead in ("V5", "V6")})
    answer = told("The heart rate is <HR>. Diagnosis: nonspecific T wave changes.", {"STTC": Tier.LIKELY}, flat)
    assert "Likely: nonspecific T wave changes in leads V5 and V6." in sentences(answer)


def test_what_is_told_is_neither_left_out_nor_withheld_beside_it() -> None:
    deep = {"q_mv": mv(-0.3), "q_ms": Estimate(50.0, "ms", 2.0, 10)}
    old = with_q(raised(dict.fromkeys(("II", "III", "aVF"), deep)), "II", "III", "aVF")
    text = "Impression: myocardial infarction. The heart rate is <HR>. Diagnosis: anterior myocardial infarction and left anterior fascicular block."
    answer = told(text, {"MI": Tier.POSSIBLE}, old)
    assert "Possible, to be confirmed: a pattern of myocardial infarction." in sentences(answer)
    assert "[Left out, for the measurements contradict it: left anterior fascicular block.]" in answer.report
    fast = raised({lead: {"r_mv": mv(3.2)} for lead in ("V5", "V6")})
    report = told("Impression: hypertrophy. The heart rate is <HR>.", {}, fast).report
    assert "Left ventricular hypertrophy by voltage" in report
    assert "Withheld" not in report


def test_what_is_withheld_for_one_reason_is_one_line() -> None:
    noisy = measured(edge_noise=1.5)
    text = "The heart rate is <HR>. The PR interval is <PR>, the QRS duration is <QRS> and the QT interval is <QT>. The QRS axis is <AXIS>."
    (note,) = [s for s in sentences(told(text, {}, noisy)) if "noise hides" in s]
    assert note == "[Withheld: PR interval, QRS duration, QT interval, QRS axis and Q waves: noise hides where the QRS begins and ends.]"  # fmt: skip


def test_a_rhythm_that_is_not_told_is_said_with_its_reason() -> None:
    answer = told("The heart rate is <HR>. The QRS duration is <QRS>.", {}, measured(p_wave_present=None))
    assert "[Withheld: rhythm: P waves cannot be judged.]" in sentences(answer)


def test_beside_atrial_fibrillation_neither_a_sinus_rhythm_nor_early_atrial_beats_are_told() -> None:
    af = segment_at(simulate(SCENARIOS["af"], 55.0, seed=5), None)
    text = "The heart rate is <HR>. Diagnosis: atrial premature beats and sinus rhythm. The rhythm is read as atrial fibrillation."
    answer = told(text, {"AF_OR_AFLT": Tier.LIKELY}, af)
    (rhythm, *rest) = sentences(answer)
    assert rhythm.startswith("Measured: Atrial fibrillation, ")
    assert rhythm.endswith(" /min; the model calls it likely too.")
    assert rest
    assert not any(word in answer.report for word in ("atrial premature", "Diagnosis: sinus", "bpm"))


def test_an_axis_of_one_degree_is_one_degree() -> None:
    for degrees, words in ((1.0, "1 degree."), (-1.2, "-1 degree."), (2.0, "2 degrees.")):
        assert told("The QRS axis is <AXIS>.", {}, measured(axis_deg=degrees)).report.count(f" {words}") == 1


def test_values_that_are_not_known_and_values_that_are_withheld_of_one_sentence_have_their_own_reasons() -> None:
    m = plain().measurements
    assert m is not None
    flat = tuple(replace(one, p_mv=None) for one in m.leads)
    loose = measured(pr_ms=None, p_wave_present=False, qrs_ms=Estimate(157.0, "ms", 33.0, 10), leads=flat)
    notes = [s for s in sentences(told(f"The heart rate is <HR>. {ALL}", {}, loose)) if "Withheld" in s]
    assert "[Withheld: rhythm and PR interval: no P wave is seen.]" in notes
    assert any(one.startswith("[Withheld: QRS duration: it differs from beat to beat (157 ms, ") for one in notes)
    assert "[Withheld: QT interval: the QRS cannot be told from noise (157 ms, spread 33 ms).]" in notes


def test_what_is_left_of_a_sentence_is_a_sentence() -> None:
    loose = measured(qt_ms=Estimate(390.0, "ms", 60.0, 10))
    told_ = sentences(told(f"The heart rate is <HR>. {ALL} Diagnosis: sinus rhythm.", {}, loose))
    assert any(one.startswith("The PR interval is ") and " and the QRS duration is " in one for one in told_)


ALL = "The PR interval is <PR>, the QRS duration is <QRS> and the QT interval is <QT>."
