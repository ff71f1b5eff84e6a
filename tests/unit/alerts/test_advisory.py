"""Advisories as alerts: in shadow a record that nobody is shown, on an information of its own that touches no other."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from alerts.advisory import AGAIN_NS, SHADOW, Advice
from alerts.board import Board
from alerts.escalation import steps_due
from alerts.lifecycle import Alert, AlertState
from alerts.recorder import Held
from engine.interpretation import Advised, Advisory, Interpretation, State
from ingest.bed import BedContext, BedState, Level
from ingest.frame import BedId, Nanoseconds, SessionId
from ingest.topics import BEDS, INTERPRETATIONS, TRIGGERS
from stream.catalogue import CATALOGUE, Code, Kind, Priority
from stream.policy import Mode
from stream.trigger import Phase, Trigger

BED = BedId("b")
WPW = Advisory(Advised.WPW, "model", "WPW", True, "Possible WPW pattern. Confirm.", (), Mode.ON, "default/1")


def answer(*advisories: Advisory, at: int = 100, **more: Any) -> Interpretation:
    made = Interpretation(
        f"i{at}", "t", BED, Nanoseconds(at), "gem", State.DONE, "", (), (), "report", Nanoseconds(at + 1), advisories=advisories
    )  # fmt: skip
    return replace(made, **more)


def red(name: str = "t") -> Trigger:
    return Trigger(
        name, BED, SessionId(1), Code.ASYSTOLE, Phase.ONSET, CATALOGUE[Code.ASYSTOLE].priority, Kind.PHYSIOLOGICAL, True,
        5, 1, Nanoseconds(100), 500.0, 4.0, 4.0, "s", "text", "default", 0,
    )  # fmt: skip


class Desk:
    """A board, and what it told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.board = Board(self._hear, self._say)

    def _hear(self, event: dict[str, Any]) -> None:
        if event["event"] == "alert":
            self.told.append((event["code"], event["phase"]))

    def _say(self, code: str, text: str, level: Level) -> None:
        raise AssertionError(f"nothing is wrong: {code} {text} {level}")

    def take(self, *what: Trigger | Interpretation | BedState) -> None:
        for one in what:
            if isinstance(one, BedState):
                self.board.take(BEDS.name, msgspec.json.encode(BedContext(BED, state=one)))
            else:
                topic = TRIGGERS if isinstance(one, Trigger) else INTERPRETATIONS
                self.board.take(topic.name, msgspec.json.encode(one))

    def records(self) -> list[Alert]:
        return [a for a in self.board.changed().alerts.values() if a.code == "WPW"]


def test_what_is_in_shadow_is_recorded_with_its_evidence_and_neither_shown_nor_told() -> None:
    desk = Desk()
    desk.take(answer(replace(WPW, mode=Mode.SHADOW)))
    assert (desk.board.open_alerts(), desk.told) == ([], [])
    (event,) = (changed := desk.board.changed()).events
    assert (event.what, event.reason, event.actor) == ("suppressed", SHADOW, "gem")
    (record,) = changed.alerts.values()
    assert (record.state, record.suppressed_by, record.announced_ns) == (AlertState.RESOLVED, SHADOW, None)
    assert record.interpretation.advisories[0].text == WPW.text
    assert [a.id for a in desk.board.advice.shadowed] == [record.id]


def test_what_is_on_is_information_of_its_own_that_nobody_is_called_for() -> None:
    desk = Desk()
    desk.take(red(), answer(WPW))
    asystole, shown = desk.board.open_alerts()
    assert (asystole.code, asystole.state, asystole.priority) == ("ASYSTOLE", AlertState.ACTIVE, Priority.HIGH)
    assert (shown.code, shown.priority, shown.latching) == ("WPW", Priority.INFORMATION, False)
    assert shown.text == "AI advisory: Possible WPW pattern. Confirm."
    assert desk.told == [("ASYSTOLE", "onset"), ("WPW", "onset")]
    assert [due.alert.code for due in steps_due([shown], Nanoseconds(10**18))] == []


@pytest.mark.parametrize(
    "silent", [replace(WPW, borne=False), replace(WPW, mode=Mode.OFF), replace(WPW, mode=Mode.SHADOW)]
)
def test_only_what_is_borne_out_and_on_is_ever_shown(silent: Advisory) -> None:
    desk = Desk()
    desk.take(answer(silent))
    assert (desk.board.open_alerts(), desk.told) == ([], [])
    assert len(desk.records()) == silent.borne


def test_an_interpretation_that_kafka_tells_again_changes_nothing() -> None:
    desk = Desk()
    for mode in (Mode.ON, Mode.SHADOW):
        told = answer(replace(WPW, mode=mode), at=100 if mode is Mode.ON else 200)
        desk.take(told)
        desk.board.changed()
        desk.take(told)
        assert desk.records() == []
    assert len(desk.board.advice.shadowed) == 1


def test_the_same_pattern_named_again_is_the_same_alert() -> None:
    desk = Desk()
    later = replace(WPW, text="Possible WPW pattern: PR 98 ms. Confirm.")
    desk.take(answer(WPW), answer(later, at=200), answer(WPW, at=150))
    (shown,) = desk.board.open_alerts()
    assert shown.text == "AI advisory: Possible WPW pattern: PR 98 ms. Confirm."
    assert desk.told == [("WPW", "onset")]


def test_what_was_answered_is_not_told_again_within_an_hour_but_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.take(answer(WPW))
    (shown,) = desk.board.open_alerts()
    assert not desk.board.acknowledge(shown.id, "mary").open
    desk.take(answer(WPW, at=200))
    assert desk.board.open_alerts() == []
    assert desk.records()[-1].suppressed_by == "answered by mary within the hour before"
    monkeypatch.setattr("alerts.advisory.AGAIN_NS", 0)
    desk.take(answer(WPW, at=300))
    assert [a.code for a in desk.board.open_alerts()] == ["WPW"]
    assert AGAIN_NS == 3600 * 10**9


def test_the_next_patient_is_told_whatever_was_answered_of_the_one_before() -> None:
    desk = Desk()
    desk.take(answer(WPW))
    desk.board.acknowledge(desk.board.open_alerts()[0].id, "mary")
    desk.take(BedState.DISCHARGED, BedState.MONITORED, answer(WPW, at=200))
    assert [a.code for a in desk.board.open_alerts()] == ["WPW"]


def test_what_comes_late_of_an_artefact_or_on_standby_is_recorded_with_that_reason_and_not_shown() -> None:
    desk = Desk()
    desk.take(red())
    desk.board.artefact("t", "mary")
    desk.take(
        answer(WPW), answer(WPW, at=200, trigger="u", late=True), BedState.STANDBY, answer(WPW, at=300, trigger="u")
    )
    reasons = [a.suppressed_by for a in desk.records()]
    assert reasons == [
        "mary judged the alert to be an artefact",
        "late, reviewed after recovery",
        "the bed is on standby",
    ]
    desk.take(BedState.MONITORED)
    assert not any(a.code == "WPW" for a in desk.board.open_alerts())
    assert ("WPW", "onset") not in desk.told


def test_an_answer_to_a_question_raises_nothing_and_what_was_asked_of_a_bed_does() -> None:
    desk = Desk()
    desk.take(answer(WPW, question="Is this WPW?"))
    assert desk.board.open_alerts() == []
    desk.take(answer(WPW, trigger="asked/b/1"))
    assert [a.code for a in desk.board.open_alerts()] == ["WPW"]


def test_a_process_that_begins_knows_what_was_told_and_what_is_in_shadow() -> None:
    before = Desk()
    before.take(answer(WPW), answer(replace(WPW, code=Advised.HYPERK_PATTERN, mode=Mode.SHADOW), at=200))
    alerts = tuple(before.board.changed().alerts.values())
    after = Desk()
    after.board.resume(Held(alerts, (), ()), lambda: None)
    assert [a.code for a in after.board.advice.shadowed] == ["HYPERK_PATTERN"]
    after.take(answer(WPW, at=300))
    assert [a.id for a in after.board.open_alerts()] == [alerts[0].id]
    assert after.told == []


def test_no_more_is_kept_in_shadow_than_is_listed() -> None:
    advice = Advice()
    for at in range(60):
        told = answer(replace(WPW, mode=Mode.SHADOW), at=at + 1)
        advice.step(told, told.advisories[0], lambda _: None, "")
    assert len(advice.shadowed) == 50
