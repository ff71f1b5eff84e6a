"""What nothing that was measured contradicts stops nothing beside it; what is wrong in the same words is stopped as before."""

import pytest

from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.parse import parse
from engine.claims.show import Outcome, outcome, shown
from engine.claims.statement import Relation
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_variants import leads, records

V = {"V1": (0.2, -1.0), "V2": (0.4, -1.2), "V3": (0.6, -0.9), "V4": (1.3, -0.5), "V5": (1.2, -0.2), "V6": (0.9, -0.1)}
OTHERS = {
    "J down": basis(leads=leads(V4={"st_j_mv": -0.14, "st_j60_mv": -0.02})),
    "raised": basis(leads=leads(V3={"st_j_mv": 0.03, "st_j60_mv": 0.14})),
    "turning": basis(leads=leads(**{name: {"r_mv": r, "s_mv": s} for name, (r, s) in V.items()})),
    "low atrial": basis(leads=leads(II={"p_mv": -0.12}, III={"p_mv": -0.1}, aVF={"p_mv": -0.11})),
    "slightly wide": basis(qrs_ms=107),
    "wide": basis(qrs_ms=142),
    "short P": basis(p_ms=78),
    "far left": basis(axis_deg=-64),
    "broad and fast": basis(rate_bpm=160, qrs_ms=160, p_wave_present=False, pr_ms=None, p_ms=None, qt_ms=300),
    "slow without P": basis(rate_bpm=38, qrs_ms=90, p_wave_present=False, pr_ms=None, p_ms=None, qt_ms=480),
}
PAIRS = [
    # numbers that their sentence does not bind, sums, and units of another measure
    ("usual", "A small upright wave leads each QRS complex by a constant 160 ms.", "A small upright wave leads each QRS complex by a constant 130 ms."),
    ("usual", "Counting from one complex to the following one yields 0.83 s.", "Counting from one complex to the following one yields 0.63 s."),
    ("usual", "72 bpm is the rate and 92 ms the width of the QRS.", "72 bpm is the rate and 132 ms the width of the QRS."),
    # limits, ranges of normal and differences
    ("long PR", "The distance from P to QRS is 232 ms. This exceeds the accepted ceiling of 200 ms.", "The distance from P to QRS is 172 ms. This exceeds the accepted ceiling of 200 ms."),
    ("usual", "The axis of 45 degrees sits in the usual sector from -30 to +90 degrees.", "The axis of 85 degrees sits in the usual sector from -30 to +90 degrees."),
    ("long PR", "The PR interval of 232 ms exceeds the upper limit by more than 20 ms.", "The PR interval of 262 ms exceeds the upper limit by more than 20 ms."),
    # general sentences and what is only to be looked for
    ("usual", "The rate is 72 bpm; only values above 100 bpm count as tachycardia.", "The rate is 72 bpm and counts as tachycardia."),
    ("usual", "Sinus rhythm at 72 bpm; a Holter recording to document any pauses is an option.", "Sinus rhythm at 72 bpm with pauses."),
    ("usual", "Sinus rhythm at 72 bpm; hypothyroidism must be ruled out.", "Sinus rhythm at 72 bpm; pericarditis is present."),
    ("usual", "At 72 bpm sinus rhythm is seen; a QTc beyond 480 ms would be called a long QT.", "At 72 bpm sinus rhythm is seen; the QTc is a long QT."),
    ("slow", "The rate of 48 bpm is slow but may well be normal in a rower.", "The rate of 48 bpm is normal."),
    # denials of what cannot be told
    ("usual", "Sinus rhythm of 72 bpm, no sign of pericarditis.", "Sinus rhythm of 72 bpm, signs of pericarditis."),
    ("usual", "Ventricular extrasystoles, atrial flutter and pauses are absent.", "Ventricular extrasystoles, atrial flutter and pauses are present."),
    ("usual", "At 72 bpm this is not yet a tachycardia.", "At 72 bpm this is already a tachycardia."),
    # ST levels, at J and later
    ("J down", "In V4 the J point is depressed by 0.14 mV.", "In V4 the J point is depressed by 0.24 mV."),
    ("J down", "In V4 the J point is depressed by 0.14 mV.", "In V4 the J point is elevated by 0.14 mV."),
    ("J down", "In V4 the ST segment starts -0.14 mV low at the J point and is at -0.02 mV 60 ms later.", "In V4 the ST segment starts -0.14 mV low at the J point and is at -0.27 mV 60 ms later."),
    ("raised", "Slight ST elevation of 0.14 mV is found in V3.", "Slight ST elevation of 0.34 mV is found in V3."),
    ("raised", "Slight ST elevation of 0.14 mV is found in V3.", "Slight ST depression of 0.14 mV is found in V3."),
    # early beats and what is regular beside them
    ("usual", "No ectopic beats interrupt the regular rhythm at 72 bpm.", "Ectopic beats interrupt the regular rhythm at 72 bpm."),
    ("early", "The ventricular extrasystole is followed by a compensatory pause.", "The ventricular extrasystoles are absent."),
    ("usual", "P in II measures 0.12 mV and lasts 100 ms.", "P in II measures 0.32 mV and lasts 100 ms."),
    ("usual", "The QRS lasts 92 ms, short of the normal maximum of 110 ms.", "The QRS lasts 122 ms, short of the normal maximum of 110 ms."),
    # shades of a finding
    ("slightly wide", "With 107 ms the QRS is slightly widened.", "With 107 ms the QRS is widened."),
    ("usual", "The QRS is narrow with 92 ms.", "The QRS is slightly widened with 92 ms."),
    ("short P", "The P wave is short, 78 ms.", "The P wave is broad, 78 ms."),
    ("far left", "A superior axis of -64 degrees is present.", "A superior axis of 64 degrees is present."),
    ("left", "The axis lies to the left of normal.", "The axis does not deviate from normal."),
    ("usual", "The axis does not deviate from normal.", "The axis lies to the left of normal."),
    ("low atrial", "P waves are inverted in II, III and aVF, 0.12 mV deep in II, as in an ectopic atrial rhythm.", "P waves are upright in II, III and aVF."),
    ("usual", "P waves are upright in II.", "An ectopic atrial rhythm is present."),
    # which wave is larger, and where
    ("turning", "The transition zone lies between V3 and V4.", "The transition zone lies between V1 and V2."),
    ("turning", "The R wave does not exceed the S wave until V4.", "The R wave does not exceed the S wave until V6."),
    ("turning", "The S wave predominates in V2.", "The S wave predominates in V5."),
    ("turning", "A dominant R wave of 1.20 mV is noted in V5.", "A dominant R wave of 0.40 mV is noted in V2."),
    ("turning", "The R wave grows from V1 to V5.", "The R wave grows from V1 to aVL."),
    ("turning", "The S wave is deepest in V2 and an R wave of 1.20 mV is seen in V5.", "The S wave is deepest in V2 and an R wave of 1.80 mV is seen in V5."),
]  # fmt: skip


def _outcome(record: str, text: str) -> Outcome:
    of = OTHERS.get(record) or records()[record]
    return outcome(text, check(text, of))


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_what_nothing_contradicts_is_not_stopped_and_what_is_wrong_is(record: str, true: str, false: str) -> None:
    assert _outcome(record, true) is not Outcome.STOPPED
    assert _outcome(record, false) is Outcome.STOPPED


def test_what_is_not_understood_is_never_shown_in_its_own_words() -> None:
    text = "Sinus rhythm of 72 bpm, no sign of pericarditis."
    told = shown(text, check(text, records()["usual"]))
    assert "72 /min" in told
    assert "pericarditis" not in told


def test_an_old_infarct_that_no_q_wave_bears_is_stopped_in_a_wide_qrs_too() -> None:
    q = {"q_mv": -0.4, "q_ms": 44.0}
    marked = basis(qrs_ms=142, leads=leads(III=q, aVF=q))
    text = "The QRS lasts 142 ms and there is an old {} infarction."
    assert outcome(text.format("inferior"), check(text.format("inferior"), marked)) is Outcome.PART
    assert outcome(text.format("anterior"), check(text.format("anterior"), marked)) is Outcome.STOPPED


def test_an_acute_infarct_is_never_left_open() -> None:
    text = "The QRS lasts 142 ms and there is an acute inferior infarction."
    assert outcome(text, check(text, OTHERS["wide"])) is Outcome.STOPPED


@pytest.mark.parametrize(("record", "true", "false"), [
    ("fast", "At 124 bpm a supraventricular tachycardia is likely.", "At 72 bpm a supraventricular tachycardia is likely."),
    ("fast", "At 124 bpm this is a supraventricular tachycardia.", "At 124 bpm this is a ventricular tachycardia."),
    ("broad and fast", "At 160 bpm this is a ventricular tachycardia until proven otherwise.", "At 160 bpm this is ventricular fibrillation until proven otherwise."),
    ("slow without P", "At 38 bpm a complete AV block is to be assumed.", "At 38 bpm asystole is to be assumed."),
])  # fmt: skip
def test_a_mechanism_that_is_not_measured_stops_nothing_and_a_grave_one_is_left_to_no_chance(
    record: str, true: str, false: str
) -> None:
    assert _outcome(record, f"{true} The QT interval is measured.") is not Outcome.STOPPED
    assert _outcome(record, false) is Outcome.STOPPED


def test_words_of_doubt_stop_nothing_in_another_sentence_and_nothing_of_their_own_is_told() -> None:
    text = "The rate is 72 bpm. It is doubtful whether P waves are seen at all."
    told = shown(text, check(text, records()["usual"]))
    assert outcome(text, check(text, records()["usual"])) is Outcome.PART
    assert "72 bpm" in told
    assert "P waves" not in told


def test_what_is_denied_twice_stops_its_text() -> None:
    text = "The rate is 72 bpm. As to premature beats of ventricular origin, the tracing is not free of them."
    assert outcome(text, check(text, records()["usual"])) is Outcome.STOPPED


def test_a_complete_block_is_contradicted_where_a_p_wave_precedes_the_beats_by_a_steady_time() -> None:
    text = "The PR interval of 204 ms meets the definition of third-degree AV block."
    (claim,) = [one for one in check(text, basis(rr_sd_ms=120, rate_bpm=54, pr_ms=204)) if "third" in one.measure]
    assert claim.verdict is Verdict.DISAGREE


def test_the_ends_of_a_range_of_normal_are_no_values() -> None:
    (read,) = parse("The axis of 45 degrees sits in the usual sector from -30 to +90 degrees.")
    numbers = [(one.low, one.relation) for one in read.statements if one.kind == "number"]
    assert numbers == [(45.0, Relation.IS), (-30.0, Relation.REFERENCE), (90.0, Relation.REFERENCE)]
