"""What a bed is set to behind a command."""

import getpass

from infra.beds import changed
from infra.cli import build_parser
from ingest.bed import Baseline, BedContext
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
