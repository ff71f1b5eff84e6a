"""What can still be read of a checkpoint that cannot be read as a whole: so much that the bed's alarms end and its counts go on."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints

import msgspec

from ingest.bed import BedContext
from ingest.frame import BedId
from stream.checkpoint import Checkpoint, Counts, head_of
from stream.episodes import event_ns
from stream.policy import Policy
from stream.trigger import Phase, Trigger

_BEGIN_ANEW = ("open_triggers", "displaced", "serial")
"""What is open ends, so that nothing may count it as told."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """What was read, and what was not."""

    checkpoint: Checkpoint | None
    """Without open triggers; None where session or place cannot be read."""
    ended: tuple[Trigger, ...]
    """The ends of the alarms that were open."""
    unread: int
    """Open alarms that cannot be read, and so not be ended."""


def salvage(name: BedId, payload: bytes) -> Salvage | None:
    """What of the checkpoint of a bed can be read, field by field; None where its bytes are not even JSON."""
    try:
        held = msgspec.json.decode(head_of(payload))
    except (ValueError, RecursionError):
        return None
    if not isinstance(held, dict):
        return None
    known = _fields(held, name)
    opened, unread = _triggers(held.get("open_triggers"))
    needed = ("session", "next", "anchor_index", "anchor_ns")
    if any(field not in known for field in needed) or known["session"].bed != name:
        ended = tuple(replace(t, phase=Phase.OFFSET) for t in opened)
        return Salvage(None, ended, unread)
    checkpoint = Checkpoint(**known, open_triggers=())
    at = checkpoint.next
    at_ns = event_ns(checkpoint.anchor_index, checkpoint.anchor_ns, at, checkpoint.session.rate_hz)
    return Salvage(checkpoint, tuple(replace(t, phase=Phase.OFFSET, sample=at, at_ns=at_ns) for t in opened), unread)


def _fields(held: dict[str, Any], name: BedId) -> dict[str, Any]:
    """Each field that can be read; of those that a bed can do without, what stands for it where it cannot."""
    hints = get_type_hints(Checkpoint)
    found: dict[str, Any] = {
        "version": "", "ended": False, "context": BedContext(name), "policy": Policy(), "counts": Counts(),
    }  # fmt: skip
    for field in fields(Checkpoint):
        value = _read(held.get(field.name), hints[field.name])
        if value is not None and field.name not in _BEGIN_ANEW:
            found[field.name] = value
    return found


def _triggers(held: Any) -> tuple[list[Trigger], int]:
    """Those that can be read, and how many cannot."""
    read = [_read(one, Trigger) for one in (held if isinstance(held, list) else [])]
    return [t for t in read if t is not None], sum(t is None for t in read)


def _read(value: Any, kind: Any) -> Any:
    """The value as that type, None where it is none."""
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.MsgspecError:
        return None
