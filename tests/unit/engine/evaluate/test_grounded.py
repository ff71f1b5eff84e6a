"""Grounding by measurements alone, on a simulated patient whose numbers are known."""

import pytest

from engine.claims.basis import Basis
from engine.evaluate.grounded import grounded
from tests.unit.engine.labelled_sets import labelled


@pytest.fixture(scope="module")
def basis() -> Basis:
    """Sinus rhythm of 72 per minute, twelve leads, T waves upright in V5 and V6, R in aVL 0.23 mV."""
    return Basis.of(labelled("SR").segment)


def test_leads_numbers_and_findings_by_hand(basis: Basis) -> None:
    told = grounded(
        "The heart rate is 72 bpm. There is no ST elevation in V1 to V4. T waves are inverted in V5 and V6. "
        "Lead I: normal P wave. V3 is resplendent. The R wave in aVL is 9 mV.",
        basis,
    )
    # V1 to V4 and I agree; V5, V6 and aVL do not: eight leads are assessed, five of them rightly
    assert set(told.leads) == {"I", "aVL", "V1", "V2", "V3", "V4", "V5", "V6"}
    assert told.coverage == pytest.approx(100 * 8 / 12)
    assert told.accuracy == pytest.approx(100 * 10 / 24)
    assert (told.numbers, told.numbers_agreeing, told.numbers_disagreeing) == (2, 1, 1)
    assert (told.findings, told.findings_agreeing, told.findings_disagreeing) == (3, 2, 1)
    assert told.unread == 1
    assert told.grounding == pytest.approx(100 * 3 / 5)
    assert (told.sentences, told.sentences_with_evidence) == (6, 3)


def test_a_lead_of_which_some_is_right_has_half(basis: Basis) -> None:
    told = grounded("No ST elevation in V2. T wave inversion in V2.", basis)
    assert told.leads == {"V2": (1, 2)}
    assert told.accuracy == pytest.approx(100 * 1 / 24)


def test_what_is_only_named_covers_nothing(basis: Basis) -> None:
    told = grounded("Leads V1 and V2 were examined carefully.", basis)
    assert told.coverage == 0.0
    assert told.grounding == 0.0
    assert grounded("", basis).sentences == 0


def test_leads_of_a_sentence_go_to_what_is_said_without_any(basis: Basis) -> None:
    assert set(grounded("The QRS is narrow in leads I, II and aVF.", basis).leads) == {"I", "II", "aVF"}
    assert set(grounded("Sinus rhythm, and no ST elevation in V1 and V2.", basis).leads) == {"V1", "V2"}
