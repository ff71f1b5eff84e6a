"""Eight bit weights against float32, on records that the reference model never saw: the same words? And how long does a whole interpretation take?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.instruct.labelled import Entry, recording_of
from engine.reader import LIMIT, Reader
from engine.runtime import Runtime
from ingest.bed import BedContext
from ingest.frame import BedId
from ingest.recording import Recording

if TYPE_CHECKING:
    from engine.conversation import Conversation

RECORDS = 200
FIRST_SIMULATED = 700_000_000
"""Seeds that neither towers nor decoder were taught on."""
ASKED = ("float32", "int8")


def figures(model: Path, entries: Sequence[Entry]) -> dict[str, Any]:
    """Share of records about which both write the same text, greedily and under the mask; seconds of one core from recording to checked text,
    by the clock of the process, so that others on the machine do not count.

    entries: labelled records that the model never saw; simulated ones fill up to RECORDS.
    """
    from engine.gem.checkpoint import open_checkpoint
    from engine.onnx_runtime import open_runtime

    reader = Reader.of(open_checkpoint(model))
    room = reader.positions(1, LIMIT)
    runtimes = {kind: open_runtime(reader.checkpoint, 1, room, kind) for kind in ASKED}
    texts: dict[str, list[str]] = {kind: [] for kind in ASKED}
    seconds: dict[str, list[float]] = {kind: [] for kind in ASKED}
    real = list(entries[:RECORDS])
    for k in range(RECORDS):
        recording = recording_of(real[k]) if k < len(real) else _simulated(FIRST_SIMULATED + k)
        for kind, runtime in runtimes.items():
            begun = time.process_time()
            conversation = _about(recording, reader, runtime)
            if conversation is None:
                break
            answer = conversation.written("")
            conversation.told("", answer)
            seconds[kind].append(time.process_time() - begun)
            texts[kind].append(answer.text)
    same = [one == other for one, other in zip(*texts.values(), strict=True)]
    return {
        "records": len(same), "real": len(real), "same_text": float(np.mean(same)),
        "seconds_p50": {kind: float(np.median(found)) for kind, found in seconds.items()},
        "seconds_p95": {kind: float(np.percentile(found, 95)) for kind, found in seconds.items()},
    }  # fmt: skip


def _about(recording: Recording, reader: Reader, runtime: Runtime) -> Conversation | None:
    """What is asked about a recording, measured and drawn; None where nothing could be measured."""
    from engine.conversation import Conversation, Given
    from engine.scheduler import Scheduler
    from stream.offline import segment_at
    from stream.segment import SEGMENT_S

    longer = recording.samples.shape[1] / recording.rate_hz > SEGMENT_S
    segment = segment_at(recording, SEGMENT_S if longer else None)
    if segment.measurements is None:
        return None
    context = BedContext(BedId("asked"))
    given = Given(segment, context, reader.signal(segment), reader.page(segment))
    return Conversation(reader, Scheduler(runtime, reader.words, time.time_ns), given, time.time_ns, LIMIT)


def _simulated(seed: int) -> Recording:
    from engine.teacher.record import draw
    from ingest.frame import LEADS
    from ingest.open_recording import from_physical
    from stream.trigger import MODEL_HZ

    return from_physical(
        f"simulated {seed}", MODEL_HZ, LEADS, ["mV"] * len(LEADS), draw(seed).signal.astype(np.float64)
    )


def lines(told: dict[str, Any]) -> list[str]:
    """For a person."""
    each = ", ".join(
        f"{kind} {told['seconds_p50'][kind]:.2f} s (95 % below {told['seconds_p95'][kind]:.2f})" for kind in ASKED
    )
    return [
        f"eight bit weights write the same text about {100 * told['same_text']:.1f} % of {told['records']} records "
        f"({told['real']} of them real, the others simulated)",
        f"whole interpretation on one core, from recording to checked text, median: {each}",
    ]
