"""A ventricular standstill made of real records: QRS and T waves are cut out of lead II, its P waves go on."""

from pathlib import Path

import numpy as np
import pytest

from ingest.frame import Signal
from ingest.open_recording import read_recording
from ingest.recording import Recording
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase

BEATS_S, STILL_S, EDGE_S = 30.0, 20.0, 0.02


def marked(path: str) -> list[tuple[str, int, int]]:
    """Symbol, first and last sample of each wave that cardiologists marked in lead II."""
    import wfdb

    marks = wfdb.rdann(path, "ii")
    found, begin, symbol = [], 0, ""
    for sample, mark in zip(marks.sample, marks.symbol, strict=True):
        if mark == "(":
            begin = int(sample)
        elif mark == ")":
            found.append((symbol, begin, int(sample)))
        else:
            symbol = mark
    return found


def p_waves_alone(path: str) -> tuple[Recording, float]:
    """Lead II of whole beats again and again, then nothing but its P waves; time (s) of the last R."""
    whole = read_recording(path)
    hz, row = whole.rate_hz, [s.name for s in whole.signals].index("II")
    mv = (whole.samples[row] - whole.signals[row].zero) * whole.signals[row].mv_per_step
    waves = marked(path)
    first, stop = (waves[k][1] - round(0.25 * hz) for k in _ends(waves))
    ramp = np.linspace(0.0, 1.0, stop - first)
    beats = mv[first:stop] - (mv[stop] - mv[first]) * ramp
    alone = np.zeros_like(beats)
    for symbol, a, b in waves:
        a, b = a - first - round(EDGE_S * hz), b - first + round(EDGE_S * hz)
        if symbol == "p" and a >= 0 and b < alone.size:
            alone[a:b] = beats[a:b] - np.linspace(beats[a], beats[b], b - a)
    times = int(np.ceil(BEATS_S * hz / beats.size))
    still = np.tile(alone, int(np.ceil(STILL_S * hz / alone.size)))[: round(STILL_S * hz)]
    still += beats[-1] + np.random.default_rng(0).normal(0.0, 0.005, still.size)
    samples = np.round(np.concatenate([np.tile(beats, times), still]) * 1000.0).astype(np.int16)[None]
    samples.flags.writeable = False
    last = max(b for symbol, _, b in waves if symbol == "N" and b < stop) - first
    return Recording("made", hz, (Signal("II", "mV", 1000.0, 0.0),), samples), ((times - 1) * beats.size + last) / hz


def _ends(waves: list[tuple[str, int, int]]) -> tuple[int, int]:
    """Places of the first QRS with a beat before it, and of the last."""
    qrs = [k for k, (symbol, _, _) in enumerate(waves) if symbol == "N"]
    return qrs[1], qrs[-1]


@pytest.mark.parametrize("record", [77, 116, 196])
def test_a_standstill_is_told_whose_p_waves_go_on_on_one_lead(record: int, ludb: Path) -> None:
    made, last_s = p_waves_alone(str(ludb / "data" / str(record)))
    found = analyse(made)
    told = [(t.phase, t.sample / made.rate_hz) for t in found.triggers if t.code is Code.ASYSTOLE]
    assert told[0] == (Phase.ONSET, pytest.approx(last_s + 4.0, abs=0.25))
    assert not [b for t in found.trends for b in t.beats if b.sample > (last_s + 0.3) * made.rate_hz]
