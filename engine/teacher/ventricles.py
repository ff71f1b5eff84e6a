"""The QRS complex: five forces of a normal heart, and what each condition does to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.teacher.anatomy import turned
from engine.teacher.conditions import ANTERIOR, INFERIOR, Condition
from engine.teacher.waves import Waves, table, wave

Vector = NDArray[np.float64]
Rng = np.random.Generator
C = Condition

DURATION_S = (0.080, 0.009, 0.062, 0.102)
"""Mean, deviation and limits of a normal QRS, so that the measured durations of simulated normals fall as those of real ones."""
AXIS_DEG = (-12.0, 22.0)
"""Mean and deviation of the frontal turn; the forces below, turned by nothing, lie at about +60 degrees."""
TURN_DEG = (3.0, 15.0)
SIZE_LOG = (-0.14, 0.20)

_AT = (0.19, 0.39, 0.53, 0.69, 0.87)
_WIDTH = (0.080, 0.100, 0.115, 0.110, 0.075)
_WIDTH_SD = (0.12, 0.10, 0.10, 0.10, 0.15)
_HEIGHT = (0.25, 0.75, 1.25, 0.85, 0.28)
_HEIGHT_LOG_SD = (0.35, 0.25, 0.15, 0.25, 0.40)
_DIRECTION = ((-0.48, 0.0, -0.7), (0.45, 0.55, -0.5), (0.8, 0.5, 0.28), (0.15, 0.05, 1.0), (-0.8, -0.3, 0.5))
"""Septum; apex and front; free wall; base of the left ventricle; last parts of base and septum. Their order in time follows Durrer 1970
(Circulation 41, 899-912); place and width in parts of the duration, size in mV."""
SEPTUM, APEX, WALL, BASE = 0, 1, 2, 3


@dataclass(slots=True)
class Forces:
    """The complex while conditions change it: forces in parts of the duration, which turn with the heart, and late ones, which do not."""

    at: list[float]
    width: list[float]
    vector: list[Vector]
    duration_s: float
    frontal_deg: float
    horizontal_deg: float
    size: float
    late: list[tuple[float, float, Vector]] = field(default_factory=list)
    """Centre and width in seconds."""

    def add(self, at: float, width: float, vector: Vector) -> None:
        self.at.append(at)
        self.width.append(width)
        self.vector.append(vector)

    def stretch(self, duration_s: float, begin_s: float = 0.0) -> None:
        """Make room for what is late or early: the forces keep their own times in seconds, begun `begin_s` later."""
        ratio = self.duration_s / duration_s
        self.at = [begin_s / duration_s + at * ratio for at in self.at]
        self.width = [width * ratio for width in self.width]
        self.duration_s = duration_s


@dataclass(frozen=True, slots=True, eq=False)
class Complex:
    """One patient's QRS: waves from its onset, and what the repolarisation follows."""

    waves: Waves
    duration_s: float
    main: Vector
    """(3,) direction of the net area, of length 1."""
    frontal_rad: float
    horizontal_rad: float


def draw_complex(rng: Rng, conditions: frozenset[Condition], *, paced: bool = False) -> Complex:
    """The QRS of a patient with these conditions; of a paced one from the apex of the right ventricle or near it."""
    heart = _healthy(rng)
    axis_deg = heart.frontal_deg
    for condition, change in _CHANGES:
        if condition in conditions:
            change(heart, rng)
    if conditions & (ANTERIOR | INFERIOR | {C.LMI, C.PMI}):
        _infarct(heart, conditions, rng)
    if paced:
        _paced(heart, rng)
    _notched(heart, rng)
    if C.WPW in conditions:
        _preexcited(heart, rng)
    elif C.RBBB in conditions:
        _right_block(heart, rng)
    elif C.IRBBB in conditions:
        _incomplete_right_block(heart, rng)
    elif rng.random() < 0.10 and C.LBBB not in conditions:
        # a small r' is a normal variant
        heart.late.append(
            (0.93 * heart.duration_s, 0.06 * heart.duration_s, rng.uniform(0.05, 0.12) * _v(-0.7, 0.0, -0.8))
        )
    return _finished(heart, axis_deg)


def _v(x: float, y: float, z: float) -> Vector:
    return np.array([x, y, z])


def _healthy(rng: Rng) -> Forces:
    mean, deviation, least, most = DURATION_S
    duration = float(np.clip(rng.normal(mean, deviation), least, most))
    at = np.array(_AT) * (1.0 + rng.normal(0.0, 0.06, 5))
    width = np.array(_WIDTH) * (1.0 + rng.normal(0.0, _WIDTH_SD))
    direction = np.array(_DIRECTION)
    direction[SEPTUM, 1] = rng.normal(-0.36, 0.22)
    height = np.array(_HEIGHT) * np.exp(rng.normal(0.0, _HEIGHT_LOG_SD))
    frontal, horizontal = rng.normal(*AXIS_DEG), rng.normal(*TURN_DEG)
    size = float(np.exp(rng.normal(*SIZE_LOG)))
    return Forces(at.tolist(), width.tolist(), list(height[:, None] * direction), duration, frontal, horizontal, size)


def _left_anterior(heart: Forces, rng: Rng) -> None:
    """The axis from where readers begin to call it (-30 degrees) to -80; its first force, down and to the right, may be small."""
    heart.frontal_deg = rng.uniform(-110.0, -60.0)
    heart.duration_s += 0.008
    first = _v(-0.2, 0.9, -0.5) + rng.normal(0.0, 0.2, 3)
    heart.vector[SEPTUM] = 0.35 * float(np.exp(rng.normal(0.0, 0.5))) * first


def _left_posterior(heart: Forces, rng: Rng) -> None:
    heart.frontal_deg = rng.uniform(55.0, 90.0)
    heart.duration_s += 0.008


def _right_hypertrophy(heart: Forces, rng: Rng) -> None:
    heart.frontal_deg = rng.uniform(45.0, 100.0)
    heart.vector[WALL] = 0.7 * heart.vector[WALL]
    heart.vector[BASE] = 0.5 * heart.vector[BASE]
    heart.add(0.60, 0.13, rng.uniform(0.6, 1.3) * _v(-0.7, 0.3, -0.8))


def _left_hypertrophy(heart: Forces, rng: Rng) -> None:
    more = rng.uniform(1.45, 2.3)
    heart.vector[WALL] = heart.vector[WALL] * more * _v(1.05, 0.75, 1.1)
    heart.vector[BASE] = heart.vector[BASE] * more
    heart.duration_s += rng.uniform(0.0, 0.014)
    heart.frontal_deg -= rng.uniform(0.0, 25.0)


def _low_voltage(heart: Forces, rng: Rng) -> None:
    heart.size *= rng.uniform(0.3, 0.5)


def _delayed(heart: Forces, rng: Rng) -> None:
    heart.duration_s = rng.uniform(0.100, 0.128)


def _left_block(heart: Forces, rng: Rng) -> None:
    """No septal force from the left: three broad ones to the left and back (Strauss 2011, Am J Cardiol 107, 927-934: 130 ms and more)."""
    base = _v(0.68, rng.uniform(0.0, 0.5), 0.85)
    early = _v(rng.uniform(-0.2, 0.6), 0.3, rng.uniform(-0.6, 0.4))
    _broad(heart, rng.uniform(0.118, 0.156), base, early, rng)
    heart.frontal_deg = rng.normal(-26.0, 22.0)


def _paced(heart: Forces, rng: Rng) -> None:
    base = _v(rng.uniform(0.1, 0.8), rng.uniform(-1.0, -0.3), rng.uniform(0.2, 0.8))
    early = _v(rng.uniform(-0.2, 0.6), 0.3, rng.uniform(-0.6, 0.4))
    _broad(heart, rng.uniform(0.124, 0.172), base, early, rng)
    heart.frontal_deg = rng.normal(0.0, 25.0)


def _broad(heart: Forces, duration_s: float, base: Vector, early: Vector, rng: Rng) -> None:
    size = heart.size * rng.uniform(0.8, 1.4)
    shapes = (_v(0.9, 1.0, 0.9), _v(0.9, 1.0, 1.2), _v(1.1, 0.7, 0.8))
    heart.at = [0.16, *(at * (1.0 + rng.normal(0.0, 0.06)) for at in (0.36, 0.55, 0.74))]
    heart.width = [0.10, 0.13, 0.13, 0.12]
    heights = (0.9, 0.65, 0.8)
    heart.vector = [0.15 * size * early, *(h * size * base * shape for h, shape in zip(heights, shapes, strict=True))]
    heart.duration_s, heart.size = duration_s, 1.0


_CHANGES = (
    (C.LAFB, _left_anterior),
    (C.LPFB, _left_posterior),
    (C.RVH, _right_hypertrophy),
    (C.LVH, _left_hypertrophy),
    (C.LVOLT, _low_voltage),
    (C.IVCD, _delayed),
    (C.LBBB, _left_block),
)


def _notched(heart: Forces, rng: Rng) -> None:
    """Small fast forces, as every real complex has them: without them nothing of it would lie above 60 Hz."""
    size = 0.09 * float(np.exp(rng.normal(0.0, 0.5)))
    for _ in range(3):
        heart.add(
            rng.uniform(0.15, 0.85),
            rng.uniform(0.0028, 0.0045) / heart.duration_s,
            size * rng.normal(0.0, 1.0, 3) / max(heart.size, 0.5),
        )


def _infarct(heart: Forces, conditions: frozenset[Condition], rng: Rng) -> None:
    """Forces that are lost: the opposite ones prevail in the first half of the QRS, as a Q wave in the leads over the scar."""
    severity = rng.uniform(0.4, 1.25)
    if conditions & ANTERIOR:
        heart.vector[SEPTUM] = heart.vector[SEPTUM] * rng.uniform(-0.4, 0.3)
        heart.vector[APEX] = heart.vector[APEX] * _v(1.0, 1.0, -rng.uniform(0.0, 1.0))
        heart.add(rng.uniform(0.25, 0.40), 0.14, 0.55 * severity * _v(-rng.uniform(0.0, 0.5), 0.0, 1.0))
    if conditions & INFERIOR:
        heart.vector[APEX] = heart.vector[APEX] * _v(1.0, rng.uniform(0.2, 0.7), 1.0)
        heart.add(rng.uniform(0.22, 0.34), 0.11, 0.6 * severity * _v(0.15, -1.0, rng.uniform(-0.3, 0.3)))
    if C.LMI in conditions:
        heart.add(rng.uniform(0.22, 0.36), 0.11, 0.5 * severity * _v(-1.0, 0.1, -0.1))
    if C.PMI in conditions:
        heart.vector[BASE] = 0.4 * heart.vector[BASE]
        heart.add(rng.uniform(0.4, 0.6), 0.14, 0.8 * severity * _v(0.0, 0.0, -1.0))


def _preexcited(heart: Forces, rng: Rng) -> None:
    """A delta wave ahead of the conducted forces, from where the accessory pathway inserts; QRS above 110 ms."""
    early_s = rng.uniform(0.028, 0.048)
    heart.stretch(max(heart.duration_s + early_s, 0.112), early_s)
    direction = _v(rng.uniform(-0.2, 1.0), rng.uniform(-0.8, 0.8), rng.uniform(-1.0, 0.8))
    direction /= float(np.sqrt((direction**2).sum()))
    delta = rng.uniform(0.25, 0.55) * direction
    heart.late.append((1.05 * early_s, 0.42 * early_s, delta))


def _right_block(heart: Forces, rng: Rng) -> None:
    """The right ventricle last: forces to the right and front behind the normal ones (Surawicz 2009, Circulation 119, e235-e240: 120 ms)."""
    duration = rng.uniform(0.109, 0.144)
    heart.stretch(duration)
    heart.vector[BASE] = 0.5 * heart.vector[BASE]
    terminal = rng.uniform(0.35, 0.95) * _v(-0.75, rng.uniform(-0.1, 0.4), -0.75)
    heart.late += [(duration - 0.028, 0.017, terminal), (duration - 0.052, 0.016, 0.55 * terminal)]


def _incomplete_right_block(heart: Forces, rng: Rng) -> None:
    duration = rng.uniform(0.086, 0.103)
    heart.stretch(duration)
    heart.vector[BASE] = 0.8 * heart.vector[BASE]
    heart.late.append((duration - 0.017, 0.010, rng.uniform(0.12, 0.5) * _v(-0.7, 0.1, -0.85)))


def _finished(heart: Forces, axis_deg: float) -> Complex:
    frontal, horizontal = np.radians(heart.frontal_deg), np.radians(heart.horizontal_deg)
    vectors = heart.size * turned(np.stack(heart.vector), frontal, horizontal)
    d = heart.duration_s
    rows = [wave(at * d, w * d, w * d, v) for at, w, v in zip(heart.at, heart.width, vectors, strict=True)]
    rows += [wave(at, width, width, heart.size * v) for at, width, v in heart.late]
    waves = table(rows)
    area = (waves[:, 1:2] * waves[:, 3:]).sum(axis=0)
    length = float(np.sqrt((area**2).sum()))
    # the T wave follows the heart's own turn, not the one that a block of a fascicle adds
    return Complex(waves, d, area / max(length, 1e-9), float(np.radians(axis_deg)), float(horizontal))
