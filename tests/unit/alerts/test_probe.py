"""What the alert process makes of the watchdog's word, and of its silence."""

from typing import Any

import msgspec
import pytest

from alerts.board import Board
from alerts.lifecycle import AlertState
from alerts.probe import AWAY_S, FIRST_S, Hearing
from ingest.bed import Level, Notice, to_json
from ingest.frame import BedId, Nanoseconds, SessionId
from ingest.topics import NOTICES, TRIGGERS
from ingest.watched import watched_beds
from stream.catalogue import CATALOGUE, Code, Kind, Priority
from stream.trigger import Phase, Trigger

UP: dict[str, Any] = {"state": "up", "since_ns": 0, "until_ns": 0, "text": ""}
DOWN: dict[str, Any] = {"state": "down", "since_ns": 50, "until_ns": 0, "text": "no bed is watched"}
OVER: dict[str, Any] = DOWN | {"state": "up", "until_ns": 90}


def codes(notices: list[Notice]) -> list[tuple[str, bool]]:
    return [(n.code, n.cleared) for n in notices]


def test_an_outage_is_told_once_and_its_end_once() -> None:
    hearing = Hearing(0.0)
    assert codes(hearing.hear(UP, 10, 1.0)) == [("PIPELINE_DOWN", True)], "what was open of a time before is over"
    assert hearing.hear(UP, 20, 2.0) == []
    (told,) = hearing.hear(DOWN, 60, 3.0)
    assert (told.code, told.cleared, told.at_ns, told.level) == ("PIPELINE_DOWN", False, 50, Level.HIGH)
    assert hearing.hear(DOWN, 70, 4.0) == []
    assert codes(hearing.hear(OVER, 100, 5.0)) == [("PIPELINE_DOWN", True)]
    assert hearing.hear(OVER, 110, 6.0) == []


def test_an_outage_that_passed_while_nobody_asked_is_told_afterwards() -> None:
    assert codes(Hearing(0.0).hear(OVER, 100, 5.0)) == [("PIPELINE_DOWN", False), ("PIPELINE_DOWN", True)]


def test_a_watchdog_that_is_gone_is_missed_but_one_that_said_goodbye_is_not() -> None:
    hearing = Hearing(0.0)
    hearing.hear(UP, 10, 1.0)
    assert hearing.miss(20, AWAY_S) == []
    (told,) = hearing.miss(20, AWAY_S + 1.5)
    assert (told.code, told.level) == ("WATCHDOG_AWAY", Level.MEDIUM)
    assert hearing.miss(30, AWAY_S + 9) == []
    assert codes(hearing.hear(UP, 40, 30.0)) == [("WATCHDOG_AWAY", True)]
    hearing.hear(UP | {"state": "ending"}, 50, 31.0)
    assert hearing.miss(60, 500.0) == []
    assert codes(Hearing(0.0).miss(1, FIRST_S + 1)) == [("WATCHDOG_AWAY", False)]


def trigger(bed: str, phase: Phase = Phase.ONSET) -> Trigger:
    row = CATALOGUE[Code.ASYSTOLE]
    return Trigger(
        f"id of {bed}", BedId(bed), SessionId(1), Code.ASYSTOLE, phase, row.priority, Kind.PHYSIOLOGICAL, True,
        5, 1, Nanoseconds(7), 125.0, 2.5, 2.5, "s", "text", "default", 0,
    )  # fmt: skip


def test_a_synthetic_alarm_goes_to_the_watchdog_and_is_nobodys_alert() -> None:
    answered: list[Trigger] = []
    told: list[dict[str, Any]] = []
    board = Board(told.append, lambda *_: None, answered.append)
    board.take(TRIGGERS.name, msgspec.json.encode(trigger(watched_beds()[3])))
    assert [t.bed for t in answered] == [watched_beds()[3]]
    assert (told, board.open_alerts(), bool(board.changed())) == ([], [], False)
    board.take(TRIGGERS.name, msgspec.json.encode(trigger("icu-1-01")))
    assert [a.bed for a in board.open_alerts()] == ["icu-1-01"]


def test_a_pipeline_that_was_down_is_red_and_stays_until_somebody_has_answered() -> None:
    board = Board(lambda _: None, lambda *_: None)
    down, over = Hearing(0.0).hear(OVER, 100, 5.0)
    board.take(NOTICES.name, to_json(down))
    (alert,) = board.open_alerts()
    assert (alert.code, alert.priority, alert.kind, alert.latching) == (
        "PIPELINE_DOWN",
        Priority.HIGH,
        Kind.TECHNICAL,
        True,
    )
    board.take(NOTICES.name, to_json(over))
    (alert,) = board.open_alerts()
    assert alert.state is AlertState.LATCHED
    board.acknowledge(alert.id, "mary")
    assert board.open_alerts() == []
    board.take(NOTICES.name, to_json(down))
    assert board.open_alerts() == [], "told again after the answer, it is the same outage"


@pytest.mark.parametrize("code", ["CONFIG_DRIFT", "STORAGE_RETENTION_NEAR_FULL", "CERT_EXPIRY", "TIME_SYNC_LOST"])
def test_what_concerns_the_machines_is_shown_and_nobody_is_called(code: str) -> None:
    board = Board(lambda _: None, lambda *_: None)
    board.take(NOTICES.name, to_json(Notice(code, "watchdog", Nanoseconds(5), "text", None, Level.LOW)))
    assert [(a.code, a.priority) for a in board.open_alerts()] == [(code, Priority.LOW)]
    changed = board.changed()
    assert changed.queued == []
    assert list(changed.alerts) == [f"{code}/watchdog/5"]
