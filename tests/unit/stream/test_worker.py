"""What a worker does with settings that it reads more than once."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec
import pytest

from ingest.bed import BedContext, BedState
from ingest.frame import BedId
from ingest.kafka import KafkaAddress
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import APPLIED, BEDS, DEADLETTERS, NOTICES, POLICIES
from stream.bank import Bank
from stream.catalogue import Code
from stream.limits import Limits
from stream.offline import frames
from stream.outgoing import Message as Outgoing
from stream.policy import Policy
from stream.settings import Settings
from stream.worker import Worker, WorkerOptions


@dataclass(frozen=True)
class Message:
    """What Kafka gives of a setting."""

    offset: int
    value: bytes
    topic: str = BEDS.name
    partition: int = 0
    key: bytes = b"asystole"


def test_an_earlier_standby_that_is_read_again_ends_no_alarm() -> None:
    monitored = BedContext(BedId("asystole"), unit="ccu")
    messages = [
        Message(5, msgspec.json.encode(replace(monitored, state=BedState.STANDBY))),
        Message(9, msgspec.json.encode(monitored)),
    ]

    async def run() -> dict[Code, str]:
        worker = Worker(KafkaAddress(("nowhere:1",)), WorkerOptions())
        await worker.take_setting(messages[1])
        for frame in frames(simulate(SCENARIOS["asystole"], 18.0, seed=1)):
            if not frame.ends:
                worker._bank.take([frame])
        before = worker._bank.beds[BedId("asystole")].episodes.open[Code.ASYSTOLE]
        for message in messages:
            await worker.take_setting(message)
        bed = worker._bank.beds[BedId("asystole")]
        assert (bed.context, bed.episodes.open[Code.ASYSTOLE]) == (monitored, before)
        return {code: t.suppressed_by for code, t in bed.episodes.open.items()}

    assert asyncio.run(run())[Code.ASYSTOLE] == ""


def test_one_process_may_hold_two_workers() -> None:
    first, second = (Worker(KafkaAddress(("nowhere:1",)), WorkerOptions(name)) for name in ("first", "second"))
    first._metrics.state(first._bank, {})
    assert second._metrics is not first._metrics


def set_policies(bank: Bank, *values: bytes) -> list[str]:
    """Have a worker read policies of the default scope, one after another; topics of what it sent."""
    sent: list[Outgoing] = []

    async def send(messages: Iterable[Outgoing]) -> None:
        sent.extend(messages)

    async def write(_: Iterable[BedId]) -> None:
        return None

    async def run() -> None:
        settings = Settings(bank, "w", send, write)
        for k, value in enumerate(values):
            await settings.take(Message(k, value, POLICIES.name, 0, b"default"))

    asyncio.run(run())
    return [topic for topic, *_ in sent]


LEGAL = Policy(revision=1, author="mary", adult=Limits(hr_high_bpm=130.0))


@pytest.mark.parametrize(
    "illegal",
    [
        msgspec.json.encode(replace(LEGAL, revision=2, adult=Limits(asystole_s=3600.0))),
        msgspec.json.encode(replace(LEGAL, revision=2, off=frozenset({Code.ASYSTOLE}))),
        msgspec.json.encode(replace(LEGAL, revision=2, off=frozenset({Code.VTACH}))),
        msgspec.json.encode(replace(LEGAL, revision=2)).replace(b"shadow", b"on!", 1),
        msgspec.json.encode(replace(LEGAL, revision=2)).replace(b"{", b'{"of_a_newer_version": 1, ', 1),
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
    ],
)
def test_a_policy_that_is_not_legal_is_refused_in_the_open_and_what_held_before_holds_on(illegal: bytes) -> None:
    bank = Bank(0.0)
    bank.take([next(frames(simulate(SCENARIOS["sinus"], 2.0, seed=1, name="b")))])
    assert set_policies(bank, msgspec.json.encode(LEGAL), illegal) == [APPLIED.name, DEADLETTERS.name, NOTICES.name]
    assert bank.beds[BedId("b")].policy == LEGAL


def test_a_legal_policy_is_run_as_it_was_published() -> None:
    bank = Bank(0.0)
    two = replace(LEGAL, revision=2, off=frozenset({Code.VTACH}), second_author="john")
    bank.take([next(frames(simulate(SCENARIOS["sinus"], 2.0, seed=1, name="b")))])
    assert set_policies(bank, msgspec.json.encode(two)) == [APPLIED.name]
    assert bank.beds[BedId("b")].policy == two
