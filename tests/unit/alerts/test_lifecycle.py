"""The life of an alert, and who is told when nobody answers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.console.app import _card
from alerts.escalation import steps_due
from alerts.lifecycle import (
    Alert,
    AlertState,
    Refused,
    acknowledge,
    artefact,
    clear,
    escalate,
    from_trigger,
    join,
    on_notice,
    on_trigger,
    silence,
    wake,
)
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.interpretation import Interpretation, State
from ingest.bed import Level, Notice
from ingest.frame import BedId, Nanoseconds, SessionId
from stream.catalogue import CATALOGUE, Code, Kind, Priority
from stream.trigger import Phase, Trigger

S = 10**9


def trigger(code: Code = Code.ASYSTOLE, phase: Phase = Phase.ONSET, suppressed_by: str = "") -> Trigger:
    red = CATALOGUE[code].priority is Priority.HIGH
    return Trigger(
        "id", BedId("b"), SessionId(1), code, phase, CATALOGUE[code].priority, Kind.PHYSIOLOGICAL, red, 5, 1, Nanoseconds(7), 500.0,
        4.0, 4.0, "s", "text", "default", 0, (), suppressed_by,
    )  # fmt: skip


def ns(seconds: float) -> Nanoseconds:
    return Nanoseconds(int(seconds * S))


def raised(code: Code = Code.ASYSTOLE) -> Alert:
    return from_trigger(trigger(code), ns(0))[0]


def test_a_red_that_ended_unanswered_stays_until_somebody_answers() -> None:
    ended, _ = on_trigger(raised(), trigger(phase=Phase.OFFSET), ns(5))
    assert ended.state is AlertState.LATCHED
    answered, event = acknowledge(ended, "mary", ns(9))
    assert answered.state is AlertState.RESOLVED
    assert event.actor == "mary"


def test_a_yellow_ends_with_its_condition() -> None:
    ended, _ = on_trigger(raised(Code.HR_LOW), trigger(Code.HR_LOW, Phase.OFFSET), ns(5))
    assert ended.state is AlertState.RESOLVED


def test_the_first_answer_stands() -> None:
    first, _ = acknowledge(raised(), "mary", ns(1))
    second, event = acknowledge(first, "john", ns(2))
    assert (second.acknowledged_by, event) == ("mary", None)


def test_an_artefact_is_an_answer_and_what_lasts_stays_shown_until_it_ends() -> None:
    judged, event = artefact(raised(), "mary", ns(3))
    assert (judged.state, judged.acknowledged_by, judged.artefact_by) == (AlertState.ACKNOWLEDGED, "mary", "mary")
    assert (event.what, event.actor, event.version) == ("artefact", "mary", judged.version)
    assert steps_due([judged], ns(500)) == []
    assert on_trigger(judged, trigger(phase=Phase.OFFSET), ns(5))[0].state is AlertState.RESOLVED
    latched, _ = on_trigger(raised(), trigger(phase=Phase.OFFSET), ns(5))
    assert artefact(latched, "mary", ns(6))[0].state is AlertState.RESOLVED


def test_who_answered_first_stands_and_the_first_judgement_too() -> None:
    answered, _ = acknowledge(raised(), "john", ns(1))
    judged, event = artefact(answered, "mary", ns(2))
    assert (judged.acknowledged_by, judged.acknowledged_ns, judged.artefact_by) == ("john", ns(1), "mary")
    assert event.key != acknowledge(raised(), "john", ns(1))[1].key
    assert artefact(judged, "ann", ns(3)) == (judged, None)


def test_what_is_technical_is_no_artefact() -> None:
    alert, _ = on_notice(None, Notice("NO_DATA", "stream", ns(0), "silent", BedId("b"), Level.MEDIUM), ns(0))
    with pytest.raises(Refused, match="technical"):
        artefact(alert, "mary", ns(1))


@pytest.mark.parametrize("code", [Code.ASYSTOLE, Code.VFIB])
def test_asystole_and_vf_are_never_silenced(code: Code) -> None:
    with pytest.raises(Refused):
        silence(raised(code), "mary", "care", 60, ns(1))


@pytest.mark.parametrize(("reason", "seconds"), [("", 30), ("care", 0), ("care", 121)])
def test_a_silence_needs_a_reason_and_an_end(reason: str, seconds: float) -> None:
    with pytest.raises(Refused):
        silence(raised(Code.HR_LOW), "mary", reason, seconds, ns(1))


def test_a_silence_ends_by_itself() -> None:
    quiet, _ = silence(raised(Code.HR_LOW), "mary", "care", 60, ns(1))
    assert wake(quiet, ns(60))[0].state is AlertState.SILENCED
    assert wake(quiet, ns(61))[0].state is AlertState.ACTIVE


def test_an_interpretation_changes_nothing_but_itself() -> None:
    answer = Interpretation("i", "id", BedId("b"), ns(0), "m", State.DONE, "", (), (), "all is well", ns(1))
    before = raised()
    after, _ = join(before, answer, ns(2))
    assert replace(after, interpretation=None, version=before.version) == before
    assert join(after, answer, ns(3))[1] is None


def test_a_suppressed_trigger_is_recorded_and_released_later() -> None:
    held, event = from_trigger(trigger(Code.HR_HIGH, suppressed_by="inhibited by VTACH"), ns(0))
    assert (held.suppressed_by, event.what) == ("inhibited by VTACH", "suppressed")
    freed, event = on_trigger(held, trigger(Code.HR_HIGH, Phase.UPDATE), ns(1))
    assert (freed.suppressed_by, event.what) == ("", "released")


def test_an_alert_gives_way_to_a_higher_one_and_what_is_read_again_changes_nothing() -> None:
    told = raised(Code.HR_HIGH)
    away = replace(trigger(Code.HR_HIGH, Phase.UPDATE, "inhibited by VTACH"), sample=40)
    back = replace(trigger(Code.HR_HIGH, Phase.UPDATE), sample=60)
    held, event = on_trigger(told, away, ns(1))
    assert (held.suppressed_by, held.open, event.what, event.reason) == (
        "inhibited by VTACH", True, "suppressed", "inhibited by VTACH",
    )  # fmt: skip
    assert on_trigger(held, away, ns(2))[1] is None
    assert steps_due([held], ns(900)) == []
    shown, event = on_trigger(held, back, ns(3))
    assert (shown.suppressed_by, event.what) == ("", "released")
    assert on_trigger(shown, away, ns(4)) == (shown, None)


@given(st.lists(st.sampled_from([Phase.ONSET, Phase.UPDATE, Phase.OFFSET]), max_size=6))
def test_messages_told_twice_change_nothing_more(phases: list[Phase]) -> None:
    def live(order: list[Phase]) -> Alert | None:
        alert = None
        for phase in order:
            alert, _ = on_trigger(alert, trigger(phase=phase), ns(1))
        return alert

    assert live(phases) == live([p for p in phases for _ in range(2)])


def test_only_listed_notices_raise_alerts_and_the_clearing_one_ends_them() -> None:
    told = Notice("NO_DATA", "stream", ns(0), "silent", BedId("b"), Level.MEDIUM)
    alert, event = on_notice(None, told, ns(0))
    assert (alert.kind, event.what) == (Kind.TECHNICAL, "raised")
    assert on_notice(alert, replace(told, cleared=True), ns(5))[0].state is AlertState.RESOLVED
    assert on_notice(None, replace(told, code="RELEARNING"), ns(0)) is None


def test_a_text_that_the_measurements_deny_says_so_on_its_card_and_in_the_journal() -> None:
    wrong = Claim(
        ClaimKind.NUMBER, "PR 90 ms", 0, 8, "PR interval", (), 90.0, "ms", Verdict.DISAGREE, 164.0, (), None, 20.0,
        "164 ms was measured",
    )  # fmt: skip
    agreed = replace(wrong, text="rate 72", verdict=Verdict.AGREE)
    answer = Interpretation(
        "i", "id", BedId("b"), ns(0), "gem", State.DONE, "", (), (), "report", ns(1), claims=(agreed, wrong)
    )
    joined, event = join(raised(), answer, ns(2))
    assert answer.contradicted == ("PR 90 ms: 164 ms was measured",)
    assert event.reason == "INTERPRETATION_CONTRADICTED: PR 90 ms: 164 ms was measured"
    assert _card(joined)["contradicted"] == ["PR 90 ms: 164 ms was measured"]
    plain = replace(answer, claims=(agreed,))
    assert _card(join(raised(), plain, ns(2))[0])["contradicted"] == []
    assert join(raised(), plain, ns(2))[1].reason == ""


def test_an_unanswered_red_climbs_and_an_answered_one_does_not() -> None:
    alert = raised()
    assert steps_due([alert], ns(59)) == []
    (due,) = steps_due([alert], ns(60))
    assert due.receiver == "charge nurse"
    higher, _ = escalate(alert, due.receiver, ns(60))
    assert [d.receiver for d in steps_due([higher], ns(120))] == ["whole unit"]
    assert steps_due([acknowledge(alert, "mary", ns(3))[0]], ns(500)) == []


def test_a_red_that_was_kept_back_climbs_from_when_it_is_shown() -> None:
    held, _ = from_trigger(trigger(Code.EXTREME_TACHY, suppressed_by="inhibited by VTACH"), ns(0))
    shown, _ = on_trigger(held, replace(trigger(Code.EXTREME_TACHY, Phase.UPDATE), sample=9000), ns(300))
    announced = replace(shown, announced_ns=ns(301))
    assert steps_due([announced], ns(360)) == []
    (due,) = steps_due([announced], ns(361))
    higher, _ = escalate(due.alert, due.receiver, ns(361))
    assert steps_due([higher], ns(420)) == []
    assert [d.receiver for d in steps_due([higher], ns(421))] == ["whole unit"]


def test_a_yellow_that_gave_way_after_it_was_told_climbs_from_when_it_is_shown_again() -> None:
    told = replace(raised(Code.HR_HIGH), announced_ns=ns(0))
    away = replace(trigger(Code.HR_HIGH, Phase.UPDATE, "inhibited by VTACH"), sample=40)
    held, _ = on_trigger(told, away, ns(20))
    shown, _ = on_trigger(held, replace(away, suppressed_by="", sample=60), ns(300))
    assert steps_due([shown], ns(479)) == []
    assert [d.receiver for d in steps_due([shown], ns(480))] == ["charge nurse"]


def test_the_same_thing_done_twice_is_two_steps_of_the_journal() -> None:
    first, one = silence(raised(Code.HR_LOW), "mary", "care", 60, ns(1))
    second, two = silence(wake(first, ns(61))[0], "mary", "care", 60, ns(62))
    assert second.state is AlertState.SILENCED
    assert one.key != two.key


def test_what_has_merely_happened_is_over_when_it_is_answered_and_the_next_is_an_alert_of_its_own() -> None:
    told = Notice("OUTBOX_DROPPED", "feed", ns(0), "9 frames were dropped", None, Level.MEDIUM)
    alert, _ = on_notice(None, told, ns(0))
    assert alert.state is AlertState.ACTIVE
    again, event = on_notice(alert, replace(told, at_ns=ns(5), text="7 frames were dropped"), ns(5))
    assert (again.id, again.text, event.what) == (alert.id, "7 frames were dropped", "told again")
    assert on_notice(again, replace(told, at_ns=ns(5)), ns(6))[1] is None
    answered, _ = acknowledge(again, "mary", ns(9))
    assert not answered.open
    fresh, event = on_notice(None, replace(told, at_ns=ns(20)), ns(20))
    assert (fresh.id != alert.id, event.what) == (True, "raised")


def test_a_condition_that_is_told_again_is_one_alert_and_an_older_clearing_does_not_end_it() -> None:
    told = Notice("DISK_RESERVE", "store", ns(10), "1.0 GiB are left", None, Level.HIGH)
    alert, _ = on_notice(None, told, ns(10))
    assert on_notice(alert, replace(told, at_ns=ns(70), text="0.9 GiB are left"), ns(70))[1] is None
    assert on_notice(alert, replace(told, at_ns=ns(9), cleared=True), ns(71)) is None
    assert on_notice(alert, replace(told, at_ns=ns(80), cleared=True), ns(80))[0].state is AlertState.RESOLVED


def test_an_alert_closed_by_a_discharge_is_not_opened_again_by_the_end_of_its_condition() -> None:
    closed, _ = clear(raised(), "the bed is discharged", ns(5))
    ended, event = on_trigger(closed, trigger(phase=Phase.OFFSET), ns(6))
    assert (ended.state, event.what) == (AlertState.RESOLVED, "ended")
