"""Recordings played as beds: when their samples are said to have been taken."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ingest.codec import decode_bundle, encode_bundles
from ingest.feed import FeedOptions, Player
from ingest.frame import Frame
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate

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
