"""What a text says of ST, of conduction and of intervals is held against the same rules as the criteria apply."""

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from ingest.bed import BedContext, Sex
from ingest.frame import BedId
from tests.unit.engine.test_claims import LEADS, measured

ANTERIOR = "54329005"


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
        assert (denied is Verdict.AGREE) is not on.has(ANTERIOR), (mv, denied)
        if on.has(ANTERIOR):
            assert worst(f"ST elevation in {leads[0]} and {leads[1]}.", on) is Verdict.AGREE


@pytest.mark.parametrize(
    ("sex", "age", "limit"),
    [(Sex.MALE, 62.0, 0.2), (Sex.MALE, 30.0, 0.25), (Sex.FEMALE, 62.0, 0.15), (Sex.UNKNOWN, None, 0.25)],
)
def test_st_elevation_of_v2_is_claimed_from_the_limit_of_the_patient_on(sex: Sex, age: float, limit: float) -> None:
    below, at = (raised(mv, patient(sex, age), "V2", "V3") for mv in (limit - 0.03, limit))
    assert worst("ST elevation in V2 and V3.", below) is Verdict.DISAGREE
    assert worst("ST elevation in V2 and V3.", at) is Verdict.AGREE
    assert worst("There is no ST elevation in V2.", below) is Verdict.AGREE
    assert worst("There is no ST elevation in V2.", at) is Verdict.DISAGREE
