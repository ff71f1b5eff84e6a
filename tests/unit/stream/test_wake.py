"""Leads that lost their part in finding beats: those that are good take part again, and no pull at a cable is learnt."""

import numpy as np
import pytest

from ingest.frame import Flaw, Signal, Span
from ingest.recording import Recording
from stream.offline import analyse

HZ, GAIN = 250.0, 1000.0
SECONDS, TURN_S = 75.0, 30.0


def row(times: np.ndarray, mv: float) -> np.ndarray:
    t, out = np.arange(int(SECONDS * HZ)) / HZ, np.zeros(int(SECONDS * HZ))
    for at in times:
        out += mv * np.maximum(0.0, 1.0 - np.abs(t - at) / 0.04)
        out += 0.2 * mv * np.cos(np.pi * np.clip((t - at - 0.28) / 0.18, -0.5, 0.5)) ** 2
    return out


def recording(mv: np.ndarray, spans: tuple[Span, ...] = ()) -> Recording:
    samples = np.round(mv * GAIN).astype(np.int16)
    samples.flags.writeable = False
    return Recording("made", HZ, tuple(Signal(("II", "V1")[k], "mV", GAIN) for k in range(len(mv))), samples, spans)


def beats_s(made: Recording) -> list[float]:
    return [b.sample / HZ for t in analyse(made).trends for b in t.beats]


def test_a_lead_that_is_too_flat_to_take_part_keeps_no_other_asleep() -> None:
    """The other's QRS falls to a seventh, as where a gain is changed: each beat is found that is found on that lead alone."""
    times, rng = np.arange(0.6, SECONDS, 0.8), np.random.default_rng(1)
    one = row(times[times < TURN_S], 5.0) + row(times[times >= TURN_S], 0.7)
    two = np.stack((one, np.zeros(len(one)))) + rng.normal(0.0, [[0.004], [0.003]], (2, len(one)))
    alone, both = (
        [at for at in beats_s(recording(two[:leads])) if TURN_S + 2.0 < at < SECONDS - 2.0] for leads in (1, 2)
    )
    assert len(alone) > 40
    assert both == pytest.approx(alone, abs=0.05)


@pytest.mark.parametrize("off_s", [0.6, 1.3, 3.0])
@pytest.mark.parametrize("mv", [3.0, 8.0])
def test_a_pull_at_the_cable_before_all_leads_are_off_is_not_learnt(off_s: float, mv: float) -> None:
    times, rng = np.arange(0.6, SECONDS, 0.8), np.random.default_rng(2)
    two = np.stack((row(times, 0.8), row(times, 0.8))) + rng.normal(0.0, 0.006, (2, int(SECONDS * HZ)))
    first, stop = int(TURN_S * HZ), int((TURN_S + 0.4) * HZ)
    two[:, first:stop] += mv * rng.choice([-1.0, 1.0], stop - first)
    back = stop + int(off_s * HZ)
    found = beats_s(recording(two, tuple(Span(k, stop, back, Flaw.LEAD_OFF) for k in range(2))))
    behind = times[times > back / HZ + 2.0]
    assert sum(at > behind[0] - 0.2 for at in found) >= len(behind) - 2
