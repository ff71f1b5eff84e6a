"""Hearts that beat 200 to 300 times a minute: their rate is shown, in every class of patient."""

import numpy as np
import pytest

from ingest.bed import BedContext, PatientClass
from ingest.frame import BedId, Signal
from ingest.recording import Recording
from stream.bank import Bank
from stream.bed import Findings
from stream.offline import frames

HZ, GAIN = 250.0, 200.0
BEFORE_S, SECONDS = 12.0, 30.0
LEADS = (("II", 1.0), ("V1", -0.6), ("V5", 0.8))


def wave(t: np.ndarray, at: float, width_s: float, mv: float) -> np.ndarray:
    return mv * np.cos(np.pi * np.clip((t - at) / width_s, -0.5, 0.5)) ** 2


def train(bpm: float, before_bpm: float, qrs_s: float, leads: int, uneven: float) -> Recording:
    """Narrow QRS of 1 mV with P and T waves: at one rate for BEFORE_S, then at another; uneven: spread of the intervals, as a share."""
    rng, t = np.random.default_rng(1), np.arange(int(SECONDS * HZ)) / HZ
    one, at = np.zeros(len(t)), 0.5
    while at < SECONDS:
        rr = 60.0 / (bpm if at > BEFORE_S else before_bpm)
        qt = min(0.4 * np.sqrt(rr), 0.75 * rr)
        one += np.maximum(0.0, 1.0 - np.abs(t - at) / (0.3 * qrs_s))
        one -= 0.25 * np.maximum(0.0, 1.0 - np.abs(t - at - 0.45 * qrs_s) / (0.25 * qrs_s))
        one += wave(t, at + 0.75 * qt, 0.45 * qt, 0.2) + wave(t, at - min(0.14, 0.3 * rr), 0.07, 0.1)
        at += rr * (1.0 + uneven * float(rng.uniform(-1.0, 1.0)))
    mv = np.array([[size] for _, size in LEADS[:leads]]) * one
    samples = np.round((mv + rng.normal(0.0, 0.008, mv.shape)) * GAIN).astype(np.int16)
    samples.flags.writeable = False
    return Recording("bed", HZ, tuple(Signal(name, "mV", GAIN) for name, _ in LEADS[:leads]), samples)


def play(recording: Recording, who: PatientClass) -> Findings:
    bank, found = Bank(0.0), Findings()
    bank.set_context(BedContext(BedId(recording.name), patient_class=who))
    for frame in frames(recording, 0.25):
        found.add(bank.take([frame]))
    return found


@pytest.mark.parametrize("who", list(PatientClass))
@pytest.mark.parametrize("bpm", [200.0, 230.0, 260.0, 300.0])
@pytest.mark.parametrize(
    ("before_bpm", "qrs_s", "leads", "uneven"), [(0.0, 0.05, 1, 0.0), (0.0, 0.08, 3, 0.03), (130.0, 0.06, 1, 0.03)]
)
def test_the_rate_of_a_fast_heart_is_shown(
    who: PatientClass, bpm: float, before_bpm: float, qrs_s: float, leads: int, uneven: float
) -> None:
    """Within a tenth or 5/min (IEC 60601-2-27), from the begin on or behind a slower rhythm."""
    found = play(train(bpm, before_bpm or bpm, qrs_s, leads, uneven), who)
    shown = [t.rate_bpm for t in found.trends if t.first >= (BEFORE_S + 12.0) * HZ]
    assert len(shown) >= 5
    assert all(rate is not None and abs(rate - bpm) <= max(5.0, 0.1 * bpm) for rate in shown)
