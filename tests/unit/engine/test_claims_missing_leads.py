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
    vocabulary = reader_of(str(folder())).vocabulary
    every, few = (
        SlotMask(vocabulary, tuple(LEADS)),
        SlotMask(vocabulary, tuple(n for n in LEADS if n not in ("V3", "V4"))),
    )
    missing = [k for k, t in enumerate(vocabulary.tokens) if t in (" were", " are", " is", " not", " missing", " w")]
    shows = next(k for k, t in enumerate(vocabulary.tokens) if t == " shows")
    assert len(missing) == 6
    for text in ("The axis is normal. Lead V3", "Leads V3 and V4", "The axis is normal. Leads V2, V3 and V4"):
        assert not every.allowed(text)[missing].any()
        assert every.allowed(text)[shows]
    assert few.allowed("Leads V3 and V4")[missing].all()
    assert few.allowed("The axis is normal. Lead V3")[missing].all()
    assert not few.allowed("Leads V2 and V3")[missing].any()


def test_the_mask_of_slots_leaves_every_other_place_as_it_is() -> None:
    vocabulary = Vocabulary([" were", " 1", "<PR>", "V3", " not"])
    mask = SlotMask(vocabulary, tuple(LEADS))
    for text in ("", "Lead", "T waves in leads V3 and V4", "Lead V3 shows", "The QRS axis"):
        assert mask.allowed(text).tolist() == [True, False, True, True, True]
