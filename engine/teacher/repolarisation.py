"""ST segment, T and U wave: how long, where to, and what conditions do to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.teacher.anatomy import turned
from engine.teacher.conditions import Condition
from engine.teacher.ventricles import Complex, Rng, Vector
from engine.teacher.waves import Waves, table, wave

C = Condition

QTC_S = (0.388, 0.022, 0.335, 0.44)
"""Mean, deviation and limits at 60 beats a minute, so that measured QTc of simulated normals falls as that of real ones."""
LONG_QTC_S = (0.475, 0.57)
"""Above 470 to 480 ms a QTc is prolonged (Rautaharju 2009, Circulation 119, e241-e250: 450 in men, 460 in women)."""
T_MV, T_LOG_SD = 0.40, 0.33
T_DIRECTION = (0.86, 0.52, -0.46)
"""To the left, to the feet and to the front, as in the vectorcardiogram of healthy hearts."""
_RR_POWER = 0.4
"""Of the RR interval that QT follows: between the square root of Bazett and the cube root of Fridericia."""
_EYE = 0.20
"""Widths of T from its tangent to where readers mark its end."""
_ST_AT = ((0.10, 0.80), (0.42, 0.95), (0.74, 0.95))
"""Places between J and the peak of T, and heights, of three waves that together make the level of ST."""


@dataclass(slots=True)
class Recovery:
    """One patient's ST-T; vectors in mV."""

    qtc_s: float
    t: Vector
    """(3,) the T wave at its peak."""
    notch: Vector
    """(3,) an earlier, smaller part of T that opens its loop, so that leads differ in shape."""
    st: Vector
    """(3,) the level of the ST segment; the sum of its waves is about 1.6 times as high."""
    u: float
    """The U wave, as a part of T."""
    strain: bool = False
    """Whether hypertrophy changed ST and T."""

    def qt_s(self, usual_rr_s: float, rr_before_s: float) -> float:
        """The QT of a beat: it follows half the usual interval and half the one before, at slow rates the usual one alone."""
        rr = max(0.3, 0.5 * usual_rr_s + 0.5 * min(rr_before_s, 1.6)) if usual_rr_s < 1.2 else usual_rr_s
        return float(min(self.qtc_s * rr**_RR_POWER, 0.85 * usual_rr_s + 0.05))

    def end_s(self, qt_s: float, duration_s: float) -> float:
        """Where T ends to the eye: a little behind the tangent, which the QT of a beat is."""
        return qt_s + _EYE * self._behind_s(qt_s, duration_s)

    def _behind_s(self, qt_s: float, duration_s: float) -> float:
        return max(0.022, 0.135 * (qt_s - duration_s))

    def waves(self, qt_s: float, duration_s: float) -> Waves:
        """ST, T and U of a beat with this QT and QRS duration, from the onset of its QRS."""
        behind = self._behind_s(qt_s, duration_s)
        before = 1.75 * behind
        peak = qt_s - 2.05 * behind
        span = peak - duration_s
        width = max(0.018, 0.22 * span)
        rows = [wave(peak, before, behind, self.t), wave(peak - 0.9 * before, 0.6 * before, 0.6 * before, self.notch)]
        # ST leaves the QRS within 25 ms and then runs on evenly
        rise = (min(0.9 * width, 0.012), 0.9 * width, 0.9 * width)
        rows += [
            wave(duration_s + at * span, r, width, height * self.st)
            for r, (at, height) in zip(rise, _ST_AT, strict=True)
        ]
        rows.append(wave(qt_s + 0.10, 0.030, 0.035, self.u * self.t))
        return table(rows)


def draw_recovery(rng: Rng, conditions: frozenset[Condition], qrs: Complex, *, paced: bool = False) -> Recovery:
    """The ST-T of a patient with these conditions behind this QRS."""
    wide = paced or C.LBBB in conditions
    st = rng.normal(0.0, 0.012, 3) + np.array([-0.018, 0.002, -0.037]) * max(0.0, rng.normal(0.5, 1.0))
    if not conditions and rng.random() < 0.06:
        # early repolarisation: raised J points in front and left, of healthy hearts
        st = st + rng.uniform(0.05, 0.16) * np.array([0.4, 0.4, -0.8])
    frontal = 0.4 * qrs.frontal_rad + np.radians(rng.normal(-11.0, 14.0))
    direction = turned(np.array(T_DIRECTION), frontal, 0.3 * qrs.horizontal_rad + np.radians(rng.normal(0.0, 16.0)))
    heart = _Change(_qtc(rng, conditions, qrs, wide), T_MV * float(np.exp(rng.normal(0.0, T_LOG_SD))), direction, st)
    _primary(heart, conditions, rng)
    _infarcts(heart, conditions, rng)
    _secondary(heart, conditions, qrs, wide, rng)
    t = heart.size * heart.direction
    loop = rng.normal(0.0, 0.10, 3) * float(np.sqrt((t**2).sum()))
    # the U wave is 15 uV high on average, whatever the T wave
    return Recovery(
        heart.qtc_s, t, loop, heart.st, max(0.0, rng.normal(0.015, 0.02)) / max(abs(heart.size), 0.05), heart.strain
    )


@dataclass(slots=True)
class _Change:
    """ST-T while conditions change it."""

    qtc_s: float
    size: float
    direction: Vector
    st: Vector
    strain: bool = False

    def point(self, direction: Vector, size: float) -> None:
        self.direction, self.size = direction, size


def _qtc(rng: Rng, conditions: frozenset[Condition], qrs: Complex, wide: bool) -> float:
    mean, deviation, least, most = QTC_S
    usual = float(np.clip(rng.normal(mean, deviation), least, most))
    qtc = rng.uniform(*LONG_QTC_S) if C.LQT in conditions else usual
    # what lasts longer in the QRS ends later; not all of it is added
    late = wide or bool(conditions & {C.RBBB, C.IVCD, C.WPW})
    return qtc + (0.6 * (qrs.duration_s - 0.09) if late else 0.0)


def _primary(heart: _Change, conditions: frozenset[Condition], rng: Rng) -> None:
    if C.NDT in conditions:
        heart.size *= rng.uniform(-0.25, 0.45)
    if C.TINV in conditions:
        where = ((-0.7, -0.5, 0.35), (-0.4, -0.1, 1.0), (0.3, -1.0, 0.0))
        heart.point(np.array(where[rng.integers(3)]), rng.uniform(0.12, 0.5))
    if C.STD in conditions:
        lowered = turned(np.array([0.75, 0.5, -0.35]), *np.radians(rng.normal(0.0, 30.0, 2)))
        heart.st = heart.st - rng.uniform(0.07, 0.28) * lowered
        heart.size *= rng.uniform(-0.3, 0.9)
    if C.STE in conditions:
        raised = turned(np.array([0.5, 0.5, -0.7]), *np.radians(rng.normal(0.0, 40.0, 2)))
        heart.st = heart.st + rng.uniform(0.12, 0.4) * raised


def _infarcts(heart: _Change, conditions: frozenset[Condition], rng: Rng) -> None:
    """Acute: ST towards the wall. Old: in half of them T away from it."""
    if C.AMI_ACUTE in conditions:
        heart.st = heart.st + rng.uniform(0.15, 0.5) * np.array([rng.uniform(0.0, 0.6), rng.uniform(-0.2, 0.1), -1.0])
        heart.size *= rng.uniform(0.6, 1.5)
    elif C.AMI in conditions and rng.random() < 0.25:
        # ST stays raised over a large scar
        heart.st = heart.st + rng.uniform(0.05, 0.15) * np.array([rng.uniform(0.0, 0.4), 0.0, -1.0])
    elif C.AMI in conditions and rng.random() < 0.6:
        heart.point(np.array([-rng.uniform(0.0, 0.6), 0.1, 1.0]), rng.uniform(0.05, 0.45))
    if C.IMI_ACUTE in conditions:
        heart.st = heart.st + rng.uniform(0.12, 0.4) * np.array([-0.25, 1.0, rng.uniform(-0.1, 0.5)])
    elif C.IMI in conditions and rng.random() < 0.5:
        heart.point(np.array([0.4, -0.8, -0.3]), rng.uniform(0.05, 0.4))


def _secondary(heart: _Change, conditions: frozenset[Condition], qrs: Complex, wide: bool, rng: Rng) -> None:
    """ST-T that follows from an abnormal QRS points away from its main force."""
    if C.LVH in conditions and rng.random() < 0.4:
        heart.strain = True
        heart.st = heart.st - rng.uniform(0.04, 0.16) * qrs.main
        heart.point(-qrs.main, rng.uniform(0.08, 0.4))
    if C.RVH in conditions and rng.random() < 0.5:
        heart.strain = True
        heart.point(np.array([0.3, -0.3, 0.9]), rng.uniform(0.1, 0.35))
    if wide:
        # more to the front than to the right: V5 and V6 have flatter T waves than V2 and V3
        away = -qrs.main * np.array([0.6, 0.8, 1.1])
        heart.st = heart.st + rng.uniform(0.06, 0.2) * away
        heart.point(away + rng.normal(0.0, 0.2, 3), rng.uniform(0.2, 0.6))
    if C.WPW in conditions:
        heart.direction = heart.direction - rng.uniform(0.1, 0.9) * qrs.main
    if C.RBBB in conditions:
        heart.direction = heart.direction + rng.uniform(0.3, 1.4) * np.array([0.3, 0.1, 0.55])
    if C.IVCD in conditions and rng.random() < 0.5:
        heart.direction = heart.direction - 0.5 * qrs.main
