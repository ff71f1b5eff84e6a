"""One session feeds a bed: a second one is refused and told, and no monitor is locked out for good."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank
from stream.bed import Findings
from stream.checkpoint import decode_checkpoint
from stream.offline import frames
from stream.trigger import Phase

BED = BedId("bed")
T0 = 10**18


def feed(number: int, source: str, scenario: str = "sinus", seconds: float = 60.0, begin_s: float = 0.0) -> list[Frame]:
    """Frames of 250 ms of one session, sent from `begin_s` on at their own speed."""
    recording = simulate(SCENARIOS[scenario], seconds, seed=number, name=BED)

    def dated() -> Iterator[Frame]:
        for frame in frames(recording, 0.25, number):
            at = Nanoseconds(T0 + round((begin_s + frame.after / 500.0) * 1e9))
            yield replace(frame, session=replace(frame.session, source=source), start_ns=at, sent_ns=at)

    return list(dated())


def play(bank: Bank, sent: list[Frame]) -> Findings:
    found = Findings()
    for frame in sorted(sent, key=lambda f: f.sent_ns):
        some = bank.take([frame])
        found.triggers += some.triggers
        found.notices += some.notices
        found.rejected += some.rejected
    return found


def told(found: Findings) -> list[tuple[str, bool]]:
    return [(n.code, n.cleared) for n in found.notices]


def state(bank: Bank) -> tuple[int, int, int]:
    checkpoint, _ = bank.checkpoint(BED)
    both = checkpoint.past.plus(checkpoint.counts)
    return checkpoint.session.id, both.frames, both.rejected


def test_a_second_session_is_refused_once_told_and_counted_and_takes_no_alarm_away() -> None:
    for source in ("intruder", "monitor"):
        bank = Bank(0.0)
        mine = feed(1, "monitor", "asystole", 30.0)
        found = play(bank, mine + feed(2, source, seconds=20.0, begin_s=6.0))
        assert told(found) == [("SECOND_SOURCE", False), ("SECOND_SOURCE", True)]
        assert "ASYSTOLE" in {t.code.value for t in found.triggers if t.phase is Phase.ONSET}
        assert state(bank) == (1, 120, 80)
        assert found.rejected == []


def test_each_refused_session_is_told_apart() -> None:
    bank = Bank(0.0)
    found = play(bank, feed(1, "a") + feed(2, "b", seconds=10.0, begin_s=6.1) + feed(3, "c", seconds=10.0, begin_s=6.2))
    assert told(found) == [("SECOND_SOURCE", False)] * 2 + [("SECOND_SOURCE", True)]


def test_a_silent_session_gives_way_and_may_come_back_where_it_left_off() -> None:
    bank = Bank(0.0)
    first = feed(1, "a", seconds=60.0)
    away = [f for f in first if not 20 * 500 <= f.first < 45 * 500]
    second = feed(2, "b", seconds=10.0, begin_s=22.0)
    found = play(bank, away + second)
    # b sends from 22 s on, is let in when it tried for five seconds, and ends at 32 s; a is heard again from 45 s on
    assert state(bank)[0] == 1
    assert bank.beds[BED].ended
    assert told(found) == [("SECOND_SOURCE", False), ("SECOND_SOURCE", True)]
    assert state(bank)[1] == 80 + 60 + (40 - state(bank)[2])
    assert state(bank)[2] == 20


def test_clocks_that_differ_lock_nobody_out() -> None:
    bank = Bank(0.0)
    early = [replace(f, sent_ns=Nanoseconds(f.sent_ns + 3600 * 10**9)) for f in feed(1, "a", seconds=20.0)][:-1]
    bank.take(early)
    found = Findings()
    for frame in feed(2, "b", seconds=20.0, begin_s=21.0):
        found.notices += bank.take([frame]).notices
    assert state(bank)[0] == 2
    assert told(found) == [("SECOND_SOURCE", False), ("SECOND_SOURCE", True)]


@pytest.mark.parametrize("ahead_s", [4.0, 6.0, 3600.0])
def test_a_rival_whose_clock_is_ahead_takes_no_bed_away(ahead_s: float) -> None:
    bank, late = Bank(0.0), round(ahead_s * 1e9)
    mine = [("a", f) for f in feed(1, "a", seconds=20.0)]
    rival = [("b", f) for f in feed(2, "b", seconds=10.0, begin_s=6.1)]
    found = Findings()
    for who, frame in sorted(mine + rival, key=lambda pair: pair[1].sent_ns):
        sent_ns = Nanoseconds(frame.sent_ns + (late if who == "b" else 0))
        found.add(bank.take([replace(frame, sent_ns=sent_ns)]))
    assert told(found) == [("SECOND_SOURCE", False), ("SECOND_SOURCE", True)]
    assert state(bank) == (1, 80, 40)


def test_however_many_tried_before_the_one_that_goes_on_trying_is_let_in() -> None:
    bank = Bank(0.0)
    play(bank, feed(1, "a", seconds=10.0)[:-1])
    for k in range(40):
        play(bank, feed(100 + k, f"short-{k}", seconds=0.5, begin_s=12.0 + k))
    play(bank, feed(2, "b", seconds=8.0, begin_s=60.0))
    assert state(bank)[0] == 2


def test_what_has_ended_stays_ended() -> None:
    bank = Bank(0.0)
    first = feed(1, "a", seconds=10.0)
    play(bank, first + feed(2, "b", seconds=10.0, begin_s=11.0))
    late = replace(first[-2], first=6000)
    (rejected,) = bank.take([late]).rejected
    assert "has ended" in rejected[1]
    assert state(bank)[::2] == (2, 1)


def test_a_restarted_worker_refuses_the_same_session() -> None:
    bank = Bank(0.0)
    first = feed(1, "a", seconds=20.0)
    play(bank, first[:40])
    other = Bank(0.0)
    other.resume(*decode_checkpoint(bank.checkpoint(BED)[1]))
    found = play(other, first[20:60] + feed(2, "b", seconds=3.0, begin_s=11.0))
    # the second one says that it has ended while the first goes on
    assert told(found) == [("SECOND_SOURCE", False), ("SECOND_SOURCE", True)]
    assert state(other)[0] == 1


def test_the_same_source_with_another_gain_goes_on_at_once() -> None:
    bank = Bank(0.0)
    bank.take(feed(1, "m", seconds=2.0)[:-1])
    changed = [replace(f, session=finer(f.session)) for f in feed(2, "m", seconds=2.0, begin_s=2.0)]
    found = bank.take(changed)
    assert (told(found), found.rejected) == ([], [])
    assert state(bank)[0] == 2


def finer(session: Session) -> Session:
    return replace(session, id=SessionId(2), signals=tuple(replace(s, gain=400.0) for s in session.signals))
