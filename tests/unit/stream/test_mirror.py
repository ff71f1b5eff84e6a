"""Cables that are changed turn every lead over: no ventricular beats; a tachycardia stays one."""

from dataclasses import replace

import numpy as np
import pytest

from stream.catalogue import Code
from stream.measurement import BeatKind
from tests.unit.stream.drawn import HZ, LEFT_BLOCK, NORMAL, PACED, Wave, drawn, even, play, raised

TURN_S, STOP_S = 40.0, 60.0
RATES = {Code.HR_HIGH, Code.EXTREME_TACHY}


@pytest.mark.parametrize("bpm", [75.0, 110.0, 130.0])
@pytest.mark.parametrize("waves", [NORMAL, LEFT_BLOCK])
def test_leads_that_are_turned_over_at_once_show_the_same_heart(bpm: float, waves: list[Wave]) -> None:
    shorter = min(1.0, (60.0 / bpm / 0.75) ** 0.5)
    waves = [(m * shorter if m > 0.2 else m, w, mv) for m, w, mv in waves]
    recording = drawn(("II", "V1", "V5"), STOP_S, (even(1.0, STOP_S, bpm), waves))
    samples = recording.samples.copy()
    samples[:, int(TURN_S * HZ) :] *= -1
    found = play(replace(recording, samples=samples))
    assert raised(found, TURN_S, STOP_S - 1.0) <= RATES
    told = [b.kind for t in found.trends for b in t.beats if TURN_S + 2.0 < b.sample / HZ < STOP_S]
    assert told
    assert BeatKind.VENTRICULAR not in told


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_tachycardia_of_beats_that_are_upside_down_is_told(sign: float) -> None:
    upside_down = [(m, w, tuple(sign * np.array(mv))) for m, w, mv in PACED]
    recording = drawn(
        ("II", "V1", "V5"),
        STOP_S,
        (even(1.0, TURN_S, 75.0), NORMAL),
        (even(TURN_S + 0.4, STOP_S - 1.0, 150.0), upside_down),
    )
    assert Code.VTACH in raised(play(recording), TURN_S, TURN_S + 6.0)
