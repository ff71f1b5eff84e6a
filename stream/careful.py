"""Frame by frame through a stretch in which a worker ended: the frame that cannot be analysed costs its bed alone."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from ingest.frame import Frame
from stream.bank import Bank
from stream.bed import Findings

log = structlog.get_logger()


def care_key(partition: int) -> bytes:
    """Key in `vigil.applied` of the offset up to which a slot is analysed frame by frame."""
    return f"slot/{partition}/careful".encode()


def one_by_one(bank: Bank, frames: Iterable[Frame]) -> Findings:
    """What frames bring, each taken alone; one that cannot be analysed is rejected, and its bed begins anew."""
    found = Findings()
    for frame in frames:
        try:
            bank.take([frame], found)
        except Exception as error:
            log.exception("a frame cannot be analysed", bed=frame.session.bed, first=frame.first)
            bank.begin_anew(frame, found)
            found.rejected.append((frame, f"a frame of bed {frame.session.bed} cannot be analysed: {error!r}"))
    return found
