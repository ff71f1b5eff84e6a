"""Ventricular beats that are low in the leads that are read: a rhythm and no standstill; P waves alone stay one."""

import numpy as np
import pytest

from stream.catalogue import Code
from stream.measurement import BeatKind
from tests.unit.stream.drawn import NORMAL, P, drawn, even, low, play, raised

SINUS_S, LAST_S, STOP_S = 30.0, 55.0, 56.0


@pytest.mark.parametrize("leads", [("II",), ("II", "V1"), ("I", "II", "III")])
@pytest.mark.parametrize("bpm", [50.0, 70.0, 105.0, 140.0])
@pytest.mark.parametrize("mv", [0.25, 0.35])
def test_a_ventricular_rhythm_that_is_low_in_the_leads_is_no_standstill(
    leads: tuple[str, ...], bpm: float, mv: float
) -> None:
    times = even(SINUS_S + 0.5, LAST_S, bpm)
    found = play(drawn(leads, STOP_S, (even(1.0, SINUS_S, 75.0), NORMAL), (times, low(mv))))
    told = raised(found, SINUS_S, LAST_S)
    assert Code.ASYSTOLE not in told
    assert bpm < 100.0 or Code.VTACH in told
    beats = [b for t in found.trends for b in t.beats if SINUS_S < b.sample / 500.0 < LAST_S]
    assert len(beats) >= 0.85 * len(times)


@pytest.mark.parametrize("leads", [("II",), ("II", "V1"), ("I", "II", "III")])
@pytest.mark.parametrize("bpm", [60.0, 90.0])
@pytest.mark.parametrize("size", [1.0, 2.0])
def test_p_waves_that_go_on_alone_are_told_as_a_standstill(leads: tuple[str, ...], bpm: float, size: float) -> None:
    p = [(at, width, tuple(size * np.array(mv))) for at, width, mv in P]
    found = play(
        drawn(leads, STOP_S, (even(1.0, SINUS_S, 75.0), p + NORMAL[1:]), (even(SINUS_S + 0.2, LAST_S, bpm), p))
    )
    assert Code.ASYSTOLE in raised(found, SINUS_S, SINUS_S + 6.0)
    assert not [b for t in found.trends for b in t.beats if SINUS_S + 1.0 < b.sample / 500.0 < LAST_S]


@pytest.mark.parametrize("leads", [("II",), ("II", "V1")])
def test_p_waves_of_another_form_than_the_bed_knows_are_no_beats(leads: tuple[str, ...]) -> None:
    other = [(-0.16, 0.022, (-0.12, -0.15, 0.07))]
    found = play(drawn(leads, STOP_S, (even(1.0, SINUS_S, 75.0), NORMAL), (even(SINUS_S + 0.2, LAST_S, 75.0), other)))
    assert Code.ASYSTOLE in raised(found, SINUS_S, SINUS_S + 6.0)


def test_the_beats_of_a_low_rhythm_are_vouched_for() -> None:
    found = play(
        drawn(("II", "V1"), STOP_S, (even(1.0, SINUS_S, 75.0), NORMAL), (even(SINUS_S + 0.5, LAST_S, 105.0), low(0.25)))
    )
    rates = [t.rate_bpm for t in found.trends if SINUS_S + 12.0 < t.first / 500.0 < LAST_S - 2.0]
    assert all(r is not None and abs(r - 105.0) < 6.0 for r in rates)
    kinds = [b.kind for t in found.trends for b in t.beats if SINUS_S + 12.0 < b.sample / 500.0 < LAST_S]
    assert kinds.count(BeatKind.VENTRICULAR) > 0
