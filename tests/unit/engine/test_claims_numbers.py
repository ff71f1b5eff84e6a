"""What single beats, parts of a sum, ST levels and pairs of waves are held against: what is true is not stopped, the same with one thing altered is."""

from functools import lru_cache

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.show import Outcome, outcome
from stream.measurement import BeatKind
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_variants import leads

_EARLY_AT = {3: BeatKind.SUPRAVENTRICULAR, 7: BeatKind.VENTRICULAR}
_SAMPLES = (150, 600, 1050, 1300, 1900, 2350, 2800, 3060, 3660, 4110, 4560)
"""RR of 900 ms; beats that come after 500 and 520 ms, each with 1200 ms behind it."""


@lru_cache(maxsize=1)
def records() -> dict[str, Basis]:
    """Two early beats among regular ones, only regular ones, ST segments of both directions, and a left bundle branch block."""
    early = [
        {"sample": at, "kind": _EARLY_AT.get(k, BeatKind.NORMAL).value, "rr_ms": (at - _SAMPLES[k - 1]) * 2.0 if k else None}
        for k, at in enumerate(_SAMPLES)
    ]  # fmt: skip
    steady = [{"sample": 100 + 450 * k + k % 2, "kind": "N"} for k in range(11)]
    shifts = leads(
        I={"st_j_mv": -0.15, "st_j60_mv": -0.15}, II={"st_j_mv": -0.14, "st_j60_mv": -0.12}, V6={"st_j_mv": -0.13, "st_j60_mv": -0.16},
        aVR={"st_j_mv": 0.17, "st_j60_mv": 0.16}, V3={"st_j_mv": -0.4, "st_j60_mv": 0.02}, V2={"st_j_mv": 0.13, "st_j60_mv": 0.34},
    )  # fmt: skip
    block = leads(
        V1={"q_mv": -1.3, "r_mv": None, "s_mv": None}, V2={"q_mv": -2.7, "r_mv": None, "s_mv": None, "st_j_mv": 0.27, "st_j60_mv": 0.4}
    )  # fmt: skip
    return {
        "usual": basis(),
        "shifted": basis(leads=shifts),
        "block": basis(leads=block, qrs_ms=150, axis_deg=-22),
        "early": basis(beats=early, rate_bpm=67, rr_ms=900, rr_sd_ms=260),
        "steady": basis(beats=steady, rate_bpm=66.7, rr_ms=900, rr_sd_ms=2.0),
    }


def is_stopped(record: str, text: str) -> bool:
    on = records()[record]
    return outcome(text, check(text, on)) is Outcome.STOPPED


OF_BEATS = [
    ("early", "The rate is 67 bpm, with a supraventricular premature beat at 2.6 s.", "The rate is 67 bpm, with a supraventricular premature beat at 4.6 s."),
    ("early", "At 67 bpm one PVC (6.1 s) and one PAC (2.6 s) are seen.", "At 67 bpm one PVC (2.6 s) and one PAC (6.1 s) are seen."),
    ("early", "The rate is 67 bpm; a ventricular ectopic comes about 6.1 s into the strip.", "The rate is 67 bpm; a ventricular ectopic comes about 3.9 s into the strip."),
    ("early", "The rate is 67 bpm. At 2.6 s an early beat interrupts the rhythm.", "The rate is 67 bpm. At 7.6 s an early beat interrupts the rhythm."),
    ("early", "The rate is 67 bpm; premature beats are found at 2.6 and 6.1 s.", "The rate is 67 bpm; premature beats are found at 2.6 and 8.1 s."),
    ("early", "An early beat is followed by a pause of 1.2 s; the rate is 67 bpm.", "An early beat is followed by a pause of 1.6 s; the rate is 67 bpm."),
    ("early", "The shortest cycle lasts 500 ms and the longest 1200 ms.", "The shortest cycle lasts 500 ms and the longest 900 ms."),
    ("early", "Intervals as short as 0.50 s are followed by longer ones of up to 1.20 s; the rate is 67 bpm.", "Intervals as short as 0.70 s are followed by longer ones of up to 1.20 s; the rate is 67 bpm."),
    ("early", "RR ranges from about 0.50 to 1.20 s.", "RR ranges from about 0.50 to 1.50 s."),
    ("early", "RR intervals lie between 0.50 and 1.20 s.", "RR intervals lie between 0.80 and 1.20 s."),
    ("early", "The coupling interval of the ventricular beat is 520 ms; the rate is 67 bpm.", "The coupling interval of the ventricular beat is 720 ms; the rate is 67 bpm."),
    ("early", "Long and short cycles of about 1.20 and 0.51 s alternate; the rate is 67 bpm.", "Long and short cycles of about 1.60 and 0.51 s alternate; the rate is 67 bpm."),
    ("steady", "The rhythm is regular to within 4 ms.", "The rhythm is regular to within 50 ms."),
    ("steady", "RR intervals differ by barely 4 ms around 900 ms.", "RR intervals differ by barely 60 ms around 900 ms."),
    ("early", "The intervals differ around a value of 895 ms.", "The intervals differ around a value of 700 ms."),
    ("steady", "RR 900 ms with an SD of 2 ms.", "RR 700 ms with an SD of 2 ms."),
    ("steady", "The cycle length is constant at 900 ms, give or take 4 ms.", "The cycle length is constant at 800 ms, give or take 4 ms."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), OF_BEATS)
def test_a_time_of_single_beats_is_held_against_the_beats(record: str, true: str, false: str) -> None:
    assert not is_stopped(record, true)
    assert is_stopped(record, false)


def test_a_beat_of_a_kind_that_was_not_measured_has_no_moment() -> None:
    assert is_stopped("steady", "The rate is 67 bpm, with a ventricular premature beat at 2.6 s.")
    assert is_stopped("steady", "The rate is 67 bpm, with a PR of 2.6 s.")


OF_SUMS = [
    ("usual", "The Sokolow sum of 1.1 mV in V1 and 1.0 mV in V6 is far from 3.5 mV.", "The Sokolow sum of 1.1 mV in V1 and 1.9 mV in V6 is far from 3.5 mV."),
    ("usual", "The Sokolow sum from V1 (1.1 mV) and V5 (1.3 mV) is 2.4 mV.", "The Sokolow sum from V1 (1.7 mV) and V5 (1.3 mV) is 2.4 mV."),
    ("usual", "The Sokolow sum from V1 (1.1 mV) and V5 (1.3 mV) is 2.4 mV.", "The Sokolow sum from V1 (1.1 mV) and V5 (1.3 mV) is 3.4 mV."),
    ("usual", "Sokolow-Lyon amounts to 2.4 mV, and V4 is taller still with 1.4 mV.", "Sokolow-Lyon amounts to 2.4 mV, and V4 is taller still with 2.3 mV."),
    ("usual", "The Cornell sum of aVL (0.2 mV) and V3 (0.9 mV) gives 1.1 mV.", "The Cornell sum of aVL (0.2 mV) and V3 (1.6 mV) gives 1.1 mV."),
    ("usual", "Adding 1.1 mV (S in V1) and 1.3 mV (R in V5) gives 2.4 mV.", "Adding 1.1 mV (S in V1) and 1.9 mV (R in V5) gives 2.4 mV."),
    ("usual", "With 1.1 mV in V1 and 1.3 mV in V5 the Sokolow-Lyon sum is 2.4 mV.", "With 1.1 mV in V1 and 2.3 mV in V5 the Sokolow-Lyon sum is 2.4 mV."),
    ("usual", "RI + SIII = 0.8 mV.", "RI + SIII = 1.8 mV."),
    ("usual", "RI plus SIII comes to 0.8 mV, below 2.5 mV.", "RI plus SIII comes to 0.8 mV, above 2.5 mV."),
    ("usual", "Voltages: 1.4 mV in V4 and 1.0 mV in V6.", "Voltages: 1.4 mV in V4 and 2.2 mV in V6."),
]  # fmt: skip
OF_LEVELS = [
    ("shifted", "ST is depressed by 0.15 mV in I, 0.14 mV in II and 0.13 mV in V6, while aVR has an elevation of 0.17 mV.", "ST is depressed by 0.15 mV in I, 0.24 mV in II and 0.13 mV in V6, while aVR has an elevation of 0.17 mV."),
    ("shifted", "ST is depressed by 0.15 mV in I, 0.14 mV in II and 0.13 mV in V6, while aVR has an elevation of 0.17 mV.", "ST is depressed by 0.15 mV in I, 0.14 mV in II and 0.13 mV in V6, while aVR has a depression of 0.17 mV."),
    ("shifted", "The J point dips 0.40 mV in V3, with recovery to +0.02 mV after 60 ms.", "The J point dips 0.40 mV in V3, with recovery to +0.32 mV after 60 ms."),
    ("shifted", "J is raised by 0.13 mV in V2.", "J is raised by 0.13 mV in I."),
    ("shifted", "ST in V6 falls from -0.13 mV at J to -0.16 mV at J+60.", "ST in V6 falls from -0.13 mV at J to -0.36 mV at J+60."),
    ("shifted", "The J point drops 0.13 mV in V6.", "The J point drops 0.13 mV in V2."),
    ("shifted", "V6: ST 0.16 mV low at J+60.", "V6: ST 0.16 mV high at J+60."),
    ("shifted", "V2 is 0.13 mV up at J and 0.34 mV after 60 ms.", "V2 is 0.13 mV down at J and 0.34 mV after 60 ms."),
    ("block", "Elevation of 0.27 mV in V2 stands opposite a deep negative QRS.", "Elevation of 0.57 mV in V2 stands opposite a deep negative QRS."),
    ("usual", "STT: no deviation above 0.1 mV, T upright in V2 to V6.", "STT: no deviation above 0.8 mV, T upright in V2 to V6."),
]  # fmt: skip
OF_PAIRS = [
    ("usual", "S still exceeds R in V2 (1.4 against 0.5 mV) and R takes over in V4.", "S still exceeds R in V2 (1.4 against 1.3 mV) and R takes over in V4."),
    ("usual", "R is just smaller than S in V3 (0.8 vs 0.9 mV).", "R is much smaller than S in V2 (1.4 vs 0.5 mV)."),
    ("usual", "V3: R 0.8/S 0.9 mV; V4: R 1.4/S 0.4 mV.", "V3: R 0.8/S 0.9 mV; V4: R 1.4/S 1.4 mV."),
    ("usual", "R is 1.4 mV in V4, 1.0 in V6.", "R is 1.4 mV in V4, 1.9 in V6."),
    ("usual", "R/S is above 1 in V4.", "R/S is above 1 in V2."),
    ("usual", "R/S > 1 from V4 (1.4 vs 0.4 mV).", "R/S > 1 from V2 (0.5 vs 1.4 mV)."),
    ("usual", "The R/S ratio in V4 is 3.5.", "The R/S ratio in V4 is 1.5."),
    ("block", "QS in V1 (1.3 mV).", "QS in V1 (1.9 mV)."),
    ("block", "V1 and V2 are negative (down to 1.3 and 2.7 mV).", "V1 and V2 are negative (down to 2.3 and 2.7 mV)."),
    ("usual", "QTc 427 ms by Bazett though 414 ms by Fridericia.", "QTc 427 ms by Bazett though 374 ms by Fridericia."),
    ("usual", "QTc 427 ms (Bazett) or 414 ms (Fridericia).", "QTc 427 ms (Bazett) or 464 ms (Fridericia)."),
    ("usual", "The PR of 160 ms is within 200 ms.", "The PR of 160 ms is within 150 ms."),
    ("block", "The QRS, at 150 ms, exceeds 120 ms by 30 ms.", "The QRS, at 115 ms, exceeds 120 ms by 30 ms."),
    ("usual", "The QTc by Bazett is in the 420s.", "The QTc by Bazett is in the 480s."),
    ("block", "The axis of -22 degrees is short of -30 degrees.", "The axis of -22 degrees is beyond -30 degrees."),
    ("block", "The axis of -22 degrees has not passed -30 degrees.", "The axis of -22 degrees has not passed -10 degrees."),
]  # fmt: skip
OF_UNITS = [
    ("usual", "P waves at 72/min.", "P waves at 92/min."),
    ("usual", "P waves precede every QRS at 72/min.", "P waves precede every QRS at 92/min."),
    ("usual", "The QRS lasts 92 ms.", "The QRS lasts 72 /min."),
    ("usual", "The PR interval is 160 ms.", "The PR interval is 72 bpm."),
    ("usual", "The P wave lasts 100 ms.", "The P wave lasts 72 bpm."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), [*OF_SUMS, *OF_LEVELS, *OF_PAIRS, *OF_UNITS])
def test_what_a_number_is_said_of_is_told_by_its_own_words(record: str, true: str, false: str) -> None:
    assert not is_stopped(record, true)
    assert is_stopped(record, false)
