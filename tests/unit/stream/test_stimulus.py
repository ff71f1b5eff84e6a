"""Pulses of a pacemaker that nobody flags: what is nothing but its pulse is no beat of a bed that may be paced."""

import numpy as np
import pytest

from stream.catalogue import Code
from tests.unit.stream.drawn import HZ, NORMAL, PACED, drawn, even, play, raised

LOST_S, STOP_S = 40.0, 70.0
PULSES = np.arange(1.0, STOP_S - 1.0, 60.0 / 70.0)


def pulses(t: np.ndarray, lead: int) -> np.ndarray:
    """Pulses of 2 mV and 2 ms, each with a decay of 40 ms, in every lead."""
    mv, sign = np.zeros(len(t)), 1.0 if lead % 2 else -0.7
    for at in PULSES:
        first = int(at * HZ)
        mv[first] += 2.0 * sign
        count = min(100, len(t) - first - 1)
        mv[first + 1 : first + 1 + count] -= 0.12 * sign * np.exp(-np.arange(count) / 20.0)
    return mv


@pytest.mark.parametrize("leads", [("II",), ("II", "V1"), ("I", "II", "III")])
@pytest.mark.parametrize("paced", [True, None])
def test_a_pacemaker_that_nothing_answers_is_a_standstill(leads: tuple[str, ...], paced: bool | None) -> None:
    answered = PULSES[PULSES < LOST_S] + 0.05
    found = play(drawn(leads, STOP_S, (answered, PACED), more=pulses), paced)
    assert Code.ASYSTOLE in raised(found, LOST_S, LOST_S + 10.0)


@pytest.mark.parametrize("leads", [("II",), ("II", "V1")])
def test_beats_that_answer_are_beats_and_so_are_those_of_the_heart_itself(leads: tuple[str, ...]) -> None:
    own = even(LOST_S + 0.5, STOP_S - 1.0, 50.0)
    answered = PULSES[PULSES < LOST_S] + 0.05
    captured = play(drawn(leads, STOP_S, (PULSES + 0.05, PACED), more=pulses), True)
    assert Code.ASYSTOLE not in raised(captured, 5.0, STOP_S - 1.0)
    escape = play(drawn(leads, STOP_S, (answered, PACED), (own, NORMAL[1:]), more=pulses), True)
    assert Code.ASYSTOLE not in raised(escape, LOST_S, STOP_S - 1.0)
