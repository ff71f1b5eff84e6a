"""What is compiled before an engine says that it is ready."""

from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream import atria, pwaves
from stream.offline import segment_at


def test_behind_the_warm_up_a_real_segment_compiles_nothing_more() -> None:
    segment = segment_at(simulate(SCENARIOS["sinus"], 20.0, seed=2), None)
    atria.warm_up()
    compiled = len(pwaves.find.signatures)
    assert atria.look(segment, frozenset(segment.measured)) is not None
    assert len(pwaves.find.signatures) == compiled
