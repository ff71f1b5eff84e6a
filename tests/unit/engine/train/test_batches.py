"""Order and dropout: each sample once an epoch, alike lengths together, everything from the seed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import numpy as np
import pytest

from engine.train.batches import Ahead, Order, seed_of, share, shown
from engine.train.needs import Failed
from tests.unit.engine.train.made import small

LENGTHS = tuple(int(n) for n in np.random.default_rng(0).integers(1, 1000, 103))


@pytest.mark.parametrize("grouped", [True, False])
def test_every_sample_comes_once_an_epoch(grouped: bool) -> None:
    order = Order(LENGTHS, 8, 2.0, grouped, 0)
    assert order.steps == 26
    for epoch in range(2):
        steps = [order.of(epoch * 13 + k) for k in range(13)]
        assert {told for told, _ in steps} == {epoch}
        assert sorted(k for _, batch in steps for k in batch) == list(range(103))
    assert order.of(0) != order.of(13)
    assert order.of(3) == Order(LENGTHS, 8, 2.0, grouped, 0).of(3)
    assert order.of(3) != Order(LENGTHS, 8, 2.0, grouped, 1).of(3)


def test_samples_of_like_length_share_a_batch() -> None:
    def spread(grouped: bool) -> float:
        order = Order(LENGTHS, 8, 1.0, grouped, 0)
        return float(np.mean([np.ptp([LENGTHS[k] for k in order.of(step)[1]]) for step in range(order.steps)]))

    assert spread(True) < 0.2 * spread(False)


def test_half_an_epoch_is_half_of_the_steps() -> None:
    assert Order(LENGTHS, 8, 0.5, True, 0).steps == 6
    assert Order(LENGTHS, 200, 0.1, True, 0).steps == 1


def test_processes_share_a_batch_without_overlap() -> None:
    items = list(range(23))
    dealt = [share(items, 4, rank, 3) for rank in range(3)]
    assert sorted(k for mine in dealt for some in mine for k in some) == items
    assert max(len(some) for mine in dealt for some in mine) == 4
    assert share(items, 40, 1, 3) == []


def test_a_modality_is_dropped_as_often_as_the_stage_says_and_never_both() -> None:
    stage = small(signal_dropout=0.2, page_dropout=0.3)
    seeds = [seed_of(0, epoch, k) for epoch in range(2) for k in range(2000)]
    seen = [shown(stage, True, True, seed) for seed in seeds]
    assert seen.count((False, True)) / len(seen) == pytest.approx(0.2, abs=0.02)
    assert seen.count((True, False)) / len(seen) == pytest.approx(0.3, abs=0.02)
    assert (False, False) not in seen
    assert len(set(seeds)) == len(seeds)
    assert shown(stage, False, True, seeds[0]) == (False, True)
    assert {shown(stage, True, False, seed) for seed in seeds[:100]} == {(True, False)}
    assert {shown(small(), True, True, seed) for seed in seeds[:100]} == {(True, True)}


def doubled() -> Callable[[int], tuple[int, int]]:
    return lambda n: (2 * n, os.getpid())


def items(step: int) -> list[int]:
    return list(range(step, step + 3))


def test_other_processes_give_what_this_one_gives_and_end_with_it() -> None:
    with Ahead(items, 9, 0, doubled, ()) as here, Ahead(items, 9, 1, doubled, ()) as there:
        for step in range(2, 5):
            mine, theirs = here.of(step), there.of(step)
            assert [n for n, _ in theirs] == [n for n, _ in mine] == [2 * step, 2 * step + 2, 2 * step + 4]
        (other,) = {process for _, process in theirs}
        assert other != os.getpid()
        os.kill(other, signal.SIGTERM)
        assert {process for _, process in there.of(5)} == {other}
        os.kill(other, signal.SIGKILL)
        with pytest.raises(Failed, match="a reading process was ended from outside"):
            _read_on(there)


def _read_on(there: Ahead[tuple[int, int]]) -> None:
    for step in range(6, 9):
        there.of(step)
