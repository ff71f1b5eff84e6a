"""A frame in whose analysis the system kills the worker: it costs a few workers and its own place, and no loop for ever."""

import asyncio
from collections.abc import Iterable

import msgspec
import pytest

from ingest.frame import Frame
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank
from stream.bed import Findings
from stream.careful import Care, heir, in_good_order, with_care
from stream.offline import frames

BEDS = ("one", "two", "three")


class Killed(BaseException):
    """Stands for the end of a process, of which nothing in it hears."""


class Mortal(Bank):
    """A bank in which some frames are the end of the process, as a fault in compiled code is."""

    deadly: tuple[Frame, ...] = ()

    def take(self, some: Iterable[Frame], found: Findings | None = None) -> Findings:
        held = list(some)
        if any(f is d for f in held for d in self.deadly):
            raise Killed
        return super().take(held, found)


def log() -> list[list[Frame]]:
    """The messages of one slot: a quarter of a second of three beds each."""
    beds = [list(frames(simulate(SCENARIOS["sinus"], 15.0, seed=3, name=n), 0.25, 1 + k)) for k, n in enumerate(BEDS)]
    return [list(some) for some in zip(*beds, strict=True)]


class Topic:
    """What stands in `vigil.applied` of the slot, as bytes."""

    def __init__(self) -> None:
        self.value = msgspec.json.encode(Care())

    async def write(self, care: Care) -> None:
        self.value = msgspec.json.encode(care)

    def read(self) -> Care:
        return msgspec.json.decode(self.value, type=Care)


async def work(messages: list[list[Frame]], topic: Topic, deadly: tuple[Frame, ...], begin: int = 0) -> Findings:
    """One worker from the acknowledged offset on, as `stream.worker` does it."""
    bank, found = Mortal(0.0), Findings()
    bank.deadly = deadly
    care = heir(topic.read(), begin, len(messages))
    await topic.write(care)
    for at in range(begin, len(messages), 6):
        batch = range(at, min(at + 6, len(messages)))
        if batch[0] > care.careful:
            found.add(bank.take([f for k in batch for f in messages[k]]))
            continue
        for k in batch:
            found.add(await with_care(bank, care, k, messages[k], topic.write))
    await topic.write(in_good_order(care))
    return found


def lives(messages: list[list[Frame]], topic: Topic, deadly: tuple[Frame, ...]) -> tuple[int, Findings]:
    """How many workers ended before one got through, and what that one found."""
    for died in range(20):
        try:
            return died, asyncio.run(work(messages, topic, deadly))
        except Killed:
            continue
    raise AssertionError("for ever")


@pytest.mark.parametrize("count", [1, 2])
def test_frames_that_kill_workers_are_found_rejected_and_cost_their_own_beds_alone(count: int) -> None:
    messages = log()
    deadly = (messages[30][1], messages[44][2])[:count]
    died, found = lives(messages, Topic(), deadly)
    assert died <= 2 + 2 * count
    assert [(f.session.bed, "a worker ended of" in why) for f, why in found.rejected] == [
        (f.session.bed, True) for f in deadly
    ]
    plain = asyncio.run(work(messages, Topic(), ()))
    assert [t for t in found.trends if t.bed == "one"] == [t for t in plain.trends if t.bed == "one"]
    assert {n.bed for n in found.notices} == {f.session.bed for f in deadly}, "the gap is told"


def test_a_worker_that_left_in_good_order_makes_nobody_careful() -> None:
    topic, messages = Topic(), log()
    for _ in range(3):
        asyncio.run(work(messages, topic, ()))
        assert heir(topic.read(), 0, len(messages)).careful == -1


def test_one_that_was_killed_where_it_had_got_on_makes_nobody_careful_and_twice_in_one_place_it_does() -> None:
    first = heir(Care(), 100, 900)
    assert heir(first, 250, 900).careful == -1
    assert heir(first, 100, 900).careful == 899


def test_word_of_an_earlier_build_is_understood() -> None:
    assert heir(msgspec.json.decode(b'{"careful": 77}', type=Care), 10, 900).careful == 77
