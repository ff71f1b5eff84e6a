"""Findings that language draws less sharply than a limit: a slight one, a wave that is high or short, where the R wave overtakes the S wave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.claims.basis import Basis
from engine.claims.judging import av_conduction, rhythm, whole
from engine.claims.judging.opinion import Each, Opinion, above, below, both, either, unknown
from ingest.frame import CHEST, LEADS
from stream.measurement import BeatKind

SLIGHT_MV = 0.05
"""Half a millimetre of paper, the least ST deviation that a reader can tell."""
HIGH_MV = 2.0
"""An R or S wave of a chest lead that is called high."""
_NOT_AVR = tuple(name for name in LEADS if name != "aVR")


def widened(b: Basis) -> Opinion:
    """QRS of 100 ms and more: slightly wide, a slight delay (the upper limit of normal is 100 to 110 ms, AHA/ACCF/HRS 2009)."""
    return above("QRS duration", "ms", b.qrs_ms, 100.0, whole.WIDTH)


def lengthened(b: Basis) -> Opinion:
    """PR near 200 ms or above."""
    return above("PR interval", "ms", b.pr_ms, 195.0, av_conduction.INTERVAL)


def upper_qt(b: Basis) -> Opinion:
    """QTc near its upper limit or above, by one of the formulae."""
    return above("QTc", "ms", max(_qtc(b), default=None), 440.0, whole.QT)


def lower_qt(b: Basis) -> Opinion:
    """QTc in the lower part of the normal or below, by one of the formulae."""
    return below("QTc", "ms", min(_qtc(b), default=None), 370.0, whole.QT)


def _qtc(b: Basis) -> list[float]:
    return [v for v in (b.m.qtc_bazett_ms, b.m.qtc_fridericia_ms) if v is not None]


def raw_qt(low: float | None, high: float | None) -> Callable[[Basis], Opinion]:
    """QT as measured, below one value or above another: how it looks before it is corrected for the rate."""

    def opinion(b: Basis) -> Opinion:
        value = None if b.m.qt_ms is None else b.m.qt_ms.value
        of, limit = (below, low) if low is not None else (above, high or 0.0)
        return of("QT interval", "ms", value, limit, 10.0)

    return opinion


def beyond_half(b: Basis) -> Opinion:
    """QT against half of the RR interval, the rule of thumb of a QT that is not long."""
    if b.m.qt_ms is None or b.m.rr_ms is None:
        return unknown("QT or RR is not known")
    return above("QT interval", "ms", b.m.qt_ms.value, b.m.rr_ms.value / 2.0, whole.QT)


def _end(
    of: Callable[[Basis], list[float]], low: float, high: float, upper: bool, share: float
) -> Callable[[Basis], Opinion]:
    """Whether a value lies in the upper or lower part of the normal, and within it; share: how much of the normal that is."""

    def opinion(b: Basis) -> Opinion:
        values, part = of(b), share * (high - low)
        room = 0.05 * (high - low)
        ends = (high - part, high) if upper else (low, low + part)
        if not values:
            return unknown("it is not known")
        here = any(ends[0] - room <= v <= ends[1] + room for v in values)
        return Opinion(here, not here, f"measured: {values[0]:g}, normal: {low:g} to {high:g}", "", values[0])

    return opinion


_PARTS = {"end": 0.4, "edge": 0.2}
_NORMAL: dict[str, tuple[Callable[[Basis], list[float]], float, float]] = {
    "PR interval": (lambda b: [] if b.pr_ms is None else [b.pr_ms], 120.0, 200.0),
    "QRS duration": (lambda b: [] if b.qrs_ms is None else [b.qrs_ms], 70.0, 110.0),
    "QTc": (_qtc, 350.0, 450.0),
    "rate": (lambda b: [] if b.rate is None else [b.rate], 60.0, 100.0),
}
"""By measure its values, ms or /min, and the limits of its normal (AHA/ACCF/HRS 2009)."""
ENDS: dict[str, Callable[[Basis], Opinion]] = {
    f"{end} {part} of the {name}": _end(of, low, high, end == "high", share)
    for name, (of, low, high) in _NORMAL.items()
    for end in ("low", "high")
    for part, share in _PARTS.items()
}


def superior(b: Basis) -> Opinion:
    """Axis of -30 degrees and beyond, turned upwards."""
    deg = b.m.axis_deg
    if deg is None:
        return unknown("leads I and aVF are not both measured")
    return Opinion(
        deg <= -30.0 + whole.DEGREES, deg > -30.0 - whole.DEGREES, f"axis {deg:g} deg", "QRS axis", deg, "deg"
    )


def short_p(b: Basis) -> Opinion:
    """P of 90 ms and less."""
    return both(rhythm.p_waves(b), below("P duration", "ms", None if b.m.p_ms is None else b.m.p_ms.value, 90.0, 10.0))


def regular_between(b: Basis) -> Opinion:
    """RR intervals between beats of which neither is early, that differ by less than makes a rhythm irregular; denied where there are none early."""
    beats = b.m.beats
    early = {BeatKind.VENTRICULAR, BeatKind.SUPRAVENTRICULAR}
    rr = [
        y.sample - x.sample
        for w, x, y in zip(beats, beats[1:], beats[2:], strict=False)
        if not {w.kind, x.kind, y.kind} & early
    ]
    if not b.count(*early) or len(rr) < 3:
        return unknown("too few beats follow each other that are not early")
    spread = float(np.std(rr) / np.median(rr))
    return below("RR variation between other beats", "", spread, rhythm.REGULAR, rhythm.REGULAR / 4.0)


def high_voltage(b: Basis) -> Opinion:
    """An R or S wave of a chest lead of 2 mV and more."""
    sizes = [abs(v) for name in CHEST for field in ("r_mv", "s_mv") if (v := b.mv(name, field)) is not None]
    return above("largest wave of the chest leads", "mV", max(sizes, default=None), HIGH_MV, 0.1)


def _inverted_p(b: Basis) -> bool:
    p = b.mv("II", "p_mv")
    return b.m.p_wave_present is True and p is not None and p <= -0.03


def ectopic_atrial(b: Basis) -> Opinion:
    """P waves that are inverted in II; denied of upright ones."""
    if _inverted_p(b):
        return Opinion(True, False, "P is inverted in II")
    return rhythm.no_p_rhythm(b)


def junctional(b: Basis) -> Opinion:
    """Denied where P waves precede the beats, unless they are inverted in II."""
    return unknown("its origin is not measured") if _inverted_p(b) else rhythm.no_p_rhythm(b)


def early_repolarisation(b: Basis) -> Opinion:
    """Denied where ST is raised by 0.1 mV in fewer than two leads (Macfarlane, J Am Coll Cardiol 2015;66:470-477); its notch is not measured."""
    raised = [name for name in _NOT_AVR if max(_levels(b, name), default=0.0) >= 0.1 - 0.01]
    if len(raised) >= 2:
        return unknown("whether the end of the QRS is notched is not measured")
    return Opinion(False, True, f"ST is raised in {len(raised)} leads")


# where R overtakes S ----------------------------------------------------------------------------------------------


def _net(b: Basis, lead: str) -> float | None:
    """R less the larger of Q and S, mV; None where neither is known."""
    r, down = b.mv(lead, "r_mv"), [abs(v) for f in ("s_mv", "q_mv") if (v := b.mv(lead, f)) is not None]
    return None if r is None and not down else (r or 0.0) - max(down, default=0.0)


def _transition(b: Basis) -> int | None:
    """Place among the chest leads of the first from which R is larger than S; 6 where it never is, None where a lead is not measured."""
    nets = [_net(b, name) for name in CHEST]
    if any(net is None for net in nets):
        return None
    below_zero = [k for k, net in enumerate(nets) if net is not None and net < 0]
    return max(below_zero, default=-1) + 1


def late_transition(b: Basis) -> Opinion:
    """R larger than S in V5 only, or later."""
    at = _transition(b)
    if at is None:
        return unknown("not all chest leads are measured")
    return Opinion(at >= CHEST.index("V5"), at < CHEST.index("V5"), f"R is larger than S from {_named(at)} on")


def usual_transition(b: Basis) -> Opinion:
    """R larger than S from V3 or V4 on, or from V2 on."""
    at = _transition(b)
    if at is None:
        return unknown("not all chest leads are measured")
    usual = CHEST.index("V2") <= at <= CHEST.index("V4")
    return Opinion(usual, not usual, f"R is larger than S from {_named(at)} on")


def transition(b: Basis, lead: str) -> Opinion:
    """Whether R overtakes S at a lead: it is the last before, or the first of those that have the larger R."""
    at = _transition(b)
    if at is None or lead not in CHEST:
        return unknown("not all chest leads are measured" if at is None else f"{lead} is no chest lead")
    here = CHEST.index(lead) in (at - 1, at)
    return Opinion(here, not here, f"R is larger than S from {_named(at)} on")


def _named(at: int) -> str:
    return CHEST[at] if at < len(CHEST) else "none"


def dominant_r(b: Basis, lead: str) -> Opinion:
    """R larger than Q and S of its lead, as far as can be told."""
    return above("R less S", "mV", _net(b, lead), 0.0, 0.05)


def dominant_s(b: Basis, lead: str) -> Opinion:
    """S or Q larger than R of its lead."""
    return below("R less S", "mV", _net(b, lead), 0.0, 0.05)


# ST that is told by its level -------------------------------------------------------------------------------------


def _levels(b: Basis, lead: str) -> list[float]:
    return [v for f in ("st_j_mv", "st_j60_mv") if (v := b.mv(lead, f)) is not None]


def slightly_up(b: Basis, lead: str) -> Opinion:
    """ST above the baseline by what can be told, at J or 60 ms later."""
    return above("ST level", "mV", max(_levels(b, lead), default=None), SLIGHT_MV, 0.0)


def slightly_down(b: Basis, lead: str) -> Opinion:
    """ST below the baseline by what can be told, at J or 60 ms later."""
    return below("ST level", "mV", min(_levels(b, lead), default=None), -SLIGHT_MV, 0.0)


def slightly_inverted(b: Basis, lead: str) -> Opinion:
    """T below the baseline by what can be measured."""
    return below("T wave", "mV", b.mv(lead, "t_mv"), -0.02, 0.01)


LOCAL: dict[str, tuple[tuple[str, ...], Each, bool]] = {
    "slight ST elevation": (_NOT_AVR, slightly_up, True), "slight ST depression": (_NOT_AVR, slightly_down, True),
    "slight ST deviation": (_NOT_AVR, lambda b, lead: either(slightly_up(b, lead), slightly_down(b, lead)), True),
    "slight T wave inversion": (_NOT_AVR, slightly_inverted, True),
    "transition zone": (CHEST, transition, True), "dominant R": ((), dominant_r, True), "dominant S": ((), dominant_s, True),
}  # fmt: skip
"""Findings of leads: those looked at where none is named, the opinion on one lead, and whether it is an abnormality."""
