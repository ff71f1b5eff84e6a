"""From which size on a finding may be called large, and up to which slight: a word that a measured value plainly does not bear is stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.claims.basis import Basis
from engine.claims.judging import av_conduction, local, rhythm, whole
from engine.claims.judging.opinion import Each, Opinion, above, below, both, denied, either


class Size(NamedTuple):
    """Sizes of a wave in mV: up to which it may be called small, and from which on large."""

    field: str
    small: float
    large: float


_SIZES = {
    "P": Size("p_mv", 0.15, 0.15), "Q": Size("q_mv", 0.25, 0.15), "R": Size("r_mv", 0.7, 0.7), "S": Size("s_mv", 0.6, 0.4),
    "T": Size("t_mv", 0.3, 0.3), "ST": Size("st_j_mv", 0.15, 0.15),
}  # fmt: skip
"""Wide limits of what readers call so (our own): the normal P is up to 0.25 mV, Q up to a quarter of R, T of a limb lead up to 0.5 mV (AHA/ACCF/HRS 2009)."""
DEEP_T_MV, ST_MV = -0.2, 0.2
"""T and ST from which on they are deep or marked, two millimetres of paper; from 0.5 mV on T is deep by AHA/ACCF/HRS 2009."""


def _sizes(b: Basis, lead: str, of: Size) -> list[float]:
    """Sizes of a wave; of ST those at J and 60 ms later."""
    if of.field == "st_j_mv":
        return [abs(v) for v in local.st_levels(b, lead)]
    size = b.mv(lead, of.field)
    return [] if size is None else [abs(size)]


def _small(of: Size) -> Each:
    return lambda b, lead: below("amplitude", "mV", min(_sizes(b, lead, of), default=None), of.small, 0.0)


def _large(of: Size) -> Each:
    return lambda b, lead: above("amplitude", "mV", max(_sizes(b, lead, of), default=None), of.large, 0.0)


def _deep_t(b: Basis, lead: str) -> Opinion:
    return below("T wave", "mV", b.mv(lead, "t_mv"), DEEP_T_MV, 0.03)


def _shallow_t(b: Basis, lead: str) -> Opinion:
    t = b.mv(lead, "t_mv")
    return both(below("T wave", "mV", t, -0.05, 0.03), above("T wave", "mV", t, DEEP_T_MV, 0.03))


def _up(b: Basis, lead: str) -> Opinion:
    return above("ST level", "mV", max(local.st_levels(b, lead), default=None), ST_MV, 0.03)


def _down(b: Basis, lead: str) -> Opinion:
    return below("ST level", "mV", min(local.st_levels(b, lead), default=None), -ST_MV, 0.03)


LOCAL: dict[str, tuple[tuple[str, ...], Each, bool]] = {
    "deep T wave inversion": ((), _deep_t, True), "shallow T wave inversion": ((), _shallow_t, True), "marked ST elevation": ((), _up, True),
    "marked ST depression": ((), _down, True), "marked ST deviation": ((), lambda b, lead: either(_up(b, lead), _down(b, lead)), True),
    **{f"small {wave}": ((), _small(of), True) for wave, of in _SIZES.items()},
    **{f"large {wave}": ((), _large(of), True) for wave, of in _SIZES.items()},
}  # fmt: skip
"""Findings of leads: those looked at where none is named, the opinion on one lead, and whether it is an abnormality."""


def _axis(low: float, high: float) -> Callable[[Basis], Opinion]:
    return lambda b: whole.axis_within(b, low, high)


def _pr(b: Basis) -> Opinion:
    return above("PR interval", "ms", b.pr_ms, 230.0, av_conduction.INTERVAL)


def _qt(b: Basis) -> Opinion:
    values = [v for v in (b.m.qtc_bazett_ms, b.m.qtc_fridericia_ms) if v is not None]
    return above("QTc", "ms", max(values, default=None), 480.0, whole.QT)


def _slow(b: Basis) -> Opinion:
    return below("heart rate", "/min", b.rate, 50.0, 2.0)


def _fast(b: Basis) -> Opinion:
    return above("heart rate", "/min", b.rate, 120.0, 2.0)


def _normal_qrs(b: Basis) -> Opinion:
    """Narrow and without pathological Q waves, where those are told."""
    waves = local.of_any_wall(b, "pathological Q waves")
    return denied(waves) if waves.yes and not waves.no else whole.narrow(b)


def _none_ventricular(b: Basis) -> Opinion:
    """No beat that is ventricular, and so wide."""
    return denied(rhythm.ventricular_ectopy(b))


def _p_of_all(b: Basis) -> Opinion:
    """P waves, and no ventricular beat, which has none before it."""
    count = b.ventricular_beats
    return Opinion(False, True, f"{count} ventricular beats") if count else rhythm.p_waves(b)


WHOLE: dict[str, Callable[[Basis], Opinion]] = {
    "normal QRS": _normal_qrs, "every QRS narrow": lambda b: both(whole.narrow(b), _none_ventricular(b)), "every beat conducted": lambda b: both(denied(av_conduction.high_av_block(b)), _p_of_all(b)), "P waves before every beat": _p_of_all,
    "marked bradycardia": _slow, "marked tachycardia": _fast,
    "marked sinus bradycardia": lambda b: both(_slow(b), rhythm.sinus(b)), "marked sinus tachycardia": lambda b: both(_fast(b), rhythm.sinus(b)),
    "very wide QRS": lambda b: above("QRS duration", "ms", b.qrs_ms, 140.0, av_conduction.INTERVAL),
    "very long PR interval": _pr, "very long QT": _qt,
    "vertical axis": _axis(60.0, 110.0), "horizontal axis": _axis(-35.0, 35.0),
    "marked left axis deviation": _axis(-93.0, -45.0), "marked right axis deviation": _axis(110.0, 183.0),
}  # fmt: skip
"""Findings of the whole segment that are called marked; limits of our own but for 480 ms (of torsades the risk grows from 500 ms on) and -45 degrees (AHA/ACCF/HRS 2009)."""
