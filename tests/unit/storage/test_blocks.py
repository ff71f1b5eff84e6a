"""Signal comes back from its packed block exactly, and blocks do not depend on how frames came."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.frame import Signal
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from storage.assemble import Assembler
from storage.blocks import BadBlock, Block, pack, unpack
from stream.offline import frames


@given(st.integers(1, 12), st.integers(1, 400), st.integers(0, 999), st.sampled_from([3, 300, 32767]))
@settings(max_examples=60, deadline=None)
def test_samples_come_back_exactly(rows: int, n: int, seed: int, reach: int) -> None:
    samples = np.random.default_rng(seed).integers(-reach - 1, reach + 1, (rows, n)).astype(np.int16)
    block = Block(360.0, tuple(Signal(f"s{k}", "mV", 200.0) for k in range(rows)), ((7, n),), samples)
    back = unpack(pack(block))
    assert np.array_equal(back.samples, samples)
    assert (back.signals, back.runs, back.rate_hz) == (block.signals, block.runs, 360.0)


def test_a_damaged_or_foreign_block_is_refused() -> None:
    payload = bytearray(pack(Block(1.0, (Signal("II", "mV", 1.0),), ((0, 5),), np.zeros((1, 5), np.int16))))
    payload[-6] ^= 1
    with pytest.raises(BadBlock, match="checksum"):
        unpack(bytes(payload))
    payload[2] = 9
    with pytest.raises(BadBlock, match="codec 9"):
        unpack(bytes(payload))


def test_real_shapes_pack_to_less_than_a_third() -> None:
    recording = simulate(SCENARIOS["sinus"], 60.0, seed=1)
    block = Block(500.0, recording.signals, ((0, 30_000),), recording.samples)
    assert len(pack(block)) < recording.samples.nbytes / 3


def blocks_of(frame_s: float, repeat: bool = False) -> list[tuple[int, int, int, bytes]]:
    assembler, found = Assembler(), []
    for k, frame in enumerate(frames(simulate(SCENARIOS["sinus"], 150.0, seed=1), frame_s)):
        if not 100 <= frame.first / 500 < 103:
            found += list(assembler.put(frame, 0, k))
            if repeat:
                found += list(assembler.put(frame, 0, k))
    return [(r.first, r.stop, r.at_ns, pack(r.block)) for r in found]


def test_a_block_does_not_depend_on_frames_or_repeats() -> None:
    assert blocks_of(0.25) == blocks_of(1.0) == blocks_of(0.25, repeat=True)


def test_a_gap_is_kept_as_a_gap() -> None:
    second = unpack(blocks_of(0.25)[1][3])
    assert second.runs == ((30_000, 20_000), (51_500, 8_500))


def test_a_bed_that_falls_silent_is_written_as_it_is_and_goes_on_in_a_row_of_its_own() -> None:
    recording = simulate(SCENARIOS["sinus"], 50.0, seed=1, name="quiet")
    played = list(frames(recording, 1.0))
    assembler = Assembler()
    for k, frame in enumerate(played[:20]):
        assert list(assembler.put(frame, 3, k, float(k))) == []
    assert list(assembler.idle(10.0)) == []
    (first,) = assembler.idle(100.0)
    assert (first.first, first.stop) == (0, 10_000)
    assert assembler.oldest == {}
    rest = [ready for k, frame in enumerate(played[20:], 20) for ready in assembler.put(frame, 3, k, 200.0)]
    assert [(r.first, r.stop, r.at_ns) for r in rest] == [(10_000, 25_000, 20 * 10**9)]
    both = np.concatenate([first.block.samples, rest[0].block.samples], axis=1)
    assert np.array_equal(both, recording.samples)
