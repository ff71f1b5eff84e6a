"""The open alerts of a Vigil, from messages as Kafka brings them: standby, and what gives way to something higher."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from alerts.board import Board
from alerts.delivery import Attempt, Channel, Message
from alerts.lifecycle import AlertState
from engine.interpretation import Interpretation, State
from engine.request import Ask
from ingest.bed import BedContext, BedState, Level
from ingest.frame import BedId, Nanoseconds, SessionId
from ingest.topics import BEDS, INTERPRETATIONS, NOTICES, TRIGGERS
from stream.catalogue import CATALOGUE, Code, Kind
from stream.trigger import Phase, Trigger, trigger_id

BED, SESSION = BedId("b"), SessionId(1)
ASLEEP = "bed is on standby"


def trigger(code: Code, phase: Phase, sample: int, begun: int = 100, why: str = "") -> Trigger:
    row = CATALOGUE[code]
    return Trigger(
        trigger_id(BED, SESSION, begun, code), BED, SESSION, code, phase, row.priority, Kind.PHYSIOLOGICAL, row.latching,
        sample, 1, Nanoseconds(sample * 2_000_000), 500.0, 4.0, 4.0, "s", "text", "default", 0, (), why,
    )  # fmt: skip


class Desk:
    """A board, and what it told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.board = Board(self._hear, self._say)

    def _hear(self, event: dict[str, Any]) -> None:
        self.told.append((event["code"], event["phase"]))

    def _say(self, code: str, text: str, level: Level) -> None:
        raise AssertionError(f"nothing is wrong: {code} {text} {level}")

    def take(self, *what: Trigger | BedState) -> None:
        for one in what:
            if isinstance(one, Trigger):
                self.board.take(TRIGGERS.name, msgspec.json.encode(one))
            else:
                self.board.take(BEDS.name, msgspec.json.encode(BedContext(BED, state=one)))

    @property
    def shown(self) -> list[str]:
        return [a.code for a in self.board.open_alerts()]


RED = trigger(Code.ASYSTOLE, Phase.ONSET, 100)
OVER = trigger(Code.ASYSTOLE, Phase.OFFSET, 900)
HELD = trigger(Code.ASYSTOLE, Phase.ONSET, 900, 900, ASLEEP)
FREED = trigger(Code.ASYSTOLE, Phase.UPDATE, 2000, 900)


@pytest.mark.parametrize(
    "order",
    [(RED, BedState.STANDBY, OVER, HELD), (RED, OVER, HELD, BedState.STANDBY), (BedState.STANDBY, RED, OVER, HELD)],
)
def test_standby_ends_what_was_announced_in_whatever_order_it_is_heard(order: tuple[Trigger | BedState, ...]) -> None:
    desk = Desk()
    desk.take(*order)
    assert desk.shown == []
    assert desk.told == [("ASYSTOLE", "onset"), ("ASYSTOLE", "offset")]
    changed = desk.board.changed()
    assert changed.alerts[RED.id].state is AlertState.RESOLVED
    assert "the bed is on standby" in [e.reason for e in changed.events if e.alert == RED.id]
    assert changed.alerts[HELD.id].suppressed_by == ASLEEP


def test_what_still_lasts_is_announced_anew_when_the_bed_is_monitored_again() -> None:
    desk = Desk()
    desk.take(RED, BedState.STANDBY, OVER, HELD, BedState.MONITORED)
    assert desk.shown == []
    desk.take(FREED)
    assert desk.shown == ["ASYSTOLE"]
    assert desk.told[2:] == [("ASYSTOLE", "onset")]
    (alert,) = desk.board.open_alerts()
    assert (alert.id, alert.announced_ns is not None) == (HELD.id, True)


def test_an_alert_that_gave_way_is_hidden_and_its_end_is_told_to_who_heard_of_it() -> None:
    desk, tachy = Desk(), trigger(Code.HR_HIGH, Phase.ONSET, 100)
    away = trigger(Code.HR_HIGH, Phase.UPDATE, 300, why="inhibited by VTACH")
    desk.take(tachy, trigger(Code.VTACH, Phase.ONSET, 300, 300), away)
    assert desk.shown == ["VTACH"]
    desk.take(away, replace(away, phase=Phase.OFFSET, sample=600))
    assert desk.told == [("HR_HIGH", "onset"), ("VTACH", "onset"), ("HR_HIGH", "offset")]
    assert [e.what for e in desk.board.changed().events if e.alert == tachy.id] == ["raised", "suppressed", "ended"]


def test_an_alert_that_comes_back_is_shown_and_not_told_twice() -> None:
    desk = Desk()
    desk.take(
        trigger(Code.HR_HIGH, Phase.ONSET, 100),
        trigger(Code.HR_HIGH, Phase.UPDATE, 300, why="inhibited by EXTREME_TACHY"),
        trigger(Code.HR_HIGH, Phase.UPDATE, 600),
    )
    assert desk.shown == ["HR_HIGH"]
    assert desk.told == [("HR_HIGH", "onset")]


class Ways:
    """A board with channels that take or refuse, and what it said of deliveries."""

    def __init__(self, **takes: bool) -> None:
        self.said: list[tuple[str, Level]] = []
        self.board = Board(lambda _: None, lambda code, _, level: self.said.append((code, level)))
        self.left = threading.Semaphore(0)

        def channels(told: Callable[[Attempt], None]) -> list[Channel]:
            def note(attempt: Attempt) -> None:
                told(attempt)
                self.left.release()

            return [Channel(name, self.way(good), note, ()) for name, good in takes.items()]

        self.board.open_channels(channels)

    @staticmethod
    def way(good: bool) -> Callable[[Message], str]:
        def send(_: Message) -> str:
            if not good:
                raise OSError("refused")
            return "taken"

        return send

    def deliver(self, what: Trigger, count: int) -> list[tuple[str, Level]]:
        self.board.take(TRIGGERS.name, msgspec.json.encode(what))
        for _ in range(count):
            assert self.left.acquire(timeout=5)
        self.board.changed()
        self.board.close()
        return sorted(self.said)


def test_an_alert_that_no_channel_takes_has_reached_nobody() -> None:
    assert Ways(webhook=False).deliver(RED, 1) == [("ALERT_NOT_DELIVERED", Level.MEDIUM)]
    both = Ways(webhook=False, smtp=False).deliver(RED, 2)
    assert both == [("ALERT_NOT_DELIVERED", Level.MEDIUM), ("DELIVERY_FAILED", Level.LOW)]


def test_an_alert_that_one_channel_takes_is_delivered_and_the_other_is_named() -> None:
    assert Ways(webhook=False, smtp=True).deliver(RED, 2) == [("DELIVERY_FAILED", Level.LOW)]
    assert Ways(webhook=True, smtp=True).deliver(RED, 2) == []


def test_one_answer_of_a_bed_is_awaited_at_a_time_and_joins_no_alert() -> None:
    desk = Desk()
    desk.take(RED)
    request = desk.board.questions.ask(BED, SESSION, "mary")
    assert (request.bed, request.ask, request.trigger) == (BED, Ask.INTERPRET, "")
    assert desk.board.questions.ask(BED, SESSION, "john") is None
    answer = Interpretation("i", request.id, BED, Nanoseconds(1), "m", State.DONE, "", (), (), "Sinus.", Nanoseconds(2))
    desk.board.take(INTERPRETATIONS.name, msgspec.json.encode(replace(answer, id="j", trigger="asked/b/1")))
    assert desk.board.questions.all()[BED].answer is None
    desk.board.take(INTERPRETATIONS.name, msgspec.json.encode(answer))
    found = desk.board.questions.all()[BED]
    assert (found.by, found.answer) == ("mary", answer)
    assert [a.interpretation for a in desk.board.open_alerts()] == [None]
    assert desk.board.questions.ask(BED, SESSION, "john").id != request.id


@pytest.mark.parametrize("value", [None, b"", b"{}", b"\xff"])
@pytest.mark.parametrize("topic", [TRIGGERS.name, INTERPRETATIONS.name, NOTICES.name])
def test_what_is_no_message_is_refused_with_the_error_that_becomes_a_dead_letter(
    topic: str, value: bytes | None
) -> None:
    with pytest.raises(msgspec.MsgspecError):
        Desk().board.take(topic, value)
