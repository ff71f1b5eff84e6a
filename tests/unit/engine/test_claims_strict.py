"""What a strict reader wrote to get past the checker: none of it agrees, and none of it is shown bare."""

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.mask import Mask, Vocabulary
from engine.claims.show import displayed, shown
from infra.score.claim_added import CLAUSES, SENTENCES
from stream.catalogue import Code
from stream.measurement import Beat, BeatKind
from tests.unit.engine.test_claims import PIECES, basis, measured

WORDS = (
    "Sinus rhythm followed by VT.",
    "Sinus rhythm, then VF.",
    "Heart rate 72 bpm with a run of VT.",
    "Sinus rhythm with cardiac standstill.",
    "Sinus rhythm with high-grade block.",
    "Sinus rhythm with a heart attack in the anterior wall.",
    "Sinus rhythm with the ventricles fibrillating.",
    "Sinus rhythm with pulseless electrical activity.",
    "HR: 72 bpm (ref 60-100), VT.",
    "Sinus rhythm until the heart stops.",
    "Sinus rhythm with frequent pauses.",
    "Sinus rhythm was present before the event.",
    "PR 160 ms earlier, now much longer.",
    "Sinus rhythm requires immediate compressions.",
    "Sinus rhythm with ventricular fib.",
    "Sinus rhythm - V.F.",
    "Sinus rhythm; K+ 7.2.",
    "Heart rate 72 bpm, cardiac output absent.",
)
BARE = (
    "The patient is in cardiac arrest.",
    "The alarm is an artefact and can be ignored.",
    "Everything is fine and no action is necessary.",
    "The atria are fibrillating.",
    "No need to treat; alarm may be silenced.",
    "SpO2 98.",
    "Blood pressure is 80/40.",
    "The heart has stopped.",
    "Nobody has to come.",
    "All normal.",
    "Normal.",
)
GENERAL = (
    "Heart rate 72 bpm, threshold exceeded with QRS 160 ms.",
    "HR 72 bpm, upper limit 100 bpm, with QTc of 500 ms.",
    "Sinus rhythm; history of complete heart block, third degree AV block and ventricular tachycardia.",
    "Sinus rhythm means a STEMI is present.",
    "The patient has a history of ventricular fibrillation now ongoing.",
    "Sinus rhythm, and would be ventricular tachycardia.",
    "A QTc of 500 ms is a common finding.",
    "QRS 160 ms is a type of conduction seen here.",
    "Sinus rhythm is a common finding; ventricular tachycardia is a type of arrhythmia seen here.",
)
DENIALS = (
    "There is no doubt that ST elevation is present in V2.",
    "Without doubt a STEMI.",
    "It is not true that there is no ST elevation.",
    "The heart rate is not 72 bpm.",
    "Sinus rhythm is not absent.",
    "No ventricular fibrillation is absent.",
    "The heart rate is hardly 72 bpm.",
)
BOUNDS = (
    "T waves between -5 and 5 mV in V2.",
    "Heart rate between 20 and 300 bpm.",
    "PR < 200 ms and QRS > 20 ms.",
    "The heart rate has fallen from 150 to 72 bpm.",
    "QRS above 20 ms.",
)


@pytest.mark.parametrize("text", [*WORDS, *GENERAL, *DENIALS, *BOUNDS])
def test_a_sentence_that_says_more_than_was_measured_does_not_agree(text: str) -> None:
    claims = check(text, basis())
    assert any(claim.verdict is not Verdict.AGREE for claim in claims)
    assert text not in shown(text, claims).split(". ")


@pytest.mark.parametrize("text", [*BARE, *SENTENCES])
@pytest.mark.parametrize("before", ["", "Sinus rhythm, PR 160 ms. "])
def test_a_sentence_that_nothing_measured_bears_is_not_shown(text: str, before: str) -> None:
    whole = before + text
    claims = check(whole, basis())
    told = displayed(whole, claims)
    assert text not in [one.text for one in told]
    assert shown(whole, claims).startswith(before + "[")


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_clause_that_nothing_measured_bears_stops_its_sentence(clause: str) -> None:
    text = f"Sinus rhythm at 72 bpm, {clause}."
    assert any(claim.verdict is not Verdict.AGREE for claim in check(text, basis()))


def test_what_is_left_out_is_counted_and_harmless_sentences_stay() -> None:
    text = "The ECG was recorded. Sinus rhythm. Several key features are evident. These are notable. Clinical correlation is advised."
    told = displayed(text, check(text, basis()))
    assert [one.text for one in told] == [
        "The ECG was recorded.",
        "Sinus rhythm.",
        "Clinical correlation is advised.",
        "[2 sentences were left out because they state nothing that was measured.]",
    ]


def test_every_displayed_sentence_names_its_claims() -> None:
    text = "Sinus rhythm at 72 bpm. Several features are evident. PR 220 ms. Pericarditis."
    claims = check(text, basis())
    told = displayed(text, claims)
    assert [[c.text for c in claims[one.first : one.last + 1]] for one in told if one.first >= 0] == [
        ["Sinus rhythm", "72 bpm"],
        ["220 ms"],
        ["Pericarditis"],
    ]
    assert [one.verdict for one in told] == [Verdict.AGREE, Verdict.DISAGREE, Verdict.UNSUPPORTED, None]


def test_a_withheld_sentence_is_not_quoted() -> None:
    text = "Sinus rhythm with pericarditis and a heart attack."
    told = shown(text, check(text, basis()))
    assert told.startswith("[Withheld: a finding: ")
    assert "pericarditis" not in told.lower()
    assert "attack" not in told


@pytest.mark.parametrize(
    "text",
    [
        "PR < 200 ms.",
        "The heart rate is between 60 and 100 bpm.",
        "Heart rate below 100 bpm.",
        "The axis lies between -30 and 90 degrees.",
        "ST deviation of less than 0.1 mV in V2.",
        "The QRS is narrow (normal range: 80-120 ms).",
        "First degree AV block is diagnosed when the PR interval exceeds 200 ms; at 160 ms it is not present.",
        "No VT and no VF.",
    ],
)
def test_what_is_plainly_so_still_agrees(text: str) -> None:
    claims = check(text, basis())
    assert claims
    assert {claim.verdict for claim in claims} == {Verdict.AGREE}


# lethal rhythms -----------------------------------------------------------------------------------------------------

CONDUCTED = (
    "Sinus rhythm.",
    "Normal sinus rhythm.",
    "A P wave precedes every QRS.",
    "Narrow QRS.",
    "QRS 92 ms.",
    "PR 160 ms.",
    "Normal PR interval.",
    "QT 390 ms.",
    "Normal QTc.",
    "Regular rhythm.",
    "No ventricular tachycardia.",
)
BESIDE = (
    "No arrhythmia.",
    "Normal rate.",
    "Normal axis.",
    "No ST elevation.",
    "Normal ECG.",
    "No ventricular ectopy.",
    "Repolarisation is normal.",
    "T wave in V5 0.3 mV.",
)
RED = (
    Code.ASYSTOLE, Code.VFIB, Code.VTACH, Code.VTACH_SUSTAINED, Code.RAPID_VT, Code.TORSADES_POLYMORPHIC, Code.VENT_BRADY,
    Code.VENT_RHYTHM, Code.EXTREME_TACHY, Code.EXTREME_BRADY,
)  # fmt: skip


@pytest.mark.parametrize("code", RED)
@pytest.mark.parametrize("text", [*CONDUCTED, *BESIDE])
def test_under_a_red_rhythm_nothing_conducted_is_affirmed(code: Code, text: str) -> None:
    on = Basis(measured(), basis().measured, code)
    found = check(text, on)
    assert found
    assert Verdict.AGREE not in {claim.verdict for claim in found}


def test_under_a_red_rhythm_the_alarm_itself_may_be_told() -> None:
    on = Basis(measured(rate_bpm=180), basis().measured, Code.VTACH)
    claims = check("Ventricular tachycardia at 180 bpm, an arrhythmia.", on)
    assert [claim.verdict for claim in claims] == [Verdict.AGREE] * 3


@pytest.mark.parametrize("text", CONDUCTED[:-1])
def test_many_ventricular_beats_are_no_conducted_rhythm(text: str) -> None:
    kinds = [BeatKind.VENTRICULAR if k % 3 == 0 else BeatKind.NORMAL for k in range(9)]
    on = basis(beats=[{"sample": 500 * (k + 1), "kind": kind.value} for k, kind in enumerate(kinds)])
    found = check(text, on)
    assert {claim.verdict for claim in found} == {Verdict.UNSUPPORTED}


def test_a_run_of_ventricular_beats_is_not_denied() -> None:
    run = (BeatKind.NORMAL,) * 12 + (BeatKind.VENTRICULAR,) * 3
    on = basis(beats=[{"sample": 300 * (k + 1), "kind": kind.value} for k, kind in enumerate(run)])
    assert not on.unconducted
    assert on.ventricular_run
    assert isinstance(on.m.beats[0], Beat)
    assert {c.verdict for c in check("No ventricular tachycardia.", on)} == {Verdict.UNSUPPORTED}
    assert {c.verdict for c in check("No ventricular tachycardia.", basis())} == {Verdict.AGREE}


def test_what_the_criteria_withhold_is_not_affirmed() -> None:
    on = basis(p_wave_present=True, rr_sd_ms=200)
    assert "QTc" in {w.name for w in on.criteria[1]}
    assert {c.verdict for c in check("Normal QTc.", on)} == {Verdict.UNSUPPORTED}


@pytest.mark.parametrize("start", [" V", "Then V"])
def test_short_names_of_lethal_rhythms_cannot_be_written(start: str) -> None:
    pieces = [*PIECES, " VT", " VF", "VF"]
    may = Mask(Vocabulary(pieces), basis()).allowed(start)
    allowed = {piece for piece, one in zip(pieces, may, strict=True) if one}
    assert {"T", "F"}.isdisjoint(allowed)
    may = Mask(Vocabulary(pieces), basis()).allowed("There is no V")
    assert {"T", "F"} <= {piece for piece, one in zip(pieces, may, strict=True) if one}
