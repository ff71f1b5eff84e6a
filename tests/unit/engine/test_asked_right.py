"""An answer is to the question that was asked, of the leads that it means, and says what speaks for it."""

from dataclasses import replace

import numpy as np
import pytest

from engine.asked import NOT_RELATED, answered
from engine.asked_of import stood_still
from engine.claims.basis import Basis
from engine.claims.judging import finding
from engine.claims.statement import Statement
from engine.interpreter import interpret
from ingest.frame import LEADS, Nanoseconds
from stream.catalogue import Code
from stream.measurement import Estimate
from stream.trigger import MODEL_SAMPLES
from tests.sinus import plain
from tests.unit.engine.patterns import NORMAL, segment
from tests.unit.engine.test_asked import RAISED, ask

DEEP = {"V4": NORMAL["V4"] | {"t_mv": -0.9}, "V3": NORMAL["V3"] | {"t_mv": -0.4}}
Q_OF_TWO = {"II": NORMAL["II"] | {"q_mv": -0.09, "q_ms": 20.0}, "III": NORMAL["III"] | {"q_mv": -0.5, "q_ms": 35.0}}
LATE_J = {"V5": NORMAL["V5"] | {"st_j_mv": -0.4, "st_j60_mv": 0.03}}


@pytest.mark.parametrize(
    ("question", "made", "reply"),
    [
        ("What is the deepest T wave and where?", {"changed": DEEP}, "Lowest T amplitude: V4 -0.90 mV."),
        ("Which lead has the tallest R wave?", {"changed": {"V5": NORMAL["V5"] | {"r_mv": 1.7}}}, "Highest R amplitude: V5 1.70 mV."),
        ("How wide is the Q wave in III?", {"changed": Q_OF_TWO}, "Q duration in III: 35 ms."),
        ("How long is the P wave?", {}, "[P duration: cannot be told"),
        ("How long is the T wave in V2?", {}, "[T duration in V2: cannot be told: T duration is not measured.]"),
        ("What is the heart rate variability?", {}, "Standard deviation of the RR intervals: 10 ms."),
        ("Variation of the RR interval?", {}, "Standard deviation of the RR intervals: 10 ms."),
        ("What is the difference between the longest and the shortest RR?", {}, "Longest less shortest RR interval: 0 ms."),
        ("What is the shortest cycle?", {}, "Shortest RR interval: 800 ms."),
        ("How many beats are ventricular?", {}, "Ventricular ectopy: no (0 ventricular beats)."),
        ("What is the Cornell voltage?", {}, "Cornell voltage, R in aVL and S in V3: 1.20 mV."),
        ("Is the PR interval longer than 200 ms?", {"pr": 212.0}, "PR interval above 200 ms: yes (212 ms)."),
        ("Is the PR interval longer than 200 ms?", {"pr": 160.0}, "PR interval above 200 ms: no (160 ms)."),
        ("Is the PR interval between 120 and 200 ms?", {"pr": 160.0}, "PR interval between 120 and 200 ms: yes (160 ms)."),
        ("Is the rate above 100 beats per minute?", {}, "Heart rate above 100 /min: no (75 /min)."),
        ("Is the PR above 200 ms and is the rhythm regular?", {}, "PR interval above 200 ms: no (160 ms). Regular rhythm: yes"),
        ("Are there Q waves in the inferior leads?", {"changed": Q_OF_TWO}, "Q waves in II, III, aVF: yes (III: Q -0.50 mV)."),
        ("Is there ST elevation in the inferior leads?", {"changed": {"III": RAISED["III"]}}, "ST elevation in II, III, aVF: no, but in III alone (II: "),
        ("What is the ST level in V5?", {"changed": LATE_J}, "ST level at J and 60 ms later: V5 0.03 mV. [At J: not told in V5"),
        ("Is it normal?", {"rate": 130.0}, "Normal ECG: no ("),
        ("What is the amplitude of the P wave in II?", {}, "P amplitude: II 0.10 mV."),
        ("Is T deeper than 0.5 mV in V4?", {"changed": DEEP}, "T amplitude in V4 deeper than 0.5 mV: yes (-0.90 mV)."),
        ("Is the T wave in V2 taller than 1 mV?", {}, "T amplitude in V2 above 1 mV: no (0.30 mV)."),
        ("Is the QRS wider than 100 ms in V1?", {}, "QRS duration over all leads above 100 ms: no (92 ms)."),
        ("Is the P wave wider than 120 ms?", {}, "[P duration: cannot be told"),
        ("What is the biggest QRS?", {}, "Largest QRS, from its lowest to its highest point: "),
        ("Is the T wave upright in any lead?", {"changed": {n: NORMAL[n] | {"t_mv": -0.3} for n in LEADS if n != "V5"}}, "Upright T waves in V5: yes (V5: "),
        ("Which inferior leads show ST elevation?", {"changed": RAISED}, "ST elevation in II, III, aVF: yes, in II, III, aVF ("),
        ("Are there couplets?", {}, "Bigeminy, trigeminy or couplets: no ("),
        ("What was the rate an hour ago?", {}, "[Of other times nothing is measured here: what follows is that of these ten seconds.] Heart rate: 75 /min."),
        ("Is there any change from yesterday?", {}, NOT_RELATED),
        ("Where is the transition zone?", {}, "Usual transition: "),
        ("Are the leads on?", {}, "[Leads with a signal that was read: I, II, "),
    ],
)  # fmt: skip
def test_what_is_asked_is_answered(question: str, made: dict[str, object], reply: str) -> None:
    assert ask(question, **made).report.startswith(reply)


@pytest.mark.parametrize(
    "question", ["Does he have chest pain?", "Any chest discomfort?", "Does the chest X-ray help?"]
)
def test_a_chest_that_hurts_names_no_lead(question: str) -> None:
    assert ask(question, "Is T inverted in the inferior leads?").report.startswith(NOT_RELATED)


def test_a_question_of_its_own_takes_up_no_leads() -> None:
    before = "Is T inverted in the inferior leads?"
    assert ask("What is the deepest T wave?", before, changed=DEEP).report == "Lowest T amplitude: V4 -0.90 mV."
    assert ask("How tall is R?", before).report.count("V") > 5
    assert ask("And the R wave?", before).report == "R amplitude: II 1.00, III 1.00, aVF 1.00 mV."
    assert ask("How tall is R there?", before).report == "R amplitude: II 1.00, III 1.00, aVF 1.00 mV."


def test_it_is_the_measure_of_the_question_before() -> None:
    assert ask("Is it normal?", "What is the PR interval?", pr=240.0).report.startswith("Normal PR interval: no")
    assert ask("Is it prolonged?", "How long is the PR interval?", pr=240.0).report.startswith("Long PR interval: yes")
    assert ask("Is it normal?", "What is the PR interval? And the QRS?", pr=240.0).report.startswith("Normal ECG: no")


def test_a_question_that_is_not_understood_is_not_followed_by_a_normal_ecg() -> None:
    base = interpret(plain(), None, Nanoseconds(0))
    assert "Within normal limits" in base.report
    told = answered(plain(), None, "Can I send her home?", base).report
    assert told.startswith(NOT_RELATED)
    assert "ormal limits" not in told
    assert "Sinus rhythm" in told


def test_a_formula_that_is_asked_for_is_the_one_that_is_told() -> None:
    ten_s = plain()
    assert ten_s.measurements is not None
    m = replace(ten_s.measurements, qtc_bazett_ms=477.0)
    ten_s = replace(ten_s, measurements=m)
    base = interpret(ten_s, None, Nanoseconds(0))
    for question, reply in (
        ("Is the QTc prolonged by Bazett?", "Long QT: yes (QTc 477 ms by Bazett, limit 460 ms)."),
        ("Is the QTc normal by Bazett?", "Normal QT: no (QTc 477 ms by Bazett, limit 460 ms)."),
    ):
        assert answered(ten_s, None, question, base).report == reply
    between = replace(ten_s, measurements=replace(m, qtc_bazett_ms=455.0))
    told = answered(between, None, "Is the QTc prolonged by Bazett?", base).report
    assert "cannot be told" in told
    assert "the sex is not known" in told


def test_an_r_wave_of_few_beats_is_none_beside_a_qs_complex() -> None:
    ten_s = segment()
    assert ten_s.measurements is not None
    few = {"r_mv": Estimate(0.47, "mV", 0.0, 1), "s_mv": Estimate(-0.9, "mV", 0.0, 11), "q_mv": None, "q_ms": None}
    area = Estimate(-40.0, "mV.ms", 0.0, 12)
    leads = tuple(
        replace(one, **few, qrs_area_mvms=area) if one.lead == "V4" else one for one in ten_s.measurements.leads
    )
    ten_s = replace(ten_s, measurements=replace(ten_s.measurements, leads=leads))
    base = interpret(ten_s, None, Nanoseconds(0))
    height = answered(ten_s, None, "How tall is the R wave in V4?", base).report
    assert height == "[No R wave, for the QRS points down alone (QS): V4.]"
    assert answered(ten_s, None, "Is there a QS complex in V4?", base).report.startswith("QS complexes in V4: yes")


def test_an_r_wave_that_is_hardly_seen_is_told_as_it_is() -> None:
    ten_s = segment()
    assert ten_s.measurements is not None
    few = {"r_mv": Estimate(0.07, "mV", 0.0, 2), "s_mv": Estimate(-0.9, "mV", 0.0, 11), "q_mv": None, "q_ms": None}
    leads = tuple(replace(one, **few) if one.lead == "V4" else one for one in ten_s.measurements.leads)
    ten_s = replace(ten_s, measurements=replace(ten_s.measurements, leads=leads))
    told = answered(ten_s, None, "How tall is the R wave in V4?", interpret(ten_s, None, Nanoseconds(0))).report
    assert told == "R amplitude: V4 0.07 mV."


def test_a_q_wave_of_a_third_of_the_beats_is_not_that_of_the_lead() -> None:
    ten_s = segment()
    assert ten_s.measurements is not None
    some = {
        "q_mv": Estimate(-1.19, "mV", 0.0, 5),
        "r_mv": Estimate(0.07, "mV", 0.0, 6),
        "s_mv": Estimate(-1.3, "mV", 0.0, 10),
        "qrs_area_mvms": Estimate(-40.0, "mV.ms", 0.0, 15),
    }
    leads = tuple(replace(one, **some) if one.lead == "V2" else one for one in ten_s.measurements.leads)
    ten_s = replace(ten_s, measurements=replace(ten_s.measurements, leads=leads))
    told = answered(ten_s, None, "Are there Q waves in V2?", interpret(ten_s, None, Nanoseconds(0))).report
    assert told.startswith("[Q waves in V2: cannot be told")


@pytest.mark.parametrize(
    ("rate", "qrs", "denied"), [(75.0, 92.0, True), (75.0, 180.0, False), (98.0, 180.0, False), (40.0, 180.0, True)]
)
def test_a_tachycardia_of_the_ventricles_is_not_denied_of_wide_beats_of_unknown_origin(
    rate: float, qrs: float, denied: bool
) -> None:
    ten_s = segment(rate=rate, qrs=qrs, p=False, pr=None)
    m = ten_s.measurements
    assert m is not None
    beats = tuple(replace(b, sample=round(200 + k * 30000 / rate)) for k, b in enumerate(m.beats))
    ten_s = replace(ten_s, measurements=replace(m, beats=beats))
    told = finding.opinion(Statement("finding", 0, 0, "ventricular tachycardia"), Basis.of(ten_s))
    assert told.no is denied
    assert not told.yes


def test_an_rr_interval_near_the_limit_denies_no_tachycardia() -> None:
    ten_s = segment(rate=98.0, qrs=115.0)
    m = ten_s.measurements
    assert m is not None
    for rr, denied in ((306, False), (320, True)):
        beats = tuple(replace(b, sample=200 + k * rr) for k, b in enumerate(m.beats))
        near = replace(ten_s, measurements=replace(m, beats=beats))
        told = finding.opinion(Statement("finding", 0, 0, "ventricular tachycardia"), Basis.of(near))
        assert told.no is denied


def test_a_line_without_any_signal_is_told_beside_an_asystole() -> None:
    noise = np.random.default_rng(4).normal(0.0, 0.003, (len(LEADS), MODEL_SAMPLES)).astype(np.float32)
    quiet = noise.copy()
    quiet[:, 2500:] = 0.01
    ten_s = segment(code=Code.ASYSTOLE)
    still, real = (replace(ten_s, signal_mv=rows) for rows in (quiet, noise))
    assert stood_still(still).startswith("[The line stood still in every lead for 5.0 of the ten seconds")
    assert not stood_still(real)
    base = interpret(still, None, Nanoseconds(0))
    assert "stood still in every lead" in answered(still, None, "Is this real asystole?", base).report
    assert "stood still" not in answered(real, None, "Is this real asystole?", base).report
