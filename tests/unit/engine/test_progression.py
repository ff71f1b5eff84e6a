"""R that is small in V3, or falls on the way to V4, is told with its numbers or withheld with them; it is never part of a normal ECG."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.criteria.case import Case
from engine.criteria.doubt import Turned
from engine.criteria.progression import POOR_R, PROGRESSION, progression
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, interpret
from ingest.frame import Nanoseconds
from stream.measurement import Estimate
from tests.sinus import plain


def answered(r: tuple[float, float, float, float], s4: float = -0.9) -> Interpretation:
    """Sinus rhythm with these R waves in V1 to V4, and that S in V4."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    own = {f"V{k + 1}": Estimate(value, "mV", 0.01, 9) if value else None for k, value in enumerate(r)}
    leads = tuple(replace(one, r_mv=own[one.lead]) if one.lead in own else one for one in m.leads)
    leads = tuple(replace(one, s_mv=Estimate(s4, "mV", 0.01, 9)) if one.lead == "V4" else one for one in leads)
    return interpret(replace(segment, measurements=replace(m, leads=leads)), None, Nanoseconds(0))


def told(answer: Interpretation) -> str:
    return next((f.text for f in answer.findings if f.name == POOR_R[1]), "")


def held(answer: Interpretation) -> str:
    return next((one.reason for one in answer.withheld if one.name == PROGRESSION), "")


def is_normal(answer: Interpretation) -> bool:
    return any(f.code == NORMAL for f in answer.findings)


def test_r_that_is_small_in_v3_and_behind_s_in_v4_is_poor_progression() -> None:
    answer = answered((0.34, 0.18, 0.08, 0.14))
    assert told(answer) == (
        "Poor R wave progression: R is 0.34 mV in V1, 0.18 mV in V2, 0.08 mV in V3 and 0.14 mV in V4, falling from V1 to V3; "
        "S is still larger than R in V4, 0.90 mV."
    )
    (found,) = [f for f in answer.findings if f.name == POOR_R[1]]
    assert [(e.lead, e.value) for e in found.evidence] == [
        ("V1", 0.34), ("V2", 0.18), ("V3", 0.08), ("V4", 0.14), ("V4", -0.9),
    ]  # fmt: skip
    assert all("Zema" in e.source for e in found.evidence)
    assert not is_normal(answer)


def test_one_that_grows_all_the_same_is_not_called_falling() -> None:
    assert "falling" not in told(answered((0.06, 0.12, 0.22, 0.3)))


@pytest.mark.parametrize(
    ("r", "s4", "why"),
    [
        ((0.1, 0.15, 0.18, 1.3), -0.7, "it is poor in V3 by one criterion, and larger than S in V4"),
        ((0.2, 0.4, 0.25, 1.3), -0.7, "it falls from V2 to V3, is poor in V3 by one criterion"),
        ((0.2, 0.8, 0.7, 0.45), -0.9, "it falls from V2 to V4, where S is larger"),
        ((0.2, 0.4, 0.5, 0.13), -0.1, "it falls from V3 to V4, as healthy adults"),
    ],
)
def test_one_that_healthy_hearts_have_too_is_withheld_with_its_numbers_and_no_normal_ecg(
    r: tuple[float, float, float, float], s4: float, why: str
) -> None:
    answer = answered(r, s4)
    assert told(answer) == ""
    assert why in held(answer)
    assert f"{r[2]:.2f} mV in V3" in held(answer)
    assert f"[Withheld: {PROGRESSION}.]" in answer.report
    assert not is_normal(answer)


@pytest.mark.parametrize(
    ("r", "s4"),
    [
        ((0.2, 0.5, 0.45, 1.2), -0.5),
        ((0.2, 0.9, 1.6, 1.3), -0.5),
        ((0.1, 0.3, 0.5, 0.9), -1.0),
        ((0.1, 0.15, 0.27, 1.3), -0.7),
    ],
)
def test_what_grows_or_falls_by_little_or_behind_the_transition_is_left_alone(
    r: tuple[float, float, float, float], s4: float
) -> None:
    answer = answered(r, s4)
    assert (told(answer), held(answer)) == ("", "")
    assert is_normal(answer)


def case_of(qrs_ms: float | None = None) -> Case:
    """A case whose R is 0.1 mV in V1 to V4."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    small = Estimate(0.1, "mV", 0.01, 9)
    leads = tuple(replace(one, r_mv=small) if one.lead in ("V1", "V2", "V3", "V4") else one for one in m.leads)
    qrs = m.qrs_ms if qrs_ms is None else Estimate(qrs_ms, "ms", 2.0, 9)
    return Case(segment, replace(m, leads=leads, qrs_ms=qrs), None)


def test_it_is_not_told_where_something_else_makes_it() -> None:
    right, block, order, scar = (case_of() for _ in range(4))
    vars(right)["turned"] = Turned.HEART
    block.withhold("left anterior fascicular block", "the axis is near its limit")
    vars(order)["exchanged"] = ("V2", "V4")
    scar.say("164917005", "Q wave, anterior", "Pathological Q waves in anterior leads, QS in V2 and V3.", 0.6)
    whys = []
    for case in (right, block, order, scar):
        progression(case)
        assert not case.has(POOR_R[0])
        whys.append(case.held(PROGRESSION).partition("V4: ")[2])
    assert whys == [Turned.HEART, "a left anterior fascicular block has it too", "", ""]


def test_it_is_not_judged_in_a_wide_qrs() -> None:
    wide, narrow = case_of(140.0), case_of()
    for case in (wide, narrow):
        progression(case)
    assert (wide.has(POOR_R[0]), wide.held(PROGRESSION)) == (False, "")
    assert narrow.has(POOR_R[0])
