"""A simulated patient and what the electrodes see of ten seconds, without any disturbance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.teacher.anatomy import draw_torso, seen
from engine.teacher.atria import Atria, draw_atria, fibrillating, fluttering
from engine.teacher.conditions import Condition, draw_conditions
from engine.teacher.repolarisation import Recovery, draw_recovery
from engine.teacher.rhythms import ATRIAL, NORMAL, VENTRICULAR, Rhythm, Timing, draw_rhythm, draw_timing
from engine.teacher.ventricles import Complex, draw_complex
from engine.teacher.waves import Waves, at, summed, table, wave
from stream.trigger import MODEL_HZ, MODEL_SAMPLES

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Patient:
    """Everything that was drawn of one patient."""

    rhythm: Rhythm
    conditions: frozenset[Condition]
    torso: NDArray[np.float64]
    """(8, 3) from the dipole to I, II and V1 to V6."""
    qrs: Complex
    recovery: Recovery
    atria: Atria
    timing: Timing

    def beat(self, rr_before_s: float) -> Waves:
        """QRS, ST, T and U of a conducted or paced beat from the onset of its QRS."""
        qt = self.recovery.qt_s(self.timing.usual_rr_s, rr_before_s)
        return np.concatenate([self.qrs.waves, self.recovery.waves(qt, self.qrs.duration_s)])


def draw_patient(rng: Rng, rhythm: Rhythm | None = None, conditions: frozenset[Condition] | None = None) -> Patient:
    """A patient; rhythm and conditions are drawn unless they are given. A paced one has none of the conditions."""
    drawn_rhythm, drawn = draw_rhythm(rng), draw_conditions(rng)
    rhythm = drawn_rhythm if rhythm is None else rhythm
    conditions = drawn if conditions is None else conditions
    paced = rhythm is Rhythm.PACED
    if paced:
        conditions = frozenset()
    qrs = draw_complex(rng, conditions, paced=paced)
    return Patient(
        rhythm,
        conditions,
        draw_torso(rng),
        qrs,
        draw_recovery(rng, conditions, qrs, paced=paced),
        draw_atria(rng, rhythm, conditions),
        draw_timing(rng, rhythm),
    )


def twelve_leads(patient: Patient, rng: Rng) -> NDArray[np.float64]:
    """Ten seconds of a patient in twelve leads: (12, 5000) mV at 500 Hz, without noise; beats vary a little in size."""
    timing = patient.timing
    beats, p_waves = _beats(patient, rng)
    dipole = summed(np.concatenate(beats), MODEL_SAMPLES, MODEL_HZ)
    atrial = summed(np.concatenate(p_waves), MODEL_SAMPLES, MODEL_HZ) if p_waves else np.zeros_like(dipole)
    if patient.rhythm is Rhythm.FIBRILLATION:
        atrial += fibrillating(rng, MODEL_SAMPLES, MODEL_HZ)
    if patient.rhythm is Rhythm.FLUTTER:
        atrial += fluttering(
            rng, MODEL_SAMPLES, MODEL_HZ, timing.flutter_bpm, float(timing.onset_s[min(1, len(timing.onset_s) - 1)])
        )
    if patient.rhythm is Rhythm.PACED:
        dipole += _spikes(patient, rng)
    return seen(patient.torso, dipole, atrial)


def _beats(patient: Patient, rng: Rng) -> tuple[list[Waves], list[Waves]]:
    """Waves of the ventricles and of the atria."""
    timing, atria = patient.timing, patient.atria
    breath_hz, depth, phase = rng.uniform(0.15, 0.35), rng.uniform(0.0, 0.06), 2 * np.pi * rng.random()
    sizes = np.exp(rng.normal(0.0, 0.03, len(timing.onset_s))) * (
        1.0 + depth * np.sin(2 * np.pi * breath_hz * timing.onset_s + phase)
    )
    foci = [_focus(rng) for _ in range(1 + (rng.random() < 0.2))]
    found: list[Waves] = []
    p_waves: list[Waves] = []
    for k, (onset, rr, kind) in enumerate(
        zip(timing.onset_s.tolist(), timing.rr_s.tolist(), timing.kind.tolist(), strict=True)
    ):
        if kind == VENTRICULAR:
            found.append(at(foci[0 if rng.random() < 0.85 else -1], onset))
            if atria.present and rng.random() < 0.8:
                # the sinus node goes on: its P wave lies somewhere in the early beat
                p_waves.append(at(atria.p, float(timing.expected_s[k]) - atria.pr_s))
            continue
        wave_of_beat = at(patient.beat(rr), onset)
        wave_of_beat[: len(patient.qrs.waves), 3:] *= sizes[k]
        found.append(wave_of_beat)
        if atria.present and kind == NORMAL:
            p_waves.append(at(atria.p, onset - atria.pr_s))
        elif atria.present and kind == ATRIAL:
            p_waves.append(at(atria.p, onset - atria.pr_s * rng.uniform(0.85, 1.15), -rng.uniform(0.2, 1.0)))
    return found, p_waves


def _focus(rng: Rng) -> Waves:
    """A ventricular beat: wide, from anywhere, its T wave opposite."""
    direction = rng.normal(size=3)
    direction /= float(np.sqrt((direction**2).sum()))
    first, second = rng.uniform(0.9, 2.2) * direction, rng.uniform(0.5, 1.6) * (direction + rng.normal(0.0, 0.5, 3))
    long, mean = rng.uniform(0.125, 0.19), (first + second) / 2.0
    return table(
        [
            wave(0.30 * long, 0.16 * long, 0.16 * long, first),
            wave(0.62 * long, 0.17 * long, 0.17 * long, second),
            wave(long + 0.17, 0.060, 0.045, -0.45 * mean),
            wave(long + 0.05, 0.050, 0.050, -0.12 * mean),
        ]
    )


def _spikes(patient: Patient, rng: Rng) -> NDArray[np.float64]:
    """Pacing pulses of one or two samples just before each QRS, and before the P wave where the atrium is paced too."""
    dipole = np.zeros((3, MODEL_SAMPLES))
    pulse = 0.5 * rng.uniform(0.15, 2.5) * rng.normal(size=3)
    width = int(rng.integers(1, 3))
    for onset in patient.timing.onset_s.tolist():
        for ahead, size in ((0.0, rng.uniform(0.5, 1.0)), (patient.atria.pr_s, 0.6)):
            first = int((onset - ahead) * MODEL_HZ) - 2
            if (ahead == 0.0 or patient.atria.present) and 0 <= first < MODEL_SAMPLES:
                dipole[:, first : first + width] += size * pulse[:, None]
    return dipole
