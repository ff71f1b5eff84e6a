"""What a bed is set to behind a command."""

import getpass

import pytest

from infra.beds import changed, remark
from infra.cli import build_parser
from ingest.bed import Baseline, BedContext, BedState
from ingest.frame import BedId


def after(before: BedContext, *words: str) -> BedContext:
    return changed(before, build_parser().parse_args(["beds", *words, before.bed]))


def test_a_signed_rhythm_names_who_signed_it_outlasts_a_relearn_and_goes_with_the_discharge() -> None:
    signed = after(BedContext(BedId("icu-1"), unit="icu"), "set", "--baseline", "afib")
    assert (signed.baseline, signed.baseline_by) == (Baseline.AFIB, getpass.getuser())
    assert after(signed, "set", "--age", "70").baseline is Baseline.AFIB
    assert after(signed, "relearn").baseline is Baseline.AFIB
    taken_back = after(signed, "set", "--baseline", "none")
    assert (taken_back.baseline, taken_back.baseline_by) == (None, "")
    assert after(signed, "discharge").baseline is None


@pytest.mark.parametrize(
    ("before", "state", "said"),
    [
        (BedState.STANDBY, BedState.STANDBY, " still, no alarm is raised: `vigil beds monitor icu-1` ends that"),
        (BedState.DISCHARGED, BedState.MONITORED, " again"),
        (BedState.MONITORED, BedState.MONITORED, ""),
    ],
)
def test_setting_the_age_of_a_patient_ends_no_standby_and_says_so(before: BedState, state: BedState, said: str) -> None:
    bed = BedContext(BedId("icu-1"), state=before)
    found = after(bed, "set", "--age", "70")
    assert (found.state, found.age_years) == (state, 70.0)
    assert remark(bed, found) == said
    assert remark(found, after(found, "monitor")) == ""


def test_a_unit_is_named_and_its_name_is_taken_back() -> None:
    named = after(BedContext(BedId("icu-1")), "set", "--unit", "Intensivstation 2 (Süd)")
    assert named.unit == "Intensivstation 2 (Süd)"
    assert after(named, "set", "--age", "70").unit == named.unit
    assert after(named, "set", "--unit", "").unit == ""
