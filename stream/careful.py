"""Through a stretch in which a worker ended: one frame after another, so that the one that it ended of costs its bed alone.

A worker that fails says so; one that the system kills says nothing more. So word is left beforehand, in `vigil.applied`:
where a worker began, and, once two in turn have ended without getting on, which message is about to be analysed, then
which frame of it. A frame of which a worker ended is not analysed again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from ingest.frame import Frame
from stream.bank import Bank
from stream.bed import Findings

log = structlog.get_logger()


def care_key(partition: int) -> bytes:
    """Key in `vigil.applied` of what is known of earlier ends of workers at a slot (Care as JSON)."""
    return f"slot/{partition}/careful".encode()


@dataclass(frozen=True, slots=True)
class Care:
    """What workers have left word of, of one slot. Offsets of its messages; -1 is none."""

    careful: int = -1
    """Up to this one frames are analysed one by one."""
    begun: int = -1
    """Where the last worker began; none where it left in good order."""
    at: int = -1
    """What is about to be analysed."""
    frame: int = -1
    """Which frame of it, from 0; none where it is all of them."""
    suspects: tuple[int, ...] = ()
    """In whose analysis a worker ended: word is left of each frame."""
    spoilt: tuple[tuple[int, int], ...] = ()
    """Message and number of each frame in whose analysis a worker ended."""


def heir(left: Care, begin: int, end: int) -> Care:
    """What a worker that begins at offset `begin`, of a slot that ends before `end`, makes of the word that was left."""
    # whoever began here before has ended and not got on: it may have been of anything that there is
    careful = max(left.careful, left.at, end - 1 if left.begun == begin else -1)
    suspects = {*left.suspects, left.at}
    spoilt = {*left.spoilt, (left.at, left.frame)} if left.frame >= 0 else {*left.spoilt}
    return Care(
        careful,
        begin,
        suspects=tuple(sorted(s for s in suspects if s >= begin)),
        spoilt=tuple(sorted(s for s in spoilt if s[0] >= begin)),
    )


def in_good_order(care: Care) -> Care:
    """The word of a worker that leaves and has not ended of anything."""
    return replace(care, begun=-1, at=-1, frame=-1)


async def with_care(
    bank: Bank, care: Care, offset: int, frames: Sequence[Frame], leave: Callable[[Care], Awaitable[None]]
) -> Findings:
    """What the frames of one message bring, each taken alone. leave: writes word, before what it speaks of is tried."""
    if offset > care.careful or not any(_is_fresh(bank, f) for f in frames):
        return one_by_one(bank, frames)
    if offset not in care.suspects:
        await leave(replace(care, at=offset))
        return one_by_one(bank, frames)
    found = Findings()
    for number, frame in enumerate(frames):
        if (offset, number) in care.spoilt:
            found.rejected.append((frame, f"a worker ended of a frame of bed {frame.session.bed}: it is not analysed"))
            continue
        await leave(replace(care, at=offset, frame=number))
        found.add(one_by_one(bank, [frame]))
    await leave(care)
    return found


def _is_fresh(bank: Bank, frame: Frame) -> bool:
    """Whether a frame is more than read again."""
    bed = bank.beds.get(frame.session.bed)
    return bed is None or bed.session.id != frame.session.id or frame.after > bank.next_sample(frame.session.bed)


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
