"""What noise can have moved over a limit is not told: ST, and a bundle branch block by the width of the QRS."""

from dataclasses import replace

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.slots import render
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.bed import BedContext
from ingest.frame import BedId, Nanoseconds
from stream.certainty import st_error_mv, widened_ms
from stream.measurement import Estimate, Measurements
from tests.sinus import plain
from tests.unit.engine.test_claims import LEADS, measured


def answered(m: Measurements) -> Interpretation:
    return interpret(replace(plain(), measurements=m), None, Nanoseconds(0))


def with_st(mv: float, spread: float, noise: float) -> Measurements:
    """Sinus rhythm whose inferior leads have such an ST level at J and 60 ms later."""
    m = plain().measurements
    assert m is not None
    level = Estimate(mv, "mV", spread, 9)
    leads = tuple(
        replace(one, st_j_mv=level, st_j60_mv=level) if one.lead in ("II", "III", "aVF") else one for one in m.leads
    )
    return replace(m, leads=leads, edge_noise=noise)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("mv", "spread", "noise", "told"),
    [(0.12, 0.002, 0.05, True), (0.11, 0.002, 0.45, False), (0.12, 0.04, 0.05, False), (0.2, 0.04, 0.45, True)],
)
def test_st_is_told_where_it_is_further_beyond_its_limit_than_it_may_be_wrong(
    sign: float, mv: float, spread: float, noise: float, told: bool
) -> None:
    answer = answered(with_st(sign * mv, spread, noise))
    kind = "elevation" if sign > 0 else "depression"
    assert (f"ST {kind}, inferior" in {f.name for f in answer.findings}) is told
    assert ("inferior ST segment" in {w.name for w in answer.withheld}) is not told


def with_j(j_mv: float, later_mv: float | None) -> Measurements:
    """The same with such a level at J and another one 60 ms later."""
    m = with_st(j_mv, 0.002, 0.05)
    later = None if later_mv is None else Estimate(later_mv, "mV", 0.002, 9)
    leads = tuple(replace(one, st_j60_mv=later) if one.lead in ("II", "III", "aVF") else one for one in m.leads)
    return replace(m, leads=leads)


@pytest.mark.parametrize(
    ("j", "later", "why"),
    [
        (0.2, 0.02, "slur or notch"),
        (0.2, -0.05, "slur or notch"),
        (0.14, 0.08, "does not reach 0.1 mV"),
        (0.2, None, "no level is measured 60 ms later"),
        (0.2, 0.12, ""),
        (0.2, 0.3, ""),
    ],
)
def test_a_j_point_alone_is_no_st_elevation(j: float, later: float | None, why: str) -> None:
    answer = answered(with_j(j, later))
    reasons = {w.name: w.reason for w in answer.withheld}
    assert ("ST elevation, inferior" in {f.name for f in answer.findings}) is (not why)
    assert why in reasons.get("inferior ST segment", "")
    assert ("inferior ST segment" in reasons) is bool(why)


@pytest.mark.parametrize(
    ("later", "verdict"), [(0.02, Verdict.UNSUPPORTED), (0.09, Verdict.AGREE), (0.2, Verdict.AGREE)]
)
def test_a_text_neither_tells_nor_denies_an_st_elevation_of_j_alone(later: float, verdict: Verdict) -> None:
    m = with_j(0.2, later)
    on = Basis(m, tuple(lead.lead for lead in m.leads))
    claims = check("There is ST elevation in lead II. There is no ST elevation in lead III.", on)
    assert claims[0].verdict is verdict
    assert claims[1].verdict is (Verdict.DISAGREE if verdict is Verdict.AGREE else verdict)
    (level,) = check("The ST level at J is 0.2 mV in lead II.", on)
    assert level.verdict is Verdict.AGREE


def test_st_far_below_its_limit_is_neither_told_nor_withheld() -> None:
    answer = answered(with_st(0.03, 0.01, 0.3))
    assert not any("inferior" in one.name for one in (*answer.findings, *answer.withheld))


@pytest.mark.parametrize(("noise", "verdict"), [(0.1, Verdict.AGREE), (0.6, Verdict.UNSUPPORTED)])
def test_a_text_says_no_st_depression_that_noise_may_have_made(noise: float, verdict: Verdict) -> None:
    down = {lead: {**LEADS[lead], "st_j_mv": -0.12, "st_j60_mv": -0.12} for lead in ("II", "III", "aVF")}
    m = replace(measured(leads={**LEADS, **down}), edge_noise=noise)
    on = Basis(m, tuple(lead.lead for lead in m.leads))
    (claim,) = check("There is ST depression in lead II.", on)
    assert claim.verdict is verdict


@pytest.mark.parametrize(("ms", "noise", "told"), [(122.0, 0.02, True), (122.0, 0.4, False), (140.0, 0.4, True)])
def test_a_wide_qrs_is_told_where_noise_cannot_have_widened_a_narrow_one(ms: float, noise: float, told: bool) -> None:
    m = plain().measurements
    assert m is not None
    m = replace(m, qrs_ms=Estimate(ms, "ms", 2.0, 9), edge_noise=noise)
    answer = answered(m)
    wide = [f for f in answer.findings if any(e.measure == "QRS duration" for e in f.evidence)]
    assert bool(wide) is told
    assert ("kind of bundle branch block" in {w.name for w in answer.withheld}) is not told
    on = Basis(m, tuple(lead.lead for lead in m.leads))
    verdicts = {claim.verdict for claim in check("There is left bundle branch block.", on)}
    assert (Verdict.UNSUPPORTED in verdicts) is not told


def test_both_errors_grow_with_the_noise_and_are_none_of_what_nobody_measured() -> None:
    m = with_st(0.1, 0.0, 0.0)
    level = Estimate(0.1, "mV", 0.0, 9)
    assert widened_ms(replace(m, edge_noise=None)) == 0.0
    assert st_error_mv(level, replace(m, edge_noise=None)) == 0.0
    assert np.diff([widened_ms(replace(m, edge_noise=x)) for x in (0.0, 0.2, 0.4)]).min() > 0.0
    assert np.diff([st_error_mv(level, replace(m, edge_noise=x)) for x in (0.0, 0.2, 0.4)]).min() > 0.0


@pytest.mark.parametrize(("noise", "ms", "told"), [(0.1, 92.0, "1.23"), (1.0, 92.0, "1.2"), (0.1, 261.0, "1.2")])
def test_an_amplitude_is_told_in_tenths_where_the_edges_of_the_qrs_are_not_known(
    noise: float, ms: float, told: str
) -> None:
    m = plain().measurements
    assert m is not None
    r, s = Estimate(1.23, "mV", 0.02, 9), Estimate(-0.04, "mV", 0.01, 9)
    leads = tuple(replace(one, r_mv=r, s_mv=s) for one in m.leads)
    m = replace(m, leads=leads, edge_noise=noise, qrs_ms=Estimate(ms, "ms", 2.0, 9))
    on = Basis(m, tuple(lead.lead for lead in m.leads))
    text = render("The R wave amplitude is <RAMP:V5> in V5.", on).text
    assert text == f"The R wave amplitude is {told} mV in V5."
    assert {claim.verdict for claim in check(text, on)} == {Verdict.AGREE}
    small = render("The S wave amplitude is <SAMP:V5> in V5.", on)
    assert small.text == ("The S wave amplitude is -0.04 mV in V5." if told == "1.23" else "")


@pytest.mark.parametrize(("ms", "told"), [(199.0, None), (204.0, False), (210.0, False), (214.0, True)])
def test_a_first_degree_block_is_told_of_a_pr_further_above_its_limit_than_it_may_be_wrong(
    ms: float, told: bool | None
) -> None:
    m = plain().measurements
    assert m is not None
    m = replace(m, pr_ms=Estimate(ms, "ms", 2.0, 9))
    answer = answered(m)
    assert ("First degree AV block" in {f.name for f in answer.findings}) is bool(told)
    assert ("first degree AV block" in {w.name for w in answer.withheld}) is (told is False)
    on = Basis(m, tuple(lead.lead for lead in m.leads))
    block, number = check(f"There is first degree AV block. The PR interval is {ms:g} ms.", on)
    assert number.verdict is Verdict.AGREE
    if told is False:
        assert block.verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(("years", "told"), [(18.0, False), (35.0, True), (None, True)])
def test_voltages_tell_no_hypertrophy_of_the_young(years: float | None, told: bool) -> None:
    m = plain().measurements
    assert m is not None
    r, s = Estimate(2.5, "mV", 0.02, 9), Estimate(-1.6, "mV", 0.02, 9)
    leads = tuple(
        replace(one, r_mv=r) if one.lead == "V5" else replace(one, s_mv=s) if one.lead == "V1" else one
        for one in m.leads
    )
    context = BedContext(BedId("bed"), age_years=years)
    answer = interpret(replace(plain(), measurements=replace(m, leads=leads)), context, Nanoseconds(0))
    assert ("Left ventricular hypertrophy" in {f.name for f in answer.findings}) is told
    reason = next((w.reason for w in answer.withheld if w.name == "hypertrophy"), "")
    assert reason == ("" if told else "S in V1 + R in V5 is 4.1 mV, and voltage criteria apply from 35 years on")


@pytest.mark.parametrize(("p", "told"), [(True, True), (False, False)])
def test_a_long_qtc_is_not_told_where_a_p_wave_may_lie_on_the_t_wave(p: bool, told: bool) -> None:
    m = plain().measurements
    assert m is not None
    m = replace(m, p_wave_present=p, qtc_fridericia_ms=480.0, qtc_spread_ms=3.0)
    answer = answered(m)
    assert ("Prolonged QT interval" in {f.name for f in answer.findings}) is told
    assert any(w.name == "QTc" and "P wave" in w.reason for w in answer.withheld) is not told
