"""What is plainly true of ten measured seconds, far from every limit: the other side of `vigil score claims`.

Written apart from the checker and without its code: what lies near a limit has no truth here and is not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingest.frame import LEADS
from stream.measurement import BeatKind, Estimate, LeadMeasurements, Measurements

CHEST_LIMIT_MV = 0.27
"""Elevation in V2 and V3 that is one for either sex."""
STEADY_MS = 20.0
"""Spread over the beats above which a duration is not plainly narrow, wide, normal or long."""
Truth = Callable[["Facts"], str | None]


@dataclass(frozen=True, slots=True)
class Facts:
    """Measurements of one record, by the names that the templates use."""

    name: str
    m: Measurements
    measured: tuple[str, ...]

    def lead(self, name: str) -> LeadMeasurements | None:
        """Measurements of a lead."""
        return next((lead for lead in self.m.leads if lead.lead == name), None)

    def mv(self, lead: str, field: str) -> float | None:
        """One number of a lead."""
        found = self.lead(lead)
        estimate = getattr(found, field) if found is not None else None
        return None if estimate is None else float(estimate.value)

    def numbers(self, measure: str, lead: str = "") -> tuple[str, list[float]]:
        """Unit of a measure and every value that a sentence may mean by it; no value where it is not known."""
        m = self.m
        whole: dict[str, tuple[str, float | None]] = {
            "rate": ("/min", _value(m.rate_bpm)),
            "rr": ("ms", _value(m.rr_ms)),
            "pr": ("ms", _value(m.pr_ms)),
            "qrs": ("ms", _value(m.qrs_ms)),
            "qt": ("ms", _value(m.qt_ms)),
            "p_ms": ("ms", _value(m.p_ms)),
            "qtcb": ("ms", m.qtc_bazett_ms),
            "qtcf": ("ms", m.qtc_fridericia_ms),
            "axis": ("deg", m.axis_deg),
        }
        if measure in whole:
            unit, value = whole[measure]
            return unit, [] if value is None else [float(value)]
        if measure == "st":
            known = [v for f in ("st_j_mv", "st_j60_mv") if (v := self.mv(lead, f)) is not None]
            return "mV", known
        unit = "ms" if measure == "q_ms" else "mV"
        value = self.mv(lead, measure if measure == "q_ms" else f"{measure}_mv")
        return unit, [] if value is None else [abs(value) if measure == "s" else value]


def _between(value: float | None, steps: list[tuple[float, float, str]]) -> str | None:
    """The name of the range that holds a value; None between the ranges."""
    if value is None:
        return None
    return next((name for low, high, name in steps if low <= value <= high), None)


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else float(estimate.value)


def _variation(f: Facts) -> float | None:
    m = f.m
    return m.rr_sd_ms / m.rr_ms.value if m.rr_sd_ms is not None and m.rr_ms is not None and m.rr_ms.beats >= 5 else None


def _rate(f: Facts) -> str | None:
    return _between(_value(f.m.rate_bpm), [(0, 56, "slow"), (64, 96, "normal"), (104, 300, "fast")])


def _regular(f: Facts) -> str | None:
    return _between(_variation(f), [(0, 0.05, "regular"), (0.13, 9, "irregular")])


def _rhythm(f: Facts) -> str | None:
    if f.m.p_wave_present and _regular(f) == "regular":
        return {"slow": "brady", "normal": "sinus", "fast": "tachy"}.get(_rate(f) or "")
    return "af" if f.m.p_wave_present is False and _regular(f) == "irregular" and _qrs(f) == "narrow" else None


def _pwave(f: Facts) -> str | None:
    return None if f.m.p_wave_present is None else "present" if f.m.p_wave_present else "absent"


def _pr(f: Facts) -> str | None:
    return _between(_value(f.m.pr_ms), [(0, 100, "short"), (126, 192, "normal"), (208, 500, "long")])


def _qrs(f: Facts) -> str | None:
    if f.m.qrs_ms is not None and f.m.qrs_ms.spread > STEADY_MS:
        return None
    return _between(_value(f.m.qrs_ms), [(0, 105, "narrow"), (128, 240, "wide")])


def _axis(f: Facts) -> str | None:
    return _between(f.m.axis_deg, [(-85, -36, "left"), (-24, 84, "normal"), (96, 140, "right")])


def _qtc(f: Facts) -> str | None:
    values = [v for v in (f.m.qtc_bazett_ms, f.m.qtc_fridericia_ms) if v is not None]
    if (
        len(values) < 2
        or _qrs(f) != "narrow"
        or _regular(f) != "regular"
        or (f.m.qt_ms and f.m.qt_ms.spread > STEADY_MS)
    ):
        return None  # no formula corrects a QT for cycles that differ
    return "normal" if min(values) > 368 and max(values) < 440 else "long" if min(values) > 480 else None


def _block(f: Facts) -> str | None:
    if _qrs(f) == "narrow":
        return "none"
    v1, v6 = f.mv("V1", "qrs_area_mvms"), f.mv("V6", "qrs_area_mvms")
    if _qrs(f) != "wide" or v1 is None or v6 is None:
        return None
    if v1 > 5:
        return "rbbb"
    return "lbbb" if v1 < -20 and v6 > 20 and f.mv("V6", "q_mv") is None else None


def _lvh(f: Facts) -> str | None:
    if _qrs(f) != "narrow" or len(f.measured) < 12:
        return None
    found = [f.mv(n, k) for n, k in (("V1", "s_mv"), ("V5", "r_mv"), ("V6", "r_mv"), ("aVL", "r_mv"), ("V3", "s_mv"))]
    if any(v is None for v in found):
        return None
    s1, r5, r6, avl, s3 = (abs(v or 0.0) for v in found)
    if s1 + r5 > 3.8:
        return "yes"
    return "no" if s1 + max(r5, r6) < 3.1 and avl + s3 < 1.7 else None


def _ectopy(f: Facts) -> str | None:
    return "yes" if any(b.kind is BeatKind.VENTRICULAR for b in f.m.beats) else "no"


def _progression(f: Facts) -> str | None:
    r = [f.mv(n, "r_mv") for n in ("V1", "V2", "V3", "V4")]
    if any(v is None for v in r):
        return None
    one, two, three, four = (v or 0.0 for v in r)
    if one < two < three < four and three > 0.5:
        return "normal"
    return "poor" if three < 0.2 and four < 0.4 else None


def _flat(f: Facts, lead: str) -> bool:
    values = f.numbers("st", lead)[1]
    return bool(values) and max(map(abs, values)) < 0.035


def _up(f: Facts, lead: str) -> bool:
    values = f.numbers("st", lead)[1]
    return bool(values) and min(values) > (CHEST_LIMIT_MV if lead in ("V2", "V3") else 0.13)


def _down(f: Facts, lead: str) -> bool:
    values = f.numbers("st", lead)[1]
    return bool(values) and max(values) < -0.12


def _wall(*leads: str) -> Truth:
    def of(f: Facts) -> str | None:
        if _qrs(f) != "narrow" or any(not f.numbers("st", lead)[1] for lead in leads):
            return None
        for name, test in (("up", _up), ("down", _down)):
            if sum(test(f, lead) for lead in leads) >= len(leads):
                return name
        return "none" if all(_flat(f, lead) for lead in leads) else None

    return of


def _pnormal(f: Facts) -> str | None:
    ms, mv = _value(f.m.p_ms), f.mv("II", "p_mv")
    return (
        "yes"
        if f.m.p_wave_present and ms is not None and mv is not None and 70 < ms < 112 and 0.05 < mv < 0.2
        else None
    )


def _normal(f: Facts) -> str | None:
    """By the parts: a normal ECG has every part plainly normal, an abnormal one at least one plainly not."""
    if _block(f) in ("rbbb", "lbbb") or _rhythm(f) == "af" or _pr(f) == "long" or _axis(f) in ("left", "right"):
        return "no"
    return None


def _axispos(f: Facts) -> str | None:
    return "yes" if f.m.axis_deg is not None and f.m.axis_deg > 5 else None


GROUPS: dict[str, Truth] = {
    "rate": _rate, "regular": _regular, "rhythm": _rhythm, "pwave": _pwave, "pr": _pr, "qrs": _qrs, "axis": _axis, "qtc": _qtc,
    "block": _block, "lvh": _lvh, "ectopy": _ectopy, "rwp": _progression, "pnormal": _pnormal, "normal": _normal, "axispos": _axispos,
    "inferior": _wall("II", "III", "aVF"), "anterior": _wall("V2", "V3", "V4"), "lateral": _wall("I", "aVL", "V5", "V6"),
}  # fmt: skip


def of_lead(f: Facts, group: str, lead: str) -> str | None:
    """The truth of a group of words on one lead: its ST level or its T wave."""
    if _qrs(f) != "narrow":
        return None
    if group == "st":
        return "flat" if _flat(f, lead) else "up" if _up(f, lead) else "down" if _down(f, lead) else None
    return _between(f.mv(lead, "t_mv"), [(-9, -0.13, "inverted"), (-0.02, 0.02, "flat"), (0.13, 9, "up")])


def _t(name: str, but: tuple[str, ...]) -> Callable[[Facts, str], bool]:
    return lambda f, lead: lead not in but and of_lead(f, "t", lead) == name


def _q_wave(f: Facts, lead: str) -> bool:
    ms, mv = f.mv(lead, "q_ms"), f.mv(lead, "q_mv")
    return lead != "aVR" and ms is not None and mv is not None and ms > 18 and mv < -0.09


def _no_q(f: Facts, lead: str) -> bool:
    return lead != "aVR" and _qrs(f) == "narrow" and f.mv(lead, "r_mv") is not None and f.mv(lead, "q_mv") is None


def _st(test: Callable[[Facts, str], bool]) -> Callable[[Facts, str], bool]:
    return lambda f, lead: lead != "aVR" and _qrs(f) == "narrow" and test(f, lead)


def _known(field: str, least: float = 0.0) -> Callable[[Facts, str], bool]:
    return lambda f, lead: abs(f.mv(lead, field) or 0.0) > least


PICK: dict[str, Callable[[Facts, str], bool]] = {
    "r": _known("r_mv", 0.2), "s": _known("s_mv", 0.2), "t": lambda f, lead: of_lead(f, "t", lead) is not None,
    "st": lambda f, lead: of_lead(f, "st", lead) is not None, "pq": _known("r_mv"),
    "t_inverted": _t("inverted", ("aVR", "V1", "III")), "t_upright": _t("up", ("aVR",)), "st_flat": _st(_flat),
    "st_up": _st(_up), "st_up2": _st(_up), "st_down": _st(_down), "st_down2": _st(_down), "no_q": _no_q, "q_wave": _q_wave,
}  # fmt: skip
"""Whether a lead may stand where a template asks for one of this kind."""
AGAINST: dict[str, Callable[[Facts, str], bool]] = {
    "t_inverted": lambda f, lead: of_lead(f, "t", lead) == "up", "t_upright": lambda f, lead: of_lead(f, "t", lead) == "inverted",
    "st_flat": lambda f, lead: _st(_up)(f, lead) or _st(_down)(f, lead), "st_up": _st(_flat), "st_up2": _st(_flat),
    "st_down": _st(_flat), "st_down2": _st(_flat), "no_q": lambda f, lead: (f.mv(lead, "q_ms") or 0) > 38 and (f.mv(lead, "q_mv") or 0) < -0.15,
}  # fmt: skip
"""Whether a lead plainly does not belong there."""
ORDER = LEADS
