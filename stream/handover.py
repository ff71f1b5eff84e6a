"""A bed as it is written for whoever goes on with it, and as it is taken up from that."""

from __future__ import annotations

from stream import episodes
from stream.bed import Bed
from stream.checkpoint import Checkpoint
from stream.state import VERSION


def written(bed: Bed, analysed: int) -> Checkpoint:
    """What another worker needs to go on behind sample `analysed` of the bed's session, beside its state record."""
    return Checkpoint(
        VERSION,
        bed.session,
        analysed,
        bed.ended,
        *bed.anchor,
        bed.context,
        bed.policy,
        tuple(bed.episodes.open.values()),
        bed.counted,
        bed.past,
        tuple(bed.closed.items()),
        bed.measured,
        announced=tuple(bed.episodes.announced.items()),
        displaced=tuple(sorted(bed.episodes.displaced)),
        serial=bed.serial,
        sent_ns=bed.sent_ns,
        overtaken=tuple(bed.overtaken),
    )


def take_up(bed: Bed, checkpoint: Checkpoint) -> None:
    """Bring a bed to where a checkpoint left it; its ring stays empty until the recent signal is read again."""
    bed.open_session(checkpoint.session)
    bed.context, bed.policy = checkpoint.context, checkpoint.policy
    bed.counts, bed.past, bed.ended = checkpoint.counts, checkpoint.past, checkpoint.ended
    bed.frames = checkpoint.counts.frames
    bed.closed = dict(checkpoint.closed)
    bed.measured = checkpoint.measured
    bed.anchor = (checkpoint.anchor_index, checkpoint.anchor_ns)
    bed.last_ns = episodes.event_ns(*bed.anchor, checkpoint.next, bed.session.rate_hz)
    bed.sent_ns = checkpoint.sent_ns or bed.last_ns
    bed.overtaken = set(checkpoint.overtaken)
    bed.resumed_at = checkpoint.next
    bed.episodes.open = {t.code: t for t in checkpoint.open_triggers}
    bed.episodes.announced = dict(checkpoint.announced)
    bed.episodes.displaced = set(checkpoint.displaced)
    bed.take_up(checkpoint.serial)
