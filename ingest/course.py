"""What a simulated heart does, from a script: when beats, P waves, pacing pulses and oscillations come."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ingest import scenario as script
from ingest.waveform import Heart


@dataclass(slots=True)
class Course:
    """What is being written: beats (time, kind, RR behind), P waves, flat-out oscillation, in seconds."""

    beats: list[tuple[float, str]] = field(default_factory=list)
    p_waves: list[float] = field(default_factory=list)
    rhythms: list[tuple[float, float, str]] = field(default_factory=list)
    flutter: list[tuple[float, float, str]] = field(default_factory=list)
    spikes: list[float] = field(default_factory=list)


def play(what: script.Scenario, seconds: float, heart: Heart, rng: np.random.Generator) -> Course:
    """Play the script until `seconds`; the first beat comes after 0.4 s."""
    written = Course()
    begin, at = 0.0, 0.4
    while begin < seconds:
        for step in what.steps:
            stop = min(begin + step.seconds, seconds)
            written.rhythms.append((begin, stop, step.rhythm))
            at = _RHYTHMS[step.rhythm](written, step, max(at, begin), stop, what.conduction, heart, rng)
            begin = stop
            if begin >= seconds:
                break
    return written


def _rr(rate: float, at: float, rng: np.random.Generator, spread: float = 0.02) -> float:
    """RR with a respiratory and a random part."""
    usual = 60.0 / rate
    return float(usual * (1.0 + 0.02 * np.sin(2 * np.pi * 0.24 * at) + spread * rng.standard_normal() * 0.5))


def _sinus(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    extra = 0.11 if step.rhythm == "avblock1" else 0.0
    swing = 0.15 if step.rhythm == "arrhythmia" else 0.0
    while at < stop:
        c.beats.append((at, kind))
        c.p_waves.append(at - h.pr_s - extra + 0.03)
        at += _rr(step.rate, at, rng) * (1.0 + swing * float(np.sin(2 * np.pi * 0.24 * at)))
    return at


def _fibrillating(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    c.flutter.append((at - 0.3, stop, "af"))
    while at < stop:
        c.beats.append((at, kind))
        at += float(np.clip(60.0 / step.rate * (1.0 + 0.24 * rng.standard_normal()), 0.33, 1.7))
    return at


def _tachycardia(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    if c.beats:
        at = min(at, c.beats[-1][0] + 60.0 / step.rate)
    while at < stop:
        c.beats.append((at, "V"))
        at += 60.0 / step.rate * (1.0 + 0.004 * float(rng.standard_normal()))
    return at + 60.0 / step.rate


def _oscillating(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    begin = c.rhythms[-1][0]
    c.beats[:] = [b for b in c.beats if b[0] < begin]
    c.flutter.append((begin, stop, "vf"))
    return stop + 0.6


def _standstill(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    return stop + 0.2


def _pausing(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    c.beats.append((at, kind))
    c.p_waves.append(at - h.pr_s + 0.03)
    return _sinus(c, step, at + step.length, max(stop, at + step.length), kind, h, rng)


def _ectopic(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    normals = {"bigeminy": 1, "trigeminy": 2, "run": 1}.get(step.rhythm, 5)
    beats = {"couplet": 2, "run": int(step.length)}.get(step.rhythm, 1)
    base = 72.0 if step.rhythm == "run" else step.rate
    early, pause = (0.70, 1.5) if step.rhythm == "ront" else (0.42, 1.25)
    other = False
    while at < stop:
        for _ in range(normals):
            c.beats.append((at, kind))
            c.p_waves.append(at - h.pr_s + 0.03)
            at += _rr(base, at, rng)
        at -= early * 60.0 / base
        for k in range(beats):
            c.beats.append((at, "W" if other else "V"))
            at += 60.0 / (step.rate if step.rhythm == "run" else 110.0) if k < beats - 1 else 0.0
        at += pause * 60.0 / base
        other = step.rhythm == "multiform" and not other
        if step.rhythm == "run":
            return max(at, stop)
    return at


def _supraventricular(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    """A premature beat begins it; narrow beats without a P wave of their own."""
    if c.beats:
        at = c.beats[-1][0] + 60.0 / step.rate
    while at < stop:
        c.beats.append((at, kind))
        at += 60.0 / step.rate * (1.0 + 0.004 * float(rng.standard_normal()))
    return at + 0.5


def _irregular(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    """P waves before beats whose distance changes by a quarter and more."""
    while at < stop:
        c.beats.append((at, kind))
        c.p_waves.append(at - h.pr_s + 0.03)
        at += 60.0 / step.rate * float(rng.choice((0.78, 1.0, 1.22)))
    return at


def _atrial_ectopic(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    """So many sinus beats, then an early atrial one, which resets the sinus node: no full pause follows."""
    k = 0
    while at < stop:
        c.beats.append((at, kind))
        c.p_waves.append(at - h.pr_s + 0.03)
        k += 1
        at += _rr(step.rate, at, rng) * (0.65 if k % (int(step.length) + 1) == int(step.length) else 1.0)
    return at


def _blocked(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    """Second degree: PR grows until a beat drops (Wenckebach), or a beat drops out of the blue (Mobitz II)."""
    k, atrial = 0, at - h.pr_s + 0.03
    while atrial < stop:
        c.p_waves.append(atrial)
        if k % 4 != 3:
            longer = 0.06 * (k % 4) if step.rhythm == "wenckebach" else 0.0
            c.beats.append((atrial + h.pr_s - 0.03 + longer, kind))
        atrial += _rr(step.rate, atrial, rng)
        k += 1
    return atrial + h.pr_s


def _dissociated(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    c.p_waves += list(np.arange(at, stop, 60.0 / 84.0))
    while at < stop:
        c.beats.append((at, kind))
        at += _rr(step.rate, at, rng)
    return at


def _pacing(
    c: Course, step: script.Step, at: float, stop: float, kind: str, h: Heart, rng: np.random.Generator
) -> float:
    k = 0
    while at < stop:
        c.spikes.append(at - 0.06)
        if step.rhythm == "paced" or k % 4 != 3:
            c.beats.append((at, "/"))
        at += 60.0 / step.rate
        k += 1
    return at


_RHYTHMS = {
    "sinus": _sinus,
    "avblock1": _sinus,
    "af": _fibrillating,
    "vt": _tachycardia,
    "vf": _oscillating,
    "asystole": _standstill,
    "pause": _pausing,
    "bigeminy": _ectopic,
    "trigeminy": _ectopic,
    "arrhythmia": _sinus,
    "pac": _atrial_ectopic,
    "pvc": _ectopic,
    "run": _ectopic,
    "couplet": _ectopic,
    "ront": _ectopic,
    "multiform": _ectopic,
    "svt": _supraventricular,
    "irregular": _irregular,
    "wenckebach": _blocked,
    "mobitz": _blocked,
    "avblock3": _dissociated,
    "paced": _pacing,
    "noncapture": _pacing,
}
