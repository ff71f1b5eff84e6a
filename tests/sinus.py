"""A segment that the signal path made of a simulated patient."""

from __future__ import annotations

from functools import cache

from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.offline import segment_at
from stream.trigger import Segment


@cache
def plain() -> Segment:
    """Ten seconds of sinus rhythm, cut out once."""
    return segment_at(simulate(SCENARIOS["sinus"], 30.0, seed=3), None)
