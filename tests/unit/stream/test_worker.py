"""What a worker does with settings that it reads more than once."""

import asyncio
from dataclasses import dataclass, replace

import msgspec

from ingest.bed import BedContext, BedState
from ingest.frame import BedId
from ingest.kafka import KafkaAddress
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import BEDS
from stream.catalogue import Code
from stream.offline import frames
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
        await worker._take_setting(messages[1])
        for frame in frames(simulate(SCENARIOS["asystole"], 18.0, seed=1)):
            if not frame.ends:
                worker._bank.take([frame])
        before = worker._bank.beds[BedId("asystole")].episodes.open[Code.ASYSTOLE]
        for message in messages:
            await worker._take_setting(message)
        bed = worker._bank.beds[BedId("asystole")]
        assert (bed.context, bed.episodes.open[Code.ASYSTOLE]) == (monitored, before)
        return {code: t.suppressed_by for code, t in bed.episodes.open.items()}

    assert asyncio.run(run())[Code.ASYSTOLE] == ""
