"""A short text of a graded model is completed by what was measured: nothing twice, nothing that was not looked for, nothing withheld."""

from dataclasses import replace

import pytest

from engine.answerer import Job
from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.completed import MARK, NUMBERS, SENTENCES, completed, numbers_of
from engine.findings.fusion import Tier
from engine.grounded import grounded
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.frame import Nanoseconds
from stream.measurement import Estimate
from stream.trigger import Segment
from tests.sinus import plain

SHORT = "The heart rate is <HR>. Diagnosis: sinus rhythm."


def told(text: str, segment: Segment | None = None, question: str = "", tiers: dict[str, Tier] | None = None) -> Interpretation:  # fmt: skip
    segment = segment or plain()
    job = Job("a", segment, None, question)
    some = {} if tiers is None else tiers
    return completed(job, grounded(job, interpret(segment, None, Nanoseconds(5)), text, "", some), some)


def added(answer: Interpretation) -> list[str]:
    return [one.text for one in answer.sentences if one.text.startswith(MARK)]


def test_a_short_text_has_five_sentences_and_four_numbers_each_with_its_evidence() -> None:
    answer = told(SHORT)
    stated = [one for one in answer.sentences if one.verdict is Verdict.AGREE]
    assert len(stated) >= SENTENCES
    assert sum(numbers_of(answer, one) for one in stated) >= NUMBERS
    for one in stated:
        own = answer.claims[one.first : one.last + 1]
        assert own
        assert all(c.verdict is Verdict.AGREE and c.samples is not None for c in own)
        assert one.text in answer.report
    assert len({one.text for one in stated}) == len(stated)


def test_nothing_is_told_twice_and_the_rate_stays_first() -> None:
    answer = told(SHORT + " The PR interval is <PR>. The QRS axis is <AXIS>.")
    assert answer.sentences[0].text == "The heart rate is 72 bpm."
    (one,) = added(answer)
    assert one.startswith("Measured: The QRS duration is")
    assert "without bundle branch block" in one


def test_a_text_that_is_long_enough_stays_as_it_is() -> None:
    long = SHORT + " The PR interval is <PR>. The QRS axis is <AXIS>. The QT interval is <QT>."
    assert added(told(long)) == []


def test_what_is_called_possible_is_not_denied_beside_it() -> None:
    m = plain().measurements
    assert m is not None
    slow = replace(plain(), measurements=replace(m, pr_ms=Estimate(198.0, "ms", 2.0, 10)))
    answer = told(SHORT + " Diagnosis: conduction disturbance.", slow, tiers={"CD": Tier.POSSIBLE})
    assert any("conduction disturbance" in one.text and one.verdict is Verdict.AGREE for one in answer.sentences)
    assert added(answer)
    assert not any("bundle branch block" in one for one in added(answer))
    assert any("without bundle branch block" in one for one in added(told(SHORT)))


def test_what_noise_hides_is_not_added() -> None:
    m = plain().measurements
    assert m is not None
    answer = told(SHORT, replace(plain(), measurements=replace(m, edge_noise=1.5)))
    words = " ".join(added(answer))
    assert not any(name in words for name in ("PR interval", "QRS duration", "QT interval", "axis", "ST level"))


def test_an_answer_to_a_question_and_a_text_of_a_model_without_tiers_stay_as_they_are() -> None:
    assert added(told(SHORT, question="How fast?")) == []
    job = Job("a", plain(), None)
    plainly = grounded(job, interpret(plain(), None, Nanoseconds(5)), SHORT, "", None)
    assert completed(job, plainly, None) is plainly


def test_what_a_sentence_said_that_does_not_stand_is_not_denied_beside_it() -> None:
    answer = told(SHORT + " Diagnosis: incomplete right bundle branch block.")
    assert not any("incomplete" in one.text and one.verdict is Verdict.AGREE for one in answer.sentences)
    assert added(answer)
    assert not any("bundle branch block" in one for one in added(answer))


def test_a_mean_rr_interval_is_that_of_the_rate_beside_it_and_agrees_as_the_median_does() -> None:
    m = plain().measurements
    assert m is not None
    uneven = replace(m, rate_bpm=Estimate(78.0, "/min", 9.0, 10), rr_ms=Estimate(906.0, "ms", 150.0, 10))
    segment = replace(plain(), measurements=uneven)
    answer = told("The heart rate is <HR>, with a mean RR interval of <RR>. Diagnosis: sinus rhythm.", segment)
    assert answer.sentences[0].text == "The heart rate is 78 bpm, with a mean RR interval of 769 ms."
    assert {c.verdict for c in answer.claims[:2]} == {Verdict.AGREE}
    for written, verdict in (("769", Verdict.AGREE), ("906", Verdict.AGREE), ("840", Verdict.DISAGREE)):
        claims = check(f"The RR interval is {written} ms.", Basis.of(segment, None))
        assert [c.verdict for c in claims] == [verdict]


def test_while_beats_may_be_ventricular_or_their_width_is_not_told_none_are_denied() -> None:
    m = plain().measurements
    assert m is not None
    wide = replace(plain(), measurements=replace(m, rate_bpm=Estimate(187.0, "/min", 1.0, 10), qrs_ms=Estimate(304.0, "ms", 9.0, 10)))  # fmt: skip
    answer = told("The heart rate is <HR>. Diagnosis: ventricular tachycardia.", wide)
    assert added(answer)
    assert not any("ventricular" in one for one in added(answer))


def test_an_st_level_that_is_added_is_the_one_by_which_a_depression_is_judged() -> None:
    m = plain().measurements
    assert m is not None
    leads = tuple(replace(one, st_j_mv=Estimate(-0.4, "mV", 0.01, 10), st_j60_mv=Estimate(-0.02, "mV", 0.01, 10)) for one in m.leads)  # fmt: skip
    segment = replace(plain(), measurements=replace(m, leads=leads, qt_ms=None, qtc_fridericia_ms=None))
    assert "The ST level is -0.02 mV in II, -0.02 mV in V2 and -0.02 mV in V5." in " ".join(added(told("The heart rate is <HR>.", segment)))  # fmt: skip


def test_where_nothing_but_sinus_rhythm_is_found_the_text_names_what_was_looked_for() -> None:
    answer = told(SHORT)
    (one,) = (s for s in answer.sentences if s.text.startswith("No abnormality was measured: no axis deviation, "))
    assert one.text in answer.report
    own = answer.claims[one.first : one.last + 1]
    assert {c.measure for c in own} >= {"no pathological Q waves", "no ST elevation", "no ST depression"}
    assert all(c.verdict is Verdict.AGREE and c.samples is not None for c in own)
    assert sum("bundle branch block" in s.text for s in answer.sentences) == 1
    assert not any("ormal ECG" in s.text for s in answer.sentences)


def test_an_abnormality_of_any_kind_leaves_that_out() -> None:
    m = plain().measurements
    assert m is not None
    slow = replace(plain(), measurements=replace(m, pr_ms=Estimate(240.0, "ms", 2.0, 10)))
    hidden = replace(plain(), measurements=replace(m, edge_noise=1.5))
    few = replace(plain(), measured=plain().measured[:6])
    wide = told(SHORT + " Diagnosis: nonspecific T wave changes.", tiers={"STTC": Tier.POSSIBLE})
    against = told(SHORT + " There are pathological Q waves in leads II, III and aVF.")
    assert any(s.verdict is Verdict.DISAGREE for s in against.sentences)
    for answer in (told(SHORT, slow), told(SHORT, hidden), told(SHORT, few), wide, against):
        assert not any("abnormality was measured" in s.text for s in answer.sentences)


@pytest.mark.parametrize(
    ("bpm", "word"), [(31.0, "bradycardia"), (59.4, "bradycardia"), (60.0, ""), (100.4, ""), (112.0, "tachycardia")]
)
def test_a_rate_beyond_its_limits_is_named_so_in_the_text_and_by_the_criteria(bpm: float, word: str) -> None:
    m = plain().measurements
    assert m is not None
    rate, rr = Estimate(bpm, "/min", 0.5, 9), Estimate(60000.0 / bpm, "ms", 5.0, 9)
    by_beat = tuple(replace(one, p=False, p_ms=None, pr_ms=None) for one in m.by_beat)
    lacking = replace(m, rate_bpm=rate, rr_ms=rr, p_wave_present=False, pr_ms=None, p_ms=None, by_beat=by_beat)
    segment = replace(plain(), measurements=lacking)
    text = "The ventricular rate is <HR>. The QRS axis is <AXIS>."
    report = told(text, segment).report
    alone = interpret(segment, None, Nanoseconds(5)).report
    for one in (report, alone):
        assert [w for w in ("bradycardia", "tachycardia") if w in one.partition("[Withheld")[0]] == [word] * bool(word)


def test_a_rhythm_that_is_named_with_its_rate_is_not_named_again() -> None:
    m = plain().measurements
    assert m is not None
    slow = replace(m, rate_bpm=Estimate(48.0, "/min", 0.5, 9), rr_ms=Estimate(1250.0, "ms", 5.0, 9))
    report = told(SHORT, replace(plain(), measurements=slow)).report
    assert report.lower().count("bradycardia") == 1
