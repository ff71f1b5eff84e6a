"""Sequences, evidence and words of a labelled segment: nothing is said that is not measured, nothing measured is said wrongly."""

import re
from random import Random

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import ClaimKind, Verdict
from engine.evaluate.mentioned import labels_in
from engine.instruct import phrases
from engine.instruct.grammar import Case, report
from engine.instruct.guider import RULES, Stand, argue, guide
from engine.instruct.labelled import Change, Labelled
from engine.instruct.labels import GROUPS, LABELS, SUPERCLASSES
from engine.instruct.make import _answerable
from engine.instruct.sequences import NAMES, _steady, sequences
from engine.instruct.tasks import TASKS, absent, tasks
from engine.instruct.verify import OF_BEAT, How, Said, checked, measured, prose
from stream import delineate as d
from tests.unit.engine.labelled_sets import labelled, recording


def case(one: Labelled, seed: int = 0) -> Case:
    return Case(one, Basis.of(one.segment, one.entry.context), Random(seed))


def written(one: Labelled, seed: int = 0) -> str:
    answer = checked(report(case(one, seed)), case(one).basis, 5)
    assert answer.failed == ""
    return answer.text


def test_the_fourteen_sequences_of_a_lead_are_those_of_its_beats() -> None:
    one = labelled("SR")
    told = sequences(one.segment)
    m = one.segment.measurements
    assert list(told["II"]) == list(NAMES)
    assert len(told) == 12
    for name, whole in (("PR Interval (ms)", m.pr_ms), ("QRS Duration (ms)", m.qrs_ms), ("QT Interval (ms)", m.qt_ms)):
        middle = np.median([v for lead in told.values() for v in lead[name] if v is not None])
        assert middle == pytest.approx(whole.value, abs=12.0)
    beats = [beat for beat in m.beats if beat.rr_ms is not None]
    assert told["II"]["RR Interval 1 (ms)"][1:] == [round(beat.rr_ms) for beat in beats]
    assert set(told["II"]["ST Form"]) <= {"horizontal", "upslope", "declination", None}


def test_no_p_wave_is_put_into_atrial_fibrillation() -> None:
    told = sequences(labelled("AF", of=recording("af", 92.0)).segment)
    assert {v for lead in told.values() for v in lead["PR Interval (ms)"]} == {None}
    assert any(v is not None for v in told["II"]["QT Interval (ms)"])


def test_a_value_of_one_lead_lies_near_that_of_its_beat_or_is_not_written() -> None:
    one = labelled("SR")
    m = one.segment.measurements
    told, wrong = measured(sequences(one.segment), m)
    assert wrong == 0
    for name, (interval, within_ms) in OF_BEAT.items():
        assert {len(lead[name]) for lead in told.values()} == {len(m.by_beat)}
        near = [
            abs(value - getattr(beat, interval))
            for lead in told.values()
            for value, beat in zip(lead[name], m.by_beat, strict=True)
            if value is not None
        ]
        assert len(near) > 6 * len(m.by_beat)
        assert max(near) <= within_ms


def test_a_mark_far_from_those_of_the_other_leads_is_not_written() -> None:
    peaks = np.array([500, 1000, 1500, 2000])
    of_lead = np.array([-80, -60, -40, -20, 0, 25, 100, 130, 170])
    marks = np.repeat((peaks[:, None] + of_lead)[None], 4, axis=0)
    whole = marks[0].astype(float)
    marks[0, :, d.QRS_OFF] += 30  # a lead that sees another end
    marks[1, 2, d.T_OFF] += 40  # a beat of a lead
    marks[2, :, d.P_ON : d.P_OFF + 1] -= 20  # a lead that takes something else for the P wave
    found = _steady(marks, whole, peaks)
    assert np.isnan(found[0, :, d.QRS_OFF]).all()
    assert np.isnan(found[1, 2, d.T_OFF])
    assert np.isfinite(found[1, [0, 1, 3], d.T_OFF]).all()
    assert np.isnan(found[2, :, d.P_ON]).all()
    assert found[3].tolist() == whole.tolist()


def test_a_sequence_that_does_not_agree_with_its_beat_is_left_out_and_counted() -> None:
    one = labelled("SR")
    told = sequences(one.segment)
    told["I"]["QRS Duration (ms)"][3] = 217
    told["III"]["QT Interval (ms)"][2] = 705
    kept, wrong = measured(told, one.segment.measurements)
    assert wrong == 2
    assert kept["I"]["QRS Duration (ms)"][3] is None
    assert (kept["III"]["QT Interval (ms)"][2], kept["III"]["QTc Interval (ms)"][2]) == (None, None)
    assert measured(told, None)[0]["I"]["QRS Duration (ms)"] == [None] * len(told["I"]["QRS Duration (ms)"])


def test_a_measured_diagnosis_is_argued_with_its_number_and_source() -> None:
    found = argue(case(labelled("1AVB", of=recording("avblock1"))).basis, "1AVB")
    assert (found.stand, [f.token for f in found.facts]) == (Stand.FOR, ["<PR>"])
    assert found.facts[0].value > 200
    assert "200 ms" in found.criterion
    assert "Circulation" in found.source


def test_a_report_begins_with_the_groups_of_its_findings_and_its_diagnoses_follow_them() -> None:
    assert written(labelled("SR", "NORM")).startswith("Impression: normal ECG. ")
    text = written(labelled("SR", "LVH", "IMI", "1AVB", "NDT"))
    assert text.startswith(
        "Impression: hypertrophy, myocardial infarction, conduction disturbance and repolarisation changes. "
    )
    diagnoses = (
        "left ventricular hypertrophy",
        "inferior myocardial infarction",
        "first degree AV block",
        "nonspecific T wave",
        "sinus rhythm",
    )
    assert sorted(diagnoses, key=text.rindex) == list(diagnoses)
    assert written(labelled("AF", of=recording("af", 92.0))).startswith("Impression: rhythm disturbance. ")
    assert not written(labelled("SARRH", "QWAVE")).startswith("Impression")
    assert set(GROUPS) == set(SUPERCLASSES)
    for group, name in GROUPS.items():
        assert labels_in(phrases.IMPRESSION.format(groups=name)) == (group,)


def test_of_fewer_leads_no_group_is_named_that_they_cannot_bear() -> None:
    limbs = labelled("SR", "ASMI", "NDT", change=Change(leads=("I", "II", "III", "aVR", "aVL", "aVF")))
    told = _answerable(limbs)
    assert "MI" in limbs.entry.classes
    assert told.entry.codes == ("SR",)
    assert told.entry.classes == frozenset()


def test_a_label_that_the_measurements_deny_is_named_and_said_to_be_so() -> None:
    one = labelled("SR", "1AVB")
    assert {a.code: a.stand for a in case(one).arguments} == {"SR": Stand.FOR, "1AVB": Stand.AGAINST}
    text = written(one)
    assert re.search(r"measurements do not show it|measured values do not reach", text)
    assert "exceeds 200 ms" not in text
    assert "first degree AV block" in text.rpartition("iagnosis")[2] + text.rpartition("shows")[2]


def test_what_is_not_measurable_is_a_label_without_a_number() -> None:
    found = argue(case(labelled("DIG", "WPW")).basis, "WPW")
    assert (found.stand, found.facts) == (Stand.OPEN, ())
    sentences = re.split(r"(?<=\.) ", written(labelled("SR", "WPW")))
    assert all(not re.search(r"\d", one) for one in sentences if "pre-excitation" in one)


def test_every_rule_is_of_a_finding_and_names_its_source() -> None:
    assert set(RULES) < set(LABELS)
    assert all(rule.criterion and rule.source for rule in RULES.values())


def test_a_report_is_one_paragraph_of_at_most_300_words_that_walks_through_the_leads() -> None:
    text = written(labelled("SR", "NORM"))
    assert "\n" not in text
    assert len(text.split()) <= 300
    named = set(re.findall(r"\b(?:III|II|I|aVR|aVL|aVF|V[1-6])\b", text))
    assert len(named) == 12
    short = checked(report(case(labelled("SR")), 80), case(labelled("SR")).basis)
    assert len(short.text.split()) <= 80


def test_the_same_seed_writes_the_same_and_another_other_words() -> None:
    one = labelled("SR", "NORM")
    assert written(one, 3) == written(one, 3)
    assert len({written(one, seed) for seed in range(5)}) == 5


@pytest.mark.parametrize(
    ("rhythm", "rate", "conduction", "codes"),
    [
        ("sinus", 72.0, "N", ("NORM", "SR")),
        ("af", 92.0, "N", ("AF",)),
        ("sinus", 48.0, "N", ("SBRAD",)),
        ("sinus", 120.0, "N", ("STACH",)),
        ("avblock1", 72.0, "N", ("1AVB", "SR")),
        ("sinus", 72.0, "L", ("LBBB", "SR")),
        ("sinus", 72.0, "R", ("RBBB", "SR")),
        ("pvc", 72.0, "N", ("SR", "PVC")),
    ],
)
def test_every_number_of_every_sample_agrees_with_the_measurements(
    rhythm: str, rate: float, conduction: str, codes: tuple[str, ...]
) -> None:
    one = labelled(*codes, of=recording(rhythm, rate, seed=4, conduction=conduction))
    basis = case(one).basis
    for asked in tasks(case(one), tuple(TASKS), 300):
        answer = checked(asked.answer, basis, asked.least)
        if answer.failed:
            continue
        claims = check(answer.text, basis)
        assert all(c.verdict is Verdict.AGREE for c in claims if c.kind is not ClaimKind.FINDING), answer.text
        if asked.task == "grounded":
            assert answer.sentences >= 5
            assert answer.numbers >= 4


def test_a_number_that_is_not_the_measured_one_is_left_out_with_its_reason() -> None:
    basis = case(labelled("SR")).basis
    told = checked((Said("The heart rate is <HR>."), Said("The PR interval is 310 ms.")), basis)
    assert (told.sentences, told.numbers, told.left_out) == (1, 1, ("number disagree: PR interval",))
    assert "310" not in told.text
    assert checked((Said("The PR interval is 310 ms.", needed=True),), basis).failed == "number disagree: PR interval"


@pytest.mark.parametrize("text", ["The diagnosis is sinus rhythm at 72 bpm.", "Lead V2 shows an infarct."])
def test_a_label_may_carry_neither_number_nor_lead(text: str) -> None:
    told = checked((Said(text, How.LABEL, True),), case(labelled("SR")).basis)
    assert told.failed.startswith("a label with a")


def test_missing_leads_are_said_to_be_missing_and_never_measured() -> None:
    one = labelled("SR", change=Change(leads=("I", "II", "III", "aVR", "aVL", "aVF")))
    text = written(one)
    assert "V1, V2, V3, V4, V5 and V6" in text
    assert not re.search(r"V\d[^.]* mV", text)
    assert (
        checked((Said("Lead II was not recorded.", How.MISSING, True),), case(one).basis).failed
        == "lead II was recorded"
    )


def test_what_is_presumed_and_not_there_is_denied() -> None:
    one = labelled("NORM", "SR")
    questions = [a for seed in range(12) for a in tasks(case(one, seed), ("counter",), 300)]
    assert len({a.question for a in questions}) > 3
    for asked in questions:
        answer = checked(asked.answer, case(one).basis)
        assert answer.failed == ""
        assert re.search(r"\b(?:no|not|absent)\b", answer.text, re.IGNORECASE), answer.text


def test_a_finding_is_absent_only_where_a_measurement_or_the_set_says_so() -> None:
    assert absent(case(labelled("SR")), "AF")
    assert not absent(case(labelled("AF", of=recording("af", 92.0))), "AF")
    assert absent(case(labelled("SR")), "WPW")
    assert not absent(case(labelled("SR", table="ludb.csv")), "WPW")
    assert not absent(case(labelled("SR", "OTHER")), "WPW")


def test_the_letter_of_a_choice_is_that_of_the_labelled_finding() -> None:
    one = labelled("1AVB", of=recording("avblock1"))
    (asked,) = tasks(case(one), ("choice",), 300)
    letter = re.match(r"Answer: ([A-D])\. first degree AV block", asked.answer[0].text).group(1)
    assert f"{letter}. first degree AV block." in asked.question


def test_prose_of_others_keeps_what_agrees_and_falls_where_too_much_does_not() -> None:
    basis = case(labelled("SR", "1AVB")).basis
    good = (
        "The heart rate is 72 bpm. P waves precede each QRS complex. The rhythm is regular. The rhythm is sinus rhythm."
    )
    names = frozenset({"sinus rhythm", "first degree AV block"})
    told = prose(f"{good} There is a first degree AV block. The PR interval is 480 ms.", basis, names, 4)
    assert told.failed == ""
    assert told.left_out == ("number disagree: PR interval",)
    assert "first degree" in told.text
    assert (
        "do not pass"
        in prose("The PR interval is 480 ms. The QRS lasts 300 ms. The heart rate is 72 bpm.", basis, names, 1).failed
    )
    assert prose(f"{good} The report says so.", basis, names, 1).left_out == ("it speaks of a report",)


def test_guide_puts_what_the_measurements_bear_first() -> None:
    told = guide(case(labelled("SR", "1AVB", "WPW", "OTHER")).basis, ("WPW", "1AVB", "SR", "OTHER"))
    assert [a.code for a in told] == ["SR", "1AVB", "WPW"]
