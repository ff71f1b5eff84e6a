"""A right bundle branch block near the limit of its width or in noise, a QRS wider than a conducted one, and a regular tachycardia with a wide QRS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.frame import Nanoseconds
from stream.measurement import Estimate, LeadMeasurements, Measurements, Quality
from tests.sinus import plain

RIGHT = "Right bundle branch block"


def answered(m: Measurements) -> Interpretation:
    return interpret(replace(plain(), measurements=m), None, Nanoseconds(0))


def shaped(ms: float, noise: float, up: bool = True, spread: float = 2.0) -> Measurements:
    """Sinus rhythm with such a QRS, all leads alike in width; V1 points up and V6 has an S wave, or not."""
    m = plain().measurements
    assert m is not None

    def lead(one: LeadMeasurements) -> LeadMeasurements:
        one = replace(one, qrs_ms=Estimate(ms, "ms", spread, 9), r_mv=Estimate(0.8, "mV", 0.01, 9))
        s = Estimate(-0.4 if up else -0.05, "mV", 0.01, 9)
        area = Estimate(20.0 if up else -20.0, "mV.ms", 0.5, 9)
        if one.lead == "V1":
            return replace(one, qrs_area_mvms=area, s_mv=None if up else Estimate(-1.0, "mV", 0.01, 9))
        return replace(one, s_mv=s) if one.lead == "V6" else one

    leads = tuple(lead(one) for one in m.leads)
    return replace(m, qrs_ms=Estimate(ms, "ms", 2.0, 9), edge_noise=noise, leads=leads)


def test_near_the_limit_the_shape_tells_a_right_bundle_branch_block_complete_or_not() -> None:
    found = [f for f in answered(shaped(122.0, 0.4)).findings if f.name == RIGHT]
    assert [f.text for f in found] == [
        "Right bundle branch block, QRS 122 ms, which noise may have widened by 8.0 ms: complete or incomplete."
    ]
    other = answered(shaped(122.0, 0.4, up=False))
    assert RIGHT not in {f.name for f in other.findings}
    assert "kind of bundle branch block" in {w.name for w in other.withheld}


def test_where_noise_hides_the_edges_single_steady_leads_tell_a_right_bundle_branch_block() -> None:
    hidden = answered(shaped(130.0, 1.0))
    (found,) = [f for f in hidden.findings if f.name == RIGHT]
    assert found.text.startswith("Right bundle branch block by its shape, QRS 130 ms in ")
    assert {e.lead for e in found.evidence} <= {one.lead for one in plain().measurements.leads}  # type: ignore[union-attr]
    reasons = {w.name: w.reason for w in hidden.withheld}
    assert reasons["QRS duration"] == "noise hides where the QRS begins and ends"
    assert reasons["ST segment"] == "not judged in a wide QRS"
    for m in (shaped(130.0, 1.0, spread=9.0), shaped(110.0, 1.0), shaped(130.0, 1.0, up=False)):
        assert RIGHT not in {f.name for f in answered(m).findings}


@pytest.mark.parametrize(("up", "v1_ms", "told"), [(True, 150.0, True), (False, 150.0, False), (True, 116.0, False)])
def test_where_v1_alone_is_wide_its_shape_tells_a_right_block_complete_or_not(
    up: bool, v1_ms: float, told: bool
) -> None:
    m = shaped(95.0, 0.1, up)
    leads = tuple(replace(one, qrs_ms=Estimate(v1_ms, "ms", 2.0, 9)) if one.lead == "V1" else one for one in m.leads)
    answer = answered(replace(m, leads=leads))
    texts = [f.text for f in answer.findings if f.name == RIGHT]
    expected = f"Right bundle branch block by its shape, QRS {v1_ms:.0f} ms in V1 and 95 ms over all leads, so that it may be complete or incomplete."
    assert texts == ([expected] if told else [])
    if told:
        reasons = {w.name: w.reason for w in answer.withheld}
        assert (
            reasons["ST segment"]
            == reasons["QTc"]
            == f"whether the QRS is wide is not known: {reasons['QRS duration']}"
        )


def test_a_text_is_told_why_the_kind_of_block_is_not_known_and_not_that_leads_lack() -> None:
    m = shaped(122.0, 0.4, up=False)
    on = Basis(m, tuple(lead.lead for lead in m.leads))
    (claim,) = check("There is right bundle branch block.", on)
    assert claim.verdict is Verdict.UNSUPPORTED
    assert claim.why == "122 ms is no further above 120 ms than noise may have widened it (8.0 ms)"


@pytest.mark.parametrize(("good", "kinds"), [(True, "beats of the ventricles or paced ones"), (False, "noise or paced beats")])  # fmt: skip
def test_a_steady_qrs_wider_than_a_conducted_one_is_called_noise_only_in_disturbed_leads(
    good: bool, kinds: str
) -> None:
    m = shaped(261.0, 0.3)
    if not good:
        m = replace(m, leads=tuple(replace(one, quality=Quality.NOISY) for one in m.leads))
    reasons = {w.name: w.reason for w in answered(m).withheld}
    assert reasons["QRS duration"] == f"261 ms is wider than a conducted beat can be: {kinds}"
    assert reasons["axis"] == reasons["QT interval"] == reasons["QRS duration"]
    assert reasons["ST segment"] == "not judged in a wide QRS"


@pytest.mark.parametrize(("ms", "counts"), [(150.0, True), (90.0, False)])
def test_a_regular_tachycardia_with_a_wide_qrs_counts_as_one_of_the_ventricles(ms: float, counts: bool) -> None:
    m = shaped(ms, 0.1)
    assert m.rate_bpm is not None
    m = replace(m, rate_bpm=replace(m.rate_bpm, value=180.0), p_wave_present=False, pr_ms=None, p_ms=None)
    answer = answered(m)
    reason = next(w.reason for w in answer.withheld if w.name == "rhythm")
    assert ("counts as one of the ventricles" in reason) is counts
    assert not any("achycardia" in f.name for f in answer.findings)
