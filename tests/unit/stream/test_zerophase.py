"""The diagnostic filters against scipy's, for even and odd lengths and more leads than go side by side."""

import math

import numpy as np
import pytest
from scipy import signal

from stream.segment import END_SAMPLES, SETTLE_S, reachable_hz, to_model
from stream.zerophase import to_diagnostic


@pytest.mark.parametrize(("rate_hz", "leads", "n"), [(500.0, 12, 10000), (360.0, 2, 7201), (250.0, 15, 4999)])
def test_the_filters_are_scipys(rate_hz: float, leads: int, n: int) -> None:
    rng = np.random.default_rng(7)
    steps = np.cumsum(rng.integers(-20, 21, (leads, n)), axis=1).astype(np.int16)
    scale, zero = np.full(leads, 0.005), np.full(leads, 3.0)
    low = signal.butter(1, 0.05, "highpass", fs=rate_hz, output="sos")
    high = signal.butter(2, reachable_hz(rate_hz), "lowpass", fs=rate_hz, output="sos")
    mv = (steps - zero[:, None]) * scale[:, None]
    mv -= np.median(mv, axis=1, keepdims=True)
    pad = int(rate_hz)
    expected = signal.sosfiltfilt(high, signal.sosfiltfilt(low, mv, axis=1, padtype="even", padlen=pad), axis=1)
    states = signal.sosfilt_zi(low)[0], signal.sosfilt_zi(high)[0]
    settle = math.ceil(SETTLE_S * rate_hz)
    for skip in (0, 100, n // 2):
        found = to_diagnostic(steps, scale, zero, low[0], states[0], high[0], states[1], pad, END_SAMPLES, skip, settle)
        assert np.abs(found - expected[:, skip:]).max() < 1e-12


@pytest.mark.parametrize("rate_hz", [250.0, 360.0, 500.0, 1000.0])
def test_the_model_gets_ten_seconds_at_500_hz(rate_hz: float) -> None:
    n = round(20 * rate_hz)
    wave = np.round(200 * np.sin(2 * np.pi * 2.0 * np.arange(n) / rate_hz)).astype(np.int16)
    found = to_model(wave[None], np.array([0.005]), np.zeros(1), rate_hz, round(10 * rate_hz))
    assert found.shape == (1, 5000)
    expected = np.sin(2 * np.pi * 2.0 * np.arange(5000) / 500.0)
    assert np.abs(found[0, 200:-200] - expected[200:-200]).max() < 0.05
