"""Verdicts on claims, consistency of a text with itself, what is shown, slots and the mask."""

from dataclasses import replace

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import ClaimKind, Verdict
from engine.claims.mask import Mask, Vocabulary
from engine.claims.show import sentences, shown
from engine.claims.slots import names, render
from infra.score.claim_file import measurements
from stream.measurement import Measurements

LEADS = {
    "I": {"r_mv": 0.6, "s_mv": -0.1, "t_mv": 0.2, "st_j_mv": 0.01, "st_j60_mv": 0.02, "qrs_area_mvms": 20.0},
    "II": {
        "p_mv": 0.12,
        "r_mv": 0.9,
        "s_mv": -0.1,
        "t_mv": 0.3,
        "st_j_mv": 0.0,
        "st_j60_mv": 0.01,
        "qrs_area_mvms": 30.0,
    },
    "III": {"r_mv": 0.4, "s_mv": -0.2, "t_mv": 0.1, "st_j_mv": 0.0, "st_j60_mv": 0.0},
    "aVR": {"r_mv": 0.1, "s_mv": -0.8, "t_mv": -0.2, "st_j_mv": 0.0, "st_j60_mv": 0.0},
    "aVL": {"r_mv": 0.2, "s_mv": -0.1, "t_mv": 0.1, "st_j_mv": 0.0, "st_j60_mv": 0.0},
    "aVF": {"r_mv": 0.6, "s_mv": -0.1, "t_mv": 0.2, "st_j_mv": 0.0, "st_j60_mv": 0.0, "qrs_area_mvms": 20.0},
    "V1": {"r_mv": 0.2, "s_mv": -1.1, "t_mv": -0.15, "st_j_mv": 0.02, "st_j60_mv": 0.03, "qrs_area_mvms": -30.0},
    "V2": {"r_mv": 0.5, "s_mv": -1.4, "t_mv": 0.4, "st_j_mv": 0.05, "st_j60_mv": 0.08},
    "V3": {"r_mv": 0.8, "s_mv": -0.9, "t_mv": 0.4, "st_j_mv": 0.04, "st_j60_mv": 0.06},
    "V4": {"r_mv": 1.4, "s_mv": -0.4, "t_mv": 0.4, "st_j_mv": 0.02, "st_j60_mv": 0.04},
    "V5": {"r_mv": 1.3, "s_mv": -0.2, "t_mv": 0.3, "st_j_mv": 0.01, "st_j60_mv": 0.02},
    "V6": {"r_mv": 1.0, "s_mv": -0.1, "t_mv": 0.25, "st_j_mv": 0.0, "st_j60_mv": 0.01, "qrs_area_mvms": 30.0},
}


def measured(**other: object) -> Measurements:
    told = {"rate_bpm": 72, "rr_sd_ms": 12, "pr_ms": 160, "p_ms": 100, "qrs_ms": 92, "qt_ms": 390, "axis_deg": 45}
    return measurements({**told, "p_wave_present": True, "leads": LEADS, **other})


def basis(**other: object) -> Basis:
    m = measured(**other)
    return Basis(m, tuple(lead.lead for lead in m.leads))


def verdicts(text: str, on: Basis | None = None) -> list[tuple[str, str]]:
    return [(claim.kind.value, claim.verdict.value) for claim in check(text, on or basis())]


@pytest.mark.parametrize(
    "text",
    [
        "Sinus rhythm, 73 bpm, PR 0.16 s, QRS 92 ms, axis 45 degrees.",
        "The QRS is narrow (<120 ms) and the PR interval is normal (normal range: 120-200 ms).",
        "No ST elevation in II, III and aVF; T waves are upright in V4-V6.",
        "The R wave in V5 is 13 mm tall, the S wave in V1 1.1 mV deep.",
        "There is no bundle branch block and no left ventricular hypertrophy.",
        "T wave inversion in V1.",
    ],
)
def test_what_is_measured_agrees(text: str) -> None:
    found = check(text, basis())
    assert found
    assert {claim.verdict for claim in found} == {Verdict.AGREE}


@pytest.mark.parametrize(
    ("text", "kind", "verdict"),
    [
        ("PR 171 ms.", "number", "disagree"),
        ("PR 149 ms.", "number", "disagree"),
        ("Heart rate 76 bpm.", "number", "disagree"),
        ("PR 160 mV.", "unit", "disagree"),
        ("PR 0.16 ms.", "unit", "disagree"),
        ("The heart rate is 72 ms.", "unit", "disagree"),
        ("ST elevation of 2 mm in V7.", "lead", "unsupported"),
        ("R wave 1.3 mV in V1.", "number", "disagree"),
        ("Inferior leads (V2-V4) show upright T waves.", "lead", "disagree"),
        ("Left bundle branch block.", "finding", "disagree"),
        ("T wave inversion in V4-V6.", "finding", "disagree"),
        ("P waves are absent.", "finding", "disagree"),
        ("Findings are typical of pericarditis.", "finding", "unsupported"),
        ("Anteroseptal infarct.", "finding", "unsupported"),
        ("The heart rate is 72 beats per second.", "unit", "disagree"),
        ("R wave in lead IV is 0.5 mV.", "lead", "unsupported"),
        ("Mobitz II block.", "finding", "disagree"),
        ("The pattern of the QRS upstroke is slurred.", "finding", "unsupported"),
        ("The T wave duration is 180 ms.", "number", "unsupported"),
    ],
)
def test_what_is_not_measured_so_is_stopped(text: str, kind: str, verdict: str) -> None:
    assert (kind, verdict) in verdicts(text)


def test_an_infarct_without_a_mark_is_not_shown_and_its_marks_where_they_are_named_are_contradicted() -> None:
    for text in ("There is an old inferior infarct.", "Impression: myocardial infarction."):
        (claim,) = check(text, basis())
        assert (claim.measure, claim.verdict) == ("infarct", Verdict.UNSUPPORTED)
        assert claim.why.startswith("not shown by what was measured")
    assert verdicts("There are no signs of myocardial infarction.") == [("finding", "agree")]
    assert verdicts("There is no myocardial infarction.") == [("finding", "unsupported")]
    assert ("finding", "disagree") in verdicts("There are pathological Q waves in II, III and aVF.")
    assert ("finding", "disagree") in verdicts("Pathological Q waves in V1 to V3 show an old anterior infarct.")
    assert ("finding", "disagree") in verdicts("There is an acute inferior infarct.")


def test_a_hypertrophy_without_voltage_is_not_shown_and_the_voltages_that_a_text_names_are_contradicted() -> None:
    for text in ("There is left ventricular hypertrophy.", "Impression: hypertrophy."):
        (claim,) = check(text, basis())
        assert claim.verdict is Verdict.UNSUPPORTED
        assert claim.why.startswith("not shown by the voltages")
    text = "The voltage criteria for left ventricular hypertrophy are met."
    assert ("finding", "disagree") in verdicts(text)


def test_a_depression_of_which_the_slope_decides_is_not_contradicted_where_no_lead_is_named() -> None:
    text = "Diagnosis: ST depression."
    low = {lead: {**LEADS[lead], "st_j_mv": -0.06, "st_j60_mv": -0.06} for lead in ("II", "III")}
    slight = basis(leads={**LEADS, **low})
    assert [(c.kind, c.verdict) for c in check(text, slight)] == [("finding", Verdict.UNSUPPORTED)]
    assert any(words in check(text, slight)[0].why for words in ("the slope decides", "runs level or falls"))
    assert [c.verdict for c in check("There is no ST depression.", slight)] == [Verdict.UNSUPPORTED]
    assert [c.verdict for c in check("There is no ST depression.", basis())] == [Verdict.AGREE]
    assert [c.verdict for c in check(text, basis())] == [Verdict.DISAGREE]


def test_the_tolerance_ends_where_it_says() -> None:
    assert verdicts("PR 170 ms.") == [("number", "agree")]
    assert verdicts("PR 171 ms.") == [("number", "disagree")]
    (claim,) = check("PR 171 ms.", basis())
    assert (claim.value, claim.measured, claim.tolerance, claim.unit) == (171.0, 160.0, 10.0, "ms")


def test_unknown_is_never_shown_as_agreeing() -> None:
    blank = basis(
        pr_ms=None, qrs_ms=None, qt_ms=None, axis_deg=None, p_wave_present=None, rate_bpm=None, rr_sd_ms=None, leads={}
    )
    for text in (
        "PR 160 ms.",
        "Sinus rhythm.",
        "Narrow QRS.",
        "Normal axis.",
        "No ST elevation.",
        "Normal ECG.",
        "HR 72.",
    ):
        found = verdicts(text, blank)
        assert found
        assert {verdict for _, verdict in found} == {"unsupported"}


def test_a_number_that_agrees_links_to_its_beats() -> None:
    told = measured()
    claim = check("QRS 92 ms.", Basis(told, ("II",)))[0]
    assert claim.tolerance == 10.0
    assert (claim.beats, claim.samples) == ((), None)


def test_a_text_that_contradicts_itself_is_stopped() -> None:
    on = basis(rate_bpm=61)
    assert verdicts("Bradycardia.", on) == [("finding", "agree")]
    found = check("Bradycardia with a heart rate of 64 bpm.", on)
    assert [c.verdict for c in found if c.kind is ClaimKind.FINDING] == [Verdict.DISAGREE]
    assert "the text itself" in next(c.why for c in found if c.kind is ClaimKind.FINDING)
    near = basis(qrs_ms=121)
    assert ("finding", "disagree") in verdicts("The QRS is narrow. The QRS is wide.", near)


def test_only_agreed_sentences_are_shown_as_they_stand() -> None:
    text = "Sinus rhythm. PR 220 ms. Pericarditis is likely. Clinical correlation is advised."
    claims = check(text, basis())
    assert [one.verdict for one in sentences(text, claims)] == [
        Verdict.AGREE,
        Verdict.DISAGREE,
        Verdict.UNSUPPORTED,
        None,
    ]
    told = shown(text, claims)
    assert told.startswith("Sinus rhythm. [Contradicted: PR 220 ms. But ")
    assert "measured: 160 ms" in told
    assert "Pericarditis is likely." not in told
    assert told.endswith("Clinical correlation is advised.")


# slots ------------------------------------------------------------------------------------------------------------


def test_slots_are_filled_with_what_was_measured_and_agree() -> None:
    text = render("The rate is <HR>. PR <PR:II>, QRS <QRS>. R wave in V5 <RAMP:V5>. Axis <AXIS>.", basis()).text
    assert text == "The rate is 72 bpm. PR 160 ms in II, QRS 92 ms. R wave in V5 1.30 mV. Axis 45 degrees."
    assert {claim.verdict for claim in check(text, basis())} == {Verdict.AGREE}


def test_a_sentence_with_an_unknown_slot_is_withheld_and_the_others_stay() -> None:
    told = render("The rate is <HR>. PR is <PR>. ST <ST:V9>. <NO>", basis(pr_ms=None))
    assert told.text == "The rate is 72 bpm."
    assert told.withheld == (
        "the PR interval is not known",
        "the ST level at J+60 in V9 is not known",
        "there is no slot NO",
    )


def test_a_slot_of_a_lead_names_it_once() -> None:
    told = render("ST is <ST:V1>. ST is <ST:V2> and <ST:V3>. T in V4 is <TAMP:V4>; S is <SAMP:V1> in V1.", basis()).text
    assert told == (
        "ST is 0.03 mV in V1. ST is 0.08 mV in V2 and 0.06 mV in V3. T in V4 is 0.40 mV; S is -1.10 mV in V1."
    )
    assert {claim.verdict for claim in check(told, basis())} == {Verdict.AGREE}


def test_every_slot_token_is_read_back() -> None:
    assert len(set(names())) == len(names())
    assert "<PR:II>" in names()
    assert "<HR>" in names()
    assert all("there is no slot" not in " ".join(render(name, basis()).withheld) for name in names())


# mask -------------------------------------------------------------------------------------------------------------

PIECES = (
    [chr(c) for c in range(32, 127)]
    + [
        " PR",
        " interval",
        " is",
        " ms",
        "ms",
        " QRS",
        " sinus",
        " rhythm",
        " brady",
        "cardia",
        " V",
        " V1",
        " V7",
        " R",
        " wave",
    ]
    + [" 1", "16", " 16", "160", "60", " bundle", " branch", " block", " left", " no", " atrial", " fibrillation", "."]
)


def mask(**other: object) -> Mask:
    return Mask(Vocabulary(PIECES), basis(**other))


def allowed(text: str, of: Mask | None = None) -> set[str]:
    may = (of or mask()).allowed(text)
    assert may.shape == (len(PIECES),)
    assert may.dtype == np.bool_
    return {piece for piece, one in zip(PIECES, may, strict=True) if one}


def test_behind_a_measure_only_its_value_may_be_spelled() -> None:
    assert {" 1", " 16"} <= allowed("The PR interval is")
    assert "9" not in allowed("The PR interval is ")
    assert {"5", "7"}.isdisjoint(allowed("The PR interval is 1"))
    assert {"60", "6"} <= allowed("The PR interval is 1")
    assert {" ms", "ms", " "} <= allowed("The PR interval is 160")
    assert {"0", "1", "V"}.isdisjoint(allowed("The PR interval is 160"))
    assert "." in allowed("The PR interval is 160 ms")
    assert "." not in allowed("The PR interval is 16")
    assert {"0", "1", "5"}.isdisjoint(allowed("The PR interval is 160."))


def test_a_number_that_nothing_awaits_cannot_be_written() -> None:
    assert {"1", "16", " 16"}.isdisjoint(allowed("The weather is "))
    assert {" 16", " 1"}.isdisjoint(allowed("The PR interval is 160 ms, and"))
    assert {"1", " 1"}.isdisjoint(allowed("The PR interval is ", mask(pr_ms=None)))


def test_a_slot_may_be_written_where_its_value_is_known() -> None:
    pieces = [*PIECES, " <PR>", "<PR>", " <RAMP:V1>", " <RAMP:V2>", " <RAMP>"]
    few = {name: row for name, row in LEADS.items() if name != "V1"}
    for on, wanted in (
        (basis(), {" <PR>", "<PR>", " <RAMP:V1>", " <RAMP:V2>"}), (basis(pr_ms=None, leads=few), {" <RAMP:V2>"}),
    ):  # fmt: skip
        may = Mask(Vocabulary(pieces), on).allowed("In lead V2, the R wave reaches")
        assert {
            piece for piece, one in zip(pieces, may, strict=True) if one and "<" in piece and len(piece) > 1
        } == wanted


def test_leads_that_were_not_measured_cannot_be_written() -> None:
    assert "1" in allowed("In lead V")
    assert "7" not in allowed("In lead V")
    assert " V1" in allowed("In lead")
    assert " V7" not in allowed("In lead")
    few = {name: row for name, row in LEADS.items() if name != "V1"}
    assert "1" not in allowed("In lead V", mask(leads=few))


def test_a_finding_that_is_not_borne_can_be_denied_but_not_said() -> None:
    assert " fibrillation" not in allowed("There is atrial")
    assert " fibrillation" in allowed("There is no atrial")
    assert " block" not in allowed("left bundle branch")
    assert "cardia" not in allowed("sinus brady")
    assert "cardia" in allowed("sinus brady", mask(rate_bpm=50))


@pytest.mark.parametrize(
    "start", ["The PR interval is", "QRS", "In lead V5 the R wave is", "The axis is", "Heart rate:"]
)
def test_whatever_the_mask_lets_through_agrees(start: str) -> None:
    of = mask()
    rng = np.random.default_rng(0)
    for _ in range(20):
        text = start
        for _ in range(24):
            may = [
                p
                for p in sorted(allowed(text, of))
                if p.isalnum() is False or p.strip().isdigit() or p in ("ms", "m", "s", "b", "p")
            ]
            may = [p for p in may if set(p) <= set(" .0123456789msbpmdegr")]
            if not may:
                break
            text += str(rng.choice(may))
        numbers = [
            c for c in check(text, basis()) if c.kind in (ClaimKind.NUMBER, ClaimKind.UNIT) and c.value is not None
        ]
        # a number that is said of nothing agrees with nothing and is not shown
        done = [c for c in numbers if c.unit and c.measure != "a number" and c.end < len(text)]
        assert all(c.verdict is Verdict.AGREE for c in done), (text, done)


def test_claims_travel_with_an_interpretation() -> None:
    import msgspec

    from engine.interpretation import Interpretation
    from engine.interpreter import interpret
    from ingest.frame import Nanoseconds
    from ingest.scenario import SCENARIOS
    from ingest.simulator import simulate
    from stream.offline import segment_at

    segment = segment_at(simulate(SCENARIOS["sinus"], 30.0, seed=5), None)
    answer = interpret(segment, None, Nanoseconds(1))
    assert answer.claims == ()
    on = Basis.of(segment)
    claims = check(answer.report.removeprefix("Asked for. "), on)
    assert {claim.verdict for claim in claims} == {Verdict.AGREE}
    number = next(c for c in claims if c.kind is ClaimKind.NUMBER)
    assert number.beats
    assert number.samples is not None
    told = replace(answer, claims=claims)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Interpretation) == told
    older = msgspec.json.decode(msgspec.json.encode(answer))
    del older["claims"], older["sentences"]
    assert msgspec.convert(older, Interpretation) == answer
