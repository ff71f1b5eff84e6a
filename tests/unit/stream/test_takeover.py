"""A bed whose checkpoint cannot be read: it learns anew, which is told, its open alarms end and its counts go on."""

import json
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.frame import BedId
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from ingest.topics import CHECKPOINTS, slot
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Code
from stream.checkpoint import Checkpoint
from stream.offline import frames
from stream.takeover import take_over
from stream.trigger import Phase, Trigger

BED = BedId("asystole")
PREFIX = struct.Struct("<2sBBI")


@dataclass(frozen=True)
class Message:
    """What Kafka gives of a checkpoint."""

    value: bytes
    key: bytes = BED.encode()
    topic: str = CHECKPOINTS.name
    partition: int = slot(BED)
    offset: int = 7


@cache
def left() -> tuple[Checkpoint, bytes, tuple[Trigger, ...]]:
    """What a worker left of a bed in asystole, and what was open."""
    bank = Bank(0.0)
    sent = [f for f in frames(simulate(SCENARIOS["asystole"], 18.0, seed=1, name=BED), 0.25) if not f.ends]
    bank.take(sent)
    checkpoint, payload = bank.checkpoint(BED)
    assert Code.ASYSTOLE in {t.code for t in checkpoint.open_triggers}
    return checkpoint, payload, checkpoint.open_triggers


def spoilt(**changes: Any) -> bytes:
    """The same checkpoint with fields of its head as no build of this version writes them."""
    payload = left()[1]
    *start, length = PREFIX.unpack_from(payload)
    head = json.loads(payload[PREFIX.size : PREFIX.size + length])
    head |= changes
    told = json.dumps(head).encode()
    body = PREFIX.pack(*start, len(told)) + told + payload[PREFIX.size + length : -4]
    return body + zlib.crc32(body).to_bytes(4, "little")


def taken(payload: bytes) -> tuple[Bank, Findings, Checkpoint | None, bool]:
    bank, found = Bank(0.0), Findings()
    checkpoint, letter = take_over(bank, Message(payload), found)
    return bank, found, checkpoint, letter is not None


def test_a_field_that_cannot_be_read_costs_no_alarm_its_end_and_no_frame_its_count() -> None:
    was, _, opened = left()
    bank, found, checkpoint, lettered = taken(spoilt(policy={"scope": 3}, serial=[1]))
    assert lettered
    assert checkpoint is not None
    assert [(n.code, n.bed) for n in found.notices] == [("RELEARNING", BED)]
    assert [(t.id, t.phase, t.sample) for t in found.triggers] == [(t.id, Phase.OFFSET, was.next) for t in opened]
    again = bank.checkpoint(BED)[0]
    assert (again.session, again.next, again.counts, again.open_triggers) == (was.session, was.next, was.counts, ())


def test_an_alarm_of_a_code_that_is_not_known_is_named_as_one_that_must_be_answered() -> None:
    payload = left()[1]
    length = PREFIX.unpack_from(payload)[3]
    opened = json.loads(payload[PREFIX.size : PREFIX.size + length])["open_triggers"]
    _, found, _, _ = taken(spoilt(open_triggers=[*opened, opened[0] | {"code": "OF_ANOTHER_BUILD"}]))
    assert len(found.triggers) == len(opened)
    assert "ends only when somebody answers it" in found.notices[0].text


def test_bytes_that_are_no_checkpoint_are_told_of_the_bed_that_they_stood_for() -> None:
    payload = bytearray(left()[1])
    payload[40] ^= 1
    bank, found, checkpoint, lettered = taken(bytes(payload))
    assert (checkpoint, lettered, bank.beds, found.triggers) == (None, True, {}, [])
    assert [(n.code, n.bed) for n in found.notices] == [("RELEARNING", BED)]


def test_a_checkpoint_without_a_session_ends_the_alarms_all_the_same() -> None:
    bank, found, checkpoint, _ = taken(spoilt(session="gone"))
    assert (checkpoint, bank.beds) == (None, {})
    assert [t.id for t in found.triggers] == [t.id for t in left()[2]]


def test_a_checkpoint_that_can_be_read_is_gone_on_from_without_a_word() -> None:
    bank, found, checkpoint, lettered = taken(left()[1])
    assert (lettered, found) == (False, Findings())
    assert checkpoint == left()[0]
    assert set(bank.beds) == {BED}


def test_a_place_beyond_all_reason_is_not_gone_on_from() -> None:
    bank, _, checkpoint, _ = taken(spoilt(next=1 << 63, policy=3))
    assert (checkpoint, bank.beds) == (None, {})


JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=3)
FIELDS = st.sampled_from(sorted(Checkpoint.__dataclass_fields__))


@given(st.dictionaries(FIELDS, JSON | st.dictionaries(st.text(max_size=5), JSON, max_size=2), min_size=1))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_checkpoint_no_worker_ends_of_it(changes: dict[str, Any]) -> None:
    bank, found, checkpoint, lettered = taken(spoilt(**changes))
    assert lettered == bool([n for n in found.notices if "cannot be read" in n.text])
    assert (BED in bank.beds) == (checkpoint is not None)
