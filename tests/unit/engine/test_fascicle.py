"""Left anterior fascicular block: told by its axis, the shape of aVL and how late R peaks there, withheld where one of them is near its limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.criteria.fascicle import ANTERIOR, LATE_MS
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.frame import LEADS, Nanoseconds
from stream.measurement import Estimate
from stream.trigger import Segment
from tests.sinus import plain, with_q

NAME = "left anterior fascicular block"


def mv(value: float) -> Estimate:
    return Estimate(value, "mV", 0.01, 12)


def left(
    deg: float = -60.0, spread: float = 2.0, peak_ms: float = 44.0, q: float | None = -0.15, s: float = -0.05, qrs_ms: float = 96.0
) -> Segment:  # fmt: skip
    """Sinus rhythm with this axis, and in aVL these waves, R with its peak so long behind the begin of the QRS."""
    m = plain().measurements
    assert m is not None
    signal = plain().signal_mv.copy()
    at = np.arange(signal.shape[1])
    row = np.zeros(signal.shape[1])
    for beat in m.by_beat:
        if beat.qrs_on is not None:
            row += 0.9 * np.exp(-0.5 * ((at - beat.qrs_on - peak_ms / 2.0) / 6.0) ** 2)
    signal[LEADS.index("aVL")] = row
    signal.flags.writeable = False
    waves = {
        "q_mv": None if q is None else mv(q),
        "q_ms": Estimate(16.0, "ms", 1.0, 12),
        "r_mv": mv(0.9),
        "s_mv": mv(s),
    }
    rows = tuple(replace(one, **waves) if one.lead == "aVL" else one for one in m.leads)
    told = replace(m, axis_deg=deg, axis_spread_deg=spread, leads=rows, qrs_ms=Estimate(qrs_ms, "ms", 2.0, 12))
    return replace(plain(), signal_mv=signal, measurements=told)


def answered(segment: Segment) -> Interpretation:
    return interpret(segment, None, Nanoseconds(0))


def found(segment: Segment) -> list[str]:
    return [f.text for f in answered(segment).findings if f.code == ANTERIOR[0]]


def held(segment: Segment) -> str:
    return next((w.reason for w in answered(segment).withheld if w.name == NAME), "")


def test_axis_shape_and_time_together_tell_it_with_their_numbers() -> None:
    segment = left()
    (text,) = found(segment)
    assert text == f"Left anterior fascicular block: qR in aVL, where R peaks after {44 + LATE_MS:.0f} ms."
    (one,) = [f for f in answered(segment).findings if f.code == ANTERIOR[0]]
    assert {e.measure for e in one.evidence} == {"frontal QRS axis", "R peak time", "Q amplitude", "R amplitude"}


@pytest.mark.parametrize(
    "changed",
    [{"deg": -35.0}, {"deg": -100.0}, {"q": None}, {"s": -0.4}, {"peak_ms": 24.0}, {"qrs_ms": 130.0}],
)
def test_without_one_of_its_criteria_it_is_none(changed: dict[str, float]) -> None:
    assert found(left(**changed)) == []
    assert held(left(**changed)) == ""


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"deg": -47.0, "spread": 4.0}, "limit of -45"),
        ({"deg": -88.0, "spread": 4.0}, "limit of -90"),
        ({"peak_ms": 32.0}, "R peaks after 40 ms in aVL"),
    ],
)
def test_near_a_limit_it_is_withheld(changed: dict[str, float], why: str) -> None:
    assert found(left(**changed)) == []
    assert why in held(left(**changed))


def test_an_inferior_infarct_may_turn_the_axis_by_itself() -> None:
    segment = with_q(left(), "II", "III", "aVF")
    assert segment.measurements is not None
    deep = {"q_mv": mv(-0.3), "q_ms": Estimate(50.0, "ms", 2.0, 12)}
    rows = tuple(
        replace(one, **deep) if one.lead in ("II", "III", "aVF") else one for one in segment.measurements.leads
    )
    segment = replace(segment, measurements=replace(segment.measurements, leads=rows))
    assert found(segment) == []
    assert held(segment) == "an inferior infarct may turn the axis"


@pytest.mark.parametrize(("peak_ms", "said"), [(44.0, Verdict.AGREE), (32.0, Verdict.UNSUPPORTED)])
def test_a_text_tells_it_where_the_criteria_do_and_not_where_they_withhold_it(peak_ms: float, said: Verdict) -> None:
    (claim,) = check("Left anterior fascicular block.", Basis.of(left(peak_ms=peak_ms)))
    assert claim.verdict is said


def test_in_a_rhythm_that_is_not_told_it_is_not_judged() -> None:
    segment = left()
    assert segment.measurements is not None
    fast = replace(segment.measurements, p_wave_present=None, pr_ms=None)
    assert found(replace(segment, measurements=fast)) == []
