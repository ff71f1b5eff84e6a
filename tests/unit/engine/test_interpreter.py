"""The deterministic interpreter: what it finds, what it withholds, and that its numbers are measured."""

import re
from dataclasses import replace

import pytest

from engine.interpretation import Interpretation, State
from engine.interpreter import NORMAL, describe, interpret
from ingest.frame import Nanoseconds
from ingest.recording import Recording
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.measurement import Estimate
from stream.offline import analyse, segment_at
from tests.sinus import plain


def ask(recording: Recording) -> Interpretation:
    return interpret(segment_at(recording, None), None, Nanoseconds(1))


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("sinus", "426783006"),
        ("brady", "426177001"),
        ("af", "164889003"),
        ("avblock1", "270492004"),
        ("lbbb", "164909002"),
        ("rbbb", "59118001"),
        ("stemi-anterior", "164931005"),
        ("stemi-inferior", "164931005"),
    ],
)
def test_each_scenario_is_recognised(scenario: str, code: str) -> None:
    for seed in (5, 6):
        length = 100.0 if scenario == "af" else 55.0
        assert code in {f.code for f in ask(simulate(SCENARIOS[scenario], length, seed=seed)).findings}


def names(answer: Interpretation) -> set[str]:
    return {f.name for f in answer.findings}


@pytest.mark.parametrize("seed", [5, 6, 7, 12])
def test_plain_sinus_rhythm_of_any_rate_has_a_normal_qt(seed: int) -> None:
    for scenario, said in (("sinus", "Normal ECG"), ("brady", "Sinus bradycardia"), ("tachy", "Sinus tachycardia")):
        found = names(ask(simulate(SCENARIOS[scenario], 55.0, seed=seed)))
        assert said in found
        assert not any("QT" in name for name in found)


@pytest.mark.parametrize(("scenario", "at_s"), [("avblock2", 40.0), ("avblock2", 110.0), ("artefact", 60.0)])
def test_what_only_looks_irregular_is_not_called_atrial_fibrillation(scenario: str, at_s: float) -> None:
    for seed in (5, 6, 7, 8):
        answer = interpret(segment_at(simulate(SCENARIOS[scenario], 125.0, seed=seed), at_s), None, Nanoseconds(1))
        assert "Atrial fibrillation" not in names(answer)
        reasons = {w.name: w.reason for w in answer.withheld}
        assert reasons.get("atrial fibrillation") or reasons.get("rhythm")


def test_a_rhythm_that_is_not_named_still_gives_the_rate_with_its_criterion_and_a_beat() -> None:
    answer = interpret(segment_at(simulate(SCENARIOS["avblock3"], 80.0, seed=5), 75.0), None, Nanoseconds(1))
    (rate,) = (f for f in answer.findings if f.name == "Heart rate")
    (evidence,) = rate.evidence
    assert 36 <= evidence.value <= 40
    assert "mean of" in evidence.criterion
    assert evidence.beat is not None
    assert evidence.first_sample < evidence.beat < evidence.last_sample
    assert "escape rhythm" in {w.name: w.reason for w in answer.withheld}["rhythm"]


def test_a_pause_is_told_with_its_length_and_beats_and_such_ten_seconds_are_never_normal() -> None:
    for seed in (5, 6):
        recording = simulate(SCENARIOS["pause"], 40.0, seed=seed)
        found = [s for s in analyse(recording).segments if s.trigger.code is Code.PAUSE]
        assert found
        for segment in found:
            answer = interpret(segment, None, Nanoseconds(1))
            (pause,) = (f for f in answer.findings if f.name == "Pause")
            (length,) = pause.evidence
            assert (length.value, length.unit, length.limit) == (segment.trigger.value, "s", 2.0)
            assert length.last_sample - length.first_sample == pytest.approx(1000, abs=2)
            assert length.beat == length.first_sample
            assert "no QRS for 2.00 s" in answer.report
            assert "normal" not in answer.report.lower()
        # the beat that ends it is seen only later
        later = interpret(segment_at(recording, found[0].trigger.sample / 500.0 + 4.0), None, Nanoseconds(1))
        length, rr = next(f for f in later.findings if f.name == "Pause").evidence
        assert length.value == pytest.approx(2.8, abs=0.02)
        assert rr.value == pytest.approx(1000 * length.value, abs=10)
        assert rr.beat == length.last_sample
        assert NORMAL not in {f.code for f in later.findings}


def test_a_missed_beat_is_told_as_its_alarm_measured_it() -> None:
    script = Scenario(
        "drop", (Step("sinus", 20.0, 75.0), Step("pause", 2.0, 75.0, length=1.6), Step("sinus", 20.0, 75.0))
    )
    (segment,) = (s for s in analyse(simulate(script, 40.0, seed=5)).segments if s.trigger.code is Code.MISSED_BEAT)
    answer = interpret(segment, None, Nanoseconds(1))
    (missed,) = (f for f in answer.findings if f.name == "Missed beat")
    assert missed.evidence[0].value == segment.trigger.value == pytest.approx(1.6, abs=0.02)
    assert NORMAL not in {f.code for f in answer.findings}


@pytest.mark.parametrize("code", [Code.HR_HIGH, Code.AFIB_ONSET, Code.EXTREME_BRADY])
def test_nothing_that_a_red_or_yellow_alarm_was_raised_for_is_called_normal(code: Code) -> None:
    segment = segment_at(simulate(SCENARIOS["sinus"], 30.0, seed=5), None)
    assert NORMAL in {f.code for f in interpret(segment, None, Nanoseconds(1)).findings}
    alarmed = replace(segment, trigger=replace(segment.trigger, code=code))
    assert NORMAL not in {f.code for f in interpret(alarmed, None, Nanoseconds(1)).findings}


def test_noise_that_moves_the_st_level_is_no_infarct() -> None:
    for seed in (5, 6, 7, 8):
        answer = interpret(segment_at(simulate(SCENARIOS["artefact"], 70.0, seed=seed), 45.0), None, Nanoseconds(1))
        assert not [f.name for f in answer.findings if "ST " in f.name or "Q wave" in f.name or "QT" in f.name]


def test_every_number_of_the_report_is_one_of_the_evidence_or_the_trigger() -> None:
    found = analyse(simulate(SCENARIOS["mixed"], 120.0, seed=2))
    assert len(found.segments) >= 3
    for segment in found.segments:
        answer = interpret(segment, None, Nanoseconds(1))
        values = [e.value for f in answer.findings for e in f.evidence]
        shown = {f"{v:.2f}" for v in values} | {f"{v:.0f}" for v in values}
        text = answer.report.replace(segment.trigger.text, "").replace("in ten seconds", "")
        text = re.sub(r"\b(?:V\d|aV[RLF])\b", "", text)
        assert all(number in shown for number in re.findall(r"-?\d+(?:\.\d+)?", text)), text


def test_what_two_leads_cannot_answer_is_withheld_and_never_normal() -> None:
    whole = simulate(SCENARIOS["sinus"], 30.0, seed=5)
    answer = ask(Recording("two", 500.0, whole.signals[6:8], whole.samples[6:8]))
    assert {"axis", "hypertrophy", "inferior ST segment"} <= {w.name for w in answer.withheld}
    assert NORMAL not in {f.code for f in answer.findings}


def test_a_segment_that_cannot_be_read_is_withheld_with_its_reason() -> None:
    answer = ask(simulate(SCENARIOS["sinus"], 5.0, seed=5))
    assert answer.state is State.WITHHELD
    assert "ten seconds" in answer.reason
    assert answer.report == ""


def test_the_same_question_gets_the_same_id() -> None:
    recording = simulate(SCENARIOS["sinus"], 30.0, seed=5)
    assert ask(recording) == ask(recording)


def test_the_description_says_that_this_is_no_medical_device() -> None:
    assert "not a medical device" in describe(ask(simulate(SCENARIOS["sinus"], 30.0, seed=5)))


@pytest.mark.parametrize(
    ("scenario", "at_s", "code"),
    [
        ("avblock2", 40.0, "195042002"),
        ("avblock2", 110.0, "195042002"),
        ("avblock3", 55.0, "27885002"),
        ("paced", 55.0, "10370003"),
    ],
)
def test_beats_that_do_not_follow_the_atria_are_told_and_their_intervals_are_not(
    scenario: str, at_s: float, code: str
) -> None:
    told = 0
    for seed in (5, 6, 7, 8):
        answer = interpret(segment_at(simulate(SCENARIOS[scenario], 125.0, seed=seed), at_s), None, Nanoseconds(1))
        found = {f.code for f in answer.findings}
        told += code in found
        assert code not in found or "270492004" not in found
        assert not found & {"164909002", "59118001", "164931005"} or code != "10370003"
    assert told >= 3


def test_conducted_rhythms_are_no_block_of_second_or_third_degree() -> None:
    for scenario in ("sinus", "brady", "tachy", "avblock1", "af", "lbbb", "bigeminy", "pvc-run"):
        for seed in (5, 6):
            answer = ask(simulate(SCENARIOS[scenario], 55.0, seed=seed))
            assert not {f.code for f in answer.findings} & {"195042002", "27885002", "10370003"}


def test_the_text_itself_says_that_st_q_and_qt_are_withheld_but_not_what_missing_leads_say() -> None:
    m = plain().measurements
    assert m is not None
    rough = tuple(replace(one, st_j_mv=Estimate(0.0, "mV", 0.2, 12)) for one in m.leads)
    answer = interpret(replace(plain(), measurements=replace(m, leads=rough, rr_sd_ms=170.0)), None, Nanoseconds(0))
    assert answer.report.endswith("[Withheld: QTc, anterior ST segment, lateral ST segment and inferior ST segment.]")
    wide = interpret(replace(plain(), measurements=replace(m, qrs_ms=Estimate(140.0, "ms", 2.0, 12))), None, Nanoseconds(0))  # fmt: skip
    assert wide.report.endswith("[Withheld: QTc, ST segment and Q waves.]")
    assert "Withheld" not in interpret(plain(), None, Nanoseconds(0)).report
    two = replace(plain(), measured=("II", "V1"), measurements=replace(m, leads=tuple(one for one in m.leads if one.lead in ("II", "V1"))))  # fmt: skip
    few = interpret(two, None, Nanoseconds(0))
    assert "anterior ST segment" in {w.name for w in few.withheld}
    assert "Withheld" not in few.report


def test_the_lines_of_the_evidence_have_numbers_as_sentences_have_them() -> None:
    answer = interpret(plain(), None, Nanoseconds(0))
    (sinus,) = [f for f in answer.findings if f.code == "426783006"]
    long = replace(sinus.evidence[0], measure="RR interval", value=1160.54, unit="ms")
    count = replace(sinus.evidence[0], measure="early beats", value=1.0, unit="beats")
    shown = describe(replace(answer, findings=(replace(sinus, evidence=(long, count)),)))
    assert "RR interval 1161 ms [" in shown
    assert "early beats 1 [" in shown
