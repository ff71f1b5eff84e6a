"""What no criterion finds, and speaks against a normal ECG or a rhythm of the sinus node, is told or withheld with its numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.answerer import CriteriaAnswerer, Job
from engine.arranged import NOTHING, NOTHING_ELSE, in_order
from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.completed import completed
from engine.criteria.case import counted
from engine.criteria.myocardium import ST_DEPRESSION
from engine.criteria.unusual import NORMAL_ECG
from engine.grounded import grounded, instead
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, describe, interpret
from engine.notes import merged
from ingest.frame import Nanoseconds
from stream.measurement import BeatKind, Estimate, LeadMeasurements, Quality
from stream.trigger import Segment
from tests.sinus import plain


def mv(value: float) -> Estimate:
    return Estimate(value, "mV", 0.004, 9)


def with_waves(by_lead: dict[str, dict[str, float]]) -> Segment:
    """Sinus rhythm with such amplitudes in these leads."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    leads = tuple(replace(one, **{k: mv(v) for k, v in by_lead.get(one.lead, {}).items()}) for one in m.leads)
    return replace(segment, measurements=replace(m, leads=leads, edge_noise=0.02))


def st(*levels: float) -> dict[str, float]:
    return dict(zip(("st_j_mv", "st_j60_mv", "st_j80_mv"), levels, strict=True))


def answered(by_lead: dict[str, dict[str, float]]) -> Interpretation:
    return interpret(with_waves(by_lead), None, Nanoseconds(0))


def reasons(answer: Interpretation) -> dict[str, str]:
    return {one.name: one.reason for one in answer.withheld}


def is_normal(answer: Interpretation) -> bool:
    return NORMAL in {f.code for f in answer.findings}


def test_a_slight_depression_that_runs_level_in_two_leads_is_told() -> None:
    answer = answered({"V5": st(-0.11, -0.12, -0.12), "V6": st(-0.07, -0.08, -0.09)})
    (found,) = [f for f in answer.findings if f.code == ST_DEPRESSION]
    assert found.text == "Slight ST depression in lateral leads, -0.12 mV in V5, level or falling."
    assert [(e.lead, e.value, e.limit) for e in found.evidence] == [("V5", -0.12, -0.05), ("V6", -0.08, -0.05)]


@pytest.mark.parametrize(
    ("five", "six"),
    [
        ((-0.12, -0.08, -0.05), (-0.11, -0.07, -0.04)),
        ((-0.02, -0.08, -0.09), (-0.02, -0.07, -0.09)),
        ((-0.051, -0.06, -0.06), (-0.051, -0.06, -0.06)),
    ],
)
def test_one_that_rises_or_is_within_its_error_is_withheld_with_its_numbers(
    five: tuple[float, float, float], six: tuple[float, float, float]
) -> None:
    answer = answered({"V5": st(*five), "V6": st(*six)})
    assert ST_DEPRESSION not in {f.code for f in answer.findings}
    why = reasons(answer)["lateral ST depression"]
    assert f"{five[1]:.2f} mV in V5" in why
    assert not is_normal(answer)
    assert "lateral ST depression" in answer.report


def test_one_that_differs_from_beat_to_beat_is_withheld() -> None:
    rough = {k: Estimate(-0.1, "mV", 0.1, 9) for k in ("st_j_mv", "st_j60_mv", "st_j80_mv")}
    segment = plain()
    m = segment.measurements
    assert m is not None
    leads = tuple(replace(one, **rough) if one.lead in ("V5", "V6") else one for one in m.leads)
    answer = interpret(replace(segment, measurements=replace(m, leads=leads)), None, Nanoseconds(0))
    assert ST_DEPRESSION not in {f.code for f in answer.findings}
    assert (
        "-0.10 mV in V5 and -0.10 mV in V6, and differs from beat to beat" in reasons(answer)["lateral ST depression"]
    )


def test_a_slight_depression_of_one_lead_or_less_than_the_limit_is_none() -> None:
    for levels in ({"V5": st(-0.07, -0.08, -0.08)}, {"V5": st(-0.04, -0.04, -0.04), "V6": st(-0.04, -0.04, -0.04)}):
        answer = answered(levels)
        assert is_normal(answer)
        assert "lateral ST depression" not in reasons(answer)


@pytest.mark.parametrize(
    ("waves", "said"),
    [
        ({"V5": {"t_mv": 0.06}, "V6": {"t_mv": 0.05}}, "T is flat or points down: 0.06 mV in V5 and 0.05 mV in V6"),
        ({"II": {"t_mv": -0.04}}, "T is flat or points down: -0.04 mV in II"),
        ({"V4": {"st_j60_mv": -0.12}}, "ST lies lower than usual: -0.12 mV in V4"),
        ({"V3": {"r_mv": 0.33}, "V4": {"r_mv": 0.29}}, "R does not grow to V4:"),
    ],
)
def test_what_is_unusual_is_no_normal_ecg_and_said(waves: dict[str, dict[str, float]], said: str) -> None:
    assert is_normal(answered({}))
    answer = answered(waves)
    assert not is_normal(answer)
    assert said in reasons(answer)[NORMAL_ECG]
    assert NORMAL_ECG in answer.report


def test_one_low_t_wave_is_not_unusual() -> None:
    assert is_normal(answered({"V6": {"t_mv": 0.06}}))
    assert is_normal(answered({"III": {"t_mv": -0.06}, "aVL": {"t_mv": -0.06}}))


def test_nothing_is_called_unremarkable_beside_it() -> None:
    def told(segment: Segment) -> str:
        job = Job("a", segment, None, "")
        base = interpret(segment, None, Nanoseconds(0))
        return completed(job, grounded(job, base, "Diagnosis: sinus rhythm.", "", {}), {}).report

    assert NOTHING in told(plain())
    flat = told(with_waves({"V5": {"t_mv": 0.06}, "V6": {"t_mv": 0.05}}))
    assert NOTHING not in flat
    assert NOTHING_ELSE not in flat
    assert "[Withheld: normal ECG: T is flat or points down: 0.06 mV in V5 and 0.05 mV in V6.]" in flat


def test_p_waves_that_point_down_in_ii_are_no_rhythm_of_the_sinus_node() -> None:
    answer = answered({"II": {"p_mv": -0.14}})
    assert not any(f.name.startswith("Sinus") for f in answer.findings)
    assert reasons(answer)["rhythm"].startswith("P points down in II (-0.14 mV)")
    assert any(f.name == "Heart rate" for f in answer.findings)
    assert any(f.name.startswith("Sinus") for f in answered({"II": {"p_mv": -0.03}}).findings)


def test_their_short_pr_is_told() -> None:
    segment = with_waves({"II": {"p_mv": -0.14}})
    m = segment.measurements
    assert m is not None
    short = replace(segment, measurements=replace(m, pr_ms=Estimate(97.0, "ms", 3.0, 9)))
    assert "Short PR interval 97 ms." in {f.text for f in interpret(short, None, Nanoseconds(0)).findings}


def noisy(*names: str) -> Segment:
    """Sinus rhythm of which these leads came and could not be measured."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    leads = tuple(LeadMeasurements(one.lead, Quality.NOISY) if one.lead in names else one for one in m.leads)
    return replace(segment, measurements=replace(m, leads=leads))


@pytest.mark.parametrize(("names", "said"), [(("V4",), "lead V4"), (("V1", "V2"), "leads V1 and V2")])
def test_leads_that_could_not_be_measured_are_named_in_the_text(names: tuple[str, ...], said: str) -> None:
    segment = noisy(*names)
    answer = interpret(segment, None, Nanoseconds(0))
    assert not is_normal(answer)
    assert f"[Withheld: {said}" in answer.report
    job = Job("a", segment, None, "")
    told = completed(job, grounded(job, answer, "Diagnosis: sinus rhythm.", "", {}), {}).report
    assert f"{said}: no QRS can be measured there" in told
    assert NOTHING not in told


def test_rhythm_and_ventricular_beats_that_are_withheld_are_named_from_two_leads_too() -> None:
    segment = plain()
    m = segment.measurements
    assert m is not None
    beats = tuple(replace(b, kind=BeatKind.VENTRICULAR) if k < 2 else b for k, b in enumerate(m.beats))
    two = tuple(one for one in m.leads if one.lead in ("II", "V1"))
    few = replace(segment, measured=("II", "V1"), measurements=replace(m, leads=two, beats=beats))
    answer = interpret(few, None, Nanoseconds(0))
    assert "ventricular beats" in answer.report.rpartition("[Withheld: ")[2]
    assert reasons(answer)["ventricular beats"].endswith("(2 beats may be ventricular)")
    assert few.measurements is not None
    silent = replace(few, measurements=replace(few.measurements, p_wave_present=None))
    assert "rhythm and ventricular beats" in interpret(silent, None, Nanoseconds(0)).report


@pytest.mark.parametrize("question", ["", "Are there P waves?"])
def test_what_cannot_be_read_has_its_own_reason_and_none_of_the_model(question: str) -> None:
    lost = replace(plain(), measured=(), measurements=None, unreadable="a gap of 3 s")
    answer = CriteriaAnswerer(lambda: 0, "it is not there")
    answer.take(Job("a", lost, None, question))
    (done,) = answer.advance()
    for told in (
        done.interpretation,
        instead(Job("a", lost, None, question), interpret(lost, None, Nanoseconds(0)), "no"),
    ):
        assert told.withheld == ()
        assert told.reason == "a gap of 3 s"
        assert told.question == question
        assert "a gap of 3 s" in describe(told)


def claimed(name: str, why: str = "") -> Claim:
    return Claim(ClaimKind.FINDING, name, 0, 5, name, (), None, "", Verdict.AGREE, None, (), (0, 9), None, why)


def test_a_disturbance_of_the_rhythm_that_nothing_plainly_shows_is_withheld_with_all_reasons() -> None:
    every = "no such alarm is told; 0 early beats; RR variation 0.066, limit 0.08; P waves precede the beats"
    said = Sentence("Impression: rhythm disturbance.", Verdict.AGREE, 0, 0)
    (one,) = in_order([said], (claimed("arrhythmia", every),), (), False)
    assert one.verdict is Verdict.UNSUPPORTED
    assert one.text == f"[Withheld: rhythm disturbance: nothing that was measured plainly shows one ({every}).]"
    (other,) = in_order([said], (claimed("arrhythmia", "3 early beats"),), (), False)
    assert other.text == "Impression: rhythm disturbance (3 early beats)."


def test_an_infarct_that_is_called_possible_is_not_withheld_in_the_same_text() -> None:
    told = [
        Sentence("Possible, to be confirmed: a pattern of myocardial infarction.", Verdict.AGREE, 0, 0),
        Sentence("[Withheld: pattern of an infarct: it is not settled.]", Verdict.UNSUPPORTED),
    ]
    basis = Basis.of(plain())
    assert "pattern of an infarct" not in " ".join(s.text for s in merged(told, (claimed("infarct"),), (), basis))
    assert "pattern of an infarct" in " ".join(s.text for s in merged(told[1:], (), (), basis))


def test_one_possible_early_beat_is_no_diagnosis_and_counted_as_one() -> None:
    assert counted(1, "early beat") == "1 early beat"
    assert counted(3, "early beat") == "3 early beats"
