"""What contradicts only across the clauses of a sentence, or may be said of something else, stops nothing; what is wrong in its own clause does."""

import pytest

from engine.claims.apart import OTHER_CLAUSE
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.show import Outcome, outcome, shown
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_dense import OTHERS
from tests.unit.engine.test_claims_variants import leads, records

_MORE = {
    **OTHERS,
    "T down in III": basis(leads=leads(III={"t_mv": -0.12}, V1={"t_mv": -0.1})),
    "raised and lowered": basis(leads=leads(V4={"st_j_mv": 0.18, "st_j60_mv": 0.18}, V5={"st_j_mv": 0.17, "st_j60_mv": 0.17}, V1={"st_j_mv": -0.16, "st_j60_mv": -0.16})),
    "leftward": basis(axis_deg=-22.0),
    "uneven": basis(rr_sd_ms=58.0),
}  # fmt: skip
PAIRS = [
    # leads of the clause behind
    ("T down in III", "T waves are positive in I, II and V2 through V6, and mildly negative (-0.12 mV) in III, at 72 bpm.", "T waves are positive in I, II and V2 through V6, and mildly negative (-0.12 mV) in V4, at 72 bpm."),
    ("T down in III", "Upright T waves in all lateral leads, negative ones in III and V1; the rate is 72 bpm.", "Negative T waves in all lateral leads, upright ones in III and V1; the rate is 72 bpm."),
    ("raised and lowered", "The ST level is elevated by 0.18 mV in V4 and 0.17 mV in V5 and lowered by 0.16 mV in V1.", "The ST level is elevated by 0.18 mV in V4 and 0.17 mV in V5 and lowered by 0.16 mV in V2."),
    # a denial behind a colon
    ("usual", "P waves are conducted one to one at a normal rate: neither tachycardia nor AV block exists.", "P waves are conducted one to one at a high rate: tachycardia and AV block exist."),
    # a denial that has found its object
    ("uneven", "The rate is 72 bpm, but RR intervals are not perfectly even within an otherwise sinus rhythm.", "The rate is 72 bpm, but this is no sinus rhythm."),
    # a second number of a measure that is told
    ("usual", "The RR interval averages 833 ms with an SD of merely 12 ms.", "The RR interval averages 933 ms with an SD of merely 12 ms."),
    ("usual", "So uniform are the beats, at 833 ms with an SD of 12 ms, that nothing else is to be said.", "So uniform are the beats, at 633 ms with an SD of 12 ms, that nothing else is to be said."),
    ("drifting", "This is a sinus rhythm at 72 bpm, the cycles varying between 720 and 940 ms.", "This is a sinus rhythm at 72 bpm, the cycles varying between 520 and 940 ms."),
    ("usual", "Summing the S wave in V1 and the R wave in V5 gives about 2.4 mV.", "Summing the S wave in V1 and the R wave in V5 gives about 3.4 mV."),
    # leads that are excepted
    ("T down in III", "Apart from the inverted one in III, T waves are upright in the inferior leads, and the rate is 72 bpm.", "Apart from the inverted one in III, T waves are flat in the inferior leads, and the rate is 72 bpm."),
    # a direction and no deviation
    ("leftward", "The QRS vector points leftward, the rate is 72 bpm.", "The QRS vector points rightward, the rate is 72 bpm."),
    ("leftward", "The QRS vector points leftward, the rate is 72 bpm.", "The axis deviates to the left at 72 bpm."),
    # a bound of a spread
    ("drifting", "At 72 bpm the shortest and the longest interval differ by no more than about 260 ms.", "At 72 bpm the shortest and the longest interval differ by no more than about 160 ms."),
    # a direction of the axis beside a rate
    ("usual", "The QRS vector points to the left and downwards, and the rate is 72 bpm.", "The QRS vector points rightward at 72 bpm."),
    # points that are named beside limb leads, and a segment that is no rhythm
    ("usual", "All limb lead J points lie within 0.05 mV of the baseline, the rate is 72 bpm.", "All limb lead J points lie 0.25 mV above the baseline, the rate is 72 bpm."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "altered"), PAIRS)
def test_the_true_one_is_not_stopped_and_the_altered_one_is(record: str, true: str, altered: str) -> None:
    of = _MORE[record] if record in _MORE else records()[record]
    assert outcome(true, check(true, of)) is not Outcome.STOPPED, [c for c in check(true, of) if c.verdict != "agree"]
    assert outcome(altered, check(altered, of)) is Outcome.STOPPED


def test_what_may_be_said_of_another_clause_is_withheld_and_what_was_measured_is_told() -> None:
    text, of = PAIRS[0][1], _MORE["T down in III"]
    doubted = [c for c in check(text, of) if c.why == OTHER_CLAUSE]
    assert doubted
    assert all(c.verdict is Verdict.UNSUPPORTED and c.uncontradicted for c in doubted)
    assert "heart rate 72 /min" in shown(text, check(text, of))
    assert "mildly" not in shown(text, check(text, of))


def test_a_list_is_not_cut_into_clauses() -> None:
    text = "R waves measure 1.4 mV in V4 and 1.3 mV in V5, T waves are upright in I and inverted in II."
    assert outcome(text, check(text, basis())) is Outcome.STOPPED


def test_a_limit_is_no_second_value() -> None:
    text = "The QRS duration of 137 ms stays under the 120 ms that define a bundle branch block."
    assert outcome(text, check(text, basis())) is Outcome.STOPPED


@pytest.mark.parametrize(
    ("true", "told", "altered"),
    [
        ("No paced rhythm.", "QRS duration 92 ms", "A paced rhythm."),
        ("None of the beats is paced.", "QRS duration 92 ms", "All of the beats are paced."),
    ],
)
def test_of_findings_that_the_measurements_leave_open_what_was_measured_is_told(
    true: str, told: str, altered: str
) -> None:
    assert outcome(true, check(true, basis())) is Outcome.PART
    assert told in shown(true, check(true, basis()))
    assert "paced" not in shown(true, check(true, basis()))
    assert outcome(altered, check(altered, basis())) is Outcome.STOPPED


def test_hundredths_of_a_millimetre_are_millivolts() -> None:
    of = _MORE["raised and lowered"]
    assert outcome("ST is elevated by 0.18 mV in V4.", check("ST is elevated by 0.18 mV in V4.", of)) is Outcome.WHOLE
    assert outcome("S in V6 is 0.1 mV deep.", check("S in V6 is 0.1 mV deep.", of)) is Outcome.WHOLE
    assert outcome("S in V6 is 0.10 mm deep.", check("S in V6 is 0.10 mm deep.", of)) is Outcome.STOPPED
