"""Beats that may have been passed over leave pause and rate open; of mostly ventricular beats nobody knows the patient's own shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.criteria.missed import missed
from engine.interpreter import interpret
from ingest.frame import LEADS, Nanoseconds
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.measure import measure
from stream.measurement import BeatKind
from stream.offline import segment_at
from stream.trigger import Segment
from tests.sinus import plain

GONE = (5, 6)


def passed_over(
    gone: Sequence[int] = GONE, heard: bool = True, leads: Sequence[str] = LEADS, by: float = 1.0
) -> Segment:
    """Sinus rhythm of which some beats were not counted, from these leads. heard: their waves are in the signal; by: what the gain is wrong by."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    rows = [LEADS.index(lead) for lead in leads]
    signal = np.zeros_like(segment.signal_mv)
    signal[rows] = segment.signal_mv[rows] * by
    for k in gone if not heard else ():
        first, last = m.beats[k].sample - 110, m.beats[k].sample + 220
        signal[:, first:last] = np.linspace(signal[:, first], signal[:, last], last - first, axis=1)
    left = [b for k, b in enumerate(m.beats) if k not in gone]
    beats = tuple(b if k == 0 else replace(b, rr_ms=2.0 * (b.sample - left[k - 1].sample)) for k, b in enumerate(left))
    quality = {one.lead: one.quality for one in m.leads}
    numbers = measure(signal[rows], tuple(leads), beats, quality, m.reachable_hz, ())
    return replace(segment, signal_mv=signal, measured=tuple(leads), derived=(), measurements=numbers)


def found(segment: Segment) -> set[str]:
    return {one.name for one in interpret(segment, None, Nanoseconds(0)).findings}


def held(segment: Segment) -> dict[str, str]:
    return {one.name: one.reason for one in interpret(segment, None, Nanoseconds(0)).withheld}


def verdicts(text: str, segment: Segment) -> set[Verdict]:
    return {claim.verdict for claim in check(text, Basis.of(segment))}


@pytest.mark.parametrize("leads", [LEADS, ("II",), ("II", "V1")])
def test_where_a_deflection_has_the_shape_of_the_beats_neither_pause_nor_rate_is_told(leads: tuple[str, ...]) -> None:
    segment = passed_over(leads=leads)
    m = segment.measurements
    usual = plain().measurements
    assert m is not None
    assert usual is not None
    (at,) = missed(segment, m)
    assert min(abs(at - usual.beats[k].sample) for k in GONE) <= 20
    assert not found(segment) & {"Pause", "Heart rate", "Sinus rhythm", "Atrial fibrillation"}
    for name in ("pause", "heart rate", "rhythm"):
        assert "has the shape of the beats and was not counted" in held(segment)[name]
    for text in ("There is a pause.", "The heart rate is 60 bpm.", "The rhythm is irregular."):
        assert verdicts(text, segment) == {Verdict.UNSUPPORTED}, text


def test_beside_what_was_lost_no_beat_was_passed_over() -> None:
    segment = passed_over()
    m = segment.measurements
    assert m is not None
    at = m.beats[GONE[0]].sample - 200
    assert missed(segment, m)
    assert missed(segment, replace(m, lost=((at, at + 100),))) == ()


def test_where_nothing_lies_between_two_beats_the_pause_is_told() -> None:
    segment = passed_over(heard=False)
    assert segment.measurements is not None
    assert missed(segment, segment.measurements) == ()
    assert "Pause" in found(segment)
    assert "pause" not in held(segment)


def test_an_alarm_of_a_pause_is_doubted_by_what_lies_in_it_and_a_gain_in_doubt_opens_only_what_no_alarm_told() -> None:
    quiet = passed_over(heard=False, by=0.05)
    assert "Pause" not in found(quiet)
    assert "beats may have been passed over" in held(quiet)["pause"]
    m = quiet.measurements
    assert m is not None
    before, behind = m.beats[4].sample, m.beats[5].sample
    asked = {"code": Code.PAUSE, "value": (behind - before) / 500.0, "rate_hz": 500.0}

    def alarmed(segment: Segment) -> Segment:
        at = {"first_sample": segment.first_sample + before, "sample": segment.first_sample + behind}
        return replace(segment, trigger=replace(segment.trigger, **asked, **at))

    assert "Pause" in found(alarmed(quiet))
    assert "Pause" not in found(alarmed(passed_over()))


def at_rate(bpm: float, gone: Sequence[int] = ()) -> Segment:
    """Regular beats so slow, of which some are left out with their waves."""
    whole = simulate(Scenario("slow", (Step("sinus", 60.0, bpm),)), 40.0, seed=5)
    segment = segment_at(whole, None)
    m = segment.measurements
    assert m is not None
    left = [b for k, b in enumerate(m.beats) if k not in gone]
    signal = np.array(segment.signal_mv)
    for k in gone:
        first, last = m.beats[k].sample - 130, m.beats[k].sample + 260
        signal[:, first:last] = np.linspace(signal[:, first], signal[:, last], last - first, axis=1)
    return replace(segment, signal_mv=signal, measurements=replace(m, beats=tuple(left)))


def test_intervals_of_a_slow_rate_are_no_pauses_and_one_that_is_longer_is() -> None:
    slow = at_rate(28.0)
    assert slow.measurements is not None
    assert max(b.rr_ms or 0.0 for b in slow.measurements.beats) > 2000.0
    assert "Pause" not in found(slow)
    assert found(slow) & {"Heart rate", "Sinus bradycardia"}
    assert "Pause" in found(at_rate(34.0, (2,)))


def mostly(ventricular: int) -> Segment:
    """Sinus rhythm of which so many beats are taken for ventricular ones."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    beats = tuple(
        replace(b, kind=BeatKind.VENTRICULAR if k < ventricular else BeatKind.NORMAL) for k, b in enumerate(m.beats)
    )
    return replace(segment, measurements=replace(m, beats=beats))


def test_of_mostly_ventricular_beats_the_patients_own_shape_is_not_known() -> None:
    segment = mostly(8)
    total = len(segment.measurements.beats) if segment.measurements is not None else 0
    assert total < 16
    assert found(segment) <= {"Heart rate"}
    for name in ("rhythm", "ventricular beats", "axis", "PR interval", "QRS duration", "QT interval", "ST segment"):
        assert held(segment)[name].startswith(f"8 of {total} beats are taken for ventricular ones")
    under_alarm = replace(segment, trigger=replace(segment.trigger, code=Code.RUN_PVC))
    assert "Ventricular premature beats" in found(under_alarm)
    assert "Sinus rhythm" in found(mostly(2))
