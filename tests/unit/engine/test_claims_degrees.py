"""Summaries, superlatives, absences and words of degree: what the measured values plainly do not bear is never shown."""

from dataclasses import replace
from typing import Any

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.show import Outcome, displayed, outcome
from tests.sinus import plain
from tests.unit.engine.test_claims_variants import basis, leads

SLOWLY_RISING: dict[str, Any] = {"st_j_mv": -0.17, "st_j60_mv": -0.075}
QS: dict[str, Any] = {"q_mv": None, "q_ms": None, "r_mv": None, "s_mv": -0.8, "qrs_area_mvms": -20.0}
LOW_T = {name: {"t_mv": -0.065} for name in ("II", "V3", "V4")}


def of(name: str) -> Basis:
    return {
        "at the limit": basis(qrs_ms=121),
        "usual": basis(),
        "59": basis(rate_bpm=58.6),
        "low T": basis(leads=leads(**LOW_T)),
        "deep T": basis(leads=leads(V3={"t_mv": -0.4}, V4={"t_mv": -0.35})),
        "J": basis(leads=leads(V4=SLOWLY_RISING, V5=SLOWLY_RISING, V6=SLOWLY_RISING)),
        "QS": basis(leads=leads(V2=QS, V3=QS)),
        "tall": basis(leads=leads(V5={"r_mv": 2.4}, V6={"r_mv": 1.6}, V1={"s_mv": -1.5})),
        "P": basis(p_wave_present=False, pr_ms=None, p_ms=None, leads=leads(II={"p_mv": 0.16, "pr_ms": 160.0})),
    }[name]


PAIRS = [
    ("usual", "The QRS is 92 ms with normal intraventricular conduction.", "at the limit", "The QRS is 121 ms with normal intraventricular conduction."),
    ("usual", "Normal conduction.", "at the limit", "Normal conduction."),
    ("usual", "The rate is normal.", "59", "The rate is normal at 59 /min."),
    ("59", "Sinus bradycardia at 59 /min.", "59", "Normal sinus rhythm at 59 /min."),
    ("usual", "There is no repolarisation abnormality.", "low T", "There is no repolarisation abnormality."),
    ("usual", "Repolarisation is normal.", "low T", "Repolarisation is normal."),
    ("usual", "No abnormality of the T waves.", "low T", "No abnormality of the T waves."),
    ("usual", "No ischaemic changes.", "low T", "No ischaemic changes."),
    ("usual", "ST is normal in all leads.", "J", "ST is normal in all leads."),
    ("usual", "There is no ST depression.", "J", "There is no ST depression."),
    ("usual", "No ST deviation exceeds 0.1 mV.", "J", "No ST deviation exceeds 0.1 mV."),
    ("J", "ST at J is depressed in V4.", "J", "ST at J is isoelectric in V4."),
    ("J", "The J point is depressed in V4.", "usual", "The J point is depressed in V4."),
    ("QS", "There are QS complexes in V2 and V3.", "QS", "There are no QS complexes."),
    ("usual", "There are no QS complexes.", "usual", "There are QS complexes in V4 and V5."),
    ("usual", "No Q waves in V2 and V3.", "QS", "No Q waves in V2 and V3."),
    ("usual", "No pathological Q waves.", "QS", "No pathological Q waves."),
    ("usual", "V2 shows an rS complex.", "QS", "V2 shows an rS complex."),
    ("tall", "V5 has the tallest R.", "tall", "V6 has the tallest R."),
    ("usual", "Voltages are normal.", "tall", "Voltages are normal, 3.9 mV by Sokolow-Lyon."),
    ("usual", "Normal QRS voltages.", "tall", "Normal QRS voltages."),
    ("deep T", "T is deeply negative in V3.", "low T", "T is deeply negative in V3."),
    ("low T", "T is slightly negative in V3.", "deep T", "T is only slightly negative in V3."),
    ("deep T", "Deep T wave inversion in V3 and V4.", "low T", "Deep T wave inversion in V3 and V4."),
    ("usual", "No deep Q waves.", "usual", "A large Q wave of 0.05 mV in V6."),
    ("usual", "The rhythm is regular at 72 bpm.", "59", "A marked bradycardia of 59 /min."),
    ("at the limit", "The QRS is widened at 121 ms.", "at the limit", "The QRS is markedly widened at 121 ms."),
    ("tall", "R is tall at 2.4 mV in V5.", "tall", "R in V5 is small at 2.4 mV."),
    ("usual", "P waves are present.", "P", "P waves are absent."),
    ("usual", "The QRS complexes are of normal shape.", "at the limit", "The QRS complexes are of normal shape."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "other", "false"), PAIRS)
def test_a_word_of_degree_or_a_summary_is_held_against_the_values(
    record: str, true: str, other: str, false: str
) -> None:
    assert outcome(true, check(true, of(record))) is Outcome.WHOLE
    claims = check(false, of(other))
    assert any(c.verdict is not Verdict.AGREE for c in claims)
    assert all(false not in one.text or one.verdict is Verdict.DISAGREE for one in displayed(false, claims))
    assert false not in [one.text for one in displayed(false, claims)]


def test_a_raised_j_point_behind_a_q_wave_is_no_r_wave() -> None:
    raised = {"q_mv": -1.3, "q_ms": 62.0, "r_mv": 0.27, "s_mv": None, "st_j_mv": 0.27, "qrs_area_mvms": -30.0}
    text = "QS complexes in V2 and V3."
    assert outcome(text, check(text, basis(leads=leads(V2=raised, V3=raised)))) is Outcome.WHOLE


EVERY = [
    ("deep T", "T is inverted in V3 and V4.", "T is inverted in all leads."),
    ("deep T", "T waves are inverted in V3.", "T waves are inverted in every chest lead."),
    ("deep T", "T is inverted in V3 and V4 only.", "T is inverted only in V3."),
    ("deep T", "T inversion is confined to V3 and V4.", "T inversion is confined to V4."),
    ("deep T", "T is upright in most leads.", "T is inverted in most leads."),
    ("deep T", "T is upright in I, highest in V2 (0.45 mV).", "T is upright in I, highest in V6 (0.25 mV)."),
    ("usual", "Regular, 72/min.", "Irregular, 72/min."),
    ("usual", "PR 160 ms: the impulse reaches the ventricles in the usual amount of time.", "PR 160 ms, in the usual amount of time; right electrical axis."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), EVERY)
def test_how_many_leads_show_it_is_held_against_each(record: str, true: str, false: str) -> None:
    assert outcome(true, check(true, of(record))) is Outcome.WHOLE
    assert outcome(false, check(false, of(record))) is Outcome.STOPPED


def test_a_q_wave_of_avr_is_neither_pathological_nor_none() -> None:
    deep = basis(leads=leads(aVR={"q_mv": -0.8, "q_ms": 44.0}))
    for text in ("There are no Q waves in aVR.", "Pathological Q waves in aVR."):
        assert check(text, deep)[0].verdict is not Verdict.AGREE


@pytest.mark.parametrize(
    ("rr_ms", "verdict"),
    [
        ((830.0, 820.0, 840.0, 835.0), Verdict.AGREE),
        ((1004.0, 1150.0, 1300.0, 1100.0), Verdict.UNSUPPORTED),
        ((1000.0, 1040.0, 1110.0, 1000.0), Verdict.AGREE),
        ((400.0, 430.0, 500.0, 410.0), Verdict.AGREE),
    ],
)
def test_a_rhythm_whose_intervals_lie_far_apart_is_not_called_regular(
    rr_ms: tuple[float, ...], verdict: Verdict
) -> None:
    m = plain().measurements
    assert m is not None
    beats = tuple(replace(b, rr_ms=rr_ms[k % len(rr_ms)]) for k, b in enumerate(m.beats))
    segment = replace(plain(), measurements=replace(m, beats=beats, rr_sd_ms=0.07 * (m.rr_ms.value if m.rr_ms else 0)))
    assert {c.verdict for c in check("The rhythm is regular.", Basis.of(segment))} == {verdict}
