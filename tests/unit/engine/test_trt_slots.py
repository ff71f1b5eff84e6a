"""Addresses, buckets and bindings of slots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gem.config import LlamaSizes
from engine.trt_slots import ALIGNMENT, Slots, bucket, buckets, pieces, slots_of, step_inputs

counts = st.integers(1, 64)


@given(
    counts,
    st.integers(1, 4096),
    st.integers(1, 40),
    st.sampled_from([8, 16, 20, 24, 64, 80, 128]),
    st.sampled_from([2, 4]),
)
def test_every_slot_is_aligned_and_has_room_for_one_more(count, positions, heads, width, itemsize) -> None:
    slots = Slots(count, positions, heads, width, itemsize)
    assert slots.room > positions
    assert slots.room % 8 == 0
    assert slots.stride == np.prod(slots.shape[1:]) * itemsize
    assert all(slots.address(ALIGNMENT * 5, slot) % ALIGNMENT == 0 for slot in range(count))
    assert slots.address(0, count - 1) + slots.stride == np.prod(slots.shape) * itemsize


def test_the_7b_model_takes_0_8_gb_a_slot() -> None:
    slots = slots_of(LlamaSizes(), 32, 1536, 2)
    assert slots.room == 1544
    assert slots.bytes(32) / 32 == pytest.approx(0.81e9, rel=0.01)


@pytest.mark.parametrize("slot", [-1, 4])
def test_a_slot_that_is_not_there_has_no_address(slot: int) -> None:
    with pytest.raises(ValueError, match="not one of 4"):
        Slots(4, 8, 1, 64, 2).address(0, slot)


def test_buckets_are_powers_of_two_and_all_slots() -> None:
    assert buckets(32) == (1, 2, 4, 8, 16, 32)
    assert buckets(12) == (1, 2, 4, 8, 12)
    assert buckets(1) == (1,)


@given(counts.flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1), min_size=1))))
def test_a_bucket_reaches_every_slot_and_is_the_least_that_does(given_slots) -> None:
    count, some = given_slots
    rows = bucket(sorted(some), count)
    assert max(some) < rows <= count
    assert all(fewer <= max(some) for fewer in buckets(count) if fewer < rows)


def test_idle_rows_write_behind_what_a_slot_may_hold_and_look_at_one_position() -> None:
    step = step_inputs([3, 1], np.array([7, 9]), [5, 6, 0, 2], rows=4, spare=40)
    assert step.ids.tolist() == [0, 9, 0, 7]
    assert step.begins.tolist() == [40, 6, 40, 2]
    assert step.places.tolist() == [[40], [6], [40], [2]]
    assert step.lengths.tolist() == [1, 7, 1, 3]


@given(st.integers(0, 50), st.integers(1, 200), st.integers(1, 64))
def test_pieces_lose_nothing_and_none_is_too_long(begin, count, longest) -> None:
    told = pieces(begin, count, longest)
    assert [p for a, b in told for p in range(a, b)] == list(range(begin, begin + count))
    assert max(b - a for a, b in told) <= longest
    assert len(told) == -(-count // longest)
