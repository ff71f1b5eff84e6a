"""A second R in V1, and that a bundle branch block is denied as a complete one where an incomplete one may be there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.answerer import Job
from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.completed import completed
from engine.criteria.waveform import second_r_mv
from engine.grounded import grounded
from engine.interpreter import interpret
from engine.itemised import complete_alone
from ingest.frame import LEADS, Nanoseconds
from stream.measurement import Estimate
from stream.trigger import Segment
from tests.sinus import plain

V1 = LEADS.index("V1")


def of(qrs: float, second_mv: float = 0.0) -> Segment:
    """Sinus rhythm with a QRS of this width and, where asked for, a second R at its end in V1."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    signal = np.array(segment.signal_mv)
    for beat in m.by_beat:
        if second_mv and beat.qrs_on is not None and beat.qrs_on > 20:
            level = signal[V1, beat.qrs_on - 20 : beat.qrs_on - 8].mean()
            begin, end = beat.qrs_on + 28, beat.qrs_on + 46
            wave = second_mv * np.sin(np.linspace(0.0, np.pi, end - begin))
            signal[V1, begin:end] = np.maximum(signal[V1, begin:end], level + wave)
    return replace(segment, signal_mv=signal, measurements=replace(m, qrs_ms=Estimate(qrs, "ms", 2.0, 10)))


def verdict(text: str, segment: Segment) -> Verdict:
    (claim,) = check(text, Basis.of(segment))
    return claim.verdict


def told(text: str, segment: Segment) -> str:
    job = Job("a", segment, None)
    return completed(job, grounded(job, interpret(segment, None, Nanoseconds(0)), text, "", {}), {}).report


def test_a_second_r_is_read_behind_the_s_and_nothing_else_is_one() -> None:
    for height, seen in ((0.0, 0.0), (0.15, 0.15), (0.3, 0.3)):
        segment = of(92.0, height)
        assert segment.measurements is not None
        assert second_r_mv(segment, segment.measurements, "V1") == pytest.approx(seen, abs=0.05)
    assert second_r_mv(None, segment.measurements, "V1") is None


def test_an_incomplete_right_bundle_branch_block_takes_its_width_and_a_second_r() -> None:
    text = "There is an incomplete right bundle branch block."
    assert verdict(text, of(108.0, 0.2)) is Verdict.AGREE
    assert verdict(text, of(108.0)) is Verdict.UNSUPPORTED
    assert verdict(text, of(88.0, 0.2)) is Verdict.UNSUPPORTED
    assert verdict(text, of(88.0)) is Verdict.DISAGREE
    assert verdict("There is an incomplete left bundle branch block.", of(88.0, 0.2)) is Verdict.DISAGREE


def test_a_disturbed_conduction_is_not_contradicted_beside_a_block_that_leaves_the_qrs_narrow() -> None:
    text = "Impression: conduction disturbance."
    assert verdict(text, of(88.0)) is Verdict.DISAGREE
    assert verdict(text, of(88.0, 0.2)) is Verdict.UNSUPPORTED
    assert verdict(text, of(108.0, 0.2)) is Verdict.AGREE
    m = of(92.0).measurements
    assert m is not None
    for deg, expected in ((-60.0, Verdict.AGREE), (-37.0, Verdict.UNSUPPORTED), (-20.0, Verdict.DISAGREE)):
        assert verdict(text, replace(of(92.0), measurements=replace(m, axis_deg=deg, axis_spread_deg=0.5))) is expected


def test_a_conduction_disturbance_is_not_contradicted_where_no_pr_interval_is_known() -> None:
    segment = of(92.0)
    m = segment.measurements
    assert m is not None
    unknown = replace(segment, measurements=replace(m, pr_ms=None, p_wave_present=False))
    assert verdict("Impression: conduction disturbance.", unknown) is Verdict.UNSUPPORTED
    irregular = replace(segment, measurements=replace(m, pr_ms=None, p_wave_present=False, rr_sd_ms=170.0))
    # one wave precedes these beats, so that it is no fibrillation
    assert verdict("There is first degree AV block.", irregular) is Verdict.UNSUPPORTED


def test_a_right_hypertrophy_is_contradicted_by_a_dominant_s_and_not_by_an_r_that_is_nearly_tall_enough() -> None:
    segment = of(92.0)
    m = segment.measurements
    assert m is not None

    def with_v1(r: float, s: float, deg: float) -> Segment:
        row = {"r_mv": Estimate(r, "mV", 0.02, 10), "s_mv": Estimate(s, "mV", 0.02, 10)}
        leads = tuple(replace(one, **row) if one.lead == "V1" else one for one in m.leads)  # type: ignore[arg-type]
        return replace(segment, measurements=replace(m, leads=leads, axis_deg=deg, axis_spread_deg=0.5))

    text = "There is right ventricular hypertrophy."
    assert verdict(text, with_v1(0.8, -0.1, 110.0)) is Verdict.AGREE
    assert verdict(text, with_v1(0.62, -0.08, 110.0)) is Verdict.UNSUPPORTED
    assert verdict(text, with_v1(0.3, -0.1, 60.0)) is Verdict.DISAGREE
    assert verdict(text, with_v1(0.3, -0.9, 110.0)) is Verdict.DISAGREE


@pytest.mark.parametrize(("qrs", "second_mv", "complete"), [(88.0, 0.0, False), (88.0, 0.2, True), (104.0, 0.0, True)])
def test_a_block_is_denied_as_a_complete_one_where_an_incomplete_one_may_be_there(
    qrs: float, second_mv: float, complete: bool
) -> None:
    segment = of(qrs, second_mv)
    own = told("The heart rate is <HR>. There is no bundle branch block.", segment)
    assert ("There is no complete bundle branch block." in own) is complete
    assert ("There is no bundle branch block." in own) is not complete
    added = told("The heart rate is <HR>.", segment)
    assert "no bundle branch block" not in added.replace("without", "no") or not complete
    assert ("complete bundle branch block" in added) is complete


def test_only_denials_are_changed() -> None:
    text = "There is left bundle branch block. No right bundle branch block."
    assert complete_alone(text) == "There is left bundle branch block. No complete right bundle branch block."
