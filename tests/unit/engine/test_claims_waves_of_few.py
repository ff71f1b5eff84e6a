"""Waves that are not those of a lead, or of a row of leads, are not told as such; and one function gives the depth that voltages are made of."""

from dataclasses import replace

import pytest

from engine.claims.basis import Basis
from engine.claims.claim import Verdict
from engine.claims.judging import finding
from engine.claims.judging.withheld import without_number
from engine.claims.statement import Statement
from stream.measurement import Estimate
from tests.unit.engine.test_claims import LEADS, basis
from tests.unit.engine.test_claims_criteria import worst


def chest(*r_mv: float) -> Basis:
    return basis(leads={**LEADS, **{f"V{k}": {**LEADS[f"V{k}"], "r_mv": mv} for k, mv in enumerate(r_mv, 1)}})


@pytest.mark.parametrize(("beats", "seen"), [(1, Verdict.UNSUPPORTED), (4, Verdict.UNSUPPORTED), (10, Verdict.AGREE)])
def test_a_q_wave_of_few_beats_is_not_that_of_the_lead(beats: int, seen: Verdict) -> None:
    own = basis(leads={**LEADS, "V3": {**LEADS["V3"], "q_mv": -0.6, "q_ms": 45.0}})
    m = own.m
    rare = tuple(
        replace(one, q_mv=Estimate(-0.6, "mV", 0.0, beats), q_ms=Estimate(45.0, "ms", 0.0, beats))
        if one.lead == "V3"
        else one
        for one in m.leads
    )
    on = Basis(replace(m, leads=rare), own.measured)
    assert worst("There is a Q wave in V3.", on) is seen
    assert worst("The Q wave in V3 is 0.6 mV deep.", on) is seen
    if beats < 10:
        assert worst("There is no Q wave in V3.", on) is Verdict.UNSUPPORTED


def test_the_voltage_of_a_hypertrophy_is_the_same_for_the_criteria_and_for_a_text() -> None:
    """In V1 the one negative wave before a small R is measured as Q."""
    deep = basis(
        leads={
            **LEADS,
            "V1": {
                "r_mv": 0.1,
                "q_mv": -2.6,
                "q_ms": 50.0,
                "t_mv": 0.2,
                "st_j_mv": 0.0,
                "st_j60_mv": 0.0,
                "qrs_area_mvms": -60.0,
            },
        }
    )
    assert any(one.name == "Left ventricular hypertrophy" for one in deep.criteria[0])
    assert worst("Left ventricular hypertrophy.", deep) is Verdict.AGREE
    assert worst("The Sokolow-Lyon voltage is 3.9 mV.", deep) is Verdict.AGREE
    assert worst("S in V1 + R in V5 is 3.9 mV.", deep) is Verdict.AGREE


@pytest.mark.parametrize(
    ("r_mv", "normal"),
    [
        ((0.2, 0.5, 0.8, 1.4), Verdict.AGREE),
        ((0.2, 0.56, 0.28, 0.19), Verdict.DISAGREE),
        ((0.2, 0.56, 0.36, 0.19), Verdict.UNSUPPORTED),
        ((0.2, 0.7, 0.5, 0.13), Verdict.UNSUPPORTED),
        ((0.1, 0.1, 0.1, 0.6), Verdict.DISAGREE),
    ],
)
def test_r_waves_progress_normally_where_they_grow(r_mv: tuple[float, ...], normal: Verdict) -> None:
    assert worst("Normal R wave progression.", chest(*r_mv)) is normal
    assert normal is Verdict.AGREE or worst("There is no poor R wave progression.", chest(*r_mv)) is not Verdict.AGREE


def test_a_qtc_is_no_number_where_the_rate_does_not_hold() -> None:
    varying = basis(rr_sd_ms=200)
    assert "no correction" in without_number("QTc", varying)
    assert worst("The QTc is 427 ms.", varying) is Verdict.UNSUPPORTED
    assert without_number("QTc", basis()) == ""


def test_the_right_ventricle_is_not_withheld_by_the_voltages_of_the_left() -> None:
    between = basis(leads={**LEADS, "aVL": {**LEADS["aVL"], "r_mv": 1.0}, "V3": {**LEADS["V3"], "s_mv": -1.4}})
    assert between.withholds("hypertrophy").startswith("R in aVL + S in V3")
    left, right = (
        finding.opinion(Statement("finding", 0, 0, f"{side} ventricular hypertrophy"), between)
        for side in ("left", "right")
    )
    assert not left.known
    assert right.no
    assert "V1" in right.why


def test_a_tiny_q_wave_of_few_beats_leaves_nothing_open() -> None:
    own = basis(leads={**LEADS, "V6": {**LEADS["V6"], "q_mv": -0.03, "q_ms": 8.0}})
    rare = tuple(
        replace(one, q_mv=Estimate(-0.03, "mV", 0.0, 1), q_ms=Estimate(8.0, "ms", 0.0, 1)) if one.lead == "V6" else one
        for one in own.m.leads
    )
    on = Basis(replace(own.m, leads=rare), own.measured)
    assert worst("There is no Q wave in V6.", on) is Verdict.AGREE
    assert worst("There are no signs of an infarct.", on) is Verdict.AGREE


def test_no_q_waves_are_denied_of_walls_that_were_not_measured() -> None:
    two = basis(leads={name: LEADS[name] for name in ("II", "V1")})
    told = finding.opinion(Statement("finding", 0, 0, "pathological Q waves", loose=True), two)
    assert not told.known
    assert "fewer than two leads" in told.why
