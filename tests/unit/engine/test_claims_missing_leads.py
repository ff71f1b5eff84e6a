"""That a lead is missing is judged by the mask of the leads, and the model that ships cannot write it of one that is there."""

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import ClaimKind, Verdict
from engine.claims.mask import SlotMask, Vocabulary
from engine.claims.show import displayed
from engine.tiny_model import folder
from infra.model import reader_of
from tests.unit.engine.test_claims import LEADS, measured

MISSING = (
    "Lead V3 was not recorded, so nothing is said of it.",
    "Leads V3 and V4 were not recorded, so nothing is said of them.",
    "Leads V3 and V4 are missing from this recording and cannot be judged.",
    "V3 is not available.",
    "Sinus rhythm; V3 was not recorded.",
    "Sinus rhythm, but lead V3 could not be obtained.",
    "No signal from V3.",
)


def on(*absent: str) -> Basis:
    m = measured(leads={name: row for name, row in LEADS.items() if name not in absent})
    return Basis(m, tuple(lead.lead for lead in m.leads))


@pytest.mark.parametrize("text", MISSING)
def test_a_lead_that_is_there_is_not_told_to_be_missing(text: str) -> None:
    claims = check(text, on())
    assert [c.verdict for c in claims if c.kind is ClaimKind.LEAD] == [Verdict.DISAGREE]
    (shown,) = displayed(text, claims)
    assert shown.verdict is Verdict.DISAGREE
    assert "recorded" in shown.text


@pytest.mark.parametrize("text", MISSING)
def test_a_lead_that_is_not_there_is_told_so(text: str) -> None:
    claims = check(text, on("V3", "V4"))
    assert claims
    assert {c.verdict for c in claims} == {Verdict.AGREE}
    assert [one.text for one in displayed(text, claims)] == [text]


def test_one_of_several_that_is_there_is_named() -> None:
    (claim,) = check("Leads V3 and V4 were not recorded.", on("V3"))
    assert (claim.verdict, claim.why) == (Verdict.DISAGREE, "V4 was recorded")
    (claim,) = check("The precordial leads were not recorded.", on("V3"))
    assert claim.verdict is Verdict.DISAGREE


@pytest.mark.parametrize(
    "text",
    [
        "ST elevation is not present in V3.",
        "ST elevation in V2 and V3 was not recorded.",
        "Q waves in V3 are missing.",
        "Pathological Q waves V3 not present.",
    ],
)
def test_a_finding_that_is_missing_in_a_lead_is_no_missing_lead(text: str) -> None:
    assert [c.kind for c in check(text, on())] == [ClaimKind.FINDING]


def test_the_model_that_ships_cannot_write_that_a_lead_is_missing_which_is_there() -> None:
    reader = reader_of(str(folder()))
    tokens = reader.vocabulary.tokens
    lead = [k for k, t in enumerate(tokens) if t.strip() in ("Lead", "Leads")]
    v3, v4, were = (next(k for k, t in enumerate(tokens) if t == word) for word in (" V3", " V4", " were"))
    every, few = reader.allowed(on()), reader.allowed(on("V3"))
    assert len(lead) >= 2
    for text in ("", "The axis is normal.", "The axis is normal. "):
        assert not every(text)[lead].any()
        assert few(text)[lead].all()
        assert every(text).sum() == few(text).sum() - len(lead)
    for text in ("Lead", "The axis is normal. Leads", "The axis is normal. Leads V3,", "Leads V3 and"):
        assert few(text)[v3]
        assert not few(text)[v4]
    assert few("The axis is normal. Lead V3")[were]


def test_the_mask_of_slots_leaves_every_other_place_as_it_is() -> None:
    vocabulary = Vocabulary([" were", " 1", "<PR>", " V3", " Leads"])
    mask = SlotMask(vocabulary, tuple(LEADS))
    for text in ("T wave changes in leads", "T waves in leads V3 and V4", "The QRS axis", "Lead V3 shows", "Rate 0.5"):
        assert mask.allowed(text).tolist() == [True, False, True, True, True]


def test_behind_a_wave_and_a_lead_only_their_slot_may_stand() -> None:
    vocabulary = Vocabulary(["<TAMP:aVF>", "<RAMP:aVF>", "<TAMP:II>", "<HR>", " a"])
    mask = SlotMask(vocabulary, tuple(LEADS))
    assert mask.allowed("The T wave in lead aVF measures ").tolist() == [True, False, False, False, True]
    assert mask.allowed("Lead II shows a T wave of ").tolist() == [True, False, True, False, True]
    assert mask.allowed("The rate is ").all()
