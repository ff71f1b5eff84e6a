"""A segment that the signal path made of a simulated patient."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ingest.frame import LEADS
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.offline import segment_at
from stream.trigger import Segment


@cache
def plain() -> Segment:
    """Ten seconds of sinus rhythm, cut out once."""
    return segment_at(simulate(SCENARIOS["sinus"], 30.0, seed=3), None)


def with_q(segment: Segment, *leads: str, mv: float = -0.3, ms: float = 50.0) -> Segment:
    """The same with a Q wave of this depth and length in the signal of these leads; what is measured stays."""
    assert segment.measurements is not None
    signal = segment.signal_mv.copy()
    for beat in segment.measurements.by_beat:
        if beat.qrs_on is not None and beat.qrs_on >= 20:
            for row in (LEADS.index(lead) for lead in leads):
                level = signal[row, beat.qrs_on - 20 : beat.qrs_on - 8].mean()
                signal[row, beat.qrs_on - 4 : beat.qrs_on + round(ms / 2.0)] = level + mv
    signal.flags.writeable = False
    return replace(segment, signal_mv=signal)
