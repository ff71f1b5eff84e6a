"""Serial comparison: measures a bed on schedule and follows ST, QT, conduction and rhythm from one time to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ingest.watched import is_watched
from stream import atria, conduction, gather, repolarisation
from stream.bed import Bed, Findings
from stream.catalogue import Code
from stream.episodes import take
from stream.history import NEW_BLOCK, Serial
from stream.report import EVIDENCE_BEATS, RHYTHMS
from stream.trigger import MODEL_HZ, Phase, Segment
from stream.watch import Seen

PACED = "the patient is paced"


def due(bed: Bed, first: int, every_s: float) -> bool:
    """Whether the second that begins at sample `first` is one at whose end the bed is measured; each bed has its own."""
    second = first // max(1, int(bed.session.rate_hz))
    every = int(every_s)
    return every > 0 and second >= 10 and (second + bed.row_offset) % every == 0 and not is_watched(bed.session.bed)


def measure(bed: Bed, state: Any, row: Any, found: Findings) -> None:
    """Measure the last ten seconds, and tell what begins or ends by comparison with the times before."""
    segment = gather.measured(bed, state, row)
    bed.measured = segment.measurements
    seen = _seen(bed, row, segment)
    limits = bed.policy.limits(bed.context.patient_class)
    conducted, some = conduction.advance(bed.serial.conduction, seen, limits, bed.context.baseline)
    invalid = PACED if bed.context.paced else NEW_BLOCK if conducted.new_block else ""
    recovered, more = repolarisation.advance(bed.serial.repolarisation, seen, bed.context, limits, invalid)
    bed.take_up(Serial(recovered, conducted))
    for change in some + more:
        triggers = take(change, bed.episodes, bed.place)
        found.triggers += triggers
        onsets = (t for t in triggers if t.phase is Phase.ONSET and gather.worth_ten_seconds(t))
        found.segments += [replace(segment, trigger=t) for t in onsets]


def _seen(bed: Bed, row: Any, segment: Segment) -> Seen:
    measured, rate_hz = segment.measurements, bed.session.rate_hz
    wanted = any(bed.policy.evaluates(code) for code in (Code.AV_BLOCK_2, Code.AV_BLOCK_3))
    good = gather.good_leads(bed, row, segment)
    beats = measured.beats[-EVIDENCE_BEATS:] if measured is not None else ()
    return Seen(
        measured,
        segment.unreadable,
        good,
        RHYTHMS[row["rhythm"]],
        int(row["stop"]),
        rate_hz,
        tuple(segment.first_sample + round(b.sample * rate_hz / MODEL_HZ) for b in beats),
        atria.look(segment, good) if wanted else None,
    )
