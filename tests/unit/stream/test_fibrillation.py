"""Fibrillation told from ventricular rhythms that leave no baseline: by how soon one wave follows the other, and whether it is the same one."""

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from ingest.recording import Recording
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase
from tests.unit.stream.drawn import AXES, NORMAL, Wave, drawn

HZ = 250.0
SINUS_S, SECONDS = 20.0, 45.0
SINUS = (np.arange(1.0, SINUS_S, 0.75), NORMAL)
LEADS = ("I", "II", "III", "V1", "V5")


def ventricular(seed: int, bpm: float) -> list[Wave]:
    """A QRS of 120 to 180 ms in a direction of its own, with its T wave, which comes the sooner the faster it goes."""
    rng = np.random.default_rng(seed)
    main, turn = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
    size, wide, early = rng.uniform(0.8, 1.6), rng.uniform(0.018, 0.03), min(1.0, (80.0 / bpm) ** 0.5)
    parts = [(-0.03, wide, 0.6 * main), (0.03, 1.1 * wide, 0.7 * main + 0.5 * turn), (0.08, 0.02, -0.3 * turn)]
    parts.append((0.3 * early, 0.06 * early, -0.45 * (main + 0.3 * turn)))
    return [(at, width, tuple(size * vector)) for at, width, vector in parts]


def onsets(recording: Recording) -> dict[Code, float]:
    """When each alarm began first behind the sinus rhythm, s from its end."""
    begun = [t for t in analyse(recording, 0.25).triggers if t.phase is Phase.ONSET and not t.suppressed_by]
    return {t.code: t.sample / HZ - SINUS_S for t in reversed(begun) if t.sample > SINUS_S * HZ}


@pytest.mark.parametrize("bpm", [120.0, 150.0, 170.0, 190.0, 220.0])
@pytest.mark.parametrize("leads", [LEADS, ("II", "V1")])
def test_a_regular_tachycardia_is_no_fibrillation(bpm: float, leads: tuple[str, ...]) -> None:
    for seed in (1, 5, 12):
        steps = 1.0 + np.random.default_rng(seed).normal(0.0, 0.006, int((SECONDS - SINUS_S - 1.0) * bpm / 60.0))
        times = SINUS_S + 0.4 + np.cumsum(60.0 / bpm * steps)
        told = onsets(drawn(leads, SECONDS, SINUS, (times, ventricular(seed, bpm)), rate_hz=HZ))
        assert Code.VFIB not in told
        assert Code.VTACH in told


@pytest.mark.parametrize(("hz", "wide_hz"), [(2.4, 0.8), (2.8, 1.0), (4.0, 1.5), (5.5, 2.0)])
@pytest.mark.parametrize("leads", [LEADS, ("II",)])
def test_waves_of_any_usual_rate_are_fibrillation(hz: float, wide_hz: float, leads: tuple[str, ...]) -> None:
    band = butter(2, [hz - 0.5 * wide_hz, hz + 0.5 * wide_hz], "band", fs=HZ, output="sos")
    for seed in (1, 2):
        heart = sosfiltfilt(band, np.random.default_rng(seed).normal(size=(3, int(SECONDS * HZ))), axis=1)

        def waves(t: np.ndarray, lead: int, heart: np.ndarray = 0.3 * heart / heart.std()) -> np.ndarray:
            return np.where(t < SINUS_S, 0.0, np.array(AXES[leads[lead]]) @ heart)

        assert onsets(drawn(leads, SECONDS, SINUS, more=waves, rate_hz=HZ))[Code.VFIB] < 9.0
