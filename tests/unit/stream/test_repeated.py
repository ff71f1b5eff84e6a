"""Beats that repeat themselves are vouched for: the rate of a tachycardia is known, and its leads are good."""

import numpy as np
import pytest

from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.classify import NORMAL, VENTRICULAR
from stream.measurement import Quality
from stream.offline import analyse
from stream.repeated import ALIKE, PLAINLY, ROW, repeats, vouch
from stream.state import new_states

RATE_HZ = 250.0


@pytest.mark.parametrize("bpm", [130.0, 160.0, 200.0])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_rate_of_a_clean_tachycardia_is_known_and_its_leads_are_good(bpm: float, seed: int) -> None:
    script = Scenario("patient", (Step("sinus", 20.0, 75.0), Step("vt", 30.0, bpm)))
    recording = simulate(script, script.seconds, seed=seed, rate_hz=RATE_HZ, name="patient")
    trends = [t for t in analyse(recording).trends if t.first >= 32.0 * RATE_HZ]
    rates = [t.rate_bpm for t in trends]
    assert len(rates) > 15
    assert all(rate is not None and abs(rate - bpm) < 0.05 * bpm for rate in rates)
    assert all(quality is Quality.GOOD for t in trends for quality in t.quality)


def beats(count: int, rr: float = 100.0) -> np.void:
    """So many beats at this distance (samples), each like the one before, and each doubted and hidden."""
    s = new_states(1)[0]
    s["beats"] = count
    s["beat_rr"][:count], s["beat_same"][:count], s["beat_kind"][:count] = rr, 1.0, VENTRICULAR
    s["beat_doubt"][:count], s["beat_hidden"][:count] = 0.4, 1
    return s


def test_a_row_is_long_alike_even_and_of_ventricular_beats() -> None:
    assert repeats(beats(ROW))
    assert not repeats(beats(ROW - 1))
    uneven, unlike, unknown, narrow, plain = (beats(ROW) for _ in range(5))
    uneven["beat_rr"][ROW - 4], unlike["beat_same"][ROW - 4], unknown["beat_rr"][ROW - 4] = 115.0, 0.9 * ALIKE, 0.0
    assert not repeats(uneven)
    assert not repeats(unlike)
    assert not repeats(unknown)
    narrow["beat_kind"][ROW - 4], plain["beat_doubt"][ROW - 4] = NORMAL, PLAINLY
    assert not repeats(narrow)
    assert not repeats(plain)


def test_only_the_beats_of_the_row_are_vouched_for() -> None:
    s = beats(ROW + 3)
    vouch(s)
    assert s["beat_doubt"][: ROW + 3].tolist() == [0.4] * 3 + [0.0] * ROW
    assert s["beat_hidden"][: ROW + 3].tolist() == [1] * 3 + [0] * ROW
