"""Pathological Q waves and QS complexes: told in two leads of a wall, withheld where one of two is in doubt, and never shown as absent there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.claim import Verdict
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, interpret
from ingest.frame import LEADS, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.measurement import Estimate
from stream.offline import segment_at
from stream.trigger import Segment
from tests.sinus import plain, with_q
from tests.unit.engine.test_claims_criteria import worst


@cache
def with_qs(*leads: str, share: float = 1.0) -> Segment:
    """Ten seconds that the signal path made of a patient whose QRS points down alone in these leads."""
    recording = simulate(SCENARIOS["sinus"], 30.0, seed=3)
    names = [one.name for one in recording.signals]
    samples = recording.samples.copy()
    for lead in leads:
        samples[names.index(lead)] = np.round(-share * np.abs(samples[names.index("V4")]))
    samples[names.index("aVL")] = samples[names.index("I")]
    samples.flags.writeable = False
    return segment_at(replace(recording, samples=samples), None)


def with_waves(**spread: float) -> Segment:
    """Sinus rhythm with Q waves of 50 ms and 0.3 mV in these leads, of this spread over the beats."""
    segment = with_q(plain(), *spread)
    m = segment.measurements
    assert m is not None
    rows = tuple(
        replace(one, q_mv=Estimate(-0.3, "mV", 0.02, 9), q_ms=Estimate(50.0, "ms", spread[one.lead], 9))
        if one.lead in spread
        else one
        for one in m.leads
    )
    return replace(segment, measurements=replace(m, leads=rows))


def answered(segment: Segment) -> Interpretation:
    return interpret(segment, None, Nanoseconds(0))


def told(answer: Interpretation) -> list[str]:
    return [f.text for f in answer.findings if f.code == "164917005"]


def held(answer: Interpretation) -> dict[str, str]:
    return {w.name: w.reason for w in answer.withheld if w.name.endswith("Q waves")}


def test_qs_complexes_in_v2_and_v3_are_pathological_q_waves_and_the_ecg_is_not_normal() -> None:
    answer = answered(with_qs("V2", "V3"))
    assert told(answer) == ["Pathological Q waves in anterior leads, QS in V2 and V3."]
    assert NORMAL not in {f.code for f in answer.findings}
    (found,) = [f for f in answer.findings if f.code == "164917005"]
    assert [(e.lead, e.measure, e.limit) for e in found.evidence] == [("V2", "QS amplitude", -0.1), ("V3", "QS amplitude", -0.1)]  # fmt: skip
    assert all(e.value < -0.5 for e in found.evidence)


@pytest.mark.parametrize("leads", [("V1",), ("V3",), ("V1", "V3"), ("aVR",)])
def test_a_qs_complex_in_one_lead_or_beside_v1_alone_is_none(leads: tuple[str, ...]) -> None:
    answer = answered(with_qs(*leads))
    assert told(answer) == []
    assert held(answer) == {}


def test_neighbours_of_two_walls_tell_them() -> None:
    assert told(answered(with_qs("V4", "V5"))) == ["Pathological Q waves in anterolateral leads, QS in V4 and V5."]


@pytest.mark.parametrize(("r_mv", "kept"), [(0.04, True), (0.15, False)])
def test_a_small_r_wave_before_it_makes_a_qs_complex_doubtful_and_a_plain_one_makes_it_none(
    r_mv: float, kept: bool
) -> None:
    segment = with_qs("V2", "V3", share=0.3)
    m = segment.measurements
    assert m is not None
    assert told(answered(segment)) == ["Pathological Q waves in anterior leads, QS in V2 and V3."]
    signal, row = segment.signal_mv.copy(), LEADS.index("V3")
    for beat in m.by_beat:
        if beat.qrs_on is not None:
            level = signal[row, beat.qrs_on - 20 : beat.qrs_on - 8].mean()
            signal[row, beat.qrs_on : beat.qrs_on + 6] = level + r_mv
    signal.flags.writeable = False
    answer = answered(replace(segment, signal_mv=signal))
    assert told(answer) == []
    assert list(held(answer)) == (["anterior Q waves"] if kept else [])
    assert ("that of V3" in held(answer).get("anterior Q waves", "")) is kept


def test_q_waves_of_which_one_differs_from_beat_to_beat_are_withheld_and_not_dropped() -> None:
    assert told(answered(with_waves(III=2.0, aVF=3.0))) == ["Pathological Q waves in inferior leads, 50 ms in III."]
    answer = answered(with_waves(III=2.0, aVF=12.0))
    assert told(answer) == []
    assert held(answer) == {
        "inferior Q waves": "that of aVF is large enough, but it differs by 12 ms from beat to beat"
    }
    assert NORMAL not in {f.code for f in answer.findings}


def test_q_waves_are_told_where_the_st_segment_of_their_wall_is_not() -> None:
    segment = with_waves(II=2.0, III=2.0, aVF=2.0)
    m = segment.measurements
    assert m is not None
    rows = tuple(replace(one, st_j_mv=Estimate(0.0, "mV", 0.2, 9)) for one in m.leads)
    answer = answered(replace(segment, measurements=replace(m, leads=rows)))
    assert "inferior ST segment" in {w.name for w in answer.withheld}
    assert told(answer) == ["Pathological Q waves in inferior leads, 50 ms in II."]


def test_a_qrs_of_no_one_width_and_a_wide_one_keep_them_back() -> None:
    segment = with_waves(III=2.0, aVF=2.0)
    m = segment.measurements
    assert m is not None
    for width in (Estimate(110.0, "ms", 40.0, 9), Estimate(140.0, "ms", 2.0, 9)):
        answer = answered(replace(segment, measurements=replace(m, qrs_ms=width)))
        assert told(answer) == []
        assert list(held(answer)) == ["Q waves"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Pathological Q waves in V2 and V3.", Verdict.AGREE),
        ("There are no pathological Q waves in V2 and V3.", Verdict.DISAGREE),
        ("There are no pathological Q waves.", Verdict.DISAGREE),
        ("There are no Q waves in V2.", Verdict.DISAGREE),
        ("Pathological Q waves in V5 and V6.", Verdict.DISAGREE),
    ],
)
def test_a_text_is_held_against_qs_complexes(text: str, said: Verdict) -> None:
    assert worst(text, Basis.of(with_qs("V2", "V3"))) is said
    opposite = {Verdict.AGREE: Verdict.DISAGREE, Verdict.DISAGREE: Verdict.AGREE}[said]
    if "V5" not in text:
        assert worst(text, Basis.of(plain())) is opposite
