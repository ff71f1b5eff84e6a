"""What a worker tells Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from ingest.watched import is_watched

if TYPE_CHECKING:
    from stream.bank import Bank
    from stream.bed import Findings


@cache
def _family(kind: str, name: str, text: str) -> Any:
    """A Counter or Gauge of all workers of this process: the default registry takes each name once."""
    import prometheus_client

    return getattr(prometheus_client, kind)(name, text, ["worker"])


class Metrics:
    """Counters of one worker, in the default registry; workers of one name share theirs."""

    def __init__(self, worker: str) -> None:
        def counter(name: str, text: str) -> Any:
            return _family("Counter", name, text).labels(worker)

        def gauge(name: str, text: str) -> Any:
            return _family("Gauge", name, text).labels(worker)

        self._frames = counter("vigil_stream_frames_total", "Frames read")
        self._cpu_s = counter("vigil_stream_analysis_cpu_seconds_total", "CPU time of the signal path")
        self._triggers = counter("vigil_stream_triggers_total", "Triggers written, all phases")
        self._segments = counter("vigil_stream_segments_total", "Segments written")
        self._rejected = counter("vigil_stream_rejected_frames_total", "Frames that became dead letters")
        self._beds = gauge("vigil_stream_beds", "Beds held")
        self._pending = gauge("vigil_stream_pending_messages", "Messages read and not acknowledged")

    def analysed(self, frames: int, cpu_s: float, found: Findings) -> None:
        """Count one batch."""
        self._frames.inc(frames)
        self._cpu_s.inc(cpu_s)
        self._triggers.inc(len(found.triggers))
        self._segments.inc(len(found.segments))
        self._rejected.inc(len(found.rejected))

    def state(self, bank: Bank, slots: Mapping[int, Any]) -> None:
        """Tell what is held."""
        self._beds.set(sum(not is_watched(bed) for bed in bank.beds))
        self._pending.set(sum(len(s.pending) for s in slots.values()))
