"""Limits that differ by sex and age: known ones are held to, and what lies between those that are possible is withheld, never normal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.criteria.myocardium import st_limits_mv
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, interpret
from ingest.bed import BedContext, Sex
from ingest.frame import BedId, Nanoseconds
from stream.measurement import Estimate
from stream.trigger import Segment
from tests.sinus import plain

FEMALE, MALE, UNKNOWN = Sex.FEMALE, Sex.MALE, Sex.UNKNOWN


def patient(sex: Sex, age: float | None) -> BedContext:
    return BedContext(BedId("b"), age_years=age, sex=sex)


def answered(segment: Segment, sex: Sex, age: float | None = 50.0) -> Interpretation:
    return interpret(segment, patient(sex, age), Nanoseconds(0))


def with_st(mv: float, *leads: str) -> Segment:
    m = plain().measurements
    assert m is not None
    level = Estimate(mv, "mV", 0.002, 12)
    rows = tuple(replace(one, st_j_mv=level, st_j60_mv=level) if one.lead in leads else one for one in m.leads)
    return replace(plain(), measurements=replace(m, leads=rows, edge_noise=0.05))


@pytest.mark.parametrize(
    ("sex", "age", "limits"),
    [
        (FEMALE, None, (0.15, 0.15)), (FEMALE, 30.0, (0.15, 0.15)), (MALE, 39.0, (0.25, 0.25)), (MALE, 40.0, (0.2, 0.2)),
        (MALE, None, (0.2, 0.25)), (UNKNOWN, 40.0, (0.15, 0.2)), (UNKNOWN, 39.0, (0.15, 0.25)), (UNKNOWN, None, (0.15, 0.25)),
    ],
)  # fmt: skip
def test_the_limits_of_st_are_those_of_the_universal_definition(
    sex: Sex, age: float | None, limits: tuple[float, float]
) -> None:
    assert st_limits_mv("V2", sex, age) == limits
    assert st_limits_mv("V4", sex, age) == (0.1, 0.1)


@pytest.mark.parametrize(
    ("mv", "sex", "age", "told", "held"),
    [
        (0.18, FEMALE, None, True, False),
        (0.18, MALE, None, False, False),
        (0.18, UNKNOWN, None, False, True),
        (0.22, MALE, 50.0, True, False),
        (0.22, MALE, 30.0, False, False),
        (0.22, MALE, None, False, True),
        (0.22, UNKNOWN, 50.0, True, False),
        (0.13, UNKNOWN, None, False, False),
        (0.3, UNKNOWN, None, True, False),
    ],
)
def test_st_of_v2_and_v3_between_two_limits_is_neither_told_nor_normal(
    mv: float, sex: Sex, age: float | None, told: bool, held: bool
) -> None:
    segment = with_st(mv, "V2", "V3")
    answer = answered(segment, sex, age)
    assert ("ST elevation, anterior" in {f.name for f in answer.findings}) is told
    assert ("anterior ST segment" in {w.name for w in answer.withheld}) is held
    assert (NORMAL in {f.code for f in answer.findings}) is not (told or held)
    basis = Basis.of(segment, patient(sex, age))
    expected = Verdict.UNSUPPORTED if held else Verdict.AGREE if told else Verdict.DISAGREE
    assert check("There is ST elevation in V2.", basis)[0].verdict is expected
    (denial,) = check("There is no ST elevation in V2.", basis)
    opposite = {Verdict.AGREE: Verdict.DISAGREE, Verdict.DISAGREE: Verdict.AGREE}
    assert denial.verdict is opposite.get(expected, expected)


@pytest.mark.parametrize(
    ("qtc", "sex", "told", "held"),
    [(455.0, MALE, True, False), (455.0, FEMALE, False, False), (455.0, UNKNOWN, False, True), (462.0, UNKNOWN, True, False), (449.0, UNKNOWN, False, False)],
)  # fmt: skip
def test_a_qtc_between_the_limits_of_the_sexes_is_told_of_a_known_one_alone(
    qtc: float, sex: Sex, told: bool, held: bool
) -> None:
    m = plain().measurements
    assert m is not None
    segment = replace(plain(), measurements=replace(m, qtc_fridericia_ms=qtc, qtc_spread_ms=3.0))
    answer = answered(segment, sex)
    assert any(f.code == "111975006" for f in answer.findings) is told
    assert ("QTc" in {w.name for w in answer.withheld}) is held


@pytest.mark.parametrize(
    ("mv", "sex", "told", "held"),
    [(1.5, FEMALE, True, False), (1.5, MALE, False, False), (1.5, UNKNOWN, False, True), (2.3, UNKNOWN, True, False), (0.9, UNKNOWN, False, False)],
)  # fmt: skip
def test_the_voltage_of_cornell_between_two_limits_is_told_of_a_known_sex_alone(
    mv: float, sex: Sex, told: bool, held: bool
) -> None:
    m = plain().measurements
    assert m is not None
    rows = tuple(
        replace(one, r_mv=Estimate(0.8, "mV", 0.01, 12)) if one.lead == "aVL"
        else replace(one, s_mv=Estimate(-mv, "mV", 0.01, 12)) if one.lead == "V3"
        else one
        for one in m.leads
    )  # fmt: skip
    answer = answered(replace(plain(), measurements=replace(m, leads=rows)), sex)
    assert any(f.code == "164873001" for f in answer.findings) is told
    assert ("hypertrophy" in {w.name for w in answer.withheld}) is held
