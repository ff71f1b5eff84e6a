"""Numbers that belong to one measure whatever stands between, limits that a value is placed against, and criteria that are named."""

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.show import Outcome, outcome
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_variants import leads, records

# QRS 92 ms, PR 160 ms, axis 45 degrees, 72/min
PAIRS = [
    ("usual", "The PR runs 160 ms, which is under the upper limit of 200 ms.", "The PR runs 160 ms, which is over the upper limit of 200 ms."),
    ("usual", "The PR runs 160 ms, which is over the lower limit of 120 ms.", "The PR runs 160 ms, which is under the lower limit of 120 ms."),
    ("usual", "The PR interval is within normal limits at 160 ms.", "The PR interval is within normal limits at 110 ms."),
    ("left", "The axis is about -52°, which is left of the normal range of -30° to +90°.", "The axis is about -6°, which is left of the normal range of -30° to +90°."),
    ("right", "The axis is about 110°, which is right of the normal range of -30° to +90°.", "The axis is about 45°, which is right of the normal range of -30° to +90°."),
    ("usual", "The RR interval is steady at 833 ms.", "The RR interval is steady at 1154 s."),
    ("usual", "Sokolow-Lyon is negative for LVH.", "Sokolow-Lyon is positive for LVH."),
    ("tall R", "LVH by the Sokolow-Lyon criterion.", "No LVH by the Sokolow-Lyon criterion."),
    ("Q", "Lead III begins with a Q wave of 40 ms, whereas lead V5 fails to show one.", "Lead III begins with a Q wave of 40 ms, whereas lead aVF fails to show one."),
    ("usual", "QTc 427 ms (Bazett), with a QRS of 92 ms; Fridericia gives 414 ms.", "QTc 427 ms (Bazett), with a QRS of 92 ms; Fridericia gives 470 ms."),
    ("usual", "T upright in V5 and V6 (0.30 mV V5, 0.20 mV V6).", "T upright in V5 and V6 (0.30 mV V6, 0.90 mV V5)."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_what_is_true_is_not_blocked_and_what_is_altered_is_stopped(record: str, true: str, false: str) -> None:
    on = records()[record]
    assert outcome(true, check(true, on)) is not Outcome.STOPPED
    assert outcome(false, check(false, on)) is Outcome.STOPPED


@pytest.mark.parametrize(
    "text",
    [
        "The QRS complexes last 92 bpm.",
        "The QRS complexes are narrow, with a duration of 92 bpm.",
        "Ventricular depolarization is completed in 92 bpm.",
        "The axis amounts to 92 bpm.",
        "The mean frontal vector points to 92 bpm.",
    ],
)
def test_a_rate_that_is_said_to_be_how_long_something_lasts_is_stopped_though_the_heart_has_it(text: str) -> None:
    on = basis(rate_bpm=92, qt_ms=350)
    assert outcome(text, check(text, on)) is Outcome.STOPPED


def rising() -> Basis:
    """ST that is depressed at J in V5 and back at the baseline 60 ms later."""
    return basis(leads=leads(V5={"st_j_mv": -0.2, "st_j60_mv": 0.02}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("V5 shows J-point depression of 0.20 mV which has returned to baseline 60 ms later.", True),
        ("V5 shows J depression of 0.20 mV that is back to baseline by 60 ms.", True),
        ("ST in V5 is depressed at J by 0.20 mV.", True),
        ("V5 (J -0.20 mV).", True),
        ("V5 (J -0.40 mV).", False),
        ("V1 shows J-point depression of 0.20 mV which has returned to baseline 60 ms later.", False),
    ],
)
def test_the_level_behind_j_is_not_that_at_j(text: str, told: bool) -> None:
    assert (outcome(text, check(text, rising())) is not Outcome.STOPPED) is told


def test_an_st_segment_that_is_not_back_at_the_baseline_is_not_said_to_be() -> None:
    text = "V5 shows J-point depression of 0.20 mV which has returned to baseline 60 ms later."
    on = basis(leads=leads(V5={"st_j_mv": -0.2, "st_j60_mv": -0.2}))
    assert outcome(text, check(text, on)) is Outcome.STOPPED


def test_a_direction_is_held_against_the_angle_that_it_is_told_with() -> None:
    on = basis(axis_deg=-24)
    true, false = "The axis is leftward at -24 degrees.", "The axis is leftward at 24 degrees."
    assert outcome(f"PR 160 ms. {true}", check(f"PR 160 ms. {true}", on)) is not Outcome.STOPPED
    assert outcome(false, check(false, basis(axis_deg=24))) is Outcome.STOPPED


def early(*, late_ms: int) -> Basis:
    """One early beat of the usual shape, with a cycle of that length behind it."""
    samples = [400, 820, 1240, 1500, 1500 + late_ms // 2, 1920 + late_ms // 2, 2340 + late_ms // 2]
    kinds = ["S" if k == 3 else "N" for k in range(7)]
    beats = [{"sample": sample, "kind": kind} for sample, kind in zip(samples, kinds, strict=True)]
    return basis(beats=beats, rr_ms=840)


@pytest.mark.parametrize(("late_ms", "told"), [(1100, True), (840, False)])
def test_a_pause_behind_an_early_beat_is_longer_than_the_other_cycles(late_ms: int, told: bool) -> None:
    text = "A supraventricular premature beat at 3.0 s, followed by a pause."
    found = [c for c in check(text, early(late_ms=late_ms)) if c.measure == "pause after an early beat"]
    assert [c.verdict is Verdict.AGREE for c in found] == [told]
