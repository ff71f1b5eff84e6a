"""What the console shows of a bed: one session, and nothing old as if it were of this moment."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from alerts.console import numbers
from alerts.console.live import RATE_S, SESSIONS, STALE_S, Live
from ingest.codec import encode_bundles, encode_frame
from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId, Signal
from ingest.kafka import KafkaAddress
from ingest.topics import FRAMES, TRENDS
from stream.measurement import Quality, Reason, Trend

BED = BedId("icu-1")
OWN, OTHER = SessionId(1 << 60), SessionId(2)
RATE = 125
BEGUN_NS = 1_800_000_000 * 10**9


class Screen:
    """The live view of one bed, with the clock in hand; a second of samples is a frame, at +1 mV of the bed's own session."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.live = Live(KafkaAddress(("nowhere:1",)))
        self.now_ns = BEGUN_NS
        self.seen: dict[str, tuple[int, int]] = {}
        self.strip: list[float | None] = []
        monkeypatch.setattr(time, "time_ns", lambda: self.now_ns)

    def frame(self, second: int, session: SessionId = OWN, taken_s: float = 0.0, sent_s: float = 0.0) -> None:
        """A second of samples that ended taken_s ago, by a frame that was sent sent_s ago."""
        level = 200 if session == OWN else -200
        whose = Session(session, BED, str(session), float(RATE), (Signal("II", "mV", 200.0),))
        start, sent = (Nanoseconds(self.now_ns - round(s * 1e9)) for s in (taken_s + 1.0, sent_s))
        samples = np.full((1, RATE), level, np.int16)
        ((bundle, _),) = encode_bundles([encode_frame(Frame(whose, second * RATE, start, sent, samples))])
        self.live._take(SimpleNamespace(topic=FRAMES.name, value=bundle))

    def trend(
        self, second: int, session: SessionId = OWN, over_s: float = 0.0, rate: float | None = 72.0, **more: Any
    ) -> None:
        """Numerics of a second that was over for so long; more: other fields of them."""
        at = Nanoseconds(self.now_ns - round((over_s + 1.0) * 1e9))
        row = Trend(BED, session, second * RATE, at, float(RATE), rate, 0.0, "sinus", (Quality.GOOD,))
        row = replace(row, **more)
        self.live._take(SimpleNamespace(topic=TRENDS.name, value=msgspec.json.encode([row])))

    def play(self, seconds: int, first: int = 0, **late: float) -> None:
        """Seconds of the bed's own session, with its numerics."""
        for k in range(first, first + seconds):
            self.now_ns += 10**9
            self.frame(k, **late)
            self.trend(k, over_s=late.get("taken_s", 0.0))

    def look(self) -> dict[str, Any]:
        """What the page is told, as it draws it."""
        told = self.live.snapshot(self.seen, self.now_ns)[BED]
        self.strip = ([] if told["begins"] else self.strip) + told["strip"]
        return told


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    return Screen(monkeypatch)


def test_a_session_that_the_bed_refuses_is_never_drawn(screen: Screen) -> None:
    for k in range(4):
        screen.now_ns += 10**9
        screen.frame(k)
        screen.frame(k, OTHER)
        screen.trend(k)
        screen.look()
    assert set(screen.strip) == {1.0}
    assert len(screen.strip) == 4 * RATE
    assert screen.live.live_session(BED, screen.now_ns) == OWN


def test_nothing_is_drawn_before_it_is_known_which_session_the_bed_listens_to(screen: Screen) -> None:
    screen.frame(0, OTHER)
    screen.frame(0)
    told = screen.look()
    assert (told["state"], told["strip"], told["rate"], told["rhythm"]) == ("unknown", [], None, "unknown")
    assert screen.live.live_session(BED, screen.now_ns) is None
    screen.trend(0)
    assert screen.look()["state"] == "live"
    assert set(screen.strip) == {1.0}


def test_a_strip_begins_anew_with_the_session_that_takes_the_bed_over(screen: Screen) -> None:
    screen.play(3)
    screen.look()
    screen.frame(0, OTHER)
    assert screen.look()["begins"] is False
    screen.trend(0, OTHER, rate=110.0)
    told = screen.look()
    assert (told["begins"], told["rate"], set(screen.strip)) == (True, 110.0, {-1.0})


def test_a_source_that_opens_session_after_session_does_not_push_out_that_of_the_bed(screen: Screen) -> None:
    screen.play(3)
    for k in range(3 * SESSIONS):
        screen.frame(0, SessionId(100 + k))
    assert screen.look()["state"] == "live"
    assert set(screen.strip) == {1.0}


@pytest.mark.parametrize("late", [{"taken_s": 60.0}, {"taken_s": 60.0, "sent_s": 60.0}])
def test_samples_that_are_old_are_late_however_lately_they_were_sent(screen: Screen, late: dict[str, float]) -> None:
    screen.play(3, **late)
    told = screen.look()
    assert (told["state"], told["lag_s"], told["rate"], told["rhythm"]) == ("late", 60.0, None, "unknown")
    assert told["old"] == {"rate": 72.0, "age_s": 60}
    assert screen.live.live_session(BED, screen.now_ns) is None


@pytest.mark.parametrize(("lag_s", "state"), [(STALE_S - 0.1, "live"), (STALE_S + 0.1, "late")])
def test_a_bed_is_late_above_the_limit(screen: Screen, lag_s: float, state: str) -> None:
    screen.play(3, taken_s=lag_s)
    assert screen.look()["state"] == state


@pytest.mark.parametrize("behind_s", [100.0, -100.0])
def test_a_source_whose_clock_is_known_to_be_off_is_no_late_bed(screen: Screen, behind_s: float) -> None:
    screen.play(12, taken_s=behind_s, sent_s=behind_s)
    told = screen.look()
    assert (told["state"], told["rate"], told["old"]) == ("live", 72.0, None)
    screen.now_ns += round((STALE_S + 1) * 1e9)
    assert screen.look()["state"] == "late"


def test_numerics_of_ten_minutes_ago_are_shown_as_late_with_their_age_and_never_as_the_rate(screen: Screen) -> None:
    screen.frame(0)
    screen.trend(0, over_s=600.0)
    told = screen.look()
    assert (told["state"], told["rate"], told["rhythm"]) == ("live", None, "unknown")
    assert told["old"] == {"rate": 72.0, "age_s": 600}


def test_numerics_grow_old_while_the_signal_goes_on(screen: Screen) -> None:
    screen.play(3)
    for k in range(round(RATE_S) + 1):
        assert screen.look()["rate"] == 72.0
        screen.now_ns += 10**9
        screen.frame(3 + k)
    told = screen.look()
    assert (told["state"], told["rate"], told["old"]) == ("live", None, {"rate": 72.0, "age_s": 6})


def test_what_is_played_faster_than_it_was_recorded_is_live_while_it_is_sent(screen: Screen) -> None:
    screen.play(3, taken_s=-500.0)
    assert screen.look()["rate"] == 72.0
    screen.now_ns += round((RATE_S + 1) * 1e9)
    told = screen.look()
    assert (told["state"], told["rate"]) == ("late", None)


def test_a_frame_that_comes_again_makes_nothing_live(screen: Screen) -> None:
    screen.play(3)
    screen.now_ns += 10 * 10**9
    screen.frame(1, taken_s=11.0)
    assert screen.look()["state"] == "late"


def test_why_a_rate_is_unknown_is_told_with_the_reason_of_each_lead(screen: Screen) -> None:
    screen.play(3)
    assert screen.look()["numbers"]["leads"] == []
    screen.trend(3, rate=None, quality=(Quality.NOISY,), reasons=(Reason.ROUGH,))
    told = screen.look()
    assert told["rate"] is None
    assert told["numbers"]["why"] == "no lead is good"
    assert told["numbers"]["leads"] == ["II noisy: muscle noise or mains"]
    screen.trend(4, rate=None)
    assert screen.look()["numbers"]["why"] == "the beats of the last ten seconds cannot be vouched for"
    screen.trend(5, rate=None, rhythm="learning")
    assert screen.look()["numbers"]["why"] == "the beats are being learnt"
    screen.trend(6)
    assert screen.look()["numbers"]["why"] == ""


def test_numbers_are_shown_where_they_were_measured_and_never_late(screen: Screen) -> None:
    screen.play(3)
    told = screen.look()["numbers"]
    assert (told["qtc_ms"], told["st_mm"], told["pvc_per_min"]) == (None, [], 0.0)
    screen.trend(3, qtc_ms=512.4, qrs_ms=141.0, st_mv=(-0.12,), pvc_per_min=3.0)
    told = screen.look()["numbers"]
    assert (told["qtc_ms"], told["qtc_overstates"], told["st_mm"]) == (512.4, True, [["II", -1.2]])
    assert told["pvc_per_min"] == 3.0
    screen.now_ns += round((RATE_S + 1) * 1e9)
    screen.frame(4)
    assert screen.look()["numbers"] is None


def test_a_lead_has_its_number_where_its_name_is_not_known() -> None:
    row = Trend(BED, OWN, 0, Nanoseconds(0), 125.0, None, None, "unknown", (Quality.GOOD, Quality.OFF))
    row = replace(row, reasons=(Reason.NONE, Reason.LEAD_OFF), st_mv=(0.05, None))
    told = numbers.numbers(row, ())
    assert told["leads"] == ["lead 2 off: electrode off"]
    assert told["st_mm"] == [["lead 1", 0.5]]
    assert numbers.numbers(replace(row, reasons=()), ("I", "II"))["leads"] == ["II off"]
