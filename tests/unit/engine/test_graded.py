"""What a model's fused findings grade and its text does not tell: told once behind the text, marked, never against what was measured."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from alerts.console.words import pieces
from engine.answerer import Job
from engine.claims.basis import Basis
from engine.claims.claim import Verdict
from engine.completed import completed
from engine.evaluate.grounded import grounded as scored
from engine.findings.fusion import Tier
from engine.findings.held import FIGURES, held
from engine.graded import BEGIN, UNDECIDED
from engine.grounded import grounded
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from engine.tiers import Tiers
from engine.tiny_model import folder
from ingest.bed import BedContext
from ingest.frame import LEADS, BedId, Nanoseconds
from stream.catalogue import Code, Priority
from stream.measurement import Estimate
from stream.trigger import Segment
from tests.sinus import plain

TEXT = "The heart rate is <HR>. The QRS axis is <AXIS>."
ATRIAL = {"AF_OR_AFLT": Tier.LIKELY, "AF": Tier.POSSIBLE}


def told(tiers: Tiers, segment: Segment, text: str = TEXT, question: str = "") -> Interpretation:
    job = Job("a", segment, None, question)
    return completed(job, grounded(job, interpret(segment, None, Nanoseconds(5)), text, "", tiers), tiers)


def beside(answer: Interpretation) -> list[str]:
    return [one.text.removeprefix(BEGIN) for one in answer.sentences if one.graded]


def without_p(rr_sd_ms: float) -> Segment:
    """No P waves, and beats as irregular as told."""
    m = plain().measurements
    assert m is not None
    by_beat = tuple(replace(one, p=False, p_ms=None, pr_ms=None) for one in m.by_beat)
    lacking = replace(m, p_wave_present=False, pr_ms=None, p_ms=None, rr_sd_ms=rr_sd_ms, by_beat=by_beat)
    return replace(plain(), measurements=lacking)


def test_flutter_of_which_the_beats_are_regular_is_told_beside_the_text_and_marked_wherever_it_is_shown() -> None:
    answer = told(ATRIAL, without_p(12.0))
    assert beside(answer) == [f"atrial fibrillation or flutter likely{UNDECIDED}."]
    assert answer.sentences[-1].verdict is None
    assert answer.report.endswith(f"{BEGIN}atrial fibrillation or flutter likely{UNDECIDED}.")
    assert msgspec.json.decode(msgspec.json.encode(answer))["sentences"][-1]["graded"] is True
    assert pieces(replace(answer, report=" ".join(one.text for one in answer.sentences)))[-1][1] == "graded"


def test_how_often_a_grade_was_right_where_it_was_judged_stands_beside_it() -> None:
    shares = held(folder())
    figures = json.loads((folder() / FIGURES).read_text())["calibration"]
    pooled, elsewhere = (figures[which]["tiers"]["MI"]["possible"] for which in ("all", "elsewhere"))
    assert shares["MI", Tier.POSSIBLE] == (
        f"right in {pooled['right']} of {pooled['shown']} of its calibration, "
        f"in {elsewhere['right']} of {elsewhere['shown']} of hospitals that it had not learnt from"
    )
    job = Job("a", without_p(12.0), None)
    base = interpret(job.segment, None, Nanoseconds(5))
    answer = completed(job, grounded(job, base, TEXT, "", ATRIAL), ATRIAL, shares)
    assert beside(answer) == [
        f"atrial fibrillation or flutter likely ({shares['AF_OR_AFLT', Tier.LIKELY]}){UNDECIDED}."
    ]


def test_counts_of_recordings_are_no_numbers_of_an_ecg_to_a_scorer() -> None:
    basis, shares = Basis.of(plain(), None), held(folder())
    text = f"{BEGIN}a pattern of myocardial infarction possible (%s){UNDECIDED}."
    some = [scored(text % words, basis) for words in shares.values()]
    assert some == [scored((text % "").replace(" ()", ""), basis)] * len(shares)


def test_no_share_is_told_of_few_recordings_or_without_figures(tmp_path: Path) -> None:
    assert held(tmp_path) == {}
    assert ("PACE", Tier.POSSIBLE) not in held(folder())
    (tmp_path / FIGURES).write_text("{}")
    with pytest.raises(ValueError, match="tells no calibration"):
        held(tmp_path)


def test_it_is_not_told_against_a_sinus_rhythm_nor_a_narrow_qrs_nor_beats_that_were_counted() -> None:
    assert beside(told({**ATRIAL, "RBBB": Tier.POSSIBLE, "PVC": Tier.POSSIBLE}, plain())) == []


def test_what_the_text_or_the_criteria_tell_is_not_told_again() -> None:
    m = plain().measurements
    assert m is not None
    slow = replace(plain(), measurements=replace(m, pr_ms=Estimate(236.0, "ms", 2.0, 10)))
    answer = told({"CD": Tier.POSSIBLE}, slow)
    assert "first degree AV block" in answer.report
    assert beside(answer) == []


@pytest.mark.parametrize("case", ["red alarm", "question", "six leads", "no tiers"])
def test_it_is_told_of_twelve_leads_alone_and_neither_under_a_red_alarm_nor_in_answer_to_a_question(case: str) -> None:
    segment = without_p(12.0)
    tiers: Tiers = {} if case == "no tiers" else ATRIAL
    if case == "red alarm":
        trigger = replace(segment.trigger, code=Code.VTACH, priority=Priority.HIGH, value=180.0, unit="/min")
        segment = replace(segment, trigger=trigger)
    if case == "six leads":
        segment = replace(segment, measured=LEADS[:6])
    answer = told(tiers, segment, question="What is the rhythm?" if case == "question" else "")
    assert beside(answer) == []


def test_of_a_paced_patient_nothing_that_rests_on_the_shape_of_the_beats_is_graded() -> None:
    segment, tiers = without_p(12.0), {**ATRIAL, "MI": Tier.POSSIBLE, "STTC": Tier.LIKELY}
    job = Job("a", segment, BedContext(BedId("a"), paced=True))
    answer = completed(job, grounded(job, interpret(segment, job.context, Nanoseconds(5)), TEXT, "", tiers), tiers)
    assert [one.partition(" likely")[0] for one in beside(answer)] == ["atrial fibrillation or flutter"]


def test_what_the_measurements_bear_stands_with_its_claims() -> None:
    m = plain().measurements
    assert m is not None
    low = {"I": 0.02, "II": 0.03, "V5": 0.03, "V6": 0.02}
    leads = tuple(replace(a, t_mv=Estimate(low[a.lead], "mV", 0.01, 10)) if a.lead in low else a for a in m.leads)
    answer = told({"STTC": Tier.LIKELY}, replace(plain(), measurements=replace(m, leads=leads)))
    (one,) = [one for one in answer.sentences if one.graded]
    assert (one.text, one.verdict) == (f"{BEGIN}ST-T changes likely.", Verdict.AGREE)
    assert all(c.samples is not None for c in answer.claims[one.first : one.last + 1])
