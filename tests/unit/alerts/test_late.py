"""Alarms whose event is long past: told as what they are, never as live, and never lost."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from alerts.announcement import LIVE_S, begun
from alerts.board import Board
from alerts.console.app import _card
from alerts.delivery import Channel, Message, smtp
from alerts.lifecycle import AlertState, from_trigger
from infra.lines import line
from infra.supervisor import Event
from ingest.bed import Level, Notice, to_json
from ingest.frame import BedId, Nanoseconds, SessionId
from ingest.topics import NOTICES, TRIGGERS
from stream.catalogue import CATALOGUE, Code, Kind
from stream.trigger import Phase, Trigger
from tests.unit.alerts.test_delivery import MailServer

BED = BedId("icu-1")
TEXT = "Asystole: no QRS for 4.0 s (limit 4.0 s)"


def ago(seconds: float) -> Nanoseconds:
    return Nanoseconds(time.time_ns() - round(seconds * 1e9))


def trigger(at_ns: Nanoseconds, phase: Phase = Phase.ONSET, sample: int = 100, why: str = "") -> Trigger:
    row = CATALOGUE[Code.ASYSTOLE]
    return Trigger(
        "a", BED, SessionId(1), row.code, phase, row.priority, Kind.PHYSIOLOGICAL, True, sample, 1, at_ns, 500.0,
        4.0, 4.0, "s", TEXT, "default", 0, (), why, row.tone,
    )  # fmt: skip


class Desk:
    """A board, what it told the terminal, and what a channel took."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.took = threading.Semaphore(0)
        self.board = Board(self.told.append, lambda *_: None)
        self.board.open_channels(lambda told: [Channel("webhook", self._take, told)])

    def _take(self, message: Message) -> str:
        self.sent.append(message.body)
        self.took.release()
        return "taken"

    def take(self, *what: Trigger | Notice) -> dict[str, Any]:
        for one in what:
            if isinstance(one, Notice):
                self.board.take(NOTICES.name, to_json(one))
            else:
                self.board.take(TRIGGERS.name, msgspec.json.encode(one))
        return self.told[-1] if self.told else {}


def test_an_alarm_whose_event_is_long_past_is_told_with_when_it_happened_and_does_not_sound() -> None:
    desk = Desk()
    told = desk.take(trigger(ago(82)))
    assert desk.took.acquire(timeout=5)
    desk.board.close()
    assert told == desk.sent[0]
    at = time.strftime("%H:%M:%S", time.localtime((told["announced_ns"] - told["late_s"] * 1e9) / 1e9))
    assert told["text"] == f"late: happened at {at}, 82 s ago: {TEXT}"
    assert (told["priority"], told["tone"], told["late_s"]) == ("high", "none", pytest.approx(82, abs=0.5))
    shown = line(Event("alerts", "alert", told), colour=False)
    assert f"*** late: happened at {at}, 82 s ago: Asystole" in shown


def test_a_late_red_stands_on_its_card_until_somebody_answers() -> None:
    desk = Desk()
    ended = desk.take(trigger(ago(82)), trigger(ago(70), Phase.OFFSET, 900))
    desk.board.close()
    (alert,) = desk.board.open_alerts()
    assert (alert.state, alert.priority.value, alert.text) == (AlertState.LATCHED, "high", TEXT)
    assert _card(alert)["late"].startswith("late: happened at ")
    assert ended["text"].startswith("late: ended at ")
    assert "70 s ago: Asystole" in line(Event("alerts", "alert", ended), colour=False)
    assert desk.board.acknowledge("a", "mary").open is False


@pytest.mark.parametrize(("age_s", "late"), [(LIVE_S - 1, False), (LIVE_S + 1, True)])
def test_what_happened_within_the_bound_is_told_as_live(age_s: float, late: bool) -> None:
    desk = Desk()
    told = desk.take(trigger(ago(age_s)))
    desk.board.close()
    assert (told["late_s"] is not None, told["tone"]) == (late, "none" if late else "long")
    assert told["text"].startswith("late: ") is late
    assert bool(_card(desk.board.open_alerts()[0])["late"]) is late


@pytest.mark.parametrize(
    ("behind_s", "age_s", "late"), [(100.0, 101.0, False), (100.0, 182.0, True), (-100.0, -18.0, True)]
)
def test_a_clock_that_is_known_to_be_off_makes_no_alarm_late_and_none_live(
    behind_s: float, age_s: float, late: bool
) -> None:
    desk = Desk()
    skew = Notice("CLOCK_SKEW", "stream", ago(20), "off", BED, Level.LOW, value=behind_s)
    told = desk.take(skew, trigger(ago(age_s)))
    assert told["late_s"] == (pytest.approx(82, abs=0.5) if late else None)
    desk.take(replace(skew, cleared=True, at_ns=ago(0)))
    agreed = desk.take(replace(trigger(ago(age_s)), id="b"))
    desk.board.close()
    assert (agreed["late_s"] is None) == (age_s < LIVE_S)


def test_an_alarm_that_was_kept_back_is_late_by_when_it_was_let_go() -> None:
    desk = Desk()
    desk.take(trigger(ago(300), why="inhibited by VFIB"))
    told = desk.take(trigger(ago(1), Phase.UPDATE, 9000))
    desk.board.close()
    assert (told["phase"], told["late_s"], told["tone"]) == ("onset", None, "long")


def test_a_late_red_that_nobody_answers_is_passed_on_and_sounds_then(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.take(trigger(ago(82)))
    later = time.time_ns() + 61 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    desk.board.clock()
    desk.board.close()
    passed = desk.told[-1]
    assert (passed["event"], passed["to"], passed["tone"]) == ("escalation", "charge nurse", "long")
    assert passed["text"].startswith("late: happened at ")


def test_a_mail_of_a_late_alarm_says_so_in_its_subject() -> None:
    alert = replace(from_trigger(trigger(ago(82)), ago(0))[0], announced_ns=ago(0), late_s=82.0)
    server = MailServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    send = smtp(f"127.0.0.1:{server.server_address[1]}", "vigil@ward.example", ("one@ward.example",), "", "")
    assert send(Message("a/onset", begun(alert))) == "accepted"
    mail = server.mails.get(timeout=5)[1].replace("\r\n ", " ").replace("\n ", " ")
    server.shutdown()
    server.server_close()
    assert "Subject: [high] icu-1: late: happened at " in mail
    assert "82 s ago: Asystole" in mail


def test_a_technical_alert_of_a_notice_that_is_long_past_is_told_as_late_and_so_is_its_end() -> None:
    desk = Desk()
    silent = Notice("NO_DATA", "stream", ago(600), "bed icu-1 sends no signal", BED, Level.MEDIUM)
    told = desk.take(silent)
    assert (told["late_s"], told["tone"]) == (pytest.approx(600, abs=0.5), "none")
    assert told["text"].startswith("late: happened at ")
    ended = desk.take(replace(silent, at_ns=ago(500), cleared=True))
    desk.board.close()
    assert ended["text"].startswith("late: ended at ")
    assert desk.board.open_alerts() == []


@pytest.mark.parametrize("behind_s", [100.0, -100.0])
def test_a_technical_alert_of_this_moment_is_live_whatever_the_clock_of_the_source(behind_s: float) -> None:
    desk = Desk()
    skew = Notice("CLOCK_SKEW", "stream", ago(20), "off", BED, Level.LOW, value=behind_s)
    told = desk.take(skew, Notice("NO_DATA", "stream", ago(1), "silent", BED, Level.MEDIUM))
    assert (told["late_s"], told["tone"]) == (None, "long")
    # a second source stamps with its own clock, which nobody has compared
    told = desk.take(Notice("SECOND_SOURCE", "stream", ago(4000), "refused", BED, Level.MEDIUM))
    desk.board.close()
    assert (told["late_s"], told["tone"]) == (None, "long")
