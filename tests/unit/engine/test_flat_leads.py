"""A lead that is flat beside others measures nothing, and what it would have shown is not called normal."""

from dataclasses import replace

import numpy as np
import pytest

from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.frame import LEADS, BedId, Nanoseconds
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank
from stream.catalogue import Code
from stream.offline import frames, segment_at


def flat(leads: tuple[str, ...], steps: int = 0) -> Recording:
    """Sinus rhythm of which these leads stand at one value."""
    recording = simulate(SCENARIOS["sinus"], 20.0, seed=5)
    samples = np.array(recording.samples)
    rows = [k for k, signal in enumerate(recording.signals) if signal.name in leads]
    samples[rows] = steps
    return replace(recording, samples=samples)


def told(recording: Recording) -> Interpretation:
    return interpret(segment_at(recording, None), None, Nanoseconds(0))


@pytest.mark.parametrize("steps", [0, 130])
def test_a_flat_lead_is_not_measured(steps: int) -> None:
    segment = segment_at(flat(("V2", "V3"), steps), None)
    assert segment.measured == tuple(lead for lead in LEADS if lead not in ("V2", "V3"))
    assert segment.measurements is not None
    assert {lead.lead for lead in segment.measurements.leads} == set(segment.measured)


def test_a_flat_limb_lead_is_made_of_the_others() -> None:
    segment = segment_at(flat(("III",)), None)
    assert segment.derived == ("III",)
    assert np.ptp(segment.signal_mv[LEADS.index("III")]) > 0.1


def test_with_flat_leads_nothing_is_called_a_normal_ecg() -> None:
    assert "Normal ECG" in {one.name for one in told(flat(())).findings}
    found = told(flat(("V2", "V3")))
    assert "Normal ECG" not in {one.name for one in found.findings}
    assert "twelve leads" not in found.report


def test_where_every_lead_is_flat_all_of_them_are_what_there_is() -> None:
    segment = segment_at(flat(LEADS), None)
    assert segment.measured == LEADS


def test_under_an_alarm_of_silence_flat_leads_are_what_it_is_about() -> None:
    recording, bank = flat(("V2", "V3")), Bank(0.0)
    bank.take(one for one in frames(recording) if not one.ends)
    bed = BedId(recording.name)
    asked = segment_at(recording, None).trigger
    assert bank.segment(bed, replace(asked, code=Code.ASYSTOLE)).measured == LEADS
    assert len(bank.segment(bed, asked).measured) == 10
