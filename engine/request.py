"""What people ask of the engine: interpret these ten seconds now, with a question of their own or without; leave that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from ingest.frame import BedId, Nanoseconds, SessionId

DEADLINE_S = 120.0
"""What is answered longer after it was asked is late; a text that takes longer is given up, and the criteria answer."""
LONGEST = 2000
"""Characters of a question."""


class Ask(StrEnum):
    """What is wanted."""

    INTERPRET = "interpret"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Request:
    """One wish about the segment of one trigger, or about the latest ten seconds of a bed."""

    id: str
    """Given by who asks; asked twice, answered once."""
    bed: BedId
    ask: Ask
    trigger: str
    """Empty: the ten seconds up to when it was asked; the answer names the request in the place of a trigger."""
    asked_ns: Nanoseconds
    question: str = ""
    """Empty: the question that every segment is asked."""
    reason: str = ""
    """Why it is cancelled, for a person."""
    session: SessionId | None = None
    """Whose ten seconds are wanted where no trigger names any: of several sources that send for a bed it listens to one."""


def encode_request(request: Request) -> bytes:
    """As JSON."""
    return msgspec.json.encode(request)


def decode_request(payload: bytes) -> Request:
    """The request in these bytes; raises ValueError with one sentence where they are none."""
    try:
        found = msgspec.json.decode(payload, type=Request)
    except msgspec.MsgspecError as error:
        raise ValueError(f"no request can be read: {error}") from None
    latest = found.ask is Ask.INTERPRET and found.session is not None
    if not (found.id and found.bed and (found.trigger or latest)):
        raise ValueError("a request must name its id, its bed and its trigger, or the session to interpret")
    if len(found.question) > LONGEST:
        raise ValueError(f"a question of {len(found.question)} characters is longer than {LONGEST}")
    return found
