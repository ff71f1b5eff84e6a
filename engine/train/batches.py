"""Which samples each step sees, and their recordings read ahead. Everything follows from the seed and the step. No torch."""

from __future__ import annotations

import multiprocessing
import signal
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.train.needs import Failed
from engine.train.stages import Stage

T = TypeVar("T")
GROUP = 50
"""Batches whose samples are sorted by length together (as transformers groups by length)."""
AHEAD = 2
"""Steps that are read before they are asked for, where other processes read."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """The samples of every step; compared by identity, for it may hold a million lengths. lengths: of each sample, in any unit."""

    lengths: tuple[int, ...]
    batch: int
    epochs: float
    grouped: bool
    seed: int

    @property
    def per_epoch(self) -> int:
        """Steps of one epoch; its last one may be smaller."""
        return ceil(len(self.lengths) / self.batch)

    @property
    def steps(self) -> int:
        return max(1, round(self.epochs * self.per_epoch))

    def of(self, step: int) -> tuple[int, list[int]]:
        """Epoch and samples of a step, the longest first."""
        epoch, within = divmod(step, self.per_epoch)
        found = _epoch(self, epoch)[within]
        return epoch, sorted((int(k) for k in found), key=lambda k: (-self.lengths[k], k))


@lru_cache(maxsize=2)
def _epoch(order: Order, epoch: int) -> list[NDArray[np.int64]]:
    rng = np.random.default_rng((order.seed, 2, epoch))
    mixed = rng.permutation(len(order.lengths))
    if not order.grouped:
        return _cut(mixed, order.batch)
    lengths = np.array(order.lengths)
    sorted_: list[NDArray[np.int64]] = []
    for part in _cut(mixed, order.batch * GROUP):
        sorted_ += _cut(part[np.argsort(-lengths[part], kind="stable")], order.batch)
    return [sorted_[k] for k in rng.permutation(len(sorted_))]


def _cut(items: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [items[k : k + size] for k in range(0, len(items), size)]


def share(items: Sequence[T], micro: int, rank: int, count: int) -> list[Sequence[T]]:
    """Micro-batches of one process: every `count`-th, so that each has long and short ones."""
    return [items[k : k + micro] for k in range(0, len(items), micro)][rank::count]


def shown(stage: Stage, signal_there: bool, page_there: bool, seed: int) -> tuple[bool, bool]:
    """Whether a sample is shown with its signal and with its page; never without both where one is there."""
    if not (signal_there and page_there):
        return signal_there, page_there
    drawn = np.random.default_rng((seed, 3)).random()
    no_signal = drawn < stage.signal_dropout
    return not no_signal, no_signal or drawn >= stage.signal_dropout + stage.page_dropout


def seed_of(stage_seed: int, epoch: int, sample: int) -> int:
    """A seed of its own for each sample and epoch."""
    return int(np.random.SeedSequence((stage_seed, 4, epoch, sample)).generate_state(1)[0])


# read ahead -------------------------------------------------------------------------------------------------------


_work: Callable[[Any], Any] | None = None
"""Of a reading process: what it does with each item; set once when it begins."""


@contextmanager
def _unheard() -> Iterator[None]:
    """Processes that are begun inside never hear that they should end: the training process answers, and ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(made: Callable[..., Callable[[Any], Any]], given: tuple[Any, ...]) -> None:
    global _work
    _work = made(*given)


def _one(item: Any) -> Any:
    assert _work is not None
    return _work(item)


class Ahead(Generic[T]):
    """Results of work on the items of each step, in order; on other processes they are made before they are needed."""

    def __init__(
        self,
        items: Callable[[int], Sequence[Any]],
        last: int,
        workers: int,
        made: Callable[..., Callable[[Any], T]],
        given: tuple[Any, ...],
    ) -> None:
        """items: of a step; last: the step after the last one; made(*given): what works, built once a process."""
        self._items = items
        self._last = last
        self._here = made(*given) if not workers else None
        self._waiting: OrderedDict[int, list[Future[T]]] = OrderedDict()
        self._pool = _pool(workers, made, given) if workers else None

    def of(self, step: int) -> list[T]:
        """The results of a step."""
        if self._pool is None:
            assert self._here is not None
            return [self._here(item) for item in self._items(step)]
        try:
            with _unheard():
                for other in range(step, min(step + 1 + AHEAD, self._last)):
                    if other not in self._waiting:
                        self._waiting[other] = [self._pool.submit(_one, item) for item in self._items(other)]
            return [future.result() for future in self._waiting.pop(step)]
        except BrokenProcessPool:
            raise Failed(
                "a reading process was ended from outside, most likely for want of memory: the same command goes on from the "
                "last state, and fewer --workers need less"
            ) from None

    def close(self) -> None:
        """End the reading processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Ahead[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _pool(workers: int, made: Callable[..., Callable[[Any], Any]], given: tuple[Any, ...]) -> ProcessPoolExecutor:
    # torch has threads by now, which a forked process would not have
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(made, given))
