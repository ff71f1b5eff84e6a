"""A stretch in which most leads carry no signal is no pause and no asystole, and no rate is told across it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.criteria.no_signal import dead
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.frame import LEADS, Nanoseconds
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.offline import segment_at
from stream.trigger import Segment

Alter = Callable[[NDArray[np.int16]], None]
FLAT_NOISE_STEPS = 4


def recorded(alter: Alter, seconds: float, leads: Sequence[str] = LEADS, scenario: str = "sinus") -> Recording:
    """A simulated patient of whom these leads are altered for so long, up to two seconds before the end; one that is left moves a little and shows nothing."""
    recording = simulate(SCENARIOS[scenario], 30.0, seed=5)
    samples, rate = np.array(recording.samples), int(recording.rate_hz)
    first, last = samples.shape[1] - round((seconds + 2.0) * rate), samples.shape[1] - 2 * rate
    rng = np.random.default_rng(7)
    for k, signal in enumerate(recording.signals):
        part = samples[k, first:last]
        if signal.name in leads:
            alter(part)
        else:
            part[:] = rng.integers(-FLAT_NOISE_STEPS, FLAT_NOISE_STEPS + 1, part.size)
    return replace(recording, samples=samples)


def zeros(part: NDArray[np.int16]) -> None:
    part[:] = 0


def railed(part: NDArray[np.int16]) -> None:
    part[:] = 32767


def near_its_rail(part: NDArray[np.int16]) -> None:
    part[:] = 5000 + np.random.default_rng(3).integers(-4, 5, part.size)


def told(recording: Recording) -> Interpretation:
    return interpret(segment_at(recording, None), None, Nanoseconds(0))


def pauses(answer: Interpretation) -> list[str]:
    return [f.text for f in answer.findings if f.name in ("Pause", "Asystole")]


ELEVEN = tuple(lead for lead in LEADS if lead != "II")


@pytest.mark.parametrize("alter", [zeros, railed, near_its_rail])
@pytest.mark.parametrize("seconds", [3.0, 4.0, 6.0])
@pytest.mark.parametrize("leads", [LEADS, ELEVEN])
def test_a_signal_that_is_lost_is_no_pause(alter: Alter, seconds: float, leads: tuple[str, ...]) -> None:
    answer = told(recorded(alter, seconds, leads))
    assert pauses(answer) == []
    assert not any("rhythm" in f.name.lower() or f.name == "Heart rate" for f in answer.findings)
    why = answer.reason + " ".join(one.reason for one in answer.withheld)
    assert "carry no signal from" in why or "stood still in every lead" in why or "no ECG lead can be read" in why


def test_it_is_said_how_many_leads_and_when() -> None:
    answer = told(recorded(zeros, 4.0, ELEVEN))
    reasons = {one.name: one.reason for one in answer.withheld}
    assert reasons["pause"] == reasons["heart rate"] == reasons["rhythm"]
    assert reasons["pause"].startswith("11 of 12 leads carry no signal from 4.")


def test_a_pause_that_leads_with_a_signal_show_is_told() -> None:
    quiet = recorded(lambda part: None, 4.0, (), "sinus")
    assert any(text.startswith("Pause") for text in pauses(told(quiet)))


def test_a_few_leads_without_signal_leave_the_rhythm_alone() -> None:
    recording = simulate(SCENARIOS["sinus"], 30.0, seed=5)
    samples, rate = np.array(recording.samples), int(recording.rate_hz)
    for k, signal in enumerate(recording.signals):
        if signal.name in ("V1", "V2", "V3"):
            samples[k, -6 * rate : -2 * rate] = 0
    segment = segment_at(replace(recording, samples=samples), None)
    assert segment.measurements is not None
    assert dead(segment, segment.measurements.beats) == ()
    assert any(f.name == "Sinus rhythm" for f in told(replace(recording, samples=samples)).findings)


def silent(still: bool) -> Segment:
    """An asystole alarm, of a line that stands still or one that moves a little."""
    segment = segment_at(simulate(SCENARIOS["sinus"], 30.0, seed=5), None)
    m = segment.measurements
    assert m is not None
    signal = segment.signal_mv.copy()
    rng = np.random.default_rng(5)
    signal[:, 2500:] = 0.0 if still else rng.normal(0.0, 0.004, (len(LEADS), 2500))
    signal.flags.writeable = False
    beats = tuple(b for b in m.beats if b.sample < 2500)
    trigger = replace(segment.trigger, code=Code.ASYSTOLE, text="Asystole: no QRS for 4.0 s", value=4.0, unit="s")
    return replace(segment, trigger=trigger, signal_mv=signal, measurements=replace(m, beats=beats))


def test_an_asystole_of_a_line_that_stands_still_is_not_told() -> None:
    line, moving = (interpret(silent(still), None, Nanoseconds(0)) for still in (True, False))
    assert pauses(line) == []
    reasons = {one.name: one.reason for one in line.withheld}
    assert reasons["asystole"].startswith("12 of 12 leads carry no signal from 5.0 to 10.0 s")
    assert "a signal that is lost looks like asystole" in reasons["rate and rhythm"]
    assert pauses(moving) == ["Asystole: time without a QRS complex 4.0 s."]
