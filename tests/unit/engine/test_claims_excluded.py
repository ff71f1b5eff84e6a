"""What measurements do not exclude is not denied, and what its words say beyond a finding has to be borne too."""

from dataclasses import replace

import pytest

from engine.claims.basis import Basis
from engine.claims.claim import Verdict
from engine.claims.judging import finding
from engine.claims.judging.wording import EXCLUDES_NONE
from engine.claims.statement import Statement
from ingest.bed import BedContext
from ingest.frame import BedId
from stream.measurement import Beat, BeatKind, Measurements
from tests.unit.engine.patterns import segment
from tests.unit.engine.test_claims import LEADS, basis, measured, verdicts
from tests.unit.engine.test_claims_criteria import worst


def low(mv: float, *leads: str, j_mv: float | None = None) -> Basis:
    down = {lead: {**LEADS[lead], "st_j_mv": mv if j_mv is None else j_mv, "st_j60_mv": mv} for lead in leads}
    return basis(leads={**LEADS, **down})


def inverted(mv: float, *leads: str) -> Basis:
    return basis(leads={**LEADS, **{lead: {**LEADS[lead], "t_mv": mv} for lead in leads}})


def told(name: str, on: Basis) -> tuple[bool, bool]:
    one = finding.opinion(Statement("finding", 0, 0, name, loose=True), on)
    return one.yes, one.no


def beating(*rr_ms: float, **other: object) -> Measurements:
    """Measurements whose beats lie these times apart."""
    at = [400]
    for rr in rr_ms:
        at.append(at[-1] + round(rr / 2.0))
    return replace(measured(**other), beats=tuple(Beat(x, BeatKind.NORMAL, None) for x in at))


def test_pacing_is_denied_only_of_a_patient_who_is_set_as_not_paced() -> None:
    for text in ("This is no paced rhythm.", "This is a paced rhythm."):
        assert worst(text, basis()) is Verdict.UNSUPPORTED
    m = measured()
    for paced, seen in ((False, Verdict.AGREE), (True, Verdict.UNSUPPORTED), (None, Verdict.UNSUPPORTED)):
        on = Basis(m, tuple(lead.lead for lead in m.leads), context=BedContext(BedId("b"), paced=paced))
        assert worst("This is no paced rhythm.", on) is seen


def test_fibrillation_is_not_judged_of_irregular_beats_whose_rhythm_is_withheld() -> None:
    m = beating(*(360, 560) * 8, rate_bpm=130, rr_sd_ms=90)
    fast = Basis(m, tuple(lead.lead for lead in m.leads))
    assert "rhythm" in {one.name for one in fast.criteria[1]}
    for text in ("There is no atrial fibrillation.", "Atrial fibrillation.", "P waves precede the QRS complexes."):
        assert worst(text, fast) is Verdict.UNSUPPORTED
    assert worst("There is no atrial fibrillation.", basis()) is Verdict.AGREE
    assert worst("P waves precede the QRS complexes.", basis()) is Verdict.AGREE


def test_no_sinus_rhythm_is_told_where_p_points_down_in_ii() -> None:
    turned = basis(leads={**LEADS, "II": {**LEADS["II"], "p_mv": -0.12}})
    assert worst("Sinus rhythm.", turned) is Verdict.UNSUPPORTED
    assert worst("Sinus rhythm.", basis()) is Verdict.AGREE


@pytest.mark.parametrize(("mv", "known"), [(-0.03, True), (-0.06, False), (-0.09, False)])
def test_a_slight_depression_in_two_leads_of_a_wall_is_not_denied(mv: float, known: bool) -> None:
    assert (worst("There is no ST depression.", low(mv, "V5", "V6")) is Verdict.AGREE) is known
    assert (worst("The ST segments are isoelectric.", low(mv, "V5", "V6")) is Verdict.AGREE) is known


def test_st_segments_are_not_all_isoelectric_while_one_is_depressed() -> None:
    on = low(-0.14, "V5")
    assert worst("The ST segments are isoelectric.", on) is not Verdict.AGREE
    assert worst("The ST segments are isoelectric.", basis()) is Verdict.AGREE
    assert worst("The ST segment is isoelectric in II.", on) is Verdict.AGREE


@pytest.mark.parametrize(
    "text", ["There is no infarct.", "No heart attack.", "There is no acute myocardial infarction."]
)
def test_an_infarct_is_not_excluded(text: str) -> None:
    assert worst(text, basis()) is Verdict.UNSUPPORTED


def test_that_no_sign_of_an_infarct_is_seen_may_be_said() -> None:
    assert worst("There is no evidence of an infarct.", basis()) is Verdict.AGREE
    assert "excludes no infarct" in EXCLUDES_NONE


def test_ischaemia_rests_on_no_slight_inversion_of_t_waves() -> None:
    slight, deep = inverted(-0.07, "V4", "V5", "V6"), inverted(-0.2, "V5", "V6")
    assert told("ischaemia", slight) == (False, False)
    assert told("ischaemia", deep) == (True, False)
    assert told("ischaemia", inverted(-0.2, "II", "V6")) == (False, False)
    assert told("ischaemia", basis()) == (False, True)
    assert told("ischaemia", low(-0.2, "V5", "V6"))[0]


def test_why_q_waves_are_withheld_is_not_told_by_the_st_segment() -> None:
    ten_s = segment()
    on = Basis.of(ten_s)
    q = Statement("finding", 0, 0, "pathological Q waves", loose=True)
    assert "ST" not in finding.opinion(q, on).why


def test_a_mean_rate_denies_no_run_of_ventricular_beats() -> None:
    on = measured(rate_bpm=90, qrs_ms=130)
    run = replace(on, beats=beating(900, 900, 400, 400, 900, 900, 900).beats)
    calm = replace(on, beats=beating(800, 800, 800, 800, 800, 800).beats)
    seen = {name: Basis(m, tuple(lead.lead for lead in m.leads)) for name, m in (("run", run), ("calm", calm))}
    assert told("ventricular tachycardia", seen["run"]) == (False, False)
    assert told("ventricular tachycardia", seen["calm"]) == (False, True)


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("A single premature beat is seen.", Verdict.DISAGREE),
        ("Two premature beats are seen.", Verdict.UNSUPPORTED),
        ("Premature beats are seen.", Verdict.AGREE),
    ],
)
def test_early_beats_that_are_counted_are_held_against_their_number(said: str, seen: Verdict) -> None:
    m = measured()
    kinds = [BeatKind.VENTRICULAR if k % 4 == 0 else BeatKind.NORMAL for k in range(12)]
    many = replace(m, beats=tuple(Beat(300 + 380 * k, kind, 760.0) for k, kind in enumerate(kinds)))
    on = Basis(many, tuple(lead.lead for lead in m.leads))
    assert on.ventricular_beats + on.supraventricular_beats == 3
    assert worst(said, on) is seen


def test_intervals_that_are_called_constant_differ_by_less_than_regular_ones() -> None:
    some = basis(rr_sd_ms=70)
    assert verdicts("The RR intervals are constant.", some) == [("finding", "unsupported")]
    assert verdicts("The rhythm is regular.", some) == [("finding", "agree")]
    assert verdicts("The RR intervals are constant.") == [("finding", "agree")]
