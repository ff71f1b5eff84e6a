"""Recordings played as beds: when their samples are said to have been taken."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from infra.unended import known_of
from ingest.codec import decode_bundle, encode_bundles
from ingest.feed import FeedOptions, Known, Player, last_frames, session_id
from ingest.frame import BedId, Frame, SessionId
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank

RECORDING = simulate(SCENARIOS["sinus"], 10.0, seed=1, rate_hz=250.0, name="fed")
BEGUN_NS = 10**18


def played(player: Player, signal_s: float) -> list[Frame]:
    return [f for p, _ in encode_bundles(player.due(signal_s * 250.0)) for f in decode_bundle(p)]


@pytest.mark.parametrize(("speed", "second_s"), [(0.5, 2.0), (1.0, 1.0), (4.0, 1.0)])
def test_a_recording_played_slowly_has_the_times_at_which_it_is_played(speed: float, second_s: float) -> None:
    player = Player(RECORDING, 0, FeedOptions("replay", frame_ms=200.0, speed=speed))
    player.begin(BEGUN_NS, live=False)
    frames = played(player, 5.0)
    assert frames[0].start_ns == BEGUN_NS
    assert {(b.start_ns - a.start_ns) / 1e9 for a, b in pairwise(frames)} == {0.2 * second_s}
    again = Player(RECORDING, 0, FeedOptions("replay", frame_ms=200.0, speed=speed))
    again.resume(frames[-1])
    again.begin(BEGUN_NS + 10**12, live=False)
    assert played(again, 5.2)[0].start_ns == frames[-1].start_ns + round(0.2 * second_s * 1e9)


OPTIONS = FeedOptions("monitor", run="fixed", frame_ms=200.0)


def open_player() -> Player:
    return Player(RECORDING, 0, OPTIONS)


def sent_by(player: Player, until_s: float) -> list[Frame]:
    player.begin(BEGUN_NS, live=False)
    return played(player, until_s)


def known_to(bank: Bank) -> Known:
    """What a worker's checkpoint says of the bed."""
    return known_of(bank.checkpoint(BedId("fed"))[0])


def test_a_run_that_the_topic_holds_open_goes_on_behind_its_last_frame() -> None:
    before = sent_by(open_player(), 4.0)
    again = open_player()
    assert again.seek(last_frames(before), None)
    after = sent_by(again, 5.0)
    assert (after[0].session, after[0].first) == (before[0].session, before[-1].after)


@pytest.mark.parametrize("in_tail", [True, False])
def test_a_run_that_was_ended_opens_another_session_and_is_analysed(in_tail: bool) -> None:
    player, bank = open_player(), Bank(0.0)
    before = sent_by(player, 4.0)
    player.end = player.next
    before += played(player, 4.0)
    bank.take(before)
    again = open_player()
    assert not again.seek(last_frames(before) if in_tail else {}, known_to(bank))
    found = bank.take(sent_by(again, 6.0))
    assert (found.rejected, found.notices) == ([], [])
    assert found.trends[0].first == 0
    assert bank.beds[BedId("fed")].session.id == again.session.id != before[0].session.id
    # killed and started once more it goes on with that one
    third = open_player()
    assert third.seek(last_frames([*before, *sent_again(again)]), known_to(bank))
    assert third.session == again.session


def sent_again(player: Player) -> list[Frame]:
    """What the topic holds of a player that was killed at six seconds."""
    copy = open_player()
    copy.session = player.session
    return sent_by(copy, 6.0)


def test_a_run_of_which_the_end_of_the_topic_holds_nothing_ends_what_it_left_and_opens_another_session() -> None:
    bank = Bank(0.0)
    before = sent_by(open_player(), 6.0)
    bank.take(before)
    again = open_player()
    assert not again.seek({}, known_to(bank))
    after = sent_by(again, 6.0)
    assert (after[0].session.id, after[0].ends) == (before[0].session.id, True)
    found = bank.take(after)
    assert (found.rejected, found.notices, found.ended) == ([], [], [BedId("fed")])
    counts = bank.checkpoint(BedId("fed"))[0].counts
    assert (counts.frames, counts.duplicates, counts.rejected) == (30, 0, 0)


def test_a_run_that_nobody_knows_begins_with_the_session_that_is_named_after_it() -> None:
    player = open_player()
    assert not player.seek({}, Known(SessionId(5), False, {SessionId(5): 1000}))
    signals = RECORDING.signals
    assert player.session.id == session_id(BedId("fed"), "monitor", "fixed", 250.0, signals)
    assert [f.first for f in sent_by(player, 0.4)] == [0, 50]


@pytest.mark.parametrize("in_tail", [True, False])
def test_what_was_played_to_its_end_is_not_played_again(in_tail: bool) -> None:
    player, bank = Player(RECORDING, 0, replace(OPTIONS, seconds=4.0)), Bank(0.0)
    before = sent_by(player, 9.0)
    assert before[-1].ends
    bank.take(before)
    again = Player(RECORDING, 0, replace(OPTIONS, seconds=4.0))
    again.seek(last_frames(before) if in_tail else {}, known_to(bank))
    assert sent_by(again, 9.0) == []
