"""What the interpreter advises of: statements, gates, and what a policy makes of both."""

from dataclasses import replace

import pytest

from engine.advisory import GATES, by_criteria, by_model, statements, under
from engine.answerer import Job
from engine.criteria.case import Case
from engine.criteria.waveform import r_peak_ms, t_width_ms
from engine.gem_answerer import grounded
from engine.interpretation import Advised, Interpretation
from engine.interpreter import describe, interpret
from infra.score.claim_file import measurements
from ingest.bed import BedContext
from ingest.frame import BedId, Nanoseconds
from stream.catalogue import Code
from stream.measurement import BeatKind
from stream.policy import Advisories, Mode, Policy
from tests.unit.engine.patterns import LBBB, case, segment, wpw

DIP = {"st_j_mv": -0.12, "st_j60_mv": -0.12, "st_j80_mv": -0.12, "t_mv": 0.3}
POSTERIOR = {"V1": DIP, "V2": DIP | {"r_mv": 0.8, "s_mv": -0.6}}
RISING = {"st_j_mv": -0.15, "st_j60_mv": -0.08, "st_j80_mv": -0.05, "t_mv": 0.7}
WINTER = {"V3": RISING, "V4": RISING}
SIX = ("I", "II", "aVF", "V4", "V5", "V6")
LOW = {"st_j_mv": -0.15, "st_j60_mv": -0.15, "st_j80_mv": -0.15}
UP = {"st_j_mv": 0.15, "st_j60_mv": 0.12}
LEFT_MAIN = {"aVR": UP, **dict.fromkeys(SIX, LOW)}
PEAKED = {"II": {"t_mv": 0.8}, "V4": {"t_mv": 1.2}}


def patterns(of: Case, code: Advised = Advised.STEMI_EQUIVALENT) -> list[str]:
    return [one.pattern for one in GATES[code](of).borne]


# STEMI equivalents ------------------------------------------------------------------------------------------------


def test_a_normal_ecg_bears_no_pattern() -> None:
    assert by_criteria(case()) == ()
    assert all(gate(case()).why for gate in GATES.values())


@pytest.mark.parametrize(
    ("changed", "pattern"), [(POSTERIOR, "posterior"), (WINTER, "de winter"), (LEFT_MAIN, "left main")]
)
def test_each_pattern_of_narrow_beats_is_borne_out_by_its_criteria(changed, pattern: str) -> None:
    assert patterns(case(changed)) == [pattern]


@pytest.mark.parametrize(
    "changed",
    [
        {"V2": POSTERIOR["V2"]},
        POSTERIOR | {"V2": DIP | {"r_mv": 0.6, "s_mv": -0.6}},
        POSTERIOR | {"V1": DIP | {"t_mv": -0.2}},
        POSTERIOR | {"V1": DIP | {"st_j_mv": -0.2}},
        POSTERIOR | {"V1": DIP | {"st_j_mv": -0.04, "st_j60_mv": -0.04}},
        POSTERIOR | {"V1": DIP | {"st_j_mv": {"value": -0.12, "spread": 0.07}}},
    ],
    ids=["one lead", "R not above S", "T down", "upsloping", "too little", "not steady"],
)
def test_no_posterior_infarct_is_said_where_a_criterion_is_missing(changed) -> None:
    assert "posterior" not in patterns(case(changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"V3": RISING},
        {"V2": RISING, "V4": RISING},
        WINTER | {"V4": RISING | {"t_mv": 0.45}},
        WINTER | {"V4": RISING | {"st_j80_mv": -0.12}},
        WINTER | {"V4": RISING | {"st_j_mv": -0.09}},
        WINTER | {"V4": RISING | {"st_j60_mv": -0.02}},
    ],
    ids=["one lead", "no neighbours", "T not tall", "not rising", "J too high", "the end of an S wave"],
)
def test_no_de_winter_pattern_is_said_where_a_criterion_is_missing(changed) -> None:
    assert "de winter" not in patterns(case(changed))


@pytest.mark.parametrize(
    "changed",
    [
        {name: row for name, row in LEFT_MAIN.items() if name != "V6"},
        LEFT_MAIN | {"aVR": UP | {"st_j_mv": 0.09}},
        LEFT_MAIN | {"aVR": UP | {"st_j60_mv": 0.04}},
        LEFT_MAIN | {"V6": LOW | {"st_j_mv": -0.09}},
    ],
    ids=["five leads", "aVR too low", "gone within 60 ms", "a lead too high"],
)
def test_no_left_main_pattern_is_said_where_a_criterion_is_missing(changed) -> None:
    assert "left main" not in patterns(case(changed))


@pytest.mark.parametrize("more", [{"rate": 121.0}, {"qrs": 120.0}, {"code": Code.VTACH}])
@pytest.mark.parametrize("changed", [POSTERIOR, WINTER, LEFT_MAIN])
def test_patterns_of_narrow_beats_are_not_judged_in_fast_wide_or_ventricular_ones(changed, more) -> None:
    assert patterns(case(changed, **more)) == []


CONCORDANT = {"V5": {"st_j_mv": 0.12, "st_j60_mv": 0.1}}
LOWERED = {"V2": {"st_j_mv": -0.12, "st_j60_mv": -0.1}}
RATIO = {"V2": {"st_j_mv": 0.3, "st_j60_mv": 0.3}}


@pytest.mark.parametrize("changed", [CONCORDANT, LOWERED, RATIO], ids=["elevation", "depression", "ratio"])
def test_each_criterion_of_sgarbossa_and_smith_bears_an_infarct_under_a_block_or_pacing(changed) -> None:
    assert patterns(case(changed, LBBB, qrs=150.0)) == ["sgarbossa"]
    assert patterns(case(changed, qrs=150.0, kind=BeatKind.PACED)) == ["sgarbossa"]
    assert patterns(case(changed, qrs=150.0)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"V5": {"st_j_mv": 0.09, "st_j60_mv": 0.09}},
        {"V5": {"st_j_mv": 0.2, "st_j60_mv": 0.04}},
        {"V2": {"st_j_mv": -0.09, "st_j60_mv": -0.09}},
        {"V2": {"st_j_mv": 0.29, "st_j60_mv": 0.29}},
        {"V5": {"st_j_mv": -0.3, "st_j60_mv": -0.3}},
        {"V3": {"st_j_mv": 0.12, "st_j60_mv": 0.12, "r_mv": 0.8, "s_mv": -0.9, "qrs_area_mvms": 1.0}},
    ],
    ids=["too low", "a late edge", "too little", "in proportion", "discordant depression", "neither up nor down"],
)
def test_st_as_a_block_by_itself_has_it_bears_nothing(changed) -> None:
    assert patterns(case(changed, LBBB, qrs=150.0)) == []


# hyperkalaemia ----------------------------------------------------------------------------------------------------

NARROW = {"t_width_ms": 70.0}


@pytest.mark.parametrize(
    "slow", [{"qrs": 130.0}, {"pr": 230.0}, {"p": False, "pr": None}], ids=["wide QRS", "long PR", "P lost"]
)
def test_tall_narrow_t_waves_with_slow_conduction_bear_the_pattern_of_hyperkalaemia(slow) -> None:
    found = GATES[Advised.HYPERK_PATTERN](case(PEAKED, **NARROW, **slow)).borne
    assert [one.pattern for one in found] == ["hyperkalaemia"]
    assert {e.measure for e in found[0].evidence} >= {"T amplitude", "T width at half height"}


@pytest.mark.parametrize(
    ("changed", "more"),
    [
        (PEAKED, NARROW),
        (PEAKED, {"t_width_ms": 120.0, "qrs": 130.0}),
        ({"V4": PEAKED["V4"]}, NARROW | {"qrs": 130.0}),
        ({"II": {"t_mv": 0.55}, "V4": {"t_mv": 1.2}}, NARROW | {"qrs": 130.0}),
        ({"V1": {"t_mv": 1.2}, "V2": {"t_mv": 1.2}}, NARROW | {"qrs": 130.0}),
        (PEAKED, NARROW | {"p": None, "pr": None}),
        (PEAKED, NARROW | {"qrs": 130.0, "kind": BeatKind.PACED}),
    ],
    ids=["all else normal", "broad T", "one lead", "too low", "T opposite to a wide QRS", "P unknown", "paced"],
)
def test_no_pattern_of_hyperkalaemia_is_said_where_a_criterion_is_missing(changed, more) -> None:
    assert patterns(case(changed, **more), Advised.HYPERK_PATTERN) == []


def test_a_wide_qrs_that_a_block_explains_or_a_p_wave_that_fast_beats_hide_bears_no_hyperkalaemia() -> None:
    assert patterns(case(PEAKED, LBBB, qrs=150.0, **NARROW), Advised.HYPERK_PATTERN) == []
    assert patterns(case(PEAKED, p=False, pr=None, rate=104.0, **NARROW), Advised.HYPERK_PATTERN) == []


def test_irregular_beats_without_p_waves_are_no_lost_p_wave() -> None:
    of = case(PEAKED, p=False, pr=None, **NARROW)
    of.measurements = replace(of.measurements, rr_sd_ms=120.0)
    assert patterns(of, Advised.HYPERK_PATTERN) == []


# WPW --------------------------------------------------------------------------------------------------------------

SLURRED = {"pr": 100.0, "qrs": 130.0, "r_peak_ms": 76.0}
CHILD = BedContext(BedId("b"), age_years=9.0)


def test_a_short_pr_a_wide_qrs_and_a_late_r_bear_wpw() -> None:
    (one,) = GATES[Advised.WPW](case(**SLURRED)).borne
    assert one.text == "Possible WPW pattern: PR 100 ms, QRS 130 ms, slurred begin (R peaks after 76 ms in I)."
    assert [(e.measure, e.value) for e in one.evidence] == [
        ("PR interval", 100.0),
        ("QRS duration", 130.0),
        ("R peak time", 76.0),
    ]


@pytest.mark.parametrize(
    ("changed", "more"),
    [
        ({}, {"pr": 120.0}),
        ({}, {"qrs": 109.0}),
        ({}, {"r_peak_ms": 50.0}),
        ({}, {"p": False, "pr": None}),
        ({}, {"p": None, "pr": None}),
        ({}, {"kind": BeatKind.PACED}),
        ({}, {"kind": BeatKind.VENTRICULAR}),
        ({}, {"context": CHILD}),
        ({}, {"code": Code.VTACH}),
    ],
    ids=["PR", "QRS", "R peaks early", "no P", "P unknown", "paced", "ventricular", "child", "VT"],
)
def test_no_wpw_is_said_where_a_criterion_is_missing(changed, more) -> None:
    assert patterns(case(changed, **(SLURRED | more)), Advised.WPW) == []


def test_a_child_needs_a_shorter_pr() -> None:
    assert patterns(case(context=CHILD, **(SLURRED | {"pr": 85.0})), Advised.WPW) == ["wpw"]


def test_times_are_read_from_the_signal_and_unknown_without_one() -> None:
    of = case(r_peak_ms=52.0, t_width_ms=90.0)
    assert r_peak_ms(of, "II").value == pytest.approx(52.0, abs=4.0)
    assert t_width_ms(of, "II").value == pytest.approx(90.0, abs=8.0)
    blind = Case(replace(of.segment, signal_mv=of.segment.signal_mv[:, :1]), of.measurements, None)
    assert (r_peak_ms(blind, "II"), t_width_ms(blind, "II")) == (None, None)


# statements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "pattern"),
    [
        ("Findings suggest WPW.", "WPW", ""),
        ("There is a delta wave in V4.", "WPW", ""),
        ("Wolff-Parkinson-White pattern with sinus rhythm.", "WPW", ""),
        ("Ventricular pre-excitation is present.", "WPW", ""),
        ("Possible hyperkalemia.", "HYPERK_PATTERN", ""),
        ("Peaked T waves in V2-V4.", "HYPERK_PATTERN", ""),
        ("Acute posterior myocardial infarction.", "STEMI_EQUIVALENT", "posterior"),
        ("Posterior wall MI is likely.", "STEMI_EQUIVALENT", "posterior"),
        ("De Winter T waves.", "STEMI_EQUIVALENT", "de winter"),
        ("Sgarbossa criteria are met.", "STEMI_EQUIVALENT", "sgarbossa"),
        ("This suggests left main disease.", "STEMI_EQUIVALENT", "left main"),
        ("Consistent with an acute infarction.", "STEMI_EQUIVALENT", ""),
    ],
)
def test_what_a_text_states_is_read(text: str, code: str, pattern: str) -> None:
    assert (code, pattern) in [(said.code.value, said.pattern) for said in statements(text)]


@pytest.mark.parametrize(
    "text",
    [
        "No delta wave.",
        "There is no evidence of WPW.",
        "WPW is absent.",
        "WPW cannot be excluded.",
        "Is there a delta wave?",
        "Rule out posterior infarction.",
        "Hyperkalemia is among the causes of a wide QRS.",
        "History of WPW.",
        "No peaked T waves and no ST elevation.",
        "Old posterior infarct.",
        "Sinus rhythm, normal ECG.",
        "Neither pre-excitation nor bundle branch block is seen.",
    ],
)
def test_what_a_text_denies_leaves_open_or_speaks_of_in_general_is_no_statement(text: str) -> None:
    assert statements(text) == ()


# both together ----------------------------------------------------------------------------------------------------


def test_a_statement_that_its_gate_bears_out_is_borne_and_one_that_it_does_not_is_refused_with_the_reason() -> None:
    (one,) = by_model(case(**SLURRED), "Sinus rhythm with WPW pattern.")
    assert (one.code, one.by, one.said, one.borne) == (Advised.WPW, "model", "WPW", True)
    assert one.text.endswith("Confirm.")
    (refused,) = by_model(case(), "Sinus rhythm with WPW pattern.")
    assert (refused.borne, refused.evidence) == (False, ())
    assert refused.text == "QRS 92 ms is not 110 to 220 ms"


def test_a_pattern_that_is_measured_and_not_stated_by_the_model_is_no_advisory() -> None:
    assert by_model(case(**SLURRED), "Sinus rhythm.") == ()


def test_a_pattern_that_is_named_needs_its_own_criteria() -> None:
    (refused,) = by_model(case(WINTER), "Acute posterior infarct.")
    assert not refused.borne
    assert "another pattern is measured" in refused.text
    (borne,) = by_model(case(WINTER), "Acute anterior infarct.")
    assert borne.borne


def test_the_criteria_advise_by_themselves_and_the_report_says_nothing_of_it() -> None:
    answer = interpret(wpw(), None, Nanoseconds(1))
    (one,) = answer.advisories
    assert (one.code, one.by, one.borne) == (Advised.WPW, "criteria", True)
    assert "WPW" not in answer.report
    assert not any("WPW" in finding.name for finding in answer.findings)
    assert "advisory WPW, stated by the criteria: Possible WPW pattern" in describe(answer)


def said(text: str, question: str = "", **more: object) -> Interpretation:
    made = wpw(**more)
    job = Job("k", made, None, question)
    return grounded(job, interpret(made, None, Nanoseconds(1)), text, "")


def test_the_text_of_a_model_is_what_states_and_its_sentence_stays_withheld() -> None:
    answer = said("The PR interval is 100 ms. This is WPW.")
    assert [(a.by, a.borne) for a in answer.advisories] == [("model", True)]
    assert "This is WPW" not in answer.report
    assert said("The PR interval is 100 ms.").advisories == ()
    refused = said("The PR interval is 160 ms. This is WPW.", pr=160.0)
    assert [(a.by, a.borne) for a in refused.advisories] == [("model", False)]


def test_a_text_that_gives_way_to_the_criteria_has_stated_all_the_same() -> None:
    assert [a.by for a in said("This is WPW.").advisories] == ["model"]
    assert [a.by for a in said("I cannot tell.").advisories] == ["criteria"]


def test_an_answer_to_a_question_advises_of_nothing() -> None:
    assert said("The PR interval is 100 ms. This is WPW.", question="Is this WPW?").advisories == ()
    assert said("Yes.", question="Is this WPW?").advisories == ()


def test_a_policy_decides_what_becomes_of_an_advisory() -> None:
    told = by_criteria(case(**SLURRED))
    (shadow,) = under(Policy(), told)
    assert (shadow.mode, shadow.policy) == (Mode.SHADOW, "default/0")
    (on,) = under(Policy("bed:b", 3, advisories=Advisories(wpw=Mode.ON)), told)
    assert (on.mode, on.policy) == (Mode.ON, "bed:b/3")
    assert under(Policy(advisories=Advisories(wpw=Mode.OFF)), told) == ()


def test_measurements_without_a_signal_are_judged_without_a_fault() -> None:
    bare = segment()
    empty = replace(bare, measurements=measurements({}), signal_mv=bare.signal_mv[:, :1])
    assert interpret(empty, None, Nanoseconds(1)).advisories == ()
