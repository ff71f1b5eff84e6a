"""Inverted T waves are told, or withheld, and no ECG that has them is within normal limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.criteria.twaves import INVERTED
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, interpret
from ingest.bed import BedContext
from ingest.frame import BedId, Nanoseconds
from stream.measurement import Estimate
from tests.sinus import plain

R_LARGEST, S_LARGEST = (1.0, -0.2), (0.3, -1.0)


def answered(
    t_mv: float, leads: set[str], waves: tuple[float, float] = R_LARGEST, qrs_ms: float = 92.0, age: float | None = None
) -> Interpretation:
    """Sinus rhythm with such T waves, R and S in these leads."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    r, s = (Estimate(mv, "mV", 0.01, 9) for mv in waves)
    rows = tuple(
        replace(one, t_mv=Estimate(t_mv, "mV", 0.01, 9), r_mv=r, s_mv=s, q_mv=None) if one.lead in leads else one
        for one in m.leads
    )
    m = replace(m, leads=rows, qrs_ms=Estimate(qrs_ms, "ms", 2.0, 9))
    context = None if age is None else BedContext(BedId("b"), age_years=age)
    return interpret(replace(segment, measurements=m), context, Nanoseconds(0))


def inverted(answer: Interpretation) -> list[str]:
    return [f.text for f in answer.findings if f.code == INVERTED]


def test_two_neighbouring_leads_tell_it_and_the_ecg_is_not_normal() -> None:
    assert NORMAL in {f.code for f in answered(0.3, {"V4", "V5"}).findings}
    answer = answered(-0.2, {"V4", "V5"})
    assert inverted(answer) == ["T wave inversion in V4 and V5, -0.20 mV in V4."]
    assert NORMAL not in {f.code for f in answer.findings}
    (found,) = [f for f in answer.findings if f.code == INVERTED]
    assert [(e.lead, e.value, e.limit) for e in found.evidence] == [("V4", -0.2, -0.1), ("V5", -0.2, -0.1)]


@pytest.mark.parametrize(
    ("t_mv", "leads"), [(-0.09, {"V4", "V5"}), (-0.2, {"V4"}), (-0.2, {"V4", "V6"}), (-0.2, {"III", "aVF"})]
)
def test_shallow_single_or_distant_ones_are_none(t_mv: float, leads: set[str]) -> None:
    assert inverted(answered(t_mv, leads)) == []


@pytest.mark.parametrize(
    ("leads", "age", "told"),
    [({"V2", "V3"}, None, False), ({"V3", "V4"}, None, True), ({"V3", "V4"}, 40.0, True), ({"V3", "V4"}, 12.0, False)],
)
def test_where_s_is_the_larger_wave_they_are_told_of_adults_from_v3_on_and_else_withheld(
    leads: set[str], age: float | None, told: bool
) -> None:
    answer = answered(-0.2, leads, S_LARGEST, age=age)
    assert bool(inverted(answer)) is told
    assert ("T waves" in {w.name for w in answer.withheld}) is not told
    assert NORMAL not in {f.code for f in answer.findings}


def test_in_a_wide_qrs_they_are_not_judged() -> None:
    answer = answered(-0.2, {"V4", "V5"}, qrs_ms=150.0)
    assert inverted(answer) == []
    assert NORMAL not in {f.code for f in answer.findings}


def test_those_of_iii_and_avf_alone_and_of_one_lead_are_withheld_with_their_numbers_in_the_text() -> None:
    for leads, said in (
        ({"III", "aVF"}, "III (-0.20 mV) and aVF (-0.20 mV) and not in II"),
        ({"V5"}, "V5 (-0.20 mV), and two neighbouring leads are asked for"),
    ):
        answer = answered(-0.2, leads)
        (why,) = [w.reason for w in answer.withheld if w.name == "T waves"]
        assert said in why
        assert "T waves" in answer.report
        assert inverted(answer) == []


def test_where_r_is_the_largest_wave_of_i_or_ii_its_neighbour_need_not_have_it() -> None:
    segment = plain()
    m = segment.measurements
    assert m is not None
    deep = {"II": -0.26, "III": -0.76, "aVF": -0.57}
    rows = tuple(
        replace(one, t_mv=Estimate(deep[one.lead], "mV", 0.01, 9), r_mv=Estimate(0.9 if one.lead == "II" else 0.1, "mV", 0.01, 9), s_mv=Estimate(-0.3, "mV", 0.01, 9))
        if one.lead in deep
        else one
        for one in m.leads
    )  # fmt: skip
    answer = interpret(replace(segment, measurements=replace(m, leads=rows)), None, Nanoseconds(0))
    assert inverted(answer) == ["T wave inversion in II, III and aVF, -0.76 mV in III."]


def test_where_noise_hides_the_edges_of_the_qrs_they_are_withheld_with_their_numbers() -> None:
    segment = plain()
    m = segment.measurements
    assert m is not None
    rows = tuple(
        replace(one, t_mv=Estimate(-0.2, "mV", 0.01, 9)) if one.lead in ("V4", "V5") else one for one in m.leads
    )
    rough = replace(m, leads=rows, edge_noise=0.9)
    answer = interpret(replace(segment, measurements=rough), None, Nanoseconds(0))
    assert inverted(answer) == []
    (why,) = [w.reason for w in answer.withheld if w.name == "T waves"]
    assert why.startswith("they look inverted in V4 (-0.20 mV) and V5 (-0.20 mV), and noise hides")
