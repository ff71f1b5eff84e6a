"""Technical alarms: what stands between the signal and its alarms."""

import pytest

from ingest.bed import BedContext, BedState
from ingest.frame import BedId
from stream import report
from stream.catalogue import Code
from stream.policy import Policy
from stream.state import NEVER
from tests.unit.stream.heart import Heart

GOOD, NOISY, FLAT, OFF = 1, 2, 3, 5


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
def test_leads_off_only_where_they_were_valid_before(seconds: float, true: bool) -> None:
    heart = Heart().rest(3.0)
    lose(heart, 1)
    assert Code.LEADS_OFF not in heart.rest(5.0).raised
    heart = Heart().rest(3.0)
    heart.s["was_valid"][1] = 1
    lose(heart, 1)
    assert (Code.LEADS_OFF in heart.rest(seconds).raised) == true


@pytest.mark.parametrize(("seconds", "true"), [(18.5, False), (20.0, True)])
def test_no_lead_can_be_analysed(seconds: float, true: bool) -> None:
    heart = Heart().rest(3.0)
    heart.s["quality"][:2] = FLAT
    assert (Code.CANNOT_ANALYZE_ECG in heart.rest(seconds).raised) == true
    heart.s["quality"][1] = NOISY
    assert (Code.CANNOT_ANALYZE_ECG in heart.rest(1.0).ended) == true
