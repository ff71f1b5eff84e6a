"""Signal comes back from its packed block exactly, and blocks do not depend on how frames came."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.frame import Flaw, Signal, Span
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from storage.assemble import Assembler
from storage.blocks import BadBlock, Block, join, pack, unpack
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


def test_late_and_swapped_frames_stand_at_their_index_and_repeats_are_counted_apart() -> None:
    recording = simulate(SCENARIOS["lead-off"], 65.0, seed=1, name="late")
    played = list(frames(recording, 0.25))
    order = [*played[:40], *played[43:47], *played[40:43], *played[47:]]
    order[100], order[101] = order[101], order[100]
    order[130:130] = order[100:130]
    # the last quarter second of the first minute comes behind the first second of the next
    order.insert(274, order.pop(269))
    assembler = Assembler()
    found = [ready for k, frame in enumerate(order) for ready in assembler.put(frame, 0, k)]
    assert [(r.first, r.block.runs) for r in found] == [(0, ((0, 30_000),)), (30_000, ((30_000, 2_500),))]
    assert np.array_equal(np.concatenate([r.block.samples for r in found], axis=1), recording.samples)
    assert [(r.late, r.duplicates) for r in found] == [(5, 30), (0, 0)]
    whole = Assembler()
    plain = [r for k, frame in enumerate(frames(recording, 1.0)) for r in whole.put(frame, 0, k)]
    assert [pack(r.block) for r in plain] == [pack(r.block) for r in found]


def test_a_frame_that_overlaps_brings_what_is_missing_only() -> None:
    recording = simulate(SCENARIOS["sinus"], 10.0, seed=1, name="overlap")
    played = list(frames(recording, 1.0))
    long = replace(played[2], samples=recording.samples[:, 1000:4500])
    assembler = Assembler()
    for k, frame in enumerate([played[0], played[3], played[5], long, *played[6:-1]]):
        assert list(assembler.put(frame, 0, k)) == []
    (ready,) = assembler.put(played[-1], 0, 99)
    assert ready.block.runs == ((0, 500), (1000, 4000))
    assert np.array_equal(ready.block.samples, np.delete(recording.samples, np.s_[500:1000], axis=1))


def test_a_bed_that_falls_silent_is_written_as_it_is_and_the_rest_is_joined_to_it() -> None:
    recording = simulate(SCENARIOS["sinus"], 50.0, seed=1, name="quiet")
    played = list(frames(recording, 1.0))
    assembler = Assembler()
    for k, frame in enumerate(played[:20]):
        assert list(assembler.put(frame, 3, k, float(k))) == []
    assert assembler.held() == {3: 0}
    assert list(assembler.idle(10.0)) == []
    (first,) = assembler.idle(100.0)
    assert (first.first, first.stop) == (0, 10_000)
    assert assembler.held() == {}
    rest = [ready for k, frame in enumerate(played[20:], 20) for ready in assembler.put(frame, 3, k, 200.0)]
    assert [(r.first, r.stop, r.at_ns) for r in rest] == [(0, 25_000, 0)]
    both = join(first.block, rest[0].block)
    assert both.runs == ((0, 25_000),)
    assert np.array_equal(both.samples, recording.samples)
    assert join(both, first.block) is both


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), min_size=1, max_size=12), st.booleans())
@settings(max_examples=80, deadline=None)
def test_whatever_is_joined_holds_each_sample_once_and_at_its_place(places: list[tuple[int, int]], back: bool) -> None:
    truth = np.arange(60, dtype=np.int16)[None, :]
    held: Block | None = None
    for first, count in places:
        spans = (Span(0, 0, count, Flaw.LEAD_OFF),) if first % 2 else ()
        one = Block(1.0, (Signal("II", "mV", 1.0),), ((first, count),), truth[:, first : first + count], spans)
        held = one if held is None else join(one, held) if back else join(held, one)
    stored = [k for first, count in held.runs for k in range(first, first + count)]
    assert stored == sorted({k for first, count in places for k in range(first, first + count)})
    assert held.samples[0].tolist() == stored
