"""A slow rhythm of the ventricles in a real record."""

from pathlib import Path

from ingest.open_recording import read_recording
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase

FROM_S, TO_S = 1665.0, 1700.0
"""Of record 207: ventricular escape beats at 54 to 68/min by its annotations."""


def test_an_escape_rhythm_is_a_ventricular_rhythm_and_no_tachycardia(mitdb: Path) -> None:
    phases: dict[Code, list[Phase]] = {Code.VTACH: [], Code.VENT_RHYTHM: []}
    for t in analyse(read_recording(str(mitdb / "207"))).triggers:
        at_s = t.sample / t.rate_hz
        if t.code in phases and (at_s < TO_S if t.code is Code.VENT_RHYTHM else FROM_S < at_s < TO_S):
            phases[t.code].append(t.phase)
    assert phases == {Code.VTACH: [], Code.VENT_RHYTHM: [Phase.ONSET]}
