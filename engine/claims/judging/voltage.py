"""Findings of the size of waves: hypertrophy of the chambers, low voltage, and how R grows over the chest leads."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from engine.claims.basis import Basis
from engine.claims.judging import rhythm
from engine.claims.judging.opinion import Opinion, above, below, both, denied, either, unknown
from engine.criteria.conduction import RIGHT
from engine.criteria.recording import AMPLITUDES
from ingest.bed import Sex
from ingest.frame import CHEST, LIMB


def _sokolow(b: Basis) -> Opinion:
    """S in V1 with the larger R of V5 and V6 against 3.5 mV (Sokolow and Lyon 1949)."""
    s1 = b.depth_mv("V1")
    lateral = [v for n in ("V5", "V6") if (v := b.mv(n, "r_mv")) is not None]
    if (b.mv("V1", "r_mv") is None and s1 is None) or not lateral:
        return unknown("V1 and V5 are not both measured")
    return above("S V1 + R V5 or V6", "mV", round(max(lateral) + abs(s1 or 0.0), 2), 3.5, 0.15)


def sokolow_hypertrophy(b: Basis) -> Opinion:
    """By the sum of Sokolow and Lyon alone; where that reaches its limit, and so is more than a sum, as any other hypertrophy."""
    own = _sokolow(b)
    if own.yes and (held := b.withholds("hypertrophy") or b.withholds(AMPLITUDES)):
        return unknown(held)
    return own


def left_hypertrophy(b: Basis) -> Opinion:
    """Sokolow-Lyon (1949) of 3.5 mV or Cornell (1985) above 2.8, in women 2.0 mV."""
    s3, avl = b.depth_mv("V3"), b.mv("aVL", "r_mv")
    sum_of_chest = _sokolow(b)
    if not sum_of_chest.known:
        return sum_of_chest
    marks = [sum_of_chest]
    if avl is not None and s3 is not None:
        cornell = round(avl + abs(s3), 2)
        least, most = {Sex.FEMALE: (2.0, 2.0), Sex.MALE: (2.8, 2.8), Sex.UNKNOWN: (2.0, 2.8)}[b.sex]
        marks.append(
            Opinion(
                cornell >= least - 0.1,
                cornell <= most + 0.1,
                f"R aVL + S V3 {cornell:g} mV",
                "Cornell voltage",
                cornell,
                "mV",
            )
        )
    return either(*marks)


def limb_hypertrophy(b: Basis) -> Opinion:
    """R in aVL above 1.1 mV (Sokolow and Lyon 1949), or R in I with S in III above 2.5 mV (Gubner and Ungerleider 1943)."""
    avl, first, third = b.mv("aVL", "r_mv"), b.mv("I", "r_mv"), b.mv("III", "s_mv")
    if avl is None or first is None:
        return unknown("aVL and I are not both measured")
    return either(
        above("R aVL", "mV", round(avl, 2), 1.1, 0.05),
        above("R I + S III", "mV", round(first + abs(third or 0.0), 2), 2.5, 0.1),
    )


def right_hypertrophy(b: Basis) -> Opinion:
    """R in V1 above S with a right axis; denied of a dominant S, or where neither R is tall nor the axis right."""
    r, s = b.mv("V1", "r_mv"), b.depth_mv("V1")
    if r is None or b.m.axis_deg is None:
        return unknown("V1 and the axis are not both measured")
    if b.has(RIGHT[0]):
        return unknown("R in V1 is tall by the right bundle branch block")
    tall = r > abs(s or 0.0)
    yes = tall and r >= 0.65 and b.m.axis_deg >= 87.0
    no = not tall or (r < 0.5 and b.m.axis_deg < 87.0)
    return Opinion(
        yes, no, f"R {r:.2f} mV, S {abs(s or 0.0):.2f} mV in V1, axis {b.m.axis_deg:g} deg", "R amplitude", r, "mV"
    )


def left_atrium(b: Basis) -> Opinion:
    """P of 120 ms and more."""
    return above("P duration", "ms", None if b.m.p_ms is None else b.m.p_ms.value, 120.0, 6.0)


def right_atrium(b: Basis) -> Opinion:
    """P in II above 0.25 mV."""
    return above("P amplitude", "mV", b.mv("II", "p_mv"), 0.25, 0.02)


def flat_p(b: Basis) -> Opinion:
    """P in II below 0.1 mV; not told where no P wave is seen."""
    if b.m.p_wave_present is not True:
        return unknown("no P wave is seen, which a flat one may be the reason of")
    return below("P amplitude", "mV", b.mv("II", "p_mv"), 0.1, 0.04)


def normal_p(b: Basis) -> Opinion:
    """P waves of normal length and height."""
    turned = b.m.p_wave_present is not False and (b.mv("II", "p_mv") or 0.0) <= -0.03
    if turned:
        return Opinion(False, True, "P is inverted in II")
    return both(rhythm.p_waves(b), denied(left_atrium(b)), denied(right_atrium(b)))


def low_voltage(b: Basis) -> Opinion:
    """QRS below 0.5 mV in every limb lead."""
    sizes = [_span(b, name) for name in LIMB if b.lead(name) is not None]
    if len(sizes) < 6 or max(sizes) <= 0:
        return unknown("not all limb leads are measured")
    return below("largest limb lead QRS", "mV", round(max(sizes), 2), 0.5, 0.05)


def normal_voltage(b: Basis) -> Opinion:
    """Neither low nor that of a hypertrophy."""
    return both(denied(low_voltage(b)), denied(left_hypertrophy(b)))


def low_chest_voltage(b: Basis) -> Opinion:
    """QRS below 1 mV in every chest lead."""
    sizes = [_span(b, name) for name in CHEST if b.lead(name) is not None]
    if len(sizes) < 6 or max(sizes) <= 0:
        return unknown("not all chest leads are measured")
    return below("largest chest lead QRS", "mV", round(max(sizes), 2), 1.0, 0.1)


def _span(b: Basis, name: str) -> float:
    """From the lowest to the highest point of a QRS, mV."""
    return (b.mv(name, "r_mv") or 0.0) - min(b.mv(name, "s_mv") or 0.0, b.mv(name, "q_mv") or 0.0)


def equal_waves(b: Basis, lead: str) -> Opinion:
    """R as high as Q or S is deep, to a quarter of the larger or half a millimetre of paper; denied of one twice the other."""
    r, down = b.mv(lead, "r_mv"), [abs(v) for f in ("q_mv", "s_mv") if (v := b.mv(lead, f)) is not None]
    if r is None or not down:
        return unknown("not both waves are measured")
    low, high = sorted((r, max(down)))
    return Opinion(high - low <= max(0.05, 0.25 * high), high > 2.0 * low, f"R {r:.2f} mV, Q or S {max(down):.2f} mV")


def poor_progression(b: Basis) -> Opinion:
    """R in V3 of 0.3 mV and less (Zema 1982)."""
    r = [b.mv(name, "r_mv") for name in _FRONT]
    if all(v is None for v in r) or b.lead("V3") is None:
        return unknown("V1 to V4 are not measured")
    told = below("R in V3", "mV", r[2] or 0.0, 0.35, 0.08)
    if not told.no or not (falls := _falls(b)):
        return told
    return replace(told, no=False) if (r[2] or 0.0) <= POOR_MV else unknown(falls)


def normal_progression(b: Basis) -> Opinion:
    """R grows towards V4; not told where it falls on the way."""
    poor = poor_progression(b)
    if poor.yes and not poor.no:
        return denied(poor)
    return unknown(falls) if (falls := _falls(b)) else denied(poor)


POOR_MV = 0.3
_FRONT = ("V1", "V2", "V3", "V4")
FALLEN_MV = 0.1
"""By how much less R of a chest lead has to be than that of one to its right to be called fallen: a millimetre of paper, beside a quarter of it (our own limits)."""


def _falls(b: Basis) -> str:
    """Where R grows smaller from V1 to V4, as no R wave that progresses does; empty where it grows."""
    if missing := [name for name in _FRONT if b.lead(name) is None]:
        return f"{', '.join(missing)} was not measured"
    r = {name: b.mv(name, "r_mv") or 0.0 for name in _FRONT}
    high, low = max(combinations(_FRONT, 2), key=lambda pair: r[pair[0]] - r[pair[1]])
    if r[high] - r[low] <= max(FALLEN_MV, 0.25 * r[high]):
        return ""
    return f"R falls from {high} ({r[high]:.2f} mV) to {low} ({r[low]:.2f} mV)"
