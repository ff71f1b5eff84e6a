"""A baseline that wanders fast drowns the forms of beats: no ventricular runs and patterns are told of them."""

import numpy as np
import pytest

from stream.catalogue import Code
from tests.unit.stream.drawn import NORMAL, PACED, drawn, even, play, raised

BEGIN_S, STOP_S = 20.0, 60.0
VENTRICULAR = {
    Code.RUN_PVC,
    Code.VENT_RHYTHM,
    Code.BIGEMINY,
    Code.TRIGEMINY,
    Code.PAIR_PVC,
    Code.NONSUST_VT,
    Code.MULTIFORM_PVC,
    Code.PVC_PER_MIN,
    Code.VTACH,
}


@pytest.mark.parametrize("hz", [0.15, 0.6, 0.9])
@pytest.mark.parametrize("leads", [("II",), ("I", "II", "III")])
def test_a_wandering_baseline_makes_no_ventricular_beats(hz: float, leads: tuple[str, ...]) -> None:
    found = play(
        drawn(
            leads,
            STOP_S,
            (even(1.0, STOP_S, 72.0), NORMAL),
            more=lambda t, k: 5.0 * np.sin(2.0 * np.pi * hz * t + 0.4 * k) * (t > BEGIN_S),
        )
    )
    assert not raised(found, BEGIN_S, STOP_S) & VENTRICULAR


def test_runs_and_patterns_without_wander_are_told() -> None:
    beats = even(1.0, STOP_S, 75.0)
    found = play(drawn(("II", "V1"), STOP_S, (beats[::2], NORMAL), (beats[1::2], PACED)))
    assert Code.BIGEMINY in raised(found, 0.0, STOP_S)
    slow = play(drawn(("II", "V1"), STOP_S, (even(1.0, 20.0, 75.0), NORMAL), (even(20.6, 59.0, 80.0), PACED)))
    assert Code.VENT_RHYTHM in raised(slow, BEGIN_S, STOP_S)
