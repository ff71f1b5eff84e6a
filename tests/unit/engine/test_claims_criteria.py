"""What a text says of ST, of conduction and of intervals is held against the same rules as the criteria apply."""

from dataclasses import replace

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import ClaimKind, Verdict
from engine.claims.mask import Mask, Vocabulary
from engine.claims.slots import render
from engine.criteria.myocardium import st_limits_mv
from engine.interpreter import interpret
from ingest.bed import BedContext, Sex
from ingest.frame import BedId, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.measurement import Estimate
from stream.offline import segment_at
from tests.sinus import plain, with_q
from tests.unit.engine.test_claims import LEADS, measured

ELEVATION = "164931005"


def patient(sex: Sex, age: float | None) -> BedContext:
    return BedContext(BedId("icu-1"), age_years=age, sex=sex)


def raised(mv: float, context: BedContext, *leads: str) -> Basis:
    """The usual measurements with J this high in these leads."""
    up = {lead: {**LEADS[lead], "st_j_mv": mv, "st_j60_mv": mv} for lead in leads}
    m = measured(leads={**LEADS, **up})
    return Basis(m, tuple(lead.lead for lead in m.leads), context=context)


def worst(text: str, on: Basis) -> Verdict:
    """Agree where every claim does; the text must make one."""
    found = {claim.verdict for claim in check(text, on)}
    assert found, text
    return next(v for v in (Verdict.DISAGREE, Verdict.UNSUPPORTED, Verdict.AGREE) if v in found)


@pytest.mark.parametrize("sex", list(Sex))
@pytest.mark.parametrize("age", [None, 39.0, 40.0, 71.0])
@pytest.mark.parametrize("leads", [("V2", "V3"), ("V1", "V2"), ("V3", "V4")])
def test_st_elevation_is_denied_only_where_the_criteria_find_none(
    sex: Sex, age: float | None, leads: tuple[str, str]
) -> None:
    for mv in (0.05, 0.09, 0.1, 0.12, 0.14, 0.15, 0.18, 0.2, 0.21, 0.24, 0.25, 0.3):
        on = raised(mv, patient(sex, age), *leads)
        denied = worst("No ST elevation.", on)
        least, most = st_limits_mv("V2", sex, age)
        between = not on.has(ELEVATION) and least <= mv < most
        assert (denied is Verdict.AGREE) is not (on.has(ELEVATION) or between), (mv, denied)
        assert (denied is Verdict.UNSUPPORTED) is between, (mv, denied)
        if on.has(ELEVATION):
            assert worst(f"ST elevation in {leads[0]} and {leads[1]}.", on) is Verdict.AGREE


@pytest.mark.parametrize(
    ("sex", "age", "limit"),
    [(Sex.MALE, 62.0, 0.2), (Sex.MALE, 30.0, 0.25), (Sex.FEMALE, 62.0, 0.15), (Sex.UNKNOWN, None, 0.25)],
)
def test_st_elevation_of_v2_is_claimed_from_the_limit_of_the_patient_on(sex: Sex, age: float, limit: float) -> None:
    least, most = st_limits_mv("V2", sex, age)
    assert most == limit
    below, at = (raised(mv, patient(sex, age), "V2", "V3") for mv in (least - 0.03, limit))
    assert worst("ST elevation in V2 and V3.", below) is Verdict.DISAGREE
    assert worst("ST elevation in V2 and V3.", at) is Verdict.AGREE
    assert worst("There is no ST elevation in V2.", below) is Verdict.AGREE
    assert worst("There is no ST elevation in V2.", at) is Verdict.DISAGREE


@pytest.mark.parametrize(("scenario", "at_s"), [("avblock2", 40.0), ("avblock2", 110.0), ("avblock3", 55.0)])
def test_no_av_block_is_denied_where_beats_are_dropped(scenario: str, at_s: float) -> None:
    found = 0
    for seed in (5, 6, 7):
        on = Basis.of(segment_at(simulate(SCENARIOS[scenario], 125.0, seed=seed), at_s))
        for text in ("No AV block.", "There is no AV block of any degree.", "No second or third degree AV block."):
            assert worst(text, on) is not Verdict.AGREE, (seed, text)
        if on.has("195042002") or on.has("27885002"):
            found += 1
            assert worst("AV block.", on) is Verdict.AGREE
            assert worst("No AV block.", on) is Verdict.DISAGREE
            assert worst("Normal conduction.", on) is not Verdict.AGREE
    assert found >= 2


def test_no_av_block_is_said_of_beats_that_follow_the_atria() -> None:
    on = Basis.of(segment_at(simulate(SCENARIOS["sinus"], 30.0, seed=3), None))
    assert worst("No AV block.", on) is Verdict.AGREE
    assert worst("No second or third degree AV block.", on) is Verdict.AGREE


def test_a_pr_that_is_usual_does_not_deny_a_block_where_the_beats_are_irregular() -> None:
    m = measured(rr_sd_ms=180)
    on = Basis(m, tuple(lead.lead for lead in m.leads))
    assert worst("No AV block.", on) is Verdict.UNSUPPORTED
    assert worst("No first degree AV block.", on) is Verdict.AGREE


def of(**other: object) -> Basis:
    m = measured(**other)
    return Basis(m, tuple(lead.lead for lead in m.leads))


LOOSE = {"spread": 45.0, "beats": 8}
WITHHELD = [
    ({"pr_ms": {"value": 160, **LOOSE}}, "PR interval", ("PR interval 160 ms.", "The PR interval is 0.16 s.", "PR below 200 ms."), "differs"),
    ({"qrs_ms": {"value": 126, **LOOSE}}, "QRS duration", ("QRS 126 ms.",), "differs"),
    ({"qt_ms": {"value": 390, **LOOSE}}, "QT interval", ("QT interval 390 ms.",), "differs"),
]  # fmt: skip


@pytest.mark.parametrize(("other", "measure", "texts", "why"), WITHHELD)
def test_a_number_that_the_criteria_withhold_is_unsupported_with_their_reason(
    other: dict[str, object], measure: str, texts: tuple[str, ...], why: str
) -> None:
    on, usual = of(**other), of()
    assert measure in [one.name for one in on.criteria[1]]
    assert measure not in [one.name for one in usual.criteria[1]]
    for text in texts:
        (claim,) = [c for c in check(text, on) if c.kind is ClaimKind.NUMBER]
        assert claim.verdict is Verdict.UNSUPPORTED
        assert why in claim.why
        assert "was not" not in claim.why
    assert measure == "QRS duration" or worst(texts[0], usual) is Verdict.AGREE


def test_a_slot_of_what_the_criteria_withhold_is_left_out_and_the_others_of_its_sentence_stay() -> None:
    on = of(pr_ms={"value": 160, **LOOSE})
    told = render("The PR interval is <PR>, with a QRS duration of <QRS>.", on)
    assert told.text == "QRS duration 92 ms."
    assert "differs from beat to beat" in told.withheld[0]


def test_a_wrong_unit_of_what_is_withheld_is_told_as_wrong() -> None:
    assert worst("PR 160 mV.", of(pr_ms={"value": 160, **LOOSE})) is Verdict.DISAGREE


def test_what_is_withheld_cannot_be_spelled_under_the_mask() -> None:
    vocabulary = Vocabulary([" ", "160", " ms", "<PR>", ".", " PR"])
    free, held = (
        Mask(vocabulary, on).allowed("The PR interval is ") for on in (of(), of(pr_ms={"value": 160, **LOOSE}))
    )
    assert free[[1, 3]].all()
    assert not held[[1, 3]].any()


def test_a_qtc_of_which_only_the_judgement_is_withheld_is_told() -> None:
    on = of(qrs_ms=134)
    assert "QTc" in [one.name for one in on.criteria[1]]
    assert worst("QTc 427 ms (Bazett).", on) is Verdict.AGREE
    assert worst("QTc 427 ms (Bazett).", of(qt_ms={"value": 390, **LOOSE})) is Verdict.UNSUPPORTED


@pytest.mark.parametrize(("ms", "spread", "blurred"), [(243.0, 10.0, True), (150.0, 40.0, True), (150.0, 10.0, False), (92.0, 40.0, False)])  # fmt: skip
def test_where_the_qrs_is_not_told_from_noise_neither_axis_nor_qt_is_told(
    ms: float, spread: float, blurred: bool
) -> None:
    m = replace(measured(axis_deg=-52.0), qrs_ms=Estimate(ms, "ms", spread, 8))
    on = Basis(m, tuple(lead.lead for lead in m.leads))
    names = {one.name for one in on.criteria[1]}
    assert {"axis", "QT interval"} <= names if blurred else "axis" not in names
    assert on.has("39732003") is not blurred
    expected = Verdict.UNSUPPORTED if blurred else Verdict.AGREE
    assert worst("There is left axis deviation.", on) is expected
    assert worst("The axis is -52 degrees.", on) is expected
    assert (render("The axis is <AXIS>.", on).text == "The axis is -52 degrees.") is not blurred
    assert worst("The QT interval is 400 ms.", on) is expected


@pytest.mark.parametrize(("noise", "told"), [(0.1, True), (1.5, False)])
def test_q_waves_are_not_told_where_noise_hides_where_the_qrs_begins(noise: float, told: bool) -> None:
    m = plain().measurements
    assert m is not None
    deep = {"q_mv": Estimate(-0.3, "mV", 0.02, 9), "q_ms": Estimate(50.0, "ms", 2.0, 9)}
    leads = tuple(replace(one, **deep) if one.lead in ("II", "III", "aVF") else one for one in m.leads)
    segment = replace(with_q(plain(), "II", "III", "aVF"), measurements=replace(m, leads=leads, edge_noise=noise))
    answer = interpret(segment, None, Nanoseconds(0))
    assert any("Q waves" in one.text for one in answer.findings) is told
    assert ("Q waves" in {w.name for w in answer.withheld}) is not told


WHOLE = {"ST depression": "ST depression, ", "ST elevation": "ST elevation, ", "pathological Q waves": "Q wave, "}


@pytest.mark.parametrize("name", list(WHOLE))
@pytest.mark.parametrize("leads", [("II",), ("II", "III"), ("II", "V5"), ("V5", "V6")])
def test_without_a_lead_a_text_says_of_st_and_q_what_the_criteria_find_and_nothing_else(
    name: str, leads: tuple[str, ...]
) -> None:
    seen = set()
    for mv, ms in ((0.03, 20.0), (0.06, 27.0), (0.085, 29.0), (0.095, 31.0), (0.12, 40.0), (0.3, 50.0)):
        marks = {"ST depression": {"st_j_mv": -mv, "st_j60_mv": -mv}, "ST elevation": {"st_j_mv": mv, "st_j60_mv": mv}}
        own = marks.get(name, {"q_mv": -mv, "q_ms": ms})
        m = measured(leads={**LEADS, **{lead: {**LEADS[lead], **own} for lead in leads}})
        on = Basis(m, tuple(lead.lead for lead in m.leads))
        found = any(one.name.startswith(WHOLE[name]) for one in on.criteria[0])
        seen.add(found)
        said, denied = worst(f"Diagnosis: {name}.", on), worst(f"There is no {name}.", on)
        assert (said is Verdict.AGREE) is found, (mv, said)
        slight = name == "ST depression" and len(leads) > 1 and leads[-1] != "V5" and mv >= 0.05
        assert (denied is Verdict.AGREE) is not (found or slight), (mv, denied)
        assert slight or found or denied is not Verdict.UNSUPPORTED, (mv, denied)
    assert seen == ({True, False} if leads in (("II", "III"), ("V5", "V6")) else {False})


def test_of_a_named_lead_st_depression_and_q_waves_have_the_limits_of_the_criteria() -> None:
    def on(**own: float) -> Basis:
        m = measured(leads={**LEADS, **{lead: {**LEADS[lead], **own} for lead in ("II", "III")}})
        return Basis(m, tuple(lead.lead for lead in m.leads))

    for mv, said in ((-0.06, Verdict.DISAGREE), (-0.09, Verdict.AGREE), (-0.12, Verdict.AGREE)):
        assert worst("ST depression in II and III.", on(st_j_mv=mv, st_j60_mv=mv)) is said, mv
    for ms, said in ((28.5, Verdict.DISAGREE), (31.0, Verdict.AGREE)):
        assert worst("Pathological Q waves in II and III.", on(q_mv=-0.2, q_ms=ms)) is said, ms


def test_a_q_wave_that_is_not_the_same_in_its_beats_is_neither_said_nor_denied() -> None:
    m = plain().measurements
    assert m is not None
    for spread, said, denied in ((2.0, Verdict.AGREE, Verdict.DISAGREE), (14.0, Verdict.UNSUPPORTED, Verdict.UNSUPPORTED)):  # fmt: skip
        deep = {"q_mv": Estimate(-0.3, "mV", 0.02, 9), "q_ms": Estimate(50.0, "ms", spread, 9)}
        leads = tuple(replace(one, **deep) if one.lead in ("II", "III") else one for one in m.leads)
        on = Basis.of(replace(with_q(plain(), "II", "III"), measurements=replace(m, leads=leads)))
        assert worst("Pathological Q waves in II and III.", on) is said
        assert worst("There are no pathological Q waves in II and III.", on) is denied


def test_where_no_p_wave_is_seen_no_first_degree_block_is_denied_but_in_fibrillation() -> None:
    """Its P wave may lie in the T wave before it."""
    unseen = of(p_wave_present=False, pr_ms=None, p_ms=None)
    assert worst("There is first degree AV block.", unseen) is Verdict.UNSUPPORTED
    assert worst("The PR interval is normal.", unseen) is Verdict.UNSUPPORTED
    fibrillating = of(p_wave_present=False, pr_ms=None, p_ms=None, rr_sd_ms=180, rate_bpm=110, qt_ms=330)
    assert worst("There is first degree AV block.", fibrillating) is Verdict.DISAGREE
