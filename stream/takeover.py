"""A bed that is taken over from its checkpoint, whether that can be read or not. Knows no Kafka client."""

from __future__ import annotations

import time
from typing import Any

import structlog

from ingest.bed import DeadLetter, Level, Notice
from ingest.frame import BedId, Nanoseconds
from stream import outgoing
from stream.bank import Bank
from stream.bed import Findings
from stream.checkpoint import Checkpoint, decode_checkpoint
from stream.salvage import salvage

log = structlog.get_logger()


def take_over(bank: Bank, message: Any, found: Findings) -> tuple[Checkpoint | None, DeadLetter | None]:
    """Bring a bank to what a message of `vigil.checkpoints` holds: the checkpoint from which the bed goes on, if any.

    What cannot be read becomes a dead letter; the bed learns anew, which is told, and what was open at it ends.
    """
    try:
        checkpoint, state = decode_checkpoint(message.value)
    except ValueError as error:
        return _save(bank, message, found), outgoing.dead_letter(message, str(error), message.value)
    notice = bank.resume(checkpoint, state)
    if notice is not None:
        found.notices.append(notice)
    return checkpoint, None


def _save(bank: Bank, message: Any, found: Findings) -> Checkpoint | None:
    """Go on from what is left of a checkpoint, and say so."""
    bed = BedId(bytes(message.key or b"").decode(errors="replace"))
    saved = salvage(bed, message.value)
    text = f"the checkpoint of bed {bed} cannot be read: the bed learns anew"
    if saved is None or saved.unread:
        text += ", and an alarm that was open ends only when somebody answers it"
    found.notices.append(Notice("RELEARNING", "stream", Nanoseconds(time.time_ns()), text, bed, Level.LOW))
    if saved is None:
        return None
    found.triggers += saved.ended
    return saved.checkpoint if saved.checkpoint is not None and _is_resumed(bank, saved.checkpoint) else None


def _is_resumed(bank: Bank, checkpoint: Checkpoint) -> bool:
    """Resume what was saved; where that fails nothing of it is to be trusted, and the next frame opens the bed."""
    try:
        bank.resume(checkpoint, None)
    except Exception:
        log.exception("what was saved of a checkpoint cannot be gone on from", bed=checkpoint.session.bed)
        bank.forget(checkpoint.session.bed)
        return False
    return True
