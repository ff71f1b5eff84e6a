"""Limits of alarms by patient class, with the range that each must keep and the sums and orders that are refused.

Defaults and ranges follow the definitions in docs/alarms.md. Values of neonates are reference points, no claim.
"""

from __future__ import annotations

from dataclasses import dataclass

DELAY_CEILING_S = 10.0
"""Validation plus detection of a rate limit, asystole, VF or VT must stay within this (IEC 60601-2-27)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one patient class, with the defaults of adults; the ranges stand in `RANGES`."""

    asystole_s: float = 4.0
    pause_s: float = 2.0
    pauses_per_min: int = 8
    vfib_s: float = 4.0
    vtach_beats: int = 5
    vtach_bpm: float = 100.0
    vtach_sustained_s: float = 30.0
    rapid_vt_beats: int = 6
    rapid_vt_bpm: float = 160.0
    torsades_shapes: int = 3
    """Shapes among the last eight beats of a VT from which on it is polymorphic."""
    vent_brady_beats: int = 5
    vent_brady_bpm: float = 40.0
    vent_rhythm_beats: int = 14
    run_beats: int = 3
    multiform_beats: int = 15
    """Beats within which two shapes of PVCs are multiform."""
    pvc_per_min: int = 10
    r_on_t_bpm: float = 100.0
    """R on T is called below this rate only."""
    svt_beats: int = 5
    svt_bpm: float = 180.0
    hr_high_bpm: float = 120.0
    hr_low_bpm: float = 50.0
    extreme_delta_bpm: float = 20.0
    extreme_high_cap_bpm: float = 200.0
    extreme_low_floor_bpm: float = 40.0
    hr_delay_s: float = 6.0
    afib_s: float = 30.0
    afib_end_s: float = 120.0
    irregular_s: float = 60.0
    irregular_end_s: float = 120.0
    av_block_s: float = 30.0
    rhythm_change_s: float = 60.0
    capture_ms: float = 300.0
    """From a pacing pulse to the QRS that it makes."""
    st_high_mm: float = 2.0
    st_low_mm: float = -2.0
    st_v2_v3_mm: float = 1.5
    """The most that `st_high_mm` is raised by in V2 and V3; 0: one limit holds in every lead."""
    st_delay_s: float = 60.0
    ste_delay_s: float = 60.0
    qtc_ms: float = 500.0
    dqtc_ms: float = 60.0
    qt_delay_s: float = 300.0
    qt_most_bpm: float = 150.0
    """Above this rate no QT is given."""
    qrs_wide_ms: float = 160.0
    qrs_widening_ms: float = 40.0
    """Above the baseline."""
    cannot_measure_s: float = 600.0
    """Without ST or QT for this long: it cannot be analysed."""
    cannot_analyze_s: float = 20.0
    leads_off_s: float = 2.0
    lead_fallback_s: float = 10.0
    noisy_s: float = 10.0
    low_qrs_mv: float = 0.5
    learning_s: float = 10.0

    @property
    def extreme_high_bpm(self) -> float:
        """High limit plus delta, held to the cap but never below the high limit."""
        return max(self.hr_high_bpm, min(self.hr_high_bpm + self.extreme_delta_bpm, self.extreme_high_cap_bpm))

    @property
    def extreme_low_bpm(self) -> float:
        """Low limit minus delta, held to the floor but never above the low limit."""
        return min(self.hr_low_bpm, max(self.hr_low_bpm - self.extreme_delta_bpm, self.extreme_low_floor_bpm))


RANGES: dict[str, tuple[float, float]] = {
    "asystole_s": (2.5, 10.0),
    "pause_s": (1.0, 5.0),
    "pauses_per_min": (1, 15),
    "vfib_s": (3.0, 8.0),
    "vtach_beats": (3, 99),
    "vtach_bpm": (100, 200),
    "vtach_sustained_s": (15.0, 60.0),
    "rapid_vt_beats": (3, 40),
    "rapid_vt_bpm": (120, 300),
    "torsades_shapes": (2, 5),
    "vent_brady_beats": (3, 99),
    "vent_brady_bpm": (15, 60),
    "vent_rhythm_beats": (5, 99),
    "run_beats": (3, 99),
    "multiform_beats": (3, 31),
    "pvc_per_min": (1, 100),
    "r_on_t_bpm": (60, 150),
    "svt_beats": (3, 40),
    "svt_bpm": (100, 300),
    "hr_high_bpm": (65, 300),
    "hr_low_bpm": (15, 130),
    "extreme_delta_bpm": (5, 50),
    "extreme_high_cap_bpm": (120, 300),
    "extreme_low_floor_bpm": (15, 100),
    "hr_delay_s": (0.0, 9.0),
    "afib_s": (10.0, 300.0),
    "afib_end_s": (0.0, 1800.0),
    "irregular_s": (10.0, 300.0),
    "irregular_end_s": (0.0, 1800.0),
    "av_block_s": (10.0, 300.0),
    "rhythm_change_s": (10.0, 600.0),
    "capture_ms": (100, 500),
    "st_high_mm": (0.2, 20.0),
    "st_low_mm": (-20.0, -0.2),
    "st_v2_v3_mm": (0.0, 1.5),
    "st_delay_s": (15.0, 60.0),
    "ste_delay_s": (15.0, 120.0),
    "qtc_ms": (400, 700),
    "dqtc_ms": (20, 200),
    "qt_delay_s": (60.0, 600.0),
    "qt_most_bpm": (100, 200),
    "qrs_wide_ms": (100, 250),
    "qrs_widening_ms": (10, 100),
    "cannot_measure_s": (60.0, 1800.0),
    "cannot_analyze_s": (5.0, 60.0),
    "leads_off_s": (0.5, 8.0),
    "lead_fallback_s": (2.0, 60.0),
    "noisy_s": (5.0, 60.0),
    "low_qrs_mv": (0.1, 1.0),
    "learning_s": (5.0, 60.0),
}


@dataclass(frozen=True, slots=True)
class PaediatricLimits(Limits):
    """The same with the defaults of children, so that a policy which names some of them leaves the others as they are."""

    asystole_s: float = 3.0
    pause_s: float = 1.5
    vtach_bpm: float = 120.0
    pvc_per_min: int = 5
    svt_bpm: float = 200.0
    hr_high_bpm: float = 160.0
    hr_low_bpm: float = 75.0
    extreme_high_cap_bpm: float = 220.0
    qt_most_bpm: float = 180.0


@dataclass(frozen=True, slots=True)
class NeonatalLimits(Limits):
    """The same with the defaults of neonates."""

    asystole_s: float = 3.0
    pause_s: float = 1.5
    vtach_bpm: float = 150.0
    pvc_per_min: int = 5
    svt_bpm: float = 210.0
    hr_high_bpm: float = 200.0
    hr_low_bpm: float = 100.0
    extreme_high_cap_bpm: float = 240.0
    qt_most_bpm: float = 180.0


@dataclass(frozen=True, slots=True)
class Decisions:
    """What tells whether a definition is met, and is none of its own: chosen on recordings (`vigil learn alarms`), no setting of a unit."""

    vt_odds: float = 0.0
    """Log odds from which on the last beats and waves are a tachycardia by themselves."""
    vt_run_odds: float = -2.0
    """The same where the beats fulfil the definition one by one."""
    vt_few_odds: float = 3.0
    """The same with fewer than four ventricular beats among the last five: three in a row are a run of their own."""
    wave_off: float = 0.62
    """Share of samples, 0..1, off the baseline (threshold crossings, `stream.shape.waves`) from which on a lead shows waves of fibrillation."""
    wave_leak: float = 0.62
    """Leakage, 0..1, of the filter of Kuo and Dillman (`stream.shape.waves`) below which they are waves."""
    pulse_far: float = 0.8
    """A pulse rate below this share of the ECG's, or above its inverse, plainly contradicts it."""
    pulse_near: float = 0.9
    """The same where the pulse besides goes on as before the alarm."""


DECISIONS = Decisions()
ADULT = Limits()
PAEDIATRIC = PaediatricLimits()
NEONATE = NeonatalLimits()

_BELOW = (
    ("hr_low_bpm", "hr_high_bpm"),
    ("extreme_low_floor_bpm", "hr_high_bpm"),
    ("hr_low_bpm", "extreme_high_cap_bpm"),
    ("pause_s", "asystole_s"),
    ("vent_brady_bpm", "vtach_bpm"),
    ("vtach_bpm", "rapid_vt_bpm"),
    ("st_low_mm", "st_high_mm"),
    ("afib_s", "irregular_s"),
)
"""Limits of which the first must lie below the second."""
_NOT_ABOVE = (("run_beats", "vtach_beats"), ("vtach_beats", "vent_rhythm_beats"))
RATE_AVERAGE_S, RATE_INTERVALS = 3.0, 3
"""What averaging the rate adds to its validation delay: so many seconds, but so many intervals where beats are slow."""
SLOW_INTERVALS, FAST_INTERVALS = 4, 8
"""Intervals that an extreme rate rests on."""
LOOK_S = 0.25
"""Between two looks at the rate. Its delay counts from when a beat came, not from when it was decided."""
DETECTION_S = 0.6
"""From the R peak to the decision on the beat, with the frame that carries it."""
PULSE_HOLD_S = 5.0
"""A pulse alone holds asystole for at most this long (setting `pulse`)."""


def refusals(limits: Limits, asystole_hold_s: float = 0.0) -> list[str]:
    """Why these limits are illegal: out of range, in a contradictory order, or too slow in sum.

    asystole_hold_s: for how long at most a pulse holds asystole back.
    """
    found = []
    for key, (low, high) in RANGES.items():
        value = getattr(limits, key)
        if not low <= value <= high:
            found.append(f"{key} is {value:g}, outside {low:g} to {high:g}")
    for lower, upper in _BELOW:
        a, b = getattr(limits, lower), getattr(limits, upper)
        if a >= b:
            found.append(f"{lower} {a:g} is not below {upper} {b:g}")
    for lower, upper in _NOT_ABOVE:
        a, b = getattr(limits, lower), getattr(limits, upper)
        if a > b:
            found.append(f"{lower} {a:g} is above {upper} {b:g}")
    return found + _slow(limits, asystole_hold_s)


def _slow(limits: Limits, asystole_hold_s: float) -> list[str]:
    asystole = "asystole and of its hold by a pulse" if asystole_hold_s else "asystole"
    sums = {
        "rate limits": limits.hr_delay_s + max(RATE_AVERAGE_S, RATE_INTERVALS * 60.0 / limits.hr_low_bpm) + LOOK_S,
        "extreme bradycardia": SLOW_INTERVALS * 60.0 / limits.extreme_low_bpm + DETECTION_S,
        "extreme tachycardia": FAST_INTERVALS * 60.0 / limits.extreme_high_bpm + DETECTION_S,
        asystole: limits.asystole_s + asystole_hold_s + DETECTION_S,
        "VF": limits.vfib_s + DETECTION_S + 1.0,
        "VT": limits.vtach_beats * 60.0 / limits.vtach_bpm + DETECTION_S,
    }
    return [
        f"the delays of {name} add up to {total:.1f} s, more than the {DELAY_CEILING_S:g} s allowed"
        for name, total in sums.items()
        if total > DELAY_CEILING_S
    ]
