"""Technical alarms: what stands between the signal and its alarms."""

import pytest

from ingest.bed import BedContext, BedState
from ingest.frame import BedId
from stream import report
from stream.catalogue import ALARMS, CODES, Code, Kind
from stream.policy import Policy, problems
from stream.state import NEVER
from tests.unit.stream.heart import Heart

GOOD, NOISY, FLAT, RAILED, OFF = 1, 2, 3, 4, 5


@pytest.mark.parametrize(("seconds", "true"), [(10.0, False), (11.0, True)])
def test_noise_on_every_lead(seconds: float, true: bool) -> None:
    heart = Heart()
    heart.s["quality"][:2] = NOISY
    assert (Code.NOISY_ECG in heart.rest(seconds).raised) == true
    heart.s["quality"][0] = GOOD
    assert (Code.NOISY_ECG in heart.rest(4.0).ended) == true


def test_one_good_lead_is_enough() -> None:
    heart = Heart()
    heart.s["quality"][0] = NOISY
    assert heart.rest(30.0).raised == []


@pytest.mark.parametrize(("swing_mv", "true"), [(0.49, True), (0.51, False)])
def test_a_low_amplitude_on_every_lead_while_beats_are_found(swing_mv: float, true: bool) -> None:
    heart = Heart()
    heart.s["high"][:2] = (swing_mv, 0.2)
    assert (Code.LOW_QRS_AMPLITUDE in heart.play("N" * 16).raised) == true


def test_a_low_amplitude_without_beats_is_not_called() -> None:
    heart = Heart()
    heart.s["high"][:2] = 0.1
    assert heart.rest(30.0).raised == []


@pytest.mark.parametrize(("seconds", "true"), [(10.0, False), (11.0, True)])
def test_learning_that_takes_long(seconds: float, true: bool) -> None:
    heart = Heart()
    heart.s["learned"] = 0
    assert (Code.LEARNING in heart.rest(seconds).raised) == true
    heart.s["learned"] = 1
    assert (Code.LEARNING in heart.rest(1.0).ended) == true


def test_where_only_leads_that_came_back_are_left_the_beats_are_learnt_again() -> None:
    heart = Heart().rest(3.0)
    for lead in (0, 1):
        lose(heart, lead)
    heart.rest(70.0)
    bring_back(heart, 0)
    assert Code.LEARNING in heart.rest(2.0).raised
    assert Code.LEARNING in heart.rest(4.0).ended


def test_a_lead_that_comes_back_beside_one_that_is_read_is_no_learning() -> None:
    heart = Heart().rest(3.0)
    lose(heart, 0)
    heart.rest(70.0)
    bring_back(heart, 0)
    assert Code.LEARNING not in heart.rest(6.0).raised


def lose(heart: Heart, lead: int) -> None:
    heart.s["off_since"][lead], heart.s["quality"][lead], heart.s["weight"][lead] = heart.n, OFF, 0.0


def bring_back(heart: Heart, lead: int) -> None:
    heart.s["off_since"][lead], heart.s["quality"][lead], heart.s["weight"][lead] = NEVER, GOOD, 0.6


@pytest.mark.parametrize(("seconds", "true"), [(9.0, False), (12.0, True)])
def test_the_main_lead_is_lost_and_another_is_used(seconds: float, true: bool) -> None:
    heart = Heart().rest(3.0)
    lose(heart, 0)
    assert (Code.LEAD_FALLBACK in heart.rest(seconds).raised) == true
    bring_back(heart, 0)
    assert (Code.LEAD_FALLBACK in heart.rest(4.0).ended) == true


def test_the_loss_of_a_lesser_lead_and_of_all_leads_is_no_fallback() -> None:
    for lost in ((1,), (0, 1)):
        heart = Heart().rest(3.0)
        for lead in lost:
            lose(heart, lead)
        assert Code.LEAD_FALLBACK not in heart.rest(20.0).raised


def test_a_lead_that_was_lost_for_a_minute_is_learnt_anew_and_no_longer_the_main_lead() -> None:
    heart = Heart().rest(3.0)
    lose(heart, 0)
    assert Code.LEAD_FALLBACK in heart.rest(62.0).ended
    bring_back(heart, 0)
    heart.s["recent"][0] = 0.031
    heart.rest(1.5)
    assert heart.s["bad_until"][0] > heart.n
    heart.rest(3.0)
    assert heart.s["level"][0] == pytest.approx(0.031)
    assert heart.s["bad_until"][0] <= heart.n + 500
    assert heart.rest(5.0).s["lost_s"][0] == 0


def test_a_short_loss_keeps_what_was_learnt() -> None:
    heart = Heart().rest(3.0)
    lose(heart, 0)
    heart.rest(30.0)
    bring_back(heart, 0)
    heart.s["recent"][0] = 0.031
    assert heart.rest(6.0).s["level"][0] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("policy", "context", "expected"),
    [
        (Policy(), BedContext(BedId("b")), []),
        (Policy(), BedContext(BedId("b"), unit="ccu"), [Code.PACED_STATUS_UNKNOWN]),
        (Policy(), BedContext(BedId("b"), unit="ccu", paced=False), []),
        (Policy(), BedContext(BedId("b"), unit="ccu", state=BedState.DISCHARGED), []),
        (Policy(arrhythmia=False), BedContext(BedId("b")), [Code.ARRHYTHMIA_OFF]),
        (Policy(off=frozenset({Code.HR_LOW})), BedContext(BedId("b")), [Code.SOME_ALARMS_OFF]),
    ],
)
def test_what_the_settings_leave_out_is_told(policy: Policy, context: BedContext, expected: list[Code]) -> None:
    heart = Heart()
    heart.limits = report.limits_of(policy, context)[0]
    assert heart.rest(1.0).raised == expected
    heart.limits = report.limits_of(Policy(), BedContext(BedId("b"), unit="ccu", paced=True))[0]
    assert heart.rest(1.0).ended == expected


@pytest.mark.parametrize(("seconds", "true"), [(1.75, False), (2.25, True)])
@pytest.mark.parametrize("valid", [True, False])
def test_leads_off_whether_they_were_valid_before_or_not(valid: bool, seconds: float, true: bool) -> None:
    heart = Heart().rest(20.0)
    heart.s["was_valid"][1] = valid
    lose(heart, 1)
    assert (Code.LEADS_OFF in heart.rest(seconds).raised) == true


@pytest.mark.parametrize(("seconds", "true"), [(9.75, False), (10.25, True)])
def test_a_lead_that_was_never_valid_is_told_once_electrodes_have_been_put_on(seconds: float, true: bool) -> None:
    heart = Heart()
    heart.s["was_valid"][0] = 1
    heart.s["off_since"][1] = 0
    assert (Code.LEADS_OFF in heart.rest(seconds).raised) == true


def test_a_lead_that_is_not_sent_is_not_off() -> None:
    heart = Heart()
    heart.s["quality"][1] = OFF
    assert Code.LEADS_OFF not in heart.rest(60.0).raised


def test_leads_off_are_told_anew_when_none_is_left_and_when_one_comes_back() -> None:
    heart = Heart().rest(3.0)
    heart.s["was_valid"][:2] = 1
    lose(heart, 0)
    heart.rest(4.0)
    assert told(heart) == [(Code.LEADS_OFF, 1.0, 2.0)]
    lose(heart, 1)
    heart.rest(1.75)
    assert len(told(heart)) == 1
    heart.rest(0.5)
    assert told(heart)[1:] == [(Code.LEADS_OFF, 2.0, 2.0)]
    assert heart.ended == [Code.LEADS_OFF]
    bring_back(heart, 0)
    heart.rest(1.0)
    assert told(heart)[2:] == [(Code.LEADS_OFF, 1.0, 2.0)]
    bring_back(heart, 1)
    assert heart.rest(1.0).ended == [Code.LEADS_OFF] * 3


def told(heart: Heart) -> list[tuple[Code, float, float]]:
    """Leads off that were told: code, how many, of how many."""
    rows = [row for row in heart.changes() if row["phase"] == report.ONSET]
    found = [(CODES[row["code"]], float(row["value"]), float(row["limit"])) for row in rows]
    return [row for row in found if row[0] is Code.LEADS_OFF]


@pytest.mark.parametrize(("beats", "true"), [(12, False), (15, True)])
@pytest.mark.parametrize("quality", [FLAT, RAILED])
def test_a_dead_lead_beside_a_good_one_is_to_be_replaced(quality: int, beats: int, true: bool) -> None:
    heart = Heart().play("NNNN")
    heart.s["was_valid"][1], heart.s["quality"][1] = 1, quality
    assert (Code.REPLACE_LEAD in heart.play("N" * beats).raised) == true
    heart.s["quality"][1] = GOOD
    assert (Code.REPLACE_LEAD in heart.play("NNNN").ended) == true


def test_a_flat_line_on_every_lead_or_without_beats_is_no_dead_lead() -> None:
    for flat, beats in (((0, 1), "N" * 20), ((1,), "")):
        heart = Heart().play("NNNN")
        heart.s["was_valid"][:2] = 1
        for lead in flat:
            heart.s["quality"][lead] = FLAT
        heart.play(beats).rest(14.0 if not beats else 0.0)
        assert Code.REPLACE_LEAD not in heart.raised


def test_with_everything_off_that_may_be_the_notice_says_so() -> None:
    may = frozenset(row.code for row in ALARMS if row.kind is Kind.PHYSIOLOGICAL and not row.always and row.on)
    for off, arrhythmia, expected in (
        (may, True, {Code.ECG_ALARMS_OFF}),
        (may - {Code.HR_LOW}, True, {Code.SOME_ALARMS_OFF}),
        (may - {Code.PAUSE, Code.AFIB_ONSET}, False, {Code.ECG_ALARMS_OFF, Code.ARRHYTHMIA_OFF}),
    ):
        heart = Heart()
        policy = Policy(off=off, arrhythmia=arrhythmia, second_author="second")
        assert problems(policy) == []
        heart.limits = report.limits_of(policy, BedContext(BedId("b")))[0]
        assert set(heart.rest(1.0).raised) == expected


@pytest.mark.parametrize(("seconds", "true"), [(18.5, False), (20.0, True)])
def test_no_lead_can_be_analysed(seconds: float, true: bool) -> None:
    heart = Heart().rest(3.0)
    heart.s["quality"][:2] = FLAT
    assert (Code.CANNOT_ANALYZE_ECG in heart.rest(seconds).raised) == true
    heart.s["quality"][1], heart.s["shown_rate"] = NOISY, 72.0
    assert (Code.CANNOT_ANALYZE_ECG in heart.rest(1.0).ended) == true


@pytest.mark.parametrize(("bpm", "true"), [(float("nan"), True), (72.0, False)])
def test_noise_can_be_analysed_where_a_rate_is_known(bpm: float, true: bool) -> None:
    heart = Heart().rest(3.0)
    heart.s["quality"][:2], heart.s["shown_rate"] = NOISY, bpm
    assert (Code.CANNOT_ANALYZE_ECG in heart.rest(20.0).raised) == true


@pytest.mark.parametrize("code", [Code.ASYSTOLE, Code.VFIB, Code.VTACH])
def test_noise_in_which_a_red_rhythm_was_found_has_been_analysed(code: Code) -> None:
    heart = Heart().rest(3.0)
    heart.s["quality"][:2] = NOISY
    heart.set(code)
    assert Code.CANNOT_ANALYZE_ECG not in heart.rest(30.0).raised
