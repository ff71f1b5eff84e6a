"""A bed whose beats a test draws: waves as bells on three axes, seen by the leads that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ingest.bed import BedContext
from ingest.frame import BedId, Signal
from ingest.recording import Recording
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Code
from stream.offline import frames
from stream.policy import Policy
from stream.trigger import Phase

HZ = 500.0
GAIN = 200.0
Wave = tuple[float, float, tuple[float, float, float]]
"""Middle (s, from R), width (s) and size (mV, to the left, down, to the front)."""
AXES = {
    "I": (1.0, 0.0, 0.0),
    "II": (0.5, 0.87, 0.0),
    "III": (-0.5, 0.87, 0.0),
    "V1": (0.1, 0.0, -0.9),
    "V5": (1.1, 0.2, 0.0),
}
P: list[Wave] = [(-0.16, 0.022, (0.08, 0.12, 0.02))]
NORMAL: list[Wave] = [
    *P,
    (-0.022, 0.008, (-0.08, -0.1, -0.15)),
    (0.0, 0.011, (0.8, 0.7, -0.1)),
    (0.026, 0.011, (-0.15, -0.2, 0.5)),
    (0.27, 0.045, (0.25, 0.2, -0.12)),
]
LEFT_BLOCK: list[Wave] = [
    (-0.17, 0.022, (0.08, 0.12, 0.02)),
    (-0.02, 0.014, (0.3, 0.1, 0.5)),
    (0.02, 0.02, (0.8, 0.4, 0.9)),
    (0.06, 0.02, (0.7, 0.3, 0.6)),
    (0.32, 0.05, (-0.3, -0.15, -0.35)),
]
PACED: list[Wave] = [
    (0.0, 0.022, (-0.5, 0.7, -0.5)),
    (0.06, 0.026, (-0.9, 0.9, -1.2)),
    (0.105, 0.02, (0.3, -0.3, 0.5)),
    (0.33, 0.06, (0.5, -0.4, 0.5)),
]


def low(mv: float) -> list[Wave]:
    """A wide ventricular beat that runs downwards alone."""
    return [
        (-0.03, 0.022, (0.0, mv, 0.0)),
        (0.03, 0.026, (0.0, 1.1 * mv, 0.0)),
        (0.085, 0.02, (0.0, -0.35 * mv, 0.0)),
        (0.3, 0.06, (0.0, -0.5 * mv, 0.0)),
    ]


def even(begin_s: float, end_s: float, bpm: float) -> np.ndarray:
    rng = np.random.default_rng(1)
    steps = 60.0 / bpm * (1.0 + rng.normal(0.0, 0.01, int((end_s - begin_s) * bpm / 60.0) + 2))
    at = begin_s + np.concatenate([[0.0], np.cumsum(steps)])
    return at[at < end_s]


def drawn(
    leads: tuple[str, ...],
    seconds: float,
    *rows: tuple[np.ndarray, list[Wave]],
    more: Callable[[np.ndarray, int], np.ndarray] | None = None,
    rate_hz: float = HZ,
) -> Recording:
    """A recording of rows of beats, each at its times; more: what is added to a lead by time and place."""
    t, rng = np.arange(int(seconds * rate_hz)) / rate_hz, np.random.default_rng(3)
    heart = np.zeros((3, len(t)))
    for times, waves in rows:
        for at in times:
            for middle, width, size in waves:
                heart += np.array(size)[:, None] * np.exp(-0.5 * ((t - at - middle) / width) ** 2)
    mv = np.stack([np.array(AXES[name]) @ heart for name in leads]) + rng.normal(0.0, 0.008, (len(leads), len(t)))
    if more is not None:
        mv += np.stack([more(t, k) for k in range(len(leads))])
    signals = tuple(Signal(name, "mV", GAIN, 0.0) for name in leads)
    return Recording("drawn", rate_hz, signals, np.round(mv * GAIN).astype(np.int16))


def play(recording: Recording, paced: bool | None = False) -> Findings:
    """What a bed of a ward tells, half a second a frame, without timeouts."""
    bank, found = Bank(0.0), Findings()
    bank.set_policy(Policy(timeout_1_min=0.0, timeout_2_min=0.0))
    bank.set_context(replace(BedContext(BedId("b"), unit="x", paced=paced), bed=BedId(recording.name)))
    for frame in frames(recording, 0.5):
        found.add(bank.take([frame]))
    return found


def raised(found: Findings, begin_s: float, end_s: float) -> set[Code]:
    """What was announced within these seconds."""
    told = [t for t in found.triggers if t.phase is Phase.ONSET and not t.suppressed_by]
    return {t.code for t in told if begin_s * HZ <= t.sample < end_s * HZ}
