"""Numbers whose words were bound to another measure, known by their value, and what lies so near a limit that readers differ on it."""

import pytest

from engine.claims.check import check
from engine.claims.show import Outcome, outcome, shown
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_dense import OTHERS
from tests.unit.engine.test_claims_variants import leads, records

_MORE = {
    **OTHERS,
    "J of three": basis(leads=leads(II={"st_j_mv": 0.14, "st_j60_mv": 0.02}, III={"st_j_mv": 0.12, "st_j60_mv": 0.01}, V4={"st_j_mv": -0.17, "st_j60_mv": -0.03})),
    "steep": basis(axis_deg=84.0, leads=leads(II={"r_mv": 1.42})),
    "narrow P": basis(p_ms=112),
    "P down in aVR": basis(leads=leads(aVR={"p_mv": -0.12, "t_mv": -0.2})),
    "formulae": basis(qtc_bazett_ms=434.0, qtc_fridericia_ms=414.0, qtc_hodges_ms=411.0),
}  # fmt: skip
PAIRS = [
    # beside the name of a formula
    ("formulae", "Corrected values: Bazett 434, Fridericia 414, Hodges 411 ms; the rate is 72 bpm.", "Corrected values: Bazett 434, Fridericia 374, Hodges 411 ms; the rate is 72 bpm."),
    # one of several cycles
    ("drifting", "At 72 bpm successive RR intervals wander from about 720 up to 940 ms.", "At 72 bpm successive RR intervals wander from about 520 up to 940 ms."),
    ("drifting", "The RR interval varies: 700 ms at the least, 940 ms at the most; 72 bpm.", "The RR interval varies: 500 ms at the least, 940 ms at the most; 72 bpm."),
    # a moment of the ten seconds
    ("drifting", "At 72 bpm the cycles lengthen after about 5 s.", "At 92 bpm the cycles lengthen after about 5 s."),
    # levels at J that stand beside their leads
    ("J of three", "At 72 bpm V4 sits 0.17 mV low at J.", "At 72 bpm V4 sits 0.47 mV low at J."),
    ("J of three", "II 0.14 and III 0.12 mV high at J; rate 72 bpm.", "II 0.14 and III 0.42 mV high at J; rate 72 bpm."),
    # amplitudes beside an axis
    ("steep", "The axis is +84°: II tallest, 1.42 mV.", "The axis is +84°: II tallest, 1.12 mV."),
    # ratios in a list
    ("usual", "R/S is 1.0 in V3 and 3.5 in V4, the rate 72 bpm.", "R/S is 1.0 in V3 and 8.5 in V4, the rate 72 bpm."),
    # near a limit
    ("narrow P", "The P wave is broad at 112 ms.", "The P wave is broad at 152 ms."),
    # how far a denial reaches
    ("usual", "No bundle branch block can be seen in these narrow complexes of 92 ms.", "No bundle branch block can be seen in these narrow complexes of 132 ms."),
    ("usual", "The normal PR of 160 ms is not accompanied by any dropped beats.", "The long PR of 160 ms is not accompanied by any dropped beats."),
    ("P down in aVR", "No lead other than aVR shows a negative T wave.", "No lead other than V4 shows a negative T wave."),
    # what is said of every wave holds for each
    ("usual", "Every R wave in the precordial leads exceeds 0.1 mV.", "Every R wave in the precordial leads exceeds 1.2 mV."),
    # sums of two numbers that are judged by themselves
    ("usual", "The sum of SV1 (1.10 mV) and RV5 (1.30 mV) is 2.4 mV, at 72 bpm.", "The sum of SV1 (1.10 mV) and RV5 (1.30 mV) is 3.4 mV, at 72 bpm."),
    # what is said by what is absent, and behind what is absent
    ("fibrillating", "P waves are not recognisable and the irregular RR intervals favour atrial fibrillation.", "P waves are recognisable and the regular RR intervals favour sinus rhythm."),
    ("fibrillating", "Atrial fibrillation is suggested by absent P waves and irregular cycles.", "Sinus rhythm is suggested by P waves and regular cycles."),
    ("usual", "ST segments without deviation support normal repolarisation.", "ST segments with marked elevation support abnormal repolarisation."),
    # the lead that a superlative gives a number to
    ("usual", "V4 has the tallest R wave of all leads at 1.40 mV.", "V4 has the tallest R wave of all leads at 0.60 mV."),
    ("usual", "V4 has the tallest R wave of all leads at 1.40 mV.", "V4 has the tallest R wave of all leads at 1.40 mm."),
    ("usual", "The tallest R in the chest leads, 1.40 mV, is found in V4.", "The tallest R in the chest leads, 1.40 mV, is found in V2."),
    # single cycles, their spread, and where they become longer
    ("drifting", "At 72 bpm one cycle of 0.94 s stands out.", "At 72 bpm one cycle of 1.44 s stands out."),
    ("drifting", "RR intervals 830 ms +/- 75 ms at 72 bpm.", "RR intervals 630 ms +/- 75 ms at 72 bpm."),
    ("drifting", "The RR lengthens towards the end, at 72 bpm on average.", "The RR lengthens towards the end, at 52 bpm on average."),
    # nouns that no rate has
    ("usual", "At 72 bpm no ST depression that the rate would explain is seen.", "At 52 bpm no ST depression that the rate would explain is seen."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "altered"), PAIRS)
def test_the_true_one_is_not_stopped_and_the_altered_one_is(record: str, true: str, altered: str) -> None:
    of = _MORE[record] if record in _MORE else records()[record]
    assert outcome(true, check(true, of)) is not Outcome.STOPPED, [c for c in check(true, of) if c.verdict != "agree"]
    assert outcome(altered, check(altered, of)) is Outcome.STOPPED


def test_what_was_bound_to_another_measure_is_told_in_words_of_the_checker() -> None:
    text = "At 72 bpm II 0.14 and III 0.12 mV high at J."
    told = check(text, _MORE["J of three"])
    assert any(c.verdict == "agree" and c.measure == "ST level" and c.measured == 0.14 for c in told)
    assert outcome(text, told) is Outcome.PART


def test_a_number_that_is_withheld_and_was_measured_so_is_told_with_its_doubt() -> None:
    of = records()["fibrillating"]
    true, altered = "The Bazett QTc is 447 ms.", "The Bazett QTc is 507 ms."
    assert outcome(true, check(true, of)) is Outcome.PART
    assert "QTc 447 ms (in doubt: no correction for the rate holds" in shown(true, check(true, of))
    assert outcome(altered, check(altered, of)) is Outcome.STOPPED
    assert "QTc" not in shown(altered, check(altered, of))


def test_a_list_of_leads_goes_on_behind_a_bracket() -> None:
    text = "T is inverted in aVR (-0.20 mV) and also in V5."
    assert outcome(text, check(text, _MORE["P down in aVR"])) is not Outcome.WHOLE
