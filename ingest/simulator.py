"""A simulated patient: twelve leads from a script, with the beats and rhythms that are truly there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest import scenario as script
from ingest.course import Course, play
from ingest.frame import LEADS, Flaw, Signal, Span
from ingest.recording import Recording, RhythmSpan, Truth
from ingest.waveform import SHIFT, Heart, beat, leads, p_wave, twelve

GAIN = 200.0
"""Steps per mV: 5 uV a step."""
_LETTER = {"N": "N", "L": "N", "R": "N", "V": "V", "W": "V", "/": "Q"}


def simulate(what: script.Scenario, seconds: float, *, seed: int, rate_hz: float = 500.0, name: str = "") -> Recording:
    """Twelve leads of int16 at 5 uV a step; the same arguments give the same samples."""
    script.check(what)
    rng = np.random.default_rng((seed, 20))
    heart = _patient(rng)
    course = play(what, seconds, heart, rng)
    n = round(seconds * rate_hz)
    dipole = _dipole(course, what, heart, n, rate_hz, rng)
    mv = leads(dipole)
    mv += _noise(n, rate_hz, rng)
    spans = _flaws(what, seconds, mv, rate_hz, rng)
    samples = np.clip(np.round(mv * GAIN), -32768, 32767).astype(np.int16)
    samples.flags.writeable = False
    signals = tuple(Signal(lead, "mV", GAIN) for lead in LEADS)
    return Recording(
        name or what.name, rate_hz, signals, samples, spans, _truth(course, n, rate_hz), _pulses(course, n, rate_hz)
    )


def _pulses(course: Course, n: int, rate_hz: float) -> tuple[int, ...]:
    """Where a front end would flag the pacer."""
    return tuple(p for p in (round(at * rate_hz) for at in course.spikes) if 0 <= p < n)


def _patient(rng: np.random.Generator) -> Heart:
    u = rng.random(4)
    return Heart(0.75 + 0.5 * u[0], (u[1] - 0.5) * 0.7, 0.13 + 0.06 * u[2], 0.38 + 0.05 * u[3])


def _dipole(
    course: Course, what: script.Scenario, heart: Heart, n: int, rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Add every beat, P wave and oscillation to an (n, 3) dipole."""
    out = np.zeros((n, 3))
    shift = SHIFT.get(what.infarct)
    shapes: dict[tuple[str, int], tuple[int, NDArray[np.float64]]] = {}
    times = [at for at, _ in course.beats]
    for k, (at, kind) in enumerate(course.beats):
        # QT follows the rate of the beats before, not the beat that comes next
        rr = min(float(np.median(np.diff(times[max(0, k - 8) : k + 1]))) if k else 0.8, 1.6)
        key = (kind, round(rr * 20))
        if key not in shapes:
            shapes[key] = beat(heart, kind, key[1] / 20.0, rate_hz, shift)
        _add(out, shapes[key], at, rate_hz, 1.0 + heart.wave_jitter * float(rng.standard_normal()))
    wave = p_wave(heart, rate_hz)
    for at in course.p_waves:
        _add(out, wave, at, rate_hz, 1.0)
    spike = np.zeros((2, 3))
    spike[:] = (1.5, -1.5, 0.5)
    for at in course.spikes:
        _add(out, (0, spike), at, rate_hz, 1.0)
    for begin, stop, kind in course.flutter:
        _oscillate(out, round(begin * rate_hz), round(stop * rate_hz), kind, rate_hz, rng)
    return out


def _add(
    out: NDArray[np.float64], wave: tuple[int, NDArray[np.float64]], at: float, rate_hz: float, size: float
) -> None:
    first = round(at * rate_hz) - wave[0]
    a, b = max(0, first), min(len(out), first + len(wave[1]))
    if a < b:
        out[a:b] += size * wave[1][a - first : b - first]


def _oscillate(
    out: NDArray[np.float64], first: int, stop: int, kind: str, rate_hz: float, rng: np.random.Generator
) -> None:
    """Fibrillation waves with wandering frequency: 4 to 6 Hz and coarse in the ventricles, 5 to 8 Hz and small in the atria."""
    first, stop = max(0, first), min(stop, len(out))
    n = stop - first
    if n <= 0:
        return
    base, size = (4.6, 0.42) if kind == "vf" else (6.4, 0.035)
    for k, direction in enumerate(((0.9, 0.5, 0.4), (-0.3, 0.8, 0.5), (0.4, -0.2, 0.9))):
        drift = np.cumsum(rng.standard_normal(n // 50 + 2)) * 0.25
        slow = np.interp(np.arange(n), np.arange(len(drift)) * 50.0, drift)
        phase = 2 * np.pi * np.cumsum(base + 0.5 * k + 0.8 * np.tanh(slow)) / rate_hz + rng.random() * 6.28
        swing = size * (0.75 + 0.25 * np.sin(2 * np.pi * (0.35 + 0.1 * k) * np.arange(n) / rate_hz + 2.0 * k))
        out[first:stop] += (swing / (k + 1.0) * np.sin(phase))[:, None] * np.array(direction)


def _noise(n: int, rate_hz: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Wander by breathing, muscle noise and a trace of mains, (12, n) mV; limb leads stay consistent."""
    t = np.arange(n) / rate_hz
    eight = rng.standard_normal((8, n), dtype=np.float32).astype(np.float64) * 0.008
    breath = np.sin(2 * np.pi * 0.24 * t + rng.random() * 6.28)
    mains = np.sin(2 * np.pi * 50.0 * t)
    depth = 0.03 + 0.05 * rng.random(8)
    hum = 0.004 * rng.random(8)
    eight += depth[:, None] * breath + hum[:, None] * mains
    return twelve(eight)


def _flaws(
    what: script.Scenario, seconds: float, mv: NDArray[np.float64], rate_hz: float, rng: np.random.Generator
) -> tuple[Span, ...]:
    """Put artefacts into the signal where the script says so, and give the stretches in which a lead is off."""
    spans = []
    begin = 0.0
    while begin < seconds:
        for step in what.steps:
            a, b = round(begin * rate_hz), min(round((begin + step.seconds) * rate_hz), mv.shape[1])
            if step.flaw == "off" and a < b:
                spans.append(Span(LEADS.index("II"), a, b, Flaw.LEAD_OFF))
            elif step.flaw and a < b:
                _artefact(mv, a, b, step.flaw, rate_hz, rng)
            begin += step.seconds
            if begin >= seconds:
                break
    return tuple(spans)


def _artefact(mv: NDArray[np.float64], a: int, b: int, flaw: str, rate_hz: float, rng: np.random.Generator) -> None:
    if flaw == "muscle":
        mv[:, a:b] += 0.12 * rng.standard_normal((12, b - a))
        return
    steps = rng.standard_normal((12, (b - a) // 25 + 2)) * 0.35
    walk = np.cumsum(steps, axis=1)
    walk -= walk.mean(axis=1, keepdims=True)
    x = np.arange(b - a) / 25.0
    for row in range(12):
        mv[row, a:b] += 0.5 * np.interp(x, np.arange(walk.shape[1]), walk[row])


def _truth(course: Course, n: int, rate_hz: float) -> Truth:
    beats = tuple((round(at * rate_hz), _LETTER[kind]) for at, kind in sorted(course.beats) if round(at * rate_hz) < n)
    spans = tuple(RhythmSpan(round(a * rate_hz), min(n, round(b * rate_hz)), r) for a, b, r in course.rhythms)
    return Truth(beats, spans)


def truth_alarms(recording: Recording) -> list[tuple[str, int]]:
    """From the script alone, the sample that makes each criterion true, by the adult defaults (docs/alarms.md)."""
    truth, rate = recording.truth, recording.rate_hz
    if truth is None:
        return []
    found = [
        ("VFIB", span.start + round(4 * rate))
        for span in truth.rhythms
        if span.rhythm == "vf" and span.stop - span.start >= 4 * rate
    ]
    shaking = [(s.start, s.stop) for s in truth.rhythms if s.rhythm == "vf"]
    beats = truth.beats
    for (at, _), (after, _) in zip(beats, [*beats[1:], (recording.samples.shape[1], "")], strict=True):
        if after - at >= 4 * rate and not any(a < after and b > at for a, b in shaking):
            found.append(("ASYSTOLE", at + round(4 * rate)))
    run = 0
    for k, (at, letter) in enumerate(beats):
        run = run + 1 if letter == "V" else 0
        if run == 5 and 60.0 * rate * 4 / (at - beats[k - 4][0]) >= 100:
            found.append(("VTACH", at))
    return sorted(found, key=lambda f: f[1])


EVENTS = ("VFIB", "ASYSTOLE", "VTACH", "RAPID_VT", "PAUSE", "NONSUST_VT")
"""Codes of which a script tells every onset."""


def truth_events(recording: Recording) -> list[tuple[str, int]]:
    """As `truth_alarms`, with what else the beats of a script tell for certain: every onset of EVENTS."""
    truth, rate = recording.truth, recording.rate_hz
    if truth is None:
        return []
    found = truth_alarms(recording)
    shaking = [(s.start, s.stop) for s in truth.rhythms if s.rhythm == "vf"]
    ends = recording.samples.shape[1]
    for (at, _), (after, _) in zip(truth.beats, [*truth.beats[1:], (ends, "")], strict=True):
        if after - at >= 2 * rate and not any(a < after and b > at for a, b in shaking):
            found.append(("PAUSE", at + round(2 * rate)))
    for run in _ventricular_runs(truth.beats):
        rates = [60.0 * rate * 5 / (b - a) for a, b in zip(run, run[5:], strict=False)]
        fast = next((k for k, bpm in enumerate(rates) if bpm > 160.0), None)
        if fast is not None:
            found.append(("RAPID_VT", run[fast + 5]))
        is_over = run[-1] < truth.beats[-1][0]
        if is_over and 3 <= len(run) < 5 and 60.0 * rate * (len(run) - 1) / (run[-1] - run[0]) >= 100:
            found.append(("NONSUST_VT", run[-1]))
    return sorted(found, key=lambda f: f[1])


def _ventricular_runs(beats: tuple[tuple[int, str], ...]) -> list[list[int]]:
    """R peaks of ventricular beats that follow one another."""
    runs: list[list[int]] = []
    before = ""
    for at, letter in beats:
        if letter == "V":
            runs[-1].append(at) if before == "V" else runs.append([at])
        before = letter
    return runs


_EPISODES = (
    script.Step("asystole", 7.0),
    script.Step("vt", 6.0, 170.0),
    script.Step("vf", 9.0),
    script.Step("vt", 8.0, 150.0),
)


def bench_recordings(beds: int, seconds: float, seed: int) -> list[Recording]:
    """So many different patients; every tenth has an asystole, VT or VF at a moment of its own."""
    found = []
    for k in range(beds):
        rng = np.random.default_rng((seed, k))
        rate = float(60 + 30 * rng.random())
        steps: tuple[script.Step, ...] = (script.Step("sinus", seconds, rate),)
        if k % 10 == 0:
            begin = float(12 + (seconds - 32) * rng.random())
            episode = _EPISODES[(k // 10) % len(_EPISODES)]
            steps = (script.Step("sinus", begin, rate), episode, script.Step("sinus", seconds, rate))
        found.append(simulate(script.Scenario("bench", steps), seconds, seed=seed + k, name=f"bench-{k:04d}"))
    return found
